#include "pg_migrate.h"

#include "executor/spi.h"
#include "pgstat.h"
#include "storage/sinval.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/memutils.h"

/*
 * Whether the schema has changed
 *
 * The server counts for each table how many rows this transaction has written,
 * also for its own catalogs.  As long as these numbers stand still, nothing of
 * the schema has changed, and nothing need be listed: most migrations that only
 * change rows end here.  Others' changes arrive as messages that make caches
 * invalid, which the server counts too; our own come back as such after a
 * commit, and then all is listed once more.
 */

/* The catalogs that schemas are made of; the same in all databases. */
#define CATALOGS_SQL                                                           \
    "SELECT oid FROM pg_catalog.pg_class "                                     \
    "WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' "       \
    "AND NOT relisshared AND relname NOT IN ('pg_statistic', "                 \
    "'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata')"

/* What this backend knows: it has them for good. */
static struct
{
    Oid *oids;
    uint64 count;
} catalogs;

/* Read which catalogs there are, once. */
static void
catalogs_read(void)
{
    SPITupleTable *table;
    bool is_null;
    Oid *oids;

    if (catalogs.oids != NULL)
        return;
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "could not connect to the server's SQL interface");
    if (SPI_execute(CATALOGS_SQL, true, 0) != SPI_OK_SELECT)
        elog(ERROR, "could not list the server's catalogs");
    table = SPI_tuptable;
    oids = MemoryContextAlloc(TopMemoryContext,
                              sizeof(Oid) * (Size) Max(SPI_processed, 1));
    for (uint64 i = 0; i < SPI_processed; i++)
        oids[i] = DatumGetObjectId(
            SPI_getbinval(table->vals[i], table->tupdesc, 1, &is_null));
    catalogs.count = SPI_processed;
    catalogs.oids = oids;
    SPI_finish();
}

/* How many rows of the catalogs this transaction has written. */
static int64
count_writes(void)
{
    static const PGFunction counters[] = {pg_stat_get_xact_tuples_inserted,
                                          pg_stat_get_xact_tuples_updated,
                                          pg_stat_get_xact_tuples_deleted};
    int64 count = 0;

    catalogs_read();
    for (uint64 i = 0; i < catalogs.count; i++)
        for (int j = 0; j < lengthof(counters); j++)
            count += DatumGetInt64(DirectFunctionCall1(
                counters[j], ObjectIdGetDatum(catalogs.oids[i])));
    return count;
}

MigStatus
pg_changes_begin(MigHost *base, bool *others, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_is_doomed(host, error))
        return error->status;
    AcceptInvalidationMessages();
    *others = !host->listed || SharedInvalidMessageCounter != host->messages;
    host->listed = true;
    host->messages = SharedInvalidMessageCounter;
    host->writes = count_writes();
    return error->status;
}

MigStatus
pg_list_changes(MigHost *base, const MigScope *scope, bool *all,
                MigRootFunction root, MigObjectFunction object, void *context,
                MigError *error)
{
    PgHost *host = (PgHost *) base;
    int64 writes;

    if (pg_is_doomed(host, error))
        return error->status;
    CommandCounterIncrement();
    writes = count_writes();
    *all = !pgstat_track_counts || writes != host->writes;
    host->writes = writes;
    if (!*all)
        return error->status;
    if (pg_list_objects(base, scope, object, context, error) == MIG_OK)
        host->writes = count_writes();
    return error->status;
}

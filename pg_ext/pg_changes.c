#include "pg_migrate.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_authid_d.h"
#include "catalog/pg_class.h"
#include "catalog/pg_largeobject_d.h"
#include "catalog/pg_largeobject_metadata_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_statistic_d.h"
#include "catalog/pg_statistic_ext_data_d.h"
#include "catalog/pg_tablespace_d.h"
#include "pgstat.h"
#include "storage/sinval.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

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

/* The catalogs that schemas are made of; the same in all databases.  A backend
 * has the list for good. */
static struct
{
    Oid *oids;
    int count;
} catalogs;

/* Whether a relation is such a catalog; roles and tablespaces are named in
 * definitions. */
static bool
is_catalog(const FormData_pg_class *relation)
{
    return relation->relnamespace == PG_CATALOG_NAMESPACE &&
           relation->relkind == RELKIND_RELATION &&
           (!relation->relisshared || relation->oid == AuthIdRelationId ||
            relation->oid == TableSpaceRelationId) &&
           relation->oid != StatisticRelationId &&
           relation->oid != StatisticExtDataRelationId &&
           relation->oid != LargeObjectRelationId &&
           relation->oid != LargeObjectMetadataRelationId;
}

/* Read which catalogs there are, once; without SQL, which would have to be kept
 * from the caller's search_path. */
static void
catalogs_read(void)
{
    Relation relation;
    SysScanDesc scan;
    HeapTuple tuple;
    List *found = NIL;
    ListCell *cell;
    Oid *oids;
    int count = 0;

    if (catalogs.oids != NULL)
        return;
    relation = table_open(RelationRelationId, AccessShareLock);
    scan = systable_beginscan(relation, InvalidOid, false, NULL, 0, NULL);
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

        if (is_catalog(class))
            found = lappend_oid(found, class->oid);
    }
    systable_endscan(scan);
    table_close(relation, AccessShareLock);
    oids = MemoryContextAlloc(TopMemoryContext,
                              sizeof(Oid) * (Size) (list_length(found) + 1));
    foreach (cell, found)
        oids[count++] = lfirst_oid(cell);
    list_free(found);
    catalogs.count = count;
    catalogs.oids = oids;
}

/* How many rows of the catalogs this transaction has written. */
static int64
count_writes(void)
{
    static const PGFunction counters[] = {pg_stat_get_xact_tuples_inserted,
                                          pg_stat_get_xact_tuples_updated,
                                          pg_stat_get_xact_tuples_deleted};
    MemoryContext memory;
    MemoryContext before;
    int64 count = 0;

    catalogs_read();
    /* From 16 on each call leaves a copy of what it has looked at. */
    memory = AllocSetContextCreate(CurrentMemoryContext, "migrate counts",
                                   PG_CONTEXT_SIZES);
    before = MemoryContextSwitchTo(memory);
    for (int i = 0; i < catalogs.count; i++)
        for (int j = 0; j < lengthof(counters); j++)
            count += DatumGetInt64(DirectFunctionCall1(
                counters[j], ObjectIdGetDatum(catalogs.oids[i])));
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
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

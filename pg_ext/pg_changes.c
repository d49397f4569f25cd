#include "pg_changes.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
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
#include "utils/snapmgr.h"

/*
 * Whether the schema has changed
 *
 * The server counts for each table how many rows this transaction has written,
 * also for its own catalogs.  As long as these numbers stand still, nothing of
 * the schema has changed, and nothing need be listed: most migrations that only
 * change rows end here.  Where they do not, pg_touched.c finds the relations
 * that were changed, and these alone are listed, if it can be sure of that.
 * Where track_counts is off for a statement, all are; what a function turns off
 * and on again within one, which takes a superuser, is not noticed.
 *
 * Others' changes arrive as messages that make caches invalid, which the server
 * counts too.  Our own come back as such after a commit; where it cannot be
 * told that they are our own, all is listed once more.
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

/* How many transaction ids the transactions of this process have used, and the
 * open one will have. */
static struct
{
    uint64 used;
    uint64 pending;
    bool registered;
} ids;

/* Called by the server: count the ids that a transaction has used.  Those of
 * subtransactions that were undone look like somebody else's. */
static void
count_ids(XactEvent event, void *unused)
{
    TransactionId *children;

    if (event == XACT_EVENT_PRE_COMMIT)
        ids.pending = TransactionIdIsValid(GetTopTransactionIdIfAny())
                          ? 1 + (uint64) xactGetCommittedChildren(&children)
                          : 0;
    else if (event == XACT_EVENT_COMMIT)
        ids.used += ids.pending;
}

/* How many transaction ids all others have taken since the server began, less a
 * number that does not change. */
static uint64
count_others_ids(void)
{
    uint64 own = ids.used + TransactionIdIsValid(GetTopTransactionIdIfAny());

    return U64FromFullTransactionId(ReadNextFullTransactionId()) - own;
}

/* Whether somebody else is in a transaction that has written something. */
static bool
others_are_writing(void)
{
    Snapshot snapshot = GetLatestSnapshot();

    return snapshot->xcnt > 0 || snapshot->subxcnt > 0 ||
           snapshot->suboverflowed;
}

/*
 * Whether anybody else may have changed the schema since the last call.  Nobody
 * has when no message has come; after a commit of ours, when nobody else had
 * written anything at that time, or has begun to.
 */
static bool
others_have_written(PgHost *host)
{
    uint64 before = host->others_ids;
    bool quiet = host->quiet;

    if (!ids.registered)
        RegisterXactCallback(count_ids, NULL);
    ids.registered = true;
    AcceptInvalidationMessages();
    host->others_ids = count_others_ids();
    host->quiet = !others_are_writing();
    if (host->listed && (SharedInvalidMessageCounter == host->messages ||
                         (quiet && host->others_ids == before)))
    {
        host->messages = SharedInvalidMessageCounter;
        return false;
    }
    host->listed = true;
    host->messages = SharedInvalidMessageCounter;
    return true;
}

/* Count how many rows of each catalog this transaction has written. */
static void
count_writes(PgWrites *writes)
{
    MemoryContext memory;
    MemoryContext before;

    /* From 16 on each call leaves a copy of what it has looked at. */
    memory = AllocSetContextCreate(CurrentMemoryContext, "migrate counts",
                                   PG_CONTEXT_SIZES);
    before = MemoryContextSwitchTo(memory);
    for (int i = 0; i < catalogs.count; i++)
    {
        Datum oid = ObjectIdGetDatum(catalogs.oids[i]);

        writes[i].inserted = DatumGetInt64(
            DirectFunctionCall1(pg_stat_get_xact_tuples_inserted, oid));
        writes[i].updated = DatumGetInt64(
            DirectFunctionCall1(pg_stat_get_xact_tuples_updated, oid));
        writes[i].deleted = DatumGetInt64(
            DirectFunctionCall1(pg_stat_get_xact_tuples_deleted, oid));
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}

/* Whether a statement was run whose rows were not counted. */
static bool uncounted;

void
pg_changes_note(void)
{
    uncounted = uncounted || !pgstat_track_counts;
}

/* From now on note what is written. */
static void
noting_begin(PgHost *host)
{
    CommandCounterIncrement();
    uncounted = false;
    host->since = GetCurrentCommandId(false);
    count_writes(host->writes);
    pg_touched_begin();
}

MigStatus
pg_changes_begin(MigHost *base, bool *others, MigError *error)
{
    PgHost *host = (PgHost *) base;

    if (pg_is_doomed(host, error))
        return error->status;
    catalogs_read();
    if (host->writes == NULL)
        host->writes = MemoryContextAllocZero(
            host->memory, sizeof(PgWrites) * (Size) catalogs.count);
    *others = others_have_written(host);
    noting_begin(host);
    return error->status;
}

/* How many rows of each catalog were written since noting_begin(); NULL for
 * none. */
static PgWrites *
writes_since(const PgHost *host)
{
    PgWrites *writes = palloc0(sizeof(PgWrites) * (Size) catalogs.count);
    bool any = false;

    count_writes(writes);
    for (int i = 0; i < catalogs.count; i++)
    {
        writes[i].inserted -= host->writes[i].inserted;
        writes[i].updated -= host->writes[i].updated;
        writes[i].deleted -= host->writes[i].deleted;
        any = any || writes[i].inserted != 0 || writes[i].updated != 0 ||
              writes[i].deleted != 0;
    }
    return any ? writes : NULL;
}

/* List what this transaction has changed. */
static void
changes_list(PgHost *host, const MigScope *scope, bool *all,
             const PgListing *listing, MigError *error)
{
    PgTouched touched = {NIL, NIL, NIL, NIL, NIL, NIL};
    PgWrites *writes = NULL;

    CommandCounterIncrement();
    pg_changes_note();
    *all = uncounted;
    if (!*all)
        writes = writes_since(host);
    if (writes != NULL)
        *all = !pg_touched_find(host->since, catalogs.oids, writes,
                                catalogs.count, &touched);
    if (writes != NULL && !*all)
        (void) pg_list_few(host, scope, &touched, all, listing, error);
    if (*all && error->status == MIG_OK)
        (void) pg_list_objects(&host->base, scope, listing->object,
                               listing->context, error);
}

MigStatus
pg_list_changes(MigHost *base, const MigScope *scope, bool *all,
                MigRootFunction root, MigObjectFunction object, void *context,
                MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgListing listing = {root, object, context};
    MemoryContext memory;
    MemoryContext before;

    if (pg_is_doomed(host, error))
        return error->status;
    memory = AllocSetContextCreate(CurrentMemoryContext, "migrate changes",
                                   PG_CONTEXT_SIZES);
    before = MemoryContextSwitchTo(memory);
    changes_list(host, scope, all, &listing, error);
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
    if (error->status == MIG_OK)
        noting_begin(host);
    return error->status;
}

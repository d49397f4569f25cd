#include "pg_migrate.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_subscription.h"
#include "commands/dbcommands.h"
#include "commands/subscriptioncmds.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/*
 * Statements that cannot be in a transaction: run by a worker; and, when an
 * earlier call has begun one, found out what has become of it.
 *
 * Whether one has done its work is seen from what it was to make or to drop.
 * Of a failed CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY an invalid
 * index is left, which nobody can use and every write has to keep: it is
 * dropped before the next attempt.
 */

/* What an invalid index has to be to be dropped. */
typedef struct PgLeftover
{
    Oid table;          /* whose it is, or InvalidOid: anybody's */
    Oid schema;         /* that it is in, or InvalidOid: any */
    const char *name;   /* begins with, or NULL */
    const char *suffix; /* behind that, or anywhere: with digits behind it */
} PgLeftover;

/* A statement of ours, to be run by a worker. */
static void
run_text(PgHost *host, const char *sql)
{
    InvalidateCatalogSnapshot();
    pg_worker_run(host, sql);
}

/* The text of one statement, NUL-ended. */
static char *
statement_text(const MigStatement *statement)
{
    return pnstrdup(statement->text.data, statement->text.length);
}

/*
 * Whether a statement waits for others without keeping anybody waiting, so that
 * there is no reason to limit that.
 */
static bool
is_patient(const MigStatement *statement)
{
    const Node *node = ((const PgStatement *) statement->node)->raw->stmt;
    ListCell *cell;

    if (strstr(statement->reason, "CONCURRENTLY") != NULL)
        return true;
    if (!IsA(node, VacuumStmt))
        return false;
    foreach (cell, ((const VacuumStmt *) node)->options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, "full") == 0)
            return false;
    return true;
}

/* Let a patient statement wait for locks as long as it takes. */
static void
lift_lock_timeout(const PgHost *host, const MigStatement *statement)
{
    if (host->unit.lock_ms >= 0 && LockTimeout == host->unit.lock_ms &&
        is_patient(statement))
        (void) set_config_option("lock_timeout", "0", PGC_USERSET,
                                 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                                 false);
}

MigStatus
pg_run_outside(MigHost *base, const MigStatement *statement, size_t *offset,
               MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    char *sql = statement_text(statement);

    PG_TRY();
    {
        pg_error_context_none();
        lift_lock_timeout(host, statement);
        run_text(host, sql);
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    if (error->status != MIG_OK && offset != NULL && host->cause->cursorpos > 0)
        *offset = pg_character_offset(sql, host->cause->cursorpos);
    MemoryContextSwitchTo(before);
    return error->status;
}

/* Whether a name is that of a leftover. */
static bool
is_leftover_name(const PgLeftover *wanted, const char *name)
{
    const char *place = name;

    if (wanted->name != NULL)
    {
        if (strncmp(name, wanted->name, strlen(wanted->name)) != 0)
            return false;
        place = name + strlen(wanted->name);
    }
    if (wanted->suffix != NULL)
    {
        place = strstr(place, wanted->suffix);
        if (place == NULL)
            return false;
        place += strlen(wanted->suffix);
    }
    return place[strspn(place, "0123456789")] == '\0';
}

/* Whether an index is one to be dropped. */
static bool
is_leftover(const PgLeftover *wanted, Form_pg_index index)
{
    const char *name = get_rel_name(index->indexrelid);

    return !index->indisvalid && name != NULL &&
           get_rel_relkind(index->indexrelid) == RELKIND_INDEX &&
           (!OidIsValid(wanted->table) || index->indrelid == wanted->table) &&
           (!OidIsValid(wanted->schema) ||
            get_rel_namespace(index->indexrelid) == wanted->schema) &&
           is_leftover_name(wanted, name);
}

/* The statements that drop the leftovers. */
static List *
leftovers_find(const PgLeftover *wanted)
{
    Relation indexes = table_open(IndexRelationId, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(indexes, InvalidOid, false, NULL, 0, NULL);
    List *drops = NIL;
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

        if (is_leftover(wanted, index))
            drops = lappend(
                drops, psprintf("DROP INDEX CONCURRENTLY IF EXISTS %s",
                                quote_qualified_identifier(
                                    get_namespace_name(
                                        get_rel_namespace(index->indexrelid)),
                                    get_rel_name(index->indexrelid))));
    }
    systable_endscan(scan);
    table_close(indexes, AccessShareLock);
    return drops;
}

/* Drop the leftovers, saying so. */
static void
leftovers_drop(PgHost *host, const PgLeftover *wanted)
{
    ListCell *cell;

    foreach (cell, leftovers_find(wanted))
    {
        ereport(NOTICE, (errmsg("an invalid index is left of an earlier "
                                "attempt: %s",
                                (char *) lfirst(cell))));
        run_text(host, lfirst(cell));
    }
}

/* The table or index of a name as it is now, or InvalidOid. */
static Oid
find_relation(const RangeVar *name)
{
    return RangeVarGetRelid(name, NoLock, true);
}

/*
 * The beginning of the name that the server gives an index without one: that of
 * the table and of its columns.
 */
static const char *
automatic_name(const IndexStmt *statement)
{
    StringInfoData columns;
    ListCell *cell;

    initStringInfo(&columns);
    foreach (cell, statement->indexParams)
    {
        const IndexElem *element = lfirst_node(IndexElem, cell);

        appendStringInfo(&columns, "%s%s", columns.len > 0 ? "_" : "",
                         element->name != NULL ? element->name : "expr");
        if (columns.len >= NAMEDATALEN)
            break;
    }
    return makeObjectName(statement->relation->relname, columns.data, "idx");
}

/* CREATE INDEX CONCURRENTLY. */
static bool
resume_create_index(PgHost *host, const IndexStmt *statement, bool failed)
{
    PgLeftover wanted = {InvalidOid, InvalidOid, statement->idxname, NULL};
    Oid index;

    wanted.table = find_relation(statement->relation);
    if (!OidIsValid(wanted.table))
        return false;
    wanted.schema = get_rel_namespace(wanted.table);
    if (statement->idxname == NULL)
        wanted.name = automatic_name(statement);
    index = get_relname_relid(wanted.name, wanted.schema);
    if (!failed && OidIsValid(index) && get_index_isvalid(index))
        return true;
    if (statement->idxname == NULL ||
        (OidIsValid(index) && !get_index_isvalid(index)))
        leftovers_drop(host, &wanted);
    return false;
}

/* REINDEX ... CONCURRENTLY; it can always be run again. */
static bool
resume_reindex(PgHost *host, const ReindexStmt *statement)
{
    PgLeftover wanted = {InvalidOid, InvalidOid, NULL, "_ccnew"};
    Oid relation;

    if (statement->kind == REINDEX_OBJECT_SCHEMA)
        wanted.schema = get_namespace_oid(statement->name, true);
    else if (statement->relation != NULL)
    {
        relation = find_relation(statement->relation);
        wanted.table = statement->kind == REINDEX_OBJECT_INDEX
                           ? IndexGetRelation(relation, true)
                           : relation;
        if (!OidIsValid(wanted.table))
            return false;
    }
    leftovers_drop(host, &wanted);
    wanted.suffix = "_ccold";
    leftovers_drop(host, &wanted);
    return false;
}

/* DROP INDEX CONCURRENTLY: done when none of them is there. */
static bool
resume_drop_index(const DropStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->objects)
        if (OidIsValid(find_relation(makeRangeVarFromNameList(lfirst(cell)))))
            return false;
    return true;
}

/* The row of pg_inherits that makes a table a partition. */
static bool
is_partition(Oid parent, Oid partition, bool *detaching)
{
    Relation catalog = table_open(InheritsRelationId, AccessShareLock);
    bool found = false;
    ScanKeyData key[1];
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key[0], Anum_pg_inherits_inhrelid, BTEqualStrategyNumber,
                F_OIDEQ, ObjectIdGetDatum(partition));
    scan = systable_beginscan(catalog, InheritsRelidSeqnoIndexId, true, NULL, 1,
                              key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_inherits row = (Form_pg_inherits) GETSTRUCT(tuple);

        if (row->inhparent != parent)
            continue;
        found = true;
        *detaching = compat_detach_pending(row);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return found;
}

/* Full name of a table, quoted. */
static char *
table_name(Oid table)
{
    return quote_qualified_identifier(
        get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
}

/* ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY. */
static bool
resume_detach(PgHost *host, const AlterTableStmt *statement)
{
    const AlterTableCmd *command =
        linitial_node(AlterTableCmd, statement->cmds);
    Oid parent = find_relation(statement->relation);
    Oid partition = find_relation(((PartitionCmd *) command->def)->name);
    bool detaching = false;

    if (!OidIsValid(parent) || !OidIsValid(partition))
        return false;
    if (!is_partition(parent, partition, &detaching))
        return true;
    if (!detaching)
        return false;
    run_text(host, psprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE",
                            table_name(parent), table_name(partition)));
    return true;
}

/* Whether a statement that makes or drops one thing, and was interrupted, has
 * done so.  What can be run again any number of times has not. */
static bool
is_effective(const Node *node)
{
    switch (nodeTag(node))
    {
        case T_CreatedbStmt:
            return OidIsValid(
                get_database_oid(((const CreatedbStmt *) node)->dbname, true));
        case T_DropdbStmt:
            return !OidIsValid(
                get_database_oid(((const DropdbStmt *) node)->dbname, true));
        case T_CreateTableSpaceStmt:
            return OidIsValid(get_tablespace_oid(
                ((const CreateTableSpaceStmt *) node)->tablespacename, true));
        case T_DropTableSpaceStmt:
            return !OidIsValid(get_tablespace_oid(
                ((const DropTableSpaceStmt *) node)->tablespacename, true));
        case T_CreateSubscriptionStmt:
            return OidIsValid(get_subscription_oid(
                ((const CreateSubscriptionStmt *) node)->subname, true));
        case T_DropSubscriptionStmt:
            return !OidIsValid(get_subscription_oid(
                ((const DropSubscriptionStmt *) node)->subname, true));
        default:
            return false;
    }
}

/* Whether a statement need not be run again; clears away what is left of it. */
static bool
resume(PgHost *host, const Node *node, bool failed)
{
    switch (nodeTag(node))
    {
        case T_IndexStmt:
            return resume_create_index(host, (const IndexStmt *) node, failed);
        case T_ReindexStmt:
            return resume_reindex(host, (const ReindexStmt *) node);
        case T_AlterTableStmt:
            return resume_detach(host, (const AlterTableStmt *) node);
        case T_DropStmt:
            return !failed && resume_drop_index((const DropStmt *) node);
        default:
            return !failed && is_effective(node);
    }
}

MigStatus
pg_resume_outside(MigHost *base, const MigStatement *statement, bool failed,
                  bool *done, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const PgStatement *parsed = statement->node;
    volatile bool is_done = false;

    PG_TRY();
    {
        pg_error_context_none();
        lift_lock_timeout(host, statement);
        is_done = resume(host, parsed->raw->stmt, failed);
        InvalidateCatalogSnapshot();
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    *done = is_done;
    MemoryContextSwitchTo(before);
    return error->status;
}

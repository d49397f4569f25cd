#include "pg_migrate.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
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
#include "storage/lmgr.h"
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
 * Before one runs, the numbers of what there is already are written into the
 * history; what is there later and has another number is its work.  Of a failed
 * CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY an invalid index is left,
 * which nobody can use and every write has to keep: it is dropped before the
 * next attempt.
 */

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

/* Whether a VACUUM rewrites the table, for which nobody may use it. */
static bool
is_full(const VacuumStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, "full") == 0)
            return true;
    return false;
}

/*
 * Whether a statement waits for others without keeping anybody waiting, so that
 * there is no reason to limit that.  DETACH PARTITION CONCURRENTLY is none: in
 * the end it asks for the partition alone.
 */
static bool
is_patient(const MigStatement *statement)
{
    const Node *node = ((const PgStatement *) statement->node)->raw->stmt;

    switch (nodeTag(node))
    {
        case T_IndexStmt:
        case T_DropStmt:
            return true;
        case T_ReindexStmt:
            return compat_reindex_concurrently((const ReindexStmt *) node);
        case T_VacuumStmt:
            return !is_full((const VacuumStmt *) node);
        default:
            return false;
    }
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

/* A worker that was cancelled, though this session was not, has taken too long;
 * or somebody has cancelled it alone. */
static void
explain_timeout(PgHost *host, MigError *error)
{
    int code = error->engine_code;
    char message[sizeof(error->message)];

    if (error->status != MIG_INTERRUPTED || !host->worker_failed)
        return;
    strlcpy(message, error->message, sizeof(message));
    mig_error_clear(error);
    if (host->base.limits.statement_ms > 0 &&
        strstr(message, "statement timeout") != NULL)
        mig_fail(error, MIG_ENGINE, PG_TIMEOUT_MESSAGE);
    else
        mig_fail(error, MIG_ENGINE, "%s", message);
    error->engine_code = code;
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
    explain_timeout(host, error);
    MemoryContextSwitchTo(before);
    return error->status;
}

/* The table or index of a name as it is now, or InvalidOid. */
static Oid
find_relation(const RangeVar *name)
{
    return RangeVarGetRelid(name, NoLock, true);
}

/* The table that holds a table's long values, or InvalidOid. */
static Oid
toast_table(Oid table)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    Oid toast = InvalidOid;

    if (HeapTupleIsValid(tuple))
    {
        toast = ((Form_pg_class) GETSTRUCT(tuple))->reltoastrelid;
        ReleaseSysCache(tuple);
    }
    return toast;
}

/* A table and what belongs to it: partitions, and where long values lie. */
static List *
table_family(Oid table)
{
    List *family = NIL;
    ListCell *cell;

    foreach (cell, find_all_inheritors(table, NoLock, NULL))
    {
        Oid toast = toast_table(lfirst_oid(cell));

        family = lappend_oid(family, lfirst_oid(cell));
        if (OidIsValid(toast))
            family = lappend_oid(family, toast);
    }
    return family;
}

/* Which indexes a statement is about. */
typedef struct PgScope
{
    List *tables; /* of these tables; NIL: of all, */
    Oid schema;   /* in this schema, or any */
    bool invalid; /* only those that are not valid */
} PgScope;

/* Whether an index is one that a statement is about. */
static bool
in_scope(const PgScope *scope, Form_pg_index index)
{
    Oid schema = get_rel_namespace(index->indexrelid);

    if (scope->invalid && index->indisvalid)
        return false;
    if (scope->tables != NIL &&
        !list_member_oid(scope->tables, index->indrelid))
        return false;
    return !OidIsValid(scope->schema) || schema == scope->schema ||
           IsToastNamespace(schema);
}

/* The indexes that a statement is about. */
static List *
indexes_find(const PgScope *scope)
{
    Relation catalog = table_open(IndexRelationId, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
    List *found = NIL;
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
    {
        Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

        if (in_scope(scope, index))
            found = lappend_oid(found, index->indexrelid);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return found;
}

/* The scope of a statement that makes or rebuilds indexes; false: none. */
static bool
find_scope(const Node *node, PgScope *scope)
{
    const ReindexStmt *reindex = (const ReindexStmt *) node;
    Oid relation;

    memset(scope, 0, sizeof(*scope));
    if (IsA(node, IndexStmt))
    {
        relation = find_relation(((const IndexStmt *) node)->relation);
        scope->tables = list_make1_oid(relation);
        return OidIsValid(relation);
    }
    if (!IsA(node, ReindexStmt))
        return false;
    scope->invalid = true;
    if (reindex->kind == REINDEX_OBJECT_SCHEMA)
        scope->schema = get_namespace_oid(reindex->name, true);
    if (reindex->relation == NULL)
        return true;
    relation = find_relation(reindex->relation);
    if (OidIsValid(relation) && reindex->kind == REINDEX_OBJECT_INDEX)
        relation = IndexGetRelation(relation, true);
    if (OidIsValid(relation))
        scope->tables = table_family(relation);
    return OidIsValid(relation);
}

/* Number of the database, tablespace or subscription that a statement makes or
 * drops, or InvalidOid; false: it is about none. */
static bool
find_object(const Node *node, bool *makes, Oid *object)
{
    *makes = IsA(node, CreatedbStmt) || IsA(node, CreateTableSpaceStmt) ||
             IsA(node, CreateSubscriptionStmt);
    switch (nodeTag(node))
    {
        case T_CreatedbStmt:
            *object =
                get_database_oid(((const CreatedbStmt *) node)->dbname, true);
            return true;
        case T_DropdbStmt:
            *object =
                get_database_oid(((const DropdbStmt *) node)->dbname, true);
            return true;
        case T_CreateTableSpaceStmt:
            *object = get_tablespace_oid(
                ((const CreateTableSpaceStmt *) node)->tablespacename, true);
            return true;
        case T_DropTableSpaceStmt:
            *object = get_tablespace_oid(
                ((const DropTableSpaceStmt *) node)->tablespacename, true);
            return true;
        case T_CreateSubscriptionStmt:
            *object = get_subscription_oid(
                ((const CreateSubscriptionStmt *) node)->subname, true);
            return true;
        case T_DropSubscriptionStmt:
            *object = get_subscription_oid(
                ((const DropSubscriptionStmt *) node)->subname, true);
            return true;
        default:
            return false;
    }
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

/* The two tables of a DETACH PARTITION; false: it is none, or one is not there.
 */
static bool
find_partition(const Node *node, Oid *parent, Oid *partition)
{
    const AlterTableStmt *statement = (const AlterTableStmt *) node;
    const AlterTableCmd *command;

    if (!IsA(node, AlterTableStmt))
        return false;
    command = linitial_node(AlterTableCmd, statement->cmds);
    if (command->subtype != AT_DetachPartition)
        return false;
    *parent = find_relation(statement->relation);
    *partition = find_relation(((PartitionCmd *) command->def)->name);
    return OidIsValid(*parent) && OidIsValid(*partition);
}

/* What an index was to be, when a statement that makes it was begun. */
typedef struct PgShape
{
    Oid table;
    int unique;
    int keys;                   /* columns, */
    int all;                    /* with those that are only included */
    char name[2 * NAMEDATALEN]; /* in hexadecimal, "-": none was given */
} PgShape;

#define SHAPE_FORMAT "index %u %d %d %d %s : "
#define SHAPE_SCAN "index %u %d %d %d %127s :"

/* Write a name in letters that mean nothing to anybody. */
static void
write_name(const char *name, char *hexadecimal)
{
    if (name == NULL)
    {
        strcpy(hexadecimal, "-");
        return;
    }
    for (; *name != '\0'; name++, hexadecimal += 2)
        snprintf(hexadecimal, 3, "%02x", (unsigned char) *name);
}

/* What a statement is to make. */
static PgShape
shape_of(const IndexStmt *statement)
{
    PgShape shape = {InvalidOid, 0, 0, 0, ""};

    shape.table = find_relation(statement->relation);
    shape.unique = statement->unique;
    shape.keys = list_length(statement->indexParams);
    shape.all = shape.keys + list_length(statement->indexIncludingParams);
    write_name(statement->idxname, shape.name);
    return shape;
}

/* Whether an index is of that shape, as far as that goes. */
static bool
has_shape(const PgShape *shape, Oid index)
{
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    char name[2 * NAMEDATALEN];
    Form_pg_index form;
    bool fits;

    if (!HeapTupleIsValid(tuple))
        return false;
    form = (Form_pg_index) GETSTRUCT(tuple);
    write_name(get_rel_name(index), name);
    fits = form->indrelid == shape->table &&
           form->indisunique == (shape->unique != 0) &&
           form->indnkeyatts == shape->keys && form->indnatts == shape->all &&
           (strcmp(shape->name, "-") == 0 || strcmp(shape->name, name) == 0);
    ReleaseSysCache(tuple);
    return fits;
}

/* Whether any of the indexes of a DROP INDEX is there. */
static bool
any_is_there(const DropStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->objects)
        if (OidIsValid(find_relation(makeRangeVarFromNameList(lfirst(cell)))))
            return true;
    return false;
}

/* Append what is there before a statement that makes or rebuilds indexes. */
static void
mark_indexes(const Node *node, const PgScope *scope, StringInfo mark)
{
    ListCell *cell;

    if (IsA(node, IndexStmt))
    {
        PgShape shape = shape_of((const IndexStmt *) node);

        appendStringInfo(mark, SHAPE_FORMAT, shape.table, shape.unique,
                         shape.keys, shape.all, shape.name);
    }
    foreach (cell, indexes_find(scope))
        appendStringInfo(mark, "%u ", lfirst_oid(cell));
}

/* What is there before a statement: words and numbers with blanks between. */
static char *
mark_of(const Node *node)
{
    StringInfoData mark;
    bool detaching;
    PgScope scope;
    Oid parent;
    Oid object;
    bool makes;

    initStringInfo(&mark);
    if (find_scope(node, &scope))
        mark_indexes(node, &scope, &mark);
    else if (find_object(node, &makes, &object))
        appendStringInfo(&mark, "object %u ", object);
    else if (IsA(node, DropStmt) && any_is_there((const DropStmt *) node))
        appendStringInfoString(&mark, "present ");
    else if (find_partition(node, &parent, &object) &&
             is_partition(parent, object, &detaching))
        appendStringInfoString(&mark, "present ");
    return mark.len > 0 ? mark.data : "none ";
}

MigStatus
pg_mark_outside(MigHost *base, const MigStatement *statement, char *mark,
                size_t size, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const PgStatement *parsed = statement->node;
    const char *found = mark_of(parsed->raw->stmt);

    /* One that does not fit tells nothing: then nothing is taken for new. */
    strlcpy(mark, strlen(found) < size ? found : "", size);
    MemoryContextSwitchTo(before);
    return error->status;
}

/* Whether a number is in a mark. */
static bool
mark_has(MigBytes mark, Oid object)
{
    char *wanted = psprintf(" %u ", object);
    char *all = psprintf(" %.*s", (int) mark.length, mark.data);

    return strstr(all, wanted) != NULL;
}

/* Whether what a statement was to take away was there before it. */
static bool
was_present(MigBytes mark)
{
    return mark.length >= 7 && strncmp(mark.data, "present", 7) == 0;
}

/* Drop an invalid index, unless somebody works on its table just now. */
static void
drop_invalid(PgHost *host, Oid index)
{
    Oid table = IndexGetRelation(index, true);
    char *sql;

    if (!OidIsValid(table) || get_index_isvalid(index))
        return;
    if (!ConditionalLockRelationOid(table, ShareUpdateExclusiveLock))
        ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
                        errmsg("an invalid index \"%s\" is left of an earlier "
                               "attempt, and others are working on its table",
                               get_rel_name(index))));
    UnlockRelationOid(table, ShareUpdateExclusiveLock);
    sql = psprintf(
        "DROP INDEX CONCURRENTLY IF EXISTS %s",
        quote_qualified_identifier(get_namespace_name(get_rel_namespace(index)),
                                   get_rel_name(index)));
    ereport(NOTICE, (errmsg("an invalid index is left of an earlier attempt: "
                            "%s",
                            sql)));
    run_text(host, sql);
}

/* Whether the columns of an index are those of a statement. */
static bool
has_columns(const IndexStmt *statement, Form_pg_index form)
{
    for (int i = 0; i < form->indnatts; i++)
    {
        int keys = list_length(statement->indexParams);
        List *from =
            i < keys ? statement->indexParams : statement->indexIncludingParams;
        const IndexElem *element =
            list_nth_node(IndexElem, from, i < keys ? i : i - keys);
        AttrNumber column = form->indkey.values[i];

        if ((element->name == NULL) != (column == 0))
            return false;
        if (column != 0 && strcmp(get_attname(form->indrelid, column, false),
                                  element->name) != 0)
            return false;
    }
    return true;
}

/* Whether an index of the right shape is the one that a statement was to make.
 */
static bool
is_wanted_index(const IndexStmt *statement, Oid index)
{
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    bool everywhere;
    bool wanted;

    if (!HeapTupleIsValid(tuple))
        return false;
    (void) SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indpred,
                           &everywhere);
    wanted = everywhere == (statement->whereClause == NULL) &&
             has_columns(statement, (Form_pg_index) GETSTRUCT(tuple));
    ReleaseSysCache(tuple);
    return wanted;
}

/*
 * CREATE INDEX CONCURRENTLY.  What is new on the table, of the shape that was
 * begun, and invalid, is dropped, also when the statement was corrected since.
 */
static bool
resume_create_index(PgHost *host, const IndexStmt *statement, MigBytes mark,
                    bool failed)
{
    bool done = false;
    PgShape shape;
    PgScope scope;
    ListCell *cell;

    memset(&scope, 0, sizeof(scope));
    if (sscanf(pnstrdup(mark.data, mark.length), SHAPE_SCAN, &shape.table,
               &shape.unique, &shape.keys, &shape.all, shape.name) != 5 ||
        !OidIsValid(shape.table))
        return false;
    scope.tables = list_make1_oid(shape.table);
    foreach (cell, indexes_find(&scope))
    {
        Oid index = lfirst_oid(cell);

        if (mark_has(mark, index) || !has_shape(&shape, index))
            continue;
        if (!get_index_isvalid(index))
            drop_invalid(host, index);
        else if (!failed && is_wanted_index(statement, index))
            done = true;
    }
    return done;
}

/* REINDEX ... CONCURRENTLY can always be run again. */
static bool
resume_reindex(PgHost *host, const ReindexStmt *statement, MigBytes mark)
{
    PgScope scope;
    ListCell *cell;

    if (!find_scope((const Node *) statement, &scope))
        return false;
    foreach (cell, indexes_find(&scope))
    {
        Oid index = lfirst_oid(cell);
        const char *name = get_rel_name(index);

        if (name != NULL && !mark_has(mark, index) &&
            (strstr(name, "_ccnew") != NULL || strstr(name, "_ccold") != NULL))
            drop_invalid(host, index);
    }
    return false;
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
resume_detach(PgHost *host, const Node *node, MigBytes mark, bool failed)
{
    bool detaching = false;
    Oid partition;
    Oid parent;

    if (!find_partition(node, &parent, &partition))
        return false;
    if (!is_partition(parent, partition, &detaching))
        return !failed && was_present(mark);
    if (!detaching)
        return false;
    run_text(host, psprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE",
                            table_name(parent), table_name(partition)));
    return true;
}

/*
 * Whether a statement that makes or drops one thing has done so.  What can be
 * run again any number of times has not.
 */
static bool
is_effective(const Node *node, MigBytes mark)
{
    bool makes;
    Oid object;

    if (mark.length == 0 || !find_object(node, &makes, &object))
        return false;
    return OidIsValid(object) == makes && !mark_has(mark, object);
}

/* Whether a statement need not be run again; clears away what is left of it. */
static bool
resume(PgHost *host, const Node *node, MigBytes mark, bool failed)
{
    switch (nodeTag(node))
    {
        case T_IndexStmt:
            return resume_create_index(host, (const IndexStmt *) node, mark,
                                       failed);
        case T_ReindexStmt:
            return resume_reindex(host, (const ReindexStmt *) node, mark);
        case T_AlterTableStmt:
            return resume_detach(host, node, mark, failed);
        case T_DropStmt:
            return !failed && was_present(mark) &&
                   !any_is_there((const DropStmt *) node);
        default:
            return !failed && is_effective(node, mark);
    }
}

MigStatus
pg_resume_outside(MigHost *base, const MigStatement *statement, MigBytes mark,
                  bool failed, bool *done, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const PgStatement *parsed = statement->node;
    volatile bool is_done = false;

    PG_TRY();
    {
        pg_error_context_none();
        lift_lock_timeout(host, statement);
        is_done = resume(host, parsed->raw->stmt, mark, failed);
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

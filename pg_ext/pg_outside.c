#include "pg_mark.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
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

/* A call that goes on with a statement. */
typedef struct Resuming
{
    PgHost *host;
    MigResume *resume;
    MigError *error;
} Resuming;

/* Tell of a table or index that is a statement's work, as it is listed. */
static void
tell_name(const Resuming *resuming, const char *schema, const char *name)
{
    const MigResume *resume = resuming->resume;

    if (mig_bytes_equal(resume->schema, mig_bytes(schema)))
        name = quote_identifier(name);
    else
        name = quote_qualified_identifier(schema, name);
    (void) resume->object(resume->context, mig_bytes(name), resuming->error);
}

static void
tell_relation(const Resuming *resuming, Oid relation)
{
    const char *name = get_rel_name(relation);
    const char *schema = get_namespace_name(get_rel_namespace(relation));

    if (name != NULL && schema != NULL)
        tell_name(resuming, schema, name);
}

/*
 * CREATE INDEX CONCURRENTLY.  What is new on the table, of the shape that was
 * begun, and invalid, is dropped, also when the statement was corrected since.
 */
static bool
resume_create_index(const Resuming *resuming, const IndexStmt *statement)
{
    MigBytes mark = resuming->resume->mark;
    bool done = false;
    PgShape shape;
    PgScope scope;
    ListCell *cell;

    memset(&scope, 0, sizeof(scope));
    if (!pg_mark_shape(mark, &shape))
        return false;
    scope.tables = list_make1_oid(shape.table);
    foreach (cell, pg_indexes_find(&scope))
    {
        Oid index = lfirst_oid(cell);

        if (pg_mark_has(mark, index) || !pg_has_shape(&shape, index))
            continue;
        if (!get_index_isvalid(index))
        {
            tell_relation(resuming, index);
            drop_invalid(resuming->host, index);
        }
        else if (!resuming->resume->failed && is_wanted_index(statement, index))
        {
            tell_relation(resuming, index);
            done = true;
        }
    }
    return done;
}

/* REINDEX ... CONCURRENTLY can always be run again. */
static bool
resume_reindex(const Resuming *resuming, const ReindexStmt *statement)
{
    MigBytes mark = resuming->resume->mark;
    PgScope scope;
    ListCell *cell;

    if (!pg_find_scope((const Node *) statement, &scope))
        return false;
    foreach (cell, pg_indexes_find(&scope))
    {
        Oid index = lfirst_oid(cell);
        const char *name = get_rel_name(index);

        if (name != NULL && !pg_mark_has(mark, index) &&
            (strstr(name, "_ccnew") != NULL || strstr(name, "_ccold") != NULL))
        {
            tell_relation(resuming, index);
            drop_invalid(resuming->host, index);
        }
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
resume_detach(const Resuming *resuming, const Node *node)
{
    const MigResume *resume = resuming->resume;
    bool detaching = false;
    Oid partition;
    Oid parent;

    if (!pg_find_partition(node, &parent, &partition))
        return false;
    if (!pg_is_partition(parent, partition, &detaching))
    {
        if (resume->failed || !pg_mark_present(resume->mark))
            return false;
        tell_relation(resuming, partition);
        return true;
    }
    if (!detaching)
        return false;
    tell_relation(resuming, partition);
    run_text(resuming->host,
             psprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE",
                      table_name(parent), table_name(partition)));
    return true;
}

/* DROP INDEX CONCURRENTLY.  One that is gone was where the search_path finds
 * none of its name now. */
static bool
resume_drop(const Resuming *resuming, const DropStmt *statement)
{
    const MigResume *resume = resuming->resume;
    ListCell *cell;
    ListCell *place;

    if (!pg_mark_present(resume->mark))
        return false;
    foreach (cell, statement->objects)
    {
        const RangeVar *name = makeRangeVarFromNameList(lfirst(cell));
        Oid index = pg_find_relation(name);

        if (OidIsValid(index))
            tell_relation(resuming, index);
        else if (name->schemaname != NULL)
            tell_name(resuming, name->schemaname, name->relname);
        else
            foreach (place, fetch_search_path(false))
                tell_name(resuming, get_namespace_name(lfirst_oid(place)),
                          name->relname);
    }
    return !resume->failed && !pg_any_is_there(statement);
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

    if (mark.length == 0 || !pg_find_object(node, &makes, &object))
        return false;
    return OidIsValid(object) == makes && !pg_mark_has(mark, object);
}

/* Whether a statement need not be run again; clears away what is left of it. */
static bool
resume_node(const Resuming *resuming, const Node *node)
{
    const MigResume *resume = resuming->resume;

    switch (nodeTag(node))
    {
        case T_IndexStmt:
            return resume_create_index(resuming, (const IndexStmt *) node);
        case T_ReindexStmt:
            return resume_reindex(resuming, (const ReindexStmt *) node);
        case T_AlterTableStmt:
            return resume_detach(resuming, node);
        case T_DropStmt:
            return resume_drop(resuming, (const DropStmt *) node);
        default:
            return !resume->failed && is_effective(node, resume->mark);
    }
}

MigStatus
pg_resume_outside(MigHost *base, const MigStatement *statement,
                  MigResume *resume, MigError *error)
{
    PgHost *host = (PgHost *) base;
    MemoryContext before = MemoryContextSwitchTo(host->memory);
    const PgStatement *parsed = statement->node;
    const Resuming resuming = {host, resume, error};
    volatile bool is_done = false;

    PG_TRY();
    {
        pg_error_context_none();
        lift_lock_timeout(host, statement);
        is_done = resume_node(&resuming, parsed->raw->stmt);
        InvalidateCatalogSnapshot();
    }
    PG_CATCH();
    {
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    resume->done = is_done;
    MemoryContextSwitchTo(before);
    return error->status;
}

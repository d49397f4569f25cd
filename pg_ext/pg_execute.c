#include "pg_changes.h"

#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

/*
 * Statements are run from the tree that the script's parser made, the way
 * CREATE EXTENSION runs its scripts: parsed once, and without SPI, which
 * would report places in another text and keep the rows.
 */

/* Receives rows of a check, and remembers whether all were true. */
typedef struct PgCheckReceiver
{
    DestReceiver base; /* must be first */
    Oid type;          /* of the first column */
    bool holds;
} PgCheckReceiver;

/* Run one planned query or utility statement. */
static void
execute_plan(PlannedStmt *plan, const char *source, DestReceiver *receiver)
{
    QueryDesc *query;

    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    if (plan->utilityStmt != NULL)
        compat_process_utility(plan, source, receiver);
    else
    {
        query = CreateQueryDesc(plan, source, GetActiveSnapshot(),
                                InvalidSnapshot, receiver, NULL, NULL, 0);
        ExecutorStart(query, 0);
        compat_executor_run(query);
        ExecutorFinish(query);
        ExecutorEnd(query);
        FreeQueryDesc(query);
    }
    PopActiveSnapshot();
}

/* The tree to be run; of what may be run again, a copy. */
static RawStmt *
statement_tree(const PgStatement *statement)
{
    return pg_is_session_statement(statement->raw->stmt)
               ? copyObject(statement->raw)
               : statement->raw;
}

/* Analyse, rewrite and plan a statement. */
static List *
plan_statement(const PgStatement *statement)
{
    List *queries;
    List *plans;

    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    queries = compat_analyze(statement_tree(statement), statement->source);
    pg_inner_pass(queries);
    plans = pg_plan_queries(queries, statement->source, CURSOR_OPT_PARALLEL_OK,
                            NULL);
    PopActiveSnapshot();
    return plans;
}

/* Run a statement, giving the rows it returns to a receiver. */
static void
execute(PgStatement *statement, DestReceiver *receiver)
{
    MemoryContext memory = AllocSetContextCreate(
        CurrentMemoryContext, "migrate statement", PG_CONTEXT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);
    ListCell *cell;

    CHECK_FOR_INTERRUPTS();
    pg_changes_note();
    if (statement->used && !pg_is_session_statement(statement->raw->stmt))
        elog(ERROR, "a statement of a script can be executed only once");
    statement->used = true;
    if (statement->data != NULL)
        pg_copy_run(statement);
    else
        foreach (cell, plan_statement(statement))
            execute_plan(lfirst_node(PlannedStmt, cell), statement->source,
                         receiver);
    if (IsA(statement->raw->stmt, CopyStmt) &&
        ((CopyStmt *) statement->raw->stmt)->relation != NULL)
        pg_deferred_note_table(((CopyStmt *) statement->raw->stmt)->relation);
    CommandCounterIncrement();
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}

/* Byte offset of a statement's place in it, or -1 when it is not inside. */
static size_t
place_in_statement(const PgStatement *statement, size_t offset)
{
    return offset >= statement->offset &&
                   offset - statement->offset <= statement->length
               ? offset - statement->offset
               : (size_t) -1;
}

/*
 * Where in a statement's text the text of an inner query stands, word for
 * word: the body of a function being created, or a statement of a DO block.
 * -1 when it does not stand there, or more than once.
 */
static size_t
place_of_inner(const PgStatement *statement, const char *inner)
{
    const char *start = statement->source + statement->offset;
    const char *found = strstr(start, inner);
    size_t length = strlen(inner);

    if (length == 0 || found == NULL ||
        (size_t) (found - start) + length > statement->length)
        return (size_t) -1;
    start = strstr(found + 1, inner);
    if (start != NULL && (size_t) (start - statement->source) <
                             statement->offset + statement->length)
        return (size_t) -1;
    return (size_t) (found - statement->source) - statement->offset;
}

/* Where in a statement's text the server saw the cause of an error. */
static size_t
error_place(const PgStatement *statement, const ErrorData *cause)
{
    size_t place;

    if (cause->cursorpos > 0)
        return place_in_statement(
            statement,
            pg_character_offset(statement->source, cause->cursorpos));
    if (cause->internalpos <= 0 || cause->internalquery == NULL)
        return (size_t) -1;
    place = place_of_inner(statement, cause->internalquery);
    if (place == (size_t) -1)
        return place;
    return place +
           pg_character_offset(cause->internalquery, cause->internalpos);
}

/* Find the place of an error, which may lie in the data behind a COPY. */
static void
locate_error(const PgHost *host, const MigStatement *statement, size_t *offset,
             MigError *error)
{
    const PgStatement *parsed = statement->node;
    size_t row = parsed->data == NULL ? 0 : pg_copy_failed_row(parsed, error);

    if (offset == NULL)
        return;
    *offset =
        row > 0 ? row - statement->offset : error_place(parsed, host->cause);
}

MigStatus
pg_run(MigHost *base, const MigStatement *statement, size_t *offset,
       MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgStatement *parsed = (PgStatement *) statement->node;

    if (pg_is_doomed(host, error))
        return error->status;
    if (!host->unit.open)
        return mig_fail(error, MIG_INTERNAL, "no unit is open");
    PG_TRY();
    {
        pg_error_context_none();
        pg_statement_clock_start(base->limits.statement_ms);
        host->unit.guarded |= base->session->guarded;
        pg_inner_watch(base->session->guarded ? host : NULL);
        execute(parsed, None_Receiver);
        if (base->session->guarded)
            pg_inner_require();
        pg_inner_watch(NULL);
        pg_statement_clock_stop();
    }
    PG_CATCH();
    {
        pg_inner_watch(NULL);
        pg_statement_clock_stop();
        (void) pg_catch(host, error);
        locate_error(host, statement, offset, error);
        pg_unit_fail(host);
    }
    PG_END_TRY();
    return error->status;
}

/* Look at the kind of rows that a check returns. */
static void
check_startup(DestReceiver *receiver, int operation, TupleDesc shape)
{
    PgCheckReceiver *check = (PgCheckReceiver *) receiver;

    check->type =
        shape->natts > 0 ? TupleDescAttr(shape, 0)->atttypid : InvalidOid;
    if (check->type != BOOLOID && check->type != INT2OID &&
        check->type != INT4OID && check->type != INT8OID)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("the first column of a check must be boolean")));
}

/* Test one row; false ends the query. */
static bool
check_receive(TupleTableSlot *slot, DestReceiver *receiver)
{
    PgCheckReceiver *check = (PgCheckReceiver *) receiver;
    bool is_null;
    Datum datum = slot_getattr(slot, 1, &is_null);

    check->holds =
        !is_null && pg_value_from_datum(datum, check->type).integer != 0;
    return check->holds;
}

static void
check_shutdown(DestReceiver *receiver)
{
}

/* Whether a statement is a query and nothing else. */
static bool
is_query(const PgStatement *statement)
{
    const Node *node = statement->raw->stmt;

    return IsA(node, SelectStmt) &&
           ((const SelectStmt *) node)->intoClause == NULL;
}

/*
 * Run a check, which may write nothing but temporary tables.
 *
 * lenient  what it returns does not count, and what it writes is undone
 */
static bool
check_execute(PgStatement *statement, bool lenient)
{
    PgCheckReceiver receiver = {{check_receive, check_startup, check_shutdown,
                                 check_shutdown, DestNone},
                                InvalidOid,
                                true};

    if (lenient)
    {
        execute(statement, None_Receiver);
        return true;
    }
    (void) set_config_option("transaction_read_only", "on", PGC_USERSET,
                             PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
    execute(statement, &receiver.base);
    return receiver.holds;
}

MigStatus
pg_check(MigHost *base, const MigStatement *statement, bool *holds,
         size_t *offset, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgStatement *parsed = (PgStatement *) statement->node;
    volatile bool answer = false;
    PgSubtransaction inner;

    if (pg_is_doomed(host, error))
        return error->status;
    if (holds != NULL && !is_query(parsed))
        return mig_fail(error, MIG_INVALID,
                        "a verify section holds queries only");
    pg_subtransaction_begin(&inner);
    PG_TRY();
    {
        pg_error_context_none();
        pg_statement_clock_start(base->limits.statement_ms);
        answer = check_execute(parsed, holds == NULL);
        pg_statement_clock_stop();
    }
    PG_CATCH();
    {
        pg_statement_clock_stop();
        (void) pg_catch(host, error);
    }
    PG_END_TRY();
    pg_subtransaction_undo(&inner);
    if (host->looks)
        pg_look_judge(error);
    if (error->status == MIG_OK)
    {
        if (holds != NULL)
            *holds = answer;
    }
    else if (offset != NULL)
        *offset = error_place(parsed, host->cause);
    return error->status;
}

#include "pg_destroy.h"

#include "commands/extension.h"
#include "executor/executor.h"
#include "mig_guard.h"
#include "nodes/parsenodes.h"
#include "optimizer/planner.h"
#include "tcop/utility.h"
#include "utils/plancache.h"

/*
 * What the statements of a migration run in turn: a DO block, a function, a
 * procedure, a trigger, a rule, EXECUTE.
 *
 * It is known only once it is about to be done, and the server tells of it by
 * hooks.  One is called for every statement that is no query.  Of a query the
 * planner is told: there it has its conditions, and its plan is marked; but a
 * plan is kept and run again, so the rows are looked for where it begins to
 * run.  Plans that the session has from before are made anew.
 *
 * A block may catch the refusal; then the migration would be recorded without
 * having done what it says, so it is raised once more at the statement's end.
 * What an extension's script does is that one's affair.
 */

static ProcessUtility_hook_type previous_utility;
static planner_hook_type previous_planner;
static ExecutorStart_hook_type previous_start;

static const PgHost *watching; /* runs what must not destroy rows, or NULL */
static bool marking;           /* plans: from then on, until its call ends */
static const Query *passed;    /* the statement itself, or NULL */
static MigLoss refused;        /* the first of what was; a block may catch it */

/* Whether a statement is of a kind that can destroy rows, and no query. */
static bool
is_suspect(const Node *statement)
{
    return IsA(statement, DropStmt) || IsA(statement, AlterTableStmt) ||
           IsA(statement, TruncateStmt) || IsA(statement, DropOwnedStmt);
}

/* Raise the error for what would destroy rows. */
static void
refuse(void)
{
    ereport(ERROR,
            (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
             errmsg("it %s, and the environment is protected", refused.text),
             errhint("%s", MIG_GUARD_HINT)));
}

/* Raise it if there is anything. */
static void
require_nothing(const MigLoss *loss)
{
    if (loss->text[0] == '\0')
        return;
    if (refused.text[0] == '\0')
        refused = *loss;
    refuse();
}

void
pg_inner_require(void)
{
    if (refused.text[0] != '\0')
        refuse();
}

/* Called by the server for each statement that is no query. */
static void
inner_utility(COMPAT_UTILITY_PARAMETERS)
{
    if (watching != NULL && !creating_extension &&
        context != PROCESS_UTILITY_SUBCOMMAND &&
        is_suspect(plan->utilityStmt) &&
        (passed == NULL || plan->utilityStmt != passed->utilityStmt))
    {
        MigLoss loss;

        pg_loss_words(watching, plan->utilityStmt, NULL, &loss);
        require_nothing(&loss);
    }
    if (previous_utility != NULL)
        previous_utility(COMPAT_UTILITY_ARGUMENTS);
    else
        standard_ProcessUtility(COMPAT_UTILITY_ARGUMENTS);
}

/* Called by the server to plan a query. */
static PlannedStmt *
inner_planner(Query *query, const char *source, int options,
              ParamListInfo parameters)
{
    List *marks = marking && query != passed ? pg_query_marks(query) : NIL;
    PlannedStmt *plan =
        previous_planner != NULL
            ? previous_planner(query, source, options, parameters)
            : standard_planner(query, source, options, parameters);

    plan->invalItems = list_concat(plan->invalItems, marks);
    return plan;
}

/* Called by the server when a planned query begins to run. */
static void
inner_start(QueryDesc *query, int flags)
{
    if (watching != NULL && !creating_extension &&
        (flags & EXEC_FLAG_EXPLAIN_ONLY) == 0 &&
        pg_is_marked(query->plannedstmt))
    {
        PgLoss loss;
        MigLoss words;

        pg_loss_begin(&loss, watching, query->snapshot);
        pg_loss_add_marked(&loss, query->plannedstmt);
        pg_loss_end(&loss, &words);
        require_nothing(&words);
    }
    if (previous_start != NULL)
        previous_start(query, flags);
    else
        standard_ExecutorStart(query, flags);
}

void
pg_inner_init(void)
{
    previous_utility = ProcessUtility_hook;
    ProcessUtility_hook = inner_utility;
    previous_planner = planner_hook;
    planner_hook = inner_planner;
    previous_start = ExecutorStart_hook;
    ExecutorStart_hook = inner_start;
}

void
pg_inner_watch(const PgHost *host)
{
    watching = host;
    passed = NULL;
    if (host == NULL)
        return;
    refused.text[0] = '\0';
    if (!marking)
        ResetPlanCache();
    marking = true;
}

void
pg_inner_pass(const List *queries)
{
    ListCell *cell;

    foreach (cell, queries)
    {
        const Query *query = lfirst_node(Query, cell);

        /* Else it would be remembered for longer than it lives. */
        if (watching != NULL && query->querySource == QSRC_ORIGINAL)
            passed = query;
    }
}

const PgHost *
pg_inner_pause(void)
{
    const PgHost *before = watching;

    watching = NULL;
    return before;
}

void
pg_inner_resume(const PgHost *host)
{
    watching = host;
    marking = marking && host != NULL;
}

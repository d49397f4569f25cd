#include "pg_destroy.h"

#include "commands/extension.h"
#include "mig_guard.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"

/*
 * What the statements of a migration run in turn: a DO block, a function, a
 * procedure, a trigger, EXECUTE.
 *
 * It is known only once it is about to be done, and the server tells of it by a
 * hook: of every statement that is no query.  So a DROP TABLE in a DO block is
 * refused, and a DELETE in one is not.  A block may catch the refusal; then the
 * migration would be recorded without having done what it says, so it is raised
 * once more at the statement's end.  What an extension's script does is that
 * one's affair.
 */

static ProcessUtility_hook_type previous_hook;
static const PgHost *watching; /* runs what must not destroy rows, or NULL */
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

/* Raise an error for a statement that would destroy rows. */
static void
require_kept(const Node *statement)
{
    MigLoss loss;

    memset(&loss, 0, sizeof(loss));
    pg_loss_words(watching, statement, NULL, &loss);
    if (loss.text[0] == '\0')
        return;
    if (refused.text[0] == '\0')
        refused = loss;
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
        context != PROCESS_UTILITY_SUBCOMMAND && is_suspect(plan->utilityStmt))
        require_kept(plan->utilityStmt);
    if (previous_hook != NULL)
        previous_hook(COMPAT_UTILITY_ARGUMENTS);
    else
        standard_ProcessUtility(COMPAT_UTILITY_ARGUMENTS);
}

void
pg_inner_init(void)
{
    previous_hook = ProcessUtility_hook;
    ProcessUtility_hook = inner_utility;
}

void
pg_inner_watch(const PgHost *host)
{
    watching = host;
    if (host != NULL)
        refused.text[0] = '\0';
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
}

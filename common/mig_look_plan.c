#include "mig_guard.h"
#include "mig_hook.h"
#include "mig_look.h"
#include "mig_migration.h"
#include "mig_plan.h"

/* migrate_plan(): the statements that apply would run. */

/* A plan being shown. */
typedef struct PlanView
{
    Mig *mig;
    MigCall *call;
    const MigStep *step;
    int64_t number; /* of the step, from 1 */
    bool empty;     /* no statement of the step was shown yet */
} PlanView;

static void
emit_plan_row(PlanView *view, MigValue number, MigValue line, MigValue sql,
              bool transactional, const char *note)
{
    MigValue row[8];

    row[0] = mig_integer(view->number);
    row[1] = mig_text_value(view->step->entry->version);
    row[2] = mig_string(mig_step_action(view->step));
    row[3] = number;
    row[4] = line;
    row[5] = sql;
    row[6] = mig_boolean(transactional);
    row[7] = mig_string(note);
    view->empty = false;
    (void) view->call->emit(view->call, row, 8);
}

/* What is to be said of a statement that the call runs in no transaction. */
static const char *
outside_note(Mig *mig, const MigStatement *statement)
{
    const MigHostMethods *methods = mig->host->methods;
    MigError refusal;

    memset(&refusal, 0, sizeof(refusal));
    if (methods->require_outside == NULL ||
        methods->require_outside(mig->host, statement, &refusal) == MIG_OK)
        return "runs in no transaction; what is before it is committed first";
    return mig_format_string(mig->arena, mig->error, "refused: %s",
                             refusal.message);
}

/* What is to be said of a statement. */
static const char *
statement_note(PlanView *view, const MigStatement *statement)
{
    const char *note;

    switch (statement->kind)
    {
        case MIG_ORDINARY:
            note = mig_guard_note(view->mig, statement);
            if (note != NULL)
                return note;
            return mig_option(view->step->entry->options, "transaction").data ==
                           NULL
                       ? NULL
                       : "marked to run without a transaction; it can run in "
                         "one, and does";
        case MIG_BRACKET:
            return statement->reason != NULL
                       ? statement->reason
                       : "passed over: the migration is one transaction";
        case MIG_AROUND:
            return "in force before the migration's transaction begins";
        case MIG_OUTSIDE:
            if (view->mig->host->methods->outside_apply != NULL)
                return mig_format_string(
                    view->mig->arena, view->mig->error,
                    "%s cannot run inside a transaction; %s runs it",
                    statement->reason, view->mig->host->methods->outside_apply);
            if (view->mig->host->methods->run_outside != NULL)
                return outside_note(view->mig, statement);
            return mig_format_string(view->mig->arena, view->mig->error,
                                     "refused: %s cannot run inside a "
                                     "transaction",
                                     statement->reason);
        case MIG_NOT_ALLOWED:
            return mig_format_string(view->mig->arena, view->mig->error,
                                     "refused: %s cannot stand in a "
                                     "migration",
                                     statement->reason);
    }
    return NULL;
}

/* A MigWorkFunction: show one statement. */
static void
view_statement(void *context, const MigStatement *statement, int64_t number,
               int64_t line)
{
    PlanView *view = context;

    emit_plan_row(view, mig_integer(number), mig_integer(line),
                  mig_text_value(statement->text),
                  statement->kind != MIG_OUTSIDE &&
                      statement->kind != MIG_AROUND,
                  statement_note(view, statement));
}

/* A MigHookFunction: show the statements of a hook. */
static void
view_hook(void *context, MigStep *hook)
{
    PlanView *view = context;

    view->step = hook;
    if (mig_ok(view->mig))
        mig_work_visit(view->mig, &hook->work, view_statement, view);
}

/* Show the statements of one step, and of the hooks that run with it. */
static void
view_step(PlanView *view, const MigEntry *entry, MigHooks *hooks)
{
    Mig *mig = view->mig;
    MigStep step;

    view->number++;
    mig_step_open(mig, MIG_FORWARD, entry, &step);
    step.hooks = entry->hook ? NULL : hooks;
    mig_hooks_visit(&step, MIG_HOOK_BEFORE, view_hook, view);
    view->step = &step;
    view->empty = true;
    if (mig_ok(mig))
        mig_work_visit(mig, &step.work, view_statement, view);
    if (mig_ok(mig) && view->empty)
        emit_plan_row(view, mig_null(), mig_null(), mig_null(), true,
                      "has no statement");
    mig_hooks_visit(&step, MIG_HOOK_AFTER, view_hook, view);
    mig_step_close(mig, &step);
    view->step = NULL;
}

void
mig_look_plan(Mig *mig, MigCall *call, MigBytes target_text)
{
    PlanView view = {mig, call, NULL, 0, false};
    MigState state;
    MigTarget target;
    MigPlan plan;
    MigHookRun run = {true, false, 0, 0, false};
    MigHooks hooks = {NULL, 0, {mig->host, NULL}};

    mig_state_read(mig, mig->arena, &state);
    mig_target_read(mig, &state, target_text, true, &target);
    mig_plan_apply(mig, mig->arena, &state, &target, &plan);
    mig_hooks_wrap(mig, mig->arena, &state, &run, &plan);
    if (plan.count > 0)
        mig_hooks_open(mig, &state, &hooks);
    for (size_t i = 0; i < plan.count && mig_ok(mig); i++)
        view_step(&view, plan.steps[i], &hooks);
    mig_hooks_close(mig, &hooks);
}

#include "mig_guard.h"
#include "mig_run_parts.h"

/*
 * What the plan would destroy, looked at before its first task: a run that is
 * refused at its tenth statement has changed the database up to there, and has
 * used up its confirmation.  The statements are looked at again when they run,
 * since rows come and go until then.
 */

/* A look at the plan. */
typedef struct Look
{
    MigRun *run;
    MigAhead ahead;
    bool certain; /* the task is certain to be run, all of it */
} Look;

/* A MigHookFunction: look at a hook's statements. */
static void
look_at_hook(void *context, MigStep *hook)
{
    Look *look = context;

    mig_work_require_kept(look->run->mig, &hook->work, &look->ahead,
                          look->certain);
}

/*
 * Whether a task's statements are certain to be run, all of them: not those
 * that an earlier call has done, nor where conditions may let it be passed
 * over.
 */
static bool
is_certain(const MigRun *run, const MigEntry *entry)
{
    return !mig_run_is_unfinished(run, entry) &&
           !(run->kind == MIG_TASK_APPLY &&
             mig_precondition_any(entry->options));
}

/*
 * Look at a task's statements.
 *
 * hooks  whether to look at those that run with it, too
 */
static void
look_at_task(Look *look, const MigEntry *entry, bool hooks)
{
    MigRun *run = look->run;
    Mig *mig = run->mig;
    MigTask task;

    mig_task_open(mig, run->kind, entry, &task);
    if (!mig_ok(mig))
    {
        /* It fails again when its turn comes; what is in front of it may run
         * until then, unless all of it is undone anyway. */
        mig_task_close(mig, &task);
        if ((run->own_commit || !look->certain) &&
            mig->error->status != MIG_NOMEM &&
            mig->error->status != MIG_INTERRUPTED)
            mig_error_clear(mig->error);
        return;
    }
    mig_task_hook(&task, &run->hooks);
    /* What the way forward of a redo meets is not there before its way back. */
    if (hooks)
        mig_hooks_visit(&task.steps[0], MIG_HOOK_BEFORE, look_at_hook, look);
    look_at_hook(look, &task.steps[0]);
    if (hooks)
        mig_hooks_visit(&task.steps[0], MIG_HOOK_AFTER, look_at_hook, look);
    mig_task_close(mig, &task);
}

void
mig_run_require_kept(MigRun *run)
{
    Mig *mig = run->mig;
    Look look = {.run = run};
    bool hooks = true;

    if (run->looked || !mig_guard_looks(mig))
        return;
    run->looked = true;
    for (size_t i = run->next; i < run->plan.count && mig_ok(mig); i++)
    {
        const MigEntry *entry = run->plan.steps[i];

        look.certain = is_certain(run, entry);
        look_at_task(&look, entry, hooks && !entry->hook);
        hooks = hooks && (entry->hook || !look.certain);
    }
}

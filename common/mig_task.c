#include "mig_task.h"

/* Fetch the next step of a task. */
static void
add_step(Mig *mig, MigTask *task, MigDirection direction, const MigEntry *entry)
{
    MigStep *step = &task->steps[task->count++];

    mig_step_open(mig, direction, entry, step);
    mig_step_require_trust(mig, step);
    task->around = task->around || step->work.around;
}

void
mig_task_hook(MigTask *task, MigHooks *hooks)
{
    for (size_t i = 0; i < task->count && !task->entry->hook; i++)
    {
        task->steps[i].hooks = hooks;
        task->around = task->around || mig_hooks_around(&task->steps[i]);
    }
}

void
mig_task_open(Mig *mig, MigTaskKind kind, const MigEntry *entry, MigTask *task)
{
    memset(task, 0, sizeof(*task));
    task->entry = entry;
    task->undone = *entry;
    task->undone.applied = false;
    if (kind == MIG_TASK_APPLY || entry->hook)
        add_step(mig, task, MIG_FORWARD, entry);
    else
        add_step(mig, task, MIG_BACKWARD, entry);
    if (kind == MIG_TASK_REDO && !entry->hook)
        add_step(mig, task, MIG_FORWARD, &task->undone);
}

void
mig_task_close(Mig *mig, MigTask *task)
{
    for (size_t i = 0; i < task->count; i++)
        mig_step_close(mig, &task->steps[i]);
    task->count = 0;
}

size_t
mig_task_size(const MigTask *task)
{
    size_t size = 0;

    for (size_t i = 0; i < task->count; i++)
        size += mig_step_size(&task->steps[i]);
    return size;
}

/* Fail for what is to be one transaction, and cannot be. */
static void
fail_several(Mig *mig, const MigEntry *entry)
{
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "migration \"%.*s\" cannot be redone in one step: it "
                    "takes several transactions",
                    (int) entry->version.length, entry->version.data);
    mig_fail_hint(mig->error, "Call migrate_rollback(), then migrate_apply().");
}

void
mig_task_require_runnable(Mig *mig, MigTask *task)
{
    for (size_t i = 0; i < task->count && mig_ok(mig); i++)
    {
        task->at = i;
        mig_work_require_runnable(mig, &task->steps[i].work);
        mig_hooks_require_runnable(mig, &task->steps[i]);
        if (task->count > 1 && task->steps[i].work.outside && mig_ok(mig))
            fail_several(mig, task->entry);
    }
}

void
mig_task_surround(Mig *mig, MigTask *task)
{
    for (size_t i = 0; i < task->count && mig_ok(mig); i++)
    {
        task->at = i;
        mig_work_surround(mig, &task->steps[i].work);
        mig_hooks_surround(mig, &task->steps[i]);
    }
}

/* Look at what a unit has left, and keep it. */
static void
unit_keep(Mig *mig, const MigEntry *entry)
{
    if (!mig_ok(mig))
        return;
    /* With a queue nothing is written yet: that is looked at at its end. */
    if (mig->queue == NULL)
        mig_require_intact(mig);
    if (mig_ok(mig))
        (void) mig->host->methods->unit_keep(mig->host, mig->error);
    mig_fail_prefix(mig->error,
                    "%s \"%.*s\" failed at its end: ", mig_entry_noun(entry),
                    (int) entry->version.length, entry->version.data);
}

void
mig_unit_run(Mig *mig, const MigEntry *entry, MigUnitFunction function,
             void *context)
{
    MigMark mark;

    mig_unit_begin(mig, &mark);
    if (!mig_ok(mig))
        return;
    /* Until the unit is kept: a deferred trigger is the migration's as well. */
    mig->host->session->running = true;
    function(mig, context);
    unit_keep(mig, entry);
    mig->host->session->running = false;
    if (!mig_ok(mig))
        mig_unit_undo(mig, &mark);
}

/* A MigUnitFunction: the steps of a task. */
static void
run_steps(Mig *mig, void *context)
{
    MigTask *task = context;

    for (size_t i = 0; i < task->count && mig_ok(mig); i++)
    {
        task->at = i;
        task->steps[i].last = i + 1 == task->count;
        task->steps[i].redone = i > 0;
        mig_step_run(mig, &task->steps[i]);
    }
}

void
mig_task_run(Mig *mig, MigTask *task)
{
    mig_unit_run(mig, task->entry, run_steps, task);
}

void
mig_task_record(Mig *mig, MigTask *task)
{
    for (size_t i = 0; i < task->count; i++)
        mig_step_record(mig, &task->steps[i], NULL);
}

void
mig_task_record_failure(Mig *mig, const MigTask *task, const MigError *failure)
{
    mig_step_record_failure(mig, &task->steps[task->at], failure);
}

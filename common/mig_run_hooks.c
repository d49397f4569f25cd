#include "mig_run_parts.h"

/*
 * Hooks before and after a run are tasks of its plan.  A run that has to plan
 * anew leaves out those whose work is kept already, and only those: what was
 * undone with its group is done again.
 */

void
mig_run_add_hooks(MigRun *run)
{
    MigHookRun around = {run->kind != MIG_TASK_ROLLBACK,
                         run->kind != MIG_TASK_APPLY, run->before, run->after,
                         run->done > 0};

    mig_hooks_wrap(run->mig, &run->arena, &run->state, &around, &run->plan);
    if (run->plan.count > 0)
        mig_hooks_open(run->mig, &run->state, &run->hooks);
}

void
mig_run_note_hooks(MigRun *run)
{
    for (size_t i = run->group; i < run->next; i++)
    {
        const MigEntry *entry = run->plan.steps[i];

        if (entry->hook && mig_hook_is_before(entry))
            run->before++;
        else if (entry->hook)
            run->after++;
    }
}

size_t
mig_run_migrations(const MigRun *run, size_t from, size_t to)
{
    size_t count = 0;

    for (size_t i = from; i < to; i++)
        count += !run->plan.steps[i]->hook;
    return count;
}

#include "mig_run.h"

#include <stdio.h>

#include "mig_guard.h"
#include "mig_precaution.h"
#include "mig_run_parts.h"
#include "mig_setting.h"
#include "mig_staged.h"

/*
 * How a run goes
 *
 * The lock is taken for a group of consecutive tasks, each in a unit of its
 * own, and given back when the setting commit_every has passed: that is the
 * commit, where the host commits by itself.  After each locking the newest
 * event tells whether somebody else has written meanwhile; then the plan is
 * made anew, so that each migration runs once however many run at the same
 * time.
 *
 * When a group cannot be committed, or the engine throws its transaction away,
 * its finished tasks are run again one commit each, so that only the one that
 * is the cause is lost.
 *
 * A task with statements that must be in force around its transaction stands
 * alone, and so does one that takes several transactions.
 *
 * A task that has waited too long for others' locks is tried again, as a whole,
 * after a pause in which nothing is held.
 */

void
mig_run_close_ready(MigRun *run)
{
    while (run->ready_first < run->ready_count)
        mig_task_close(run->mig, &run->ready[run->ready_first++]);
    run->ready_first = 0;
    run->ready_count = 0;
}

/*
 * Open the tasks to come, as many as the memory for it allows.  One that fails
 * ends it, and is opened again when its turn comes, unless the user ends all.
 */
static void
open_ready(MigRun *run)
{
    Mig *mig = run->mig;
    size_t most = run->own_commit ? READ_AHEAD : 1;
    size_t bytes = 0;

    while (run->ready_count < most && bytes < READ_AHEAD_BYTES &&
           run->next + run->ready_count < run->plan.count && mig_ok(mig))
    {
        MigTask *task = &run->ready[run->ready_count];

        mig_task_open(mig, run->kind,
                      run->plan.steps[run->next + run->ready_count], task);
        mig_task_hook(task, &run->hooks);
        if (!mig_ok(mig) && run->ready_count > 0)
        {
            mig_task_close(mig, task);
            if (mig->error->status != MIG_INTERRUPTED)
                mig_error_clear(mig->error);
            return;
        }
        run->ready_count++;
        bytes += mig_task_size(task);
    }
}

/* The task to come, opened; it may have failed to open. */
static MigTask *
next_task(MigRun *run)
{
    if (run->ready_first == run->ready_count)
    {
        mig_run_close_ready(run);
        open_ready(run);
    }
    return &run->ready[run->ready_first];
}

/* Make the plan from the state. */
static void
plan_tasks(MigRun *run)
{
    Mig *mig = run->mig;
    MigTarget target;

    if (run->kind == MIG_TASK_REDO)
    {
        mig_plan_redo(mig, &run->arena, &run->state, &run->plan);
        return;
    }
    mig_target_read(mig, &run->state, run->target, run->kind == MIG_TASK_APPLY,
                    &target);
    if (!mig_ok(mig))
        return;
    /* A number of steps counts from where the run began. */
    if (run->planned &&
        (target.kind == MIG_TARGET_FORWARD || target.kind == MIG_TARGET_BACK))
        target.steps -= target.steps > run->done - run->uncounted
                            ? run->done - run->uncounted
                            : target.steps;
    if (run->passed_length > 0)
        target.passed = (MigBytes){run->passed, run->passed_length};
    if (run->kind == MIG_TASK_APPLY)
        mig_plan_apply(mig, &run->arena, &run->state, &target, &run->plan);
    else
        mig_plan_rollback(mig, &run->arena, &run->state, &target, &run->plan);
}

/*
 * Read the state and make the plan from it.  Without the lock, what others
 * write meanwhile has a number above the one that is read first, so that the
 * plan is made anew under the lock.
 */
static void
make_plan(MigRun *run)
{
    Mig *mig = run->mig;
    MigBytes project;

    mig_run_close_ready(run);
    mig_hooks_close(mig, &run->hooks);
    do
    {
        project = mig->settings->project;
        mig_arena_release(&run->arena);
        mig_state_read(mig, &run->arena, &run->state);
        if (mig_ok(mig))
            mig_settings_read(mig);
    } while (mig_ok(mig) && !mig_bytes_equal(project, mig->settings->project));
    if (mig_ok(mig))
        plan_tasks(run);
    mig_run_add_hooks(run);
    mig_run_read_unfinished(run);
    if (!mig_ok(mig))
        return;
    run->planned = true;
    run->next = 0;
    run->alone_until = 0;
    run->seq = run->state.seq;
}

/*
 * Fail, before anything is run, when a task of the plan has what this way of
 * calling cannot run; it would undo hours of work of those before it.
 */
static void
require_all_runnable(MigRun *run)
{
    Mig *mig = run->mig;

    if (mig->host->methods->run_outside == NULL || run->own_commit)
        return;
    for (size_t i = 0; i < run->plan.count && mig_ok(mig); i++)
    {
        MigTask task;

        mig_run_require_not_begun(run, run->plan.steps[i]);
        /* A single one is looked at when it is run; so is each where a
         * failure leaves those before it done. */
        if (run->plan.count == 1)
            return;
        if (mig->host->methods->outside_apply == NULL)
            continue;
        mig_task_open(mig, run->kind, run->plan.steps[i], &task);
        mig_task_hook(&task, &run->hooks);
        mig_task_require_runnable(mig, &task);
        mig_task_close(mig, &task);
    }
}

/* Know what the schema is before the first of the tasks to come changes it; a
 * catalogue of an older layout gets the tables for that. */
static void
begin_record(MigRun *run)
{
    Mig *mig = run->mig;

    if (!mig->host->records)
        (void) mig->host->methods->catalogue_create(mig->host, mig->error);
    mig->record->resumes = mig_run_is_unclear(run);
    mig_record_begin(mig);
    run->noted = run->noted || run->seq != mig_catalogue_number(mig);
    run->seq = mig_catalogue_number(mig);
}

/* Begin a group: take the lock, and look whether the plan still holds. */
static void
begin_group(MigRun *run)
{
    Mig *mig = run->mig;

    if (!mig_ok(mig))
        return;
    run->own_commit = mig->host->methods->commits(mig->host);
    mig->queue = run->own_commit && mig->host->methods->shares_commits
                     ? &run->queue
                     : NULL;
    mig_lock(mig);
    run->locked = mig_ok(mig);
    mig_chain_read(mig);
    if (mig_ok(mig) && (!run->planned || mig_catalogue_number(mig) != run->seq))
    {
        mig_record_abandon(mig);
        make_plan(run);
    }
    if (mig_ok(mig) && run->done == 0)
        require_all_runnable(run);
    run->group = run->next;
    /* Before the events that go with the group, when that is undone. */
    run->group_seq = run->seq;
    mig_run_enter(run);
    if (mig_ok(mig) && run->next < run->plan.count)
        begin_record(run);
    run->group_began = mig->host->methods->ticks(mig->host);
}

/* End a group: what is finished is kept. */
static void
end_group(MigRun *run)
{
    if (!run->locked)
        return;
    run->locked = false;
    /* A commit may have to wait for readers: not for nothing. */
    if (run->own_commit && run->next == run->group && !run->noted &&
        !run->confirms)
    {
        mig_abandon(run->mig);
        return;
    }
    /* In the caller's transaction each task has looked at that. */
    if (run->own_commit)
        mig_require_intact(run->mig);
    run->noted = false;
    mig_release(run->mig);
    if (mig_ok(run->mig))
    {
        run->confirms = false;
        mig_run_announce(run);
    }
    else if (run->own_commit)
        mig_run_group_lost(run);
    run->group = run->next;
}

/*
 * Put in force what must be so around a task, for which the lock is given back
 * and taken again.
 *
 * Returns whether the task can run now.  It cannot when that failed, when
 * others were faster, or when the group before it had to be ended first.
 */
static bool
surround_task(MigRun *run, MigTask *task)
{
    Mig *mig = run->mig;
    int64_t seq = run->seq;
    bool begun = run->next > run->group;

    if (run->own_commit)
        end_group(run);
    if (!mig_ok(mig) || (begun && run->own_commit))
        return false;
    mig_task_surround(mig, task);
    if (!mig_ok(mig))
    {
        run->locked = false;
        (void) mig_run_conclude(run, task,
                                run->own_commit ? MIG_ROLLED_BACK : MIG_HELD);
        return false;
    }
    if (run->own_commit)
        begin_group(run);
    return mig_ok(mig) && run->seq == seq;
}

/* Whether the group has lasted long enough, or may hold but one task. */
static bool
group_is_over(const MigRun *run, bool alone)
{
    Mig *mig = run->mig;
    int64_t lasted;

    if (!run->own_commit)
        return false;
    if (alone || run->next < run->alone_until)
        return true;
    if (run->together && run->alone + 1 != run->next)
        return false;
    if (!mig->host->methods->shares_commits)
        return true;
    lasted = mig->host->methods->ticks(mig->host) - run->group_began;
    return lasted >= mig_setting_ms(mig, "commit_every") * 1000;
}

void
mig_run_pass(MigRun *run, const MigEntry *entry)
{
    MigBytes passed = {run->passed, run->passed_length};

    if (entry->position.length > MIG_POSITION_MAX ||
        (passed.length > 0 &&
         mig_position_compare(entry->position, passed) <= 0))
        return;
    memcpy(run->passed, entry->position.data, entry->position.length);
    run->passed_length = entry->position.length;
}

/* Count a task that has run, or whose migration is passed over. */
static void
count_task(MigRun *run, const MigTask *task)
{
    MigVerdict verdict = task->steps[0].verdict;
    MigEntry *entry = &run->state.entries[task->entry - run->state.entries];

    if (task->entry->hook)
        return;
    if (run->kind != MIG_TASK_APPLY)
    {
        run->done++;
        return;
    }
    mig_run_pass(run, entry);
    entry->passed_over = verdict == MIG_VERDICT_PASS_OVER;
    entry->told = verdict != MIG_VERDICT_RUN;
    run->done += !entry->passed_over;
    run->uncounted += !entry->passed_over && mig_entry_runs_always(entry);
}

/* Count a task that has run, and end the group when it is time. */
static void
finish_task(MigRun *run, MigTask *task)
{
    bool around = task->around;

    count_task(run, task);
    mig_task_close(run->mig, task);
    run->ready_first++;
    run->next++;
    run->attempts = 0;
    run->seq = mig_catalogue_number(run->mig);
    if (group_is_over(run, around))
        end_group(run);
    else if (!run->own_commit)
        mig_run_announce(run);
}

/* Let others see which task is being run. */
static void
show_progress(const MigRun *run, const MigTask *task)
{
    const MigHostMethods *methods = run->mig->host->methods;
    char message[100];

    if (methods->progress == NULL || !run->own_commit)
        return;
    (void) snprintf(message, sizeof(message), "migrate: %.*s%s%zu of %zu: %.*s",
                    (int) mig_cut(run->mig->settings->target, 20).length,
                    run->mig->settings->target.data,
                    run->mig->settings->target.length > 0 ? ": " : "",
                    run->next + 1, run->plan.count,
                    (int) mig_cut(task->entry->version, 40).length,
                    task->entry->version.data);
    methods->progress(run->mig->host, message);
}

/* Run the task to come in several transactions. */
static void
run_staged(MigRun *run, MigTask *task)
{
    Mig *mig = run->mig;

    /* What is before it is kept whatever becomes of it. */
    if (run->next > run->group || run->noted || run->confirms)
    {
        end_group(run);
        return;
    }
    if (task->around && !surround_task(run, task))
    {
        mig->host->methods->surround_end(mig->host);
        return;
    }
    mig_staged_run(mig, task);
    run->locked = false;
    if (mig_ok(mig))
    {
        finish_task(run, task);
        mig_run_announce(run);
    }
    else if (!mig_run_retries(run, task))
        (void) mig_run_conclude(run, task, MIG_ROLLED_BACK);
    mig->host->methods->surround_end(mig->host);
}

/* Run the task to come, or only make ready for it. */
static void
run_next(MigRun *run)
{
    Mig *mig = run->mig;
    MigTask *task = next_task(run);
    bool around = task->around;
    bool ready = true;

    if (mig_ok(mig))
        show_progress(run, task);
    mig_task_require_runnable(mig, task);
    if (mig_staged_needed(mig, task, mig_run_is_unfinished(run, task->entry)))
    {
        run_staged(run, task);
        return;
    }
    if (mig_ok(mig) && around)
        ready = surround_task(run, task);
    if (ready)
    {
        mig_record_begin(mig);
        mig_task_run(mig, task);
        if (mig_ok(mig))
            finish_task(run, task);
        else if (!mig_run_retries(run, task) && !mig_run_separates(run) &&
                 !mig_run_tolerates(run, task))
            mig_run_failed(run, task);
    }
    /* What holds around a transaction can only be put back outside of one. */
    if (around && run->own_commit)
        end_group(run);
    mig->host->methods->surround_end(mig->host);
}

/* Run all tasks towards the target, in groups. */
static void
run_tasks(MigRun *run)
{
    Mig *mig = run->mig;

    while (mig_ok(mig))
    {
        bool finished = run->planned && run->next >= run->plan.count;

        if (finished && !run->locked)
            break;
        if (finished)
            end_group(run); /* which may be to be repeated */
        else if (!run->locked)
            begin_group(run);
        else
            run_next(run);
    }
}

/*
 * Run what a target asks for.
 *
 * function  SQL name of the caller, for messages
 * together  in one commit where that is possible, without a word on each
 *
 * Returns how many tasks were done.
 */
static int64_t
run_to(Mig *mig, const char *function, MigTaskKind kind, bool together,
       MigBytes target)
{
    MigRun run;
    MigRecord record;

    memset(&run, 0, sizeof(run));
    mig_record_open(mig, &record);
    run.together = together;
    run.alone = SIZE_MAX;
    run.mig = mig;
    run.kind = kind;
    run.function = function;
    run.target = target;
    run.arena.host = mig->host;
    run.queue.arena.host = mig->host;
    run.hooks.arena.host = mig->host;
    /* With nothing to apply no lock is waited for, and none is needed; nor is
     * there anything to take precautions for. */
    if (mig_precautions_wanted(mig))
        mig_require_writable(mig, function);
    if (kind == MIG_TASK_APPLY || mig_precautions_wanted(mig))
        make_plan(&run);
    if (mig_ok(mig) && (!run.planned || run.plan.count > 0))
    {
        mig_require_writable(mig, function);
        run.unready = mig_ok(mig) && mig_guard_lacks_confirm(mig);
        if (!run.unready)
            mig_precautions_take(mig, kind, target);
        run_tasks(&run);
        mig_abandon(mig);
        if (mig->host->methods->progress != NULL)
            mig->host->methods->progress(mig->host, NULL);
    }
    mig_run_close_ready(&run);
    mig_hooks_close(mig, &run.hooks);
    mig_arena_release(&run.arena);
    mig_arena_release(&run.queue.arena);
    mig->queue = NULL;
    mig_record_close(mig);
    return run.done;
}

/* Apply; see mig_run_apply() and mig_run_apply_together(). */
static int64_t
apply(Mig *mig, const char *function, bool together, MigBytes target)
{
    mig_require_alone(mig, function);
    if (!mig_ok(mig) ||
        (mig_bytes_equal(target, mig_bytes("head")) && !mig_state_probe(mig)))
        return 0;
    return run_to(mig, function, MIG_TASK_APPLY, together, target);
}

int64_t
mig_run_apply(Mig *mig, const char *function, MigBytes target)
{
    return apply(mig, function, false, target);
}

int64_t
mig_run_apply_together(Mig *mig, const char *function, MigBytes target)
{
    return apply(mig, function, true, target);
}

int64_t
mig_run_rollback(Mig *mig, const char *function, MigBytes target)
{
    return run_to(mig, function, MIG_TASK_ROLLBACK, false, target);
}

int64_t
mig_run_redo(Mig *mig)
{
    MigBytes none = {NULL, 0};

    return run_to(mig, "migrate_redo", MIG_TASK_REDO, false, none);
}

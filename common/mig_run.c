#include "mig_run.h"

#include <stdio.h>

#include "mig_plan.h"
#include "mig_setting.h"
#include "mig_task.h"

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
 * alone.
 */
#define READ_AHEAD 64                       /* tasks */
#define READ_AHEAD_BYTES ((size_t) 1 << 20) /* of their texts */

typedef struct Run
{
    Mig *mig;
    MigTaskKind kind;
    MigBytes target;
    MigQueue queue;            /* records and events of the group */
    MigTask ready[READ_AHEAD]; /* tasks to come that are open already */
    size_t ready_first;        /* the next of them */
    size_t ready_count;        /* how many there were */
    MigArena arena;            /* of state and plan */
    MigState state;
    MigPlan plan;
    bool planned;
    bool locked;
    bool own_commit;     /* the host commits by itself */
    size_t next;         /* task to come, in plan */
    size_t group;        /* first task of the group */
    size_t alone_until;  /* tasks below it get a commit each */
    int64_t group_began; /* ticks */
    int64_t seq;         /* newest event that this run knows of */
    int64_t group_seq;   /* the same when the group began */
    int64_t done;        /* tasks finished */
} Run;

/* Close the tasks that were opened ahead. */
static void
close_ready(Run *run)
{
    while (run->ready_first < run->ready_count)
        mig_task_close(run->mig, &run->ready[run->ready_first++]);
    run->ready_first = 0;
    run->ready_count = 0;
}

/*
 * Open the tasks to come, as many as the memory for it allows.  One that fails
 * ends it, and is opened again when its turn comes.
 */
static void
open_ready(Run *run)
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
        if (!mig_ok(mig) && run->ready_count > 0)
        {
            mig_task_close(mig, task);
            mig_error_clear(mig->error);
            return;
        }
        run->ready_count++;
        bytes += mig_task_size(task);
    }
}

/* The task to come, opened; it may have failed to open. */
static MigTask *
next_task(Run *run)
{
    if (run->ready_first == run->ready_count)
    {
        close_ready(run);
        open_ready(run);
    }
    return &run->ready[run->ready_first];
}

/* Make the plan from the state. */
static void
plan_tasks(Run *run)
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
        target.steps -= target.steps > run->done ? run->done : target.steps;
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
make_plan(Run *run)
{
    Mig *mig = run->mig;
    MigBytes project;

    close_ready(run);
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
    if (!mig_ok(mig))
        return;
    run->planned = true;
    run->next = 0;
    run->alone_until = 0;
    run->seq = run->state.seq;
}

/* Begin a group: take the lock, and look whether the plan still holds. */
static void
begin_group(Run *run)
{
    Mig *mig = run->mig;

    if (!mig_ok(mig))
        return;
    run->own_commit = mig->host->methods->commits(mig->host);
    mig->queue = run->own_commit ? &run->queue : NULL;
    mig_lock(mig);
    run->locked = mig_ok(mig);
    mig_chain_read(mig);
    if (mig_ok(mig) && (!run->planned || mig->chain.seq != run->seq))
        make_plan(run);
    run->group = run->next;
    run->group_seq = run->seq;
    run->group_began = mig->host->methods->ticks(mig->host);
}

/* Tell the user what was done with a migration. */
static void
announce_entry(Mig *mig, const char *done, const MigEntry *entry)
{
    char message[400];

    (void) snprintf(message, sizeof(message), "%s %.*s%s%.*s", done,
                    (int) entry->version.length, entry->version.data,
                    entry->name.length > 0 ? " " : "",
                    (int) mig_cut(entry->name, 150).length, entry->name.data);
    mig->host->methods->notice(mig->host, MIG_NOTICE, message);
}

/* Tell the user of the tasks of the group that are finished. */
static void
announce(Run *run)
{
    static const char *const done[] = {[MIG_TASK_APPLY] = "applied",
                                       [MIG_TASK_ROLLBACK] = "rolled back",
                                       [MIG_TASK_REDO] = "redone"};

    for (size_t i = run->group; i < run->next; i++)
        announce_entry(run->mig, done[run->kind], run->plan.steps[i]);
    run->group = run->next;
}

/* Whether a failure lets anything more be tried in this call. */
static bool
can_go_on(const Mig *mig)
{
    return mig->error->status != MIG_INTERRUPTED &&
           mig->error->status != MIG_NOMEM;
}

/* Add a failed attempt to the history, under a lock of its own; if it can. */
static void
record_failure(Mig *mig, const MigTask *task)
{
    const MigHostMethods *methods = mig->host->methods;
    MigError failure = *mig->error;

    if (methods->outlives_failure == NULL ||
        !methods->outlives_failure(mig->host) || !can_go_on(mig))
        return;
    mig_error_clear(mig->error);
    mig_lock(mig);
    if (mig_ok(mig))
        mig_task_record_failure(mig, task, failure.message);
    mig_release(mig);
    mig_abandon(mig);
    *mig->error = failure;
}

/* Say what has become of migrations that had finished before the failed one. */
static void
hint_lost(Run *run, MigTransactionEnd end)
{
    size_t count = run->next - run->group;

    if (run->own_commit && count > 0)
        mig_fail_hint(run->mig->error,
                      "%zu migration%s that had finished before it in the "
                      "same commit %s%s.",
                      count, count == 1 ? "" : "s", count == 1 ? "was" : "were",
                      end == MIG_COMMITTED ? " kept, but could not be recorded"
                                           : " undone as well");
}

/* Go back to the first task of the group, to give each a commit of its own. */
static void
repeat_alone(Run *run, size_t until)
{
    mig_error_clear(run->mig->error);
    mig_abandon(run->mig);
    run->done -= (int64_t) (run->next - run->group);
    run->alone_until = until;
    run->next = run->group;
    run->seq = run->group_seq;
    run->locked = false;
    close_ready(run);
}

/* Name the migration that could not be committed, and record its failure. */
static void
fail_at_end(Run *run, const MigEntry *entry)
{
    Mig *mig = run->mig;
    MigError failure;
    MigTask task;

    mig_fail_prefix(mig->error, "migration \"%.*s\" failed at its end: ",
                    (int) entry->version.length, entry->version.data);
    failure = *mig->error;
    mig_error_clear(mig->error);
    mig_task_open(mig, run->kind, entry, &task);
    *mig->error = failure;
    task.at = task.count - 1;
    record_failure(mig, &task);
    mig_task_close(mig, &task);
}

/*
 * Decide what follows a group that could not be committed: each of its tasks
 * again, alone; or, when there is only one, the end.
 */
static void
handle_lost_group(Run *run)
{
    Mig *mig = run->mig;
    size_t count = run->next - run->group;

    mig_abandon(mig);
    /* Others who read for too long would be waited for again each time. */
    if (mig->error->status == MIG_LOCKED)
        return;
    if (!can_go_on(mig))
        hint_lost(run, MIG_ROLLED_BACK);
    else if (count > 1)
        repeat_alone(run, run->next);
    else
        fail_at_end(run, run->plan.steps[run->group]);
}

/* End a group: what is finished is kept. */
static void
end_group(Run *run)
{
    if (!run->locked)
        return;
    run->locked = false;
    /* A commit may have to wait for readers: not for nothing. */
    if (run->own_commit && run->next == run->group)
    {
        mig_abandon(run->mig);
        return;
    }
    /* In the caller's transaction each task has looked at that. */
    if (run->own_commit)
        mig_require_intact(run->mig);
    mig_release(run->mig);
    if (mig_ok(run->mig))
        announce(run);
    else if (run->own_commit)
        handle_lost_group(run);
    run->group = run->next;
}

/*
 * Record the finished tasks of a group that was committed without their
 * records.  Their numbers are new: others may have written since.
 */
static void
record_finished(Run *run)
{
    Mig *mig = run->mig;

    mig_lock(mig);
    for (size_t i = run->group; i < run->next && mig_ok(mig); i++)
    {
        MigTask task;

        mig_task_open(mig, run->kind, run->plan.steps[i], &task);
        mig_task_record(mig, &task);
        mig_task_close(mig, &task);
    }
}

/*
 * Give back the lock after a task has failed, and add the failed attempt to the
 * history; what was finished before it is kept where that is possible.
 *
 * end  what has become of the transaction
 *
 * Returns whether it is kept.
 */
static bool
conclude_failure(Run *run, const MigTask *task, MigTransactionEnd end)
{
    Mig *mig = run->mig;
    MigError failure = *mig->error;
    bool kept = false;

    if (end != MIG_ROLLED_BACK && run->next > run->group && can_go_on(mig))
    {
        mig_error_clear(mig->error);
        if (end == MIG_COMMITTED)
            record_finished(run);
        mig_release(mig);
        kept = mig_ok(mig);
        *mig->error = failure;
    }
    mig_abandon(mig);
    record_failure(mig, task);
    return kept;
}

/*
 * Decide what follows a failed task: the group's finished ones again when the
 * engine has undone them with it, else the end.
 */
static void
handle_failure(Run *run, const MigTask *task)
{
    Mig *mig = run->mig;
    MigTransactionEnd end = mig->host->methods->transaction_end(mig->host);
    bool kept = false;

    if (end == MIG_ROLLED_BACK && run->own_commit && run->next > run->group &&
        can_go_on(mig))
    {
        repeat_alone(run, run->next + 1);
        return;
    }
    run->locked = false;
    if (end == MIG_HELD || run->own_commit)
        kept = conclude_failure(run, task, end);
    else
        mig_abandon(mig);
    if (kept)
        announce(run);
    else if (run->own_commit)
        hint_lost(run, end);
    else if (end == MIG_ROLLED_BACK)
        mig_fail_hint(mig->error,
                      "The engine has rolled back the whole transaction that "
                      "was open, with all that was done in it before.");
}

/*
 * Put in force what must be so around a task, for which the lock is given back
 * and taken again.
 *
 * Returns whether the task can run now.  It cannot when that failed, when
 * others were faster, or when the group before it had to be ended first.
 */
static bool
surround_task(Run *run, MigTask *task)
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
        (void) conclude_failure(run, task,
                                run->own_commit ? MIG_ROLLED_BACK : MIG_HELD);
        return false;
    }
    if (run->own_commit)
        begin_group(run);
    return mig_ok(mig) && run->seq == seq;
}

/* Whether the group has lasted long enough, or may hold but one task. */
static bool
group_is_over(const Run *run, bool alone)
{
    Mig *mig = run->mig;
    int64_t lasted;

    if (!run->own_commit)
        return false;
    if (alone || run->next < run->alone_until)
        return true;
    lasted = mig->host->methods->ticks(mig->host) - run->group_began;
    return lasted >= mig_setting_ms(mig, "commit_every") * 1000;
}

/* Count a task that has run, and end the group when it is time. */
static void
finish_task(Run *run, MigTask *task)
{
    bool around = task->around;

    mig_task_close(run->mig, task);
    run->ready_first++;
    run->next++;
    run->done++;
    run->seq = run->mig->chain.seq;
    if (group_is_over(run, around))
        end_group(run);
    else if (!run->own_commit)
        announce(run);
}

/* Run the task to come. */
static void
run_next(Run *run)
{
    Mig *mig = run->mig;
    MigTask *task = next_task(run);
    bool around = task->around;
    bool ready = true;

    mig_task_require_runnable(mig, task);
    if (mig_ok(mig) && around)
        ready = surround_task(run, task);
    if (ready)
    {
        mig_task_run(mig, task);
        if (mig_ok(mig))
            finish_task(run, task);
        else
            handle_failure(run, task);
    }
    /* What holds around a transaction can only be put back outside of one. */
    if (around && run->own_commit)
        end_group(run);
    mig->host->methods->surround_end(mig->host);
}

/* Run all tasks towards the target, in groups. */
static void
run_tasks(Run *run)
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
 *
 * Returns how many tasks were done.
 */
static int64_t
run_to(Mig *mig, const char *function, MigTaskKind kind, MigBytes target)
{
    Run run;

    memset(&run, 0, sizeof(run));
    run.mig = mig;
    run.kind = kind;
    run.target = target;
    run.arena.host = mig->host;
    run.queue.arena.host = mig->host;
    /* With nothing to apply no lock is waited for, and none is needed. */
    if (kind == MIG_TASK_APPLY)
        make_plan(&run);
    if (mig_ok(mig) && (!run.planned || run.plan.count > 0))
    {
        mig_require_writable(mig, function);
        run_tasks(&run);
        mig_abandon(mig);
    }
    close_ready(&run);
    mig_arena_release(&run.arena);
    mig_arena_release(&run.queue.arena);
    mig->queue = NULL;
    return run.done;
}

int64_t
mig_run_apply(Mig *mig, const char *function, MigBytes target)
{
    mig_require_alone(mig, function);
    if (!mig_ok(mig) ||
        (mig_bytes_equal(target, mig_bytes("head")) && !mig_state_probe(mig)))
        return 0;
    return run_to(mig, function, MIG_TASK_APPLY, target);
}

int64_t
mig_run_rollback(Mig *mig, MigBytes target)
{
    return run_to(mig, "migrate_rollback", MIG_TASK_ROLLBACK, target);
}

int64_t
mig_run_redo(Mig *mig)
{
    MigBytes none = {NULL, 0};

    return run_to(mig, "migrate_redo", MIG_TASK_REDO, none);
}

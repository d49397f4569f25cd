#include "mig_run.h"

#include <stdio.h>

#include "mig_plan.h"
#include "mig_setting.h"
#include "mig_step.h"
#include "mig_write.h"

/*
 * How a run goes
 *
 * The lock is taken for a group of consecutive steps, each a unit of its own,
 * and given back when the setting commit_every has passed: that is the commit,
 * where the host commits by itself.  After each locking the newest event tells
 * whether somebody else has written meanwhile; then the plan is made anew, so
 * that each migration runs once however many run at the same time.
 *
 * When the engine throws the whole transaction away in the middle of a group,
 * the group's finished steps are run again one commit each, and the failing one
 * alone, so that only its own work is lost.
 *
 * A step with statements that must be in force around its transaction stands
 * alone.
 */
#define READ_AHEAD 64                       /* steps */
#define READ_AHEAD_BYTES ((size_t) 1 << 20) /* of their texts */

typedef struct Run
{
    Mig *mig;
    MigQueue queue;            /* records and events of the group */
    MigStep ready[READ_AHEAD]; /* steps to come that are open already */
    size_t ready_first;        /* the next of them */
    size_t ready_count;        /* how many there were */
    MigDirection direction;
    MigBytes target;
    MigArena arena; /* of state and plan */
    MigState state;
    MigPlan plan;
    bool planned;
    bool locked;
    bool own_commit;     /* the host commits by itself */
    size_t next;         /* step to come, in plan */
    size_t group;        /* first step of the group */
    size_t alone_until;  /* steps below it get a commit each */
    int64_t group_began; /* ticks */
    int64_t seq;         /* newest event that this run knows of */
    int64_t group_seq;   /* the same when the group began */
    int64_t done;        /* steps finished */
} Run;

/* Close the steps that were opened ahead. */
static void
close_ready(Run *run)
{
    while (run->ready_first < run->ready_count)
        mig_step_close(run->mig, &run->ready[run->ready_first++]);
    run->ready_first = 0;
    run->ready_count = 0;
}

/*
 * Open the steps to come, as many as the memory for it allows.  One that fails
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
        MigStep *step = &run->ready[run->ready_count];

        mig_step_open(mig, run->direction,
                      run->plan.steps[run->next + run->ready_count], step);
        if (!mig_ok(mig) && run->ready_count > 0)
        {
            mig_step_close(mig, step);
            mig_error_clear(mig->error);
            return;
        }
        run->ready_count++;
        bytes += mig_step_size(step);
    }
}

/* The step to come, opened; it may have failed to open. */
static MigStep *
next_step(Run *run)
{
    if (run->ready_first == run->ready_count)
    {
        close_ready(run);
        open_ready(run);
    }
    return &run->ready[run->ready_first];
}

/* Read the state and make the plan from it; the lock is held. */
static void
make_plan(Run *run)
{
    Mig *mig = run->mig;
    MigTarget target;

    close_ready(run);
    mig_arena_release(&run->arena);
    mig_settings_read(mig);
    mig_state_read(mig, &run->arena, &run->state);
    mig_target_read(mig, &run->state, run->target,
                    run->direction == MIG_FORWARD, &target);
    if (!mig_ok(mig))
        return;
    /* A number of steps counts from where the run began. */
    if (run->planned &&
        (target.kind == MIG_TARGET_FORWARD || target.kind == MIG_TARGET_BACK))
        target.steps -= target.steps > run->done ? run->done : target.steps;
    if (run->direction == MIG_FORWARD)
        mig_plan_apply(mig, &run->arena, &run->state, &target, &run->plan);
    else
        mig_plan_rollback(mig, &run->arena, &run->state, &target, &run->plan);
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

/* Tell the user of the steps of the group that are finished. */
static void
announce(Run *run)
{
    for (size_t i = run->group; i < run->next; i++)
        announce_entry(
            run->mig, run->direction == MIG_FORWARD ? "applied" : "rolled back",
            run->plan.steps[i]);
    run->group = run->next;
}

/* End a group: what is finished is kept. */
static void
end_group(Run *run)
{
    if (!run->locked)
        return;
    mig_release(run->mig);
    run->locked = false;
    if (mig_ok(run->mig))
        announce(run);
    run->group = run->next;
}

/* Run a step in its unit. */
static void
run_unit(Run *run, MigStep *step)
{
    Mig *mig = run->mig;
    MigMark mark;

    mig_unit_begin(mig, &mark);
    if (!mig_ok(mig))
        return;
    mig_step_run(mig, step);
    if (mig_ok(mig) &&
        mig->host->methods->unit_keep(mig->host, mig->error) != MIG_OK)
        mig_fail_prefix(mig->error, "migration \"%.*s\" failed at its end: ",
                        (int) step->entry->version.length,
                        step->entry->version.data);
    if (!mig_ok(mig))
        mig_unit_undo(mig, &mark);
}

/* Whether a failure lets anything more be written in this call. */
static bool
can_record(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    return methods->outlives_failure != NULL &&
           methods->outlives_failure(mig->host) &&
           mig->error->status != MIG_INTERRUPTED &&
           mig->error->status != MIG_NOMEM;
}

/*
 * Give back the lock after a step has failed: keep what was finished before
 * it, add the failed attempt to the history, and leave the failure recorded.
 *
 * lost  whether the engine has undone everything since the lock, and given it
 *       back
 *
 * Returns whether what was finished before is kept.
 */
static bool
conclude_failure(Mig *mig, const MigStep *step, bool lost)
{
    MigError failure = *mig->error;
    bool kept;

    if (!can_record(mig))
    {
        mig_abandon(mig);
        return false;
    }
    mig_error_clear(mig->error);
    if (lost)
        mig_lock(mig);
    mig_step_record_failure(mig, step, failure.message);
    mig_release(mig);
    kept = mig_ok(mig);
    mig_abandon(mig);
    *mig->error = failure;
    return kept;
}

/*
 * Decide what follows a failed step: the group's finished steps again when the
 * engine has undone them with it, else the end.
 */
static void
handle_failure(Run *run, const MigStep *step)
{
    Mig *mig = run->mig;
    bool lost = mig->host->methods->transaction_lost(mig->host);

    if (lost && run->own_commit && run->next > run->group &&
        mig->error->status != MIG_INTERRUPTED &&
        mig->error->status != MIG_NOMEM)
    {
        mig_error_clear(mig->error);
        mig->has_chain = false;
        run->done -= (int64_t) (run->next - run->group);
        run->alone_until = run->next + 1;
        run->next = run->group;
        run->seq = run->group_seq;
        run->locked = false;
        close_ready(run);
        return;
    }
    run->locked = false;
    if (lost && !run->own_commit)
    {
        mig_fail_hint(mig->error,
                      "The engine has rolled back the whole transaction that "
                      "was open, with all that was done in it before.");
        mig_abandon(mig);
    }
    else if (conclude_failure(mig, step, lost))
        announce(run);
}

/*
 * Put in force what must be so around a step, for which the lock is given back
 * and taken again.
 *
 * Returns whether the step can run now.  It cannot when that failed, when
 * others were faster, or when the group before it had to be ended first.
 */
static bool
surround_step(Run *run, const MigStep *step)
{
    Mig *mig = run->mig;
    int64_t seq = run->seq;

    if (run->next > run->group && run->own_commit)
    {
        end_group(run);
        return false;
    }
    if (run->own_commit)
        end_group(run);
    mig_work_surround(mig, &step->work);
    if (!mig_ok(mig))
    {
        run->locked = false;
        (void) conclude_failure(mig, step, run->own_commit);
        return false;
    }
    if (run->own_commit)
        begin_group(run);
    return mig_ok(mig) && run->seq == seq;
}

/* Whether the group has lasted long enough, or may hold but one step. */
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

/* Count a step that has run, and end the group when it is time. */
static void
finish_step(Run *run, MigStep *step)
{
    bool around = step->work.around;

    mig_step_close(run->mig, step);
    run->ready_first++;
    run->next++;
    run->done++;
    run->seq = run->mig->chain.seq;
    if (group_is_over(run, around))
        end_group(run);
    else if (!run->own_commit)
        announce(run);
}

/* Run the step to come. */
static void
run_next(Run *run)
{
    Mig *mig = run->mig;
    MigStep *step = next_step(run);
    bool around = step->work.around;
    bool ready = true;

    mig_work_require_runnable(mig, &step->work);
    if (mig_ok(mig) && around)
        ready = surround_step(run, step);
    if (ready)
    {
        run_unit(run, step);
        if (mig_ok(mig))
            finish_step(run, step);
        else
            handle_failure(run, step);
    }
    mig->host->methods->surround_end(mig->host);
}

/* Run all steps towards the target, in groups. */
static int64_t
run_steps(Run *run)
{
    Mig *mig = run->mig;

    while (mig_ok(mig))
    {
        if (!run->locked)
            begin_group(run);
        if (!mig_ok(mig) || run->next >= run->plan.count)
            break;
        run_next(run);
    }
    end_group(run);
    mig_abandon(mig);
    close_ready(run);
    mig_arena_release(&run->arena);
    mig_arena_release(&run->queue.arena);
    mig->queue = NULL;
    return run->done;
}

/* Set up a run; returns false when nothing can be done or nothing is there. */
static bool
run_begin(Run *run, Mig *mig, const char *function, MigDirection direction,
          MigBytes target)
{
    memset(run, 0, sizeof(*run));
    run->mig = mig;
    run->direction = direction;
    run->target = target;
    run->arena.host = mig->host;
    run->queue.arena.host = mig->host;
    mig_require_writable(mig, function);
    return mig_ok(mig);
}

/* Check a target against the state as it is, without the lock. */
static void
check_target(Mig *mig, MigBytes target)
{
    MigArena arena = {mig->host, NULL};
    MigState state;
    MigTarget read;
    MigPlan unused;

    mig_state_read(mig, &arena, &state);
    mig_target_read(mig, &state, target, true, &read);
    mig_plan_apply(mig, &arena, &state, &read, &unused);
    mig_arena_release(&arena);
}

int64_t
mig_run_apply(Mig *mig, const char *function, MigBytes target)
{
    Run run;

    if (!run_begin(&run, mig, function, MIG_FORWARD, target))
        return 0;
    if (!mig_state_probe(mig))
    {
        if (mig_ok(mig) && !mig_bytes_equal(target, mig_bytes("head")))
            check_target(mig, target);
        return 0;
    }
    return run_steps(&run);
}

int64_t
mig_run_rollback(Mig *mig, MigBytes target)
{
    Run run;

    if (!run_begin(&run, mig, "migrate_rollback", MIG_BACKWARD, target))
        return 0;
    return run_steps(&run);
}

/* The migration that was applied last, repeatables left out, or NULL. */
static const MigEntry *
newest_applied(const MigState *state)
{
    const MigEntry *newest = NULL;

    for (size_t i = 0; i < state->count; i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (entry->applied && !entry->repeatable &&
            (newest == NULL || entry->ordinal > newest->ordinal))
            newest = entry;
    }
    return newest;
}

/* Fail unless a migration can be rolled back and applied again. */
static void
require_redoable(Mig *mig, const MigEntry *entry)
{
    if (!entry->applied_has_down)
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" has no way back: nothing was "
                        "rolled back",
                        (int) entry->version.length, entry->version.data);
    else if (!entry->present)
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is not in its directory any more",
                        (int) entry->version.length, entry->version.data);
}

/*
 * Put in force what must be so around a redo, for which the lock is given back
 * and taken again; fails when others have written meanwhile.
 */
static void
surround_redo(Mig *mig, const MigStep *back, const MigStep *forward)
{
    bool commits = mig->host->methods->commits(mig->host);
    int64_t seq;

    if (!mig_ok(mig) || (!back->work.around && !forward->work.around))
        return;
    mig_chain_read(mig);
    seq = mig->chain.seq;
    if (commits)
        mig_release(mig);
    mig_work_surround(mig, &back->work);
    mig_work_surround(mig, &forward->work);
    if (commits)
        mig_lock(mig);
    mig_chain_read(mig);
    if (mig_ok(mig) && mig->chain.seq != seq)
    {
        (void) mig_fail(mig->error, MIG_LOCKED,
                        "another run came in between: nothing was done");
        mig_fail_hint(mig->error, "Call migrate_redo() again.");
    }
}

/* Run both steps of a redo in one unit; returns the step that failed. */
static MigStep *
redo_steps(Mig *mig, MigStep *back, MigStep *forward)
{
    const MigHostMethods *methods = mig->host->methods;
    MigEntry undone = *forward->entry;
    MigStep *current = back;
    MigMark mark;

    mig_unit_begin(mig, &mark);
    if (!mig_ok(mig))
        return current;
    mig_step_run(mig, back);
    if (mig_ok(mig))
    {
        undone.applied = false;
        forward->entry = &undone;
        current = forward;
        mig_step_run(mig, forward);
        forward->entry = back->entry;
    }
    if (mig_ok(mig))
        (void) methods->unit_keep(mig->host, mig->error);
    if (!mig_ok(mig))
        mig_unit_undo(mig, &mark);
    return current;
}

/* Redo a migration, the lock being held. */
static void
redo_entry(Mig *mig, const MigEntry *entry)
{
    const MigHostMethods *methods = mig->host->methods;
    MigStep back;
    MigStep forward;
    MigStep *current = NULL;

    mig_step_open(mig, MIG_BACKWARD, entry, &back);
    mig_step_open(mig, MIG_FORWARD, entry, &forward);
    mig_work_require_runnable(mig, &back.work);
    mig_work_require_runnable(mig, &forward.work);
    surround_redo(mig, &back, &forward);
    if (mig_ok(mig))
        current = redo_steps(mig, &back, &forward);
    mig_release(mig);
    if (!mig_ok(mig) && current != NULL)
        (void) conclude_failure(mig, current,
                                methods->transaction_lost(mig->host));
    if (mig_ok(mig))
        announce_entry(mig, "redone", entry);
    methods->surround_end(mig->host);
    mig_step_close(mig, &back);
    mig_step_close(mig, &forward);
}

int64_t
mig_run_redo(Mig *mig)
{
    MigArena arena = {mig->host, NULL};
    MigState state;
    const MigEntry *entry;

    mig_require_writable(mig, "migrate_redo");
    if (!mig_ok(mig))
        return 0;
    mig_lock(mig);
    mig_state_read(mig, &arena, &state);
    entry = newest_applied(&state);
    if (entry == NULL)
        (void) mig_fail(mig->error, MIG_STATE, "no migration is applied");
    else
        require_redoable(mig, entry);
    if (mig_ok(mig) && entry != NULL)
        redo_entry(mig, entry);
    mig_abandon(mig);
    mig_arena_release(&arena);
    return mig_ok(mig) ? 1 : 0;
}

/* Change the record of one migration. */
static void
stamp_entry(Mig *mig, const MigEntry *entry, MigDirection direction,
            const char *action)
{
    MigStep step;

    mig_step_fetch(mig, direction, entry, &step);
    mig_step_record(mig, &step, action);
    mig_step_close(mig, &step);
}

int64_t
mig_run_stamp(Mig *mig, MigBytes target_text)
{
    MigArena arena = {mig->host, NULL};
    MigState state;
    MigTarget target;
    MigPlan plan = {NULL, 0};
    MigMark mark;

    mig_write_begin(mig, "migrate_stamp", &mark);
    mig_state_read(mig, &arena, &state);
    mig_target_read(mig, &state, target_text, false, &target);
    if (mig_ok(mig))
        mig_plan_stamp(mig, &arena, &state, &target, &plan);
    for (size_t i = plan.count; i-- > 0 && mig_ok(mig);)
    {
        if (!mig_entry_pending(plan.steps[i]))
            stamp_entry(mig, plan.steps[i], MIG_BACKWARD, "unstamp");
    }
    for (size_t i = 0; i < plan.count && mig_ok(mig); i++)
    {
        if (mig_entry_pending(plan.steps[i]))
            stamp_entry(mig, plan.steps[i], MIG_FORWARD, "stamp");
    }
    mig_write_end(mig, &mark);
    mig_arena_release(&arena);
    return mig_ok(mig) ? (int64_t) plan.count : 0;
}

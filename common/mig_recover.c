#include "mig_run_parts.h"

#include <stdio.h>

#include "mig_migration.h"
#include "mig_setting.h"

/*
 * What follows a failure in a run: what had finished is kept or run again, the
 * failed attempt goes into the history, or the task is tried again.
 */
#define PAUSE_MS ((int64_t) 500) /* the first; each is twice as long */
#define PAUSE_LONGEST_MS ((int64_t) 30000)

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

void
mig_run_announce(MigRun *run)
{
    static const char *const done[] = {[MIG_TASK_APPLY] = "applied",
                                       [MIG_TASK_ROLLBACK] = "rolled back",
                                       [MIG_TASK_REDO] = "redone"};

    for (size_t i = run->group; i < run->next && !run->together; i++)
    {
        const MigEntry *entry = run->plan.steps[i];

        if (!entry->told)
            announce_entry(run->mig, entry->hook ? "ran hook" : done[run->kind],
                           entry);
    }
    mig_run_note_hooks(run);
    run->group = run->next;
}

/* Whether a failure lets anything more be tried in this call. */
static bool
can_go_on(const Mig *mig)
{
    return mig->error->status != MIG_INTERRUPTED &&
           mig->error->status != MIG_NOMEM;
}

/* Whether a failed attempt can be added to the history. */
static bool
can_record(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    return methods->outlives_failure != NULL &&
           methods->outlives_failure(mig->host) &&
           (can_go_on(mig) || (mig->error->status == MIG_INTERRUPTED &&
                               methods->outlives_interrupt));
}

/* Add a failed attempt to the history, under a lock of its own; if it can. */
static void
record_failure(MigRun *run, const MigTask *task)
{
    Mig *mig = run->mig;
    MigError failure = *mig->error;

    if (!can_record(mig))
        return;
    mig_error_clear(mig->error);
    mig_lock(mig);
    mig_run_confirm_again(run);
    if (mig_ok(mig))
        mig_task_record_failure(mig, task, &failure);
    mig_release(mig);
    run->confirms = run->confirms && !mig_ok(mig);
    mig_abandon(mig);
    *mig->error = failure;
}

/* Say what has become of migrations that had finished before the failed one. */
static void
hint_lost(MigRun *run, MigTransactionEnd end)
{
    size_t count = mig_run_migrations(run, run->group, run->next);

    if (run->own_commit && count > 0)
        mig_fail_hint(run->mig->error,
                      "%zu migration%s that had finished before it in the "
                      "same commit %s%s.",
                      count, count == 1 ? "" : "s", count == 1 ? "was" : "were",
                      end == MIG_COMMITTED ? " kept, but could not be recorded"
                                           : " undone as well");
}

/* Take back the count of the group's tasks, which are to be run again. */
static void
uncount_group(MigRun *run)
{
    for (size_t i = run->group; i < run->next; i++)
    {
        const MigEntry *entry = run->plan.steps[i];

        if (entry->hook)
            continue;
        run->done -= !entry->passed_over;
        run->uncounted -= run->kind == MIG_TASK_APPLY && !entry->passed_over &&
                          mig_entry_runs_always(entry);
    }
    /* What was met is met again. */
    run->passed_length = 0;
}

/* Go back to the first task of the group, to give each a commit of its own. */
static void
repeat_alone(MigRun *run, size_t until)
{
    mig_error_clear(run->mig->error);
    mig_abandon(run->mig);
    uncount_group(run);
    run->alone_until = until;
    run->next = run->group;
    run->seq = run->group_seq;
    run->locked = false;
    mig_run_close_ready(run);
}

/* Name the migration that could not be committed, and record its failure. */
static void
fail_at_end(MigRun *run, const MigEntry *entry)
{
    Mig *mig = run->mig;
    MigError failure;
    MigTask task;

    mig_fail_prefix(mig->error,
                    "%s \"%.*s\" failed at its end: ", mig_entry_noun(entry),
                    (int) entry->version.length, entry->version.data);
    failure = *mig->error;
    mig_error_clear(mig->error);
    mig_task_open(mig, run->kind, entry, &task);
    *mig->error = failure;
    task.at = task.count - 1;
    record_failure(run, &task);
    mig_task_close(mig, &task);
}

void
mig_run_group_lost(MigRun *run)
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

/*
 * Record the finished tasks of a group that was committed without their
 * records.  Their numbers are new: others may have written since.
 */
static void
record_finished(MigRun *run)
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

bool
mig_run_conclude(MigRun *run, const MigTask *task, MigTransactionEnd end)
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
        run->confirms = run->confirms && !kept;
        *mig->error = failure;
    }
    mig_abandon(mig);
    record_failure(run, task);
    return kept;
}

/* Where a statement failed on a schema that another hand has changed, say so:
 * what it did not find may have gone that way. */
static void
hint_drift(Mig *mig)
{
    long long count = mig->record == NULL ? 0 : mig->record->differs;

    if (count > 0 && mig->error->status == MIG_ENGINE &&
        mig->error->hint[0] == '\0')
        mig_fail_hint(mig->error,
                      "%lld object%s from the recorded schema, which may be "
                      "why: SELECT * FROM migrate_drift() shows what another "
                      "hand has changed.",
                      count, count == 1 ? " differs" : "s differ");
}

void
mig_run_failed(MigRun *run, const MigTask *task)
{
    Mig *mig = run->mig;
    MigTransactionEnd end = mig->host->methods->transaction_end(mig->host);
    bool kept = false;

    hint_drift(mig);

    if (end == MIG_ROLLED_BACK && run->own_commit && run->next > run->group &&
        can_go_on(mig))
    {
        repeat_alone(run, run->next + 1);
        return;
    }
    run->locked = false;
    if (end == MIG_HELD || run->own_commit)
        kept = mig_run_conclude(run, task, end);
    else
        mig_abandon(mig);
    if (kept)
        mig_run_announce(run);
    else if (run->own_commit)
        hint_lost(run, end);
    else if (end == MIG_ROLLED_BACK)
        mig_fail_hint(mig->error,
                      "The engine has rolled back the whole transaction that "
                      "was open, with all that was done in it before.");
}

/* How long to wait before the next attempt. */
static int64_t
pause_ms(const MigRun *run)
{
    int64_t pause = PAUSE_MS;

    for (int64_t i = 1; i < run->attempts && pause < PAUSE_LONGEST_MS; i++)
        pause *= 2;
    return pause < PAUSE_LONGEST_MS ? pause : PAUSE_LONGEST_MS;
}

/* Add to the failure who was waited for in vain. */
static void
name_blockers(Mig *mig)
{
    const char *blockers = mig->host->methods->blockers == NULL
                               ? NULL
                               : mig->host->methods->blockers(mig->host);
    char detail[sizeof(mig->error->detail)];

    if (blockers == NULL)
        return;
    memcpy(detail, mig->error->detail, sizeof(detail));
    mig_fail_detail(mig->error, "%s%sIt was %s", detail,
                    detail[0] == '\0' ? "" : "\n", blockers);
}

/* Say that a task had to wait too long, for whom, and what follows. */
static void
announce_attempt(MigRun *run, int64_t limit)
{
    Mig *mig = run->mig;
    const char *blockers = strstr(mig->error->detail, "It was blocked");
    char message[3000];

    (void) snprintf(message, sizeof(message),
                    "%s%s%s; attempt %lld of %lld follows in %lld ms",
                    mig->error->message, blockers == NULL ? "" : "; ",
                    blockers == NULL ? "" : blockers + strlen("It was "),
                    (long long) run->attempts + 1, (long long) limit + 1,
                    (long long) pause_ms(run));
    mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

bool
mig_run_retries(MigRun *run, const MigTask *task)
{
    Mig *mig = run->mig;
    const MigHostMethods *methods = mig->host->methods;
    int64_t limit = mig_setting_count_of(mig, "lock_retries");

    if (mig->error->status != MIG_LOCKED || methods->pause == NULL ||
        !run->own_commit)
        return false;
    name_blockers(mig);
    if (run->attempts >= limit)
        return false;
    run->attempts++;
    announce_attempt(run, limit);
    mig_run_announce(run);
    mig_abandon(mig);
    run->locked = false;
    record_failure(run, task);
    mig_error_clear(mig->error);
    mig_run_close_ready(run);
    (void) methods->pause(mig->host, pause_ms(run), mig->error);
    return true;
}

bool
mig_run_separates(MigRun *run)
{
    Mig *mig = run->mig;

    if (!run->together || !run->own_commit || run->next == run->group ||
        mig->error->status != MIG_ENGINE)
        return false;
    mig_error_clear(mig->error);
    mig_release(mig);
    run->confirms = run->confirms && !mig_ok(mig);
    run->locked = false;
    mig_run_note_hooks(run);
    run->group = run->next;
    run->alone = run->next;
    mig_run_close_ready(run);
    return true;
}

/* Record a failure that does not end the run, and pass the entry over. */
static void
tolerate(MigRun *run, MigTask *task)
{
    Mig *mig = run->mig;
    const MigEntry *entry = task->entry;
    const char *message = mig_format_string(
        mig->arena, mig->error, "%s; its file says that the run goes on",
        mig->error->message);

    if (message != NULL)
        mig->host->methods->notice(mig->host, MIG_WARNING, message);
    mig_error_clear(mig->error);
    mig_run_announce(run);
    mig_run_pass(run, entry);
    run->state.entries[entry - run->state.entries].passed_over = true;
    mig_run_close_ready(run);
    run->next++;
    run->group = run->next;
}

bool
mig_run_tolerates(MigRun *run, MigTask *task)
{
    Mig *mig = run->mig;
    MigTransactionEnd end = MIG_HELD;
    bool finished = run->next > run->group;

    if (run->kind != MIG_TASK_APPLY || mig->error->status != MIG_ENGINE ||
        mig_option(task->entry->options, "failure").data == NULL)
        return false;
    if (!run->own_commit)
    {
        mig_fail_hint(mig->error,
                      "Its file says that the run goes on behind it: it does "
                      "where each migration has a commit of its own, as "
                      "outside of a transaction.");
        return false;
    }
    end = mig->host->methods->transaction_end(mig->host);
    /* What was undone with it is first run again without it. */
    if (end != MIG_HELD && finished)
        return false;
    run->locked = false;
    if (!mig_run_conclude(run, task, end) && finished)
        return true;
    tolerate(run, task);
    return true;
}

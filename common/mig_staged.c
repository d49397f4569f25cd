#include "mig_staged.h"

#include <stdio.h>

#include "mig_setting.h"
#include "mig_stages.h"

bool
mig_staged_needed(Mig *mig, const MigTask *task, bool begun)
{
    MigArena arena = {mig->host, NULL};
    MigStages stages;
    bool needed;

    if (!mig_ok(mig) || !mig_can_run_outside(mig))
        return false;
    if (begun)
        return true;
    if (!mig_stages_part_scripts(mig))
        return task->count == 1 && task->steps[0].work.outside;
    mig_stages_read(mig, &arena, &task->steps[0], false, &stages);
    needed = mig_ok(mig) && task->count == 1 &&
             (stages.count > 1 || (stages.count == 1 && stages.items->outside));
    mig_arena_release(&arena);
    return needed;
}

/* A migration that is being run in stages. */
typedef struct Staged
{
    Mig *mig;
    MigTask *task;
    MigStep *step;
    MigStages stages;
    size_t at;   /* the stage to come */
    bool begun;  /* an earlier call has begun it, */
    bool placed; /* what is done of it is what it says */
    bool wanted; /* its preconditions let it run */
    MigResume resume;
    MigBytes *own; /* identities of what the statement of the stage that was
                      begun has made or dropped */
    size_t own_count;
    size_t own_capacity;
    MigArena *arena;
    int64_t seq;   /* newest event that this run knows of */
    int64_t began; /* ticks: of this call's part of it */
} Staged;

/* What the history says of earlier calls. */
typedef struct Progress
{
    MigArena *arena;
    bool failed;  /* the newest event is a failure */
    bool started; /* a stage was begun behind what is done, */
    MigBytes mark;
    char begun[65]; /* this one, by its hash */
    bool known;     /* something is done: */
    char done[65];  /* up to here */
} Progress;

#define MARK_KEY "; before: " /* of a mark in an event's detail */

/* The mark at the end of an event's detail. */
static MigBytes
find_mark(Progress *progress, MigBytes detail, MigError *error)
{
    const char *text = mig_copy(progress->arena, detail, error).data;
    const char *found = text == NULL ? NULL : strstr(text, MARK_KEY);

    return mig_bytes(found == NULL ? "" : found + strlen(MARK_KEY));
}

/* Copy the hash of a stage. */
static void
copy_hash(char hash[65], MigBytes from)
{
    if (from.length < 65)
        memcpy(hash, from.data, from.length);
}

/* Take a row of MIG_SQL_EVENT_PROGRESS, the newest first. */
static MigStatus
take_progress(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Progress *progress = context;
    MigBytes outcome = columns[0].bytes;

    (void) count;
    if (progress->known)
        return error->status;
    if (mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_DONE)))
    {
        progress->known = true;
        copy_hash(progress->done, columns[1].bytes);
    }
    else if (progress->started)
        return error->status;
    else if (mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_FAILED)))
        progress->failed = true;
    else
    {
        progress->started = true;
        copy_hash(progress->begun, columns[1].bytes);
        progress->mark = find_mark(progress, columns[2].bytes, error);
    }
    return error->status;
}

/* Fail for a text whose part that is done is not the same any more. */
static void
fail_changed(Mig *mig, MigBytes version)
{
    (void) mig_fail(mig->error, MIG_STATE,
                    "migration \"%.*s\" was changed after a part of it was "
                    "run",
                    (int) version.length, version.data);
    mig_fail_hint(mig->error,
                  "Put back the text of the statements that are done; or "
                  "finish it by hand and record it with "
                  "migrate_stamp('%.*s'); or undo that part by hand and "
                  "forget it with migrate_repair('%.*s').  SELECT * FROM "
                  "migrate_history() tells what is done.",
                  (int) version.length, version.data, (int) version.length,
                  version.data);
}

/* Find the stage to begin with. */
static void
find_place(Staged *staged)
{
    Mig *mig = staged->mig;
    const MigStages *stages = &staged->stages;
    MigBytes version = staged->step->entry->version;
    Progress progress;
    MigValue arguments[4];

    memset(&progress, 0, sizeof(progress));
    progress.arena = staged->arena;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(version);
    arguments[3] = mig_string(mig_step_action(staged->step));
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_PROGRESS,
                                     arguments, 4, take_progress, &progress,
                                     mig->error);
    if (!mig_ok(mig))
        return;
    while (progress.known && staged->at < stages->count &&
           strcmp(stages->items[staged->at].hash, progress.done) != 0)
        staged->at++;
    if (progress.known && staged->at++ == stages->count)
    {
        fail_changed(mig, version);
        return;
    }
    staged->begun = progress.started && staged->at < stages->count &&
                    stages->items[staged->at].outside;
    /* A statement that was corrected meanwhile has not done its work. */
    staged->resume.failed =
        progress.failed ||
        (staged->begun &&
         strcmp(stages->items[staged->at].hash, progress.begun) != 0);
    staged->resume.mark = progress.mark;
}

/* Keep what a stage that is done has changed of the schema. */
static void
record_stage(Staged *staged, const char *outcome, int64_t seq)
{
    Mig *mig = staged->mig;
    MigRecorded recorded;

    /* Before the first, hooks may have made something. */
    if (strcmp(outcome, MIG_OUTCOME_DONE) != 0 &&
        strcmp(outcome, MIG_OUTCOME_STARTED) != 0)
        return;
    mig_record_changes(mig, &recorded);
    mig_recorded_keep(mig, &recorded, staged->step->entry->version, seq);
    mig_recorded_close(&recorded);
}

/* Write into the history how far a stage has come. */
static void
add_progress(Staged *staged, const MigStage *stage, const char *outcome,
             const char *mark, int64_t duration_us)
{
    char detail[120 + MIG_MARK_SIZE];
    MigEvent event = {mig_step_action(staged->step),
                      staged->step->entry->version,
                      staged->step->name,
                      outcome,
                      duration_us,
                      stage->hash,
                      detail,
                      false};

    if (stage->first == stage->last)
        (void) snprintf(
            detail, sizeof(detail), "statement %lld of %lld, line %lld%s%s",
            (long long) stage->first, (long long) staged->stages.statements,
            (long long) stage->line, mark[0] == '\0' ? "" : MARK_KEY, mark);
    else
        (void) snprintf(detail, sizeof(detail),
                        "statements %lld to %lld of %lld, from line %lld",
                        (long long) stage->first, (long long) stage->last,
                        (long long) staged->stages.statements,
                        (long long) stage->line);
    record_stage(staged, outcome, mig_event_add(staged->mig, &event));
    staged->seq = mig_catalogue_number(staged->mig);
}

/* Commit what was done under the lock. */
static void
stage_commit(Staged *staged)
{
    mig_release(staged->mig);
}

/* Take the lock again; nobody may have written meanwhile. */
static void
stage_lock(Staged *staged)
{
    Mig *mig = staged->mig;

    mig_lock(mig);
    mig_chain_read(mig);
    if (!mig_ok(mig) || mig_catalogue_number(mig) == staged->seq)
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "others have changed the catalogue while migration "
                    "\"%.*s\" was run",
                    (int) staged->step->entry->version.length,
                    staged->step->entry->version.data);
    mig_fail_hint(mig->error, "Look at migrate_history(), then call again: it "
                              "goes on behind what is done.");
}

/* Set up the session as hooks and the statements before a number have. */
static void
run_session(Staged *staged, int64_t before)
{
    Mig *mig = staged->mig;

    mig_hooks_run_session(mig, staged->step);
    mig_work_run_session(mig, &staged->step->work, before);
}

/* A MigUnitFunction: the hooks before a migration. */
static void
run_hooks(Mig *mig, void *context)
{
    Staged *staged = context;

    mig_hooks_run(mig, staged->step, MIG_HOOK_BEFORE);
    mig_step_remark(mig, staged->step);
}

/* A MigUnitFunction: a progress event of the stage to come. */
static void
write_started(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];
    char mark[MIG_MARK_SIZE];

    run_session(staged, stage->first);
    mig_work_mark_outside(mig, &staged->step->work, stage->first, mark);
    if (mig_ok(mig))
        add_progress(staged, stage, MIG_OUTCOME_STARTED, mark, -1);
}

static void
write_done(Mig *mig, void *context)
{
    Staged *staged = context;

    (void) mig;
    add_progress(staged, &staged->stages.items[staged->at], MIG_OUTCOME_DONE,
                 "", -1);
}

/* A MigUnitFunction: the statements of a stage, and the event. */
static void
run_inside(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];
    int64_t began = mig->host->methods->ticks(mig->host);

    run_session(staged, stage->first);
    mig_work_run_range(mig, &staged->step->work, stage->first, stage->last);
    mig_step_remark(mig, staged->step);
    if (mig_ok(mig))
        add_progress(staged, stage, MIG_OUTCOME_DONE, "",
                     mig->host->methods->ticks(mig->host) - began);
}

/* A MigUnitFunction: the one statement of a stage, in no transaction. */
static void
run_outside(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];

    run_session(staged, stage->first);
    if (mig_ok(mig))
        mig_work_run_outside(mig, &staged->step->work, stage->first);
}

/* A MigUnitFunction: what an earlier call has left of it. */
static void
resume_outside(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];

    run_session(staged, stage->first);
    if (mig_ok(mig))
        mig_work_resume_outside(mig, &staged->step->work, stage->first,
                                &staged->resume);
}

/* A MigRootFunction: what an earlier call's statement has made or dropped. */
static MigStatus
take_own(void *context, MigBytes identity, MigError *error)
{
    Staged *staged = context;
    MigBytes *own =
        mig_array_reserve(staged->arena, staged->own, staged->own_count,
                          &staged->own_capacity, sizeof(MigBytes), error);

    if (own == NULL)
        return error->status;
    staged->own = own;
    own[staged->own_count++] = mig_copy(staged->arena, identity, error);
    return error->status;
}

/* Do something between two commits, without the lock where that is one of the
 * transaction. */
static void
unit_outside(Staged *staged, MigUnitFunction function)
{
    stage_commit(staged);
    mig_unit_run(staged->mig, staged->task->entry, function, staged);
    stage_lock(staged);
}

/* Look what has become of a statement that an earlier call has begun; what it
 * has done to the schema belongs to its migration. */
static void
stage_resume(Staged *staged)
{
    staged->resume.schema = staged->mig->settings->target;
    staged->resume.object = take_own;
    staged->resume.context = staged;
    unit_outside(staged, resume_outside);
    for (size_t i = 0; i < staged->own_count; i++)
        mig_record_reclaim(staged->mig, staged->own[i]);
}

/* Run the stage to come, which cannot be in a transaction. */
static void
stage_outside(Staged *staged)
{
    Mig *mig = staged->mig;
    const MigEntry *entry = staged->task->entry;

    if (staged->begun)
        stage_resume(staged);
    if (!staged->resume.done)
    {
        mig_unit_run(mig, entry, write_started, staged);
        unit_outside(staged, run_outside);
        mig_record_elsewhere(mig);
    }
    mig_unit_run(mig, entry, write_done, staged);
}

/* Run the stage to come, and commit it. */
static void
run_stage(Staged *staged)
{
    Mig *mig = staged->mig;

    if (staged->stages.items[staged->at].outside)
        stage_outside(staged);
    else
        mig_unit_run(mig, staged->task->entry, run_inside, staged);
    stage_commit(staged);
    if (mig_ok(mig))
        staged->at++;
    staged->begun = false;
    staged->resume.done = false;
    stage_lock(staged);
}

/* A MigUnitFunction: what its preconditions ask. */
static void
ask(Mig *mig, void *context)
{
    Staged *staged = context;

    staged->wanted = mig_step_ask(mig, staged->step);
    staged->seq = mig_catalogue_number(mig);
}

/* A MigUnitFunction: what ends a migration. */
static void
conclude(Mig *mig, void *context)
{
    Staged *staged = context;

    run_session(staged, INT64_MAX);
    staged->step->duration_us =
        mig->host->methods->ticks(mig->host) - staged->began;
    mig_step_conclude(mig, staged->step);
}

/* Add to a failure how the next call goes on; behind a rehearsal nothing is
 * done. */
static void
hint_resume(Staged *staged)
{
    const MigStages *stages = &staged->stages;
    char detail[sizeof(staged->mig->error->detail)];

    if (staged->at == 0 || !staged->placed || mig_ok(staged->mig) ||
        staged->mig->host->session->rehearsal)
        return;
    memcpy(detail, staged->mig->error->detail, sizeof(detail));
    if (staged->at < stages->count)
        mig_fail_detail(staged->mig->error,
                        "%s\nStatements 1 to %lld of %lld are done and stay "
                        "so; the next call goes on behind them.",
                        detail, (long long) stages->items[staged->at].first - 1,
                        (long long) stages->statements);
    else
        mig_fail_detail(staged->mig->error,
                        "%s\nAll its statements are done and stay so; the next "
                        "call goes on behind them.",
                        detail);
}

void
mig_staged_run(Mig *mig, MigTask *task)
{
    MigArena arena = {mig->host, NULL};
    Staged staged;

    memset(&staged, 0, sizeof(staged));
    staged.mig = mig;
    staged.task = task;
    staged.arena = &arena;
    staged.step = &task->steps[0];
    staged.seq = mig_catalogue_number(mig);
    staged.began = mig->host->methods->ticks(mig->host);
    mig->queue = NULL;
    mig_record_staged(mig, true);
    mig_stages_read(mig, &arena, staged.step, true, &staged.stages);
    if (mig_ok(mig))
        find_place(&staged);
    staged.placed = mig_ok(mig);
    mig_step_warn(mig, staged.step);
    staged.wanted = true;
    if (mig_ok(mig) && staged.at == 0 && !staged.begun)
        mig_unit_run(mig, task->entry, ask, &staged);
    /* Behind a stage that has begun they are committed. */
    if (mig_ok(mig) && staged.wanted && staged.at == 0 && !staged.begun &&
        staged.step->hooks != NULL)
        mig_unit_run(mig, task->entry, run_hooks, &staged);
    while (mig_ok(mig) && staged.wanted && staged.at < staged.stages.count)
        run_stage(&staged);
    if (staged.wanted)
        mig_unit_run(mig, task->entry, conclude, &staged);
    stage_commit(&staged);
    mig_record_staged(mig, false);
    hint_resume(&staged);
    mig_arena_release(&arena);
}

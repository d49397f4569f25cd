#include "mig_staged.h"

#include <stdio.h>

#include "mig_migration.h"
#include "mig_setting.h"

/* One stage. */
typedef struct MigStage
{
    int64_t first; /* numbers of its statements, from 1 */
    int64_t last;
    int64_t line;  /* of the first, in the file */
    bool outside;  /* its one statement cannot be in a transaction */
    char hash[65]; /* of the section's text up to the last, NUL-ended */
} MigStage;

typedef struct MigStages
{
    MigStage *items;
    size_t count;
    size_t capacity;
    int64_t statements; /* in the whole section */
} MigStages;

/* A section being taken apart into stages. */
typedef struct Splitter
{
    Mig *mig;
    MigArena *arena;
    MigStages *stages;
    bool each;    /* every statement is a stage of its own */
    bool hashes;  /* of what is done, to be compared with the history */
    bool open;    /* the newest stage takes more statements, */
    bool working; /* and has one that does more than set up the session */
    char hash[65];
} Splitter;

/* End the newest stage; one that only sets up the session is none, since that
 * is done again for each that follows. */
static void
split_here(Splitter *splitter)
{
    if (splitter->open && !splitter->working)
        splitter->stages->count--;
    splitter->open = false;
    splitter->working = false;
}

/* Begin a stage. */
static void
stage_add(Splitter *splitter, int64_t number, int64_t line, bool outside)
{
    MigStages *stages = splitter->stages;
    MigStage *larger = mig_array_reserve(
        splitter->arena, stages->items, stages->count, &stages->capacity,
        sizeof(MigStage), splitter->mig->error);

    if (larger == NULL)
        return;
    stages->items = larger;
    memset(&larger[stages->count], 0, sizeof(MigStage));
    larger[stages->count].first = number;
    larger[stages->count].line = line;
    larger[stages->count].outside = outside;
    stages->count++;
    splitter->open = true;
    splitter->working = outside;
}

/* Hash one more statement behind those before it. */
static void
hash_statement(Splitter *splitter, const MigStatement *statement)
{
    MigBytes pieces[2];

    pieces[0] = mig_bytes(splitter->hash);
    pieces[1] = statement->text;
    mig_hash(splitter->mig->host, pieces, 2, splitter->hash);
}

/* A MigWorkFunction: put a statement into its stage. */
static void
split_statement(void *context, const MigStatement *statement, int64_t number,
                int64_t line)
{
    Splitter *splitter = context;
    MigStages *stages = splitter->stages;
    bool outside = statement->kind == MIG_OUTSIDE;
    MigStage *stage;

    stages->statements = number;
    if (splitter->hashes)
        hash_statement(splitter, statement);
    if (splitter->each || outside || statement->kind == MIG_BRACKET)
        split_here(splitter);
    if (statement->kind == MIG_BRACKET)
        return;
    if (!splitter->open)
        stage_add(splitter, number, line, outside);
    if (!mig_ok(splitter->mig))
        return;
    stage = &stages->items[stages->count - 1];
    stage->last = number;
    memcpy(stage->hash, splitter->hash, sizeof(stage->hash));
    splitter->working = splitter->working || !statement->session;
    if (outside)
        split_here(splitter);
}

/* Take a step apart into stages, with hashes or without. */
static void
stages_read(Mig *mig, MigArena *arena, const MigStep *step, bool hashes,
            MigStages *stages)
{
    Splitter splitter;

    memset(&splitter, 0, sizeof(splitter));
    memset(stages, 0, sizeof(*stages));
    splitter.mig = mig;
    splitter.arena = arena;
    splitter.stages = stages;
    splitter.hashes = hashes;
    splitter.each =
        mig_option(step->entry->options, "transaction").data != NULL;
    if (!mig_ok(mig))
        return;
    mig_work_visit(mig, &step->work, split_statement, &splitter);
    split_here(&splitter);
}

bool
mig_staged_needed(Mig *mig, const MigTask *task)
{
    MigArena arena = {mig->host, NULL};
    MigStages stages;
    bool needed;

    if (!mig_ok(mig) || !mig_can_run_outside(mig))
        return false;
    stages_read(mig, &arena, &task->steps[0], false, &stages);
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
    size_t at;     /* the stage to come */
    bool begun;    /* an earlier call has begun it, */
    bool failed;   /* and it failed; else it was interrupted */
    int64_t seq;   /* newest event that this run knows of */
    int64_t began; /* ticks: of this call's part of it */
} Staged;

/* What the history says of earlier calls. */
typedef struct Progress
{
    bool failed; /* the newest event is a failure */
    bool known;  /* the rest is set */
    bool done;   /* the stage was finished; else begun */
    char hash[65];
} Progress;

/* Take a row of MIG_SQL_EVENT_PROGRESS, the newest first. */
static MigStatus
take_progress(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Progress *progress = context;
    MigBytes outcome = columns[0].bytes;
    MigBytes hash = columns[1].bytes;

    (void) count;
    if (progress->known)
        return error->status;
    if (mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_FAILED)))
        progress->failed = true;
    else
    {
        progress->known = true;
        progress->done = mig_bytes_equal(outcome, mig_bytes(MIG_OUTCOME_DONE));
        if (hash.length < sizeof(progress->hash))
            memcpy(progress->hash, hash.data, hash.length);
    }
    return error->status;
}

/* Find the stage to begin with. */
static void
find_place(Staged *staged)
{
    Mig *mig = staged->mig;
    MigBytes version = staged->step->entry->version;
    Progress progress = {false, false, false, ""};
    MigValue arguments[4];
    size_t at = 0;

    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_text_value(version);
    arguments[3] = mig_string(mig_step_action(staged->step));
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_PROGRESS,
                                     arguments, 4, take_progress, &progress,
                                     mig->error);
    if (!mig_ok(mig) || !progress.known)
        return;
    while (at < staged->stages.count &&
           strcmp(staged->stages.items[at].hash, progress.hash) != 0)
        at++;
    if (at == staged->stages.count)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" was changed after a part of it "
                        "was run",
                        (int) version.length, version.data);
        mig_fail_hint(mig->error,
                      "Put back the text of the statements that are done; or "
                      "finish it by hand and record it with "
                      "migrate_stamp('%.*s').  SELECT * FROM "
                      "migrate_history() tells what is done.",
                      (int) version.length, version.data);
        return;
    }
    staged->at = progress.done ? at + 1 : at;
    staged->begun = !progress.done;
    staged->failed = progress.failed;
}

/* Write into the history how far a stage has come. */
static void
add_progress(Staged *staged, const MigStage *stage, const char *outcome,
             int64_t duration_us)
{
    char detail[120];
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
            detail, sizeof(detail), "statement %lld of %lld, line %lld",
            (long long) stage->first, (long long) staged->stages.statements,
            (long long) stage->line);
    else
        (void) snprintf(detail, sizeof(detail),
                        "statements %lld to %lld of %lld, from line %lld",
                        (long long) stage->first, (long long) stage->last,
                        (long long) staged->stages.statements,
                        (long long) stage->line);
    (void) mig_event_add(staged->mig, &event);
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
    if (mig_ok(mig) && mig_catalogue_number(mig) != staged->seq)
        (void) mig_fail(mig->error, MIG_STATE,
                        "others have changed the catalogue while migration "
                        "\"%.*s\" was run",
                        (int) staged->step->entry->version.length,
                        staged->step->entry->version.data);
}

/* A MigUnitFunction: a progress event of the stage to come. */
static void
write_started(Mig *mig, void *context)
{
    Staged *staged = context;

    (void) mig;
    add_progress(staged, &staged->stages.items[staged->at], MIG_OUTCOME_STARTED,
                 -1);
}

static void
write_done(Mig *mig, void *context)
{
    Staged *staged = context;

    (void) mig;
    add_progress(staged, &staged->stages.items[staged->at], MIG_OUTCOME_DONE,
                 -1);
}

/* A MigUnitFunction: the statements of a stage, and the event. */
static void
run_inside(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];
    int64_t began = mig->host->methods->ticks(mig->host);

    mig_work_run_session(mig, &staged->step->work, stage->first);
    mig_work_run_range(mig, &staged->step->work, stage->first, stage->last);
    if (mig_ok(mig))
        add_progress(staged, stage, MIG_OUTCOME_DONE,
                     mig->host->methods->ticks(mig->host) - began);
}

/* A MigUnitFunction: the one statement of a stage, in no transaction. */
static void
run_outside(Mig *mig, void *context)
{
    Staged *staged = context;
    const MigStage *stage = &staged->stages.items[staged->at];
    bool done = false;

    mig_work_run_session(mig, &staged->step->work, stage->first);
    if (mig_ok(mig) && staged->begun)
        done = mig_work_resume_outside(mig, &staged->step->work, stage->first,
                                       staged->failed);
    if (mig_ok(mig) && !done)
        mig_work_run_outside(mig, &staged->step->work, stage->first);
}

/* Run the stage to come, which cannot be in a transaction. */
static void
stage_outside(Staged *staged)
{
    Mig *mig = staged->mig;
    const MigEntry *entry = staged->task->entry;

    mig_unit_run(mig, entry, write_started, staged);
    stage_commit(staged);
    mig_unit_run(mig, entry, run_outside, staged);
    stage_lock(staged);
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
    stage_lock(staged);
}

/* A MigUnitFunction: what ends a migration. */
static void
conclude(Mig *mig, void *context)
{
    Staged *staged = context;

    mig_work_run_session(mig, &staged->step->work, INT64_MAX);
    staged->step->duration_us =
        mig->host->methods->ticks(mig->host) - staged->began;
    mig_step_conclude(mig, staged->step);
}

/* Add to a failure how the next call goes on. */
static void
hint_resume(Staged *staged)
{
    const MigStages *stages = &staged->stages;
    char detail[sizeof(staged->mig->error->detail)];

    if (staged->at == 0 || mig_ok(staged->mig))
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
    staged.step = &task->steps[0];
    staged.seq = mig_catalogue_number(mig);
    staged.began = mig->host->methods->ticks(mig->host);
    mig->queue = NULL;
    stages_read(mig, &arena, staged.step, true, &staged.stages);
    if (mig_ok(mig))
        find_place(&staged);
    mig_step_warn(mig, staged.step);
    while (mig_ok(mig) && staged.at < staged.stages.count)
        run_stage(&staged);
    mig_unit_run(mig, task->entry, conclude, &staged);
    stage_commit(&staged);
    hint_resume(&staged);
    mig_arena_release(&arena);
}

#include "mig_replay.h"

/* One transaction of a work. */
typedef struct Stage
{
    int64_t first; /* numbers of its statements, from 1 */
    int64_t last;
    bool outside; /* its one statement cannot be in a transaction */
} Stage;

typedef struct Stages
{
    Mig *mig;
    MigArena *arena;
    Stage *items;
    size_t count;
    size_t capacity;
    bool each;   /* every statement is a stage of its own */
    bool parted; /* BEGIN and COMMIT part stages */
    bool open;   /* the newest one takes more statements */
} Stages;

/* A MigWorkFunction: put a statement into its stage. */
static void
split_statement(void *context, const MigStatement *statement, int64_t number,
                int64_t line)
{
    Stages *stages = context;
    bool outside = statement->kind == MIG_OUTSIDE ||
                   (stages->each && statement->may_commit);
    bool bracket = statement->kind == MIG_BRACKET;
    Stage *items;

    (void) line;
    if (stages->each || outside || (bracket && stages->parted))
        stages->open = false;
    if (bracket)
        return;
    if (!stages->open)
    {
        items = mig_array_reserve(stages->arena, stages->items, stages->count,
                                  &stages->capacity, sizeof(Stage),
                                  stages->mig->error);
        if (items == NULL)
            return;
        stages->items = items;
        items[stages->count].first = number;
        items[stages->count].outside = outside;
        stages->count++;
        stages->open = !outside;
    }
    stages->items[stages->count - 1].last = number;
}

/* Do the work of a stage in the open unit. */
static void
run_statements(Mig *mig, const MigWork *work, const Stage *stage)
{
    mig->host->session->running = true;
    if (mig->host->methods->parts_scripts)
        mig_work_run_session(mig, work, stage->first);
    if (stage->outside)
        mig_work_run_outside(mig, work, stage->first);
    else
        mig_work_run_range(mig, work, stage->first, stage->last);
    mig->host->session->running = false;
}

/* Run a stage as a transaction; or in none, and then without a lock. */
static void
run_stage(Mig *mig, const MigWork *work, const Stage *stage)
{
    const MigHostMethods *methods = mig->host->methods;
    bool done;

    if (!stage->outside)
        (void) methods->lock(mig->host, 0, mig->error);
    if (mig_ok(mig) && methods->unit_begin(mig->host, mig->error) == MIG_OK)
        run_statements(mig, work, stage);
    done = mig_ok(mig);
    if (done)
        (void) methods->unit_keep(mig->host, mig->error);
    if (done && mig_ok(mig) && !stage->outside)
        (void) methods->release(mig->host, 0, mig->error);
    if (mig_ok(mig))
        return;
    if (done)
        mig_fail_prefix(mig->error, "migration \"%.*s\" failed at its end: ",
                        (int) work->version.length, work->version.data);
    methods->unit_undo(mig->host);
    methods->abandon(mig->host);
}

void
mig_replay(Mig *mig, MigWork *work, bool each)
{
    MigArena arena = {mig->host, NULL};
    Stages stages;

    memset(&stages, 0, sizeof(stages));
    stages.mig = mig;
    stages.arena = &arena;
    stages.each = each;
    stages.parted = mig->host->methods->parts_scripts;
    mig_work_take_apart(mig, work);
    if (mig_ok(mig))
        mig_work_require_runnable(mig, work);
    if (mig_ok(mig))
        mig_work_visit(mig, work, split_statement, &stages);
    if (mig_ok(mig))
        mig_work_surround(mig, work);
    for (size_t i = 0; i < stages.count && mig_ok(mig); i++)
        run_stage(mig, work, &stages.items[i]);
    mig->host->methods->surround_end(mig->host);
    mig_work_close(mig, work);
    mig_arena_release(&arena);
}

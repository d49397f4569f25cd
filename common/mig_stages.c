#include "mig_stages.h"

#include "mig_migration.h"

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
    MigBytes pieces[3];

    pieces[0] = mig_bytes(splitter->hash);
    pieces[1] = statement->text;
    pieces[2] = statement->data;
    mig_hash(splitter->mig->host, pieces, statement->data.data == NULL ? 2 : 3,
             splitter->hash);
}

bool
mig_stages_part_scripts(const Mig *mig)
{
    return mig->host->methods->parts_scripts;
}

/* A MigWorkFunction: put a statement into its stage. */
static void
split_statement(void *context, const MigStatement *statement, int64_t number,
                int64_t line)
{
    Splitter *splitter = context;
    MigStages *stages = splitter->stages;
    bool outside = statement->kind == MIG_OUTSIDE ||
                   (splitter->each && statement->may_commit);
    MigStage *stage;

    stages->statements = number;
    if (splitter->hashes)
        hash_statement(splitter, statement);
    if (splitter->each || outside ||
        (statement->kind == MIG_BRACKET &&
         mig_stages_part_scripts(splitter->mig)))
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
    /* What is in force around all stages does nothing in one. */
    splitter->working = splitter->working ||
                        !(statement->session || statement->kind == MIG_AROUND);
    if (outside)
        split_here(splitter);
}

void
mig_stages_read(Mig *mig, MigArena *arena, const MigStep *step, bool hashes,
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
        mig_stages_part_scripts(mig) &&
        mig_option(step->entry->options, "transaction").data != NULL;
    if (!mig_ok(mig))
        return;
    mig_work_visit(mig, &step->work, split_statement, &splitter);
    split_here(&splitter);
}

#include "mig_proof.h"

#include "mig_fingerprint.h"
#include "mig_migration.h"
#include "mig_objects.h"
#include "mig_setting.h"
#include "mig_step.h"

/* A proof under way. */
typedef struct Proving
{
    Mig *mig;
    const MigProof *what;
    MigScratch *scratch;
    MigDifferenceFunction emit;
    void *context;
    int64_t count; /* differences */
} Proving;

/* All that a failure says, a line each. */
static MigBytes
failure_text(MigArena *arena, const MigError *failure, MigError *error)
{
    MigText text = {arena, error, NULL, 0, 0};

    mig_text_append_string(&text, failure->message);
    if (failure->detail[0] != '\0')
    {
        mig_text_append_string(&text, "\n");
        mig_text_append_string(&text, failure->detail);
    }
    if (failure->hint[0] != '\0')
    {
        mig_text_append_string(&text, "\n");
        mig_text_append_string(&text, failure->hint);
    }
    return mig_text_bytes(&text);
}

/* Turn the recorded failure into a difference, unless it ends the call. */
static void
tell_unproved(Proving *proving, const char *kind, MigBytes object)
{
    Mig *mig = proving->mig;
    MigError failure = *mig->error;
    MigDifference difference = {
        mig_bytes(kind), object,    MIG_DIFFERENCE_UNPROVED,
        {NULL, 0},       {NULL, 0}, {NULL, 0}};

    if (mig->error->status == MIG_CORRUPT || mig_error_ends_call(mig->error))
        return;
    mig_error_clear(mig->error);
    difference.actual = failure_text(mig->arena, &failure, mig->error);
    proving->count++;
    if (mig_ok(mig))
        (void) proving->emit(proving->context, &difference, mig->error);
}

/*
 * Fetch the text of a migration: what was applied, or else what is loaded.
 *
 * Returns false when it is not to be run, which is then told.
 */
static bool
fetch_text(Proving *proving, const MigEntry *entry, MigStep *step)
{
    Mig *mig = proving->mig;

    mig_step_fetch(mig, entry->applied ? MIG_BACKWARD : MIG_FORWARD, entry,
                   step);
    if (mig_ok(mig))
    {
        MigWorkText text = {entry->version, "up", step->up,
                            mig_option(entry->options, "variables"),
                            entry->options};

        mig_work_fetch(mig, &step->arena, &text, &step->work);
    }
    if (!mig_ok(mig))
        return false;
    mig_step_require_trust(mig, step);
    if (!mig_ok(mig))
        tell_unproved(proving, "migration", entry->version);
    return mig_ok(mig) && proving->count == 0;
}

/* Run a migration on the scratch database. */
static void
replay_entry(Proving *proving, const MigEntry *entry)
{
    Mig *mig = proving->mig;
    bool each = mig_option(entry->options, "transaction").data != NULL;
    MigStep step;

    if (fetch_text(proving, entry, &step))
    {
        (void) mig->host->methods->scratch_run(mig, proving->scratch,
                                               &step.work, each);
        if (!mig_ok(mig))
            tell_unproved(proving, "migration", entry->version);
    }
    mig_step_close(mig, &step);
}

/* A MigObjectFunction: add to a MigObjects what a scratch database has, too:
 * it is another installation. */
static MigStatus
add_structure(void *list, const MigObject *object, MigError *error)
{
    return mig_object_is_structure(object)
               ? mig_objects_add(list, object, error)
               : error->status;
}

/* Compare what the scratch database has with what the database has. */
static void
compare(Proving *proving)
{
    Mig *mig = proving->mig;
    const MigHostMethods *methods = mig->host->methods;
    MigScope scope = {mig->settings->target, proving->what->except,
                      proving->what->except_count};
    MigArena arena = {mig->host, NULL};
    MigObjects expected = {&arena, NULL, 0, 0};
    MigObjects actual = {&arena, NULL, 0, 0};

    (void) methods->scratch_list(mig, proving->scratch, &scope, add_structure,
                                 &expected);
    if (mig_ok(mig))
        (void) methods->list_objects(mig->host, &scope, add_structure, &actual,
                                     mig->error);
    if (mig_ok(mig))
        proving->count += mig_objects_compare(&expected, &actual, proving->emit,
                                              proving->context, mig->error);
    mig_arena_release(&arena);
}

int64_t
mig_proof(Mig *mig, const MigProof *proof, MigDifferenceFunction emit,
          void *context)
{
    Proving proving = {mig, proof, NULL, emit, context, 0};
    MigBytes none = {"", 0};

    if (!mig_ok(mig))
        return 0;
    if (mig->host->methods->scratch_open(mig, &proving.scratch) != MIG_OK)
        tell_unproved(&proving, "database", none);
    for (size_t i = 0; i < proof->count && mig_ok(mig) && proving.count == 0;
         i++)
        replay_entry(&proving, proof->entries[i]);
    if (mig_ok(mig) && proving.count == 0)
        compare(&proving);
    mig->host->methods->scratch_close(mig, proving.scratch);
    return mig_ok(mig) ? proving.count : 0;
}

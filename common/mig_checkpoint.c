#include "mig_checkpoint.h"

#include "mig_migration.h"
#include "mig_version.h"

/* Whether a database where nothing is applied can begin with an entry. */
static bool
can_begin(Mig *mig, const MigEntry *entry)
{
    return entry->checkpoint && entry->present &&
           !mig_entry_ahead(mig, entry) &&
           mig_entry_skipped(mig, entry) == NULL && mig_ok(mig);
}

const MigEntry *
mig_checkpoint_find(Mig *mig, const MigState *state, size_t limit)
{
    bool begun = state->current != NULL || state->baseline.data != NULL;

    if (begun)
        limit = state->count;
    for (size_t i = limit; i-- > 0 && mig_ok(mig);)
    {
        const MigEntry *entry = &state->entries[i];

        if (begun ? entry->applied && entry->checkpoint : can_begin(mig, entry))
            return entry;
    }
    return NULL;
}

bool
mig_checkpoint_covers(const MigEntry *checkpoint, const MigEntry *entry)
{
    if (entry->applied || entry->repeatable)
        return false;
    return entry->baseline.data != NULL ||
           (checkpoint != NULL && entry < checkpoint) ||
           (entry->checkpoint && entry != checkpoint);
}

const char *
mig_checkpoint_reason(Mig *mig, const MigEntry *checkpoint,
                      const MigEntry *entry)
{
    if (entry->baseline.data != NULL)
        return mig_format_string(
            mig->arena, mig->error, "at or below the baseline %.*s",
            (int) entry->baseline.length, entry->baseline.data);
    if (checkpoint == NULL || entry > checkpoint)
        return "a checkpoint: only for a database where nothing is applied";
    return mig_format_string(
        mig->arena, mig->error, "checkpoint %.*s stands for it",
        (int) checkpoint->version.length, checkpoint->version.data);
}

bool
mig_checkpoint_is_up_to(const MigEntry *entry, MigBytes version)
{
    return entry->checkpoint &&
           mig_version_equal(mig_option(entry->options, "checkpoint"), version);
}

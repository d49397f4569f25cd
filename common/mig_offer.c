#include "mig_offer.h"

#include "mig_difference.h"
#include "mig_baseline.h"
#include "mig_checkpoint.h"
#include "mig_known.h"
#include "mig_look.h"
#include "mig_run.h"
#include "mig_state.h"
#include "mig_version.h"

/* The set of a label, made where there is none yet. */
static MigSet *
find_or_add_set(Mig *mig, MigOffer *offer, MigBytes label)
{
    MigSet *sets;

    for (size_t i = 0; i < offer->count; i++)
    {
        if (mig_bytes_equal(offer->sets[i].label, label))
            return &offer->sets[i];
    }
    sets = mig_array_reserve(mig->arena, offer->sets, offer->count,
                             &offer->capacity, sizeof(MigSet), mig->error);
    if (sets == NULL)
        return NULL;
    offer->sets = sets;
    memset(&sets[offer->count], 0, sizeof(MigSet));
    sets[offer->count].label = label;
    return &sets[offer->count++];
}

/* The text of a slice that one of a section's has already, or absent. */
static MigBytes
text_at_hand(const MigSection *section, const char *hash)
{
    MigBytes absent = {NULL, 0};

    for (size_t i = 0; i < section->count; i++)
    {
        if (section->slices[i].whole.data != NULL &&
            strcmp(section->slices[i].hash, hash) == 0)
            return section->slices[i].whole;
    }
    return absent;
}

/* Fetch the whole texts that a section of a migration is made of. */
static void
fetch_texts(Mig *mig, const MigMigration *migration, MigSection *section)
{
    const MigSection *others[] = {&migration->up, &migration->down,
                                  &migration->verify};

    for (size_t i = 0; i < section->count && mig_ok(mig); i++)
    {
        MigSlice *slice = &section->slices[i];

        for (size_t j = 0; j < 3 && slice->whole.data == NULL; j++)
            slice->whole = text_at_hand(others[j], slice->hash);
        if (slice->whole.data == NULL)
            slice->whole = mig_text_fetch(mig, mig->arena, slice->hash);
    }
}

/* Read a section of a migration from its column. */
static void
read_section(Mig *mig, MigBytes column, MigSection *section)
{
    section->count = section->capacity =
        mig_slices_read(mig, mig->arena, column, &section->slices);
}

/* Make the migration that would have given the catalogue's row. */
static void
read_migration(Mig *mig, const MigKnownOne *known, MigMigration *migration)
{
    MigBytes checksum = known->columns[MIG_KNOWN_CHECKSUM];

    memset(migration, 0, sizeof(*migration));
    migration->version = known->version;
    migration->position = known->position;
    migration->name = known->columns[MIG_KNOWN_NAME];
    migration->format = known->columns[MIG_KNOWN_FORMAT].data;
    migration->file = known->columns[MIG_KNOWN_FILE];
    migration->requires = known->columns[MIG_KNOWN_REQUIRES];
    migration->options = known->columns[MIG_KNOWN_OPTIONS];
    migration->repeatable =
        !mig_starts_with(known->position, MIG_POSITION_VERSION);
    if (checksum.length != MIG_HASH_LENGTH)
    {
        (void) mig_fail(mig->error, MIG_CORRUPT,
                        "migration \"%.*s\" has a malformed checksum in the "
                        "catalogue",
                        (int) known->version.length, known->version.data);
        mig_fail_damaged(mig->error);
        return;
    }
    memcpy(migration->checksum, checksum.data, MIG_HASH_LENGTH);
    read_section(mig, known->columns[MIG_KNOWN_UP], &migration->up);
    read_section(mig, known->columns[MIG_KNOWN_DOWN], &migration->down);
    read_section(mig, known->columns[MIG_KNOWN_VERIFY], &migration->verify);
    fetch_texts(mig, migration, &migration->up);
    fetch_texts(mig, migration, &migration->down);
    fetch_texts(mig, migration, &migration->verify);
}

/* Put a migration of the catalogue into its set. */
static void
add_known(Mig *mig, MigOffer *offer, const MigKnownOne *known)
{
    MigSet *set = find_or_add_set(mig, offer, known->columns[MIG_KNOWN_SOURCE]);
    MigMigration *migrations;
    MigBytes *withdrawn;

    if (set == NULL)
        return;
    if (!known->present)
    {
        withdrawn = mig_array_reserve(
            mig->arena, set->withdrawn, set->withdrawn_count,
            &set->withdrawn_capacity, sizeof(MigBytes), mig->error);
        if (withdrawn == NULL)
            return;
        set->withdrawn = withdrawn;
        withdrawn[set->withdrawn_count++] = known->position;
        return;
    }
    migrations =
        mig_array_reserve(mig->arena, set->migrations, set->count,
                          &set->capacity, sizeof(MigMigration), mig->error);
    if (migrations == NULL)
        return;
    set->migrations = migrations;
    read_migration(mig, known, &migrations[set->count++]);
}

void
mig_offer_read(Mig *mig, MigOffer *offer)
{
    MigKnown known;
    MigBytes all = {NULL, 0};

    memset(offer, 0, sizeof(*offer));
    offer->settings = mig->settings;
    mig_known_read(mig, all, &known);
    for (size_t i = 0; i < known.count && mig_ok(mig); i++)
        add_known(mig, offer, &known.items[i]);
}

/* How the sets of an offer compare with the catalogue, all in all. */
static MigSetState
compare_sets(Mig *mig, const MigOffer *offer)
{
    MigSetState all = MIG_SET_THERE;

    for (size_t i = 0; i < offer->count && mig_ok(mig); i++)
    {
        MigSetState state = mig_load_compare(mig, &offer->sets[i]);

        if (state > all)
            all = state;
    }
    return all;
}

bool
mig_offer_is_there(Mig *mig, const MigOffer *offer)
{
    return mig_ok(mig) && mig->has_catalogue &&
           compare_sets(mig, offer) == MIG_SET_THERE && !mig_state_probe(mig) &&
           mig_ok(mig);
}

int64_t
mig_offer_apply(Mig *mig, const MigOffer *offer, const char *function,
                MigBytes target)
{
    for (size_t i = 0; i < offer->count && mig_ok(mig); i++)
    {
        if (mig_load_set(mig, function, &offer->sets[i]) < 0)
            return 0;
    }
    return mig_ok(mig) ? mig_run_apply(mig, function, target) : 0;
}

/* Count what a migration of an offer would mean for a database. */
static void
count_offered(Mig *mig, const MigMigration *offered, const MigEntry *entry,
              MigOfferView *view)
{
    MigEntry wanted;
    bool same =
        entry != NULL && entry->applied &&
        mig_entry_difference_to(mig, entry, offered) != MIG_TEXT_CHANGED;

    memset(&wanted, 0, sizeof(wanted));
    wanted.options = offered->options;
    if (same || mig_entry_skipped(mig, &wanted) != NULL)
        return;
    if (entry == NULL || !entry->applied || offered->repeatable ||
        mig_option(offered->options, "rerun").data != NULL)
        view->pending++;
    else
        view->state = "changed";
}

/* The index of the checkpoint that a database would begin with if a set were
 * brought in; 0: none, or it has begun. */
static size_t
first_of_set(const MigSet *set, const MigState *state)
{
    size_t first = 0;

    for (size_t i = 0; i < set->count && state->current == NULL; i++)
    {
        if (mig_option(set->migrations[i].options, "checkpoint").data != NULL)
            first = i;
    }
    return first;
}

/* Whether a migration of a set is passed over because of checkpoints; so are
 * hooks, which are none. */
static bool
is_covered(const MigSet *set, size_t index, size_t first, const MigState *state,
           const MigEntry *entry)
{
    const MigMigration *offered = &set->migrations[index];

    if (mig_starts_with(offered->position, MIG_POSITION_HOOK))
        return true;
    if (offered->repeatable)
        return false;
    if (!offered->sequence && (entry == NULL || !entry->applied) &&
        mig_baseline_is_before(state, offered->position))
        return true;
    if (state->current != NULL && entry != NULL)
        return mig_checkpoint_covers(state->checkpoint, entry);
    return index < first ||
           (state->current != NULL &&
            mig_option(offered->options, "checkpoint").data != NULL);
}

/* Count what is pending when a set has been brought in; both are in order. */
static void
count_set(Mig *mig, const MigSet *set, const MigState *state,
          MigOfferView *view)
{
    size_t first = first_of_set(set, state);
    size_t at = 0;

    for (size_t i = 0; i < set->count; i++)
    {
        const MigMigration *offered = &set->migrations[i];
        const MigEntry *entry = NULL;

        while (at < state->count &&
               mig_position_compare(state->entries[at].position,
                                    offered->position) < 0)
            at++;
        if (at < state->count &&
            mig_position_compare(state->entries[at].position,
                                 offered->position) == 0)
            entry = &state->entries[at];
        if (!is_covered(set, i, first, state, entry))
            count_offered(mig, offered, entry, view);
    }
}

/* A failed attempt that nothing has come after. */
typedef struct Failed
{
    MigArena *arena;
    MigBytes detail;
} Failed;

static MigStatus
copy_failure(void *context, const MigValue *columns, size_t count,
             MigError *error)
{
    Failed *failed = context;

    (void) count;
    if (mig_bytes_equal(columns[3].bytes, mig_bytes("failed")))
        failed->detail = mig_copy(
            failed->arena,
            columns[1].type == MIG_NULL ? mig_bytes("") : columns[1].bytes,
            error);
    return error->status;
}

/* Look whether what is pending has failed before. */
static void
look_for_failure(Mig *mig, MigOfferView *view)
{
    Failed failed = {mig->arena, {NULL, 0}};
    MigValue arguments[2];

    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_FAILED, arguments,
                                     2, copy_failure, &failed, mig->error);
    if (failed.detail.data == NULL)
        return;
    view->state = "failed";
    view->failure = failed.detail;
}

/* How many entries of a state are applied. */
static int64_t
count_applied(const MigState *state)
{
    int64_t count = 0;

    for (size_t i = 0; i < state->count; i++)
        count += state->entries[i].applied ? 1 : 0;
    return count;
}

int64_t
mig_offer_count_applied(Mig *mig)
{
    MigState state;

    mig_state_read(mig, mig->arena, &state);
    return mig_ok(mig) ? count_applied(&state) : 0;
}

void
mig_offer_look(Mig *mig, const MigOffer *offer, MigOfferView *view)
{
    MigState state;
    MigSetState sets = MIG_SET_THERE;

    memset(view, 0, sizeof(*view));
    view->state = "current";
    mig_state_read(mig, mig->arena, &state);
    view->version = mig_look_current(mig);
    if (!mig_ok(mig))
        return;
    view->applied = count_applied(&state);
    if (mig->has_catalogue)
        sets = compare_sets(mig, offer);
    if (sets == MIG_SET_OLDER)
    {
        view->state = "ahead";
        return;
    }
    for (size_t i = 0; i < offer->count; i++)
        count_set(mig, &offer->sets[i], &state, view);
    if (mig->has_catalogue && sets == MIG_SET_THERE)
        view->pending = mig_look_pending(mig);
    if (view->pending > 0 && strcmp(view->state, "current") == 0)
        view->state = mig->has_catalogue ? "pending" : "new";
    else if (!mig->has_catalogue)
        view->state = "new";
    if (mig->has_catalogue && view->pending > 0 && mig_ok(mig))
        look_for_failure(mig, view);
}

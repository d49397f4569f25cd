#include "mig_baseline.h"

#include <stdlib.h>

#include "mig_plan.h"
#include "mig_setting.h"
#include "mig_stamp.h"
#include "mig_version.h"
#include "mig_write.h"

/* The newest event of a baseline that holds. */
typedef struct Found
{
    MigArena *arena;
    MigBytes version;
    int64_t seq;
} Found;

/* Versions that were taken back since, in order of their bytes. */
typedef struct Undone
{
    MigArena *arena;
    MigBytes *versions;
    size_t count;
    size_t capacity;
} Undone;

static MigStatus
collect_found(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    Found *found = context;

    (void) count;
    found->version = mig_copy(found->arena, columns[0].bytes, error);
    found->seq = columns[1].integer;
    return error->status;
}

static MigStatus
collect_undone(void *context, const MigValue *columns, size_t count,
               MigError *error)
{
    Undone *undone = context;
    MigBytes *versions;

    (void) count;
    versions = mig_array_reserve(undone->arena, undone->versions, undone->count,
                                 &undone->capacity, sizeof(MigBytes), error);
    if (versions == NULL)
        return error->status;
    undone->versions = versions;
    versions[undone->count++] =
        mig_copy(undone->arena, columns[0].bytes, error);
    return error->status;
}

/* Find the baseline that holds; its version is absent where there is none. */
static Found
find_baseline(Mig *mig, MigArena *arena)
{
    Found found = {arena, {NULL, 0}, 0};
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target)};

    if (mig_ok(mig) && mig->has_catalogue)
        (void) mig->host->methods->query(mig->host, MIG_SQL_BASELINE, arguments,
                                         2, collect_found, &found, mig->error);
    return found;
}

MigBytes
mig_baseline_version(Mig *mig, MigArena *arena)
{
    return find_baseline(mig, arena).version;
}

static int
compare_versions(const void *a, const void *b)
{
    return mig_position_compare(*(const MigBytes *) a, *(const MigBytes *) b);
}

/* The position of an entry's version in the order of versions. */
static MigBytes
natural_position(const Mig *mig, MigArena *arena, MigBytes version)
{
    Mig inner = *mig;

    inner.arena = arena;
    return version.length > MIG_VERSION_MAX
               ? mig_bytes("")
               : mig_version_position(&inner, version);
}

/* Whether an entry's place follows from its version. */
static bool
is_natural(Mig *mig, const MigEntry *entry)
{
    MigArena arena = {mig->host, NULL};
    bool natural = mig_bytes_equal(
        entry->position, natural_position(mig, &arena, entry->version));

    mig_arena_release(&arena);
    return natural;
}

/* Mark what is passed over because of a state's baseline. */
static void
mark_entries(Mig *mig, MigState *state, bool known, const Undone *undone)
{
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        MigEntry *entry = &state->entries[i];

        if (entry->applied || entry->repeatable ||
            mig_position_compare(entry->position, state->baseline_position) >
                0 ||
            (!known && !is_natural(mig, entry)))
            continue;
        if (undone->count == 0 ||
            bsearch(&entry->version, undone->versions, undone->count,
                    sizeof(MigBytes), compare_versions) == NULL)
            entry->baseline = state->baseline;
    }
}

/* Whether a state has something that may have to be passed over. */
static bool
has_unapplied(const MigState *state)
{
    for (size_t i = 0; i < state->count; i++)
    {
        if (!state->entries[i].applied && !state->entries[i].repeatable)
            return true;
    }
    return state->count == 0;
}

/* Read the baseline, whatever it is needed for. */
static void
read_baseline(Mig *mig, MigArena *arena, MigState *state)
{
    Undone undone = {arena, NULL, 0, 0};
    Found found = find_baseline(mig, arena);
    const MigEntry *entry;
    MigValue arguments[3];

    if (!mig_ok(mig) || found.version.data == NULL)
        return;
    entry = mig_state_find(mig, state, found.version);
    state->baseline = found.version;
    state->baseline_position =
        entry != NULL ? entry->position
                      : natural_position(mig, arena, found.version);
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_integer(found.seq);
    (void) mig->host->methods->query(mig->host, MIG_SQL_UNDONE_SINCE, arguments,
                                     3, collect_undone, &undone, mig->error);
    mark_entries(mig, state, entry != NULL, &undone);
}

void
mig_baseline_read(Mig *mig, MigArena *arena, MigState *state)
{
    /* The history is read for nothing where all is applied. */
    if (mig_ok(mig) && has_unapplied(state))
        read_baseline(mig, arena, state);
}

bool
mig_baseline_is_before(const MigState *state, MigBytes position)
{
    return state->baseline.data != NULL &&
           mig_position_compare(position, state->baseline_position) <= 0;
}

bool
mig_baseline_has(Mig *mig, const MigState *state, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    const MigEntry *entry;
    bool has = false;

    if (!mig_ok(mig) || state->baseline.data == NULL)
        return false;
    entry = mig_state_find(mig, state, state->baseline);
    if (entry == NULL || is_natural(mig, entry))
        has = mig_baseline_is_before(state,
                                     natural_position(mig, &arena, version));
    mig_arena_release(&arena);
    return has;
}

bool
mig_baseline_end(Mig *mig, MigState *state, MigBytes position)
{
    MigEvent event = {"unstamp", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,        NULL,      NULL,      false};
    const MigEntry *entry;

    if (mig_ok(mig) && state->baseline.data == NULL)
        read_baseline(mig, mig->arena, state);
    if (!mig_ok(mig) || state->baseline.data == NULL ||
        (position.data != NULL &&
         mig_position_compare(position, state->baseline_position) >= 0))
        return false;
    event.version = state->baseline;
    event.detail = "it is the baseline no more";
    entry = mig_state_find(mig, state, state->baseline);
    state->baseline.data = NULL;
    for (size_t i = 0; i < state->count; i++)
        state->entries[i].baseline.data = NULL;
    /* Where it has a record, that goes with such an event. */
    if (entry != NULL && entry->applied)
        return false;
    (void) mig_event_add(mig, &event);
    return true;
}

/* Fail unless nothing is applied, and no other baseline in force. */
static void
require_none(Mig *mig, const MigState *state, MigBytes version)
{
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        if (!state->entries[i].applied)
            continue;
        (void) mig_fail(mig->error, MIG_STATE,
                        "migration \"%.*s\" is applied: a baseline is for a "
                        "database where nothing is",
                        (int) state->entries[i].version.length,
                        state->entries[i].version.data);
        mig_fail_hint(mig->error,
                      "migrate_stamp('%.*s') declares the database to be "
                      "there, whatever is applied.",
                      (int) mig_cut(version, 200).length, version.data);
    }
    if (!mig_ok(mig) || state->baseline.data == NULL)
        return;
    (void) mig_fail(mig->error, MIG_STATE, "\"%.*s\" is the baseline already",
                    (int) state->baseline.length, state->baseline.data);
    mig_fail_hint(mig->error,
                  "migrate_stamp('base') takes it away; then declare another.");
}

/* Fail when the migrations that are there do not stand in the order of their
 * versions, so that nobody knows where another version would be. */
static void
require_natural(Mig *mig, const MigState *state, MigBytes version)
{
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (entry->repeatable || entry->checkpoint || is_natural(mig, entry))
            continue;
        (void) mig_fail(mig->error, MIG_UNKNOWN,
                        "there is no migration \"%.*s\", and the order of the "
                        "others is not that of their versions",
                        (int) version.length, version.data);
        mig_fail_hint(mig->error, "Name one of those that SELECT * FROM "
                                  "migrate_status() lists.");
    }
}

/* The last entry up to a position that is no repeatable, or NULL. */
static const MigEntry *
last_up_to(const MigState *state, MigBytes position)
{
    const MigEntry *last = NULL;

    for (size_t i = 0; i < state->count; i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (!entry->repeatable &&
            mig_position_compare(entry->position, position) <= 0)
            last = entry;
    }
    return last;
}

/*
 * Find where a version is.
 *
 * version  in/out: as it was given; as the catalogue writes it
 *
 * Returns the last entry up to it, or NULL when there is none.
 */
static const MigEntry *
find_place(Mig *mig, const MigState *state, MigBytes *version)
{
    const MigEntry *entry;

    if (mig_version_check(*version, mig->error) != MIG_OK)
        return NULL;
    entry = mig_state_find(mig, state, *version);
    if (entry != NULL && entry->repeatable)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" is a repeatable migration: it has no place "
                        "among the versions",
                        (int) version->length, version->data);
    if (entry != NULL)
    {
        *version = entry->version;
        return entry;
    }
    require_natural(mig, state, *version);
    if (!mig_ok(mig))
        return NULL;
    return last_up_to(state, mig_version_position(mig, *version));
}

/* Record the baseline, and as applied what is loaded up to it. */
static int64_t
declare(Mig *mig, MigArena *arena, MigBytes version, const MigState *state,
        const MigEntry *last)
{
    MigEvent event = {"baseline", version, {NULL, 0}, MIG_OUTCOME_OK,
                      -1,         NULL,    NULL,      false};
    MigTarget target = {MIG_TARGET_VERSION, 0, last, version, {NULL, 0}};
    MigPlan back = {NULL, 0};
    MigPlan forward = {NULL, 0};

    event.detail = "what is at or below it is passed over from now on";
    (void) mig_event_add(mig, &event);
    if (last != NULL && mig_ok(mig))
        mig_plan_stamp(mig, arena, state, &target, &back, &forward);
    for (size_t i = 0; i < forward.count && mig_ok(mig); i++)
        mig_stamp_record(mig, forward.steps[i], MIG_FORWARD, "stamp");
    return (int64_t) forward.count;
}

int64_t
mig_baseline(Mig *mig, MigBytes version)
{
    MigArena arena = {mig->host, NULL};
    const MigEntry *last;
    int64_t count = 0;
    MigState state;
    MigMark mark;

    mig_write_begin(mig, "migrate_baseline", &mark);
    mig_state_read(mig, &arena, &state);
    last = mig_ok(mig) ? find_place(mig, &state, &version) : NULL;
    require_none(mig, &state, version);
    if (mig_ok(mig))
        count = declare(mig, &arena, version, &state, last);
    mig_write_end(mig, &mark);
    mig_arena_release(&arena);
    return mig_ok(mig) ? count : 0;
}

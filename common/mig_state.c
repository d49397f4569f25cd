#include "mig_state.h"

#include <stdlib.h>

#include "mig_baseline.h"
#include "mig_chain.h"
#include "mig_checkpoint.h"
#include "mig_condition.h"
#include "mig_difference.h"
#include "mig_filter.h"
#include "mig_migration.h"
#include "mig_setting.h"
#include "mig_version.h"
#include "mig_write.h"

/* The first column of MIG_SQL_STATE_LIST that is of migrate_applied. */
#define STATE_APPLIED 9

/* Where a state is being read to. */
typedef struct StateReader
{
    MigArena *arena;
    MigState *state;
    MigRowFunction row; /* is given each row as well, where it is loaded */
    void *context;
} StateReader;

/*
 * Note that an entry is applied.
 *
 * columns  of migrate_applied, as MIG_SQL_STATE_LIST has them
 */
static void
read_applied(MigArena *arena, const MigValue *columns, MigEntry *entry,
             MigError *error)
{
    entry->applied = true;
    entry->applied_checksum = mig_bytes_equal(columns[0].bytes, entry->checksum)
                                  ? entry->checksum
                                  : mig_copy(arena, columns[0].bytes, error);
    entry->ordinal = columns[1].integer;
    entry->applied_at = columns[2].integer;
    entry->applied_by = mig_copy(arena, columns[3].bytes, error);
    entry->duration_us = columns[4].integer;
    entry->applied_has_down = columns[5].type != MIG_NULL;
}

/* Whether a migration is run again, by its options. */
static MigRerun
rerun_of(MigBytes options)
{
    MigBytes rerun = mig_option(options, "rerun");

    if (rerun.data == NULL)
        return MIG_RERUN_NEVER;
    return mig_bytes_equal(rerun, mig_bytes("always")) ? MIG_RERUN_ALWAYS
                                                       : MIG_RERUN_CHANGED;
}

/* Add an entry of a migration as it is loaded; NULL without memory. */
static MigEntry *
add_entry(MigArena *arena, MigState *state, const MigValue *columns,
          MigError *error)
{
    MigEntry *entry;
    MigEntry *entries =
        mig_array_reserve(arena, state->entries, state->count, &state->capacity,
                          sizeof(MigEntry), error);

    if (entries == NULL)
        return NULL;
    state->entries = entries;
    entry = &entries[state->count++];
    entry->version = mig_copy(arena, columns[0].bytes, error);
    entry->position = mig_copy(arena, columns[1].bytes, error);
    entry->name = mig_copy(arena, columns[2].bytes, error);
    entry->file = mig_copy(arena, columns[3].bytes, error);
    entry->checksum = mig_copy(arena, columns[4].bytes, error);
    entry->requires = mig_copy(arena, columns[5].bytes, error);
    entry->options = mig_copy(arena, columns[6].bytes, error);
    entry->present = columns[7].integer != 0;
    entry->deleted = mig_option(entry->options, MIG_DELETED).data != NULL;
    entry->has_down = columns[8].type != MIG_NULL;
    entry->repeatable =
        mig_starts_with(entry->position, MIG_POSITION_REPEATABLE);
    entry->rerun = rerun_of(entry->options);
    entry->hook = mig_starts_with(entry->position, MIG_POSITION_HOOK);
    entry->checkpoint = mig_option(entry->options, "checkpoint").data != NULL;
    return entry;
}

/* Take a row of MIG_SQL_STATE_LIST. */
static MigStatus
take_state(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    const StateReader *reader = context;
    MigEntry *entry = add_entry(reader->arena, reader->state, columns, error);

    (void) count;
    if (entry != NULL && columns[STATE_APPLIED].type != MIG_NULL)
        read_applied(reader->arena, &columns[STATE_APPLIED], entry, error);
    return error->status;
}

/* Take a row of MIG_SQL_STATE_LOADED. */
static MigStatus
take_loaded(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    const StateReader *reader = context;

    if (reader->row(reader->context, columns, count, error) == MIG_OK)
        (void) add_entry(reader->arena, reader->state, columns, error);
    return error->status;
}

/* The entry of a position, by binary search, or NULL. */
static const MigEntry *
find_position(const MigState *state, MigBytes position)
{
    size_t low = 0;
    size_t high = state->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        int order =
            mig_position_compare(state->entries[middle].position, position);

        if (order == 0)
            return &state->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int
compare_versions(const void *a, const void *b)
{
    return mig_position_compare((*(const MigEntry *const *) a)->version,
                                (*(const MigEntry *const *) b)->version);
}

/* The entry of a version, exactly, where the state has an index. */
static const MigEntry *
find_version(const MigState *state, MigBytes version)
{
    MigEntry wanted = {.version = version};
    const MigEntry *key = &wanted;
    const MigEntry **found;

    if (state->by_version == NULL)
        return NULL;
    found = bsearch(&key, state->by_version, state->count, sizeof(MigEntry *),
                    compare_versions);
    return found == NULL ? NULL : *found;
}

const MigEntry *
mig_state_find(Mig *mig, const MigState *state, MigBytes version)
{
    const MigEntry *found = find_version(state, version);

    if (found != NULL)
        return found;
    /* Most formats order naturally; the others need a look at each entry. */
    if (version.length <= MIG_VERSION_MAX)
        found = find_position(state, mig_version_position(mig, version));
    if (found != NULL && mig_bytes_equal(found->version, version))
        return found;
    found = NULL;
    for (size_t i = 0; i < state->count; i++)
    {
        const MigEntry *entry = &state->entries[i];

        if (mig_bytes_equal(entry->version, version))
            return entry;
        if ((!entry->repeatable &&
             mig_version_equal(entry->version, version)) ||
            (found == NULL && mig_checkpoint_is_up_to(entry, version)))
            found = entry;
    }
    return found;
}

/*
 * Note, for all that an entry requires, directly or not, that it is used from
 * there on.  Called in run order, so what is noted first is the lowest.
 */
static void
note_user(Mig *mig, MigState *state, size_t user, const MigEntry *entry)
{
    MigBytes word;
    size_t at = 0;

    while (mig_ok(mig) && mig_next_word(entry->requires, &at, "\n", &word))
    {
        const MigEntry *found = mig_state_find(mig, state, word);
        MigEntry *required;

        if (found == NULL || found->first_user <= user)
            continue;
        required = &state->entries[found - state->entries];
        required->first_user = user;
        note_user(mig, state, user, required);
    }
}

/* Make the index of versions, where requirements will need it. */
static void
index_versions(Mig *mig, MigArena *arena, MigState *state)
{
    const MigEntry **index;
    bool wanted = false;

    for (size_t i = 0; i < state->count; i++)
    wanted = wanted || state->entries[i].requires.length > 0;
    if (!wanted || !mig_ok(mig))
        return;
    index =
        mig_alloc_array(arena, state->count, sizeof(MigEntry *), mig->error);
    for (size_t i = 0; index != NULL && i < state->count; i++)
        index[i] = &state->entries[i];
    if (index != NULL)
        qsort(index, state->count, sizeof(MigEntry *), compare_versions);
    state->by_version = index;
}

/* Set what follows from the rows. */
static void
derive(Mig *mig, MigArena *arena, MigState *state)
{
    index_versions(mig, arena, state);
    for (size_t i = 0; i < state->count; i++)
    {
        state->entries[i].first_user = i;
        if (state->entries[i].applied && !state->entries[i].repeatable)
            state->current = &state->entries[i];
    }
    for (size_t i = 0; i < state->count; i++)
    {
        if (state->entries[i].requires.length > 0)
            note_user(mig, state, i, &state->entries[i]);
    }
}

/* Take the hooks, which are the last, from the migrations. */
static void
part_hooks(MigState *state)
{
    while (state->count > 0 && state->entries[state->count - 1].hook)
    {
        state->count--;
        state->hook_count++;
    }
    state->hooks =
        state->hook_count == 0 ? NULL : &state->entries[state->count];
}

/* Find the checkpoint that counts.  A condition that cannot be told is for
 * those who make a plan to fail on. */
static void
find_checkpoint(Mig *mig, MigState *state)
{
    if (!mig_ok(mig))
        return;
    state->checkpoint = mig_checkpoint_find(mig, state, state->count);
    if (mig->error->status == MIG_INVALID)
        mig_error_clear(mig->error);
}

static int
compare_positions(const void *a, const void *b)
{
    return mig_position_compare(((const MigEntry *) a)->position,
                                ((const MigEntry *) b)->position);
}

void
mig_state_order(Mig *mig, MigArena *arena, MigState *state)
{
    mig_array_sort(state->entries, state->count, sizeof(MigEntry),
                   compare_positions);
    part_hooks(state);
    derive(mig, arena, state);
}

void
mig_state_read(Mig *mig, MigArena *arena, MigState *state)
{
    StateReader reader = {.arena = arena, .state = state};
    MigValue arguments[2];

    memset(state, 0, sizeof(*state));
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    mig_chain_read(mig);
    state->seq = mig_catalogue_number(mig);
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_STATE_LIST,
                                         arguments, 2, take_state, &reader,
                                         mig->error);
    mig_state_order(mig, arena, state);
    mig_state_complete(mig, arena, state);
}

void
mig_state_read_loaded(Mig *mig, MigState *state, MigRowFunction row,
                      void *context)
{
    StateReader reader = {mig->arena, state, row, context};
    MigValue project;

    memset(state, 0, sizeof(*state));
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    project = mig_text_value(mig->settings->project);
    (void) mig->host->methods->query(mig->host, MIG_SQL_STATE_LOADED, &project,
                                     1, take_loaded, &reader, mig->error);
}

void
mig_state_set_applied(Mig *mig, MigEntry *entry, const MigValue *columns)
{
    const MigValue applied[] = {
        columns[MIG_APPLIED_CHECKSUM], columns[MIG_APPLIED_ORDINAL],
        columns[MIG_APPLIED_AT],       columns[MIG_APPLIED_ACTOR],
        columns[MIG_APPLIED_DURATION], columns[MIG_APPLIED_DOWN]};

    read_applied(mig->arena, applied, entry, mig->error);
}

void
mig_state_complete(Mig *mig, MigArena *arena, MigState *state)
{
    mig_baseline_read(mig, arena, state);
    find_checkpoint(mig, state);
}

static MigStatus
note_row(void *context, const MigValue *columns, size_t count, MigError *error)
{
    (void) columns;
    (void) count;
    (void) error;
    *(bool *) context = true;
    return MIG_OK;
}

bool
mig_state_probe(Mig *mig)
{
    bool found = false;
    MigValue arguments[3];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return false;
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    arguments[2] = mig_string(MIG_POSITION_REPEATABLE);
    (void) mig->host->methods->query(mig->host, MIG_SQL_STATE_PROBE, arguments,
                                     3, note_row, &found, mig->error);
    return found;
}

bool
mig_entry_missing(const MigEntry *entry)
{
    return entry->applied && !entry->present && !entry->deleted;
}

bool
mig_entry_changed(Mig *mig, const MigEntry *entry)
{
    return !entry->deleted && !entry->repeatable &&
           entry->rerun == MIG_RERUN_NEVER &&
           mig_option(entry->options, "changes").data == NULL &&
           mig_entry_difference(mig, entry) == MIG_TEXT_CHANGED;
}

bool
mig_entry_pending(Mig *mig, const MigEntry *entry)
{
    if (!entry->present || entry->deleted)
        return false;
    return !entry->applied ||
           ((entry->repeatable || entry->rerun == MIG_RERUN_CHANGED) &&
            mig_entry_difference(mig, entry) == MIG_TEXT_CHANGED);
}

bool
mig_entry_runs_always(const MigEntry *entry)
{
    return entry->applied && entry->present && !entry->deleted &&
           entry->rerun == MIG_RERUN_ALWAYS;
}

const char *
mig_entry_skipped(Mig *mig, const MigEntry *entry)
{
    MigBytes condition = mig_option(entry->options, "condition");

    if (!mig_filter_holds(mig, entry->options))
        return mig_filter_reason(mig, entry->options);
    if (condition.data == NULL || mig_condition_holds(mig, condition))
        return NULL;
    return mig_format_string(
        mig->arena, mig->error, "its condition does not hold: %.*s",
        (int) mig_cut(condition, 300).length, condition.data);
}

MigBytes
mig_entry_lacks(Mig *mig, const MigState *state, const MigEntry *entry)
{
    MigBytes word = {NULL, 0};
    MigBytes absent = {NULL, 0};
    size_t at = 0;

    while (mig_ok(mig) && mig_next_word(entry->requires, &at, "\n", &word))
    {
        const MigEntry *required = mig_state_find(mig, state, word);

        if (required == NULL && mig_baseline_has(mig, state, word))
            continue;
        if (required == NULL ||
            (!required->applied &&
             !mig_checkpoint_covers(state->checkpoint, required)))
            return word;
    }
    return absent;
}

bool
mig_entry_ahead(const Mig *mig, const MigEntry *entry)
{
    const MigSession *session = mig->host->session;

    return session->older_release &&
           mig_bytes_equal(mig->settings->project,
                           mig_bytes(session->ahead_project)) &&
           mig_position_compare(entry->position,
                                mig_bytes(session->ahead_after)) > 0;
}

bool
mig_entry_order_free(const Mig *mig, const MigEntry *entry)
{
    const char *origin;
    MigBytes setting = mig_setting(mig, "out_of_order", &origin);

    if (mig_option(entry->options, MIG_ANY_ORDER).data != NULL)
        return true;
    if (strcmp(origin, "default") != 0)
        return mig_bytes_equal(setting, mig_bytes("allow"));
    return mig_bytes_equal(mig_option(entry->options, "order"),
                           mig_bytes("free"));
}

bool
mig_entry_out_of_order(const MigState *state, const MigEntry *entry)
{
    size_t index = (size_t) (entry - state->entries);

    if (entry->repeatable || entry->applied)
        return false;
    for (const MigEntry *other = state->current; other != NULL && other > entry;
         other--)
    {
        if (other->applied && other->first_user > index)
            return true;
    }
    return false;
}

const char *
mig_entry_noun(const MigEntry *entry)
{
    return entry->hook ? "hook" : "migration";
}

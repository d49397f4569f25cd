#include "mig_adopt_parts.h"

#include <stdlib.h>

#include "mig_setting.h"
#include "mig_version.h"

/* A row by what it is compared by. */
typedef struct KeyedRow
{
    MigBytes key;
    MigKeyKind kind;
    MigOtherRow *row;
} KeyedRow;

/* The first key that a row has. */
static KeyedRow
first_key(Mig *mig, const MigOtherTool *tool, MigOtherRow *row)
{
    KeyedRow keyed = {{NULL, 0}, MIG_KEY_NONE, row};

    for (size_t i = 0; i < MIG_OTHER_KEYS && keyed.key.data == NULL; i++)
    {
        if (tool->keys[i].kind == MIG_KEY_NONE)
            break;
        keyed.kind = tool->keys[i].kind;
        keyed.key = mig_row_key(mig, row, tool->keys[i]);
    }
    return keyed;
}

static int
compare_keyed_rows(const void *a, const void *b)
{
    const KeyedRow *one = a;
    const KeyedRow *other = b;
    int order = (one->kind > other->kind) - (one->kind < other->kind);

    if (order == 0)
        order = mig_position_compare(one->key, other->key);
    if (order == 0)
        order = (one->row > other->row) - (one->row < other->row);
    return order;
}

/*
 * Let the last row of each migration count, and those before it not: it was
 * undone and applied again, or is a repeatable one.  What has failed, however,
 * stays for somebody to look at.
 */
static void
keep_last(Mig *mig, const MigHistory *history)
{
    KeyedRow *keyed = mig_alloc_array(mig->arena, history->count + 1,
                                      sizeof(KeyedRow), mig->error);

    for (size_t i = 0; i < history->count && mig_ok(mig); i++)
    {
        keyed[i].row = &history->rows[i];
        /* Where a tool began says nothing of that version itself. */
        if (!history->rows[i].below)
            keyed[i] = first_key(mig, history->tool, &history->rows[i]);
        /* Nor is a time an identity: Drizzle runs all of one time. */
        if (keyed[i].kind == MIG_KEY_WHEN)
            keyed[i].key.length = 0;
    }
    if (!mig_ok(mig) || history->count < 2)
        return;
    qsort(keyed, history->count, sizeof(KeyedRow), compare_keyed_rows);
    for (size_t i = 0; i + 1 < history->count; i++)
    {
        MigOtherRow *row = keyed[i].row;

        if (keyed[i].key.length == 0 || keyed[i].kind != keyed[i + 1].kind ||
            !mig_bytes_equal(keyed[i].key, keyed[i + 1].key) ||
            row->state == MIG_OTHER_FAILED || row->state == MIG_OTHER_NOTHING)
            continue;
        row->state = MIG_OTHER_NOTHING;
        row->problem = "a later row counts";
    }
}

/* Whether all rows are of one project, as Sqitch has several in a registry. */
static bool
is_one_project(const MigHistory *history)
{
    const MigOtherRow *rows = history->rows;

    for (size_t i = 1; i < history->count; i++)
    {
        if (!mig_bytes_equal(rows[i].texts[MIG_OTHER_SECOND],
                             rows[0].texts[MIG_OTHER_SECOND]))
            return false;
    }
    return true;
}

/* Of several projects take the one that the setting "project" names. */
static void
choose_project(Mig *mig, const MigHistory *history)
{
    MigBytes project = mig->settings->project;
    size_t count = 0;

    if (is_one_project(history))
        return;
    for (size_t i = 0; i < history->count; i++)
    {
        MigOtherRow *row = &history->rows[i];

        if (mig_bytes_equal(row->texts[MIG_OTHER_SECOND], project))
        {
            count++;
            continue;
        }
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is of another project";
    }
    if (count > 0)
        return;
    (void) mig_fail(mig->error, MIG_STATE,
                    "the history of \"%s\" is of several projects, none of "
                    "which is \"%.*s\"",
                    history->tool->name, (int) project.length, project.data);
    mig_fail_hint(
        mig->error,
        "The setting \"project\" says which one is meant, such as "
        "\"%.*s\"; load its migrations there.",
        (int) mig_cut(history->rows[0].texts[MIG_OTHER_SECOND], 200).length,
        history->rows[0].texts[MIG_OTHER_SECOND].data);
}

/* Whether a row is about a migration. */
static bool
is_claimed(const MigMatches *matches, const MigEntry *entry)
{
    return matches->by[entry - matches->state->entries] != NULL;
}

/* Note that a row is about a migration, unless another one is already. */
static void
claim(MigMatches *matches, MigOtherRow *row, const MigEntry *entry)
{
    const MigOtherRow **by = &matches->by[entry - matches->state->entries];

    if (*by != NULL)
        return;
    *by = row;
    row->matches++;
    matches->count++;
}

/* The migration of a row that names one, by the tool's keys from one of them
 * on, or NULL. */
static const MigEntry *
find_entry(Mig *mig, MigMatches *matches, const MigOtherRow *row, size_t from)
{
    const MigOtherTool *tool = matches->history->tool;
    bool nth = tool->rule == MIG_RULE_NTH;

    for (size_t i = from; i < MIG_OTHER_KEYS && mig_ok(mig); i++)
    {
        MigKeyKind kind = tool->keys[i].kind;
        const MigKeyed *first = NULL;
        size_t count;

        if (kind == MIG_KEY_NONE)
            break;
        count = mig_key_find(mig, &matches->index, kind,
                             mig_row_key(mig, row, tool->keys[i]), &first);
        /* What was reworked has the same name again: the first that no row
         * has claimed yet is meant. */
        while (nth && count > 1 && is_claimed(matches, first->entry))
        {
            first++;
            count--;
        }
        /* A file's name, or a time, must not be that of several. */
        if (count == 1 ||
            (count > 1 && kind != MIG_KEY_SET_FILE && kind != MIG_KEY_WHEN))
            return first->entry;
    }
    return NULL;
}

/* Whether a migration is one of those up to a row's version. */
static bool
is_up_to(Mig *mig, MigMatches *matches, const MigOtherRow *row,
         const MigEntry *entry)
{
    MigOtherKey key = matches->history->tool->keys[0];
    MigBytes own = mig_entry_key(mig, &matches->index, key.kind, entry);

    return own.length > 0 && !entry->repeatable &&
           mig_key_compare(mig, own, mig_row_key(mig, row, key)) <=
               (row->below ? -1 : 0);
}

/*
 * Claim every version up to a row's, from the last checkpoint among them on,
 * which stands for those before it.  The row's own must be there too, but where
 * it only says where the tool began; else how far the tool came is not known,
 * and nothing is claimed.
 */
static void
claim_up_to(Mig *mig, MigMatches *matches, MigOtherRow *row)
{
    const MigState *state = matches->state;
    MigOtherKey key = matches->history->tool->keys[0];
    MigBytes limit = mig_row_key(mig, row, key);
    const MigKeyed *found;
    size_t first = 0;

    row->stray =
        row->state == MIG_OTHER_APPLIED &&
        mig_key_find(mig, &matches->index, key.kind, limit, &found) == 0;

    if (row->stray || limit.length == 0)
        return;
    for (size_t i = 0; i < state->count && mig_ok(mig); i++)
    {
        if (state->entries[i].checkpoint &&
            is_up_to(mig, matches, row, &state->entries[i]))
            first = i;
    }
    for (size_t i = first; i < state->count && mig_ok(mig); i++)
    {
        if (is_up_to(mig, matches, row, &state->entries[i]))
            claim(matches, row, &state->entries[i]);
    }
}

/* Claim what a migration requires, directly or not, and it. */
static void
claim_ancestors(Mig *mig, MigMatches *matches, MigOtherRow *row,
                const MigEntry *head)
{
    const MigEntry **todo = mig_alloc_array(
        mig->arena, matches->state->count + 1, sizeof(MigEntry *), mig->error);
    size_t count = 0;

    if (!mig_ok(mig))
        return;
    todo[count++] = head;
    claim(matches, row, head);
    while (count > 0 && mig_ok(mig))
    {
        const MigEntry *entry = todo[--count];
        MigBytes version;
        size_t at = 0;

        while (mig_next_word(entry->requires, &at, "\n", &version))
        {
            const MigKeyed *found = NULL;

            if (mig_key_find(mig, &matches->index, MIG_KEY_VERSION, version,
                             &found) == 0 ||
                is_claimed(matches, found->entry))
                continue;
            claim(matches, row, found->entry);
            todo[count++] = found->entry;
        }
    }
}

/* Whether a migration is one of those that a number counts. */
static bool
is_counted(const MigEntry *entry)
{
    return !entry->repeatable && !entry->checkpoint;
}

/* How many migrations, repeatables left out, there are up to a number. */
static size_t
count_up_to(Mig *mig, const MigMatches *matches, MigBytes limit)
{
    size_t count = 0;

    for (size_t i = 0; i < matches->state->count && mig_ok(mig); i++)
    {
        const MigEntry *entry = &matches->state->entries[i];

        if (!entry->repeatable &&
            mig_key_compare(mig, entry->version, limit) <= 0)
            count++;
    }
    return count;
}

/*
 * A number beside all tables is the version of the last migration, or how many
 * there are: the latter where all versions are above it, as those are that are
 * made of a date.
 */
static void
match_number(Mig *mig, MigMatches *matches, MigOtherRow *row)
{
    const MigState *state = matches->state;
    int64_t wanted = row->columns[MIG_OTHER_KEY].integer;
    int64_t count = 0;

    row->stray = true;
    if (wanted < 1)
        return;
    if (count_up_to(mig, matches, row->texts[MIG_OTHER_KEY]) > 0)
    {
        claim_up_to(mig, matches, row);
        return;
    }
    for (size_t i = 0; i < state->count; i++)
        count += is_counted(&state->entries[i]) ? 1 : 0;
    for (size_t i = 0; i < state->count && count >= wanted; i++)
    {
        if (!is_counted(&state->entries[i]) || row->matches >= (size_t) wanted)
            continue;
        claim(matches, row, &state->entries[i]);
    }
    row->stray = count < wanted;
}

/* The migration that is a dump of a schema with a row's version in it, or
 * NULL. */
static const MigEntry *
find_cover(Mig *mig, MigMatches *matches, const MigOtherRow *row)
{
    MigOtherKey key = matches->history->tool->keys[0];
    const MigKeyed *first = NULL;

    if (key.kind != MIG_KEY_VERSION && key.kind != MIG_KEY_NUMBER)
        return NULL;
    key.kind = MIG_KEY_COVERS;
    if (mig_key_find(mig, &matches->index, key.kind, mig_row_key(mig, row, key),
                     &first) == 0)
        return NULL;
    return first->entry;
}

/* Once all rows are matched: those that are in a dump which is applied itself
 * need no migration of their own. */
static void
settle_covered(const MigMatches *matches)
{
    for (size_t i = 0; i < matches->history->count; i++)
    {
        MigOtherRow *row = &matches->history->rows[i];

        if (row->cover == NULL || !is_claimed(matches, row->cover))
            continue;
        row->stray = false;
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is in the dump of the schema";
    }
}

/* Match one row that says that something is applied. */
static void
match_row(Mig *mig, MigMatches *matches, MigOtherRow *row)
{
    const MigEntry *entry;

    switch (matches->history->tool->rule)
    {
        case MIG_RULE_EACH:
        case MIG_RULE_NTH:
        case MIG_RULE_HEADS:
            break;
        case MIG_RULE_UP_TO:
            claim_up_to(mig, matches, row);
            return;
        case MIG_RULE_NUMBER:
            match_number(mig, matches, row);
            return;
    }
    if (row->state == MIG_OTHER_BASELINE)
    {
        /* It may have a script of its own, which then was run in place of all
         * up to it. */
        entry = find_entry(mig, matches, row, 1);
        if (entry != NULL)
            claim(matches, row, entry);
        if (entry == NULL || !entry->checkpoint)
            claim_up_to(mig, matches, row);
        return;
    }
    entry = find_entry(mig, matches, row, 0);
    row->stray = entry == NULL;
    if (entry == NULL)
    {
        row->cover = find_cover(mig, matches, row);
        return;
    }
    if (is_claimed(matches, entry))
    {
        row->state = MIG_OTHER_NOTHING;
        row->problem = "another row says the same";
    }
    else if (matches->history->tool->rule == MIG_RULE_HEADS)
        claim_ancestors(mig, matches, row, entry);
    else
        claim(matches, row, entry);
}

/* By row, and for each row in run order. */
static int
compare_matches(const void *a, const void *b)
{
    const MigMatch *one = a;
    const MigMatch *other = b;
    int order = (one->row > other->row) - (one->row < other->row);

    if (order == 0)
        order = (one->entry > other->entry) - (one->entry < other->entry);
    return order;
}

/*
 * Order the rows' migrations as they were applied.  Rows without a number or
 * a time are in no order that means anything: theirs is the run order.
 */
static void
list_matches(Mig *mig, MigMatches *matches)
{
    const MigHistory *history = matches->history;
    size_t count = 0;

    matches->items = mig_alloc_array(mig->arena, matches->count + 1,
                                     sizeof(MigMatch), mig->error);
    for (size_t i = 0; i < matches->state->count && mig_ok(mig); i++)
    {
        if (matches->by[i] == NULL)
            continue;
        matches->items[count].row =
            &history->rows[matches->by[i] - history->rows];
        matches->items[count++].entry = &matches->state->entries[i];
    }
    if (count > 1 && (history->tool->columns[MIG_OTHER_ORDER] != NULL ||
                      history->tool->columns[MIG_OTHER_AT] != NULL))
        qsort(matches->items, count, sizeof(MigMatch), compare_matches);
}

/* Leave what is applied already as it is. */
static void
leave_applied(const MigMatches *matches)
{
    for (size_t i = 0; i < matches->count; i++)
    {
        if (matches->items[i].entry->applied)
            matches->items[i].left = "applied";
    }
}

/* When migrations were rolled back. */
typedef struct Undone
{
    Mig *mig;
    MigMatches *matches;
    int64_t *at; /* for each entry of the state: microseconds, or 0 */
} Undone;

static MigStatus
collect_undone(void *context, const MigValue *columns, size_t count,
               MigError *error)
{
    Undone *undone = context;
    const MigKeyed *found = NULL;

    (void) count;
    if (mig_key_find(undone->mig, &undone->matches->index, MIG_KEY_VERSION,
                     columns[0].bytes, &found) > 0)
        undone->at[found->entry - undone->matches->state->entries] =
            columns[1].integer;
    return error->status;
}

/*
 * Leave what was rolled back here after the other tool had applied it: its
 * history does not know of that.
 */
static void
leave_rolled_back(Mig *mig, MigMatches *matches)
{
    Undone undone = {mig, matches, NULL};
    MigValue arguments[2];

    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(mig->settings->target);
    undone.at = mig_alloc_array(mig->arena, matches->state->count + 1,
                                sizeof(int64_t), mig->error);
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_EVENT_UNDONE, arguments,
                                     2, collect_undone, &undone, mig->error);
    for (size_t i = 0; i < matches->count && mig_ok(mig); i++)
    {
        MigMatch *match = &matches->items[i];
        int64_t at = undone.at[match->entry - matches->state->entries];

        if (match->left != NULL || at == 0 || match->row->at > at)
            continue;
        match->left = "rolled back";
        match->problem = "it was rolled back here since";
    }
}

/* Whether a number that stands for a whole history says that there is none. */
static bool
is_zero(const MigOtherTool *tool, const MigOtherRow *row)
{
    return (tool->rule == MIG_RULE_UP_TO || tool->rule == MIG_RULE_NUMBER) &&
           mig_bytes_equal(row->texts[MIG_OTHER_KEY], mig_bytes("0"));
}

/* Take a row that names no migration for what it is. */
static void
settle(const MigOtherTool *tool, MigOtherRow *row)
{
    if (row->state != MIG_OTHER_APPLIED || !is_zero(tool, row))
        return;
    row->state = MIG_OTHER_NOTHING;
    row->problem = "nothing is applied";
}

void
mig_adopt_match(Mig *mig, MigHistory *history, const MigState *state,
                MigMatches *matches)
{
    memset(matches, 0, sizeof(*matches));
    matches->history = history;
    matches->state = state;
    matches->index.state = state;
    if (mig_ok(mig) && history->tool->rule == MIG_RULE_NTH)
        choose_project(mig, history);
    if (mig_ok(mig) && history->tool->rule == MIG_RULE_EACH)
        keep_last(mig, history);
    matches->by = mig_alloc_array(mig->arena, state->count + 1,
                                  sizeof(MigOtherRow *), mig->error);
    for (size_t i = 0; i < history->count && mig_ok(mig); i++)
    {
        MigOtherRow *row = &history->rows[i];

        settle(history->tool, row);
        if (row->state == MIG_OTHER_APPLIED || row->state == MIG_OTHER_BASELINE)
            match_row(mig, matches, row);
    }
    if (mig_ok(mig))
        settle_covered(matches);
    list_matches(mig, matches);
    if (!mig_ok(mig))
        return;
    leave_applied(matches);
    leave_rolled_back(mig, matches);
}

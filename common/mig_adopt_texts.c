#include "mig_adopt_parts.h"

#include <stdlib.h>

#include "mig_digest.h"
#include "mig_slice.h"

/*
 * Whether the migrations are still what the other tool has applied, by the
 * checksums in its history.
 */

/* What is needed for one text after the other. */
typedef struct Comparer
{
    Mig *mig;
    MigMatches *matches;
    MigDigest *digest;
    MigMatch **by_entry; /* for each entry of the state its match, or NULL */
} Comparer;

/* Entries by the names of their files: the order of Atlas' sums. */
static int
compare_files(const void *a, const void *b)
{
    const MigEntry *const *one = a;
    const MigEntry *const *other = b;
    MigBytes x = (*one)->file;
    MigBytes y = (*other)->file;
    size_t shared = x.length < y.length ? x.length : y.length;
    int order = shared == 0 ? 0 : memcmp(x.data, y.data, shared);

    if (order != 0)
        return order;
    return (x.length > y.length) - (x.length < y.length);
}

/* The file that a migration's way up is in, in arena; absent without one. */
static MigBytes
fetch_file(Mig *mig, MigArena *arena, const MigKnown *known,
           const MigEntry *entry)
{
    const MigKnownOne *one = mig_known_at(known, entry->position);
    MigBytes absent = {NULL, 0};
    MigSlice *slices;

    if (one == NULL || entry->file.data == NULL ||
        mig_slices_read(mig, arena, one->columns[MIG_KNOWN_UP], &slices) == 0)
        return absent;
    return mig_text_fetch(mig, arena, slices[0].hash);
}

/* Take note of how a text compares. */
static void
note_answer(MigMatches *matches, MigMatch *match, MigDigestAnswer answer)
{
    if (match == NULL || match->left != NULL || answer != MIG_DIGEST_DIFFERS)
        return;
    if (match->entry->repeatable)
    {
        match->left = "outdated";
        match->problem = "its text has changed since: it runs again";
        return;
    }
    match->problem = "its text is not the one that was applied";
    matches->changed++;
}

/*
 * The checksum that a match's row has recorded, or NULL.  Where an old Sqitch
 * has written the change's ID in its place, there is none.
 */
static const MigValue *
recorded_of(const MigMatch *match)
{
    const MigValue *columns;

    if (match == NULL || match->row->state != MIG_OTHER_APPLIED)
        return NULL;
    columns = match->row->columns;
    if (columns[MIG_OTHER_MORE].type == MIG_TEXT &&
        mig_bytes_equal(columns[MIG_OTHER_MORE].bytes,
                        columns[MIG_OTHER_CHECKSUM].bytes))
        return NULL;
    return &columns[MIG_OTHER_CHECKSUM];
}

/* Compare the text of one migration with what its row has recorded. */
static void
compare_entry(Comparer *comparer, const MigEntry *entry)
{
    Mig *mig = comparer->mig;
    MigMatches *matches = comparer->matches;
    MigMatch *match = comparer->by_entry[entry - matches->state->entries];
    MigArena arena = {mig->host, NULL};
    MigDigestFile file;

    /* Atlas' sums go on from one file to the next; elsewhere only texts of
     * which something is recorded count. */
    if (match == NULL && strcmp(matches->history->tool->name, "atlas") != 0)
        return;
    file.path = entry->file;
    file.version = entry->version;
    file.name = entry->name;
    file.repeatable = entry->repeatable;
    file.text = fetch_file(mig, &arena, &matches->index.known, entry);
    if (mig_ok(mig) && file.text.data != NULL)
        note_answer(matches, match,
                    mig_digest_compare(mig, comparer->digest, &file,
                                       recorded_of(match)));
    mig_arena_release(&arena);
}

void
mig_adopt_check_texts(Mig *mig, MigMatches *matches)
{
    size_t count;
    Comparer comparer = {mig, matches, NULL, NULL};
    MigBytes all = {NULL, 0};
    const MigEntry **entries;

    if (!mig_ok(mig) || matches->count == 0 || matches->state == NULL)
        return;
    count = matches->state->count;
    comparer.digest = mig_digest_open(mig, matches->history->tool->name);
    if (comparer.digest == NULL)
        return;
    if (matches->index.known.items == NULL)
        mig_known_read(mig, all, &matches->index.known);
    entries =
        mig_alloc_array(mig->arena, count, sizeof(MigEntry *), mig->error);
    comparer.by_entry =
        mig_alloc_array(mig->arena, count, sizeof(MigMatch *), mig->error);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
        entries[i] = &matches->state->entries[i];
    for (size_t i = 0; i < matches->count && mig_ok(mig); i++)
        comparer.by_entry[matches->items[i].entry - matches->state->entries] =
            &matches->items[i];
    if (mig_ok(mig))
        qsort(entries, count, sizeof(MigEntry *), compare_files);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
        compare_entry(&comparer, entries[i]);
}

#include "mig_texts.h"

#include <stdlib.h>

#include "mig_version.h"

/* The first eight bytes of a hash as a number that sorts as they do. */
static uint64_t
start_of(MigBytes hash)
{
    uint64_t start = 0;

    for (size_t i = 0; i < sizeof(start); i++)
        start =
            start << 8 | (i < hash.length ? (unsigned char) hash.data[i] : 0);
    return start;
}

const MigKeptText *
mig_texts_add(MigArena *arena, MigTexts *texts, MigBytes hash, size_t length,
              MigError *error)
{
    MigKeptText *text =
        mig_array_reserve(arena, texts->items, texts->count, &texts->capacity,
                          sizeof(*text), error);

    if (text == NULL)
        return NULL;
    texts->items = text;
    text += texts->count++;
    text->start = start_of(hash);
    text->hash = mig_copy(arena, hash, error);
    text->length = length;
    return error->status == MIG_OK ? text : NULL;
}

static int
compare_texts(const void *a, const void *b)
{
    const MigKeptText *first = a;
    const MigKeptText *second = b;

    if (first->start != second->start)
        return first->start < second->start ? -1 : 1;
    return mig_position_compare(first->hash, second->hash);
}

/* Where texts are collected. */
typedef struct Collector
{
    MigArena *arena;
    MigTexts *texts;
} Collector;

/* Take a row of MIG_SQL_TEXT_LENGTHS. */
static MigStatus
take_length(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    const Collector *collector = context;

    (void) count;
    (void) mig_texts_add(collector->arena, collector->texts, columns[0].bytes,
                         (size_t) columns[1].integer, error);
    return error->status;
}

void
mig_texts_read(Mig *mig, MigTexts *texts)
{
    Collector collector = {mig->arena, texts};

    memset(texts, 0, sizeof(*texts));
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_LENGTHS, NULL, 0,
                                     take_length, &collector, mig->error);
}

/* The text of a key by binary search, or NULL. */
static const MigKeptText *
search_text(MigTexts *texts, const MigKeptText *key)
{
    if (texts->count == 0)
        return NULL;
    if (!texts->sorted)
        mig_array_sort(texts->items, texts->count, sizeof(MigKeptText),
                       compare_texts);
    texts->sorted = true;
    return bsearch(key, texts->items, texts->count, sizeof(MigKeptText),
                   compare_texts);
}

/* The text of a hash, or NULL.  The sections of a migration are often in one
 * text, and the next migration's in the next. */
static const MigKeptText *
find_text(MigTexts *texts, const char *hash)
{
    MigKeptText key = {0, mig_bytes(hash), 0};
    const MigKeptText *found = NULL;
    size_t first = texts->next == 0 ? 0 : texts->next - 1;

    key.start = start_of(key.hash);
    for (size_t i = first; i <= texts->next && i < texts->count; i++)
    {
        if (compare_texts(&key, &texts->items[i]) == 0)
            found = &texts->items[i];
    }
    if (found == NULL)
        found = search_text(texts, &key);
    if (found != NULL)
        texts->next = (size_t) (found - texts->items) + 1;
    return found;
}

bool
mig_texts_have(MigTexts *texts, const char *hash)
{
    return find_text(texts, hash) != NULL;
}

const char *
mig_texts_problem(MigTexts *texts, const MigSlice *slice)
{
    const MigKeptText *text = find_text(texts, slice->hash);

    if (text == NULL)
        return slice->length == 0 ? NULL : "points to a text that is not there";
    return slice->offset <= text->length &&
                   slice->length <= text->length - slice->offset
               ? NULL
               : "points beyond the end of its text";
}

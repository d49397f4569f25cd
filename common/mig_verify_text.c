#include "mig_verify_parts.h"

#include <stdlib.h>

#include "mig_setting.h"
#include "mig_version.h"

#define TEXT_HINT                                                              \
    "Nothing of it runs as it was reviewed: take the row of migrate_text "     \
    "from "                                                                    \
    "a backup."

/* A text of the catalogue. */
typedef struct KnownText
{
    MigBytes hash;
    size_t length; /* in bytes */
} KnownText;

typedef struct KnownTexts
{
    MigVerify *verify;
    KnownText *items; /* by hash */
    size_t count;
    size_t capacity;
    MigArena arena; /* of what is read of one row */
} KnownTexts;

/* Take a row of MIG_SQL_TEXT_LIST: hash the text. */
static MigStatus
take_text(void *context, const MigValue *columns, size_t count, MigError *error)
{
    KnownTexts *texts = context;
    Mig *mig = texts->verify->mig;
    MigProblem finding = {.kind = "text", .hint = TEXT_HINT};
    char hash[MIG_HASH_LENGTH + 1];
    KnownText *items;

    (void) count;
    items = mig_array_reserve(mig->arena, texts->items, texts->count,
                              &texts->capacity, sizeof(KnownText), error);
    if (items == NULL)
        return error->status;
    texts->items = items;
    items[texts->count].hash = mig_copy(mig->arena, columns[0].bytes, error);
    items[texts->count].length = columns[1].bytes.length;
    mig_hash(mig->host, &columns[1].bytes, 1, hash);
    if (columns[0].type != MIG_TEXT || columns[1].type != MIG_BYTES ||
        !mig_bytes_equal(columns[0].bytes, mig_bytes(hash)))
    {
        finding.object = items[texts->count].hash;
        finding.problem = "was edited: its bytes do not have its hash";
        mig_verify_emit(texts->verify, &finding);
    }
    texts->count++;
    return error->status;
}

static int
compare_texts(const void *a, const void *b)
{
    return mig_position_compare(((const KnownText *) a)->hash,
                                ((const KnownText *) b)->hash);
}

/* What is wrong with where a slice points to, or NULL. */
static const char *
slice_problem(const KnownTexts *texts, const MigSlice *slice)
{
    KnownText key = {mig_bytes(slice->hash), 0};
    const KnownText *text = texts->count == 0
                                ? NULL
                                : bsearch(&key, texts->items, texts->count,
                                          sizeof(KnownText), compare_texts);

    if (text == NULL)
        return slice->length == 0 ? NULL : "points to a text that is not there";
    return slice->offset <= text->length &&
                   slice->length <= text->length - slice->offset
               ? NULL
               : "points beyond the end of its text";
}

/* Look at the sections that a column lists. */
static void
check_section(KnownTexts *texts, MigBytes version, const char *section,
              const MigValue *column)
{
    Mig *mig = texts->verify->mig;
    MigProblem finding = {.kind = "text",
                          .version = version,
                          .object = mig_bytes(section),
                          .hint = "Load the directory again, or take the row "
                                  "from a backup."};
    MigSlice *slices = NULL;
    size_t count =
        column->type == MIG_NULL
            ? 0
            : mig_slices_read(mig, &texts->arena, column->bytes, &slices);

    if (mig->error->status == MIG_CORRUPT)
    {
        mig_error_clear(mig->error);
        finding.problem = "is malformed";
        mig_verify_emit(texts->verify, &finding);
        return;
    }
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        finding.problem = slice_problem(texts, &slices[i]);
        if (finding.problem == NULL)
            continue;
        mig_verify_emit(texts->verify, &finding);
        return;
    }
}

/* Note a migration that is applied, and has a verify section. */
static void
note_asked(MigVerify *verify, MigBytes version)
{
    Mig *mig = verify->mig;
    MigBytes *asked =
        mig_array_reserve(mig->arena, verify->asked, verify->asked_count,
                          &verify->asked_capacity, sizeof(*asked), mig->error);

    if (asked == NULL)
        return;
    verify->asked = asked;
    asked[verify->asked_count++] = mig_copy(mig->arena, version, mig->error);
}

/* Take a row of MIG_SQL_SECTION_LIST. */
static MigStatus
take_sections(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    static const char *const names[2][3] = {
        {"loaded up", "loaded down", "loaded verify"},
        {"up", "down", "verify"}};
    KnownTexts *texts = context;
    Mig *mig = texts->verify->mig;
    bool applied = columns[4].type != MIG_NULL;

    (void) count;
    for (size_t i = 0; i < 3; i++)
        check_section(texts, columns[0].bytes, names[applied][i],
                      &columns[i + 1]);
    if (mig_ok(mig) && applied && columns[3].type != MIG_NULL &&
        mig_bytes_equal(columns[4].bytes, mig->settings->target))
        note_asked(texts->verify, columns[0].bytes);
    mig_arena_release(&texts->arena);
    return error->status;
}

void
mig_verify_texts(MigVerify *verify)
{
    Mig *mig = verify->mig;
    KnownTexts texts = {verify, NULL, 0, 0, {mig->host, NULL}};
    MigValue arguments[1];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_LIST, NULL, 0,
                                     take_text, &texts, mig->error);
    if (mig_ok(mig) && texts.count > 0)
        qsort(texts.items, texts.count, sizeof(KnownText), compare_texts);
    arguments[0] = mig_text_value(mig->settings->project);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_SECTION_LIST,
                                         arguments, 1, take_sections, &texts,
                                         mig->error);
    mig_arena_release(&texts.arena);
}

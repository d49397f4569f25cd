#include "mig_slice.h"

#include "mig_sum.h"

void
mig_hash(MigHost *host, const MigBytes *pieces, size_t count,
         char hash[MIG_HASH_LENGTH + 1])
{
    unsigned char digest[MIG_SHA256_SIZE];

    host->methods->digest(host, MIG_SHA256, pieces, count, digest);
    mig_hexadecimal(digest, sizeof(digest), hash);
}

/* Copy a text with its line ends made LF; returns the new length. */
static size_t
normalise_lines(MigBytes text, char *copy)
{
    size_t length = 0;

    for (size_t i = 0; i < text.length; i++)
    {
        if (text.data[i] != '\r')
            copy[length++] = text.data[i];
        else if (i + 1 == text.length || text.data[i + 1] != '\n')
            copy[length++] = '\n';
    }
    return length;
}

void
mig_checksum(Mig *mig, MigBytes text, char hash[MIG_HASH_LENGTH + 1])
{
    MigArena arena = {mig->host, NULL};

    hash[0] = '\0';
    if (mig_starts_with(text, "\xEF\xBB\xBF"))
        text = mig_part(text, 3, text.length);
    if (text.length > 0 && memchr(text.data, '\r', text.length) != NULL)
    {
        char *copy = mig_alloc(&arena, text.length, mig->error);

        if (copy == NULL)
            return;
        text.length = normalise_lines(text, copy);
        text.data = copy;
    }
    mig_hash(mig->host, &text, 1, hash);
    mig_arena_release(&arena);
}

MigBytes
mig_slices_write(Mig *mig, const MigSlice *slices, size_t count)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    MigBytes absent = {NULL, 0};

    for (size_t i = 0; i < count; i++)
    {
        mig_text_append_format(&text, "%s:%zu:%zu:%lld:", slices[i].hash,
                               slices[i].offset, slices[i].length,
                               (long long) slices[i].line);
        mig_text_append(&text, slices[i].file);
        mig_text_append_string(&text, "\n");
    }
    return count == 0 ? absent : mig_text_bytes(&text);
}

#define SLICE_LIMIT ((int64_t) INT32_MAX) /* of a number in a slice */

/* Read ":" and a number at an offset of a line; moves behind it. */
static bool
read_number(MigBytes line, size_t *at, int64_t *number)
{
    size_t start = *at + 1;
    size_t end = start;

    if (*at >= line.length || line.data[*at] != ':')
        return false;
    while (end < line.length && line.data[end] != ':')
        end++;
    *at = end;
    return mig_parse_digits(mig_part(line, start, end), number) &&
           *number <= SLICE_LIMIT;
}

/* Read one hash:offset:length:line:file. */
static bool
slice_read(MigBytes line, MigSlice *slice)
{
    int64_t offset;
    int64_t length;
    size_t at = MIG_HASH_LENGTH;

    if (line.length < MIG_HASH_LENGTH || !read_number(line, &at, &offset) ||
        !read_number(line, &at, &length) ||
        !read_number(line, &at, &slice->line) || at >= line.length)
        return false;
    memcpy(slice->hash, line.data, MIG_HASH_LENGTH);
    slice->offset = (size_t) offset;
    slice->length = (size_t) length;
    slice->file = mig_part(line, at + 1, line.length);
    return memchr(line.data, ':', MIG_HASH_LENGTH) == NULL;
}

size_t
mig_slices_read(Mig *mig, MigArena *arena, MigBytes column, MigSlice **slices)
{
    size_t count = 0;
    size_t capacity = 0;
    size_t at = 0;
    MigBytes line;

    *slices = NULL;
    while (mig_ok(mig) && mig_next_line(column, &at, &line))
    {
        MigSlice *larger = mig_array_reserve(arena, *slices, count, &capacity,
                                             sizeof(MigSlice), mig->error);

        if (larger == NULL)
            return 0;
        *slices = larger;
        if (!slice_read(line, &larger[count]))
        {
            (void) mig_fail(mig->error, MIG_CORRUPT,
                            "the catalogue holds a malformed section: %.*s",
                            (int) line.length, line.data);
            mig_fail_damaged(mig->error);
            return 0;
        }
        count++;
    }
    return count;
}

typedef struct SliceCopy
{
    MigArena *arena;
    MigBytes text;
} SliceCopy;

static MigStatus
copy_slice(void *context, const MigValue *columns, size_t count,
           MigError *error)
{
    SliceCopy *copy = context;

    (void) count;
    copy->text = mig_copy(copy->arena, columns[0].bytes, error);
    return error->status;
}

/* Fetch bytes of a text, counted from 1; absent where there is no such text. */
static MigBytes
fetch_part(Mig *mig, MigArena *arena, const char *hash, int64_t start,
           int64_t length)
{
    SliceCopy copy = {arena, {NULL, 0}};
    MigValue arguments[] = {mig_string(hash), mig_integer(start),
                            mig_integer(length)};

    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_SLICE,
                                         arguments, 3, copy_slice, &copy,
                                         mig->error);
    return copy.text;
}

/* Fail for a text that is not there. */
static void
fail_missing(Mig *mig, const char *hash)
{
    if (!mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_CORRUPT,
                    "the text %s is missing from the catalogue", hash);
    mig_fail_damaged(mig->error);
}

MigBytes
mig_text_fetch(Mig *mig, MigArena *arena, const char *hash)
{
    MigBytes text = fetch_part(mig, arena, hash, 1, SLICE_LIMIT);

    if (text.data == NULL)
        fail_missing(mig, hash);
    return text;
}

bool
mig_text_is_kept(Mig *mig, const char *hash)
{
    return mig->has_catalogue &&
           fetch_part(mig, mig->arena, hash, 1, 0).data != NULL;
}

MigBytes
mig_slice_fetch(Mig *mig, MigArena *arena, const MigSlice *slice)
{
    MigBytes text = {NULL, 0};

    if (!mig_ok(mig))
        return text;
    if (slice->length == 0)
        return mig_bytes("");
    text = fetch_part(mig, arena, slice->hash, (int64_t) slice->offset + 1,
                      (int64_t) slice->length);
    if (text.length != slice->length)
        fail_missing(mig, slice->hash);
    return text;
}

/* Fail for a text that was edited. */
static void
fail_edited(Mig *mig, const char *hash)
{
    if (!mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_CORRUPT,
                    "the text %s of the catalogue was edited: its bytes do not "
                    "have that hash",
                    hash);
    mig_fail_damaged(mig->error);
}

MigBytes
mig_slice_fetch_sound(Mig *mig, MigArena *arena, const MigSlice *slice)
{
    MigBytes text = mig_slice_fetch(mig, arena, slice);
    MigArena passing = {mig->host, NULL};
    char hash[MIG_HASH_LENGTH + 1];
    MigBytes whole;

    if (!mig_ok(mig) || slice->length == 0 ||
        strcmp(mig->sound_text, slice->hash) == 0)
        return text;
    mig_hash(mig->host, &text, 1, hash);
    if (strcmp(hash, slice->hash) != 0)
    {
        whole = mig_text_fetch(mig, &passing, slice->hash);
        mig_hash(mig->host, &whole, 1, hash);
        mig_arena_release(&passing);
    }
    if (strcmp(hash, slice->hash) != 0)
        fail_edited(mig, slice->hash);
    else
        memcpy(mig->sound_text, hash, sizeof(mig->sound_text));
    return text;
}

#include "mig_digest.h"
#include "mig_sum.h"

/* Hash rules that take more than a digest of the text. */

#define SHA1_SIZE 20 /* bytes */

static void
hash_sha1(MigHost *host, const MigBytes *pieces, size_t count,
          char hash[MIG_SHA1_LENGTH + 1])
{
    unsigned char digest[SHA1_SIZE];

    host->methods->digest(host, MIG_SHA1, pieces, count, digest);
    mig_hexadecimal(digest, sizeof(digest), hash);
}

/* ---- Atlas ---- */

/* Whether a byte may stand in a name in a header or directive. */
static bool
is_name_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

bool
mig_atlas_directive(MigBytes line, MigBytes *name, MigBytes *argument)
{
    static const char mark[] = "atlas:";
    size_t start = line.length;
    size_t printable = 0;
    size_t end;

    while (printable < line.length && line.data[printable] >= ' ' &&
           line.data[printable] <= '~')
        printable++;
    /* The last one counts, behind nothing but printable ASCII. */
    for (size_t at = 0; at <= printable && at < line.length; at++)
    {
        MigBytes rest = mig_part(line, at, line.length);

        if (mig_starts_with(rest, mark) && rest.length > strlen(mark) &&
            is_name_byte(rest.data[strlen(mark)]))
            start = at + strlen(mark);
    }
    if (start == line.length)
        return false;
    end = start;
    while (end < line.length && is_name_byte(line.data[end]))
        end++;
    *name = mig_part(line, start, end);
    *argument = mig_bytes("");
    if (end < line.length && line.data[end] == ' ')
    {
        while (end < line.length && line.data[end] == ' ')
            end++;
        *argument = mig_part(line, end, line.length);
    }
    return true;
}

/* Whether the first line says "atlas:sum ignore"; see NewHashFile(). */
static bool
is_left_out(MigBytes text)
{
    const char *end =
        text.length == 0 ? NULL : memchr(text.data, '\n', text.length);
    MigBytes line =
        end == NULL ? text : mig_part(text, 0, (size_t) (end - text.data));
    MigBytes name;
    MigBytes argument;

    return mig_atlas_directive(line, &name, &argument) &&
           mig_bytes_equal(name, mig_bytes("sum")) &&
           mig_bytes_equal(argument, mig_bytes("ignore"));
}

bool
mig_atlas_add(MigHost *host, MigAtlasSum *sum, MigBytes name, MigBytes text,
              char hash[MIG_ATLAS_LENGTH + 1])
{
    bool left_out = is_left_out(text);
    unsigned char digest[MIG_SHA256_SIZE];
    MigBytes pieces[2] = {name, text};

    hash[0] = '\0';
    host->methods->digest_grow(host, &sum->files, pieces, left_out ? 1 : 2,
                               digest);
    if (left_out)
        return false;
    mig_base64(digest, sizeof(digest), hash);
    mig_atlas_line(host, sum, name, mig_bytes(hash));
    return true;
}

void
mig_atlas_line(MigHost *host, MigAtlasSum *sum, MigBytes name, MigBytes hash)
{
    unsigned char digest[MIG_SHA256_SIZE];
    MigBytes pieces[2] = {name, hash};

    host->methods->digest_grow(host, &sum->lines, pieces, 2, digest);
}

void
mig_atlas_total(MigHost *host, const MigAtlasSum *sum,
                char hash[MIG_ATLAS_LENGTH + 1])
{
    MigGrowing lines = sum->lines;
    unsigned char digest[MIG_SHA256_SIZE];

    host->methods->digest_grow(host, &lines, NULL, 0, digest);
    mig_base64(digest, sizeof(digest), hash);
}

/* ---- graphile-migrate ---- */

/*
 * How many bytes the white space has that a text begins with, as JavaScript's
 * trim() knows it (ECMA-262, WhiteSpace and LineTerminator); 0 for none.
 */
static size_t
space_length(MigBytes text)
{
    static const char *const spaces[] = {
        "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"};

    if (text.length == 0)
        return 0;
    if (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
    {
        if (mig_starts_with(text, spaces[i]))
            return strlen(spaces[i]);
    }
    /* U+2000 to U+200A */
    if (text.length >= 3 && mig_starts_with(text, "\xE2\x80") &&
        (unsigned char) text.data[2] >= 0x80 &&
        (unsigned char) text.data[2] <= 0x8A)
        return 3;
    return 0;
}

/* As JavaScript's trim(). */
static MigBytes
trim_spaces(MigBytes text)
{
    size_t length;

    while ((length = space_length(text)) > 0)
        text = mig_part(text, length, text.length);
    for (;;)
    {
        size_t start = text.length;

        /* To the start of the last character. */
        while (start > 0 && text.length - start < 3 &&
               ((unsigned char) text.data[start - 1] & 0xC0) == 0x80)
            start--;
        if (start > 0)
            start--;
        if (space_length(mig_part(text, start, text.length)) !=
                text.length - start ||
            text.length == 0)
            return text;
        text.length = start;
    }
}

void
mig_graphile_hash(MigHost *host, MigBytes previous, MigBytes body,
                  char hash[MIG_GRAPHILE_LENGTH + 1])
{
    /* src/hash.ts of graphile-migrate: what is hashed is trimmed as a whole,
     * so that nothing stands before the first migration's body. */
    MigBytes trimmed = trim_spaces(body);
    bool both = previous.length > 0 && trimmed.length > 0;
    MigBytes pieces[] = {
        previous, mig_bytes(both ? "\n" : ""), trimmed, {"\n", 1}};

    memcpy(hash, "sha1:", sizeof("sha1:"));
    hash_sha1(host, pieces, sizeof(pieces) / sizeof(pieces[0]), hash + 5);
}

bool
mig_graphile_header(MigBytes text, size_t *offset, MigBytes *name,
                    MigBytes *value)
{
    size_t next = *offset;
    size_t end = 4;
    MigBytes line;

    if (!mig_next_line(text, &next, &line) || !mig_starts_with(line, "--! ") ||
        line.length == 4 || line.data[4] < 'A' || line.data[4] > 'Z')
        return false;
    while (end < line.length && is_name_byte(line.data[end]))
        end++;
    if (end < line.length && line.data[end] != ':')
        return false;
    *name = mig_part(line, 4, end);
    value->data = NULL;
    value->length = 0;
    if (end < line.length)
        *value = trim_spaces(mig_part(line, end + 1, line.length));
    *offset = next;
    return true;
}

/* ---- Sqitch ---- */

/* Append "word value" and a line break, unless the value is absent. */
static void
append_field(MigText *text, const char *word, MigBytes value)
{
    if (value.data == NULL)
        return;
    mig_text_append_string(text, word);
    mig_text_append(text, value);
    mig_text_append_string(text, "\n");
}

/* Append lines under a word, each behind a mark, unless there is none. */
static void
append_list(MigText *text, const char *word, const char *mark, MigBytes lines)
{
    size_t at = 0;
    MigBytes line;

    if (lines.length > 0)
        mig_text_append_string(text, word);
    while (mig_next_line(lines, &at, &line))
        append_field(text, mark, line);
}

/* Hash what was built as git would an object of that kind. */
static void
hash_object(Mig *mig, const char *kind, const MigText *text,
            char id[MIG_SHA1_LENGTH + 1])
{
    /* The fields are joined by line breaks: none stands behind the last. */
    MigBytes content = mig_part(mig_text_bytes(text), 0, text->length - 1);
    MigBytes head = mig_bytes(mig_format_string(
        text->arena, mig->error, "%s %zu", kind, content.length));
    MigBytes pieces[] = {head, {"", 1}, content};

    if (mig_ok(mig))
        hash_sha1(mig->host, pieces, 3, id);
}

void
mig_sqitch_change_id(Mig *mig, const MigSqitchLine *line,
                     char id[MIG_SHA1_LENGTH + 1])
{
    MigArena arena = {mig->host, NULL};
    MigText text = {&arena, mig->error, NULL, 0, 0};

    id[0] = '\0';
    append_field(&text, "project ", line->project);
    append_field(&text, "uri ", line->uri);
    append_field(&text, "change ", line->name);
    append_field(&text, "parent ", line->parent);
    append_field(&text, "planner ", line->planner);
    append_field(&text, "date ", line->date);
    append_list(&text, "requires\n", "  + ", line->requires);
    append_list(&text, "conflicts\n", "  - ", line->conflicts);
    if (line->note.length > 0)
        append_field(&text, "\n", line->note);
    if (mig_ok(mig))
        hash_object(mig, "change", &text, id);
    mig_arena_release(&arena);
}

void
mig_sqitch_tag_id(Mig *mig, const MigSqitchLine *line,
                  char id[MIG_SHA1_LENGTH + 1])
{
    MigArena arena = {mig->host, NULL};
    MigText text = {&arena, mig->error, NULL, 0, 0};

    id[0] = '\0';
    append_field(&text, "project ", line->project);
    append_field(&text, "uri ", line->uri);
    append_field(&text, "tag ", line->name);
    append_field(&text, "change ", line->parent);
    append_field(&text, "planner ", line->planner);
    append_field(&text, "date ", line->date);
    if (line->note.length > 0)
        append_field(&text, "\n", line->note);
    if (mig_ok(mig))
        hash_object(mig, "tag", &text, id);
    mig_arena_release(&arena);
}

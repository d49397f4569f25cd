#include "mig_delimiter.h"

/* What is looked for. */
typedef struct Delimiter
{
    MigBytes text;
    bool at_start; /* of a line */
    bool at_end;   /* of a line, blanks left out */
} Delimiter;

static bool
is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' ||
           (unsigned char) byte >= 0x80;
}

/* Cut a prefix; returns whether it was there. */
static bool
cut_prefix(MigBytes *text, const char *prefix)
{
    if (!mig_starts_with(*text, prefix))
        return false;
    *text = mig_part(*text, strlen(prefix), text->length);
    return true;
}

/* Cut a suffix; returns whether it was there. */
static bool
cut_suffix(MigBytes *text, const char *suffix)
{
    if (!mig_ends_with(*text, suffix))
        return false;
    *text = mig_part(*text, 0, text->length - strlen(suffix));
    return true;
}

/* Read a delimiter as its tool has it. */
static void
read_delimiter(Mig *mig, MigBytes given, Delimiter *delimiter)
{
    MigBytes text = given;
    bool more = true;

    memset(delimiter, 0, sizeof(*delimiter));
    while (cut_prefix(&text, "\\s*") || more)
    {
        more = cut_prefix(&text, "\\r\\n") || cut_prefix(&text, "\\n");
        delimiter->at_start = delimiter->at_start || more;
    }
    more = true;
    while (text.length > 1 && (cut_suffix(&text, "\\s*") || more))
    {
        more = cut_suffix(&text, "\\r\\n") || cut_suffix(&text, "\\n") ||
               (delimiter->at_start && cut_suffix(&text, "$"));
        delimiter->at_end = delimiter->at_end || more;
    }
    if (mig_bytes_equal(text, mig_bytes("/")))
        delimiter->at_start = true;
    delimiter->text = text;
    if (text.length > 0 && memchr(text.data, '\\', text.length) == NULL)
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "delimiter \"%.*s\" is a pattern",
                    (int) mig_cut(given, 80).length, given.data);
    mig_fail_hint(mig->error, "Write a delimiter such as ;, /, GO or //, with "
                              "\\n before it where it stands at the start of "
                              "a line.");
}

/* Whether nothing but blanks stands between an offset and the line's end. */
static bool
is_line_end(MigBytes text, size_t at)
{
    while (at < text.length && strchr(" \t\r", text.data[at]) != NULL)
        at++;
    return at == text.length || text.data[at] == '\n';
}

/* Whether a comment begins at an offset. */
static bool
is_comment(MigBytes text, size_t at)
{
    MigBytes rest = mig_part(text, at, text.length);

    return mig_starts_with(rest, "--") || mig_starts_with(rest, "/*");
}

/* Whether a delimiter stands at an offset. */
static bool
stands_at(MigBytes text, size_t at, const Delimiter *delimiter)
{
    MigBytes wanted = delimiter->text;
    size_t end = at + wanted.length;

    if (text.length - at < wanted.length ||
        (is_comment(text, at) && !is_comment(wanted, 0)))
        return false;
    for (size_t i = 0; i < wanted.length; i++)
    {
        if (mig_lower(text.data[at + i]) != mig_lower(wanted.data[i]))
            return false;
    }
    if (delimiter->at_start && at > 0 && text.data[at - 1] != '\n')
        return false;
    if (at > 0 && is_word_byte(wanted.data[0]) &&
        is_word_byte(text.data[at - 1]))
        return false;
    if (end < text.length && is_word_byte(wanted.data[wanted.length - 1]) &&
        is_word_byte(text.data[end]))
        return false;
    return !delimiter->at_end || is_line_end(text, end);
}

/* The offset behind the next quote, or the text's end. */
static size_t
skip_quoted(MigBytes text, size_t at, char quote, bool escapes)
{
    while (at < text.length && text.data[at] != quote)
        at += escapes && text.data[at] == '\\' ? 2 : 1;
    return at < text.length ? at + 1 : text.length;
}

/* The offset behind a comment that begins here; those inside it count. */
static size_t
skip_comment(MigBytes text, size_t at)
{
    size_t depth = 0;

    while (at + 1 < text.length)
    {
        bool opens = text.data[at] == '/' && text.data[at + 1] == '*';
        bool closes = text.data[at] == '*' && text.data[at + 1] == '/';

        at += opens || closes ? 2 : 1;
        depth += opens;
        if (closes && --depth == 0)
            return at;
    }
    return text.length;
}

/* The offset behind a dollar quote's end, or behind the dollar. */
static size_t
skip_dollars(MigBytes text, size_t at)
{
    size_t end = at + 1;
    size_t length;

    while (end < text.length && is_word_byte(text.data[end]))
        end++;
    if (end == text.length || text.data[end] != '$' ||
        (at > 0 && is_word_byte(text.data[at - 1])))
        return at + 1;
    length = end + 1 - at;
    for (size_t i = end + 1; i + length <= text.length; i++)
    {
        if (text.data[i] == '$' &&
            memcmp(text.data + i, text.data + at, length) == 0)
            return i + length;
    }
    return text.length;
}

/* Whether a quote begins a string in which a backslash escapes. */
static bool
has_escapes(MigBytes text, size_t at)
{
    return at > 0 && mig_lower(text.data[at - 1]) == 'e' &&
           (at == 1 || !is_word_byte(text.data[at - 2]));
}

/* The offset behind what stands at one: a byte, or all of what is quoted. */
static size_t
skip(MigBytes text, size_t at)
{
    char byte = text.data[at];
    char next = '\0';

    if (at + 1 < text.length)
        next = text.data[at + 1];
    switch (byte)
    {
        case '\'':
            return skip_quoted(text, at + 1, byte, has_escapes(text, at));
        case '"':
        case '`':
            return skip_quoted(text, at + 1, byte, false);
        case '-':
            return next == '-' ? skip_quoted(text, at, '\n', false) : at + 1;
        case '/':
            return next == '*' ? skip_comment(text, at) : at + 1;
        case '$':
            return skip_dollars(text, at);
        default:
            return at + 1;
    }
}

/* Whether a line holds nothing but a delimiter of the usual ones; a cheap look
 * before the one that knows quotes. */
static bool
has_usual(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(text, &at, &line))
    {
        line = mig_trim(line);
        if ((line.length == 1 && line.data[0] == '/') ||
            (line.length == 2 && mig_lower(line.data[0]) == 'g' &&
             mig_lower(line.data[1]) == 'o'))
            return true;
    }
    return false;
}

/* Replace what one of some delimiters stands for, in a copy that is made when
 * the first is found. */
static MigBytes
replace(Mig *mig, MigBytes text, const Delimiter *delimiters, size_t count)
{
    char *copy = NULL;
    size_t at = 0;

    while (at < text.length)
    {
        size_t length = 0;

        for (size_t i = 0; i < count && length == 0; i++)
        {
            if (stands_at(text, at, &delimiters[i]))
                length = delimiters[i].text.length;
        }
        if (length == 0)
        {
            at = skip(text, at);
            continue;
        }
        if (copy == NULL)
            copy = (char *) mig_copy(mig->arena, text, mig->error).data;
        if (copy == NULL)
            return text;
        memset(copy + at, ' ', length);
        copy[at] = ';';
        at += length;
    }
    return mig_part((MigBytes){copy == NULL ? text.data : copy, text.length}, 0,
                    text.length);
}

MigBytes
mig_delimiter_replace(Mig *mig, MigBytes text, MigBytes delimiter)
{
    static const Delimiter usual[] = {{{"go", 2}, true, true},
                                      {{"/", 1}, true, true}};
    Delimiter given;

    if (!mig_ok(mig) || text.length == 0)
        return text;
    if (delimiter.data == NULL)
        return has_usual(text) ? replace(mig, text, usual, 2) : text;
    if (delimiter.length == 0 || mig_bytes_equal(delimiter, mig_bytes(";")))
        return text;
    read_delimiter(mig, delimiter, &given);
    return mig_ok(mig) ? replace(mig, text, &given, 1) : text;
}

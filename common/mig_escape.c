#include "mig_escape.h"

#define MARK '~'
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* What is being escaped, and where to. */
typedef struct Escaping
{
    MigText *script;
    MigBytes bytes;
    bool literal; /* quotes are doubled; else it is one line of a comment */
    bool is_utf8;
} Escaping;

/* Whether a byte, which is no blank, is to be escaped. */
static bool
is_escaped(const Escaping *escaping, unsigned char byte)
{
    if (byte == '\n')
        return !escaping->literal;
    return byte == MARK || byte == '\\' || byte == 0x7F || byte < ' ' ||
           (byte >= 0x80 && !escaping->is_utf8);
}

/*
 * How many bytes at an offset are to be escaped.
 *
 * whole  out: how many bytes this is the answer for
 */
static size_t
escaped_length(const Escaping *escaping, size_t at, size_t *whole)
{
    MigBytes bytes = escaping->bytes;
    size_t end = at;

    *whole = 1;
    while (end < bytes.length && is_blank(bytes.data[end]))
        end++;
    if (end > at)
    {
        *whole = end - at;
        return end == bytes.length || bytes.data[end] == '\n' ? *whole : 0;
    }
    if (mig_starts_with(mig_part(bytes, at, bytes.length), BYTE_ORDER_MARK))
    {
        *whole = strlen(BYTE_ORDER_MARK);
        return *whole;
    }
    return is_escaped(escaping, (unsigned char) bytes.data[at]) ? 1 : 0;
}

/* Append bytes as escapes. */
static void
append_escapes(MigText *script, MigBytes bytes)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < bytes.length; i++)
    {
        unsigned char byte = (unsigned char) bytes.data[i];
        char escape[] = {MARK, digits[byte >> 4], digits[byte & 15]};
        MigBytes escaped = {escape, sizeof(escape)};

        mig_text_append(script, escaped);
    }
}

/* Append bytes that stand for themselves. */
static void
append_plain(const Escaping *escaping, size_t start, size_t end)
{
    MigBytes bytes = escaping->bytes;

    for (size_t i = start; escaping->literal && i < end; i++)
    {
        if (bytes.data[i] != '\'')
            continue;
        mig_text_append(escaping->script, mig_part(bytes, start, i + 1));
        start = i;
    }
    mig_text_append(escaping->script, mig_part(bytes, start, end));
}

/* Append bytes, escaped. */
static void
append(MigText *script, MigBytes bytes, bool literal)
{
    Escaping escaping = {script, bytes, literal,
                         mig_utf8_check(bytes) == bytes.length};
    size_t start = 0;
    size_t at = 0;

    while (at < bytes.length)
    {
        size_t whole;

        if (escaped_length(&escaping, at, &whole) > 0)
        {
            append_plain(&escaping, start, at);
            append_escapes(script, mig_part(bytes, at, at + whole));
            start = at + whole;
        }
        at += whole;
    }
    append_plain(&escaping, start, at);
}

void
mig_escape_append(MigText *script, MigBytes bytes)
{
    append(script, bytes, false);
}

void
mig_escape_append_literal(MigText *script, MigBytes bytes)
{
    mig_text_append_string(script, "'");
    append(script, bytes, true);
    mig_text_append_string(script, "'");
}

/* The value of a hexadecimal digit, or -1. */
static int
digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

MigBytes
mig_escape_read(Mig *mig, MigBytes text)
{
    char *bytes = mig_alloc(mig->arena, text.length + 1, mig->error);
    MigBytes read = {bytes, 0};
    size_t at = 0;

    while (bytes != NULL && at < text.length)
    {
        bool is_escape = text.data[at] == MARK;
        int high = at + 2 < text.length ? digit_value(text.data[at + 1]) : -1;
        int low = high < 0 ? -1 : digit_value(text.data[at + 2]);

        if (is_escape && low < 0)
        {
            (void) mig_fail(mig->error, MIG_INVALID,
                            "line %lld: behind \"%c\" two hexadecimal digits "
                            "must stand",
                            (long long) mig_count_lines(text, at) + 1, MARK);
            return read;
        }
        if (is_escape)
        {
            unsigned char byte = (unsigned char) (high * 16 + low);

            memcpy(bytes + read.length, &byte, 1);
        }
        else
            bytes[read.length] = text.data[at];
        read.length++;
        at += is_escape ? 3 : 1;
    }
    return read;
}

#include "mig_text.h"

#include <stdarg.h>
#include <stdio.h>

/* Make room for more bytes and a NUL. */
static bool
text_reserve(MigText *text, size_t more)
{
    size_t wanted = text->capacity < 64 ? 64 : text->capacity * 2;
    char *larger;

    if (text->error->status != MIG_OK)
        return false;
    if (text->capacity - text->length > more)
        return true;
    if (wanted < text->length + more + 1)
        wanted = text->length + more + 1;
    larger = mig_alloc(text->arena, wanted, text->error);
    if (larger == NULL)
        return false;
    if (text->length > 0)
        memcpy(larger, text->data, text->length);
    text->data = larger;
    text->capacity = wanted;
    return true;
}

void
mig_text_append(MigText *text, MigBytes bytes)
{
    if (bytes.data == NULL || bytes.length == 0 ||
        !text_reserve(text, bytes.length))
        return;
    memcpy(text->data + text->length, bytes.data, bytes.length);
    text->length += bytes.length;
    text->data[text->length] = '\0';
}

void
mig_text_append_string(MigText *text, const char *string)
{
    mig_text_append(text, mig_bytes(string));
}

void
mig_text_append_format(MigText *text, const char *format, ...)
{
    char buffer[400];
    va_list arguments;

    va_start(arguments, format);
    (void) vsnprintf(buffer, sizeof(buffer), format, arguments);
    va_end(arguments);
    mig_text_append_string(text, buffer);
}

MigBytes
mig_text_bytes(const MigText *text)
{
    MigBytes bytes = {text->data == NULL ? "" : text->data, text->length};

    return bytes;
}

const char *
mig_format_string(MigArena *arena, MigError *error, const char *format, ...)
{
    va_list arguments;
    char *memory;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
    {
        (void) mig_fail(error, MIG_INTERNAL, "cannot format a text");
        return NULL;
    }
    memory = mig_alloc(arena, (size_t) length + 1, error);
    if (memory == NULL)
        return NULL;
    va_start(arguments, format);
    (void) vsnprintf(memory, (size_t) length + 1, format, arguments);
    va_end(arguments);
    return memory;
}

/* Length of the well-formed UTF-8 character at the start of bytes, else 0. */
static size_t
utf8_length(const unsigned char *bytes, size_t left)
{
    unsigned char first = bytes[0];
    size_t length;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;

    if (first < 0x80)
        return first != 0;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (left < length)
        return 0;
    /* RFC 3629, section 4: the second byte's range depends on the first. */
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
    {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

size_t
mig_utf8_check(MigBytes text)
{
    const unsigned char *bytes = (const unsigned char *) text.data;
    size_t at = 0;

    while (at < text.length)
    {
        size_t length = utf8_length(bytes + at, text.length - at);

        if (length == 0)
            return at;
        at += length;
    }
    return at;
}

MigBytes
mig_utf8_mend(MigArena *arena, MigBytes text, MigError *error)
{
    MigText mended = {arena, error, NULL, 0, 0};
    size_t good = mig_utf8_check(text);

    if (good == text.length)
        return text;
    while (good < text.length)
    {
        mig_text_append(&mended, mig_part(text, 0, good));
        mig_text_append_string(&mended, "\xEF\xBF\xBD");
        text = mig_part(text, good + 1, text.length);
        good = mig_utf8_check(text);
    }
    mig_text_append(&mended, text);
    return mig_text_bytes(&mended);
}

int64_t
mig_count_lines(MigBytes text, size_t length)
{
    size_t at = 0;
    int64_t lines = 0;

    while (at < length)
    {
        const char *found = memchr(text.data + at, '\n', length - at);

        if (found == NULL)
            break;
        lines++;
        at = (size_t) (found - text.data) + 1;
    }
    return lines;
}

bool
mig_next_line(MigBytes text, size_t *offset, MigBytes *line)
{
    const char *start;
    const char *end;

    if (*offset >= text.length)
        return false;
    start = text.data + *offset;
    end = memchr(start, '\n', text.length - *offset);
    line->data = start;
    if (end == NULL)
    {
        line->length = text.length - *offset;
        *offset = text.length;
    }
    else
    {
        line->length = (size_t) (end - start);
        *offset += line->length + 1;
    }
    if (line->length > 0 && start[line->length - 1] == '\r')
        line->length--;
    return true;
}

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

MigBytes
mig_trim(MigBytes text)
{
    while (text.length > 0 && is_blank(text.data[0]))
    {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

char
mig_lower(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        byte = (char) (byte - 'A' + 'a');
    return byte;
}

bool
mig_same_letters(MigBytes a, MigBytes b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
    {
        if (mig_lower(a.data[i]) != mig_lower(b.data[i]))
            return false;
    }
    return true;
}

bool
mig_starts_with(MigBytes text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text.length >= length &&
           (length == 0 || memcmp(text.data, prefix, length) == 0);
}

bool
mig_ends_with(MigBytes text, const char *suffix)
{
    size_t length = strlen(suffix);

    return text.length >= length &&
           memcmp(text.data + text.length - length, suffix, length) == 0;
}

MigBytes
mig_part(MigBytes text, size_t start, size_t end)
{
    /* Of absent bytes there is only the empty part. */
    MigBytes part = {text.data == NULL ? NULL : text.data + start, end - start};

    return part;
}

MigBytes
mig_cut(MigBytes text, size_t limit)
{
    if (text.length <= limit)
        return text;
    while (limit > 0 && ((unsigned char) text.data[limit] & 0xC0) == 0x80)
        limit--;
    return mig_part(text, 0, limit);
}

bool
mig_next_word(MigBytes text, size_t *offset, const char *separators,
              MigBytes *word)
{
    size_t start = *offset;
    size_t end;

    while (start < text.length && strchr(separators, text.data[start]) != NULL)
        start++;
    end = start;
    while (end < text.length && strchr(separators, text.data[end]) == NULL)
        end++;
    *offset = end;
    if (start == end)
        return false;
    *word = mig_part(text, start, end);
    return true;
}

bool
mig_parse_digits(MigBytes text, int64_t *number)
{
    int64_t value = 0;

    for (size_t i = 0; i < text.length; i++)
    {
        int digit = text.data[i] - '0';

        if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (text.length == 0)
        return false;
    *number = value;
    return true;
}

void
mig_lines_add(MigArena *arena, MigError *error, MigBytes *lines, MigBytes line)
{
    MigText text = {arena, error, NULL, 0, 0};
    MigBytes other;
    size_t at = 0;

    while (mig_next_line(*lines, &at, &other))
    {
        if (mig_bytes_equal(other, line))
            return;
    }
    mig_text_append(&text, *lines);
    mig_text_append(&text, line);
    mig_text_append_string(&text, "\n");
    *lines = mig_text_bytes(&text);
}

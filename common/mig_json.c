#include "mig_json.h"

static MigJsonKind
fail_here(Mig *mig, const MigJson *json, const char *problem)
{
    (void) mig_fail(mig->error, MIG_INVALID, "line %lld: %s",
                    (long long) mig_count_lines(json->text, json->at) + 1,
                    problem);
    return MIG_JSON_END;
}

static void
skip_spaces(MigJson *json)
{
    while (json->at < json->text.length && (json->text.data[json->at] == ' ' ||
                                            json->text.data[json->at] == '\t' ||
                                            json->text.data[json->at] == '\r' ||
                                            json->text.data[json->at] == '\n'))
        json->at++;
}

/* The byte at an offset, 0 behind the end. */
static char
byte_at(MigBytes text, size_t at)
{
    if (at >= text.length)
        return '\0';
    return text.data[at];
}

/* The byte that comes next, 0 at the end. */
static char
peek(const MigJson *json)
{
    return byte_at(json->text, json->at);
}

static bool
is_in_object(const MigJson *json)
{
    return json->depth > 0 && (json->in_object >> (json->depth - 1) & 1) != 0;
}

/* ---- Strings ---- */

/* The four hexadecimal digits at an offset; -1 when they are not there. */
static long
read_code(MigBytes text, size_t at)
{
    long code = 0;

    for (size_t i = at; i < at + 4; i++)
    {
        char digit = byte_at(text, i);
        int number = digit >= '0' && digit <= '9'   ? digit - '0'
                     : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                     : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                    : -1;

        if (number < 0)
            return -1;
        code = code * 16 + number;
    }
    return code;
}

/* Append a character in UTF-8. */
static void
append_character(MigText *text, long code)
{
    char bytes[4];
    MigBytes character = {bytes, 0};

    if (code < 0x80)
        bytes[character.length++] = (char) code;
    else
    {
        size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};

        for (size_t i = length - 1; i > 0; i--)
        {
            bytes[i] = (char) (unsigned char) (0x80 | (code & 0x3F));
            code >>= 6;
        }
        bytes[0] = (char) (unsigned char) (heads[length] | code);
        character.length = length;
    }
    mig_text_append(text, character);
}

/* Append what "\uXXXX" stands for; returns false when it is malformed. */
static bool
read_unicode(MigJson *json, MigText *string)
{
    long code = read_code(json->text, json->at);

    if (code < 0)
        return false;
    json->at += 4;
    if (code >= 0xD800 && code < 0xDC00 && json->at + 1 < json->text.length &&
        peek(json) == '\\' && json->text.data[json->at + 1] == 'u')
    {
        long low = read_code(json->text, json->at + 2);

        if (low < 0xDC00 || low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        json->at += 6;
    }
    /* Half a pair, and the zero byte, are no text. */
    if (code <= 0 || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    append_character(string, code);
    return true;
}

/* Append what stands behind a backslash; returns false when it is malformed. */
static bool
read_escape(MigJson *json, MigText *string)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char letter = peek(json);
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);

    if (letter == '\0')
        return false;
    json->at++;
    if (letter == 'u')
        return read_unicode(json, string);
    if (found == NULL)
        return false;
    append_character(string, meanings[found - letters]);
    return true;
}

/* Read a string whose '"' comes next. */
static bool
read_string(Mig *mig, MigJson *json, MigBytes *value)
{
    MigText string = {mig->arena, mig->error, NULL, 0, 0};
    size_t start = ++json->at;
    bool escaped = false;

    while (json->at < json->text.length && peek(json) != '"')
    {
        MigBytes plain = mig_part(json->text, start, json->at);

        if ((unsigned char) peek(json) < ' ')
        {
            (void) fail_here(mig, json, "a control character in a string");
            return false;
        }
        json->at++;
        if (json->text.data[json->at - 1] != '\\')
            continue;
        escaped = true;
        mig_text_append(&string, plain);
        if (!read_escape(json, &string))
        {
            (void) fail_here(mig, json, "a malformed escape in a string");
            return false;
        }
        start = json->at;
    }
    if (json->at >= json->text.length)
    {
        json->at = json->text.length;
        (void) fail_here(mig, json, "a string does not end");
        return false;
    }
    *value = mig_part(json->text, start, json->at++);
    if (escaped)
    {
        mig_text_append(&string, *value);
        *value = mig_text_bytes(&string);
    }
    return mig_ok(mig);
}

/* ---- Other values ---- */

/* Pass over digits; returns whether there were some. */
static bool
skip_digits(MigJson *json)
{
    size_t start = json->at;

    while (peek(json) >= '0' && peek(json) <= '9')
        json->at++;
    return json->at > start;
}

/* Pass over a number; returns false when it is malformed. */
static bool
read_number(MigJson *json, MigBytes *value)
{
    size_t start = json->at;
    bool valid;

    if (peek(json) == '-')
        json->at++;
    /* No zero stands before other digits. */
    if (peek(json) == '0')
    {
        json->at++;
        valid = true;
    }
    else
        valid = skip_digits(json);
    if (valid && peek(json) == '.')
    {
        json->at++;
        valid = skip_digits(json);
    }
    if (valid && (peek(json) == 'e' || peek(json) == 'E'))
    {
        json->at++;
        if (peek(json) == '+' || peek(json) == '-')
            json->at++;
        valid = skip_digits(json);
    }
    *value = mig_part(json->text, start, json->at);
    return valid;
}

/* Read a value that is neither an object nor an array. */
static MigJsonKind
read_scalar(Mig *mig, MigJson *json, MigBytes *value)
{
    static const struct
    {
        const char *word;
        MigJsonKind kind;
    } words[] = {{"true", MIG_JSON_TRUE},
                 {"false", MIG_JSON_FALSE},
                 {"null", MIG_JSON_NULL}};
    MigBytes rest = mig_part(json->text, json->at, json->text.length);

    if (peek(json) == '"')
        return read_string(mig, json, value) ? MIG_JSON_STRING : MIG_JSON_END;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (!mig_starts_with(rest, words[i].word))
            continue;
        json->at += strlen(words[i].word);
        return words[i].kind;
    }
    if (read_number(json, value))
        return MIG_JSON_NUMBER;
    return fail_here(mig, json, "a JSON value is expected");
}

/* ---- Structure ---- */

/* Open an object or an array. */
static MigJsonKind
open_level(Mig *mig, MigJson *json, bool object)
{
    uint64_t bit;

    if (json->depth == MIG_JSON_DEPTH)
        return fail_here(mig, json, "JSON is nested too deep");
    bit = (uint64_t) 1 << json->depth;
    json->in_object = object ? json->in_object | bit : json->in_object & ~bit;
    json->depth++;
    json->at++;
    json->separated = true;
    return object ? MIG_JSON_OBJECT : MIG_JSON_ARRAY;
}

/* Read a key and its ':'. */
static MigJsonKind
read_key(Mig *mig, MigJson *json, MigBytes *value)
{
    if (peek(json) != '"')
        return fail_here(mig, json, "a key in quotes is expected");
    if (!read_string(mig, json, value))
        return MIG_JSON_END;
    skip_spaces(json);
    if (peek(json) != ':')
        return fail_here(mig, json, "a \":\" is expected");
    json->at++;
    json->keyed = true;
    return MIG_JSON_KEY;
}

/*
 * Pass over what separates a piece from the one before it.
 *
 * Returns false, with an error, when it is not there.
 */
static bool
separate(Mig *mig, MigJson *json)
{
    bool free_to_come =
        json->separated || json->keyed || (json->depth == 0 && !json->begun);

    json->separated = false;
    if (free_to_come)
        return true;
    if (json->depth == 0 || peek(json) != ',')
    {
        (void) fail_here(mig, json,
                         json->depth == 0 ? "text stands behind the JSON value"
                                          : "a \",\" is expected");
        return false;
    }
    json->at++;
    skip_spaces(json);
    return true;
}

MigJsonKind
mig_json_next(Mig *mig, MigJson *json, MigBytes *value)
{
    bool object = is_in_object(json);

    value->data = NULL;
    value->length = 0;
    if (!mig_ok(mig))
        return MIG_JSON_END;
    skip_spaces(json);
    if (json->at >= json->text.length)
        return json->depth == 0 && json->begun
                   ? MIG_JSON_END
                   : fail_here(mig, json, "the JSON text ends too early");
    if (json->depth > 0 && !json->keyed && peek(json) == (object ? '}' : ']'))
    {
        json->at++;
        json->depth--;
        json->separated = false;
        return object ? MIG_JSON_OBJECT_END : MIG_JSON_ARRAY_END;
    }
    if (!separate(mig, json))
        return MIG_JSON_END;
    if (object && !json->keyed)
        return read_key(mig, json, value);
    json->keyed = false;
    json->begun = true;
    if (peek(json) == '{' || peek(json) == '[')
        return open_level(mig, json, peek(json) == '{');
    return read_scalar(mig, json, value);
}

void
mig_json_skip(Mig *mig, MigJson *json)
{
    unsigned depth = json->depth;
    MigBytes value;

    do
        (void) mig_json_next(mig, json, &value);
    while (mig_ok(mig) && json->depth > depth);
}

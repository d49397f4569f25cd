#include "mig_envsub.h"

#include "mig_migration.h"

#define DEPTH_MAX 20 /* of variables in the text of others */

/* A line in which values are being put. */
typedef struct Substitution
{
    Mig *mig;
    MigArena *arena;
    MigExpansion *expansion;
    MigText *out;
    MigBytes line;
    size_t at;      /* in line, in bytes */
    unsigned depth; /* of braces */
    unsigned dry;   /* above 0: read, but write nothing */
} Substitution;

/* The byte at an offset from where a substitution stands; 0 behind the end. */
static char
peek(const Substitution *state, size_t offset)
{
    if (state->at + offset >= state->line.length)
        return '\0';
    return state->line.data[state->at + offset];
}

static void
put(Substitution *state, MigBytes bytes)
{
    if (state->dry == 0)
        mig_text_append(state->out, bytes);
}

/* Fail for something that is wrong in the line. */
static void
fail(Substitution *state, const char *problem)
{
    MigBytes line = mig_cut(mig_trim(state->line), 200);

    (void) mig_fail(state->mig->error, MIG_INVALID, "%s in \"%.*s\"", problem,
                    (int) line.length, line.data);
    mig_fail_hint(state->mig->error,
                  "Between -- +goose ENVSUB ON and OFF a dollar sign begins a "
                  "variable; \\$ and $$ stand for one dollar sign.");
}

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Read a name: a letter, then letters, digits and '_'. */
static MigBytes
read_name(Substitution *state)
{
    size_t start = state->at;

    if (!is_letter(peek(state, 0)))
        fail(state, "a variable's name does not start with a letter");
    while (is_letter(peek(state, 0)) || peek(state, 0) == '_' ||
           (peek(state, 0) >= '0' && peek(state, 0) <= '9'))
        state->at++;
    return mig_part(state->line, start, state->at);
}

/* Fail for a variable that has no value. */
static void
fail_unset(Substitution *state, MigBytes name)
{
    (void) mig_fail(state->mig->error, MIG_INVALID,
                    "variable \"%.*s\" is not set", (int) name.length,
                    name.data);
    mig_fail_hint(state->mig->error,
                  "Set it with migrate_config('var.%.*s', ...), or write "
                  "${%.*s:-what stands for it}; the environment is not asked.",
                  (int) name.length, name.data, (int) name.length, name.data);
}

/* The value of a variable, or absent bytes; looked up only when it counts. */
static MigBytes
value_of(Substitution *state, MigBytes name)
{
    MigBytes absent = {NULL, 0};

    return state->dry > 0 || !mig_ok(state->mig)
               ? absent
               : mig_variable_value(state->mig, state->arena, name,
                                    state->expansion);
}

/* Put the value of a variable that must have one. */
static void
put_value(Substitution *state, MigBytes name)
{
    MigBytes value = value_of(state, name);

    if (state->dry > 0)
        return;
    if (value.data == NULL)
        fail_unset(state, name);
    put(state, value);
}

/* Read a whole number up to ':' or '}'. */
static int64_t
read_number(Substitution *state)
{
    size_t start = state->at;
    MigBytes digits;
    int64_t number = 0;
    bool negative;

    while (peek(state, 0) != '\0' && peek(state, 0) != ':' &&
           peek(state, 0) != '}')
        state->at++;
    digits = mig_trim(mig_part(state->line, start, state->at));
    negative = mig_starts_with(digits, "-");
    if (negative)
        digits = mig_part(digits, 1, digits.length);
    if (!mig_parse_digits(digits, &number))
        fail(state, "an offset or length is no number");
    return negative ? -number : number;
}

static int64_t
clamp(int64_t number, int64_t low, int64_t high)
{
    if (number < low)
        return low;
    return number > high ? high : number;
}

/* Put a part of a value: ${NAME:offset} or ${NAME:offset:length}; what is
 * negative counts from the end. */
static void
put_part(Substitution *state, MigBytes name)
{
    MigBytes value = value_of(state, name);
    int64_t size = (int64_t) value.length;
    int64_t from = read_number(state);
    int64_t to = size;

    from = clamp(from < 0 ? from + size : from, 0, size);
    if (peek(state, 0) == ':')
    {
        state->at++;
        to = clamp(read_number(state), -size, size);
        to = clamp(to < 0 ? to + size : to + from, from, size);
    }
    if (state->dry > 0 || !mig_ok(state->mig))
        return;
    if (value.data == NULL)
        fail_unset(state, name);
    put(state, mig_part(value, (size_t) from, (size_t) to));
}

static void expand_line(Substitution *state, bool braces);

/*
 * Put the text that stands for a variable's value, or the value.
 *
 * empty  whether an empty value counts as none
 */
static void
put_default(Substitution *state, MigBytes name, bool empty)
{
    MigBytes value = value_of(state, name);
    bool given = value.data != NULL && (!empty || value.length > 0);

    if (given)
        put(state, value);
    state->dry += given;
    expand_line(state, true);
    state->dry -= given;
}

/* ${NAME?message}: fail with it where there is no value. */
static void
put_required(Substitution *state, MigBytes name)
{
    MigBytes value = value_of(state, name);
    size_t start = state->at;
    MigBytes message;

    put(state, value);
    state->dry++;
    expand_line(state, true);
    state->dry--;
    message = mig_part(state->line, start, state->at);
    if (state->dry > 0 || value.data != NULL || !mig_ok(state->mig))
        return;
    if (message.length == 0)
        message = mig_bytes("not set");
    (void) mig_fail(state->mig->error, MIG_INVALID, "variable \"%.*s\": %.*s",
                    (int) name.length, name.data,
                    (int) mig_cut(message, 200).length, message.data);
    mig_fail_hint(state->mig->error, "migrate_config('var.%.*s', ...) sets it.",
                  (int) name.length, name.data);
}

/* What stands between "${" and "}". */
static void
expand_braces(Substitution *state)
{
    MigBytes name = read_name(state);
    char sign = peek(state, 0);
    bool empty = sign == ':' && peek(state, 1) == '-';

    if (++state->depth > DEPTH_MAX)
        fail(state, "variables stand in each other too deep");
    if (!mig_ok(state->mig))
        return;
    if (sign == '}')
        put_value(state, name);
    else
        state->at += empty ? 2 : 1;
    if (empty || sign == '-')
        put_default(state, name, empty);
    else if (sign == ':')
        put_part(state, name);
    else if (sign == '?')
        put_required(state, name);
    else if (sign != '}')
        fail(state, "a variable's name is not followed by }, :-, -, : or ?");
    if (mig_ok(state->mig) && peek(state, 0) != '}')
        fail(state, "a variable's } is missing");
    state->at++;
    state->depth--;
}

/* Put what a dollar sign stands for. */
static void
expand_dollar(Substitution *state)
{
    if (peek(state, 1) == '\0' || peek(state, 1) == '$')
        put(state, mig_bytes("$"));
    else if (peek(state, 1) == '(')
        put(state, mig_bytes("$("));
    else
    {
        state->at++;
        if (peek(state, 0) != '{')
        {
            put_value(state, read_name(state));
            return;
        }
        state->at++;
        expand_braces(state);
        return;
    }
    state->at += 2;
}

/*
 * Put values in the rest of the line.
 *
 * braces  whether it ends before a '}'
 */
static void
expand_line(Substitution *state, bool braces)
{
    while (mig_ok(state->mig) && state->at < state->line.length &&
           !(braces && peek(state, 0) == '}'))
    {
        size_t start = state->at;

        if (peek(state, 0) == '$')
        {
            expand_dollar(state);
            continue;
        }
        if (peek(state, 0) == '\\' && peek(state, 1) == '$')
        {
            put(state, mig_bytes("$"));
            state->at += 2;
            continue;
        }
        state->at += peek(state, 0) == '\\' && peek(state, 1) == '\\' ? 2 : 1;
        while (peek(state, 0) != '\0' && strchr("$\\}", peek(state, 0)) == NULL)
            state->at++;
        put(state, mig_part(state->line, start, state->at));
    }
}

/* What a line says of ENVSUB: 1 on, 0 off, -1 nothing. */
static int
switch_of(MigBytes line)
{
    static const char *const words[] = {"+GOOSE", "ENVSUB"};
    MigBytes word;
    size_t at = 0;

    line = mig_trim(line);
    if (!mig_starts_with(line, "--"))
        return -1;
    line = mig_part(line, 2, line.length);
    for (size_t i = 0; i < 2; i++)
    {
        if (!mig_next_word(line, &at, " \t", &word) ||
            !mig_same_letters(word, mig_bytes(words[i])))
            return -1;
    }
    if (!mig_next_word(line, &at, " \t", &word))
        return -1;
    if (mig_same_letters(word, mig_bytes("ON")))
        return 1;
    return mig_same_letters(word, mig_bytes("OFF")) ? 0 : -1;
}

bool
mig_envsub_in(MigBytes text)
{
    MigBytes line;
    size_t at = 0;

    if (text.length == 0 || memchr(text.data, '$', text.length) == NULL)
        return false;
    while (mig_next_line(text, &at, &line))
    {
        if (mig_starts_with(mig_trim(line), "--") && switch_of(line) == 1)
            return true;
    }
    return false;
}

MigBytes
mig_envsub_expand(Mig *mig, MigArena *arena, MigBytes text,
                  MigExpansion *expansion)
{
    MigText out = {arena, mig->error, NULL, 0, 0};
    Substitution state = {mig, arena, expansion, &out, {NULL, 0}, 0, 0, 0};
    bool on = false;
    size_t begin = 0;
    size_t at = 0;

    if (!mig_envsub_in(text))
        return text;
    while (mig_ok(mig) && mig_next_line(text, &at, &state.line))
    {
        int wanted = switch_of(state.line);

        if (wanted >= 0)
            on = wanted == 1;
        state.at = 0;
        expansion->offset = begin;
        if (on && wanted < 0)
        {
            expand_line(&state, false);
            begin += state.line.length;
        }
        mig_text_append(&out, mig_part(text, begin, at));
        begin = at;
        mig_expanded_check(mig, out.length);
    }
    return mig_text_bytes(&out);
}

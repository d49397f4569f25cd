#include "pg_script.h"

/*
 * The tokens of SQL, as far as it takes to know what is quoted and what is not.
 * The server's own lexer would have to be given a text that ends before the
 * data of a COPY, and fails at what it cannot read; this one goes through any
 * bytes once.  What it finds is read again by the server's parser.
 */

/* Behind a block comment, which may hold others; "/" and "*" are at place. */
static const char *
skip_block_comment(const char *place, const char *end)
{
    int depth = 0;

    while (place < end)
    {
        bool pair = place + 1 < end;

        if (pair && place[0] == '/' && place[1] == '*')
            depth++;
        else if (pair && place[0] == '*' && place[1] == '/')
            depth--;
        else
        {
            place++;
            continue;
        }
        place += 2;
        if (depth == 0)
            break;
    }
    return place;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_newline(char c)
{
    return c == '\n' || c == '\r';
}

/* Whether a comment to the end of the line begins here. */
static bool
is_line_comment(const char *place, const char *end)
{
    return end - place >= 2 && place[0] == '-' && place[1] == '-';
}

static const char *
skip_line(const char *place, const char *end)
{
    while (place < end && !is_newline(*place))
        place++;
    return place;
}

const char *
pg_skip_blank(const char *place, const char *end)
{
    while (place < end)
    {
        if (is_space(*place))
            place++;
        else if (is_line_comment(place, end))
            place = skip_line(place, end);
        else if (end - place >= 2 && place[0] == '/' && place[1] == '*')
            place = skip_block_comment(place, end);
        else
            break;
    }
    return place;
}

/*
 * A string goes on in the next one when a new line, and no more than blanks and
 * line comments, stands between them.
 *
 * place  behind a closing quote
 *
 * Returns the place behind the next opening quote, or NULL.
 */
static const char *
string_continues(const char *place, const char *end)
{
    bool newline = false;

    while (place < end)
    {
        if (is_line_comment(place, end))
            place = skip_line(place, end);
        else if (is_space(*place))
            newline = is_newline(*place++) || newline;
        else
            return newline && *place == '\'' ? place + 1 : NULL;
    }
    return NULL;
}

/*
 * Behind a string.
 *
 * place    behind its opening quote
 * escapes  a backslash makes the next character an ordinary one
 */
static const char *
skip_string(const char *place, const char *end, bool escapes, bool *backslash)
{
    while (place < end)
    {
        char c = *place++;

        if (c == '\\')
        {
            *backslash = true;
            if (escapes && place < end)
                place++;
        }
        else if (c == '\'' && place < end && *place == '\'')
            place++;
        else if (c == '\'')
        {
            const char *next = string_continues(place, end);

            if (next == NULL)
                return place;
            place = next;
        }
    }
    return place;
}

static bool
is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           IS_HIGHBIT_SET(c);
}

static bool
is_tag_part(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

/* Behind what stands in dollar quotes; NULL when it is only a dollar. */
static const char *
skip_dollar_quote(const char *place, const char *end)
{
    const char *tag = place + 1;
    const char *close;
    size_t length;

    if (tag < end && is_name_start(*tag))
        while (tag < end && is_tag_part(*tag))
            tag++;
    if (tag == end || *tag != '$')
        return NULL;
    tag++;
    length = (size_t) (tag - place);
    close = memmem(tag, (size_t) (end - tag), place, length);
    return close == NULL ? end : close + length;
}

/* A word; or a string with escapes, when it is the "E" before one. */
static void
scan_word(PgToken *token, const char *end)
{
    const char *place = token->start + 1;
    bool backslash;

    while (place < end && (is_tag_part(*place) || *place == '$'))
        place++;
    token->kind = PG_TOKEN_WORD;
    token->end = place;
    if (place > token->start + 1 || place == end || *place != '\'' ||
        (token->start[0] != 'e' && token->start[0] != 'E'))
        return;
    token->kind = PG_TOKEN_QUOTED;
    token->end = skip_string(place + 1, end, true, &backslash);
}

/* Anything that begins neither with a letter nor with a blank. */
static void
scan_sign(PgToken *token, const char *end)
{
    const char *behind = token->start + 1;
    const char *close = NULL;

    switch (token->start[0])
    {
        case '\'':
            close = skip_string(behind, end, !standard_conforming_strings,
                                &token->backslash);
            break;
        case '"':
            close = memchr(behind, '"', (size_t) (end - behind));
            close = close == NULL ? end : close + 1;
            break;
        case '$':
            close = skip_dollar_quote(token->start, end);
            break;
        default:
            break;
    }
    token->kind = close == NULL ? PG_TOKEN_SIGN : PG_TOKEN_QUOTED;
    token->end = close == NULL ? behind : close;
}

void
pg_next_token(const char *place, const char *end, PgToken *token)
{
    token->start = pg_skip_blank(place, end);
    token->end = token->start;
    token->kind = PG_TOKEN_END;
    token->backslash = false;
    if (token->start == end)
        return;
    if (is_name_start(token->start[0]))
        scan_word(token, end);
    else
        scan_sign(token, end);
}

#include "mig_rename_parts.h"

/*
 * The tokens of definitions, of whatever engine.
 */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
mig_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char) c >= 0x80;
}

/* The end of a name in quotes that begins at a place; doubled ones are in it.
 */
static size_t
end_of_quoted(MigBytes text, size_t at)
{
    char quote = text.data[at++];

    for (; at < text.length; at++)
    {
        if (text.data[at] != quote)
            continue;
        if (at + 1 == text.length || text.data[at + 1] != quote)
            return at + 1;
        at++;
    }
    return at;
}

/* Whether a token is one of some words, or signs; ended by NULL. */
static bool
is_any(MigBytes token, const char *const *words)
{
    while (*words != NULL && !mig_same_letters(token, mig_bytes(*words)))
        words++;
    return *words != NULL;
}

/* Note what of a query the token that was read is in. */
static void
note_token(MigTokens *tokens, MigBytes token)
{
    static const char *const ends[] = {"where", "group", "order", "having",
                                       "limit", "on",    "set",   ";",
                                       ")",     NULL};
    bool from = mig_same_letters(token, mig_bytes("from"));
    bool select = mig_same_letters(token, mig_bytes("select"));

    tokens->before = tokens->previous;
    tokens->previous = tokens->current;
    tokens->current = token;
    if (from || select)
        tokens->listing = select;
    if (from || select || is_any(token, ends))
        tokens->from = from;
}

/* Whether a quoted name that begins here ends before the literal does, if it is
 * in one. */
static bool
ends_in_literal(const MigTokens *tokens)
{
    size_t end = end_of_quoted(tokens->text, tokens->at);

    return !tokens->literal ||
           (tokens->text.data[end - 1] == '"' && end > tokens->at + 1 &&
            memchr(tokens->text.data + tokens->at, '\'', end - tokens->at) ==
                NULL);
}

bool
mig_next_token(MigTokens *tokens, MigBytes *token)
{
    MigBytes text = tokens->text;
    size_t start;

    while (tokens->at < text.length && !tokens->literal &&
           is_blank(text.data[tokens->at]))
        tokens->at++;
    start = tokens->at;
    if (start == text.length)
        return false;
    if (mig_is_letter(text.data[start]))
    {
        while (tokens->at < text.length && mig_is_letter(text.data[tokens->at]))
            tokens->at++;
    }
    /* In a literal as well: 'app."Some x"'::regclass. */
    else if ((text.data[start] == '"' && ends_in_literal(tokens)) ||
             (!tokens->literal && text.data[start] == '`'))
        tokens->at = end_of_quoted(text, start);
    else
    {
        tokens->at++;
        tokens->literal = tokens->literal != (text.data[start] == '\'');
    }
    *token = mig_part(text, start, tokens->at);
    note_token(tokens, *token);
    return true;
}

MigPlace
mig_token_place(const MigTokens *tokens)
{
    static const char *const own[] = {"index",      "view", "trigger",
                                      "constraint", "as",   NULL};
    static const char *const tables[] = {"from",   "join",       "into",
                                         "update", "references", NULL};
    static const char *const on[] = {"on", NULL};
    static const char *const comma[] = {",", NULL};
    MigTokens ahead = *tokens;
    MigBytes next = {"", 0};
    bool table;

    (void) mig_next_token(&ahead, &next);
    if (is_any(tokens->previous, own))
        return MIG_PLACE_OWN;
    table = mig_bytes_equal(next, mig_bytes(".")) ||
            is_any(tokens->previous, tables);
    if (is_any(tokens->previous, comma))
        table = table || tokens->from;
    /* Of a trigger or an index; behind that of a join stands a condition. */
    if (is_any(tokens->previous, on) && next.length > 0)
        table = table || mig_is_letter(next.data[0]) || next.data[0] == '(';
    return table ? MIG_PLACE_TABLE : MIG_PLACE_OTHER;
}

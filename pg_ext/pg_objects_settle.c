#include "pg_objects.h"

/*
 * Expressions as they are once they have been written and read again
 *
 * What the server writes of an expression it does not always write the same way
 * once it has read that: a dump that was restored has other texts than the
 * database that it was made of.  Two differences are known, both settled after
 * one time, and both taken here in front:
 *
 * - A cast of an ARRAY[...], which x IN ('a', 'b') has where x is a varchar, is
 *   read as a cast of each element (transformTypeCast() in parse_expr.c):
 *       (ARRAY['a'::character varying])::text[]
 *       ARRAY[('a'::character varying)::text]
 * - The first operand of AND is read as a part of it when it is an AND itself,
 *   as x BETWEEN 1 AND 2 is; likewise of OR (makeAndExpr() in gram.y):
 *       (((x >= 1) AND (x <= 2)) AND (y > 0))
 *       ((x >= 1) AND (x <= 2) AND (y > 0))
 *
 * Some texts have all parentheses, others only those that are needed.
 */

/* A text, cut into tokens. */
typedef struct Settling
{
    MigBytes *tokens;
    int *match; /* the other end, of each bracket; else -1 */
    int count;
    int capacity;
    int open; /* the innermost bracket that is not closed, or -1 */
    StringInfoData settled;
} Settling;

/* Some of its tokens. */
typedef struct Range
{
    int from;
    int to; /* the first behind them */
} Range;

static bool
is_token(const Settling *settling, int i, const char *word)
{
    return i < settling->count &&
           mig_bytes_equal(settling->tokens[i], mig_bytes(word));
}

/* Whether brackets open, or close, at a token. */
static bool
opens(const Settling *settling, int i)
{
    return is_token(settling, i, "(") || is_token(settling, i, "[");
}

static bool
closes(const Settling *settling, int i)
{
    return is_token(settling, i, ")") || is_token(settling, i, "]");
}

/* A MigTokenFunction: keep it, and what closes with it. */
static MigStatus
take_token(void *context, MigBytes token, MigError *error)
{
    Settling *settling = context;
    int i = settling->count;

    if (i == settling->capacity)
    {
        settling->capacity *= 2;
        settling->tokens = repalloc_huge(
            settling->tokens, (Size) settling->capacity * sizeof(MigBytes));
        settling->match = repalloc_huge(
            settling->match, (Size) settling->capacity * sizeof(int));
    }
    settling->tokens[i] = token;
    settling->match[i] = -1;
    settling->count++;
    if (opens(settling, i))
    {
        /* Until it is closed: the one around it. */
        settling->match[i] = settling->open;
        settling->open = i;
    }
    else if (closes(settling, i) && settling->open >= 0)
    {
        int opening = settling->open;

        settling->open = settling->match[opening];
        settling->match[opening] = i;
        settling->match[i] = opening;
    }
    return error->status;
}

/* The token behind a token, or behind what is in brackets there. */
static int
pass(const Settling *settling, int i)
{
    return (opens(settling, i) ? settling->match[i] : i) + 1;
}

/* Whether one of some tokens, outside of brackets in them, is a word. */
static bool
has_word(const Settling *settling, Range range, const char *word)
{
    for (int i = range.from; i < range.to; i = pass(settling, i))
        if (is_token(settling, i, word))
            return true;
    return false;
}

/* Whether a token can be a part of a type's name. */
static bool
is_name(MigBytes token)
{
    char first;

    if (token.length == 0)
        return false;
    first = token.data[0];
    return first == '"' || first == '_' || first == '.' ||
           (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
           (unsigned char) first >= 0x80;
}

/*
 * Whether a cast to an array follows.
 *
 * i     the token behind what is cast
 * type  out: of the elements
 */
static bool
is_array_cast(const Settling *settling, int i, Range *type)
{
    if (!is_token(settling, i, "::"))
        return false;
    type->from = ++i;
    while (i < settling->count &&
           (is_name(settling->tokens[i]) ||
            (is_token(settling, i, "(") && i > type->from)))
        i = pass(settling, i);
    type->to = i;
    return i > type->from && is_token(settling, i, "[") &&
           settling->match[i] == i + 1;
}

/* Whether an array of elements stands at a token. */
static bool
is_array(const Settling *settling, int i)
{
    return is_token(settling, i, "ARRAY") && is_token(settling, i + 1, "[") &&
           settling->match[i + 1] > i + 2;
}

static void settle(Settling *settling, Range range);

/* Append the white space in front of a token. */
static void
append_space(Settling *settling, int i)
{
    const char *from;

    if (i == 0)
        return;
    from = settling->tokens[i - 1].data + settling->tokens[i - 1].length;
    appendBinaryStringInfo(&settling->settled, from,
                           (int) (settling->tokens[i].data - from));
}

/* Whether an element must be in parentheses to be cast where only those are
 * written that are needed. */
static bool
is_compound(const Settling *settling, Range element)
{
    if (is_token(settling, element.from, "("))
        return true;
    for (int i = element.from; i < element.to; i = pass(settling, i))
        if (strchr("+-*/<>=~!@#%^&|`?", settling->tokens[i].data[0]) != NULL ||
            is_token(settling, i, "IS") || is_token(settling, i, "AND") ||
            is_token(settling, i, "OR") || is_token(settling, i, "NOT") ||
            is_token(settling, i, "COLLATE") || is_token(settling, i, "AT"))
            return true;
    return false;
}

/* Append the type's name. */
static void
append_type(Settling *settling, Range type)
{
    const char *from = settling->tokens[type.from].data;
    MigBytes last = settling->tokens[type.to - 1];

    appendStringInfoString(&settling->settled, "::");
    appendBinaryStringInfo(&settling->settled, from,
                           (int) (last.data + last.length - from));
}

/*
 * Append an array with each element cast.
 *
 * i     its first token
 * all   whether the text has all parentheses
 */
static void
append_array(Settling *settling, int i, Range type, bool all)
{
    int end = settling->match[i + 1];
    Range element = {i + 2, i + 2};

    appendStringInfoString(&settling->settled, "ARRAY[");
    for (; element.from < end; element.from = element.to + 1)
    {
        bool first = element.from == i + 2;

        element.to = element.from;
        while (element.to < end && !is_token(settling, element.to, ","))
            element.to = pass(settling, element.to);
        appendStringInfoString(&settling->settled, first ? "" : ", ");
        if (is_array(settling, element.from) &&
            settling->match[element.from + 1] + 1 == element.to)
        {
            append_array(settling, element.from, type, all);
            continue;
        }
        if (all || is_compound(settling, element))
            appendStringInfoChar(&settling->settled, '(');
        settle(settling, element);
        if (all || is_compound(settling, element))
            appendStringInfoChar(&settling->settled, ')');
        append_type(settling, type);
    }
    appendStringInfoChar(&settling->settled, ']');
}

/* Whether the first of some tokens opens an operand that is read as a part of
 * the list that it is the first of. */
static bool
is_nested(const Settling *settling, Range list)
{
    static const char *const words[] = {"AND", "OR"};
    Range inner;

    if (!is_token(settling, list.from, "("))
        return false;
    inner.from = list.from + 1;
    inner.to = settling->match[list.from];
    for (size_t i = 0; i < lengthof(words); i++)
        if (inner.to + 1 < list.to &&
            is_token(settling, inner.to + 1, words[i]))
            return has_word(settling, inner, words[i]) &&
                   !is_token(settling, inner.from, "SELECT") &&
                   !is_token(settling, inner.from, "WITH");
    return false;
}

/* Append what stands in parentheses, those of nested lists left out. */
static void
append_list(Settling *settling, Range list)
{
    if (is_nested(settling, list))
    {
        Range inner = {list.from + 1, settling->match[list.from]};

        append_list(settling, inner);
        list.from = inner.to + 1;
        append_space(settling, list.from);
    }
    settle(settling, list);
}

/* Append an array that is cast, if one stands at a token; returns the token
 * behind it, or the same one. */
static int
append_cast(Settling *settling, int i)
{
    bool all = is_token(settling, i, "(");
    int array = all ? i + 1 : i;
    int behind;
    Range type;

    if (!is_array(settling, array))
        return i;
    behind = settling->match[array + 1] + 1;
    if (all && settling->match[i] != behind)
        return i;
    if (!is_array_cast(settling, all ? behind + 1 : behind, &type))
        return i;
    append_array(settling, array, type, all);
    return type.to + 2;
}

/* Append some tokens, without the white space in front of the first. */
static void
settle(Settling *settling, Range range)
{
    int i = range.from;

    while (i < range.to)
    {
        int next;

        if (i > range.from)
            append_space(settling, i);
        next = append_cast(settling, i);
        if (next == i)
        {
            appendBinaryStringInfo(&settling->settled, settling->tokens[i].data,
                                   (int) settling->tokens[i].length);
            next = i + 1;
        }
        if (next == i + 1 && is_token(settling, i, "(") &&
            settling->match[i] > i + 1)
        {
            Range list = {i + 1, settling->match[i]};

            append_space(settling, i + 1);
            append_list(settling, list);
            next = list.to;
        }
        i = next;
    }
}

/* Whether a text has something twice. */
static bool
has_twice(const char *sql, const char *word)
{
    const char *first = strstr(sql, word);

    return first != NULL && strstr(first + 1, word) != NULL;
}

/* Whether a text may be one of those that are not settled. */
static bool
is_suspect(const char *sql)
{
    const char *array = strstr(sql, "ARRAY[");

    return (array != NULL &&
            (strstr(array, "]::") != NULL || strstr(array, "])::") != NULL)) ||
           (strstr(sql, "((") != NULL &&
            (has_twice(sql, " AND ") || has_twice(sql, " OR ")));
}

MigBytes
pg_objects_settle(PgHost *host, MigBytes sql, MigError *error)
{
    Settling settling;
    MigBytes result = sql;
    bool readable = false;
    Range all = {0, 0};

    /* Most have neither. */
    if ((memchr(sql.data, '(', sql.length) == NULL &&
         memchr(sql.data, '[', sql.length) == NULL) ||
        !is_suspect(pnstrdup(sql.data, sql.length)))
        return sql;
    memset(&settling, 0, sizeof(settling));
    settling.capacity = 64;
    settling.tokens = palloc((Size) settling.capacity * sizeof(MigBytes));
    settling.match = palloc((Size) settling.capacity * sizeof(int));
    settling.open = -1;
    (void) pg_script_tokens(&host->base, sql, take_token, &settling, &readable,
                            error);
    if (!readable || settling.open >= 0 || settling.count == 0)
        return sql;
    initStringInfo(&settling.settled);
    appendBinaryStringInfo(&settling.settled, sql.data,
                           (int) (settling.tokens[0].data - sql.data));
    all.to = settling.count;
    settle(&settling, all);
    result.data = settling.settled.data;
    result.length = (size_t) settling.settled.len;
    return result;
}

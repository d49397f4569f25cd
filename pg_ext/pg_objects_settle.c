#include "pg_objects.h"

#include "miscadmin.h"

/*
 * Expressions as they are once they have been written and read again
 *
 * What the server writes of an expression it does not always write the same way
 * once it has read that: a dump that was restored has other texts than the
 * database that it was made of.  Three differences are known, all settled after
 * one time, and all taken here in front:
 *
 * - A cast of an ARRAY[...], which x IN ('a', 'b') has where x is a varchar, is
 *   read as a cast of each element (transformTypeCast() in parse_expr.c):
 *       (ARRAY['a'::character varying])::text[]
 *       ARRAY[('a'::character varying)::text]
 * - The first operand of AND is read as a part of it when it is an AND itself,
 *   as x BETWEEN 1 AND 2 is; likewise of OR (makeAndExpr() in gram.y):
 *       (((x >= 1) AND (x <= 2)) AND (y > 0))
 *       ((x >= 1) AND (x <= 2) AND (y > 0))
 * - A minus in front of a number, which -1::integer has, is read as a part of
 *   it (doNegate() in gram.y):
 *       (x > (- 1))
 *       (x > '-1'::integer)
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

/* What a token does to how many CASEs it is in. */
static int
case_step(const Settling *settling, int i)
{
    return is_token(settling, i, "CASE") - is_token(settling, i, "END");
}

/* Whether one of some tokens, outside of brackets and CASEs in them, is a word.
 */
static bool
has_word(const Settling *settling, Range range, const char *word)
{
    int depth = 0;

    for (int i = range.from; i < range.to; i = pass(settling, i))
    {
        depth += case_step(settling, i);
        if (depth == 0 && is_token(settling, i, word))
            return true;
    }
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
    int depth = 0;

    if (is_token(settling, element.from, "("))
        return true;
    for (int i = element.from; i < element.to; i = pass(settling, i))
    {
        depth += case_step(settling, i);
        if (depth > 0)
            continue;
        if (strchr("+-*/<>=~!@#%^&|`?", settling->tokens[i].data[0]) != NULL ||
            is_token(settling, i, "IS") || is_token(settling, i, "AND") ||
            is_token(settling, i, "OR") || is_token(settling, i, "NOT") ||
            is_token(settling, i, "COLLATE") || is_token(settling, i, "AT"))
            return true;
    }
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

/* Where the COLLATE stands that is the last thing done to an operand; -1: there
 * is none. */
static int
collation_of(const Settling *settling, Range operand)
{
    for (int i = operand.to - 1; i > operand.from; i--)
    {
        if (is_token(settling, i, "COLLATE"))
            return i + 1 < operand.to ? i : -1;
        if (!is_name(settling->tokens[i]))
            return -1;
    }
    return -1;
}

/*
 * Append an element of an array, cast.  A COLLATE is read as done behind that.
 *
 * first  it has no comma in front
 */
static void
append_element(Settling *settling, Range element, bool first, Range type,
               bool all)
{
    Range operand = element;
    int collation;
    bool enclosed;
    bool broken;

    if (all && is_token(settling, element.from, "(") &&
        settling->match[element.from] == element.to - 1)
    {
        operand.from++;
        operand.to--;
    }
    collation = all && operand.from == element.from
                    ? -1
                    : collation_of(settling, operand);
    if (collation >= 0)
        operand.to = collation;
    else
        operand = element;
    enclosed = all || is_compound(settling, operand);
    /* A CASE stands in a line of its own. */
    broken = memchr(settling->tokens[operand.from - 1].data, '\n',
                    (size_t) (settling->tokens[operand.from].data -
                              settling->tokens[operand.from - 1].data)) != NULL;
    if (!first)
        appendStringInfoString(&settling->settled,
                               broken && !enclosed ? "," : ", ");
    if (collation >= 0 && all)
        appendStringInfoChar(&settling->settled, '(');
    if (enclosed)
        appendStringInfoChar(&settling->settled, '(');
    if (broken)
        append_space(settling, operand.from);
    settle(settling, operand);
    if (enclosed)
        appendStringInfoChar(&settling->settled, ')');
    append_type(settling, type);
    if (collation < 0)
        return;
    for (int i = collation; i < element.to; i++)
    {
        append_space(settling, i);
        appendBinaryStringInfo(&settling->settled, settling->tokens[i].data,
                               (int) settling->tokens[i].length);
    }
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
        if (is_array(settling, element.from) &&
            settling->match[element.from + 1] + 1 == element.to)
        {
            appendStringInfoString(&settling->settled, first ? "" : ", ");
            append_array(settling, element.from, type, all);
        }
        else
            append_element(settling, element, first, type, all);
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

/* Whether a minus at a token has no operand in front of it. */
static bool
begins_operand(const Settling *settling, int i)
{
    return i == 0 || opens(settling, i - 1) || is_token(settling, i - 1, ",") ||
           is_token(settling, i - 1, "=") ||
           is_token(settling, i - 1, "SELECT") ||
           is_token(settling, i - 1, "THEN") ||
           is_token(settling, i - 1, "ELSE");
}

/* Whether a minus and a number stand at a token, which are an operand. */
static bool
is_negated(const Settling *settling, int i)
{
    char digit;

    if (i + 1 >= settling->count || !is_token(settling, i, "-") ||
        !begins_operand(settling, i))
        return false;
    digit = settling->tokens[i + 1].data[0];
    return digit >= '0' && digit <= '9' &&
           (i + 2 == settling->count || closes(settling, i + 2) ||
            is_token(settling, i + 2, ",") || is_token(settling, i + 2, ";") ||
            is_name(settling->tokens[i + 2]));
}

/* Whether a token stands right behind a name: it opens arguments. */
static bool
is_call(const Settling *settling, int i)
{
    return i > 0 &&
           settling->tokens[i].data ==
               settling->tokens[i - 1].data + settling->tokens[i - 1].length &&
           is_name(settling->tokens[i - 1]);
}

/* Append a negative number, if one stands at a token; returns the token behind
 * it, or the same one. */
static int
append_negative(Settling *settling, int i)
{
    bool enclosed = is_token(settling, i, "(") && !is_call(settling, i) &&
                    !(i > 0 && is_token(settling, i - 1, "VALUES")) &&
                    settling->match[i] == i + 3;
    int minus = enclosed ? i + 1 : i;
    MigBytes number;
    bool whole = true;
    bool zero = true;

    if (!is_negated(settling, minus))
        return i;
    number = settling->tokens[minus + 1];
    for (size_t at = 0; at < number.length; at++)
    {
        whole = whole && number.data[at] >= '0' && number.data[at] <= '9';
        zero = zero && (number.data[at] < '1' || number.data[at] > '9');
    }
    if (zero)
        appendBinaryStringInfo(&settling->settled, number.data,
                               (int) number.length);
    else
        appendStringInfo(&settling->settled, "'-%.*s'::%s", (int) number.length,
                         number.data, whole ? "integer" : "numeric");
    return minus + (enclosed ? 3 : 2);
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

    check_stack_depth();
    while (i < range.to)
    {
        int next;

        if (i > range.from)
            append_space(settling, i);
        next = append_cast(settling, i);
        if (next == i)
            next = append_negative(settling, i);
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

/* Whether a text has a minus apart from a number. */
static bool
has_minus(const char *sql)
{
    while ((sql = strstr(sql, "- ")) != NULL)
    {
        sql += 2;
        if (*sql >= '0' && *sql <= '9')
            return true;
    }
    return false;
}

/* Whether a text may be one of those that are not settled. */
static bool
is_suspect(const char *sql)
{
    const char *array = strstr(sql, "ARRAY[");

    return has_minus(sql) ||
           (array != NULL &&
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

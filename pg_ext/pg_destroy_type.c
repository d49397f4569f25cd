#include "pg_destroy.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/*
 * Which changes of a column's type keep every value: a list of those that do.
 * All others can lose something, such as digits, a time of day or a zone, or
 * spaces.
 */

#define SECOND_DIGITS 6 /* of a time without a precision */

/* A type as a column has it. */
typedef struct Kind
{
    Oid type;
    int32 modifier; /* -1: none */
} Kind;

/* Pairs of types of which the second holds all values of the first. */
static const struct
{
    Oid narrow;
    Oid wide;
} widenings[] = {
    {INT2OID, INT4OID},
    {INT2OID, INT8OID},
    {INT4OID, INT8OID},
    {INT2OID, FLOAT4OID},
    {INT2OID, FLOAT8OID},
    {INT4OID, FLOAT8OID},
    {FLOAT4OID, FLOAT8OID},
    {DATEOID, TIMESTAMPOID},
    {CIDROID, INETOID},
    {DATEOID, TIMESTAMPTZOID},
    {TIMESTAMPOID, TIMESTAMPTZOID},
    {NAMEOID, TEXTOID},
    {XMLOID, TEXTOID},
    {JSONOID, TEXTOID},
};

/* Decimal digits of a whole number's type; 0 for other types. */
static int
integer_digits(Oid type)
{
    return type == INT2OID   ? 5
           : type == INT4OID ? 10
           : type == INT8OID ? 19
                             : 0;
}

/* Of a numeric's modifier: digits in all, and behind the point.  PostgreSQL 15
 * has the latter with a sign, in 11 bits (numeric.c, numeric_typmod_scale). */
static int
precision_of(int32 modifier)
{
    return ((modifier - VARHDRSZ) >> 16) & 0xFFFF;
}

static int
scale_of(int32 modifier)
{
    return (((modifier - VARHDRSZ) & 0x7FF) ^ 1024) - 1024;
}

/* Whether a numeric has room for so many digits before and behind its point. */
static bool
numeric_holds(int32 modifier, int before, int behind)
{
    return modifier < 0 ||
           (scale_of(modifier) >= behind &&
            precision_of(modifier) - scale_of(modifier) >= before);
}

/* Whether a type of the same name holds all values under another modifier. */
static bool
modifier_keeps(Oid type, int32 from, int32 to)
{
    if (to < 0 || from == to)
        return true;
    switch (type)
    {
        case NUMERICOID:
            return from >= 0 &&
                   numeric_holds(to, precision_of(from) - scale_of(from),
                                 scale_of(from));
        case VARCHAROID:
        case BPCHAROID:
        case VARBITOID:
            return from >= 0 && to >= from;
        case TIMEOID:
        case TIMETZOID:
        case TIMESTAMPOID:
        case TIMESTAMPTZOID:
            return to >= (from < 0 ? SECOND_DIGITS : from);
        default:
            return false;
    }
}

/* Whether a type is text of some length. */
static bool
is_text(Oid type)
{
    return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/* Whether every value of a type is one of another, and comes back from it. */
static bool
kind_keeps(Kind from, Kind to)
{
    if (from.type == to.type)
        return modifier_keeps(from.type, from.modifier, to.modifier);
    if (is_text(from.type) && (to.type == TEXTOID || to.type == VARCHAROID))
        return to.modifier < 0 || (from.modifier >= 0 && from.type != TEXTOID &&
                                   to.modifier >= from.modifier);
    if (to.type == TEXTOID || (to.type == VARCHAROID && to.modifier < 0))
        return integer_digits(from.type) > 0 || from.type == NUMERICOID ||
               from.type == UUIDOID || from.type == BOOLOID ||
               from.type == NAMEOID || type_is_enum(from.type);
    if (to.type == NUMERICOID && integer_digits(from.type) > 0)
        return numeric_holds(to.modifier, integer_digits(from.type), 0);
    for (int i = 0; i < lengthof(widenings); i++)
    {
        if (widenings[i].narrow == from.type && widenings[i].wide == to.type)
            return to.modifier < 0;
    }
    return false;
}

/* What a domain is over, and an array of. */
static Kind
kind_base(Kind kind, bool *array)
{
    Oid element;

    kind.type = getBaseTypeAndTypmod(kind.type, &kind.modifier);
    element = get_element_type(kind.type);
    *array = OidIsValid(element);
    if (*array)
        kind.type = getBaseTypeAndTypmod(element, &kind.modifier);
    return kind;
}

bool
pg_type_change_keeps(Oid relation, int16 column, const TypeName *name,
                     const char **written)
{
    Kind from;
    Kind to;
    Oid collation;
    Type type;
    bool from_array;
    bool to_array;

    get_atttypetypmodcoll(relation, column, &from.type, &from.modifier,
                          &collation);
    type = LookupTypeName(NULL, name, &to.modifier, true);
    *written = NULL;
    if (type == NULL)
        return true;
    to.type = ((Form_pg_type) GETSTRUCT(type))->oid;
    ReleaseSysCache(type);
    *written = format_type_with_typemod(to.type, to.modifier);
    from = kind_base(from, &from_array);
    to = kind_base(to, &to_array);
    return from_array == to_array && kind_keeps(from, to);
}

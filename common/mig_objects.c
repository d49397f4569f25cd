#include "mig_objects.h"

#include <stdlib.h>

MigStatus
mig_objects_add(void *list, const MigObject *object, MigError *error)
{
    MigObjects *objects = list;
    MigObject *items =
        mig_array_reserve(objects->arena, objects->items, objects->count,
                          &objects->capacity, sizeof(MigObject), error);
    MigObject *kept;

    if (items == NULL)
        return error->status;
    objects->items = items;
    kept = &items[objects->count];
    kept->kind = mig_copy(objects->arena, object->kind, error);
    kept->identity = mig_copy(objects->arena, object->identity, error);
    kept->table = mig_copy(objects->arena, object->table, error);
    kept->definition = mig_copy(objects->arena, object->definition, error);
    if (error->status == MIG_OK)
        objects->count++;
    return error->status;
}

/* Order of two texts, by their bytes. */
static int
compare_bytes(MigBytes a, MigBytes b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);

    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

/* What an object belongs to: its table, or itself. */
static MigBytes
root_of(const MigObject *object)
{
    return object->table.data == NULL ? object->identity : object->table;
}

static bool
is_part(const MigObject *object)
{
    return object->table.data != NULL;
}

/* Stands in MigObjectsMatch.next for an object that has come in. */
#define MET SIZE_MAX

/* Go on with a hash; FNV-1a. */
static uint64_t
hash_bytes(uint64_t hash, MigBytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ (unsigned char) bytes.data[i]) * 1099511628211U;
    return hash;
}

/* Where the bucket of an object begins. */
static size_t *
bucket_of(const MigObjectsMatch *match, const MigObject *object)
{
    uint64_t hash = hash_bytes(14695981039346656037U, object->identity);

    hash = hash_bytes(hash, object->kind);
    return &match->buckets[hash & (match->bucket_count - 1)];
}

static bool
is_same(const MigObject *a, const MigObject *b)
{
    return is_part(a) == is_part(b) &&
           mig_bytes_equal(root_of(a), root_of(b)) &&
           mig_bytes_equal(a->kind, b->kind) &&
           mig_bytes_equal(a->identity, b->identity) &&
           mig_bytes_equal(a->definition, b->definition);
}

void
mig_objects_match_begin(MigObjectsMatch *match, MigObjects *expected,
                        MigObjects *actual, MigError *error)
{
    size_t count = 64;

    while (count < expected->count)
        count *= 2;
    match->expected = expected;
    match->actual = actual;
    match->bucket_count = count;
    match->buckets =
        mig_alloc_array(expected->arena, count, sizeof(size_t), error);
    match->next = mig_alloc_array(expected->arena, expected->count,
                                  sizeof(size_t), error);
    if (error->status != MIG_OK)
        return;
    for (size_t i = 0; i < expected->count; i++)
    {
        size_t *bucket = bucket_of(match, &expected->items[i]);

        match->next[i] = *bucket;
        *bucket = i + 1;
    }
}

MigStatus
mig_objects_match(void *context, const MigObject *object, MigError *error)
{
    const MigObjectsMatch *match = context;
    size_t *at = bucket_of(match, object);
    size_t *next;

    while (*at != 0 && !is_same(&match->expected->items[*at - 1], object))
        at = &match->next[*at - 1];
    if (*at == 0)
        return mig_objects_add(match->actual, object, error);
    /* It is taken out of its bucket: another one of its name is another. */
    next = &match->next[*at - 1];
    *at = *next;
    *next = MET;
    return error->status;
}

void
mig_objects_match_end(MigObjectsMatch *match)
{
    MigObjects *expected = match->expected;
    size_t kept = 0;

    for (size_t i = 0; i < expected->count; i++)
    {
        if (match->next[i] != MET)
            expected->items[kept++] = expected->items[i];
    }
    expected->count = kept;
}

/* Order of two objects, their definitions aside: a table is followed by its
 * parts. */
static int
compare_names(const MigObject *a, const MigObject *b)
{
    int order = compare_bytes(root_of(a), root_of(b));

    if (order == 0)
        order = (int) is_part(a) - (int) is_part(b);
    if (order == 0)
        order = compare_bytes(a->kind, b->kind);
    if (order == 0)
        order = compare_bytes(a->identity, b->identity);
    return order;
}

/* For qsort().  Where a name is not unique, equal definitions meet. */
static int
compare_objects(const void *a, const void *b)
{
    const MigObject *left = a;
    const MigObject *right = b;
    int order = compare_names(left, right);

    return order != 0 ? order
                      : compare_bytes(left->definition, right->definition);
}

static void
sort(MigObjects *objects, int (*compare)(const void *, const void *))
{
    if (objects->count > 1)
        qsort(objects->items, objects->count, sizeof(MigObject), compare);
}

/* Order of two objects, what they are a part of aside. */
static int
compare_own_names(const MigObject *a, const MigObject *b)
{
    int order = compare_bytes(a->kind, b->kind);

    return order != 0 ? order : compare_bytes(a->identity, b->identity);
}

/* The same for qsort(). */
static int
compare_moved(const void *a, const void *b)
{
    return compare_own_names(a, b);
}

/* How many objects from one on have its name; the list is in that order. */
static size_t
count_same(const MigObjects *objects, size_t first)
{
    size_t end = first + 1;

    while (end < objects->count &&
           compare_own_names(&objects->items[first], &objects->items[end]) == 0)
        end++;
    return end - first;
}

/* Let an object that both lists have as a part of another one each, such as an
 * index that was made anew on another table, meet itself: it has changed. */
static void
join_moved(MigObjects *expected, const MigObjects *actual)
{
    size_t i = 0;
    size_t j = 0;

    while (i < expected->count && j < actual->count)
    {
        MigObject *left = &expected->items[i];
        const MigObject *right = &actual->items[j];
        int order = compare_own_names(left, right);
        size_t lefts = order <= 0 ? count_same(expected, i) : 0;
        size_t rights = order >= 0 ? count_same(actual, j) : 0;

        if (lefts == 1 && rights == 1 &&
            !mig_bytes_equal(left->definition, right->definition))
            left->table = right->table;
        i += lefts;
        j += rights;
    }
}

/* A comparison under way. */
typedef struct Comparison
{
    MigDifferenceFunction emit;
    void *context;
    MigError *error;
    int64_t count;
    MigBytes missing; /* the last table that is, */
    MigBytes extra;   /* and one that is this; both can have one name */
    const MigObject
        *table; /* one whose columns alone differ, as is expected, */
    const MigObject
        *actual; /* and as it is; told when none of its columns is */
} Comparison;

/* Tell of an object that one list has alone, unless its table is as lonely. */
static void
tell_alone(Comparison *comparison, const MigObject *object, const char *change)
{
    bool missing = strcmp(change, MIG_DIFFERENCE_MISSING) == 0;
    MigBytes *lonely = missing ? &comparison->missing : &comparison->extra;
    MigDifference difference = {object->kind, object->identity, change,
                                {NULL, 0},    {NULL, 0},        object->table};

    if (is_part(object) && mig_bytes_equal(*lonely, object->table))
        return;
    if (!is_part(object))
        *lonely = object->identity;
    else if (mig_bytes_equal(object->kind, mig_bytes("column")))
        comparison->table = NULL;
    if (missing)
        difference.expected = object->definition;
    else
        difference.actual = object->definition;
    comparison->count++;
    (void) comparison->emit(comparison->context, &difference,
                            comparison->error);
}

/* Move behind a name in a list of columns, as a table's definition has it. */
static size_t
skip_name(MigBytes text, size_t at)
{
    bool quoted = false;

    while (at < text.length &&
           (quoted || (text.data[at] != ',' && text.data[at] != ')')))
    {
        quoted = quoted != (text.data[at] == '"');
        at++;
    }
    return at;
}

/* Whether a list of columns has a name. */
static bool
has_name(MigBytes list, MigBytes name)
{
    size_t at = 1;

    while (at < list.length && list.data[at - 1] != ')')
    {
        size_t end = skip_name(list, at);

        if (mig_bytes_equal(mig_trim(mig_part(list, at, end)), name))
            return true;
        at = end + 1;
    }
    return false;
}

/*
 * The next column of a list that another one has as well; absent at its end.
 *
 * at  in/out: offset in list; at the end, of what stands behind the list
 */
static MigBytes
next_common(MigBytes list, MigBytes other, size_t *at)
{
    MigBytes none = {NULL, 0};

    while (*at < list.length && list.data[*at - 1] != ')')
    {
        size_t end = skip_name(list, *at);
        MigBytes name = mig_trim(mig_part(list, *at, end));

        *at = end < list.length ? end + 1 : end;
        if (has_name(other, name))
            return name;
    }
    return none;
}

/* Whether the columns of an object are objects, too. */
static bool
is_table(const MigObject *object)
{
    return mig_bytes_equal(object->kind, mig_bytes("table")) ||
           mig_bytes_equal(object->kind, mig_bytes("foreign table"));
}

/*
 * Whether two definitions of a table differ only in that one has columns that
 * the other lacks; those are told as columns.  Both begin with a list of
 * columns in brackets, names that need it in quotes.
 */
static bool
differ_in_columns_alone(const MigObject *expected, const MigObject *actual)
{
    MigBytes a = expected->definition;
    MigBytes b = actual->definition;
    size_t i = 1;
    size_t j = 1;
    MigBytes left;
    MigBytes right;

    if (!is_table(expected) || !mig_starts_with(a, "(") ||
        !mig_starts_with(b, "("))
        return false;
    do
    {
        left = next_common(a, b, &i);
        right = next_common(b, a, &j);
        if (!mig_bytes_equal(left, right))
            return false;
    } while (left.data != NULL);
    return mig_bytes_equal(mig_part(a, i, a.length), mig_part(b, j, b.length));
}

/* Tell that two objects differ. */
static void
tell_difference(Comparison *comparison, const MigObject *expected,
                const MigObject *actual)
{
    MigDifference difference = {expected->kind,         expected->identity,
                                MIG_DIFFERENCE_DIFFERS, expected->definition,
                                actual->definition,     actual->table};

    comparison->count++;
    (void) comparison->emit(comparison->context, &difference,
                            comparison->error);
}

/* Tell of an object that both lists have, if it differs. */
static void
tell_both(Comparison *comparison, const MigObject *expected,
          const MigObject *actual)
{
    if (mig_bytes_equal(expected->definition, actual->definition))
        return;
    if (differ_in_columns_alone(expected, actual))
    {
        comparison->table = expected;
        comparison->actual = actual;
    }
    else
        tell_difference(comparison, expected, actual);
}

/* Tell of a table whose columns alone differ, when these are all looked at and
 * none was told: the lists must not be taken for equal. */
static void
tell_table(Comparison *comparison, const MigObject *next)
{
    if (comparison->table == NULL ||
        (next != NULL &&
         mig_bytes_equal(root_of(next), comparison->table->identity)))
        return;
    tell_difference(comparison, comparison->table, comparison->actual);
    comparison->table = NULL;
}

int64_t
mig_objects_compare(MigObjects *expected, MigObjects *actual,
                    MigDifferenceFunction emit, void *context, MigError *error)
{
    Comparison comparison = {.emit = emit, .context = context, .error = error};
    size_t i = 0;
    size_t j = 0;

    sort(expected, compare_moved);
    sort(actual, compare_moved);
    join_moved(expected, actual);
    sort(expected, compare_objects);
    sort(actual, compare_objects);
    while (error->status == MIG_OK &&
           (i < expected->count || j < actual->count))
    {
        int order;

        if (i == expected->count)
            order = 1;
        else if (j == actual->count)
            order = -1;
        else
            order = compare_names(&expected->items[i], &actual->items[j]);
        tell_table(&comparison,
                   order < 0 ? &expected->items[i] : &actual->items[j]);
        if (order < 0)
            tell_alone(&comparison, &expected->items[i++],
                       MIG_DIFFERENCE_MISSING);
        else if (order > 0)
            tell_alone(&comparison, &actual->items[j++], MIG_DIFFERENCE_EXTRA);
        else
            tell_both(&comparison, &expected->items[i++], &actual->items[j++]);
    }
    if (error->status == MIG_OK)
        tell_table(&comparison, NULL);
    return error->status == MIG_OK ? comparison.count : 0;
}

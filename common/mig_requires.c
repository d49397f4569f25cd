#include "mig_requires.h"

#include <stdlib.h>

#include "mig_version.h"

/* A migration, and what it is looked up by. */
typedef struct Indexed
{
    MigBytes key; /* its version's position in natural order: 7 = 0007 */
    MigBytes version;
    size_t index; /* in the source */
} Indexed;

/* How far one migration's requirements have been followed. */
typedef struct Visit
{
    size_t index;
    size_t offset; /* in its requires */
} Visit;

/* A walk through all requirements, depth first. */
typedef struct Walk
{
    Mig *mig;
    const MigSource *source;
    Indexed *versions;    /* by key and version; NULL when nothing requires */
    unsigned char *marks; /* 1 on the way, 2 done */
    Visit *way;           /* from where the walk began to where it is */
    size_t depth;
    size_t *order; /* out: indexes, each behind those it requires */
    size_t ordered;
} Walk;

static int
compare_indexed(const void *a, const void *b)
{
    const Indexed *first = a;
    const Indexed *second = b;
    int order = mig_position_compare(first->key, second->key);

    return order != 0 ? order
                      : mig_position_compare(first->version, second->version);
}

static int
compare_keys(const void *a, const void *b)
{
    return mig_position_compare(((const Indexed *) a)->key,
                                ((const Indexed *) b)->key);
}

/* Index the versions of a source. */
static void
index_versions(Walk *walk)
{
    Mig *mig = walk->mig;
    size_t count = walk->source->count;

    walk->versions =
        mig_alloc_array(mig->arena, count, sizeof(Indexed), mig->error);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        walk->versions[i].version = walk->source->migrations[i].version;
        walk->versions[i].key =
            mig_version_position(mig, walk->versions[i].version);
        walk->versions[i].index = i;
    }
    if (mig_ok(mig) && count > 1)
        qsort(walk->versions, count, sizeof(Indexed), compare_indexed);
}

/* The index of the migration that a requirement names; the count of all when
 * it is not in the source. */
static size_t
find_required(const Walk *walk, MigBytes version)
{
    Mig *mig = walk->mig;
    size_t count = walk->source->count;
    Indexed wanted = {mig_version_position(mig, version), version, 0};
    const Indexed *found = NULL;

    if (mig_ok(mig))
        found = bsearch(&wanted, walk->versions, count, sizeof(Indexed),
                        compare_indexed);
    if (found == NULL && mig_ok(mig))
        found = bsearch(&wanted, walk->versions, count, sizeof(Indexed),
                        compare_keys);
    return found == NULL ? count : found->index;
}

/* Record that requirements run in a circle. */
static void
fail_circle(Mig *mig, const MigMigration *migration, MigBytes required)
{
    (void) mig_fail(mig->error, MIG_INVALID,
                    "line %lld: requirements run in a circle: \"%.*s\" "
                    "requires \"%.*s\", which requires it in turn",
                    (long long) migration->requires_line,
                    (int) migration->version.length, migration->version.data,
                    (int) required.length, required.data);
    if (migration->file.length > 0)
        mig_fail_prefix(mig->error, "\"%.*s\" ", (int) migration->file.length,
                        migration->file.data);
}

/* Set out for a migration. */
static void
enter(Walk *walk, size_t index)
{
    walk->marks[index] = 1;
    walk->way[walk->depth].index = index;
    walk->way[walk->depth].offset = 0;
    walk->depth++;
}

/* Go one step: into the next requirement, or back. */
static void
step(Walk *walk)
{
    Visit *visit = &walk->way[walk->depth - 1];
    const MigMigration *migration = &walk->source->migrations[visit->index];
    size_t required;
    MigBytes word;

    if (!mig_next_word(migration->requires, &visit->offset, "\n", &word))
    {
        walk->marks[visit->index] = 2;
        walk->order[walk->ordered++] = visit->index;
        walk->depth--;
        return;
    }
    required = find_required(walk, word);
    if (!mig_ok(walk->mig) || required == walk->source->count)
        return;
    if (walk->marks[required] == 1)
        fail_circle(walk->mig, migration, word);
    else if (walk->marks[required] == 0)
        enter(walk, required);
}

/* Walk through all; without requirements the order is what it is. */
static void
walk_all(Mig *mig, const MigSource *source, Walk *walk)
{
    size_t count = source->count;
    bool any = false;

    memset(walk, 0, sizeof(*walk));
    walk->mig = mig;
    walk->source = source;
    for (size_t i = 0; i < count; i++)
    any = any || source->migrations[i].requires.length > 0;
    if (!any || !mig_ok(mig))
        return;
    index_versions(walk);
    walk->marks = mig_alloc(mig->arena, count, mig->error);
    walk->way = mig_alloc_array(mig->arena, count, sizeof(Visit), mig->error);
    walk->order =
        mig_alloc_array(mig->arena, count, sizeof(size_t), mig->error);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        if (walk->marks[i] == 0)
            enter(walk, i);
        while (walk->depth > 0 && mig_ok(mig))
            step(walk);
    }
}

void
mig_requires_check(Mig *mig, const MigSource *source)
{
    Walk walk;

    walk_all(mig, source, &walk);
}

void
mig_source_order(Mig *mig, MigSource *source)
{
    MigMigration *ordered;
    Walk walk;

    walk_all(mig, source, &walk);
    ordered = mig_alloc_array(mig->arena, source->count, sizeof(MigMigration),
                              mig->error);
    for (size_t i = 0; i < source->count && mig_ok(mig); i++)
    {
        ordered[i] = source->migrations[walk.order == NULL ? i : walk.order[i]];
        if (ordered[i].repeatable)
            continue;
        ordered[i].sequence = true;
        ordered[i].position = mig_sequence_position(mig, i, ordered[i].version);
    }
    if (mig_ok(mig))
        source->migrations = ordered;
    source->capacity = source->count;
}

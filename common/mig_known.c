#include "mig_known.h"

#include <stdlib.h>

#include "mig_setting.h"
#include "mig_version.h"
#include "mig_write.h"

/* Where rows are collected. */
typedef struct Collector
{
    Mig *mig;
    MigKnown *known;
} Collector;

static MigStatus
collect_known(void *context, const MigValue *columns, size_t count,
              MigError *error)
{
    const Collector *collector = context;
    MigKnown *known = collector->known;
    MigArena *arena = collector->mig->arena;
    MigKnownOne *items;
    MigKnownOne *one;

    (void) count;
    items = mig_array_reserve(arena, known->items, known->count,
                              &known->capacity, sizeof(MigKnownOne), error);
    if (items == NULL)
        return error->status;
    known->items = items;
    one = &items[known->count++];
    memset(one, 0, sizeof(*one));
    one->version = mig_copy(arena, columns[0].bytes, error);
    one->position = mig_copy(arena, columns[1].bytes, error);
    for (size_t i = 0; i < MIG_KNOWN_COLUMNS; i++)
        one->columns[i] = mig_copy(arena, columns[i + 2].bytes, error);
    one->present = columns[MIG_KNOWN_COLUMNS + 2].integer != 0;
    one->author = mig_copy(arena, columns[MIG_KNOWN_COLUMNS + 3].bytes, error);
    return error->status;
}

void
mig_known_read(Mig *mig, MigBytes only, MigKnown *known)
{
    Collector collector = {mig, known};
    MigSql sql =
        only.data == NULL ? MIG_SQL_MIGRATION_LIST : MIG_SQL_MIGRATION_AT;
    MigValue arguments[2];

    memset(known, 0, sizeof(*known));
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    mig_chain_read(mig);
    known->seq = mig_catalogue_number(mig);
    arguments[0] = mig_text_value(mig->settings->project);
    arguments[1] = mig_text_value(only);
    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, sql, arguments,
                                         only.data == NULL ? 1 : 2,
                                         collect_known, &collector, mig->error);
}

MigKnownOne *
mig_known_at(const MigKnown *known, MigBytes position)
{
    size_t low = 0;
    size_t high = known->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        int order =
            mig_position_compare(known->items[middle].position, position);

        if (order == 0)
            return &known->items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int
compare_versions(const void *a, const void *b)
{
    return mig_position_compare((*(MigKnownOne *const *) a)->version,
                                (*(MigKnownOne *const *) b)->version);
}

/* The one of a version, exactly, or NULL. */
static MigKnownOne *
find_version(Mig *mig, MigKnown *known, MigBytes version)
{
    MigKnownOne wanted = {.version = version};
    MigKnownOne *key = &wanted;
    MigKnownOne **found;

    if (known->by_version == NULL)
    {
        known->by_version = mig_alloc_array(mig->arena, known->count,
                                            sizeof(MigKnownOne *), mig->error);
        if (known->by_version == NULL)
            return NULL;
        for (size_t i = 0; i < known->count; i++)
            known->by_version[i] = &known->items[i];
        qsort(known->by_version, known->count, sizeof(MigKnownOne *),
              compare_versions);
    }
    found = bsearch(&key, known->by_version, known->count,
                    sizeof(MigKnownOne *), compare_versions);
    return found == NULL ? NULL : *found;
}

MigKnownOne *
mig_known_find(Mig *mig, MigKnown *known, const MigMigration *migration)
{
    MigKnownOne *found = mig_known_at(known, migration->position);

    if (found != NULL && (!migration->sequence ||
                          mig_bytes_equal(found->version, migration->version)))
        return found;
    return known->count == 0 ? NULL
                             : find_version(mig, known, migration->version);
}

/* Read a section from its column. */
static void
read_section(Mig *mig, MigBytes column, MigSection *section)
{
    section->count = section->capacity =
        mig_slices_read(mig, mig->arena, column, &section->slices);
}

void
mig_known_migration(Mig *mig, const MigKnownOne *known, MigMigration *migration)
{
    memset(migration, 0, sizeof(*migration));
    migration->requires = known->columns[MIG_KNOWN_REQUIRES];
    migration->options = known->columns[MIG_KNOWN_OPTIONS];
    read_section(mig, known->columns[MIG_KNOWN_UP], &migration->up);
    read_section(mig, known->columns[MIG_KNOWN_DOWN], &migration->down);
    read_section(mig, known->columns[MIG_KNOWN_VERIFY], &migration->verify);
}

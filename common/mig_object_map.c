#include "mig_object_map.h"

void
mig_change_add(MigChanges *changes, const MigChange *change, MigError *error)
{
    MigChange *items;

    if (changes == NULL || error->status != MIG_OK)
        return;
    items = mig_array_reserve(changes->arena, changes->items, changes->count,
                              &changes->capacity, sizeof(MigChange), error);
    if (items == NULL)
        return;
    changes->items = items;
    items[changes->count++] = *change;
}

/* What an object belongs to: its table, or itself. */
static MigBytes
root_of(const MigObject *object)
{
    return object->table.data == NULL ? object->identity : object->table;
}

/* The place of a root among buckets; FNV-1a. */
static size_t
bucket_of(MigBytes root, size_t bucket_count)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < root.length; i++)
        hash = (hash ^ (unsigned char) root.data[i]) * 1099511628211U;
    return (size_t) (hash % bucket_count);
}

/* Put an object into its bucket. */
static void
link_known(MigKnownObject **buckets, size_t bucket_count, MigKnownObject *known)
{
    size_t at = bucket_of(root_of(&known->object), bucket_count);

    known->next = buckets[at];
    buckets[at] = known;
}

/* Give the map twice as many buckets. */
static void
grow(MigObjectMap *map, MigError *error)
{
    size_t bucket_count = map->bucket_count == 0 ? 64 : map->bucket_count * 2;
    MigKnownObject **buckets = mig_alloc_array(map->arena, bucket_count,
                                               sizeof(MigKnownObject *), error);

    if (buckets == NULL)
        return;
    for (size_t i = 0; i < map->bucket_count; i++)
    {
        MigKnownObject *known = map->buckets[i];

        while (known != NULL)
        {
            MigKnownObject *next = known->next;

            link_known(buckets, bucket_count, known);
            known = next;
        }
    }
    map->buckets = buckets;
    map->bucket_count = bucket_count;
}

MigKnownObject *
mig_object_map_find(const MigObjectMap *map, const MigObject *object)
{
    MigKnownObject *known;

    if (map->bucket_count == 0)
        return NULL;
    known = map->buckets[bucket_of(root_of(object), map->bucket_count)];
    while (known != NULL &&
           !(mig_bytes_equal(known->object.identity, object->identity) &&
             mig_bytes_equal(known->object.kind, object->kind) &&
             mig_bytes_equal(root_of(&known->object), root_of(object))))
        known = known->next;
    return known;
}

/* The first in the bucket of a root, or the next behind a known one. */
static const MigKnownObject *
follow(const MigObjectMap *map, MigBytes root, const MigKnownObject *known)
{
    if (known != NULL)
        return known->next;
    return map->bucket_count == 0
               ? NULL
               : map->buckets[bucket_of(root, map->bucket_count)];
}

const MigKnownObject *
mig_object_map_next_root(const MigObjectMap *map, MigBytes identity,
                         const MigKnownObject *known)
{
    do
        known = follow(map, identity, known);
    while (known != NULL &&
           (known->object.table.data != NULL ||
            !mig_bytes_equal(known->object.identity, identity)));
    return known;
}

const MigKnownObject *
mig_object_map_next_part(const MigObjectMap *map, MigBytes identity,
                         const MigKnownObject *known)
{
    do
        known = follow(map, identity, known);
    while (known != NULL && (known->object.table.data == NULL ||
                             !mig_bytes_equal(known->object.table, identity)));
    return known;
}

void
mig_object_map_begin(MigObjectMap *map)
{
    map->listing++;
}

/* Keep a new object. */
static MigKnownObject *
add(MigObjectMap *map, const MigObject *object, MigError *error)
{
    MigKnownObject *known;

    if (map->count >= map->bucket_count * 4)
        grow(map, error);
    known = mig_alloc(map->arena, sizeof(MigKnownObject), error);
    if (known == NULL)
        return NULL;
    known->object.kind = mig_copy(map->arena, object->kind, error);
    known->object.identity = mig_copy(map->arena, object->identity, error);
    known->object.table = mig_copy(map->arena, object->table, error);
    known->object.definition = mig_copy(map->arena, object->definition, error);
    if (error->status != MIG_OK)
        return NULL;
    link_known(map->buckets, map->bucket_count, known);
    map->count++;
    return known;
}

void
mig_object_map_take(MigObjectMap *map, const MigObject *object,
                    MigChanges *changes, MigError *error)
{
    MigKnownObject *known = mig_object_map_find(map, object);
    MigChange change = {.before = {NULL, 0}};

    if (error->status != MIG_OK)
        return;
    if (known == NULL)
        known = add(map, object, error);
    else if (mig_bytes_equal(known->object.definition, object->definition) &&
             (known->object.definition.data == NULL) ==
                 (object->definition.data == NULL))
    {
        known->listing = map->listing;
        return;
    }
    else
    {
        change.before = known->object.definition;
        known->object.definition =
            mig_copy(map->arena, object->definition, error);
    }
    if (error->status != MIG_OK)
        return;
    known->listing = map->listing;
    change.kind = known->object.kind;
    change.identity = known->object.identity;
    change.parent = known->object.table;
    change.after = known->object.definition;
    mig_change_add(changes, &change, error);
}

void
mig_object_map_forget(MigObjectMap *map, const MigObject *object)
{
    const MigKnownObject *wanted = mig_object_map_find(map, object);
    MigKnownObject **link;

    if (wanted == NULL)
        return;
    link = &map->buckets[bucket_of(root_of(object), map->bucket_count)];
    while (*link != wanted)
        link = &(*link)->next;
    *link = wanted->next;
    map->count--;
}

/* Remove from a bucket what belongs to a root and was not listed. */
static void
sweep_bucket(MigObjectMap *map, size_t bucket, MigBytes root,
             MigChanges *changes, MigError *error)
{
    MigKnownObject **link = &map->buckets[bucket];

    while (*link != NULL && error->status == MIG_OK)
    {
        MigKnownObject *known = *link;
        MigChange change = {known->object.kind,
                            known->object.identity,
                            known->object.table,
                            known->object.definition,
                            {NULL, 0}};

        if (known->listing == map->listing ||
            (root.data != NULL &&
             !mig_bytes_equal(root, root_of(&known->object))))
        {
            link = &known->next;
            continue;
        }
        *link = known->next;
        map->count--;
        mig_change_add(changes, &change, error);
    }
}

void
mig_object_map_sweep(MigObjectMap *map, MigBytes root, MigChanges *changes,
                     MigError *error)
{
    if (map->bucket_count == 0)
        return;
    if (root.data != NULL)
    {
        sweep_bucket(map, bucket_of(root, map->bucket_count), root, changes,
                     error);
        return;
    }
    for (size_t i = 0; i < map->bucket_count; i++)
        sweep_bucket(map, i, root, changes, error);
}

#ifndef MIG_OBJECT_MAP_H
#define MIG_OBJECT_MAP_H

/*
 * The objects of a schema, found by the table that they are a part of.
 *
 * Objects that are listed anew are compared with those that are there; what is
 * found to differ is a change.
 */

#include "mig_objects.h"

/* One object as it is known. */
typedef struct MigKnownObject
{
    MigObject object;
    MigBytes parent; /* of one that is found without it; set by the caller */
    struct MigKnownObject *next; /* in its bucket */
    uint64_t listing;            /* the newest in which it was found */
} MigKnownObject;

typedef struct MigObjectMap
{
    MigArena *arena; /* what it holds lies there; set by the caller */
    MigKnownObject **buckets;
    size_t bucket_count;
    size_t count;
    uint64_t listing; /* number of the present one */
} MigObjectMap;

/* A difference between two listings. */
typedef struct MigChange
{
    MigBytes kind;
    MigBytes identity;
    MigBytes parent; /* identity of what it is a part of, or absent */
    MigBytes before; /* definition, or absent */
    MigBytes after;
} MigChange;

typedef struct MigChanges
{
    MigArena *arena;
    MigChange *items;
    size_t count;
    size_t capacity;
} MigChanges;

/* Add a change to a list; what it points to is not copied. */
void mig_change_add(MigChanges *changes, const MigChange *change,
                    MigError *error);

/* What is known of an object; NULL when there is none of its name that is a
 * part of the same. */
MigKnownObject *mig_object_map_find(const MigObjectMap *map,
                                    const MigObject *object);

/*
 * The objects of a name that are no part of another, of whatever kind.
 *
 * known  the one before, NULL: from the first on
 *
 * Returns the next, or NULL.
 */
const MigKnownObject *mig_object_map_next_root(const MigObjectMap *map,
                                               MigBytes identity,
                                               const MigKnownObject *known);

/* Likewise the parts of what has a name. */
const MigKnownObject *mig_object_map_next_part(const MigObjectMap *map,
                                               MigBytes identity,
                                               const MigKnownObject *known);

/* Begin a listing. */
void mig_object_map_begin(MigObjectMap *map);

/*
 * Take an object of the listing into the map.
 *
 * changes  what it adds or changes is added to them; NULL: nobody asks
 */
void mig_object_map_take(MigObjectMap *map, const MigObject *object,
                         MigChanges *changes, MigError *error);

/* Forget an object, if it is there; no listing tells of that. */
void mig_object_map_forget(MigObjectMap *map, const MigObject *object);

/*
 * Remove what belongs to a root and was not in the listing.
 *
 * root  identity of what is no part of another; absent: of all
 */
void mig_object_map_sweep(MigObjectMap *map, MigBytes root, MigChanges *changes,
                          MigError *error);

#endif

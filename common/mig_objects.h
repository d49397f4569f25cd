#ifndef MIG_OBJECTS_H
#define MIG_OBJECTS_H

/*
 * Lists of a schema's objects, and what two of them differ in.
 */

#include "mig_proof.h"

typedef struct MigObjects
{
    MigArena *arena;
    MigObject *items;
    size_t count;
    size_t capacity;
} MigObjects;

/* A MigObjectFunction: keep a copy of an object in a list; {arena} is an empty
 * one. */
MigStatus mig_objects_add(void *list, const MigObject *object, MigError *error);

/*
 * A list that is held against another one while that comes in: what both have,
 * definition and all, is kept in neither.
 */
typedef struct MigObjectsMatch
{
    MigObjects *expected;
    MigObjects *actual;  /* what the other one does not have */
    size_t *buckets;     /* 1 + the index of an object, or 0 */
    size_t *next;        /* of each object: the same of one in its bucket */
    size_t bucket_count; /* a power of two */
} MigObjectsMatch;

/*
 * Begin with a list that is whole, and one that is empty.  All that it needs
 * lies in the arena of {expected}.
 */
void mig_objects_match_begin(MigObjectsMatch *match, MigObjects *expected,
                             MigObjects *actual, MigError *error);

/* A MigObjectFunction, whose context is a MigObjectsMatch. */
MigStatus mig_objects_match(void *context, const MigObject *object,
                            MigError *error);

/* Leave in {expected} what has not come in. */
void mig_objects_match_end(MigObjectsMatch *match);

/*
 * Tell what two lists differ in; both are put in order.  Of a table that only
 * one has its parts are not told; nor is a table that has other columns, and
 * differs in nothing else, as its columns are.  What is a part of another
 * object in each is told once.
 *
 * Returns how many differences there are; 0 on failure.
 */
int64_t mig_objects_compare(MigObjects *expected, MigObjects *actual,
                            MigDifferenceFunction emit, void *context,
                            MigError *error);

#endif

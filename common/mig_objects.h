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
 * Tell what two lists differ in; both are put in order.  Of a table that only
 * one has its parts are not told; nor is a table that has other columns, and
 * differs in nothing else, as its columns are.
 *
 * Returns how many differences there are; 0 on failure.
 */
int64_t mig_objects_compare(MigObjects *expected, MigObjects *actual,
                            MigDifferenceFunction emit, void *context,
                            MigError *error);

#endif

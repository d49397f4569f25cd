#ifndef MIG_MEMORY_H
#define MIG_MEMORY_H

/*
 * Memory that is released as a whole.
 *
 * All that the core makes lives in an arena: one for a call, and a shorter one
 * for each migration, so that memory does not grow with their number.  Nothing
 * is freed singly.
 */

#include "mig_host.h"

typedef struct MigBlock MigBlock;

/* {host, NULL} is an empty arena. */
typedef struct MigArena
{
    MigHost *host;
    MigBlock *newest;
} MigArena;

/*
 * Zeroed memory, aligned for any type.
 *
 * size  in bytes; 0 is allowed
 *
 * Returns NULL, with MIG_NOMEM in error, when memory is short.
 */
void *mig_alloc(MigArena *arena, size_t size, MigError *error);

/* The same for count elements of size bytes each, checking the product. */
void *mig_alloc_array(MigArena *arena, size_t count, size_t size,
                      MigError *error);

/* A NUL-ended copy; absent bytes stay absent.  MIG_NOMEM as above. */
MigBytes mig_copy(MigArena *arena, MigBytes bytes, MigError *error);

/* Release everything in an arena; it can be used again. */
void mig_arena_release(MigArena *arena);

/*
 * Make room in an array for one more element, which is zeroed, doubling the
 * array when it is full.
 *
 * items     the array, or NULL
 * count     elements in use
 * capacity  in/out: elements there is room for
 * size      of one, in bytes
 *
 * Returns the array, perhaps at a new place; NULL with MIG_NOMEM in error.
 */
void *mig_array_reserve(MigArena *arena, void *items, size_t count,
                        size_t *capacity, size_t size, MigError *error);

/*
 * Bring an array into an order.  One that is in it already, as what comes from
 * a table often is, is only looked at.
 *
 * items    may be NULL where there are none
 * size     of one, in bytes
 * compare  as for qsort()
 */
void mig_array_sort(void *items, size_t count, size_t size,
                    int (*compare)(const void *, const void *));

#endif

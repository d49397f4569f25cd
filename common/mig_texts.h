#ifndef MIG_TEXTS_H
#define MIG_TEXTS_H

/*
 * Which texts the catalogue has, and whether a section points into them.
 */

#include "mig.h"
#include "mig_slice.h"

/* A text of the catalogue. */
typedef struct MigKeptText
{
    uint64_t start; /* the hash's first eight bytes, the first one highest */
    MigBytes hash;
    size_t length; /* in bytes */
} MigKeptText;

/* Zeroed, it has none. */
typedef struct MigTexts
{
    MigKeptText *items; /* by hash, once they are sorted */
    size_t count;
    size_t capacity;
} MigTexts;

/*
 * Add a text.  The hash is copied into the arena.
 *
 * Returns what was added, or NULL with MIG_NOMEM in error.
 */
const MigKeptText *mig_texts_add(MigArena *arena, MigTexts *texts,
                                 MigBytes hash, size_t length, MigError *error);

/* To be called behind the last mig_texts_add(). */
void mig_texts_sort(MigTexts *texts);

/* Read all that the catalogue has, in the call's arena. */
void mig_texts_read(Mig *mig, MigTexts *texts);

/* Whether there is a text of a hash. */
bool mig_texts_have(const MigTexts *texts, const char *hash);

/* What is wrong with where a slice points to, or NULL. */
const char *mig_texts_problem(const MigTexts *texts, const MigSlice *slice);

#endif

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
    MigKeptText *items;
    size_t count;
    size_t capacity;
    bool sorted; /* by hash; else as they were added */
    size_t next; /* behind what was found last */
} MigTexts;

/*
 * Add a text; all are added before one is looked for.  The hash is copied into
 * the arena.
 *
 * Returns what was added, or NULL with MIG_NOMEM in error.
 */
const MigKeptText *mig_texts_add(MigArena *arena, MigTexts *texts,
                                 MigBytes hash, size_t length, MigError *error);

/* Read all that the catalogue has, in the call's arena. */
void mig_texts_read(Mig *mig, MigTexts *texts);

/* Whether there is a text of a hash.  Those that are asked for as they were
 * added are found at once. */
bool mig_texts_have(MigTexts *texts, const char *hash);

/* What is wrong with where a slice points to, or NULL; the same holds. */
const char *mig_texts_problem(MigTexts *texts, const MigSlice *slice);

#endif

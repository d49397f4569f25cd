#ifndef MIG_PROOF_H
#define MIG_PROOF_H

/*
 * Proof that a database is what its migrations make.
 *
 * The migrations are run on an empty database of our own, and its objects are
 * compared with those of the database at hand, in which nothing is changed.
 */

#include "mig_state.h"

typedef struct MigProof
{
    const MigEntry *const *entries; /* in the order in which they were, or are
                                       taken to have been, applied */
    size_t count;
    const MigTableName *except; /* tables of others, which no migration makes */
    size_t except_count;
} MigProof;

/* What a difference is; constants. */
#define MIG_DIFFERENCE_MISSING                                                 \
    "missing"                        /* the migrations make it; not there      \
                                      */
#define MIG_DIFFERENCE_EXTRA "extra" /* it is there; no migration makes it */
#define MIG_DIFFERENCE_DIFFERS "differs"
#define MIG_DIFFERENCE_UNPROVED "not proved" /* there is no knowing */

typedef struct MigDifference
{
    MigBytes kind;      /* "table", "column", ...; not proved: "migration", or
                           "database" when none could be run */
    MigBytes object;    /* its identity; the migration's version; or empty */
    const char *change; /* MIG_DIFFERENCE_... */
    MigBytes expected;  /* definition that the migrations give; or absent */
    MigBytes actual;    /* definition in the database; not proved: why; or
                           absent */
    MigBytes table; /* identity of what the object is a part of, or absent */
} MigDifference;

/* Receives one difference, valid during this call only; as for
 * MigRowFunction. */
typedef MigStatus (*MigDifferenceFunction)(void *context,
                                           const MigDifference *difference,
                                           MigError *error);

/*
 * Compare what migrations make with what is there.
 *
 * The texts are those that were applied, or, of what is not applied, those
 * that are loaded.  Of a table that is missing or extra its parts are not told.
 * That the proof is not possible, or that a migration cannot be run on an empty
 * database, is a difference, too; then there is no other one.
 *
 * emit  gets each difference, tables in order of their names
 *
 * Returns how many there are; 0 on failure, such as an interrupt.
 */
int64_t mig_proof(Mig *mig, const MigProof *proof, MigDifferenceFunction emit,
                  void *context);

#endif

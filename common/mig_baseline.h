#ifndef MIG_BASELINE_H
#define MIG_BASELINE_H

/*
 * Baselines: a database that was there before its migrations is declared to be
 * at a version.
 *
 * What is loaded up to it is recorded as applied.  What is loaded later and
 * lies at or below it is passed over, for good.  Where it is is an event of the
 * history, "baseline", and holds until migrate_stamp() goes behind it, which
 * leaves an event "unstamp" of that version.
 *
 * What was rolled back since is an exception: that can be applied again.
 */

#include "mig_state.h"

/*
 * Declare the database to be at a version, which need not be loaded.
 *
 * version  as the user gave it
 *
 * Returns how many migrations were recorded as applied.  Fails with MIG_STATE
 * where something is applied, or another baseline is in force, or the order of
 * the migrations does not say where an unknown version would be.
 */
int64_t mig_baseline(Mig *mig, MigBytes version);

/*
 * Read the baseline of mig's target into a state that has all its entries, and
 * mark those that are passed over because of it.
 *
 * arena  the state's
 */
void mig_baseline_read(Mig *mig, MigArena *arena, MigState *state);

/* The version of the baseline that is in force, or absent bytes. */
MigBytes mig_baseline_version(Mig *mig, MigArena *arena);

/* Whether a position lies below the baseline of a state. */
bool mig_baseline_is_before(const MigState *state, MigBytes position);

/* Whether a version that is not loaded lies at or below the baseline, so that
 * the database has what it makes. */
bool mig_baseline_has(Mig *mig, const MigState *state, MigBytes version);

/*
 * End the baseline, if a target that the database is stamped with lies before
 * it: nothing is passed over any more, in the state and in the history.
 *
 * position  of the target; absent: before everything
 *
 * Returns whether there was one that had no record to be removed.
 */
bool mig_baseline_end(Mig *mig, MigState *state, MigBytes position);

#endif

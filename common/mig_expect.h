#ifndef MIG_EXPECT_H
#define MIG_EXPECT_H

/*
 * What a migration is to make of the schema.
 *
 * On the way forward that is a fingerprint of the structure, in lines
 * "-- migrate:expect <fingerprint>" of its file, one for each engine; option
 * "expect".  On the way back it is the schema as it was recorded before.
 */

#include "mig_record.h"
#include "mig_step.h"

/*
 * Check the structure that a migration has led to, in its unit.
 *
 * Fails with MIG_STATE when it is another one than its file expects.  A
 * fingerprint for another engine, or another way of writing, is passed over;
 * a notice says so when there is no other.
 */
void mig_expect_forward(Mig *mig, const MigStep *step,
                        const MigRecorded *recorded);

/*
 * Look what a way back has left undone, or has undone too much, in its unit.
 * Of what was recorded as another version of the server writes it, only
 * whether it is there.  A warning tells; with the setting on_forgotten =
 * "error" it fails with MIG_STATE.
 *
 * Returns what is to be added to its event, in the step's memory; or NULL.
 */
const char *mig_expect_back(Mig *mig, MigStep *step,
                            const MigRecorded *recorded);

/*
 * The line that makes a migration expect the structure that was recorded with
 * it, in mig's arena.  Fails when it is not applied, or nothing was recorded.
 */
MigBytes mig_seal(Mig *mig, MigBytes version);

#endif

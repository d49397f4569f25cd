#ifndef MIG_REPAIR_H
#define MIG_REPAIR_H

/*
 * Repair: bringing the catalogue and the directory together again, when
 * somebody has looked and says what holds.  The schema is never touched.
 *
 *     changed    accept       the present text becomes the one that was applied
 *     failed     acknowledge  the failed attempt counts no more
 *     missing    tombstone    deleted on purpose: stays applied
 *     withdrawn  remove       taken out of the list
 *     half done  keep         what is done of it is not forgotten, unless the
 *                forget       one migration is named
 *
 * Each that is done is an event of its action.  What cannot be decided here is
 * kept, and the plan says what to do.
 */

#include "mig_api.h"
#include "mig_state.h"

/*
 * Say what mig_repair() would do, as rows of migrate_repair_plan().
 *
 * version  of the one migration that is meant; absent: all
 */
void mig_repair_plan(Mig *mig, MigCall *call, MigBytes version);

/* Do it, under the lock.  Returns how many of the plan's rows were done: all
 * but those with the action "keep". */
int64_t mig_repair(Mig *mig, MigBytes version);

/*
 * Take the present text of one applied migration as the one that was applied.
 *
 * Returns 1, or 0 when it is that already.  Fails with MIG_STATE when there is
 * nothing to be accepted: it is not applied, or its file is gone.
 */
int64_t mig_repair_accept(Mig *mig, MigBytes version);

#endif

#ifndef MIG_STAMP_H
#define MIG_STAMP_H

#include "mig_step.h"

/*
 * Declare the database to be at a target, without running anything: record
 * everything up to it as applied, and what lies behind it as not applied.
 *
 * target  as the user gave it
 *
 * Returns how many records changed.
 */
int64_t mig_stamp(Mig *mig, MigBytes target);

/*
 * Change the record of one migration, under the lock.
 *
 * direction  forward: applied; backward: not
 * action     of the event
 */
void mig_stamp_record(Mig *mig, const MigEntry *entry, MigDirection direction,
                      const char *action);

#endif

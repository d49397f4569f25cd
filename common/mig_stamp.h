#ifndef MIG_STAMP_H
#define MIG_STAMP_H

#include "mig.h"

/*
 * Declare the database to be at a target, without running anything: record
 * everything up to it as applied, and what lies behind it as not applied.
 *
 * target  as the user gave it
 *
 * Returns how many records changed.
 */
int64_t mig_stamp(Mig *mig, MigBytes target);

#endif

#ifndef MIG_TARGETS_H
#define MIG_TARGETS_H

/*
 * The schemas that the same migrations are applied to.
 */

#include "mig.h"
#include "mig_api.h"

/* migrate_targets(): a row for each schema that has a history. */
void mig_look_targets(Mig *mig, MigCall *call);

#endif

#ifndef MIG_PREFLIGHT_H
#define MIG_PREFLIGHT_H

/*
 * What a run depends on, looked at before it begins.
 */

#include "mig.h"
#include "mig_api.h"

/* migrate_preflight(target); see the manual. */
void mig_preflight(Mig *mig, MigCall *call, MigBytes target);

/*
 * Look, as a run begins, at what is looked at in little time: the host's
 * inspect().  By the setting preflight an error found is a warning, or fails.
 */
void mig_preflight_enter(Mig *mig);

#endif

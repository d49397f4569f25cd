#ifndef MIG_LOOK_H
#define MIG_LOOK_H

/*
 * Looking: what the catalogue says, as rows.  Nothing here writes.
 */

#include "mig_api.h"
#include "mig_failures.h"
#include "mig_state.h"

/* How a migration stands. */
typedef struct MigStanding
{
    const MigEntry *entry;
    const char *state;   /* as in migrate_status() */
    const char *detail;  /* or NULL */
    const char *failure; /* what of it has failed or is half done, or NULL */
} MigStanding;

typedef void (*MigStandingFunction)(void *context, const MigStanding *standing);

/*
 * Tell how each migration of a state stands, in order.
 *
 * failures  what mig_failures_read() has found
 */
void mig_look_each(Mig *mig, const MigState *state, const MigFailures *failures,
                   MigStandingFunction function, void *context);

/* Version of the last applied migration in run order; absent when none is. */
MigBytes mig_look_current(Mig *mig);

/* How many migrations mig_run_apply(head) would apply now. */
int64_t mig_look_pending(Mig *mig);

/* Rows of migrate_status(), migrate_history(), migrate_plan(target),
 * migrate_show(version) and migrate_settings(); columns as in mig_api.c. */
void mig_look_status(Mig *mig, MigCall *call);
void mig_look_history(Mig *mig, MigCall *call);
void mig_look_plan(Mig *mig, MigCall *call, MigBytes target);
void mig_look_show(Mig *mig, MigCall *call, MigBytes version);
void mig_look_settings(Mig *mig, MigCall *call);

#endif

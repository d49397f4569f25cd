#ifndef MIG_STAGED_H
#define MIG_STAGED_H

/*
 * Migrations that take several transactions.
 *
 * A script that has statements which cannot be in a transaction, or several
 * BEGIN ... COMMIT of its own, is run in stages where the call can commit.  A
 * stage is a run of consecutive statements that are one transaction, or one
 * statement that is none.  The history says which are done, so that the next
 * call goes on behind them.
 */

#include "mig_task.h"

/*
 * Whether a task of this call is to be run by mig_staged_run().
 *
 * begun  whether an earlier call has done a part of it
 */
bool mig_staged_needed(Mig *mig, const MigTask *task, bool begun);

/*
 * Run a task in stages, from the first that is not done, then its verify
 * section, its record and its event.
 *
 * Called under the lock, with nothing written since; returns without it.  On
 * failure what is done stays done, and mig->error tells how to go on.
 */
void mig_staged_run(Mig *mig, MigTask *task);

#endif

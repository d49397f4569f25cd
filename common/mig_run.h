#ifndef MIG_RUN_H
#define MIG_RUN_H

/*
 * Running migrations, forward and back.
 */

#include "mig.h"

/*
 * Apply pending migrations up to a target.
 *
 * function  SQL name of the caller, for messages
 * target    as the user gave it
 *
 * Returns how many were applied.  On failure nothing of the failed migration
 * remains; those before it stay where the host commits on its own.
 */
int64_t mig_run_apply(Mig *mig, const char *function, MigBytes target);

/* Roll back to a target; returns how many were undone. */
int64_t mig_run_rollback(Mig *mig, MigBytes target);

/*
 * Roll the last applied migration back and apply its present text, both or
 * neither.  Returns how many were applied: 1, or 0 when none was.
 */
int64_t mig_run_redo(Mig *mig);

/*
 * Declare the database to be at a target, without running anything: record
 * everything up to it as applied, and what lies behind it as not applied.
 * Returns how many records changed.
 */
int64_t mig_run_stamp(Mig *mig, MigBytes target);

#endif

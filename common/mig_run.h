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

/* The same in as few commits as possible, without a word on each migration. */
int64_t mig_run_apply_together(Mig *mig, const char *function, MigBytes target);

/* Roll back to a target; returns how many were undone. */
int64_t mig_run_rollback(Mig *mig, const char *function, MigBytes target);

/*
 * Roll the last applied migration back and apply its present text, both or
 * neither.  Returns 1; fails with MIG_STATE when no migration is applied.
 */
int64_t mig_run_redo(Mig *mig);

#endif

#ifndef MIG_DEPLOY_H
#define MIG_DEPLOY_H

/*
 * What procedures do: run, and tell in notices what was done.
 */

#include "mig.h"

/*
 * Apply, or roll back, to a target, committing after each migration; then tell
 * how many that were, and where the database is now.
 */
void mig_deploy(Mig *mig, MigBytes target);
void mig_revert(Mig *mig, MigBytes target);

/*
 * Apply all that is pending in each schema that matches a pattern, in one
 * commit each where that is possible.  A schema that fails is passed over; in
 * the end MIG_STATE names how many have.
 *
 * pattern  as of LIKE
 */
void mig_deploy_all(Mig *mig, MigBytes pattern);

/*
 * Load a directory or a file, and apply what is pending up to a target; what
 * migrate_up() does.
 *
 * Returns how many were applied.
 */
int64_t mig_up(Mig *mig, MigBytes path, MigBytes target);

#endif

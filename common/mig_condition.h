#ifndef MIG_CONDITION_H
#define MIG_CONDITION_H

/*
 * Conditions: whether a migration is run in a database, as Flyway's setting
 * shouldExecute has it: true, false, A==B, A!=B, joined by && and ||, which
 * binds less, and parentheses.  A and B are texts without these signs, in
 * which placeholders are replaced; blanks around them do not count.
 *
 * A migration has its condition as the option "condition".
 */

#include "mig.h"

/* Fail with MIG_INVALID unless a text can be a condition. */
void mig_condition_check(Mig *mig, MigBytes condition);

/*
 * Whether a condition holds.
 *
 * Fails with MIG_INVALID also when a placeholder has no value.
 */
bool mig_condition_holds(Mig *mig, MigBytes condition);

#endif

#ifndef MIG_PRECAUTION_H
#define MIG_PRECAUTION_H

/*
 * What the settings ask for before a run changes anything: a rehearsal on a
 * copy of the database, and a backup.
 */

#include "mig_task.h"

/* Whether anything is asked for that the engine has. */
bool mig_precautions_wanted(const Mig *mig);

/* Fail inside a transaction of the caller, where they cannot be taken. */
void mig_precautions_require(Mig *mig);

/*
 * Take the precautions for a run that has something to do.  On failure nothing
 * of the run may be done.
 *
 * target  as the user gave it; not looked at for a redo
 *
 * Fails with MIG_UNSUPPORTED inside a transaction of the caller.
 */
void mig_precautions_take(Mig *mig, MigTaskKind kind, MigBytes target);

#endif

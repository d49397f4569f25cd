#ifndef MIG_LOAD_H
#define MIG_LOAD_H

/*
 * Loading: bringing a source into the catalogue.
 *
 * Nothing is ever deleted.  What is absent from the last load of a directory
 * under its label is kept and marked; an older release's directory changes
 * nothing at all.
 */

#include "mig.h"

/*
 * Load a directory or a file because somebody asked for just that.
 *
 * Returns how many migrations are new or changed; -1 when the directory is
 * that of an older release, of which the user has been told.
 */
int64_t mig_load(Mig *mig, MigBytes path);

/*
 * The same when a program starts.  Then a directory is an older release's as
 * soon as the database knows of anything newer, applied or not.
 */
int64_t mig_load_at_start(Mig *mig, MigBytes path);

/* The same for one migration given as text; down and name may be absent. */
int64_t mig_load_text(Mig *mig, MigBytes version, MigBytes up, MigBytes down,
                      MigBytes name);

#endif

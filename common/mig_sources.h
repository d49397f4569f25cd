#ifndef MIG_SOURCES_H
#define MIG_SOURCES_H

/*
 * migrate_sources(): what each file of a directory is to us.
 */

#include "mig.h"
#include "mig_api.h"

/*
 * Emit a row for each file of a directory, or for each migration in it where
 * there are several; writes nothing.
 *
 * path  as the user gave it: a directory, or one file
 */
void mig_sources(Mig *mig, MigCall *call, MigBytes path);

#endif

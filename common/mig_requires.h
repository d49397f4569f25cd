#ifndef MIG_REQUIRES_H
#define MIG_REQUIRES_H

/*
 * Requirements between the migrations of a source.
 */

#include "mig_source.h"

/* Fail when requirements run in a circle. */
void mig_requires_check(Mig *mig, const MigSource *source);

#endif

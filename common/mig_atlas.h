#ifndef MIG_ATLAS_H
#define MIG_ATLAS_H

/*
 * atlas.sum: the checksums that Atlas keeps of a directory, of its own files or
 * of another tool's.
 */

#include "mig_listing.h"

#define MIG_ATLAS_SUM "atlas.sum"

/*
 * Hold the files of a directory against the atlas.sum in it, if there is one.
 *
 * listing  its format is known; files in the order of paths
 *
 * Fails with MIG_INVALID, naming file and line, unless the setting on_bad_sum
 * makes that a warning.
 */
void mig_atlas_check(Mig *mig, MigListing *listing);

#endif

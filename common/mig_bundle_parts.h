#ifndef MIG_BUNDLE_PARTS_H
#define MIG_BUNDLE_PARTS_H

/* What writing and reading a bundle share. */

#include "mig_bundle.h"

/* The layout of details; another one is of a newer release. */
#define MIG_BUNDLE_LAYOUT "1"

/* The versions that tell the two kinds of calls. */
#define MIG_BUNDLE_TEXT "text"
#define MIG_BUNDLE_LAST "bundle"

#endif

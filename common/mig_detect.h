#ifndef MIG_DETECT_H
#define MIG_DETECT_H

/*
 * Detection: which format the files of a directory have.
 *
 * In this order: the setting "format"; a file that only one format's
 * directories have (MigFormat.is_sign); a mark in the first files that have
 * one (is_mark); names (by_name, is_hinted).
 */

#include "mig_listing.h"

/*
 * Find the format of a listing whose paths are known; files that had to be
 * read keep their texts.
 *
 * Sets listing->format and certain; format stays NULL when no format claims
 * any file.  Fails with MIG_INVALID when several could be meant.
 */
void mig_detect(Mig *mig, MigListing *listing);

/*
 * The format whose mark stands first in a text, among those that claim its
 * path; NULL: none.
 *
 * start  where the text begins, in bytes
 * line   out: of the mark, from 1
 */
const MigFormat *mig_detect_mark(MigBytes path, MigBytes text, size_t start,
                                 int64_t *line);

#endif

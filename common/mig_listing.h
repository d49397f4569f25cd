#ifndef MIG_LISTING_H
#define MIG_LISTING_H

/*
 * Listings: which files of a directory are migrations, by their names alone.
 */

#include "mig_format.h"

/* One file that a format claims. */
typedef struct MigListed
{
    MigBytes path; /* relative to the directory */
    const MigFormat *format;
    MigFileName name;
    MigBytes position; /* run order, see mig_version.h */
} MigListed;

typedef struct MigListing
{
    MigBytes directory; /* as the user gave it */
    MigListed *files;   /* in the order of names */
    size_t count;
    size_t capacity;
    size_t passed_over; /* files that look like SQL and that nobody claims */
    MigBytes first_passed_over;
} MigListing;

/*
 * List a directory and the folders in it, and find the one format that its
 * files have.
 *
 * listing  out
 *
 * Fails with MIG_INVALID when there is no migration, or files of two formats.
 * Files that look like SQL but carry no version are told to the user.
 */
void mig_listing_read(Mig *mig, MigBytes directory, MigListing *listing);

/* The same for a single file; count is 0 when no format claims it. */
void mig_listing_read_file(Mig *mig, MigBytes path, MigListing *listing);

/* directory/path, NUL-ended, in mig's arena. */
const char *mig_join_path(Mig *mig, MigBytes directory, MigBytes path);

#endif

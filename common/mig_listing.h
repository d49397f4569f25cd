#ifndef MIG_LISTING_H
#define MIG_LISTING_H

/*
 * Listings: the files of a directory, and which of them are migrations.
 */

#include "mig_format.h"

/* One file of the directory. */
typedef struct MigListed
{
    MigBytes path;     /* relative to the directory */
    MigFileName name;  /* as the format has it */
    MigBytes position; /* run order, see mig_version.h; may be absent */
    bool special;      /* neither a file nor a directory */
    bool sequence;     /* position is a place in the tool's own list */
    MigBytes text;     /* all of it, when it was read already; else absent */
} MigListed;

struct MigListing
{
    MigBytes directory;      /* as the user gave it */
    const MigFormat *format; /* NULL: none was found */
    bool certain;     /* which it is was said by the setting or by a sign */
    bool single;      /* one file is all that was asked for */
    MigListed *files; /* by position, then in the order of names */
    size_t count;
    size_t capacity;
};

/*
 * List a directory and the folders in it, find the one format that its files
 * have, and say of each file what it is.
 *
 * listing  out
 *
 * Fails with MIG_INVALID when there is no migration, or files of two formats.
 */
void mig_listing_read(Mig *mig, MigBytes directory, MigListing *listing);

/* The same for a single file. */
void mig_listing_read_file(Mig *mig, MigBytes path, MigListing *listing);

/*
 * Tell the user of files that look like SQL and that nobody claims, and fail
 * for migrations that are no SQL, unless the setting skip_foreign allows that.
 */
void mig_listing_check(Mig *mig, const MigListing *listing);

/* The entry of a path, or NULL; for arrange(), while files are in the order of
 * their paths. */
MigListed *mig_listing_find(const MigListing *listing, MigBytes path);

/*
 * The whole text of a file of the listing, which is read when that was not
 * done before, and kept for the source to use.  Checked to be UTF-8 without
 * NUL, a byte order mark left out.
 *
 * Returns absent bytes on failure.
 */
MigBytes mig_listing_text(Mig *mig, MigListing *listing, MigListed *entry);

/*
 * Make a failure that says that a checksum kept in the directory does not fit
 * a warning, where the setting on_bad_sum allows that.
 */
void mig_listing_judge_sum(Mig *mig);

/* Say of an entry that it is no migration, and why (a constant, or in mig's
 * arena). */
void mig_listing_pass_over(MigListed *entry, const char *note);

/* Whether an entry is read as (a part of) a migration. */
static inline bool
mig_listed_is_read(const MigListed *entry)
{
    return entry->name.role < MIG_FILE_CONTROL;
}

/* directory/path, NUL-ended, in mig's arena. */
const char *mig_join_path(Mig *mig, MigBytes directory, MigBytes path);

/*
 * Fail, naming the line, unless a text is UTF-8 without NUL.
 *
 * Returns where it begins, behind a byte order mark.
 */
size_t mig_text_check(Mig *mig, MigBytes text);

/* Put a file's path before the recorded failure, and all of it behind. */
void mig_fail_file(Mig *mig, const MigListing *listing, MigBytes path);

#endif

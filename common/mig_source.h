#ifndef MIG_SOURCE_H
#define MIG_SOURCE_H

/*
 * Sources: a directory, one file, or texts, read into migrations.
 *
 * Everything that can be wrong with a source is found here, before anything is
 * written: unreadable or malformed files, two of one version, requirements in a
 * circle.  Errors name the file and, where there is one, the line.
 */

#include "mig_listing.h"

/* Whether the catalogue already holds a text; asked by its SHA-256. */
typedef bool (*MigKnownText)(void *context, MigBytes position,
                             const char *hash);

struct MigSource
{
    MigMigration *migrations; /* in run order, by position */
    size_t count;
    size_t capacity;
    bool is_directory;  /* what is absent from it has vanished */
    MigKnownText known; /* may be NULL: every text is kept in memory */
    void *known_context;
    bool look; /* only to show what there is: no migrations at all, and ones
                  that are no SQL, are no errors */
    const MigFormat *format; /* of the files */
    MigListing *listing;     /* of a path; NULL: given as text */
    void *state; /* the format's own while it reads, in mig's arena; NULL at
                    first */
};

/*
 * Read a directory or a single file.
 *
 * path    as the user gave it
 * source  in: known and known_context set, the rest zeroed; out: migrations
 *
 * The slices of a text that is known hold no text: only what the catalogue
 * lacks stays in memory.
 */
void mig_source_read(Mig *mig, MigBytes path, MigSource *source);

/*
 * Add a migration to a source that is being read; for read_all().
 *
 * name      its version, name, repeatable; the rest does not count
 * file      that it stands in
 * position  or absent: behind those added so far
 *
 * Returns it, valid until the next one is added; NULL on failure, such as a
 * text that cannot be a version.
 */
MigMigration *mig_source_add(Mig *mig, MigSource *source,
                             const MigFileName *name, const MigFile *file,
                             MigBytes position);

/*
 * Add a migration of the native format that stands beside those of another, in
 * a file of its own; for read_all() of a format that takes_native.
 *
 * name  as mig_format_native.match() has filled it
 */
void mig_source_add_native(Mig *mig, MigSource *source, const MigFileName *name,
                           const MigFile *file);

/*
 * Put the migrations of a source in an order in which each stands behind those
 * it requires, otherwise as they are, and give them positions by it; for
 * finish().  Fails when requirements run in a circle.
 */
void mig_source_order(Mig *mig, MigSource *source);

/*
 * Make a source of one migration given as text.
 *
 * up    the text; as a native file's when it holds marks, which then must not
 *       give a second way back
 * down  or absent
 * name  or absent
 */
void mig_source_from_text(Mig *mig, MigBytes version, MigBytes up,
                          MigBytes down, MigBytes name, MigSource *source);

/*
 * Make a source of the files of one migration, which were read before: what
 * they say by themselves, without the files around them.  Where a file holds
 * several migrations, all of them are in the source.
 *
 * format  name of the format that they were read by
 * files   path, text and hash of each, in the order of paths
 */
void mig_source_from_files(Mig *mig, MigBytes format, const MigFile *files,
                           size_t count, MigSource *source);

#endif

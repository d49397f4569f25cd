#ifndef MIG_SOURCE_H
#define MIG_SOURCE_H

/*
 * Sources: a directory, one file, or texts, read into migrations.
 *
 * Everything that can be wrong with a source is found here, before anything is
 * written: unreadable or malformed files, two of one version, requirements in a
 * circle.  Errors name the file and, where there is one, the line.
 */

#include "mig_migration.h"

/* Whether the catalogue already holds a text; asked by its SHA-256. */
typedef bool (*MigKnownText)(void *context, MigBytes position,
                             const char *hash);

typedef struct MigSource
{
    MigMigration *migrations; /* in run order, by position */
    size_t count;
    size_t capacity;
    bool is_directory;  /* what is absent from it has vanished */
    MigKnownText known; /* may be NULL: every text is kept in memory */
    void *known_context;
} MigSource;

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
 * Make a source of one migration given as text.
 *
 * up    the text; as a native file's when it holds marks, which then must not
 *       give a second way back
 * down  or absent
 * name  or absent
 */
void mig_source_from_text(Mig *mig, MigBytes version, MigBytes up,
                          MigBytes down, MigBytes name, MigSource *source);

#endif

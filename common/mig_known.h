#ifndef MIG_KNOWN_H
#define MIG_KNOWN_H

/*
 * Migrations as the catalogue has them, with all their columns: what a load
 * compares its source with.
 */

#include "mig_migration.h"

typedef enum MigKnownColumn
{
    MIG_KNOWN_NAME,
    MIG_KNOWN_FORMAT,
    MIG_KNOWN_SOURCE,
    MIG_KNOWN_FILE,
    MIG_KNOWN_CHECKSUM,
    MIG_KNOWN_REQUIRES,
    MIG_KNOWN_OPTIONS,
    MIG_KNOWN_UP,
    MIG_KNOWN_DOWN,
    MIG_KNOWN_VERIFY,
    MIG_KNOWN_COLUMNS /* not a column: how many there are */
} MigKnownColumn;

typedef struct MigKnownOne
{
    MigBytes version;
    MigBytes position;
    MigBytes columns[MIG_KNOWN_COLUMNS];
    MigBytes author; /* who brought it in */
    bool present;    /* in its source's last load */
    bool met;        /* in the source that is being loaded; for the loader */
} MigKnownOne;

typedef struct MigKnown
{
    MigKnownOne *items; /* by position */
    size_t count;
    size_t capacity;
    MigKnownOne **by_version; /* made when it is first asked for */
    int64_t seq;              /* newest event when they were read */
} MigKnown;

/*
 * Read what the catalogue has of mig's project into mig->arena.
 *
 * only  position of the one to be read; absent: all
 */
void mig_known_read(Mig *mig, MigBytes only, MigKnown *known);

/*
 * What runs of the migration that a row was loaded from: its sections, what it
 * requires and its options, in mig->arena.  The slices hold no text.
 */
void mig_known_migration(Mig *mig, const MigKnownOne *known,
                         MigMigration *migration);

/* The one at a position, or NULL. */
MigKnownOne *mig_known_at(const MigKnown *known, MigBytes position);

/*
 * The one that a source's migration is: of its position; or of its version,
 * where positions are places in a list, or are not what they were.
 */
MigKnownOne *mig_known_find(Mig *mig, MigKnown *known,
                            const MigMigration *migration);

#endif

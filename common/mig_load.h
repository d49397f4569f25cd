#ifndef MIG_LOAD_H
#define MIG_LOAD_H

/*
 * Loading: bringing a source into the catalogue.
 *
 * Nothing is ever deleted.  What is absent from the last load of a directory
 * under its label is kept and marked; an older release's directory changes
 * nothing at all.
 */

#include "mig_migration.h"

/* The migrations that another catalogue has under one label. */
typedef struct MigSet
{
    MigBytes label;
    MigMigration *migrations; /* in run order, each slice with its text */
    size_t count;
    size_t capacity;
    MigBytes *withdrawn; /* positions of what is absent from its source there */
    size_t withdrawn_count;
    size_t withdrawn_capacity;
} MigSet;

/* How a set compares with a catalogue. */
typedef enum MigSetState
{
    MIG_SET_THERE,   /* loading it would change nothing */
    MIG_SET_DIFFERS, /* it would change something, or fail */
    MIG_SET_OLDER    /* it is an older release's */
} MigSetState;

/*
 * Load a directory or a file because somebody asked for just that.
 *
 * Returns how many migrations are new or changed; -1 when the directory is
 * that of an older release, of which the user has been told.
 */
int64_t mig_load(Mig *mig, MigBytes path);

/*
 * The same when a program starts.  Then a directory is an older release's as
 * soon as the database knows of anything newer, applied or not.
 */
int64_t mig_load_at_start(Mig *mig, MigBytes path);

/* The same for one migration given as text; down and name may be absent. */
int64_t mig_load_text(Mig *mig, MigBytes version, MigBytes up, MigBytes down,
                      MigBytes name);

/*
 * The same for the files of a bundle, which stand in the place of the host's:
 * as mig_load(), but what is absent from them has not vanished.
 *
 * label  of their source
 */
int64_t mig_load_files(Mig *mig, MigBytes label, MigBytes path);

/*
 * The same for a set of another catalogue, as when a program starts; but what
 * is withdrawn there is no sign of an older release.
 *
 * function  SQL name of the caller, for messages
 * set       is only read
 */
int64_t mig_load_set(Mig *mig, const char *function, const MigSet *set);

/* What mig_load_set() would do; nothing is written. */
MigSetState mig_load_compare(Mig *mig, const MigSet *set);

#endif

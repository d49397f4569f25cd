#ifndef MIG_WRITE_H
#define MIG_WRITE_H

/*
 * Writing the catalogue: the lock around it, and the history that every
 * change leaves.
 *
 * Each row of the history holds the hash of the row before, one chain for each
 * project and target.  Since every change adds a row, the newest row's number
 * also tells whether anybody else has changed anything.
 */

#include "mig.h"

#define MIG_PROJECT_MAX                                                        \
    200 /* bytes of a project's name and of other settings */

/* What a migration's state is kept for; one so far in each project. */
#define MIG_TARGET ""

typedef struct MigEvent
{
    const char *action;
    MigBytes version; /* or absent */
    MigBytes name;    /* or absent */
    bool success;
    int64_t duration_us;  /* -1: not measured */
    const char *checksum; /* or NULL */
    const char *detail;   /* or NULL */
} MigEvent;

/*
 * Check that a function that writes may run now: it was not called by a
 * migration, and the host allows it.
 *
 * function  SQL name, for messages
 */
void mig_require_writable(Mig *mig, const char *function);

/*
 * Take the lock, waiting as long as the setting wait_timeout allows.
 */
void mig_lock(Mig *mig);

/* Give it back, keeping the changes.  On failure they are undone. */
void mig_release(Mig *mig);

/* Give it back, undoing the changes.  No effect without a lock. */
void mig_abandon(Mig *mig);

/* Undo what was done since the unit began; the lock stays. */
void mig_unit_undo(Mig *mig);

/*
 * Read the newest event of mig's project into mig->chain.  Under the lock that
 * is done once.
 */
void mig_chain_read(Mig *mig);

/*
 * Append an event to the history; the lock must be held.
 *
 * Returns its number, which is above all others of its chain; 0 on failure.
 */
int64_t mig_event_add(Mig *mig, const MigEvent *event);

/*
 * Take the lock, create the catalogue where there is none, and begin a unit
 * for changes to the catalogue alone.
 *
 * function  SQL name of the caller, for messages
 */
void mig_write_begin(Mig *mig, const char *function);

/* End it: keep the changes when all went well, undo them otherwise. */
void mig_write_end(Mig *mig);

#endif

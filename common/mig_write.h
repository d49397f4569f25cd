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

#include "mig_record.h"

#define MIG_PROJECT_MAX                                                        \
    200 /* bytes of a project's name and of other settings */

/* Outcomes of events. */
#define MIG_OUTCOME_OK "ok"
#define MIG_OUTCOME_FAILED "failed"
/* Of parts of a migration that takes several transactions; their checksum is
 * that of the statements up to there. */
#define MIG_OUTCOME_STARTED "started"
#define MIG_OUTCOME_DONE "done"

typedef struct MigEvent
{
    const char *action;
    MigBytes version;     /* or absent */
    MigBytes name;        /* or absent */
    const char *outcome;  /* MIG_OUTCOME_... */
    int64_t duration_us;  /* -1: not measured */
    const char *checksum; /* or NULL */
    const char *detail;   /* or NULL */
    bool common;          /* belongs to no target */
} MigEvent;

#define MIG_REASON_MAX ((size_t) 1000) /* bytes */

/*
 * Take a reason that the caller gives: every event of the call says it, in a
 * line of its detail.
 *
 * reason  absent: none is given
 *
 * Fails with MIG_INVALID for one that is empty, too long, or more than a line.
 */
void mig_reason_take(Mig *mig, MigBytes reason);

/* When, and by whom, something was done that is recorded only now. */
typedef struct MigOrigin
{
    int64_t at;         /* microseconds since 1970-01-01 UTC */
    MigBytes actor;     /* or absent: the caller */
    const char *client; /* where that is known from */
} MigOrigin;

/* One statement of a queue, with copies of its arguments. */
typedef struct MigQueued
{
    MigSql sql;
    MigValue *arguments;
    size_t count;
} MigQueued;

/*
 * Rows of records and events that wait for the end of a group of migrations.
 * They are in the same commit as the migrations.  An engine prepares statements
 * anew after each change of the schema; so it does that once for each group
 * instead of once for each migration.
 */
struct MigQueue
{
    MigArena arena;
    MigQueued *items;
    size_t count;
    size_t capacity;
};

/* What a unit goes back to when it is undone. */
typedef struct MigMark
{
    size_t queued;
    MigChain chain;
    MigChain common;
    bool has_chain;
    MigRecordMark record;
} MigMark;

/*
 * Run a statement that changes records or events; or put it off, when mig has a
 * queue.
 */
void mig_write(Mig *mig, MigSql sql, const MigValue *arguments, size_t count);

/* Run what was put off, so that it can be read. */
void mig_write_flush(Mig *mig);

#define MIG_AUTHOR_SIZE 256 /* bytes of a name, its NUL included */

/* Who answers for what this call brings into the catalogue. */
void mig_author(Mig *mig, char author[MIG_AUTHOR_SIZE]);

/*
 * Check that a function that writes may run now: it was not called by a
 * migration, and the host allows it.
 *
 * function  SQL name, for messages
 */
void mig_require_writable(Mig *mig, const char *function);

/*
 * Check that a function that reads files or writes was called by itself, and
 * not by a statement around it that may be somebody else's.
 */
void mig_require_alone(Mig *mig, const char *function);

/* Fail when the tables are gone, or run what others have put on them. */
void mig_require_intact(Mig *mig);

/*
 * Take the lock, waiting as long as the setting wait_timeout allows.
 */
void mig_lock(Mig *mig);

/* Give it back, keeping the changes.  On failure they are undone. */
void mig_release(Mig *mig);

/* Give it back, undoing the changes.  No effect without a lock. */
void mig_abandon(Mig *mig);

/*
 * Begin a unit, and undo what was done since; the lock stays.
 *
 * mark  out, and in
 */
void mig_unit_begin(Mig *mig, MigMark *mark);
void mig_unit_undo(Mig *mig, const MigMark *mark);

/*
 * Read the newest events of mig's project into mig->chain and mig->common.
 * Under the lock that is done once.
 */
void mig_chain_read(Mig *mig);

/*
 * A number that grows with every change of what mig's target depends on; from
 * what mig_chain_read() has read.
 */
int64_t mig_catalogue_number(const Mig *mig);

/*
 * Append an event to the history; the lock must be held.
 *
 * Returns its number, which is above all others of its chain; 0 on failure.
 */
int64_t mig_event_add(Mig *mig, const MigEvent *event);

/* The same for what was done earlier; origin NULL: now, by the caller. */
int64_t mig_event_add_original(Mig *mig, const MigEvent *event,
                               const MigOrigin *origin);

/*
 * Take the lock, create the catalogue where there is none, and begin a unit
 * for changes to the catalogue alone.
 *
 * function  SQL name of the caller, for messages
 * mark      out: for mig_write_end()
 */
void mig_write_begin(Mig *mig, const char *function, MigMark *mark);

/* End it: keep the changes when all went well, undo them otherwise. */
void mig_write_end(Mig *mig, const MigMark *mark);

#endif

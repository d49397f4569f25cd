#ifndef SQLITE_FLEET_H
#define SQLITE_FLEET_H

/*
 * Many files: migrate_fleet() and migrate_fleet_status().
 *
 *   sqlite_fleet.c        the table functions: arguments, cursor, columns
 *   sqlite_fleet_list.c   which files there are
 *   sqlite_fleet_work.c   the threads, and the rows that are finished
 *   sqlite_fleet_file.c   what is done to one file
 *
 * The caller's thread reads his migrations once; from then on they are only
 * read.  Each worker opens one file after another on a connection of its own,
 * and never touches the caller's.
 */

#include "sqlite_host.h"

#include "mig_offer.h"

/* A file that a pattern names. */
typedef struct SqliteFleetEntry
{
    char *path;
    bool is_open;    /* it belongs to a database of the caller's connection */
    bool is_other;   /* neither a file nor a folder */
    bool is_twice;   /* it has a second name that is no symbolic link */
    int problem;     /* errno of looking at it; 0: none */
    uint64_t device; /* these two tell it under whatever name */
    uint64_t inode;
} SqliteFleetEntry;

typedef struct SqliteFleetList
{
    SqliteFleetEntry *entries; /* by path */
    size_t count;
    size_t capacity;
} SqliteFleetList;

/* What has become of a file; what it points to is sqlite3_malloc()'s. */
typedef struct SqliteFleetRow
{
    const char *path; /* of the list */
    char *from;       /* version before, or NULL */
    char *to;         /* and after */
    const char *state;
    char *error; /* message, detail and hint; or NULL */
    bool no_memory;
    int64_t applied;
    int64_t pending;
    int64_t duration_us;
} SqliteFleetRow;

/* What is to be done to each file; only read while workers run. */
typedef struct SqliteFleetJob
{
    const SqliteFleetList *list;
    MigOffer offer;
    MigBytes target;      /* of mig_offer_apply() */
    bool looks;           /* nothing is to be changed */
    int64_t read_wait_ms; /* how long to wait for the first look at a file */
    const char *vfs;      /* or NULL for the default */
    size_t threads;       /* 1: the calling one */
} SqliteFleetJob;

/* ---- sqlite_fleet_list.c ---- */

/*
 * Find the files that a pattern of glob(3) names, or those in a folder that end
 * in .db, .sqlite or .sqlite3.  Each file comes once, under the first of its
 * names; what belongs to a database beside it does not.
 *
 * list  in: zeroed; to be freed by sqlite_fleet_list_free(), also on failure
 *
 * Fails with MIG_UNKNOWN when there are none, MIG_FILE or MIG_DENIED when a
 * folder cannot be read.
 */
MigStatus sqlite_fleet_list(SqliteHost *host, MigBytes pattern,
                            SqliteFleetList *list, MigError *error);
void sqlite_fleet_list_free(SqliteFleetList *list);

/* ---- sqlite_fleet_file.c ---- */

/*
 * Do what a job says to one file.
 *
 * stopped  whether to leave off, undoing the migration at hand; context is its
 * row      out; what went wrong is in it
 */
void sqlite_fleet_file(const SqliteFleetJob *job, const SqliteFleetEntry *entry,
                       bool (*stopped)(void *context), void *context,
                       SqliteFleetRow *row);
void sqlite_fleet_row_free(SqliteFleetRow *row);

/* ---- sqlite_fleet_work.c ---- */
typedef struct SqliteFleet SqliteFleet;

/*
 * Begin to work on the files of a job.
 *
 * job     outlives the work
 * caller  connection of the SQL statement, for its interrupts
 *
 * Returns NULL when memory is short, with MIG_NOMEM in error.  To be ended by
 * sqlite_fleet_end().
 */
SqliteFleet *sqlite_fleet_begin(const SqliteFleetJob *job, sqlite3 *caller,
                                MigError *error);

/*
 * Wait for the next file that is finished.
 *
 * row  out; to be freed by sqlite_fleet_row_free()
 *
 * Returns SQLITE_ROW, SQLITE_DONE, or SQLITE_INTERRUPT when the caller's
 * connection was interrupted: then workers undo the migration at hand.
 */
int sqlite_fleet_next(SqliteFleet *fleet, SqliteFleetRow *row);

/*
 * End the work: workers finish the file that they are at, unless an interrupt
 * was or is seen.  Accepts NULL.
 */
void sqlite_fleet_end(SqliteFleet *fleet);

#endif

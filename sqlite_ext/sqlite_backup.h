#ifndef SQLITE_BACKUP_H
#define SQLITE_BACKUP_H

/*
 * Copies of a database, by SQLite's backup API:
 *
 *   sqlite_copy.c      copying, while others write
 *   sqlite_sound.c     what a copy is held against
 *   sqlite_place.c     names, temporary files, putting a file in its place
 *   sqlite_partial.c   temporary files that others have left
 *   sqlite_backup.c    migrate_backup(), the backup before a run
 *   sqlite_restore.c   migrate_restore()
 *   sqlite_rehearse.c  the rehearsal of a run
 */

#include "sqlite_beside.h"
#include "sqlite_host.h"

/* ---- sqlite_copy.c ---- */

/* The file of the caller's database; "" when it has none.  One in memory may
 * have a name all the same, as sqlite3_deserialize() gives it one. */
const char *sqlite_main_file(SqliteHost *host);

/*
 * Copy the caller's database to that of a connection of ours, which is empty,
 * waiting for others as long as lock_timeout allows.
 *
 * snapshot  out: holds the state that was copied, for more to be read of it on
 *           the caller's connection; to be finalized, also after a failure
 *
 * Fails with MIG_STATE when the caller's transaction has written something.
 */
MigStatus sqlite_copy_out(Mig *mig, SqliteBeside *to, sqlite3_stmt **snapshot);

/*
 * Put the database of another connection in place of the caller's, all of it
 * or nothing, waiting for others as long as wait_timeout allows.
 */
MigStatus sqlite_copy_in(Mig *mig, sqlite3 *from);

/* ---- sqlite_sound.c ---- */

/* How many rows a table has. */
typedef struct SqliteCount
{
    const char *table;
    int64_t rows; /* -1: they cannot be counted here */
} SqliteCount;

/* What a copy must have as the original has it. */
typedef struct SqliteFacts
{
    char schema[65];    /* hash over all of sqlite_schema, NUL-ended */
    const char *header; /* values of the file's header, as a text */
    SqliteCount *tables;
    size_t count;
    size_t capacity;
} SqliteFacts;

/* Read them; they live in mig's arena. */
MigStatus sqlite_facts_read(Mig *mig, sqlite3 *db, SqliteFacts *facts);

/*
 * Fail with MIG_CORRUPT when a copy differs.
 *
 * what  is wrong then, for the message: "the copy differs from the database"
 */
MigStatus sqlite_facts_compare(Mig *mig, const SqliteFacts *original,
                               const SqliteFacts *copy, const char *what);

/*
 * What PRAGMA integrity_check finds in main, a line each; empty: nothing.
 * Tables that cannot be checked without the application's own functions and
 * collations are left out, and named in a warning.
 */
MigBytes sqlite_integrity(Mig *mig, sqlite3 *db);

/* Fail with MIG_CORRUPT when it finds anything but rows that violate a CHECK,
 * of which a warning tells; whose names the database. */
MigStatus sqlite_require_sound(Mig *mig, sqlite3 *db, const char *whose);

/* Run a query for one integer; 0 after a failure. */
int64_t sqlite_query_integer(Mig *mig, sqlite3 *db, const char *sql);

/* The same for a text in mig's arena; NULL after a failure, or for NULL. */
const char *sqlite_query_text(Mig *mig, sqlite3 *db, const char *sql);

/* ---- sqlite_place.c ---- */

/* Where a copy is to be; all in the call's memory. */
typedef struct SqlitePlace
{
    const char *folder;    /* ends with a slash */
    const char *name;      /* of the file */
    const char *path;      /* both */
    const char *temporary; /* path until it is complete; NULL: none made */
    const char *glob;      /* what all names of the pattern match, fnmatch(3) */
    const char *glob_again; /* the same with a number that tells it apart */
} SqlitePlace;

/*
 * Work out the place that a pattern names.  {db} stands for the file's name
 * without folder and ending, {version} for the current version, {time} for the
 * time; a relative path is one from the database's folder.
 *
 * Fails when that is no place for a new file.
 */
MigStatus sqlite_place_find(Mig *mig, MigBytes pattern, SqlitePlace *place);

/* A path as such, made absolute in the same way. */
const char *sqlite_place_absolute(Mig *mig, MigBytes path);

/*
 * Make the temporary file, and remove those that others have left behind.
 *
 * numbered  as for sqlite_place_publish()
 */
MigStatus sqlite_place_begin(Mig *mig, SqlitePlace *place, bool numbered);

/*
 * Leave the temporary file alone with what is in it: remove a journal or a
 * write-ahead log that the engine could not, once no connection is open to it.
 */
void sqlite_place_close(const SqlitePlace *place);

/*
 * Give the temporary file its name, once all of it is on the disk.
 *
 * numbered  whether to add a number to the name when there is such a file;
 *           else that fails with MIG_DUPLICATE
 */
MigStatus sqlite_place_publish(Mig *mig, SqlitePlace *place, bool numbered);

/* Remove the temporary file, if there is one.  May be repeated. */
void sqlite_place_abandon(SqlitePlace *place);

/* Whether a file is where the place's pattern puts its files. */
bool sqlite_place_matches(const SqlitePlace *place, const char *path);

/* ---- sqlite_partial.c ---- */

/* How the name of a temporary file ends. */
#define SQLITE_PARTIAL ".partial"

/* Remove what the engine may have put beside a file. */
void sqlite_partial_strip(const char *path);

/* Remove a temporary file, and what the engine may have put beside it. */
void sqlite_partial_remove(const char *path);

/* Remove from a folder, whose path ends with a slash, what processes have left
 * that were killed. */
void sqlite_partial_remove_left(Mig *mig, const char *folder);

#endif

#include "sqlite_backup.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/*
 * What a run on SQLite depends on: the file, its disk, and who else has it
 * locked.
 */

#define PROBLEMS_MOST "20" /* that quick_check lists */
#define MEBIBYTE ((int64_t) 1024 * 1024)

/* An inspection as it goes on. */
typedef struct Inspection
{
    SqliteHost *host;
    const MigInspection *asked;
    MigFindingFunction finding;
    void *context;
    MigError *error;
} Inspection;

MigBytes
sqlite_database_name(MigHost *base)
{
    const char *path = sqlite_main_file((SqliteHost *) base);
    const char *slash = strrchr(path, '/');

    if (path[0] == '\0')
        return mig_bytes(":memory:");
    return mig_bytes(slash == NULL ? path : slash + 1);
}

/* Tell of one thing. */
static void
tell(const Inspection *inspection, const char *name, const char *state,
     const char *detail, const char *hint)
{
    MigFinding finding = {name, state, detail, hint};

    if (inspection->error->status == MIG_OK)
        (void) inspection->finding(inspection->context, &finding,
                                   inspection->error);
}

/* The number that a PRAGMA of main gives; 0 when it gives none. */
static int64_t
pragma_number(SqliteHost *host, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = 0;

    if (sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    return number;
}

/* How many bytes the database has. */
static int64_t
database_size(SqliteHost *host)
{
    return pragma_number(host, "PRAGMA main.page_count") *
           pragma_number(host, "PRAGMA main.page_size");
}

/* Look how much room the disk of the file has. */
static void
look_at_disk(const Inspection *inspection)
{
    const char *path = sqlite_main_file(inspection->host);
    struct statvfs disk;
    int64_t free_bytes;
    int64_t wanted = inspection->asked->free_bytes;
    char detail[200];

    if (path[0] == '\0' || wanted == 0 || statvfs(path, &disk) != 0)
    {
        if (inspection->asked->thorough)
            tell(inspection, "free disk space", MIG_FINDING_UNKNOWN,
                 path[0] == '\0' ? "the database is in no file of its own"
                 : wanted == 0   ? "min_free_disk is 0"
                                 : "the file system does not say",
                 NULL);
        return;
    }
    if (inspection->asked->copies)
        wanted += database_size(inspection->host);
    free_bytes = (int64_t) disk.f_bavail * (int64_t) disk.f_frsize;
    (void) snprintf(
        detail, sizeof(detail), "%lld MiB are free, %lld MiB are asked for%s",
        (long long) (free_bytes / MEBIBYTE), (long long) (wanted / MEBIBYTE),
        inspection->asked->copies ? ", with a copy's" : "");
    tell(inspection, "free disk space",
         free_bytes < wanted ? MIG_FINDING_ERROR : MIG_FINDING_OK, detail,
         free_bytes < wanted
             ? "Make room, or set min_free_disk to less; it is in MiB."
             : NULL);
}

/* Look whether the database can be written at all. */
static void
look_at_writing(const Inspection *inspection)
{
    sqlite3 *db = inspection->host->db;
    bool queries = pragma_number(inspection->host, "PRAGMA query_only") != 0;

    if (sqlite3_db_readonly(db, "main") == 1)
        tell(inspection, "writable", MIG_FINDING_ERROR,
             "the database is open for reading alone",
             "Open the file for writing; see its rights and its folder's.");
    else if (queries)
        tell(inspection, "writable", MIG_FINDING_ERROR,
             "PRAGMA query_only is on", "Set PRAGMA query_only = off.");
    else
        tell(inspection, "writable", MIG_FINDING_OK,
             "the database can be written", NULL);
}

/*
 * Try for an instant to write, on a connection of our own.
 *
 * Returns SQLite's code; SQLITE_BUSY when somebody else is writing.
 */
static int
try_to_write(SqliteHost *host)
{
    SqliteBeside beside;
    MigError error;
    int code = SQLITE_ERROR;

    memset(&error, 0, sizeof(error));
    if (sqlite_beside_open_same(&beside, host, "main", SQLITE_OPEN_READWRITE,
                                "migrate_preflight", &error) == MIG_OK)
    {
        code =
            sqlite3_exec(beside.db, "BEGIN IMMEDIATE", NULL, NULL, NULL) & 0xFF;
        (void) sqlite3_exec(beside.db, "ROLLBACK", NULL, NULL, NULL);
    }
    sqlite_beside_close(&beside);
    return code;
}

/* Look whether another connection is writing. */
static void
look_at_locks(const Inspection *inspection)
{
    sqlite3 *db = inspection->host->db;
    int code = SQLITE_ERROR;

    if (sqlite3_get_autocommit(db) && sqlite3_db_readonly(db, "main") != 1 &&
        sqlite_main_file(inspection->host)[0] != '\0')
        code = try_to_write(inspection->host);
    if (code == SQLITE_OK)
        tell(inspection, "locks", MIG_FINDING_OK,
             "no other connection is writing", NULL);
    else if (code == SQLITE_BUSY)
        tell(inspection, "locks", MIG_FINDING_WARNING,
             "another connection holds the lock for writing",
             "A run waits for it as long as wait_timeout says.");
    else
        tell(inspection, "locks", MIG_FINDING_UNKNOWN,
             sqlite3_get_autocommit(db)
                 ? "no second connection can ask for the lock"
                 : "a transaction is open on this connection",
             NULL);
}

/* Tell what PRAGMA quick_check has found, by its rows. */
static void
tell_integrity(const Inspection *inspection, sqlite3 *db,
               sqlite3_stmt *statement)
{
    char first[400] = "";
    int count = 0;
    int code;
    char detail[500];

    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *problem = (const char *) sqlite3_column_text(statement, 0);

        if (problem == NULL || strcmp(problem, "ok") == 0)
            continue;
        if (count++ == 0)
            (void) snprintf(first, sizeof(first), "%.*s",
                            (int) mig_cut(mig_bytes(problem), 390).length,
                            problem);
    }
    if (code != SQLITE_DONE)
        (void) snprintf(
            detail, sizeof(detail), "%.*s",
            (int) mig_cut(mig_bytes(sqlite3_errmsg(db)), 400).length,
            sqlite3_errmsg(db));
    else
        (void) snprintf(detail, sizeof(detail), "%d problem%s: %s", count,
                        count == 1 ? "" : "s", first);
    for (char *at = detail; *at != '\0'; at++)
    {
        if (*at == '\n')
            *at = ' ';
    }
    if (count == 0 && code == SQLITE_DONE)
        tell(inspection, "integrity", MIG_FINDING_OK,
             "PRAGMA quick_check finds nothing", NULL);
    else if (count > 0 || sqlite_is(code, SQLITE_CORRUPT) ||
             sqlite_is(code, SQLITE_NOTADB))
        tell(inspection, "integrity", MIG_FINDING_ERROR, detail,
             "PRAGMA integrity_check lists all of it.  Do not migrate; save "
             "what can be read, or restore a backup.");
    else
        tell(inspection, "integrity", MIG_FINDING_UNKNOWN, detail, NULL);
}

/* Open a copy of what is in memory. */
static MigStatus
open_copy(SqliteBeside *beside, SqliteHost *host, MigError *error)
{
    return sqlite_beside_open(beside, "",
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL,
                              error) == MIG_OK
               ? sqlite_beside_fill(beside, host, error)
               : error->status;
}

/*
 * Have the engine look through the file, or a copy of what is in memory: on a
 * connection of our own, so that no function of the application's is called by
 * what stands in a CHECK.
 */
static void
look_at_integrity(const Inspection *inspection)
{
    SqliteHost *host = inspection->host;
    sqlite3_stmt *statement = NULL;
    SqliteBeside beside;
    MigError error;
    MigStatus status;

    memset(&error, 0, sizeof(error));
    memset(&beside, 0, sizeof(beside));
    if (sqlite_main_file(host)[0] != '\0')
        status =
            sqlite_beside_open_same(&beside, host, "main", SQLITE_OPEN_READONLY,
                                    "migrate_preflight", &error);
    else
        status = open_copy(&beside, host, &error);
    if (status == MIG_OK)
        sqlite_beside_follow(&beside, host);
    if (status != MIG_OK)
        tell(inspection, "integrity", MIG_FINDING_UNKNOWN, error.message, NULL);
    else if (sqlite3_prepare_v2(beside.db,
                                "PRAGMA main.quick_check(" PROBLEMS_MOST ")",
                                -1, &statement, NULL) == SQLITE_OK)
        tell_integrity(inspection, beside.db, statement);
    else
        tell(inspection, "integrity", MIG_FINDING_UNKNOWN,
             sqlite3_errmsg(beside.db), NULL);
    (void) sqlite3_finalize(statement);
    sqlite_beside_close(&beside);
}

MigStatus
sqlite_inspect(MigHost *base, const MigInspection *asked,
               MigFindingFunction finding, void *context, MigError *error)
{
    Inspection inspection = {(SqliteHost *) base, asked, finding, context,
                             error};

    look_at_disk(&inspection);
    if (!asked->thorough)
        return error->status;
    look_at_writing(&inspection);
    look_at_locks(&inspection);
    look_at_integrity(&inspection);
    if (error->status == MIG_OK &&
        sqlite_is_stopped(inspection.host->connection))
    {
        (void) mig_fail(error, MIG_INTERRUPTED, "%s",
                        sqlite3_errstr(SQLITE_INTERRUPT));
        error->engine_code = SQLITE_INTERRUPT;
    }
    return error->status;
}

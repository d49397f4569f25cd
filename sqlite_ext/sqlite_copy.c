#include "sqlite_beside.h"
#include "sqlite_backup.h"

#include "mig_setting.h"

/*
 * Copying
 *
 * The source is the caller's own connection: a second one could not read a
 * database in memory, nor one that this connection has locked for itself.
 *
 * The copy and what it is compared with must be of one state.  That is held by
 * a query that has begun and not ended: its read transaction is the
 * connection's, and ends with it whatever has happened, also after an
 * interrupt, when no COMMIT would run.
 *
 * With a write-ahead log it is held from the beginning, and stops nobody.  With
 * a rollback journal who reads keeps others from committing: there pages are
 * copied in portions, with the lock given back in between.  SQLite starts again
 * when somebody has written meanwhile.  For the last portion, or after so many
 * restarts, the state is held.
 */
#define PORTION 2048 /* pages */
#define RESTARTS_MAX 3
#define SMALL_PAGES (4 * (int64_t) PORTION) /* copied at one go */
#define PAUSE_MS 1 /* short: between the commits of busy writers is no more */

/* The query that holds a state has a row, whatever is in the database. */
#define SNAPSHOT_SQL                                                           \
    "SELECT 1 UNION ALL SELECT rootpage FROM main.sqlite_schema"

const char *
sqlite_main_file(SqliteHost *host)
{
    const char *path = sqlite3_db_filename(host->db, "main");
    sqlite3_vfs *vfs = NULL;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    if (path == NULL || (vfs != NULL && strcmp(vfs->zName, "memdb") == 0))
        return "";
    return path;
}

/* A copy being made. */
typedef struct Copy
{
    Mig *mig;
    SqliteHost *host;
    SqliteConnection *beside; /* that is copied to; NULL: from it */
    sqlite3_backup *backup;
    int64_t wait_ms; /* how long to wait for others, each time */
    int remaining; /* pages, behind the last portion; -1: none is copied yet */
    int restarts;
} Copy;

/* Whether the caller's connection was interrupted; known when it is read. */
static bool
is_stopped(const Copy *copy)
{
    return copy->beside != NULL && sqlite_is_stopped(copy->beside);
}

/* Record that others have kept us from copying for too long. */
static MigStatus
fail_busy(Mig *mig, int64_t wait_ms, const char *setting)
{
    (void) mig_fail(mig->error, MIG_LOCKED,
                    "others have held the database for longer than %lld ms",
                    (long long) wait_ms);
    mig->error->engine_code = SQLITE_BUSY;
    mig_fail_hint(mig->error,
                  "Nothing was changed.  Try again, or raise the setting %s.",
                  setting);
    return mig->error->status;
}

/*
 * Whether a step is to be tried again, after a pause, for others hold a lock.
 *
 * began  ticks when it was first tried
 */
static bool
waits(const Copy *copy, int code, int64_t began)
{
    if ((!sqlite_is(code, SQLITE_BUSY) && !sqlite_is(code, SQLITE_LOCKED)) ||
        sqlite_ticks(&copy->host->host) - began >= copy->wait_ms * 1000 ||
        is_stopped(copy))
        return false;
    (void) sqlite3_sleep(PAUSE_MS);
    return true;
}

/* Hold the present state of the caller's database. */
static MigStatus
hold_snapshot(Copy *copy, sqlite3_stmt **snapshot)
{
    Mig *mig = copy->mig;
    int64_t began = sqlite_ticks(mig->host);
    int code =
        sqlite3_prepare_v2(copy->host->db, SNAPSHOT_SQL, -1, snapshot, NULL);

    if (code == SQLITE_OK)
    {
        code = sqlite3_step(*snapshot);
        while (waits(copy, code, began))
        {
            (void) sqlite3_reset(*snapshot);
            code = sqlite3_step(*snapshot);
        }
    }
    if (sqlite_is(code, SQLITE_BUSY))
        return fail_busy(mig, copy->wait_ms, "lock_timeout");
    if (code != SQLITE_ROW)
        return sqlite_fail(copy->host, mig->error);
    return MIG_OK;
}

/* Whether reading a database keeps nobody from writing it. */
static bool
readers_stop_nobody(Mig *mig, SqliteHost *host)
{
    const char *mode =
        sqlite_query_text(mig, host->db, "PRAGMA main.journal_mode");
    const char *path = sqlite3_db_filename(host->db, "main");

    return path == NULL || path[0] == '\0' ||
           (mode != NULL && sqlite3_stricmp(mode, "wal") == 0);
}

/* Record why copying has failed. */
static MigStatus
fail_copy(Copy *copy, int code)
{
    MigError *error = copy->mig->error;

    (void) mig_fail(error,
                    sqlite_is(code, SQLITE_NOMEM) ? MIG_NOMEM : MIG_ENGINE,
                    "cannot copy the database: %s", sqlite3_errstr(code));
    error->engine_code = code;
    return error->status;
}

/*
 * Copy a portion, waiting for others.
 *
 * pages  -1: all that remain
 *
 * Returns SQLite's code: SQLITE_OK, SQLITE_DONE or that of a failure.
 */
static int
copy_portion(Copy *copy, int pages)
{
    int64_t began = sqlite_ticks(&copy->host->host);
    int code = sqlite3_backup_step(copy->backup, pages);

    while (waits(copy, code, began))
        code = sqlite3_backup_step(copy->backup, pages);
    return code;
}

/* Copy all, holding the state by the end; copy->backup is open. */
static int
copy_portions(Copy *copy, sqlite3_stmt **snapshot)
{
    int code = SQLITE_OK;

    while (code == SQLITE_OK)
    {
        int before = copy->remaining;

        if (*snapshot == NULL && before >= 0 &&
            (before <= PORTION || copy->restarts > RESTARTS_MAX) &&
            hold_snapshot(copy, snapshot) != MIG_OK)
            return SQLITE_ERROR;
        code = copy_portion(copy, PORTION);
        copy->remaining = sqlite3_backup_remaining(copy->backup);
        if (before >= 0 && copy->remaining > before - PORTION)
            copy->restarts++;
        if (is_stopped(copy))
        {
            (void) mig_fail(copy->mig->error, MIG_INTERRUPTED, "interrupted");
            return SQLITE_INTERRUPT;
        }
        if (code == SQLITE_OK && *snapshot == NULL)
            (void) sqlite3_sleep(PAUSE_MS); /* for those who wait to write */
    }
    return code;
}

MigStatus
sqlite_copy_out(Mig *mig, SqliteBeside *to, sqlite3_stmt **snapshot)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    Copy copy = {mig, host, to->connection, NULL, 0, -1, 0};
    int code;

    *snapshot = NULL;
    if (sqlite3_txn_state(host->db, "main") == SQLITE_TXN_WRITE)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "the transaction that is open has written: what it "
                        "has changed cannot be copied");
        mig_fail_hint(mig->error, "Call it before the transaction begins.");
        return mig->error->status;
    }
    copy.wait_ms = mig_setting_ms(mig, "lock_timeout");
    if (hold_snapshot(&copy, snapshot) != MIG_OK)
        return mig->error->status;
    if (!readers_stop_nobody(mig, host) &&
        sqlite_query_integer(mig, host->db, "PRAGMA main.page_count") >
            SMALL_PAGES)
    {
        (void) sqlite3_finalize(*snapshot);
        *snapshot = NULL;
    }
    if (!mig_ok(mig))
        return mig->error->status;
    copy.backup = sqlite3_backup_init(to->db, "main", host->db, "main");
    if (copy.backup == NULL)
        return fail_copy(&copy, sqlite3_extended_errcode(to->db));
    code = copy_portions(&copy, snapshot);
    (void) sqlite3_backup_finish(copy.backup);
    if (!mig_ok(mig) || code == SQLITE_DONE)
        return mig->error->status;
    if (sqlite_is(code, SQLITE_BUSY) || sqlite_is(code, SQLITE_LOCKED))
        return fail_busy(mig, copy.wait_ms, "lock_timeout");
    return fail_copy(&copy, code);
}

MigStatus
sqlite_copy_in(Mig *mig, sqlite3 *from)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    Copy copy = {mig, host, NULL, NULL, 0, -1, 0};
    int code;

    copy.wait_ms = mig_setting_ms(mig, "wait_timeout");
    copy.backup = sqlite3_backup_init(host->db, "main", from, "main");
    if (copy.backup == NULL)
        return sqlite_fail(host, mig->error);
    /* In one go: until its end this connection cannot be used otherwise. */
    code = copy_portion(&copy, -1);
    (void) sqlite3_backup_finish(copy.backup);
    if (code == SQLITE_DONE)
        return MIG_OK;
    if (sqlite_is(code, SQLITE_BUSY) || sqlite_is(code, SQLITE_LOCKED))
        return fail_busy(mig, copy.wait_ms, "wait_timeout");
    return fail_copy(&copy, code);
}

#include "sqlite_beside.h"
#include "sqlite_backup.h"

#include <errno.h>

#include "mig_guard.h"
#include "mig_setting.h"
#include "mig_write.h"

/*
 * Restoring
 *
 * The backup is checked first, in the same read transaction in which it is then
 * copied.  The engine writes all of it in one transaction of the database: who
 * is killed meanwhile, or finds the disk full, leaves what was there before.
 * The event in the history is a commit of its own behind that.
 */

/* Fail unless a path is a file that can be opened. */
static void
require_file(Mig *mig, const char *path)
{
    MigPathKind kind = MIG_PATH_OTHER;

    if (sqlite_path_kind(mig->host, path, &kind, mig->error) != MIG_OK)
        return;
    if (kind == MIG_PATH_MISSING)
        (void) mig_fail(mig->error, MIG_FILE, "\"%s\" does not exist", path);
    else if (kind == MIG_PATH_DATABASE)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%s\" belongs to a database that is open here", path);
    else if (kind != MIG_PATH_FILE)
        (void) mig_fail(mig->error, MIG_FILE, "\"%s\" is no regular file",
                        path);
}

/* Fail where a copy cannot take the place of the database as it is opened. */
static void
require_suitable(Mig *mig, sqlite3 *from)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    const char *path = sqlite3_db_filename(host->db, "main");
    const char *theirs = sqlite_query_text(mig, from, "PRAGMA encoding");
    const char *ours = sqlite_query_text(mig, host->db, "PRAGMA encoding");
    const char *mode =
        sqlite_query_text(mig, host->db, "PRAGMA main.journal_mode");
    bool fixed = path == NULL || path[0] == '\0' ||
                 (mode != NULL && sqlite3_stricmp(mode, "wal") == 0);

    if (!mig_ok(mig))
        return;
    if (theirs != NULL && ours != NULL && strcmp(theirs, ours) != 0)
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "the backup is of encoding %s, the database of %s",
                        theirs, ours);
        mig_fail_hint(mig->error, "Close the database everywhere, and copy the "
                                  "backup's file to its place.");
        return;
    }
    if (!fixed ||
        sqlite_query_integer(mig, from, "PRAGMA page_size") ==
            sqlite_query_integer(mig, host->db, "PRAGMA main.page_size"))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "the backup has pages of another size than the database");
    mig_fail_hint(mig->error,
                  "SQLite can change the size only of a file without a "
                  "write-ahead log: send PRAGMA journal_mode = delete first, "
                  "and = wal afterwards.");
}

/* Ask for the catalogue of a backup by a function that looks at it. */
static void
require_catalogue(Mig *mig, SqliteBeside *from)
{
    MigCall call;
    SqliteHost host;

    if (!mig_ok(mig))
        return;
    memset(&call, 0, sizeof(call));
    call.error = mig->error;
    (void) sqlite_beside_call(from, "migrate_current", &call, &host);
    sqlite_beside_call_end(&call, &host);
}

/* Open a backup and check it; it is then in a read transaction. */
static void
open_backup(Mig *mig, const char *path, SqliteBeside *from, SqliteFacts *facts)
{
    SqliteHost *host = (SqliteHost *) mig->host;

    if (sqlite_beside_open(from, path, SQLITE_OPEN_READONLY, NULL,
                           mig->error) != MIG_OK)
        return;
    sqlite_beside_follow(from, host);
    if (sqlite3_exec(from->db, "BEGIN;SELECT 1 FROM sqlite_schema LIMIT 1",
                     NULL, NULL, NULL) != SQLITE_OK)
    {
        (void) sqlite_fail_of(from->db, mig->error);
        return;
    }
    if (sqlite_query_integer(mig, from->db, "PRAGMA page_count") == 0)
        (void) mig_fail(mig->error, MIG_INVALID, "it is empty");
    (void) sqlite_require_sound(mig, from->db, "it");
    require_catalogue(mig, from);
    (void) sqlite_facts_read(mig, from->db, facts);
}

/* A number that changes when the database is written, here or, as soon as this
 * connection has read, elsewhere. */
static unsigned
seen_version(SqliteHost *host)
{
    unsigned version = 0;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_DATA_VERSION,
                                &version);
    return version;
}

/* One that changes when it is written elsewhere; it is read for that. */
static int64_t
others_version(Mig *mig)
{
    return sqlite_query_integer(mig, ((SqliteHost *) mig->host)->db,
                                "PRAGMA main.data_version");
}

/* Look at the database after it has been replaced. */
static void
verify_restored(Mig *mig, const SqliteFacts *facts)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    unsigned version = seen_version(host);
    int64_t before = others_version(mig);
    bool alone = seen_version(host) == version;
    SqliteFacts now;

    (void) sqlite_facts_read(mig, host->db, &now);
    /* A file in rollback mode keeps its own pages' size. */
    if (mig_ok(mig))
        now.header = facts->header;
    (void) sqlite_facts_compare(mig, facts, &now,
                                "the database differs from the backup");
    /* Others may write again as soon as all is committed. */
    if (mig->error->status == MIG_CORRUPT)
    {
        MigError difference = *mig->error;

        mig_error_clear(mig->error);
        alone = others_version(mig) == before && alone;
        if (mig_ok(mig) && alone)
            *mig->error = difference;
    }
    (void) sqlite_require_sound(mig, host->db, "the restored database");
    mig_fail_prefix(mig->error, "restored, but: ");
}

/* Delete a confirmation that the backup holds: it is from before the run that
 * used it up. */
static void
forget_confirm(Mig *mig)
{
    MigValue name = mig_string("confirm");

    if (mig_setting(mig, "confirm", NULL).length > 0)
        mig_write(mig, MIG_SQL_SETTING_DELETE, &name, 1);
}

/* Add the event to the history that was restored; a failure is only told. */
static void
record(Mig *mig, const char *path, int64_t duration_us)
{
    MigEvent event = {"restore",   {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK,
                      duration_us, NULL,      NULL,      true};
    MigMark mark;

    if (!mig_ok(mig))
        return;
    mig->host->session->older_release = false;
    /* It is another file's. */
    ((SqliteHost *) mig->host)->readable = false;
    (void) mig->host->methods->catalogue_find(mig->host, &mig->has_catalogue,
                                              mig->error);
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    mig_settings_read(mig);
    event.detail = path;
    mig_write_begin(mig, "migrate_restore", &mark);
    forget_confirm(mig);
    (void) mig_event_add(mig, &event);
    mig_write_end(mig, &mark);
    mig_fail_prefix(mig->error, "restored, but that cannot be recorded: ");
}

/* Fail where the connection is not to write: the engine asks that of SQL
 * alone, and not of the interface that copies a database. */
static void
require_no_query_only(Mig *mig)
{
    sqlite3 *db = ((SqliteHost *) mig->host)->db;

    if (sqlite_query_integer(mig, db, "PRAGMA query_only") == 0 || !mig_ok(mig))
        return;
    (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                    "migrate_restore cannot run while PRAGMA query_only is on");
    mig_fail_hint(mig->error, "Nothing was changed.");
}

/* Put what a backup holds in place of the database. */
static bool
copy_in(Mig *mig, sqlite3 *from)
{
    if (sqlite_copy_in(mig, from) == MIG_OK)
        return true;
    /* The commit may have failed behind the point at which it holds. */
    if (sqlite_is(mig->error->engine_code, SQLITE_IOERR))
        mig_fail_hint(mig->error,
                      "The database is what it was, or the backup, either of "
                      "them wholly: look before you go on.");
    return false;
}

/* Put a backup in place of the database. */
static void
restore(Mig *mig, const char *path)
{
    int64_t began = mig->host->methods->ticks(mig->host);
    SqliteBeside from;
    SqliteFacts facts;
    bool done = false;

    memset(&from, 0, sizeof(from));
    memset(&facts, 0, sizeof(facts));
    open_backup(mig, path, &from, &facts);
    if (!mig_ok(mig))
        mig_fail_prefix(mig->error, "\"%s\" cannot be restored: ", path);
    else
    {
        require_suitable(mig, from.db);
        if (mig_ok(mig))
            done = copy_in(mig, from.db);
    }
    sqlite_beside_close(&from);
    if (!done && mig->error->hint[0] == '\0')
        mig_fail_hint(mig->error, "Nothing was changed.");
    if (!done)
        return;
    verify_restored(mig, &facts);
    record(mig, path, mig->host->methods->ticks(mig->host) - began);
}

/*
 * migrate_restore(path TEXT) -> TEXT
 *
 * Put a backup in place of this database, after checking it: all of it, or
 * nothing.
 *
 *     SELECT migrate_restore('app-20261121T103000Z.db');
 *
 * Returns the path that was read.
 */
void
sqlite_restore(Mig *mig, MigCall *call)
{
    const char *path = NULL;

    if (call->arguments[0].type == MIG_NULL)
        (void) mig_fail(mig->error, MIG_INVALID, "path must not be NULL");
    mig_require_writable(mig, "migrate_restore");
    if (mig_ok(mig) && !mig->host->methods->commits(mig->host))
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "migrate_restore cannot run inside a transaction");
        mig_fail_hint(mig->error, "Nothing was changed.  End the transaction "
                                  "first.");
    }
    if (mig_ok(mig))
        require_no_query_only(mig);
    if (mig_ok(mig))
        path = sqlite_place_absolute(mig, call->arguments[0].bytes);
    if (path == NULL)
        return;
    require_file(mig, path);
    /* What is damaged has no environment that could be read. */
    if (mig_ok(mig) && mig_guard_lacks_confirm(mig))
        mig_guard_fail_confirm(mig, "migrate_restore");
    if (mig_ok(mig))
        restore(mig, path);
    if (mig_ok(mig))
        call->result = mig_string(path);
}

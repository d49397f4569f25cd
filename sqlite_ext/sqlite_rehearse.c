#include "sqlite_beside.h"
#include "sqlite_backup.h"
#include "sqlite_scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mig_setting.h"
#include "mig_write.h"

/*
 * Rehearsals
 *
 * The run is done on a copy, by calling the same function on a connection of
 * ours: it reads its migrations, settings and plan in the copy's catalogue,
 * which is that of the database.  The copy is a database in memory, or one that
 * SQLite puts into a file of its own without a name, which is gone with the
 * process however that ends.
 *
 * The connection is like the caller's in its settings.  It lacks what only the
 * application's own has: functions, collations, TEMP objects, and attached
 * databases.  It may attach none, as a migration could write them.
 */
#define MEGABYTE ((int64_t) 1 << 20)

typedef struct Rehearsal
{
    Mig *mig;
    SqliteHost *host;
    SqliteBeside copy;
    MigError failure;  /* of the run on the copy */
    SqliteFence fence; /* keeps it away from other files */
    int64_t seq;       /* rows of the history before it */
    int64_t began;
} Rehearsal;

/* The folder that SQLite makes its temporary files in. */
static const char *
temporary_folder(void)
{
    const char *folders[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"),
                             "/var/tmp", "/usr/tmp", "/tmp"};
    struct stat status;

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
    {
        if (folders[i] != NULL && stat(folders[i], &status) == 0 &&
            S_ISDIR(status.st_mode) && access(folders[i], W_OK | X_OK) == 0)
            return folders[i];
    }
    return ".";
}

/* Fail when a copy would fill the disk: it may become twice as large. */
static void
require_space(Mig *mig, int64_t size)
{
    const char *folder = temporary_folder();
    struct statvfs space;
    int64_t available;
    int64_t needed = size * 2;

    if (statvfs(folder, &space) != 0)
        return;
    available = (int64_t) space.f_bavail * (int64_t) space.f_frsize;
    if (available >= needed)
        return;
    (void) mig_fail(mig->error, MIG_FILE,
                    "a rehearsal needs %lld MB in \"%s\", where %lld MB are "
                    "free",
                    (long long) needed / MEGABYTE + 1, folder,
                    (long long) available / MEGABYTE);
    mig_fail_hint(mig->error,
                  "Let the environment variable SQLITE_TMPDIR name a folder "
                  "with more room, raise the setting rehearse_memory, or set "
                  "rehearse to off.");
}

/* Open an empty database for the copy. */
static void
open_copy(Rehearsal *rehearsal)
{
    Mig *mig = rehearsal->mig;
    sqlite3 *db = rehearsal->host->db;
    int64_t size = sqlite_query_integer(mig, db, "PRAGMA main.page_count") *
                   sqlite_query_integer(mig, db, "PRAGMA main.page_size");
    bool in_memory =
        size <= mig_setting_count_of(mig, "rehearse_memory") * MEGABYTE;

    if (mig_ok(mig) && !in_memory)
        require_space(mig, size);
    if (mig_ok(mig))
        (void) sqlite_beside_open(&rehearsal->copy, in_memory ? ":memory:" : "",
                                  SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                  NULL, mig->error);
}

/* Make the copy, and its connection ready for the run. */
static void
make_copy(Rehearsal *rehearsal)
{
    Mig *mig = rehearsal->mig;
    sqlite3_stmt *snapshot = NULL;

    open_copy(rehearsal);
    if (mig_ok(mig))
    {
        sqlite_beside_follow(&rehearsal->copy, rehearsal->host);
        (void) sqlite_copy_out(mig, &rehearsal->copy, &snapshot);
    }
    (void) sqlite3_finalize(snapshot);
    if (mig_ok(mig))
        rehearsal->seq = sqlite_query_integer(
            mig, rehearsal->copy.db, "SELECT count(*) FROM migrate_event");
    if (mig_ok(mig))
        sqlite_beside_resemble(mig, &rehearsal->copy);
    if (!mig_ok(mig))
    {
        mig_fail_prefix(mig->error, "the run could not be rehearsed: ");
        return;
    }
    sqlite_fence(&rehearsal->copy, &rehearsal->fence);
    rehearsal->copy.connection->session = rehearsal->host->connection->session;
    rehearsal->copy.connection->session.running = false;
    rehearsal->copy.connection->session.rehearsal = true;
}

/* Call the function that does the run on the copy. */
static void
run_function(Rehearsal *rehearsal, const char *function, MigBytes target)
{
    MigValue argument = mig_text_value(target);
    SqliteHost host;
    MigCall call;

    memset(&call, 0, sizeof(call));
    call.error = &rehearsal->failure;
    call.arguments = &argument;
    call.argument_count = target.data == NULL ? 0 : 1;
    (void) sqlite_beside_call(&rehearsal->copy, function, &call, &host);
    sqlite_beside_call_end(&call, &host);
}

/* Whether a text of lines has a line. */
static bool
has_line(MigBytes lines, MigBytes wanted)
{
    MigBytes line;
    size_t at = 0;

    while (mig_next_line(lines, &at, &line))
    {
        if (mig_bytes_equal(line, wanted))
            return true;
    }
    return false;
}

/*
 * Fail when the run has damaged the copy.  What the check finds in the database
 * itself does not count; it is only looked for when there is anything.
 */
static void
check_integrity(Rehearsal *rehearsal)
{
    Mig mig = *rehearsal->mig;
    MigBytes after;
    MigBytes before;
    MigBytes line;
    size_t at = 0;

    mig.error = &rehearsal->failure;
    after = sqlite_integrity(&mig, rehearsal->copy.db);
    if (!mig_ok(&mig) || after.length == 0)
        return;
    before = sqlite_integrity(&mig, rehearsal->host->db);
    while (mig_ok(&mig) && mig_next_line(after, &at, &line))
    {
        if (has_line(before, line))
            continue;
        (void) mig_fail(mig.error, MIG_STATE,
                        "PRAGMA integrity_check finds behind the run: %.*s",
                        (int) mig_cut(line, 400).length, line.data);
        mig_fail_hint(mig.error, "The database itself was not touched.  "
                                 "SELECT * FROM migrate_plan() shows what the "
                                 "run would do.");
    }
}

/* Do the run on the copy, and look at what it leaves. */
static void
run_copy(Rehearsal *rehearsal, const char *function, MigBytes target)
{
    MigError *failure = &rehearsal->failure;
    SqliteHost look;

    sqlite_host_begin(&look, rehearsal->copy.connection, 0);
    look.host.limits = rehearsal->host->host.limits;
    (void) sqlite_keys_touch_all(&look, failure);
    if (failure->status == MIG_OK)
        run_function(rehearsal, function, target);
    /* What a migration has written into the schema is to count. */
    if (failure->status == MIG_OK &&
        sqlite3_exec(rehearsal->copy.db, "PRAGMA writable_schema = RESET", NULL,
                     NULL, NULL) != SQLITE_OK)
        (void) sqlite_fail_of(rehearsal->copy.db, failure);
    if (failure->status == MIG_OK)
        (void) sqlite_keys_check(&look, failure);
    sqlite_host_end(&look);
    if (failure->status == MIG_OK)
        check_integrity(rehearsal);
}

/* Read which migration has failed, and how, from the copy's history. */
static void
describe_failure(Rehearsal *rehearsal, MigEvent *event)
{
    Mig *mig = rehearsal->mig;
    const char *detail = rehearsal->failure.message;
    sqlite3_stmt *statement = NULL;

    (void) sqlite3_set_authorizer(rehearsal->copy.db, NULL, NULL);
    if (sqlite3_prepare_v2(rehearsal->copy.db,
                           "SELECT action, version, name, checksum, detail "
                           "FROM main.migrate_event WHERE outcome = 'failed' "
                           "AND (SELECT count(*) FROM main.migrate_event) > ?1 "
                           "ORDER BY at DESC, seq DESC LIMIT 1",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(statement, 1, rehearsal->seq) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
    {
        MigBytes columns[5];

        for (int i = 0; i < 5; i++)
            columns[i] =
                mig_copy(mig->arena,
                         sqlite_value(sqlite3_column_value(statement, i)).bytes,
                         mig->error);
        event->action = columns[0].data;
        event->version = columns[1];
        event->name = columns[2];
        event->checksum = columns[3].data;
        detail = columns[4].data;
    }
    (void) sqlite3_finalize(statement);
    event->detail = mig_format_string(mig->arena, mig->error, "rehearsal: %s",
                                      detail == NULL ? "" : detail);
}

/* Add the failed rehearsal to the history of the database, if that can be. */
static void
record_failure(Rehearsal *rehearsal, const char *function)
{
    Mig *mig = rehearsal->mig;
    MigEvent event = {strcmp(function, "migrate_rollback") == 0 ? "rollback"
                                                                : "apply",
                      {NULL, 0},
                      {NULL, 0},
                      MIG_OUTCOME_FAILED,
                      -1,
                      NULL,
                      NULL,
                      false};
    MigMark mark;

    if (rehearsal->failure.status == MIG_NOMEM ||
        rehearsal->failure.status == MIG_INTERRUPTED)
        return;
    describe_failure(rehearsal, &event);
    mig_write_begin(mig, function, &mark);
    (void) mig_event_add(mig, &event);
    mig_write_end(mig, &mark);
    mig_error_clear(mig->error);
}

/* Say what the connection of a rehearsal lacks, where that may be the cause. */
static void
add_hint(Rehearsal *rehearsal)
{
    MigError *failure = &rehearsal->failure;
    char hint[sizeof(failure->hint)];

    memcpy(hint, failure->hint, sizeof(hint));
    if (rehearsal->fence.refused[0] != '\0')
        mig_fail_hint(failure,
                      "A rehearsal touches no other file, and the migration "
                      "wants to open \"%.300s\".  Set rehearse to off for this "
                      "run.",
                      rehearsal->fence.refused);
    else if (sqlite_is(failure->engine_code, SQLITE_ERROR))
        mig_fail_hint(failure,
                      "%.300s%sThe copy is on a connection of its own, without "
                      "TEMP objects, attached databases, or functions and "
                      "collations of the application: these can be registered "
                      "by sqlite3_auto_extension().  Else set rehearse to off "
                      "for this run.",
                      hint, hint[0] == '\0' ? "" : "  ");
}

MigStatus
sqlite_rehearse(Mig *mig, const char *function, MigBytes target)
{
    Rehearsal rehearsal;
    char message[80];

    memset(&rehearsal, 0, sizeof(rehearsal));
    rehearsal.mig = mig;
    rehearsal.host = (SqliteHost *) mig->host;
    rehearsal.began = sqlite_ticks(mig->host);
    make_copy(&rehearsal);
    if (mig_ok(mig))
    {
        run_copy(&rehearsal, function, target);
        if (rehearsal.failure.status != MIG_OK)
        {
            add_hint(&rehearsal);
            mig_fail_prefix(&rehearsal.failure,
                            "nothing was changed, as the rehearsal failed: ");
            record_failure(&rehearsal, function);
            *mig->error = rehearsal.failure;
        }
    }
    sqlite_beside_close(&rehearsal.copy);
    if (!mig_ok(mig))
        return mig->error->status;
    (void) snprintf(message, sizeof(message), "rehearsed in %lld ms",
                    (long long) (sqlite_ticks(mig->host) - rehearsal.began) /
                        1000);
    mig->host->methods->notice(mig->host, MIG_NOTICE, message);
    return MIG_OK;
}

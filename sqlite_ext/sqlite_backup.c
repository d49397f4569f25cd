#include "sqlite_beside.h"
#include "sqlite_backup.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mig_setting.h"
#include "mig_write.h"

/*
 * Backups
 *
 * A copy is made under a temporary name, closed, opened again to be read from
 * the file, held against the state it was made from, brought to the disk, and
 * only then given its name.  It has no write-ahead log, also where the database
 * has one: it is one file, which can be read from a medium that cannot be
 * written.
 *
 * The history tells which copies a pattern has made.  backup_keep removes only
 * those: made of this very file, of the same size, written at the same moment,
 * and still a copy of this database, whose newest event is one of its own with
 * the same hash.
 */
#define PATTERN_LINE "\npattern: "

/* Ready the empty file: who is killed leaves nothing of use behind, so it needs
 * no journal; and it is brought to the disk at the end, as a whole. */
#define READY_SQL                                                              \
    "PRAGMA locking_mode = exclusive;PRAGMA journal_mode = off;"               \
    "PRAGMA synchronous = off;"

/* A backup being made. */
typedef struct Backup
{
    Mig *mig;
    SqliteHost *host;
    SqlitePlace place;
    const char *vfs;     /* by which the database is read; NULL: the default */
    const char *pattern; /* the setting, or NULL */
    SqliteFacts facts;
    int64_t duration_us;
} Backup;

/* The VFS of the database's file. */
static const char *
vfs_name(SqliteHost *host)
{
    sqlite3_vfs *vfs = NULL;

    if (sqlite_main_file(host)[0] == '\0')
        return NULL;
    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    return vfs == NULL ? NULL : vfs->zName;
}

/* Copy into the temporary file, and read what is to be found there. */
static void
write_copy(Backup *backup)
{
    Mig *mig = backup->mig;
    SqliteBeside to;
    sqlite3_stmt *snapshot = NULL;

    (void) sqlite_beside_open(&to, backup->place.temporary,
                              SQLITE_OPEN_READWRITE, backup->vfs, mig->error);
    if (mig_ok(mig))
        sqlite_beside_follow(&to, backup->host);
    if (mig_ok(mig) &&
        sqlite3_exec(to.db, READY_SQL, NULL, NULL, NULL) != SQLITE_OK)
        (void) sqlite_fail_of(to.db, mig->error);
    if (mig_ok(mig))
        (void) sqlite_copy_out(mig, &to, &snapshot);
    if (mig_ok(mig))
        (void) sqlite_facts_read(mig, backup->host->db, &backup->facts);
    (void) sqlite3_finalize(snapshot);
    /* One that had a write-ahead log says so in its header. */
    if (mig_ok(mig) && sqlite3_exec(to.db, "PRAGMA journal_mode = delete", NULL,
                                    NULL, NULL) != SQLITE_OK)
        (void) sqlite_fail_of(to.db, mig->error);
    sqlite_beside_close(&to);
    /* What is checked next is what will bear the name: the file alone. */
    sqlite_place_close(&backup->place);
}

/* Warn of rows that refer to nothing: they are the database's own. */
static void
warn_of_keys(Mig *mig, sqlite3 *db)
{
    MigError problem;
    MigError *error = mig->error;
    char message[200];
    int64_t count;

    memset(&problem, 0, sizeof(problem));
    mig->error = &problem;
    count = sqlite_query_integer(mig, db,
                                 "SELECT count(*) FROM "
                                 "pragma_foreign_key_check(NULL, 'main')");
    mig->error = error;
    if (problem.status == MIG_NOMEM || problem.status == MIG_INTERRUPTED)
        *error = problem;
    else if (problem.status != MIG_OK)
        (void) snprintf(message, sizeof(message),
                        "foreign keys of the copy are not checked: %.120s",
                        problem.message);
    else if (count > 0)
        (void) snprintf(message, sizeof(message),
                        "in the database and in its copy, %lld row%s refer%s "
                        "to nothing: see PRAGMA foreign_key_check",
                        (long long) count, count == 1 ? "" : "s",
                        count == 1 ? "s" : "");
    else
        return;
    mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

/* Open the temporary file again, and check that it is what it should be. */
static void
verify_copy(Backup *backup)
{
    Mig *mig = backup->mig;
    SqliteBeside copy;
    SqliteFacts facts;

    if (!mig_ok(mig))
        return;
    if (sqlite_beside_open(&copy, backup->place.temporary, SQLITE_OPEN_READONLY,
                           backup->vfs, mig->error) == MIG_OK)
    {
        sqlite_beside_follow(&copy, backup->host);
        (void) sqlite_require_sound(mig, copy.db, "the copy");
        (void) sqlite_facts_read(mig, copy.db, &facts);
        (void) sqlite_facts_compare(mig, &backup->facts, &facts,
                                    "the copy differs from the database");
        if (mig_ok(mig))
            warn_of_keys(mig, copy.db);
    }
    sqlite_beside_close(&copy);
}

/* Make a copy at the place of backup, or nothing. */
static void
make_copy(Backup *backup, bool numbered)
{
    Mig *mig = backup->mig;
    int64_t began = mig->host->methods->ticks(mig->host);

    if (!mig_ok(mig) ||
        sqlite_place_begin(mig, &backup->place, numbered) != MIG_OK)
        return;
    backup->vfs = vfs_name(backup->host);
    write_copy(backup);
    verify_copy(backup);
    if (mig_ok(mig))
        (void) sqlite_place_publish(mig, &backup->place, numbered);
    sqlite_place_abandon(&backup->place);
    backup->duration_us = mig->host->methods->ticks(mig->host) - began;
    if (sqlite_is(mig->error->engine_code, SQLITE_CORRUPT))
        mig_fail_hint(mig->error, "The database itself is damaged: PRAGMA "
                                  "integrity_check lists what it finds there.");
    mig_fail_prefix(mig->error, "no backup was made: ");
}

/*
 * What tells a file from a later one of its name: its size and when it was
 * written, a line each; NULL when it is no regular file, or belongs to an open
 * database.
 */
static const char *
describe_file(Mig *mig, const char *path)
{
    MigPathKind kind = MIG_PATH_OTHER;
    struct stat status;

    if (sqlite_path_kind(mig->host, path, &kind, mig->error) != MIG_OK ||
        kind != MIG_PATH_FILE || lstat(path, &status) != 0 ||
        !S_ISREG(status.st_mode))
        return NULL;
    return mig_format_string(
        mig->arena, mig->error, "\nsize: %lld bytes\nwritten: %lld.%09ld",
        (long long) status.st_size, (long long) status.st_mtim.tv_sec,
        (long) status.st_mtim.tv_nsec);
}

/*
 * What the history says of a copy behind its path: the file and, when a pattern
 * has made it, whose copy it is, and the pattern.  The database counts, since a
 * copy of it that lives on elsewhere has the same history, and may have the
 * same settings.
 */
static const char *
describe_copy(const Backup *backup, const char *file)
{
    if (backup->pattern == NULL)
        return file;
    return mig_format_string(backup->mig->arena, backup->mig->error,
                             "%s\ndatabase: %s" PATTERN_LINE "%s", file,
                             sqlite_main_file(backup->host), backup->pattern);
}

/* Add the event of a backup to the history; a lock is held. */
static void
add_event(const Backup *backup)
{
    Mig *mig = backup->mig;
    const char *file;
    MigEvent event = {
        "backup", {NULL, 0}, {NULL, 0}, MIG_OUTCOME_OK, backup->duration_us,
        NULL,     NULL,      true};

    file = describe_file(mig, backup->place.path);
    event.detail =
        mig_format_string(mig->arena, mig->error, "%s%s", backup->place.path,
                          describe_copy(backup, file == NULL ? "" : file));
    (void) mig_event_add(mig, &event);
}

/* ---- How many are kept ---- */

/* Copies of a pattern that are still there, the oldest first; without the one
 * that has just been made. */
typedef struct Kept
{
    const char **paths;
    size_t count;
    size_t capacity;
} Kept;

/* Add the copy that an event tells of, if this pattern has made it. */
static void
keep_event(const Backup *backup, const char *detail, Kept *kept)
{
    Mig *mig = backup->mig;
    const char **paths;
    const char *path;
    const char *file;
    size_t length = strcspn(detail, "\n");

    path =
        mig_format_string(mig->arena, mig->error, "%.*s", (int) length, detail);
    if (path == NULL || strcmp(path, backup->place.path) == 0 ||
        !sqlite_place_matches(&backup->place, path))
        return;
    file = describe_file(mig, path);
    if (file != NULL)
        file = describe_copy(backup, file);
    if (file == NULL || strcmp(detail + length, file) != 0)
        return;
    paths = mig_array_reserve(mig->arena, kept->paths, kept->count,
                              &kept->capacity, sizeof(*paths), mig->error);
    if (paths == NULL)
        return;
    kept->paths = paths;
    paths[kept->count++] = path;
}

/*
 * Find the copies of a pattern by the history.  The clock may have gone back:
 * within a project the number of the event tells which is the older.
 */
static void
find_kept(const Backup *backup, Kept *kept)
{
    Mig *mig = backup->mig;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(backup->host->db,
                                  "SELECT detail FROM main.migrate_event "
                                  "WHERE action = 'backup' AND outcome = 'ok' "
                                  "AND detail NOTNULL ORDER BY max(at) OVER "
                                  "(PARTITION BY project, target ORDER BY "
                                  "seq), seq",
                                  -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW && mig_ok(mig); code = sqlite3_step(statement))
        keep_event(backup, (const char *) sqlite3_column_text(statement, 0),
                   kept);
    if (mig_ok(mig) && code != SQLITE_DONE)
        (void) sqlite_fail(backup->host, mig->error);
    (void) sqlite3_finalize(statement);
}

/* Whether this database's history has the event whose hash is given. */
static bool
has_event(SqliteHost *host, const char *hash)
{
    sqlite3_stmt *statement = NULL;
    bool has = false;

    if (sqlite3_prepare_v2(host->db,
                           "SELECT 1 FROM main.migrate_event WHERE hash = ?1",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, hash, -1, SQLITE_STATIC) == SQLITE_OK)
        has = sqlite3_step(statement) == SQLITE_ROW;
    (void) sqlite3_finalize(statement);
    return has;
}

/* Whether a file is a copy of this database, as it was some time ago. */
static bool
is_our_copy(const Backup *backup, const char *path)
{
    Mig *mig = backup->mig;
    MigError *error = mig->error;
    MigError problem;
    SqliteBeside copy;
    const char *hash = NULL;
    bool ours = false;
    int code;

    /* What cannot be read is not ours to remove, and no failure either. */
    memset(&problem, 0, sizeof(problem));
    mig->error = &problem;
    if (sqlite_beside_open(&copy, path, SQLITE_OPEN_READONLY, backup->vfs,
                           mig->error) == MIG_OK)
    {
        /* A view of that name could run whatever it likes. */
        code =
            sqlite3_table_column_metadata(copy.db, "main", "migrate_event",
                                          "hash", NULL, NULL, NULL, NULL, NULL);
        if (code == SQLITE_OK)
            hash = sqlite_query_text(mig, copy.db,
                                     "SELECT hash FROM main.migrate_event "
                                     "ORDER BY at DESC, seq DESC LIMIT 1");
    }
    if (hash != NULL)
        ours = has_event(backup->host, hash);
    sqlite_beside_close(&copy);
    mig->error = error;
    return ours;
}

/* Remove a copy, unless it is another file by now. */
static void
remove_copy(const Backup *backup, const char *path)
{
    Mig *mig = backup->mig;
    bool gone = is_our_copy(backup, path) && unlink(path) == 0;
    char message[1200];

    (void) snprintf(message, sizeof(message), "%s %.1000s",
                    gone ? "removed the backup"
                         : "kept, since it is no copy of this database or "
                           "cannot be removed:",
                    path);
    mig->host->methods->notice(mig->host, gone ? MIG_NOTICE : MIG_WARNING,
                               message);
}

/*
 * Remove the oldest copies of the pattern.  The new one is in the history by
 * then, for good: nothing that fails may leave no copy at all.  Others may do
 * the same at the same time.
 */
static void
remove_oldest(const Backup *backup)
{
    Mig *mig = backup->mig;
    int64_t limit = mig_setting_count_of(mig, "backup_keep");
    Kept kept = {NULL, 0, 0};

    if (!mig_ok(mig) || limit == 0)
        return;
    find_kept(backup, &kept);
    for (size_t i = 0;
         mig_ok(mig) && i < kept.count && (int64_t) (kept.count - i) >= limit;
         i++)
    {
        if (access(kept.paths[i], F_OK) == 0)
            remove_copy(backup, kept.paths[i]);
    }
}

/* ---- The functions ---- */

/*
 * Write a backup that has been made into the history, and remove those that are
 * one too many.  The copy is good whether this succeeds or not: a failure is
 * only told.
 */
static void
record(const Backup *backup, const char *function)
{
    Mig *mig = backup->mig;
    MigError *error = mig->error;
    MigError problem;
    MigMark mark;
    bool recorded;
    char message[1300];

    if (!mig_ok(mig) || !mig->has_catalogue ||
        !mig->host->methods->commits(mig->host) ||
        sqlite3_db_readonly(backup->host->db, "main") == 1)
        return;
    memset(&problem, 0, sizeof(problem));
    mig->error = &problem;
    mig_write_begin(mig, function, &mark);
    add_event(backup);
    mig_write_end(mig, &mark);
    recorded = mig_ok(mig);
    if (recorded && backup->pattern != NULL)
        remove_oldest(backup);
    mig->error = error;
    if (problem.status == MIG_OK)
        return;
    if (problem.status == MIG_NOMEM || problem.status == MIG_INTERRUPTED)
    {
        /* The caller will take it for not made. */
        if (!recorded)
            (void) unlink(backup->place.path);
        *error = problem;
        return;
    }
    (void) snprintf(message, sizeof(message), "the backup is made, but %s: %s",
                    recorded ? "older ones are not removed" : "not recorded",
                    problem.message);
    mig->host->methods->notice(mig->host, MIG_WARNING, message);
}

MigStatus
sqlite_back_up(Mig *mig, MigBytes pattern)
{
    Backup backup;
    char message[1200];

    memset(&backup, 0, sizeof(backup));
    backup.mig = mig;
    backup.host = (SqliteHost *) mig->host;
    backup.pattern = mig_copy(mig->arena, pattern, mig->error).data;
    (void) sqlite_place_find(mig, pattern, &backup.place);
    make_copy(&backup, true);
    if (!mig_ok(mig))
    {
        mig_fail_hint(mig->error,
                      "No migration was run.  The setting backup is \"%.*s\"; "
                      "migrate_config('backup', '') switches it off.",
                      (int) mig_cut(pattern, 400).length, pattern.data);
        return mig->error->status;
    }
    (void) snprintf(message, sizeof(message), "backed up to %.1000s",
                    backup.place.path);
    mig->host->methods->notice(mig->host, MIG_NOTICE, message);
    record(&backup, "migrate_backup");
    return mig->error->status;
}

/*
 * migrate_backup(path TEXT) -> TEXT
 *
 * Copy the database to a new file while others use it, and check the copy.
 *
 *     SELECT migrate_backup('{db}-{time}.db');
 *
 * Returns the path that was written.
 */
void
sqlite_backup(Mig *mig, MigCall *call)
{
    Backup backup;
    MigBytes pattern = call->arguments[0].bytes;

    memset(&backup, 0, sizeof(backup));
    backup.mig = mig;
    backup.host = (SqliteHost *) mig->host;
    if (call->arguments[0].type == MIG_NULL)
        (void) mig_fail(mig->error, MIG_INVALID, "path must not be NULL");
    mig_require_alone(mig, "migrate_backup");
    if (!mig_ok(mig) ||
        sqlite_place_find(mig, pattern, &backup.place) != MIG_OK)
        return;
    make_copy(&backup, strstr(backup.place.glob, "[0-9]T[0-9]") != NULL);
    record(&backup, "migrate_backup");
    if (mig_ok(mig))
        call->result = mig_string(backup.place.path);
}

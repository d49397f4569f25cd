#include "sqlite_beside.h"
#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * Statements that no transaction can hold: VACUUM, which the engine refuses
 * while any statement runs, so also the SELECT that called us; and beside it
 * PRAGMA journal_mode, which has to stand where the script has it.
 *
 * VACUUM runs on a connection of our own to the same file, while the caller's
 * holds no lock.  That one has no busy handler, and nothing of the
 * application's: no functions, no collations.  What the script sets for it
 * before, such as page_size, is set there again.  An interrupt of the caller's
 * connection ends it.
 */

/* Whether a statement is a VACUUM. */
static bool
is_vacuum(MigBytes text)
{
    size_t at = 0;
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word);
    return sqlite_is_word(word, "vacuum");
}

MigStatus
sqlite_outside_collect(SqliteHost *host, MigBytes text, MigError *error)
{
    MigBytes *larger = sqlite3_realloc64(
        host->settings, (host->setting_count + 1) * sizeof(MigBytes));

    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    host->settings = larger;
    larger[host->setting_count++] = text;
    return MIG_OK;
}

void
sqlite_outside_forget(SqliteHost *host)
{
    sqlite3_free(host->settings);
    host->settings = NULL;
    host->setting_count = 0;
    host->outside = false;
}

/* Fail where the caller's connection lets no other one in. */
static MigStatus
require_shared(SqliteHost *host, const char *reason, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    const char *mode = NULL;

    if (sqlite3_prepare_v2(host->db, "PRAGMA main.locking_mode", -1, &statement,
                           NULL) != SQLITE_OK)
        return sqlite_fail(host, error);
    if (sqlite3_step(statement) == SQLITE_ROW)
        mode = (const char *) sqlite3_column_text(statement, 0);
    if (mode != NULL && sqlite3_stricmp(mode, "exclusive") == 0)
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "%s needs a second connection, which PRAGMA "
                        "locking_mode = exclusive keeps out",
                        reason);
        mig_fail_hint(error, "Nothing of this migration was run.  Send PRAGMA "
                             "locking_mode = normal first.");
    }
    (void) sqlite3_finalize(statement);
    return error->status;
}

MigStatus
sqlite_require_outside(MigHost *base, const MigStatement *statement,
                       MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    const char *path = sqlite3_db_filename(host->db, "main");

    if (!is_vacuum(statement->text) || base->session->rehearsal)
        return error->status;
    if (path != NULL && path[0] != '\0')
        return require_shared(host, statement->reason, error);
    (void) mig_fail(error, MIG_UNSUPPORTED,
                    "%s needs a second connection, and a database in memory "
                    "can have none",
                    statement->reason);
    mig_fail_hint(error, "Nothing of this migration was run.  Leave the "
                         "statement out, or migrate a database in a file.");
    return error->status;
}

/* Say what the engine's message leaves out. */
static void
explain_failure(SqliteHost *host, const SqliteHost *other, MigError *error)
{
    int64_t waited = host->host.limits.lock_ms;

    if (sqlite_is(error->engine_code, SQLITE_BUSY) ||
        sqlite_is(error->engine_code, SQLITE_LOCKED))
    {
        int code = error->engine_code;

        mig_error_clear(error);
        (void) mig_fail(error, MIG_LOCKED,
                        "others have been reading or writing the database for "
                        "longer than %lld ms",
                        (long long) waited);
        error->engine_code = code;
        mig_fail_hint(error, "VACUUM has to be alone.  Try again when they "
                             "have ended, or raise the setting lock_timeout.");
    }
    else if (strstr(error->message, "output file already exists") != NULL)
        mig_fail_hint(error, "Delete it if an attempt that was cut off has "
                             "left it there.");
    else if (other->db != NULL && sqlite_is(error->engine_code, SQLITE_ERROR))
        mig_fail_hint(error, "VACUUM runs on a connection of its own, which "
                             "has no functions and collations of the "
                             "application.");
}

/* Run a VACUUM on a connection, after what the script has set for it. */
static void
vacuum_on(SqliteHost *host, SqliteHost *other, const MigStatement *statement,
          size_t *offset, MigError *error)
{
    for (size_t i = 0; i < host->setting_count && error->status == MIG_OK; i++)
    {
        MigStatement setting = *statement;

        setting.text = host->settings[i];
        (void) sqlite_run_raw(other, &setting, NULL, error);
    }
    if (error->status == MIG_OK)
        (void) sqlite_run_raw(other, statement, offset, error);
    if (error->status != MIG_OK)
        explain_failure(host, other, error);
}

MigStatus
sqlite_run_outside(MigHost *base, const MigStatement *statement, size_t *offset,
                   MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    SqliteHost other;
    SqliteBeside beside;

    if (!is_vacuum(statement->text))
        return sqlite_run_raw(host, statement, offset, error);
    if (base->session->rehearsal)
    {
        base->methods->notice(base, MIG_NOTICE, "VACUUM is passed over");
        return MIG_OK;
    }
    if (sqlite_beside_open_same(&beside, host, "main", SQLITE_OPEN_READWRITE,
                                "VACUUM", error) == MIG_OK)
    {
        sqlite_beside_follow(&beside, host);
        sqlite_host_begin(&other, beside.connection, 0);
        other.host.limits = base->limits;
        vacuum_on(host, &other, statement, offset, error);
        sqlite_host_end(&other);
    }
    sqlite_beside_close(&beside);
    return error->status;
}

/* Nothing has to be known before: each can simply be run again. */
MigStatus
sqlite_mark_outside(MigHost *base, const MigStatement *statement, char *mark,
                    size_t size, MigError *error)
{
    (void) base;
    (void) statement;
    if (size > 0)
        mark[0] = '\0';
    return error->status;
}

MigStatus
sqlite_resume_outside(MigHost *base, const MigStatement *statement,
                      MigResume *resume, MigError *error)
{
    (void) base;
    (void) statement;
    resume->done = false;
    return error->status;
}

#include "sqlite_beside.h"
#include "sqlite_destroy.h"
#include "sqlite_schema.h"
#include "sqlite_token.h"

#include <limits.h>

/* From which version on the API table has sqlite3_error_offset(). */
#define ERROR_OFFSET_VERSION 3038000

/*
 * Where the last error lies in the text that was prepared, in bytes, or -1.
 * An older library's table ends before that function, and older headers do not
 * name it.
 */
static int
error_offset(SqliteHost *host)
{
#if SQLITE_VERSION_NUMBER >= ERROR_OFFSET_VERSION
    if (sqlite3_libversion_number() >= ERROR_OFFSET_VERSION)
        return sqlite3_error_offset(host->db);
#endif
    (void) host;
    return -1;
}

/*
 * Prepare the one statement of a text; NULL when it has none.
 *
 * Text behind the place where the engine ends it was not looked at by the token
 * scan as a statement of its own, which could be a COMMIT: that is refused.
 */
static MigStatus
prepare_one(SqliteHost *host, MigBytes text, sqlite3_stmt **statement,
            size_t *offset, MigError *error)
{
    const char *tail = NULL;
    size_t used;

    *statement = NULL;
    if (text.length > INT_MAX)
        return mig_fail(error, MIG_INVALID,
                        "a statement is longer than SQLite allows");
    if (sqlite3_prepare_v2(host->db, text.data, (int) text.length, statement,
                           &tail) != SQLITE_OK)
    {
        int at = error_offset(host);

        if (offset != NULL && at >= 0)
            *offset = (size_t) at;
        return sqlite_fail(host, error);
    }
    used = (size_t) (tail - text.data);
    if (sqlite_is_blank(mig_part(text, used, text.length)))
        return MIG_OK;
    (void) sqlite3_finalize(*statement);
    *statement = NULL;
    if (offset != NULL)
        *offset = used;
    return mig_fail(error, MIG_INVALID,
                    "SQLite ends the statement here, in the middle of a token");
}

/*
 * Run a prepared statement to its end; its rows are not looked at.  In no
 * transaction others are waited for.
 */
static MigStatus
step_all(SqliteHost *host, sqlite3_stmt *statement, MigError *error)
{
    int code =
        host->transaction == TRANSACTION_NONE
            ? sqlite_step_patiently(host, statement, host->host.limits.lock_ms)
            : sqlite3_step(statement);

    while (code == SQLITE_ROW)
        code = sqlite3_step(statement);
    if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    return error->status;
}

MigStatus
sqlite_run_raw(SqliteHost *host, const MigStatement *statement, size_t *offset,
               MigError *error)
{
    sqlite3_stmt *prepared = NULL;

    if (prepare_one(host, statement->text, &prepared, offset, error) !=
            MIG_OK ||
        prepared == NULL)
        return error->status;
    host->may_commit = sqlite3_stmt_readonly(prepared);
    (void) step_all(host, prepared, error);
    (void) sqlite3_finalize(prepared);
    return error->status;
}

MigStatus
sqlite_run(MigHost *base, const MigStatement *statement, size_t *offset,
           MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    /* A short statement ends before our own connection is asked. */
    if (sqlite_is_stopped(host->connection))
    {
        (void) mig_fail(error, MIG_INTERRUPTED, "%s",
                        sqlite3_errstr(SQLITE_INTERRUPT));
        error->engine_code = SQLITE_INTERRUPT;
        return error->status;
    }
    if (host->outside)
        return sqlite_outside_collect(host, statement->text, error);
    if (sqlite_pragma_is_for_vacuum(host, statement->text, error) ||
        sqlite_pragma_remember(host, statement->text, error) != MIG_OK)
        return error->status;
    if (host->unit &&
        (sqlite_touch(host, statement->text, error) != MIG_OK ||
         sqlite_temporary_remember(host, statement->text, error) != MIG_OK))
        return error->status;
    sqlite_number_expect(host, statement->text);
    sqlite_fired_expect(host, statement->text);
    if (sqlite_schema_expect(host, statement->text, error) != MIG_OK)
        return error->status;
    (void) sqlite_run_raw(host, statement, offset, error);
    if (host->transaction == TRANSACTION_NONE)
        return error->status;
    if (sqlite_transaction_check(host, error) == MIG_OK &&
        sqlite_prepare_rollback(host) != SQLITE_OK)
        (void) sqlite_fail(host, error);
    return error->status;
}

MigStatus
sqlite_query_holds(SqliteHost *host, const MigStatement *statement, bool *holds,
                   size_t *offset, MigError *error)
{
    sqlite3_stmt *prepared = NULL;
    size_t at = 0;
    MigBytes word;
    int code = SQLITE_DONE;

    if (holds != NULL)
        *holds = true;
    /* Some PRAGMAs take effect when they are prepared. */
    (void) sqlite_next_word(statement->text, &at, &word);
    if (word.length == strlen("pragma") &&
        sqlite3_strnicmp(word.data, "pragma", (int) word.length) == 0)
        return mig_fail(error, MIG_INVALID,
                        "a verify section holds queries only");
    if (prepare_one(host, statement->text, &prepared, offset, error) != MIG_OK)
        return error->status;
    if (prepared != NULL && (!sqlite3_stmt_readonly(prepared) ||
                             sqlite3_column_count(prepared) == 0))
        (void) mig_fail(error, MIG_INVALID,
                        "a verify section holds queries only");
    host->may_commit = true; /* it holds queries only */
    while (error->status == MIG_OK && prepared != NULL &&
           (code = sqlite3_step(prepared)) == SQLITE_ROW)
    {
        if (holds != NULL && sqlite3_column_double(prepared, 0) == 0.0)
            *holds = false;
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(prepared);
    return error->status;
}

MigStatus
sqlite_check(MigHost *base, const MigStatement *statement, bool *holds,
             size_t *offset, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    if (host->look.begun)
        return sqlite_look_check(host, statement, holds, offset, error);
    if (sqlite_query_holds(host, statement, holds, offset, error) ==
        MIG_INVALID)
        return error->status;
    return sqlite_transaction_check(host, error);
}

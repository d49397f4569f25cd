#include "sqlite_host.h"

#include <limits.h>

/* From which version on the API table has sqlite3_error_offset(). */
#define ERROR_OFFSET_VERSION 3038000

/*
 * Where the last error lies in the text that was prepared, in bytes, or -1.
 * An older library's table ends before that function.
 */
static int
error_offset(SqliteHost *host)
{
    if (sqlite3_libversion_number() < ERROR_OFFSET_VERSION)
        return -1;
    return sqlite3_error_offset(host->db);
}

/* Prepare the first statement of a text; statement NULL when it has none. */
static MigStatus
prepare_first(SqliteHost *host, MigBytes text, sqlite3_stmt **statement,
              size_t *used, size_t *offset, MigError *error)
{
    const char *tail = NULL;

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
    *used = (size_t) (tail - text.data);
    return MIG_OK;
}

/* Run a prepared statement to its end; its rows are not looked at. */
static MigStatus
step_all(SqliteHost *host, sqlite3_stmt *statement, MigError *error)
{
    int code;

    do
        code = sqlite3_step(statement);
    while (code == SQLITE_ROW);
    if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    return error->status;
}

MigStatus
sqlite_run(MigHost *base, const MigStatement *statement, size_t *offset,
           MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    MigBytes rest = statement->text;

    if (sqlite_pragma_remember(host, statement->text, error) != MIG_OK)
        return error->status;
    /* The engine may end a statement earlier than the token scan did. */
    while (error->status == MIG_OK && rest.length > 0)
    {
        sqlite3_stmt *prepared = NULL;
        size_t used = 0;

        if (prepare_first(host, rest, &prepared, &used, offset, error) !=
            MIG_OK)
            break;
        if (prepared != NULL)
            (void) step_all(host, prepared, error);
        (void) sqlite3_finalize(prepared);
        if (error->status == MIG_OK && host->transaction != TRANSACTION_NONE &&
            sqlite_prepare_rollback(host) != SQLITE_OK)
            (void) sqlite_fail(host, error);
        rest = mig_part(rest, used, rest.length);
    }
    return error->status;
}

MigStatus
sqlite_check(MigHost *base, const MigStatement *statement, bool *holds,
             size_t *offset, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *prepared = NULL;
    size_t used = 0;
    int code = SQLITE_DONE;

    *holds = true;
    if (prepare_first(host, statement->text, &prepared, &used, offset, error) !=
        MIG_OK)
        return error->status;
    if (prepared != NULL && (!sqlite3_stmt_readonly(prepared) ||
                             sqlite3_column_count(prepared) == 0))
        (void) mig_fail(error, MIG_INVALID,
                        "a verify section holds queries only");
    while (error->status == MIG_OK && prepared != NULL &&
           (code = sqlite3_step(prepared)) == SQLITE_ROW)
    {
        if (sqlite3_column_double(prepared, 0) == 0.0)
            *holds = false;
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(prepared);
    return error->status;
}

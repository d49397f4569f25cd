#include "sqlite_rebuild.h"

#include <stdarg.h>

#define OR_GROUP 50

/* As by sqlite3_vmprintf(), in the arena. */
static MigBytes
format_bytes(Rebuild *rebuild, const char *format, va_list arguments)
{
    MigBytes copy = {NULL, 0};
    char *text;

    if (rebuild->error->status != MIG_OK)
        return copy;
    text = sqlite3_vmprintf(format, arguments);
    if (text == NULL)
        (void) mig_fail(rebuild->error, MIG_NOMEM, "out of memory");
    else
        copy = mig_copy(rebuild->arena, mig_bytes(text), rebuild->error);
    sqlite3_free(text);
    return copy;
}

const char *
rebuild_format(Rebuild *rebuild, const char *format, ...)
{
    va_list arguments;
    MigBytes text;

    va_start(arguments, format);
    text = format_bytes(rebuild, format, arguments);
    va_end(arguments);
    return text.data;
}

MigBytes
rebuild_bytes(Rebuild *rebuild, const char *format, ...)
{
    va_list arguments;
    MigBytes text;

    va_start(arguments, format);
    text = format_bytes(rebuild, format, arguments);
    va_end(arguments);
    return text;
}

const char *
rebuild_or(size_t index)
{
    if (index == 0)
        return "(";
    return index % OR_GROUP == 0 ? ") OR (" : " OR ";
}

void
rebuild_execute(Rebuild *rebuild, const char *sql)
{
    if (rebuild->error->status != MIG_OK || sql == NULL)
        return;
    /* Each may be the one that runs out of memory, or makes the ROLLBACK at
     * hand expire for those behind it: see sqlite_transaction.c. */
    if (sqlite_prepare_rollback(rebuild->host) != SQLITE_OK ||
        sqlite3_exec(rebuild->host->db, sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite_prepare_rollback(rebuild->host) != SQLITE_OK)
        (void) sqlite_fail(rebuild->host, rebuild->error);
}

sqlite3_stmt *
rebuild_prepare(Rebuild *rebuild, const char *sql, const MigBytes *arguments,
                size_t count)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_OK;

    if (rebuild->error->status != MIG_OK || sql == NULL)
        return NULL;
    code = sqlite3_prepare_v2(rebuild->host->db, sql, -1, &statement, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_text64(statement, (int) i + 1, arguments[i].data,
                                   arguments[i].length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    if (code == SQLITE_OK)
        return statement;
    (void) sqlite_fail(rebuild->host, rebuild->error);
    (void) sqlite3_finalize(statement);
    return NULL;
}

bool
rebuild_step(Rebuild *rebuild, sqlite3_stmt *statement)
{
    int code;

    if (rebuild->error->status != MIG_OK || statement == NULL)
        return false;
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        (void) sqlite_fail(rebuild->host, rebuild->error);
    return code == SQLITE_ROW;
}

MigBytes
rebuild_column(Rebuild *rebuild, sqlite3_stmt *statement, int column)
{
    MigBytes text = {NULL, 0};

    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return text;
    text.data = (const char *) sqlite3_column_text(statement, column);
    text.length = (size_t) sqlite3_column_bytes(statement, column);
    if (text.data == NULL)
        (void) mig_fail(rebuild->error, MIG_NOMEM, "out of memory");
    return mig_copy(rebuild->arena, text, rebuild->error);
}

int64_t
rebuild_integer(Rebuild *rebuild, const char *sql, int64_t without_rows)
{
    sqlite3_stmt *statement = rebuild_prepare(rebuild, sql, NULL, 0);
    int64_t value = without_rows;

    if (statement != NULL && sqlite3_bind_parameter_count(statement) > 0)
        (void) sqlite3_bind_text64(statement, 1, rebuild->name.data,
                                   rebuild->name.length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    if (rebuild_step(rebuild, statement))
        value = sqlite3_column_int64(statement, 0);
    (void) sqlite3_finalize(statement);
    return value;
}

void
rebuild_set(Rebuild *rebuild, const char *pragma)
{
    if (rebuild->error->status == MIG_OK)
        (void) sqlite_pragma_remember(rebuild->host, mig_bytes(pragma),
                                      rebuild->error);
    rebuild_execute(rebuild, pragma);
}

void
rebuild_step_begin(Rebuild *rebuild)
{
    rebuild_execute(rebuild, "SAVEPOINT migrate_rebuild");
}

void
rebuild_step_keep(Rebuild *rebuild)
{
    rebuild_execute(rebuild, "RELEASE migrate_rebuild");
}

bool
rebuild_step_undo(Rebuild *rebuild)
{
    int code = rebuild->error->engine_code;

    /* After anything else the engine may have rolled back by itself. */
    if (rebuild->error->status != MIG_OK &&
        (rebuild->error->status != MIG_ENGINE ||
         (!sqlite_is(code, SQLITE_ERROR) &&
          !sqlite_is(code, SQLITE_CONSTRAINT) &&
          !sqlite_is(code, SQLITE_AUTH))))
        return false;
    mig_error_clear(rebuild->error);
    rebuild_execute(rebuild, "ROLLBACK TO migrate_rebuild");
    rebuild_execute(rebuild, "RELEASE migrate_rebuild");
    return rebuild->error->status == MIG_OK;
}

RebuildQuotes
rebuild_quotes_begin(Rebuild *rebuild)
{
    RebuildQuotes quotes = {0, 0};
    sqlite3 *db = rebuild->host->db;

    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, -1,
                             &quotes.in_queries);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, -1,
                             &quotes.in_definitions);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    /* Every statement has expired by that. */
    if (rebuild->error->status == MIG_OK &&
        sqlite_prepare_rollback(rebuild->host) != SQLITE_OK)
        (void) sqlite_fail(rebuild->host, rebuild->error);
    return quotes;
}

void
rebuild_quotes_end(Rebuild *rebuild, RebuildQuotes quotes)
{
    sqlite3 *db = rebuild->host->db;

    /* Without memory the ROLLBACK at hand is all there is, and would expire. */
    if (rebuild->error->status == MIG_NOMEM)
        sqlite_unit_undo(&rebuild->host->host);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, quotes.in_queries,
                             NULL);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, quotes.in_definitions,
                             NULL);
    /* The ROLLBACK at hand has expired. */
    if (rebuild->error->status == MIG_OK &&
        sqlite_prepare_rollback(rebuild->host) != SQLITE_OK)
        (void) sqlite_fail(rebuild->host, rebuild->error);
}

#include "sqlite_host.h"
#include "sqlite_token.h"

/* Whether a statement would open a table: then it holds a read transaction. */
static bool
statement_reads(SqliteHost *host, sqlite3_stmt *statement, MigError *error)
{
    char *sql = sqlite3_mprintf("EXPLAIN %s", sqlite3_sql(statement));
    sqlite3_stmt *explain = NULL;
    bool reads = false;
    int code;

    if (sql == NULL)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        return false;
    }
    code = sqlite3_prepare_v2(host->db, sql, -1, &explain, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK)
        code = sqlite3_step(explain);
    for (; code == SQLITE_ROW && !reads; code = sqlite3_step(explain))
    {
        const char *opcode = (const char *) sqlite3_column_text(explain, 1);

        reads = opcode == NULL || strcmp(opcode, "Transaction") == 0;
    }
    if (code != SQLITE_DONE && !reads)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(explain);
    return reads;
}

/* Whether a statement starts with SELECT; then it is safe to explain it. */
static bool
is_select(sqlite3_stmt *statement)
{
    static const char *const words[] = {"select", "values", "with"};
    MigBytes sql = mig_bytes(sqlite3_sql(statement));
    MigBytes word;
    size_t at = 0;

    if (!sqlite_next_word(sql, &at, &word))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (word.length == strlen(words[i]) &&
            sqlite3_strnicmp(word.data, words[i], (int) word.length) == 0)
            return true;
    }
    return false;
}

MigStatus
sqlite_require_alone(MigHost *base, const char *function, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *statement = NULL;

    while ((statement = sqlite3_next_stmt(host->db, statement)) != NULL)
    {
        if (!sqlite3_stmt_busy(statement))
            continue;
        if (sqlite3_stmt_readonly(statement) && is_select(statement) &&
            !statement_reads(host, statement, error))
        {
            if (error->status != MIG_OK)
                return error->status;
            continue;
        }
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "%s cannot run while a statement of this connection "
                        "reads or writes a table",
                        function);
        mig_fail_hint(error,
                      "Call it alone, as SELECT %s(...) without FROM, INSERT "
                      "or an open cursor beside it.",
                      function);
        return error->status;
    }
    return MIG_OK;
}

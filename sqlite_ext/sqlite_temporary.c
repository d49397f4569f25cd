#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * Temporary objects
 *
 * What a migration makes in the connection's temporary database is there for
 * its statements alone, so that each migration starts from the same state, and
 * the application is not left with triggers it does not know.  It is dropped at
 * the end of the transaction that made it.
 */

/* A temporary object that was there before. */
struct SqliteTemporary
{
    char *type;
    char *name;
};

/* Whether a statement makes something in the temporary database: a word of its
 * head says so. */
static bool
makes_temporary(MigBytes text)
{
    MigBytes word;
    size_t at = 0;

    if (!sqlite_next_word(text, &at, &word) || !sqlite_is_word(word, "create"))
        return false;
    for (int i = 0; i < 8; i++)
    {
        word = sqlite_next_name(text, &at);
        if (sqlite_is_word(word, "temp") || sqlite_is_word(word, "temporary"))
            return true;
    }
    return false;
}

/* Add an object to those that were there. */
static MigStatus
keep(SqliteHost *host, const char *type, const char *name, MigError *error)
{
    struct SqliteTemporary *larger = sqlite3_realloc64(
        host->temporary, (host->temporary_count + 1) * sizeof(*larger));

    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    host->temporary = larger;
    larger += host->temporary_count;
    larger->type = type == NULL ? NULL : sqlite3_mprintf("%s", type);
    larger->name = name == NULL ? NULL : sqlite3_mprintf("%s", name);
    host->temporary_count++;
    if (larger->type == NULL || larger->name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    return MIG_OK;
}

MigStatus
sqlite_temporary_remember(SqliteHost *host, MigBytes text, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code;

    if (host->makes_temporary || !makes_temporary(text))
        return MIG_OK;
    if (sqlite3_prepare_v2(host->db,
                           "SELECT type, name FROM temp.sqlite_schema", -1,
                           &statement, NULL) != SQLITE_OK)
        return sqlite_fail(host, error);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW &&
           keep(host, (const char *) sqlite3_column_text(statement, 0),
                (const char *) sqlite3_column_text(statement, 1),
                error) == MIG_OK)
        ;
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    host->makes_temporary = error->status == MIG_OK;
    return error->status;
}

static bool
was_there(const SqliteHost *host, const char *type, const char *name)
{
    for (size_t i = 0; i < host->temporary_count; i++)
    {
        if (strcmp(host->temporary[i].type, type) == 0 &&
            strcmp(host->temporary[i].name, name) == 0)
            return true;
    }
    return false;
}

/*
 * The statement that drops the next object that was not there; NULL when there
 * is none, or on failure.  To be freed by sqlite3_free().
 *
 * Triggers and views come before tables, virtual tables before those that they
 * keep their data in; indexes go with their tables.
 */
static char *
next_drop(SqliteHost *host, MigError *error)
{
    static const char query[] =
        "SELECT type, name FROM temp.sqlite_schema "
        "WHERE type <> 'index' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY type = 'table', rootpage > 0, name";
    sqlite3_stmt *statement = NULL;
    char *drop = NULL;
    int code = sqlite3_prepare_v2(host->db, query, -1, &statement, NULL);

    while (code == SQLITE_OK || code == SQLITE_ROW)
    {
        const char *type;
        const char *name;

        code = sqlite3_step(statement);
        type = (const char *) sqlite3_column_text(statement, 0);
        name = (const char *) sqlite3_column_text(statement, 1);
        if (code != SQLITE_ROW || type == NULL || name == NULL)
            break;
        if (was_there(host, type, name))
            continue;
        drop = sqlite3_mprintf("DROP %s temp.\"%w\"", type, name);
        if (drop == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        break;
    }
    if (drop == NULL && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return drop;
}

MigStatus
sqlite_temporary_drop(SqliteHost *host, MigError *error)
{
    char *drop;

    while (host->makes_temporary && (drop = next_drop(host, error)) != NULL)
    {
        if (sqlite3_exec(host->db, drop, NULL, NULL, NULL) != SQLITE_OK)
            (void) sqlite_fail(host, error);
        sqlite3_free(drop);
        if (error->status != MIG_OK)
            break;
    }
    return error->status;
}

void
sqlite_temporary_forget(SqliteHost *host)
{
    for (size_t i = 0; i < host->temporary_count; i++)
    {
        sqlite3_free(host->temporary[i].type);
        sqlite3_free(host->temporary[i].name);
    }
    sqlite3_free(host->temporary);
    host->temporary = NULL;
    host->temporary_count = 0;
    host->makes_temporary = false;
}

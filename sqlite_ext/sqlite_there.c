#include "sqlite_catalogue.h"
#include "sqlite_destroy.h"

/*
 * The settings of attached databases: each file has its own, in a catalogue of
 * its own, as when it is opened as main.  They are known by their numbers in
 * PRAGMA database_list: 0 is main, 1 temp.
 */

#define FAILURE "cannot read the settings of an attached database: "

/* Receives a database; returns whether to go on. */
typedef bool (*DatabaseFunction)(void *context, int number, const char *name);

/* Go through the databases of the connection; returns whether that was done. */
static bool
visit_databases(SqliteHost *host, DatabaseFunction function, void *context)
{
    sqlite3_stmt *statement = NULL;
    bool more = true;
    int code = SQLITE_DONE;

    if (sqlite3_prepare_v2(host->db, "PRAGMA database_list", -1, &statement,
                           NULL) != SQLITE_OK)
        return false;
    while (more && (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *name = (const char *) sqlite3_column_text(statement, 1);

        more = name == NULL ||
               function(context, sqlite3_column_int(statement, 0), name);
    }
    (void) sqlite3_finalize(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

/* What is looked for, and what was found. */
typedef struct Wanted
{
    const char *name; /* or NULL: by the number */
    int number;
    char *found; /* the name, when it is looked for; by sqlite3_malloc() */
} Wanted;

/* A DatabaseFunction: look for one that is attached. */
static bool
is_unattached(void *context, int number, const char *name)
{
    bool *others = context;

    (void) name;
    *others = number > 1;
    return !*others;
}

/* A DatabaseFunction: compare with what is wanted. */
static bool
compare(void *context, int number, const char *name)
{
    Wanted *wanted = context;

    if (wanted->name == NULL && number == wanted->number)
        wanted->found = sqlite3_mprintf("%s", name);
    else if (wanted->name != NULL && sqlite3_stricmp(name, wanted->name) == 0)
        wanted->number = number;
    else
        return true;
    return false;
}

bool
sqlite_reaches_others(MigHost *base)
{
    bool others = false;

    /* Where it cannot be told, each statement is looked at. */
    return !visit_databases((SqliteHost *) base, is_unattached, &others) ||
           others;
}

int
sqlite_database_number(SqliteHost *host, const char *name)
{
    Wanted wanted = {name, 0, NULL};

    (void) visit_databases(host, compare, &wanted);
    return wanted.number;
}

/*
 * Prepare the query for the settings of a database; NULL where there are none:
 * a view of that name, or a virtual table, is not ours, and would run what
 * somebody has put there.
 */
static sqlite3_stmt *
prepare_settings(SqliteHost *host, const char *schema, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    bool stored;
    bool refused;
    char *sql;
    int code = SQLITE_NOMEM;

    if (!sqlite_has_table(host, schema, "migrate_setting", &stored) || !stored)
        return NULL;
    if (sqlite_refuse_reading(host, schema, "migrate_setting", &refused,
                              error) != MIG_OK)
    {
        mig_fail_prefix(error, FAILURE);
        return NULL;
    }
    sql = sqlite3_mprintf("SELECT name, value FROM \"%w\".migrate_setting",
                          schema);
    if (sql != NULL)
        code = sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code != SQLITE_OK && code != SQLITE_ERROR)
        (void) sqlite_fail(host, error);
    return statement;
}

MigStatus
sqlite_settings_there(MigHost *base, int database, MigRowFunction row,
                      void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    Wanted wanted = {NULL, database, NULL};
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_DONE;

    (void) visit_databases(host, compare, &wanted);
    if (wanted.found == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    statement = prepare_settings(host, wanted.found, error);
    while (error->status == MIG_OK && statement != NULL &&
           (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        MigValue columns[2];

        for (int i = 0; i < 2; i++)
        {
            columns[i] =
                mig_string((const char *) sqlite3_column_text(statement, i));
            columns[i].bytes.length =
                (size_t) sqlite3_column_bytes(statement, i);
        }
        (void) row(context, columns, 2, error);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
    {
        (void) sqlite_fail(host, error);
        mig_fail_prefix(error, FAILURE);
    }
    (void) sqlite3_finalize(statement);
    sqlite3_free(wanted.found);
    return error->status;
}

#include "sqlite_host.h"

#include <stdlib.h>

/*
 * Foreign keys around a migration that switches them off: it must leave no row
 * that refers to nothing, but for those that did so before.
 */

#define CHECK_SQL                                                              \
    "SELECT \"table\" || ' rowid ' || coalesce(rowid, '?') || "                \
    "' of ' || parent || ' key ' || fkid "                                     \
    "FROM pragma_foreign_key_check(NULL, 'main') ORDER BY 1"

/* What receives one violation. */
typedef MigStatus (*ViolationFunction)(SqliteHost *host, const char *violation,
                                       MigError *error);

/* Give each row that refers to nothing to a function. */
static MigStatus
each_violation(SqliteHost *host, ViolationFunction function, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code;

    if (sqlite3_prepare_v2(host->db, CHECK_SQL, -1, &statement, NULL) !=
        SQLITE_OK)
        return sqlite_fail(host, error);
    code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    while (code == SQLITE_ROW && error->status == MIG_OK)
    {
        const char *violation =
            (const char *) sqlite3_column_text(statement, 0);

        if (violation != NULL)
            (void) function(host, violation, error);
        code = sqlite3_step(statement);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

static MigStatus
keep_violation(SqliteHost *host, const char *violation, MigError *error)
{
    char **larger = sqlite3_realloc64(
        host->violations, (host->violation_count + 1) * sizeof(char *));

    if (larger != NULL)
    {
        host->violations = larger;
        larger[host->violation_count] = sqlite3_mprintf("%s", violation);
        if (larger[host->violation_count] != NULL)
        {
            host->violation_count++;
            return MIG_OK;
        }
    }
    return mig_fail(error, MIG_NOMEM, "out of memory");
}

static int
compare_violations(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static MigStatus
refuse_new(SqliteHost *host, const char *violation, MigError *error)
{
    if (host->violation_count > 0 &&
        bsearch(&violation, host->violations, host->violation_count,
                sizeof(char *), compare_violations) != NULL)
        return MIG_OK;
    (void) mig_fail(error, MIG_ENGINE,
                    "FOREIGN KEY constraint failed: a row refers to nothing");
    error->engine_code = SQLITE_CONSTRAINT_FOREIGNKEY;
    mig_fail_detail(error, "Table %s.", violation);
    mig_fail_hint(error, "PRAGMA foreign_key_check lists all such rows.");
    return error->status;
}

MigStatus
sqlite_keys_remember(SqliteHost *host, MigError *error)
{
    sqlite_keys_forget(host);
    (void) each_violation(host, keep_violation, error);
    if (host->violation_count > 1)
        qsort(host->violations, host->violation_count, sizeof(char *),
              compare_violations);
    return error->status;
}

MigStatus
sqlite_keys_check(SqliteHost *host, MigError *error)
{
    return each_violation(host, refuse_new, error);
}

void
sqlite_keys_forget(SqliteHost *host)
{
    for (size_t i = 0; i < host->violation_count; i++)
        sqlite3_free(host->violations[i]);
    sqlite3_free(host->violations);
    host->violations = NULL;
    host->violation_count = 0;
}

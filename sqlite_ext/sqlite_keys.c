#include "sqlite_host.h"

#include <string.h>

/*
 * Foreign keys around a migration that switches them off: it must not leave
 * more rows that refer to nothing than there were.
 *
 * They are counted for each pair of tables, not kept one by one: rebuilding a
 * table gives its rows other rowids, those of a WITHOUT ROWID table have none,
 * and a constraint's number changes when one before it is dropped.  What a
 * table that is gone had, another may have: it may be the same one renamed.
 */

#define CHECK_SQL                                                              \
    "SELECT \"table\", parent, count(*) "                                      \
    "FROM pragma_foreign_key_check(NULL, 'main') GROUP BY 1, 2"

/* Rows of a table that refer to nothing in another. */
struct SqliteViolation
{
    char *child;
    char *parent;
    int64_t count;
};

/* What receives one pair of tables; the texts are valid during the call. */
typedef MigStatus (*ViolationFunction)(SqliteHost *host, const char *child,
                                       const char *parent, int64_t count,
                                       MigError *error);

/* Give each pair of tables with violations to a function. */
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
        const char *child = (const char *) sqlite3_column_text(statement, 0);
        const char *parent = (const char *) sqlite3_column_text(statement, 1);

        if (child == NULL || parent == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        else
            (void) function(host, child, parent,
                            sqlite3_column_int64(statement, 2), error);
        code = sqlite3_step(statement);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

static MigStatus
keep_violation(SqliteHost *host, const char *child, const char *parent,
               int64_t count, MigError *error)
{
    struct SqliteViolation *larger =
        sqlite3_realloc64(host->violations, (host->violation_count + 1) *
                                                sizeof(struct SqliteViolation));
    struct SqliteViolation *kept;

    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    host->violations = larger;
    kept = &larger[host->violation_count++];
    kept->child = sqlite3_mprintf("%s", child);
    kept->parent = sqlite3_mprintf("%s", parent);
    kept->count = count;
    if (kept->child == NULL || kept->parent == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    return MIG_OK;
}

/* What is remembered of a pair of tables, or NULL. */
static struct SqliteViolation *
find_violation(const SqliteHost *host, const char *child, const char *parent)
{
    for (size_t i = 0; i < host->violation_count; i++)
    {
        struct SqliteViolation *kept = &host->violations[i];

        if (sqlite3_stricmp(kept->child, child) == 0 &&
            sqlite3_stricmp(kept->parent, parent) == 0)
            return kept;
    }
    return NULL;
}

/* Whether there is a table of a name. */
static bool
has_table(SqliteHost *host, const char *name)
{
    return sqlite3_table_column_metadata(host->db, "main", name, NULL, NULL,
                                         NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/*
 * Take as many rows as are wanted from pairs of which a table is gone, dropped
 * or renamed; returns how many there were.
 */
static int64_t
take_from_gone(SqliteHost *host, int64_t wanted)
{
    int64_t taken = 0;

    for (size_t i = 0; i < host->violation_count && taken < wanted; i++)
    {
        struct SqliteViolation *kept = &host->violations[i];
        int64_t part =
            kept->count < wanted - taken ? kept->count : wanted - taken;

        if (part == 0 ||
            (has_table(host, kept->child) && has_table(host, kept->parent)))
            continue;
        kept->count -= part;
        taken += part;
    }
    return taken;
}

static MigStatus
refuse_more(SqliteHost *host, const char *child, const char *parent,
            int64_t count, MigError *error)
{
    const struct SqliteViolation *kept = find_violation(host, child, parent);
    int64_t before = kept != NULL ? kept->count : take_from_gone(host, count);

    if (count <= before)
        return MIG_OK;
    (void) mig_fail(error, MIG_ENGINE,
                    "FOREIGN KEY constraint failed: %lld row%s of table %s "
                    "refer%s to nothing in %s",
                    (long long) count, count == 1 ? "" : "s", child,
                    count == 1 ? "s" : "", parent);
    error->engine_code = SQLITE_CONSTRAINT_FOREIGNKEY;
    if (before > 0)
        mig_fail_detail(error, "There were %lld before.", (long long) before);
    mig_fail_hint(error, "PRAGMA foreign_key_check lists all such rows.");
    return error->status;
}

MigStatus
sqlite_keys_remember(SqliteHost *host, bool *known, MigError *error)
{
    char *message;

    sqlite_keys_forget(host);
    *known = each_violation(host, keep_violation, error) == MIG_OK;
    if (*known || strstr(error->message, "foreign key mismatch") == NULL)
        return error->status;
    /* The engine cannot check such a schema; this may be what mends it. */
    message =
        sqlite3_mprintf("foreign keys are not compared: %s", error->message);
    if (message != NULL)
        host->host.methods->notice(&host->host, MIG_WARNING, message);
    sqlite3_free(message);
    mig_error_clear(error);
    sqlite_keys_forget(host);
    return MIG_OK;
}

MigStatus
sqlite_keys_check(SqliteHost *host, MigError *error)
{
    return each_violation(host, refuse_more, error);
}

void
sqlite_keys_forget(SqliteHost *host)
{
    for (size_t i = 0; i < host->violation_count; i++)
    {
        sqlite3_free(host->violations[i].child);
        sqlite3_free(host->violations[i].parent);
    }
    sqlite3_free(host->violations);
    host->violations = NULL;
    host->violation_count = 0;
}

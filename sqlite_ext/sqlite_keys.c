#include "sqlite_host.h"

#include <stdio.h>

/*
 * Foreign keys where the engine does not enforce them: because the connection
 * has them off, or the script edits the schema by hand.  A migration must not
 * leave more rows that refer to nothing than there were.
 *
 * Before a table is first changed (sqlite_touch.c), the violations in it and in
 * those that refer to it are counted; at the end those of the same tables are
 * counted again.  Nothing else is read.
 *
 * They are counted for each pair of tables, not kept one by one: rebuilding a
 * table gives its rows other rowids, those of a WITHOUT ROWID table have none,
 * and a constraint's number changes when one before it is dropped.  What a
 * table that is gone had, another may have: it may be the same one renamed.
 */

#define LISTED_MAX 10 /* rows in an error */

/* Rows of a table that refer to nothing in another. */
struct SqliteViolation
{
    char *child;
    char *parent;
    int64_t count;
};

/* A table that refers to others, and was counted before. */
struct SqliteChild
{
    char *name;
    bool known; /* else it could not be */
    bool ended; /* has been counted again */
};

/* What receives one pair of tables; the texts are valid during the call. */
typedef MigStatus (*ViolationFunction)(SqliteHost *host, const char *child,
                                       const char *parent, int64_t count,
                                       MigError *error);

/* What receives a table that refers to others. */
typedef MigStatus (*ChildFunction)(SqliteHost *host, const char *child,
                                   MigError *error);

/* Give each pair of tables with violations in a table to a function. */
static MigStatus
each_violation(SqliteHost *host, const char *child, ViolationFunction function,
               MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db,
                                  "SELECT parent, count(*) FROM "
                                  "pragma_foreign_key_check(?1, 'main') "
                                  "GROUP BY 1",
                                  -1, &statement, NULL);

    if (code != SQLITE_OK)
        return sqlite_fail(host, error);
    (void) sqlite3_bind_text(statement, 1, child, -1, SQLITE_TRANSIENT);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW &&
           error->status == MIG_OK)
    {
        const char *parent = (const char *) sqlite3_column_text(statement, 0);

        if (parent == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        else
            (void) function(host, child, parent,
                            sqlite3_column_int64(statement, 1), error);
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
    SqliteKeys *keys = &host->keys;
    struct SqliteViolation *larger = sqlite3_realloc64(
        keys->violations, (keys->violation_count + 1) * sizeof(*larger));
    struct SqliteViolation *kept;

    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->violations = larger;
    kept = &larger[keys->violation_count++];
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
    for (size_t i = 0; i < host->keys.violation_count; i++)
    {
        struct SqliteViolation *kept = &host->keys.violations[i];

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

    for (size_t i = 0; i < host->keys.violation_count && taken < wanted; i++)
    {
        struct SqliteViolation *kept = &host->keys.violations[i];
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

/* Say which rows of a table refer to nothing in another, the first of them. */
static void
list_rows(SqliteHost *host, const char *child, const char *parent,
          int64_t before, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    char list[LISTED_MAX * 48] = "";
    size_t used = 0;
    int listed = 0;

    (void) sqlite3_prepare_v2(host->db,
                              "SELECT rowid, fkid FROM "
                              "pragma_foreign_key_check(?1, 'main') "
                              "WHERE parent = ?2 COLLATE NOCASE",
                              -1, &statement, NULL);
    (void) sqlite3_bind_text(statement, 1, child, -1, SQLITE_STATIC);
    (void) sqlite3_bind_text(statement, 2, parent, -1, SQLITE_STATIC);
    while (listed < LISTED_MAX && sqlite3_step(statement) == SQLITE_ROW)
    {
        const char *row = (const char *) sqlite3_column_text(statement, 0);
        int length =
            snprintf(list + used, sizeof(list) - used,
                     "%srowid %s (constraint %d)", listed == 0 ? "" : ", ",
                     row == NULL ? "?" : row, sqlite3_column_int(statement, 1));

        used += length > 0 ? (size_t) length : 0;
        listed++;
    }
    (void) sqlite3_finalize(statement);
    if (before > 0)
        mig_fail_detail(error, "There were %lld before.  Now: %s%s.",
                        (long long) before, list,
                        listed == LISTED_MAX ? ", ..." : "");
    else
        mig_fail_detail(error, "Table %s, %s%s; parent %s.", child, list,
                        listed == LISTED_MAX ? ", ..." : "", parent);
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
    list_rows(host, child, parent, before, error);
    mig_fail_hint(error, "It is checked although foreign keys are off; nothing "
                         "of the migration is kept.");
    return error->status;
}

static struct SqliteChild *
find_child(const SqliteHost *host, const char *name)
{
    for (size_t i = 0; i < host->keys.child_count; i++)
    {
        if (sqlite3_stricmp(host->keys.children[i].name, name) == 0)
            return &host->keys.children[i];
    }
    return NULL;
}

/* Forget an error that only says that a schema cannot be checked; returns
 * whether it was one. */
static bool
pass_mismatch(SqliteHost *host, MigError *error)
{
    char *message;

    if (error->status == MIG_OK ||
        strstr(error->message, "foreign key mismatch") == NULL)
        return false;
    message =
        sqlite3_mprintf("foreign keys are not compared: %s", error->message);
    if (message != NULL)
        host->host.methods->notice(&host->host, MIG_WARNING, message);
    sqlite3_free(message);
    mig_error_clear(error);
    return true;
}

/* A ChildFunction: count before. */
static MigStatus
count_before(SqliteHost *host, const char *child, MigError *error)
{
    SqliteKeys *keys = &host->keys;
    struct SqliteChild *larger;
    struct SqliteChild *counted;

    if (find_child(host, child) != NULL)
        return MIG_OK;
    larger = sqlite3_realloc64(keys->children,
                               (keys->child_count + 1) * sizeof(*larger));
    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->children = larger;
    counted = &larger[keys->child_count];
    memset(counted, 0, sizeof(*counted));
    counted->name = sqlite3_mprintf("%s", child);
    if (counted->name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->child_count++;
    (void) each_violation(host, counted->name, keep_violation, error);
    counted->known = !pass_mismatch(host, error);
    return error->status;
}

/* A ChildFunction: count at the end. */
static MigStatus
count_after(SqliteHost *host, const char *child, MigError *error)
{
    struct SqliteChild *counted = find_child(host, child);

    if ((counted != NULL && (!counted->known || counted->ended)) ||
        !has_table(host, child))
        return MIG_OK;
    (void) each_violation(host, child, refuse_more, error);
    if (counted == NULL)
        (void) pass_mismatch(host, error);
    else
        counted->ended = true;
    return error->status;
}

/* Whether a table refers to another. */
static bool
refers_to(SqliteHost *host, const char *child, const char *parent)
{
    sqlite3_stmt *statement = NULL;
    bool refers = true;

    if (sqlite3_prepare_v2(host->db,
                           "SELECT 1 FROM pragma_foreign_key_list(?1, 'main') "
                           "WHERE \"table\" = ?2 COLLATE NOCASE",
                           -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, child, -1, SQLITE_TRANSIENT) ==
            SQLITE_OK &&
        sqlite3_bind_text(statement, 2, parent, -1, SQLITE_TRANSIENT) ==
            SQLITE_OK)
        refers = sqlite3_step(statement) != SQLITE_DONE;
    (void) sqlite3_finalize(statement);
    return refers;
}

/* Whether a table's definition can be one that refers to another; what only
 * mentions it is told by refers_to(). */
static bool
may_refer(const char *sql, const char *mention)
{
    return (mention == NULL || sqlite3_strlike(mention, sql, 0) == 0) &&
           sqlite3_strlike("%references%", sql, 0) == 0;
}

/*
 * Give a table, if it refers to others, and each that refers to it to a
 * function.
 *
 * name  NULL: each table that refers to any
 */
static MigStatus
each_child(SqliteHost *host, const char *name, ChildFunction function,
           MigError *error)
{
    static const char query[] = "SELECT name, sql FROM main.sqlite_schema "
                                "WHERE type = 'table' AND sql IS NOT NULL";
    /* A name that is written with doubled quotes is not found by its text. */
    char *mention = name == NULL || strpbrk(name, "\"'`[]") != NULL
                        ? NULL
                        : sqlite3_mprintf("%%%s%%", name);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db, query, -1, &statement, NULL);

    while (code == SQLITE_OK || code == SQLITE_ROW)
    {
        const char *child;
        const char *sql;

        code = sqlite3_step(statement);
        if (code != SQLITE_ROW || error->status != MIG_OK)
            break;
        child = (const char *) sqlite3_column_text(statement, 0);
        sql = (const char *) sqlite3_column_text(statement, 1);
        if (child == NULL || sql == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        else if (may_refer(sql, mention) &&
                 (name == NULL || sqlite3_stricmp(child, name) == 0 ||
                  refers_to(host, child, name)))
            (void) function(host, child, error);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    sqlite3_free(mention);
    return error->status;
}

MigStatus
sqlite_keys_touch(SqliteHost *host, const char *name, MigError *error)
{
    SqliteKeys *keys = &host->keys;
    char **larger;

    if (name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    for (size_t i = 0; i < keys->touched_count; i++)
    {
        if (sqlite3_stricmp(keys->touched[i], name) == 0)
            return MIG_OK;
    }
    larger = sqlite3_realloc64(keys->touched,
                               (keys->touched_count + 1) * sizeof(char *));
    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->touched = larger;
    larger[keys->touched_count] = sqlite3_mprintf("%s", name);
    if (larger[keys->touched_count] == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->touched_count++;
    return each_child(host, larger[keys->touched_count - 1], count_before,
                      error);
}

MigStatus
sqlite_keys_touch_all(SqliteHost *host, MigError *error)
{
    host->keys.all = true;
    return each_child(host, NULL, count_before, error);
}

/*
 * Whoever has become a child meanwhile is among the touched: a table is created
 * empty, and one that is altered is touched under both its names.
 */
MigStatus
sqlite_keys_check(SqliteHost *host, MigError *error)
{
    SqliteKeys *keys = &host->keys;

    if (keys->all)
        return each_child(host, NULL, count_after, error);
    for (size_t i = 0; i < keys->child_count && error->status == MIG_OK; i++)
        (void) count_after(host, keys->children[i].name, error);
    for (size_t i = 0; i < keys->touched_count && error->status == MIG_OK; i++)
        (void) count_after(host, keys->touched[i], error);
    return error->status;
}

void
sqlite_keys_forget(SqliteHost *host)
{
    SqliteKeysKnown schema = host->keys.schema;

    for (size_t i = 0; i < host->keys.violation_count; i++)
    {
        sqlite3_free(host->keys.violations[i].child);
        sqlite3_free(host->keys.violations[i].parent);
    }
    for (size_t i = 0; i < host->keys.child_count; i++)
        sqlite3_free(host->keys.children[i].name);
    for (size_t i = 0; i < host->keys.touched_count; i++)
        sqlite3_free(host->keys.touched[i]);
    sqlite3_free(host->keys.violations);
    sqlite3_free(host->keys.children);
    sqlite3_free(host->keys.touched);
    memset(&host->keys, 0, sizeof(host->keys));
    host->keys.schema = schema;
}

#include "sqlite_rebuild.h"

/*
 * Foreign keys
 *
 * Looking for rows that refer to nothing takes as long as the tables are large,
 * so it is done only where the rebuild can make some: for the table's own keys
 * when these change, or the values do; for those of its children when columns
 * that they refer to do.  Whether the engine can check a table's keys at all
 * (they must refer to something unique) costs nothing to ask.
 */

#define CHILDREN_SQL                                                           \
    "SELECT DISTINCT s.name FROM main.sqlite_schema AS s, "                    \
    "pragma_foreign_key_list(s.name, 'main') AS k "                            \
    "WHERE s.type = 'table' AND s.rootpage <> 0 "                              \
    "AND k.\"table\" = ?1 COLLATE nocase "                                     \
    "AND s.name <> ?1 COLLATE nocase ORDER BY s.name"

/* The columns of the table that another refers to; NULL is its key. */
#define REFERENCED_SQL                                                         \
    "SELECT \"to\" FROM pragma_foreign_key_list(?1, 'main') "                  \
    "WHERE \"table\" = ?2 COLLATE nocase"

#define OWN_COLUMNS_SQL                                                        \
    "SELECT \"from\" FROM pragma_foreign_key_list(?1, 'main')"

#define VIOLATIONS_SQL                                                         \
    "SELECT count(*), max(parent) FROM pragma_foreign_key_check(?1, 'main')"

/* Whether the engine can check a table's foreign keys. */
static bool
is_checkable(Rebuild *rebuild, MigBytes child)
{
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild,
        rebuild_format(rebuild, "PRAGMA main.foreign_key_check(\"%w\")",
                       child.data),
        NULL, 0);
    bool good = statement != NULL;

    (void) sqlite3_finalize(statement);
    if (rebuild->error->status == MIG_ENGINE &&
        sqlite_is(rebuild->error->engine_code, SQLITE_ERROR))
        mig_error_clear(rebuild->error);
    return good;
}

/* Append a table to the children. */
static void
keep_child(Rebuild *rebuild, size_t *capacity, MigBytes name)
{
    RebuildChild *children = mig_array_reserve(
        rebuild->arena, rebuild->children, rebuild->child_count, capacity,
        sizeof(RebuildChild), rebuild->error);

    if (children == NULL || rebuild->error->status != MIG_OK)
        return;
    rebuild->children = children;
    memset(&children[rebuild->child_count], 0, sizeof(RebuildChild));
    children[rebuild->child_count].name = name;
    children[rebuild->child_count].checkable = is_checkable(rebuild, name);
    rebuild->child_count++;
}

void
rebuild_keys_remember(Rebuild *rebuild)
{
    size_t capacity = 0;
    sqlite3_stmt *statement;

    rebuild->keys_enforced =
        !sqlite3_get_autocommit(rebuild->host->db) &&
        rebuild_integer(rebuild, "PRAGMA foreign_keys", 0) != 0;
    keep_child(rebuild, &capacity, rebuild->name);
    statement = rebuild_prepare(rebuild, CHILDREN_SQL, &rebuild->name, 1);
    while (rebuild_step(rebuild, statement))
        keep_child(rebuild, &capacity, rebuild_column(rebuild, statement, 0));
    (void) sqlite3_finalize(statement);
}

/* Whether a table refers to the one rebuilt. */
static bool
refers(Rebuild *rebuild, MigBytes child)
{
    MigBytes arguments[2] = {child, rebuild->name};
    sqlite3_stmt *statement =
        rebuild_prepare(rebuild, REFERENCED_SQL, arguments, 2);
    bool found = rebuild_step(rebuild, statement);

    (void) sqlite3_finalize(statement);
    return found;
}

void
rebuild_keys_require_copy(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK || !rebuild->keys_enforced)
        return;
    for (size_t i = 0; i < rebuild->child_count; i++)
    {
        if (!refers(rebuild, rebuild->children[i].name))
            continue;
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "table \"%s\" cannot be copied in a transaction while "
                        "foreign keys are enforced: table \"%s\" refers to it",
                        rebuild->name.data, rebuild->children[i].name.data);
        mig_fail_detail(rebuild->error,
                        "Dropping the old table would delete or violate its "
                        "rows.");
        mig_fail_hint(rebuild->error,
                      "Put PRAGMA foreign_keys = OFF; at the start of the "
                      "migration, or call migrate_rebuild outside of a "
                      "transaction.");
        return;
    }
}

/* Whether a column of the old table has the same values afterwards. */
static bool
column_stays(const Rebuild *rebuild, MigBytes name)
{
    size_t at = rebuild_find_column(&rebuild->wanted, name);

    return at != NO_COLUMN && rebuild_column_stays(rebuild, at);
}

/* Whether the primary key has the same columns, with the same values. */
static bool
key_stays(const Rebuild *rebuild)
{
    for (size_t i = 0; i < rebuild->old.count; i++)
    {
        const RebuildColumn *column = &rebuild->old.columns[i];
        size_t at = rebuild_find_column(&rebuild->wanted, column->name);
        int64_t key = at == NO_COLUMN ? 0 : rebuild->wanted.columns[at].key;

        if (key != column->key ||
            (key > 0 && !rebuild_column_stays(rebuild, at)))
            return false;
    }
    return true;
}

/* Whether all columns that a query names stay; NULL is the primary key. */
static bool
all_stay(Rebuild *rebuild, const char *sql, MigBytes child)
{
    MigBytes arguments[2] = {child, rebuild->name};
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild, sql, arguments, strstr(sql, "?2") == NULL ? 1 : 2);
    bool stay = true;

    while (rebuild_step(rebuild, statement))
    {
        MigBytes name = rebuild_column(rebuild, statement, 0);

        stay = stay && (name.data != NULL ? column_stays(rebuild, name)
                                          : key_stays(rebuild));
    }
    (void) sqlite3_finalize(statement);
    return stay;
}

/* Count the rows of a table, whose keys can be checked, that refer to
 * nothing. */
static int64_t
count_violations(Rebuild *rebuild, MigBytes child, MigBytes *parent)
{
    sqlite3_stmt *statement;
    int64_t count = 0;

    if (rebuild_has_no_orphans(rebuild, child))
        return 0;
    statement = rebuild_prepare(rebuild, VIOLATIONS_SQL, &child, 1);
    if (rebuild_step(rebuild, statement))
    {
        count = sqlite3_column_int64(statement, 0);
        *parent = rebuild_column(rebuild, statement, 1);
    }
    (void) sqlite3_finalize(statement);
    return count;
}

void
rebuild_keys_count(Rebuild *rebuild)
{
    for (size_t i = 0;
         i < rebuild->child_count && rebuild->error->status == MIG_OK; i++)
    {
        RebuildChild *child = &rebuild->children[i];
        MigBytes parent;

        child->affected =
            !all_stay(rebuild, REFERENCED_SQL, child->name) ||
            (i == 0 &&
             (!mig_bytes_equal(rebuild->old.keys, rebuild->wanted.keys) ||
              !all_stay(rebuild, OWN_COLUMNS_SQL, child->name)));
        if (child->affected && child->checkable)
            child->violations = count_violations(rebuild, child->name, &parent);
    }
}

/* Fail when the engine cannot check a table's foreign keys any more. */
static void
require_checkable(Rebuild *rebuild, const RebuildChild *child)
{
    if (!child->checkable || is_checkable(rebuild, child->name) ||
        rebuild->error->status != MIG_OK)
        return;
    (void) sqlite3_finalize(rebuild_prepare(
        rebuild,
        rebuild_format(rebuild, "PRAGMA main.foreign_key_check(\"%w\")",
                       child->name.data),
        NULL, 0));
    if (rebuild->error->status == MIG_ENGINE)
        mig_fail_prefix(rebuild->error,
                        "the foreign keys of table \"%s\" would not work any "
                        "more: ",
                        child->name.data);
}

void
rebuild_keys_check(Rebuild *rebuild)
{
    for (size_t i = 0;
         i < rebuild->child_count && rebuild->error->status == MIG_OK; i++)
    {
        const RebuildChild *child = &rebuild->children[i];
        MigBytes parent = {NULL, 0};
        int64_t count = 0;

        require_checkable(rebuild, child);
        /* What could not be checked, and now can, is looked at as well. */
        if (child->affected
                ? child->checkable || is_checkable(rebuild, child->name)
                : !child->checkable && is_checkable(rebuild, child->name))
            count = count_violations(rebuild, child->name, &parent);
        if (count <= child->violations || rebuild->error->status != MIG_OK)
            continue;
        (void) mig_fail(rebuild->error, MIG_ENGINE,
                        "FOREIGN KEY constraint failed: %lld row%s of table %s "
                        "refer%s to nothing in %s",
                        (long long) count, count == 1 ? "" : "s",
                        child->name.data, count == 1 ? "s" : "", parent.data);
        rebuild->error->engine_code = SQLITE_CONSTRAINT_FOREIGNKEY;
        if (child->violations > 0)
            mig_fail_detail(rebuild->error, "There were %lld before.",
                            (long long) child->violations);
    }
}

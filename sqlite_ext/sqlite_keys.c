#include "sqlite_references.h"

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

/* A table that was touched, or refers to one that was. */
struct SqliteKeyTable
{
    char *name;
    bool touched;
    bool counted; /* before; then: */
    bool fresh;   /* it was empty */
    bool known;   /* else it could not be counted */
    bool ended;   /* has been counted again */
};

/* What receives one pair of tables; the texts are valid during the call. */
typedef MigStatus (*ViolationFunction)(SqliteHost *host, const char *child,
                                       const char *parent, int64_t count,
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

/* Hash of a pair of tables. */
static uint32_t
hash_pair(const char *child, const char *parent)
{
    return sqlite_hash_name(child) * 31 + sqlite_hash_name(parent);
}

/* A ViolationFunction: before. */
static MigStatus
keep_violation(SqliteHost *host, const char *child, const char *parent,
               int64_t count, MigError *error)
{
    SqliteKeys *keys = &host->keys;
    struct SqliteViolation *larger = sqlite_hash_reserve(
        &keys->violation_hash, keys->violations, sizeof(*larger));
    struct SqliteViolation *kept;

    if (larger == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    keys->violations = larger;
    kept = &larger[keys->violation_hash.count];
    kept->child = sqlite3_mprintf("%s", child);
    kept->parent = sqlite3_mprintf("%s", parent);
    kept->count = count;
    if (kept->child != NULL && kept->parent != NULL &&
        sqlite_hash_add(&keys->violation_hash, hash_pair(child, parent)))
        return MIG_OK;
    sqlite3_free(kept->child);
    sqlite3_free(kept->parent);
    return mig_fail(error, MIG_NOMEM, "out of memory");
}

/* What is remembered of a pair of tables, or NULL. */
static struct SqliteViolation *
find_violation(const SqliteHost *host, const char *child, const char *parent)
{
    const SqliteHash *hash = &host->keys.violation_hash;

    for (size_t i = sqlite_hash_first(hash, hash_pair(child, parent));
         i != SQLITE_HASH_END; i = sqlite_hash_next(hash, i))
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

    for (size_t i = 0; i < host->keys.violation_hash.count && taken < wanted;
         i++)
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
                              "SELECT DISTINCT rowid, fkid FROM "
                              "pragma_foreign_key_check(?1, 'main') "
                              "WHERE parent = ?2 COLLATE NOCASE",
                              -1, &statement, NULL);
    (void) sqlite3_bind_text(statement, 1, child, -1, SQLITE_STATIC);
    (void) sqlite3_bind_text(statement, 2, parent, -1, SQLITE_STATIC);
    while (listed < LISTED_MAX && sqlite3_step(statement) == SQLITE_ROW)
    {
        const char *row = (const char *) sqlite3_column_text(statement, 0);
        int length = snprintf(
            list + used, sizeof(list) - used, "%s%s %s (constraint %d)",
            listed == 0 ? "" : ", ", row == NULL ? "rows" : "rowid",
            row == NULL ? "without rowid" : row,
            sqlite3_column_int(statement, 1));

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

/* Keep an error as a remark, each in a line. */
static MigStatus
remark_instead(SqliteHost *host, MigError *error)
{
    char *remark = host->keys.remark;

    host->keys.remark = sqlite3_mprintf(
        "%s%s%s.  %s", remark == NULL ? "" : remark, remark == NULL ? "" : "\n",
        error->message, error->detail);
    sqlite3_free(remark);
    mig_error_clear(error);
    if (host->keys.remark == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    return MIG_OK;
}

/* A ViolationFunction: at the end. */
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
                         "of the migration is kept.  If a later one mends it: "
                         "migrate_config('foreign_keys', 'warn').");
    if (host->host.limits.keys_warn)
        return remark_instead(host, error);
    return error->status;
}

/* What is noted of a table, or NULL. */
static struct SqliteKeyTable *
find_table(const SqliteHost *host, const char *name)
{
    const SqliteHash *hash = &host->keys.table_hash;

    for (size_t i = sqlite_hash_first(hash, sqlite_hash_name(name));
         i != SQLITE_HASH_END; i = sqlite_hash_next(hash, i))
    {
        if (sqlite3_stricmp(host->keys.tables[i].name, name) == 0)
            return &host->keys.tables[i];
    }
    return NULL;
}

/* The same, made when there is nothing; NULL when out of memory. */
static struct SqliteKeyTable *
note_table(SqliteHost *host, const char *name, MigError *error)
{
    SqliteKeys *keys = &host->keys;
    struct SqliteKeyTable *table = find_table(host, name);

    if (table != NULL)
        return table;
    table =
        sqlite_hash_reserve(&keys->table_hash, keys->tables, sizeof(*table));
    if (table != NULL)
    {
        keys->tables = table;
        table += keys->table_hash.count;
        memset(table, 0, sizeof(*table));
        table->name = sqlite3_mprintf("%s", name);
        if (table->name != NULL &&
            sqlite_hash_add(&keys->table_hash, sqlite_hash_name(name)))
            return table;
        sqlite3_free(table->name);
    }
    (void) mig_fail(error, MIG_NOMEM, "out of memory");
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

/* A SqliteChildFunction: count before. */
static MigStatus
count_before(SqliteHost *host, const char *child, MigError *error)
{
    struct SqliteKeyTable *table = note_table(host, child, error);

    if (table == NULL || table->counted)
        return error->status;
    table->counted = true;
    table->fresh = sqlite_references_is_fresh(host, child);
    if (!table->fresh)
        (void) each_violation(host, table->name, keep_violation, error);
    table->known = !pass_mismatch(host, error);
    return error->status;
}

/* Count at the end. */
static MigStatus
count_after(SqliteHost *host, struct SqliteKeyTable *table, MigError *error)
{
    if ((table->counted && !table->known) || table->ended ||
        !has_table(host, table->name))
        return MIG_OK;
    table->ended = true;
    (void) each_violation(host, table->name, refuse_more, error);
    if (!table->counted || table->fresh)
        (void) pass_mismatch(host, error);
    return error->status;
}

/* A SqliteChildFunction: count at the end, where all tables are. */
static MigStatus
count_any_after(SqliteHost *host, const char *child, MigError *error)
{
    struct SqliteKeyTable *table = note_table(host, child, error);

    return table == NULL ? error->status : count_after(host, table, error);
}

MigStatus
sqlite_keys_touch(SqliteHost *host, const char *name, MigError *error)
{
    struct SqliteKeyTable *table;

    if (name == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    table = note_table(host, name, error);
    if (table == NULL || table->touched)
        return error->status;
    table->touched = true;
    if (sqlite_references_is_child(host, name) &&
        count_before(host, name, error) != MIG_OK)
        return error->status;
    return sqlite_references_each(host, name, count_before, error);
}

bool
sqlite_keys_is_touched(const SqliteHost *host, const char *name)
{
    const struct SqliteKeyTable *table = find_table(host, name);

    return table != NULL && table->touched;
}

MigStatus
sqlite_keys_touch_all(SqliteHost *host, MigError *error)
{
    host->keys.all = true;
    /* The schema may be written by hand, which its cookie does not tell. */
    sqlite_references_drop(host);
    if (sqlite_references_sync(host, error) != MIG_OK ||
        sqlite_references_each(host, NULL, count_before, error) != MIG_OK)
        return error->status;
    sqlite_references_drop(host);
    return MIG_OK;
}

/*
 * Whoever has become a child meanwhile is among the touched: a table is created
 * empty, and one that is altered is touched under both its names.
 */
MigStatus
sqlite_keys_check(SqliteHost *host, MigError *error)
{
    SqliteKeys *keys = &host->keys;
    bool known;

    if (keys->all)
        return sqlite_references_sync(host, error) == MIG_OK
                   ? sqlite_references_each(host, NULL, count_any_after, error)
                   : error->status;
    if (sqlite_references_follow(host, &known, error) != MIG_OK)
        return error->status;
    for (size_t i = 0; i < keys->table_hash.count && error->status == MIG_OK;
         i++)
    {
        struct SqliteKeyTable *table = &keys->tables[i];

        if (table->counted || !known ||
            sqlite_references_is_child(host, table->name))
            (void) count_after(host, table, error);
    }
    return error->status;
}

MigStatus
sqlite_keys_remark(MigHost *base, MigBytes *remark, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    if (host->unit && base->limits.keys_warn)
        (void) sqlite_keys_check(host, error);
    *remark = mig_bytes(host->keys.remark == NULL ? "" : host->keys.remark);
    return error->status;
}

void
sqlite_keys_forget(SqliteHost *host)
{
    SqliteKeysKnown schema = host->keys.schema;
    struct SqliteReferences *references = host->keys.references;

    for (size_t i = 0; i < host->keys.violation_hash.count; i++)
    {
        sqlite3_free(host->keys.violations[i].child);
        sqlite3_free(host->keys.violations[i].parent);
    }
    for (size_t i = 0; i < host->keys.table_hash.count; i++)
        sqlite3_free(host->keys.tables[i].name);
    sqlite3_free(host->keys.remark);
    sqlite3_free(host->keys.violations);
    sqlite3_free(host->keys.tables);
    sqlite_hash_free(&host->keys.violation_hash);
    sqlite_hash_free(&host->keys.table_hash);
    memset(&host->keys, 0, sizeof(host->keys));
    host->keys.schema = schema;
    host->keys.references = references;
    sqlite_references_end_unit(host);
}

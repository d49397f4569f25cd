#include "sqlite_rebuild.h"

/*
 * Editing the schema alone
 *
 * The text of the table is changed in sqlite_schema, which takes the same time
 * however many rows there are.  It is done only where rows and indexes, as they
 * are stored, mean the same under both texts (rebuild_may_edit()), and the
 * engine has made a table of the new text before, on this connection.
 *
 * PRAGMA writable_schema = RESET has this connection read the schema anew, and
 * forget that it has changed; the new schema_version behind it tells others,
 * and lets a ROLLBACK know that there is something to be read anew.
 *
 * Defaults.  A row that is older than an ALTER TABLE ADD COLUMN has no value
 * for that column, and reads the default from the schema.  With another
 * default it would change.  So the column is given, for the length of a query,
 * a default that no row can hold; a row that shows it is one of those.
 */

#define SENTINEL_BYTES 16

bool
rebuild_can_edit(Rebuild *rebuild)
{
    int defensive = 0;

    if (sqlite3_db_config(rebuild->host->db, SQLITE_DBCONFIG_DEFENSIVE, -1,
                          &defensive) != SQLITE_OK ||
        defensive != 0)
        return false;
    /* With it on, the engine does not say when a schema is wrong. */
    return rebuild_integer(rebuild, "PRAGMA main.writable_schema", 0) == 0;
}

void
rebuild_edit(Rebuild *rebuild, MigBytes sql)
{
    MigBytes arguments[2] = {sql, rebuild->name};
    sqlite3_stmt *statement;
    int64_t version = rebuild_integer(rebuild, "PRAGMA main.schema_version", 0);

    rebuild_set(rebuild, "PRAGMA writable_schema = ON");
    statement = rebuild_prepare(rebuild,
                                "UPDATE main.sqlite_schema SET sql = ?1 "
                                "WHERE type = 'table' AND name = ?2",
                                arguments, 2);
    (void) rebuild_step(rebuild, statement);
    (void) sqlite3_finalize(statement);
    if (rebuild->error->status == MIG_OK &&
        sqlite3_changes(rebuild->host->db) != 1)
        (void) mig_fail(rebuild->error, MIG_INTERNAL,
                        "the schema has no single row for table \"%s\"",
                        rebuild->name.data);
    rebuild_execute(rebuild, "PRAGMA writable_schema = RESET");
    rebuild_execute(rebuild,
                    rebuild_format(rebuild, "PRAGMA main.schema_version = %d",
                                   (int) ((version + 1) & 0x7FFFFFFF)));
}

/* A blob literal that nobody can know. */
static const char *
make_sentinel(Rebuild *rebuild)
{
    unsigned char bytes[SENTINEL_BYTES];
    char digits[2 * SENTINEL_BYTES + 1];

    sqlite3_randomness((int) sizeof(bytes), bytes);
    for (size_t i = 0; i < sizeof(bytes); i++)
        (void) sqlite3_snprintf(3, digits + 2 * i, "%02x", bytes[i]);
    return rebuild_format(rebuild, "x'%s'", digits);
}

/* Whether a column's default is not what it was. */
static bool
default_differs(const Rebuild *rebuild, size_t column)
{
    const RebuildColumn *now = &rebuild->now.columns[column];
    const RebuildColumn *wanted = &rebuild->wanted.columns[column];

    if (now->hidden != 0 ||
        rebuild_find_column(&rebuild->old, now->name) == NO_COLUMN)
        return false;
    return !rebuild_same_default(now, wanted);
}

/* The present text of the table, with a sentinel for the changed defaults. */
static MigBytes
text_with_sentinels(Rebuild *rebuild, const char *sentinel)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    MigBytes sql = rebuild->now.sql;
    size_t from = 0;

    for (size_t i = 0; i < rebuild->now.count; i++)
    {
        const RebuildPart *part = rebuild->now.columns[i].part;
        size_t start = (size_t) (part->text.data - sql.data);
        size_t end = start + part->text.length;

        if (!default_differs(rebuild, i))
            continue;
        if (part->default_text.data != NULL)
        {
            start = (size_t) (part->default_text.data - sql.data);
            end = start + part->default_text.length;
        }
        else
            start = end;
        mig_text_append(&text, mig_part(sql, from, start));
        mig_text_append_string(&text, " DEFAULT ");
        mig_text_append_string(&text, sentinel);
        mig_text_append_string(&text, " ");
        from = end;
    }
    mig_text_append(&text, mig_part(sql, from, sql.length));
    return mig_text_bytes(&text);
}

/* Whether the engine reads the sentinel as the default of each column. */
static bool
shows_sentinels(Rebuild *rebuild, const char *sentinel)
{
    RebuildTable table;

    rebuild_table_read(rebuild, &table);
    for (size_t i = 0; i < rebuild->now.count; i++)
    {
        if (rebuild->error->status != MIG_OK || table.count <= i)
            return false;
        if (default_differs(rebuild, i) &&
            (table.columns[i].default_value.data == NULL ||
             !mig_bytes_equal(table.columns[i].default_value,
                              mig_bytes(sentinel))))
            return false;
    }
    return true;
}

/* Whether a row shows the sentinel. */
static bool
row_shows(Rebuild *rebuild, const char *sentinel)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    size_t count = 0;

    mig_text_append_string(&text, "SELECT 1 FROM ");
    mig_text_append_string(&text, rebuild->table);
    /* An index would hold what it was made with. */
    mig_text_append_string(&text, " NOT INDEXED WHERE ");
    for (size_t i = 0; i < rebuild->now.count; i++)
    {
        if (!default_differs(rebuild, i))
            continue;
        mig_text_append_string(&text, rebuild_or(count++));
        mig_text_append_string(
            &text, rebuild_format(rebuild, "\"%w\" IS %s",
                                  rebuild->now.columns[i].name.data, sentinel));
    }
    mig_text_append_string(&text, ") LIMIT 1");
    return rebuild_integer(rebuild, mig_text_bytes(&text).data, 0) != 0;
}

/* Whether rows are stored short that another default would change. */
static bool
defaults_are_read(Rebuild *rebuild)
{
    const char *sentinel;
    bool any = false;
    bool read;

    for (size_t i = 0; i < rebuild->now.count; i++)
        any = any || default_differs(rebuild, i);
    if (!any)
        return false;
    /* NOT INDEXED keeps no index from being read instead of such a table. */
    if (rebuild->now.definition.without_rowid)
        return true;
    sentinel = make_sentinel(rebuild);
    rebuild_step_begin(rebuild);
    rebuild_edit(rebuild, text_with_sentinels(rebuild, sentinel));
    read = !shows_sentinels(rebuild, sentinel) ||
           row_shows(rebuild, sentinel) || rebuild->error->status != MIG_OK;
    return !rebuild_step_undo(rebuild) || read;
}

/* Look at what was edited. */
static void
check_edited(Rebuild *rebuild)
{
    sqlite3_stmt *statement;

    rebuild_table_read(rebuild, &rebuild->now);
    if (rebuild->error->status == MIG_OK &&
        (!mig_bytes_equal(rebuild->now.sql, rebuild->wanted_sql) ||
         !rebuild_same_table(&rebuild->now, &rebuild->wanted)))
        (void) mig_fail(rebuild->error, MIG_INTERNAL,
                        "the edited schema of table \"%s\" is not read as it "
                        "was tried",
                        rebuild->name.data);
    statement = rebuild_prepare(
        rebuild,
        rebuild_format(rebuild, "SELECT * FROM %s LIMIT 1", rebuild->table),
        NULL, 0);
    (void) rebuild_step(rebuild, statement);
    (void) sqlite3_finalize(statement);
    statement = rebuild_prepare(
        rebuild, "PRAGMA main.quick_check(sqlite_schema)", NULL, 0);
    if (rebuild_step(rebuild, statement))
    {
        MigBytes found = rebuild_column(rebuild, statement, 0);

        if (rebuild->error->status == MIG_OK && !rebuild_is(found, "ok"))
            (void) mig_fail(rebuild->error, MIG_CORRUPT,
                            "the schema is damaged: %s", found.data);
    }
    (void) sqlite3_finalize(statement);
}

bool
rebuild_try_edit(Rebuild *rebuild)
{
    if (rebuild->error->status != MIG_OK ||
        !rebuild_may_edit(rebuild, &rebuild->now) ||
        !rebuild_can_edit(rebuild) || defaults_are_read(rebuild))
        return false;
    rebuild_check_rows(
        rebuild, rebuild_format(rebuild, "%s NOT INDEXED", rebuild->table),
        rebuild_row_label(rebuild, &rebuild->now), false);
    rebuild_edit(rebuild, rebuild->wanted_sql);
    check_edited(rebuild);
    return true;
}

void
rebuild_unqualify(Rebuild *rebuild)
{
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    MigBytes sql = rebuild->now.sql;
    size_t kept = 0;
    size_t start;
    size_t end = 0;

    if (rebuild->error->status != MIG_OK || !rebuild_can_edit(rebuild))
        return;
    while (rebuild_next_qualifier(rebuild, sql, &start, &end))
    {
        mig_text_append(&text, mig_part(sql, kept, start));
        kept = end;
    }
    mig_text_append(&text, mig_part(sql, kept, sql.length));
    if (kept > 0)
        rebuild_edit(rebuild, mig_text_bytes(&text));
}

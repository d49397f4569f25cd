#include "sqlite_catalogue.h"
#include "sqlite_rebuild.h"

/* From which version on pragma_table_list tells shadow tables. */
#define TABLE_LIST_VERSION 3037000

#define FIND_SQL                                                               \
    "SELECT name, type, sql, rootpage FROM main.sqlite_schema "                \
    "WHERE name = ?1 COLLATE nocase AND type IN ('table', 'view')"

/* A virtual table that may be the owner of one whose name starts like it. */
#define OWNER_SQL                                                              \
    "SELECT name FROM main.sqlite_schema WHERE type = 'table' "                \
    "AND rootpage = 0 AND substr(?1, 1, length(name) + 1) = name || '_' "      \
    "COLLATE nocase"

#define SHADOW_SQL                                                             \
    "SELECT 1 FROM pragma_table_list WHERE schema = 'main' "                   \
    "AND type = 'shadow' AND name = ?1 COLLATE nocase"

#define TEXT_SQL                                                               \
    "SELECT sql FROM %s.sqlite_schema "                                        \
    "WHERE name = ?1 COLLATE nocase AND type = 'table'"

#define COLUMNS_SQL                                                            \
    "SELECT name, type, \"notnull\", dflt_value, pk, hidden "                  \
    "FROM pragma_table_xinfo(?1, ?2) ORDER BY cid"

/* What has the table's name in temp; triggers have names of their own. */
#define TEMPORARY_SQL                                                          \
    "SELECT count(*) FROM temp.sqlite_schema "                                 \
    "WHERE name = ?1 COLLATE nocase AND type <> 'trigger'"

/* The automatic indexes: names, columns, order, collations. */
#define INDEXES_SQL                                                            \
    "SELECT l.name, l.origin, x.cid, x.\"desc\", x.coll, x.key "               \
    "FROM pragma_index_list(?1, ?2) AS l, "                                    \
    "pragma_index_xinfo(l.name, ?2) AS x WHERE l.origin <> 'c' "               \
    "ORDER BY l.name, x.seqno"

/* The order in which the rows of a WITHOUT ROWID table are stored. */
#define ORDER_SQL                                                              \
    "SELECT ' ORDER BY ' || group_concat(term, ', ') FROM ("                   \
    "SELECT '\"' || replace(x.name, '\"', '\"\"') || '\" COLLATE \"' || "      \
    "replace(x.coll, '\"', '\"\"') || iif(x.\"desc\", '\" DESC', '\"') AS "    \
    "term "                                                                    \
    "FROM pragma_index_list(?1, ?2) AS l, "                                    \
    "pragma_index_xinfo(l.name, ?2) AS x WHERE l.origin = 'pk' AND x.key "     \
    "ORDER BY x.seqno)"

#define KEYS_SQL                                                               \
    "SELECT id, seq, \"table\", \"from\", coalesce(\"to\", ''), on_update, "   \
    "on_delete, \"match\" FROM pragma_foreign_key_list(?1, ?2) "               \
    "ORDER BY id, seq"

#define KEY_INDEXES_SQL                                                        \
    "SELECT count(*) FROM pragma_index_list(?1, ?2) WHERE origin = 'pk'"

/* Prepare a query about the table in the schema that is looked at. */
static sqlite3_stmt *
prepare_about(Rebuild *rebuild, const char *sql)
{
    MigBytes arguments[2];

    arguments[0] = rebuild->name;
    arguments[1] = mig_bytes(rebuild->schema);
    return rebuild_prepare(rebuild, sql, arguments, 2);
}

/* Fail for a table that belongs to a virtual one. */
static void
refuse_shadow(Rebuild *rebuild)
{
    bool lists = sqlite3_libversion_number() >= TABLE_LIST_VERSION;
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild, lists ? SHADOW_SQL : OWNER_SQL, &rebuild->name, 1);

    if (rebuild_step(rebuild, statement))
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "table \"%s\" belongs to a virtual table and cannot be "
                        "rebuilt",
                        rebuild->name.data);
    (void) sqlite3_finalize(statement);
}

/* Fail for what is no ordinary table of the user's. */
static void
refuse_special(Rebuild *rebuild, MigBytes type, bool is_virtual)
{
    const char *name = rebuild->name.data;

    if (rebuild->error->status != MIG_OK)
        return;
    if (rebuild_is(type, "view"))
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "\"%s\" is a view, which has no rows to keep: drop it "
                        "and create it anew",
                        name);
    else if (is_virtual)
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "\"%s\" is a virtual table: only its module can change "
                        "it",
                        name);
    else if (sqlite3_strnicmp(name, "sqlite_", 7) == 0)
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "table \"%s\" belongs to SQLite and cannot be rebuilt",
                        name);
    /* What is recorded there depends on their form. */
    if (sqlite_is_catalogue_table(name))
        (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                        "table \"%s\" belongs to this extension and cannot "
                        "be rebuilt",
                        name);
    refuse_shadow(rebuild);
}

/* Fail for a TEMP view of the table's name, which the engine takes for the
 * table when it makes or renames things. */
static void
refuse_hidden(Rebuild *rebuild)
{
    if (rebuild_integer(rebuild,
                        "SELECT count(*) FROM temp.sqlite_schema WHERE "
                        "name = ?1 COLLATE nocase AND type = 'view'",
                        0) == 0)
        return;
    (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                    "table \"%s\" cannot be rebuilt while a TEMP view has its "
                    "name",
                    rebuild->name.data);
    mig_fail_hint(rebuild->error, "DROP VIEW temp.\"%s\" first.",
                  rebuild->name.data);
}

void
rebuild_find_table(Rebuild *rebuild, MigBytes name)
{
    sqlite3_stmt *statement = rebuild_prepare(rebuild, FIND_SQL, &name, 1);
    bool found = rebuild_step(rebuild, statement);
    MigBytes type = {NULL, 0};
    bool is_virtual = false;

    if (found)
    {
        rebuild->name = rebuild_column(rebuild, statement, 0);
        type = rebuild_column(rebuild, statement, 1);
        is_virtual = sqlite3_column_int64(statement, 3) == 0;
    }
    else
        (void) mig_fail(rebuild->error, MIG_UNKNOWN,
                        "there is no table \"%.*s\" in main", (int) name.length,
                        name.data);
    (void) sqlite3_finalize(statement);
    rebuild->table = rebuild_format(rebuild, "main.\"%w\"", rebuild->name.data);
    refuse_special(rebuild, type, is_virtual);
    refuse_hidden(rebuild);
}

size_t
rebuild_find_column(const RebuildTable *table, MigBytes name)
{
    for (size_t i = 0; i < table->count; i++)
    {
        if (rebuild_same(table->columns[i].name, name))
            return i;
    }
    return NO_COLUMN;
}

/* The definition's part that is a column's. */
static const RebuildPart *
find_part(const RebuildTable *table, MigBytes name)
{
    for (size_t i = 0; i < table->definition.part_count; i++)
    {
        const RebuildPart *part = &table->definition.parts[i];

        if (part->is_column && rebuild_same(part->name, name))
            return part;
    }
    return NULL;
}

/* What the engine tells of a column in no pragma. */
static void
read_metadata(Rebuild *rebuild, RebuildTable *table, RebuildColumn *column)
{
    const char *collation = NULL;
    int autoincrement = 0;

    if (rebuild->error->status != MIG_OK)
        return;
    if (sqlite3_table_column_metadata(rebuild->host->db, rebuild->schema,
                                      rebuild->name.data, column->name.data,
                                      NULL, &collation, NULL, NULL,
                                      &autoincrement) != SQLITE_OK)
        (void) sqlite_fail(rebuild->host, rebuild->error);
    else
        column->collation = mig_copy(
            rebuild->arena, mig_bytes(collation == NULL ? "BINARY" : collation),
            rebuild->error);
    if (autoincrement != 0)
        table->autoincrement = true;
}

/* Read the table's columns. */
static void
read_columns(Rebuild *rebuild, RebuildTable *table)
{
    sqlite3_stmt *statement = prepare_about(rebuild, COLUMNS_SQL);
    size_t capacity = 0;

    while (rebuild_step(rebuild, statement))
    {
        RebuildColumn *columns =
            mig_array_reserve(rebuild->arena, table->columns, table->count,
                              &capacity, sizeof(RebuildColumn), rebuild->error);
        RebuildColumn *column;

        if (columns == NULL)
            break;
        table->columns = columns;
        column = &columns[table->count++];
        memset(column, 0, sizeof(*column));
        column->name = rebuild_column(rebuild, statement, 0);
        column->type = rebuild_column(rebuild, statement, 1);
        column->not_null = sqlite3_column_int64(statement, 2) != 0;
        column->default_value = rebuild_column(rebuild, statement, 3);
        column->key = sqlite3_column_int64(statement, 4);
        column->hidden = sqlite3_column_int64(statement, 5);
        column->part = find_part(table, column->name);
        if (column->part == NULL)
            (void) mig_fail(rebuild->error, MIG_UNSUPPORTED,
                            "column \"%s\" is not found in the definition of "
                            "table \"%s\"",
                            column->name.data, rebuild->name.data);
    }
    (void) sqlite3_finalize(statement);
    for (size_t i = 0; i < table->count; i++)
        read_metadata(rebuild, table, &table->columns[i]);
}

/* All rows of a query about the table as one text. */
static MigBytes
read_rows(Rebuild *rebuild, const char *sql)
{
    sqlite3_stmt *statement = prepare_about(rebuild, sql);
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};

    while (rebuild_step(rebuild, statement))
    {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
        {
            MigBytes value = rebuild_column(rebuild, statement, i);

            if (value.data != NULL)
                mig_text_append(&text, value);
            mig_text_append_string(&text, "\t");
        }
        mig_text_append_string(&text, "\n");
    }
    (void) sqlite3_finalize(statement);
    return mig_text_bytes(&text);
}

/* Find the column that is the rowid: the only one of the key, declared INTEGER,
 * and without an index, as INTEGER PRIMARY KEY DESC has one. */
static size_t
find_alias(Rebuild *rebuild, const RebuildTable *table)
{
    sqlite3_stmt *statement;
    size_t found = NO_COLUMN;

    if (table->definition.without_rowid)
        return NO_COLUMN;
    for (size_t i = 0; i < table->count; i++)
    {
        if (table->columns[i].key == 0)
            continue;
        if (found != NO_COLUMN ||
            !rebuild_is(table->columns[i].type, "integer"))
            return NO_COLUMN;
        found = i;
    }
    statement = prepare_about(rebuild, KEY_INDEXES_SQL);
    if (rebuild_step(rebuild, statement) &&
        sqlite3_column_int64(statement, 0) > 0)
        found = NO_COLUMN;
    (void) sqlite3_finalize(statement);
    return found;
}

/* The one value of a query about the table; absent for NULL. */
static MigBytes
read_text(Rebuild *rebuild, const char *sql)
{
    sqlite3_stmt *statement = prepare_about(rebuild, sql);
    MigBytes text = {NULL, 0};

    if (rebuild_step(rebuild, statement))
        text = rebuild_column(rebuild, statement, 0);
    (void) sqlite3_finalize(statement);
    return text;
}

void
rebuild_table_read(Rebuild *rebuild, RebuildTable *table)
{
    sqlite3_stmt *statement = rebuild_prepare(
        rebuild, rebuild_format(rebuild, TEXT_SQL, rebuild->schema),
        &rebuild->name, 1);

    memset(table, 0, sizeof(*table));
    table->alias = NO_COLUMN;
    if (rebuild_step(rebuild, statement))
        table->sql = rebuild_column(rebuild, statement, 0);
    (void) sqlite3_finalize(statement);
    if (rebuild->error->status == MIG_OK && table->sql.data == NULL)
        (void) mig_fail(rebuild->error, MIG_CORRUPT,
                        "table \"%s\" has no definition in the schema",
                        rebuild->name.data);
    if (rebuild->error->status != MIG_OK)
        return;
    rebuild_definition_read(rebuild, table->sql, &table->definition);
    read_columns(rebuild, table);
    table->indexes = read_rows(rebuild, INDEXES_SQL);
    table->keys = read_rows(rebuild, KEYS_SQL);
    if (table->definition.without_rowid)
        table->order = read_text(rebuild, ORDER_SQL);
    table->alias = find_alias(rebuild, table);
}

bool
rebuild_same_table(const RebuildTable *a, const RebuildTable *b)
{
    if (a->count != b->count || a->alias != b->alias ||
        a->autoincrement != b->autoincrement ||
        a->definition.without_rowid != b->definition.without_rowid ||
        a->definition.strict != b->definition.strict ||
        !mig_bytes_equal(a->indexes, b->indexes) ||
        !mig_bytes_equal(a->keys, b->keys))
        return false;
    for (size_t i = 0; i < a->count; i++)
    {
        const RebuildColumn *left = &a->columns[i];
        const RebuildColumn *right = &b->columns[i];

        if (!mig_bytes_equal(left->name, right->name) ||
            !mig_bytes_equal(left->type, right->type) ||
            !mig_bytes_equal(left->collation, right->collation) ||
            !mig_bytes_equal(left->default_value, right->default_value) ||
            left->not_null != right->not_null || left->key != right->key ||
            left->hidden != right->hidden)
            return false;
    }
    return true;
}

/*
 * Where a table of this name can be made for an instant: among TEMP tables, or,
 * where there is something of that name, in main, whose own gets out of the
 * way.
 */
static const char *
make_place(Rebuild *rebuild)
{
    if (rebuild_integer(rebuild, TEMPORARY_SQL, 0) == 0)
        return "temp";
    rebuild_set(rebuild, "PRAGMA legacy_alter_table = ON");
    rebuild_execute(rebuild,
                    rebuild_format(rebuild, "ALTER TABLE %s RENAME TO \"%w\"",
                                   rebuild->table, rebuild->aside));
    return "main";
}

void
rebuild_probe(Rebuild *rebuild)
{
    rebuild_step_begin(rebuild);
    rebuild->schema = make_place(rebuild);
    if (rebuild->error->status == MIG_OK)
    {
        rebuild_create(rebuild, rebuild->schema);
        if (rebuild->error->status == MIG_ENGINE)
            mig_fail_prefix(rebuild->error,
                            "the new definition of table \"%s\" is refused: ",
                            rebuild->name.data);
    }
    rebuild_table_read(rebuild, &rebuild->wanted);
    rebuild->schema = "main";
    rebuild->wanted_sql = rebuild->wanted.sql;
    if (rebuild->error->status == MIG_OK)
        (void) rebuild_step_undo(rebuild);
}

void
rebuild_create(Rebuild *rebuild, const char *schema)
{
    rebuild_execute(rebuild,
                    rebuild_format(rebuild, "CREATE TABLE %s.%.*s%.*s", schema,
                                   (int) rebuild->given.name_token.length,
                                   rebuild->given.name_token.data,
                                   (int) rebuild->given.behind.length,
                                   rebuild->given.behind.data));
}

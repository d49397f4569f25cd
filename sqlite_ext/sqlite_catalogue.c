#include "sqlite_catalogue.h"

#include <stdio.h>
#include <stdlib.h>

#include "sqlite_catalogue_sql.h"
#include "sqlite_token.h"

/* The layout of the tables that this version writes and reads. */
#define LAYOUT 2
#define TEXT_OF(number) #number
#define NUMBER_TEXT(number) TEXT_OF(number)

/* Each table with a column that only ours has, and the layout that it came
 * with. */
static const struct
{
    const char *table;
    const char *column;
    int layout;
} tables[] = {
    {"migrate_text", "body", 1},       {"migrate_migration", "position", 1},
    {"migrate_applied", "ordinal", 1}, {"migrate_event", "previous_hash", 1},
    {"migrate_setting", "value", 1},   {"migrate_object", "definition", 2},
    {"migrate_delta", "objects", 2},
};
#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

const char *
sqlite_catalogue_name(const char *name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
    {
        if (sqlite3_stricmp(name, tables[i].table) == 0)
            return tables[i].table;
    }
    return NULL;
}

bool
sqlite_is_catalogue_table(const char *name)
{
    return sqlite_catalogue_name(name) != NULL;
}

/* Whether a script that makes tables gives one of them a column. */
static bool
makes_column(MigBytes script, const char *table, MigBytes column)
{
    MigBytes token;
    size_t at = 0;
    int depth = 0;
    bool within = false; /* its definition */
    bool begins = false; /* the definition of a column */

    for (bool word = sqlite_next_word(script, &at, &token); token.length > 0;
         word = sqlite_next_word(script, &at, &token))
    {
        char sign = '\0';

        if (!word)
            sign = token.data[0];
        if (depth == 0 && word)
            within = sqlite_is_word(token, table);
        if (within && begins && mig_same_letters(token, column))
            return true;
        depth += (sign == '(') - (sign == ')');
        begins = depth == 1 && (sign == '(' || sign == ',');
    }
    return false;
}

bool
sqlite_is_catalogue_column(const char *table, MigBytes column)
{
    char *name = sqlite_unquote(column);
    bool found =
        name != NULL && (makes_column(mig_bytes(sqlite_catalogue_sql), table,
                                      mig_bytes(name)) ||
                         makes_column(mig_bytes(sqlite_catalogue_2_sql), table,
                                      mig_bytes(name)));

    sqlite3_free(name);
    return found;
}

const char *
sqlite_catalogue_table(size_t number)
{
    return number < TABLE_COUNT ? tables[number].table : NULL;
}

/* Load the schema, waiting for a writer that keeps us from reading it. */
static MigStatus
load_schema(SqliteHost *host, MigError *error)
{
    if (sqlite_execute(host, "SELECT 1 FROM main.sqlite_schema LIMIT 1",
                       host->read_wait_ms) != SQLITE_OK)
        return sqlite_fail(host, error);
    return MIG_OK;
}

/*
 * Read the layout of the tables; fails when it is a newer one.
 *
 * layout  out: 1 also where it is not noted, or nothing that is one
 */
static MigStatus
read_layout(SqliteHost *host, int *layout, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code;

    *layout = 1;

    code = sqlite3_prepare_v2(host->db,
                              "SELECT value FROM main.migrate_setting "
                              "WHERE name = 'catalogue_layout'",
                              -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    if (code == SQLITE_ROW)
        *layout = sqlite3_column_int(statement, 0) < 1
                      ? 1
                      : sqlite3_column_int(statement, 0);
    else if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    if (*layout <= LAYOUT)
        return error->status;
    (void) mig_fail(error, MIG_STATE,
                    "the catalogue of this database was made by a newer "
                    "version of the extension");
    mig_fail_detail(error, "Its layout is %d; this version knows up to %d.",
                    *layout, LAYOUT);
    mig_fail_hint(error, "Load the newer version of the extension.");
    return error->status;
}

/*
 * Look for the tables that came with a range of layouts.
 *
 * missing  out: one that is not there, or not ours; NULL when all are
 *
 * Returns how many there are.
 */
static size_t
find_tables(SqliteHost *host, int first, int last, const char **missing)
{
    size_t found = 0;

    *missing = NULL;
    for (size_t i = 0; i < TABLE_COUNT; i++)
    {
        if (tables[i].layout < first || tables[i].layout > last)
            continue;
        /* Views are not found by this: nothing of theirs is executed. */
        if (sqlite3_table_column_metadata(host->db, "main", tables[i].table,
                                          tables[i].column, NULL, NULL, NULL,
                                          NULL, NULL) == SQLITE_OK)
            found++;
        else
            *missing = tables[i].table;
    }
    return found;
}

MigStatus
sqlite_fail_damaged(const char *missing, MigError *error)
{
    (void) mig_fail(error, MIG_CORRUPT,
                    "the catalogue is damaged: table \"%s\" is missing or not "
                    "ours",
                    missing);
    mig_fail_hint(error, "Tables migrate_text, migrate_migration, "
                         "migrate_applied, migrate_event, migrate_setting, "
                         "migrate_object and migrate_delta belong to this "
                         "extension.");
    return error->status;
}

/* Before the first look at the tables: fail where it would run something. */
static MigStatus
refuse_reading(SqliteHost *host, MigError *error)
{
    if (!host->readable)
        (void) sqlite_refuse_reading(host, "main", NULL, &host->host.refused,
                                     error);
    host->readable = error->status == MIG_OK;
    return error->status;
}

MigStatus
sqlite_catalogue_find(MigHost *base, bool *exists, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    const char *missing;
    size_t found;
    int layout;

    /* Every call comes here first; none is to take half of it for the whole. */
    if (host->connection->left_open)
    {
        (void) mig_fail(error, MIG_STATE,
                        "a transaction that failed for lack of memory is "
                        "still open on this connection");
        mig_fail_hint(error, "Send ROLLBACK, then call again.");
        return error->status;
    }
    if (load_schema(host, error) != MIG_OK)
        return error->status;
    found = find_tables(host, 1, 1, &missing);
    *exists = missing == NULL;
    base->records = false;
    if (found == 0)
        return MIG_OK;
    if (!*exists)
        return sqlite_fail_damaged(missing, error);
    if (refuse_reading(host, error) != MIG_OK ||
        read_layout(host, &layout, error) != MIG_OK)
        return error->status;
    /* The tables themselves tell where somebody has edited the note of it. */
    found = find_tables(host, 2, LAYOUT, &missing);
    host->layout_unknown = found > 0 && layout < LAYOUT;
    if (missing != NULL && (found > 0 || layout == LAYOUT))
        return sqlite_fail_damaged(missing, error);
    base->records = found > 0;
    return MIG_OK;
}

MigStatus
sqlite_catalogue_intact(MigHost *base, MigError *error)
{
    bool exists = false;

    if (sqlite_catalogue_find(base, &exists, error) != MIG_OK)
        return error->status;
    if (!exists)
    {
        (void) mig_fail(error, MIG_CORRUPT, "the catalogue's tables are gone");
        mig_fail_hint(error, "Take out of the migration what drops them.");
        return error->status;
    }
    return sqlite_refuse_additions((SqliteHost *) base, error);
}

/* Note which layout the tables have now. */
#define LAYOUT_SQL                                                             \
    "INSERT INTO main.migrate_setting (name, value, set_by) "                  \
    "VALUES ('catalogue_layout', '" NUMBER_TEXT(                               \
        LAYOUT) "', '') "                                                      \
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value"

MigStatus
sqlite_catalogue_create(MigHost *base, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    bool exists = false;

    if (sqlite_catalogue_find(base, &exists, error) != MIG_OK ||
        (base->records && !host->layout_unknown))
        return error->status;
    if (base->records)
    {
        if (sqlite3_exec(host->db, LAYOUT_SQL, NULL, NULL, NULL) != SQLITE_OK)
            (void) sqlite_fail(host, error);
        return error->status;
    }
    if ((!exists && sqlite3_exec(host->db, sqlite_catalogue_sql, NULL, NULL,
                                 NULL) != SQLITE_OK) ||
        sqlite3_exec(host->db, sqlite_catalogue_2_sql, NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(host->db, LAYOUT_SQL, NULL, NULL, NULL) != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        mig_fail_prefix(error, "cannot create the catalogue's tables: ");
        return error->status;
    }
    base->records = true;
    return MIG_OK;
}

/* The prepared statement of a key. */
static sqlite3_stmt *
prepare(SqliteHost *host, MigSql sql, MigError *error)
{
    if (host->statements[sql] == NULL &&
        sqlite3_prepare_v3(host->db, mig_sql(sql)->text, -1,
                           SQLITE_PREPARE_PERSISTENT, &host->statements[sql],
                           NULL) != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        return NULL;
    }
    return host->statements[sql];
}

/* Bind a value to $<number>. */
static int
bind(sqlite3_stmt *statement, size_t number, const MigValue *value)
{
    char name[8];
    int index;

    (void) snprintf(name, sizeof(name), "$%u", (unsigned) number);
    index = sqlite3_bind_parameter_index(statement, name);
    switch (value->type)
    {
        case MIG_NULL:
            return sqlite3_bind_null(statement, index);
        case MIG_INTEGER:
        case MIG_BOOLEAN:
        case MIG_TIME:
            return sqlite3_bind_int64(statement, index, value->integer);
        case MIG_FLOAT:
            return sqlite3_bind_double(statement, index, value->real);
        case MIG_TEXT:
            return sqlite3_bind_text64(statement, index, value->bytes.data,
                                       value->bytes.length, SQLITE_STATIC,
                                       SQLITE_UTF8);
        case MIG_BYTES:
            break;
    }
    return sqlite3_bind_blob64(statement, index, value->bytes.data,
                               value->bytes.length, SQLITE_STATIC);
}

/* Hand the current row to a function. */
static MigStatus
give_row(sqlite3_stmt *statement, MigRowFunction row, void *context,
         MigError *error)
{
    MigValue columns[24];
    size_t count = (size_t) sqlite3_column_count(statement);

    if (count > sizeof(columns) / sizeof(columns[0]))
        return mig_fail(error, MIG_INTERNAL,
                        "a catalogue statement has too many columns");
    for (size_t i = 0; i < count; i++)
        columns[i] = sqlite_value(sqlite3_column_value(statement, (int) i));
    return row == NULL ? MIG_OK : row(context, columns, count, error);
}

MigStatus
sqlite_query(MigHost *base, MigSql sql, const MigValue *arguments, size_t count,
             MigRowFunction row, void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *statement = prepare(host, sql, error);
    int64_t wait_ms =
        host->transaction == TRANSACTION_NONE ? host->read_wait_ms : 0;
    int code = SQLITE_OK;

    if (statement == NULL)
        return error->status;
    /* A record must not depend on what its migration has switched. */
    if (host->unit && !sqlite3_stmt_readonly(statement))
        sqlite_pragma_restore(host, false);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = bind(statement, i + 1, &arguments[i]);
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, wait_ms);
    while (code == SQLITE_ROW &&
           give_row(statement, row, context, error) == MIG_OK)
        code = sqlite3_step(statement);
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    if (error->status == MIG_OK)
        (void) mig_sql_check(sql, sqlite3_changes(host->db), error);
    (void) sqlite3_reset(statement);
    (void) sqlite3_clear_bindings(statement);
    return error->status;
}

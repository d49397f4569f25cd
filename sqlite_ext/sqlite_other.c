#include "sqlite_catalogue.h"

/*
 * Other tools' tables.  Their names come from whoever made the file, so they
 * are quoted everywhere; and only real tables are read, by columns that are
 * stored, so that reading runs no code of that file's.
 */

/* Names of one table's columns. */
typedef struct Columns
{
    char *text;      /* all of them, each with its NUL, or NULL */
    size_t length;   /* of text, in bytes */
    MigBytes *names; /* that point into it, or NULL */
    size_t count;
} Columns;

/* A text with a name for each %w, quoted; NULL when out of memory. */
static sqlite3_stmt *
prepare_for(sqlite3 *db, const char *format, const char *schema,
            const char *table, int *code)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf(format, schema, table);

    *code = sql == NULL ? SQLITE_NOMEM
                        : sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    return statement;
}

/* Add a name to the text of all; returns SQLite's code. */
static int
columns_add(Columns *columns, const char *name)
{
    size_t length = strlen(name) + 1;
    char *text = sqlite3_realloc64(columns->text, columns->length + length);

    if (text == NULL)
        return SQLITE_NOMEM;
    memcpy(text + columns->length, name, length);
    columns->text = text;
    columns->length += length;
    columns->count++;
    return SQLITE_OK;
}

/* Point to each name; returns SQLite's code. */
static int
columns_point(Columns *columns)
{
    const char *at = columns->text;

    columns->names = sqlite3_malloc64((columns->count + 1) * sizeof(MigBytes));
    if (columns->names == NULL)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < columns->count; i++)
    {
        columns->names[i] = mig_bytes(at);
        at += columns->names[i].length + 1;
    }
    return SQLITE_OK;
}

/* Read the names of a table's stored columns; returns SQLite's code. */
static int
columns_read(sqlite3 *db, const char *schema, const char *table,
             Columns *columns)
{
    int code;
    /* Leaves out generated and hidden columns. */
    sqlite3_stmt *statement = prepare_for(
        db, "PRAGMA \"%w\".table_info(\"%w\")", schema, table, &code);

    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *name = (const char *) sqlite3_column_text(statement, 1);

        code = name == NULL ? SQLITE_NOMEM : columns_add(columns, name);
    }
    (void) sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return code;
    return columns_point(columns);
}

/* Give one table to the core. */
static MigStatus
give_table(SqliteHost *host, const char *schema, const char *name,
           MigTableFunction table, void *context, MigError *error)
{
    Columns columns = {NULL, 0, NULL, 0};
    MigTable given;
    int code = columns_read(host->db, schema, name, &columns);

    given.schema = mig_bytes(schema);
    given.name = mig_bytes(name);
    given.columns = columns.names;
    given.count = columns.count;
    given.readable = true;
    given.attached = strcmp(schema, "main") != 0;
    if (code == SQLITE_NOMEM)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else if (code != SQLITE_OK)
        (void) sqlite_fail(host, error);
    else
        (void) table(context, &given, error);
    sqlite3_free(columns.names);
    sqlite3_free(columns.text);
    return error->status;
}

/* Give all tables of one attached database to the core. */
static void
list_schema(SqliteHost *host, const char *schema, MigTableFunction table,
            void *context, MigError *error)
{
    int code;
    /* Views and virtual tables have no root page. */
    sqlite3_stmt *statement =
        prepare_for(host->db,
                    "SELECT name FROM \"%w\".sqlite_schema "
                    "WHERE type = 'table' AND rootpage > 0",
                    schema, NULL, &code);

    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    for (; code == SQLITE_ROW && error->status == MIG_OK;
         code = sqlite3_step(statement))
    {
        const char *name = (const char *) sqlite3_column_text(statement, 0);

        if (name == NULL || sqlite_is_catalogue_table(name) ||
            sqlite3_strnicmp(name, "sqlite_", 7) == 0)
            continue;
        if (give_table(host, schema, name, table, context, error) != MIG_OK)
            break;
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
}

MigStatus
sqlite_list_tables(MigHost *base, MigTableFunction table, void *context,
                   MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db, "PRAGMA database_list", -1,
                                  &statement, NULL);

    while (code == SQLITE_OK && error->status == MIG_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW)
    {
        const char *schema = (const char *) sqlite3_column_text(statement, 1);

        code = SQLITE_OK;
        if (schema == NULL)
            (void) mig_fail(error, MIG_NOMEM, "out of memory");
        else if (strcmp(schema, "temp") != 0)
            list_schema(host, schema, table, context, error);
    }
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* The text of a query for columns of a table; to be freed by sqlite3_free(),
 * NULL when out of memory. */
static char *
query_text(const MigTableRead *read)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);

    for (size_t i = 0; i < read->count; i++)
    {
        sqlite3_str_appendall(sql, i == 0 ? "SELECT " : ", ");
        /* With a table's name before it, it cannot be taken for a string. */
        if (read->columns[i].data == NULL)
            sqlite3_str_appendall(sql, "NULL");
        else
            sqlite3_str_appendf(sql, "h.\"%w\"", read->columns[i].data);
    }
    sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\" AS h", read->schema.data,
                        read->table.data);
    return sqlite3_str_finish(sql);
}

/* Hand the current row to the core. */
static MigStatus
give_row(sqlite3_stmt *statement, MigRowFunction row, void *context,
         MigError *error)
{
    MigValue columns[MIG_READ_COLUMNS];
    int count = sqlite3_column_count(statement);

    for (int i = 0; i < count; i++)
        columns[i] = sqlite_value(sqlite3_column_value(statement, i));
    return row(context, columns, (size_t) count, error);
}

MigStatus
sqlite_read_table(MigHost *base, const MigTableRead *read, MigRowFunction row,
                  void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *statement = NULL;
    int64_t wait_ms =
        host->transaction == TRANSACTION_NONE ? host->read_wait_ms : 0;
    char *sql = query_text(read);
    int code = sql == NULL
                   ? SQLITE_NOMEM
                   : sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);

    sqlite3_free(sql);
    if (code == SQLITE_OK &&
        (read->count > MIG_READ_COLUMNS || !sqlite3_stmt_readonly(statement)))
        (void) mig_fail(error, MIG_INTERNAL, "a read of a table would write");
    if (code == SQLITE_OK && error->status == MIG_OK)
        code = sqlite_step_patiently(host, statement, wait_ms);
    while (error->status == MIG_OK && code == SQLITE_ROW &&
           give_row(statement, row, context, error) == MIG_OK)
        code = sqlite3_step(statement);
    if (error->status == MIG_OK && code == SQLITE_NOMEM)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

MigStatus
sqlite_user_version(MigHost *base, int64_t *number, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db, "PRAGMA main.user_version", -1,
                                  &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    else
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

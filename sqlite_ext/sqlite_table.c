#include "sqlite_host.h"

#include <stdio.h>

/*
 * Table functions, as eponymous virtual tables: SELECT * FROM migrate_status()
 * and FROM migrate_status both work.  Arguments are hidden columns.  The core
 * gives all rows when a scan begins; they are kept until it ends.
 */

typedef struct TableVtab
{
    sqlite3_vtab base; /* first: SQLite's view */
    const MigApi *api;
    SqliteConnection *connection;
    int columns; /* visible ones */
} TableVtab;

typedef struct TableCursor
{
    sqlite3_vtab_cursor base; /* first: SQLite's view */
    SqliteHost host;          /* owns the rows' memory through call */
    MigCall call;
    MigError error;
    MigValue *rows; /* columns of all rows, one after another */
    size_t count;   /* of rows */
    size_t capacity;
    size_t current;
} TableCursor;

/* What a module is registered with. */
typedef struct TableModule
{
    const MigApi *api;
    SqliteConnection *connection;
} TableModule;

static const char *
column_type(MigType type)
{
    switch (type)
    {
        case MIG_INTEGER:
        case MIG_BOOLEAN:
            return "INTEGER";
        case MIG_FLOAT:
            return "REAL";
        case MIG_BYTES:
            return "BLOB";
        case MIG_NULL:
        case MIG_TIME:
        case MIG_TEXT:
            break;
    }
    return "TEXT";
}

/* CREATE TABLE text of a function; to be freed by sqlite3_free(). */
static char *
declaration(const MigApi *api, int *columns)
{
    char *sql = sqlite3_mprintf("CREATE TABLE x(");

    *columns = 0;
    for (size_t i = 0;
         i < MIG_MAX_TABLE_COLUMNS && api->columns[i].name != NULL; i++)
    {
        sql = sqlite3_mprintf("%z%s\"%w\" %s", sql, i > 0 ? ", " : "",
                              api->columns[i].name,
                              column_type(api->columns[i].type));
        (*columns)++;
    }
    /* An argument may have the name of a column, so it gets one of its own. */
    for (size_t i = 0; i < api->max_arguments; i++)
        sql = sqlite3_mprintf("%z, \"argument %s\" HIDDEN", sql,
                              api->arguments[i].name);
    return sqlite3_mprintf("%z)", sql);
}

int
sqlite_table_declare(sqlite3 *db, const MigApi *api, int *columns)
{
    char *sql = declaration(api, columns);
    int code = sql == NULL ? SQLITE_NOMEM : sqlite3_declare_vtab(db, sql);

    sqlite3_free(sql);
    return code;
}

static int
table_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
              sqlite3_vtab **result, char **error_message)
{
    TableModule *module = context;
    TableVtab *table;
    int columns;
    int code = sqlite_table_declare(db, module->api, &columns);

    /* A view or trigger of a hostile file must not make us read files. */
    if (code == SQLITE_OK && (module->api->flags & MIG_API_FILES))
        code = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    (void) argc;
    (void) argv;
    if (code != SQLITE_OK)
    {
        /* Such as what an authorizer forbids. */
        *error_message = sqlite3_mprintf("%s", sqlite3_errmsg(db));
        return code;
    }
    table = sqlite3_malloc64(sizeof(*table));
    if (table == NULL)
        return SQLITE_NOMEM;
    memset(table, 0, sizeof(*table));
    table->api = module->api;
    table->connection = module->connection;
    table->columns = columns;
    *result = &table->base;
    return SQLITE_OK;
}

static int
table_disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

/*
 * Take the arguments from constraints on hidden columns, in their order.  An
 * argument given behind one that is not is refused by SQLite's own syntax.
 */
int
sqlite_table_arguments(sqlite3_index_info *info, int columns)
{
    int given = 0;

    for (int i = 0; i < info->nConstraint; i++)
    {
        int argument = info->aConstraint[i].iColumn - columns;

        if (argument < 0 ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = argument + 1;
        info->aConstraintUsage[i].omit = 1;
        given++;
    }
    info->idxNum = given;
    info->estimatedCost = 1000000.0 / (given + 1);
    return SQLITE_OK;
}

static int
table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    return sqlite_table_arguments(info, ((TableVtab *) base)->columns);
}

static int
table_open(sqlite3_vtab *base, sqlite3_vtab_cursor **result)
{
    TableCursor *cursor = sqlite3_malloc64(sizeof(*cursor));

    (void) base;
    if (cursor == NULL)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof(*cursor));
    *result = &cursor->base;
    return SQLITE_OK;
}

/* Release the rows of a scan. */
static void
cursor_clear(TableCursor *cursor)
{
    mig_call_end(&cursor->call);
    sqlite_host_end(&cursor->host);
    cursor->rows = NULL;
    cursor->count = 0;
    cursor->capacity = 0;
    cursor->current = 0;
}

static int
table_close(sqlite3_vtab_cursor *base)
{
    cursor_clear((TableCursor *) base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* A MigEmit: keep a row in the call's memory. */
static MigStatus
keep_row(MigCall *call, const MigValue *columns, size_t count)
{
    TableCursor *cursor = call->emit_context;
    MigValue *rows;
    MigValue *row;

    rows = mig_array_reserve(call->arena, cursor->rows, cursor->count,
                             &cursor->capacity, count * sizeof(MigValue),
                             call->error);
    if (rows == NULL)
        return call->error->status;
    cursor->rows = rows;
    row = rows + cursor->count * count;
    for (size_t i = 0; i < count; i++)
    {
        row[i] = columns[i];
        row[i].bytes = mig_copy(call->arena, columns[i].bytes, call->error);
    }
    cursor->count++;
    return call->error->status;
}

static int
table_filter(sqlite3_vtab_cursor *base, int given, const char *unused, int argc,
             sqlite3_value **argv)
{
    TableCursor *cursor = (TableCursor *) base;
    TableVtab *table = (TableVtab *) base->pVtab;
    MigValue arguments[MIG_MAX_ARGUMENTS];
    int code;

    (void) given;
    (void) unused;
    cursor_clear(cursor);
    sqlite_host_begin(&cursor->host, table->connection,
                      sqlite_read_wait_ms(table->api));
    memset(&cursor->call, 0, sizeof(cursor->call));
    memset(&cursor->error, 0, sizeof(cursor->error));
    for (int i = 0; i < argc; i++)
        arguments[i] = sqlite_value(argv[i]);
    cursor->call.host = &cursor->host.host;
    cursor->call.own = sqlite_own_function(table->api);
    cursor->call.arguments = arguments;
    cursor->call.argument_count = (size_t) argc;
    cursor->call.error = &cursor->error;
    cursor->call.emit = keep_row;
    cursor->call.emit_context = cursor;
    if ((size_t) argc < table->api->min_arguments)
        (void) mig_fail(&cursor->error, MIG_INVALID, "%s needs %zu argument",
                        table->api->name, table->api->min_arguments);
    else
        (void) mig_call(table->api, &cursor->call);
    if (cursor->error.status == MIG_OK)
        return SQLITE_OK;
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg = sqlite_error_text(&cursor->error);
    code = sqlite_result_code(&cursor->error);
    cursor_clear(cursor);
    return code;
}

static int
table_next(sqlite3_vtab_cursor *base)
{
    ((TableCursor *) base)->current++;
    return SQLITE_OK;
}

static int
table_eof(sqlite3_vtab_cursor *base)
{
    TableCursor *cursor = (TableCursor *) base;

    return cursor->current >= cursor->count;
}

static int
table_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    TableCursor *cursor = (TableCursor *) base;
    TableVtab *table = (TableVtab *) base->pVtab;

    if (column < table->columns)
        sqlite_result(context,
                      &cursor->rows[cursor->current * (size_t) table->columns +
                                    (size_t) column]);
    return SQLITE_OK;
}

static int
table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64) ((TableCursor *) base)->current + 1;
    return SQLITE_OK;
}

/* xCreate is NULL: the table exists under the module's name alone. */
static const sqlite3_module table_module = {
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_open,
    .xClose = table_close,
    .xFilter = table_filter,
    .xNext = table_next,
    .xEof = table_eof,
    .xColumn = table_column,
    .xRowid = table_rowid,
};

static void
module_free(void *memory)
{
    TableModule *module = memory;

    sqlite_connection_release(module->connection);
    sqlite3_free(module);
}

int
sqlite_register_table(sqlite3 *db, const MigApi *api,
                      SqliteConnection *connection)
{
    TableModule *module = sqlite3_malloc64(sizeof(*module));

    if (module == NULL)
        return SQLITE_NOMEM;
    module->api = api;
    module->connection = connection;
    connection->references++;
    /* On failure SQLite calls module_free() itself. */
    return sqlite3_create_module_v2(db, api->name, &table_module, module,
                                    module_free);
}

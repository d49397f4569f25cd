#include "sqlite_fleet.h"

/*
 * The table functions migrate_fleet() and migrate_fleet_status().  Unlike those
 * of sqlite_table.c they give rows while the work goes on, and keep none.
 */

typedef struct FleetVtab
{
    sqlite3_vtab base; /* first: SQLite's view */
    const MigApi *api;
    SqliteConnection *connection;
    int columns; /* visible ones */
} FleetVtab;

typedef struct FleetCursor
{
    sqlite3_vtab_cursor base; /* first: SQLite's view */
    bool looks;               /* for migrate_fleet_status() */
    SqliteHost host;
    MigCall call; /* its memory holds the migrations */
    MigError error;
    SqliteFleetList list;
    SqliteFleetJob job;
    SqliteFleet *fleet;
    SqliteFleetRow row; /* the current one */
    sqlite3_int64 number;
    bool at_end;
} FleetCursor;

/* What a module is registered with. */
typedef struct FleetModule
{
    const MigApi *api;
    SqliteConnection *connection;
} FleetModule;

/* Whether the table is the one that only looks. */
static bool
only_looks(const MigApi *api)
{
    return (api->flags & MIG_API_WRITES) == 0;
}

bool
sqlite_is_fleet(const MigApi *api)
{
    return strcmp(api->name, "migrate_fleet") == 0 ||
           strcmp(api->name, "migrate_fleet_status") == 0;
}

static int
fleet_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
              sqlite3_vtab **result, char **error_message)
{
    FleetModule *module = context;
    FleetVtab *table;
    int columns;
    int code = sqlite_table_declare(db, module->api, &columns);

    (void) argc;
    (void) argv;
    (void) error_message;
    /* Nobody's view or trigger is to open other files. */
    if (code == SQLITE_OK)
        code = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    if (code != SQLITE_OK)
        return code;
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
fleet_disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int
fleet_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    return sqlite_table_arguments(info, ((FleetVtab *) base)->columns);
}

static int
fleet_open(sqlite3_vtab *base, sqlite3_vtab_cursor **result)
{
    FleetCursor *cursor = sqlite3_malloc64(sizeof(*cursor));

    if (cursor == NULL)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof(*cursor));
    cursor->looks = only_looks(((FleetVtab *) base)->api);
    cursor->at_end = true;
    *result = &cursor->base;
    return SQLITE_OK;
}

/* End a scan; the workers first, who read all that is freed after. */
static void
cursor_clear(FleetCursor *cursor)
{
    sqlite_fleet_end(cursor->fleet);
    cursor->fleet = NULL;
    sqlite_fleet_row_free(&cursor->row);
    sqlite_fleet_list_free(&cursor->list);
    mig_call_end(&cursor->call);
    sqlite_host_end(&cursor->host);
    cursor->at_end = true;
}

static int
fleet_close(sqlite3_vtab_cursor *base)
{
    cursor_clear((FleetCursor *) base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Name of the VFS of the caller's database, or NULL where it is of no use for
 * files. */
static const char *
find_vfs(SqliteHost *host)
{
    sqlite3_vfs *vfs = NULL;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    return vfs == NULL || strcmp(vfs->zName, "memdb") == 0 ? NULL : vfs->zName;
}

/* A MigFunction: make the job from the arguments and the caller's catalogue. */
static void
prepare_job(Mig *mig, MigCall *call)
{
    FleetCursor *cursor = call->emit_context;
    SqliteFleetJob *job = &cursor->job;
    const MigValue *arguments = call->arguments;

    if (mig->host->session->running)
    {
        (void) mig_fail(
            mig->error, MIG_STATE, "a migration cannot call %s itself",
            cursor->looks ? "migrate_fleet_status" : "migrate_fleet");
        mig_fail_hint(mig->error, "Take the call out of it.");
    }
    else if (arguments[0].type == MIG_NULL)
        (void) mig_fail(mig->error, MIG_INVALID, "glob must not be NULL");
    if (!mig_ok(mig))
        return;
    memset(job, 0, sizeof(*job));
    job->list = &cursor->list;
    job->looks = cursor->looks;
    job->target = mig_bytes("head");
    if (call->argument_count > 1 && arguments[1].type != MIG_NULL)
        job->target = mig_copy(mig->arena, arguments[1].bytes, mig->error);
    job->threads = (size_t) mig_setting_count_of(mig, "fleet_threads");
    job->read_wait_ms = mig_setting_ms(mig, "lock_timeout");
    job->vfs = find_vfs(&cursor->host);
    mig_offer_read(mig, &job->offer);
    if (mig_ok(mig))
        (void) sqlite_fleet_list(&cursor->host, arguments[0].bytes,
                                 &cursor->list, mig->error);
    if (mig_ok(mig))
        cursor->fleet = sqlite_fleet_begin(job, cursor->host.db, mig->error);
}

/* Give the failure of a cursor to SQLite. */
static int
fail(FleetCursor *cursor)
{
    sqlite3_vtab *table = cursor->base.pVtab;
    int code = sqlite_result_code(&cursor->error);

    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite_error_text(&cursor->error);
    cursor_clear(cursor);
    return code;
}

static int
fleet_next(sqlite3_vtab_cursor *base)
{
    FleetCursor *cursor = (FleetCursor *) base;
    int code;

    sqlite_fleet_row_free(&cursor->row);
    code = sqlite_fleet_next(cursor->fleet, &cursor->row);
    cursor->number++;
    cursor->at_end = code == SQLITE_DONE;
    if (code == SQLITE_INTERRUPT)
    {
        (void) mig_fail(&cursor->error, MIG_INTERRUPTED, "interrupted");
        mig_fail_hint(&cursor->error,
                      "In no file is a migration half done; call it again to "
                      "go on.");
        return fail(cursor);
    }
    return SQLITE_OK;
}

static int
fleet_filter(sqlite3_vtab_cursor *base, int given, const char *unused, int argc,
             sqlite3_value **argv)
{
    FleetCursor *cursor = (FleetCursor *) base;
    FleetVtab *table = (FleetVtab *) base->pVtab;
    MigValue arguments[MIG_MAX_ARGUMENTS];

    (void) given;
    (void) unused;
    cursor_clear(cursor);
    sqlite_host_begin(&cursor->host, table->connection, 10000);
    memset(&cursor->call, 0, sizeof(cursor->call));
    memset(&cursor->error, 0, sizeof(cursor->error));
    cursor->number = 0;
    for (int i = 0; i < argc; i++)
        arguments[i] = sqlite_value(argv[i]);
    cursor->call.host = &cursor->host.host;
    cursor->call.own = prepare_job;
    cursor->call.arguments = arguments;
    cursor->call.argument_count = (size_t) argc;
    cursor->call.error = &cursor->error;
    cursor->call.emit_context = cursor;
    if ((size_t) argc < table->api->min_arguments)
        (void) mig_fail(&cursor->error, MIG_INVALID, "%s needs %zu argument",
                        table->api->name, table->api->min_arguments);
    else
        (void) mig_call(table->api, &cursor->call);
    if (cursor->error.status != MIG_OK)
        return fail(cursor);
    return fleet_next(base);
}

static int
fleet_eof(sqlite3_vtab_cursor *base)
{
    return ((FleetCursor *) base)->at_end;
}

/* Give a text, or NULL. */
static void
result_text(sqlite3_context *context, const char *text)
{
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

/* Give what went wrong with a file, or NULL. */
static void
result_problem(sqlite3_context *context, const SqliteFleetRow *row)
{
    if (row->error == NULL && row->no_memory)
        result_text(context, "out of memory");
    else
        result_text(context, row->error);
}

/* A column of migrate_fleet(). */
static void
result_done(sqlite3_context *context, const SqliteFleetRow *row, int column)
{
    switch (column)
    {
        case 0:
            result_text(context, row->path);
            return;
        case 1:
            result_text(context, row->from);
            return;
        case 2:
            result_text(context, row->to);
            return;
        case 3:
            sqlite3_result_int64(context, row->applied);
            return;
        case 4:
            sqlite3_result_double(context, (double) row->duration_us / 1000);
            return;
        case 5:
            result_problem(context, row);
            return;
        default:
            return;
    }
}

/* A column of migrate_fleet_status(). */
static void
result_looked(sqlite3_context *context, const SqliteFleetRow *row, int column)
{
    bool failed = row->state == NULL || strcmp(row->state, "error") == 0;

    switch (column)
    {
        case 0:
            result_text(context, row->path);
            return;
        case 1:
            result_text(context, row->to);
            return;
        case 2:
            if (!failed)
                sqlite3_result_int64(context, row->applied);
            return;
        case 3:
            if (!failed)
                sqlite3_result_int64(context, row->pending);
            return;
        case 4:
            result_text(context, row->state);
            return;
        case 5:
            result_problem(context, row);
            return;
        default:
            return;
    }
}

static int
fleet_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const FleetCursor *cursor = (FleetCursor *) base;

    if (cursor->looks)
        result_looked(context, &cursor->row, column);
    else
        result_done(context, &cursor->row, column);
    return SQLITE_OK;
}

static int
fleet_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((FleetCursor *) base)->number;
    return SQLITE_OK;
}

/* xCreate is NULL: the table exists under the module's name alone. */
static const sqlite3_module fleet_module = {
    .xConnect = fleet_connect,
    .xBestIndex = fleet_best_index,
    .xDisconnect = fleet_disconnect,
    .xOpen = fleet_open,
    .xClose = fleet_close,
    .xFilter = fleet_filter,
    .xNext = fleet_next,
    .xEof = fleet_eof,
    .xColumn = fleet_column,
    .xRowid = fleet_rowid,
};

static void
module_free(void *memory)
{
    FleetModule *module = memory;

    sqlite_connection_release(module->connection);
    sqlite3_free(module);
}

int
sqlite_register_fleet(sqlite3 *db, const MigApi *api,
                      SqliteConnection *connection)
{
    FleetModule *module = sqlite3_malloc64(sizeof(*module));

    if (module == NULL)
        return SQLITE_NOMEM;
    module->api = api;
    module->connection = connection;
    connection->references++;
    /* On failure SQLite calls module_free() itself. */
    return sqlite3_create_module_v2(db, api->name, &fleet_module, module,
                                    module_free);
}

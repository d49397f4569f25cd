#include "sqlite_host.h"
SQLITE_EXTENSION_INIT1

#include "migrate.h"

#include <stdio.h>
#include <time.h>

/* How long a look waits for a writer; a writing call has wait_timeout's
 * default, since the setting itself cannot be read before. */
#define LOOK_WAIT_MS ((int64_t) 10000)
#define WRITE_WAIT_MS ((int64_t) 600000)

#define MOVED_HINT                                                             \
    "The file was moved, replaced or deleted since the connection opened it: " \
    "close the connection, and open it again."

/* An SQL function as it is registered: its row, and the connection. */
typedef struct SqliteFunction
{
    const MigApi *api;
    MigFunction own; /* NULL: the core has it */
    SqliteConnection *connection;
} SqliteFunction;

/* The functions that only this adapter has, flagged MIG_API_OWN. */
static const struct
{
    const char *name;
    MigFunction function;
} own_functions[] = {
    {"migrate_rebuild", sqlite_rebuild},
    {"migrate_backup", sqlite_backup},
    {"migrate_restore", sqlite_restore},
    {NULL, NULL},
};

MigFunction
sqlite_own_function(const MigApi *api)
{
    for (size_t i = 0; own_functions[i].name != NULL; i++)
    {
        if (strcmp(own_functions[i].name, api->name) == 0)
            return own_functions[i].function;
    }
    return NULL;
}

int64_t
sqlite_read_wait_ms(const MigApi *api)
{
    return api->flags & MIG_API_WRITES ? WRITE_WAIT_MS : LOOK_WAIT_MS;
}

/* What to do about a file that the engine cannot work with; its own messages
 * do not say what is wrong with it. */
static const struct
{
    int code;
    const char *hint;
} file_hints[] = {
    {SQLITE_READONLY_DBMOVED, MOVED_HINT},
    {SQLITE_READONLY_ROLLBACK,
     "A process that has died left a journal, which must be rolled back before "
     "the database can be read: that needs the right to write the file and its "
     "folder."},
    {SQLITE_READONLY_RECOVERY,
     "A process that has died left a WAL, which must be recovered: that needs "
     "the right to write the file and its folder."},
    {SQLITE_READONLY_CANTINIT,
     "A database in WAL mode can only be read by who may write its folder, or "
     "while another process that may has it open."},
    {SQLITE_READONLY_DIRECTORY,
     "The journal or WAL beside the database cannot be made: that needs the "
     "right to write its folder, in WAL mode also to read."},
    {SQLITE_FULL, "Make room on the disk, or raise PRAGMA max_page_count."},
};

/* Add to a failure of the engine what is known of the file. */
static void
hint_file(SqliteHost *host, int code, MigError *error)
{
    int reason = sqlite3_system_errno(host->db);
    char text[200];

    for (size_t i = 0; i < sizeof(file_hints) / sizeof(file_hints[0]); i++)
    {
        if (file_hints[i].code == code)
            mig_fail_hint(error, "%s", file_hints[i].hint);
    }
    if ((sqlite_is(code, SQLITE_IOERR) || sqlite_is(code, SQLITE_CANTOPEN)) &&
        code != SQLITE_IOERR_NOMEM && reason != 0)
        mig_fail_hint(error, "The operating system says: %s.",
                      sqlite_system_text(reason, text, sizeof(text)));
}

MigStatus
sqlite_fail(SqliteHost *host, MigError *error)
{
    int code = sqlite3_extended_errcode(host->db);
    const char *message = sqlite3_errmsg(host->db);
    MigStatus status = MIG_ENGINE;

    /* It has given up waiting for that alone. */
    if (sqlite_is(code, SQLITE_BUSY) && host->connection->interrupted)
    {
        code = SQLITE_INTERRUPT;
        message = sqlite3_errstr(code);
    }
    if (sqlite_is(code, SQLITE_INTERRUPT))
        status = MIG_INTERRUPTED;
    else if (sqlite_is(code, SQLITE_NOMEM))
        status = MIG_NOMEM;
    else if (sqlite_is(code, SQLITE_READONLY))
        status = MIG_READ_ONLY;
    if (error->status == MIG_OK)
    {
        (void) mig_fail(error, status, "%s", message);
        error->engine_code = code;
        hint_file(host, code, error);
    }
    return error->status;
}

MigStatus
sqlite_fail_of(sqlite3 *db, MigError *error)
{
    int code = sqlite3_extended_errcode(db);
    MigStatus status = MIG_ENGINE;

    if (sqlite_is(code, SQLITE_INTERRUPT))
        status = MIG_INTERRUPTED;
    else if (sqlite_is(code, SQLITE_NOMEM))
        status = MIG_NOMEM;
    if (error->status == MIG_OK)
    {
        (void) mig_fail(error, status, "%s", sqlite3_errmsg(db));
        error->engine_code = code;
    }
    return error->status;
}

MigStatus
sqlite_fail_moved(const char *function, MigError *error)
{
    (void) mig_fail(error, MIG_READ_ONLY,
                    "%s cannot run: the database's file is no longer there",
                    function);
    error->engine_code = SQLITE_READONLY_DBMOVED;
    mig_fail_hint(error, MOVED_HINT);
    return error->status;
}

int
sqlite_result_code(const MigError *error)
{
    if (error->engine_code != 0)
        return error->engine_code;
    switch (error->status)
    {
        case MIG_OK:
            return SQLITE_OK;
        case MIG_INVALID:
        case MIG_UNKNOWN:
        case MIG_DUPLICATE:
        case MIG_STATE:
        case MIG_UNSUPPORTED:
        case MIG_ENGINE:
            return SQLITE_ERROR;
        case MIG_DENIED:
            return SQLITE_PERM;
        case MIG_READ_ONLY:
            return SQLITE_READONLY;
        case MIG_LOCKED:
            return SQLITE_BUSY;
        case MIG_FILE:
            return SQLITE_CANTOPEN;
        case MIG_INTERRUPTED:
            return SQLITE_INTERRUPT;
        case MIG_CORRUPT:
            /* Not SQLITE_CORRUPT itself, the file's own: after that the engine
             * commits nothing more of the caller's transaction. */
            return SQLITE_CORRUPT_VTAB;
        case MIG_NOMEM:
            return SQLITE_NOMEM;
        case MIG_INTERNAL:
            break;
    }
    return SQLITE_INTERNAL;
}

char *
sqlite_error_text(const MigError *error)
{
    return sqlite3_mprintf(
        "%s%s%s%s%s", error->message, error->detail[0] != '\0' ? "\n  " : "",
        error->detail, error->hint[0] != '\0' ? "\n  " : "", error->hint);
}

MigValue
sqlite_value(sqlite3_value *value)
{
    MigBytes bytes;

    switch (sqlite3_value_type(value))
    {
        case SQLITE_NULL:
            return mig_null();
        case SQLITE_INTEGER:
            return mig_integer(sqlite3_value_int64(value));
        case SQLITE_FLOAT:
            return mig_float(sqlite3_value_double(value));
        case SQLITE_BLOB:
            bytes.data = sqlite3_value_blob(value);
            bytes.length = (size_t) sqlite3_value_bytes(value);
            if (bytes.data == NULL)
                bytes.data = "";
            return mig_blob(bytes);
        default:
            break;
    }
    /* Text before length: the first call may convert, and so may fail. */
    bytes.data = (const char *) sqlite3_value_text(value);
    bytes.length = (size_t) sqlite3_value_bytes(value);
    if (bytes.data == NULL)
        bytes = mig_bytes("");
    return mig_text_value(bytes);
}

/* Give a time as ISO 8601 in UTC with milliseconds. */
static void
result_time(sqlite3_context *context, int64_t microseconds)
{
    time_t seconds = (time_t) (microseconds / 1000000);
    int milliseconds = (int) (microseconds % 1000000 / 1000);
    struct tm parts;
    char date[40];
    char text[64];

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts) == 0)
    {
        sqlite3_result_null(context);
        return;
    }
    (void) snprintf(text, sizeof(text), "%s.%03dZ", date, milliseconds);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

void
sqlite_result(sqlite3_context *context, const MigValue *value)
{
    switch (value->type)
    {
        case MIG_NULL:
            sqlite3_result_null(context);
            return;
        case MIG_INTEGER:
        case MIG_BOOLEAN:
            sqlite3_result_int64(context, value->integer);
            return;
        case MIG_FLOAT:
            sqlite3_result_double(context, value->real);
            return;
        case MIG_TIME:
            result_time(context, value->integer);
            return;
        case MIG_TEXT:
            sqlite3_result_text64(context, value->bytes.data,
                                  value->bytes.length, SQLITE_TRANSIENT,
                                  SQLITE_UTF8);
            return;
        case MIG_BYTES:
            break;
    }
    sqlite3_result_blob64(context, value->bytes.data, value->bytes.length,
                          SQLITE_TRANSIENT);
}

/* Make an SQL function fail with the core's error. */
static void
result_error(sqlite3_context *context, const MigError *error)
{
    char *text = sqlite_error_text(error);

    if (text == NULL || error->status == MIG_NOMEM)
        sqlite3_result_error_nomem(context);
    else
    {
        /* The text first: it resets the code. */
        sqlite3_result_error(context, text, -1);
        sqlite3_result_error_code(context, sqlite_result_code(error));
    }
    sqlite3_free(text);
}

/* Every scalar function: read arguments, call the core, give the result. */
static void
call_scalar(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    SqliteFunction *function = sqlite3_user_data(context);
    MigValue arguments[MIG_MAX_ARGUMENTS];
    MigError error;
    MigCall call;
    SqliteHost host;

    sqlite_host_begin(&host, function->connection,
                      sqlite_read_wait_ms(function->api));
    memset(&call, 0, sizeof(call));
    memset(&error, 0, sizeof(error));
    for (int i = 0; i < argc; i++)
        arguments[i] = sqlite_value(argv[i]);
    call.host = &host.host;
    call.own = function->own;
    call.arguments = arguments;
    call.argument_count = (size_t) argc;
    call.error = &error;
    if (mig_call(function->api, &call) == MIG_OK)
        sqlite_result(context, &call.result);
    else
        result_error(context, &error);
    mig_call_end(&call);
    sqlite_host_end(&host);
}

void
sqlite_connection_release(SqliteConnection *connection)
{
    connection->references--;
    if (connection->references > 0)
        return;
    sqlite3_free(connection->elsewhere.path);
    sqlite_attached_forget(connection);
    sqlite3_free(connection);
}

/* Destroy what a function was registered with. */
static void
function_free(void *memory)
{
    SqliteFunction *function = memory;

    sqlite_connection_release(function->connection);
    sqlite3_free(function);
}

/* Register a scalar function for one number of arguments. */
static int
register_scalar(sqlite3 *db, const MigApi *api, SqliteConnection *connection,
                size_t arguments)
{
    SqliteFunction *function = sqlite3_malloc64(sizeof(*function));
    int flags = SQLITE_UTF8;

    if (function == NULL)
        return SQLITE_NOMEM;
    function->api = api;
    function->own = sqlite_own_function(api);
    function->connection = connection;
    connection->references++;
    if (api->flags & (MIG_API_WRITES | MIG_API_FILES))
        flags |= SQLITE_DIRECTONLY;
    if (api->flags & MIG_API_CONSTANT)
        flags |= SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    /* On failure SQLite calls function_free() itself. */
    return sqlite3_create_function_v2(db, api->name, (int) arguments, flags,
                                      function, call_scalar, NULL, NULL,
                                      function_free);
}

/* Register a function of the table, in all its forms. */
static int
register_function(sqlite3 *db, const MigApi *api, SqliteConnection *connection)
{
    int code = SQLITE_OK;

    /* There is no CALL here. */
    if (api->flags & MIG_API_PROCEDURE)
        return SQLITE_OK;
    if (sqlite_is_fleet(api))
        return sqlite_register_fleet(db, api, connection);
    if (mig_api_is_table(api))
        return sqlite_register_table(db, api, connection);
    for (size_t i = api->min_arguments;
         i <= api->max_arguments && code == SQLITE_OK; i++)
        code = register_scalar(db, api, connection, i);
    return code;
}

int
sqlite_register(sqlite3 *db, SqliteConnection **connection)
{
    SqliteConnection *made = sqlite3_malloc64(sizeof(*made));
    int code = SQLITE_OK;

    if (made == NULL)
        return SQLITE_NOMEM;
    memset(made, 0, sizeof(*made));
    made->db = db;
    made->references = 1;
    for (size_t i = 0; i < mig_api_count && code == SQLITE_OK; i++)
        code = register_function(db, &mig_api[i], made);
    if (code == SQLITE_OK)
        *connection = made;
    else
        sqlite_connection_release(made);
    return code;
}

/*
 * Take over the functions of the library that loads us, which all others of
 * this process have to be: there is one table of them, whatever the connection.
 * It is written once, since many threads may load the extension at once.
 */
static bool
use_library(const sqlite3_api_routines *api)
{
#ifdef SQLITE_CORE
    (void) api;
    return true;
#else
    const sqlite3_api_routines *known =
        __atomic_load_n(&sqlite3_api, __ATOMIC_ACQUIRE);

    /* Where it is known, others are reading it. */
    return known == api ||
           (known == NULL &&
            (__atomic_compare_exchange_n(&sqlite3_api, &known, api, false,
                                         __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
             known == api));
#endif
}

/* Record why a library is refused, in its own memory. */
static int
refuse_library(const sqlite3_api_routines *api, char **error_message)
{
#ifndef SQLITE_CORE
    *error_message = api->mprintf(
        "migrate is in use by another copy of SQLite in this process, version "
        "%s; give this one a copy of the file under another name",
        sqlite3_libversion());
#else
    (void) api;
    (void) error_message;
#endif
    return SQLITE_ERROR;
}

__attribute__((visibility("default"))) int
sqlite3_migrate_init(sqlite3 *db, char **error_message,
                     const sqlite3_api_routines *api)
{
    SqliteConnection *connection = NULL;
    int code;

    if (!use_library(api))
        return refuse_library(api, error_message);
    if (sqlite3_libversion_number() < 3034000)
    {
        *error_message = sqlite3_mprintf("migrate needs SQLite 3.34 or newer; "
                                         "this is %s",
                                         sqlite3_libversion());
        return SQLITE_ERROR;
    }
    code = sqlite_register(db, &connection);
    if (code == SQLITE_OK)
        sqlite_connection_release(connection);
    return code;
}

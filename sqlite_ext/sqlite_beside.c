#include "sqlite_beside.h"
#include "sqlite_backup.h"
#include "sqlite_scratch.h"

#include <stdio.h>

/* Steps of the virtual machine between two looks whether to stop. */
#define STEPS_BETWEEN_LOOKS 10000

#define LIMITS 11 /* numbers of sqlite3_limit(), the last */

/* Record why a connection could not be opened. */
static MigStatus
fail_open(SqliteBeside *beside, const char *path, int code, MigError *error)
{
    (void) mig_fail(error, code == SQLITE_NOMEM ? MIG_NOMEM : MIG_FILE,
                    "cannot open database \"%s\": %s", path,
                    beside->db == NULL ? sqlite3_errstr(code)
                                       : sqlite3_errmsg(beside->db));
    error->engine_code =
        beside->db == NULL ? code : sqlite3_extended_errcode(beside->db);
    return error->status;
}

MigStatus
sqlite_beside_open_bare(SqliteBeside *beside, const char *path, int flags,
                        const char *vfs, MigError *error)
{
    int code;

    memset(beside, 0, sizeof(*beside));
    code = sqlite3_open_v2(path, &beside->db, flags, vfs);
    if (code != SQLITE_OK)
        return fail_open(beside, path, code, error);
    (void) sqlite3_extended_result_codes(beside->db, 1);
    return MIG_OK;
}

MigStatus
sqlite_beside_open(SqliteBeside *beside, const char *path, int flags,
                   const char *vfs, MigError *error)
{
    int code;

    if (sqlite_beside_open_bare(beside, path, flags, vfs, error) != MIG_OK)
        return error->status;
    code = sqlite_register(beside->db, &beside->connection);
    if (code != SQLITE_OK)
        return fail_open(beside, path, code, error);
    beside->connection->beside = true;
    return MIG_OK;
}

/* Append a text to a URI, escaped but for what needs it nowhere. */
static void
append_escaped(sqlite3_str *uri, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789/-._~";

    for (; *text != '\0'; text++)
    {
        if (strchr(plain, *text) != NULL)
            sqlite3_str_appendchar(uri, 1, *text);
        else
            sqlite3_str_appendf(uri, "%%%02X", (unsigned char) *text);
    }
}

/* Whether a URI parameter is one that a flag or another argument stands for. */
static bool
is_given_otherwise(const char *parameter)
{
    return strcmp(parameter, "vfs") == 0 || strcmp(parameter, "mode") == 0 ||
           strcmp(parameter, "cache") == 0;
}

/*
 * The URI that names an open database's file with its parameters; to be freed
 * by sqlite3_free().  NULL when out of memory.
 *
 * path  as sqlite3_db_filename() gave it
 */
static char *
uri_of(const char *path)
{
    sqlite3_str *uri = sqlite3_str_new(NULL);
    char separator = '?';
    const char *key;

    /* Behind file: two slashes would begin a host's name. */
    sqlite3_str_appendall(uri, path[0] == '/' ? "file://" : "file:");
    append_escaped(uri, path);
    for (int i = 0; (key = sqlite3_uri_key(path, i)) != NULL; i++)
    {
        if (is_given_otherwise(key))
            continue;
        sqlite3_str_appendchar(uri, 1, separator);
        append_escaped(uri, key);
        sqlite3_str_appendchar(uri, 1, '=');
        append_escaped(uri, sqlite3_uri_parameter(path, key));
        separator = '&';
    }
    return sqlite3_str_finish(uri);
}

/* Opens a database; sqlite_beside_open() or sqlite_beside_open_bare(). */
typedef MigStatus (*SqliteOpen)(SqliteBeside *beside, const char *path,
                                int flags, const char *vfs, MigError *error);

/* What is to be opened once more. */
typedef struct SameFile
{
    SqliteHost *host;
    const char *schema;
    const char *purpose;
} SameFile;

/* Open the file of an open database by one of two ways. */
static MigStatus
open_same(SqliteBeside *beside, const SameFile *file, int flags,
          SqliteOpen open_by, MigError *error)
{
    sqlite3 *from = file->host->db;
    const char *path = sqlite3_db_filename(from, file->schema);
    sqlite3_vfs *vfs = NULL;
    char *uri;

    memset(beside, 0, sizeof(*beside));
    if (path == NULL || path[0] == '\0')
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "%s needs a second connection, and a database in "
                        "memory can have none",
                        file->purpose);
        mig_fail_hint(error, "Open a database in a file; VACUUM INTO writes "
                             "one.");
        return error->status;
    }
    uri = uri_of(path);
    if (uri == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    (void) sqlite3_file_control(from, file->schema, SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    (void) open_by(beside, uri,
                   flags | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE,
                   vfs == NULL ? NULL : vfs->zName, error);
    sqlite3_free(uri);
    return error->status;
}

MigStatus
sqlite_beside_open_same(SqliteBeside *beside, SqliteHost *host,
                        const char *schema, int flags, const char *purpose,
                        MigError *error)
{
    SameFile file = {host, schema, purpose};

    return open_same(beside, &file, flags, sqlite_beside_open, error);
}

MigStatus
sqlite_beside_open_same_bare(SqliteBeside *beside, SqliteHost *host, int flags,
                             const char *purpose, MigError *error)
{
    SameFile file = {host, "main", purpose};

    return open_same(beside, &file, flags, sqlite_beside_open_bare, error);
}

bool
sqlite_is_stopped(SqliteConnection *connection)
{
    if (connection->stopped != NULL && !connection->interrupted)
        connection->interrupted =
            connection->stopped(connection->stopped_context);
    return connection->interrupted;
}

/* A progress handler, on a connection of our own. */
static int
on_progress(void *connection)
{
    return sqlite_is_stopped(connection);
}

/* A library that was built without progress handlers (better-sqlite3's is)
 * makes us ask between statements alone. */
void
sqlite_watch(SqliteConnection *connection, bool (*stopped)(void *context),
             void *context)
{
    connection->stopped = stopped;
    connection->stopped_context = context;
#ifndef SQLITE_CORE
    if (sqlite3_api->progress_handler == NULL)
        return;
#endif
    sqlite3_progress_handler(connection->db, STEPS_BETWEEN_LOOKS, on_progress,
                             connection);
}

bool
sqlite_probe(sqlite3_stmt *probe)
{
    int code = sqlite3_step(probe);

    (void) sqlite3_reset(probe);
    return sqlite_is(code, SQLITE_INTERRUPT);
}

/* Whether the connection that a call came from is interrupted, or that from
 * which it came in turn. */
static bool
is_caller_interrupted(void *context)
{
    const SqliteConnection *connection = context;

    return sqlite_is_stopped(connection->caller) ||
           (connection->probe != NULL && sqlite_probe(connection->probe));
}

/* The probe tells of an interrupt on every version of the library, and lets the
 * caller's own progress handler end the call.  Without it, where an authorizer
 * forbids it, the call just cannot be interrupted. */
void
sqlite_beside_follow(SqliteBeside *beside, SqliteHost *host)
{
    SqliteConnection *connection = beside->connection;

    connection->caller = host->connection;
    (void) sqlite3_prepare_v2(host->db, "SELECT NULL", -1, &connection->probe,
                              NULL);
    sqlite_watch(connection, is_caller_interrupted, connection);
}

void
sqlite_beside_switch(SqliteBeside *beside, sqlite3 *from)
{
    static const int switches[] = {
        SQLITE_DBCONFIG_ENABLE_FKEY,    SQLITE_DBCONFIG_ENABLE_TRIGGER,
        SQLITE_DBCONFIG_ENABLE_VIEW,    SQLITE_DBCONFIG_LEGACY_ALTER_TABLE,
        SQLITE_DBCONFIG_DQS_DML,        SQLITE_DBCONFIG_DQS_DDL,
        SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DEFENSIVE};

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
    {
        int value = 0;

        if (sqlite3_db_config(from, switches[i], -1, &value) == SQLITE_OK)
            (void) sqlite3_db_config(beside->db, switches[i], value, NULL);
    }
}

/* What else of a connection a migration may depend on. */
static const char *const pragmas[] = {"recursive_triggers",
                                      "ignore_check_constraints",
                                      "reverse_unordered_selects"};

void
sqlite_beside_resemble(Mig *mig, SqliteBeside *beside)
{
    sqlite3 *from = ((SqliteHost *) mig->host)->db;
    sqlite3 *to = beside->db;
    int value = 0;

    sqlite_beside_switch(beside, from);
    if (sqlite3_db_config(from, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &value) ==
        SQLITE_OK)
        (void) sqlite3_db_config(to, SQLITE_DBCONFIG_WRITABLE_SCHEMA, value,
                                 NULL);
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
    {
        char sql[80];

        (void) snprintf(sql, sizeof(sql), "PRAGMA %s", pragmas[i]);
        (void) snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", pragmas[i],
                        (long long) sqlite_query_integer(mig, from, sql));
        if (mig_ok(mig))
            (void) sqlite3_exec(to, sql, NULL, NULL, NULL);
    }
    for (int i = 0; i <= LIMITS; i++)
        (void) sqlite3_limit(to, i, sqlite3_limit(from, i, -1));
}

/* An authorizer: no file is attached. */
static int
authorize(void *context, int action, const char *first, const char *second,
          const char *database, const char *trigger)
{
    SqliteFence *fence = context;

    (void) second;
    (void) database;
    (void) trigger;
    if (action != SQLITE_ATTACH)
        return SQLITE_OK;
    if (first != NULL && (first[0] == '\0' || strcmp(first, ":memory:") == 0))
        return SQLITE_OK;
    (void) sqlite3_snprintf((int) sizeof(fence->refused), fence->refused, "%s",
                            first == NULL ? "a file whose name is an expression"
                                          : first);
    return SQLITE_DENY;
}

void
sqlite_fence(SqliteBeside *beside, SqliteFence *fence)
{
    fence->refused[0] = '\0';
    (void) sqlite3_set_authorizer(beside->db, authorize, fence);
}

MigStatus
sqlite_beside_fill(SqliteBeside *beside, SqliteHost *host, MigError *error)
{
    sqlite3_backup *backup;

    if (sqlite3_txn_state(host->db, "main") == SQLITE_TXN_WRITE)
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "what the transaction that is open has written cannot "
                        "be copied");
        mig_fail_hint(error, "Send COMMIT or ROLLBACK, then ask again.");
        return error->status;
    }
    backup = sqlite3_backup_init(beside->db, "main", host->db, "main");
    if (backup != NULL)
    {
        (void) sqlite3_backup_step(backup, -1);
        (void) sqlite3_backup_finish(backup);
    }
    return sqlite3_errcode(beside->db) == SQLITE_OK
               ? MIG_OK
               : sqlite_fail_of(beside->db, error);
}

void
sqlite_beside_close(SqliteBeside *beside)
{
    if (beside->connection != NULL)
        (void) sqlite3_finalize(beside->connection->probe);
    if (beside->connection != NULL)
        sqlite_connection_release(beside->connection);
    (void) sqlite3_close(beside->db);
    memset(beside, 0, sizeof(*beside));
}

MigStatus
sqlite_beside_call(SqliteBeside *beside, const char *function, MigCall *call,
                   SqliteHost *host)
{
    const MigApi *api = mig_api_find(function);

    sqlite_host_begin(host, beside->connection, sqlite_read_wait_ms(api));
    call->host = &host->host;
    call->own = sqlite_own_function(api);
    return mig_call(api, call);
}

void
sqlite_beside_call_end(MigCall *call, SqliteHost *host)
{
    mig_call_end(call);
    sqlite_host_end(host);
}

#include "sqlite_host.h"

/* How long a call on a connection of ours waits before it looks. */
#define LOOK_WAIT_MS ((int64_t) 10000)

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
sqlite_beside_open(SqliteBeside *beside, const char *path, int flags,
                   const char *vfs, MigError *error)
{
    int code;

    memset(beside, 0, sizeof(*beside));
    code = sqlite3_open_v2(path, &beside->db, flags, vfs);
    if (code != SQLITE_OK)
        return fail_open(beside, path, code, error);
    (void) sqlite3_extended_result_codes(beside->db, 1);
    code = sqlite_register(beside->db, &beside->connection);
    if (code != SQLITE_OK)
        return fail_open(beside, path, code, error);
    return MIG_OK;
}

MigStatus
sqlite_beside_open_same(SqliteBeside *beside, SqliteHost *host,
                        const char *schema, int flags, const char *purpose,
                        MigError *error)
{
    const char *path = sqlite3_db_filename(host->db, schema);
    sqlite3_vfs *vfs = NULL;

    memset(beside, 0, sizeof(*beside));
    if (path == NULL || path[0] == '\0')
        return mig_fail(error, MIG_UNSUPPORTED,
                        "%s needs a second connection, and a database in "
                        "memory can have none",
                        purpose);
    (void) sqlite3_file_control(host->db, schema, SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    return sqlite_beside_open(beside, path, flags,
                              vfs == NULL ? NULL : vfs->zName, error);
}

void
sqlite_beside_close(SqliteBeside *beside)
{
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

    sqlite_host_begin(host, beside->connection, LOOK_WAIT_MS);
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

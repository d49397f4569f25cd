#include "sqlite_beside.h"
#include "sqlite_host.h"

#include "mig_setting.h"
#include "mig_write.h"

/*
 * An attached database as the one to migrate
 *
 * The setting target_schema of main's catalogue names it.  A call is then done
 * from its beginning to its end on a connection of our own to that file, whose
 * catalogue lies in the file itself.  So the file is the same whoever migrates
 * it, attached here or opened as main elsewhere; a migration's text needs no
 * schema's name; and a commit is that of one file.
 *
 * What the two connections must not do to each other is refused before: the
 * caller's open statements and transactions would wait for us, who wait for
 * them.  Our connection has the caller's switches (sqlite3_db_config), and ends
 * when the caller is interrupted.
 */

/* Named by a setting of main's, which is read on the caller's connection. */
#define TARGET_SETTING "target_schema"

/* Functions that are about files that they are told, and no database here. */
static const char *const unconcerned[] = {"migrate_fleet",
                                          "migrate_fleet_status"};

/* Whether the first argument of a call is the given text. */
static bool
first_is(const MigCall *call, const char *text)
{
    return call->argument_count > 0 && call->arguments[0].type == MIG_TEXT &&
           mig_bytes_equal(call->arguments[0].bytes, mig_bytes(text));
}

/* Whether a call is about the database that target_schema names. */
static bool
is_concerned(const MigApi *api, const MigCall *call)
{
    for (size_t i = 0; i < sizeof(unconcerned) / sizeof(unconcerned[0]); i++)
    {
        if (strcmp(api->name, unconcerned[i]) == 0)
            return false;
    }
    return strcmp(api->name, "migrate_config") != 0 ||
           !first_is(call, TARGET_SETTING);
}

/* Whether a call may change the database: migrate_config() only by a value. */
static bool
writes(const MigApi *api, const MigCall *call)
{
    return (api->flags & MIG_API_WRITES) != 0 &&
           (strcmp(api->name, "migrate_config") != 0 ||
            call->argument_count > 1);
}

/* What PRAGMA database_list says of a schema. */
typedef struct AttachedSchema
{
    bool found;
    int number; /* 0 is main, 1 is temp */
} AttachedSchema;

/*
 * Find a schema among those that are attached.
 *
 * names  out: all of them, for a message
 */
static AttachedSchema
find_schema(Mig *mig, const char *name, MigText *names)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    AttachedSchema schema = {false, 0};
    sqlite3_stmt *statement = NULL;
    int code;

    code = sqlite3_prepare_v2(host->db, "PRAGMA database_list", -1, &statement,
                              NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW)
    {
        const char *found;

        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        found = (const char *) sqlite3_column_text(statement, 1);
        if (found == NULL)
            continue;
        mig_text_append_string(names, names->length > 0 ? ", " : "");
        mig_text_append_string(names, found);
        if (sqlite3_stricmp(found, name) == 0)
        {
            schema.found = true;
            schema.number = sqlite3_column_int(statement, 0);
        }
    }
    if (code != SQLITE_DONE)
    {
        (void) sqlite_fail(host, mig->error);
        mig_fail_prefix(mig->error, "cannot list the attached databases: ");
    }
    (void) sqlite3_finalize(statement);
    return schema;
}

/* Fail unless a schema is there, and is an attached one or main. */
static void
require_attached(Mig *mig, AttachedSchema schema, const char *name,
                 const MigText *names)
{
    if (!mig_ok(mig) || (schema.found && schema.number != 1))
        return;
    if (schema.found || sqlite3_stricmp(name, "temp") == 0)
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "the setting \"" TARGET_SETTING "\" names \"%s\", "
                        "which is gone with the connection",
                        name);
    else
    {
        (void) mig_fail(mig->error, MIG_UNKNOWN,
                        "database \"%.200s\" is not attached", name);
        mig_fail_detail(mig->error,
                        "It is named by the setting \"" TARGET_SETTING "\".  "
                        "There are: %.*s.",
                        (int) mig_cut(mig_text_bytes(names), 1000).length,
                        names->data);
    }
    mig_fail_hint(mig->error,
                  "ATTACH it, or SELECT migrate_config('%s', NULL) to go back "
                  "to main.",
                  TARGET_SETTING);
}

/*
 * Whether the caller's connection keeps all others out of a schema.  In memory,
 * and with immutable=1, nobody is kept out, whatever the pragma says.
 */
static bool
is_exclusive(Mig *mig, const char *schema)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    sqlite3_stmt *statement = NULL;
    bool exclusive = false;
    char *sql;

    if (sqlite3_db_filename(host->db, schema)[0] == '\0' ||
        sqlite3_db_readonly(host->db, schema) == 1)
        return false;
    sql = sqlite3_mprintf("PRAGMA \"%w\".locking_mode", schema);
    if (sql == NULL)
        (void) mig_fail(mig->error, MIG_NOMEM, "out of memory");
    else if (sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL) !=
             SQLITE_OK)
        (void) sqlite_fail(host, mig->error);
    else if (sqlite3_step(statement) == SQLITE_ROW)
    {
        const char *mode = (const char *) sqlite3_column_text(statement, 0);

        exclusive = mode != NULL && sqlite3_stricmp(mode, "exclusive") == 0;
    }
    (void) sqlite3_finalize(statement);
    sqlite3_free(sql);
    return exclusive;
}

/* Fail where the caller's connection itself stands in the way of ours. */
static void
require_free(Mig *mig, const MigApi *api, const MigCall *call,
             const char *schema)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    int moved = 0;

    if (writes(api, call) && !sqlite3_get_autocommit(host->db))
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "%s cannot run inside the transaction that is open: "
                        "attached database \"%s\" is migrated on a connection "
                        "of its own",
                        api->name, schema);
        mig_fail_hint(mig->error, "Send COMMIT or ROLLBACK first.");
        return;
    }
    if (writes(api, call) || (api->flags & MIG_API_FILES) != 0)
        (void) sqlite_require_alone(mig->host, api->name, mig->error);
    else if (!sqlite3_get_autocommit(host->db) &&
             sqlite3_txn_state(host->db, schema) == SQLITE_TXN_WRITE)
    {
        (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                        "%s cannot see what the transaction that is open "
                        "writes to attached database \"%s\"",
                        api->name, schema);
        mig_fail_hint(mig->error, "Send COMMIT or ROLLBACK first.");
    }
    if (mig_ok(mig) && is_exclusive(mig, schema))
    {
        (void) mig_fail(mig->error, MIG_LOCKED,
                        "PRAGMA locking_mode = exclusive keeps other "
                        "connections out of attached database \"%s\"",
                        schema);
        mig_fail_hint(mig->error,
                      "Attached databases are migrated on a connection of "
                      "their own.  Send PRAGMA locking_mode = normal, then "
                      "read a table of it, which ends the lock.");
    }
    (void) sqlite3_file_control(host->db, schema, SQLITE_FCNTL_HAS_MOVED,
                                &moved);
    if (moved != 0)
        (void) mig_fail(mig->error, MIG_FILE,
                        "the file of attached database \"%s\" is no longer "
                        "where it was: \"%s\"",
                        schema, sqlite3_db_filename(host->db, schema));
}

/* Open the attached file for a call. */
static void
open_attached(Mig *mig, const char *schema, SqliteBeside *beside)
{
    SqliteHost *host = (SqliteHost *) mig->host;
    int flags = sqlite3_db_readonly(host->db, schema) == 1
                    ? SQLITE_OPEN_READONLY
                    : SQLITE_OPEN_READWRITE;
    char purpose[40 + MIG_PROJECT_MAX]; /* the setting is no longer */

    (void) sqlite3_snprintf((int) sizeof(purpose), purpose,
                            "migrating attached database \"%s\"", schema);
    if (sqlite_beside_open_same(beside, host, schema, flags, purpose,
                                mig->error) != MIG_OK)
        return;
    sqlite_beside_switch(beside, host->db);
    sqlite_beside_follow(beside, host);
}

/*
 * Give a connection of ours what the caller's remembers of the same file, or
 * have it remembered anew: what was said of one file is not true of another.
 */
static void
take_session(Mig *mig, SqliteBeside *beside)
{
    SqliteElsewhere *known = &((SqliteHost *) mig->host)->connection->elsewhere;
    const char *path = sqlite3_db_filename(beside->db, "main");

    if (known->path == NULL || strcmp(known->path, path) != 0)
    {
        sqlite3_free(known->path);
        memset(known, 0, sizeof(*known));
        known->path = sqlite3_mprintf("%s", path);
        if (known->path == NULL)
            (void) mig_fail(mig->error, MIG_NOMEM, "out of memory");
    }
    beside->connection->session = known->session;
}

/* Where the rows of a call go. */
typedef struct Forward
{
    MigCall *call; /* the caller's */
    bool settings; /* they are migrate_settings()' */
    const char *schema;
} Forward;

/* A MigEmit: hand a row on; that of target_schema has main's value. */
static MigStatus
forward_row(MigCall *inner, const MigValue *columns, size_t count)
{
    const Forward *forward = inner->emit_context;
    MigValue row[MIG_MAX_TABLE_COLUMNS];

    memcpy(row, columns, count * sizeof(row[0]));
    if (forward->settings &&
        mig_bytes_equal(row[0].bytes, mig_bytes(TARGET_SETTING)))
    {
        row[1] = mig_string(forward->schema);
        row[3] = mig_string("database");
    }
    return forward->call->emit(forward->call, row, count);
}

/* Do a call on a connection of ours. */
static void
call_there(const MigApi *api, MigCall *call, const char *schema,
           SqliteBeside *beside)
{
    Forward forward = {call, strcmp(api->name, "migrate_settings") == 0,
                       schema};
    SqliteHost host;
    MigCall inner;

    memset(&inner, 0, sizeof(inner));
    inner.arguments = call->arguments;
    inner.argument_count = call->argument_count;
    inner.error = call->error;
    inner.emit = forward_row;
    inner.emit_context = &forward;
    if (sqlite_beside_call(beside, api->name, &inner, &host) == MIG_OK)
    {
        call->result = inner.result;
        call->result.bytes =
            mig_copy(call->arena, inner.result.bytes, call->error);
    }
    sqlite_beside_call_end(&inner, &host);
}

bool
sqlite_elsewhere(Mig *mig, const MigApi *api, MigCall *call)
{
    SqliteConnection *connection = ((SqliteHost *) mig->host)->connection;
    MigBytes target = mig_setting(mig, TARGET_SETTING, NULL);
    MigText names = {mig->arena, mig->error, NULL, 0, 0};
    AttachedSchema schema;
    SqliteBeside beside = {NULL, NULL};
    const char *name;

    /* A migration that is running must not start another: the core says so. */
    if (connection->beside || connection->session.running ||
        target.length == 0 || !is_concerned(api, call))
        return false;
    name = mig_copy(mig->arena, target, mig->error).data;
    if (name == NULL || sqlite3_stricmp(name, "main") == 0)
        return !mig_ok(mig);
    schema = find_schema(mig, name, &names);
    require_attached(mig, schema, name, &names);
    if (mig_ok(mig) && schema.number == 0)
        return false;
    if (mig_ok(mig))
        require_free(mig, api, call, name);
    if (mig_ok(mig))
        open_attached(mig, name, &beside);
    if (mig_ok(mig))
        take_session(mig, &beside);
    if (mig_ok(mig))
    {
        call_there(api, call, name, &beside);
        connection->elsewhere.session = beside.connection->session;
    }
    sqlite_beside_close(&beside);
    return true;
}

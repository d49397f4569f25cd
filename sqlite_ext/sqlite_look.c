#include "sqlite_beside.h"
#include "sqlite_host.h"

/*
 * Looking by texts that others have written
 *
 * Whoever made a file can have put anything into its verify sections, views
 * and generated columns.  What they ask is run on a connection of our own,
 * which opens the file for reading alone, has no function of the application's
 * nor of ours, trusts nothing in the schema, and is let do nothing but read.
 *
 * A database in memory has no second connection: its contents are copied into
 * another one.  What a transaction of the caller's has written to a file and
 * not committed cannot be seen, so that nothing is looked at then.
 */

/* Steps of the virtual machine between two looks whether to stop. */
#define STEPS_BETWEEN_LOOKS 10000

/* Functions of the library that do more than compute. */
static const char *const refused_functions[] = {"load_extension",
                                                "fts3_tokenizer", "sqlite_log"};

/* PRAGMAs that only tell something, as functions in queries. */
static const char *const told[] = {
    "application_id",   "collation_list", "compile_options",
    "database_list",    "encoding",       "foreign_key_check",
    "foreign_key_list", "freelist_count", "function_list",
    "index_info",       "index_list",     "index_xinfo",
    "integrity_check",  "module_list",    "page_count",
    "page_size",        "pragma_list",    "quick_check",
    "schema_version",   "table_info",     "table_list",
    "table_xinfo",      "user_version",   "data_version"};

/* Those whose argument would be a new value. */
static const char *const set[] = {"application_id", "encoding", "page_size",
                                  "schema_version", "user_version"};

/* What the engine prepares to write when a virtual table is only read: the
 * schema, without ever doing so, and the R-tree module the tables with these
 * ends of their names.  Done, it would fail. */
static const char *const schema_tables[] = {"sqlite_master",
                                            "sqlite_temp_master"};
static const char *const rtree_tables[] = {"_node", "_rowid", "_parent"};

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Whether a name is one of a list. */
static bool
is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (sqlite3_stricmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

/* Whether a function may be called. */
static bool
may_call(const char *name)
{
    /* Where the extension is linked in, every connection may have ours. */
    return sqlite3_strnicmp(name, "migrate_", 8) != 0 &&
           !is_listed(name, refused_functions, COUNT_OF(refused_functions));
}

/* Whether a PRAGMA may be asked. */
static bool
may_ask(const char *name, const char *argument)
{
    return is_listed(name, told, COUNT_OF(told)) &&
           (argument == NULL || !is_listed(name, set, COUNT_OF(set)));
}

/* Whether a table may be read: a table function of ours may not. */
static bool
may_read(const char *name)
{
    return mig_api_find(name) == NULL;
}

/* Whether a statement that writes a table may be prepared. */
static bool
may_prepare(const char *table)
{
    MigBytes name = mig_bytes(table);

    for (size_t i = 0; i < COUNT_OF(rtree_tables); i++)
    {
        if (mig_ends_with(name, rtree_tables[i]))
            return true;
    }
    return is_listed(table, schema_tables, COUNT_OF(schema_tables));
}

/* An authorizer: nothing but reading. */
static int
authorize(void *context, int action, const char *first, const char *second,
          const char *database, const char *trigger)
{
    bool allowed = false;

    (void) context;
    (void) database;
    (void) trigger;
    switch (action)
    {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE:
            allowed = true;
            break;
        case SQLITE_READ:
            allowed = may_read(first == NULL ? "" : first);
            break;
        case SQLITE_FUNCTION:
            allowed = may_call(second == NULL ? "" : second);
            break;
        case SQLITE_PRAGMA:
            allowed = may_ask(first == NULL ? "" : first, second);
            break;
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE:
            allowed = may_prepare(first == NULL ? "" : first);
            break;
        default:
            break;
    }
    return allowed ? SQLITE_OK : SQLITE_DENY;
}

/* A progress handler: stop when the caller is interrupted. */
static int
on_progress(void *context)
{
    const SqliteHost *host = context;

    return sqlite_is_stopped(host->connection) ||
           (host->look.probe != NULL && sqlite_probe(host->look.probe));
}

/* Have the look end when the caller is interrupted, where the library can. */
static void
follow(SqliteHost *host)
{
    (void) sqlite3_prepare_v2(host->db, "SELECT NULL", -1, &host->look.probe,
                              NULL);
#ifndef SQLITE_CORE
    if (sqlite3_api->progress_handler == NULL)
        return;
#endif
    sqlite3_progress_handler(host->look.db, STEPS_BETWEEN_LOOKS, on_progress,
                             host);
}

/* Whether a database can be opened by its name. */
static bool
has_file(SqliteHost *host)
{
    const char *path = sqlite3_db_filename(host->db, "main");
    sqlite3_vfs *vfs = NULL;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_VFS_POINTER,
                                &vfs);
    return path != NULL && path[0] != '\0' &&
           (vfs == NULL || strcmp(vfs->zName, "memdb") != 0);
}

/* Open what is looked at. */
static MigStatus
open_database(SqliteHost *host, SqliteBeside *beside, MigError *error)
{
    memset(beside, 0, sizeof(*beside));
    if (!has_file(host))
        return sqlite_beside_open_bare(
                   beside, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL,
                   error) == MIG_OK
                   ? sqlite_beside_fill(beside, host, error)
                   : error->status;
    if (!sqlite3_get_autocommit(host->db) &&
        sqlite3_txn_state(host->db, "main") == SQLITE_TXN_WRITE)
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "another connection cannot see what the transaction "
                        "that is open has written");
        mig_fail_hint(error, "Send COMMIT or ROLLBACK, then ask again.");
        return error->status;
    }
    if (sqlite_is_moved(host))
        return sqlite_fail_moved("migrate_verify", error);
    return sqlite_beside_open_same_bare(beside, host, SQLITE_OPEN_READONLY,
                                        "looking by stored texts", error);
}

/* Let nothing be done on the connection but reading. */
static void
shut_in(SqliteHost *host)
{
    static const int off[] = {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                              SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
                              SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                              SQLITE_DBCONFIG_WRITABLE_SCHEMA};
    static const int alike[] = {SQLITE_DBCONFIG_DQS_DML,
                                SQLITE_DBCONFIG_DQS_DDL,
                                SQLITE_DBCONFIG_ENABLE_VIEW};
    sqlite3 *db = host->look.db;

    for (size_t i = 0; i < COUNT_OF(off); i++)
        (void) sqlite3_db_config(db, off[i], 0, NULL);
    for (size_t i = 0; i < COUNT_OF(alike); i++)
    {
        int value = 0;

        if (sqlite3_db_config(host->db, alike[i], -1, &value) == SQLITE_OK)
            (void) sqlite3_db_config(db, alike[i], value, NULL);
    }
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void) sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    (void) sqlite3_exec(db, "PRAGMA query_only = on", NULL, NULL, NULL);
    (void) sqlite3_busy_timeout(db, (int) host->read_wait_ms);
    (void) sqlite3_set_authorizer(db, authorize, NULL);
}

/* Have the connection open. */
static MigStatus
look_open(SqliteHost *host, MigError *error)
{
    SqliteBeside beside;

    if (host->look.db != NULL)
        return MIG_OK;
    if (open_database(host, &beside, error) != MIG_OK)
    {
        sqlite_beside_close(&beside);
        return error->status;
    }
    host->look.db = beside.db;
    shut_in(host);
    follow(host);
    return MIG_OK;
}

MigStatus
sqlite_look_begin(MigHost *base, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    host->look.begun = look_open(host, error) == MIG_OK;
    return error->status;
}

void
sqlite_look_end(MigHost *base)
{
    ((SqliteHost *) base)->look.begun = false;
}

void
sqlite_look_close(SqliteHost *host)
{
    (void) sqlite3_finalize(host->look.probe);
    (void) sqlite3_close(host->look.db);
    memset(&host->look, 0, sizeof(host->look));
}

/* Say of a failure whether it was only not let, or what keeps it from being
 * found out: then it says nothing of what was asked. */
static MigStatus
judge_failure(MigError *error)
{
    if (error->status != MIG_ENGINE)
        return error->status;
    if (sqlite_is(error->engine_code, SQLITE_AUTH))
        error->status = MIG_DENIED;
    else if (sqlite_is(error->engine_code, SQLITE_READONLY))
        error->status = MIG_READ_ONLY;
    else if (sqlite_is(error->engine_code, SQLITE_BUSY) ||
             sqlite_is(error->engine_code, SQLITE_LOCKED))
    {
        error->status = MIG_LOCKED;
        mig_fail_hint(error, "Another process has the file locked, or this "
                             "connection, by PRAGMA locking_mode = EXCLUSIVE: "
                             "set that to NORMAL and read a table, then ask "
                             "again.");
    }
    else if (sqlite_is(error->engine_code, SQLITE_IOERR) ||
             sqlite_is(error->engine_code, SQLITE_CANTOPEN) ||
             sqlite_is(error->engine_code, SQLITE_FULL))
        error->status = MIG_FILE;
    return error->status;
}

MigStatus
sqlite_look_check(SqliteHost *host, const MigStatement *statement, bool *holds,
                  size_t *offset, MigError *error)
{
    sqlite3 *caller = host->db;

    host->db = host->look.db;
    (void) sqlite_query_holds(host, statement, holds, offset, error);
    host->db = caller;
    host->may_commit = false;
    return judge_failure(error);
}

/* Tables that may refer to others; virtual ones cannot. */
#define KEY_TABLES                                                             \
    "sqlite_schema WHERE type = 'table' AND rootpage > 0 "                     \
    "AND instr(lower(sql), 'references') > 0"

/* Whether any table refers to another; reads names and texts alone. */
static MigStatus
has_keys(SqliteHost *host, bool *found, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(host->db,
                                  "SELECT 1 FROM main." KEY_TABLES " LIMIT 1",
                                  -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

/* Violations of one foreign key. */
typedef struct KeyViolations
{
    char *parent; /* the table that it refers to; NULL: there are none */
    int64_t count;
} KeyViolations;

/* Those of one table, row by row, each for any of its keys. */
typedef struct Violations
{
    MigFaultFunction fault;
    void *context;
    char *table;         /* the present one */
    KeyViolations *keys; /* by their numbers */
    int key_count;
} Violations;

/* Tell of the violations of one key. */
static MigStatus
tell_key(const Violations *violations, const KeyViolations *key,
         MigError *error)
{
    MigFault fault = {"foreign key", mig_bytes(violations->table), NULL, NULL};
    char *problem = sqlite3_mprintf(
        "%lld row%s to what is not in table \"%w\"", (long long) key->count,
        key->count == 1 ? " refers" : "s refer", key->parent);
    char *hint = sqlite3_mprintf("PRAGMA foreign_key_check(\"%w\") has them.",
                                 violations->table);

    fault.problem = problem;
    fault.hint = hint;
    if (problem == NULL || hint == NULL)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else
        (void) violations->fault(violations->context, &fault, error);
    sqlite3_free(problem);
    sqlite3_free(hint);
    return error->status;
}

/* Tell of the table's violations, and forget them. */
static MigStatus
end_table(Violations *violations, MigError *error)
{
    for (int i = 0; i < violations->key_count; i++)
    {
        if (violations->keys[i].parent != NULL && error->status == MIG_OK)
            (void) tell_key(violations, &violations->keys[i], error);
        sqlite3_free(violations->keys[i].parent);
    }
    sqlite3_free(violations->keys);
    sqlite3_free(violations->table);
    violations->keys = NULL;
    violations->key_count = 0;
    violations->table = NULL;
    return error->status;
}

/* The violations of a key of the present table; NULL when out of memory. */
static KeyViolations *
key_of(Violations *violations, int number)
{
    if (number >= violations->key_count)
    {
        size_t size = sizeof(KeyViolations);
        size_t before = size * (size_t) violations->key_count;
        KeyViolations *keys =
            sqlite3_realloc64(violations->keys, size * ((size_t) number + 1));

        if (keys == NULL)
            return NULL;
        memset((char *) keys + before, 0,
               size * ((size_t) number + 1) - before);
        violations->keys = keys;
        violations->key_count = number + 1;
    }
    return &violations->keys[number];
}

/* Take a row of PRAGMA foreign_key_check: table, rowid, parent, key. */
static MigStatus
take_violation(Violations *violations, sqlite3_stmt *statement, MigError *error)
{
    const char *parent = (const char *) sqlite3_column_text(statement, 2);
    KeyViolations *key = key_of(violations, sqlite3_column_int(statement, 3));

    if (key != NULL && key->parent == NULL && parent != NULL)
        key->parent = sqlite3_mprintf("%s", parent);
    if (key == NULL || key->parent == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    key->count++;
    return MIG_OK;
}

/*
 * Tell of a table whose keys the engine does not check: mostly since what one
 * of them refers to is not unique.  Its orphans are not known then.
 */
static MigStatus
tell_unchecked(const Violations *violations, sqlite3 *db, MigError *error)
{
    MigFault fault = {"foreign key", mig_bytes(violations->table), NULL, NULL};
    char *problem = sqlite3_mprintf("its foreign keys are not checked: %s",
                                    sqlite3_errmsg(db));

    fault.problem = problem;
    fault.hint = "The columns that a key refers to must be the other table's "
                 "primary key, or have a unique index; migrate_rebuild() gives "
                 "a table another definition.";
    if (problem == NULL)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else
        (void) violations->fault(violations->context, &fault, error);
    sqlite3_free(problem);
    return error->status;
}

/* Check the keys of one table; those of others are not looked at, so that one
 * that cannot be checked hides nothing. */
static MigStatus
check_table(SqliteHost *host, const char *table, Violations *violations,
            MigError *error)
{
    sqlite3 *db = host->look.db;
    char *sql = sqlite3_mprintf("PRAGMA main.foreign_key_check(\"%w\")", table);
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_NOMEM;

    violations->table = sqlite3_mprintf("%s", table);
    if (sql != NULL && violations->table != NULL)
        code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    while (code == SQLITE_ROW &&
           take_violation(violations, statement, error) == MIG_OK)
        code = sqlite3_step(statement);
    if (error->status == MIG_OK && sqlite_is(code, SQLITE_ERROR))
        (void) tell_unchecked(violations, db, error);
    else if (error->status == MIG_OK && code == SQLITE_NOMEM)
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
    else if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail_of(db, error);
    (void) sqlite3_finalize(statement);
    return end_table(violations, error);
}

MigStatus
sqlite_list_faults(MigHost *base, MigFaultFunction fault, void *context,
                   MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    Violations violations = {fault, context, NULL, NULL, 0};
    sqlite3_stmt *tables = NULL;
    bool found = false;
    int code;

    if (has_keys(host, &found, error) != MIG_OK || !found ||
        look_open(host, error) != MIG_OK)
        return error->status;
    code = sqlite3_prepare_v2(
        host->look.db, "SELECT name FROM main." KEY_TABLES " ORDER BY rowid",
        -1, &tables, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(tables);
    for (; code == SQLITE_ROW && error->status == MIG_OK;
         code = sqlite3_step(tables))
        (void) check_table(host, (const char *) sqlite3_column_text(tables, 0),
                           &violations, error);
    if (error->status == MIG_OK && code != SQLITE_DONE)
        (void) sqlite_fail_of(host->look.db, error);
    (void) sqlite3_finalize(tables);
    return judge_failure(error);
}

#ifndef SQLITE_HOST_H
#define SQLITE_HOST_H

/*
 * The SQLite side of the host contract (common/mig_host.h), split by duty:
 *
 *   sqlite_migrate.c      entry point, scalar functions, errors
 *   sqlite_table.c        table functions
 *   sqlite_host.c         the method table, clocks, who calls, hashing
 *   sqlite_catalogue.c    the catalogue's tables and statements, and
 *   sqlite_addition.c     what others have put on them; sqlite_catalogue.h
 *   sqlite_alone.c        no other statement of the connection in the way
 *   sqlite_transaction.c  lock, commit, savepoints, interrupts
 *   sqlite_token.c        tokens
 *   sqlite_script.c       the token scan: statements and their kinds
 *   sqlite_lex.c          the tokens of scripts, for comparing
 *   sqlite_shell.c        the sqlite3 shell's commands in scripts
 *   sqlite_run.c          running statements
 *   sqlite_look.c         running what others have written, which only looks
 *   sqlite_pragma.c       connection state that migrations change
 *   sqlite_touch.c        which tables a statement changes
 *   sqlite_keys.c         foreign keys that the engine does not enforce
 *   sqlite_references.c   which tables refer to which
 *   sqlite_hash.c         finding items of an array
 *   sqlite_attach.c       ATTACH, around a migration
 *   sqlite_temporary.c    temporary objects of migrations
 *   sqlite_outside.c      VACUUM, on a connection of our own
 *   sqlite_file.c         files and directories
 *   sqlite_destroy.h      what a statement would destroy
 *   sqlite_there.c        the settings of attached databases
 *   sqlite_inspect.c      what a run depends on
 *   sqlite_other.c        other tools' tables
 *   sqlite_rebuild*.c     migrate_rebuild(); see sqlite_rebuild.h
 *   sqlite_beside.c       other connections of ours, beside the caller's
 *   sqlite_schema.h       rows and objects of a schema, what changes of them
 *   sqlite_scratch.h      databases to try migrations on
 *   sqlite_elsewhere.c    an attached database as the one to migrate
 *   sqlite_fleet*.c       many files at once; sqlite_fleet.h
 *   sqlite_backup.h       copies: backup, restore, rehearsal
 */

#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#include "mig.h"
#include "mig_api.h"
#include "mig_memory.h"
#include "mig_text.h"

#define PRAGMA_MAX 40 /* rows of the table in sqlite_pragma.c, at most */

/* Where a call stands with the transaction. */
typedef enum SqliteTransaction
{
    TRANSACTION_NONE,
    TRANSACTION_OWN,    /* we began it */
    TRANSACTION_CALLERS /* it was open when we were called */
} SqliteTransaction;

/* What a connection remembers of the attached database it has migrated. */
typedef struct SqliteElsewhere
{
    char *path; /* of its file; NULL: nothing */
    MigSession session;
} SqliteElsewhere;

/* What the connection keeps between calls: one for each connection. */
typedef struct SqliteConnection
{
    sqlite3 *db;
    int references; /* functions and modules that hold it */
    MigSession session;
    bool left_open; /* a transaction of ours could not be rolled back */
    struct SqliteAttached *attached; /* by migrations; sqlite_attach.c */
    char actor[128]; /* who runs this process; "" until asked for */
    char client[256];
    SqliteElsewhere elsewhere;
    bool beside; /* it is one of ours; its main is what it is about */
    struct SqliteConnection *caller; /* then: on whose behalf; or NULL, */
    sqlite3_stmt *probe; /* what tells there of an interrupt, or NULL */
    bool (*stopped)(void *context); /* whether to stop, or NULL; */
    void *stopped_context;
    bool interrupted; /* it has said so; see sqlite_watch() */
} SqliteConnection;

/* Whether a schema has foreign keys. */
typedef enum SqliteKeysKnown
{
    KEYS_UNKNOWN,
    KEYS_NONE,
    KEYS_PRESENT
} SqliteKeysKnown;

/* Numbers of items by a hash of them; sqlite_hash.h. */
typedef struct SqliteLink
{
    uint32_t value;
    size_t next;
} SqliteLink;

typedef struct SqliteHash
{
    size_t count;      /* items */
    size_t size;       /* lists, a power of two, and room for items; or 0 */
    size_t *heads;     /* the first item of each list */
    SqliteLink *links; /* of each item */
} SqliteHash;

/* Foreign keys that the engine does not enforce; sqlite_keys.c. */
typedef struct SqliteKeys
{
    SqliteKeysKnown schema;              /* kept for the length of a call */
    bool all;                            /* all tables were touched */
    MigBytes insert;                     /* the last statement up to VALUES */
    struct SqliteReferences *references; /* of the schema; for a call, too */
    SqliteHash table_hash;
    struct SqliteKeyTable *tables; /* touched, or counted */
    SqliteHash violation_hash;
    struct SqliteViolation *violations; /* before anything was touched */
    char *remark; /* what was found, where that is to be no error; or NULL */
} SqliteKeys;

/* A connection on which stored texts only look; sqlite_look.c. */
typedef struct SqliteLook
{
    sqlite3 *db;         /* opened when first needed, open until the call ends;
                            or NULL */
    sqlite3_stmt *probe; /* what tells of an interrupt, or NULL */
    bool begun;          /* statements are run there */
} SqliteLook;

/* One call of an SQL function. */
typedef struct SqliteHost
{
    MigHost host; /* first: the core's view */
    SqliteConnection *connection;
    sqlite3 *db;
    sqlite3_stmt *statements[MIG_SQL_COUNT]; /* prepared when first used */
    sqlite3_stmt *rollback;                  /* see sqlite_transaction.c */
    SqliteTransaction transaction;
    unsigned data_version; /* of the database, when the transaction began, */
    bool knows_version;    /* if it is known */
    bool may_commit;       /* a function may have: only readers were running */
    char unit_name[32];    /* of the unit's savepoint */
    MigTransactionEnd end; /* what has become of the last transaction */
    bool unit;             /* a unit's savepoint is open */
    bool outside;          /* a unit without a transaction is open; then */
    MigBytes *settings;    /* PRAGMAs for what is run in it, */
    size_t setting_count;  /* and how many there are */
    bool keys_were_open;   /* the caller had unresolved foreign keys before */
    int64_t read_wait_ms;  /* how long to wait for a look at the catalogue */
    struct SqliteFile *databases; /* files never to be opened; sqlite_file.c */
    size_t database_count;
    bool databases_known;
    SqliteKeys keys;
    struct SqliteSchema *schema; /* what was read of it, or NULL */
    bool renames;         /* a statement of a script has renamed something */
    int64_t column_drops; /* how many statements can have dropped a column */
    int triggers_asked;   /* see sqlite_fired.c */
    bool makes_temporary; /* the unit has made temporary objects; */
    struct SqliteTemporary *temporary; /* then: those that were there before */
    size_t temporary_count;
    SqliteLook look;
    const struct SqliteAdditions *additions; /* being told; or NULL */
    bool layout_unknown;    /* of the tables it is not noted which they have */
    bool additions_refused; /* all tables were looked at in this call */
    bool readable;          /* and nothing runs when they are read */
    bool changed[PRAGMA_MAX];   /* pragmas to be put back, */
    int64_t before[PRAGMA_MAX]; /* and their values */
} SqliteHost;

/* ---- sqlite_host.c ---- */

/*
 * Set up a call.  sqlite_host_end() releases what it holds.
 *
 * read_wait_ms  how long a look at the catalogue waits for those who write it
 */
void sqlite_host_begin(SqliteHost *host, SqliteConnection *connection,
                       int64_t read_wait_ms);
void sqlite_host_end(SqliteHost *host);
int64_t sqlite_ticks(MigHost *host);
void *sqlite_resize(MigHost *host, void *memory, size_t old_size,
                    size_t new_size);

/* ---- sqlite_migrate.c ---- */

/* Record the connection's last error under the engine's own code. */
MigStatus sqlite_fail(SqliteHost *host, MigError *error);

/* The same of a connection of ours. */
MigStatus sqlite_fail_of(sqlite3 *db, MigError *error);

/* Record that a file is no longer what its name leads to. */
MigStatus sqlite_fail_moved(const char *function, MigError *error);

/* Whether a result code, extended or not, is of a primary one. */
static inline bool
sqlite_is(int code, int primary)
{
    return (code & 0xFF) == primary;
}

/* The result code that the caller of a failed function is given. */
int sqlite_result_code(const MigError *error);

/* Message, detail and hint in one text, as SQLite has only that; to be freed
 * by sqlite3_free().  NULL when out of memory. */
char *sqlite_error_text(const MigError *error);

/* An SQL value as the core sees it; borrowed from the value. */
MigValue sqlite_value(sqlite3_value *value);

/* Give an SQL function a result. */
void sqlite_result(sqlite3_context *context, const MigValue *value);

/*
 * Register all functions on a connection.
 *
 * connection  out: what it keeps between calls, with one reference for the
 *             caller; unset on failure
 *
 * Returns SQLite's code.
 */
int sqlite_register(sqlite3 *db, SqliteConnection **connection);

/* Give up one reference to a connection; the last one frees it. */
void sqlite_connection_release(SqliteConnection *connection);

/* How long a function waits before it looks, in milliseconds. */
int64_t sqlite_read_wait_ms(const MigApi *api);

/* What a function flagged MIG_API_OWN does; NULL for the others. */
MigFunction sqlite_own_function(const MigApi *api);

/* ---- sqlite_table.c ---- */
int sqlite_register_table(sqlite3 *db, const MigApi *api,
                          SqliteConnection *connection);

/*
 * Declare a table function's columns, its arguments hidden behind them.
 *
 * columns  out: how many are visible
 *
 * Returns SQLite's code.
 */
int sqlite_table_declare(sqlite3 *db, const MigApi *api, int *columns);

/* An xBestIndex: the arguments, in their order, become those of xFilter. */
int sqlite_table_arguments(sqlite3_index_info *info, int columns);

/* ---- sqlite_fleet.c ---- */

/* Whether a function is one of those that work on many files. */
bool sqlite_is_fleet(const MigApi *api);

int sqlite_register_fleet(sqlite3 *db, const MigApi *api,
                          SqliteConnection *connection);

/* ---- sqlite_other.c ---- */
MigStatus sqlite_list_tables(MigHost *host, MigTableFunction table,
                             void *context, MigError *error);
MigStatus sqlite_read_table(MigHost *host, const MigTableRead *read,
                            MigRowFunction row, void *context, MigError *error);
MigStatus sqlite_user_version(MigHost *host, int64_t *number, MigError *error);

/* ---- sqlite_alone.c ---- */
MigStatus sqlite_require_alone(MigHost *host, const char *function,
                               MigError *error);

/* ---- sqlite_transaction.c ---- */
MigStatus sqlite_require_writable(MigHost *host, const char *function,
                                  MigError *error);
bool sqlite_commits(MigHost *host);
MigStatus sqlite_lock(MigHost *host, int64_t wait_ms, MigError *error);
MigStatus sqlite_release(MigHost *host, int64_t wait_ms, MigError *error);
void sqlite_abandon(MigHost *host);
MigStatus sqlite_unit_begin(MigHost *host, MigError *error);
MigStatus sqlite_unit_keep(MigHost *host, MigError *error);
void sqlite_unit_undo(MigHost *host);
MigTransactionEnd sqlite_transaction_end(MigHost *host);

/*
 * Look, after a statement of a migration, whether it has ended the transaction:
 * then it fails for that, if it has not failed already.
 */
MigStatus sqlite_transaction_check(SqliteHost *host, MigError *error);
bool sqlite_outlives_failure(MigHost *host);

/* Have a ROLLBACK at hand that needs no memory; returns SQLite's code. */
int sqlite_prepare_rollback(SqliteHost *host);

/*
 * Execute a text that returns no rows.  SQLITE_BUSY is tried again until
 * wait_ms have passed.  Returns SQLite's code.
 */
int sqlite_execute(SqliteHost *host, const char *sql, int64_t wait_ms);

/* The first step of a statement, tried again in the same way. */
int sqlite_step_patiently(SqliteHost *host, sqlite3_stmt *statement,
                          int64_t wait_ms);

/* ---- sqlite_script.c ---- */
MigStatus sqlite_script_open(MigHost *host, MigBytes text, MigScript **script,
                             size_t *offset, MigError *error);
void sqlite_script_rewind(MigHost *host, MigScript *script);
bool sqlite_script_next(MigHost *host, MigScript *script,
                        MigStatement *statement);
void sqlite_script_close(MigHost *host, MigScript *script);

/* ---- sqlite_lex.c ---- */
MigStatus sqlite_script_tokens(MigHost *host, MigBytes text,
                               MigTokenFunction token, void *context,
                               bool *readable, MigError *error);

/* ---- sqlite_shell.c ---- */

/*
 * Whether a line that is not SQL begins at an offset, where a statement could:
 * the sqlite3 shell looks at a line's first byte alone.
 */
bool sqlite_is_shell_line(MigBytes text, size_t offset);

/*
 * Pass over a line of a script that is not SQL: a command of the sqlite3 shell,
 * or a comment of it.
 *
 * offset  in/out: of the line; moved behind it
 *
 * Fails with MIG_UNSUPPORTED when it is one that would do something.
 */
MigStatus sqlite_shell_pass(MigBytes text, size_t *offset, MigError *error);

/* ---- sqlite_temporary.c ---- */

/* Before a statement that makes a temporary object: note what is there. */
MigStatus sqlite_temporary_remember(SqliteHost *host, MigBytes text,
                                    MigError *error);

/* Drop what was made since. */
MigStatus sqlite_temporary_drop(SqliteHost *host, MigError *error);

/* Release what was noted.  May be repeated. */
void sqlite_temporary_forget(SqliteHost *host);

/* ---- sqlite_run.c ---- */
MigStatus sqlite_run(MigHost *host, const MigStatement *statement,
                     size_t *offset, MigError *error);
MigStatus sqlite_check(MigHost *host, const MigStatement *statement,
                       bool *holds, size_t *offset, MigError *error);

/*
 * The same without looking at what the statement changes of the connection, and
 * in no transaction: others are waited for up to lock_timeout.
 */
MigStatus sqlite_run_raw(SqliteHost *host, const MigStatement *statement,
                         size_t *offset, MigError *error);

/* sqlite_check() on the connection that host->db is now, whatever becomes of
 * its transaction. */
MigStatus sqlite_query_holds(SqliteHost *host, const MigStatement *statement,
                             bool *holds, size_t *offset, MigError *error);

/* ---- sqlite_look.c ---- */
MigStatus sqlite_look_begin(MigHost *host, MigError *error);
void sqlite_look_end(MigHost *host);
MigStatus sqlite_list_faults(MigHost *host, MigFaultFunction fault,
                             void *context, MigError *error);

/* sqlite_check() while a look is begun. */
MigStatus sqlite_look_check(SqliteHost *host, const MigStatement *statement,
                            bool *holds, size_t *offset, MigError *error);

/* Close its connection; may be repeated. */
void sqlite_look_close(SqliteHost *host);

/* ---- sqlite_attach.c ---- */

/*
 * The name that an ATTACH gives, without its quotes; empty when it is not
 * written out.
 *
 * token  out: the same as it is written
 */
MigBytes sqlite_attach_name(MigBytes text, MigBytes *token);

/* Run an ATTACH, outside of a transaction. */
MigStatus sqlite_attach(SqliteHost *host, const MigStatement *statement,
                        size_t *offset, MigError *error);

/* Detach all that sqlite_attach() has attached; what cannot be, because of an
 * interrupt, is left to the next call. */
void sqlite_detach_all(SqliteHost *host);

/* Forget it all, when the connection is closed. */
void sqlite_attached_forget(SqliteConnection *connection);

/* ---- sqlite_outside.c ---- */
MigStatus sqlite_require_outside(MigHost *host, const MigStatement *statement,
                                 MigError *error);
MigStatus sqlite_run_outside(MigHost *host, const MigStatement *statement,
                             size_t *offset, MigError *error);
MigStatus sqlite_mark_outside(MigHost *host, const MigStatement *statement,
                              char *mark, size_t size, MigError *error);
MigStatus sqlite_resume_outside(MigHost *host, const MigStatement *statement,
                                MigResume *resume, MigError *error);

/* Keep a PRAGMA of the script for the statement that runs in this unit; the
 * text must outlive the unit. */
MigStatus sqlite_outside_collect(SqliteHost *host, MigBytes text,
                                 MigError *error);

/* End a unit without a transaction.  May be repeated. */
void sqlite_outside_forget(SqliteHost *host);

/* ---- sqlite_pragma.c ---- */

/*
 * How a PRAGMA statement relates to the transaction it stands in.
 *
 * text    of the statement
 * reason  out, for MIG_NOT_ALLOWED: what to call it
 */
MigStatementKind sqlite_pragma_kind(MigBytes text, const char **reason);

/* Whether a PRAGMA statement sets something of the connection, for as long as
 * the migration's transaction. */
bool sqlite_pragma_is_session(MigBytes text);

/* Whether a PRAGMA statement sets journal_mode. */
bool sqlite_pragma_is_journal(MigBytes text);

/*
 * Whether a PRAGMA statement would take effect with the next VACUUM alone: it
 * is not for the caller's connection, which would keep it until then.
 */
bool sqlite_pragma_is_for_vacuum(SqliteHost *host, MigBytes text,
                                 MigError *error);

/*
 * Remember the value of what a PRAGMA statement is about to change, unless
 * that is done already or need not be put back.
 */
MigStatus sqlite_pragma_remember(SqliteHost *host, MigBytes text,
                                 MigError *error);

/*
 * Put back what was remembered.
 *
 * around  those that must be set outside a transaction; else the others
 */
void sqlite_pragma_restore(SqliteHost *host, bool around);

/*
 * The same for those inside, at the end of a unit; where the script could write
 * the schema by hand, that is read anew, and fails when it cannot be.
 */
MigStatus sqlite_pragma_restore_inside(SqliteHost *host, MigError *error);
MigStatus sqlite_surround(MigHost *host, const MigStatement *statement,
                          size_t *offset, MigError *error);
void sqlite_surround_end(MigHost *host);

/* Whether PRAGMA writable_schema is on by the script's doing. */
bool sqlite_pragma_writes_schema(const SqliteHost *host);

/* ---- sqlite_touch.c ---- */

/* Look, before a statement of a migration is run, whether it may break foreign
 * keys that the engine does not enforce; then count what is broken now. */
MigStatus sqlite_touch(SqliteHost *host, MigBytes text, MigError *error);

/* ---- sqlite_keys.c ---- */

/* Count the rows that refer to nothing in a table that is about to change, and
 * in those that refer to it, as sqlite_references.h knows them. */
MigStatus sqlite_keys_touch(SqliteHost *host, const char *name,
                            MigError *error);

/* The same for all tables. */
MigStatus sqlite_keys_touch_all(SqliteHost *host, MigError *error);

/* Whether a table was named to sqlite_keys_touch() in this unit. */
bool sqlite_keys_is_touched(const SqliteHost *host, const char *name);

/*
 * Fail when more rows of these tables refer to nothing than there were; with
 * limits.keys_warn the remark says so.
 */
MigStatus sqlite_keys_check(SqliteHost *host, MigError *error);

/* A unit_remark(): with limits.keys_warn the check, which is not repeated at
 * the unit's end. */
MigStatus sqlite_keys_remark(MigHost *host, MigBytes *remark, MigError *error);

/* Release what was remembered of a unit.  May be repeated. */
void sqlite_keys_forget(SqliteHost *host);

/* ---- sqlite_there.c ---- */
bool sqlite_reaches_others(MigHost *base);
MigStatus sqlite_settings_there(MigHost *base, int database, MigRowFunction row,
                                void *context, MigError *error);

/* The number of an attached database, by its name; 0 for main and what is not
 * there, and 1 for temp. */
int sqlite_database_number(SqliteHost *host, const char *name);

/* ---- sqlite_inspect.c ---- */
MigBytes sqlite_database_name(MigHost *base);
MigStatus sqlite_inspect(MigHost *base, const MigInspection *asked,
                         MigFindingFunction finding, void *context,
                         MigError *error);

/* ---- sqlite_elsewhere.c ---- */
bool sqlite_elsewhere(struct Mig *mig, const MigApi *api, MigCall *call);

/* ---- sqlite_rebuild.c ---- */
void sqlite_rebuild(Mig *mig, MigCall *call);

/* ---- sqlite_backup.c, sqlite_restore.c, sqlite_rehearse.c ---- */
void sqlite_backup(Mig *mig, MigCall *call);
void sqlite_restore(Mig *mig, MigCall *call);
MigStatus sqlite_back_up(Mig *mig, MigBytes pattern);
MigStatus sqlite_rehearse(Mig *mig, const char *function, MigBytes target);

/* ---- sqlite_file.c ---- */

/* What the operating system calls an errno; returns text. */
const char *sqlite_system_text(int reason, char *text, size_t size);

/*
 * Record why the operating system refused a path, by errno.
 *
 * what  could not be done: "read"
 */
MigStatus sqlite_fail_path(MigError *error, const char *what, const char *path);

MigStatus sqlite_path_kind(MigHost *host, const char *path, MigPathKind *kind,
                           MigError *error);
MigStatus sqlite_list_directory(MigHost *host, const char *path,
                                MigEntryFunction entry, void *context,
                                MigError *error);
MigStatus sqlite_read_file(MigHost *host, const char *path, MigBytes *contents,
                           MigError *error);

/*
 * Whether the name of "main" leads to another file by now, or to none.  With a
 * WAL the engine itself goes on writing what nobody will ever read.
 */
bool sqlite_is_moved(SqliteHost *host);

#endif

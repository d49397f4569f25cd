#include "sqlite_beside.h"
#include "sqlite_references.h"
#include "sqlite_schema.h"

/*
 * Transactions
 *
 * In autocommit, lock() is BEGIN IMMEDIATE and release() is COMMIT.  When the
 * caller has a transaction open, lock() only makes sure that it can write.  A
 * unit is a savepoint in both.
 *
 * Interrupts.  While the SELECT that called us runs, an interrupt stays in
 * force: every statement fails with SQLITE_INTERRUPT when it is stepped, a
 * ROLLBACK too.  Stepping a statement that writes makes the engine roll
 * everything back (sqlite3VdbeHalt treats an interrupted writer so).  VACUUM
 * counts as one; in a transaction it does nothing but fail when it is not
 * interrupted; and it can be prepared even then, since the parser looks for an
 * interrupt only at white space and at the end (src/tokenize.c), and stops at
 * the semicolon.
 *
 * Out of memory.  When memory runs out inside a statement that is being run,
 * the engine rolls back.  When it runs out elsewhere, the connection prepares
 * nothing until the SELECT that called us has ended (sqlite3OomClear).  So a
 * ROLLBACK is prepared before each statement.  Should it have expired all the
 * same, because that statement changes the schema, the transaction stays open;
 * the connection remembers it, and every later call fails until somebody has
 * ended it.
 */

/* Pauses between attempts while others hold a lock, in milliseconds. */
#define PAUSE_FIRST_MS 1
#define PAUSE_LONGEST_MS 50
#define OVER_TIME_MS ((int64_t) 100) /* more than one pause too many */

/* Waiting for others: counts the time, grows the pause. */
typedef struct Patience
{
    int64_t until; /* ticks */
    int pause_ms;
} Patience;

/* Whether a step has failed because another connection holds a lock; those of
 * a shared cache have a code of their own. */
static bool
others_hold(SqliteHost *host, int code)
{
    return sqlite_is(code, SQLITE_BUSY) ||
           (sqlite_is(code, SQLITE_LOCKED) &&
            sqlite3_extended_errcode(host->db) == SQLITE_LOCKED_SHAREDCACHE);
}

/* Whether it is for that, and not for an interrupt, that a call is to fail. */
static bool
others_held(SqliteHost *host, int code)
{
    return others_hold(host, code) && !host->connection->interrupted;
}

static Patience
patience_begin(SqliteHost *host, int64_t wait_ms)
{
    Patience patience = {sqlite_ticks(&host->host) + wait_ms * 1000,
                         PAUSE_FIRST_MS};

    return patience;
}

/* Pause, unless the time is up; returns whether to try again. */
static bool
patience_pause(SqliteHost *host, Patience *patience)
{
    if (sqlite_ticks(&host->host) >= patience->until ||
        sqlite_is_stopped(host->connection))
        return false;
    (void) sqlite3_sleep(patience->pause_ms);
    patience->pause_ms *= 2;
    if (patience->pause_ms > PAUSE_LONGEST_MS)
        patience->pause_ms = PAUSE_LONGEST_MS;
    return true;
}

int
sqlite_execute(SqliteHost *host, const char *sql, int64_t wait_ms)
{
    Patience patience = patience_begin(host, wait_ms);
    int code;

    do
        code = sqlite3_exec(host->db, sql, NULL, NULL, NULL);
    while (others_hold(host, code) && patience_pause(host, &patience));
    return code;
}

int
sqlite_step_patiently(SqliteHost *host, sqlite3_stmt *statement,
                      int64_t wait_ms)
{
    Patience patience = patience_begin(host, wait_ms);
    int code = sqlite3_step(statement);

    while (others_hold(host, code) && patience_pause(host, &patience))
    {
        (void) sqlite3_reset(statement);
        code = sqlite3_step(statement);
    }
    return code;
}

/* Whether the connection keeps no journal, without which no ROLLBACK works. */
static bool
journal_is_off(SqliteHost *host, MigError *error)
{
    sqlite3_stmt *statement = NULL;
    const char *mode = NULL;
    bool off;
    int code;

    if (sqlite3_prepare_v2(host->db, "PRAGMA main.journal_mode", -1, &statement,
                           NULL) != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        return false;
    }
    code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    if (code == SQLITE_ROW)
        mode = (const char *) sqlite3_column_text(statement, 0);
    else if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    off = mode != NULL && sqlite3_stricmp(mode, "off") == 0;
    (void) sqlite3_finalize(statement);
    return off;
}

MigStatus
sqlite_require_writable(MigHost *base, const char *function, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    if (sqlite3_db_readonly(host->db, "main") == 1)
        (void) mig_fail(error, MIG_READ_ONLY,
                        "%s cannot run: the database is read-only", function);
    else if (sqlite_is_moved(host))
        (void) sqlite_fail_moved(function, error);
    else if (journal_is_off(host, error))
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "%s cannot run with PRAGMA journal_mode = off: nothing "
                        "that fails could be undone",
                        function);
        mig_fail_hint(error, "Send PRAGMA journal_mode = delete first.");
    }
    return error->status;
}

bool
sqlite_commits(MigHost *base)
{
    SqliteHost *host = (SqliteHost *) base;

    return host->transaction == TRANSACTION_OWN ||
           (host->transaction == TRANSACTION_NONE &&
            sqlite3_get_autocommit(host->db));
}

/*
 * How long others were waited for, in milliseconds: as long as was allowed, or
 * longer when the connection's own busy handler waits as well, which is neither
 * used nor changed by us but cannot be told to keep out.
 *
 * began  ticks
 */
static int64_t
waited_ms(SqliteHost *host, int64_t began, int64_t wait_ms)
{
    int64_t passed = (sqlite_ticks(&host->host) - began) / 1000;

    return passed > wait_ms + OVER_TIME_MS ? passed : wait_ms;
}

/* Record that others held the lock for too long; the last error says so. */
static MigStatus
fail_locked(SqliteHost *host, MigError *error, int64_t waited)
{
    (void) mig_fail(error, MIG_LOCKED,
                    "others have held the database for longer than %lld ms",
                    (long long) waited);
    error->engine_code = sqlite3_extended_errcode(host->db);
    mig_fail_hint(error, "Nothing was changed.  Try again, or raise the "
                         "setting wait_timeout.");
    return error->status;
}

/* Roll the whole transaction back, interrupted or not. */
static void
roll_back(SqliteHost *host)
{
    if (!sqlite3_get_autocommit(host->db))
    {
        (void) sqlite3_step(host->rollback);
        (void) sqlite3_reset(host->rollback);
    }
    if (!sqlite3_get_autocommit(host->db))
        (void) sqlite3_exec(host->db, "ROLLBACK;", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(host->db))
        (void) sqlite3_exec(host->db, "VACUUM;", NULL, NULL, NULL);
    host->connection->left_open = !sqlite3_get_autocommit(host->db);
    host->unit = false;
    sqlite_references_drop(host);
    sqlite_schema_drop(host);
}

/* What tells one committed state of the database from another. */
static unsigned
read_data_version(SqliteHost *host)
{
    unsigned version = 0;

    (void) sqlite3_file_control(host->db, "main", SQLITE_FCNTL_DATA_VERSION,
                                &version);
    return version;
}

/* Begin a transaction of our own. */
static MigStatus
lock_own(SqliteHost *host, int64_t wait_ms, MigError *error)
{
    int64_t began = sqlite_ticks(&host->host);
    int code = sqlite_execute(host, "BEGIN IMMEDIATE", wait_ms);

    if (others_held(host, code))
        return fail_locked(host, error, waited_ms(host, began, wait_ms));
    if (code != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        /* Out of memory may be reported behind a BEGIN that took effect. */
        roll_back(host);
        return error->status;
    }
    host->transaction = TRANSACTION_OWN;
    return MIG_OK;
}

/*
 * Make the caller's transaction one that writes.  Waiting is only safe while
 * it reads nothing yet: otherwise another writer may be waiting for us.
 */
static MigStatus
lock_callers(SqliteHost *host, int64_t wait_ms, MigError *error)
{
    bool reads = sqlite3_txn_state(host->db, "main") != SQLITE_TXN_NONE;
    int64_t began = sqlite_ticks(&host->host);
    int code;

    code = sqlite_execute(host, "DELETE FROM main.migrate_setting WHERE 0",
                          reads ? 0 : wait_ms);
    if (sqlite_is(code, SQLITE_BUSY))
        code = sqlite3_extended_errcode(host->db);
    if (sqlite_is(code, SQLITE_BUSY) && reads)
    {
        (void) mig_fail(error, MIG_LOCKED,
                        "another connection writes, and the transaction that "
                        "is open cannot wait for it");
        error->engine_code = code;
        mig_fail_hint(error, "Begin it with BEGIN IMMEDIATE, which can.");
        return error->status;
    }
    if (others_hold(host, code))
        return fail_locked(host, error, waited_ms(host, began, wait_ms));
    /* Where there is no catalogue yet, creating it takes the lock. */
    if (code != SQLITE_OK && !sqlite_is(code, SQLITE_ERROR))
        return sqlite_fail(host, error);
    host->transaction = TRANSACTION_CALLERS;
    return MIG_OK;
}

int
sqlite_prepare_rollback(SqliteHost *host)
{
    sqlite3_stmt *fresh = NULL;
    int code = sqlite3_prepare_v2(host->db, "ROLLBACK;", -1, &fresh, NULL);

    if (code != SQLITE_OK)
        return code;
    (void) sqlite3_finalize(host->rollback);
    host->rollback = fresh;
    return SQLITE_OK;
}

MigStatus
sqlite_lock(MigHost *base, int64_t wait_ms, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    host->end = MIG_HELD;
    host->may_commit = false;
    if (sqlite_prepare_rollback(host) != SQLITE_OK)
        return sqlite_fail(host, error);
    if (sqlite3_get_autocommit(host->db))
        (void) lock_own(host, wait_ms, error);
    else
        (void) lock_callers(host, wait_ms, error);
    /* Where nothing is read yet, others can still change it. */
    host->knows_version =
        sqlite3_txn_state(host->db, "main") == SQLITE_TXN_WRITE;
    host->data_version = read_data_version(host);
    return error->status;
}

MigStatus
sqlite_release(MigHost *base, int64_t wait_ms, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    SqliteTransaction transaction = host->transaction;
    int64_t began = sqlite_ticks(base);
    int code;

    host->transaction = TRANSACTION_NONE;
    if (transaction != TRANSACTION_OWN)
        return MIG_OK;
    code = sqlite_execute(host, "COMMIT", wait_ms);
    if (code == SQLITE_OK)
    {
        sqlite_schema_committed(host);
        return MIG_OK;
    }
    if (others_held(host, code))
    {
        (void) mig_fail(error, MIG_LOCKED,
                        "cannot commit: others have been reading the database "
                        "for longer than %lld ms",
                        (long long) waited_ms(host, began, wait_ms));
        error->engine_code = sqlite3_extended_errcode(host->db);
        mig_fail_hint(error, "The migrations of this commit were undone.  Try "
                             "again, or raise the setting lock_timeout.");
    }
    else
        (void) sqlite_fail(host, error);
    roll_back(host);
    return error->status;
}

void
sqlite_abandon(MigHost *base)
{
    SqliteHost *host = (SqliteHost *) base;

    if (host->transaction == TRANSACTION_OWN)
        roll_back(host);
    host->transaction = TRANSACTION_NONE;
}

/* Whether foreign keys of deferred constraints are unresolved now. */
static bool
keys_open(SqliteHost *host)
{
    int current = 0;
    int highest = 0;

    (void) sqlite3_db_status(host->db, SQLITE_DBSTATUS_DEFERRED_FKS, &current,
                             &highest, 0);
    return current != 0;
}

/* Note that the transaction is over. */
static void
note_end(SqliteHost *host, MigTransactionEnd end)
{
    if (host->transaction == TRANSACTION_OWN)
        roll_back(host); /* one that was begun in its place */
    host->end = end;
    host->transaction = TRANSACTION_NONE;
    host->unit = false;
    sqlite_references_drop(host);
    sqlite_schema_drop(host);
}

/* Whether an error is one for which the engine itself rolls back. */
static bool
rolls_back(int code)
{
    return sqlite_is(code, SQLITE_FULL) || sqlite_is(code, SQLITE_IOERR) ||
           sqlite_is(code, SQLITE_NOMEM) || sqlite_is(code, SQLITE_BUSY) ||
           sqlite_is(code, SQLITE_INTERRUPT) || sqlite_is(code, SQLITE_CORRUPT);
}

/*
 * Look whether the transaction is over.  Scripts cannot hold a COMMIT, but a
 * function of the application can send one, while no statement writes: the
 * engine refuses it otherwise.  A commit gives the database another data
 * version.  A rollback does not, unless an error makes the engine trust its
 * cache no more; of an error in the rollback itself nobody is told.
 *
 * code  with which the last statement failed, or SQLITE_OK
 */
static void
note_loss(SqliteHost *host, int code)
{
    bool committed;

    if (host->transaction == TRANSACTION_NONE)
        return;
    committed = host->may_commit && host->knows_version && !rolls_back(code) &&
                read_data_version(host) != host->data_version;
    if (committed || sqlite3_get_autocommit(host->db))
        note_end(host, committed ? MIG_COMMITTED : MIG_ROLLED_BACK);
}

MigStatus
sqlite_transaction_check(SqliteHost *host, MigError *error)
{
    bool failed = error->status != MIG_OK;

    note_loss(host, failed ? error->engine_code : SQLITE_OK);
    host->may_commit = false;
    if (host->end == MIG_HELD || (failed && host->end == MIG_ROLLED_BACK))
        return error->status;
    mig_error_clear(error);
    (void) mig_fail(error, MIG_STATE,
                    "a function that the statement calls has %s the "
                    "migration's transaction",
                    host->end == MIG_COMMITTED ? "committed" : "rolled back");
    if (host->end == MIG_COMMITTED)
        mig_fail_hint(error, "What the migration did up to it stays, and is "
                             "to be put right by hand.");
    return error->status;
}

/*
 * Execute a text about the unit's savepoint, whose name cannot be guessed: it
 * stands for each %s, of which there may be two.
 */
static int
execute_on_unit(SqliteHost *host, const char *format)
{
    char sql[120];

    (void) sqlite3_snprintf((int) sizeof(sql), sql, format, host->unit_name,
                            host->unit_name);
    return sqlite3_exec(host->db, sql, NULL, NULL, NULL);
}

MigStatus
sqlite_unit_begin(MigHost *base, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    uint64_t number;

    if (host->transaction == TRANSACTION_NONE)
    {
        host->outside = true;
        return MIG_OK;
    }
    sqlite3_randomness((int) sizeof(number), &number);
    (void) sqlite3_snprintf((int) sizeof(host->unit_name), host->unit_name,
                            "migrate_%llx", (unsigned long long) number);
    host->keys_were_open = keys_open(host);
    if (sqlite_prepare_rollback(host) != SQLITE_OK ||
        execute_on_unit(host, "SAVEPOINT %s") != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        note_loss(host, error->engine_code);
        return error->status;
    }
    host->unit = true;
    host->triggers_asked = 0;
    return MIG_OK;
}

MigStatus
sqlite_unit_keep(MigHost *base, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;

    if (host->outside)
    {
        sqlite_outside_forget(host);
        return MIG_OK;
    }
    if (!host->keys_were_open && keys_open(host))
    {
        (void) mig_fail(error, MIG_ENGINE,
                        "FOREIGN KEY constraint failed: deferred constraints "
                        "are not met");
        error->engine_code = SQLITE_CONSTRAINT_FOREIGNKEY;
        return error->status;
    }
    if (sqlite_keys_check(host, error) != MIG_OK ||
        sqlite_temporary_drop(host, error) != MIG_OK)
        return error->status;
    sqlite_keys_forget(host);
    sqlite_temporary_forget(host);
    if (sqlite_pragma_restore_inside(host, error) != MIG_OK)
        return error->status;
    if (execute_on_unit(host, "RELEASE %s") != SQLITE_OK)
    {
        (void) sqlite_fail(host, error);
        note_loss(host, error->engine_code);
        return error->status;
    }
    host->unit = false;
    return MIG_OK;
}

void
sqlite_unit_undo(MigHost *base)
{
    SqliteHost *host = (SqliteHost *) base;

    sqlite_outside_forget(host);
    sqlite_keys_forget(host);
    sqlite_references_drop(host);
    sqlite_schema_drop(host);
    sqlite_temporary_forget(host);
    note_loss(host, sqlite3_extended_errcode(host->db));
    /* A second one of that name would be somebody else's. */
    if (host->unit &&
        (execute_on_unit(host, "ROLLBACK TO %s;RELEASE %s") != SQLITE_OK ||
         execute_on_unit(host, "RELEASE %s") == SQLITE_OK))
    {
        roll_back(host);
        if (sqlite3_get_autocommit(host->db))
            note_end(host, MIG_ROLLED_BACK);
    }
    host->unit = false;
    sqlite_pragma_restore(host, false);
}

MigTransactionEnd
sqlite_transaction_end(MigHost *base)
{
    SqliteHost *host = (SqliteHost *) base;

    note_loss(host, sqlite3_extended_errcode(host->db));
    return host->end;
}

bool
sqlite_outlives_failure(MigHost *base)
{
    (void) base;
    return true;
}

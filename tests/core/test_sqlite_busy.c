/*
 * The application's own busy handler, while another connection is in the way:
 * it stays installed, and is asked as often as the engine would ask it for one
 * statement, when our own waiting is switched off.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).
 */

#include "sqlite_trial.h"

#define PATIENCE 3 /* how often the handler wants to try again */

static int asked; /* how often the handler was called */

static int
on_busy(void *context, int count)
{
    (void) context;
    asked++;
    return count < PATIENCE;
}

/* Execute a text that has to fail for another's lock; returns how often the
 * handler was asked. */
static int
count_asked(Trial *trial, const char *sql)
{
    asked = 0;
    if (trial_execute(trial, sql))
        trial_fail(trial, "%s does not fail", sql);
    else if ((sqlite3_errcode(trial->db) & 0xFF) != SQLITE_BUSY)
        trial_fail(trial, "not busy: %s", trial->message);
    return asked;
}

/* Compare a call with what the engine itself does. */
static void
compare(Trial *trial, const char *call, int expected)
{
    int found = count_asked(trial, call);

    if (found != expected)
        trial_fail(trial, "the handler is asked %d times, not %d", found,
                   expected);
    if (!sqlite3_get_autocommit(trial->db))
        trial_fail(trial, "a transaction is left open");
}

/* A database with all migrations loaded, and no waiting of ours. */
static void
begin(Trial *trial, const char *what)
{
    char sql[400];

    (void) snprintf(trial->where, sizeof(trial->where), "%s", what);
    trial_begin(trial);
    (void) snprintf(sql, sizeof(sql),
                    "CREATE TABLE t (id); "
                    "SELECT migrate_config('wait_timeout', '0'), "
                    "migrate_config('lock_timeout', '0'), migrate_load('%s')",
                    trial->source);
    if (!trial_execute(trial, sql))
        trial_fail(trial, "cannot set up: %s", trial->message);
    (void) sqlite3_busy_handler(trial->db, on_busy, NULL);
}

/* Another connection that has executed something; to be closed. */
static sqlite3 *
others(Trial *trial, const char *sql)
{
    sqlite3 *db = NULL;

    if (sqlite3_open(trial->path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        trial_fail(trial, "the other connection: %s", sqlite3_errmsg(db));
    return db;
}

static void
try_writer(Trial *trial)
{
    sqlite3 *other;
    int expected;

    begin(trial, "another writes");
    other = others(trial, "BEGIN IMMEDIATE");
    expected = count_asked(trial, "BEGIN IMMEDIATE");
    if (expected != PATIENCE + 1)
        trial_fail(trial, "the engine asks %d times", expected);
    compare(trial, "SELECT migrate_apply('0006')", expected);
    compare(trial, "SELECT migrate_stamp('0001')", expected);
    /* It is still the handler. */
    if (count_asked(trial, "BEGIN IMMEDIATE") != expected)
        trial_fail(trial, "the handler is another now");
    (void) sqlite3_close(other);
    if (!trial_execute(trial, "SELECT migrate_apply('0006')"))
        trial_fail(trial, "fails afterwards: %s", trial->message);
    trial_check_connection(trial);
    trial_check_database(trial);
    trial_complete(trial);
    trial_report(trial, "the busy handler is asked as for one BEGIN");
}

static void
try_reader(Trial *trial)
{
    sqlite3 *other;
    int expected;

    begin(trial, "another reads");
    other = others(trial, "BEGIN; SELECT * FROM t");
    if (!trial_execute(trial, "BEGIN; INSERT INTO t VALUES (1)"))
        trial_fail(trial, "%s", trial->message);
    expected = count_asked(trial, "COMMIT");
    (void) trial_execute(trial, "ROLLBACK");
    if (expected != PATIENCE + 1)
        trial_fail(trial, "the engine asks %d times", expected);
    compare(trial, "SELECT migrate_apply('0001')", expected);
    (void) sqlite3_close(other);
    if (!trial_execute(trial, "SELECT migrate_apply('0006')"))
        trial_fail(trial, "fails afterwards: %s", trial->message);
    trial_check_connection(trial);
    trial_check_database(trial);
    trial_complete(trial);
    trial_report(trial, "the busy handler is asked as for one COMMIT");
}

int
main(void)
{
    Trial trial;

    if (!trial_open(&trial))
    {
        printf("Bail out! cannot set up: %s\n", trial.message);
        return 1;
    }
    printf("1..2\n");
    try_writer(&trial);
    try_reader(&trial);
    return trial_close(&trial);
}

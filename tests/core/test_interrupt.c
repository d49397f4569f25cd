/*
 * Interrupts: a set of migrations is loaded, applied and partly rolled back,
 * and at the n-th moment of all that the engine does, for every n,
 * sqlite3_interrupt() is called.  Moments are the checks of a progress handler
 * at every step of the virtual machine, the beginning and the end of every
 * statement, and every name that is looked up when one is prepared.
 *
 * While the SELECT that called the extension runs, the interrupt stays in
 * force: nothing more can be prepared or run, not even a ROLLBACK, and still no
 * half of a migration may be left.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).  MIGRATE_TEST_STRIDE is the distance between the moments
 * that are tried.
 */

#include "sqlite_trial.h"

#include <inttypes.h>

/* When to interrupt. */
static struct
{
    sqlite3 *db;
    int64_t moments; /* since the calls began */
    int64_t at;      /* the one to interrupt at; 0: none */
    bool interrupted;
} clockwork;

/* One moment passes. */
static void
tick(void)
{
    clockwork.moments++;
    if (clockwork.moments != clockwork.at)
        return;
    clockwork.interrupted = true;
    sqlite3_interrupt(clockwork.db);
}

static int
on_progress(void *context)
{
    (void) context;
    tick();
    return 0;
}

static int
on_trace(unsigned event, void *context, void *statement, void *detail)
{
    (void) event;
    (void) context;
    (void) statement;
    (void) detail;
    tick();
    return 0;
}

static int
on_name(void *context, int action, const char *a, const char *b,
        const char *database, const char *inner)
{
    (void) context;
    (void) action;
    (void) a;
    (void) b;
    (void) database;
    (void) inner;
    tick();
    return SQLITE_OK;
}

/* Let moments pass on the trial's connection. */
static void
start(const Trial *trial, int64_t at)
{
    clockwork.db = trial->db;
    clockwork.moments = 0;
    clockwork.at = at;
    clockwork.interrupted = false;
    sqlite3_progress_handler(trial->db, 1, on_progress, NULL);
    (void) sqlite3_trace_v2(trial->db, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE,
                            on_trace, NULL);
    (void) sqlite3_set_authorizer(trial->db, on_name, NULL);
}

static void
stop(const Trial *trial)
{
    sqlite3_progress_handler(trial->db, 0, NULL, NULL);
    (void) sqlite3_trace_v2(trial->db, 0, NULL, NULL);
    (void) sqlite3_set_authorizer(trial->db, NULL, NULL);
}

/* Interrupt at a moment, and look at what is left; returns whether it came. */
static bool
try_interrupting(Trial *trial, int64_t at)
{
    bool done;

    (void) snprintf(trial->where, sizeof(trial->where), "moment %" PRId64, at);
    trial_begin(trial);
    start(trial, at);
    done = trial_run_calls(trial);
    stop(trial);
    if (!clockwork.interrupted && !done)
        trial_fail(trial, "not interrupted, and fails: %s", trial->message);
    trial_check_connection(trial);
    trial_check_database(trial);
    trial_complete(trial);
    return clockwork.interrupted;
}

/* Interrupt at each moment in turn. */
static void
interrupt_each(Trial *trial, const char *title)
{
    int64_t stride = trial_stride(11);
    int64_t at = 1;
    int64_t tried = 0;

    while (try_interrupting(trial, at))
    {
        at += stride;
        tried++;
    }
    trial_report(trial, "%s: %" PRId64 " of %" PRId64 " moments", title, tried,
                 clockwork.moments);
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
    interrupt_each(&trial, "interrupted in autocommit");
    trial.callers = true;
    interrupt_each(&trial, "interrupted in a transaction of the caller");
    return trial_close(&trial);
}

/*
 * Many connections in many threads at once: loading the extension, migrating
 * files of their own and one file together, looking, failing, being
 * interrupted.  What each thread sees is checked; "make tsan" builds this and
 * the extension with ThreadSanitizer, which then watches what they share.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).
 */

#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 4
#define MIGRATIONS 5
#define TEXT_SIZE 1200

/* What one thread does; returns when it is done or has failed. */
typedef struct Worker Worker;
typedef void (*WorkerFunction)(Worker *worker);

struct Worker
{
    int number;
    pthread_t thread;
    WorkerFunction work;
    sqlite3 *shared; /* a connection that all have, or NULL */
    long long total; /* what the calls that count have returned */
    char problem[TEXT_SIZE];
};

static char folder[100];
static char library[1000];
static pthread_barrier_t barrier;
static int test_number;
static int failures;

/* Keep the first thing that went wrong in a thread. */
static void worker_fail(Worker *worker, const char *format, ...)
    __attribute__((__format__(__printf__, 2, 3)));
static void
worker_fail(Worker *worker, const char *format, ...)
{
    va_list arguments;

    if (worker->problem[0] != '\0')
        return;
    va_start(arguments, format);
    (void) vsnprintf(worker->problem, sizeof(worker->problem), format,
                     arguments);
    va_end(arguments);
}

/* Open a connection with the extension; NULL after a failure. */
static sqlite3 *
connect_to(Worker *worker, const char *path)
{
    sqlite3 *db = NULL;
    char *message = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(db, 10000) != SQLITE_OK ||
        sqlite3_load_extension(db, library, NULL, &message) != SQLITE_OK)
    {
        worker_fail(worker, "cannot connect: %s",
                    message == NULL ? sqlite3_errmsg(db) : message);
        sqlite3_free(message);
        (void) sqlite3_close(db);
        return NULL;
    }
    return db;
}

/*
 * Run a statement; returns the first column of its first row as a number.
 *
 * code  out: of the engine, extended; NULL: it must not fail
 */
static long long
run(Worker *worker, sqlite3 *db, int *code, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    long long value = -1;
    int step = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (step == SQLITE_OK)
        step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    while (step == SQLITE_ROW)
        step = sqlite3_step(statement);
    if (code != NULL)
        *code = step == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(db);
    else if (step != SQLITE_DONE)
        worker_fail(worker, "%s: %s", sql, sqlite3_errmsg(db));
    (void) sqlite3_finalize(statement);
    return value;
}

/* Expect a number from a statement. */
static void
expect(Worker *worker, sqlite3 *db, const char *sql, long long expected)
{
    long long value = run(worker, db, NULL, sql);

    if (value != expected)
        worker_fail(worker, "%s gives %lld, not %lld", sql, value, expected);
}

/* Path of a file in the test's folder. */
static const char *
path_of(char *path, size_t size, const char *name, int number)
{
    (void) snprintf(path, size, "%s/%s%d.db", folder, name, number);
    return path;
}

/* Connections that do nothing but load the extension, all at once. */
static void
work_loading(Worker *worker)
{
    for (int i = 0; i < 5 * ROUNDS; i++)
    {
        sqlite3 *db;

        (void) pthread_barrier_wait(&barrier);
        db = connect_to(worker, ":memory:");
        if (db != NULL)
            expect(worker, db, "SELECT migrate_version() IS NOT NULL", 1);
        (void) sqlite3_close(db);
    }
}

/* A file for each thread, from nothing to the end and back. */
static void
work_apart(Worker *worker)
{
    char path[200];
    char up[300];
    sqlite3 *db =
        connect_to(worker, path_of(path, sizeof(path), "own", worker->number));

    if (db == NULL)
        return;
    (void) snprintf(up, sizeof(up), "SELECT migrate_up('%s/m')", folder);
    for (int i = 0; i < ROUNDS; i++)
    {
        expect(worker, db, up, MIGRATIONS);
        expect(worker, db,
               "SELECT count(*) FROM migrate_status() "
               "WHERE state = 'applied'",
               MIGRATIONS);
        expect(worker, db, "SELECT count(*) FROM t1, t2", 1);
        expect(worker, db, "SELECT migrate_rollback('base')", MIGRATIONS);
    }
    (void) sqlite3_close(db);
}

/* One file for all, each of whom starts as a program does. */
static void
work_together(Worker *worker)
{
    char path[200];
    char up[300];

    (void) snprintf(up, sizeof(up), "SELECT migrate_up('%s/m')", folder);
    for (int i = 0; i < ROUNDS; i++)
    {
        sqlite3 *db;

        (void) pthread_barrier_wait(&barrier);
        db = connect_to(worker, path_of(path, sizeof(path), "one", i));
        if (db == NULL)
            continue;
        worker->total += run(worker, db, NULL, up);
        expect(worker, db, "SELECT migrate_pending()", 0);
        expect(worker, db, "SELECT migrate_current() = '5'", 1);
        (void) sqlite3_close(db);
    }
}

/* Half go back and forth in one file while the others look at it. */
static void
work_looking(Worker *worker)
{
    char path[200];
    sqlite3 *db = connect_to(worker, path_of(path, sizeof(path), "one", 0));

    for (int i = 0; db != NULL && i < 3 * ROUNDS; i++)
    {
        int code = SQLITE_OK;

        if (worker->number % 2 == 0)
        {
            (void) run(worker, db, NULL, "SELECT count(*) FROM migrate_plan()");
            (void) run(worker, db, NULL, "SELECT migrate_pending()");
            expect(worker, db, "SELECT count(*) FROM migrate_status()",
                   MIGRATIONS);
            (void) run(worker, db, NULL,
                       "SELECT count(*) FROM migrate_history()");
            continue;
        }
        /* Somebody else may have been there before: then there is none. */
        (void) run(worker, db, &code, "SELECT migrate_rollback()");
        if (code != SQLITE_OK && code != SQLITE_ERROR)
            worker_fail(worker, "rollback: code %d", code);
        (void) run(worker, db, NULL, "SELECT migrate_apply()");
    }
    (void) sqlite3_close(db);
}

/* Migrations that fail, in one file, with an error of the engine. */
static void
work_failing(Worker *worker)
{
    char path[200];
    sqlite3 *db = connect_to(worker, path_of(path, sizeof(path), "bad", 0));

    for (int i = 0; db != NULL && i < ROUNDS; i++)
    {
        int code = SQLITE_OK;

        (void) run(worker, db, NULL,
                   "SELECT migrate_add('1', 'CREATE TABLE u (x UNIQUE); "
                   "INSERT INTO u VALUES (1), (1)')");
        (void) run(worker, db, &code, "SELECT migrate_apply()");
        if (code != SQLITE_CONSTRAINT_UNIQUE)
            worker_fail(worker, "code %d: %s", code, sqlite3_errmsg(db));
        (void) run(worker, db, &code, "SELECT migrate_load('/nowhere')");
        if (code != SQLITE_CANTOPEN)
            worker_fail(worker, "code %d: %s", code, sqlite3_errmsg(db));
        expect(worker, db,
               "SELECT count(*) FROM sqlite_schema "
               "WHERE name = 'u'",
               0);
    }
    (void) sqlite3_close(db);
}

/* The same file as an attached one, on connections of the extension's own. */
static void
work_attached(Worker *worker)
{
    char sql[300];
    sqlite3 *db = connect_to(worker, ":memory:");

    if (db == NULL)
        return;
    (void) snprintf(sql, sizeof(sql), "ATTACH '%s/attached.db' AS tenant",
                    folder);
    (void) run(worker, db, NULL, sql);
    (void) run(worker, db, NULL,
               "SELECT migrate_config('target_schema', 'tenant')");
    (void) snprintf(sql, sizeof(sql), "SELECT migrate_up('%s/m')", folder);
    for (int i = 0; i < ROUNDS; i++)
    {
        worker->total += run(worker, db, NULL, sql);
        expect(worker, db, "SELECT migrate_pending()", 0);
        expect(worker, db, "SELECT count(*) FROM tenant.t1, tenant.t2", 1);
    }
    (void) sqlite3_close(db);
}

/* One connection, on which the library lets one thread in after the other. */
static void
work_shared(Worker *worker)
{
    for (int i = 0; i < ROUNDS; i++)
    {
        int code = SQLITE_OK;

        (void) run(worker, worker->shared, &code, "SELECT migrate_pending()");
        (void) run(worker, worker->shared, &code,
                   "SELECT count(*) FROM migrate_status()");
        (void) run(worker, worker->shared, &code, "SELECT migrate_redo()");
    }
}

/* Every other thread runs what never ends, and its neighbour interrupts it. */
static sqlite3 *endless[THREADS];
static bool ended[THREADS];

static void
work_interrupting(Worker *worker)
{
    int number = worker->number;
    int code = SQLITE_OK;

    if (number % 2 == 1)
    {
        (void) pthread_barrier_wait(&barrier);
        while (!__atomic_load_n(&ended[number - 1], __ATOMIC_ACQUIRE))
        {
            sqlite3_interrupt(endless[number - 1]);
            (void) sqlite3_sleep(1);
        }
        return;
    }
    endless[number] = connect_to(worker, ":memory:");
    if (endless[number] != NULL)
        (void) run(worker, endless[number], NULL,
                   "SELECT migrate_add('1', 'WITH RECURSIVE c(x) AS (VALUES "
                   "(1) UNION ALL SELECT x + 1 FROM c) SELECT x FROM c')");
    (void) pthread_barrier_wait(&barrier);
    if (endless[number] != NULL)
        (void) run(worker, endless[number], &code, "SELECT migrate_apply()");
    if (code != SQLITE_INTERRUPT)
        worker_fail(worker, "code %d, not SQLITE_INTERRUPT: %s", code,
                    sqlite3_errmsg(endless[number]));
    __atomic_store_n(&ended[number], true, __ATOMIC_RELEASE);
}

static void *
worker_main(void *context)
{
    Worker *worker = context;

    worker->work(worker);
    return NULL;
}

/*
 * Run something in all threads, and report.
 *
 * total  what their counts must add up to; -1: anything
 */
static void
test(const char *title, WorkerFunction work, sqlite3 *shared, long long total)
{
    Worker workers[THREADS];
    long long sum = 0;
    bool good = true;

    memset(workers, 0, sizeof(workers));
    for (int i = 0; i < THREADS; i++)
    {
        workers[i].number = i;
        workers[i].work = work;
        workers[i].shared = shared;
        if (pthread_create(&workers[i].thread, NULL, worker_main,
                           &workers[i]) != 0)
        {
            printf("Bail out! cannot start a thread\n");
            exit(1);
        }
    }
    for (int i = 0; i < THREADS; i++)
    {
        (void) pthread_join(workers[i].thread, NULL);
        sum += workers[i].total;
        if (workers[i].problem[0] == '\0')
            continue;
        good = false;
        printf("# thread %d: %s\n", i, workers[i].problem);
    }
    if (total >= 0 && sum != total)
    {
        good = false;
        printf("# the threads' counts add up to %lld, not %lld\n", sum, total);
    }
    test_number++;
    failures += !good;
    printf("%s %d - %s\n", good ? "ok" : "not ok", test_number, title);
    (void) fflush(stdout);
}

/* Write the migrations that are loaded. */
static bool
write_migrations(void)
{
    char command[300];

    (void) snprintf(command, sizeof(command), "mkdir '%s/m'", folder);
    if (system(command) != 0)
        return false;
    for (int i = 1; i <= MIGRATIONS; i++)
    {
        char path[200];
        FILE *file;

        (void) snprintf(path, sizeof(path), "%s/m/%d_t.sql", folder, i);
        file = fopen(path, "w");
        if (file == NULL)
            return false;
        (void) fprintf(file,
                       "-- migrate:up\nCREATE TABLE t%d (x);\n"
                       "INSERT INTO t%d VALUES (1);\n"
                       "-- migrate:down\nDROP TABLE t%d;\n",
                       i, i, i);
        if (fclose(file) != 0)
            return false;
    }
    return true;
}

static void
test_shared_connection(void)
{
    Worker worker = {0};
    sqlite3 *db = connect_to(&worker, ":memory:");
    char sql[300];

    (void) snprintf(sql, sizeof(sql), "SELECT migrate_up('%s/m')", folder);
    if (db != NULL)
        expect(&worker, db, sql, MIGRATIONS);
    test("one connection in all threads", work_shared, db, -1);
    if (db != NULL)
        expect(&worker, db, "SELECT migrate_apply()", 0);
    (void) sqlite3_close(db);
    test_number++;
    failures += worker.problem[0] != '\0';
    printf("%s %d - and it is as it was\n# %s\n",
           worker.problem[0] == '\0' ? "ok" : "not ok", test_number,
           worker.problem);
}

int
main(void)
{
    const char *build = getenv("MIGRATE_BUILD");
    const char *temporary = getenv("TMPDIR");
    char command[300];
    char file[1010];
    void *mapped;

    (void) snprintf(library, sizeof(library), "%s/migrate",
                    build == NULL ? "build" : build);
    (void) snprintf(folder, sizeof(folder), "%.60s/migrate-threads-XXXXXX",
                    temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(folder) == NULL || !write_migrations() ||
        pthread_barrier_init(&barrier, NULL, THREADS) != 0)
    {
        printf("Bail out! cannot set up\n");
        return 1;
    }
    /* So that it lies at one address all the time: ThreadSanitizer does not see
     * that it has gone when the last connection is closed. */
    (void) snprintf(file, sizeof(file), "%s.so", library);
    mapped = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    printf("1..9\n");
    test("loading at once", work_loading, NULL, -1);
    test("a file each", work_apart, NULL, -1);
    test("one file for all", work_together, NULL, ROUNDS * MIGRATIONS);
    test("looking while others migrate", work_looking, NULL, -1);
    test("failing in one file", work_failing, NULL, -1);
    test("one attached file for all", work_attached, NULL, MIGRATIONS);
    test("interrupting one another", work_interrupting, NULL, -1);
    for (int i = 0; i < THREADS; i += 2)
        (void) sqlite3_close(endless[i]);
    test_shared_connection();
    (void) pthread_barrier_destroy(&barrier);
    if (mapped != NULL)
        (void) dlclose(mapped);
    (void) snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        printf("# cannot remove %s\n", folder);
    return failures > 0;
}

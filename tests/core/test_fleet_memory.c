/*
 * migrate_fleet() with little memory: the n-th allocation of the engine fails,
 * for every n, once alone and once with all that follow, on one thread and on
 * two.  Nothing may hang or leak; each file's migrations must be there wholly
 * or not at all, and the same call must succeed when there is memory again.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).  MIGRATE_TEST_STRIDE is the distance between the
 * allocations that fail (default 97; with threads which one that is depends on
 * their turns).
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 3
#define STRIDE 97

/* The engine's own allocator, and what is to fail; workers share it. */
static struct
{
    sqlite3_mem_methods real;
    int64_t asked;
    int64_t refuse; /* number of the one that fails; 0: none */
    bool rest;      /* and all behind it */
} memory;

static bool
is_refused(void)
{
    int64_t asked = __atomic_add_fetch(&memory.asked, 1, __ATOMIC_SEQ_CST);

    return memory.refuse > 0 &&
           (asked == memory.refuse || (asked > memory.refuse && memory.rest));
}

static void *
failing_malloc(int size)
{
    return is_refused() ? NULL : memory.real.xMalloc(size);
}

static void *
failing_realloc(void *block, int size)
{
    return is_refused() ? NULL : memory.real.xRealloc(block, size);
}

static bool
install_memory(void)
{
    sqlite3_mem_methods failing;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real) != SQLITE_OK)
        return false;
    failing = memory.real;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}

/* A number that a query gives; -1 when it fails. */
static int
number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int result = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        result = sqlite3_column_int(statement, 0);
    /* The end of a scan may fail, too. */
    while (sqlite3_step(statement) == SQLITE_ROW)
        continue;
    (void) sqlite3_finalize(statement);
    return result;
}

/* The caller's database, with two migrations. */
static sqlite3 *
open_caller(int threads)
{
    const char *build = getenv("MIGRATE_BUILD");
    char sql[400];
    sqlite3 *db = NULL;

    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return NULL;
    (void) sqlite3_enable_load_extension(db, 1);
    (void) snprintf(sql, sizeof(sql), "%s/migrate",
                    build == NULL ? "build" : build);
    if (sqlite3_load_extension(db, sql, NULL, NULL) != SQLITE_OK)
        return NULL;
    (void) snprintf(sql, sizeof(sql),
                    "SELECT migrate_config('fleet_threads', '%d')", threads);
    if (number(db, sql) != threads ||
        number(db, "SELECT migrate_add('1', 'CREATE TABLE a (id); "
                   "INSERT INTO a VALUES (1)')") != 1 ||
        number(db, "SELECT migrate_add('2', 'INSERT INTO a VALUES (2); "
                   "CREATE TABLE b (id)')") != 1)
        return NULL;
    return db;
}

static void
name_file(const char *folder, int i, char *name, size_t size)
{
    (void) snprintf(name, size, "%s/%d.db", folder, i);
}

/* New files, which are empty. */
static bool
make_files(const char *folder)
{
    char name[300];

    for (int i = 0; i < FILES; i++)
    {
        FILE *file;

        name_file(folder, i, name, sizeof(name));
        file = fopen(name, "w");
        if (file == NULL || fclose(file) != 0)
            return false;
    }
    return true;
}

/* Whether each file holds as much as its records say; full: all of it. */
static bool
files_are_whole(const char *folder, bool full)
{
    bool whole = true;

    for (int i = 0; i < FILES; i++)
    {
        sqlite3 *db = NULL;
        char name[300];
        int applied;
        int rows;

        name_file(folder, i, name, sizeof(name));
        if (sqlite3_open(name, &db) != SQLITE_OK)
            return false;
        applied = number(db, "SELECT count(*) FROM migrate_applied");
        rows = number(db, "SELECT count(*) FROM a");
        if (applied < 0)
            applied = 0;
        if (rows < 0)
            rows = 0;
        whole = whole && applied == rows && (!full || applied == 2) &&
                (number(db, "SELECT count(*) FROM b") == 0) == (applied == 2);
        (void) sqlite3_close(db);
    }
    return whole;
}

/* One allocation fails; returns false when something is wrong after it. */
static bool
attempt(sqlite3 *db, const char *folder, const char *sql)
{
    sqlite3_int64 before;
    bool good;

    if (!make_files(folder))
        return false;
    before = sqlite3_memory_used();
    memory.asked = 0;
    (void) number(db, sql);
    memory.refuse = 0;
    good = sqlite3_memory_used() == before;
    if (!good)
        (void) printf("# %lld bytes were not freed\n",
                      (long long) (sqlite3_memory_used() - before));
    if (!files_are_whole(folder, false))
    {
        (void) printf("# a file is neither before nor after a migration\n");
        good = false;
    }
    (void) number(db, sql);
    if (number(db, sql) != FILES || !files_are_whole(folder, true))
    {
        (void) printf("# the next call has not gone on\n");
        good = false;
    }
    return good;
}

/* Refuse every allocation in turn; returns whether all went well. */
static bool
refuse_each(const char *folder, int threads, bool rest, int64_t stride)
{
    sqlite3 *db = open_caller(threads);
    int64_t refused = 1;
    int64_t needed;
    bool good = true;
    char sql[400];

    if (db == NULL)
        return false;
    (void) snprintf(sql, sizeof(sql),
                    "SELECT count(*) FROM migrate_fleet('%s') "
                    "WHERE error IS NULL",
                    folder);
    /* What the connection keeps for good is there before. */
    if (!make_files(folder) || number(db, sql) != FILES || !make_files(folder))
        return false;
    memory.asked = 0;
    good = number(db, sql) == FILES;
    needed = memory.asked;
    while (good && refused <= needed)
    {
        memory.rest = rest;
        memory.refuse = refused;
        good = attempt(db, folder, sql);
        if (!good)
            (void) printf("# at allocation %lld of %lld\n", (long long) refused,
                          (long long) needed);
        /* All that is done before the first file, each. */
        refused += refused < STRIDE ? 1 : stride;
    }
    (void) sqlite3_close(db);
    return good;
}

/* Remove what was made. */
static void
remove_files(const char *folder)
{
    char name[300];

    for (int i = 0; i < FILES; i++)
    {
        name_file(folder, i, name, sizeof(name));
        (void) unlink(name);
    }
    (void) rmdir(folder);
}

int
main(void)
{
    const char *stride = getenv("MIGRATE_TEST_STRIDE");
    /* In memory where there is such a folder: no disk is to be waited for. */
    char folder[64];
    int failed = 0;
    int count = 0;

    (void) snprintf(folder, sizeof(folder), "%s/migrate-fleet-XXXXXX",
                    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!install_memory() || mkdtemp(folder) == NULL)
    {
        (void) printf("1..1\nnot ok 1 - cannot begin\n");
        return 1;
    }
    (void) printf("1..4\n");
    for (int threads = 1; threads <= 2; threads++)
    {
        for (int rest = 0; rest <= 1; rest++)
        {
            bool good = refuse_each(folder, threads, rest != 0,
                                    stride == NULL ? STRIDE : atol(stride));

            (void) printf("%s %d - fleet on %d threads, %s\n",
                          good ? "ok" : "not ok", ++count, threads,
                          rest ? "no memory from there on"
                               : "one allocation fails");
            (void) fflush(stdout);
            failed += good ? 0 : 1;
        }
    }
    remove_files(folder);
    return failed > 0;
}

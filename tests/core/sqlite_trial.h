#ifndef SQLITE_TRIAL_H
#define SQLITE_TRIAL_H

/*
 * Trials of the SQLite extension: the same calls on a new database again and
 * again, each time with another disturbance, and a look at what it has left.
 *
 * Included by one file of each program, so everything is static here.
 */

#include <dirent.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_trial_migrations.h"

#define TRIAL_CALLS 8

struct Trial;

/* Calls that are tried instead of the migrations': each leads from one known
 * state of the database to the next. */
typedef struct TrialScenario
{
    const char *name;
    const char *calls[TRIAL_CALLS]; /* the first only prepares */
    const char *looks[TRIAL_CALLS]; /* queries for what makes up a state */
    /* What else must hold; NULL: nothing.  Behind the calls, on the connection
     * that made them and with trial->done as they have reported: */
    void (*check_calls)(struct Trial *trial);
    /* and in what a new connection finds, with trial->done as it is there: */
    void (*check_database)(struct Trial *trial);
    int64_t stride; /* between allocations that are refused; 0: the usual */
} TrialScenario;

typedef struct Trial
{
    char folder[200]; /* a temporary one, */
    char source[250]; /* the migrations' in it, */
    char shared[250]; /* that of files which outlive a power cut, */
    char path[250];   /* and the database's */
    char library[1000];
    const char *vfs;   /* by which connections are opened; NULL: the usual */
    char where[160];   /* what is being tried, for messages */
    char message[800]; /* of the last call that failed */
    sqlite3 *db;
    void (*opened)(struct Trial *trial); /* called with a new connection */
    bool cut;     /* what is looked at is what a power cut has left */
    bool callers; /* the calls are made inside a transaction of the caller */
    const TrialScenario *scenario; /* NULL: the migrations below */
    uint64_t states[TRIAL_CALLS];  /* of it: known when it was run in peace */
    bool learning;
    int done;          /* calls of it that have ended well */
    int64_t kept;      /* number of the newest event when a call had ended */
    int64_t left_open; /* trials that left a transaction open */
    int causes;        /* failures since the last line of TAP */
    int number;        /* of that line */
    int failures;      /* lines that say "not ok" */
} Trial;

#define TRIAL_CAUSES_SHOWN 10

/* Note that a trial has failed; the first causes are shown. */
__attribute__((format(printf, 2, 3))) static void
trial_fail(Trial *trial, const char *format, ...)
{
    va_list arguments;

    if (++trial->causes > TRIAL_CAUSES_SHOWN)
        return;
    printf("# %s: ", trial->where);
    va_start(arguments, format);
    (void) vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

/* Print the line of TAP for what was tried since the last one. */
__attribute__((format(printf, 2, 3))) static void
trial_report(Trial *trial, const char *format, ...)
{
    va_list arguments;

    if (trial->causes > TRIAL_CAUSES_SHOWN)
        printf("# and %d more\n", trial->causes - TRIAL_CAUSES_SHOWN);
    printf("%sok %d - ", trial->causes > 0 ? "not " : "", ++trial->number);
    va_start(arguments, format);
    (void) vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    (void) fflush(stdout);
    trial->failures += trial->causes > 0;
    trial->causes = 0;
}

/* The distance between disturbances that are tried. */
static inline int64_t
trial_stride(int64_t usual)
{
    const char *text = getenv("MIGRATE_TEST_STRIDE");
    int64_t stride = usual;

    if (text != NULL)
        stride = strtoll(text, NULL, 10);
    else if (getenv("VALGRIND") != NULL)
        stride = usual * 23;
    return stride < 1 ? 1 : stride;
}

/* Execute a text; keeps the message of a failure. */
static bool
trial_execute(Trial *trial, const char *sql)
{
    char *message = NULL;
    int code = sqlite3_exec(trial->db, sql, NULL, NULL, &message);

    if (code != SQLITE_OK)
        (void) snprintf(trial->message, sizeof(trial->message), "%s: %s", sql,
                        message == NULL ? sqlite3_errstr(code) : message);
    sqlite3_free(message);
    return code == SQLITE_OK;
}

/* The first column of the first row, cut to fit; "" without a row. */
static void
trial_query(Trial *trial, const char *sql, char *text, size_t size)
{
    sqlite3_stmt *statement = NULL;

    text[0] = '\0';
    if (sqlite3_prepare_v2(trial->db, sql, -1, &statement, NULL) != SQLITE_OK)
        (void) snprintf(text, size, "%s", sqlite3_errmsg(trial->db));
    else if (sqlite3_step(statement) == SQLITE_ROW)
        (void) snprintf(text, size, "%s",
                        (const char *) sqlite3_column_text(statement, 0));
    (void) sqlite3_finalize(statement);
}

static bool
trial_is_true(Trial *trial, const char *sql)
{
    char text[200];

    trial_query(trial, sql, text, sizeof(text));
    return strcmp(text, "1") == 0;
}

/* Copy the folder that a path lies in, without the slash behind it. */
static void
trial_folder_of(const char *path, char *folder, size_t size)
{
    (void) snprintf(folder, size, "%.*s", (int) (strrchr(path, '/') - path),
                    path);
}

/* here(): the folder of the database. */
static void
trial_here(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const Trial *trial = sqlite3_user_data(context);
    char folder[250];

    (void) count;
    (void) arguments;
    trial_folder_of(trial->path, folder, sizeof(folder));
    sqlite3_result_text(context, folder, -1, SQLITE_TRANSIENT);
}

/* shared(): the folder of files that outlive a power cut. */
static void
trial_shared(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const Trial *trial = sqlite3_user_data(context);

    (void) count;
    (void) arguments;
    sqlite3_result_text(context, trial->shared, -1, SQLITE_TRANSIENT);
}

/* require(holds, message): fails with the message. */
static void
trial_require(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const char *message = (const char *) sqlite3_value_text(arguments[1]);

    (void) count;
    if (!sqlite3_value_int(arguments[0]))
        sqlite3_result_error(context, message == NULL ? "?" : message, -1);
}

/* Give a connection the functions that scenarios use. */
static bool
trial_add_functions(Trial *trial)
{
    return sqlite3_create_function(trial->db, "here", 0, SQLITE_UTF8, trial,
                                   trial_here, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(trial->db, "shared", 0, SQLITE_UTF8, trial,
                                   trial_shared, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(trial->db, "require", 2, SQLITE_UTF8, trial,
                                   trial_require, NULL, NULL) == SQLITE_OK;
}

/* Open a connection with the extension loaded. */
static bool
trial_connect(Trial *trial)
{
    char *message = NULL;

    if (sqlite3_open_v2(trial->path, &trial->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        trial->vfs) != SQLITE_OK ||
        sqlite3_enable_load_extension(trial->db, 1) != SQLITE_OK ||
        sqlite3_load_extension(trial->db, trial->library,
                               "sqlite3_migrate_init", &message) != SQLITE_OK)
    {
        (void) snprintf(trial->message, sizeof(trial->message), "%s",
                        message == NULL ? "cannot open" : message);
        sqlite3_free(message);
        return false;
    }
    if (!trial_add_functions(trial) ||
        !trial_execute(trial, "PRAGMA synchronous = OFF; "
                              "PRAGMA foreign_keys = ON; "
                              "PRAGMA recursive_triggers = ON"))
        return false;
    if (trial->opened != NULL)
        trial->opened(trial);
    return true;
}

/* Close the connection; a statement that was not finalized keeps it open. */
static void
trial_disconnect(Trial *trial)
{
    int code = sqlite3_close(trial->db);

    if (code != SQLITE_OK)
    {
        sqlite3_stmt *left = sqlite3_next_stmt(trial->db, NULL);

        trial_fail(trial, "closing gives %d; left open: %s", code,
                   left == NULL ? "?" : sqlite3_sql(left));
        (void) sqlite3_close_v2(trial->db);
    }
    trial->db = NULL;
}

static void
trial_reconnect(Trial *trial)
{
    trial_disconnect(trial);
    if (!trial_connect(trial))
        trial_fail(trial, "cannot connect again: %s", trial->message);
}

/* Remove the files of a folder. */
static void
trial_remove_files(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL)
    {
        char path[600];

        (void) snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        /* Folders stay. */
        (void) unlink(path);
    }
    (void) closedir(directory);
}

/* Remove the database, and all else that lies in its folder. */
static void
trial_remove_database(Trial *trial)
{
    char folder[250];

    trial_folder_of(trial->path, folder, sizeof(folder));
    trial_remove_files(folder);
}

/* What the queries of the scenario find, in a number. */
static uint64_t
trial_state(Trial *trial)
{
    uint64_t state = 14695981039346656037U;

    for (size_t i = 0; trial->scenario->looks[i] != NULL; i++)
    {
        sqlite3_stmt *statement = NULL;

        if (sqlite3_prepare_v2(trial->db, trial->scenario->looks[i], -1,
                               &statement, NULL) != SQLITE_OK)
            continue; /* a table that is not there yet: as without rows */
        while (sqlite3_step(statement) == SQLITE_ROW)
        {
            for (int j = 0; j < sqlite3_column_count(statement); j++)
            {
                const unsigned char *text = sqlite3_column_text(statement, j);

                for (; text != NULL && *text != '\0'; text++)
                    state = (state ^ *text) * 1099511628211U;
                state = (state ^ (text == NULL ? 1U : 2U)) * 1099511628211U;
            }
        }
        (void) sqlite3_finalize(statement);
    }
    return state;
}

/* Make the calls of the scenario up to a number, stops at one that fails. */
static bool
trial_run_scenario(Trial *trial, int end)
{
    if (trial->learning && trial->done == 0)
        trial->states[0] = trial_state(trial);
    while (trial->done < end && trial->scenario->calls[trial->done] != NULL)
    {
        if (!trial_execute(trial, trial->scenario->calls[trial->done]))
            return false;
        trial->done++;
        if (trial->learning)
            trial->states[trial->done] = trial_state(trial);
    }
    return true;
}

/* Find out how far the scenario has come; it is not between two states. */
static void
trial_check_scenario(Trial *trial)
{
    uint64_t state = trial_state(trial);
    int calls = 0;

    while (trial->scenario->calls[calls] != NULL)
        calls++;
    for (trial->done = 0; trial->done <= calls; trial->done++)
    {
        if (trial->states[trial->done] == state)
            return;
    }
    trial_fail(trial, "the database is in none of the states");
    trial->done = calls;
}

/* Begin a trial: a new database, and a connection. */
static void
trial_begin(Trial *trial)
{
    trial_remove_database(trial);
    trial_remove_files(trial->shared);
    trial->message[0] = '\0';
    trial->kept = 0;
    trial->done = 0;
    if (!trial_connect(trial))
        trial_fail(trial, "cannot connect: %s", trial->message);
    if (trial->scenario != NULL && !trial_run_scenario(trial, 1))
        trial_fail(trial, "cannot prepare: %s", trial->message);
    /* Where PRAGMA foreign_keys could not be changed, it is off anyway. */
    if (trial->callers)
        (void) trial_execute(trial, "PRAGMA foreign_keys = OFF; BEGIN");
}

/* Make one call, and note how far the history has come with it. */
static bool
trial_call(Trial *trial, const char *sql)
{
    char text[40];

    if (!trial_execute(trial, sql))
        return false;
    /* Of what the caller may still undo, nothing is kept. */
    if (!sqlite3_get_autocommit(trial->db))
        return true;
    trial_query(trial, "SELECT max(seq) FROM migrate_event", text,
                sizeof(text));
    trial->kept = strtoll(text, NULL, 10);
    return true;
}

/*
 * Apply all that can be: with the one that cannot, whose transaction the engine
 * ends; but not in the caller's transaction, which would be gone with it.
 */
static bool
trial_apply(Trial *trial)
{
    if (trial->callers)
        return trial_call(trial, "SELECT migrate_apply('0006')");
    if (trial_execute(trial, "SELECT migrate_apply()"))
    {
        trial_fail(trial, "what is refused is applied");
        return false;
    }
    return strstr(trial->message, "this word is refused") != NULL &&
           trial_call(trial, "SELECT 1");
}

/* Make the calls that are to be disturbed; stops at the first that fails. */
static bool
trial_run_calls(Trial *trial)
{
    char load[400];

    if (trial->scenario != NULL)
        return trial_run_scenario(trial, TRIAL_CALLS);
    (void) snprintf(load, sizeof(load), "SELECT migrate_load('%s')",
                    trial->source);
    return trial_call(trial, load) && trial_apply(trial) &&
           trial_call(trial, "SELECT migrate_redo()") &&
           trial_call(trial, "SELECT migrate_rollback('0002')");
}

/*
 * A transaction that could not be ended: only lack of memory excuses it; what
 * writes is refused until it is ended, and that works.
 */
static void
trial_check_left_open(Trial *trial)
{
    trial->left_open++;
    if (strstr(trial->message, "out of memory") == NULL)
        trial_fail(trial, "a transaction is left open");
    if (trial_execute(trial, "SELECT migrate_apply()") ||
        strstr(trial->message, "still open on this connection") == NULL)
        trial_fail(trial, "migrate_apply goes on in what was left open");
    if (!trial_execute(trial, "ROLLBACK"))
        trial_fail(trial, "what is left open cannot be rolled back");
}

/* The connection is as it was before the calls. */
static void
trial_check_connection(Trial *trial)
{
    if (trial->callers)
    {
        /* What is left of the caller's transaction must be whole as well. */
        if (!sqlite3_get_autocommit(trial->db) &&
            !trial_execute(trial, "COMMIT"))
            trial_fail(trial, "the caller cannot commit: %s", trial->message);
        return;
    }
    if (!sqlite3_get_autocommit(trial->db))
        trial_check_left_open(trial);
    if (!trial_is_true(trial, "PRAGMA foreign_keys"))
        trial_fail(trial, "foreign_keys is not put back");
    if (!trial_is_true(trial, "PRAGMA recursive_triggers"))
        trial_fail(trial, "recursive_triggers is not put back");
    if (trial_is_true(trial, "PRAGMA writable_schema"))
        trial_fail(trial, "writable_schema is not put back");
    if (trial_is_true(trial, "PRAGMA legacy_alter_table"))
        trial_fail(trial, "legacy_alter_table is not put back");
    if (trial->scenario != NULL && trial->scenario->check_calls != NULL)
        trial->scenario->check_calls(trial);
}

/* One migration is there wholly and recorded, or not at all and not. */
static void
trial_check_migration(Trial *trial, size_t index, bool has_catalogue)
{
    char sql[200];
    bool recorded = false;
    bool there = trial_is_true(trial, trial_migrations[index].there);
    bool absent = trial_is_true(trial, trial_migrations[index].absent);

    (void) snprintf(sql, sizeof(sql),
                    "SELECT count(*) FROM migrate_applied "
                    "WHERE version = '%s'",
                    trial_migrations[index].version);
    if (has_catalogue)
        recorded = trial_is_true(trial, sql);
    if (there == absent)
        trial_fail(trial, "migration %s is half there",
                   trial_migrations[index].version);
    else if (there != recorded)
        trial_fail(trial, "migration %s is %s and %srecorded",
                   trial_migrations[index].version, there ? "there" : "absent",
                   recorded ? "" : "not ");
}

/* The history has no gap and each row names the hash of the one before. */
#define TRIAL_CHAIN                                                            \
    "SELECT count(*) = 0 FROM migrate_event e WHERE e.previous_hash IS NOT "   \
    "(SELECT p.hash FROM migrate_event p WHERE p.seq = e.seq - 1)"

/* What a new connection finds is whole. */
static void
trial_check_database(Trial *trial)
{
    char text[200];
    bool has_catalogue;

    trial_reconnect(trial);
    trial_query(trial, "PRAGMA integrity_check", text, sizeof(text));
    if (strcmp(text, "ok") != 0)
        trial_fail(trial, "integrity_check: %s", text);
    has_catalogue = trial_is_true(
        trial, "SELECT 1 FROM sqlite_schema WHERE name = 'migrate_applied'");
    if (has_catalogue && !trial_is_true(trial, TRIAL_CHAIN))
        trial_fail(trial, "the history's chain is broken");
    if (trial->scenario != NULL)
    {
        trial_check_scenario(trial);
        if (trial->scenario->check_database != NULL)
            trial->scenario->check_database(trial);
        return;
    }
    for (size_t i = 0; i < TRIAL_MIGRATIONS; i++)
        trial_check_migration(trial, i, has_catalogue);
}

/* The same calls, undisturbed, end where they should; ends the trial. */
static void
trial_complete(Trial *trial)
{
    char text[200];

    if (trial->callers)
        (void) trial_execute(trial, "PRAGMA foreign_keys = OFF");
    if (!trial_run_calls(trial))
        trial_fail(trial, "the calls fail afterwards: %s", trial->message);
    if (trial->scenario != NULL)
    {
        int done = trial->done;

        trial_check_database(trial);
        if (trial->done != done)
            trial_fail(trial, "afterwards call %d was the last", trial->done);
        trial_disconnect(trial);
        return;
    }
    trial_query(trial,
                "SELECT group_concat(version) FROM "
                "(SELECT version FROM migrate_applied ORDER BY position)",
                text, sizeof(text));
    if (strcmp(text, "0001,0002") != 0)
        trial_fail(trial, "afterwards %s are applied", text);
    trial_check_database(trial);
    trial_disconnect(trial);
}

static bool
trial_write_file(const Trial *trial, size_t index)
{
    char path[400];
    FILE *file;
    bool written;

    (void) snprintf(path, sizeof(path), "%s/%s", trial->source,
                    trial_migrations[index].file);
    file = fopen(path, "w");
    if (file == NULL)
        return false;
    written = fputs(trial_migrations[index].text, file) >= 0;
    return fclose(file) == 0 && written;
}

/* Make the folders and files; trial->message tells of a failure. */
static bool
trial_open(Trial *trial)
{
    const char *folder = getenv("TMPDIR");
    const char *build = getenv("MIGRATE_BUILD");

    memset(trial, 0, sizeof(*trial));
    (void) snprintf(trial->message, sizeof(trial->message),
                    "cannot make the migrations");
    if (folder == NULL)
        folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void) snprintf(trial->library, sizeof(trial->library), "%s/migrate.so",
                    build == NULL ? "build" : build);
    (void) snprintf(trial->folder, sizeof(trial->folder),
                    "%.150s/migrate-XXXXXX", folder);
    if (mkdtemp(trial->folder) == NULL)
        return false;
    (void) snprintf(trial->path, sizeof(trial->path), "%s/test.db",
                    trial->folder);
    (void) snprintf(trial->source, sizeof(trial->source), "%s/migrations",
                    trial->folder);
    (void) snprintf(trial->shared, sizeof(trial->shared), "%s/shared",
                    trial->folder);
    if (mkdir(trial->source, 0700) != 0 || mkdir(trial->shared, 0700) != 0)
        return false;
    for (size_t i = 0; i < TRIAL_MIGRATIONS; i++)
    {
        if (!trial_write_file(trial, i))
            return false;
    }
    return true;
}

/* Remove the folders; returns the program's exit status. */
static int
trial_close(Trial *trial)
{
    for (size_t i = 0; i < TRIAL_MIGRATIONS; i++)
    {
        char path[400];

        (void) snprintf(path, sizeof(path), "%s/%s", trial->source,
                        trial_migrations[i].file);
        (void) unlink(path);
    }
    trial_remove_database(trial);
    trial_remove_files(trial->shared);
    (void) rmdir(trial->shared);
    (void) rmdir(trial->source);
    (void) rmdir(trial->folder);
    return trial->failures == 0 ? 0 : 1;
}

#endif

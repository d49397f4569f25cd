#ifndef SQLITE_TRIAL_H
#define SQLITE_TRIAL_H

/*
 * Trials of the SQLite extension: the same calls on a new database again and
 * again, each time with another disturbance, and a look at what it has left.
 *
 * Included by one file of each program, so everything is static here.
 */

#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIAL_CALLS 8

/* Calls that are tried instead of the migrations': each leads from one known
 * state of the database to the next. */
typedef struct TrialScenario
{
    const char *name;
    const char *calls[TRIAL_CALLS]; /* the first only prepares */
    const char *looks[TRIAL_CALLS]; /* queries for what makes up a state */
} TrialScenario;

typedef struct Trial
{
    char folder[200]; /* a temporary one, */
    char source[250]; /* the migrations' in it, */
    char path[250];   /* and the database's */
    char library[1000];
    const char *vfs;   /* by which connections are opened; NULL: the usual */
    char where[160];   /* what is being tried, for messages */
    char message[800]; /* of the last call that failed */
    sqlite3 *db;
    void (*opened)(struct Trial *trial); /* called with a new connection */
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

/* A migration's file, and how to tell that it is there or not at all. */
static const struct
{
    const char *file;
    const char *text;
    const char *version;
    const char *there;  /* a query for 1 when all of it is there */
    const char *absent; /* and for 1 when nothing of it is */
} trial_migrations[] = {
    {"0001_tables.sql",
     "-- migrate:up\n"
     "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
     "CREATE TABLE book (id INTEGER PRIMARY KEY,\n"
     "    author INTEGER REFERENCES author (id), title TEXT);\n"
     "INSERT INTO author VALUES (1, 'Ada'), (2, 'Grace');\n"
     "INSERT INTO book VALUES (1, 1, 'Notes'), (2, 2, 'Manual');\n"
     "-- migrate:down\n"
     "DROP TABLE book;\n"
     "DROP TABLE author;\n",
     "0001",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM author) = 2 "
     "AND (SELECT count(*) FROM book) = 2 FROM sqlite_schema "
     "WHERE name IN ('author', 'book')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('author', 'book')"},
    {"0002_trigger.sql",
     "-- migrate:up\n"
     "CREATE TABLE log (what TEXT);\n"
     "CREATE TRIGGER book_log AFTER UPDATE ON book\n"
     "BEGIN\n"
     "    INSERT INTO log VALUES (new.title);\n"
     "    INSERT INTO log VALUES (CASE WHEN 1 THEN 'x' END);\n"
     "END;\n"
     "UPDATE book SET title = title || '!';\n"
     "-- migrate:down\n"
     "UPDATE book SET title = rtrim(title, '!');\n"
     "DROP TRIGGER book_log;\n"
     "DROP TABLE log;\n",
     "0002",
     "SELECT count(*) > 0 AND (SELECT count(*) FROM log) = 4 "
     "AND (SELECT count(*) FROM book WHERE title LIKE '%!') = 2 "
     "FROM sqlite_schema WHERE name = 'log'",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('log', 'book_log')"},
    {"0003_rebuild.sql",
     "-- migrate:up\n"
     "PRAGMA foreign_keys = OFF;\n"
     "CREATE TABLE author_new (id INTEGER PRIMARY KEY,\n"
     "    name TEXT NOT NULL, born INTEGER);\n"
     "INSERT INTO author_new (id, name) SELECT id, name FROM author;\n"
     "DROP TABLE author;\n"
     "ALTER TABLE author_new RENAME TO author;\n"
     "-- migrate:down\n"
     "PRAGMA foreign_keys = OFF;\n"
     "CREATE TABLE author_new (id INTEGER PRIMARY KEY,\n"
     "    name TEXT NOT NULL);\n"
     "INSERT INTO author_new SELECT id, name FROM author;\n"
     "DROP TABLE author;\n"
     "ALTER TABLE author_new RENAME TO author;\n",
     "0003",
     "SELECT count(*) = 1 AND (SELECT count(*) FROM author) = 2 "
     "AND (SELECT count(*) FROM sqlite_schema WHERE name = 'author_new') = 0 "
     "FROM pragma_table_info('author') WHERE name = 'born'",
     "SELECT count(*) = 0 AND (SELECT count(*) FROM sqlite_schema "
     "WHERE name = 'author_new') = 0 "
     "FROM pragma_table_info('author') WHERE name = 'born'"},
    {"0004_checked.sql",
     "-- migrate:up\n"
     "CREATE INDEX book_title ON book (title);\n"
     "CREATE TABLE tag (book INTEGER, word TEXT);\n"
     "INSERT INTO tag SELECT id, 'new' FROM book;\n"
     "-- migrate:verify\n"
     "SELECT count(*) = 2 FROM tag;\n"
     "SELECT count(*) = (SELECT count(*) FROM book) FROM tag;\n"
     "-- migrate:down\n"
     "DROP TABLE tag;\n"
     "DROP INDEX book_title;\n",
     "0004",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM tag) = 2 "
     "FROM sqlite_schema WHERE name IN ('tag', 'book_title')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('tag', 'book_title')"},
    {"0005_deferred.sql",
     "-- migrate:up\n"
     "CREATE TABLE shelf (id INTEGER PRIMARY KEY);\n"
     "CREATE TABLE place (book INTEGER, shelf INTEGER REFERENCES shelf (id)\n"
     "    DEFERRABLE INITIALLY DEFERRED);\n"
     "INSERT INTO place SELECT id, id + 10 FROM book;\n"
     "INSERT INTO shelf SELECT id + 10 FROM book;\n"
     "-- migrate:down\n"
     "DELETE FROM shelf;\n"
     "DELETE FROM place;\n"
     "DROP TABLE place;\n"
     "DROP TABLE shelf;\n",
     "0005",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM place JOIN shelf "
     "ON shelf.id = place.shelf) = 2 FROM sqlite_schema "
     "WHERE name IN ('shelf', 'place')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('shelf', 'place')"},
    {"0006_words.sql",
     "-- migrate:up\n"
     "CREATE TABLE word (word TEXT PRIMARY KEY) WITHOUT ROWID;\n"
     "CREATE TRIGGER word_refused BEFORE INSERT ON word\n"
     "WHEN new.word = 'refused'\n"
     "BEGIN\n"
     "    SELECT RAISE(ROLLBACK, 'this word is refused');\n"
     "END;\n"
     "INSERT OR ROLLBACK INTO word VALUES ('a'), ('b');\n"
     "-- migrate:down\n"
     "DROP TABLE word;\n",
     "0006",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM word) = 2 "
     "FROM sqlite_schema WHERE name IN ('word', 'word_refused')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('word', 'word_refused')"},
    /* It always fails, and the engine ends the transaction for it. */
    {"0007_refused.sql",
     "-- migrate:up\n"
     "CREATE TABLE never (id INTEGER);\n"
     "INSERT INTO word VALUES ('c'), ('refused');\n"
     "-- migrate:down\n"
     "DROP TABLE never;\n",
     "0007", "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'never'",
     "SELECT count(*) = 0 FROM sqlite_schema WHERE name = 'never'"},
};
#define TRIAL_MIGRATIONS                                                       \
    (sizeof(trial_migrations) / sizeof(trial_migrations[0]))

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
    if (!trial_execute(trial, "PRAGMA synchronous = OFF; "
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

static void
trial_remove_database(Trial *trial)
{
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    char path[300];

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        (void) snprintf(path, sizeof(path), "%s%s", trial->path, endings[i]);
        (void) unlink(path);
    }
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
    if (trial->scenario != NULL)
    {
        trial_check_scenario(trial);
        return;
    }
    has_catalogue = trial_is_true(
        trial, "SELECT 1 FROM sqlite_schema WHERE name = 'migrate_applied'");
    for (size_t i = 0; i < TRIAL_MIGRATIONS; i++)
        trial_check_migration(trial, i, has_catalogue);
    if (has_catalogue && !trial_is_true(trial, TRIAL_CHAIN))
        trial_fail(trial, "the history's chain is broken");
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
    if (mkdir(trial->source, 0700) != 0)
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
    (void) rmdir(trial->source);
    (void) rmdir(trial->folder);
    return trial->failures == 0 ? 0 : 1;
}

#endif

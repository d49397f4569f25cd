#ifndef SQLITE_COPIES_H
#define SQLITE_COPIES_H

/*
 * What is tried of copies of a database: a backup, and a restore.  Both are
 * beside the trial's database, in its folder.
 */

#include "sqlite_trial.h"

#include <dirent.h>

#define COPIES_ROWS 60 /* of 3000 bytes, in the backup */

typedef struct CopiesCase
{
    const char *name;
    const char *call;
    void (*prepare)(Trial *trial); /* a connection is open */
    void (*check)(Trial *trial, bool done);
} CopiesCase;

/* Remove all copies; returns how many there were. */
static int
copies_remove(Trial *trial)
{
    DIR *folder = opendir(trial->folder);
    struct dirent *entry;
    char path[600];
    int count = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
    {
        if (strncmp(entry->d_name, "copy.db", 7) != 0)
            continue;
        (void) snprintf(path, sizeof(path), "%s/%s", trial->folder,
                        entry->d_name);
        (void) unlink(path);
        count++;
    }
    if (folder != NULL)
        (void) closedir(folder);
    return count;
}

/* Whether a database is sound, and has a number of rows. */
static bool
copies_has(sqlite3 *db, const char *schema, int rows)
{
    sqlite3_stmt *statement = NULL;
    bool has = false;
    char sql[200];

    (void) snprintf(sql, sizeof(sql),
                    "SELECT (SELECT count(*) FROM %s.item) = %d AND "
                    "(SELECT group_concat(integrity_check) FROM "
                    "pragma_integrity_check('item', '%s')) = 'ok'",
                    schema, rows, schema);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        has = sqlite3_column_int(statement, 0) == 1;
    (void) sqlite3_finalize(statement);
    return has;
}

/* Make the rows that are copied. */
static void
copies_fill(Trial *trial)
{
    char sql[400];

    (void) snprintf(sql, sizeof(sql),
                    "SELECT migrate_add('1', 'CREATE TABLE item (a UNIQUE, b)')"
                    ";SELECT migrate_apply();"
                    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL "
                    "SELECT i + 1 FROM n WHERE i < %d) "
                    "INSERT INTO item SELECT i, randomblob(3000) FROM n",
                    COPIES_ROWS);
    if (!trial_execute(trial, sql))
        trial_fail(trial, "cannot prepare: %s", trial->message);
}

/* And the backup that is restored, of which the database differs. */
static void
copies_fill_twice(Trial *trial)
{
    copies_fill(trial);
    if (!trial_execute(trial, "SELECT migrate_backup('copy.db');"
                              "DELETE FROM item WHERE a > 5;"
                              "SELECT migrate_add('2', 'CREATE TABLE two (a)');"
                              "SELECT migrate_apply()"))
        trial_fail(trial, "cannot prepare: %s", trial->message);
}

/* Whether there is a copy, and all of it. */
static bool
copies_is_whole(Trial *trial)
{
    sqlite3 *copy = NULL;
    char path[300];
    bool whole;

    (void) snprintf(path, sizeof(path), "%s/copy.db", trial->folder);
    whole =
        sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        copies_has(copy, "main", COPIES_ROWS);
    (void) sqlite3_close(copy);
    return whole;
}

/* There is a whole copy, or no file of it; and the database is as it was. */
static void
copies_check_backup(Trial *trial, bool done)
{
    bool whole = copies_is_whole(trial);
    int files = copies_remove(trial);

    /* The engine may lack the memory to hand on what a call has returned. */
    if (strstr(trial->message, "out of memory") != NULL && whole)
        done = true;
    if (done && !whole)
        trial_fail(trial, "the copy is damaged");
    if (files != (done ? 1 : 0))
        trial_fail(trial, "%d files are left: %s", files, trial->message);
    if (!copies_has(trial->db, "main", COPIES_ROWS))
        trial_fail(trial, "the database is no longer as it was");
    if (!trial_execute(trial, "SELECT migrate_backup('copy.db')"))
        trial_fail(trial, "the next one fails: %s", trial->message);
}

/* The database is the backup or what it was, as the call has said. */
static void
copies_check_restore(Trial *trial, bool done)
{
    bool restored = copies_has(trial->db, "main", COPIES_ROWS);

    if (!restored && !copies_has(trial->db, "main", 5))
        trial_fail(trial, "the database is neither: %s", trial->message);
    if (done && !restored)
        trial_fail(trial, "it is not restored");
    if (!done && restored &&
        strstr(trial->message, "Nothing was changed") != NULL)
        trial_fail(trial, "it is restored: %s", trial->message);
    if (!trial_execute(trial, "SELECT migrate_restore('copy.db')") ||
        !copies_has(trial->db, "main", COPIES_ROWS))
        trial_fail(trial, "the next one fails: %s", trial->message);
}

static const CopiesCase copies_cases[] = {
    {"backup", "SELECT migrate_backup('copy.db')", copies_fill,
     copies_check_backup},
    {"restore", "SELECT migrate_restore('copy.db')", copies_fill_twice,
     copies_check_restore},
};
#define COPIES_CASES (sizeof(copies_cases) / sizeof(copies_cases[0]))

#endif

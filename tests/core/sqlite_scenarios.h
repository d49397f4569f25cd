#ifndef SQLITE_SCENARIOS_H
#define SQLITE_SCENARIOS_H

#include "sqlite_trial.h"

/* All but the catalogue. */
#define SCHEMA                                                                 \
    "SELECT type, name, tbl_name, sql FROM sqlite_schema "                     \
    "WHERE tbl_name NOT IN ('migrate_text', 'migrate_migration', "             \
    "'migrate_applied', 'migrate_event', 'migrate_setting', "                  \
    "'migrate_object', 'migrate_delta') "                                      \
    "ORDER BY type, name"

#define AFTER_COPY                                                             \
    "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, b TEXT, "         \
    "p INTEGER REFERENCES parent)"
#define AFTER_EDIT                                                             \
    "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT, "                  \
    "p INTEGER REFERENCES parent, CHECK (id > 0))"
#define AFTER_ALTER                                                            \
    "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT, "                  \
    "p INTEGER REFERENCES parent, c INTEGER, CHECK (id > 0))"
#define AFTER_MIGRATION                                                        \
    "(id INTEGER PRIMARY KEY, a TEXT, b BLOB, "                                \
    "p INTEGER REFERENCES parent, c TEXT NOT NULL)"

/* A table that others depend on is rebuilt in every way, at last by a
 * migration. */
static const TrialScenario scenario_rebuild = {
    "rebuild",
    {"BEGIN;"
     "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
     "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, "
     "    a TEXT NOT NULL, b INTEGER, p INTEGER REFERENCES parent);"
     "CREATE INDEX t_a ON t (a COLLATE NOCASE DESC) WHERE id > 0;"
     "CREATE TABLE child (t INTEGER REFERENCES t ON DELETE CASCADE);"
     "CREATE TABLE log (what TEXT);"
     "CREATE TRIGGER t_log AFTER INSERT ON t "
     "    BEGIN INSERT INTO log VALUES (new.a); END;"
     "CREATE VIEW v AS SELECT a, b FROM t;"
     "INSERT INTO parent VALUES (1, 'one');"
     "INSERT INTO t (a, b, p) VALUES ('x', 1, 1), ('y', 2, NULL), ('z', 3, 1);"
     "INSERT INTO child VALUES (1), (3);"
     "DELETE FROM t WHERE id = 2;"
     "COMMIT",
     "SELECT migrate_rebuild('t', '" AFTER_COPY "')",
     "SELECT migrate_rebuild('t', '" AFTER_EDIT "')",
     "SELECT migrate_rebuild('t', '" AFTER_ALTER "')",
     "SELECT migrate_add('0001', 'PRAGMA foreign_keys = OFF;"
     " INSERT INTO log VALUES (''before'');"
     " SELECT migrate_rebuild(''t'', ''" AFTER_MIGRATION "'', ''c = a || id'');"
     " INSERT INTO log VALUES (''behind'')', NULL);"
     "SELECT migrate_apply()",
     NULL},
    {SCHEMA, "SELECT rowid, *, typeof(b) FROM t ORDER BY 1",
     "SELECT * FROM child ORDER BY 1", "SELECT * FROM log", "SELECT * FROM v",
     "SELECT * FROM sqlite_sequence", NULL},
    NULL,
    NULL,
    97,
};

/* ---- Copies ---- */

/* Whether a name ends as another text. */
static bool
scenario_ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name);

    return length >= strlen(ending) &&
           strcmp(name + length - strlen(ending), ending) == 0;
}

/* A copy is sound, and one of the states of the database. */
static void
scenario_check_copy(Trial *trial, const char *path)
{
    Trial copy = *trial;
    char text[200];
    bool known = false;

    copy.db = NULL;
    if (sqlite3_open_v2(path, &copy.db, SQLITE_OPEN_READONLY, NULL) !=
        SQLITE_OK)
        trial_fail(trial, "a copy cannot be opened");
    trial_query(&copy, "PRAGMA integrity_check", text, sizeof(text));
    if (strcmp(text, "ok") != 0)
        trial_fail(trial, "a copy is not whole: %s", text);
    for (int i = 0; i < TRIAL_CALLS && !known; i++)
        known = trial_state(&copy) == trial->states[i];
    if (!known)
        trial_fail(trial, "a copy is none of the states");
    (void) sqlite3_close(copy.db);
}

/* Every copy under its name is complete, none is half made, and there is at
 * least one for each call that was reported. */
static void
scenario_check_copies(Trial *trial)
{
    const struct dirent *entry;
    DIR *directory;
    char folder[250];
    int count = 0;

    trial_folder_of(trial->path, folder, sizeof(folder));
    directory = opendir(folder);
    while (directory != NULL && (entry = readdir(directory)) != NULL)
    {
        char path[600];

        (void) snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".partial") != NULL)
            trial_fail(trial, "a half copy is left: %s", entry->d_name);
        else if (scenario_ends_with(entry->d_name, ".copy"))
        {
            scenario_check_copy(trial, path);
            count++;
        }
    }
    (void) closedir(directory);
    if (count < trial->done - 1)
        trial_fail(trial, "%d calls have made %d copies", trial->done - 1,
                   count);
}

#define LOG "CREATE TABLE log (what TEXT)"
#define ROWS(count)                                                            \
    "INSERT INTO log WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "   \
    "WHERE i < " #count ") SELECT i || hex(zeroblob(200)) FROM n"
/* An error does not tell whether a commit holds: with it the call is made anew.
 */
#define ADD_ONCE(what)                                                         \
    "INSERT INTO log SELECT '" what "' "                                       \
    "WHERE '" what "' NOT IN (SELECT what FROM log)"
#define LOOK_LOG "SELECT rowid, what FROM log ORDER BY 1"
#define LOOK_APPLIED "SELECT version FROM migrate_applied ORDER BY 1"

/* Copies are made; each time the database is another. */
static const TrialScenario scenario_backup = {
    "backup",
    {"BEGIN;" LOG ";" ROWS(60) ";"
                               "SELECT migrate_config('lock_timeout', '0');"
                               "COMMIT",
     "SELECT migrate_backup('{db}-{time}.copy');" ADD_ONCE("one"),
     "SELECT migrate_backup(here() || '/{db}-{version}-{time}.copy');"
     "DELETE FROM log WHERE rowid % 2",
     NULL},
    {SCHEMA, LOOK_LOG, NULL},
    scenario_check_copies,
    NULL,
    101,
};

/* A small and a large copy are put back. */
static const TrialScenario scenario_restore = {
    "restore",
    {LOG ";" ROWS(3) ";"
                     "SELECT migrate_add('0001', 'CREATE TABLE a (id)', NULL);"
                     "SELECT migrate_apply();"
                     "SELECT migrate_backup(shared() || '/small');" ROWS(
                         90) ";"
                             "SELECT migrate_backup(shared() || '/large');"
                             "INSERT INTO log VALUES ('now')",
     "SELECT migrate_restore(shared() || '/small')", ADD_ONCE("between"),
     "SELECT migrate_restore(shared() || '/large')",
     "SELECT migrate_add('0002', 'INSERT INTO a VALUES (1)', NULL);"
     "SELECT migrate_apply()",
     NULL},
    {SCHEMA, LOOK_LOG, "SELECT * FROM a", LOOK_APPLIED, NULL},
    NULL,
    NULL,
    101,
};

/* A migration whose statements are commits of their own: each is done once,
 * and all are in the end. */
static const TrialScenario scenario_vacuum = {
    "vacuum",
    {"BEGIN;" LOG ";" ROWS(60) ";INSERT INTO log VALUES ('first');"
                               "DELETE FROM log WHERE what <> 'first';"
                               "COMMIT",
     "SELECT migrate_add('0001', 'INSERT INTO log VALUES (''a'');"
     " PRAGMA page_size = 2048;"
     " VACUUM;"
     " INSERT INTO log VALUES (''b''), (''c'');"
     " VACUUM;"
     " CREATE INDEX log_what ON log (what)', NULL);"
     "SELECT migrate_apply()",
     NULL},
    {"SELECT what, count(*) FROM log GROUP BY what HAVING count(*) > 1",
     "SELECT version, (SELECT group_concat(what) FROM log), "
     "(SELECT count(*) FROM sqlite_schema WHERE name = 'log_what') "
     "FROM migrate_applied",
     "SELECT count(*) FROM log WHERE what = 'first'", NULL},
    NULL,
    NULL,
    101,
};

/* Runs are tried on a copy first, in memory and in a file, and then a copy is
 * kept. */
static const TrialScenario scenario_precautions = {
    "precautions",
    {"BEGIN;" LOG
     ";" ROWS(20) ";"
                  "SELECT migrate_config('rehearse', 'on');"
                  "SELECT migrate_config('backup', '{db}-{time}.copy');"
                  "SELECT migrate_config('backup_keep', '2');"
                  "COMMIT",
     "SELECT migrate_add('0001', 'CREATE TABLE a (id); INSERT INTO log VALUES "
     "(1)', 'DROP TABLE a; DELETE FROM log WHERE what = ''1''');"
     "SELECT migrate_apply()",
     "SELECT migrate_config('rehearse_memory', '0');"
     "SELECT migrate_add('0002', 'PRAGMA foreign_keys = OFF;"
     " CREATE TABLE b (id); INSERT INTO log VALUES (2)', NULL);"
     "SELECT migrate_apply()",
     NULL},
    {"SELECT name FROM sqlite_schema WHERE name IN ('a', 'b', 'log')", LOOK_LOG,
     LOOK_APPLIED, NULL},
    scenario_check_copies,
    NULL,
    211,
};

/* ---- A fleet ---- */

#define FLEET_FILES 2

/* What is wrong with a file of the fleet. */
#define FLEET_WRONG                                                            \
    "SELECT CASE WHEN (SELECT count(*) FROM migrate_applied) <> "              \
    "(SELECT count(*) FROM a) THEN 'half a migration' "                        \
    "WHEN (SELECT count(*) FROM b) <> (SELECT count(*) = 2 FROM a) "           \
    "THEN 'half of the second' "                                               \
    "WHEN (SELECT count(*) FROM a) < %d THEN 'a migration is missing' "        \
    "WHEN NOT (" TRIAL_CHAIN ") THEN 'the chain is broken' END"

/* Each file holds what its records say, and what has been reported: but a file
 * in rollback mode with synchronous = FULL, which are the engine's defaults,
 * may lose its last transaction with the power. */
static void
scenario_check_fleet(Trial *trial)
{
    char folder[250];
    int least = trial->cut ? 0 : trial->done - 1;

    trial_folder_of(trial->path, folder, sizeof(folder));
    for (int i = 1; i <= FLEET_FILES; i++)
    {
        Trial file = *trial;
        char text[200];
        char sql[1000];

        (void) snprintf(file.path, sizeof(file.path), "%.200s/fleet-%d.db",
                        folder, i);
        file.db = NULL;
        if (sqlite3_open_v2(file.path, &file.db, SQLITE_OPEN_READWRITE, NULL) !=
            SQLITE_OK)
            trial_fail(trial, "fleet-%d.db cannot be opened", i);
        trial_query(&file, "PRAGMA integrity_check", text, sizeof(text));
        if (strcmp(text, "ok") != 0)
            trial_fail(trial, "fleet-%d.db: %s", i, text);
        (void) snprintf(sql, sizeof(sql), FLEET_WRONG, least);
        /* Before the first migration there are no tables. */
        if (least > 0 ||
            trial_is_true(&file, "SELECT count(*) FROM sqlite_schema WHERE "
                                 "name = 'a' OR name = 'migrate_applied' AND "
                                 "(SELECT count(*) FROM migrate_applied)"))
            trial_query(&file, sql, text, sizeof(text));
        else
            text[0] = '\0';
        if (text[0] != '\0' && strcmp(text, "(null)") != 0)
            trial_fail(trial, "fleet-%d.db: %s", i, text);
        (void) sqlite3_close(file.db);
    }
}

#define FLEET                                                                  \
    "SELECT require(count(*) = 2 AND count(error) = 0, group_concat(error)) "  \
    "FROM migrate_fleet(here() || '/fleet-*.db')"

/* Two files are brought to the same migrations as this one names. */
static const TrialScenario scenario_fleet = {
    "fleet",
    {"ATTACH here() || '/fleet-1.db' AS f; CREATE TABLE f.base (id);"
     "DETACH f;"
     "ATTACH here() || '/fleet-2.db' AS f; CREATE TABLE f.base (id);"
     "DETACH f;"
     "SELECT migrate_config('fleet_threads', '1');"
     "CREATE TABLE mark (at INTEGER); INSERT INTO mark VALUES (1)",
     "SELECT migrate_add('0001', 'CREATE TABLE a (id); CREATE TABLE b (id);"
     " INSERT INTO a VALUES (1)');" FLEET ";"
     "UPDATE mark SET at = 2",
     "SELECT migrate_add('0002', 'INSERT INTO a VALUES (2);"
     " INSERT INTO b VALUES (2)');" FLEET ";"
     "UPDATE mark SET at = 3",
     NULL},
    {"SELECT at FROM mark", NULL},
    NULL,
    scenario_check_fleet,
    211,
};

/* The history is verified, on the connection for looks too, and exported.  What
 * cannot be looked at is a row as well, of the same kind or of "schema": each
 * of the three is told of, whatever fails. */
static const TrialScenario scenario_verify = {
    "verify",
    {"PRAGMA foreign_keys = off;"
     "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
     "CREATE TABLE child (p INTEGER REFERENCES parent);"
     "INSERT INTO child VALUES (1), (2);"
     "PRAGMA foreign_keys = on;"
     "CREATE TABLE found (kind TEXT, problem TEXT);"
     "SELECT migrate_add('1', '-- migrate:up\nSELECT 1;\n-- migrate:verify\n"
     "SELECT count(*) = 3 FROM child', NULL);"
     "SELECT migrate_add('2', 'SELECT 2', 'SELECT 3');"
     "SELECT migrate_stamp('2');"
     "UPDATE migrate_event SET actor = 'x' WHERE seq = 2",
     "SELECT count(*) FROM migrate_verify();"
     "INSERT INTO found SELECT kind, problem FROM migrate_verify("
     "(SELECT migrate_export_history()))",
     NULL},
    {"SELECT count(DISTINCT replace(kind, 'schema', 'foreign key')) FROM found "
     "WHERE kind IN ('history', 'verify', 'foreign key', 'schema')",
     "SELECT count(*) FROM migrate_event", NULL},
    NULL,
    NULL,
    47,
};

/* What a hand has changed is renamed by migrations, and back. */
static const TrialScenario scenario_renamed = {
    "renamed",
    {"SELECT migrate_config('on_drift', 'ignore');"
     "SELECT migrate_add('1', 'CREATE TABLE one (id INTEGER, a TEXT, "
     "CHECK (a <> id)); CREATE INDEX one_a ON one (a);"
     "CREATE VIEW gone AS SELECT one.a FROM one', NULL);"
     "SELECT migrate_add('2', 'ALTER TABLE one RENAME TO two;"
     "ALTER TABLE hand RENAME TO foot', 'ALTER TABLE two RENAME TO one;"
     "ALTER TABLE foot RENAME TO hand');"
     "SELECT migrate_add('3', 'ALTER TABLE two RENAME COLUMN a TO \"b c\"', "
     "'ALTER TABLE two RENAME COLUMN \"b c\" TO a');"
     "SELECT migrate_apply('1');"
     "ALTER TABLE one ADD COLUMN hand INTEGER; DROP INDEX one_a;"
     "CREATE INDEX one_hand ON one (hand); DROP VIEW gone;"
     "CREATE TABLE hand (id INTEGER)",
     "SELECT migrate_apply('2')", "SELECT migrate_apply('3')",
     "SELECT migrate_rollback('2')", "SELECT migrate_rollback('1')", NULL},
    {SCHEMA,
     "SELECT kind, object, change, expected, actual FROM migrate_drift()",
     "SELECT kind, identity, parent, definition FROM migrate_object "
     "ORDER BY 1, 2",
     "SELECT problem FROM migrate_verify() WHERE kind <> 'drift'", NULL},
    NULL,
    NULL,
    97,
};

/* The guards look at what statements and their triggers would destroy, which
 * has no rows. */
static const TrialScenario scenario_guarded = {
    "guarded",
    {"CREATE TABLE t (a); CREATE TABLE log (what); CREATE TABLE bare (a);"
     "CREATE VIEW v AS SELECT a FROM t;"
     "CREATE TRIGGER t_log AFTER INSERT ON t BEGIN DELETE FROM bare; "
     "    INSERT INTO log VALUES (new.a); END;"
     "CREATE TRIGGER v_t INSTEAD OF INSERT ON v BEGIN "
     "    INSERT INTO t VALUES (new.a); END;"
     "SELECT migrate_config('environment', 'production');"
     "SELECT migrate_add('1', 'INSERT INTO v VALUES (1)', NULL);"
     "SELECT migrate_add('2', 'CREATE TABLE kept (a); DROP TABLE bare;"
     "CREATE TABLE bare (a); DELETE FROM bare', NULL)",
     "SELECT migrate_config('confirm', 'test.db'); SELECT migrate_apply('1')",
     "SELECT migrate_config('confirm', 'test.db'); SELECT migrate_apply('2')",
     NULL},
    {SCHEMA, "SELECT * FROM t", "SELECT * FROM log",
     "SELECT version FROM migrate_applied", NULL},
    NULL,
    NULL,
    31,
};

/* All that there are, but for the migrations themselves. */
static const TrialScenario *const scenarios[] = {
    &scenario_rebuild, &scenario_backup,      &scenario_restore,
    &scenario_vacuum,  &scenario_precautions, &scenario_fleet,
    &scenario_verify,  &scenario_renamed,     &scenario_guarded,
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* Try a scenario from now on, or the migrations when it is NULL; learns its
 * states. */
static void
scenario_choose(Trial *trial, const TrialScenario *scenario)
{
    trial->scenario = scenario;
    if (scenario == NULL)
        return;
    (void) snprintf(trial->where, sizeof(trial->where), "%s in peace",
                    scenario->name);
    trial->learning = true;
    trial_begin(trial);
    if (!trial_run_calls(trial))
        trial_fail(trial, "the calls fail: %s", trial->message);
    trial->learning = false;
    for (int i = 1; i < trial->done; i++)
    {
        if (trial->states[i] == trial->states[i + 1])
            trial_fail(trial, "call %d changes nothing", i);
    }
    trial_check_connection(trial);
    trial_disconnect(trial);
}

#endif

#ifndef SQLITE_SCENARIOS_H
#define SQLITE_SCENARIOS_H

#include "sqlite_trial.h"

/* All but the catalogue. */
#define SCHEMA                                                                 \
    "SELECT type, name, tbl_name, sql FROM sqlite_schema "                     \
    "WHERE tbl_name NOT IN ('migrate_text', 'migrate_migration', "             \
    "'migrate_applied', 'migrate_event', 'migrate_setting') "                  \
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
};

/* All that there are, but for the migrations themselves. */
static const TrialScenario *const scenarios[] = {&scenario_rebuild};
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

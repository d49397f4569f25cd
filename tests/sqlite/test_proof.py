"""The proof of an adoption: the migrations run on a database in memory."""

import os
import re
import threading
import time

from tools import (add, check_sound, column, connect, exists, fails, one, rows,
                   same)


def adopt(db, *versions):
    """Let goose's history say that versions were applied."""
    db.execute("CREATE TABLE IF NOT EXISTS goose_db_version (id INTEGER "
               "PRIMARY KEY, version_id INT, is_applied INT, tstamp TEXT)")
    for version in versions:
        db.execute("INSERT INTO goose_db_version (version_id, is_applied, "
                   "tstamp) VALUES (?, 1, '2024-01-02 10:00:00')", [version])


DIFFERENCES = ("SELECT problem, state, version FROM migrate_adopt_report() "
               "WHERE state IN ('missing', 'extra', 'differs', 'not proved')")


def differences(db):
    return rows(db, DIFFERENCES)


def kinds(db):
    """What each difference is about, and its state."""
    return [(re.sub(" (is: |is made by the migrations|is in the database, ).*",
                    "", row[0], flags=re.S), row[1])
            for row in differences(db)]


def unproved(db, text):
    """There is one row, and it says why."""
    found = differences(db)
    same([row[1] for row in found], ["not proved"])
    assert text in found[0][0], found[0][0]
    return found[0]


def compared(db, wanted, actual):
    """What a migration that says one thing differs in from what is there."""
    add(db, "1", wanted)
    db.executescript(actual)
    adopt(db, 1)
    return kinds(db)


SAME = [
    # White space, comments, quotes, case.
    ("CREATE TABLE t (a INTEGER NOT NULL, b TEXT DEFAULT 'X')",
     "create  table \"t\"(/* x */[a] integer not null,\n`b` text -- y\n"
     " default 'X')"),
    # Where ALTER TABLE puts a column.
    ("CREATE TABLE t (a, CHECK (a > 0)); ALTER TABLE t ADD COLUMN b",
     "CREATE TABLE t (a, b, CHECK (a > 0))"),
    ("CREATE TABLE t (a); ALTER TABLE t RENAME TO u",
     "CREATE TABLE u (a)"),
    ("CREATE TABLE t (a, b); ALTER TABLE t RENAME COLUMN b TO c",
     "CREATE TABLE t (a, c)"),
    ("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT);"
     "INSERT INTO t VALUES (NULL)",
     "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)"),
    # An index of the engine's own.
    ("CREATE TABLE t (a UNIQUE, b PRIMARY KEY)",
     "CREATE TABLE t (a UNIQUE, b PRIMARY KEY)"),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a)",
     "CREATE TABLE t (a); CREATE INDEX i ON  t(\"a\" )"),
    ("CREATE TABLE t AS SELECT 1 AS a", "CREATE TABLE t (a)"),
    ("CREATE TABLE IF NOT EXISTS t (a); ANALYZE", "CREATE TABLE main.t (a)"),
]

DIFFERENT = [
    ("CREATE TABLE t (a, b)", "CREATE TABLE t (a, b, c)",
     [("column t.c", "extra")]),
    ("CREATE TABLE t (a, b)", "CREATE TABLE t (b, a)",
     [("table t", "differs")]),
    ("CREATE TABLE t (a DEFAULT 'x')", "CREATE TABLE t (a DEFAULT 'X')",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a TEXT)", "CREATE TABLE t (a TEXT COLLATE NOCASE)",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a)", "CREATE TABLE t (a NOT NULL)",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a INTEGER PRIMARY KEY)",
     "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a PRIMARY KEY)",
     "CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", [("table t", "differs")]),
    ("CREATE TABLE t (a, b AS (a + 1))", "CREATE TABLE t (a, b AS (a + 2))",
     [("column t.b", "differs")]),
    ("CREATE TABLE p (a PRIMARY KEY); CREATE TABLE t (a REFERENCES p)",
     "CREATE TABLE p (a PRIMARY KEY);"
     "CREATE TABLE t (a REFERENCES p ON DELETE CASCADE)",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a, CONSTRAINT c CHECK (a > 0))",
     "CREATE TABLE t (a, CONSTRAINT c CHECK (a > 1))",
     [("constraint t.c", "differs")]),
    ("CREATE TABLE t (a, CHECK (a > 0), CHECK (a < 9))",
     "CREATE TABLE t (a, CHECK (a > 0))",
     [("constraint t.check(a<9)", "missing")]),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a)",
     "CREATE TABLE t (a); CREATE UNIQUE INDEX i ON t (a)",
     [("index i", "differs")]),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a) WHERE a > 0",
     "CREATE TABLE t (a)", [("index i", "missing")]),
    ("CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN "
     "SELECT 1; END",
     "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN "
     "SELECT 2; END", [("trigger g", "differs")]),
    ("CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT '1'",
     [("view v", "differs")]),
    ("CREATE TABLE v (a)", "CREATE VIEW v AS SELECT 1 AS a",
     [("table v", "missing"), ("view v", "extra")]),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a)", "SELECT 1",
     [("table t", "missing")]),
]


def test_what_is_the_same(place):
    for number, (wanted, actual) in enumerate(SAME):
        db = connect(place / f"{number}.db")
        same((wanted, compared(db, wanted, actual)), (wanted, []))
        db.close()


def test_what_differs(place):
    for number, (wanted, actual, told) in enumerate(DIFFERENT):
        db = connect(place / f"{number}.db")
        same((wanted, sorted(compared(db, wanted, actual))),
             (wanted, sorted(told)))
        db.close()


def test_virtual_tables(place):
    db = connect(place / "app.db")
    same(compared(db, "CREATE VIRTUAL TABLE f USING fts5(a)",
                  "CREATE VIRTUAL TABLE f USING fts5( a )"), [])
    db.executescript("DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(b)")
    same(dict(kinds(db))["table f"], "differs")


def test_a_database_in_memory(_):
    db = connect(":memory:")
    same(compared(db, "CREATE TABLE t (a)", "CREATE TABLE t (b)"),
         [("column t.a", "missing"), ("column t.b", "extra")])


def test_inside_a_transaction(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE t (a)")
    adopt(db, 1)
    db.execute("BEGIN")
    db.execute("CREATE TABLE t (a)")
    same(kinds(db), [])
    same(one(db, "SELECT migrate_adopt()"), 1)
    db.execute("ROLLBACK")
    same(kinds(db), [("table t", "missing")])


def test_what_is_written_around_a_migration(place):
    db = connect(place / "app.db")
    add(db, "1", "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL;"
                 "VACUUM; CREATE TABLE p (a PRIMARY KEY);"
                 "BEGIN; CREATE TABLE c (a REFERENCES p); COMMIT;"
                 "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);")
    db.executescript("CREATE TABLE p (a PRIMARY KEY);"
                     "CREATE TABLE c (a REFERENCES p)")
    adopt(db, 1)
    same(kinds(db), [])
    same(one(db, "PRAGMA journal_mode"), "delete")


def test_a_rebuild_is_run(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE t (a, b);"
                 "SELECT migrate_rebuild('t', '(a, b, CHECK (a > 0))');")
    db.execute("CREATE TABLE t (a, b, CHECK (a > 0))")
    adopt(db, 1)
    same(kinds(db), [])


def test_foreign_keys_of_the_data(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE p (a PRIMARY KEY);"
                 "CREATE TABLE c (a REFERENCES p); INSERT INTO c VALUES (9);")
    adopt(db, 1)
    unproved(db, 'migration "1" failed at its end')


def test_what_an_empty_database_lacks(place):
    db = connect(place / "app.db")
    db.create_function("app_only", 0, lambda: 1)
    db.execute("CREATE TABLE old (a)")
    add(db, "1", "ALTER TABLE old ADD COLUMN b")
    adopt(db, 1)
    unproved(db, "no such table: old")
    add(db, "1", "SELECT app_only()")
    row = unproved(db, "no such function: app_only")
    assert "sqlite3_auto_extension" in row[0], row[0]
    same(row[2], "1")


def test_no_other_file_is_touched(place):
    path = place / "app.db"
    other = place / "other.db"
    db = connect(path)
    for text in (f"ATTACH '{other}' AS o; CREATE TABLE o.t (a)",
                 f"ATTACH 'file:{other}?mode=rwc' AS o",
                 f"ATTACH '{path}' AS o; DROP TABLE o.migrate_event",
                 f"VACUUM INTO '{other}'"):
        add(db, "1", text)
        adopt(db, 1)
        differences(db)
        same((text, os.path.exists(other)), (text, False))
    check_sound(db)
    assert exists(db, "migrate_event")


def test_a_hostile_text_cannot_call_us(place):
    folder = place / "m"
    folder.mkdir()
    (folder / "1_evil.up.sql").write_text("CREATE TABLE evil (a);")
    copy = place / "copy.db"
    db = connect(place / "app.db")
    for text in (f"SELECT migrate_load('{folder}')",
                 f"SELECT migrate_up('{folder}')",
                 f"SELECT migrate_backup('{copy}')",
                 f"SELECT migrate_restore('{copy}')",
                 f"SELECT * FROM migrate_fleet('{place}/*.db')",
                 "SELECT migrate_add('9', 'SELECT 1')",
                 "SELECT migrate_config('project', 'x')",
                 "SELECT migrate_adopt()"):
        add(db, "1", text)
        adopt(db, 1)
        unproved(db, 'migration "1" failed')
        same((text, exists(db, "evil")), (text, False))
        same((text, os.path.exists(copy)), (text, False))
    same(column(db, "SELECT version FROM migrate_status()"), ["1"])


def test_a_report_writes_nothing(place):
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "CREATE TABLE t (a)")
    adopt(db, 1)
    before = path.read_bytes()
    same(kinds(db), [("table t", "missing")])
    same(path.read_bytes(), before)
    db.close()
    db = connect(f"file:{path}?mode=ro", uri=True)
    same(kinds(db), [("table t", "missing")])


def test_a_tools_table_in_an_attached_file(place):
    """Sqitch's registry: its tables have names that an application's may."""
    db = connect(place / "app.db")
    db.execute("CREATE TABLE changes (a)")
    db.execute("ATTACH ? AS sqitch", [str(place / "sqitch.db")])
    db.executescript(
        "CREATE TABLE sqitch.changes (change_id, script_hash, change, project,"
        " note, committed_at, committer_name, committer_email, planned_at,"
        " planner_name, planner_email);"
        "INSERT INTO sqitch.changes (change_id, change, project, committed_at)"
        " VALUES ('x', '1', 'p', '2024-01-02T10:00:00Z')")
    add(db, "1", "SELECT 1")
    same(rows(db, "SELECT version, state FROM migrate_adopt_report() "
                  "WHERE state <> 'extra'"), [("1", "matched")])
    same(kinds(db), [("table changes", "extra")])


def test_interrupt(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE t (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION "
                 "ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
    adopt(db, 1)
    began = time.monotonic()
    timer = threading.Timer(0.3, db.interrupt)
    timer.start()
    fails(db, DIFFERENCES, "interrupted")
    timer.join()
    assert time.monotonic() - began < 60
    one(db, "SELECT migrate_config('adopt_strict', 'on')")
    timer = threading.Timer(0.3, db.interrupt)
    timer.start()
    fails(db, "SELECT migrate_adopt()", "interrupted")
    timer.join()
    same(one(db, "SELECT count(*) FROM migrate_applied"), 0)
    check_sound(db)


def test_many_migrations(place):
    db = connect(place / "app.db")
    db.execute("BEGIN")
    for number in range(1, 1001):
        text = (f"CREATE TABLE t{number} (a INTEGER PRIMARY KEY, b TEXT);"
                f"CREATE INDEX i{number} ON t{number} (b)")
        add(db, str(number), text)
        for statement in text.split(";"):
            db.execute(statement)
        adopt(db, number)
    db.execute("COMMIT")
    same(kinds(db), [])
    db.execute("DROP INDEX i500")
    same(kinds(db), [("index i500", "missing")])
    same(one(db, "SELECT migrate_adopt()"), 1000)


def test_several_at_once(place):
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "CREATE TABLE t (a)")
    db.execute("CREATE TABLE t (a)")
    adopt(db, 1)
    found = []

    def prove():
        other = connect(path)
        found.append(kinds(other))
        other.close()

    threads = [threading.Thread(target=prove) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(found, [[]] * 4)

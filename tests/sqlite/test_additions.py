"""What somebody has put on the catalogue's tables: it is named and never run."""

import sqlite3

from tools import (add, column, connect, fails, matches, one, rows, same,
                   write_files)

TABLES = ("migrate_text", "migrate_migration", "migrate_applied",
          "migrate_event", "migrate_setting", "migrate_object",
          "migrate_delta")

# What is never done, and so runs no trigger.
NEVER = ("UPDATE migrate_text", "DELETE migrate_text", "UPDATE migrate_event",
         "DELETE migrate_event", "UPDATE migrate_delta")


def writes(place):
    """A call of each function that writes, with something to do."""
    folder = write_files(place / "more", {"4_four.sql": "CREATE TABLE four (x)"})
    return ("migrate_apply()", "migrate_rollback()", "migrate_redo()",
            "migrate_stamp('base')", "migrate_add('9', 'SELECT 9')",
            f"migrate_load('{folder}')", f"migrate_up('{folder}')",
            "migrate_baseline('2')", "migrate_accept()",
            "migrate_accept('1')", "migrate_repair()",
            "migrate_record_backup('x')",
            "migrate_config('environment', 'x')",
            "migrate_config('environment', NULL)")


def prepared(path):
    """A database in which each of them has something to do."""
    db = connect(path)
    calls = []
    db.create_function("evil", -1, lambda *_: calls.append(1),
                       deterministic=True)
    add(db, "1", "CREATE TABLE one (id)", "DROP TABLE one")
    add(db, "2", "CREATE TABLE two (id)", "DROP TABLE two")
    one(db, "SELECT migrate_apply()")
    add(db, "1", "CREATE TABLE one (id, more)", "DROP TABLE one")
    add(db, "3", "CREATE TABLE three (id)", "DROP TABLE three")
    one(db, "SELECT migrate_config('environment', 'test')")
    one(db, "SELECT migrate_config('on_changed', 'warn')")
    db.execute("CREATE TABLE drifted (id)")
    return db, calls


def additions(db, table):
    """SQL that puts something on a table, what it is, and what runs."""
    for when in ("BEFORE", "AFTER"):
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield (f"CREATE TRIGGER t {when} {event} ON {table} "
                   "BEGIN SELECT evil(); END", 'trigger "t"',
                   f"{event} {table}" not in NEVER)
    yield (f"CREATE TEMP TRIGGER \"t t\" AFTER INSERT ON main.{table} "
           "BEGIN SELECT evil(); END", 'temporary trigger "t t"', True)
    key = column(db, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 "
                     "ORDER BY pk DESC", table)
    first, second = (key * 2)[:2]
    yield (f"CREATE UNIQUE INDEX u ON {table} ({', '.join(key)})",
           'unique index "u"', True)
    yield (f"CREATE INDEX e ON {table} (evil({first}))", 'index "e"', True)
    yield (f"CREATE INDEX w ON {table} ({first}) WHERE evil({second})",
           'index "w"', True)
    yield (f"CREATE INDEX p ON {table} ({second})", 'index "p"', False)


def verify(db):
    return rows(db, "SELECT object, problem, hint FROM migrate_verify() "
                    "WHERE kind = 'catalogue'")


def contents(db):
    return [rows(db, f"SELECT * FROM {table}") for table in TABLES]


def test_nothing_is_written_while_it_is_there(place):
    calls_of_each = writes(place)
    for number, table in enumerate(TABLES):
        db, calls = prepared(place / f"{number}.db")
        before = contents(db)
        for sql, what, runs in tuple(additions(db, table)):
            db.execute(sql)
            calls.clear()
            (found,) = verify(db)
            same(found[:2], (table, f"somebody has put {what} on it"))
            same([row[1] for row in rows(
                db, "SELECT name, state FROM migrate_preflight() "
                    "WHERE name = 'catalogue'")], ["error"] if runs else [])
            for call in calls_of_each if runs else ():
                error = fails(db, f"SELECT {call}",
                              f"^somebody has put {what} on table \"{table}\" "
                              "of the catalogue", "SQLITE_CORRUPT_VTAB")
                matches(str(error), "take it away: DROP ")
                assert not db.in_transaction, call
                same(calls, [])
            same(contents(db), before)
            # What the hint says is a statement, and helps.
            db.execute(found[2].split("take it away: ")[1])
            same(verify(db), [])
            same(calls, [])
        db.close()
    same(len(calls_of_each), 14)
    # They have something to do, and do it; a baseline is for where nothing is.
    for number, call in enumerate(calls_of_each):
        if call == "migrate_baseline('2')":
            continue
        db, calls = prepared(place / f"call{number}.db")
        before = contents(db)
        rows(db, f"SELECT {call}")
        assert contents(db) != before, call
        db.close()


def test_in_the_caller_s_transaction(place):
    db, calls = prepared(place / "app.db")
    before = contents(db)
    db.execute("CREATE TRIGGER t AFTER INSERT ON migrate_event "
               "BEGIN SELECT evil(); END")
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()", '^somebody has put trigger "t"')
    db.execute("COMMIT")
    same(calls, [])
    same(contents(db), before)


def test_one_that_cannot_even_run(place):
    db, _ = prepared(place / "app.db")
    db.execute("CREATE TEMP TRIGGER t AFTER INSERT ON main.migrate_event "
               "BEGIN INSERT INTO nowhere VALUES (1); END")
    fails(db, "SELECT migrate_apply()", '^somebody has put temporary trigger '
                                        '"t" on table "migrate_event"')


def test_a_migration_that_puts_one_there(place):
    db, calls = prepared(place / "app.db")
    add(db, "4", "CREATE TABLE four (id); CREATE TRIGGER t BEFORE DELETE ON "
                 "migrate_applied BEGIN SELECT evil(); END")
    fails(db, "SELECT migrate_apply()",
          '^migration "4" failed at its end: somebody has put trigger "t" on '
          'table "migrate_applied" of the catalogue')
    # It is undone with its trigger; then the failure can be told.
    same(rows(db, "SELECT version, outcome FROM migrate_history() "
                  "ORDER BY seq DESC LIMIT 1"), [("4", "failed")])
    same(verify(db), [])
    same(calls, [])


def test_expressions_of_columns(place):
    for number, (sql, what) in enumerate((
            ("x CHECK (evil(action))", "a check"),
            ('"x y" TEXT CONSTRAINT c CHECK (evil(action))', "a check"),
            ("x AS (coalesce(evil(action), 1)) NOT NULL", "an expression"))):
        db, calls = prepared(place / f"{number}.db")
        db.execute(f"ALTER TABLE migrate_event ADD COLUMN {sql}")
        calls.clear()
        (found,) = verify(db)
        column = '"x y"' if " y" in sql else "x"
        same(found[:2], ("migrate_event", f"somebody has put {what} for column "
                                          f"{column} on it"))
        fails(db, "SELECT migrate_apply()", f"^somebody has put {what} for "
                                            f"column {column} on table")
        same(calls, [])
        if sqlite3.sqlite_version_info >= (3, 35):
            db.execute(found[2].split("take it away: ")[1])
            same(verify(db), [])
            same(one(db, "SELECT migrate_apply()"), 1)
            same(calls, [])
        db.close()


def test_foreign_keys_to_them(place):
    db, _ = prepared(place / "app.db")
    db.execute("CREATE TABLE audit (p, t, s, FOREIGN KEY (p, t, s) "
               "REFERENCES migrate_event)")
    same([row[:2] for row in verify(db)],
         [("migrate_event", 'somebody has put a foreign key of table "audit" '
                            "on it")])
    db.execute("PRAGMA foreign_keys = on")
    same(one(db, "SELECT migrate_apply('3')"), 1)
    db.execute("CREATE TABLE who (p, t, v, FOREIGN KEY (p, t, v) "
               "REFERENCES migrate_applied ON DELETE CASCADE)")
    db.execute("INSERT INTO who SELECT project, target, version "
               "FROM migrate_applied")
    fails(db, "SELECT migrate_rollback()",
          '^somebody has put a foreign key of table "who" on table '
          '"migrate_applied" of the catalogue')
    same(one(db, "SELECT count(*) FROM who"), 3)
    db.execute("DROP TABLE who")
    same(one(db, "SELECT migrate_rollback()"), 1)

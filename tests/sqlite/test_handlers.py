"""What the application installed on its connection: asked, obeyed, and there
afterwards."""

import sqlite3

from tools import (Bare, Holder, check_sound, connect, fails, matches, one,
                   rows, same, states, write_files)

FILES = {
    "1_one.sql": "-- migrate:up\nCREATE TABLE one (id UNIQUE);\n"
                 "INSERT INTO one VALUES (1), (2);\n"
                 "-- migrate:down\nDROP TABLE one;\n",
    "2_two.sql": "-- migrate:up\nPRAGMA foreign_keys = off;\n"
                 "CREATE VIEW two AS SELECT * FROM one;\n"
                 "UPDATE one SET id = id + 10;\n"
                 "CREATE TRIGGER r AFTER INSERT ON one BEGIN SELECT 1; END;\n"
                 "-- migrate:down\nDROP VIEW two; DROP TRIGGER r;\n"}

# Every code of an authorizer's action: sqlite3.h, "Authorizer Action Codes".
ACTIONS = [*range(1, 34)]
SQLITE_FUNCTION = 31

CALLS = ("SELECT migrate_load(:folder)", "SELECT migrate_apply()",
         "SELECT * FROM migrate_status()", "SELECT * FROM migrate_history()",
         "SELECT * FROM migrate_plan()", "SELECT migrate_pending()",
         "SELECT migrate_rollback()", "SELECT migrate_redo()",
         "SELECT migrate_config('environment', 'x')",
         "SELECT migrate_record_backup('x')",
         "SELECT * FROM migrate_preflight()",
         "SELECT * FROM migrate_settings()")


def attempt(db, sql, folder):
    """Returns the error, or None."""
    try:
        db.execute(sql, {"folder": folder} if ":folder" in sql else {}
                   ).fetchall()
    except sqlite3.Error as error:
        return error
    return None


def every_action(place, attach, answer):
    """Forbid each kind of action in turn, everywhere but in the SELECT that
    calls; returns the errors."""
    folder = write_files(place / "m", FILES)
    found = []
    for action in ACTIONS:
        path = place / f"app{action}.db"
        db = connect(path)
        if attach:
            db.execute("ATTACH ? AS tenant", (f"{path}-tenant",))
            one(db, "SELECT migrate_config('target_schema', 'tenant')")

        def authorize(asked, _first, second, _database, _inner):
            calls = asked == SQLITE_FUNCTION and \
                second.startswith("migrate_")
            return sqlite3.SQLITE_OK if asked != action or calls else answer

        for sql in CALLS:
            db.set_authorizer(authorize)
            error = attempt(db, sql, folder)
            assert not db.in_transaction, (action, sql)
            db.set_authorizer(lambda *_what: sqlite3.SQLITE_OK)
            if error is not None:
                found.append((action, sql, str(error)))
        error = attempt(db, "SELECT migrate_up(:folder)", folder)
        assert error is None, (action, error)
        same({state for _version, state in states(db)}, {"applied"})
        if not attach:
            check_sound(db)
        db.close()
    return found


# Or what a call before has not done for that reason.
FORBIDDEN = ("not authorized|prohibited|^there is no|^no migration is applied"
             r"|^no such table: migrate_\w+$")  # as an older engine says it


def test_authorizer_that_forbids_one_kind_of_action(place):
    found = every_action(place, False, sqlite3.SQLITE_DENY)
    assert len({action for action, _sql, _error in found}) > 8
    for _action, _sql, error in found:
        matches(error, FORBIDDEN)


def test_authorizer_that_forbids_with_an_attached_database(place):
    for _action, _sql, error in every_action(place, True, sqlite3.SQLITE_DENY):
        matches(error, FORBIDDEN)


def test_authorizer_that_hides(place):
    """Columns of our tables that are read as NULL."""
    db = connect(place / "app.db")
    folder = write_files(place / "m", FILES)
    same(one(db, "SELECT migrate_up(?)", folder), 2)
    db.execute("SELECT migrate_add('3', 'CREATE TABLE three (x)')").fetchall()
    read = rows(db, "SELECT m.name, c.name FROM sqlite_schema m, "
                    "pragma_table_info(m.name) c "
                    "WHERE m.name LIKE 'migrate_%' AND m.type = 'table'")
    assert len(read) > 20, read
    for hidden in read:
        def authorize(action, table, column, _database, _inner,
                      hidden=hidden):
            if action == sqlite3.SQLITE_READ and (table, column) == hidden:
                return sqlite3.SQLITE_IGNORE
            return sqlite3.SQLITE_OK

        for sql in CALLS:
            db.execute("SAVEPOINT s")
            db.set_authorizer(authorize)
            attempt(db, sql, folder)
            db.set_authorizer(lambda *_what: sqlite3.SQLITE_OK)
            db.execute("ROLLBACK TO s")
            db.execute("RELEASE s")
    same(states(db), [("1", "applied"), ("2", "applied"), ("3", "pending")])
    check_sound(db)


def test_trace_sees_the_statements_of_a_migration(place):
    db = connect(place / "app.db")
    folder = write_files(place / "m", FILES)
    seen = []
    db.set_trace_callback(seen.append)
    same(one(db, "SELECT migrate_up(?)", folder), 2)
    assert any("CREATE TABLE one" in sql for sql in seen)
    before = len(seen)
    one(db, "SELECT 1")
    assert len(seen) > before


def bare(place):
    try:
        return Bare(place / "app.db", 1)
    except AttributeError:
        print("# skipped: Python has SQLite compiled in")
        return None


def test_hooks(place):
    db = bare(place)
    if db is None:
        return
    counts = {"commit": 0, "rollback": 0, "update": []}

    def count(kind):
        counts[kind] += 1
        return 0

    db.hook("commit", lambda: count("commit"))
    db.hook("rollback", lambda: count("rollback"))
    db.hook("update", lambda kind, database, table, rowid:
            counts["update"].append((kind, database, table, rowid)))
    folder = write_files(place / "m", FILES)
    same(db.codes(f"SELECT migrate_load('{folder}')")[0], 0)
    assert counts["commit"] == 1, counts
    counts["update"].clear()
    same(db.codes("SELECT migrate_apply()")[0], 0)
    assert counts["commit"] > 1
    assert (18, b"main", b"one", 1) in counts["update"], counts
    assert (23, b"main", b"one", 2) in counts["update"], counts
    before = counts["rollback"]
    db.codes("SELECT migrate_add('3', 'CREATE TABLE three (x); INSERT OR "
             "ROLLBACK INTO one VALUES (11)')")
    same(db.codes("SELECT migrate_apply()")[1], 2067)
    assert counts["rollback"] > before
    for kind in counts:
        counts[kind] = [] if kind == "update" else 0
    db.codes("INSERT INTO one VALUES (50)")
    db.codes("BEGIN; INSERT INTO one VALUES (51); ROLLBACK")
    same((counts["commit"], counts["rollback"], len(counts["update"])),
         (1, 1, 2))
    db.close()


def test_busy_handler(place):
    """It is asked first, what it answers holds, and it is there afterwards."""
    db = bare(place)
    if db is None:
        return
    asked = []

    def busy(count):
        asked.append(count)
        return len(asked) % 5 != 0

    db.hook("busy", busy)
    db.codes("SELECT migrate_add('1', 'CREATE TABLE one (x)')")
    db.codes("SELECT migrate_config('wait_timeout', '20ms')")
    same(asked, [])
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    same(db.codes("SELECT migrate_apply()"), (5, 5))
    matches(db.message(), "others have held the database")
    assert len(asked) >= 5, asked
    asked.clear()
    same(db.codes("BEGIN IMMEDIATE"), (5, 5))
    same(asked, [0, 1, 2, 3, 4])
    holder.end()
    same(db.codes("SELECT migrate_apply()"), (0, 0))
    db.close()


def test_progress_handler_that_ends_the_call(place):
    db = connect(place / "app.db")
    folder = write_files(place / "m", FILES)
    one(db, "SELECT migrate_load(?)", folder)
    for steps in (1, 7, 50):
        calls = []

        def progress():
            calls.append(1)
            return len(calls) == 4

        db.set_progress_handler(progress, steps)
        fails(db, "SELECT migrate_apply()", "interrupted")
        assert not db.in_transaction
        assert len(calls) >= 4
        calls.append(1)
        before = len(calls)
        rows(db, "WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 "
                 "FROM c LIMIT 100) SELECT x FROM c")
        assert len(calls) > before
        db.set_progress_handler(lambda: 0, 1000000)
        same(one(db, "SELECT migrate_pending()"), 2)
    same(one(db, "SELECT migrate_apply()"), 2)
    check_sound(db)

"""What remains, and what is said, when a migration fails."""

import ctypes
import sqlite3

from tools import (MIGRATE, add, check_sound, code_is, column, connect, exists,
                   fails, matches, one, rows, same, states, write_files)


def group(db, failing, **config):
    """Migrations 1 and 2 that are well, 3 that fails, and 4; in one commit."""
    config = {"commit_every": "10s", **config}
    for name, value in config.items():
        one(db, "SELECT migrate_config(?, ?)", name, value)
    db.executescript("CREATE TABLE log (what text UNIQUE ON CONFLICT ABORT);"
                     "INSERT INTO log VALUES ('before');")
    add(db, "1", "CREATE TABLE one (id integer); INSERT INTO log VALUES ('1')")
    add(db, "2", "CREATE TABLE two (id integer); INSERT INTO log VALUES ('2')")
    add(db, "3", "CREATE TABLE three (id integer);\n"
                 "INSERT INTO log VALUES ('3');\n" + failing)
    add(db, "4", "CREATE TABLE four (id integer); INSERT INTO log VALUES ('4')")


def check_group(db, detail):
    """1 and 2 are there, nothing of 3 and 4, and the history knows it."""
    same(states(db), [("1", "applied"), ("2", "applied"), ("3", "failed"),
                      ("4", "pending")])
    same(column(db, "SELECT what FROM log ORDER BY what"), ["1", "2", "before"])
    same([exists(db, name) for name in ("one", "two", "three", "four")],
         [True, True, False, False])
    same(rows(db, "SELECT version, outcome FROM migrate_history() "
                  "WHERE action = 'apply'"),
         [("1", "ok"), ("2", "ok"), ("3", "failed")])
    matches(one(db, "SELECT detail FROM migrate_history() "
                    "WHERE outcome = 'failed'"), detail)
    matches(one(db, "SELECT detail FROM migrate_status() "
                    "WHERE state = 'failed'"), detail)
    same(one(db, "SELECT duration_ms IS NULL FROM migrate_history() "
                 "WHERE outcome = 'failed'"), 1)
    check_sound(db)


def fix_and_finish(db):
    """A better text of 3, and all goes on."""
    add(db, "3", "INSERT INTO log VALUES ('3')")
    same(states(db)[2], ("3", "pending"))
    same(one(db, "SELECT migrate_apply()"), 2)
    same({state for _version, state in states(db)}, {"applied"})
    same(column(db, "SELECT what FROM log ORDER BY what"),
         ["1", "2", "3", "4", "before"])
    check_sound(db)


def failing_group(place, failing, message, code, setup=""):
    for commit_every in ("10s", "0", "50ms"):
        db = connect(place / f"{commit_every}.db")
        db.executescript(setup)
        group(db, failing, commit_every=commit_every)
        error = fails(db, "SELECT migrate_apply()",
                      f'^migration "3" failed at .*{message}', code)
        check_group(db, message)
        fix_and_finish(db)
        db.close()
    return error


def test_engine_error(place):
    error = failing_group(place, "INSERT INTO nowhere\n VALUES (1);",
                          "line 3: no such table: nowhere", "SQLITE_ERROR")
    matches(str(error), r"(?m)^  Statement 3 of section up of .*: "
                        r"INSERT INTO nowhere VALUES \(1\)$")


def test_syntax_error(place):
    failing_group(place, "SELECT 1;\n  SELEKT 2;", 'line 4: near "SELEKT"',
                  "SQLITE_ERROR")


def test_constraint_unique(place):
    failing_group(place, "INSERT INTO log VALUES ('before');",
                  "line 3: UNIQUE constraint failed: log.what",
                  "SQLITE_CONSTRAINT_UNIQUE")


def test_conflict_that_rolls_back(place):
    failing_group(place, "INSERT OR ROLLBACK INTO log VALUES ('before');",
                  "line 3: UNIQUE constraint failed: log.what",
                  "SQLITE_CONSTRAINT_UNIQUE")


def test_conflict_that_fails_half_way(place):
    failing_group(place, "INSERT OR FAIL INTO log VALUES ('new'), ('before');",
                  "UNIQUE constraint failed: log.what",
                  "SQLITE_CONSTRAINT_UNIQUE")


def test_trigger_that_rolls_back(place):
    failing_group(place, "CREATE TRIGGER no BEFORE INSERT ON log BEGIN\n"
                         "SELECT RAISE(ROLLBACK, 'not here'); END;\n"
                         "INSERT INTO log VALUES ('more');",
                  "line 5: not here", "SQLITE_CONSTRAINT_TRIGGER")


def test_trigger_that_aborts(place):
    failing_group(place, "CREATE TRIGGER no BEFORE INSERT ON log BEGIN\n"
                         "SELECT RAISE(ABORT, 'not here'); END;\n"
                         "INSERT INTO log VALUES ('more');",
                  "line 5: not here", "SQLITE_CONSTRAINT_TRIGGER")


def test_other_constraints(place):
    for number, (definition, row, code) in enumerate((
            ("x NOT NULL", "(NULL)", "NOTNULL"),
            ("x CHECK (x > 1)", "(1)", "CHECK"),
            ("x PRIMARY KEY", "(1), (1)", "PRIMARYKEY"),
            ("x INTEGER PRIMARY KEY", "(1), (1)", "PRIMARYKEY"),
            ("x REFERENCES log (what)", "('none')", "FOREIGNKEY"))):
        folder = place / str(number)
        folder.mkdir()
        failing_group(folder, f"CREATE TABLE c ({definition});\n"
                              f"INSERT INTO c VALUES {row};",
                      "constraint failed", f"SQLITE_CONSTRAINT_{code}",
                      "PRAGMA foreign_keys = on")


KEYS = ("PRAGMA foreign_keys = on;"
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
        "CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY "
        "DEFERRED);")


def test_deferred_keys_open_at_the_end(place):
    failing_group(place, "INSERT INTO child VALUES (1);",
                  "FOREIGN KEY constraint failed",
                  "SQLITE_CONSTRAINT_FOREIGNKEY", KEYS)


def test_deferred_keys_that_are_met_in_time(place):
    db = connect(place / "app.db")
    db.executescript(KEYS)
    one(db, "SELECT migrate_config('commit_every', '10s')")
    add(db, "1", "INSERT INTO child VALUES (1); INSERT INTO parent VALUES (1)")
    # What the next one would heal is not left open.
    add(db, "2", "INSERT INTO child VALUES (2)")
    add(db, "3", "INSERT INTO parent VALUES (2)")
    fails(db, "SELECT migrate_apply()", 'migration "2" failed at its end: '
                                        "FOREIGN KEY constraint failed",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending")])
    same(rows(db, "SELECT id FROM child"), [(1,)])
    check_sound(db)


def test_deferred_keys_that_the_caller_has_open(place):
    db = connect(place / "app.db")
    db.executescript(KEYS)
    add(db, "1", "CREATE TABLE one (id)")
    db.execute("BEGIN")
    db.execute("INSERT INTO child VALUES (7)")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("INSERT INTO parent VALUES (7)")
    db.execute("COMMIT")
    same(states(db), [("1", "applied")])
    check_sound(db)


def test_deferring_all_keys(place):
    db = connect(place / "app.db")
    db.executescript("PRAGMA foreign_keys = on;"
                     "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                     "CREATE TABLE child (id REFERENCES parent);")
    one(db, "SELECT migrate_config('commit_every', '10s')")
    add(db, "1", "PRAGMA defer_foreign_keys = on; INSERT INTO child VALUES (1);"
                 "INSERT INTO parent VALUES (1)")
    # It does not last into the next migration.
    add(db, "2", "INSERT INTO child VALUES (2); INSERT INTO parent VALUES (2)")
    fails(db, "SELECT migrate_apply()", 'migration "2" failed at line 1: '
                                        "FOREIGN KEY constraint failed",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    add(db, "2", "PRAGMA defer_foreign_keys = on; INSERT INTO child VALUES (2)")
    fails(db, "SELECT migrate_apply()", 'migration "2" failed at its end: '
                                        "FOREIGN KEY constraint failed",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    same(one(db, "PRAGMA defer_foreign_keys"), 0)
    same(rows(db, "SELECT id FROM child"), [(1,)])
    check_sound(db)


def test_engine_ends_the_callers_transaction(place):
    db = connect(place / "app.db")
    group(db, "INSERT OR ROLLBACK INTO log VALUES ('before');")
    db.execute("BEGIN")
    db.execute("INSERT INTO log VALUES ('own')")
    error = fails(db, "SELECT migrate_apply()",
                  '^migration "3" failed at line 3: UNIQUE',
                  "SQLITE_CONSTRAINT_UNIQUE")
    matches(str(error), "rolled back the whole transaction")
    assert not db.in_transaction
    same(column(db, "SELECT what FROM log"), ["before"])
    same({state for _version, state in states(db)}, {"pending"})
    check_sound(db)


def test_full_database(place):
    db = connect(place / "app.db")
    group(db, "CREATE TABLE big (x);\n"
              "INSERT INTO big VALUES (zeroblob(5000000));")
    pages = one(db, "PRAGMA page_count")
    one(db, f"PRAGMA max_page_count = {pages + 60}")
    fails(db, "SELECT migrate_apply()", '^migration "3" failed at line 4: '
                                        "database or disk is full",
          "SQLITE_FULL")
    check_group(db, "database or disk is full")
    one(db, "PRAGMA max_page_count = 1000000")
    same(one(db, "SELECT migrate_apply()"), 2)
    check_sound(db)


def test_verify_section(place):
    db = connect(place / "app.db")
    group(db, "")
    add(db, "3", "-- migrate:up\nCREATE TABLE three (id);\n"
                 "-- migrate:verify\nSELECT count(*) = 0 FROM three;\n"
                 "SELECT count(*) > 99 FROM log;")
    fails(db, "SELECT migrate_apply()",
          '^migration "3" failed at line 5: a check of its verify section is '
          "not true", "SQLITE_ERROR")
    check_group(db, "verify section")
    fix_and_finish(db)


def test_rollback_that_fails_half_way(place):
    for commit_every in ("0", "10s"):
        db = connect(place / f"{commit_every}.db")
        one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
        db.execute("CREATE TABLE log (what)")
        add(db, "1", "CREATE TABLE one (id)", "DROP TABLE one")
        add(db, "2", "CREATE TABLE two (id)",
            "INSERT INTO log VALUES ('lost');\nDROP TABLE two;\n\nDROP TABLE x")
        add(db, "3", "CREATE TABLE three (id)", "DROP TABLE three")
        same(one(db, "SELECT migrate_apply()"), 3)
        error = fails(db, "SELECT migrate_rollback('base')",
                      '^migration "2" failed at line 4: no such table: x',
                      "SQLITE_ERROR")
        matches(str(error), "Statement 3 of section down of ")
        same(states(db), [("1", "applied"), ("2", "applied"), ("3", "pending")])
        same(rows(db, "SELECT * FROM log"), [])
        same([exists(db, t) for t in ("one", "two", "three")],
             [True, True, False])
        same(rows(db, "SELECT version, outcome FROM migrate_history() "
                      "WHERE action = 'rollback'"),
             [("3", "ok"), ("2", "failed")])
        check_sound(db)


def test_error_names_file_and_line(place):
    folder = write_files(place / "m", {
        "0001_shop.sql": "-- migrate:up\nCREATE TABLE one (id);\n"
                         "\n/* two\n lines */ INSERT INTO one\n"
                         "  VALUES (nowhere);\n-- migrate:down\n\n"
                         "DROP TABEL x"})
    db = connect(place / "app.db")
    # SQLite says since 3.38 where in a statement; before, the statement's line.
    line = 6 if sqlite3.sqlite_version_info >= (3, 38) else 5
    error = fails(db, "SELECT migrate_up(?)",
                  rf'^migration "0001" failed at line {line}: no such column: '
                  "nowhere",
                  "SQLITE_ERROR", (folder,))
    matches(str(error), "(?m)^  Statement 2 of section up of 0001_shop.sql: "
                        r"INSERT INTO one VALUES \(nowhere\)$")
    assert not exists(db, "one")


def test_another_text_is_pending_again(place):
    folder = write_files(place / "m", {"1_one.sql": "nonsense"})
    db = connect(place / "app.db")
    fails(db, "SELECT migrate_up(?)", "syntax error", None, (folder,))
    same(states(db), [("1", "failed")])
    # What is loaded as it was stays failed, another text has not failed yet.
    same(one(db, "SELECT migrate_load(?)", folder), 0)
    same(states(db), [("1", "failed")])
    write_files(place / "m", {"1_one.sql": "CREATE TABLE one (id)"})
    same(one(db, "SELECT migrate_load(?)", folder), 1)
    same(states(db), [("1", "pending")])
    same(one(db, "SELECT migrate_apply()"), 1)
    same(states(db), [("1", "applied")])


def test_long_and_odd_messages(place):
    db = connect(place / "app.db")
    for name in ("x" * 5000, "ß" * 3000, "%s%n%d", "a\nb"):
        add(db, "1", f'SELECT 1 FROM "{name}"')
        fails(db, "SELECT migrate_apply()", '^migration "1" failed at line 1: '
                                            "no such table")
        rows(db, "SELECT * FROM migrate_status()")
        rows(db, "SELECT * FROM migrate_history()")
        check_sound(db)


def interrupted(db, call):
    """Whether a call was interrupted."""
    try:
        rows(db, call)
        return False
    except sqlite3.OperationalError as error:
        matches(str(error), "interrupted")
        code_is(error, "SQLITE_INTERRUPT")
        return True


def check_steps(db, count):
    """Each migration whole or not at all, in order."""
    done = [v for v, state in states(db) if state == "applied"]
    same(done, [str(i) for i in range(1, len(done) + 1)])
    for i in range(1, count + 1):
        there = str(i) in done
        same((exists(db, f"t{i}"), exists(db, f"u{i}"),
              one(db, "SELECT count(*) FROM log WHERE i = ?", i)),
             (there, there, 2 * there))
    check_sound(db)


def interrupt_everywhere(place, commit_every, begin=None):
    """Interrupt each statement of a run, one after another."""
    at = 0
    again = True
    while again:
        at += 1
        db = connect(":memory:" if begin else place / f"{at}.db")
        db.execute("PRAGMA synchronous = off")
        ticks = [0]

        def tick(db=db, ticks=ticks, at=at):
            ticks[0] += 1
            if ticks[0] == at:
                db.interrupt()
            return 1

        db.create_function("tick", 0, tick)
        db.execute("CREATE TABLE log (i)")
        one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
        for i in range(1, 5):
            add(db, str(i), f"SELECT tick(); CREATE TABLE t{i} (x);"
                            f"INSERT INTO log SELECT {i} WHERE tick();"
                            f"SELECT tick(); CREATE TABLE u{i} (x);"
                            f"INSERT INTO log VALUES ({i});"
                            f"UPDATE log SET i = i WHERE tick()",
                f"DROP TABLE t{i}; SELECT tick(); DELETE FROM log WHERE i = {i}"
                f" AND tick(); DROP TABLE u{i}; SELECT tick()")
        if begin:
            db.execute(begin)
        again = interrupted(db, "SELECT migrate_apply()")
        ticks[0] = at  # no more interrupts
        if begin and db.in_transaction:
            db.execute("ROLLBACK")
        check_steps(db, 4)
        one(db, "SELECT migrate_apply()")
        same(one(db, "SELECT migrate_current()"), "4")
        check_steps(db, 4)
        if again:
            ticks[0] = 0
            interrupted(db, "SELECT migrate_rollback('base')")
            check_steps_back(db)
        db.close()
    assert at > 15, at


def check_steps_back(db):
    check_steps(db, 4)
    if one(db, "SELECT migrate_current()") is not None:
        one(db, "SELECT migrate_rollback('base')")
    check_steps(db, 4)
    same(one(db, "SELECT migrate_current()"), None)


def test_interrupt_at_every_statement(place):
    interrupt_everywhere(place, "10s")


def test_interrupt_at_every_statement_one_commit_each(place):
    interrupt_everywhere(place, "0")


def test_interrupt_at_every_statement_in_a_callers_transaction(place):
    interrupt_everywhere(place, "10s", "BEGIN")


def test_stop_at_every_moment(place):
    """A progress handler that says stop after n instructions."""
    at = 0
    again = True
    while again:
        at += 1 + at // 8
        db = connect(":memory:")
        db.execute("CREATE TABLE log (i)")
        for i in range(1, 4):
            add(db, str(i), f"CREATE TABLE t{i} (x); CREATE TABLE u{i} (x);"
                            f"INSERT INTO log VALUES ({i}), ({i});")
        count = [0]

        def progress(count=count, at=at):
            count[0] += 1
            return count[0] >= at

        db.set_progress_handler(progress, 1)
        again = interrupted(db, "SELECT migrate_apply()")
        db.set_progress_handler(None, 0)
        check_steps(db, 3)
        one(db, "SELECT migrate_apply()")
        same(one(db, "SELECT migrate_current()"), "3")
        check_steps(db, 3)
        db.close()
    assert at > 100, at


def test_nothing_is_left_open_after_any_failure(place):
    """sqlite3_close() refuses when a statement was left."""
    lib = ctypes.CDLL("libsqlite3.so.0")
    lib.sqlite3_next_stmt.restype = ctypes.c_void_p
    folder = write_files(place / "bad", {"1_one.sql": "-- migrate:upp"})
    calls = ["SELECT migrate_apply(1)", "SELECT migrate_apply('9')",
             "SELECT migrate_rollback()", "SELECT migrate_redo()",
             f"SELECT migrate_load('{folder}')", "SELECT migrate_load('/none')",
             "SELECT migrate_add('1', 'INSERT OR ROLLBACK INTO t VALUES (1)')",
             "SELECT migrate_apply()",
             "SELECT migrate_add('1', 'SELECT 1; nonsense', 'nonsense')",
             "SELECT migrate_apply()",
             "SELECT migrate_add('1', 'PRAGMA foreign_keys = off; nonsense')",
             "SELECT migrate_apply()", "BEGIN", "SELECT migrate_apply()",
             "ROLLBACK", "SELECT migrate_add('1', 'VACUUM')",
             "SELECT migrate_apply()",
             "SELECT migrate_add('1', 'SELECT 1', 'nonsense')",
             "SELECT migrate_apply()", "SELECT migrate_rollback()",
             "SELECT migrate_redo()", "INSERT INTO t SELECT migrate_redo()",
             "SELECT * FROM migrate_plan('x')", "SELECT * FROM migrate_show",
             "SELECT migrate_config('nonsense', 'x')"]
    failed = 0
    for call in calls:
        db = ctypes.c_void_p()
        same(lib.sqlite3_open(str(place / "app.db").encode(),
                              ctypes.byref(db)), 0)
        same(lib.sqlite3_enable_load_extension(db, 1), 0)
        same(lib.sqlite3_load_extension(db, MIGRATE.encode(), None, None), 0)
        for sql in ("CREATE TABLE IF NOT EXISTS t (x UNIQUE);"
                    "INSERT OR IGNORE INTO t VALUES (1)",
                    *calls[:calls.index(call)], call):
            if lib.sqlite3_exec(db, sql.encode(), None, None, None) != 0:
                failed += 1
            same(lib.sqlite3_next_stmt(db, None), None)
        same(lib.sqlite3_close(db), 0)
    assert failed > 100, failed

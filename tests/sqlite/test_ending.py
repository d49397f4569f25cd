"""Whatever a migration tries, it is one transaction with its record."""

import sqlite3
import time

from tools import (Holder, add, check_sound, column, connect, exists, fails,
                   is_defensive, matches, one, rows, same, states)

BOM = "\ufeff"


def together(path=":memory:", **options):
    """A connection on which all migrations share a commit."""
    db = connect(path, **options)
    one(db, "SELECT migrate_config('commit_every', '10s')")
    return db


def second_fails(db, message, code=None):
    """Of 1, 2 and 3 only 1 is applied, and nothing of 2 is there."""
    error = fails(db, "SELECT migrate_apply()", message, code)
    same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending")])
    assert exists(db, "one")
    assert not exists(db, "two")
    assert not exists(db, "half")
    check_sound(db)
    return error


def add_three(db, text):
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", text)
    add(db, "3", "CREATE TABLE three (id)")


def test_commit_behind_a_byte_order_mark(place):
    """As in two files made one, each with a mark and a transaction."""
    db = together()
    part = BOM + "BEGIN;\nCREATE TABLE {} (id);\n" + BOM + "COMMIT;\n"
    add_three(db, part.format("half") + part.format("two") + "nonsense")
    second_fails(db, 'migration "2" failed at line 7')
    add(db, "2", part.format("half") + part.format("two"))
    same(one(db, "SELECT migrate_apply()"), 2)
    check_sound(db)


def test_end_of_a_trigger_behind_a_byte_order_mark(place):
    db = together()
    db.execute("CREATE TABLE log (id)")
    add_three(db, "CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT 1; " +
              BOM + "END; CREATE TABLE half (id); COMMIT; nonsense")
    second_fails(db, 'migration "2" failed at line 1')


def test_commit_in_what_looks_like_a_string(place):
    for text in ("CREATE TABLE half (id); SELECT $a('); COMMIT; "
                 "CREATE TABLE two (id); nonsense; --');",
                 "CREATE TABLE half (id); SELECT @a::b('); COMMIT; nonsense'",
                 "CREATE TABLE half (id); SELECT :a(\n'); COMMIT; nonsense'",
                 "CREATE TABLE half (id);\v COMMIT; nonsense"):
        db = together()
        add_three(db, text)
        second_fails(db, 'migration "2" failed at line [12]')
        db.close()


def test_savepoints_of_others(place):
    for text in ("RELEASE migrate_unit", "ROLLBACK TO migrate_unit",
                 "RELEASE SAVEPOINT [migrate_unit]", "RELEASE nowhere",
                 "SAVEPOINT a; RELEASE a; RELEASE a",
                 "SAVEPOINT a; SAVEPOINT b; RELEASE a; ROLLBACK TO b",
                 "SAVEPOINT a; SAVEPOINT b; ROLLBACK TO a; RELEASE b",
                 "ROLLBACK TRANSACTION TO SAVEPOINT outer"):
        db = together()
        add_three(db, f"CREATE TABLE half (id); {text}; SELECT 1; "
                      "CREATE TABLE two (id)")
        second_fails(db, "a savepoint that is not the migration's own cannot "
                         "stand in a migration", "SQLITE_ERROR")
        db.close()


def test_savepoint_of_the_caller(place):
    for text in ("RELEASE app", "ROLLBACK TO app", 'release SAVEPOINT "App"'):
        db = connect(":memory:")
        add(db, "1", f"CREATE TABLE half (id); {text}; CREATE TABLE two (id)")
        db.execute("SAVEPOINT app")
        db.execute("CREATE TABLE mine (id)")
        fails(db, "SELECT migrate_apply()", "a savepoint that is not the")
        assert db.in_transaction
        assert exists(db, "mine")
        assert not exists(db, "half")
        db.execute("ROLLBACK TO app")
        db.execute("RELEASE app")
        assert not exists(db, "mine")
        check_sound(db)
        db.close()


def test_savepoints_of_its_own(place):
    db = connect(":memory:")
    add(db, "1", "SAVEPOINT a; CREATE TABLE one (id); SAVEPOINT a;"
                 "CREATE TABLE gone (id); ROLLBACK TO A; RELEASE a;"
                 "SAVEPOINT \"b\"; ROLLBACK TO [B]; RELEASE SAVEPOINT a")
    add(db, "2", "SAVEPOINT left_open; CREATE TABLE two (id)")
    same(one(db, "SELECT migrate_apply()"), 2)
    assert exists(db, "one") and exists(db, "two")
    assert not exists(db, "gone")
    check_sound(db)


def test_explained_pragma(place):
    for text in ("EXPLAIN PRAGMA query_only = 1",
                 "EXPLAIN QUERY PLAN PRAGMA query_only = 1"):
        db = connect(":memory:")
        add(db, "1", text)
        fails(db, "SELECT migrate_apply()",
              "EXPLAIN of a PRAGMA cannot stand in a migration")
        same(one(db, "PRAGMA query_only"), 0)
        db.close()


def test_journal_mode_that_cannot_undo(place):
    for text in ("PRAGMA journal_mode = off", "PRAGMA main.journal_mode('OFF')",
                 "PRAGMA journal_mode=memory", "PRAGMA journal_mode = of",
                 "PRAGMA journal_mode(o)", "PRAGMA journal_mode = 'mem'"):
        db = together(place / "app.db")
        add_three(db, f"{text}; CREATE TABLE half (id); DROP TABLE one")
        second_fails(db, "PRAGMA journal_mode other than delete, truncate, "
                         "persist or wal cannot stand in a migration")
        same(one(db, "PRAGMA journal_mode"), "delete")
        db.close()
        (place / "app.db").unlink()
    # Nor on the caller's connection.
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE half (id); nonsense")
    db.execute("PRAGMA journal_mode = off")
    # Where the library does not switch it off, the migration fails by itself.
    fails(db, "SELECT migrate_apply()",
          "nonsense" if is_defensive(db) else
          "journal_mode = off: nothing that fails could be undone")
    assert not exists(db, "half")
    db.execute("PRAGMA journal_mode = delete")
    fails(db, "SELECT migrate_apply()", "nonsense")
    assert not exists(db, "half")
    check_sound(db)


def test_function_that_commits(place):
    for in_between in ("", "BEGIN"):
        db = together(place / "app.db")

        def send():
            db.execute("COMMIT")
            if in_between:
                db.execute(in_between)
            return 1

        db.create_function("send", 0, send)
        add_three(db, "CREATE TABLE half (id); SELECT send(); "
                      "CREATE TABLE two (id)")
        error = fails(db, "SELECT migrate_apply()",
                      'migration "2" failed at line 1: a function that the '
                      "statement calls has committed the migration's "
                      "transaction")
        matches(str(error), "stays, and is to be put right by hand")
        # What cannot be undone is said, and what was finished is recorded.
        same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending")])
        assert exists(db, "one") and exists(db, "half")
        assert not exists(db, "two")
        check_sound(db)
        db.close()
        (place / "app.db").unlink()


def test_function_that_commits_and_fails(place):
    db = together(place / "app.db")

    def send():
        db.execute("COMMIT")
        raise ValueError

    db.create_function("send", 0, send)
    add_three(db, "CREATE TABLE half (id); SELECT send()")
    fails(db, "SELECT migrate_apply()", "has committed the migration's")
    same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending")])
    same(one(db, "SELECT count(*) FROM migrate_event "
                 "WHERE action = 'apply' AND version = '1'"), 1)
    check_sound(db)


def test_function_that_commits_in_a_verify_section(place):
    db = together(place / "app.db")
    db.create_function("send", 0, lambda: db.execute("COMMIT") and 1)
    add_three(db, "-- migrate:up\nCREATE TABLE half (id);\n"
                  "-- migrate:verify\nSELECT send();")
    fails(db, "SELECT migrate_apply()", 'migration "2" failed at line 4: .*has '
                                        "committed the migration's")
    same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending")])
    check_sound(db)


def test_function_that_commits_while_another_writes(place):
    db = together(place / "app.db")
    other = connect(place / "app.db", timeout=5)

    def send():
        db.execute("COMMIT")
        one(other, "SELECT migrate_add('9', 'CREATE TABLE nine (id)')")
        return 1

    db.create_function("send", 0, send)
    add_three(db, "CREATE TABLE half (id); SELECT send()")
    fails(db, "SELECT migrate_apply()", "has committed the migration's")
    same(states(db), [("1", "applied"), ("2", "failed"), ("3", "pending"),
                      ("9", "pending")])
    check_sound(db)


def test_function_that_gets_under_the_unit(place):
    for sql in ("RELEASE migrate_unit; SAVEPOINT migrate_unit",
                "ROLLBACK; BEGIN IMMEDIATE; SAVEPOINT migrate_unit",
                "ROLLBACK; BEGIN IMMEDIATE"):
        db = together()

        def send(script):
            for statement in script.split(";"):
                db.execute(statement)
            return 1

        db.create_function("send", 1, send)
        add_three(db, f"CREATE TABLE half (id); SELECT send('{sql}'); "
                      "CREATE TABLE two (id)")
        second_fails(db, 'migration "2" failed')
        db.close()


def test_function_that_rolls_back(place):
    db = together()
    db.create_function("send", 0, lambda: db.execute("ROLLBACK") and 1)
    add_three(db, "CREATE TABLE half (id); SELECT send(); "
                  "CREATE TABLE two (id)")
    second_fails(db, "rolled back|ROLLBACK|user-defined function")


def test_engine_rolls_back_in_every_journal_mode(place):
    """It must not be taken for a commit."""
    for mode in ("delete", "truncate", "persist", "memory", "wal"):
        for locking in ("normal", "exclusive"):
            path = place / f"{mode}_{locking}.db"
            db = together(path)
            db.execute(f"PRAGMA journal_mode = {mode}")
            db.execute(f"PRAGMA locking_mode = {locking}")
            db.executescript("CREATE TABLE t (id UNIQUE);"
                             "INSERT INTO t VALUES (1)")
            add_three(db, "CREATE TABLE half (id);"
                          "INSERT OR ROLLBACK INTO t VALUES (1)")
            second_fails(db, 'migration "2" failed at line 1: UNIQUE')
            db.close()


def test_migrations_that_spoil_the_catalogue(place):
    for text in ("DROP TABLE migrate_event", "DROP TABLE migrate_applied",
                 "DROP TABLE migrate_setting",
                 "ALTER TABLE migrate_setting RENAME TO other",
                 "ALTER TABLE migrate_text RENAME COLUMN body TO other",
                 "UPDATE migrate_setting SET value = '7' "
                 "WHERE name = 'catalogue_layout'",
                 "CREATE TRIGGER t BEFORE INSERT ON migrate_event "
                 "BEGIN SELECT raise(ABORT, 'not you'); END",
                 "CREATE TRIGGER t BEFORE INSERT ON migrate_event "
                 "BEGIN SELECT raise(ROLLBACK, 'not you'); END",
                 "CREATE TRIGGER t BEFORE INSERT ON migrate_applied "
                 "BEGIN SELECT raise(IGNORE); END",
                 "INSERT INTO migrate_applied SELECT 'default', '', '2', '2', "
                 "'', NULL, '', '', NULL, NULL, 1, 1, '', 1, ''"):
        db = together()
        add_three(db, f"CREATE TABLE half (id); {text}")
        second_fails(db, 'migration "2" (failed at its end|cannot be '
                         'recorded): ')
        # The next one can still be applied when it is mended.
        add(db, "2", "CREATE TABLE two (id)")
        same(one(db, "SELECT migrate_apply()"), 2)
        check_sound(db)
        db.close()


def test_triggers_that_swallow_records(place):
    for table, trigger in (
            ("applied", "CREATE TRIGGER t BEFORE INSERT ON migrate_applied "
                        "BEGIN SELECT raise(IGNORE); END"),
            ("event", "CREATE TRIGGER t BEFORE INSERT ON migrate_event "
                      "BEGIN SELECT raise(IGNORE); END"),
            ("applied", "CREATE TEMP TRIGGER t AFTER INSERT ON "
                        "main.migrate_applied BEGIN DELETE FROM migrate_applied"
                        " WHERE version = new.version; END")):
        db = connect(":memory:")
        add(db, "1", "CREATE TABLE one (id)")
        db.execute(trigger)
        fails(db, "SELECT migrate_apply()", "^somebody has put .*trigger \"t\" "
              f'on table "migrate_{table}" of the catalogue')
        db.execute("BEGIN")
        fails(db, "SELECT migrate_apply()", "^somebody has put .*trigger")
        db.execute("ROLLBACK")
        assert not exists(db, "one")
        db.execute("DROP TRIGGER t")
        same(one(db, "SELECT migrate_apply()"), 1)
        check_sound(db)
        db.close()


def test_full_database_at_the_commit(place):
    """What fits stays, and the one that does not is named."""
    db = together(place / "app.db")
    fill = "CREATE TABLE t{0} (x); INSERT INTO t{0} VALUES (zeroblob(20000))"
    for i in range(1, 9):
        add(db, str(i), fill.format(i))
    pages = one(db, "PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages + 22}")
    error = fails(db, "SELECT migrate_apply()", r'migration "\d" failed',
                  "SQLITE_FULL")
    applied = column(db, "SELECT version FROM migrate_status() "
                         "WHERE state = 'applied'")
    assert applied, str(error)
    same([f"t{i}" for i in applied],
         column(db, "SELECT name FROM sqlite_schema WHERE name LIKE 't_' "
                    "ORDER BY name"))
    db.execute("PRAGMA max_page_count = 100000")
    same(one(db, "SELECT migrate_apply()"), 8 - len(applied))
    check_sound(db)


def test_place_of_a_pragma_that_fails(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id);\n\nPRAGMA journal_mode = wal;")
    one(db, "SELECT migrate_config('lock_timeout', '0')")
    holder = Holder(place / "app.db", "BEGIN", "SELECT 1 FROM sqlite_schema")
    error = fails(db, "SELECT migrate_apply()", 'migration "1" failed at line '
                                                "3: database is locked")
    matches(str(error), "Statement 2 of section up of its text: PRAGMA journal")
    holder.end()
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_message_says_how_long_was_waited(place):
    """The connection's own busy timeout is waited for as well."""
    db = connect(place / "app.db", timeout=1)
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_config('wait_timeout', '10ms')")
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    began = time.monotonic()
    error = fails(db, "SELECT migrate_apply()", "for longer than 1[0-9]{3} ms",
                  "SQLITE_BUSY")
    assert time.monotonic() - began >= 1, str(error)
    holder.end()


def test_shared_cache_is_waited_for(place):
    uri = f"file:{place}/app.db?cache=shared"
    db = connect(uri, uri=True)
    other = sqlite3.connect(uri, uri=True, isolation_level=None)
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_config('wait_timeout', '100ms')")
    other.execute("CREATE TABLE mine (id)")
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO mine VALUES (1)")
    began = time.monotonic()
    fails(db, "SELECT migrate_apply()", "others have held the database for "
                                        "longer than 100 ms",
          "SQLITE_LOCKED_SHAREDCACHE")
    assert time.monotonic() - began >= 0.1
    other.execute("COMMIT")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_pragmas_that_cannot_be_put_back(place):
    for text in ("case_sensitive_like = 1", "locking_mode = exclusive",
                 "max_page_count = 1", "temp.cache_size = 7",
                 "other.synchronous = off"):
        db = connect(":memory:")
        add(db, "1", f"PRAGMA {text}; SELECT 1")
        fails(db, "SELECT migrate_apply()", "cannot stand in a migration")
        db.close()


def test_pragma_in_a_verify_section(place):
    db = together()
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "-- migrate:up\nCREATE TABLE two (id);\n"
                 "-- migrate:verify\nPRAGMA query_only = on;")
    add(db, "3", "CREATE TABLE three (id)")
    second_fails(db, "a verify section holds queries only")
    same(one(db, "PRAGMA query_only"), 0)


def test_race_while_pragmas_are_in_force(place):
    """Another writes between our commit and the next BEGIN."""
    path = place / "app.db"
    db = connect(path)
    other = connect(path)
    add(db, "1", "PRAGMA synchronous = off; CREATE TABLE one (id)",
        "PRAGMA synchronous = off; DROP TABLE one")
    begins = []

    def watch(sql):
        if "BEGIN IMMEDIATE" in sql:
            begins.append(sql)
            if len(begins) == 2:
                one(other, "SELECT migrate_add('2', 'CREATE TABLE two (id)')")

    for call in ("migrate_apply('1')", "migrate_redo()"):
        begins.clear()
        rows(other, "DELETE FROM migrate_migration WHERE version = '2'")
        db.set_trace_callback(watch)
        same(one(db, f"SELECT {call}"), 1)
        db.set_trace_callback(None)
        assert len(begins) > 2, begins
        same(one(db, "PRAGMA synchronous"), 2)
    check_sound(db)


def test_pragmas_of_the_connection(place):
    db = connect(place / "app.db", timeout=7)
    db.execute("PRAGMA secure_delete = fast")
    before = {name: one(db, f"PRAGMA {name}") for name in (
        "busy_timeout", "secure_delete", "analysis_limit",
        "journal_size_limit", "mmap_size", "cache_size")}
    same(before["busy_timeout"], 7000)
    same(before["secure_delete"], 2)
    add(db, "1", "PRAGMA busy_timeout = 1; PRAGMA secure_delete = 1;"
                 "PRAGMA analysis_limit = 5; PRAGMA journal_size_limit = 5;"
                 "PRAGMA mmap_size = 65536; PRAGMA cache_size = 5;"
                 "CREATE TABLE one (id)")
    same(column(db, "SELECT note FROM migrate_plan() LIMIT 1"),
         ["passed over: it is the connection's"])
    same(one(db, "SELECT migrate_apply()"), 1)
    same({name: one(db, f"PRAGMA {name}") for name in before}, before)


def test_query_only_is_put_back_before_the_record(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id); PRAGMA query_only = on")
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "PRAGMA query_only"), 0)
    db.execute("COMMIT")
    check_sound(db)

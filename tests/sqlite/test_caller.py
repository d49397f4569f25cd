"""How a function may be called, and in what state the caller may be."""

import os
import sqlite3
import time

from tools import (HAS_RETURNING, MIGRATE, Holder, add, check_sound, child,
                   column, connect, exists, fails, matches, one, rows, same,
                   states, write_files)

NOBODY = 65534
BESIDE = "cannot run while a statement of this connection reads or writes"


def prepared(place, name="app.db"):
    """A database with one migration to do, and a table t of three rows."""
    db = connect(place / name if name == "app.db" else name)
    db.executescript("CREATE TABLE t (id integer);"
                     "INSERT INTO t VALUES (1), (2), (3);")
    add(db, "1", "CREATE TABLE one (id integer)", "DROP TABLE one")
    return db


def test_database_in_memory(place):
    db = prepared(place, ":memory:")
    folder = write_files(place / "m", {"2_two.sql": "CREATE TABLE two (id)"})
    same(one(db, "SELECT migrate_up(?)", folder), 2)
    same(one(db, "SELECT migrate_current()"), "2")
    check_sound(db)
    db.close()


def test_temporary_database(place):
    db = prepared(place, "")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(states(db), [("1", "applied")])


def test_database_opened_for_reading(place):
    db = prepared(place)
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "CREATE TABLE two (id)")
    db.close()
    folder = write_files(place / "m", {"3_three.sql": "SELECT 3"})
    db = connect(f"file:{place}/app.db?mode=ro", uri=True)
    for sql in ("SELECT migrate_apply()", "SELECT migrate_rollback()",
                "SELECT migrate_redo()", "SELECT migrate_stamp('base')",
                "SELECT migrate_add('9', 'SELECT 9')",
                "SELECT migrate_config('environment', 'x')",
                f"SELECT migrate_load('{folder}')",
                f"SELECT migrate_up('{folder}')"):
        fails(db, sql, r"^migrate_\w+ cannot run: the database is read-only",
              "SQLITE_READONLY")
    same(states(db), [("1", "applied"), ("2", "pending")])
    same(one(db, "SELECT migrate_current()"), "1")
    same(one(db, "SELECT migrate_pending()"), 1)
    same(one(db, "SELECT count(*) FROM migrate_plan()"), 1)
    same(one(db, "SELECT migrate_config('environment')"), "development")
    db.close()


def test_database_opened_for_reading_that_knows_nothing(place):
    sqlite3.connect(place / "app.db").execute("CREATE TABLE t (id)").close()
    db = connect(f"file:{place}/app.db?mode=ro", uri=True)
    same(states(db), [])
    same(one(db, "SELECT migrate_pending()"), 0)
    fails(db, "SELECT migrate_add('1', 'SELECT 1')",
          "the database is read-only", "SQLITE_READONLY")


def test_query_only(place):
    db = prepared(place)
    db.execute("PRAGMA query_only = on")
    fails(db, "SELECT migrate_apply()", "readonly|read-only")
    assert not db.in_transaction
    same(one(db, "PRAGMA query_only"), 1)
    db.execute("PRAGMA query_only = off")
    same(one(db, "SELECT migrate_apply()"), 1)


def as_nobody(path, extension):
    """What somebody sees who may write neither the folder nor, perhaps, the
    file."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    db = sqlite3.connect(str(path), isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(extension)
    found = []
    for sql in ("SELECT migrate_apply()",
                "SELECT migrate_add('9', 'SELECT 9')"):
        try:
            found.append(one(db, sql))
        except sqlite3.Error as error:
            found.append(str(error))
        found.append(db.in_transaction)
    found.append(states(db))
    db.close()
    return found


def without_rights(place, file_mode):
    if os.getuid() != 0:
        return  # only root can become somebody else
    folder = place / "shut"
    folder.mkdir()
    db = prepared(folder)
    db.close()
    (folder / "app.db").chmod(file_mode)
    folder.chmod(0o755)
    place.chmod(0o755)
    extension = place / "migrate.so"
    with open(MIGRATE + ".so", "rb") as built:
        extension.write_bytes(built.read())
    extension.chmod(0o755)
    first, open1, second, open2, seen = child(
        as_nobody, folder / "app.db", str(extension))
    same((open1, open2), (False, False))
    for message in (first, second):
        matches(message, "read-?only|unable to open database file")
    same(seen, [("1", "pending")])
    db = connect(folder / "app.db")
    same(states(db), [("1", "pending")])
    check_sound(db)


def test_file_without_the_right_to_write(place):
    without_rights(place, 0o444)


def test_folder_without_the_right_to_write(place):
    without_rights(place, 0o666)


def test_in_every_kind_of_transaction(place):
    db = prepared(place)
    for begin in ("BEGIN", "BEGIN DEFERRED", "BEGIN IMMEDIATE",
                  "BEGIN EXCLUSIVE"):
        db.execute(begin)
        same(one(db, "SELECT migrate_apply()"), 1)
        assert db.in_transaction
        db.execute("ROLLBACK")
        same(states(db), [("1", "pending")])
        db.execute(begin)
        same(one(db, "SELECT count(*) FROM t"), 3)
        same(one(db, "SELECT migrate_apply()"), 1)
        db.execute("COMMIT")
        same(states(db), [("1", "applied")])
        same(one(db, "SELECT migrate_rollback()"), 1)
    check_sound(db)


def test_first_call_of_all_in_a_transaction(place):
    db = connect(place / "app.db")
    db.execute("BEGIN")
    add(db, "1", "CREATE TABLE one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("ROLLBACK")
    same(column(db, "SELECT name FROM sqlite_schema"), [])
    same(states(db), [])
    db.execute("BEGIN")
    add(db, "1", "CREATE TABLE one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("COMMIT")
    same(states(db), [("1", "applied")])
    check_sound(db)


def test_in_savepoints(place):
    db = prepared(place)
    db.execute("SAVEPOINT outer")
    db.execute("SAVEPOINT migrate_unit")  # even of our name
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("ROLLBACK TO migrate_unit")
    same(states(db), [("1", "pending")])
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("RELEASE migrate_unit")
    assert db.in_transaction
    db.execute("ROLLBACK TO outer")
    db.execute("RELEASE outer")
    same(states(db), [("1", "pending")])
    db.execute("SAVEPOINT only")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("RELEASE only")
    assert not db.in_transaction
    same(states(db), [("1", "applied")])
    check_sound(db)


def test_a_failure_leaves_the_callers_transaction_as_it_was(place):
    db = prepared(place)
    db.execute("CREATE TABLE kept (id)")
    add(db, "2", "CREATE TABLE two (id); INSERT INTO nowhere VALUES (1)")
    db.execute("BEGIN")
    db.execute("INSERT INTO kept VALUES (1)")
    fails(db, "SELECT migrate_apply()", 'migration "2" failed at line 1: '
                                        "no such table: nowhere")
    assert db.in_transaction
    db.execute("INSERT INTO kept VALUES (2)")
    db.execute("COMMIT")
    same(column(db, "SELECT id FROM kept"), [1, 2])
    same(states(db), [("1", "applied"), ("2", "failed")])
    assert not exists(db, "two")
    check_sound(db)


def refused_behind_a_writer(place, journal_mode):
    db = prepared(place)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("BEGIN DEFERRED")
    one(db, "SELECT count(*) FROM t")
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE",
                    "INSERT INTO t VALUES (4)")
    began = time.monotonic()
    for sql in ("SELECT migrate_apply()",
                "SELECT migrate_add('2', 'SELECT 2')"):
        fails(db, sql, "^another connection writes, and the transaction that "
                       "is open cannot wait for it", "SQLITE_BUSY")
    assert time.monotonic() - began < 2
    assert db.in_transaction
    holder.end()
    db.execute("ROLLBACK")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_transaction_that_has_read_while_another_writes(place):
    refused_behind_a_writer(place, "delete")


def test_transaction_that_has_read_while_another_writes_with_wal(place):
    refused_behind_a_writer(place, "wal")


def test_transaction_whose_snapshot_is_old(place):
    db = prepared(place)
    one(db, "PRAGMA journal_mode = wal")
    db.execute("BEGIN DEFERRED")
    one(db, "SELECT count(*) FROM t")
    other = connect(place / "app.db")
    same(one(other, "SELECT migrate_apply()"), 1)
    began = time.monotonic()
    fails(db, "SELECT migrate_rollback()", "cannot wait for it",
          "SQLITE_BUSY_SNAPSHOT")
    assert time.monotonic() - began < 2
    db.execute("COMMIT")
    same(one(db, "SELECT migrate_rollback()"), 1)
    check_sound(db)


def test_transaction_that_has_not_read_while_another_writes(place):
    db = prepared(place)
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    db.execute("BEGIN")
    began = time.monotonic()
    fails(db, "SELECT migrate_apply()", "cannot wait for it", "SQLITE_BUSY")
    assert time.monotonic() - began < 2
    db.execute("ROLLBACK")
    holder.end()
    same(one(db, "SELECT migrate_apply()"), 1)


def refused(db, sql):
    """Expect that a call is refused, and that nothing has changed."""
    before = list(db.iterdump())
    in_transaction = db.in_transaction
    fails(db, sql, BESIDE, "SQLITE_ERROR")
    same(db.in_transaction, in_transaction)
    same(list(db.iterdump()), before)


CALLS = ("migrate_apply()", "migrate_stamp('1')",
         "migrate_add('2', 'SELECT 2')", "migrate_config('environment', 'x')")


def test_calls_beside_a_table(place):
    db = prepared(place)
    db.execute("CREATE TABLE u (x)")
    for call in CALLS:
        for sql in (f"INSERT INTO u SELECT {call}",
                    f"INSERT INTO u VALUES ({call})",
                    f"INSERT INTO u SELECT {call} FROM t",
                    f"SELECT {call} FROM t",
                    f"SELECT * FROM t WHERE {call} = 1",
                    f"SELECT (SELECT {call}) FROM t",
                    f"SELECT {call} WHERE EXISTS (SELECT 1 FROM t)",
                    f"UPDATE t SET id = {call}",
                    f"DELETE FROM t WHERE {call} > 0",
                    f"CREATE TABLE v AS SELECT {call} AS x",
                    f"WITH w AS (SELECT id FROM t) SELECT {call} FROM w"):
            refused(db, sql)
        if HAS_RETURNING:
            refused(db, f"INSERT INTO u VALUES (1) RETURNING {call}")
        db.execute("BEGIN")
        refused(db, f"INSERT INTO u SELECT {call}")
        db.execute("ROLLBACK")
    same(states(db), [("1", "pending")])


def test_calls_that_read_no_table(place):
    db = prepared(place)
    same(one(db, "VALUES (migrate_apply())"), 1)
    same(one(db, "WITH w (x) AS (SELECT migrate_rollback()) "
                 "SELECT x FROM w"), 1)
    same(one(db, " select migrate_apply() || ''"), "1")
    same(rows(db, "SELECT migrate_rollback(), migrate_apply()"), [(1, 1)])
    same(one(db, "/* a remark */ SELECT migrate_redo()"), 1)
    same(one(db, "-- a remark\nSELECT migrate_redo()"), 1)
    check_sound(db)


def test_calls_with_nothing_to_do_make_no_table(place):
    db = connect(place / "app.db")
    for call in ("SELECT migrate_repair()", "SELECT migrate_repair('1')",
                 "SELECT migrate_apply()", "SELECT migrate_apply('1')",
                 "SELECT migrate_rollback()", "SELECT migrate_redo()",
                 "SELECT migrate_stamp('base')", "SELECT migrate_accept('1')",
                 "SELECT * FROM migrate_repair_plan()",
                 "SELECT * FROM migrate_preflight()",
                 "SELECT * FROM migrate_drift()",
                 "SELECT * FROM migrate_verify()"):
        try:
            db.execute(call).fetchall()
        except sqlite3.Error as error:
            assert "no migration" in str(error), (call, str(error))
        same((call, rows(db, "SELECT name FROM sqlite_schema")), (call, []))


def test_call_with_another_cursor_open(place):
    db = prepared(place)
    cursor = db.execute("SELECT id FROM t")
    same(cursor.fetchone(), (1,))
    for call in CALLS:
        fails(db, f"SELECT {call}", BESIDE)
    same(cursor.fetchall(), [(2,), (3,)])
    same(states(db), [("1", "pending")])
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_call_from_triggers_views_and_the_like(place):
    db = prepared(place)
    before = len(rows(db, "SELECT * FROM migrate_event"))
    for call in ("migrate_apply()", "migrate_rollback('base')",
                 "migrate_add('9', 'SELECT 9')", f"migrate_load('{place}')",
                 "migrate_stamp('1')", "migrate_redo()",
                 f"migrate_up('{place}')",
                 "migrate_config('environment', 'x')"):
        db.execute(f"CREATE VIEW v AS SELECT {call} AS x")
        fails(db, "SELECT * FROM v", r"unsafe use of migrate_\w+\(\)")
        db.execute("DROP VIEW v")
        db.execute("CREATE TRIGGER r AFTER INSERT ON t BEGIN "
                   f"SELECT {call}; END")
        fails(db, "INSERT INTO t VALUES (9)", r"unsafe use of migrate_\w+\(\)")
        db.execute("DROP TRIGGER r")
        for sql in (f"CREATE TABLE c (x CHECK ({call} > 0))",
                    f"CREATE TABLE c (x, y AS ({call}))",
                    f"CREATE TABLE c (x, y AS ({call}) STORED)",
                    f"CREATE INDEX i ON t ({call})",
                    f"CREATE TABLE c (x DEFAULT ({call}))"):
            try:
                db.execute(sql)
            except sqlite3.OperationalError as error:
                matches(str(error), "unsafe use of|prohibited in")
                continue
            fails(db, "INSERT INTO c (x) VALUES (1)" if "DEFAULT" not in sql
                  else "INSERT INTO c DEFAULT VALUES",
                  "unsafe use of|" + BESIDE)  # SQLite lets DEFAULT pass
            db.execute("DROP TABLE c")
    same(len(rows(db, "SELECT * FROM migrate_event")), before)
    same(states(db), [("1", "pending")])


def test_arguments_that_are_no_text(place):
    db = prepared(place)
    for sql in ("SELECT migrate_apply(1)", "SELECT migrate_apply(+1)",
                "SELECT migrate_apply(1.5)", "SELECT migrate_apply(x'31')",
                "SELECT migrate_rollback(-1)", "SELECT migrate_stamp(1)",
                "SELECT migrate_add(1, 'SELECT 1')",
                "SELECT migrate_add('1', 2)", "SELECT migrate_load(1)",
                "SELECT migrate_load(x'2f746d70')",
                "SELECT migrate_up('x', 1)", "SELECT migrate_config(1)",
                "SELECT migrate_config('wait_timeout', 100)",
                "SELECT * FROM migrate_plan(1)",
                "SELECT * FROM migrate_show(1)"):
        fails(db, sql, r'^argument "\w+" of migrate_\w+ must be text',
              "SQLITE_ERROR")
    said = str(fails(db, "SELECT migrate_add('2', x'53')", "must be text"))
    matches(said, "CAST")
    fails(db, "SELECT migrate_apply('1', '2')", "wrong number of arguments")
    fails(db, "SELECT migrate_load()", "wrong number of arguments")
    fails(db, "SELECT migrate_version(1)", "wrong number of arguments")
    same(states(db), [("1", "pending")])


def test_texts_with_a_nul_or_broken_characters(place):
    db = prepared(place)
    for sql in ("SELECT migrate_add('a' || char(0) || 'b', 'SELECT 1')",
                "SELECT migrate_add(CAST(x'31ff' AS text), 'SELECT 1')",
                "SELECT migrate_add('2', 'SELECT 1' || char(0))",
                "SELECT migrate_add('2', CAST(x'53ff' AS text))",
                "SELECT migrate_add('2', 'SELECT 1', CAST(x'53ff' AS text))"):
        fails(db, sql, "UTF-8|control character")
    for sql in ("SELECT migrate_add('2', 'SELECT 1', NULL, "
                "CAST(x'ff' AS text))",
                "SELECT migrate_config('environment', CAST(x'ff' AS text))"):
        try:
            rows(db, sql)
        except sqlite3.Error as error:
            matches(str(error), "UTF-8")
    db.text_factory = bytes
    rows(db, "SELECT * FROM migrate_status()")


def test_what_the_application_installed_stays(place):
    db = prepared(place)
    seen = {"authorizer": 0, "progress": 0, "trace": 0}

    def authorizer(*_what):
        seen["authorizer"] += 1
        return sqlite3.SQLITE_OK

    def progress():
        seen["progress"] += 1

    def trace(_sql):
        seen["trace"] += 1

    db.execute("PRAGMA busy_timeout = 1234").fetchall()
    db.set_authorizer(authorizer)
    db.set_progress_handler(progress, 1)
    db.set_trace_callback(trace)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT migrate_rollback()"), 1)
    add(db, "2", "nonsense")
    fails(db, "SELECT migrate_apply()", "syntax error")
    for name in seen:
        seen[name] = 0
    same(one(db, "SELECT count(*) FROM t"), 3)
    for name, count in seen.items():
        assert count > 0, f"{name} was removed"
    same(one(db, "PRAGMA busy_timeout"), 1234)
    same(one(db, "PRAGMA foreign_keys"), 0)


def test_an_authorizer_that_forbids(place):
    db = prepared(place)

    def forbid(action, first, *_rest):
        if action == sqlite3.SQLITE_CREATE_TABLE and first == "one":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    db.set_authorizer(forbid)
    fails(db, "SELECT migrate_apply()", "not authorized", "SQLITE_AUTH")
    # Not None, which Python knows from 3.11 on.
    db.set_authorizer(lambda *_what: sqlite3.SQLITE_OK)
    same(states(db), [("1", "failed")])
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def python_example(place, isolation_level):
    folder = write_files(place / "m", {
        "1_one.sql": "CREATE TABLE one (id integer);",
        "2_two.sql": "INSERT INTO one VALUES (1);"})
    db = connect(place / "app.db", isolation_level)
    same(db.execute("SELECT migrate_up(?)", (folder,)).fetchone(), (2,))
    same(db.execute("SELECT migrate_current()").fetchone()[0], "2")
    db.execute("INSERT INTO one VALUES (2)")
    db.execute("SELECT migrate_pending()").fetchone()
    db.commit()
    for version, state in db.execute("SELECT version, state "
                                     "FROM migrate_status()"):
        same((version in "12", state), (True, "applied"))
    db.close()
    db = connect(place / "app.db", isolation_level)
    same(one(db, "SELECT count(*) FROM one"), 2)
    same(one(db, "SELECT migrate_up(?)", folder), 0)
    check_sound(db)


def test_python_in_autocommit(place):
    python_example(place, None)


def test_python_as_it_is(place):
    python_example(place, "")


def test_python_with_a_statement_left_at_its_row(place):
    db = prepared(place)
    held = db.execute("SELECT migrate_apply()")  # nothing is fetched
    other = db.execute("SELECT migrate_rollback()")
    same(other.fetchone(), (1,))
    same(held.fetchone(), (1,))
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_loading_twice_and_in_many_connections(place):
    db = prepared(place)
    db.enable_load_extension(True)
    db.load_extension(MIGRATE)
    same(one(db, "SELECT migrate_apply()"), 1)
    others = [connect(place / "app.db") for _ in range(20)]
    for other in others:
        same(states(other), [("1", "applied")])
        other.close()
    db.close()


def test_other_attached_databases_are_left_alone(place):
    db = prepared(place)
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    db.execute("CREATE TABLE other.migrate_event (x)")
    db.execute("CREATE TEMP TABLE migrate_migration (x)")
    db.execute("CREATE TEMP TABLE migrate_setting (x)")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(states(db), [("1", "applied")])
    same(one(db, "SELECT migrate_config('environment', 'x')"), "x")
    same(column(db, "SELECT name FROM other.sqlite_schema"), ["migrate_event"])
    same(one(db, "SELECT count(*) FROM temp.migrate_migration"), 0)
    same(one(db, "SELECT migrate_rollback()"), 1)
    check_sound(db)

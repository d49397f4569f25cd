"""target_schema: an attached database as the one to migrate."""

import os
import sqlite3
import threading
import time

from tools import (Holder, add, check_chain, check_sound, column, connect,
                   exists, fails, matches, one, rows, same, states,
                   write_files)

TARGET = "SELECT migrate_config('target_schema', ?)"


def tenant(place, name="tenant", file="tenant.db"):
    """A database with another attached, which is the one to migrate."""
    db = connect(place / "app.db")
    db.execute(f'ATTACH ? AS "{name}"', (str(place / file),))
    same(one(db, TARGET, name), name)
    return db


def two(db):
    add(db, "1", "CREATE TABLE one (id integer)", "DROP TABLE one")
    add(db, "2", "CREATE TABLE two (id integer)", "DROP TABLE two")


def tables(db, schema):
    return column(db, f'SELECT name FROM "{schema}".sqlite_schema '
                      "WHERE type = 'table' AND name NOT LIKE 'migrate_%' "
                      "ORDER BY name")


def test_every_function_is_about_the_attached_file(place):
    db = tenant(place)
    folder = write_files(place / "m", {
        "1_one.sql": "-- migrate:up\nCREATE TABLE one (id);\n"
                     "-- migrate:down\nDROP TABLE one;\n",
        "2_two.sql": "-- migrate:up\nCREATE TABLE two (id);\n"
                     "-- migrate:down\nDROP TABLE two;\n"})
    same(one(db, "SELECT migrate_load(?)", folder), 2)
    same(one(db, "SELECT migrate_pending()"), 2)
    same(one(db, "SELECT count(*) FROM migrate_plan()"), 2)
    same(one(db, "SELECT count(*) FROM migrate_plan('1')"), 1)
    same(one(db, "SELECT migrate_apply('1')"), 1)
    same(tables(db, "tenant"), ["one"])
    same(one(db, "SELECT migrate_up(?)", folder), 1)
    same(states(db), [("1", "applied"), ("2", "applied")])
    same(one(db, "SELECT migrate_current()"), "2")
    same(one(db, "SELECT migrate_redo()"), 1)
    same(one(db, "SELECT migrate_rollback()"), 1)
    same(one(db, "SELECT migrate_stamp('2')"), 1)
    same(one(db, "SELECT name FROM migrate_show('2') LIMIT 1"), "two")
    same(column(db, "SELECT version FROM migrate_status"), ["1", "2"])
    assert one(db, "SELECT count(*) FROM migrate_history()") > 4
    same(tables(db, "main"), [])
    same(one(db, "SELECT count(*) FROM main.migrate_migration"), 0)
    same(one(db, TARGET, None), "")
    same(states(db), [])
    check_sound(db)
    db.close()
    db = connect(place / "tenant.db")  # as if it had always been main
    same(states(db), [("1", "applied"), ("2", "applied")])
    check_sound(db)


def test_the_callers_connection_sees_the_new_schema(place):
    db = tenant(place)
    fails(db, "SELECT * FROM tenant.one", "no such table")
    held = "SELECT count(*) FROM tenant.sqlite_schema"
    before = one(db, held)
    add(db, "1", "CREATE TABLE one (id integer)", "DROP TABLE one")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT count(*) FROM tenant.one"), 0)
    assert one(db, held) > before
    same(one(db, "SELECT migrate_rollback()"), 1)
    fails(db, "SELECT * FROM tenant.one", "no such table")


def test_settings_are_the_files_but_for_the_one_that_names_it(place):
    db = tenant(place)
    same(one(db, "SELECT migrate_config('target_schema')"), "tenant")
    same(one(db, "SELECT migrate_config('environment', 'there')"), "there")
    same(one(db, "SELECT migrate_config('environment')"), "there")
    same(one(db, "SELECT migrate_config('var.who', 'ann')"), "ann")
    shown = {row[0]: row[1:4] for row in
             rows(db, "SELECT * FROM migrate_settings()")}
    same(shown["target_schema"], ("tenant", "", "database"))
    same(shown["environment"], ("there", "development", "database"))
    same(shown["var.who"][0], "ann")
    add(db, "1", "CREATE TABLE ${who} (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(tables(db, "tenant"), ["ann"])
    one(db, TARGET, None)
    same(one(db, "SELECT migrate_config('environment')"), "development")
    shown = {row[0]: row[1:4] for row in
             rows(db, "SELECT * FROM migrate_settings()")}
    same(shown["target_schema"], ("", "", "default"))
    matches(one(db, "SELECT migrate_version()"), r"^\d")


def test_a_database_that_is_not_attached(place):
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    one(db, TARGET, "tenant")
    for sql in ("SELECT migrate_apply()", "SELECT migrate_current()",
                "SELECT * FROM migrate_status()",
                "SELECT migrate_config('environment')"):
        error = fails(db, sql, r'^database "tenant" is not attached\n'
                               r'.*"target_schema".  There are: main, other\.',
                      "SQLITE_ERROR")
        matches(str(error), r"migrate_config\('target_schema', NULL\)")
    same(one(db, "SELECT migrate_config('target_schema')"), "tenant")
    db.execute("ATTACH ? AS tenant", (str(place / "tenant.db"),))
    same(one(db, "SELECT migrate_pending()"), 0)
    db.execute("DETACH tenant")
    fails(db, "SELECT migrate_pending()", "is not attached")
    same(one(db, TARGET, None), "")
    same(one(db, "SELECT migrate_pending()"), 0)


def test_databases_in_memory(place):
    db = connect(place / "app.db")
    for path in (":memory:", ""):
        db.execute("ATTACH ? AS mem", (path,))
        one(db, TARGET, "mem")
        fails(db, "SELECT migrate_apply()",
              '^migrating attached database "mem" needs a second connection, '
              "and a database in memory can have none", "SQLITE_ERROR")
        fails(db, "SELECT * FROM migrate_status()", "a database in memory")
        db.execute("DETACH mem")


def test_main_is_main_and_temp_is_refused(place):
    db = connect(place / "app.db")
    for name in ("main", "MAIN"):
        one(db, TARGET, name)
        same(one(db, "SELECT migrate_pending()"), 0)
    two(db)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(tables(db, "main"), ["one", "two"])
    one(db, TARGET, "temp")
    fails(db, "SELECT migrate_apply()", "gone with the connection")
    db.execute("CREATE TEMP TABLE t (x)")
    fails(db, "SELECT migrate_apply()", "gone with the connection")
    check_sound(db)


def test_main_in_memory_and_the_other_in_a_file(place):
    db = connect(":memory:")
    db.execute("ATTACH ? AS tenant", (str(place / "tenant.db"),))
    one(db, TARGET, "tenant")
    two(db)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(tables(db, "tenant"), ["one", "two"])


def test_names_in_every_spelling(place):
    for number, name in enumerate(('a "b"', "it's; --", "ünïcode", "Select")):
        quoted = name.replace('"', '""')
        db = connect(place / f"app{number}.db")
        db.execute(f'ATTACH ? AS "{quoted}"',
                   (str(place / f"x {number}?#%41&.db"),))
        one(db, TARGET, name.upper() if name.isascii() else name)
        two(db)
        same(one(db, "SELECT migrate_apply()"), 2)
        same(one(db, f'SELECT count(*) FROM "{quoted}".one'), 0)
        db.close()
    same(len([n for n in os.listdir(place) if n.startswith("x ")]), 4)


def test_the_target_of_the_attached_file_itself_is_not_followed(place):
    other = connect(place / "tenant.db")
    one(other, TARGET, "nowhere")
    other.close()
    db = tenant(place)
    two(db)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(tables(db, "tenant"), ["one", "two"])


def test_errors_come_through(place):
    db = tenant(place)
    folder = write_files(place / "m", {
        "1_one.sql": "CREATE TABLE one (id UNIQUE);\n"
                     "INSERT INTO one VALUES (1);\n",
        "2_two.sql": "CREATE TABLE two (id);\n\n"
                     "INSERT INTO one VALUES (1);\n"})
    error = fails(db, "SELECT migrate_up(?)",
                  r'^migration "2" failed at line 3: UNIQUE constraint '
                  r"failed: one.id\n.*2_two.sql",
                  "SQLITE_CONSTRAINT_UNIQUE", (folder,))
    matches(str(error), "Statement 2 of section up")
    same(states(db), [("1", "applied"), ("2", "failed")])
    fails(db, "SELECT migrate_apply(1)", "must be text")
    fails(db, "SELECT migrate_rollback(NULL)", "must not be NULL")
    fails(db, "SELECT * FROM migrate_plan('nowhere')",
          'there is no migration "nowhere"', "SQLITE_ERROR")
    fails(db, "SELECT migrate_load('/nowhere')", "does not exist")
    check_sound(db)


def test_transactions_of_the_caller(place):
    db = tenant(place)
    two(db)
    db.execute("CREATE TABLE tenant.t (x)")
    for begin in ("BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"):
        db.execute(begin)
        for call in ("migrate_apply()", "migrate_add('3', 'SELECT 1')",
                     "migrate_rollback()", "migrate_stamp('1')",
                     "migrate_config('environment', 'x')"):
            fails(db, f"SELECT {call}",
                  r"^migrate_\w+ cannot run inside the transaction that is "
                  'open: attached database "tenant"', "SQLITE_ERROR")
        if begin != "BEGIN IMMEDIATE":  # which locks all that are attached
            rows(db, "SELECT * FROM tenant.t")
            same(one(db, "SELECT migrate_pending()"), 2)
            same(one(db, "SELECT migrate_config('environment')"),
                 "development")
            same(len(states(db)), 2)
        assert db.in_transaction
        db.execute("ROLLBACK")
    db.execute("BEGIN")
    db.execute("INSERT INTO tenant.t VALUES (1)")
    fails(db, "SELECT migrate_pending()",
          "^migrate_pending cannot see what the transaction that is open "
          'writes to attached database "tenant"', "SQLITE_ERROR")
    fails(db, "SELECT * FROM migrate_status()", "cannot see what")
    db.execute("COMMIT")
    same(one(db, "SELECT migrate_apply()"), 2)
    check_sound(db)


def test_open_statements_of_the_caller(place):
    db = tenant(place)
    two(db)
    db.execute("CREATE TABLE tenant.t (x)")
    db.execute("INSERT INTO tenant.t VALUES (1), (2)")
    cursor = db.execute("SELECT x FROM tenant.t")
    same(cursor.fetchone(), (1,))
    began = time.monotonic()
    fails(db, "SELECT migrate_apply()",
          "cannot run while a statement of this connection reads")
    fails(db, "INSERT INTO tenant.t SELECT migrate_apply()",
          "cannot run while a statement of this connection reads")
    assert time.monotonic() - began < 3
    same(one(db, "SELECT migrate_pending()"), 2)
    same(cursor.fetchall(), [(2,)])
    same(one(db, "SELECT migrate_apply()"), 2)


def test_locks_of_others(place):
    db = tenant(place)
    two(db)
    one(db, "SELECT migrate_config('wait_timeout', '200ms')")
    holder = Holder(place / "tenant.db", "BEGIN IMMEDIATE")
    fails(db, "SELECT migrate_apply()",
          "others have held the database for longer than 200 ms",
          "SQLITE_BUSY")
    same(one(db, "SELECT migrate_pending()"), 2)
    holder.end()
    same(one(db, "SELECT migrate_apply()"), 2)


def test_exclusive_locking_of_the_caller(place):
    db = tenant(place)
    two(db)
    db.execute("PRAGMA tenant.locking_mode = exclusive").fetchall()
    db.execute("CREATE TABLE tenant.t (x)")
    for sql in ("SELECT migrate_apply()", "SELECT migrate_pending()"):
        fails(db, sql, '^PRAGMA locking_mode = exclusive keeps other '
                       'connections out of attached database "tenant"',
              "SQLITE_BUSY")
    db.execute("PRAGMA tenant.locking_mode = normal").fetchall()
    rows(db, "SELECT * FROM tenant.t")
    same(one(db, "SELECT migrate_apply()"), 2)


def test_attached_for_reading(place):
    other = connect(place / "tenant.db")
    two(other)
    other.close()
    db = connect(f"file:{place}/app.db", uri=True)
    db.execute("ATTACH ? AS tenant", (f"file:{place}/tenant.db?mode=ro",))
    one(db, TARGET, "tenant")
    for sql in ("SELECT migrate_apply()",
                "SELECT migrate_add('3', 'SELECT 1')"):
        fails(db, sql, "cannot run: the database is read-only",
              "SQLITE_READONLY")
    same(states(db), [("1", "pending"), ("2", "pending")])
    same(tables(db, "tenant"), [])


def test_uri_parameters_and_vfs(place):
    """Where nothing is locked we come in, as the caller does, beside one who
    holds the file; and what is immutable cannot be written."""
    other = connect(place / "tenant.db")
    two(other)
    other.close()
    for parameters in ("vfs=unix-none", "nolock=1", "nolock=1&vfs=unix-excl",
                       "cache=shared&immutable=1&psow=0"):
        db = connect(f"file:{place}/app.db", uri=True)
        db.execute("ATTACH ? AS tenant",
                   (f"file:{place}/tenant.db?{parameters}",))
        one(db, TARGET, "tenant")
        holder = Holder(place / "tenant.db", "BEGIN EXCLUSIVE")
        same(one(db, "SELECT migrate_pending()"), 2)
        holder.end()
        if "immutable" in parameters:
            fails(db, "SELECT migrate_apply()", "database is read-only")
        else:
            same(one(db, "SELECT migrate_apply()"), 2)
            same(one(db, "SELECT migrate_rollback('base')"), 2)
        db.close()


def test_shared_cache(place):
    db = connect(f"file:{place}/app.db?cache=shared", uri=True)
    db.execute("ATTACH ? AS tenant", (f"file:{place}/tenant.db?cache=shared",))
    one(db, TARGET, "tenant")
    two(db)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(tables(db, "tenant"), ["one", "two"])


def test_a_file_that_was_moved_away(place):
    db = tenant(place)
    two(db)
    os.rename(place / "tenant.db", place / "moved.db")
    connect(place / "tenant.db").close()
    fails(db, "SELECT migrate_apply()",
          'the file of attached database "tenant" is no longer where it was',
          "SQLITE_CANTOPEN")


def test_the_callers_switches_hold(place):
    db = tenant(place)
    db.execute("PRAGMA foreign_keys = on")
    add(db, "1", "CREATE TABLE p (id integer PRIMARY KEY);"
                 "CREATE TABLE c (p REFERENCES p (id))")
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "INSERT INTO c VALUES (7)")
    fails(db, "SELECT migrate_apply()", "failed at line 1: FOREIGN KEY "
                                        "constraint failed",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    db.execute("PRAGMA foreign_keys = off")  # then it is found at the end
    fails(db, "SELECT migrate_apply()", "failed at its end: FOREIGN KEY")
    same(one(db, "PRAGMA foreign_keys"), 0)


def test_an_older_release_is_remembered_between_calls(place):
    db = tenant(place)
    new = write_files(place / "new", {"1_one.sql": "SELECT 1;",
                                      "2_two.sql": "SELECT 2;"})
    old = write_files(place / "old", {"1_one.sql": "SELECT 1;"})
    other = connect(place / "tenant.db")
    one(other, "SELECT migrate_load(?)", new)
    same(one(other, "SELECT migrate_apply('1')"), 1)
    same(one(db, "SELECT migrate_up(?)", old), 0)
    there = states(db)
    here = connect(place / "tenant.db")
    same(one(here, "SELECT migrate_up(?)", old), 0)
    same(there, states(here))


def test_files_of_the_callers_databases_are_never_read(place):
    """Opening and closing one would release this process's locks on it."""
    db = tenant(place)
    for name in ("app.db", "tenant.db"):
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        fails(db, "SELECT migrate_load(?)", "database", None,
              (str(place / name),))
    third = place / "third.sql"
    db.execute("ATTACH ? AS third", (str(third),))
    db.execute("CREATE TABLE third.t (x)")
    fails(db, "SELECT migrate_load(?)", "open database|a database", None,
          (str(third),))


def test_no_connection_is_left_open(place):
    db = tenant(place)
    two(db)

    def files():
        return sorted(os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))
                      for fd in os.listdir("/proc/self/fd")
                      if os.path.exists(f"/proc/self/fd/{fd}"))

    before = files()
    same(one(db, "SELECT migrate_apply('1')"), 1)
    states(db)
    add(db, "3", "nonsense")
    fails(db, "SELECT migrate_apply()", "syntax error")
    fails(db, "SELECT migrate_apply('nowhere')", "no migration")
    fails(db, "SELECT * FROM migrate_show('nowhere')", "no migration")
    same(files(), before)


def interrupted(place, start, stop):
    """Begin a call that takes for ever, and stop it."""
    db = tenant(place)
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "CREATE TABLE two AS WITH RECURSIVE c(x) AS (VALUES (1) "
                 "UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
    start(db)
    error = fails(db, "SELECT migrate_apply()", "interrupted",
                  "SQLITE_INTERRUPT")
    stop(db)
    del error
    same(states(db), [("1", "pending"), ("2", "pending")])
    same(tables(db, "tenant"), [])
    check_sound(db)


def test_interrupt(place):
    threads = []

    def start(db):
        thread = threading.Timer(0.3, db.interrupt)
        thread.start()
        threads.append(thread)

    interrupted(place, start, lambda db: threads[0].join())


def test_a_progress_handler_that_ends_the_call(place):
    # Not None, which Python knows from 3.11 on.
    interrupted(place, lambda db: db.set_progress_handler(lambda: 1, 50),
                lambda db: db.set_progress_handler(lambda: 0, 1000000))


def test_interrupt_while_it_waits(place):
    db = tenant(place)
    two(db)
    holder = Holder(place / "tenant.db", "BEGIN IMMEDIATE")
    thread = threading.Timer(0.3, db.interrupt)
    thread.start()
    fails(db, "SELECT migrate_apply()", "interrupted", "SQLITE_INTERRUPT")
    thread.join()
    holder.end()
    same(one(db, "SELECT migrate_apply()"), 2)


def test_an_authorizer_that_forbids_the_list(place):
    db = tenant(place)

    def forbid(action, first, *_rest):
        if action == sqlite3.SQLITE_PRAGMA and first == "database_list":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    db.set_authorizer(forbid)
    fails(db, "SELECT migrate_pending()",
          "cannot list the attached databases: not authorized", "SQLITE_AUTH")
    db.set_authorizer(lambda *_what: sqlite3.SQLITE_OK)
    same(one(db, "SELECT migrate_pending()"), 0)


def test_histories_are_apart(place):
    db = tenant(place)
    two(db)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(column(db, "SELECT action FROM main.migrate_event"), ["config"])
    check_chain(db)
    assert exists(db, "migrate_event")
    same(column(db, "SELECT DISTINCT target FROM tenant.migrate_event"), [""])

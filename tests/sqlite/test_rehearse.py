"""The setting rehearse: a run is tried on a copy first."""

import os
import sqlite3
import subprocess
import threading
import time

from test_backup import contents, files, make
from tools import (add, check_sound, column, connect, exists, fails, matches,
                   needs_schema_writes, one, processes, rows, same, states)

PREFIX = "^nothing was changed, as the rehearsal failed: "


def prepare(place, mode="delete", count=10):
    path = place / "app.db"
    db = make(path, mode, count)
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_config('rehearse', 'on')")
    return path, db


def refused(db, path, sql, pattern, code=None):
    """The run fails, and only the history is another one."""
    def data():
        other = sqlite3.connect(path)
        found = [line for line in other.iterdump()
                 if 'INTO "migrate_event"' not in line]
        other.close()
        return found
    before = data()
    events = one(db, "SELECT count(*) FROM migrate_event")
    error = fails(db, sql, pattern, code)
    same(data(), before)
    same(one(db, "SELECT count(*) FROM migrate_event"), events + 1)
    check_sound(db)
    return str(error)


def test_what_passes_is_run(place):
    for mode in ("delete", "wal"):
        folder = place / mode
        folder.mkdir()
        path, db = prepare(folder, mode)
        add(db, "2", "CREATE TABLE two (a); INSERT INTO two VALUES (1)",
            "DROP TABLE two")
        same(one(db, "SELECT migrate_apply('+1')"), 1)
        same(one(db, "SELECT migrate_apply()"), 1)
        same(one(db, "SELECT migrate_apply()"), 0)
        same(one(db, "SELECT migrate_redo()"), 1)
        same(one(db, "SELECT migrate_rollback('base')"), 2)
        same(column(db, "SELECT action FROM migrate_history() "
                        "WHERE action <> 'add'"),
             ["config", "record", "apply", "apply", "rollback", "apply",
              "rollback", "rollback"])
        same(states(db), [("1", "pending"), ("2", "pending")])
        check_sound(db)
        db.close()
        same([n for n in files(folder) if n != "app.db"], [])


def test_what_fails_changes_nothing(place):
    for mode in ("delete", "wal"):
        folder = place / mode
        folder.mkdir()
        path, db = prepare(folder, mode)
        one(db, "SELECT migrate_config('commit_every', '0')")
        add(db, "2", "INSERT INTO t VALUES (1, 1, 1)")
        said = refused(
            db, path, "SELECT migrate_apply()",
            PREFIX + 'migration "2" failed at line 1: UNIQUE constraint',
            "SQLITE_CONSTRAINT_PRIMARYKEY")
        matches(said, "Statement 1 of section up")
        # The first one would have been kept without the rehearsal.
        assert not exists(db, "one")
        ((version, outcome, detail),) = rows(
            db, "SELECT version, outcome, detail FROM migrate_history() "
                "ORDER BY seq DESC LIMIT 1")
        same((version, outcome), ("2", "failed"))
        matches(detail, '^rehearsal: migration "2" failed at line 1')
        same(states(db), [("1", "pending"), ("2", "failed")])
        # Once it is mended, all of it runs.
        add(db, "2", "INSERT INTO t VALUES (100, 1, 1)")
        same(one(db, "SELECT migrate_apply()"), 2)
        check_sound(db)
        db.close()


def test_way_back_and_redo(place):
    path, db = prepare(place)
    one(db, "SELECT migrate_apply()")
    add(db, "2", "CREATE TABLE two (a)", "DROP TABLE nowhere")
    one(db, "SELECT migrate_apply()")
    for sql in ("SELECT migrate_rollback()", "SELECT migrate_redo()"):
        refused(db, path, sql, PREFIX + 'migration "2" failed at line 1: '
                                        "no such table: nowhere")
        same(rows(db, "SELECT action, version FROM migrate_history() "
                      "ORDER BY seq DESC LIMIT 1"), [("rollback", "2")])


def test_parts_that_are_committed(place):
    """What is done of a migration with VACUUM is done on the copy alone."""
    path, db = prepare(place)
    one(db, "SELECT migrate_apply()")
    text = "CREATE TABLE x (a); VACUUM; CREATE TABLE {} (a)"
    add(db, "2", text.format("x"))
    error = refused(db, path, "SELECT migrate_apply()",
                    PREFIX + ".*table x already exists")
    assert "stay so" not in error, error
    add(db, "2", text.format("y"))
    same(one(db, "SELECT migrate_apply()"), 1)
    assert exists(db, "x") and exists(db, "y")
    check_sound(db)


def test_migrate_up(place):
    folder = place / "m"
    folder.mkdir()
    (folder / "0001_one.sql").write_text("CREATE TABLE one (a);\nbad;\n")
    path = place / "app.db"
    db = make(path)
    one(db, "SELECT migrate_config('rehearse', 'on')")
    fails(db, "SELECT migrate_up(?)",
          PREFIX + 'migration "0001" failed at line 2: near "bad"', None,
          (str(folder),))
    same(states(db), [("0001", "failed")])
    (folder / "0001_one.sql").write_text("CREATE TABLE one (a);\n")
    same(one(db, "SELECT migrate_up(?)", str(folder)), 1)


def test_nothing_to_run_is_not_rehearsed(place):
    path, db = prepare(place)
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('rehearse_memory', '0')")
    os.environ["SQLITE_TMPDIR"] = "/dev/shm/there/is/nothing"
    same(one(db, "SELECT migrate_apply()"), 0)
    fails(db, "SELECT migrate_apply('nothing')", "^there is no migration")


def test_plan_errors_are_not_the_rehearsals(place):
    path, db = prepare(place)
    add(db, "2", "CREATE TABLE two (a)")
    one(db, "SELECT migrate_apply()")
    fails(db, "SELECT migrate_rollback()", '^migration "2" has no way back')


def test_in_a_file(place):
    """Larger than rehearse_memory."""
    path, db = prepare(place, "delete", 5000)
    folder = place / "tmp"
    folder.mkdir()
    os.environ["SQLITE_TMPDIR"] = str(folder)
    one(db, "SELECT migrate_config('rehearse_memory', '0')")
    db.create_function("look", 0, lambda: 0)
    add(db, "2", "UPDATE t SET b = zeroblob(500); DELETE FROM one")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(files(folder), [])
    add(db, "3", "INSERT INTO nothing VALUES (1)")
    refused(db, path, "SELECT migrate_apply()", PREFIX + 'migration "3"')
    same(files(folder), [])


def test_killed_while_it_rehearses(place):
    path, db = prepare(place, "delete", 5000)
    one(db, "SELECT migrate_config('rehearse_memory', '0')")
    add(db, "2", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                 "FROM n WHERE i < 100000000) INSERT INTO one "
                 "SELECT randomblob(100) FROM n")
    before = contents(path)
    db.close()

    def apply():
        one(connect(path), "SELECT migrate_apply()")
    process = processes.Process(target=apply)
    process.start()
    held = []
    for _ in range(3000):
        try:
            links = [os.readlink(f"/proc/{process.pid}/fd/{n}")
                     for n in os.listdir(f"/proc/{process.pid}/fd")]
        except FileNotFoundError:
            continue  # it was closed meanwhile
        held = [link for link in links if "etilqs" in link]
        if held or not process.is_alive():
            break
        time.sleep(0.01)
    process.kill()
    process.join()
    assert held, "the copy is in no file"
    # It had no name any more.
    same([link for link in held if not link.endswith(" (deleted)")], [])
    same(files(place), ["app.db"])
    same(contents(path), before)


def test_no_room_for_the_copy(place):
    if os.geteuid() != 0:
        print("# skipped: only root can mount a small file system")
        return
    folder = place / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs",
                           str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        print(f"# skipped: no file system can be mounted: {done.stderr}")
        return
    try:
        path, db = prepare(place, "delete", 3000)
        one(db, "SELECT migrate_config('rehearse_memory', '0')")
        os.environ["SQLITE_TMPDIR"] = str(folder)
        fails(db, "SELECT migrate_apply()",
              "^the run could not be rehearsed: a rehearsal needs . MB in "
              '".*/small", where . MB are free\n'
              "  Let the environment variable SQLITE_TMPDIR")
        same(states(db), [("1", "pending")])
        # And a backup into it.
        one(db, "SELECT migrate_config('rehearse', 'off')")
        fails(db, "SELECT migrate_backup(?)",
              "^no backup was made: .*disk is full", "SQLITE_FULL",
              (str(folder / "copy.db"),))
        same(files(folder), [])
        check_sound(db)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_in_a_transaction(place):
    path, db = prepare(place)
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()",
          "^a run inside a transaction can be neither rehearsed nor backed up "
          "before\n  The setting rehearse asks for it.\n  Nothing was changed")
    db.execute("ROLLBACK")
    same(states(db), [("1", "pending")])
    check_sound(db)


def test_the_copy_has_the_connections_settings(place):
    path, db = prepare(place)
    db.executescript("""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (p REFERENCES p);
        CREATE TRIGGER r AFTER INSERT ON c WHEN new.p < 3
            BEGIN INSERT INTO c VALUES (new.p + 1); END;
        INSERT INTO p VALUES (1), (2), (3);""")
    add(db, "2", "INSERT INTO c VALUES (99)", "DELETE FROM c")
    db.execute("PRAGMA foreign_keys = on")
    refused(db, path, "SELECT migrate_apply()",
            PREFIX + 'migration "2" failed .*FOREIGN KEY constraint failed')
    add(db, "2", "INSERT INTO c VALUES (1)", "DELETE FROM c")
    db.execute("PRAGMA recursive_triggers = on")
    add(db, "3", "-- migrate:up\nSELECT 1;\n-- migrate:verify\n"
                 "SELECT count(*) = 3 FROM c;")
    same(one(db, "SELECT migrate_apply()"), 3)


def test_foreign_keys_that_are_off(place):
    path, db = prepare(place)
    db.executescript("""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (p REFERENCES p);
        INSERT INTO c VALUES (50);""")
    # What refers to nothing before does not count.
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "INSERT INTO c VALUES (99)")
    said = refused(db, path, "SELECT migrate_apply()",
                   "FOREIGN KEY constraint failed")
    matches(said, PREFIX)
    same(rows(db, "SELECT p FROM c"), [(50,)])


def test_integrity(place):
    """A migration that damages what it does not read."""
    path, db = prepare(place)
    if needs_schema_writes(db):
        return
    db.execute("CREATE TABLE n (a)")
    db.execute("INSERT INTO n VALUES (NULL)")
    add(db, "2", "PRAGMA writable_schema = on; UPDATE sqlite_schema SET "
                 "sql = 'CREATE TABLE n (a NOT NULL)' WHERE name = 'n'")
    refused(db, path, "SELECT migrate_apply()",
            PREFIX + "PRAGMA integrity_check finds behind the run: NULL value "
                     "in n.a")
    same(rows(db, "SELECT action, version, outcome FROM migrate_history() "
                  "ORDER BY seq DESC LIMIT 1"), [("apply", None, "failed")])
    # What was wrong before does not count.
    db.execute("PRAGMA writable_schema = on")
    db.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE n (a NOT NULL)' "
               "WHERE name = 'n'")
    db.close()
    db = connect(path)
    assert column(db, "PRAGMA integrity_check") != ["ok"]
    add(db, "2", "CREATE TABLE two (a)")
    same(one(db, "SELECT migrate_apply()"), 2)


def test_functions_of_the_application(place):
    path, db = prepare(place)
    db.create_function("twice", 1, lambda a: 2 * a)
    add(db, "2", "UPDATE t SET a = twice(a)")
    refused(db, path, "SELECT migrate_apply()",
            PREFIX + "(?s:.)*no such function: twice(?s:.)*"
            "functions and collations of the application: these can be "
            "registered by sqlite3_auto_extension(.*) *Else set rehearse to "
            "off")
    one(db, "SELECT migrate_config('rehearse', 'off')")
    same(one(db, "SELECT migrate_apply()"), 2)


def test_other_files_are_not_touched(place):
    path, db = prepare(place)
    other = place / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE o (a)").connection.commit()
    before = other.read_bytes()
    add(db, "2", f"ATTACH '{other}' AS o; INSERT INTO o.o VALUES (1)")
    fails(db, "SELECT migrate_apply()",
          PREFIX + "(?s:.)*A rehearsal touches no other file, and the "
          'migration wants to open ".*other.db"')
    same(other.read_bytes(), before)
    assert not exists(db, "one")
    # VACUUM changes nothing that could fail, and INTO writes a file.
    add(db, "2", f"VACUUM INTO '{place}/into.db'; VACUUM; bad")
    fails(db, "SELECT migrate_apply()", PREFIX + '.*near "bad"')
    same(files(place), ["app.db", "other.db"])
    add(db, "2", f"VACUUM INTO '{place}/into.db'; VACUUM")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(files(place), ["app.db", "into.db", "other.db"])
    check_sound(db)


def test_the_copy_is_not_backed_up(place):
    path, db = prepare(place)
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    add(db, "2", "bad")
    refused(db, path, "SELECT migrate_apply()", PREFIX)
    same(files(place), ["app.db"])
    add(db, "2", "CREATE TABLE two (a)")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(len(files(place)), 2)
    same(column(db, "SELECT action FROM migrate_history() "
                    "ORDER BY seq DESC LIMIT 5"),
         ["apply", "apply", "record", "backup", "add"])


def test_interrupt(place):
    path, db = prepare(place)
    db.close()
    db = connect(path, check_same_thread=False)
    add(db, "2", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                 "FROM n WHERE i < 1000000000) SELECT max(i) FROM n")
    events = one(db, "SELECT count(*) FROM migrate_event")
    timer = threading.Timer(0.3, db.interrupt)
    timer.start()
    fails(db, "SELECT migrate_apply()", "interrupted", "SQLITE_INTERRUPT")
    timer.join()
    same(one(db, "SELECT count(*) FROM migrate_event"), events)
    assert not exists(db, "one")
    check_sound(db)


def test_page_sizes_and_encodings(place):
    for size in (512, 65536):
        for encoding in ("UTF-8", "UTF-16be"):
            path = place / f"{size}{encoding}.db"
            db = connect(path)
            db.execute(f"PRAGMA page_size = {size}")
            db.execute(f"PRAGMA encoding = '{encoding}'")
            one(db, "PRAGMA journal_mode = wal")
            db.execute("CREATE TABLE t (a)")
            add(db, "1", "INSERT INTO t VALUES ('ä')")
            one(db, "SELECT migrate_config('rehearse', 'on')")
            for memory in ("100", "0"):
                one(db, "SELECT migrate_config('rehearse_memory', ?)", memory)
                one(db, "SELECT migrate_stamp('base')")
                same(one(db, "SELECT migrate_apply()"), 1)
            same(rows(db, "SELECT a FROM t"), [("ä",), ("ä",)])


def test_database_in_memory(place):
    db = connect(":memory:")
    add(db, "1", "CREATE TABLE one (a)")
    add(db, "2", "bad")
    one(db, "SELECT migrate_config('rehearse', 'on')")
    fails(db, "SELECT migrate_apply()", PREFIX + 'migration "2"')
    assert not exists(db, "one")
    same(states(db), [("1", "pending"), ("2", "failed")])
    same(one(db, "SELECT migrate_apply('1')"), 1)


def test_while_others_write(place):
    for mode in ("delete", "wal"):
        folder = place / mode
        folder.mkdir()
        path, db = prepare(folder, mode, 3000)
        stop = processes.Event()

        def write():
            mine = sqlite3.connect(path, isolation_level=None, timeout=30)
            while not stop.is_set():
                mine.execute("UPDATE t SET a = a + 1 WHERE id = 1")
                time.sleep(0.002)
        writer = processes.Process(target=write)
        writer.start()
        try:
            for i in range(2, 7):
                add(db, str(i), f"CREATE TABLE n{i} (a)")
                one(db, "SELECT migrate_apply()")
            add(db, "7", "INSERT INTO nothing VALUES (1)")
            fails(db, "SELECT migrate_apply()", PREFIX)
        finally:
            stop.set()
            writer.join()
        same(len(column(db, "SELECT name FROM sqlite_schema "
                            "WHERE name GLOB 'n[0-9]'")), 5)
        check_sound(db)
        db.close()

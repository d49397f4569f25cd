"""migrate_restore()."""

import os
import pathlib
import signal
import sqlite3
import threading
import time

from test_backup import (contents, databases, full_disk, make)
from tools import (Holder, add, check_chain, check_sound, child, column,
                   connect, exists, fails, needs_schema_writes, one,
                   processes, rows, same, states)


def prepare(place, mode="delete", count=10):
    """A database with two migrations, and its backup when it had one."""
    path = place / "app.db"
    db = make(path, mode, count)
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    add(db, "2", "CREATE TABLE two (a); DELETE FROM t", "DROP TABLE two")
    one(db, "SELECT migrate_apply('1')")
    one(db, "SELECT migrate_backup('copy.db')")
    one(db, "SELECT migrate_apply()")
    return path, db


def test_brings_all_of_it_back(place):
    for mode in ("delete", "wal", "truncate", "persist"):
        folder = place / mode
        folder.mkdir()
        path, db = prepare(folder, mode)
        reader = sqlite3.connect(path)
        same(one(reader, "SELECT count(*) FROM t"), 0)
        same(one(db, "SELECT migrate_restore('copy.db')"),
             str(folder / "copy.db"))
        same(one(db, "SELECT count(*) FROM t"), 10)
        assert exists(db, "one") and not exists(db, "two")
        same(states(db), [("1", "applied"), ("2", "pending")])
        same(one(db, "PRAGMA journal_mode"), mode)
        # Its own history, which goes on.
        events = rows(db, "SELECT action, outcome, detail "
                          "FROM migrate_history() ORDER BY seq")
        same(events[-1], ("restore", "ok", str(folder / "copy.db")))
        same([e[0] for e in events],
             ["add", "add", "record", "apply", "restore"])
        check_sound(db)
        # Others see it, and it works on.
        same(one(reader, "SELECT count(*) FROM t"), 10)
        reader.close()
        same(one(db, "SELECT migrate_apply()"), 1)
        check_sound(db)
        db.close()


def test_a_connection_that_is_not_to_write(place):
    path, db = prepare(place)
    db.execute("PRAGMA query_only = on")
    fails(db, "SELECT migrate_restore('copy.db')",
          "cannot run while PRAGMA query_only is on\n  Nothing was changed")
    same(one(db, "SELECT count(*) FROM t"), 0)
    db.execute("PRAGMA query_only = off")
    one(db, "SELECT migrate_restore('copy.db')")
    same(one(db, "SELECT count(*) FROM t"), 10)


def test_rows_that_violate_a_check(place):
    """A connection that only reads does not know of any CHECK."""
    path, db = prepare(place)
    other = make(place / "checked.db")
    other.execute("PRAGMA ignore_check_constraints = on")
    other.execute("CREATE TABLE small (a CHECK (a < 10))")
    other.execute("INSERT INTO small VALUES (10), (11)")
    add(other, "1", "CREATE TABLE one (a)")
    one(other, "SELECT migrate_backup('checked.copy')")
    one(db, "SELECT migrate_restore('checked.copy')")
    same(column(db, "SELECT a FROM small"), [10, 11])
    same(column(db, "SELECT action FROM migrate_event ORDER BY seq DESC "
                    "LIMIT 1"), ["restore"])


def test_rows_are_compared(place):
    """Behind the copy a row is taken away, before the rows are counted."""
    path, db = prepare(place)

    def take_away(statement):
        if "count(*) FROM main.\"t\"" in statement:
            db.set_trace_callback(None)
            db.execute("DELETE FROM t WHERE id = 3")
    db.set_trace_callback(take_away)
    fails(db, "SELECT migrate_restore('copy.db')",
          "^restored, but: the database differs from the backup in table "
          "\"t\"\n  It has 9 rows; there were 10")
    same(one(db, "SELECT count(*) FROM t"), 9)


def test_others_write_again_at_once(place):
    path, db = prepare(place, "wal")
    other = sqlite3.connect(path, isolation_level=None, timeout=5)

    def take_away(statement):
        if "count(*) FROM main.\"t\"" in statement:
            db.set_trace_callback(None)
            other.execute("DELETE FROM t WHERE id = 3")
    db.set_trace_callback(take_away)
    same(one(db, "SELECT migrate_restore('copy.db')"), str(place / "copy.db"))
    same(one(db, "SELECT count(*) FROM t"), 9)
    check_sound(db)


def test_a_backup_without_catalogue(place):
    path, db = prepare(place)
    plain = make(place / "plain.db", "wal", 3)
    plain.close()
    one(db, "SELECT migrate_restore('plain.db')")
    same(one(db, "SELECT count(*) FROM t"), 3)
    assert not exists(db, "migrate_event")
    same(rows(db, "SELECT * FROM migrate_history()"), [])
    add(db, "1", "CREATE TABLE x (a)")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_into_a_new_file_and_into_memory(place):
    path, db = prepare(place)
    for name in (place / "new.db", ":memory:"):
        fresh = connect(name)
        one(fresh, "SELECT migrate_restore(?)", str(place / "copy.db"))
        same(states(fresh), [("1", "applied"), ("2", "pending")])
        same(one(fresh, "SELECT migrate_apply()"), 1)


def refuses(db, path, name, pattern):
    before = contents(path)
    fails(db, "SELECT migrate_restore(?)", pattern, None, (name,))
    same(contents(path), before)
    assert not db.in_transaction


def test_what_is_no_backup(place):
    path, db = prepare(place)
    (place / "text.db").write_text("a letter to somebody " * 100)
    (place / "empty.db").write_text("")
    whole = (place / "copy.db").read_bytes()
    (place / "cut.db").write_bytes(whole[:len(whole) // 2])
    (place / "folder").mkdir()
    os.mkfifo(place / "pipe")
    os.symlink(path, place / "link.db")
    os.link(path, place / "hard.db")
    root = one(db, "SELECT rootpage FROM sqlite_schema WHERE name = 't'")
    broken = bytearray(whole)
    broken[(root - 1) * 4096:root * 4096] = b"\x7f" * 4096
    (place / "broken.db").write_bytes(broken)
    refuses(db, path, "gone.db", '^".*/gone.db" does not exist')
    refuses(db, path, "text.db", 'cannot be restored: file is not a database\n'
                                 "  Nothing was changed")
    refuses(db, path, "empty.db", "cannot be restored: it is empty")
    refuses(db, path, "cut.db", "cannot be restored: ")
    refuses(db, path, "broken.db", "cannot be restored: ")
    refuses(db, path, "folder", "is no regular file")
    refuses(db, path, "pipe", "is no regular file")
    for name in ("app.db", "link.db", "hard.db"):
        refuses(db, path, name, "belongs to a database that is open here")
    refuses(db, path, "", "cannot be empty")
    fails(db, "SELECT migrate_restore(NULL)", "path must not be NULL")
    check_sound(db)


def test_what_only_a_check_finds(place):
    path, db = prepare(place)
    if needs_schema_writes(db):
        return
    other = sqlite3.connect(place / "copy.db", isolation_level=None)
    other.execute("CREATE TABLE n (a)")
    other.execute("INSERT INTO n VALUES (NULL)")
    other.execute("PRAGMA writable_schema = on")
    other.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE n (a NOT NULL)'"
                  " WHERE name = 'n'")
    other.close()
    refuses(db, path, "copy.db", "cannot be restored: it is damaged: NULL "
                                 "value in n.a\n  PRAGMA integrity_check")


def test_a_damaged_or_newer_catalogue_in_the_backup(place):
    path, db = prepare(place)
    other = sqlite3.connect(place / "copy.db")
    other.execute("UPDATE migrate_setting SET value = 99 "
                  "WHERE name = 'catalogue_layout'")
    other.commit()
    refuses(db, path, "copy.db", "cannot be restored: the catalogue of this "
                                 "database was made by a newer version")
    other.execute("DROP TABLE migrate_event")
    other.commit()
    other.close()
    refuses(db, path, "copy.db", "cannot be restored: the catalogue is damaged")


def test_over_a_damaged_catalogue(place):
    path, db = prepare(place)
    db.execute("DROP TABLE migrate_event")
    fails(db, "SELECT migrate_apply()", "the catalogue is damaged")
    one(db, "SELECT migrate_restore('copy.db')")
    same(states(db), [("1", "applied"), ("2", "pending")])
    check_sound(db)


def test_over_a_damaged_file(place):
    path, db = prepare(place, count=300)
    root = one(db, "SELECT rootpage FROM sqlite_schema "
                   "WHERE name = 'migrate_event'")
    db.close()
    with open(path, "r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\x7f" * 4096)
    db = connect(path)
    fails(db, "SELECT count(*) FROM migrate_history()", "malformed")
    one(db, "SELECT migrate_restore('copy.db')")
    same(one(db, "SELECT count(*) FROM t"), 300)
    check_sound(db)


def test_encoding_and_page_size(place):
    path, db = prepare(place)
    wide = connect(place / "wide.db")
    wide.execute("PRAGMA encoding = 'UTF-16le'")
    wide.execute("CREATE TABLE t (a)")
    refuses(db, path, "wide.db", "is of encoding UTF-16le, the database of "
                                 "UTF-8\n  Close the database everywhere")
    small = connect(place / "small.db")
    small.execute("PRAGMA page_size = 1024")
    small.execute("CREATE TABLE t (a)")
    small.execute("INSERT INTO t VALUES (5)")
    one(db, "PRAGMA journal_mode = wal")
    refuses(db, path, "small.db", "pages of another size.*\n.*send PRAGMA "
                                  "journal_mode = delete first")
    one(db, "PRAGMA journal_mode = delete")
    one(db, "SELECT migrate_restore('small.db')")
    same(rows(db, "SELECT a FROM t"), [(5,)])
    same(column(db, "PRAGMA integrity_check"), ["ok"])
    memory = connect(":memory:")
    memory.execute("CREATE TABLE q (a)")
    fails(memory, "SELECT migrate_restore(?)", "pages of another size", None,
          (str(place / "small.db"),))
    same(column(memory, "SELECT name FROM sqlite_schema"), ["q"])


def test_in_a_transaction(place):
    path, db = prepare(place)
    for begin in ("BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"):
        db.execute(begin)
        fails(db, "SELECT migrate_restore('copy.db')",
              "cannot run inside a transaction\n  Nothing was changed")
        assert db.in_transaction
        db.execute("ROLLBACK")
    cursor = db.execute("SELECT * FROM migrate_event")
    cursor.fetchone()
    fails(db, "SELECT migrate_restore('copy.db')",
          "cannot run while a statement of this connection")
    cursor.close()
    readonly = connect(f"file:{path}?mode=ro", uri=True)
    fails(readonly, "SELECT migrate_restore('copy.db')", "read-only",
          "SQLITE_READONLY")
    add(db, "3", "SELECT migrate_restore('copy.db')")
    fails(db, "SELECT migrate_apply()", "a migration cannot call")


def hold(place, mode, *statements):
    path, db = prepare(place, mode)
    one(db, "SELECT migrate_config('wait_timeout', '300ms')")
    holder = Holder(path, *statements)
    before = rows(db, "SELECT * FROM migrate_event")
    fails(db, "SELECT migrate_restore('copy.db')",
          "others have held the database for longer than 300 ms\n"
          "  Nothing was changed.  Try again, or raise the setting "
          "wait_timeout", "SQLITE_BUSY")
    same(rows(db, "SELECT * FROM migrate_event"), before)
    threading.Timer(0.2, holder.ours.send, ["end"]).start()
    holder.process.join()
    one(db, "SELECT migrate_restore('copy.db')")
    check_sound(db)


def test_waits_for_a_reader(place):
    hold(place, "delete", "BEGIN", "SELECT count(*) FROM t")


def test_waits_for_a_writer(place):
    hold(place, "delete", "BEGIN IMMEDIATE")


def test_waits_for_a_writer_with_wal(place):
    hold(place, "wal", "BEGIN IMMEDIATE")


def test_waits_until_others_are_done(place):
    path, db = prepare(place)
    holder = Holder(path, "BEGIN", "SELECT count(*) FROM t")
    timer = threading.Timer(0.3, holder.ours.send, ["end"])
    timer.start()
    one(db, "SELECT migrate_restore('copy.db')")
    timer.join()
    holder.process.join()
    check_sound(db)


def test_a_reader_with_wal_keeps_its_state(place):
    path, db = prepare(place, "wal")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    same(one(reader, "SELECT count(*) FROM t"), 0)
    one(db, "SELECT migrate_restore('copy.db')")
    same(one(reader, "SELECT count(*) FROM t"), 0)
    reader.execute("COMMIT")
    same(one(reader, "SELECT count(*) FROM t"), 10)


def grow(path):
    """Make a database so large that replacing it takes a while."""
    db = connect(path)
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
               "FROM n WHERE i < 40000) INSERT INTO t SELECT i + 1000, i, "
               "randomblob(400) FROM n")
    db.close()


def test_full_disk(place):
    path, db = prepare(place, "delete", 400)
    db.execute("VACUUM")
    before = contents(path)
    db.close()
    said = child(full_disk, path, "SELECT migrate_restore('copy.db')")
    assert "cannot copy the database: " in said, said
    same(contents(path), before)
    db = connect(path)
    one(db, "SELECT migrate_restore('copy.db')")
    same(one(db, "SELECT count(*) FROM t"), 400)
    check_sound(db)


def killed(place, mode):
    path, db = prepare(place, mode)
    db.close()
    grow(path)
    before = contents(path)
    whole = place / "whole"
    whole.mkdir()
    backup = place / "large.db"
    copy = connect(place / "copy.db")
    copy.close()
    os.rename(place / "copy.db", backup)
    grow(backup)
    wanted = contents(backup)
    saved = path.read_bytes()
    stopped = 0
    delays = [0.004 * i for i in range(1, 26)]

    def put_back():
        one(connect(path), "SELECT migrate_restore(?)", str(backup))
    for delay in delays:
        for beside in ("-wal", "-shm", "-journal"):
            pathlib.Path(f"{path}{beside}").unlink(missing_ok=True)
        path.write_bytes(saved)
        process = processes.Process(target=put_back)
        process.start()
        while process.is_alive() and not pathlib.Path(
                f"{path}-{'wal' if mode == 'wal' else 'journal'}").exists():
            time.sleep(0.0005)
        time.sleep(delay)
        process.kill()
        process.join()
        db = connect(path)
        same(column(db, "PRAGMA integrity_check"), ["ok"])
        found = list(db.iterdump())
        restored = found != before
        if restored:
            # All of the backup, but for the event behind it.
            same([line for line in found if "'restore'" not in line
                  and "sqlite_stat" not in line], wanted)
        check_chain(db)
        db.close()
        stopped += process.exitcode == -signal.SIGKILL and not restored
    print(f"# {mode}: {stopped} of {len(delays)} were stopped before the end",
          flush=True)
    assert stopped > 0, "no restore was stopped in the middle"
    put_back()
    check_sound(connect(path))


def test_killed(place):
    killed(place, "delete")


def test_killed_with_wal(place):
    killed(place, "wal")


def test_two_at_once(place):
    path, db = prepare(place, "wal")
    queue = processes.Queue()

    def put_back():
        try:
            queue.put(one(connect(path, timeout=30),
                          "SELECT migrate_restore('copy.db')"))
        except Exception as problem:
            queue.put(repr(problem))
    workers = [processes.Process(target=put_back) for _ in range(4)]
    for worker in workers:
        worker.start()
    same({queue.get(timeout=60) for _ in workers}, {str(place / "copy.db")})
    for worker in workers:
        worker.join()
    same(databases(place), ["app.db", "copy.db"])
    same(states(db), [("1", "applied"), ("2", "pending")])
    check_sound(db)


def test_in_a_protected_environment(place):
    _, db = prepare(place)
    one(db, "SELECT migrate_config('environment', 'production')")
    fails(db, "SELECT migrate_restore('copy.db')",
          "is protected: migrate_restore needs a confirmation")
    assert exists(db, "two")
    one(db, "SELECT migrate_config('confirm', 'app.db')")
    one(db, "SELECT migrate_restore('copy.db')")
    assert exists(db, "one") and not exists(db, "two")


def test_a_confirmation_in_the_backup_is_no_longer_good(place):
    """A run's own backup is made before the run uses its confirmation up."""
    _, db = prepare(place)
    one(db, "SELECT migrate_config('environment', 'production')")
    one(db, "SELECT migrate_config('backup', 'before.db')")
    one(db, "SELECT migrate_config('confirm', 'app.db')")
    add(db, "3", "CREATE TABLE three (a)")
    one(db, "SELECT migrate_apply('3')")
    one(db, "SELECT migrate_config('confirm', 'app.db')")
    one(db, "SELECT migrate_restore('before.db')")
    assert not exists(db, "three")
    fails(db, "SELECT migrate_apply('3')", "needs a confirmation")
    check_chain(db)

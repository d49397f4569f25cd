"""Many at once."""

import sqlite3
import threading
import time

from tools import (Holder, add, check_sound, column, connect, fails,
                   one, processes, rows, same, states, write_files)

COUNT = 40
# Somewhere from 3.47 to 3.53 on SQLite reads the schema to prepare any SELECT at
# all: that fails before we are called.  Below, the waiting is ours alone.
PATIENCE = 150 if sqlite3.sqlite_version_info >= (3, 47) else 0


def make_migrations(place):
    files = {f"{i:04}_step.sql": f"CREATE TABLE t{i} (id integer);\n"
                                 f"INSERT INTO ran VALUES ({i});\n"
             for i in range(1, COUNT + 1)}
    return write_files(place / "m", files)


def start_once(path, folder, barrier, queue):
    try:
        db = connect(path, timeout=PATIENCE)
        barrier.wait()
        queue.put(one(db, "SELECT migrate_up(?)", folder))
        db.close()
    except Exception as problem:
        queue.put(repr(problem))


def start_together(place, journal_mode, setup=()):
    path = place / "app.db"
    folder = make_migrations(place)
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE ran (id integer)")
    for statement in setup:
        db.execute(statement).fetchall()
    db.close()
    barrier = processes.Barrier(8)
    queue = processes.Queue()
    starters = [processes.Process(target=start_once,
                                  args=(path, folder, barrier, queue))
                for _ in range(8)]
    for starter in starters:
        starter.start()
    results = [queue.get(timeout=150) for _ in starters]
    for starter in starters:
        starter.join()
    same([r for r in results if not isinstance(r, int)], [])
    same(sum(results), COUNT)
    db = connect(path)
    same(column(db, "SELECT id FROM ran"), list(range(1, COUNT + 1)))
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action = 'apply' AND outcome = 'ok'"), COUNT)
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action = 'load'"), 1)
    same(one(db, "SELECT migrate_pending()"), 0)
    check_sound(db)


def test_eight_processes_start_at_once(place):
    start_together(place, "delete")


def test_eight_processes_start_at_once_with_wal(place):
    start_together(place, "wal")


def test_eight_processes_start_at_once_one_commit_each(place):
    start_together(place, "delete",
                   ["SELECT migrate_config('commit_every', '0')"])


def test_eight_processes_start_at_once_with_wal_one_commit_each(place):
    start_together(place, "wal",
                   ["SELECT migrate_config('commit_every', '0')"])


def test_eight_processes_take_turns_in_steps(place):
    path = place / "app.db"
    folder = make_migrations(place)
    db = connect(path)
    db.execute("CREATE TABLE ran (id integer)")
    one(db, "SELECT migrate_load(?)", folder)
    queue = processes.Queue()

    def step():
        mine = connect(path, timeout=PATIENCE)
        try:
            queue.put(sum(one(mine, "SELECT migrate_apply('+1')")
                          for _ in range(5)))
        except Exception as problem:
            queue.put(repr(problem))

    steppers = [processes.Process(target=step) for _ in range(8)]
    for stepper in steppers:
        stepper.start()
    same([queue.get(timeout=150) for _ in steppers], [5] * 8)
    for stepper in steppers:
        stepper.join()
    same(column(db, "SELECT id FROM ran"), list(range(1, COUNT + 1)))
    check_sound(db)


def test_two_connections_in_two_threads(place):
    path = place / "app.db"
    folder = make_migrations(place)
    db = connect(path)
    db.execute("CREATE TABLE ran (id integer)")
    results = []

    def start():
        mine = connect(path, timeout=PATIENCE)
        try:
            results.append(one(mine, "SELECT migrate_up(?)", folder))
        except sqlite3.Error as problem:
            results.append(problem)
        mine.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(sum(results), COUNT)
    same(one(db, "SELECT count(*) FROM ran"), COUNT)


def expect_locked(db, sql, least, most, pattern):
    began = time.monotonic()
    fails(db, sql, pattern, "SQLITE_BUSY")
    took = time.monotonic() - began
    assert least <= took <= most, f"took {took} seconds"


def wait_for_writer(place, journal_mode):
    path = place / "app.db"
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    add(db, "1", "CREATE TABLE one (id integer)")
    one(db, "SELECT migrate_config('wait_timeout', '300ms')")
    before = rows(db, "SELECT * FROM migrate_event")
    holder = Holder(path, "BEGIN IMMEDIATE")
    pattern = "^others have held the database for longer than 300 ms"
    for sql in ("SELECT migrate_apply()", "SELECT migrate_stamp('1')",
                "SELECT migrate_add('2', 'SELECT 2')",
                "SELECT migrate_config('environment', 'x')"):
        expect_locked(db, sql, 0.25, 2, pattern)
        assert not db.in_transaction
    # To look is possible all the time.
    same(states(db), [("1", "pending")])
    same(one(db, "SELECT migrate_add('1', 'CREATE TABLE one (id integer)')"), 0)
    holder.end()
    same(rows(db, "SELECT * FROM migrate_event"), before)
    same(one(db, "SELECT migrate_apply()"), 1)
    one(db, "SELECT migrate_config('wait_timeout', '0')")
    holder = Holder(path, "BEGIN IMMEDIATE")
    expect_locked(db, "SELECT migrate_rollback('base')", 0, 1,
                  "no way back|longer than 0 ms")
    holder.end()


def test_waiting_ends_with_wait_timeout(place):
    wait_for_writer(place, "delete")


def test_waiting_ends_with_wait_timeout_with_wal(place):
    wait_for_writer(place, "wal")


def wait_and_go_on(place, *statements):
    """Another process writes for a moment: the call waits, and succeeds."""
    path = place / "app.db"
    folder = make_migrations(place)
    db = connect(path)
    db.execute("CREATE TABLE ran (id integer)")
    holder = Holder(path, *statements)
    timer = threading.Timer(0.7, holder.end)
    timer.start()
    began = time.monotonic()
    same(one(db, "SELECT migrate_up(?)", folder), COUNT)
    assert time.monotonic() - began > 0.5
    timer.join()
    check_sound(db)


def test_first_call_of_all_waits_for_a_writer(place):
    wait_and_go_on(place, "BEGIN IMMEDIATE")


def test_first_call_of_all_waits_for_an_exclusive_writer(place):
    wait_and_go_on(place, "BEGIN EXCLUSIVE")


def test_looking_waits_for_an_exclusive_writer(place):
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "CREATE TABLE one (id integer)")
    holder = Holder(path, "BEGIN EXCLUSIVE")
    timer = threading.Timer(0.5, holder.end)
    timer.start()
    same(one(db, "SELECT migrate_pending()"), 1)
    timer.join()
    # A statement with FROM is the caller's: it waits by the caller's timeout.
    holder = Holder(path, "BEGIN EXCLUSIVE")
    fails(db, "SELECT * FROM migrate_status()", "database is locked",
          "SQLITE_BUSY")
    db.execute("PRAGMA busy_timeout = 5000").fetchall()
    timer = threading.Timer(0.5, holder.end)
    timer.start()
    same(states(db), [("1", "pending")])
    timer.join()


def test_a_commit_waits_for_readers_as_long_as_lock_timeout(place):
    path = place / "app.db"
    db = connect(path)
    db.execute("CREATE TABLE read (id integer)")
    add(db, "1", "CREATE TABLE one (id integer)")
    add(db, "2", "CREATE TABLE two (id integer)")
    one(db, "SELECT migrate_config('lock_timeout', '300ms')")
    holder = Holder(path, "BEGIN", "SELECT * FROM read")
    expect_locked(db, "SELECT migrate_apply()", 0.25, 2,
                  "^cannot commit: others have been reading")
    assert not db.in_transaction
    same(states(db), [("1", "pending"), ("2", "pending")])
    timer = threading.Timer(0.1, holder.end)
    timer.start()
    same(one(db, "SELECT migrate_apply()"), 2)
    timer.join()
    check_sound(db)


def test_readers_are_not_waited_for_with_wal(place):
    path = place / "app.db"
    db = connect(path)
    one(db, "PRAGMA journal_mode = wal")
    db.execute("CREATE TABLE read (id integer)")
    add(db, "1", "CREATE TABLE one (id integer)")
    holder = Holder(path, "BEGIN", "SELECT * FROM read")
    same(one(db, "SELECT migrate_apply()"), 1)
    holder.end()

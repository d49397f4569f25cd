"""A process is killed in the middle: each migration whole or not at all.

MIGRATE_TEST_KILLS says how often: for each test, but for those of one call
together."""

import os
import random
import shutil
import signal
import time

from tools import (check_chain, check_sound, column, connect, exists, one,
                   processes, rows, same, write_files)

COUNT = 200
KILLS = int(os.environ.get("MIGRATE_TEST_KILLS", "10"))


UP = "SELECT migrate_up(?)"
DOWN = "SELECT migrate_rollback('base') + 0 * length(?)"


def run_until_killed(path, call, folder):
    db = connect(path)
    one(db, call, folder)


def check_whole(db):
    """Each of the migrations has done all that it does, or nothing."""
    applied = set(column(db, "SELECT version FROM migrate_status() "
                             "WHERE state = 'applied'")
                  if exists(db, "migrate_event") else ())
    # What comes later was not done before what comes earlier, nor is still
    # there without it.
    same(applied, {str(i) for i in range(1, len(applied) + 1)})
    for i in range(1, COUNT + 1):
        there = str(i) in applied
        same((exists(db, f"a{i}"), exists(db, f"b{i}"),
              one(db, "SELECT count(*) FROM log WHERE id = ?", i)),
             (there, there, 2 * there))
    return len(applied)


def text_of(i):
    """A migration; every seventh needs a commit of its own."""
    around = "" if i % 7 else "PRAGMA foreign_keys = off;"
    return (f"-- migrate:up\n{around}\n"
            f"CREATE TABLE a{i} (id);\nINSERT INTO log VALUES ({i});\n"
            f"CREATE TABLE b{i} (id);\nINSERT INTO log VALUES ({i});\n"
            f"-- migrate:verify\nSELECT count(*) = 2 FROM log "
            f"WHERE id = {i};\n"
            f"-- migrate:down\n{around}\n"
            f"DROP TABLE b{i};\nDELETE FROM log WHERE id = {i};\n"
            f"DROP TABLE a{i};\n")


def copy_database(source, path):
    """A file and the WAL that may lie beside it."""
    for ending in ("", "-wal"):
        if source.with_name(source.name + ending).exists():
            shutil.copy(source.with_name(source.name + ending),
                        path.with_name(path.name + ending))


def kill_at_random(place, journal_mode, commit_every, call=UP):
    folder = write_files(place / "m", {f"{i}_step.sql": text_of(i)
                                       for i in range(1, COUNT + 1)})
    start, end = (0, COUNT) if call == UP else (COUNT, 0)
    db = connect(place / "start.db")
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE log (id)")
    one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
    if start > 0:
        one(db, UP, folder)
    db.close()
    # How long a whole run takes.
    copy_database(place / "start.db", place / "whole.db")
    db = connect(place / "whole.db")
    began = time.monotonic()
    same(one(db, call, folder), COUNT)
    whole = time.monotonic() - began
    same(check_whole(db), end)
    db.close()

    seed = random.randrange(1 << 30)
    print(f"# seed {seed}; a whole run takes {whole:.3f} s", flush=True)
    chance = random.Random(seed)
    stopped = 0
    number = 0
    while number < KILLS or (stopped == 0 and number < 10 * KILLS):
        number += 1
        path = place / f"{number}.db"
        copy_database(place / "start.db", path)
        process = processes.Process(target=run_until_killed,
                                    args=(path, call, folder))
        process.start()
        time.sleep(chance.uniform(0, whole + 0.02))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        db = connect(path)
        done = abs(check_whole(db) - start)
        check_sound(db)
        stopped += 0 < done < COUNT
        same(one(db, call, folder), COUNT - done)
        same(check_whole(db), end)
        check_sound(db)
        db.close()
        path.unlink()
    assert stopped > 0, "no run was stopped in the middle"
    print(f"# {stopped} of {number} were stopped in the middle", flush=True)


def test_killed_at_random(place):
    kill_at_random(place, "delete", "0")


def test_killed_at_random_in_shared_commits(place):
    kill_at_random(place, "delete", "20ms")


def test_killed_at_random_with_wal(place):
    kill_at_random(place, "wal", "5ms")


def test_killed_at_random_rolling_back(place):
    kill_at_random(place, "delete", "5ms", DOWN)


# ---- One call that does much ----

# There are several: together as many as MIGRATE_TEST_KILLS says.
CALLS = 6
ROWS = 20000
FLEET_FILES = 6
FLEET_STEPS = 12


def make_rows(db, mode):
    one(db, f"PRAGMA journal_mode = {mode}")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT)")
    db.execute("WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
               f"WHERE i < {ROWS}) "
               "INSERT INTO t SELECT i, hex(zeroblob(i % 40)), i FROM n")
    db.execute("CREATE INDEX t_a ON t (a)")


def contents(db):
    return (column(db, "SELECT sql FROM sqlite_schema WHERE tbl_name IN "
                       "('t', 'a', 'log') ORDER BY name"),
            rows(db, "SELECT count(*), sum(b), sum(length(a)), "
                     "group_concat(DISTINCT typeof(b)) FROM t"))


def call_here(path, sql):
    db = connect(path)
    rows(db, sql)


def kill_calls(place, sql, check):
    """Kill a call at random moments.

    place / "start" is the folder that each begins with, with app.db in it.
    check(db, folder, done) looks what is left, done when the call is through.
    """
    def begin(name):
        shutil.copytree(place / "start", place / name)
        return place / name

    def look(folder, done):
        db = connect(folder / "app.db")
        same(column(db, "PRAGMA integrity_check"), ["ok"])
        if exists(db, "migrate_event"):
            check_chain(db)
        check(db, folder, done)
        db.close()

    folder = begin("whole")
    began = time.monotonic()
    call_here(folder / "app.db", sql)
    whole = time.monotonic() - began
    look(folder, True)
    shutil.rmtree(folder)
    seed = random.randrange(1 << 30)
    print(f"# seed {seed}; a whole call takes {whole:.3f} s", flush=True)
    chance = random.Random(seed)
    wanted = max(3, KILLS // CALLS)
    number = killed = 0
    while number < wanted or (killed == 0 and number < 10 * wanted):
        number += 1
        folder = begin(str(number))
        process = processes.Process(target=call_here,
                                    args=(folder / "app.db", sql))
        process.start()
        time.sleep(chance.uniform(0, whole + 0.02))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        killed += process.exitcode != 0
        look(folder, process.exitcode == 0)
        call_here(folder / "app.db", sql)
        look(folder, True)
        shutil.rmtree(folder)
    assert killed > 0, "no call was killed before its end"
    print(f"# {killed} of {number} were killed before the end", flush=True)


def start(place, mode="delete"):
    (place / "start").mkdir()
    db = connect(place / "start" / "app.db")
    make_rows(db, mode)
    return db


def test_killed_rebuilding(place):
    db = start(place)
    before = contents(db)
    db.close()

    def check(db, _folder, done):
        now = contents(db)
        same(column(db, "SELECT name FROM sqlite_schema WHERE name LIKE "
                        "'migrate_rebuild%'"), [])
        if now != before or done:
            same(now[1], [(ROWS, *before[1][0][1:3], "text")])
            assert "b TEXT" in str(now[0]), now
            assert "INDEX t_a" in str(now[0]), now

    kill_calls(place, "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
                      "a TEXT NOT NULL, b TEXT)')", check)


def check_copies(folder, expected):
    """What has a copy's name is complete; returns how many there are."""
    copies = list(folder.glob("*.copy"))
    for path in copies:
        db = connect(f"file:{path}?immutable=1", uri=True)
        same(column(db, "PRAGMA integrity_check"), ["ok"])
        same(contents(db), expected)
        db.close()
    return len(copies)


def test_killed_backing_up(place):
    db = start(place, "wal")
    before = contents(db)
    db.close()

    def check(db, folder, done):
        same(contents(db), before)
        count = check_copies(folder, before)
        if done:
            assert count > 0, "there is no copy"
            # What a killed call has left is gone with the next.
            same(list(folder.glob("*.partial*")), [])

    kill_calls(place, "SELECT migrate_backup('{db}-{time}.copy')", check)


def kill_restoring(place, mode):
    db = start(place, mode)
    one(db, "SELECT migrate_config('lock_timeout', '1s')")
    after = contents(db)
    one(db, "SELECT migrate_backup('old.copy')")
    db.execute("DELETE FROM t WHERE id % 3 = 0")
    db.execute("CREATE TABLE log (x)")
    before = contents(db)
    db.close()

    def check(db, folder, done):
        now = contents(db)
        assert now == after or (not done and now == before), now
        same(check_copies(folder, after), 1)

    kill_calls(place, "SELECT migrate_restore('old.copy')", check)


def test_killed_restoring(place):
    kill_restoring(place, "delete")


def test_killed_restoring_with_wal(place):
    kill_restoring(place, "wal")


def test_killed_in_a_vacuum(place):
    db = start(place)
    db.execute("CREATE TABLE log (what)")
    one(db, "SELECT migrate_add('1', 'INSERT INTO log VALUES (1); "
            "DELETE FROM t WHERE id > 9000; VACUUM; INSERT INTO log "
            "VALUES (2); VACUUM; INSERT INTO log VALUES (3)')")
    db.close()

    def check(db, _folder, done):
        # Statements around VACUUM are commits of their own, each done once.
        count = one(db, "SELECT count(*) FROM log")
        same(column(db, "SELECT what FROM log ORDER BY rowid"),
             list(range(1, count + 1)))
        same(one(db, "SELECT count(*) FROM t"), 9000 if count else ROWS)
        applied = one(db, "SELECT count(*) FROM migrate_applied")
        assert applied <= (count == 3) and (applied or not done), applied

    kill_calls(place, "SELECT migrate_apply()", check)


def test_killed_in_a_fleet(place):
    (place / "start").mkdir()
    db = connect(place / "start" / "app.db")
    # One of them is killed in the middle of it when the first is whole.
    one(db, "SELECT migrate_config('commit_every', '0')")
    for i in range(1, FLEET_STEPS + 1):
        one(db, "SELECT migrate_add(?, ?)", str(i),
            f"CREATE TABLE a{i} (x); INSERT INTO a1 VALUES ({i})")
    db.close()
    for i in range(FLEET_FILES):
        file = connect(place / "start" / f"{i}.tenant")
        file.execute("CREATE TABLE own (x)")
        file.close()

    def check(_db, folder, done):
        for i in range(FLEET_FILES):
            file = connect(folder / f"{i}.tenant")
            same(column(file, "PRAGMA integrity_check"), ["ok"])
            applied = 0
            if exists(file, "migrate_applied"):
                check_chain(file)
                applied = one(file, "SELECT count(*) FROM migrate_applied")
            if applied:
                same(one(file, "SELECT count(*) FROM a1"), applied)
            same(one(file, "SELECT count(*) FROM sqlite_schema WHERE name "
                           "GLOB 'a[0-9]*'"), applied)
            assert applied == FLEET_STEPS or not done, applied
            file.close()

    folder = "(SELECT rtrim(file, 'ap.db') FROM pragma_database_list LIMIT 1)"
    kill_calls(place, "SELECT count(*) FROM migrate_fleet("
                      f"{folder} || '*.tenant') WHERE error IS NOT NULL", check)

"""A process is killed in the middle: each migration whole or not at all.

MIGRATE_TEST_KILLS says how often, for each test."""

import os
import random
import shutil
import signal
import time

from tools import (check_sound, column, connect, exists, one, processes, same,
                   write_files)

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

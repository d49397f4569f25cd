"""A process is killed in the middle: each migration whole or not at all.

MIGRATE_TEST_KILLS says how often, for each test."""

import os
import random
import signal
import time

from tools import (check_sound, column, connect, exists, one, processes, same,
                   write_files)

COUNT = 200
KILLS = int(os.environ.get("MIGRATE_TEST_KILLS", "10"))


def run_until_killed(path, folder):
    db = connect(path)
    one(db, "SELECT migrate_up(?)", folder)


def check_whole(db):
    """Each of the migrations has done all that it does, or nothing."""
    applied = set(column(db, "SELECT version FROM migrate_status() "
                             "WHERE state = 'applied'")
                  if exists(db, "migrate_event") else ())
    # What comes later was not done before what comes earlier.
    same(applied, {str(i) for i in range(1, len(applied) + 1)})
    for i in range(1, COUNT + 1):
        there = str(i) in applied
        same((exists(db, f"a{i}"), exists(db, f"b{i}"),
              one(db, "SELECT count(*) FROM log WHERE id = ?", i)),
             (there, there, 2 * there))
    return len(applied)


def text_of(i):
    """A migration; every seventh needs a commit of its own."""
    return (f"-- migrate:up\n{'' if i % 7 else 'PRAGMA foreign_keys = off;'}\n"
            f"CREATE TABLE a{i} (id);\nINSERT INTO log VALUES ({i});\n"
            f"CREATE TABLE b{i} (id);\nINSERT INTO log VALUES ({i});\n"
            f"-- migrate:verify\nSELECT count(*) = 2 FROM log "
            f"WHERE id = {i};\n")


def kill_at_random(place, journal_mode, commit_every, times=KILLS):
    folder = write_files(place / "m", {f"{i}_step.sql": text_of(i)
                                       for i in range(1, COUNT + 1)})
    # How long a whole run takes.
    db = connect(place / "whole.db")
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE log (id)")
    one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
    began = time.monotonic()
    same(one(db, "SELECT migrate_up(?)", folder), COUNT)
    whole = time.monotonic() - began
    check_whole(db)
    db.close()

    seed = random.randrange(1 << 30)
    print(f"# seed {seed}; a whole run takes {whole:.3f} s", flush=True)
    chance = random.Random(seed)
    stopped = 0
    number = 0
    while number < times or (stopped == 0 and number < 10 * times):
        number += 1
        path = place / f"{number}.db"
        db = connect(path)
        one(db, f"PRAGMA journal_mode = {journal_mode}")
        db.execute("CREATE TABLE log (id)")
        one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
        db.close()
        process = processes.Process(target=run_until_killed,
                                    args=(path, folder))
        process.start()
        time.sleep(chance.uniform(0, whole + 0.02))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        db = connect(path)
        done = check_whole(db)
        check_sound(db)
        stopped += 0 < done < COUNT
        same(one(db, "SELECT migrate_up(?)", folder), COUNT - done)
        same(check_whole(db), COUNT)
        check_sound(db)
        db.close()
    assert stopped > 0, "no run was stopped in the middle"


def test_killed_at_random(place):
    kill_at_random(place, "delete", "0")


def test_killed_at_random_in_shared_commits(place):
    kill_at_random(place, "delete", "20ms")


def test_killed_at_random_with_wal(place):
    kill_at_random(place, "wal", "5ms")

"""Liquibase's changesets: failures that do not end a run, reruns while others
write, what stands alone."""

import threading

from tools import (check_sound, column, connect, exists, fails, one, rows, same,
                   states, write_files)

TOLERANT = """--liquibase formatted sql
--changeset a:1
CREATE TABLE t (what text);
--changeset a:bad failOnError:false
INSERT INTO t VALUES ('bad');
INSERT INTO nowhere VALUES (1);
--changeset a:2
INSERT INTO t VALUES ('2');
--changeset a:bad2 failOnError:false runAlways:true
INSERT INTO nowhere VALUES (2);
--changeset a:3
INSERT INTO t VALUES ('3');
"""


def states_of(db):
    return [(version.split("::")[1], state) for version, state in states(db)]


def test_a_tolerated_failure_is_recorded(place):
    for every in ("0", "10s"):
        db = connect(place / f"tolerant{every}.db")
        write_files(place / "m", {"x.sql": TOLERANT})
        one(db, "SELECT migrate_config('commit_every', ?)", every)
        same(one(db, "SELECT migrate_up(?)", str(place / "m")), 3)
        same(states_of(db), [("1", "applied"), ("bad", "failed"),
                             ("2", "applied"), ("bad2", "failed"),
                             ("3", "applied")])
        same(column(db, "SELECT what FROM t"), ["2", "3"])
        same(one(db, "SELECT count(*) FROM migrate_history() "
                     "WHERE outcome = 'failed'"), 2)
        # It is tried again by each call, once.
        same(one(db, "SELECT migrate_apply()"), 0)
        same(one(db, "SELECT count(*) FROM migrate_history() "
                     "WHERE outcome = 'failed'"), 4)
        db.execute("CREATE TABLE nowhere (a)")
        same(one(db, "SELECT migrate_apply()"), 2)
        same(one(db, "SELECT migrate_pending()"), 0)
        check_sound(db)
    db.close()


def test_a_tolerated_failure_ends_what_is_not_its_own(place):
    db = connect(place / "inside.db")
    write_files(place / "i", {"x.sql": TOLERANT})
    db.execute("BEGIN")
    fails(db, "SELECT migrate_up(?)", "no such table: nowhere",
          arguments=(str(place / "i"),))
    db.execute("ROLLBACK")
    same(states(db), [])


def test_others_are_not_tolerated(place):
    db = connect(place / "others.db")
    write_files(place / "o", {"x.sql": """--liquibase formatted sql
--changeset a:1 failOnError:false
ROLLBACK;
--changeset a:2
CREATE TABLE two (a);
"""})
    fails(db, "SELECT migrate_up(?)", "cannot stand in a migration",
          arguments=(str(place / "o"),))
    same(exists(db, "two"), False)


ALWAYS = """--liquibase formatted sql
--changeset a:1
CREATE TABLE IF NOT EXISTS t (what text);
--changeset a:always runAlways:true
INSERT INTO t VALUES ('always');
--changeset a:2 runAlways:true
INSERT INTO t VALUES ('2');
"""


def test_two_runs_rerun_once_each(place):
    path = place / "two.db"
    write_files(place / "a", {"x.sql": ALWAYS})
    db = connect(path)
    one(db, "SELECT migrate_config('commit_every', '0')")
    one(db, "SELECT migrate_up(?)", str(place / "a"))
    results = []

    def run():
        other = connect(path)
        for _ in range(20):
            results.append(one(other, "SELECT migrate_apply()"))
        other.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(results, [2] * 40)
    same(rows(db, "SELECT what, count(*) FROM t GROUP BY what"),
         [("2", 41), ("always", 41)])
    check_sound(db)
    db.close()


def test_preconditions_of_what_stands_alone(place):
    db = connect(place / "alone.db")
    write_files(place / "s", {"x.sql": """--liquibase formatted sql
--changeset a:1
CREATE TABLE t (a);
--changeset a:mark
--preconditions onFail:MARK_RAN
--precondition-table-exists table:missing
VACUUM;
--changeset a:over
--preconditions onFail:CONTINUE
--precondition-table-exists table:missing
VACUUM;
--changeset a:pragma
--precondition-table-exists table:t
PRAGMA foreign_keys = OFF;
CREATE TABLE u (a);
--changeset a:vacuum
--precondition-table-exists table:U
VACUUM;
"""})
    same(one(db, "SELECT migrate_up(?)", str(place / "s")), 4)
    same(states_of(db), [("1", "applied"), ("mark", "applied"),
                         ("over", "pending"), ("pragma", "applied"),
                         ("vacuum", "applied")])
    same(rows(db, "SELECT action, outcome FROM migrate_history() "
                  "WHERE version LIKE '%mark%' OR version LIKE '%over%'"),
         [("stamp", "ok")])
    check_sound(db)
    db.close()

"""Hooks: what is kept and what is undone when one fails; groups, pragmas."""

from tools import (check_sound, column, connect, exists, fails, matches, one,
                   rows, same, states, write_files)

MIGRATIONS = {
    "V1__one.sql": "INSERT INTO log VALUES ('1');",
    "V2__two.sql": "INSERT INTO log VALUES ('2');",
    "U2__two.sql": "INSERT INTO log VALUES ('back 2');",
}


def loaded(place, commit_every="10s", **files):
    db = connect(place / "app.db")
    db.execute("CREATE TABLE IF NOT EXISTS log (what text)")
    one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
    reload(db, place, **files)
    return db


def reload(db, place, **files):
    write_files(place / "m", {**MIGRATIONS,
                              **{f"{name}.sql": text
                                 for name, text in files.items()}})
    return one(db, "SELECT migrate_load(?)", str(place / "m"))


def log(db):
    return column(db, "SELECT what FROM log ORDER BY rowid")


def hooks(db):
    return rows(db, "SELECT version, outcome FROM migrate_history() "
                    "WHERE action = 'hook' ORDER BY seq")


def test_hook_behind_the_run_fails(place):
    """The migrations stay; the attempt is known; it runs behind the next."""
    for commit_every in ("10s", "0"):
        folder = place / commit_every
        folder.mkdir()
        db = loaded(folder, commit_every,
                    beforeMigrate="INSERT INTO log VALUES ('before');",
                    afterMigrate="INSERT INTO log VALUES ('after');\n"
                                 "INSERT INTO nowhere VALUES (1);")
        fails(db, "SELECT migrate_apply()",
              '^hook "afterMigrate" failed at line 2: no such table: nowhere')
        same(log(db), ["before", "1", "2"])
        same(states(db), [("1", "applied"), ("2", "applied")])
        same(hooks(db), [("beforeMigrate", "ok"), ("afterMigrate", "failed")])
        same(one(db, "SELECT migrate_apply()"), 0)
        reload(db, folder, beforeMigrate="INSERT INTO log VALUES ('before');",
               afterMigrate="INSERT INTO log VALUES ('after');",
               V3__three="INSERT INTO log VALUES ('3');")
        same(one(db, "SELECT migrate_apply()"), 1)
        same(log(db), ["before", "1", "2", "before", "3", "after"])
        check_sound(db)
        db.close()


def test_hook_before_the_run_fails(place):
    db = loaded(place, beforeMigrate="INSERT INTO log VALUES ('before');\n"
                                     "SELECT nonsense();")
    fails(db, "SELECT migrate_apply()", '^hook "beforeMigrate" failed at '
                                        'line 2: no such function: nonsense')
    same(log(db), [])
    same(states(db), [("1", "pending"), ("2", "pending")])
    check_sound(db)


def test_hook_of_each_fails(place):
    """Its migration is undone with it, the one before stays."""
    for commit_every in ("10s", "0"):
        folder = place / commit_every
        folder.mkdir()
        db = loaded(folder, commit_every,
                    afterEachMigrate="INSERT INTO log SELECT 'hook ' || "
                                     "count(*) FROM log;\nSELECT CASE WHEN "
                                     "count(*) > 3 THEN nonsense.x END "
                                     "FROM log, (SELECT 1 AS x) nonsense;\n"
                                     "INSERT INTO log SELECT NULL WHERE "
                                     "(SELECT count(*) > 3 FROM log);",
                    beforeEachMigrate="CREATE TRIGGER IF NOT EXISTS no BEFORE "
                                      "INSERT ON log WHEN NEW.what IS NULL "
                                      "BEGIN SELECT RAISE(ABORT, 'full'); END;")
        error = fails(db, "SELECT migrate_apply()",
                      '^migration "2": hook "afterEachMigrate" failed at '
                      'line 3: full')
        matches(str(error), "Statement 3 of section hook of "
                            "afterEachMigrate.sql")
        same(log(db), ["1", "hook 1"])
        same(states(db), [("1", "applied"), ("2", "failed")])
        same(rows(db, "SELECT version, outcome FROM migrate_history() "
                      "WHERE action = 'apply'"), [("1", "ok"), ("2", "failed")])
        check_sound(db)
        db.close()


def test_group_that_the_engine_throws_away(place):
    """What was undone with it is run again, hooks too, each once."""
    db = loaded(place, beforeMigrate="INSERT INTO log VALUES ('before');",
                afterEachMigrate="INSERT INTO log VALUES ('each');",
                V3__bad="INSERT OR ROLLBACK INTO one VALUES (1), (1);")
    db.execute("CREATE TABLE one (x UNIQUE)")
    fails(db, "SELECT migrate_apply()", '^migration "3" failed at line 1')
    same(log(db), ["before", "1", "each", "2", "each"])
    same(hooks(db), [("beforeMigrate", "ok")])
    same(states(db), [("1", "applied"), ("2", "applied"), ("3", "failed")])
    check_sound(db)


def test_pragma_around(place):
    """A pragma that no transaction can hold counts in a hook as well."""
    db = connect(place / "app.db")
    db.executescript("PRAGMA foreign_keys = ON; CREATE TABLE log (what);"
                     "CREATE TABLE a (x INTEGER PRIMARY KEY);"
                     "CREATE TABLE b (x REFERENCES a);"
                     "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);")
    reload(db, place, beforeEachMigrate="PRAGMA foreign_keys = OFF;",
           V3__rebuild="DROP TABLE a; CREATE TABLE a (x INTEGER PRIMARY KEY, "
                       "y);\nINSERT INTO a (x) VALUES (1);")
    same(one(db, "SELECT migrate_apply()"), 3)
    same(one(db, "PRAGMA foreign_keys"), 1)
    same(rows(db, "SELECT x, y FROM a"), [(1, None)])
    check_sound(db)


def test_vacuum(place):
    """Behind a run it has a transaction of its own; in one it is refused."""
    db = loaded(place, afterMigrate="VACUUM;")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(hooks(db)[-1], ("afterMigrate", "ok"))
    reload(db, place, afterEachUndo="VACUUM;")
    fails(db, "SELECT migrate_rollback()",
          '^migration "2": hook "afterEachUndo" failed at line 1: VACUUM '
          'cannot run inside a transaction')
    same(states(db), [("1", "applied"), ("2", "applied")])
    check_sound(db)


def test_migration_with_vacuum(place):
    """Hooks stand around all of its transactions."""
    db = loaded(place, beforeEachMigrate="INSERT INTO log VALUES ('<');",
                afterEachMigrate="INSERT INTO log VALUES ('>');",
                V3__vacuum="INSERT INTO log VALUES ('3');\nVACUUM;\n"
                           "INSERT INTO log VALUES ('3 too');")
    same(one(db, "SELECT migrate_apply()"), 3)
    same(log(db), ["<", "1", ">", "<", "2", ">", "<", "3", "3 too", ">"])
    same(one(db, "SELECT detail FROM migrate_history() WHERE version = '3' "
                 "AND outcome = 'ok'"),
         "with hooks beforeEachMigrate, afterEachMigrate")
    check_sound(db)


def test_fleet_and_rehearsal(place):
    """Files of a fleet get the hooks; a rehearsal meets one that fails."""
    db = loaded(place, afterMigrate="CREATE TABLE IF NOT EXISTS hooked (x);")
    for name in ("a", "b"):
        other = connect(place / f"{name}.file")
        other.execute("CREATE TABLE log (what text)")
        other.close()
    same(rows(db, "SELECT applied, error FROM migrate_fleet(?)",
              str(place / "*.file")), [(2, None), (2, None)])
    other = connect(place / "a.file")
    assert exists(other, "hooked")
    same(rows(db, "SELECT state, pending FROM migrate_fleet_status(?)",
              str(place / "*.file")), [("current", 0), ("current", 0)])
    reload(db, place, afterMigrate="SELECT nonsense();")
    one(db, "SELECT migrate_config('rehearse', 'on')")
    fails(db, "SELECT migrate_apply()", "rehearsal failed: hook "
                                        '"afterMigrate" failed')
    same(log(db), [])
    check_sound(db)

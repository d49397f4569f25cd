"""Guards: confirmation, statements that destroy rows, backups, preflight."""

import os
import sqlite3
import threading
import time

from tools import (Holder, add, check_chain, check_sound, column, connect,
                   exists, fails, matches, needs_schema_writes, one, rows,
                   same)

LACKS = '^environment "production" is protected: '


def protected(place, name="app.db"):
    """A file in production, with one migration."""
    db = connect(place / name)
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_config('environment', 'production')")
    return db


def confirm(db, name="app.db"):
    one(db, "SELECT migrate_config('confirm', ?)", name)


def is_confirmed(db):
    return one(db, "SELECT count(*) FROM migrate_setting "
                   "WHERE name = 'confirm'") == 1


def confirmed_runs(db):
    return column(db, "SELECT detail FROM migrate_history() "
                      "WHERE action = 'confirm' ORDER BY seq")


def finding(db, name, target="head"):
    ((state, detail),) = rows(
        db, "SELECT state, detail FROM migrate_preflight(?) WHERE name = ?",
        target, name)
    return state, detail


def test_name_of_a_file_and_of_none(place):
    db = protected(place, "it's.db")
    said = str(fails(db, "SELECT migrate_apply()", LACKS))
    # The hint can be pasted.
    matches(said, r"migrate_config\('confirm', 'it''s\.db'\)")
    for wrong in ("it's", str(place / "it's.db"), "IT'S.DB", "main"):
        confirm(db, wrong)
        said = str(fails(db, "SELECT migrate_apply()", LACKS))
        matches(said, f'The setting confirm is "{wrong}"; this database is '
                      '"it\'s.db"')
    confirm(db, "it's.db")
    same(one(db, "SELECT migrate_apply()"), 1)
    db = connect(":memory:")
    add(db, "1", "CREATE TABLE one (a)")
    one(db, "SELECT migrate_config('environment', 'production')")
    fails(db, "SELECT migrate_apply()", LACKS)
    confirm(db, ":memory:")
    same(one(db, "SELECT migrate_apply()"), 1)


def test_failed_run_has_used_it_up(place):
    db = protected(place)
    add(db, "2", "INSERT INTO nowhere VALUES (1)")
    for every in ("0", "1h"):
        one(db, "SELECT migrate_config('commit_every', ?)", every)
        confirm(db)
        fails(db, "SELECT migrate_apply()", 'migration "2" failed')
        assert not is_confirmed(db)
        fails(db, "SELECT migrate_apply()", LACKS)
    same(len(confirmed_runs(db)), 2)
    # The first of a run is what fails.
    confirm(db)
    fails(db, "SELECT migrate_apply()", 'migration "2" failed')
    assert not is_confirmed(db)
    same(len(confirmed_runs(db)), 3)
    check_chain(db)


def test_engine_undoes_the_transaction(place):
    """What undoes the whole group does not give the confirmation back."""
    db = protected(place)
    one(db, "SELECT migrate_config('commit_every', '1h')")
    add(db, "2", "CREATE TABLE two (a UNIQUE); INSERT INTO two VALUES (1)")
    add(db, "3", "INSERT OR ROLLBACK INTO two VALUES (1)")
    confirm(db)
    fails(db, "SELECT migrate_apply()", 'migration "3" failed')
    same(column(db, "SELECT state FROM migrate_status()"),
         ["applied", "applied", "failed"])
    assert not is_confirmed(db)
    same(len(confirmed_runs(db)), 1)
    confirm(db)
    fails(db, "SELECT migrate_apply()", 'migration "3" failed')
    assert not is_confirmed(db)
    same(len(confirmed_runs(db)), 2)
    check_chain(db)


def test_own_transaction_gives_it_back(place):
    db = protected(place)
    confirm(db)
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_apply()"), 1)
    assert not is_confirmed(db)
    db.execute("ROLLBACK")
    assert is_confirmed(db)
    assert not exists(db, "one")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_chain(db)


def test_migrations_with_transactions_of_their_own(place):
    db = protected(place)
    add(db, "2", "PRAGMA foreign_keys = off; CREATE TABLE two (a)")
    add(db, "3", "BEGIN; CREATE TABLE three (a); COMMIT; VACUUM")
    for target in ("1", "2", "3"):
        confirm(db)
        same(one(db, "SELECT migrate_apply(?)", target), 1)
        assert not is_confirmed(db)
    same(len(confirmed_runs(db)), 3)
    check_chain(db)
    check_sound(db)


def test_half_done_is_told_what_to_write(place):
    """The rest of a migration that has begun is refused with its own hint."""
    db = connect(place / "app.db")
    db.execute("CREATE TABLE item (id integer PRIMARY KEY)")
    add(db, "1", "INSERT INTO item VALUES (1); VACUUM;"
                 "INSERT INTO item VALUES (1)")
    same(finding(db, "half-done migrations"), ("ok", "there is none"))
    fails(db, "SELECT migrate_apply()", "UNIQUE constraint failed")
    matches(one(db, "SELECT detail FROM migrate_status()"),
            "; 2 of its 3 statements are done$")
    same(finding(db, "half-done migrations"),
         ("warning", "1: 2 of its 3 statements are done"))
    add(db, "1", "INSERT INTO item VALUES (1); VACUUM; DROP TABLE item")
    same(rows(db, "SELECT state, detail FROM migrate_status()"),
         [("pending", "its text was changed; of the one before 2 of its 3 "
                      "statements are done")])
    one(db, "SELECT migrate_config('environment', 'production')")
    confirm(db)
    said = str(fails(db, "SELECT migrate_apply()", "is protected"))
    matches(said, "-- migrate:destructive")
    matches(one(db, "SELECT detail FROM migrate_status()"),
            "is protected; 2 of its 3 statements are done$")
    same(one(db, "SELECT count(*) FROM item"), 1)


def test_half_done_is_no_reason_to_pass_over_drift(place):
    db = connect(place / "app.db")
    one(db, "SELECT migrate_config('on_drift', 'error')")
    add(db, "1", "CREATE TABLE one (a); VACUUM; INSERT INTO late VALUES (1)")
    fails(db, "SELECT migrate_apply()", "no such table: late")
    db.execute("CREATE TABLE late (a)")
    same(finding(db, "drift")[0], "error")
    fails(db, "SELECT migrate_apply()", "^1 object differs from the recorded")
    same(one(db, "SELECT migrate_accept()"), 1)
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_several_start_at_once(place):
    """Whoever finds all done behind the lock needs no confirmation."""
    db = protected(place)
    confirm(db)
    other = connect(place / "app.db")
    same(one(other, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT migrate_apply()"), 0)
    same(len(confirmed_runs(db)), 1)


def test_two_at_once_with_one_confirmation(place):
    """Both have something to do; one of them may."""
    db = protected(place)
    confirm(db)
    same(one(db, "SELECT migrate_apply()"), 1)
    confirm(db)
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    ends = []

    def start():
        other = connect(place / "app.db")
        try:
            ends.append(one(other, "SELECT migrate_redo()"))
        except sqlite3.Error as error:
            ends.append(str(error).split(":")[0])
        finally:
            other.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)  # so that they wait for the lock, most of them
    holder.end()
    for thread in threads:
        thread.join()
    same(sorted(ends, key=str),
         [1] + 3 * ['environment "production" is protected'])
    same(len(confirmed_runs(db)), 2)
    assert not is_confirmed(db)
    check_chain(db)
    check_sound(db)


def test_fleet_asks_for_each_file(place):
    """A file has its own confirmation, and its own rows to lose."""
    for number in range(3):
        db = connect(place / f"{number}.db")
        db.executescript("CREATE TABLE own (id); CREATE TABLE other (id)")
        if number == 2:
            db.execute("INSERT INTO own VALUES (1)")
        one(db, "SELECT migrate_config('environment', 'production')")
        if number > 0:
            confirm(db, f"{number}.db")
        db.close()
    db = connect(":memory:")
    add(db, "1", "DROP TABLE other")
    add(db, "2", "DROP TABLE own")
    found = {os.path.basename(path): (applied, error) for
             path, applied, error in rows(
                 db, "SELECT path, applied, error FROM migrate_fleet(?)",
                 str(place / "*.db"))}
    same(found["0.db"][0], 0)
    matches(found["0.db"][1], LACKS)
    same(found["1.db"], (2, None))
    same(found["2.db"][0], 0)
    matches(found["2.db"][1], '^migration "2" is refused at line 1: it drops')
    # The one that was refused has its confirmation yet.
    same([is_confirmed(connect(place / f"{number}.db"))
          for number in range(3)], [False, False, True])
    for number in range(3):
        check_sound(connect(place / f"{number}.db"))


def test_rehearsal_uses_none_up(place):
    db = protected(place)
    needs_schema_writes(db)
    one(db, "SELECT migrate_config('rehearse', 'on')")
    add(db, "2", "INSERT INTO nowhere VALUES (1)")
    fails(db, "SELECT migrate_apply()", LACKS)
    confirm(db)
    fails(db, "SELECT migrate_apply()",
          "^nothing was changed, as the rehearsal failed")
    assert is_confirmed(db)
    same(confirmed_runs(db), [])
    same(one(db, "SELECT migrate_apply('1')"), 1)
    assert not is_confirmed(db)
    same(len(confirmed_runs(db)), 1)
    # What would destroy is found out by the rehearsal.
    db.execute("INSERT INTO one VALUES (1)")
    confirm(db)
    fails(db, "SELECT migrate_rollback()",
          'as the rehearsal failed: migration "1" is refused at line 1: it '
          'drops')
    assert is_confirmed(db)


def test_attached_database_has_its_own(place):
    db = protected(place)
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    one(db, "SELECT migrate_config('target_schema', 'other')")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    # Its settings are its own.
    same(one(db, "SELECT migrate_apply()"), 1)
    one(db, "SELECT migrate_config('environment', 'production')")
    fails(db, "SELECT migrate_rollback()", LACKS)
    confirm(db, "app.db")
    said = str(fails(db, "SELECT migrate_redo()", LACKS))
    matches(said, 'this database is "other.db"')
    confirm(db, "other.db")
    same(one(db, "SELECT migrate_redo()"), 1)
    same(one(db, "SELECT migrate_config('confirm')"), "")


def test_what_sqlite_destroys(place):
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1);
        CREATE TABLE "a ""b" ("c d"); INSERT INTO "a ""b" VALUES (1);
        CREATE TABLE [x y] (a, b); INSERT INTO [x y] VALUES (1, 1);
        CREATE TABLE empty (a, b);
        CREATE TABLE many (a);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
                                LIMIT 1500) INSERT INTO many SELECT i FROM n;
        CREATE VIEW v AS SELECT * FROM t;
        CREATE TEMP TABLE t2 (a); INSERT INTO temp.t2 VALUES (1);
    """)
    cases = [
        ("DROP TABLE t", 'drops table "t" (1 row)'),
        ("drop/**/table if exists main.[t]", 'drops table "t" (1 row)'),
        ('DROP TABLE "a ""b"', 'drops table "a "b" (1 row)'),
        ("DROP TABLE [x y]", 'drops table "x y" (1 row)'),
        ("DROP TABLE many", 'drops table "many" (more than 1000 rows)'),
        ("DROP TABLE empty", None),
        ("DROP TABLE IF EXISTS nowhere", None),
        ("DROP TABLE nowhere.t", None),
        ("DROP VIEW v", None),
        ("DROP TABLE t2", None),
        ("ALTER TABLE t DROP b", 'drops column "b" of table "t" (1 row)'),
        ('ALTER TABLE main."a ""b" DROP COLUMN "c d"',
         'drops column "c d" of table "a "b" (1 row)'),
        ("ALTER TABLE t DROP CONSTRAINT x", None),
        ("ALTER TABLE t RENAME TO u", None),
        ("ALTER TABLE t RENAME b TO c", None),
        ("ALTER TABLE t ADD drop_this", None),
        ("DELETE FROM t", 'deletes every row of table "t" (1 row)'),
        ("DELETE FROM t LIMIT 1", 'deletes every row of table "t" (1 row)'),
        ("DELETE FROM t WHERE 1 ORDER BY a LIMIT 1",
         'deletes every row of table "t" (1 row)'),
        ("DELETE FROM t WHERE '1' = '1' RETURNING a",
         'deletes every row of table "t" (1 row)'),
        ("DELETE FROM t WHERE (((1 = 1)))",
         'deletes every row of table "t" (1 row)'),
        ("DELETE FROM t AS where_ WHERE a = 1", None),
        ("DELETE FROM t WHERE \"a\" = 1", None),
        ("UPDATE t SET a = 2", 'updates every row of table "t" (1 row)'),
        ("UPDATE OR IGNORE main.t SET a = (SELECT b FROM t WHERE b = 1)",
         'updates every row of table "t" (1 row)'),
        ("UPDATE t SET a = 2 -- WHERE b",
         'updates every row of table "t" (1 row)'),
        ("UPDATE t SET a = 'WHERE b = 1'",
         'updates every row of table "t" (1 row)'),
        ("UPDATE t SET a = 2 WHERE b", None),
        ("WITH x AS (SELECT 1 AS d WHERE 1 = 1), y(z) AS (VALUES (1)) "
         "UPDATE t SET a = 1", 'updates every row of table "t" (1 row)'),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 1", None),
        ("EXPLAIN DELETE FROM t", None),
        ("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END", None),
        ("INSERT OR REPLACE INTO t VALUES (1, 1)", None),
        ("UPDATE", None), ("DELETE", None), ("DROP TABLE", None),
        ("ALTER TABLE t DROP", None), ("WITH x", None),
    ]
    for sql, loses in cases:
        add(db, "1", sql)
        notes = column(db, "SELECT note FROM migrate_plan()")
        same((sql, notes), (sql, [loses and "destructive: " + loses]))
    one(db, "SELECT migrate_config('environment', 'production')")
    for sql, loses in cases:
        if loses is None:
            continue
        add(db, "1", sql)
        confirm(db)
        said = str(fails(db, "SELECT migrate_apply()", "refused at line 1: it"))
        assert f"it {loses}, and" in said, (sql, said)
        assert is_confirmed(db)
    check_sound(db)


def test_views_with_triggers(place):
    """What a trigger does instead is not known: the view's rows count."""
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1), (2, 2);
        CREATE VIEW v AS SELECT a FROM t WHERE b < 9;
        CREATE VIEW none AS SELECT a FROM t WHERE b > 9;
        CREATE TRIGGER d INSTEAD OF DELETE ON v
            BEGIN DELETE FROM t WHERE a = OLD.a; END;
        CREATE TRIGGER u INSTEAD OF UPDATE ON v
            BEGIN UPDATE t SET a = NEW.a WHERE a = OLD.a; END;
        CREATE TRIGGER n INSTEAD OF DELETE ON none BEGIN SELECT 1; END;
    """)
    one(db, "SELECT migrate_config('environment', 'production')")
    for sql, does in (("DELETE FROM v", "deletes"),
                      ("DELETE FROM v WHERE 1", "deletes"),
                      ("UPDATE main.v SET a = 3", "updates")):
        add(db, "1", sql)
        # To look at a plan does not run what is in a view.
        same(one(db, "SELECT note FROM migrate_plan()"),
             f'destructive: {does} every row of view "v" (rows not counted)')
        confirm(db)
        fails(db, "SELECT migrate_apply()", "failed at line 1: it "
              + does + r' every row of view "v" \(2 rows\), and')
    same(rows(db, "SELECT a FROM t"), [(1,), (2,)])
    add(db, "1", "DELETE FROM v WHERE a = 1; DELETE FROM none; DROP VIEW v")
    confirm(db)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(rows(db, "SELECT a FROM t"), [(2,)])


def test_update_from(place):
    """A condition on other tables alone chooses none of the rows."""
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1);
        CREATE TABLE u (x, y); INSERT INTO u VALUES (1, 1);
    """)
    one(db, "SELECT migrate_config('environment', 'production')")
    if sqlite3.sqlite_version_info < (3, 33):
        print("# SQLite is older than UPDATE ... FROM")
        return
    for rest, passes in (
            ("FROM u WHERE x = 1", False), ("FROM u WHERE u.x = 1", False),
            ("FROM u AS w WHERE w.x = 1 AND y > 0", False),
            ("FROM u, (SELECT 1 AS z) WHERE z = x", False),
            ("FROM u JOIN u AS w ON w.x = u.x WHERE w.y = 1", False),
            ("FROM u WHERE EXISTS (SELECT 1 FROM u AS w WHERE w.x = y)", False),
            ("FROM (SELECT x FROM u WHERE x = 1)", False),
            ("FROM u WHERE x = a", True), ("FROM u WHERE t.a = 1", True),
            ("FROM u AS w WHERE w.x = t.b", True),
            ("FROM u WHERE EXISTS (SELECT 1 WHERE x = t.b)", True)):
        add(db, "1", "UPDATE t SET b = x + 1 " + rest)
        one(db, "SELECT note FROM migrate_plan()")
        confirm(db)
        db.execute("BEGIN")
        try:
            one(db, "SELECT migrate_apply()")
            same((rest, True), (rest, passes))
        except sqlite3.Error as error:
            matches(str(error), r'it updates every row of table "t" \(1 row\)')
            same((rest, False), (rest, passes))
        db.execute("ROLLBACK")


def test_attached_file_is_protected_by_its_own(place):
    """What a statement reaches beside the run's file counts as well."""
    other = connect(place / "other.db")
    other.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    one(other, "SELECT migrate_config('environment', 'production')")
    db = connect(place / "app.db")
    db.executescript("CREATE TABLE own (a); INSERT INTO own VALUES (1)")
    db.execute("ATTACH ? AS \"the other\"", (str(place / "other.db"),))
    refused = (r'it deletes every row of table "the other.t" \(1 row\), and '
               'environment "production" of that database is protected')
    add(db, "1", 'DELETE FROM own; DELETE FROM "the other".t')
    same(column(db, "SELECT note FROM migrate_plan()")[1],
         'destructive: deletes every row of table "the other.t" (1 row)')
    same(finding(db, "destructive statements")[0], "error")
    said = str(fails(db, "SELECT migrate_apply()", "refused at line 1: " + refused))
    matches(said, "-- migrate:destructive")
    same(one(db, "SELECT count(*) FROM own"), 1)
    # By its name alone, and behind a statement that hides what it means.
    add(db, "1", "CREATE TABLE x (a); ALTER TABLE x RENAME TO y; DELETE FROM t")
    fails(db, "SELECT migrate_apply()", "refused at line 1: " + refused)
    add(db, "1", "ALTER TABLE own RENAME TO t; ALTER TABLE t RENAME TO own;"
                 "DELETE FROM t")
    fails(db, "SELECT migrate_apply()", "failed at line 1: " + refused)
    # The mark, and what the other file says of itself.
    add(db, "1", '-- migrate:destructive\nDELETE FROM "the other".t')
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("ROLLBACK")
    add(db, "1", 'DELETE FROM "the other".t')
    one(other, "SELECT migrate_config('protected_environments', 'live')")
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("ROLLBACK")
    one(other, "SELECT migrate_config('environment', 'live')")
    fails(db, "SELECT migrate_apply()", 'environment "live" of that database')
    # What it does not say it has from the run's.
    one(other, "SELECT migrate_config('protected_environments', NULL)")
    one(db, "SELECT migrate_config('protected_environments', 'live')")
    fails(db, "SELECT migrate_apply()", 'environment "live" of that database')
    one(db, "SELECT migrate_config('protected_environments', '')")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_migration_attaches_what_is_protected(place):
    other = connect(place / "other.db")
    other.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    one(other, "SELECT migrate_config('environment', 'production')")
    db = connect(place / "app.db")
    path = str(place / "other.db")
    add(db, "1", f"ATTACH '{path}' AS o; DROP TABLE o.t; DETACH o")
    fails(db, "SELECT migrate_apply()",
          r'refused at line 1: it drops table "o.t" \(1 row\), and environment '
          '"production" of that database is protected')
    same(one(other, "SELECT count(*) FROM t"), 1)
    add(db, "1", f"-- migrate:destructive\nATTACH '{path}' AS o;"
                 "DROP TABLE o.t; DETACH o")
    same(one(db, "SELECT migrate_apply()"), 1)
    assert not exists(other, "t")


def test_attached_file_that_only_looks_like_ours(place):
    """Nothing of it is run, and what is no catalogue says nothing."""
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS o", (str(place / "other.db"),))
    add(db, "1", "DELETE FROM o.t")
    for made in ("CREATE VIEW o.migrate_setting AS SELECT 'environment' AS "
                 "name, 'production' AS value, abs(-9223372036854775808)",
                 "CREATE TABLE o.migrate_setting (what)",
                 "CREATE TABLE o.migrate_setting (name, value)"):
        db.executescript("CREATE TABLE o.t (a); INSERT INTO o.t VALUES (1);"
                         + made)
        if made.endswith("value)"):
            db.execute("INSERT INTO o.migrate_setting VALUES (NULL, x'00'), "
                       "('environment', NULL), (1, 2)")
        same(one(db, "SELECT migrate_apply()"), 1)
        one(db, "SELECT migrate_stamp('base')")
        kind = "VIEW" if "VIEW" in made else "TABLE"
        db.executescript(f"DROP {kind} o.migrate_setting; DROP TABLE o.t")


def test_names_that_mean_something_else_by_then(place):
    """What is moved in front of a statement is not held against it ahead."""
    db = connect(place / "app.db")
    full = "CREATE TABLE {0} (a); INSERT INTO {0} VALUES (1);"
    one(db, "SELECT migrate_config('environment', 'production')")
    for first, second in (
            ("ALTER TABLE c RENAME TO kept; CREATE TABLE c (a)", "DROP TABLE c"),
            ('ALTER TABLE main.c RENAME TO "kept"; CREATE TABLE C (a)',
             "DELETE FROM main.[C]"),
            ("-- migrate:destructive\nDROP TABLE c; CREATE TABLE c (a)",
             "DROP TABLE IF EXISTS c"),
            ("CREATE TEMPORARY TABLE IF NOT EXISTS c (a); DROP TABLE c",
             "SELECT 1"),
            ("CREATE TABLE IF NOT EXISTS [temp].c (a); DELETE FROM c;"
             "DROP TABLE c", "SELECT 1")):
        db.execute("BEGIN")
        for sql in full.format("c").split(";")[:2]:
            db.execute(sql)
        add(db, "1", first)
        add(db, "2", second)
        same(finding(db, "destructive statements")[0] != "error", True)
        confirm(db)
        same(one(db, "SELECT migrate_apply()"), 2)
        db.execute("ROLLBACK")
    # Another table's name is as sure as ever, and so is a column's rename.
    db.executescript(full.format("c") + full.format("cc"))
    add(db, "2", "DROP TABLE cc")
    for first in ("ALTER TABLE c RENAME TO kept",
                  "ALTER TABLE cc RENAME a TO b", "DROP TABLE IF EXISTS x"):
        add(db, "1", first)
        confirm(db)
        fails(db, "SELECT migrate_apply()",
              r'migration "2" is refused at line 1: it drops table "cc"')
        assert is_confirmed(db)
    # What it does mean by then is looked at in its turn.
    add(db, "1", "DROP TABLE IF EXISTS x; ALTER TABLE c RENAME TO kept;"
                 "ALTER TABLE cc RENAME TO c")
    add(db, "2", "DROP TABLE c")
    fails(db, "SELECT migrate_apply()",
          r'migration "2" failed at line 1: it drops table "c" \(1 row\)')
    check_sound(db)


def test_made_in_front_of_an_attached_file(place):
    """What is made in main hides an attached file's table of that name."""
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS o", (str(place / "other.db"),))
    db.executescript("""
        CREATE TABLE o.t (a); INSERT INTO o.t VALUES (1);
        CREATE TABLE o.[a "b"] (a); INSERT INTO o.[a "b"] VALUES (1);
        CREATE TABLE main.none (a);
    """)
    one(db, "SELECT migrate_config('environment', 'production')")
    confirm(db)

    def run(first, second="DELETE FROM t"):
        one(db, "SELECT migrate_add('1', ?)", first)
        one(db, "SELECT migrate_add('2', ?)", second)
        db.execute("BEGIN")
        try:
            db.execute("SELECT migrate_apply()").fetchall()
            return "passed"
        except Exception as error:
            return "refused" if " is refused at " in str(error) else "failed"
        finally:
            db.execute("ROLLBACK")

    for first in (
            "CREATE TABLE t (a)", 'CREATE TABLE main."T" (a)',
            "CREATE TABLE t AS SELECT 1 AS a WHERE 0",
            "CREATE VIEW t AS SELECT * FROM none"):
        passed = "passed" if "VIEW" not in first else "failed"
        same((first, run(first)), (first, passed))
        same((first, run(first, "SELECT 1; UPDATE [t] SET a = 1")),
             (first, passed))
    same(run("CREATE TEMP TABLE IF NOT EXISTS t (a); DELETE FROM t",
             "SELECT 1"), "passed")
    same(run('CREATE TABLE "a ""b""" (a)', 'DELETE FROM [a "b"]'), "passed")
    # What is made has rows by then.
    same(run("CREATE TABLE t AS SELECT 1 AS a"), "failed")
    # What is certain stays so.
    for first in ("CREATE TABLE u (a)", "CREATE TABLE IF NOT EXISTS o.t (a)",
                  "CREATE TABLE a (t)", "CREATE INDEX o.i ON t (a)"):
        same((first, run(first)), (first, "refused"))
        same((first, run(first, "UPDATE t SET a = 1")), (first, "refused"))
    check_sound(db)


def test_triggers_that_a_statement_fires(place):
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS o", (str(place / "other.db"),))
    for schema in ("main", "o"):
        db.executescript(f"""
            CREATE TABLE {schema}.t (a, b);
            CREATE TABLE {schema}.basket (a, b);
            INSERT INTO {schema}.basket VALUES (1, 1), (2, 2);
            CREATE TABLE {schema}.bare (a);
            CREATE TABLE {schema}.begun (begin);
            CREATE TABLE {schema}.other (a UNIQUE);
            CREATE TABLE {schema}.child (a REFERENCES other(a)
                ON DELETE CASCADE);
            INSERT INTO {schema}.other VALUES (1);
            INSERT INTO {schema}.child VALUES (1);
            CREATE VIEW {schema}.v AS SELECT a FROM t;
        """)
    db.execute("CREATE TRIGGER o.tr AFTER INSERT ON t BEGIN "
               "DELETE FROM basket; END")
    db.execute("PRAGMA foreign_keys = on")
    one(db, "SELECT migrate_config('environment', 'production')")
    confirm(db)

    def run(trigger, sql="INSERT INTO t VALUES (1, 2)", within=False):
        """What a statement is refused for; the trigger may come with it."""
        db.execute("BEGIN")
        try:
            if not within:
                db.execute(trigger)
            one(db, "SELECT migrate_add('1', ?)",
                f"{trigger};\n{sql}" if within else sql)
            same(set(column(db, "SELECT note FROM migrate_plan()")), {None})
            db.execute("SELECT migrate_apply()").fetchall()
            return None
        except Exception as error:
            line = str(error).split("\n")[0]
            matches(line, '^migration "1" failed at line [1-3]: it .*, and '
                    'environment "production" is protected$')
            return line.split(": it ")[1].split(", and env")[0]
        finally:
            db.execute("ROLLBACK")

    def both(trigger, sql="INSERT INTO t VALUES (1, 2)"):
        found = run(trigger, sql)
        same((trigger, run(trigger, sql, within=True)), (trigger, found))
        return found

    deletes = ('fires trigger "tr", which deletes every row of table "basket" '
               "(2 rows)")
    updates = deletes.replace("deletes", "updates")
    for body, said in (
            ("DELETE FROM basket", deletes),
            ("DELETE FROM basket WHERE 1", deletes),
            ("DELETE FROM basket WHERE NEW.a = 1", deletes),
            ("DELETE FROM basket WHERE new.a > 0 AND NEW . b IS 2", deletes),
            ('DELETE FROM basket WHERE "new".a > 0 AND [NEW]."b" = 2', deletes),
            ("/* ; */ SELECT 1; DELETE FROM [basket] -- WHERE a\n", deletes),
            ("UPDATE basket SET a = NEW.a", updates),
            ("UPDATE OR IGNORE basket SET a = CASE WHEN 1 THEN 2 END", updates),
            ("INSERT INTO bare VALUES (1); UPDATE basket SET b = 1", updates),
            ("DELETE FROM bare", None),
            ("DELETE FROM basket WHERE a = NEW.a", None),
            ("UPDATE basket SET b = 1 WHERE a = 1; SELECT 1", None),
            ("INSERT INTO bare SELECT 'DELETE FROM basket;'", None)):
        said = (body, said)
        same((body, both(f"CREATE TRIGGER tr AFTER INSERT ON t BEGIN {body}; "
                         "END")), said)
    # Words that look like the body's beginning, and other forms.
    for form in ("CREATE TRIGGER tr BEFORE INSERT ON t WHEN NEW.a = 1 BEGIN {} ",
                 "CREATE TRIGGER tr INSERT ON t FOR EACH ROW WHEN 'on begin' "
                 "BEGIN {} ",
                 "CREATE TEMPORARY TRIGGER IF NOT EXISTS tr AFTER INSERT ON "
                 "main.t begin {}",
                 'CREATE TRIGGER main."tr" AFTER INSERT ON [t] '
                 "-- BEGIN DELETE\nBEGIN {}"):
        same((form, both(form.format("DELETE FROM basket; END"))),
             (form, deletes))
    same(both("CREATE TRIGGER tr AFTER INSERT ON begun WHEN NEW.begin BEGIN "
              "DELETE FROM basket; END", "INSERT INTO begun VALUES (1)"), deletes)
    same(both("CREATE TRIGGER begin DELETE ON t BEGIN SELECT 1; END",
              "DELETE FROM t WHERE a = 1"), None)
    # A temporary table of its table's name is another.
    same(run("CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE basket SET b = 1 "
             'WHERE "a" = NEW.a; END; CREATE TEMP TABLE basket (c)',
             within=True), None)
    # Only what the statement fires.
    tr = "CREATE TRIGGER tr AFTER {} BEGIN DELETE FROM basket; END"
    for event, sql, fires in (
            ("DELETE ON t", "DELETE FROM t WHERE a = 1", True),
            ("DELETE ON t", "INSERT INTO t VALUES (1, 2)", False),
            ("INSERT ON t", "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 2 "
             "FROM x", True),
            ("INSERT ON t", "REPLACE INTO main.t VALUES (1, 2)", True),
            ("UPDATE OF a ON t", "UPDATE t SET a = 1 WHERE b = 2", True),
            ("UPDATE OF a ON t", "UPDATE t SET b = 1 WHERE b = 2", False),
            ("DELETE ON child", "DELETE FROM other WHERE a = 1", True)):
        case = (event, sql)
        same((case, both(tr.format(event), sql)),
             (case, deletes if fires else None))
    same(both("CREATE TRIGGER tr INSTEAD OF DELETE ON v BEGIN "
              "DELETE FROM basket; END", "DELETE FROM v WHERE a = 1"), deletes)
    # One that another fires.
    db.execute("CREATE TRIGGER tr AFTER INSERT ON bare BEGIN "
               "DELETE FROM basket; END")
    same(run("CREATE TRIGGER first AFTER INSERT ON t BEGIN "
             "INSERT INTO bare VALUES (1); END"), deletes)
    db.execute("DROP TRIGGER main.tr")
    # In an attached file, and from a temporary trigger into it.
    there = deletes.replace('"basket"', '"o.basket"')
    same(run("SELECT 1", "INSERT INTO o.t VALUES (1, 2)"), there)
    db.executescript("""
        CREATE TABLE o.only (a); INSERT INTO o.only VALUES (1);
        CREATE TRIGGER o.far AFTER INSERT ON only BEGIN
            DELETE FROM basket; END;
    """)
    for body, said in (
            ("INSERT INTO t VALUES (1, 2)", None),
            ("INSERT INTO only VALUES (1)", there.replace('"tr"', '"far"')),
            ("DELETE FROM only", 'fires trigger "near", which deletes every '
                                 'row of table "o.only" (1 row)')):
        same((body, both("CREATE TEMP TRIGGER near AFTER INSERT ON main.bare "
                         f"BEGIN {body}; END", "INSERT INTO bare VALUES (1)")),
             (body, said))
    # The mark lets it pass.
    same(run("CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM basket; END",
             "-- migrate:destructive\nINSERT INTO t VALUES (1, 2)"), None)
    check_sound(db)


def test_triggers_behind_many_statements(place):
    """Where there is none, it is not asked any more, until one can be made."""
    db = connect(place / "app.db")
    db.executescript("CREATE TABLE t (a); CREATE TABLE basket (a);"
                     "INSERT INTO basket VALUES (1)")
    one(db, "SELECT migrate_config('environment', 'production')")
    many = "INSERT INTO t VALUES (1);\n" * 20
    trigger = ("CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM basket; "
               "END;\n")
    one(db, "SELECT migrate_add('1', ?)", many + trigger + many)
    confirm(db)
    fails(db, "SELECT migrate_apply()",
          r'migration "1" failed at line 22: it fires trigger "tr"')
    one(db, "SELECT migrate_add('1', ?)",
        trigger + "DELETE FROM t WHERE a = 1;\n" * 20 + many)
    confirm(db)
    fails(db, "SELECT migrate_apply()",
          r'migration "1" failed at line 22: it fires trigger "tr"')
    # One that another migration of the same commit has made.
    one(db, "SELECT migrate_config('commit_every', '1h')")
    one(db, "SELECT migrate_add('1', ?)", many)
    one(db, "SELECT migrate_add('2', ?)", trigger)
    one(db, "SELECT migrate_add('3', ?)", many)
    confirm(db)
    fails(db, "SELECT migrate_apply()",
          r'migration "3" failed at line 1: it fires trigger "tr"')
    check_sound(db)


def test_long_names_are_cut_between_letters(place):
    db = connect(place / "app.db")
    name = "\u20ac" * 80
    db.execute(f'CREATE TABLE "{name}" ("{name}", b)')
    db.execute(f'INSERT INTO "{name}" VALUES (1, 2)')
    one(db, "SELECT migrate_config('environment', 'production')")
    add(db, "1", f'DROP TABLE "{name}"')
    add(db, "2", f'ALTER TABLE "{name}" DROP COLUMN "{name}"')
    cut = name[:66]
    same(column(db, "SELECT note FROM migrate_plan()"),
         [f'destructive: drops table "{cut}" (1 row)',
          f'destructive: drops column "{cut}" of table "{cut}" (1 row)'])


def test_conditions_that_choose_no_rows(place):
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 1);
        CREATE TABLE u (a, x); INSERT INTO u VALUES (1, 1);
    """)
    one(db, "SELECT migrate_config('environment', 'production')")

    def refused(condition, with_=""):
        """By the plan, and when it runs."""
        add(db, "1", f"{with_} DELETE FROM t WHERE {condition}")
        seen = one(db, "SELECT note FROM migrate_plan()") is not None
        confirm(db)
        db.execute("BEGIN")
        try:
            db.execute("SELECT migrate_apply()").fetchall()
            return seen, False
        except Exception as error:
            matches(str(error), 'it deletes every row of table "t"')
            return seen, True
        finally:
            db.execute("ROLLBACK")

    for condition in (
            "1", "random() or 1", "abs(1) > random()", "CAST(1 AS INTEGER)",
            "CAST('1' AS decimal(10, 2)) > 0", "CASE WHEN 1 THEN 2 ELSE 0 END",
            "'a' COLLATE nocase = 'A'", "1 IN (1, 2, 3)", "x'00' = x'00'",
            "current_timestamp > '2020'", "'a' LIKE 'A' ESCAPE '\\'",
            "1 NOTNULL", "1 IS NOT DISTINCT FROM 1", "\"random\"() or 1",
            "(1 = 1) AND (2) ISNULL IS FALSE", "1 BETWEEN 0 AND 2",
            "iif(1, 1, 0)", "/* a */ 1 -- b = 1"):
        same((condition, refused(condition)), (condition, (True, True)))
    for condition in (
            "(SELECT true)", "EXISTS (SELECT 1 FROM u)",
            "EXISTS (SELECT 1 FROM u WHERE x = 1)",
            "EXISTS (SELECT 1 FROM t WHERE t.a = 1)",
            "1 IN (SELECT x FROM u WHERE u.a = (SELECT max(a) FROM u))",
            "(WITH v AS (SELECT 1 AS c) SELECT c FROM v)",
            "2 > (VALUES (1))", "\"mistyped\" <> 'x'",
            "NOT (\"x\" IS NULL)"):
        same((condition, refused(condition)), (condition, (False, True)))
    same(refused("EXISTS (SELECT 1 FROM w WHERE y)",
                 "WITH w AS (SELECT 1 AS y)"), (False, True))
    for condition in (
            "a", "a IS 1", "rowid = 1", "\"a\" = 1", "[a] = 1", "`a` = 1",
            "t.a = 1", "abs(a) = 1", "CAST(a AS INTEGER) = 1",
            "CASE a WHEN 1 THEN 1 END", "a COLLATE nocase = '1'",
            "1 IN (a, 2)", "a IN (SELECT x FROM u)",
            "EXISTS (SELECT 1 FROM u WHERE u.x = t.a)",
            "EXISTS (SELECT 1 FROM u WHERE x = b)",
            "(SELECT max(x) FROM u WHERE u.a = t.a) = 1",
            "EXISTS (SELECT 1 FROM u WHERE \"b\" = 1)",
            "\"t\".\"a\" = 1", "\"mistyped\" <> 'x' AND \"B\" = 1",
            "\"rowid\" = 1"):
        same((condition, refused(condition)), (condition, (False, False)))
    check_sound(db)


def test_schema_by_hand_and_statistics(place):
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a);
        ANALYZE;
    """)
    one(db, "SELECT migrate_config('environment', 'production')")
    for sql in ("DELETE FROM sqlite_schema WHERE name = 't'",
                "UPDATE main.sqlite_master SET sql = 'x' WHERE name = 't'",
                "INSERT OR IGNORE INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
                "REPLACE INTO \"sqlite_schema\" VALUES (1, 2, 3, 4, 5)"):
        add(db, "1", "PRAGMA writable_schema = on; " + sql)
        confirm(db)
        fails(db, "SELECT migrate_apply()",
              "it changes the schema by hand, in table \"sqlite_")
    for sql in ("DELETE FROM sqlite_stat1", "UPDATE sqlite_stat1 SET stat = '1'",
                "DROP TABLE sqlite_stat1"):
        add(db, "1", sql)
        same(one(db, "SELECT note FROM migrate_plan()"), None)
        confirm(db)
        same(one(db, "SELECT migrate_apply()"), 1)
        one(db, "SELECT migrate_config('environment', 'test')")
        one(db, "SELECT migrate_stamp('base')")
        one(db, "SELECT migrate_config('environment', 'production')")
    check_sound(db)


def test_virtual_tables(place):
    db = connect(place / "app.db")
    try:
        db.execute("CREATE VIRTUAL TABLE f USING fts5(a)")
    except Exception as error:
        print(f"# without FTS5: {error}")
        return
    # To look at a plan runs no module.
    add(db, "1", "DROP TABLE f")
    same(one(db, "SELECT note FROM migrate_plan()"),
         'destructive: drops table "f" (rows not counted)')
    one(db, "SELECT migrate_config('environment', 'production')")
    confirm(db)
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("CREATE VIRTUAL TABLE f USING fts5(a)")
    db.execute("INSERT INTO f VALUES ('x')")
    add(db, "2", "DROP TABLE f")
    confirm(db)
    fails(db, "SELECT migrate_apply()", r'it drops table "f" \(1 row\)')


def test_quoted_columns_of_virtual_tables(place):
    """A module is asked which columns its table has, also as the first thing
    on a connection."""
    db = connect(place / "app.db")
    try:
        db.execute("CREATE VIRTUAL TABLE f USING fts5(title, body)")
    except Exception as error:
        print(f"# without FTS5: {error}")
        return
    db.execute("INSERT INTO f VALUES ('a', 'b'), ('c', 'd')")
    one(db, "SELECT migrate_config('environment', 'production')")
    for sql, found in (
            ("DELETE FROM \"f\" WHERE \"title\" = 'x'", None),
            ("DELETE FROM f WHERE \"f\" MATCH 'x'", None),
            ("UPDATE main.[f] SET body = 'e' WHERE \"title\" = 'x'", None),
            ("DELETE FROM f WHERE \"none\" = 'x'", "deletes every row")):
        one(db, "SELECT migrate_add('1', ?)", sql)
        confirm(db)
        db.close()
        db = connect(place / "app.db")
        db.execute("BEGIN")
        if found is None:
            same((sql, one(db, "SELECT migrate_apply()")), (sql, 1))
        else:
            fails(db, "SELECT migrate_apply()", found)
        db.execute("ROLLBACK")
    check_sound(db)


def test_ended_while_rows_are_counted(place):
    """That is told as what it is, and not as what would be lost."""
    db = connect(place / "app.db")
    db.executescript("""
        CREATE TABLE t (a); INSERT INTO t VALUES (1);
        CREATE VIEW v AS WITH RECURSIVE n(x) AS
            (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000)
            SELECT max(x) AS most FROM n;
        CREATE TRIGGER tr INSTEAD OF DELETE ON v BEGIN SELECT 1; END;
    """)
    add(db, "1", "DELETE FROM v")
    one(db, "SELECT migrate_config('environment', 'production')")
    confirm(db)
    end = time.monotonic() + 0.3
    db.set_progress_handler(lambda: time.monotonic() > end, 1000)
    fails(db, "SELECT migrate_apply()", 'migration "1" failed at line 1: '
          "interrupted", "SQLITE_INTERRUPT")
    db.set_progress_handler(None, 0)
    check_sound(db)


def test_rebuild_keeps_what_it_can(place):
    db = connect(place / "app.db")
    needs_schema_writes(db)
    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c)")
    add(db, "1", "SELECT migrate_rebuild('t', '(a INTEGER PRIMARY KEY, c)')")
    add(db, "2", "SELECT migrate_rebuild('t', '(a INTEGER PRIMARY KEY, c)')")
    one(db, "SELECT migrate_config('environment', 'production')")
    db.execute("INSERT INTO t VALUES (1, 'x', 'y')")
    confirm(db)
    fails(db, "SELECT migrate_apply()",
          'it leaves out column "b" of table "t", which has rows')
    same(rows(db, "SELECT * FROM t"), [(1, "x", "y")])
    add(db, "1", "SELECT migrate_rebuild('t', '(a INTEGER PRIMARY KEY, "
                 "c NOT NULL, d TEXT)', 'd = b')")
    confirm(db)
    same(one(db, "SELECT migrate_apply('1')"), 1)
    same(rows(db, "SELECT * FROM t"), [(1, "y", "x")])
    confirm(db)
    fails(db, "SELECT migrate_apply('2')",
          'it leaves out column "d" of table "t", which has rows')
    add(db, "2", "SELECT migrate_rebuild('t', '(a INTEGER PRIMARY KEY, "
                 "c INTEGER, d TEXT)')")
    confirm(db)
    fails(db, "SELECT migrate_apply('2')",
          'it changes the type of column "c" of table "t"')
    # Said so, without rows, or called by hand.
    add(db, "2", "-- migrate:destructive\nSELECT migrate_rebuild('t', "
                 "'(a INTEGER PRIMARY KEY, c)')")
    confirm(db)
    same(one(db, "SELECT migrate_apply('2')"), 1)
    db.execute("DELETE FROM t")
    add(db, "3", "SELECT migrate_rebuild('t', '(a INTEGER PRIMARY KEY)')")
    confirm(db)
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("INSERT INTO t VALUES (1)")
    one(db, "SELECT migrate_rebuild('t', '(z)')")
    check_sound(db)


def test_backup_counts(place):
    db = protected(place)
    one(db, "SELECT migrate_config('environment', 'test')")
    one(db, "SELECT migrate_config('require_backup', '1')")
    fails(db, "SELECT migrate_apply()",
          "^there is no backup of the last 1 hour\n")
    one(db, "SELECT migrate_backup('copy.db')")
    same(one(db, "SELECT migrate_apply()"), 1)
    # An older one does not.
    db.execute("UPDATE migrate_event SET at = at - 3700000000 "
               "WHERE action = 'backup'")
    said = str(fails(db, "SELECT migrate_rollback()", "^there is no backup"))
    matches(said, "the newest backup is 61 min old")
    same(finding(db, "backup")[0], "error")
    # A run that makes one itself needs no other.
    one(db, "SELECT migrate_config('backup', 'run-{time}.db')")
    same(finding(db, "backup")[0], "ok")
    same(one(db, "SELECT migrate_rollback()"), 1)


def test_preflight_of_precautions(place):
    """What a run inside a transaction cannot do is said before."""
    db = protected(place)
    one(db, "SELECT migrate_config('environment', 'test')")
    same(column(db, "SELECT state FROM migrate_preflight() "
                    "WHERE name = 'precautions'"), [])
    for name, value in (("backup", "run-{time}.db"), ("rehearse", "on")):
        one(db, "SELECT migrate_config(?, ?)", name, value)
        same(finding(db, "precautions")[0], "ok")
        db.execute("BEGIN")
        state, detail = finding(db, "precautions")
        same(state, "error")
        matches(detail, f"The setting {name} asks for it")
        fails(db, "SELECT migrate_apply()", "^a run inside a transaction")
        db.execute("ROLLBACK")
        one(db, "SELECT migrate_config(?, NULL)", name)


def test_preflight_of_the_disk(place):
    db = protected(place)
    one(db, "SELECT migrate_config('environment', 'test')")
    disk = os.statvfs(place)
    free = disk.f_bavail * disk.f_frsize // 2**20
    same(finding(db, "free disk space")[0],
         "ok" if free >= 100 else "error")
    if free >= 999000:
        print("# a disk with room for everything: its want is not tried")
        return
    one(db, "SELECT migrate_config('min_free_disk', '1000000')")
    same(finding(db, "free disk space")[0], "error")
    one(db, "SELECT migrate_config('preflight', 'error')")
    fails(db, "SELECT migrate_apply()", "^free disk space: ")
    assert not exists(db, "one")
    one(db, "SELECT migrate_config('preflight', 'warn')")
    same(one(db, "SELECT migrate_apply()"), 1)
    one(db, "SELECT migrate_config('preflight', 'error')")
    one(db, "SELECT migrate_config('min_free_disk', '0')")
    same(one(db, "SELECT migrate_rollback()"), 1)
    same(finding(db, "free disk space"), ("not checked", "min_free_disk is 0"))


def test_preflight_of_locks_and_rights(place):
    db = protected(place)
    same(finding(db, "locks")[0], "ok")
    same(finding(db, "writable")[0], "ok")
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    same(finding(db, "locks")[0], "warning")
    holder.end()
    same(finding(db, "locks")[0], "ok")
    db.execute("BEGIN")
    same(finding(db, "locks")[0], "not checked")
    db.execute("ROLLBACK")
    db.execute("PRAGMA query_only = on")
    same(finding(db, "writable")[0], "error")
    only = connect(f"file:{place / 'app.db'}?mode=ro", uri=True)
    same(finding(only, "writable")[0], "error")
    same(finding(only, "integrity")[0], "ok")
    memory = connect(":memory:")
    same([r[1] for r in rows(memory, "SELECT * FROM migrate_preflight()")
          if r[0] in ("free disk space", "locks", "integrity")],
         ["not checked", "not checked", "ok"])


def test_preflight_writes_nothing(place):
    path = place / "app.db"
    connect(path).execute("CREATE TABLE t (a)")
    before = path.read_bytes()
    db = connect(path)
    states = column(db, "SELECT state FROM migrate_preflight()")
    same(sorted(set(states)), ["ok"])
    same(path.read_bytes(), before)
    same(os.listdir(place), ["app.db"])
    fails(db, "SELECT * FROM migrate_preflight(1)", "must be text")


def test_preflight_of_a_damaged_file(place):
    path = place / "app.db"
    db = protected(place)
    db.executescript(
        "CREATE TABLE big (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n LIMIT 2000) INSERT INTO big SELECT "
        "randomblob(100) FROM n;")
    page = one(db, "PRAGMA page_size")
    pages = one(db, "PRAGMA page_count")
    db.close()
    with open(path, "r+b") as file:
        file.seek((pages - 5) * page)
        file.write(b"\xff" * page * 3)
    db = connect(path)
    state, detail = finding(db, "integrity")
    same(state, "error")
    assert "\n" not in detail, detail

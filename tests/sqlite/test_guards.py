"""Guards: confirmation, statements that destroy rows, backups, preflight."""

import os

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


def test_several_start_at_once(place):
    """Whoever finds all done behind the lock needs no confirmation."""
    db = protected(place)
    confirm(db)
    other = connect(place / "app.db")
    same(one(other, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT migrate_apply()"), 0)
    same(len(confirmed_runs(db)), 1)


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
          'as the rehearsal failed: migration "1" failed at line 1: it drops')
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
        CREATE TRIGGER v_d INSTEAD OF DELETE ON v BEGIN SELECT 1; END;
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
        ("DELETE FROM v", None),
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
        said = str(fails(db, "SELECT migrate_apply()", "failed at line 1: it "))
        assert f"it {loses}, and" in said, (sql, said)
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

"""What the sqlite3 shell writes and reads: dumps, its commands."""

import shutil
import subprocess

from tools import (add, check_sound, column, connect, exists, fails,
                   needs_schema_writes, one, rows, same, states)

SOURCE = """
CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY AUTOINCREMENT, [a b] TEXT,
                           c BLOB, d REAL, e INT GENERATED ALWAYS AS (id + 1));
INSERT INTO "odd ""name" ([a b], c, d) VALUES
  ('it''s' || char(10) || char(13) || ';', x'00ff', 1e300), (NULL, NULL, -0.0),
  ('\x01 END;', zeroblob(3), 9223372036854775807);
DELETE FROM "odd ""name" WHERE id = 3;
CREATE TABLE child (p REFERENCES later ON DELETE CASCADE);
INSERT INTO child VALUES (1), (2);
CREATE TABLE later (id INTEGER PRIMARY KEY) ;
INSERT INTO later VALUES (1), (2);
CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO w VALUES ('a', 1);
CREATE VIEW v AS SELECT 'x;' AS y, * FROM w;
CREATE TRIGGER t AFTER INSERT ON w BEGIN
  INSERT INTO later SELECT CASE WHEN new.v > 1 THEN 100 ELSE 200 END; -- END;
END;
CREATE INDEX i ON w (v DESC) WHERE v > 0;
CREATE VIRTUAL TABLE f USING fts5(body);
INSERT INTO f VALUES ('hello world');
CREATE VIRTUAL TABLE r USING rtree(id, a, b);
INSERT INTO r VALUES (1, 2, 3);
ANALYZE;
"""


def shell(path, text):
    """What the shell prints for a text, or nothing where there is none."""
    return subprocess.run(["sqlite3", str(path)], input=text, text=True,
                          capture_output=True, check=True).stdout


def test_a_dump_is_a_migration(place):
    if shutil.which("sqlite3") is None:
        print("# skipped: there is no sqlite3 shell")
        return
    if needs_schema_writes(connect(":memory:")):
        return
    source = place / "source.db"
    shell(source, SOURCE)
    dump = shell(source, ".dump\n")
    assert "writable_schema" in dump and "foreign_keys=OFF" in dump, dump
    for keys in (0, 1):
        path = place / f"{keys}.db"
        db = connect(path)
        db.execute(f"PRAGMA foreign_keys = {keys}")
        add(db, "1", dump)
        add(db, "2", "INSERT INTO f VALUES ('second'); "
                     "INSERT INTO f(f) VALUES ('integrity-check')")
        same(one(db, "SELECT migrate_apply()"), 2)
        same(rows(db, "SELECT rowid, * FROM f WHERE f MATCH 'hello'"),
             [(1, "hello world")])
        same(rows(db, "SELECT * FROM r"), [(1, 2.0, 3.0)])
        same(one(db, "SELECT seq FROM sqlite_sequence WHERE name LIKE 'odd%'"),
             3)
        same(one(db, "PRAGMA writable_schema"), 0)
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(rows(db, "PRAGMA foreign_key_check"), [])
        check_sound(db)
        db.close()
        for query in ('SELECT *, hex(c) FROM "odd ""name"',
                      "SELECT * FROM child, w, v, later",
                      "SELECT type, name, sql FROM sqlite_schema WHERE "
                      "tbl_name NOT LIKE 'migrate%' AND name NOT LIKE "
                      "'sqlite_%' ORDER BY type, name"):
            same(shell(path, query + ";\n"), shell(source, query + ";\n"))


def test_a_damaged_dump_is_refused(place):
    db = connect(":memory:")
    add(db, "1", "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"
                 "CREATE TABLE t (x);\nROLLBACK; -- due to errors\n")
    fails(db, "SELECT migrate_apply()", "line 4: ROLLBACK cannot stand")
    assert not exists(db, "t")
    check_sound(db)


def test_a_schema_written_badly_is_undone(place):
    db = connect(":memory:")
    if needs_schema_writes(db):
        return
    db.execute("CREATE TABLE t (x)")
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
                 "'CREATE TABLE t (' WHERE name = 't'")
    fails(db, "SELECT migrate_apply()", '"2" failed at its end: malformed')
    same(one(db, "PRAGMA writable_schema"), 0)
    same(states(db), [("1", "applied"), ("2", "failed")])
    db.execute("INSERT INTO t VALUES (1)")
    check_sound(db)


def test_commands_that_display_are_passed_over(place):
    db = connect(":memory:")
    add(db, "1", "# made by hand\n.bail on\n.mode box\n.headers off; on\r\n"
                 ".print it's \"begun\ncreate table t (x);\n.timer on\n"
                 "INSERT INTO t VALUES ('\n.read x\n');\n.schema\n.exit\n\n;")
    same(column(db, "SELECT statement FROM migrate_plan()"), [1, 2])
    same(one(db, "SELECT migrate_apply()"), 1)
    same(column(db, "SELECT x FROM t"), ["\n.read x\n"])
    check_sound(db)


def test_commands_that_do_something_are_refused(place):
    db = connect(":memory:")
    for command, hint in ((".read other.sql", "a migration of its own"),
                          (".import a.csv t", "INSERT"),
                          (".load ./x", "before the migrations"),
                          (".quit", "Remove what stands behind"),
                          (".parameter set @a 1", "migrate_config"),
                          (".backup x", "VACUUM INTO"),
                          (".shell ls", "no shell"),
                          (".nosuch", "passed over"), (".", "passed over")):
        rows(db, "SELECT migrate_add('1', ?)",
             f"CREATE TABLE t (x);\n-- a\n{command}\nSELECT 1;")
        name = command.split()[0]
        fails(db, "SELECT migrate_apply()",
              'migration "1" failed at line 3: the sqlite3 shell\'s command '
              rf"\{name} cannot stand in a migration\n(.|\n)*{hint}")
        assert not exists(db, "t")
        check_sound(db)
    # Elsewhere the shell does not take it for a command either.
    rows(db, "SELECT migrate_add('1', 'SELECT 1\n.5; SELECT 1 .mode')")
    fails(db, "SELECT migrate_apply()", "near ")


def test_extensions_are_not_loaded(place):
    db = connect(":memory:")
    db.enable_load_extension(True)
    add(db, "1", "CREATE TABLE t (x);\nSELECT load_extension('nosuch')")
    fails(db, "SELECT migrate_apply()",
          "line 2: load_extension\\(\\) cannot stand in a migration")
    rows(db, "SELECT migrate_add('1', 'CREATE TABLE load_extension (x); "
             "SELECT \"load_extension\".x, ''load_extension('' FROM "
             "load_extension')")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_temporary_objects_end_with_their_migration(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (x); CREATE TEMP TABLE mine (x);"
                     "CREATE TEMP VIEW my_view AS SELECT 1")
    kept = ["mine", "my_view"]
    add(db, "1", """CREATE TEMPORARY TABLE "odd ""one" (x UNIQUE);
CREATE TABLE temp.two (x INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE INDEX temp.three ON two (x); CREATE TEMP VIEW four AS SELECT 1;
CREATE TEMP TRIGGER five AFTER INSERT ON main.t BEGIN
  INSERT INTO two VALUES (new.x); END;
CREATE VIRTUAL TABLE temp.six USING fts5(x);
CREATE TEMP TABLE IF NOT EXISTS mine (y); INSERT INTO mine VALUES (1);
INSERT INTO t VALUES (5); INSERT INTO t SELECT x + 1 FROM two;""")
    add(db, "2", "CREATE TEMP TABLE two (x); INSERT INTO t VALUES (7)")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(column(db, "SELECT x FROM t"), [5, 6, 7])
    same(column(db, "SELECT name FROM temp.sqlite_schema WHERE name NOT LIKE "
                    "'sqlite_%' ORDER BY name"), kept)
    same(column(db, "SELECT x FROM mine"), [1])
    add(db, "3", "CREATE TEMP TABLE two (x); nonsense")
    fails(db, "SELECT migrate_apply()", "nonsense")
    same(column(db, "SELECT name FROM temp.sqlite_schema WHERE name NOT LIKE "
                    "'sqlite_%' ORDER BY name"), kept)
    check_sound(db)


def test_virtual_tables_and_statistics(place):
    db = connect(":memory:")
    add(db, "1", """CREATE VIRTUAL TABLE f USING fts5(x, y);
INSERT INTO f VALUES ('some; text', 'END;');
INSERT INTO f(f) VALUES ('rebuild'); INSERT INTO f(f) VALUES ('optimize');
CREATE VIRTUAL TABLE r USING rtree(i, a, b); INSERT INTO r VALUES (1, 2, 3);
CREATE TABLE t (x COLLATE NOCASE); CREATE INDEX i ON t (x);
INSERT INTO t VALUES ('a'); REINDEX; REINDEX t; REINDEX NOCASE; ANALYZE;
ANALYZE t; ALTER TABLE f RENAME TO g; DROP TABLE r; PRAGMA optimize;""",
        "DROP TABLE g; DROP TABLE t")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(rows(db, "SELECT x FROM g WHERE g MATCH 'text'"), [("some; text",)])
    same(one(db, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'r%'"), 0)
    assert exists(db, "g_data")
    check_sound(db)
    same(one(db, "SELECT migrate_rollback()"), 1)
    assert not exists(db, "g_data")
    check_sound(db)

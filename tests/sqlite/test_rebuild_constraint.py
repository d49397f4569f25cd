"""migrate_rebuild() adds and drops constraints: by ALTER TABLE from 3.53 on."""

import sqlite3

from test_rebuild import (is_defined, rebuild, same_schemas, schema,
                          unharmed)
from test_rebuild_kinds import shell
from tools import MIGRATE, connect, fails, is_defensive, one, rows, same

ALTERS = sqlite3.sqlite_version_info >= (3, 53)

# Old, new, and whether the library's ALTER TABLE gets exactly that text.
CHANGES = (
    ("(a INT NOT NULL, b)", "(a INT, b)", True),
    ("(a INT NOT NULL ON CONFLICT IGNORE, b)", "(a INT, b)", True),
    ("(a INT, b)", "(a INT NOT NULL, b)", True),
    ("(a INT, b)", "(a INT, b, CHECK (a > 0))", True),
    ("(a INT, b)", '(a INT, b, CONSTRAINT "x y" CHECK (a > 0 AND b))', True),
    ("(a INT, b, CONSTRAINT [x y] CHECK (a > 0))", "(a INT, b)", True),
    ("(a INT, b, CONSTRAINT c CHECK (a > 0))",
     "(a INT, b, CONSTRAINT c CHECK (a > 1))", True),
    ("(a INT CONSTRAINT c NOT NULL, b CONSTRAINT d CHECK (b), CHECK (a))",
     "(a INT, b, CHECK (a))", True),
    ("(a INT, b, CONSTRAINT c CHECK (a), CONSTRAINT d CHECK (b))",
     "(a INT NOT NULL, b NOT NULL, CONSTRAINT d CHECK (b))", True),
    ("(a INT, b, CHECK (a > 0))", "(a INT, b)", False),
    ("(a INT, b)", "(a INT NOT NULL ON CONFLICT FAIL, b)", False),
    ("(a INT, b)", "(a INT CHECK (a > 0), b)", False),
    ("(a INT, b)", "(a INT NOT NULL,\n b)", False),
    ("(a INT DEFAULT 1, b)", "(a INT NOT NULL DEFAULT 1, b)", False),
    ("(a INT NOT NULL DEFAULT 1, b)", "(a INT DEFAULT 2, b)", False),
    ("(a INT, b, CONSTRAINT c CHECK (a))", "(a INT, b, CONSTRAINT c UNIQUE (a))",
     False),
)


def table(definition):
    db = connect(":memory:")
    db.executescript(f"CREATE TABLE t {definition}; CREATE INDEX i ON t (b);"
                     "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;"
                     "CREATE VIEW v AS SELECT a, b FROM t;"
                     "INSERT INTO t VALUES (5, 1), (6, 2)")
    return db


def test_constraints_come_and_go(place):
    for old, new, alters in CHANGES:
        db = table(old)
        editable = not is_defensive(db)
        before = schema(db)
        way, back = rebuild(db, "t", new)
        if "UNIQUE" in new:
            same((new, way), (new, "a copy"))
        elif editable:
            same((new, way), (new, "ALTER TABLE" if alters and ALTERS
                              else "an edit of the schema"))
        is_defined(db, "t", "CREATE TABLE t " + new)
        same([row for row in schema(db) if row[1] in "irv"],
             [row for row in before if row[1] in "irv"])
        same(rows(db, "SELECT * FROM v"), [(5, 1), (6, 2)])
        db.executescript(back)
        same_schemas(db, schema(db), before)
        unharmed(db)
        db.close()


def test_altered_constraints_hold(place):
    db = table("(a INT, b)")
    rebuild(db, "t", "(a INT NOT NULL, b, CONSTRAINT c CHECK (b < 7))")
    fails(db, "INSERT INTO t VALUES (NULL, 1)", "NOT NULL constraint failed")
    fails(db, "INSERT INTO t VALUES (1, 9)", "CHECK constraint failed")
    rebuild(db, "t", "(a INT, b)")
    db.execute("INSERT INTO t VALUES (NULL, 9)")
    # A CHECK that comes to NULL is met, whatever ALTER TABLE says.
    rebuild(db, "t", "(a INT, b, CHECK (a > 0))")
    fails(db, "SELECT migrate_rebuild('t', '(a INT NOT NULL, b)')",
          '^row 3 of table "t" has NULL in "a", which the new definition says '
          "is NOT NULL$", "SQLITE_CONSTRAINT_NOTNULL")
    fails(db, "SELECT migrate_rebuild('t', '(a INT, b, CHECK (b < 9))')",
          '^row 3 of table "t" does not (meet CHECK .b < 9.|suit)',
          "SQLITE_CONSTRAINT_CHECK")
    same(one(db, "SELECT count(*) FROM t"), 3)
    unharmed(db)


def test_constraints_in_a_transaction(place):
    db = table("(a INT NOT NULL, b)")
    before = schema(db)
    db.execute("BEGIN")
    rebuild(db, "t", "(a INT, b, CONSTRAINT c CHECK (b > 0))")
    db.execute("INSERT INTO t VALUES (NULL, 1)")
    fails(db, "INSERT INTO t VALUES (NULL, 0)", "CHECK")
    db.execute("ROLLBACK")
    same(schema(db), before)
    fails(db, "INSERT INTO t VALUES (NULL, 1)", "NOT NULL")
    unharmed(db)


def test_constraints_in_defensive_mode(place):
    said = shell(
        f".load {MIGRATE}\n.dbconfig defensive on\n"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL);\n"
        "CREATE TABLE c (t REFERENCES t);\n"
        "INSERT INTO t VALUES (1, 'x'); INSERT INTO c VALUES (1);\n"
        "SELECT 'SQLite ' || sqlite_version();\n"
        "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY,\n"
        "  a, CONSTRAINT k CHECK (a <> ''''))');\n"
        "INSERT INTO t VALUES (2, NULL);\n"
        "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, a CHECK (a))');\n"
        "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, a\n)');\n"
        "PRAGMA foreign_keys = ON; BEGIN;\n"
        "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, a,\n"
        "CHECK (a > 0 OR a IS NULL OR 1))');\n"
        "ROLLBACK; SELECT * FROM c; PRAGMA integrity_check;\n")
    version = tuple(map(int, said.split("SQLite ")[1].split("\n")[0].split(".")))
    way = "ALTER TABLE" if version >= (3, 53) else "a copy"
    same(said.count(f"changed by {way}\n"), 3 if version >= (3, 53) else 2)
    assert "refer" not in said, said
    assert said.endswith("1\nok\n"), said

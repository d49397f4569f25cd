"""migrate_rebuild(): any change to a table."""

import re
import sqlite3

from tools import (add, check_sound, column, connect, exists, fails,
                   is_defensive, one, rows, same)


def schema(db):
    return rows(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema "
                    "ORDER BY name")


def contents(db, table):
    try:
        return rows(db, f'SELECT rowid, * FROM "{table}" ORDER BY 1')
    except sqlite3.Error:
        return rows(db, f'SELECT * FROM "{table}" ORDER BY 1')


def rebuild(db, table, definition, mapping=None):
    """Rebuild a table; returns the way that was taken, and the way back."""
    back = one(db, "SELECT migrate_rebuild(?, ?, ?)", table, definition, mapping)
    return back.splitlines()[0].split("changed by ")[1], back


def definition_of(db, table):
    return one(db, "SELECT sql FROM sqlite_schema WHERE name = ?", table)


def edited(db, way, also=""):
    """The schema was edited; where it cannot be, something stands for it."""
    if is_defensive(db):
        assert way in ("ALTER TABLE", "a copy", "renamed columns"), way
    else:
        same(way, also + "an edit of the schema")


def tokens(sql):
    return re.sub(r"--.*|/\*.*?\*/|\s+", "", sql or "")


def is_defined(db, table, sql):
    """To the byte, unless a comment or a space would have cost a copy."""
    found = definition_of(db, table)
    if is_defensive(db):
        found, sql = tokens(found), tokens(sql)
    same(found, sql)


def same_schemas(db, actual, expected):
    if is_defensive(db):
        actual, expected = [[(*row[:3], tokens(row[3])) for row in found]
                            for found in (actual, expected)]
    same(sorted(actual), sorted(expected))


def unharmed(db):
    """Nothing is left open, on, or behind."""
    assert not db.in_transaction
    same(column(db, "PRAGMA integrity_check"), ["ok"])
    same(rows(db, "PRAGMA foreign_key_check"), [])
    for name in ("writable_schema", "legacy_alter_table"):
        same((name, one(db, f"PRAGMA {name}")), (name, 0))
    same(column(db, "SELECT name FROM sqlite_schema "
                    "WHERE name LIKE 'migrate_rebuild%'"), [])


FULL = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, n TEXT);
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key
  a TEXT NOT NULL, b INT DEFAULT 5, p REFERENCES parent);
CREATE INDEX t_a ON t (a COLLATE NOCASE DESC) WHERE b > 0;
CREATE UNIQUE INDEX "t b" ON t (b + 1);
CREATE TABLE log (x);
CREATE TRIGGER tr AFTER UPDATE OF a ON t
  BEGIN INSERT INTO log VALUES (new.a); END;
CREATE TRIGGER other AFTER INSERT ON log
  BEGIN UPDATE t SET b = b WHERE id = new.x; END;
CREATE VIEW v AS SELECT a, b FROM t;
CREATE TABLE child (t REFERENCES t (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 'x');
INSERT INTO t (a, b, p) VALUES ('x', 1, 1), ('y', 2, NULL), ('z', 3, 1);
INSERT INTO child VALUES (1), (3);
DELETE FROM t WHERE id IN (2);
INSERT INTO t (id, a, b) VALUES (9, 'q', 9);
DELETE FROM t WHERE id = 9;
ANALYZE;
PRAGMA foreign_keys = ON;
"""


def full(path=":memory:"):
    db = connect(path)
    db.executescript(FULL)
    return db


def check_full(db):
    same(rows(db, "SELECT id, a, b, p FROM t"),
         [(1, "x", 1, 1), (3, "z", 3, 1)])
    same(rows(db, "SELECT * FROM child"), [(1,), (3,)])
    same(one(db, "SELECT seq FROM sqlite_sequence WHERE name = 't'"), 9)
    same(column(db, "SELECT idx FROM sqlite_stat1 WHERE tbl = 't' "
                    "ORDER BY idx"), ["t b", "t_a"])
    same(one(db, "PRAGMA foreign_keys"), 1)
    same(rows(db, "SELECT * FROM v"), [("x", 1), ("z", 3)])
    unharmed(db)
    db.execute("UPDATE t SET a = 'new' WHERE id = 1")
    same(column(db, "SELECT x FROM log"), ["new"])
    db.execute("DELETE FROM t WHERE id = 1")
    same(column(db, "SELECT * FROM child"), [3])


CONSTRAINTS = (
    ("(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INT DEFAULT 5, "
     "p REFERENCES parent)"),
    ("(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, "
     "b INT DEFAULT 7, p REFERENCES parent)"),
    ("(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, "
     "b INT NOT NULL DEFAULT 5 CHECK (b < 9), p REFERENCES parent)"),
    ("(id INTEGER PRIMARY KEY AUTOINCREMENT, a VARCHAR(20) NOT NULL, "
     "b INT DEFAULT 5, p, /* none */ CHECK (a <> b))"),
    ("(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, b INT, "
     "p REFERENCES parent ON DELETE SET NULL)"),
)


def test_constraints_by_an_edit(place):
    for definition in CONSTRAINTS:
        db = full()
        before = schema(db)
        way, back = rebuild(db, "t", definition)
        edited(db, way)
        is_defined(db, "t", "CREATE TABLE t " + definition)
        db.executescript(back)
        same_schemas(db, schema(db), before)
        rebuild(db, "t", definition)
        is_defined(db, "t", "CREATE TABLE t " + definition)
        check_full(db)
        db.close()


COPIES = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, "
    "b TEXT, p REFERENCES parent) -- the last",
    "CREATE TABLE [t] (b INT, id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "a TEXT UNIQUE, p REFERENCES parent)",
    "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, b INT, "
    "p REFERENCES parent, g AS (b * 2) STORED)",
    "create table if not exists main.t (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "n DEFAULT 'new', a TEXT COLLATE NOCASE, b INT, p REFERENCES parent);",
)


def test_copy(place):
    for definition in COPIES:
        db = full()
        before = schema(db)
        old = contents(db, "t")
        way, back = rebuild(db, "t", definition)
        same((definition, way), (definition, "a copy"))
        db.execute("PRAGMA foreign_keys = OFF")
        db.executescript(back)
        db.execute("PRAGMA foreign_keys = ON")
        same(schema(db), before)
        same(contents(db, "t"), old)
        rebuild(db, "t", definition)
        same(rows(db, "SELECT name, sql FROM sqlite_schema WHERE "
                      "type IN ('trigger', 'view') OR name IN ('t b', 't_a')"
                      " ORDER BY name"),
             [(name, sql) for _, name, _, sql in before
              if name in ("t b", "t_a", "tr", "other", "v")])
        same(rows(db, "SELECT id, a, CAST(b AS INT), p FROM t"),
             [(1, "x", 1, 1), (3, "z", 3, 1)])
        same(rows(db, "SELECT * FROM child"), [(1,), (3,)])
        same(one(db, "SELECT seq FROM sqlite_sequence WHERE name = 't'"), 9)
        same(one(db, "PRAGMA foreign_keys"), 1)
        unharmed(db)
        db.close()


def test_nothing_to_do(place):
    db = full()
    version = one(db, "PRAGMA schema_version")
    way, back = rebuild(db, "T", definition_of(db, "t"))
    same(way, "nothing to do")
    same([line for line in back.splitlines() if line[:2] != "--"], [])
    same(one(db, "PRAGMA schema_version"), version)
    check_full(db)


def test_renames_follow(place):
    db = full()
    way, back = rebuild(
        db, "t", "(id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key\n"
        "name TEXT NOT NULL, b INT DEFAULT 5, p REFERENCES parent)",
        "name = a")
    edited(db, way)
    same(definition_of(db, "v"), "CREATE VIEW v AS SELECT name, b FROM t")
    same(rows(db, "SELECT name FROM v"), [("x",), ("z",)])
    db.execute("UPDATE t SET name = 'new' WHERE id = 1")
    same(column(db, "SELECT x FROM log"), ["new"])
    db.executescript(back)
    same(rows(db, "SELECT a FROM v"), [("new",), ("z",)])
    unharmed(db)


def test_two_columns_swap_their_values(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a TEXT, b INT, c);"
                     "CREATE INDEX i ON t (a);"
                     "INSERT INTO t VALUES ('x', 1, 2)")
    # A name that stays is no rename, nor is one that another column had.
    way, back = rebuild(db, "t", "(a INT, b TEXT)", "a = b, b = a")
    same(way, "a copy")
    same(rows(db, "SELECT a, b FROM t"), [(1, "x")])
    same(definition_of(db, "i"), "CREATE INDEX i ON t (a)")
    fails(db, "SELECT migrate_rebuild('t', '(b TEXT)', 'b = a')",
          'index "i" uses column "a"')
    db.execute("DROP INDEX i")
    rebuild(db, "t", "(b TEXT)", "b = a")
    same(rows(db, "SELECT * FROM t"), [("1",)])
    unharmed(db)


def test_expressions_use_the_old_names(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (first, last, price TEXT);"
                     "INSERT INTO t VALUES ('A', 'B', '12'), ('C', 'D', 'x');"
                     "DELETE FROM t WHERE rowid = 1;"
                     "INSERT INTO t VALUES ('E', 'F', '7')")
    way, _ = rebuild(
        db, "t", "(full TEXT, surname TEXT, price INT, rank INT)",
        "full = first || ' ' || t.last, surname = last,"
        "price = CAST(price AS INTEGER), rank = rowid * (1 + 1)")
    same(way, "a copy")
    same(rows(db, "SELECT rowid, * FROM t"),
         [(2, "C D", "D", 0, 4), (3, "E F", "F", 7, 6)])
    unharmed(db)


def test_columns_added_and_dropped(place):
    db = full()
    way, back = rebuild(
        db, "t", "(id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key\n"
        "  a TEXT NOT NULL, b INT DEFAULT 5, p REFERENCES parent,\n"
        "  c INT NOT NULL DEFAULT 3)")
    edited(db, way, "ALTER TABLE, then ")
    same(column(db, "SELECT c FROM t"), [3, 3])
    if sqlite3.sqlite_version_info >= (3, 35):
        way, back = rebuild(
            db, "t", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, "
            "-- the key\n  a TEXT NOT NULL, b INT DEFAULT 5, "
            "p REFERENCES parent)")
        assert way.startswith("ALTER TABLE"), way
        assert "not restored: the values of column \"c\"" in back, back
    check_full(db)


def test_default_that_stored_rows_read(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);"
                     "ALTER TABLE t ADD COLUMN b DEFAULT 5;"
                     "INSERT INTO t VALUES (2, 6)")
    way, _ = rebuild(db, "t", "(a, b DEFAULT 7)")
    same(way, "a copy")
    same(rows(db, "SELECT * FROM t"), [(1, 5), (2, 6)])
    # Now they have values of their own.
    for default in ("-1.5e+3", "x'00'", "(1 + (2))", "'it''s'", "+8", "NULL"):
        way, _ = rebuild(db, "t", f"(a, b DEFAULT {default} NOT NULL)")
        edited(db, way)
        same(rows(db, "SELECT * FROM t"), [(1, 5), (2, 6)])
    way, _ = rebuild(db, "t", "(a, b)")
    edited(db, way)
    db.execute("ALTER TABLE t ADD COLUMN c")
    way, _ = rebuild(db, "t", "(a, b, c DEFAULT 1)")
    same(way, "a copy")
    same(rows(db, "SELECT * FROM t"), [(1, 5, None), (2, 6, None)])
    unharmed(db)


def test_rows_that_do_not_suit(place):
    for size in ("", ", UNIQUE (b)"):  # by an edit, by a copy
        db = connect(":memory:")
        db.executescript(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, email, b TEXT, n INT);"
            "INSERT INTO t VALUES (16, 'x', 1, 1), (17, NULL, 2, 'x')")
        before = list(db.iterdump())
        fails(db, "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
                  f"email NOT NULL, b TEXT, n INT{size})')",
              '^row 17 of table "t" has NULL in "email", which the new '
              "definition says is NOT NULL$", "SQLITE_CONSTRAINT_NOTNULL")
        fails(db, "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
                  f"email, b TEXT CHECK (b < 2), n INT{size})')",
              "^row 17 of table .t. does not (meet CHECK .b < 2.|suit)",
              "SQLITE_CONSTRAINT_CHECK")
        if sqlite3.sqlite_version_info >= (3, 37):
            fails(db, "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
                      f"email TEXT, b TEXT, n INT{size}) STRICT')",
                  '^row 17 of table "t" ')
        same(list(db.iterdump()), before)
        unharmed(db)
        db.close()


def test_rows_that_a_conflict_clause_would_drop(place):
    for clause in ("IGNORE", "REPLACE", "ROLLBACK", "FAIL", "ABORT"):
        db = connect(":memory:")
        db.executescript("CREATE TABLE t (a, b);"
                         "INSERT INTO t VALUES (1, 1), (1, 2), (2, 3)")
        fails(db, "SELECT migrate_rebuild('t', "
                  f"'(a UNIQUE ON CONFLICT {clause}, b)')",
              '^row 2 of table "t" does not suit the new definition: UNIQUE '
              "constraint failed: t.a", "SQLITE_CONSTRAINT_UNIQUE")
        same(rows(db, "SELECT * FROM t"), [(1, 1), (1, 2), (2, 3)])
        unharmed(db)
        db.close()


def test_dependents_that_would_break(place):
    db = full()
    before = contents(db, "t")
    start = "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
    fails(db, start + "b INT, p, x UNIQUE)')",
          'index "t_a" uses column "a", which the new definition of table "t" '
          "does not have")
    db.execute("DROP INDEX t_a")
    fails(db, start + "b INT, p, x UNIQUE)')",
          'trigger "tr" uses column "a", which')
    db.execute("DROP TRIGGER tr")
    fails(db, start + "b INT, p, x UNIQUE)')",
          'view "v" would not work any more: .*no such column: a')
    db.execute("DROP VIEW v")
    fails(db, start + "a TEXT, p, x UNIQUE)')",
          'index "t b" of table "t" does not suit')
    db.execute('DROP INDEX "t b"')
    fails(db, start + "a TEXT, p, x UNIQUE)')",
          'trigger "other" would not work any more: .*no such column: b')
    db.execute("DROP TRIGGER other")
    db.execute('CREATE VIEW w AS SELECT "b" FROM t')
    fails(db, start + "a TEXT, p, x UNIQUE)')",
          'view "w" would not work any more')
    db.execute("DROP VIEW w")
    fails(db, "SELECT migrate_rebuild('t', '(id INT, a TEXT)')",
          'the foreign keys of table "child" would not work any more: foreign '
          "key mismatch")
    same(contents(db, "t"), before)
    unharmed(db)


def test_in_a_transaction_with_foreign_keys_on(place):
    db = full()
    db.execute("BEGIN")
    fails(db, "SELECT migrate_rebuild('t', ?)",
          'table "t" cannot be copied in a transaction while foreign keys are '
          'enforced: table "child" refers to it', "SQLITE_ERROR",
          (COPIES[0],))
    if not is_defensive(db) or sqlite3.sqlite_version_info >= (3, 53):
        edited(db, rebuild(db, "t", CONSTRAINTS[0])[0])
    db.execute("ROLLBACK")
    assert definition_of(db, "t").startswith("CREATE TABLE t (id INTEGER "
                                             "PRIMARY KEY AUTOINCREMENT, -- ")
    add(db, "1", "PRAGMA foreign_keys = OFF;"
                 "SELECT migrate_rebuild('t', '" + COPIES[1] + "')")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_full(db)


def test_in_a_migration_that_fails(place):
    db = full(place / "app.db")
    before = schema(db)
    add(db, "1", "PRAGMA foreign_keys = OFF;"
                 f"SELECT migrate_rebuild('t', '{COPIES[0]}');"
                 f"SELECT migrate_rebuild('t', '{CONSTRAINTS[0]}'); nonsense")
    fails(db, "SELECT migrate_apply()", "nonsense")
    same([row for row in schema(db) if "migrate" not in row[2]], before)
    check_full(db)


def test_other_connections_see_it(place):
    db = full(place / "app.db")
    other = connect(place / "app.db")
    same(len(rows(other, "SELECT * FROM t")), 2)
    rebuild(db, "t", CONSTRAINTS[0])
    other.execute("INSERT INTO t (a, b) VALUES (NULL, 4)")
    rebuild(db, "t", "(id INTEGER PRIMARY KEY, a, b, p, q DEFAULT 3)")
    same(one(other, "SELECT sum(q) FROM t"), 9)
    unharmed(db)

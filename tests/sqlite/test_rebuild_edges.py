"""migrate_rebuild(): what is rare, and would lose or change values."""

import sqlite3

from test_rebuild import definition_of, edited, rebuild, unharmed
from tools import connect, fails, one, rows, same


def test_set_default_is_no_default(_place):
    db = connect(":memory:")
    db.executescript("""
        CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE t (a REFERENCES p ON DELETE SET DEFAULT DEFAULT 5, b);
        INSERT INTO t VALUES (NULL, 1);
        ALTER TABLE t ADD COLUMN z DEFAULT 7;
    """)
    text = definition_of(db, "t")
    for default, kept in (("", "SET DEFAULT"), ("DEFAULT -1", "SET NULL")):
        way, back = rebuild(db, "t", f"(a REFERENCES p ON DELETE {kept} "
                                     f"{default}, b, z DEFAULT 7)")
        edited(db, way)
        same(rows(db, "SELECT * FROM t"), [(None, 1, 7)])
        db.executescript(back)
        same(definition_of(db, "t"), text)
    unharmed(db)


def test_default_that_differs_by_case(_place):
    db = connect(":memory:")
    db.executescript("""
        CREATE TABLE t (a); INSERT INTO t VALUES (1);
        ALTER TABLE t ADD COLUMN b DEFAULT abc;
    """)
    rebuild(db, "t", "(a, b DEFAULT ABC)")
    db.execute("INSERT INTO t (a) VALUES (2)")
    same(rows(db, "SELECT * FROM t"), [(1, "abc"), (2, "ABC")])
    unharmed(db)


def test_many_columns_stored_short(_place):
    """The look for short rows must neither fail nor be taken for an answer."""
    db = connect(":memory:")
    db.execute("CREATE TABLE t (a)")
    db.execute("INSERT INTO t VALUES (1)")
    for i in range(1100):
        db.execute(f"ALTER TABLE t ADD COLUMN c{i} DEFAULT 1")
    columns = ", ".join(f"c{i} DEFAULT 2" for i in range(1100))
    same(rebuild(db, "t", f"(a, {columns})")[0], "a copy")
    same(rows(db, "SELECT c0, c7, c1099 FROM t"), [(1, 1, 1)])
    unharmed(db)


def test_many_columns_made_strict(_place):
    db = connect(":memory:")
    columns = ", ".join(f"c{i} INT" for i in range(1300))
    db.execute(f"CREATE TABLE t ({columns})")
    db.execute("INSERT INTO t (c1299) VALUES ('x')")
    if sqlite3.sqlite_version_info < (3, 37):
        print("# not run: a library without STRICT")
        return
    fails(db, f"SELECT migrate_rebuild('t', '({columns}) STRICT')",
          'row 1 of table "t" .*c1299')
    db.execute("UPDATE t SET c1299 = 1")
    edited(db, rebuild(db, "t", f"({columns}) STRICT")[0])
    unharmed(db)


def test_parameters_in_the_mapping(_place):
    """They would be NULL."""
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)")
    for parameter in ("?", "?1", ":x", "@x", "$x", "b + (SELECT :x)"):
        fails(db, "SELECT migrate_rebuild('t', '(a INT, b)', ?)",
              "mapping holds parameter", arguments=("a = " + parameter,))
    same(rows(db, "SELECT * FROM t"), [(1, 2)])
    rebuild(db, "t", "(a, b)", "a = '?:x'")
    same(rows(db, "SELECT * FROM t"), [("?:x", 2)])


def test_column_that_becomes_generated(_place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 99)")
    back = rebuild(db, "t", "(a, b AS (a * 2))")[1]
    assert '-- not restored: the values of column "b"' in back, back
    same(rows(db, "SELECT * FROM t"), [(1, 2)])


def test_temporary_namesakes(_place):
    others = ("CREATE TEMP TABLE x (q); CREATE INDEX temp.t ON x (q)",
              "CREATE TEMP TABLE t (q)")
    for other in others:
        db = connect(":memory:")
        db.executescript("CREATE TABLE main.t (a); INSERT INTO t VALUES (1);"
                         "CREATE TABLE u (b); CREATE INDEX i ON u (b);")
        try:
            db.executescript(other)
        except sqlite3.OperationalError as error:
            # An older library refuses a TEMP index of a table's name.
            print(f"# not run: {error}")
            continue
        rebuild(db, "t", "(a TEXT NOT NULL)")
        same(rows(db, "SELECT * FROM main.t"), [("1",)])
        same(one(db, "SELECT count(*) FROM main.sqlite_schema"), 3)
        rebuild(db, "t", "(a TEXT)")
        unharmed(db)
    db = connect(":memory:")
    db.executescript("CREATE TABLE main.t (a); INSERT INTO t VALUES (1);"
                     "CREATE TEMP VIEW t AS SELECT 5 AS a")
    fails(db, "SELECT migrate_rebuild('t', '(a NOT NULL)')",
          "while a TEMP view has its name")
    same(definition_of(db, "t"), "CREATE TABLE t (a)")

"""migrate_rebuild() on tables, names and connections of all kinds."""

import os
import sqlite3
import subprocess

from test_rebuild import (CONSTRAINTS, COPIES, contents, definition_of, edited,
                          full, rebuild, same_schemas, schema, unharmed)
from tools import (MIGRATE, column, connect, fails, is_defensive, one, rows,
                   same)

STRICT = sqlite3.sqlite_version_info >= (3, 37)


def test_what_is_no_table_of_the_users(place):
    db = connect(":memory:")
    one(db, "SELECT migrate_config('var.x', 'y')")
    db.executescript("CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);"
                     "INSERT INTO a VALUES (1);"
                     "CREATE VIEW v AS SELECT * FROM a;"
                     "CREATE TEMP TABLE local (x);"
                     "CREATE VIRTUAL TABLE f USING fts5(body)")
    for name, reason in (("v", '"v" is a view'),
                         ("F", '"f" is a virtual table'),
                         ("f_data", 'belongs to a virtual table'),
                         ("sqlite_sequence", "belongs to SQLite"),
                         ("sqlite_schema", "there is no table"),
                         ("local", "there is no table"),
                         ("none", 'there is no table "none" in main'),
                         ("migrate_event", "belongs to this extension")):
        fails(db, f"SELECT migrate_rebuild('{name}', '(x)')", reason)
    fails(db, "SELECT migrate_rebuild('a', '(id)') FROM a", "cannot run while")
    db.execute("CREATE TRIGGER t AFTER INSERT ON a "
               "BEGIN SELECT migrate_rebuild('a', '(id)'); END")
    fails(db, "INSERT INTO a VALUES (2)", "unsafe use of migrate_rebuild")
    unharmed(db)


def test_definitions_that_are_none(place):
    db = connect(":memory:")
    db.execute("CREATE TABLE t (a, b)")
    for definition, reason in (
            ("", "its columns in parentheses"), ("()", "near \"\\)\""),
            ("(a,)", "near"), ("(a", "ends before its last parenthesis"),
            ("(a) x", "refused: "), ("(a); SELECT 1", "stands behind"),
            ("CREATE TEMP TABLE t (a)", "not CREATE TEMP"),
            ("CREATE VIEW t AS SELECT 1", "not CREATE VIEW"),
            ("CREATE TABLE t AS SELECT 1", "AS is none"),
            ("CREATE TABLE u (a)", 'is of table "u", not of "t"'),
            ("CREATE TABLE temp.t (a)", "another database"),
            ("(a, A)", "duplicate column name")):
        fails(db, "SELECT migrate_rebuild('t', ?)", reason,
              arguments=(definition,))
    for mapping, reason in (
            ("a", "is a list of new = expression"),
            ("a =", "no expression"), ("z = 1", 'column "z" a value, which'),
            ("a = 1, a = 2", 'gives column "a" twice'),
            ("(a, b) = (1, 2)", "is a list"), ("a = b; x", "stands behind"),
            ("a = none", "cannot copy the rows .*no such column: none"),
            ("a = 1) FROM x", "cannot copy")):
        fails(db, "SELECT migrate_rebuild('t', '(a)', ?)", reason,
              arguments=(mapping,))
    fails(db, "SELECT migrate_rebuild(NULL, '(a)')", "table must not be NULL")
    fails(db, "SELECT migrate_rebuild('t', NULL)", "definition must not be")
    same(definition_of(db, "t"), "CREATE TABLE t (a, b)")
    unharmed(db)


NAMES = ('with space', 'quo"te', "apo'strophe", "back`tick", "brack]et",
         "select", "Größe", "a,b", "(", "--x", "/*x*/", "x;y", "%s%d")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def test_odd_names(place):
    for name in NAMES:
        db = connect(":memory:")
        q = quoted(name)
        db.executescript(f"CREATE TABLE {q} ({q} TEXT, x);"
                         f"CREATE INDEX {quoted(name + '1')} ON {q} ({q});"
                         f"CREATE TRIGGER {quoted(name + '2')} AFTER UPDATE OF "
                         f"{q} ON {q} BEGIN DELETE FROM {q}; END;"
                         f"CREATE VIEW {quoted(name + '3')} AS "
                         f"SELECT {q} FROM {q};"
                         f"INSERT INTO {q} VALUES ('7', 1)")
        before = schema(db)
        for definition, wanted in ((f"({q} TEXT NOT NULL, x)", "an edit"),
                                   (f"({q} INT, x)", "a copy")):
            way, back = rebuild(db, name, definition)
            assert way.startswith((wanted, "ALTER TABLE")) or \
                is_defensive(db), way
            db.executescript(back)
            same_schemas(db, schema(db), before)
        _, back = rebuild(db, name, f"(x, fresh TEXT)", f"fresh = {q}")
        same(rows(db, f"SELECT x, fresh FROM {q}"), [(1, "7")])
        db.executescript(back)
        same(rows(db, f"SELECT * FROM {q}"), [("7", 1)])
        unharmed(db)
        db.close()


def test_rowids_behind_columns_of_that_name(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (rowid TEXT, _rowid_);"
                     "INSERT INTO t (oid, rowid) VALUES (5, 'a'), (9, 'b')")
    rebuild(db, "t", "(rowid INT, _rowid_, c)")
    same(rows(db, "SELECT oid, rowid FROM t"), [(5, "a"), (9, "b")])
    # Where all three are hidden, only an INTEGER PRIMARY KEY shows it.
    way, back = rebuild(db, "t", "(rowid TEXT, _rowid_, oid INT)")
    assert way.startswith("a copy"), way
    rebuild(db, "t", "(rowid TEXT, x)")
    same(rows(db, "SELECT rowid FROM t"), [("a",), ("b",)])
    rebuild(db, "t", "(rowid TEXT, id INTEGER PRIMARY KEY)")
    unharmed(db)


def test_keys_of_all_kinds(place):
    ways = ("(a, b INT)", "(a PRIMARY KEY, b INT)",
            "(a TEXT, b INTEGER PRIMARY KEY)",
            "(a TEXT PRIMARY KEY, b INT) WITHOUT ROWID",
            "(a TEXT, b INTEGER PRIMARY KEY DESC)",
            "(a, b INTEGER PRIMARY KEY AUTOINCREMENT)",
            "(a COLLATE NOCASE, b INT, PRIMARY KEY (b, a DESC)) WITHOUT ROWID",
            "(a, b INT UNIQUE, UNIQUE (a, b))")
    if STRICT:
        ways += ("(a TEXT, b INT) STRICT",
                 "(a ANY PRIMARY KEY, b INT) STRICT, WITHOUT ROWID")
    for first in ways:
        for second in ways:
            db = connect(":memory:")
            db.executescript(f"CREATE TABLE t {first};"
                             "CREATE INDEX i ON t (b, a COLLATE NOCASE);"
                             "INSERT INTO t VALUES ('x', 7), ('b', 3)")
            before = schema(db)
            way, back = rebuild(db, "t", second)
            same(definition_of(db, "t"), "CREATE TABLE t "
                 + second if way != "nothing to do" else definition_of(db, "t"))
            same(rows(db, "SELECT a, b FROM t ORDER BY b"),
                 [("b", 3), ("x", 7)])
            same(rows(db, "SELECT b FROM t INDEXED BY i WHERE b > 3"), [(7,)])
            db.executescript(back)
            same([row[3] for row in schema(db) if row[3] and row[1] in "ti"],
                 [row[3] for row in before if row[3] and row[1] in "ti"])
            unharmed(db)
            db.close()


def test_collations_and_types_are_no_mere_text(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a TEXT UNIQUE, b REAL, c BLOB);"
                     "CREATE INDEX i ON t (b);"
                     "INSERT INTO t VALUES ('x', 1, '5'), ('X', 2, 6)")
    edited(db, rebuild(db, "t", "(a VARCHAR(9) UNIQUE, b DOUBLE, c)")[0])
    same(rebuild(db, "t", "(a TEXT UNIQUE, b REAL COLLATE NOCASE, c)")[0],
         "a copy")
    same(rebuild(db, "t", "(a TEXT UNIQUE, b REAL, c INT)")[0], "a copy")
    same(rows(db, "SELECT typeof(b), c FROM t"), [("real", 5), ("real", 6)])
    fails(db, "SELECT migrate_rebuild('t', "
              "'(a TEXT COLLATE NOCASE UNIQUE, b REAL, c INT)')",
          'row 2 of table "t" does not suit the new definition: UNIQUE')
    unharmed(db)


def test_temporary_objects(place):
    db = connect(":memory:")
    db.executescript(
        "CREATE TABLE t (a, b); CREATE TEMP TABLE seen (x);"
        "CREATE TEMP TRIGGER mine AFTER INSERT ON main.t "
        "BEGIN INSERT INTO seen VALUES (new.a); END;"
        "CREATE TEMP VIEW w AS SELECT a FROM main.t")
    before = rows(db, "SELECT name, sql FROM sqlite_temp_schema ORDER BY 1")
    same(rebuild(db, "t", "(a INT, b)")[0], "a copy")
    same(rows(db, "SELECT name, sql FROM sqlite_temp_schema ORDER BY 1"),
         before)
    fails(db, "SELECT migrate_rebuild('t', '(b, c UNIQUE)')",
          '(view "w"|trigger "mine") would not work any more')
    db.execute("INSERT INTO t VALUES (1, 2)")
    same(column(db, "SELECT x FROM seen"), [1])
    # A table of the same name in TEMP, with a trigger of its own.
    db.executescript("CREATE TEMP TABLE t (z);"
                     "CREATE TEMP TRIGGER theirs AFTER INSERT ON t "
                     "BEGIN INSERT INTO seen VALUES (new.z); END")
    same(rebuild(db, "t", "(a TEXT, b)")[0], "a copy")
    db.execute("INSERT INTO temp.t VALUES (7)")
    db.execute("INSERT INTO main.t VALUES (8, 8)")
    same(column(db, "SELECT x FROM seen"), [1, 7, "8"])
    same(column(db, "SELECT a FROM main.t"), ["1", "8"])
    unharmed(db)


def test_what_the_connection_has_switched(place):
    for name in ("legacy_alter_table", "ignore_check_constraints",
                 "reverse_unordered_selects", "recursive_triggers",
                 "writable_schema"):
        db = full()
        db.execute(f"PRAGMA {name} = ON")
        way, _ = rebuild(db, "t", CONSTRAINTS[0])
        if name == "writable_schema" and not is_defensive(db):
            same(way, "a copy")
        else:
            edited(db, way)
        rebuild(db, "t", COPIES[0])
        fails(db, "SELECT migrate_rebuild('t', '(x CHECK (x > 9), a, b)', "
                  "'x = id')", "CHECK")
        same((name, one(db, f"PRAGMA {name}")),
             (name, int(name != "writable_schema" or not is_defensive(db))))
        db.execute(f"PRAGMA {name} = OFF")
        unharmed(db)
        db.close()


def test_a_schema_that_was_edited_is_rolled_back(place):
    db = full(place / "app.db")
    other = connect(place / "app.db")
    before = schema(db)
    for definition in (CONSTRAINTS[0], COPIES[1]):
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN")
        db.execute("SAVEPOINT one")
        rebuild(db, "t", definition)
        db.execute("ROLLBACK TO one")
        fails(db, "INSERT INTO t (a) VALUES (NULL)", "NOT NULL constraint")
        rebuild(db, "t", definition)
        db.execute("ROLLBACK")
        # The same number of changes by another connection.
        other.execute("CREATE TABLE n1 (x)")
        fails(db, "INSERT INTO t (a) VALUES (NULL)", "NOT NULL constraint")
        other.execute("DROP TABLE n1")
        same(schema(db), before)
        db.execute("PRAGMA foreign_keys = ON")
        unharmed(db)


def test_interrupted_at_any_moment(place):
    for definition in (CONSTRAINTS[2], COPIES[0]):
        done = False
        steps = 1
        while not done:
            db = full()
            before = list(db.iterdump())
            left = [steps]

            def tick():
                left[0] -= 1
                return left[0] < 0

            db.set_progress_handler(tick, 1)
            try:
                rebuild(db, "t", definition)
                done = True
            except sqlite3.OperationalError as error:
                same(str(error), "interrupted")
            db.set_progress_handler(None, 1)
            if not done:
                same(list(db.iterdump()), before)
            same(one(db, "PRAGMA foreign_keys"), 1)
            unharmed(db)
            db.close()
            steps += max(1, steps // 12)


def shell(text):
    """What the sqlite3 shell says to a text."""
    return subprocess.run(["sqlite3", ":memory:"], input=text, text=True,
                          capture_output=True, check=False,
                          env={**os.environ}).stdout


def test_defensive_mode(place):
    text = (f".load {MIGRATE}\n.dbconfig defensive on\n"
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL);\n"
            "CREATE VIEW v AS SELECT a FROM t;\n"
            "INSERT INTO t VALUES (1, 'x');\n"
            "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, -- key\n"
            "a DEFAULT 5)');\n"
            "SELECT migrate_rebuild('t', '(id INTEGER PRIMARY KEY, "
            "a DEFAULT 5)');\n"
            "INSERT INTO t VALUES (2, NULL);\n"
            "SELECT sql FROM sqlite_schema WHERE name = 't';\n"
            "SELECT * FROM v;\n")
    said = shell(text)
    assert "changed by a copy\n-- rows copied: 1" in said, said
    # A comment is not worth a copy.
    assert 'changed by nothing to do' in said, said
    assert said.endswith("CREATE TABLE t (id INTEGER PRIMARY KEY, -- key\n"
                         "a DEFAULT 5)\nx\n\n"), said


def test_read_only_and_no_journal(place):
    full(place / "app.db").close()
    db = connect(f"file:{place}/app.db?mode=ro", uri=True)
    fails(db, "SELECT migrate_rebuild('t', '(a)')", "the database is read-only",
          "SQLITE_READONLY")
    db.close()
    db = full()
    if is_defensive(db):
        print("# not run: a defensive library keeps a journal")
        return
    db.execute("PRAGMA journal_mode = off")
    fails(db, "SELECT migrate_rebuild('t', '(a)')", "journal_mode = off")


def test_statistics(place):
    db = full()
    db.executescript("CREATE INDEX log_x ON log (x); INSERT INTO log VALUES (2);"
                     "ANALYZE log")
    before = rows(db, "SELECT * FROM sqlite_stat1 ORDER BY 1, 2")
    rebuild(db, "t", COPIES[0])
    same(rows(db, "SELECT * FROM sqlite_stat1 ORDER BY 1, 2"), before)
    rebuild(db, "t", "(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT, p)")
    db.execute("ANALYZE")
    same(one(db, "SELECT count(*) FROM sqlite_stat1 "
                 "WHERE idx = 'sqlite_autoindex_t_1'"), 1)
    rebuild(db, "t", "(id INTEGER PRIMARY KEY, a TEXT, b INT UNIQUE, p)")
    same(one(db, "SELECT count(*) FROM sqlite_stat1 "
                 "WHERE idx = 'sqlite_autoindex_t_1'"), 0)
    unharmed(db)


def test_autoincrement_comes_and_goes(place):
    db = full()
    _, back = rebuild(db, "t", COPIES[0].replace(" AUTOINCREMENT", ""))
    same(one(db, "SELECT count(*) FROM sqlite_sequence"), 0)
    for statement in back.split(";\n")[:-1]:
        db.execute(statement)
    same(one(db, "SELECT seq FROM sqlite_sequence"), 9)
    unharmed(db)
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, a);"
                     "INSERT INTO t VALUES (4, 'x')")
    way, _ = rebuild(db, "t", "(id INTEGER PRIMARY KEY AUTOINCREMENT, a)")
    edited(db, way)
    same(rows(db, "SELECT * FROM sqlite_sequence"), [("t", 4)])
    db.execute("DELETE FROM t")
    db.execute("INSERT INTO t (a) VALUES (1)")
    same(column(db, "SELECT id FROM t"), [5])
    unharmed(db)


def test_short_rows_of_a_table_without_rowid(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a INT, id INTEGER PRIMARY KEY)"
                     " WITHOUT ROWID; INSERT INTO t VALUES (1, 5);"
                     "ALTER TABLE t ADD COLUMN d ANY DEFAULT 'x';"
                     "CREATE INDEX i ON t (a, d)")
    rebuild(db, "t", "(a INT, id INTEGER PRIMARY KEY, d ANY) WITHOUT ROWID")
    same(rows(db, "SELECT * FROM t"), [(1, 5, "x")])
    unharmed(db)


def test_action_that_sets_the_default(place):
    db = connect(":memory:")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, "
               "a INT DEFAULT 3 REFERENCES t ON DELETE SET DEFAULT "
               "DEFERRABLE INITIALLY DEFERRED)")
    before = schema(db)
    way, back = rebuild(db, "t", "(id INTEGER PRIMARY KEY, a INT REFERENCES t "
                                 "ON DELETE SET DEFAULT DEFERRABLE)")
    edited(db, way)
    db.executescript(back)
    same(schema(db), before)


def test_rowids_follow_the_old_key(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a FLOAT, b, c INT, d TEXT, PRIMARY KEY "
                     "(c, d COLLATE NOCASE DESC)) WITHOUT ROWID;"
                     "INSERT INTO t VALUES (3, 1, 1, 'a'), (2, 1, 1, 'B'),"
                     "(1, 1, 2, 'c'); CREATE INDEX i ON t (a)")
    rebuild(db, "t", "(a FLOAT, c INT)")
    same(rows(db, "SELECT rowid, a FROM t ORDER BY rowid"),
         [(1, 2.0), (2, 3.0), (3, 1.0)])


def test_an_aggregate_would_lose_rows(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
    fails(db, "SELECT migrate_rebuild('t', '(a)', 'a = sum(a)')",
          "the table has 2 rows, of which 1 would be kept\n  A mapping gives")
    same(rows(db, "SELECT a FROM t"), [(1,), (2,)])


def test_defaults_that_the_library_reads_without_affinity(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    rebuild(db, "t", "(a, b TEXT DEFAULT TRUE)")
    same(rows(db, "SELECT b FROM t"), [("1",)])
    unharmed(db)


def test_expressions_that_name_their_table(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a CHECK (t.a > 0 AND \"t\" . a < 9), b);"
                     "CREATE INDEX i ON t (b) WHERE t.a > 1;"
                     "CREATE TRIGGER r AFTER INSERT ON t WHEN new.a > 2 "
                     "BEGIN UPDATE t SET b = t.a; END;"
                     "INSERT INTO t VALUES (1, 2), (2, 3); ANALYZE")
    before = schema(db)
    known = rows(db, "SELECT * FROM sqlite_stat1")
    assert "i" in [idx for _, idx, _ in known], known
    new = "(a CHECK (t.a > 0), b INTEGER, c AS (a))"
    if is_defensive(db):
        fails(db, f"SELECT migrate_rebuild('t', '{new}')",
              'table "t" cannot be copied while its schema cannot be edited: '
              "its definition names the table itself")
        same(schema(db), before)
        unharmed(db)
        return
    way, back = rebuild(db, "t", new)
    same(way, "a copy")
    same(rows(db, "SELECT * FROM t"), [(1, 2, 1), (2, 3, 2)])
    same(rows(db, "SELECT * FROM sqlite_stat1"), known)
    db.executescript(back)
    same(sorted(schema(db)), sorted(before))
    unharmed(db)


def test_triggers_of_temporary_views(place):
    db = connect(":memory:")
    db.executescript(
        "CREATE TABLE t (k TEXT, a INT); CREATE TEMP VIEW v AS SELECT a FROM t;"
        "CREATE TEMP TRIGGER r INSTEAD OF DELETE ON v "
        "BEGIN UPDATE t SET k = k; END")
    fails(db, "SELECT migrate_rebuild('t', '(a INT)')",
          'trigger "r" would not work any more: no such column: k')
    unharmed(db)


def test_mappings_that_query_the_table(place):
    for expression in ("(SELECT count(*) FROM t AS u WHERE u.a < t.a)",
                       "(SELECT count(*) FROM v WHERE v.a < t.a)"):
        db = connect(":memory:")
        db.executescript("CREATE TABLE t (a, old); CREATE INDEX i ON t (old);"
                         "CREATE VIEW v AS SELECT a FROM t;"
                         "INSERT INTO t VALUES (5, 'x'), (6, 'y'), (9, 'z');"
                         "DELETE FROM t WHERE a = 6")
        way, _ = rebuild(db, "t", "(a, n INT, fresh)",
                         f"n = {expression}, fresh = old")
        same(way, "a copy")
        same(rows(db, "SELECT rowid, * FROM t"),
             [(1, 5, 0, "x"), (3, 9, 1, "z")])
        same(definition_of(db, "i"), "CREATE INDEX i ON t (fresh)")
        same(column(db, "SELECT name FROM sqlite_temp_schema"), [])
        fails(db, "SELECT migrate_rebuild('t', '(a, n NOT NULL, fresh)', "
                  "'n = nullif((SELECT count(*) FROM t AS u "
                  "WHERE u.a < t.a), 1)')",
              'row 3 of table "t" has NULL in "n"')
        fails(db, "SELECT migrate_rebuild('t', '(a)', 'a = (SELECT x FROM t)')",
              'cannot compute the mapping of table "t": no such column: x')
        unharmed(db)
        db.close()


def test_computed_values_of_strict_tables(place):
    if not STRICT:
        print("# STRICT is of 3.37")
        return
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (a ANY, b INTEGER) STRICT;"
                     "INSERT INTO t VALUES ('x', 3)")
    fails(db, "SELECT migrate_rebuild('t', "
              "'(c INTEGER AS (a || b), a ANY, b INTEGER) STRICT')",
          "(damaged|suit the new definition): .*t.c")
    rebuild(db, "t", "(c TEXT AS (a || b), a ANY, b INTEGER) STRICT")
    same(rows(db, "SELECT * FROM t"), [("x3", "x", 3)])
    unharmed(db)


def test_rows_come_in_the_order_of_the_key(place):
    for reverse in ("OFF", "ON"):
        db = connect(":memory:")
        db.execute(f"PRAGMA reverse_unordered_selects = {reverse}")
        db.executescript("CREATE TABLE t (n, k INT, PRIMARY KEY (k)) "
                         "WITHOUT ROWID; CREATE INDEX i ON t (n);"
                         "INSERT INTO t VALUES ('z', 1), ('a', 2), ('m', 3)")
        fails(db, "SELECT migrate_rebuild('t', '(n CHECK (n <> ''m''), k)')",
              r"a row \(k = 3\) of table")
        rebuild(db, "t", "(n, k INT)")
        same(rows(db, "SELECT rowid, k FROM t ORDER BY rowid"),
             [(1, 1), (2, 2), (3, 3)])
        # Where columns hide the rowid it is not copied, but the order is.
        db.executescript("CREATE TABLE u (rowid, _rowid_, oid);"
                         "INSERT INTO u VALUES (5, 0, 0), (4, 0, 0)")
        rebuild(db, "u", "(rowid, x INT)")
        same(rows(db, "SELECT oid, rowid FROM u ORDER BY oid"),
             [(1, 5), (2, 4)])
        same(one(db, "PRAGMA reverse_unordered_selects"), int(reverse == "ON"))
        unharmed(db)
        db.close()

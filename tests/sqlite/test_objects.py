"""The objects of a schema: what is one object, and what is another.

Each is told by the proof of an adoption: a migration that says one thing is
compared with a database that was made by other statements.
"""

import sqlite3

from test_proof import compared, kinds
from tools import connect, same

HAS_DROP_COLUMN = sqlite3.sqlite_version_info >= (3, 35)
HAS_STRICT = sqlite3.sqlite_version_info >= (3, 37)

# What is written in two ways, or got to in two ways.
SAME = [
    # Names in quotes of all kinds, and those that cannot go without.
    ('CREATE TABLE "my t" ("a b" INT, "order" TEXT)',
     "CREATE TABLE [my t] (`a b` INT, 'order' TEXT)"),
    ("CREATE TABLE t (a, b, PRIMARY KEY (a), UNIQUE (b),"
     " FOREIGN KEY (a) REFERENCES p (x))",
     "CREATE TABLE 't' ('a', 'b', PRIMARY KEY ('a'), UNIQUE ([b]),"
     " FOREIGN KEY (`a`) REFERENCES 'p' (\"x\"))"),
    ('CREATE TABLE t (a """q""", "b""c" INT)',
     'CREATE TABLE t (a """q""", `b"c` INT)'),
    # Key words in any case, types too.
    ("CREATE TABLE t (a VARCHAR(10) NOT NULL COLLATE NOCASE)",
     "create table t (a VarChar ( 10 ) not null collate \"NoCase\")"),
    # A name that is referred to.
    ("CREATE TABLE t (Abc, CHECK (abc > 0)); CREATE INDEX i ON T (ABC)",
     "CREATE TABLE t (Abc, CHECK (\"ABC\" > 0)); CREATE INDEX i ON t ([Abc])"),
    ("CREATE TABLE t (a, CHECK (t.a > 0))",
     'CREATE TABLE t (a, CHECK ("T"."A" > 0))'),
    # A string in double quotes.
    ("CREATE TABLE t (a DEFAULT 'Abc')", 'CREATE TABLE t (a DEFAULT "Abc")'),
    ("CREATE TABLE t (a DEFAULT 'Abc')", "CREATE TABLE t (a DEFAULT Abc)"),
    ("CREATE TABLE t (a, CHECK (a <> 'It''s'))",
     'CREATE TABLE t (a, CHECK (a <> "It\'s"))'),
    # Numbers and blobs.
    ("CREATE TABLE t (a DEFAULT 1.5e-3, CHECK (a > 0x1F OR a = x'AB'))",
     "CREATE TABLE t (a DEFAULT 1.5E-3, CHECK (a > 0X1f OR a = X'ab'))"),
    # Constraints need no comma between them, nor does their order count.
    ("CREATE TABLE t (a, CHECK (a > 0), CONSTRAINT c UNIQUE (a), CHECK (a < 9))",
     "CREATE TABLE t (a, CHECK (a < 9) CONSTRAINT c UNIQUE (a) CHECK (a > 0))"),
    # What ALTER TABLE makes of it.
    ("CREATE TABLE t (a, b TEXT NOT NULL DEFAULT 'x', CHECK (a > 0))",
     "CREATE TABLE t (a, CHECK (a > 0));"
     "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'x'"),
    ("CREATE TABLE u (a, CHECK (u.a > 0)); CREATE TABLE c (x REFERENCES u);"
     "CREATE INDEX i ON u (a); CREATE VIEW v AS SELECT [u].a FROM u",
     "CREATE TABLE t (a, CHECK (t.a > 0)); CREATE TABLE c (x REFERENCES t);"
     "CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT t.a FROM t;"
     "ALTER TABLE t RENAME TO u"),
    ("CREATE TABLE t (a, c, CHECK (c > 0)); CREATE INDEX i ON t (c) WHERE c > 0",
     "CREATE TABLE t (a, b, CHECK (b > 0)); CREATE INDEX i ON t (b) WHERE b > 0;"
     "ALTER TABLE t RENAME COLUMN b TO c"),
    ("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b", "CREATE TABLE t (a, b)"),
    # Not of the schema.
    ("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b); ANALYZE",
     "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b);"
     "CREATE TEMP TABLE x (a); CREATE TEMP VIEW y AS SELECT 1;"
     "CREATE TEMP TRIGGER z AFTER INSERT ON t BEGIN SELECT 1; END;"
     "ATTACH ':memory:' AS o; CREATE TABLE o.x (a)"),
    # Views and triggers.
    ("CREATE TABLE t (a, [b c]); CREATE VIEW v (x) AS SELECT [b c] AS Alias "
     "FROM t AS m LEFT JOIN t AS n ON m.a = n.a WHERE CAST(m.a AS TEXT) > 'X'",
     'CREATE TABLE t (a, [b c]); create view "v"("x")as select `B C`as"Alias"'
     'from "T" as m left join [t] as n on "m"."A"=[n].a '
     "where cast(M.a as text) > /* */ 'X' -- x"),
    ("CREATE TABLE t (a); CREATE TRIGGER g AFTER UPDATE OF a ON t "
     "WHEN new.a > 0 BEGIN UPDATE t SET a = 1; DELETE FROM t; END",
     "CREATE TABLE t (a); CREATE TRIGGER g AFTER UPDATE OF \"A\" ON [T] "
     "WHEN NEW.\"a\" > 0 BEGIN update \"t\" set [a] = 1;\n delete from `t`; END"),
    ("CREATE VIRTUAL TABLE f USING fts5(a, b, tokenize = 'porter ascii')",
     'create virtual table "f" using "FTS5" ( a ,b,\n'
     "tokenize = 'porter ascii' )"),
]

# What is not the same, and which objects differ.
DIFFERENT = [
    # Case of names that are given.
    ("CREATE TABLE t (a)", "CREATE TABLE T (a)",
     [("table T", "extra"), ("table t", "missing")]),
    ("CREATE TABLE t (a)", "CREATE TABLE t (A)",
     [("column t.A", "extra"), ("column t.a", "missing")]),
    ("CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW v AS SELECT 1 AS A",
     [("view v", "differs")]),
    ("CREATE VIEW v AS SELECT 1 a", "CREATE VIEW v AS SELECT 1 A",
     [("view v", "differs")]),
    ("CREATE VIEW v (a) AS SELECT 1", "CREATE VIEW v (A) AS SELECT 1",
     [("view v", "differs")]),
    # Strings in double quotes.
    ('CREATE TABLE t (a DEFAULT "Abc")', 'CREATE TABLE t (a DEFAULT "abc")',
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a DEFAULT Abc)", "CREATE TABLE t (a DEFAULT abc)",
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a DEFAULT true)", 'CREATE TABLE t (a DEFAULT "true")',
     [("column t.a", "differs")]),
    ("CREATE TABLE t (a DEFAULT current_time)",
     'CREATE TABLE t (a DEFAULT "current_time")', [("column t.a", "differs")]),
    ('CREATE TABLE t (a, CONSTRAINT c CHECK (a <> "X"))',
     'CREATE TABLE t (a, CONSTRAINT c CHECK (a <> "x"))',
     [("constraint t.c", "differs")]),
    ('CREATE VIEW v AS SELECT "X" AS a', 'CREATE VIEW v AS SELECT "x" AS a',
     [("view v", "differs")]),
    ("CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN "
     "SELECT raise(abort, Oops); END",
     "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN "
     "SELECT raise(abort, oops); END", [("trigger g", "differs")]),
    # Names that would be something else without quotes.
    ('CREATE TABLE t ("null", b, CONSTRAINT c CHECK ("null" IS NOT b))',
     'CREATE TABLE t ("null", b, CONSTRAINT c CHECK (null IS NOT b))',
     [("constraint t.c", "differs")]),
    ("CREATE TABLE t (current_time, CONSTRAINT c CHECK ([current_time] > 1))",
     "CREATE TABLE t (current_time, CONSTRAINT c CHECK (current_time > 1))",
     [("constraint t.c", "differs")]),
    ("CREATE TABLE t (a); CREATE TABLE u (a);"
     "CREATE VIEW v AS SELECT 1 FROM t LEFT JOIN u ON 1",
     "CREATE TABLE t (a); CREATE TABLE u (a);"
     "CREATE VIEW v AS SELECT 1 FROM t [LEFT] JOIN u ON 1",
     [("view v", "differs")]),
    # A column that an index is about, or a string.
    ('CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE "B" > 1',
     "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE 'B' > 1",
     [("index i", "differs")]),
    # A type that has "INT" in it, if only in a comment.
    ("CREATE TABLE t (a DOUBLE PRECISION)",
     "CREATE TABLE t (a DOUBLE /* INT */ PRECISION)",
     [("column t.a", "differs")]),
    # Names with dots.
    ('CREATE TABLE "a.b" (c INT)', 'CREATE TABLE "a.b" (c TEXT)',
     [('column "a.b".c', "differs")]),
    ('CREATE TABLE t ("a, b" INT)', 'CREATE TABLE t (a, b INT)',
     [('column t."a, b"', "missing"), ("column t.a", "extra"),
      ("column t.b", "extra")]),
    # Constraints: which it is, and that one is there twice.
    ("CREATE TABLE t (a, PRIMARY KEY (a))",
     "CREATE TABLE t (a, PRIMARY KEY (a DESC))",
     [("constraint t.primary key", "differs")]),
    ("CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES p (x))",
     "CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES p (x) ON DELETE CASCADE)",
     [("constraint t.foreign key(a)", "differs")]),
    ("CREATE TABLE t (a, UNIQUE (a))",
     "CREATE TABLE t (a, UNIQUE (a) ON CONFLICT IGNORE)",
     [("constraint t.unique(a)", "differs")]),
    ("CREATE TABLE t (a, CHECK (a > 0), CHECK (a > 0))",
     "CREATE TABLE t (a, CHECK (a > 0))",
     [("constraint t.check(a>0) #2", "missing")]),
    ("CREATE TABLE t (a, CHECK (a <> '" + "x" * 90 + "1'),"
     " CHECK (a <> '" + "x" * 90 + "2'))",
     "CREATE TABLE t (a, CHECK (a <> '" + "x" * 90 + "1'),"
     " CHECK (a <> '" + "x" * 90 + "3'))",
     [("constraint t.check(a<>'" + "x" * 70 + " #2", "differs")]),
    ("CREATE TABLE t (a, CONSTRAINT c CHECK (a > 0), CONSTRAINT c UNIQUE (a))",
     "CREATE TABLE t (a, CONSTRAINT c CHECK (a > 0), CONSTRAINT c UNIQUE (a"
     " COLLATE nocase))", [("constraint t.c #2", "differs")]),
    # Virtual tables: only the module knows what its arguments mean.
    ("CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'ascii')",
     "CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'porter')",
     [("table f", "differs")]),
    # A table that is no shadow, though it could be one by its name.
    ("CREATE VIRTUAL TABLE f USING fts5(a, content='f_content');"
     "CREATE TABLE f_content (a)",
     "CREATE VIRTUAL TABLE f USING fts5(a, content='f_content');"
     "CREATE TABLE f_content (a, b)",
     [("column f_content.b", "extra")]),
    ("CREATE VIRTUAL TABLE f USING fts5(a, columnsize=0);"
     "CREATE TABLE f_docsize (a)",
     "CREATE VIRTUAL TABLE f USING fts5(a, columnsize=0);"
     "CREATE TABLE f_docsize (a, b)",
     [("column f_docsize.b", "extra")]),
    ("CREATE VIRTUAL TABLE f USING fts4(a, matchinfo='fts3');"
     "CREATE TABLE f_docsize (a)",
     "CREATE VIRTUAL TABLE f USING fts4(a, matchinfo='fts3');"
     "CREATE TABLE f_docsize (a, b)",
     [("column f_docsize.b", "extra")]),
    ("CREATE VIRTUAL TABLE f USING fts3(a); CREATE TABLE f_stat (a)",
     "CREATE VIRTUAL TABLE f USING fts3(a); CREATE TABLE f_stat (a, b)",
     [("column f_stat.b", "extra")]),
    ("CREATE TABLE f_data (a)", "CREATE TABLE f_data (b)",
     [("column f_data.a", "missing"), ("column f_data.b", "extra")]),
    # A trigger whose table is written in another case.
    ("CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON T BEGIN SELECT 1; "
     "END", "SELECT 1", [("table t", "missing")]),
]

if HAS_DROP_COLUMN:
    SAME.append(("CREATE TABLE t (a, c, CHECK (a > 0))",
                 "CREATE TABLE t (a, b DEFAULT 'x', c, CHECK (a > 0));"
                 "ALTER TABLE t DROP COLUMN b"))
if HAS_STRICT:
    DIFFERENT += [("CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) STRICT",
                   [("table t", "differs")])]
    SAME += [("CREATE TABLE t (a INT PRIMARY KEY) STRICT, WITHOUT ROWID",
              "CREATE TABLE t (a INT PRIMARY KEY) without rowid, strict")]


def test_what_is_the_same(_):
    for wanted, actual in SAME:
        db = connect(":memory:")
        same((wanted, compared(db, wanted, actual)), (wanted, []))
        db.close()


def test_what_differs(_):
    for wanted, actual, told in DIFFERENT:
        db = connect(":memory:")
        same((wanted, sorted(compared(db, wanted, actual))),
             (wanted, sorted(told)))
        db.close()


def test_shadow_tables_are_no_tables(_):
    """Neither those of a virtual table here nor there."""
    for module in ("fts3(a)", "fts4(a)", "fts5(a)", "rtree(i, a, b)",
                   "fts5(a, columnsize=1)", "fts5(a, columnsize='0')",
                   "fts4(a, matchinfo=fts3)", "fts4(content='', a)"):
        db = connect(":memory:")
        same(compared(db, "SELECT 1",
                      f"CREATE VIRTUAL TABLE f USING {module}"),
             [("table f", "extra")])
        db.close()


def test_rows_that_cannot_be_read(_):
    """What is no SQL is listed as it is written."""
    db = connect(":memory:")
    compared(db, "CREATE TABLE t (a)", "CREATE TABLE t (a); CREATE TABLE x (a)")
    db.execute("PRAGMA writable_schema = on")
    if db.execute("PRAGMA writable_schema").fetchone()[0] == 0:
        print("# not run: the library is defensive")
        return
    for text in ("CREATE TABLE x (a", "CREATE TABLE x", "", "(", "\x01'",
                 "CREATE TABLE x (a) nonsense"):
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'x'", [text])
        same((text, kinds(db)), (text, [("table x", "extra")]))
    db.execute("UPDATE sqlite_schema SET sql = NULL, type = 'odd' "
               "WHERE name = 'x'")
    same(kinds(db), [("row odd x", "extra")])

"""What has changed in a schema, behind the extension's back and by it.

MIGRATE_TEST_SCHEMAS says how many random sequences are tried (a tenth of 1000),
MIGRATE_TEST_SEED where to begin.
"""

import os
import random
import sqlite3

from tools import add, connect, is_defensive, one, rows, same

HAS_DROP_COLUMN = sqlite3.sqlite_version_info >= (3, 35)
COUNT = int(os.environ.get("MIGRATE_TEST_SCHEMAS", "1000")) // 10
SEED = int(os.environ.get("MIGRATE_TEST_SEED", "20"))

# One of each kind.
BASE = """
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE t (a INT, "b c" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a > 0),
                CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id));
CREATE INDEX i ON t (a) WHERE a > 1;
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;
CREATE TRIGGER h INSTEAD OF INSERT ON v BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE f USING fts5(a);
"""

# What somebody does, and what drift says.
BEHIND = [
    ("CREATE TABLE n (a, CHECK (a > 0)); CREATE INDEX ni ON n (a)",
     [("table", "n", "added")]),
    ("DROP TABLE p", [("table", "p", "removed")]),
    ("ALTER TABLE p ADD COLUMN x",
     [("column", "p.x", "added")]),
    ("ALTER TABLE p RENAME COLUMN name TO label",
     [("column", "p.label", "added"), ("column", "p.name", "removed")]),
    ("DROP TABLE p; CREATE TABLE p (id INTEGER PRIMARY KEY, name BLOB)",
     [("column", "p.name", "changed")]),
    ("CREATE INDEX n ON p (name)", [("index", "n", "added")]),
    ("DROP INDEX i", [("index", "i", "removed")]),
    ("DROP INDEX i; CREATE INDEX i ON t (a) WHERE a > 2",
     [("index", "i", "changed")]),
    ("DROP INDEX i; CREATE INDEX i ON p (name)",
     [("index", "i", "changed")]),
    ("CREATE VIEW n AS SELECT 1", [("view", "n", "added")]),
    ("DROP VIEW v", [("view", "v", "removed")]),
    ("DROP TRIGGER h; DROP VIEW v; CREATE VIEW v AS SELECT a + 1 AS a FROM t;"
     "CREATE TRIGGER h INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
     [("view", "v", "changed")]),
    ("CREATE TRIGGER n AFTER DELETE ON t BEGIN SELECT 1; END",
     [("trigger", "n", "added")]),
    ("DROP TRIGGER g", [("trigger", "g", "removed")]),
    ("DROP TRIGGER g; CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 2; END",
     [("trigger", "g", "changed")]),
    ("DROP TABLE f", [("table", "f", "removed")]),
    ("DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(a, b)",
     [("table", "f", "changed")]),
    ("CREATE VIRTUAL TABLE n USING rtree(a, b, c)", [("table", "n", "added")]),
    # Nothing of the schema.
    ("INSERT INTO p VALUES (1, 'x'); CREATE TEMP TABLE n (a); ANALYZE;"
     "INSERT INTO f VALUES ('x'); PRAGMA user_version = 3", []),
    ("DROP INDEX i; CREATE INDEX \"i\" on T ( [A] ) where A>1 -- x", []),
    ("CREATE TABLE n (a); DROP TABLE n", []),
]

# What becomes of the table alone, whose other parts go with it.
TABLES = [
    ("a INT, \"b c\" TEXT DEFAULT 'y', CONSTRAINT pos CHECK (a > 0), "
     "CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id)",
     [("column", 't."b c"', "changed")]),
    ("a INT NOT NULL, \"b c\" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a > 0), "
     "CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id)",
     [("column", "t.a", "changed")]),
    ("a INT, \"b c\" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a >= 0), "
     "CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id)",
     [("constraint", "t.pos", "changed")]),
    ("a INT, \"b c\" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a > 0), "
     "FOREIGN KEY (a) REFERENCES p (id)",
     [("constraint", "t.check(a<99)", "removed")]),
    ("a INT, \"b c\" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a > 0), "
     "CHECK (a < 99), UNIQUE (a), FOREIGN KEY (a) REFERENCES p (id)",
     [("constraint", "t.unique(a)", "added")]),
    ("a INT, \"b c\" TEXT DEFAULT 'x', CONSTRAINT pos CHECK (a > 0), "
     "CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE",
     [("constraint", "t.foreign key(a)", "changed")]),
    ("\"b c\" TEXT DEFAULT 'x', a INT, CONSTRAINT pos CHECK (a > 0), "
     "CHECK (a < 99), FOREIGN KEY (a) REFERENCES p (id)",
     [("table", "t", "changed")]),
]


def drift(db):
    return rows(db, "SELECT kind, object, change FROM migrate_drift()")


def statements(text):
    """A text's statements; triggers have semicolons of their own."""
    part = ""
    for piece in text.split(";"):
        part += piece + ";"
        if sqlite3.complete_statement(part):
            yield part
            part = ""
    yield part


def told(db, text, expected):
    """Do something behind the extension's back, look, and undo it."""
    db.execute("BEGIN")
    for statement in statements(text):
        db.execute(statement)
    same((text, sorted(drift(db))), (text, sorted(expected)))
    db.execute("ROLLBACK")
    same((text, drift(db)), (text, []))


def test_what_is_done_behind_the_back(_):
    db = connect(":memory:")
    add(db, "1", BASE)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(drift(db), [])
    for text, expected in BEHIND:
        told(db, text, expected)
    if HAS_DROP_COLUMN:
        told(db, "ALTER TABLE p DROP COLUMN name",
             [("column", "p.name", "removed")])
    for definition, expected in TABLES:
        told(db, f"DROP TABLE t; CREATE TABLE t ({definition});"
                 "CREATE INDEX i ON t (a) WHERE a > 1;"
                 "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
             expected)


TABLE_NAMES = ["t0", "t1", "t2", "T1", '"T x"', "main.t3"]


def statement(source):
    """Random DDL, most of which can be run now and then."""
    t = source.choice(TABLE_NAMES)
    u = source.choice(TABLE_NAMES).replace("main.", "")
    n = source.randrange(6)
    return source.choice([
        f"CREATE TABLE IF NOT EXISTS {t} (a, b{n} INT, c DEFAULT \"X{n}\")",
        f"CREATE TABLE {t} (a, b{n})",
        f"CREATE TABLE {t} AS SELECT 1 AS x{n}, 2 AS a",
        f"DROP TABLE IF EXISTS {t}",
        f"ALTER TABLE {t} RENAME TO {u}",
        f"ALTER TABLE {t} ADD COLUMN d{n}",
        f"ALTER TABLE {t} RENAME COLUMN a TO a{n}",
        f"CREATE INDEX i{n} ON {u} (a)",
        f"CREATE INDEX i{n} ON {u} (lower(a))",
        f"DROP INDEX IF EXISTS i{n}",
        f"CREATE VIEW v{n} AS SELECT a, \"q\" FROM {t}",
        f"DROP VIEW IF EXISTS v{n}",
        f"CREATE TRIGGER g{n} AFTER INSERT ON {u} BEGIN DELETE FROM {u}; END",
        f"CREATE TRIGGER g{n} INSTEAD OF INSERT ON v{n} BEGIN SELECT {n}; END",
        f"DROP TRIGGER IF EXISTS g{n}",
        f"CREATE VIRTUAL TABLE f{n} USING fts5(a)",
        f"ALTER TABLE f{n} RENAME TO f{n}{n}",
        f"DROP TABLE IF EXISTS f{n}",
        f"CREATE TEMP TABLE IF NOT EXISTS z{n} (a)",
        "CREATE TABLE IF NOT EXISTS au (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        f"INSERT INTO {t} (a) VALUES (1)",
        f"SELECT migrate_rebuild('t{n}', '(a, r{n} CHECK (r{n} > 0))')",
        f"SELECT change('CREATE TABLE {t} (a)')",
        f"SELECT change('DROP VIEW IF EXISTS v{n}')",
        "PRAGMA user_version = 3", "ANALYZE", "SELECT 1"])


def register(db):
    """A function with which a query changes the schema."""
    def change(text):
        db.execute(text)
    db.create_function("change", 1, change, deterministic=True)


def try_to(db, sql):
    try:
        db.execute(sql)
        return True
    except sqlite3.Error:
        return False


def migrate(db, source, version):
    """Try a few statements until some can be run, and apply these."""
    texts = []
    db.execute("BEGIN")
    for text in [statement(source) for _ in range(source.randrange(4))]:
        db.execute("SAVEPOINT one")
        if "rebuild" in text or try_to(db, text):
            texts.append(text)
        else:
            db.execute("ROLLBACK TO one")
        db.execute("RELEASE one")
    db.execute("ROLLBACK")
    add(db, version, ";\n".join(texts) + ";")
    return texts


def test_what_migrations_do(place):
    """After each run, whatever it did, the record is what is there."""
    for seed in range(SEED, SEED + COUNT):
        source = random.Random(seed)
        path = place / f"{seed}.db"
        db = connect(path)
        db.execute("PRAGMA synchronous = off")
        register(db)
        other = connect(path)
        texts = []
        for version in range(8):
            texts.append(migrate(db, source, f"{version:02}"))
            if source.random() < 0.3: # else several in one call
                continue
            if source.random() < 0.3:
                try_to(other, statement(source).replace("change", "abs"))
                one(other, "SELECT migrate_accept()")
            outer = source.random() < 0.3
            if outer:
                db.execute("BEGIN")
            # One that fails leaves those before it.
            try_to(db, "SELECT migrate_apply()")
            same((seed, texts, drift(db)), (seed, texts, []))
            if outer:
                db.execute(source.choice(["COMMIT", "ROLLBACK"]))
                same((seed, texts, drift(db)), (seed, texts, []))
        db.close()
        other.close()


def test_a_schema_that_is_written_to(place):
    db = connect(place / "app.db")
    if is_defensive(db):
        print("# not run: the library is defensive")
        return
    add(db, "1", "CREATE TABLE t (a); CREATE TABLE u (a)")
    add(db, "2", "PRAGMA writable_schema = on;"
                 "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a CHECK (a))'"
                 " WHERE name = 't'; PRAGMA writable_schema = off")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(drift(db), [])
    same(rows(db, "SELECT definition FROM migrate_object "
                  "WHERE identity = 't.a'"), [("check(a)",)])
    # And where the caller has it on before.
    db.execute("PRAGMA writable_schema = on")
    add(db, "3", "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a UNIQUE)'"
                 " WHERE name = 't' AND 0; UPDATE sqlite_schema SET "
                 "sql = 'CREATE TABLE u (a NOT NULL)' WHERE name = 'u'")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(drift(db), [])
    same(rows(db, "SELECT definition FROM migrate_object "
                  "WHERE identity = 'u.a'"), [("not null",)])


def test_what_others_commit_in_between(place):
    """Each commit of a run may have another's behind it."""
    path = place / "app.db"
    db = connect(path)
    other = connect(path)
    db.create_function("others", 1, lambda text: other.execute(text) and 0)
    for number in range(6):
        add(db, str(number), f"CREATE TABLE t{number} (a)")
        same(one(db, "SELECT migrate_apply()"), 1)
        other.execute(f"CREATE TABLE o{number} (a)")
        same(drift(db), [("table", f"o{number}", "added")])
        one(other, "SELECT migrate_accept()")
        same(drift(db), [])


def test_a_name_in_another_case(_):
    db = connect(":memory:")
    add(db, "1", "CREATE TABLE t (a, CHECK (t.a > 0)); CREATE INDEX i ON t (a);"
                 "CREATE TRIGGER g AFTER INSERT ON T BEGIN SELECT 1; END")
    add(db, "2", "ALTER TABLE t RENAME TO t_; ALTER TABLE t_ RENAME TO T")
    same(one(db, "SELECT migrate_apply('1')"), 1)
    same(rows(db, "SELECT identity, parent FROM migrate_object "
                  "WHERE kind IN ('table', 'trigger') ORDER BY 1"),
         [("g", "t"), ("t", None)])
    same(one(db, "SELECT migrate_apply()"), 1)
    same(drift(db), [])
    same(rows(db, "SELECT identity, parent FROM migrate_object "
                  "WHERE kind IN ('table', 'trigger') ORDER BY 1"),
         [("T", None), ("g", "T")])


# Migrations that leave traces where nobody would look for them.
HIDDEN = [
    # Functions that change the schema, behind a CREATE and inside one.
    "CREATE TABLE n (a); SELECT change('DROP VIEW v')",
    "CREATE TABLE n (a); SELECT change('ALTER TABLE p ADD COLUMN x')",
    "SELECT change('CREATE TABLE n (a)')",
    "CREATE TABLE n AS SELECT change('DROP VIEW v') AS a",
    "CREATE INDEX n ON p (change(name))",
    "INSERT INTO p VALUES (7, change('CREATE TABLE n (a)'))",
    # The cookie goes back, or to where it was.
    "CREATE TABLE n (a); SAVEPOINT s; CREATE TABLE m (a); ROLLBACK TO s;"
    "CREATE TABLE o (a); RELEASE s",
    "SELECT change('SAVEPOINT s'); SELECT change('CREATE TABLE n (a)');"
    "SELECT change('ROLLBACK TO s'); SELECT change('ALTER TABLE p ADD x')",
    "CREATE TABLE n (a); DROP VIEW v; PRAGMA schema_version = 900;"
    "CREATE TABLE m (a)",
    "DROP VIEW v; PRAGMA schema_version = {cookie}",
    "DROP VIEW v; pragma main . /* */ [Schema_Version] ({cookie})",
    # Others' names.
    "ALTER TABLE p RENAME TO q; ALTER TABLE q RENAME COLUMN name TO label",
    "ALTER TABLE p RENAME TO q; CREATE TABLE p (x)",
    "DROP TABLE t",
    "CREATE TABLE n (a); DROP TABLE n; CREATE VIEW n AS SELECT 1",
]


def test_what_is_hard_to_see(_):
    for text in HIDDEN:
        db = connect(":memory:")
        register(db)
        add(db, "1", BASE)
        same(one(db, "SELECT migrate_apply()"), 1)
        db.execute("INSERT INTO p VALUES (1, 'DROP VIEW v')")
        add(db, "2", "SELECT 1")
        cookie = one(db, "PRAGMA schema_version")
        add(db, "3", text.format(cookie=cookie))
        add(db, "4", "CREATE TABLE behind (a)")
        before = one(db, "SELECT migrate_fingerprint()")
        try:
            one(db, "SELECT migrate_apply()")
        except sqlite3.Error as error:
            print(f"# refused: {text}: {error}")
        else:
            assert one(db, "SELECT migrate_fingerprint('3')") != before, text
        same((text, drift(db)), (text, []))
        db.close()

"""migrate_rebuild() adds foreign keys: rows that refer to nothing."""

import itertools
import random

from test_rebuild import definition_of, edited, rebuild, unharmed
from tools import connect, fails, is_defensive, one, rows, same

PARENTS = ("INTEGER PRIMARY KEY", "INT UNIQUE", "TEXT UNIQUE", "UNIQUE",
           "REAL UNIQUE", "NUMERIC UNIQUE", "TEXT COLLATE NOCASE UNIQUE",
           "COLLATE RTRIM UNIQUE")
CHILDREN = ("INT", "TEXT", "", "REAL", "NUMERIC", "TEXT COLLATE NOCASE",
            "COLLATE NOCASE")
VALUES = (1, 1.0, "1", "1.0", "1 ", "a", "A", "a ", b"1", b"a", 1.5, "1.5",
          0.0, -0.0, "0", "-0.0", 2 ** 53, 2.0 ** 53, 2 ** 53 + 1, None)


def violations(db, child):
    """What the engine itself says to a table like this one, with the key."""
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(child.replace("TABLE c ", "TABLE other "))
    db.execute("INSERT INTO other SELECT * FROM c")
    found = one(db, "SELECT count(*) FROM pragma_foreign_key_check('other')")
    db.execute("DROP TABLE other")
    return found


def check_key(db, child):
    """Add the key; it is refused exactly when the engine finds orphans."""
    expected = violations(db, child)
    if expected == 0:
        rebuild(db, "c", child)
        same(definition_of(db, "c"), child)
    else:
        fails(db, "SELECT migrate_rebuild('c', ?)",
              f"FOREIGN KEY constraint failed: {expected} rows? of table c ",
              "SQLITE_CONSTRAINT_FOREIGNKEY", (child,))
    return expected


def test_values_are_compared_as_the_engine_does(place):
    rng = random.Random("orphans")
    met = violated = 0
    for parent, child, _ in itertools.product(PARENTS, CHILDREN, range(12)):
        db = connect(":memory:")
        db.execute(f"CREATE TABLE p (k {parent})")
        db.execute(f"CREATE TABLE c (k {child})")
        db.execute("CREATE INDEX i ON c (k COLLATE BINARY)")
        for value in rng.sample(VALUES, 4):
            db.execute("INSERT OR IGNORE INTO p VALUES (?)"
                       if "PRIMARY" not in parent or isinstance(value, int)
                       else "SELECT ?", (value,))
        for value in rng.sample(VALUES, 2):
            db.execute("INSERT INTO c VALUES (?)", (value,))
        # Most by what is there, so that many keys are met.
        db.execute("DELETE FROM c WHERE k NOT IN (SELECT k FROM p) "
                   "AND abs(random()) % 4 > 0")
        if check_key(db, f"CREATE TABLE c (k {child} REFERENCES p (k))") == 0:
            met += 1
        else:
            violated += 1
        db.close()
    assert met > 100 and violated > 30, (met, violated)


def test_keys_of_several_columns(place):
    for index in ("(b, a)", "(a, b, x)", "(a)", "(a, x, b)", "(b) WHERE b > 5",
                  "(a COLLATE NOCASE, b)", "(a, b) WHERE x IS NULL"):
        for key in ("(a, b) REFERENCES p (m, n)", "(b, a) REFERENCES p"):
            db = connect(":memory:")
            db.executescript(
                "CREATE TABLE p (m, n INT, UNIQUE (m, n), PRIMARY KEY (n, m));"
                "CREATE TABLE c (a, b INT, x);"
                f"CREATE INDEX i ON c {index};"
                "INSERT INTO p VALUES ('u', 1), ('u', 2), ('v', 1);"
                "INSERT INTO c VALUES ('u', 1, 0), ('u', '2', 0), (NULL, 9, 0),"
                "('q', NULL, 0), ('v', 1, 0), ('v', 1, 0)")
            child = f"CREATE TABLE c (a, b INT, x, FOREIGN KEY {key})"
            for a, b, count in (("v", 2, 1), ("U", 1, 1), ("u", 7, 1)):
                db.execute("SAVEPOINT s")
                db.execute("INSERT INTO c VALUES (?, ?, 0)", (a, b))
                same(check_key(db, child), count)
                db.execute("ROLLBACK TO s")
                db.execute("RELEASE s")
            same(check_key(db, child), 0)
            unharmed(db)
            db.close()


def test_a_key_is_checked_by_way_of_its_index(place):
    for index, read in (("(k)", 1), ("(k, x)", 1), ("(x, k)", 4),
                        ("(k) WHERE x > 1", 4), ("(k COLLATE NOCASE)", 4)):
        db = connect(":memory:")
        seen = []
        # The column is computed where a row is read, not from the index; one
        # row is read to see that the edited schema works.
        db.create_function("seen", 1, lambda x: seen.append(x) or x and x % 2,
                           deterministic=True)
        db.executescript(
            "CREATE TABLE p (k INTEGER PRIMARY KEY);"
            "CREATE TABLE c (x, k INT AS (seen(x)));"
            "INSERT INTO p VALUES (0), (1); INSERT INTO c VALUES (4), (5), (NULL);"
            f"CREATE INDEX i ON c {index}")
        seen.clear()
        edited(db, rebuild(db, "c", "(x, k INT AS (seen(x)) REFERENCES p)")[0])
        if not is_defensive(db):
            same((index, len(seen)), (index, read))
        db.close()


def test_values_that_only_the_parent_tells_apart(place):
    for parent, there, child, values in (
            ("TEXT", ("a",), "TEXT COLLATE NOCASE", ("a", "A")),
            ("TEXT", ("A",), "TEXT COLLATE NOCASE", ("a", "A")),
            ("TEXT", ("1",), "", (1, 1.0)), ("TEXT", ("1.0",), "", (1, 1.0)),
            ("TEXT", ("1",), "", (1.0, 1)), ("TEXT", ("1.0",), "", (1.0, 1)),
            ("TEXT", ("0.0",), "REAL", (0.0, -0.0, 5.0)),
            ("", (1,), "", ("1", 1)), ("BLOB", ("a",), "", ("a", b"a"))):
        db = connect(":memory:")
        db.executescript(f"CREATE TABLE p (k {parent} UNIQUE);"
                         f"CREATE TABLE c (k {child});"
                         "CREATE INDEX i ON c (k COLLATE BINARY)")
        db.executemany("INSERT INTO p VALUES (?)", [(v,) for v in there])
        db.executemany("INSERT INTO c VALUES (?)", [(v,) for v in values])
        case = (parent, there, child, values)
        same((case, check_key(
            db, f"CREATE TABLE c (k {child} REFERENCES p (k))") > 0),
             (case, True))
        db.close()


def test_several_keys_and_parents(place):
    db = connect(":memory:")
    db.executescript(
        'CREATE TABLE "p q" ("k l" INTEGER PRIMARY KEY);'
        "CREATE TABLE c (id INTEGER PRIMARY KEY, a INT, b INT, up INT);"
        "CREATE INDEX ia ON c (a); CREATE INDEX ib ON c (b);"
        "CREATE INDEX iu ON c (up);"
        'INSERT INTO "p q" VALUES (1); INSERT INTO c VALUES (7, 1, 5, 7)')
    own = "up INT REFERENCES c"
    fails(db, "SELECT migrate_rebuild('c', '(id INTEGER PRIMARY KEY, "
              f'a INT REFERENCES "p q", b INT REFERENCES "p q" ("k l"), '
              f"{own})')", "1 row of table c refers to nothing in p q",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    fails(db, "SELECT migrate_rebuild('c', '(id INTEGER PRIMARY KEY, a INT, "
              f"b INT REFERENCES none, {own})')", "refers to nothing in none")
    db.execute("UPDATE c SET b = NULL")
    rebuild(db, "c", '(id INTEGER PRIMARY KEY, a INT REFERENCES "p q", '
                     f"b INT REFERENCES none, {own})")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO c VALUES (8, 1, NULL, 9)")
    fails(db, "SELECT migrate_rebuild('c', '(id INTEGER PRIMARY KEY, "
              f"a INT, b INT REFERENCES \"p q\", {own} ON DELETE CASCADE, "
              "x UNIQUE, FOREIGN KEY (a) REFERENCES c)')",
          "There were 1 before")
    db.execute("DELETE FROM c WHERE id = 8")
    db.execute("CREATE VIEW v AS SELECT 1 AS k")
    fails(db, "SELECT migrate_rebuild('c', '(id INTEGER PRIMARY KEY, a INT "
              "REFERENCES v (k), b INT, up INT)')",
          "would not work any more: foreign key mismatch")
    unharmed(db)


def test_children_of_a_parent_whose_values_change(place):
    db = connect(":memory:")
    db.executescript(
        "CREATE TABLE p (k INTEGER PRIMARY KEY, n TEXT UNIQUE);"
        "CREATE TABLE c (n TEXT REFERENCES p (n)); CREATE INDEX i ON c (n);"
        "INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES ('a')")
    fails(db, "SELECT migrate_rebuild('p', '(k INTEGER PRIMARY KEY, "
              "n TEXT UNIQUE)', 'n = upper(n)')",
          "1 row of table c refers to nothing in p")
    rebuild(db, "p", "(k INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE UNIQUE)",
            "n = upper(n)")
    same(rows(db, "SELECT * FROM p"), [(1, "A"), (2, "B")])
    unharmed(db)

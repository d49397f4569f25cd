"""Foreign keys where the engine does not enforce them."""

import re

from tools import (add, check_sound, column, connect, exists, fails, matches,
                   needs_schema_writes, one, rows, same)

TABLES = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, name text);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent);
CREATE TABLE "odd ""one" (x REFERENCES "parent" (id)) ;
CREATE TABLE beside (id, parent);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (10, 1), (20, 2);
"""


def database(keys="off"):
    db = connect(":memory:")
    db.executescript(TABLES + f"PRAGMA foreign_keys = {keys}")
    return db


def reads_written_schemas():
    """Whether PRAGMA writable_schema = reset does what it says."""
    db = database()
    if needs_schema_writes(db):
        return False
    db.executescript("BEGIN; PRAGMA writable_schema = on; UPDATE sqlite_schema "
                     "SET sql = 'CREATE TABLE beside (id, b)' WHERE name = "
                     "'beside'; PRAGMA writable_schema = reset; COMMIT")
    if column(db, "SELECT name FROM pragma_table_info('beside')")[1] == "b":
        return True
    print("# not run: the library knows no PRAGMA writable_schema = reset")
    return False


def refused(text, pattern, before=""):
    db = database()
    db.executescript(before)
    content = list(db.iterdump())
    add(db, "1", text)
    error = fails(db, "SELECT migrate_apply()",
                  '^migration "1" failed at its end: FOREIGN KEY constraint '
                  "failed: " + pattern, "SQLITE_CONSTRAINT_FOREIGNKEY")
    after = [line for line in db.iterdump() if "migrate_" not in line]
    same(after, [line for line in content if "migrate_" not in line])
    check_sound(db)
    return str(error)


def accepted(text, before=""):
    db = database()
    db.executescript(before)
    add(db, "1", text)
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)
    return db


def test_what_breaks_them_is_undone(place):
    one_row = "1 row of table child refers to nothing in parent"
    for text, pattern in (
            ("DELETE FROM parent WHERE id = 2", one_row),
            ("DELETE FROM parent", "2 rows of table child refer to nothing"),
            ("UPDATE parent SET id = 3 WHERE id = 2", one_row),
            ("REPLACE INTO parent SELECT 3, 'c'; DELETE FROM parent "
             "WHERE id = 2", one_row),
            ("INSERT INTO child VALUES (30, 7)", one_row),
            ("INSERT INTO beside VALUES (1, 2); INSERT INTO child VALUES "
             "(30, 7)", one_row),
            ("WITH x AS (SELECT 7 AS i) INSERT INTO main.child (parent) "
             "SELECT i FROM x", one_row),
            ("UPDATE child SET parent = 7 WHERE id = 20", one_row),
            ("DROP TABLE parent", "2 rows of table child refer"),
            ("ALTER TABLE child ADD COLUMN b DEFAULT 7 REFERENCES parent",
             "2 rows of table child refer"),
            ("CREATE TABLE fresh (x REFERENCES parent);"
             "INSERT INTO fresh VALUES (7)", "1 row of table fresh refers"),
            ('INSERT INTO "odd ""one" VALUES (7)', '1 row of table odd "one'),
            ("CREATE TRIGGER t AFTER INSERT ON beside BEGIN "
             "DELETE FROM parent WHERE id = new.parent; END;"
             "INSERT INTO beside VALUES (1, 2)", one_row),
            # What an INSERT writes is not the same behind the trigger.
            ("INSERT INTO beside VALUES (0, 0); CREATE TRIGGER t AFTER INSERT "
             "ON beside BEGIN DELETE FROM parent WHERE id = new.parent; END;"
             "INSERT INTO beside VALUES (1, 2)", one_row),
            ("INSERT INTO parent VALUES (5, 'e'); INSERT INTO parent VALUES "
             "(2, 'x') ON CONFLICT (id) DO UPDATE SET id = 9", one_row),
            ("PRAGMA legacy_alter_table = on; ALTER TABLE parent RENAME TO p2",
             "2 rows of table child refer"),
            ("CREATE TABLE np (id INTEGER PRIMARY KEY); INSERT INTO np VALUES "
             "(1); DROP TABLE parent; ALTER TABLE np RENAME TO parent",
             one_row)):
        refused(text, pattern)
    if reads_written_schemas():
        refused("PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = "
                "'CREATE TABLE beside (id, parent REFERENCES parent)' WHERE "
                "name = 'beside'; PRAGMA writable_schema = reset; INSERT INTO "
                "beside VALUES (1, 7)", "1 row of table beside refers")


def test_rows_are_listed(place):
    error = refused("INSERT INTO child VALUES " +
                    ", ".join(f"({i}, {i})" for i in range(101, 113)),
                    "12 rows of table child refer")
    same(re.findall(r"rowid (\d+) \(constraint 0\)", error),
         [str(i) for i in range(101, 111)])
    assert re.search(r"Table child, rowid 101.*, \.\.\.; parent parent\.",
                     error), error
    error = refused("INSERT INTO child VALUES (30, 8)",
                    "2 rows of table child",
                    "INSERT INTO child VALUES (29, 7)")
    assert "There were 1 before" in error, error


def test_what_does_not_is_kept(place):
    broken = "INSERT INTO child VALUES (30, 7); DELETE FROM parent WHERE id = 1"
    for text in ("INSERT INTO parent VALUES (3, 'c')",
                 "UPDATE parent SET name = 'x'",
                 "DELETE FROM parent WHERE id > 2",
                 "DELETE FROM child", "DROP TABLE child",
                 "ALTER TABLE parent RENAME TO elder",
                 "ALTER TABLE child RENAME TO kid",
                 "ALTER TABLE parent ADD COLUMN b",
                 "INSERT INTO beside VALUES (1, 99)",
                 "INSERT INTO child VALUES (40, NULL), (50, 2)",
                 "CREATE TABLE kid (id INTEGER PRIMARY KEY, p REFERENCES "
                 "parent); INSERT INTO kid SELECT id + 5, parent FROM child;"
                 "DROP TABLE child; ALTER TABLE kid RENAME TO child"):
        accepted(text).close()
        accepted(text, broken).close()


def test_with_keys_on_the_engine_does_it(place):
    db = database("on")
    add(db, "1", "DELETE FROM parent WHERE id = 2")
    fails(db, "SELECT migrate_apply()", "failed at line 1: FOREIGN KEY")
    check_sound(db)


def test_many_migrations_in_one_commit(place):
    db = database()
    one(db, "SELECT migrate_config('commit_every', '10s')")
    add(db, "1", "INSERT INTO parent VALUES (3, 'c')")
    add(db, "2", "INSERT INTO child VALUES (30, 3)")
    add(db, "3", "DELETE FROM parent WHERE id = 3")
    add(db, "4", "CREATE TABLE four (id)")
    fails(db, "SELECT migrate_apply()", '"3" failed at its end')
    same(column(db, "SELECT id FROM child"), [10, 20, 30])
    rows(db, "SELECT migrate_add('3', 'DELETE FROM child WHERE id = 30; "
             "DELETE FROM parent WHERE id = 3')")
    same(one(db, "SELECT migrate_apply()"), 2)
    check_sound(db)


def test_only_what_is_touched_is_read(place):
    """A check of the big table would call its collation."""
    db = connect(":memory:")
    calls = []
    db.create_collation("counted", lambda a, b: calls.append(1) or
                        (a > b) - (a < b))
    db.executescript("""
CREATE TABLE huge (id TEXT COLLATE counted PRIMARY KEY);
CREATE TABLE kid (id TEXT COLLATE counted REFERENCES huge);
INSERT INTO huge VALUES ('a'), ('b'), ('c'), ('d');
INSERT INTO kid VALUES ('a'), ('b'), ('c');
CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x REFERENCES p);
INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1);""")
    calls.clear()
    add(db, "1", "PRAGMA foreign_keys = off; DELETE FROM p WHERE id = 2;"
                 "CREATE TABLE x AS SELECT * FROM c; ALTER TABLE c ADD y;"
                 "SELECT 1 FROM huge; CREATE INDEX i ON c (x); ANALYZE c")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(calls, [])
    add(db, "2", "DELETE FROM kid WHERE rowid = 1")
    same(one(db, "SELECT migrate_apply()"), 1)
    assert calls
    check_sound(db)


def test_in_the_callers_transaction(place):
    db = database()
    add(db, "1", "DELETE FROM parent WHERE id = 2")
    db.execute("BEGIN")
    db.execute("INSERT INTO beside VALUES (7, 7)")
    fails(db, "SELECT migrate_apply()", "1 row of table child refers")
    db.execute("COMMIT")
    same(column(db, "SELECT id FROM parent"), [1, 2])
    same(column(db, "SELECT id FROM beside"), [7])
    check_sound(db)


def test_a_mismatch_of_a_new_table_is_no_violation(place):
    db = accepted("CREATE TABLE np (id); CREATE TABLE nc (x REFERENCES np(id));"
                  "INSERT INTO nc VALUES (1); INSERT INTO np VALUES (2)")
    assert exists(db, "nc")


def config(db, name, value):
    one(db, "SELECT migrate_config(?, ?)", name, value)


def last_detail(db):
    return one(db, "SELECT detail FROM migrate_history() WHERE action <> "
                   "'config' ORDER BY at DESC, seq DESC LIMIT 1")


def test_as_a_warning(place):
    """One migration leaves what the next one mends."""
    db = database()
    add(db, "1", "DELETE FROM parent WHERE id = 2; INSERT INTO \"odd \"\"one\" "
                 "VALUES (7)", "INSERT INTO child VALUES (40, 9)")
    error = fails(db, "SELECT migrate_apply()", "1 row of table")
    matches(str(error), r"migrate_config\('foreign_keys', 'warn'\)")
    config(db, "foreign_keys", "warn")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(sorted(last_detail(db).splitlines()),
         ["FOREIGN KEY constraint failed: 1 row of table child refers to "
          "nothing in parent.  Table child, rowid 20 (constraint 0); parent "
          "parent.",
          'FOREIGN KEY constraint failed: 1 row of table odd "one refers to '
          'nothing in parent.  Table odd "one, rowid 1 (constraint 0); parent '
          "parent."])
    add(db, "2", "DELETE FROM child WHERE id = 20",
        "INSERT INTO child VALUES (20, 2)")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(last_detail(db), None)
    same(one(db, "SELECT migrate_rollback('1')"), 1)
    matches(last_detail(db), "child, rowid 20 ")
    same(one(db, "SELECT migrate_rollback()"), 1)
    matches(last_detail(db), "There were 1 before.  Now: rowid 20 .*, rowid 40")
    config(db, "foreign_keys", None)
    fails(db, "SELECT migrate_apply()", '"1" failed at its end.* of table odd')
    check_sound(db)


def test_as_a_warning_otherwise(place):
    """Redo looks once, at its end; parts of a migration; rehearsals."""
    db = database()
    config(db, "foreign_keys", "warn")
    add(db, "1", "DELETE FROM parent WHERE id = 2",
        "INSERT INTO parent VALUES (2, 'b'); DELETE FROM parent WHERE id = 1")
    same(one(db, "SELECT migrate_apply()"), 1)
    one(db, "SELECT migrate_redo()")
    details = column(db, "SELECT detail FROM migrate_history() WHERE action "
                         "IN ('apply', 'rollback', 'redo') ORDER BY seq")
    same([detail is None for detail in details], [False, True, False])
    matches(details[2], "2 rows of table child .* 1 before")
    check_sound(db)
    db = connect(place / "parts.db")
    db.executescript(TABLES)
    config(db, "foreign_keys", "warn")
    config(db, "rehearse", "on")
    add(db, "1", "DELETE FROM parent WHERE id = 2")
    add(db, "2", "DELETE FROM parent WHERE id = 1; VACUUM")
    same(one(db, "SELECT migrate_apply('1')"), 1)
    config(db, "rehearse", "off")
    same(one(db, "SELECT migrate_apply()"), 1)
    matches(last_detail(db), "2 rows of table child .* 1 before")
    # What each part has left is in the one event.
    add(db, "3", "INSERT INTO child VALUES (50, 9); VACUUM; "
                 "INSERT INTO child VALUES (60, 9)")
    same(one(db, "SELECT migrate_apply()"), 1)
    matches(last_detail(db), "3 rows of table child .* 2 before.*\n"
                             ".*4 rows of table child .* 3 before")
    check_sound(db)


def test_a_warning_is_no_way_round_the_engine(place):
    db = connect(":memory:")
    db.executescript("PRAGMA foreign_keys = on; CREATE TABLE p (id INTEGER "
                     "PRIMARY KEY); CREATE TABLE c (x REFERENCES p DEFERRABLE "
                     "INITIALLY DEFERRED)")
    config(db, "foreign_keys", "warn")
    add(db, "1", "INSERT INTO c VALUES (7)")
    fails(db, "SELECT migrate_apply()", "deferred constraints are not met",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    # With the keys off, it is a violation as any other.
    add(db, "1", "PRAGMA foreign_keys = off; INSERT INTO c VALUES (7)")
    same(one(db, "SELECT migrate_apply()"), 1)
    matches(last_detail(db), "1 row of table c refers to nothing in p")


def test_kinds_of_tables(place):
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
        db = connect(":memory:")
        db.execute(f"PRAGMA encoding = '{encoding}'")
        db.executescript("""
CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);
CREATE TABLE keyed (a, b, PRIMARY KEY (a, b),
    FOREIGN KEY (b) REFERENCES p) WITHOUT ROWID;
CREATE TABLE self (id INTEGER PRIMARY KEY, up REFERENCES SELF);
CREATE TABLE early (x REFERENCES later (id));
CREATE TABLE [Ünï [cödé] (x REFERENCES[p]);
CREATE TABLE 'it''s' (x, FOREIGN KEY (x) REFERENCES `p`);
INSERT INTO self VALUES (1, NULL), (2, 1), (3, 2);
INSERT INTO keyed VALUES (1, 1);""")
        for text, pattern in (
                ("INSERT INTO keyed VALUES (1, 7), (1, 8), (2, 9)",
                 r"3 rows of table keyed refer.*\n.*Table keyed, rows without "
                 r"rowid \(constraint 0\); parent p"),
                ("DELETE FROM self WHERE id = 1", "1 row of table self refers "
                                                  "to nothing in SELF"),
                ("UPDATE self SET up = 9", "3 rows of table self refer"),
                ("INSERT INTO early VALUES (1)",
                 "1 row of table early refers to nothing in later"),
                ("INSERT INTO [Ünï [cödé] VALUES (7)",
                 r"1 row of table Ünï \[cödé refers"),
                ("INSERT INTO \"it's\" VALUES (7)", "1 row of table it's")):
            add(db, "1", text)
            fails(db, "SELECT migrate_apply()", pattern)
        add(db, "1", "INSERT INTO early VALUES (1); CREATE TABLE later (id "
                     "PRIMARY KEY); INSERT INTO later VALUES (1); "
                     "DELETE FROM self")
        same(one(db, "SELECT migrate_apply()"), 1)
        check_sound(db)


def test_what_is_known_of_the_schema_follows(place):
    """Migrations of one call, the last of which breaks a key that the ones
    before it have made, moved or renamed."""
    fill = "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (2)"
    break_p = "DELETE FROM p WHERE id = 2"
    make = ("CREATE TABLE p (id INTEGER PRIMARY KEY)",
            "CREATE TABLE c (x REFERENCES p)")
    for texts in (
            (*make, fill, break_p),
            (*make, fill, "CREATE TABLE IF NOT EXISTS p (x)", break_p),
            (*make, fill, "SELECT 1; CREATE VIEW w AS SELECT 1;"
                          "CREATE INDEX i ON c (x)", break_p),
            ("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (x);"
             "CREATE TABLE d (x REFERENCES p)", fill,
             "ALTER TABLE c ADD COLUMN y DEFAULT NULL REFERENCES p",
             "UPDATE c SET y = x", break_p),
            (make[0], "CREATE TABLE old (x REFERENCES p);"
             "INSERT INTO p VALUES (1), (2); INSERT INTO old VALUES (2)",
             "ALTER TABLE old RENAME TO c", break_p),
            (*make, "CREATE TABLE q (id INTEGER PRIMARY KEY)", fill,
             "INSERT INTO q SELECT id FROM p; DROP TABLE p;"
             "ALTER TABLE q RENAME TO p", break_p),
            # A dropped table's b-tree becomes another's.
            ("CREATE TABLE a (y); CREATE TABLE z (y REFERENCES a)", make[0],
             "INSERT INTO z VALUES (NULL)", "DROP TABLE z; " + make[1], fill,
             break_p),
            # A trigger behind statements whose table is known.
            (*make, fill, "CREATE TABLE b (x)", "INSERT INTO b VALUES (0); "
             "INSERT INTO b VALUES (1); CREATE TRIGGER t AFTER INSERT ON b "
             f"BEGIN {break_p}; END; INSERT INTO b VALUES (2)"),
            (*make, fill, "CREATE TABLE b (x)", "INSERT INTO b VALUES (0); "
             "DELETE FROM b; CREATE TEMP TRIGGER t AFTER DELETE ON main.b "
             f"BEGIN {break_p}; END; "
             "INSERT INTO b VALUES (2); DELETE FROM b"),
            (*make, fill, "CREATE TABLE b (x); CREATE TRIGGER t AFTER UPDATE "
             f"OF x ON b BEGIN {break_p}; END", "INSERT INTO b VALUES (1);"
             "UPDATE b SET rowid = 5; UPDATE b SET x = 2"),
            (*make, fill, "CREATE TEMP TABLE p (id); INSERT INTO p VALUES (3);"
             "DELETE FROM p; DELETE FROM main.p WHERE id = 2"),
            (*make, fill, "SAVEPOINT s; CREATE TABLE b (x); ROLLBACK TO s; "
             "CREATE TABLE e (x REFERENCES p); INSERT INTO e VALUES (2);"
             "DELETE FROM c; " + break_p),
            (*make, fill, "SELECT make('CREATE TABLE e (x REFERENCES p)');"
             "INSERT INTO e VALUES (2); DELETE FROM c", break_p)):
        db = connect(place / "known.db")
        config(db, "commit_every", "10s")
        db.create_function("make", 1, lambda sql: db.execute(sql) and None)
        for number, text in enumerate(texts, 1):
            add(db, str(number), text)
        fails(db, "SELECT migrate_apply()",
              f'migration "{len(texts)}" failed at its end: FOREIGN KEY')
        same(column(db, "PRAGMA foreign_key_check"), [])
        check_sound(db)
        db.close()
        (place / "known.db").unlink()


def test_cost_does_not_grow_with_the_schema(place):
    """Counted in instructions of the engine."""
    counts = []
    for tables in (20, 1000):
        db = connect(":memory:")
        db.execute("BEGIN")
        db.execute("CREATE TABLE t0 (id INTEGER PRIMARY KEY)")
        for i in range(1, tables):
            db.execute(f"CREATE TABLE t{i} (x REFERENCES t{i - 1})")
        for i in range(50):
            add(db, f"{i:03}", f"INSERT INTO t{i % 10 + 1} VALUES (NULL);"
                               f"CREATE TABLE n{i} (x REFERENCES t0)")
        db.execute("COMMIT")
        calls = []
        db.set_progress_handler(lambda: calls.append(1) and None, 10)
        same(one(db, "SELECT migrate_apply()"), 50)
        db.set_progress_handler(None, 0)
        counts.append(len(calls))
        db.close()
    # CREATE TABLE looks for its name in the schema, as the engine does it.
    assert counts[1] - counts[0] < 30000, counts

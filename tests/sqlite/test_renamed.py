"""What a hand has changed, and a migration renames then: what is recorded is
what would be if no hand had changed anything.

MIGRATE_TEST_SCHEMAS says how many random sequences are tried (half of 1000),
MIGRATE_TEST_SEED where to begin.
"""

import os
import random
import sqlite3

from tools import add, connect, one, rows, same

HAS_DROP_COLUMN = sqlite3.sqlite_version_info >= (3, 35)
COUNT = int(os.environ.get("MIGRATE_TEST_SCHEMAS", "1000")) // 2
SEED = int(os.environ.get("MIGRATE_TEST_SEED", "20"))

BASE = """
CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, p TEXT);
CREATE TABLE t (a INT, "b c" TEXT DEFAULT 'a', d, CONSTRAINT pos CHECK (a > 0),
                CHECK (a < 99), CHECK (d <> 'a'), FOREIGN KEY (a) REFERENCES p (id));
CREATE TABLE "Order x" (a INT REFERENCES t (a), k TEXT COLLATE NOCASE UNIQUE);
CREATE UNIQUE INDEX ta ON t (a);
CREATE INDEX i ON t (a) WHERE a > 1;
CREATE INDEX j ON p (lower(name), p);
CREATE INDEX k ON "Order x" (a, k);
CREATE VIEW v AS SELECT a, d AS e FROM t;
CREATE VIEW w AS SELECT t.a, o.k FROM t JOIN "Order x" o ON o.a = t.a;
CREATE VIEW x AS SELECT name, p.p FROM p;
CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM p WHERE id = new.a; END;
CREATE TRIGGER h AFTER UPDATE OF name ON p BEGIN SELECT old.p; END;
"""

# What a hand does.
HAND = [
    "ALTER TABLE t ADD COLUMN hand INT",
    "ALTER TABLE p ADD COLUMN a TEXT DEFAULT 'p'",
    "ALTER TABLE \"Order x\" ADD COLUMN \"Hand y\" REFERENCES p",
    "CREATE INDEX hi ON t (d)",
    "CREATE INDEX hj ON p (p)",
    "DROP INDEX i",
    "DROP INDEX j",
    "DROP INDEX k; CREATE INDEX k ON \"Order x\" (k)",
    "DROP INDEX j; CREATE INDEX j ON t (a)",
    "DROP TRIGGER g",
    "DROP TRIGGER h; CREATE TRIGGER h AFTER UPDATE ON p BEGIN SELECT 2; END",
    "CREATE TRIGGER n AFTER DELETE ON p BEGIN SELECT a FROM t; END",
    "CREATE TRIGGER t AFTER DELETE ON t BEGIN SELECT old.a; END",
    "DROP VIEW v",
    "DROP VIEW v; CREATE VIEW v AS SELECT a FROM t WHERE d = 't'",
    "DROP VIEW w; CREATE VIEW w AS SELECT o.k FROM \"Order x\" o",
    "DROP VIEW x; CREATE VIEW x AS SELECT a FROM t",
    "CREATE VIEW hv AS SELECT id, name, p.p FROM p",
    "CREATE TABLE hand (ha INT REFERENCES t (a), hp TEXT, CHECK (hp <> 'p'))",
]

# Another definition of a table, whose parts go with it otherwise.
REBUILT = {
    "t": ["a INT NOT NULL, \"b c\" TEXT DEFAULT 'a', d, CONSTRAINT pos CHECK "
          "(a > 0), CHECK (a < 99), CHECK (d <> 'a'), "
          "FOREIGN KEY (a) REFERENCES p (id)",
          "a INT, \"b c\" TEXT DEFAULT 'a', d, CONSTRAINT pos CHECK (a >= 0), "
          "CHECK (d <> 'b'), FOREIGN KEY (a) REFERENCES p (id) ON DELETE "
          "CASCADE"],
    "p": ["id INTEGER PRIMARY KEY, name TEXT NOT NULL, p TEXT",
          "id INTEGER PRIMARY KEY, p TEXT, name TEXT"]}

# What migrations rename.
RENAMES = [
    "ALTER TABLE {t} RENAME TO {new}",
    "ALTER TABLE {t} RENAME TO swapped; ALTER TABLE {p} RENAME TO {t};"
    "ALTER TABLE swapped RENAME TO {p}",
    "ALTER TABLE {t} RENAME COLUMN a TO {column}",
    "ALTER TABLE {p} RENAME COLUMN name TO {column}",
    "ALTER TABLE {p} RENAME COLUMN p TO {column};"
    "ALTER TABLE {t} RENAME COLUMN d TO {column}",
    "ALTER TABLE {t} RENAME COLUMN a TO z; ALTER TABLE {t} RENAME COLUMN d TO a;"
    "ALTER TABLE {t} RENAME COLUMN z TO d",
    "ALTER TABLE {o} RENAME TO {new}; ALTER TABLE {t} RENAME TO {more}",
    "ALTER TABLE {o} RENAME COLUMN k TO {column}; ALTER TABLE {o} RENAME TO {new}",
]
MADE = ["", "", "ALTER TABLE hand RENAME TO foot",
        "ALTER TABLE hand RENAME COLUMN ha TO foot",
        "ALTER TABLE hand RENAME COLUMN ha TO b; ALTER TABLE hand RENAME COLUMN "
        "hp TO ha; ALTER TABLE hand RENAME TO \"Foot x\""]
NEW = ["fresh", '"New x"', "Mixed", "one_more"]
COLUMNS = ["fresh_column", '"Column y"', "mixedCase"]


def statements(text):
    part = ""
    for piece in text.split(";"):
        part += piece + ";"
        if sqlite3.complete_statement(part):
            yield part
            part = ""


def run(db, text):
    """Run a text, or nothing of it."""
    db.execute("SAVEPOINT one")
    try:
        for statement in statements(text):
            db.execute(statement)
    except sqlite3.Error:
        db.execute("ROLLBACK TO one")
    db.execute("RELEASE one")


def rebuild(db, table, definition):
    """Make a table anew, as a hand would."""
    kept = [sql for sql, in rows(
        db, "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT "
            "NULL AND type <> 'table'", table)]
    run(db, ";".join([f"DROP TABLE {table}",
                      f"CREATE TABLE {table} ({definition})", *kept]) + ";")


def recorded(db):
    """What is recorded.  Of what was removed the engine has no text in which
    the new names stand as it writes them: in which case and quotes is no
    matter."""
    return sorted(rows(
        db, "SELECT kind, identity, ifnull(parent, ''), "
            "lower(replace(replace(definition, '`', ''), '\"', '')) "
            "FROM migrate_object WHERE kind <> 'record'"))


def same_record(case, found, expected):
    if found != expected:
        raise AssertionError(
            f"{case}\n  is        {sorted(set(found) - set(expected))}"
            f"\n  should be {sorted(set(expected) - set(found))}")


def hand_changes(db, source):
    done = []
    for text in source.sample(HAND, source.randrange(1, 7)):
        done.append(text)
        run(db, text + ";")
    if source.random() < 0.3:
        table = source.choice(["t", "p"])
        done.append(table)
        rebuild(db, table, source.choice(REBUILT[table]))
    return done


def changes(db):
    """What drift tells, without names."""
    return sorted(rows(db, "SELECT kind, change FROM migrate_drift()"))


def rename(source):
    new, more = source.sample(NEW, 2)
    return source.choice(RENAMES).format(
        t="t", p="p", o='"Order x"', new=new, more=more,
        column=source.choice(COLUMNS))


def chain(source):
    """Three migrations that rename tables and columns, and ways back."""
    names = {"t": "t", "p": "p", '"Order x"': '"Order x"'}
    columns = {"t": "a", "p": "name", '"Order x"': "k"}
    made = []
    for number in range(3):
        up, down = "", ""
        for table in source.sample(sorted(names), source.randrange(1, 3)):
            old = names[table]
            letter = table.strip('"')[0]
            if source.random() < 0.5:
                names[table] = source.choice(
                    ["n{}{}", "N{}{}", '"n {}{}"']).format(number, letter)
                up += f"ALTER TABLE {old} RENAME TO {names[table]};"
                down = f"ALTER TABLE {names[table]} RENAME TO {old};" + down
            else:
                column = columns[table]
                columns[table] = source.choice(["c{}{}", "C{}{}", '"_ {}{}"']
                                               ).format(number, letter)
                up += (f"ALTER TABLE {old} RENAME COLUMN {column} "
                       f"TO {columns[table]};")
                down = (f"ALTER TABLE {old} RENAME COLUMN {columns[table]} "
                        f"TO {column};" + down)
        made.append((up, down))
    return made


def database(text):
    db = connect(":memory:")
    one(db, "SELECT migrate_config('on_drift', 'ignore')")
    one(db, "SELECT migrate_config('on_forgotten', 'ignore')")
    add(db, "1", BASE)
    one(db, "SELECT migrate_add('2', ?, 'SELECT 1')", text)
    one(db, "SELECT migrate_apply('1')")
    return db


def test_what_a_hand_has_changed(_):
    tried = 0
    for seed in range(SEED, SEED + COUNT):
        source = random.Random(seed)
        text = rename(source)
        pure = database(text)
        one(pure, "SELECT migrate_apply()")
        # And of what a hand has made, which is not recorded at all.
        made = source.choice(MADE)
        db = database(text + ";" + made)
        if made:
            run(db, HAND[-1] + ";" + "CREATE INDEX hai ON hand (ha, hp);")
        done = [made, *hand_changes(db, source)]
        before = changes(db)
        try:
            one(db, "SELECT migrate_apply()")
        except sqlite3.Error as error:
            assert "cannot" not in str(error) or "error in" in str(error), error
            continue
        tried += 1
        case = (seed, done, text)
        same_record(case, recorded(db), recorded(pure))
        same((case, changes(db)), (case, before))
        same((case, rows(db, "SELECT problem FROM migrate_verify() WHERE kind "
                             "IN ('schema', 'record')")), (case, []))
        db.close()
        pure.close()
    print(f"# {tried} of {COUNT} from seed {SEED} on")
    assert tried > COUNT / 2, tried


def test_there_and_back(_):
    """Several migrations in one run, and their ways back."""
    tried = 0
    for seed in range(SEED, SEED + COUNT // 2):
        source = random.Random(seed)
        made = chain(source)
        both = []
        for hand in (False, True):
            db = database(made[0][0])
            for number, (up, down) in enumerate(made):
                one(db, "SELECT migrate_add(?, ?, ?)", f"3{number}", up, down)
            one(db, "SELECT migrate_stamp('2')")
            both.append(db)
            if not hand:
                one(db, "SELECT migrate_apply()")
                expected = recorded(db)
                # Quotes that ALTER TABLE has made stay in views.
                one(db, "SELECT migrate_rollback('2')")
                continue
            done = hand_changes(db, source)
            before = rows(db, "SELECT * FROM migrate_drift()")
            try:
                one(db, "SELECT migrate_apply()")
            except sqlite3.Error:
                continue
            tried += 1
            case = (seed, done, made)
            same_record(case, recorded(db), expected)
            one(db, "SELECT migrate_rollback('2')")
            same_record(case, recorded(db), recorded(both[0]))
            same((case, len(rows(db, "SELECT * FROM migrate_drift()"))),
                 (case, len(before)))
            same((case, rows(db, "SELECT problem FROM migrate_verify() WHERE "
                                 "kind IN ('schema', 'record')")), (case, []))
    print(f"# {tried} of {COUNT // 2} from seed {SEED} on")
    assert tried > COUNT / 4, tried


def test_names_with_signs_in_them(_):
    """In SQLite a name may have any sign in it."""
    for number, name in enumerate(['"c.d"', '"c:d"', '"c(d"', '"c""d"', '"c"']):
        for before, now in (('b', name), (name, 'b')):
            db = connect(":memory:")
            one(db, "SELECT migrate_config('on_drift', 'ignore')")
            add(db, "1", f"CREATE TABLE {before} (id INT); "
                f"CREATE INDEX lost ON {before} (id)")
            add(db, "2", f"ALTER TABLE {before} RENAME TO {now}")
            one(db, "SELECT migrate_apply('1')")
            run(db, f"CREATE VIEW hv AS SELECT id FROM {before};"
                f"CREATE INDEX hi ON {before} (id);"
                f"CREATE TRIGGER ht AFTER INSERT ON {before} "
                "BEGIN SELECT 1; END;"
                "DROP INDEX lost;")
            told = rows(db, "SELECT kind, change FROM migrate_drift() "
                            "ORDER BY 1, 2")
            same(len(told), 4)
            one(db, "SELECT migrate_apply()")
            same((number, before, rows(
                db, "SELECT kind, change FROM migrate_drift() ORDER BY 1, 2")),
                (number, before, told))
            same(rows(db, "SELECT * FROM migrate_verify() "
                          "WHERE kind <> 'drift'"), [])
            run(db, f"DROP VIEW hv; DROP INDEX hi; DROP TRIGGER ht;"
                f"CREATE INDEX lost ON {now} (id);")
            same(rows(db, "SELECT * FROM migrate_drift()"), [])

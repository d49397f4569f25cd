"""PRAGMAs in migrations: in force for them, and put back."""

import itertools

from tools import (add, check_sound, column, connect, exists, fails,
                   is_defensive, one, rows, same, states)

TABLES = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, name text);
CREATE TABLE child (id INTEGER PRIMARY KEY,
                    parent REFERENCES parent ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (10, 1), (20, 2);
"""
# The twelve steps of SQLite's manual: with keys on they would delete children.
REBUILD = """PRAGMA foreign_keys = OFF;
CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name text NOT NULL);
INSERT INTO new_parent SELECT * FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
"""


def keyed(path, keys):
    db = connect(path)
    db.executescript(TABLES)
    one(db, "SELECT migrate_config('commit_every', '10s')")
    db.execute(f"PRAGMA foreign_keys = {keys}")
    return db


def test_rebuild_of_a_parent_table(place):
    endings = ("", "PRAGMA foreign_keys = ON;", "PRAGMA foreign_key_check;\n"
               "PRAGMA main.foreign_keys(1);")
    for keys, ending in itertools.product((0, 1), endings):
        db = keyed(":memory:", keys)
        add(db, "1", "CREATE TABLE one (id)")
        add(db, "2", REBUILD + ending)
        add(db, "3", "CREATE TABLE three (id)")
        same(one(db, "SELECT migrate_apply()"), 3)
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(column(db, "SELECT id FROM child"), [10, 20])
        same(rows(db, "PRAGMA foreign_key_check"), [])
        if keys:
            fails(db, "INSERT INTO child VALUES (30, 3)", "FOREIGN KEY",
                  "SQLITE_CONSTRAINT_FOREIGNKEY")
        check_sound(db)
        db.close()


def test_rebuild_inside_its_own_transaction(place):
    for keys in (0, 1):
        db = keyed(":memory:", keys)
        add(db, "1", REBUILD.replace("OFF;", "OFF;\nBEGIN;") +
            "COMMIT;\nPRAGMA foreign_keys = ON;")
        same(one(db, "SELECT migrate_apply()"), 1)
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(column(db, "SELECT id FROM child"), [10, 20])
        check_sound(db)
        db.close()


def test_failure_puts_foreign_keys_back(place):
    for keys, first in itertools.product((0, 1), ("ON", "OFF")):
        db = keyed(":memory:", keys)
        add(db, "1", "CREATE TABLE one (id)")
        add(db, "2", f"PRAGMA foreign_keys = {first};\nDROP TABLE one;\n"
                     "nonsense;\nPRAGMA foreign_keys = ON;",
            "PRAGMA foreign_keys = OFF; nonsense")
        fails(db, "SELECT migrate_apply()", 'migration "2" failed at line 3',
              "SQLITE_ERROR")
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(states(db), [("1", "applied"), ("2", "failed")])
        assert exists(db, "one")
        same(one(db, "SELECT migrate_stamp('2')"), 1)
        fails(db, "SELECT migrate_rollback()", "nonsense")
        same(one(db, "PRAGMA foreign_keys"), keys)
        check_sound(db)
        db.close()


def test_new_violations_undo_it(place):
    for keys in (0, 1):
        db = keyed(":memory:", keys)
        add(db, "1", "CREATE TABLE one (id)")
        add(db, "2", "PRAGMA foreign_keys = off;\n"
                     "DELETE FROM parent WHERE id = 2")
        fails(db, "SELECT migrate_apply()", 'migration "2" failed at its end: '
                                            "FOREIGN KEY constraint failed",
              "SQLITE_CONSTRAINT_FOREIGNKEY")
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(column(db, "SELECT id FROM parent"), [1, 2])
        same(states(db), [("1", "applied"), ("2", "failed")])
        check_sound(db)
        db.close()


def test_old_violations_are_no_new_ones(place):
    db = keyed(":memory:", 0)
    db.execute("INSERT INTO child VALUES (30, 3)")
    add(db, "1", "PRAGMA foreign_keys = off; CREATE TABLE one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "PRAGMA foreign_keys = off;"
                 "INSERT INTO child VALUES (40, 4)")
    fails(db, "SELECT migrate_apply()",
          "FOREIGN KEY constraint failed: 2 rows of table child refer to "
          "nothing in parent\n  There were 1 before",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    same(column(db, "SELECT parent FROM child WHERE id IN (30, 40)"), [3])
    # They are counted for each pair of tables.
    add(db, "2", "PRAGMA foreign_keys = off; DELETE FROM child WHERE id = 30;"
                 "CREATE TABLE other (id REFERENCES parent);"
                 "INSERT INTO other VALUES (5)")
    fails(db, "SELECT migrate_apply()", "1 row of table other refers to "
                                        "nothing in parent",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    check_sound(db)


def test_old_violations_in_a_rebuilt_table(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                     "CREATE TABLE child (x REFERENCES parent);"
                     "INSERT INTO child VALUES (7), (8), (9);"
                     "DELETE FROM child WHERE x = 8")
    # The rows have other rowids afterwards.
    add(db, "1", "PRAGMA foreign_keys = off;"
                 "CREATE TABLE fresh (x REFERENCES parent, y);"
                 "INSERT INTO fresh (x) SELECT x FROM child;"
                 "DROP TABLE child; ALTER TABLE fresh RENAME TO child")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_old_violations_in_a_renamed_table(place):
    for text in ("ALTER TABLE child RENAME TO kid",
                 "ALTER TABLE parent RENAME TO elder",
                 "CREATE TABLE kid (x REFERENCES parent);"
                 "INSERT INTO kid SELECT x FROM child; DROP TABLE child"):
        db = connect(":memory:")
        db.executescript("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                         "CREATE TABLE child (x REFERENCES parent);"
                         "INSERT INTO child VALUES (7), (8)")
        add(db, "1", f"PRAGMA foreign_keys = off; {text}")
        same(one(db, "SELECT migrate_apply()"), 1)
        check_sound(db)
        db.close()
    # No more than there were.
    db = connect(":memory:")
    db.executescript("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                     "CREATE TABLE child (x REFERENCES parent);"
                     "INSERT INTO child VALUES (7), (8)")
    add(db, "1", "PRAGMA foreign_keys = off; ALTER TABLE child RENAME TO kid;"
                 "INSERT INTO kid VALUES (9)")
    fails(db, "SELECT migrate_apply()", "3 rows of table kid refer to nothing "
                                        "in parent\n  There were 2 before")
    check_sound(db)


def test_violations_without_rowid(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                     "CREATE TABLE child (id PRIMARY KEY, x REFERENCES parent)"
                     " WITHOUT ROWID; INSERT INTO child VALUES (1, 7)")
    add(db, "1", "PRAGMA foreign_keys = off; INSERT INTO child VALUES (2, 8)")
    fails(db, "SELECT migrate_apply()", "2 rows of table child refer",
          "SQLITE_CONSTRAINT_FOREIGNKEY")
    check_sound(db)


def test_schema_whose_keys_cannot_be_checked(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE parent (id);"
                     "CREATE TABLE child (x REFERENCES parent(id))")
    add(db, "1", "PRAGMA foreign_keys = off; CREATE TABLE one (id)")
    add(db, "2", "PRAGMA foreign_keys = off;"
                 "CREATE UNIQUE INDEX parent_id ON parent (id)")
    same(one(db, "SELECT migrate_apply()"), 2)
    # One that makes it so is refused.
    add(db, "3", "PRAGMA foreign_keys = off; DROP INDEX parent_id")
    fails(db, "SELECT migrate_apply()", 'migration "3" failed at its end: '
                                        "foreign key mismatch")
    check_sound(db)


def test_foreign_keys_switched_on_for_a_migration(place):
    db = keyed(":memory:", 0)
    add(db, "1", "PRAGMA foreign_keys = on; DELETE FROM parent WHERE id = 2")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(column(db, "SELECT id FROM child"), [10])
    same(one(db, "PRAGMA foreign_keys"), 0)
    check_sound(db)


def test_foreign_keys_in_a_callers_transaction(place):
    for keys in (0, 1):
        db = keyed(":memory:", keys)
        add(db, "1", f"PRAGMA foreign_keys = {1 - keys}; CREATE TABLE one (id)")
        db.execute("BEGIN")
        fails(db, "SELECT migrate_apply()", "PRAGMA foreign_keys has no effect "
                                            "inside the transaction",
              "SQLITE_ERROR")
        assert not exists(db, "one")
        db.execute("COMMIT")
        same(one(db, "PRAGMA foreign_keys"), keys)
        # Where it changes nothing it stands in nobody's way.
        add(db, "1", f"PRAGMA foreign_keys = {keys}; CREATE TABLE one (id)")
        db.execute("BEGIN")
        same(one(db, "SELECT migrate_apply()"), 1)
        db.execute("COMMIT")
        same(one(db, "PRAGMA foreign_keys"), keys)
        check_sound(db)
        db.close()


def test_redo_and_rollback_with_foreign_keys_off(place):
    for keys in (0, 1):
        db = keyed(":memory:", keys)
        add(db, "1", REBUILD, REBUILD.replace("new_", "old_"))
        same(one(db, "SELECT migrate_apply()"), 1)
        same(one(db, "SELECT migrate_redo()"), 1)
        same(one(db, "SELECT migrate_rollback()"), 1)
        same(one(db, "PRAGMA foreign_keys"), keys)
        same(column(db, "SELECT id FROM child"), [10, 20])
        check_sound(db)
        db.close()


SWITCHES = ("recursive_triggers", "legacy_alter_table",
            "ignore_check_constraints", "reverse_unordered_selects",
            "trusted_schema", "cell_size_check", "writable_schema",
            "defer_foreign_keys")


def test_other_switches_do_not_leak(place):
    for name in SWITCHES:
        db = connect(":memory:")
        if name == "writable_schema" and is_defensive(db):
            print("# not tried: writable_schema, on which a defensive "
                  "connection is not switched", flush=True)
            continue
        one(db, "SELECT migrate_config('commit_every', '10s')")
        db.execute("CREATE TABLE seen (what, value)")
        before = one(db, f"PRAGMA {name}")
        look = f"INSERT INTO seen SELECT '{{}}', {name} FROM pragma_{name}"
        add(db, "1", f"PRAGMA {name} = {1 - before};\n" + look.format("in"))
        add(db, "2", look.format("next"))
        add(db, "3", f"PRAGMA {name} = {1 - before};\nnonsense")
        fails(db, "SELECT migrate_apply()", 'migration "3" failed at line 2')
        same(rows(db, "SELECT * FROM seen"),
             [("in", 1 - before), ("next", before)])
        same(one(db, f"PRAGMA {name}"), before)
        add(db, "3", "SELECT 3")
        db.execute("BEGIN")
        db.execute(f"PRAGMA {name} = {1 - before}")
        same(one(db, "SELECT migrate_apply()"), 1)
        same(one(db, f"PRAGMA {name}"), 1 - before)
        db.execute("ROLLBACK")
        db.execute(f"PRAGMA {name} = {before}")
        check_sound(db)
        db.close()


def test_what_belongs_to_the_database_is_part_of_the_migration(place):
    db = connect(place / "app.db")
    add(db, "1", "PRAGMA user_version = 7; PRAGMA application_id = 8")
    add(db, "2", "PRAGMA user_version = 9; nonsense")
    fails(db, "SELECT migrate_apply()", "nonsense")
    same(one(db, "PRAGMA user_version"), 7)
    same(one(db, "PRAGMA application_id"), 8)
    add(db, "2", "PRAGMA table_info(one); PRAGMA integrity_check; SELECT 1")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_journal_mode(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "PRAGMA journal_mode = WAL; CREATE TABLE two (id)")
    add(db, "3", "PRAGMA synchronous = OFF; CREATE TABLE three (id)")
    same(one(db, "SELECT migrate_apply()"), 3)
    same(one(db, "PRAGMA journal_mode"), "wal")
    same(one(db, "PRAGMA synchronous"), 2)
    check_sound(db)


def test_spellings_of_a_pragma(place):
    for text in ("PRAGMA foreign_keys=OFF", "pragma FOREIGN_KEYS = off",
                 "PRAGMA main.foreign_keys(false)", "PRAGMA foreign_keys(no)",
                 "PRAGMA/**/foreign_keys -- off\n = 0",
                 'PRAGMA "foreign_keys" = 0', "PRAGMA [foreign_keys] = 'off'",
                 "PRAGMA `main`.`foreign_keys` = \"no\"",
                 "; PRAGMA foreign_keys = OFF"):
        db = keyed(":memory:", 1)
        add(db, "1", REBUILD.replace("PRAGMA foreign_keys = OFF", text))
        same(one(db, "SELECT migrate_apply()"), 1)
        same((text, one(db, "SELECT count(*) FROM child")), (text, 2))
        same(one(db, "PRAGMA foreign_keys"), 1)
        check_sound(db)
        db.close()


def test_plan_changes_no_pragma(place):
    db = keyed(":memory:", 1)
    add(db, "1", REBUILD)
    same(rows(db, "SELECT statement, transactional, note LIKE 'in force%' "
                  "FROM migrate_plan() WHERE statement < 3"),
         [(1, 0, 1), (2, 1, None)])
    same(one(db, "PRAGMA foreign_keys"), 1)


def test_what_belongs_to_the_database(place):
    db = connect(":memory:")
    add(db, "1", "PRAGMA user_version = 7; PRAGMA main.application_id = 9;"
                 "CREATE TABLE one (id)")
    add(db, "2", "PRAGMA user_version = 8; PRAGMA application_id = 10;"
                 "PRAGMA schema_version = 1000; nonsense")
    fails(db, "SELECT migrate_apply()", "nonsense")
    same([one(db, f"PRAGMA {name}") for name in
          ("user_version", "application_id")], [7, 9])
    assert one(db, "PRAGMA schema_version") < 1000
    rows(db, "SELECT migrate_add('2', 'PRAGMA user_version = 8')")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "PRAGMA user_version"), 8)
    check_sound(db)


def test_schema_edited_by_hand_is_rolled_back(place):
    """What the connection knows of the schema ends with the transaction."""
    edit = ("PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = "
            "'CREATE TABLE t (a, b)' WHERE name = 't'; "
            "PRAGMA writable_schema = off")
    db = connect(place / "app.db")
    if is_defensive(db):
        print("# not tried: writable_schema, on which a defensive library "
              "insists")
        return
    db.execute("CREATE TABLE t (a)")
    db.execute("INSERT INTO t VALUES (1)")
    add(db, "1", edit)
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(rows(db, "SELECT * FROM t"), [(1, None)])
    db.execute("ROLLBACK")
    same(rows(db, "SELECT * FROM t"), [(1,)])
    same(one(db, "SELECT migrate_apply()"), 1)
    # Another connection reads what was committed.
    other = connect(place / "app.db")
    same(rows(other, "SELECT * FROM t"), [(1, None)])
    check_sound(db)

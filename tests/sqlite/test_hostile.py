"""Files that somebody else has made: looking at them executes nothing."""

import random
import sqlite3

from tools import (add, child, column, connect, fails, matches, one, rows, same,
                   states)

LOOKS = ("SELECT * FROM migrate_status()", "SELECT * FROM migrate_history()",
         "SELECT * FROM migrate_plan()", "SELECT * FROM migrate_show('1')",
         "SELECT * FROM migrate_settings()", "SELECT migrate_current()",
         "SELECT * FROM migrate_preflight()",
         "SELECT migrate_pending()", "SELECT migrate_config('project')")
MORE_LOOKS = ("SELECT migrate_fingerprint()", "SELECT migrate_fingerprint('1')",
              "SELECT migrate_seal('1')", "SELECT migrate_export_history()",
              "SELECT * FROM migrate_drift()",
              "SELECT * FROM migrate_repair_plan()",
              "SELECT * FROM migrate_targets()",
              "SELECT * FROM migrate_foreign_ddl()")
WRITES = ("SELECT migrate_apply()", "SELECT migrate_rollback()",
          "SELECT migrate_redo()", "SELECT migrate_stamp('base')",
          "SELECT migrate_add('9', 'SELECT 9')",
          "SELECT migrate_record_backup('x')",
          "SELECT migrate_config('environment', 'x')")
TABLES = ("migrate_text", "migrate_migration", "migrate_applied",
          "migrate_event", "migrate_setting", "migrate_object",
          "migrate_delta")


def with_evil(path):
    """A connection with a function that tells when it was called."""
    db = connect(path)
    calls = []
    db.create_function("evil", -1, lambda *_: calls.append(1))
    return db, calls


def test_views_in_place_of_tables(place):
    for names in (TABLES, *((name,) for name in TABLES)):
        path = place / f"{len(names)}{names[0]}.db"
        db = connect(path)
        if len(names) == 1:
            add(db, "1", "SELECT 1")
        for name in names:
            columns = column(db, "SELECT name FROM pragma_table_info(?)", name)
            columns = columns or ["body", "position", "ordinal",
                                  "previous_hash", "name", "value", "project",
                                  "definition", "objects"]
            db.execute(f"DROP TABLE IF EXISTS {name}")
            db.execute(f"CREATE VIEW {name} AS SELECT "
                       + ", ".join(f"evil() AS {c}" for c in columns))
        db.close()
        db, calls = with_evil(path)
        for sql in LOOKS + WRITES:
            try:
                rows(db, sql)
            except sqlite3.OperationalError as error:
                matches(str(error), "catalogue|no migration")
            except sqlite3.DatabaseError as error:
                matches(str(error), "^the catalogue is damaged")
        same(calls, [])
        same(rows(db, "SELECT name FROM sqlite_schema WHERE type = 'view' "
                      "ORDER BY name"), sorted((n,) for n in names))
        assert not db.in_transaction


def rewrite(path, table, edit):
    """Change a table's definition behind the engine's back."""
    db = connect(path)
    (sql,) = column(db, "SELECT sql FROM sqlite_schema WHERE name = ?", table)
    db.create_function("evil", -1, lambda *_: "x", deterministic=True)
    db.execute("PRAGMA writable_schema = on")
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?",
               (edit(sql), table))
    db.close()


def with_counters(path):
    """A connection whose function and collation tell when they are called."""
    db = connect(path)
    calls = []
    db.create_function("evil", -1, lambda *_: calls.append(1) or "x",
                       deterministic=True)
    db.create_collation("evil", lambda a, b: calls.append(1) or (a > b) - (a < b))
    return db, calls


def reads_mark():
    """Whether the engine takes a byte order mark for white space."""
    db = connect(":memory:")
    try:
        db.execute("SELECT 1 \ufeffAS x")
    except sqlite3.DatabaseError as error:
        print(f"# without a byte order mark: {error}")
        return False
    finally:
        db.close()
    return True


def what_runs_when_read(table, columns):
    """What a definition can say: a column's text before and after, and what of
    it is told.  The first column is of the key."""
    key = columns[0]
    for name in columns[1:]:
        yield (f"\n    {name} ", f"\n    {name} text AS (evil(1)), x{name} ",
               f"an expression for column {name}")
    yield (f" {key} text", f" {key} text /* ( */ COLLATE evil",
           f"a collation for column {key}")
    mark = "\ufeff" if reads_mark() else ""
    yield (f" {key} text", f" x {mark}AS (evil({key})), {key} text",
           "an expression for column x")


def refuses_looks(path, table, what):
    db, calls = with_counters(path)
    for sql in LOOKS + MORE_LOOKS + WRITES:
        error = fails(db, sql, f'^somebody has put {what} on table "{table}" of '
                               "the catalogue", "SQLITE_CORRUPT_VTAB")
        matches(str(error), "neither read nor written while it is there")
        assert not db.in_transaction, sql
    found = rows(db, "SELECT kind, object, problem FROM migrate_verify()")
    same([row for row in found if row[0] != "schema"],
         [("catalogue", table, f"somebody has put {what} on it")])
    same(calls, [])
    db.close()


def test_definitions_that_run_when_read(place):
    """Generated columns and collations in place of ours."""
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "CREATE TABLE one (id)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    keys = {table: column(db, "SELECT name FROM pragma_table_info(?) "
                              "WHERE pk > 0", table) for table in TABLES}
    columns = {table: column(db, "SELECT name FROM pragma_table_info(?)", table)
               for table in TABLES}
    db.close()
    whole = path.read_bytes()
    count = 0
    for table in TABLES:
        kept = columns[table][:1] + [name for name in columns[table]
                                     if name not in keys[table]]
        for before, after, what in what_runs_when_read(table, kept):
            path.write_bytes(whole)
            rewrite(path, table, lambda sql: sql.replace(before, after, 1))
            refuses_looks(path, table, what)
            count += 1
    same(count, 60)


def test_own_columns_come_from_a_backup(place):
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "SELECT 1")
    db.close()
    rewrite(path, "migrate_event", lambda sql: sql.replace(
        " detail text", " \"detail\" AS (evil(1)), more AS (evil(2))"))
    same(column(connect(path), "SELECT hint FROM migrate_verify() "
                               "WHERE kind = 'catalogue'"),
         ["Nothing of the catalogue is looked at while it is there.  Find out "
          "whose it is, then take it away: " + remedy for remedy in
          ("the column is the extension's own, and the table has to come from "
           "a backup",
           'ALTER TABLE "main"."migrate_event" DROP COLUMN more')])


def test_virtual_tables_in_place_of_tables(place):
    path = place / "app.db"
    for table in TABLES:
        path.unlink(missing_ok=True)
        db = connect(path)
        add(db, "1", "SELECT 1")
        columns = column(db, "SELECT name FROM pragma_table_info(?)", table)
        db.execute(f"DROP TABLE {table}")
        db.execute(f"CREATE VIRTUAL TABLE {table} USING fts5"
                   f"({', '.join(columns)})")
        # Its module is connected now, and tells of columns like ours.
        rows(db, f"SELECT * FROM {table}")
        for sql in LOOKS + MORE_LOOKS + WRITES:
            fails(db, sql, f'^the catalogue is damaged: table "{table}" is '
                           "missing or not ours", "SQLITE_CORRUPT_VTAB")
        matches(one(db, "SELECT problem FROM migrate_verify() "
                        "WHERE kind = 'catalogue'"), f'table "{table}" is')
        db.close()


def test_settings_of_an_attached_file(place):
    db = connect(place / "other.db")
    one(db, "SELECT migrate_config('environment', 'production')")
    db.execute("CREATE TABLE theirs (id)")
    db.execute("INSERT INTO theirs VALUES (1)")
    db.close()
    rewrite(place / "other.db", "migrate_setting",
            lambda sql: sql.replace(" value text", " value AS (evil(name))"))
    db, calls = with_counters(place / "app.db")
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    add(db, "1", "DELETE FROM other.theirs")
    fails(db, "SELECT migrate_apply()",
          "cannot read the settings of an attached database: somebody has put "
          "an expression for column value on table \"migrate_setting\"")
    same(calls, [])


def test_verify_sections_are_no_part_of_a_look(place):
    db, calls = with_evil(place / "app.db")
    add(db, "1", "-- migrate:up\nSELECT evil();\n-- migrate:down\nSELECT evil()"
                 "\n-- migrate:verify\nSELECT evil() IS NULL")
    for sql in LOOKS:
        rows(db, sql)
    same(calls, [])
    one(db, "SELECT migrate_apply()")
    same(len(calls), 2)


def test_checks_are_no_part_of_a_look(place):
    """Neither in a file nor in a copy of it in memory, where no connection but
    the application's own could look."""
    path = place / "app.db"
    db = connect(path)
    db.create_function("evil", 1, lambda _: 1)
    db.execute("CREATE TABLE t (a CHECK (evil(a)))")
    db.execute("INSERT INTO t VALUES (1)")
    add(db, "1", "SELECT 1")
    for name in (path, ":memory:"):
        memory, calls = with_evil(name)
        if name == ":memory:":
            db.backup(memory)
        for sql in LOOKS:
            rows(memory, sql)
        same(calls, [])
    # A copy has only what is committed.
    memory.execute("BEGIN")
    memory.execute("CREATE TABLE u (a)")
    same(rows(memory, "SELECT state, detail FROM migrate_preflight() "
                      "WHERE name = 'integrity'"),
         [("not checked", "what the transaction that is open has written cannot "
                          "be copied")])


def test_triggers_on_the_tables_run_by_no_look(place):
    db, calls = with_evil(place / "app.db")
    add(db, "1", "SELECT 1")
    for name in TABLES:
        db.execute(f"CREATE TRIGGER t_{name} AFTER INSERT ON {name} BEGIN "
                   "SELECT evil(); END")
    for sql in LOOKS:
        rows(db, sql)
    same(calls, [])


def test_catalogue_of_a_newer_layout(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    db.execute("UPDATE migrate_setting SET value = '9' "
               "WHERE name = 'catalogue_layout'")
    before = list(db.iterdump())
    for sql in LOOKS + WRITES:
        fails(db, sql, "^the catalogue of this database was made by a newer "
                       "version of the extension", "SQLITE_ERROR")
    same(list(db.iterdump()), before)
    assert not db.in_transaction
    assert one(db, "SELECT migrate_version()")


def test_damaged_catalogue(place):
    for name in TABLES:
        db = connect(place / f"{name}.db")
        add(db, "1", "CREATE TABLE one (id)")
        db.execute(f"DROP TABLE {name}")
        before = list(db.iterdump())
        for sql in LOOKS + WRITES:
            fails(db, sql, f'^the catalogue is damaged: table "{name}" is '
                           "missing or not ours", "SQLITE_CORRUPT_VTAB")
        same(list(db.iterdump()), before)


def test_tables_of_others_with_such_names(place):
    db = connect(place / "app.db")
    db.executescript("CREATE TABLE migrate_event (mine); "
                     "INSERT INTO migrate_event VALUES (1);")
    before = list(db.iterdump())
    same(states(db), [])
    fails(db, "SELECT migrate_add('1', 'SELECT 1')",
          "^cannot create the catalogue's tables: table migrate_event already "
          "exists", "SQLITE_ERROR")
    same(list(db.iterdump()), before)
    db = connect(place / "others.db")
    db.execute("CREATE TABLE migrate_other (mine)")
    db.execute("CREATE TABLE migrate (mine)")
    add(db, "1", "SELECT 1")
    same(one(db, "SELECT migrate_apply()"), 1)


NASTY = (None, "", "x", -1, 0, 1, 2**63 - 1, -2**63, 1.5, b"", b"\xff\x00",
         "a" * 100000, ":" * 50, "1:2:3:4", "\n\n", "%s%n", "9" * 400,
         "x:0:-1:1\n", "f" * 64 + ":0:99999999:1\n",
         "f" * 64 + ":-5:5:1\n", "f" * 64 + ":9223372036854775807:9:9\n")


def try_nasty(path, table, name, value):
    db = connect(path)
    db.execute("PRAGMA synchronous = off")  # most of the time is waiting for it
    db.execute("PRAGMA ignore_check_constraints = on")
    try:
        db.execute(f"UPDATE {table} SET {name} = ?", (value,))
    except Exception:
        return  # the tables themselves refuse it
    for sql in (*LOOKS, *WRITES):
        try:
            rows(db, sql)
        except Exception:
            pass
        assert not db.in_transaction, (sql, table, name, value)
    db.close()


def test_any_value_in_any_column(place):
    """No crash, no endless loop, no transaction left open."""
    path = place / "app.db"
    db = connect(path)
    add(db, "1", "-- migrate:requires 2\n-- migrate:up\nSELECT 1;\n"
                 "-- migrate:verify\nSELECT 1", "SELECT 11")
    add(db, "2", "SELECT 2", "SELECT 22")
    one(db, "SELECT migrate_apply()")
    add(db, "3", "SELECT 3", "SELECT 33")
    columns = [(table, name) for table in TABLES for name in
               column(db, "SELECT name FROM pragma_table_info(?)", table)]
    db.close()
    whole = path.read_bytes()

    def attack():
        for table, name in columns:
            for value in NASTY:
                path.write_bytes(whole)
                try_nasty(path, table, name, value)

    child(attack)


def test_broken_pages(place):
    """Bytes of the file itself are changed: at worst an error."""
    path = place / "app.db"
    db = connect(path)
    for i in range(1, 30):
        add(db, str(i), f"SELECT {i}", "SELECT 0")
    one(db, "SELECT migrate_apply('20')")
    db.close()
    whole = path.read_bytes()
    seed = random.randrange(1 << 30)
    print(f"# seed {seed}", flush=True)
    chance = random.Random(seed)

    def attack():
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(chance.randrange(1, 30)):
                broken[chance.randrange(100, len(broken))] = \
                    chance.randrange(256)
            path.write_bytes(broken)
            db = connect(path)
            for sql in (*LOOKS, *WRITES):
                try:
                    rows(db, sql)
                except Exception:
                    pass
            db.close()

    child(attack)

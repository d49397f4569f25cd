"""migrate_verify(): what was changed by hand, and looking that changes nothing."""

import hashlib
import importlib.util
import json
import pathlib
import random
import sqlite3
import struct

from tools import (add, child, column, connect, fails, matches, one, rows, same,
                   write_files)

BELIEF = ("history", "record", "text")


def verify(db, head=None, kinds=None):
    found = rows(db, "SELECT kind, version, object, problem FROM "
                     f"migrate_verify({'' if head is None else '?'})",
                 *(() if head is None else (head,)))
    return [row for row in found if kinds is None or row[0] in kinds]


def history(place, name="app.db"):
    """A small history with something in every column."""
    db = connect(place / name)
    folder = write_files(place / "migrations", {
        "1_one.sql": "-- migrate:up\nCREATE TABLE one (id);\n"
                     "-- migrate:down\nDROP TABLE one;\n"
                     "-- migrate:verify\nSELECT count(*) >= 0 FROM one;\n",
        "2_two.sql": "-- migrate:up\nCREATE TABLE two (id);\n"
                     "-- migrate:down\nDROP TABLE two;\n"})
    one(db, "SELECT migrate_load(?)", folder)
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_rollback()")
    one(db, "SELECT migrate_apply()")
    add(db, "3", "CREATE TABLE one (id)")
    fails(db, "SELECT migrate_apply()", "already exists")
    one(db, "SELECT migrate_config('project', 'second')")
    add(db, "1", "CREATE TABLE three (id)")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('project', NULL)")
    same(verify(db, kinds=BELIEF), [])
    return db


def bits(value, chance):
    """The value with one bit changed, once for each of its bytes."""
    raw = value if isinstance(value, bytes) else value.encode()
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def others(value, chance):
    """What one column could be instead: SQL, and its argument."""
    if value is None:
        yield from (("''", ()), ("0", ()))
    elif isinstance(value, int):
        yield from (("? + 1", (value,)), ("? - 1", (value,)),
                    ("CAST(? AS text) || 'x'", (value,)), ("NULL", ()))
    elif isinstance(value, str):
        yield from (("CAST(? AS text)", (changed,))
                    for changed in bits(value, chance))
        yield from (("CAST(? AS blob)", (value,)), ("NULL", ()))
    else:
        yield from (("?", (changed,)) for changed in bits(value, chance))
        yield from (("CAST(? AS text)", (value,)), ("x''", ()))


def test_one_bit_in_any_column_of_any_row(place):
    db = history(place)
    chance = random.Random(1)
    tried = 0
    for table, key in (("migrate_event", ("project", "target", "seq")),
                       ("migrate_applied", ("project", "target", "version")),
                       ("migrate_text", ("hash",))):
        names = column(db, "SELECT name FROM pragma_table_info(?)", table)
        where = " AND ".join(f"{name} = ?" for name in key)
        for row in rows(db, f"SELECT {', '.join(names)} FROM {table}"):
            # Of another project's records its own call tells.
            if table == "migrate_applied" and row[0] != "default":
                continue
            which = [row[names.index(name)] for name in key]
            for name, value in zip(names, row):
                for sql, arguments in others(value, chance):
                    db.execute("BEGIN")
                    try:
                        db.execute(f"UPDATE {table} SET {name} = {sql} "
                                   f"WHERE {where}", (*arguments, *which))
                        changed = one(db, "SELECT changes()")
                        found = verify(db, kinds=BELIEF)
                    except sqlite3.IntegrityError:
                        changed = 0  # the table itself refuses it
                    db.execute("ROLLBACK")
                    if changed:
                        tried += 1
                        assert found, (table, which, name, sql, arguments)
    assert tried > 4000, tried
    same(verify(db, kinds=BELIEF), [])


def test_rows_taken_away_put_in_and_moved(place):
    db = history(place)
    newest = one(db, "SELECT max(seq) FROM migrate_event "
                     "WHERE project = 'default'")
    head = one(db, "SELECT migrate_export_history()")
    for seq in range(1, newest + 1):
        db.execute("BEGIN")
        db.execute("DELETE FROM migrate_event WHERE project = 'default' "
                   "AND seq = ?", (seq,))
        found = verify(db, head, kinds=("history",))
        assert any(f"event {seq}" in row[2] or f"event {seq}," in row[3]
                   for row in found), (seq, found)
        if seq < newest:
            assert verify(db, kinds=("history",)), seq
        db.execute("ROLLBACK")
        for other in range(seq + 1, newest + 1):
            db.execute("BEGIN")
            for old, new in ((seq, -1), (other, seq), (-1, other)):
                db.execute("UPDATE migrate_event SET seq = ? "
                           "WHERE project = 'default' AND seq = ?", (new, old))
            objects = [row[2] for row in verify(db, kinds=("history",))]
            assert f"event {seq}" in objects and f"event {other}" in objects
            db.execute("ROLLBACK")
    db.execute("BEGIN")
    db.execute("INSERT INTO migrate_event SELECT 'third', target, seq, at, "
               "action, version, name, outcome, duration_us, actor, client, "
               "checksum, detail, previous_hash, hash FROM migrate_event "
               "WHERE project = 'default'")
    same([row[2] for row in verify(db, kinds=("history",))],
         [f"event {n} in project third" for n in range(1, newest + 1)])


def packed(value):
    if value is None:
        return struct.pack(">q", -1)
    if isinstance(value, int):
        return struct.pack(">qq", 1, value)
    return struct.pack(">q", 2 * len(value.encode())) + value.encode()


def rewrite(db, change):
    """Put another history in the place of this one, its hashes right."""
    events = [list(row) for row in rows(
        db, "SELECT * FROM migrate_event WHERE project = 'default' "
            "ORDER BY seq")]
    db.execute("DELETE FROM migrate_event WHERE project = 'default'")
    previous = None
    for event in events:
        change(event)
        event[13] = previous
        previous = event[14] = hashlib.sha256(
            b"".join(map(packed, event[:14]))).hexdigest()
        db.execute(f"INSERT INTO migrate_event VALUES "
                   f"({','.join('?' * 15)})", event)


def test_history_computed_anew(place):
    db = history(place)
    head = one(db, "SELECT migrate_export_history()")

    def change(event):
        if event[2] == 5:
            event[9] = "somebody"
    rewrite(db, change)
    # Nothing in itself is wrong, but for the record that names its author.
    same({row[0] for row in verify(db, kinds=BELIEF)} - {"record"}, set())
    found = verify(db, head, kinds=("history",))
    same([row[2] for row in found], ["event 5"])
    matches(found[0][3], "^is another one than the head has; so are those up")


def test_records_of_older_versions(place):
    """Events without the record's hash: what they say is compared."""
    db = history(place)

    def change(event):
        if event[12] and event[12].startswith("record: "):
            event[12] = None
    rewrite(db, change)
    same(verify(db, kinds=BELIEF), [])
    for name in ("name", "checksum", "actor"):
        db.execute("BEGIN")
        db.execute(f"UPDATE migrate_applied SET {name} = 'x' "
                   "WHERE version = '1' AND project = 'default'")
        matches(verify(db, kinds=("record",))[0][3], f"{name} is another")
        db.execute("ROLLBACK")
    for name in ("ordinal", "duration_us"):
        db.execute("BEGIN")
        db.execute(f"UPDATE migrate_applied SET {name} = {name} + 10 "
                   "WHERE version = '1' AND project = 'default'")
        matches(verify(db, kinds=("record",))[0][3], f"{name} is another")
        db.execute("ROLLBACK")


def test_export_is_checked_without_the_extension(place):
    path = pathlib.Path(__file__).parents[1] / "core" / "history_hash.py"
    spec = importlib.util.spec_from_file_location("history_hash", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    db = history(place)
    one(db, "SELECT migrate_config('var.odd', ?)", 'a "b" \\ \t \u2028 é')
    add(db, "9", "SELECT 1 -- \u2028")
    db.execute("UPDATE migrate_event SET detail = 'x' WHERE seq = 99")
    text = one(db, "SELECT migrate_export_history()")
    lines = text.split("\n")
    same(list(module.check(lines)), [])
    same(verify(db, text, kinds=("history",)), [])
    events = [json.loads(line) for line in lines]
    for event in events:
        if "time" not in event:
            continue
        same(event["time"], one(
            db, "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?, 'unixepoch')",
            event["at"] // 10**6) + f".{event['at'] % 10**6:06}Z")
    lines[2] = lines[2].replace('"ok"', '"OK"')
    same(len(list(module.check(lines))), 1)
    del lines[3]
    assert len(list(module.check(lines))) >= 2


def test_times_of_any_day_in_an_export(place):
    db = connect(place / "app.db")
    add(db, "1", "SELECT 1")
    for at in (0, -1, 951782400 * 10**6, 951868800 * 10**6 - 1,
               4107542400 * 10**6, -2203891200 * 10**6,
               253402300799 * 10**6 + 999999, -62135596800 * 10**6):
        db.execute("UPDATE migrate_event SET at = ?", (at,))
        event = json.loads(
            one(db, "SELECT migrate_export_history()").split("\n")[0])
        same(event["time"], one(
            db, "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?, 'unixepoch')",
            at // 10**6) + f".{at % 10**6:06}Z")


def test_dump_and_backup_keep_the_chain(place):
    db = history(place)
    head = one(db, "SELECT migrate_export_history()")
    before = verify(db, head)
    copy = connect(place / "dumped.db")
    copy.executescript("\n".join(db.iterdump()))
    same(verify(copy, head), before)
    copy = connect(place / "copied.db")
    db.backup(copy)
    same(verify(copy, head), before)
    one(db, "SELECT migrate_backup(?)", str(place / "backup.db"))
    same(verify(connect(place / "backup.db"), head), before)
    one(copy, "SELECT migrate_restore(?)", str(place / "backup.db"))
    same(verify(copy, head), before)


def section(db, version, query, up="SELECT 1"):
    """A migration with a verify section that could not hold when it ran."""
    add(db, version, f"-- migrate:up\n{up};\n-- migrate:verify\n{query}")
    one(db, "SELECT migrate_stamp(?)", version)


EVIL = (
    "SELECT evil() IS NULL",
    "SELECT count(*) >= 0 FROM seen",
    "SELECT sum(b) IS NULL FROM computed",
    "SELECT load_extension('/tmp/no.so') IS NULL",
    "SELECT migrate_apply() >= 0",
    "SELECT migrate_config('environment', 'x') = 'x'",
    "SELECT count(*) FROM migrate_status()",
    "ATTACH 'other.db' AS other",
    "PRAGMA user_version = 7",
    "SELECT * FROM pragma_user_version(7)",
    "SELECT * FROM pragma_journal_mode('wal')",
    "SELECT * FROM pragma_wal_checkpoint",
    "SELECT * FROM pragma_writable_schema(1)",
    "INSERT INTO one VALUES (1) RETURNING 1",
    "WITH x AS (SELECT 1) INSERT INTO one SELECT * FROM x",
    "DELETE FROM migrate_event",
    "CREATE TABLE more (id)",
    "DROP TABLE one",
    "VACUUM",
    "SELECT writefile('x', 'y') IS NULL",
    "SELECT sqlite_log(1, 'x') IS NULL",
    "SELECT fts3_tokenizer('simple') IS NULL",
)


def test_hostile_file_executes_nothing(place):
    path = place / "app.db"
    db = connect(path)
    calls = []
    db.create_function("evil", -1, lambda *_: calls.append(1),
                       deterministic=True)
    db.execute("CREATE TABLE one (id)")
    db.execute("CREATE VIEW seen AS SELECT evil() AS e")
    db.execute("CREATE TABLE computed (a DEFAULT (evil()), "
               "b AS (evil(a)), c REFERENCES one (id), "
               "d AS (evil(a)) REFERENCES one (id))")
    db.execute("CREATE TRIGGER t AFTER INSERT ON one "
               "BEGIN SELECT evil(); END")
    try:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        db.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, a, b)")
    except sqlite3.OperationalError as error:
        print("# without virtual tables:", error)
    db.execute("INSERT INTO computed (a, c) VALUES (1, 2)")
    for number, query in enumerate(EVIL, 1):
        section(db, str(number), query)
    db.close()
    db = connect(path)
    calls.clear()
    db.create_function("evil", -1, lambda *_: calls.append(1),
                       deterministic=True)
    before = path.read_bytes()
    found = verify(db)
    for look in ("migrate_status()", "migrate_history()"):
        rows(db, f"SELECT * FROM {look}")
    same(calls, [])
    same(path.read_bytes(), before)
    same(sorted(p.name for p in place.iterdir()), ["app.db"])
    told = {int(row[1]) for row in found if row[0] == "verify"}
    # One that only counts a view's rows may hold without calling anything.
    same(told | {2}, set(range(1, len(EVIL) + 1)))
    assert not db.in_transaction


def test_what_a_section_may_ask(place):
    db = connect(place / "app.db")
    db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, \"of\" REFERENCES one)")
    db.execute("CREATE VIEW seen AS SELECT count(*) AS n FROM one")
    asked = ["SELECT n = 0 FROM seen",
             "SELECT count(*) = 2 FROM pragma_table_info('one')",
             "SELECT count(*) = 0 FROM pragma_foreign_key_check('one')",
             "SELECT integrity_check = 'ok' FROM pragma_integrity_check",
             "SELECT user_version = 0 FROM pragma_user_version",
             "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
             "WHERE n < 10) SELECT count(*) = 10 FROM c",
             "SELECT upper('a') = 'A' AND abs(-1) = 1",
             "SELECT count(*) >= 0 FROM migrate_event"]
    try:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        db.execute("INSERT INTO words VALUES ('hello')")
        asked.append("SELECT count(*) = 1 FROM words WHERE words MATCH 'hello'")
        db.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, a, b)")
        db.execute("INSERT INTO boxes VALUES (1, 2, 3)")
        asked.append("SELECT count(*) = 1 FROM boxes WHERE a > 1")
    except sqlite3.OperationalError as error:
        print("# without virtual tables:", error)
    for number, query in enumerate(asked, 1):
        section(db, str(number), query)
    same(verify(db), [])
    db.execute("PRAGMA journal_mode = wal")
    same(verify(db), [])


def test_in_memory_and_in_a_transaction(place):
    for path in (":memory:", "file:/shared?vfs=memdb", ""):
        db = connect(path, uri=path.startswith("file:"))
        section(db, "1", "SELECT count(*) = 0 FROM one",
                "CREATE TABLE one (id)")
        db.execute("CREATE TABLE one (id)")
        same(verify(db), [])
        db.execute("BEGIN")
        db.execute("INSERT INTO one VALUES (1)")
        same([row[0] for row in verify(db)], ["verify"])
        db.execute("ROLLBACK")
        same(verify(db), [])
    db = connect(place / "app.db")
    section(db, "1", "SELECT count(*) = 0 FROM one", "CREATE TABLE one (id)")
    db.execute("CREATE TABLE one (id)")
    db.execute("BEGIN")
    rows(db, "SELECT * FROM one")
    same(verify(db), [])
    db.execute("INSERT INTO one VALUES (1)")
    ((kind, _, _, problem),) = verify(db)
    same(kind, "verify")
    matches(problem, "^was not looked at: .*transaction that is open")
    db.execute("COMMIT")
    matches(verify(db)[0][3], "is not true$")


def test_others_in_the_way(place):
    path = place / "app.db"
    db = connect(path)
    section(db, "1", "SELECT count(*) = 0 FROM one", "CREATE TABLE one (id)")
    db.execute("CREATE TABLE one (id)")
    db.execute("PRAGMA locking_mode = exclusive")
    db.execute("INSERT INTO one VALUES (1)")
    db.execute("DELETE FROM one")
    matches(verify(db)[0][3], "^was not looked at: ")
    db.close()
    read = connect(f"file:{path}?mode=ro", uri=True)
    same(verify(read), [])
    read = connect(f"file:{path}?immutable=1", uri=True)
    same(verify(read), [])
    db = connect(path)
    path.rename(place / "moved.db")
    matches(verify(db)[0][3], "^was not looked at: ")


def test_locks_are_kept(place):
    """A second connection that is closed drops no lock of the first."""
    path = place / "app.db"
    db = connect(path)
    section(db, "1", "SELECT 1")
    db.execute("CREATE TABLE one (id)")
    db.execute("BEGIN")
    rows(db, "SELECT * FROM one")
    same(verify(db), [])

    def write():
        try:
            connect(path).execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            return str(error)
        return "taken"
    same(child(write), "database is locked")
    db.execute("COMMIT")
    same(child(write), "taken")


def test_violated_foreign_keys(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id INTEGER PRIMARY KEY); CREATE TABLE "
                 "\"a b\" (x REFERENCES one, y REFERENCES one)")
    one(db, "SELECT migrate_apply()")
    db.execute("INSERT INTO \"a b\" VALUES (1, NULL), (2, 3), (NULL, NULL)")
    same([(row[0], row[2], row[3]) for row in verify(db)],
         [("foreign key", "a b", '1 row refers to what is not in table "one"'),
          ("foreign key", "a b",
           '2 rows refer to what is not in table "one"')])
    db.execute("INSERT INTO one VALUES (1), (2), (3)")
    same(verify(db), [])
    db.execute("CREATE TABLE odd (x REFERENCES \"a b\" (nowhere))")
    db.execute("INSERT INTO odd VALUES (1)")
    matches(verify(db)[-1][3], "mismatch")
    # It hides neither another mismatch nor rows that refer to nothing.
    db.execute("CREATE TABLE even (x REFERENCES one (nowhere), "
               "y REFERENCES one (id))")
    db.execute("DELETE FROM one WHERE id = 2")
    same([(row[0], row[2], row[3]) for row in verify(db, kinds=("foreign key",))],
         [("foreign key", "a b", '1 row refers to what is not in table "one"'),
          ("foreign key", "odd", "its foreign keys are not checked: foreign "
           'key mismatch - "odd" referencing "a b"'),
          ("foreign key", "even", "its foreign keys are not checked: foreign "
           'key mismatch - "even" referencing "one"')])
    same(rows(db, "SELECT count(*) FROM migrate_verify() WHERE kind = 'schema'"),
         [(0,)])


def test_interrupt_ends_a_section(place):
    db = connect(place / "app.db")
    section(db, "1", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
                     "FROM c) SELECT count(*) FROM c")
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 50
    db.set_progress_handler(stop, 1000)
    fails(db, "SELECT * FROM migrate_verify()", "interrupted")
    db.set_progress_handler(None, 0)
    same(one(db, "SELECT migrate_pending()"), 0)


def test_attached_database(place):
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    one(db, "SELECT migrate_config('target_schema', 'other')")
    section(db, "1", "SELECT count(*) = 0 FROM one", "CREATE TABLE one (id)")
    matches(verify(db)[0][3], "no such table")
    db.execute("CREATE TABLE other.one (id)")
    same(verify(db), [])
    head = one(db, "SELECT migrate_export_history()")
    same(verify(db, head), [])
    db.execute("DELETE FROM other.migrate_event WHERE seq = 2")
    assert verify(db, head)


def test_drift_and_an_edited_record_of_the_schema(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_apply()")
    same(verify(db), [])
    db.execute("ALTER TABLE one ADD COLUMN more")
    db.execute("CREATE INDEX by_id ON one (id)")
    found = verify(db)
    same({row[0] for row in found}, {"drift"})
    same({row[3] for row in found if row[2] in ("column one.more",
                                                "index by_id")},
         {"was added by another hand"})
    db.execute("UPDATE migrate_object SET definition = definition || 'x' "
               "WHERE kind = 'table'")
    assert [row for row in verify(db) if row[0] == "schema"]
    db.execute("DELETE FROM migrate_object WHERE kind = 'record'")
    same([row[3] for row in verify(db) if row[0] == "schema"],
         ["was edited: its fingerprint is missing"])


def test_no_catalogue(place):
    db = connect(place / "app.db")
    same(verify(db), [])
    same(one(db, "SELECT migrate_export_history()"), "")
    same(rows(db, "SELECT name FROM sqlite_schema"), [])


def test_damaged_catalogue_is_a_row(place):
    for table in ("migrate_text", "migrate_migration", "migrate_applied",
                  "migrate_event", "migrate_setting", "migrate_object",
                  "migrate_delta"):
        db = history(place, f"{table}.db")
        db.execute("CREATE TABLE child (x REFERENCES nowhere)")
        db.execute("INSERT INTO child VALUES (1)")
        db.execute(f"DROP TABLE {table}")
        same([(row[0], row[3]) for row in verify(db)],
             [("catalogue", f'the catalogue is damaged: table "{table}" is '
                            "missing or not ours"),
              ("foreign key", '1 row refers to what is not in table "nowhere"')])
        db.close()


def test_layout_that_is_not_noted(place):
    for number, sql in enumerate((
            "DELETE FROM migrate_setting", "UPDATE migrate_setting SET value = "
            "'x'", "UPDATE migrate_setting SET value = '-1'",
            "UPDATE migrate_setting SET value = '1'")):
        db = connect(place / f"{number}.db")
        add(db, "1", "CREATE TABLE one (id)")
        db.execute(sql + " WHERE name = 'catalogue_layout'")
        same(verify(db), [])
        same(one(db, "SELECT migrate_apply()"), 1)
        # What writes puts it back.
        add(db, "2", "CREATE TABLE two (id)")
        same(rows(db, "SELECT value FROM migrate_setting "
                      "WHERE name = 'catalogue_layout'"), [("2",)])
        same(verify(db), [])
        db.close()


def test_head_with_a_byte_order_mark(place):
    db = history(place)
    head = one(db, "SELECT migrate_export_history()")
    same(verify(db, "\ufeff" + head, kinds=BELIEF), [])
    same(verify(db, "\ufeff" + head + "\r\n\ufeff" + head, kinds=BELIEF), [])
    for nothing in ("", " \n", "\ufeff"):
        fails(db, "SELECT * FROM migrate_verify(?)", "^head is empty|^head has",
              arguments=(nothing,))
    fails(db, "SELECT * FROM migrate_verify(NULL)", "^head must not be NULL")


def test_exclusive_lock_of_one_s_own(place):
    for mode in ("DELETE", "WAL"):
        db = connect(place / f"{mode}.db")
        db.execute(f"PRAGMA journal_mode = {mode}")
        section(db, "1", "SELECT count(*) >= 0 FROM sqlite_schema")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        one(db, "SELECT migrate_config('environment', 'test')")
        ((problem, hint),) = rows(db, "SELECT problem, hint FROM "
                                      "migrate_verify() WHERE kind = 'verify'")
        matches(problem, "^was not looked at: .*database is locked$")
        matches(hint, "or this connection, by PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA locking_mode = NORMAL")
        rows(db, "SELECT * FROM sqlite_schema")
        same(verify(db), [])
        db.close()


def hints(db, kind):
    return column(db, "SELECT hint FROM migrate_verify() WHERE kind = ?", kind)


def test_hints_of_failures_lead_back(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "CREATE TABLE one (id)")
    fails(db, "SELECT migrate_apply()", "already exists")
    (hint,) = hints(db, "failed")
    matches(hint, r"apply again: that goes on .* migrate_repair\('2'\) forgets")
    same("migrate_deploy" in hint, False)
    one(db, "SELECT migrate_repair('2')")
    same(verify(db), [])
    fails(db, "SELECT migrate_apply()", "already exists")
    add(db, "2", "CREATE TABLE two (id)")
    one(db, "SELECT migrate_apply()")
    same(verify(db), [])


def test_hints_of_additions_lead_back(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_apply()")
    db.executescript("""
        CREATE TRIGGER "my own" AFTER INSERT ON migrate_event BEGIN SELECT 1; END;
        CREATE INDEX "an index" ON migrate_applied (at);
        CREATE UNIQUE INDEX another ON migrate_text (length(body), hash);
    """)
    remedies = [hint.split("take it away: ")[1] for hint in hints(db, "catalogue")]
    same(len(remedies), 3)
    for remedy in remedies:
        db.execute(remedy)
    same(verify(db), [])


def test_hints_of_foreign_keys_lead_back(place):
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id INTEGER PRIMARY KEY, name text);"
                 "CREATE TABLE two (x REFERENCES one (name))")
    one(db, "SELECT migrate_apply()")
    db.execute("INSERT INTO two VALUES ('a')")
    (hint,) = hints(db, "foreign key")
    matches(hint, "or have a unique index")
    add(db, "2", "CREATE UNIQUE INDEX one_name ON one (name)")
    one(db, "SELECT migrate_apply()")
    (hint,) = hints(db, "foreign key")
    db.execute("INSERT INTO one (name) VALUES ('a')")
    same(verify(db), [])

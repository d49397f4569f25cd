"""Statements that no transaction can hold, and databases attached."""

import os
import sqlite3
import threading

from tools import (Holder, add, check_sound, code_is, column, connect,
                   exists, fails, matches, one, processes, rows, same, states)

PARTS = """CREATE TABLE before (id);
INSERT INTO before VALUES (1), (2);
VACUUM;
CREATE TABLE after (id);
"""


def fresh(place, name="a.db", **options):
    return connect(place / name, **options)


def outcomes(db, version="1"):
    return column(db, "SELECT outcome FROM migrate_history() "
                      "WHERE version = ? AND action <> 'add'", version)


def database_names(db):
    return column(db, "SELECT name FROM pragma_database_list "
                      "WHERE name <> 'temp'")


def test_vacuum_between_statements(place):
    for mode in ("delete", "wal", "truncate", "persist"):
        db = fresh(place, mode)
        one(db, f"PRAGMA journal_mode = {mode}")
        other = fresh(place, mode)
        db.executescript("CREATE TABLE old (x); INSERT INTO old VALUES "
                         "(zeroblob(100000)), (zeroblob(100000)); "
                         "DELETE FROM old")
        pages = one(db, "PRAGMA page_count")
        add(db, "1", PARTS)
        add(db, "2", "CREATE TABLE two (id)")
        same(one(db, "SELECT migrate_apply()"), 2)
        assert one(db, "PRAGMA page_count") < pages
        same(one(db, "PRAGMA freelist_count"), 0)
        same(outcomes(db), ["done", "started", "done", "done", "ok"])
        same(column(other, "SELECT id FROM before"), [1, 2])
        assert exists(other, "after")
        same(one(db, "PRAGMA journal_mode"), mode)
        check_sound(db)
        db.close()
        other.close()


def test_vacuum_alone_and_on_the_way_back(place):
    db = fresh(place)
    add(db, "1", "VACUUM", "DROP TABLE nosuch_yet; VACUUM")
    add(db, "2", "/* a */ vacuum MAIN; -- b\n", "VACUUM;")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(one(db, "SELECT migrate_rollback()"), 1)
    fails(db, "SELECT migrate_rollback()", "no such table: nosuch_yet")
    db.execute("CREATE TABLE nosuch_yet (x)")
    same(one(db, "SELECT migrate_rollback()"), 1)
    assert not exists(db, "nosuch_yet")
    check_sound(db)


def test_page_size_and_auto_vacuum(place):
    db = fresh(place)
    add(db, "1", "PRAGMA page_size = 8192; PRAGMA main.auto_vacuum = full;"
                 "VACUUM; CREATE TABLE one (id)")
    add(db, "2", "PRAGMA auto_vacuum = incremental; CREATE TABLE two (id)")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(one(db, "PRAGMA page_size"), 8192)
    same(one(db, "PRAGMA auto_vacuum"), 2)
    check_sound(db)


def test_what_counts_with_a_vacuum_is_not_left_behind(place):
    db = fresh(place)
    add(db, "1", "PRAGMA page_size = 8192; PRAGMA auto_vacuum = 1;"
                 "CREATE TABLE one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    db.execute("VACUUM")
    same(one(db, "PRAGMA page_size"), 4096)
    same(one(db, "PRAGMA auto_vacuum"), 0)


def test_journal_mode_stands_where_it_is(place):
    db = fresh(place)
    one(db, "PRAGMA journal_mode = wal")
    add(db, "1", "CREATE TABLE one (id);\nPRAGMA journal_mode = delete;\n"
                 "PRAGMA page_size = 16384;\nVACUUM;\n"
                 "PRAGMA journal_mode = wal;\nCREATE TABLE two (id);")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "PRAGMA page_size"), 16384)
    same(one(db, "PRAGMA journal_mode"), "wal")
    assert exists(db, "two")
    check_sound(db)


def test_settings_reach_every_part(place):
    db = fresh(place)
    db.executescript("CREATE TABLE t (x CHECK (x > 0));"
                     "CREATE TABLE p (id INTEGER PRIMARY KEY);"
                     "CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);"
                     "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);"
                     "PRAGMA foreign_keys = on")
    add(db, "1", "PRAGMA foreign_keys = off;"
                 "PRAGMA ignore_check_constraints = on;"
                 "INSERT INTO t VALUES (-1); VACUUM;"
                 "INSERT INTO t VALUES (-2); CREATE TABLE q (id PRIMARY KEY);"
                 "INSERT INTO q SELECT * FROM p; DROP TABLE p;"
                 "ALTER TABLE q RENAME TO p; VACUUM;")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(column(db, "SELECT x FROM t"), [-1, -2])
    same(column(db, "SELECT p FROM c"), [1])
    same(one(db, "PRAGMA foreign_keys"), 1)
    same(one(db, "PRAGMA ignore_check_constraints"), 0)
    assert not db.in_transaction


def test_vacuum_into(place):
    db = fresh(place)
    copy = place / "it's a copy.db"
    text = str(copy).replace("'", "''")
    add(db, "1", f"CREATE TABLE one (id); VACUUM INTO '{text}';"
                 "CREATE TABLE two (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    db = sqlite3.connect(copy)
    same(column(db, "PRAGMA integrity_check"), ["ok"])
    assert exists(db, "one")
    assert not exists(db, "two")
    db.close()
    db = fresh(place, "b.db")
    add(db, "1", f"VACUUM INTO '{text}'")
    fails(db, "SELECT migrate_apply()", "output file already exists.*\n.*\n"
                                        "  Delete it if an attempt")
    copy.unlink()
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_it_goes_on_where_it_failed(place):
    db = fresh(place)
    add(db, "1", PARTS + "nonsense;\n")
    add(db, "2", "CREATE TABLE two (id)")
    for _attempt in range(2):
        fails(db, "SELECT migrate_apply()",
              'migration "1" failed at line 5: near "nonsense".*\n.*\n'
              "Statements 1 to 3 of 5 are done and stay so")
        same(states(db)[0][1], "failed")
        same(column(db, "SELECT id FROM before"), [1, 2])
        assert not exists(db, "after")
        check_sound(db)
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()", 'a part of migration "1" is done '
                                        "already, in transactions of its own"
                                        "\n  The same call, outside of a")
    db.execute("ROLLBACK")
    # What is done cannot be changed; what is not can.
    rows(db, "SELECT migrate_add('1', ?)", PARTS.replace("(2)", "(3)"))
    fails(db, "SELECT migrate_apply()", "was changed after a part of it")
    rows(db, "SELECT migrate_add('1', ?)", PARTS)
    same(one(db, "SELECT migrate_apply()"), 2)
    same(column(db, "SELECT id FROM before"), [1, 2])
    check_sound(db)


def killed(path, text):
    """Apply a text in a process that dies at its function die()."""
    db = connect(path)
    db.create_function("die", 0, lambda: os._exit(9))
    add(db, "1", text)
    one(db, "SELECT migrate_apply()")


def test_it_goes_on_after_a_crash(place):
    text = PARTS + "INSERT INTO after VALUES (1);\nSELECT die();\n"
    process = processes.Process(
        target=killed, args=(place / "a.db", text))
    process.start()
    process.join()
    same(process.exitcode, 9)
    db = fresh(place)
    db.create_function("die", 0, lambda: 0)
    assert exists(db, "before")
    assert not exists(db, "after")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(column(db, "SELECT id FROM after"), [1])
    same(column(db, "SELECT id FROM before"), [1, 2])
    same(outcomes(db).count("started"), 1)
    check_sound(db)


def test_a_vacuum_that_could_not_begin_is_run_again(place):
    db = fresh(place)
    add(db, "1", PARTS)
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "VACUUM; CREATE TABLE two (id)")
    before = column(db, "SELECT hash FROM migrate_event ORDER BY seq")
    one(db, "SELECT migrate_config('lock_timeout', '50ms')")
    reader = Holder(place / "a.db", "BEGIN", "SELECT * FROM before")
    fails(db, "SELECT migrate_apply()", "others have been reading")
    reader.end()
    same(one(db, "SELECT migrate_apply()"), 1)
    assert exists(db, "two")
    same(column(db, "SELECT hash FROM migrate_event ORDER BY seq")[:len(before)],
         before)
    check_sound(db)


def test_others_who_read(place):
    db = fresh(place)
    one(db, "SELECT migrate_config('lock_timeout', '100ms')")
    one(db, "PRAGMA journal_mode = wal")
    db.execute("CREATE TABLE old (x)")
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", "VACUUM")
    # In WAL mode readers do not matter.
    reader = Holder(place / "a.db", "BEGIN", "SELECT * FROM old")
    same(one(db, "SELECT migrate_apply()"), 2)
    reader.end()
    # Without one they do.
    one(db, "PRAGMA journal_mode = delete")
    add(db, "3", "CREATE TABLE three (id);\nVACUUM;")
    probe = fresh(place)
    probe.execute("BEGIN")
    rows(probe, "SELECT * FROM old")
    error = fails(db, "SELECT migrate_apply()", "others have been reading",
                  "SQLITE_BUSY")
    matches(str(error), "lock_timeout")
    probe.execute("COMMIT")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_the_busy_handler_is_the_applications(place):
    db = fresh(place)
    one(db, "PRAGMA busy_timeout = 1234")
    add(db, "1", PARTS)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "PRAGMA busy_timeout"), 1234)


def test_where_it_cannot_run(place):
    db = fresh(place)
    add(db, "1", PARTS)
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()",
          'migration "1" failed at line 3: VACUUM cannot run inside a '
          "transaction.*\n.*\n.*Call the function outside of a transaction",
          "SQLITE_ERROR")
    assert not exists(db, "before")
    db.execute("ROLLBACK")
    one(db, "PRAGMA locking_mode = exclusive")
    fails(db, "SELECT migrate_apply()", "line 3: VACUUM needs a second "
                                        "connection, which PRAGMA locking_mode")
    assert not exists(db, "before")
    one(db, "PRAGMA locking_mode = normal")
    same(one(db, "SELECT migrate_apply()"), 1)
    add(db, "2", "VACUUM", "VACUUM")
    same(one(db, "SELECT migrate_apply()"), 1)
    fails(db, "SELECT migrate_redo()", '"2" cannot be redone in one step')
    for path in (":memory:", ""):
        db = connect(path)
        add(db, "1", "CREATE TABLE one (id)")
        add(db, "2", PARTS)
        (note,) = column(db, "SELECT note FROM migrate_plan() "
                             "WHERE note IS NOT NULL")
        matches(note, "^refused: VACUUM needs a second connection")
        fails(db, "SELECT migrate_apply()", '"2" failed at line 3: VACUUM '
                                            "needs a second connection")
        same(states(db), [("1", "applied"), ("2", "failed")])
        assert not exists(db, "before")
        check_sound(db)


def test_plan_says_it(place):
    db = fresh(place)
    add(db, "1", PARTS)
    same(rows(db, "SELECT statement, transactional FROM migrate_plan()"),
         [(1, 1), (2, 1), (3, 0), (4, 1)])
    (note,) = column(db, "SELECT note FROM migrate_plan() "
                         "WHERE note IS NOT NULL")
    matches(note, "^runs in no transaction")


def test_a_collation_that_is_not_there(place):
    db = fresh(place)
    db.create_collation("mine", lambda a, b: (a > b) - (a < b))
    db.executescript("CREATE TABLE t (x COLLATE mine); "
                     "CREATE INDEX i ON t (x)")
    add(db, "1", "VACUUM")
    fails(db, "SELECT migrate_apply()", "no such collation sequence: mine"
                                        "(.|\n)*connection of its own")
    check_sound(db)


def test_interrupt(place):
    """An interrupt of the caller's connection ends the VACUUM."""
    db = fresh(place)
    db.executescript("CREATE TABLE t (x); CREATE INDEX i ON t (x);"
                     "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION "
                     "ALL SELECT i + 1 FROM n WHERE i < 100000) "
                     "SELECT randomblob(20) FROM n")
    db.execute("CREATE INDEX e ON t (x, abs(1))")
    add(db, "1", "CREATE TABLE one (id); VACUUM; CREATE TABLE two (id)")
    stop = threading.Event()

    def interrupt():
        watcher = sqlite3.connect(place / "a.db", timeout=5)
        while not stop.is_set():
            done = watcher.execute("SELECT count(*) FROM migrate_event WHERE "
                                   "outcome = 'started'").fetchone()[0]
            if done:
                db.interrupt()
                break
        watcher.close()

    thread = threading.Thread(target=interrupt)
    one(db, "PRAGMA journal_mode = wal")
    thread.start()
    try:
        db.execute("SELECT migrate_apply()").fetchall()
        print("# the interrupt came too late")
    except sqlite3.Error as error:
        code_is(error, "SQLITE_INTERRUPT")
        assert not exists(db, "two")
    stop.set()
    thread.join()
    rows(db, "SELECT migrate_apply()")
    assert exists(db, "two")
    check_sound(db)


def test_attach_copies_and_detaches(place):
    db = fresh(place)
    other = place / "o'ther.db"
    text = str(other).replace("'", "''")
    source = sqlite3.connect(other)
    source.executescript("CREATE TABLE t (id); INSERT INTO t VALUES (1), (2)")
    source.close()
    add(db, "1", f"ATTACH '{text}' AS \"x y\";\n"
                 "CREATE TABLE t AS SELECT id FROM \"x y\".t;\n"
                 "DETACH DATABASE [x y];", f"ATTACH DATABASE '{text}' AS \"x y\";"
                 "DELETE FROM [x y].t; DROP TABLE main.t")
    add(db, "2", f"ATTACH '{text}' AS x; INSERT INTO x.t VALUES (3);")
    same(one(db, "SELECT migrate_apply()"), 2)
    same(column(db, "SELECT id FROM t"), [1, 2])
    same(database_names(db), ["main"])
    source = sqlite3.connect(other)
    same(source.execute("SELECT count(*) FROM t").fetchone()[0], 3)
    source.close()
    rows(db, "SELECT migrate_stamp('1')")
    same(one(db, "SELECT migrate_redo()"), 1)
    same(column(db, "SELECT id FROM t"), [])
    same(database_names(db), ["main"])
    check_sound(db)


def test_attach_is_undone_with_the_rest(place):
    db = fresh(place)
    other = place / "other.db"
    add(db, "1", f"ATTACH '{other}' AS x; CREATE TABLE x.t (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    for bad in ("nonsense", "ATTACH '/nonexistent/a' AS y",
                "SELECT migrate_apply()", "ROLLBACK"):
        rows(db, "SELECT migrate_add('2', ?)",
             f"ATTACH '{other}' AS x; INSERT INTO x.t VALUES (1);\n"
             f"CREATE TABLE two (id);{bad};\nDETACH x")
        fails(db, "SELECT migrate_apply()", 'migration "2" failed at line')
        same(database_names(db), ["main"])
        assert not exists(db, "two")
        source = sqlite3.connect(other)
        same(source.execute("SELECT * FROM t").fetchall(), [])
        source.close()
        check_sound(db)
    rows(db, "SELECT migrate_add('2', 'ATTACH '':memory:'' AS x')")
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()", "migration with ATTACH cannot run "
                                        "inside the transaction")
    same(database_names(db), ["main"])
    db.execute("ROLLBACK")


def test_attach_under_an_applications_name(place):
    db = fresh(place)
    db.execute("ATTACH ':memory:' AS x")
    db.execute("CREATE TABLE x.precious (id)")
    add(db, "1", "ATTACH ':memory:' AS x; DROP TABLE x.precious; DETACH x")
    fails(db, "SELECT migrate_apply()", "database x is already in use")
    same(database_names(db), ["main", "x"])
    same(one(db, "SELECT count(*) FROM x.precious"), 0)
    add(db, "1", "DETACH x")
    fails(db, "SELECT migrate_apply()", "has not attached cannot stand")
    same(database_names(db), ["main", "x"])


def test_attach_of_an_open_file(place):
    """The transaction would wait for itself."""
    db = fresh(place)
    other = place / "other.db"
    for text in (f"ATTACH '{place / 'a.db'}' AS x",
                 f"ATTACH '{other}' AS x; ATTACH '{other}' AS y"):
        rows(db, "SELECT migrate_add('1', ?)", text)
        fails(db, "SELECT migrate_apply()", "the file is open already, as "
                                            'database "(main|x)"')
        same(database_names(db), ["main"])
        check_sound(db)


def test_attach_and_interrupt(place):
    db = fresh(place)
    other = place / "other.db"
    db.create_function("stop", 0, db.interrupt)
    add(db, "1", f"ATTACH '{other}' AS x; CREATE TABLE x.t (id);"
                 "SELECT stop(); CREATE TABLE x.u (id)")
    fails(db, "SELECT migrate_apply()", "interrupted", "SQLITE_INTERRUPT")
    assert not db.in_transaction
    # At the latest the next call detaches it.
    rows(db, "SELECT migrate_version()")
    same(database_names(db), ["main"])
    check_sound(db)


def test_attach_beside_vacuum(place):
    db = fresh(place)
    other = place / "other.db"
    add(db, "1", f"ATTACH '{other}' AS x; CREATE TABLE x.t (id);"
                 "INSERT INTO x.t VALUES (1); VACUUM;"
                 "CREATE TABLE t AS SELECT * FROM x.t; DETACH x")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(column(db, "SELECT id FROM t"), [1])
    same(database_names(db), ["main"])
    check_sound(db)

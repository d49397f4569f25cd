"""The engine's own code of a failure is the code of the call: extended result
codes, from scalar and table functions, whatever the connection asked for."""

import contextlib
import os
import resource
import signal
import sqlite3

from tools import (Bare, Holder, add, check_sound, connect, matches, one,
                   rows, same)

HAS_CODES = hasattr(sqlite3, "SQLITE_CONSTRAINT_UNIQUE")  # from 3.11 on
VERSION = sqlite3.sqlite_version_info

# What is set up, a statement that fails, and the code that it must fail with.
STATEMENTS = {
    "check": ("CREATE TABLE t (x CHECK (x > 0))",
              "INSERT INTO t VALUES (0)", 275),
    "not null": ("CREATE TABLE t (x NOT NULL)",
                 "INSERT INTO t VALUES (NULL)", 1299),
    "unique": ("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)",
               "INSERT INTO t VALUES (1)", 2067),
    "primary key": ("CREATE TABLE t (x PRIMARY KEY) WITHOUT ROWID;"
                    "INSERT INTO t VALUES (1)",
                    "INSERT INTO t VALUES (1)", 1555),
    "rowid": ("CREATE TABLE t (x); INSERT INTO t (rowid) VALUES (1)",
              "INSERT INTO t (rowid) VALUES (1)", 2579),
    "foreign key": ("CREATE TABLE p (x PRIMARY KEY);"
                    "CREATE TABLE t (x REFERENCES p)",
                    "INSERT INTO t VALUES (1)", 787),
    "raise": ("CREATE TABLE t (x); CREATE TRIGGER r BEFORE INSERT ON t "
              "BEGIN SELECT RAISE(ABORT, 'no'); END",
              "INSERT INTO t VALUES (1)", 1811),
    "raise fail": ("CREATE TABLE t (x); CREATE TRIGGER r BEFORE INSERT ON t "
                   "BEGIN SELECT RAISE(FAIL, 'no'); END",
                   "INSERT INTO t VALUES (1)", 1811),
    "raise rollback": ("CREATE TABLE t (x); CREATE TRIGGER r BEFORE INSERT "
                       "ON t BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
                       "INSERT INTO t VALUES (1)", 1811),
    "or rollback": ("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)",
                    "INSERT OR ROLLBACK INTO t VALUES (1)", 2067),
    "mismatch": ("CREATE TABLE t (x INTEGER PRIMARY KEY)",
                 "INSERT INTO t VALUES ('a')", 20),
    "too big": ("CREATE TABLE t (x)",
                "INSERT INTO t VALUES (zeroblob(2000000000))", 18),
    "syntax": ("CREATE TABLE t (x)", "INSRT INTO t VALUES (1)", 1),
    "no such table": ("CREATE TABLE t (x)", "INSERT INTO u VALUES (1)", 1),
    "integer overflow": ("CREATE TABLE t (x)",
                         "INSERT INTO t SELECT abs(-9223372036854775808)", 1),
}
if VERSION >= (3, 37):
    STATEMENTS["datatype"] = ("CREATE TABLE t (x INTEGER) STRICT",
                              "INSERT INTO t VALUES ('a')", 3091)


def needs_codes():
    if not HAS_CODES:
        print("# skipped: this Python does not tell extended codes")
    return HAS_CODES


def code_of(db, sql, *arguments):
    """The extended code with which a statement fails; 0 when it does not."""
    try:
        rows(db, sql, *arguments)
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", None)  # from 3.11 on
    return 0


def every_statement(place, attach):
    for number, (name, (setup, statement, code)) in enumerate(
            STATEMENTS.items()):
        db = connect(place / f"app{number}.db")
        if attach:
            db.execute("ATTACH ? AS tenant", (str(place / f"t{number}.db"),))
            one(db, "SELECT migrate_config('target_schema', 'tenant')")
        db.execute("PRAGMA foreign_keys = on")
        add(db, "1", setup)
        add(db, "2", statement)
        same(one(db, "SELECT migrate_apply('1')"), 1)
        plain = connect(place / (f"t{number}.db" if attach else
                                 f"app{number}.db"))
        plain.execute("PRAGMA foreign_keys = on")
        same((name, code_of(plain, statement)), (name, code))
        plain.close()
        same((name, code_of(db, "SELECT migrate_apply()")), (name, code))
        if not attach:
            db.execute("BEGIN IMMEDIATE")
            same((name, code_of(db, "SELECT migrate_apply()")), (name, code))
            if db.in_transaction:
                db.execute("ROLLBACK")
        same(one(db, "SELECT migrate_current()"), "1")
        matches(one(db, "SELECT detail FROM migrate_history() "
                        "WHERE outcome <> 'ok' LIMIT 1"), f"code: {code}\\b")
        if not attach:
            check_sound(db)
        db.close()


def test_statements_of_a_migration(place):
    if needs_codes():
        every_statement(place, attach=False)


def test_statements_of_a_migration_of_an_attached_database(place):
    if needs_codes():
        every_statement(place, attach=True)


def test_deferred_foreign_key(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    db.execute("PRAGMA foreign_keys = on")
    db.executescript("CREATE TABLE p (x PRIMARY KEY); CREATE TABLE t (x "
                     "REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
    add(db, "1", "INSERT INTO t VALUES (1)")
    same(code_of(db, "INSERT INTO t VALUES (1)"), 787)
    same(code_of(db, "SELECT migrate_apply()"), 787)


def test_full(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE u AS SELECT zeroblob(1000000) AS x")
    pages = one(db, "PRAGMA page_count")
    one(db, f"PRAGMA max_page_count = {pages + 2}")
    same(code_of(db, "CREATE TABLE v AS SELECT zeroblob(1000000) AS x"), 13)
    same(code_of(db, "SELECT migrate_apply()"), 13)
    one(db, "PRAGMA max_page_count = 1000000")
    same(one(db, "SELECT migrate_apply()"), 1)


@contextlib.contextmanager
def file_limit(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_write_error(place):
    """What the operating system refuses is SQLITE_IOERR_WRITE."""
    if not needs_codes():
        return
    db = connect(place / "app.db")
    db.execute("PRAGMA cache_size = 10")
    sql = ("CREATE TABLE {} AS WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL "
           "SELECT x + 1 FROM c LIMIT 1000) SELECT zeroblob(3000) AS b FROM c")
    add(db, "1", sql.format("u"))
    with file_limit(500000):
        same(code_of(db, sql.format("v")), 778)
        code = code_of(db, "SELECT migrate_apply()")
    same(code, 778)
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_read_only_because_the_file_was_moved(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    os.rename(place / "app.db", place / "moved.db")
    plain = code_of(db, "CREATE TABLE v (x)")
    same(plain, sqlite3.SQLITE_READONLY_DBMOVED)
    same(code_of(db, "SELECT migrate_apply()"), plain)


def test_query_only(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    db.execute("PRAGMA query_only = on")
    plain = code_of(db, "CREATE TABLE v (x)")
    same(plain, 8)
    same(code_of(db, "SELECT migrate_apply()"), plain)


def test_folder_that_is_gone(place):
    """No journal can be made: SQLITE_CANTOPEN."""
    if not needs_codes():
        return
    (place / "f").mkdir()
    db = connect(place / "f" / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    os.mkdir(place / "f" / "app.db-journal")
    plain = code_of(db, "CREATE TABLE v (x)")
    assert plain & 0xFF in (10, 14), plain
    same(code_of(db, "SELECT migrate_apply()"), plain)


LOOKS = ("SELECT migrate_current()", "SELECT migrate_pending()",
         "SELECT * FROM migrate_status()", "SELECT * FROM migrate_history()",
         "SELECT * FROM migrate_plan()", "SELECT * FROM migrate_show('1')",
         "SELECT * FROM migrate_settings()", "SELECT migrate_apply()",
         "SELECT migrate_config('project')")


def test_no_database(place):
    if not needs_codes():
        return
    (place / "app.db").write_bytes(b"this is no database" * 1000)
    db = connect(place / "app.db")
    same(code_of(db, "SELECT * FROM sqlite_schema"), 26)
    for sql in LOOKS:
        same((sql, code_of(db, sql)), (sql, 26))


def test_damaged_file(place):
    """The pages of our tables are no pages of a tree: SQLITE_CORRUPT."""
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    size = one(db, "PRAGMA page_size")
    root = one(db, "SELECT rootpage FROM sqlite_schema "
                   "WHERE name = 'migrate_event'")
    db.close()
    with open(place / "app.db", "r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    db = connect(place / "app.db")
    plain = code_of(db, "SELECT * FROM migrate_event")
    same(plain & 0xFF, 11)
    same(code_of(db, "SELECT * FROM migrate_history()"), plain)
    same(code_of(db, "SELECT * FROM migrate_history"), plain)


def test_a_catalogue_that_is_not_ours_in_a_transaction(place):
    """It is no damage of the file, after which nothing could be committed."""
    db = connect(place / "app.db")
    db.execute("CREATE TABLE migrate_event (x, previous_hash)")
    db.execute("BEGIN")
    db.execute("INSERT INTO migrate_event (x) VALUES (1)")
    for sql in LOOKS:
        assert code_of(db, sql) == 267 or not HAS_CODES, sql
    db.execute("COMMIT")
    same(rows(db, "SELECT x FROM migrate_event"), [(1,)])


def test_interrupted_looks(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    for sql in LOOKS:
        db.set_progress_handler(lambda: 1, 1)
        code = code_of(db, sql)
        db.set_progress_handler(lambda: 0, 1000000)
        same((sql, code), (sql, 9))
        assert not db.in_transaction


def test_forbidden_looks(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")

    def forbid(action, first, *_rest):
        if action == sqlite3.SQLITE_READ and first == "migrate_migration":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    db.set_authorizer(forbid)
    plain = code_of(db, "SELECT * FROM migrate_migration")
    same(plain, 23)
    for sql in ("SELECT migrate_pending()", "SELECT * FROM migrate_status()",
                "SELECT * FROM migrate_plan()", "SELECT migrate_apply()"):
        same((sql, code_of(db, sql)), (sql, plain))


def test_locked_by_another(place):
    if not needs_codes():
        return
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_config('wait_timeout', '50ms')")
    one(db, "SELECT migrate_config('lock_timeout', '50ms')")
    holder = Holder(place / "app.db", "BEGIN IMMEDIATE")
    same(code_of(db, "BEGIN IMMEDIATE"), 5)
    same(code_of(db, "SELECT migrate_apply()"), 5)
    holder.end()
    holder = Holder(place / "app.db", "BEGIN", "SELECT * FROM migrate_event")
    same(code_of(db, "CREATE TABLE v (x)"), 5)
    same(code_of(db, "SELECT migrate_apply()"), 5)
    holder.end()
    same(one(db, "SELECT migrate_apply()"), 1)


def test_locked_by_a_shared_cache(place):
    if not needs_codes():
        return
    uri = f"file:{place}/app.db?cache=shared"
    db = connect(uri, uri=True)
    other = connect(uri, uri=True)
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_config('wait_timeout', '50ms')")
    other.execute("BEGIN IMMEDIATE")
    plain = code_of(db, "BEGIN IMMEDIATE")
    assert plain & 0xFF in (5, 6), plain
    same(code_of(db, "SELECT migrate_apply()"), plain)
    other.execute("ROLLBACK")
    same(one(db, "SELECT migrate_apply()"), 1)


def open_bare(path, extended):
    """Such a connection, or None."""
    try:
        return Bare(path, extended)
    except AttributeError:
        print("# skipped: Python has SQLite compiled in")
        return None


def bare(place, extended):
    db = open_bare(place / "app.db", extended)
    if db is None:
        return
    mask = 0xFFFF if extended else 0xFF
    for name, (setup, statement, code) in STATEMENTS.items():
        same(db.codes("SELECT migrate_rollback('base')")[0], 0)
        same(db.codes("DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS p;"
                      "PRAGMA foreign_keys = on")[0], 0)
        same(db.codes(setup)[0], 0)
        same(db.codes("SELECT migrate_add('1', '%s')"
                      % statement.replace("'", "''"))[0], 0)
        same((name, *db.codes(statement)), (name, code & mask, code))
        same((name, *db.codes("SELECT migrate_apply()")),
             (name, code & mask, code))
    db.close()
    (place / "none.db").write_bytes(b"this is no database" * 1000)
    db = Bare(place / "none.db", extended)
    for sql in LOOKS:
        same((sql, *db.codes(sql)), (sql, 26, 26))
    db.close()


def test_connection_without_extended_codes(place):
    bare(place, 0)


def test_connection_with_extended_codes(place):
    bare(place, 1)


def looks_fail_extended(place, extended):
    """A page that cannot be read whole, as a table function finds it."""
    db = open_bare(place / "app.db", extended)
    if db is None:
        return
    same(db.codes("SELECT migrate_add('1', 'CREATE TABLE one (id)')")[0], 0)
    same(db.codes("SELECT migrate_apply()")[0], 0)
    reader = sqlite3.connect(place / "app.db")
    size = one(reader, "PRAGMA page_size")
    root = one(reader, "SELECT rootpage FROM sqlite_schema "
                       "WHERE name = 'migrate_event'")
    reader.close()
    # Where the file ends within a page, its header still tells all of them.
    os.truncate(place / "app.db", (root - 1) * size + 8)
    db.close()
    db = Bare(place / "app.db", extended)
    plain = db.codes("SELECT * FROM migrate_event")
    assert plain[1] & 0xFF in (10, 11), plain
    for sql in ("SELECT * FROM migrate_history()",
                "SELECT * FROM migrate_history"):
        same(db.codes(sql), plain)
    db.close()


def test_table_functions_without_extended_codes(place):
    looks_fail_extended(place, 0)


def test_table_functions_with_extended_codes(place):
    looks_fail_extended(place, 1)


def test_commit_hook_that_refuses(place):
    """SQLITE_CONSTRAINT_COMMITHOOK, and all of the commit is undone."""
    for extended, code in ((0, 19), (1, 531)):
        db = open_bare(place / "app.db", extended)
        if db is None:
            return
        db.codes("SELECT migrate_add('1', 'CREATE TABLE one (id)')")
        db.hook("commit", lambda: 1)
        same(db.codes("CREATE TABLE v (x)"), (code, 531))
        same(db.codes("SELECT migrate_apply()"), (code, 531))
        db.hook("commit", lambda: 0)
        same(db.codes("SELECT * FROM one")[0], 1)
        same(db.codes("SELECT migrate_apply()")[0], 0)
        same(db.codes("SELECT migrate_rollback('base')")[0], 1)
        db.close()
        os.unlink(place / "app.db")

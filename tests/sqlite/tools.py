"""What the tests share: connections, files, processes, expectations."""

import ctypes
import multiprocessing
import os
import re
import sqlite3

MIGRATE = os.environ["MIGRATE"]

HAS_RETURNING = sqlite3.sqlite_version_info >= (3, 35)

processes = multiprocessing.get_context("fork")


def connect(path, isolation_level=None, **options):
    """A connection with the extension, in autocommit unless told otherwise."""
    options.setdefault("timeout", 0)
    db = sqlite3.connect(str(path), isolation_level=isolation_level, **options)
    db.enable_load_extension(True)
    db.load_extension(MIGRATE)
    db.enable_load_extension(False)
    return db


def rows(db, sql, *arguments):
    return db.execute(sql, arguments).fetchall()


def one(db, sql, *arguments):
    """The only value of the only row."""
    (row,) = rows(db, sql, *arguments)
    (value,) = row
    return value


def column(db, sql, *arguments):
    return [row[0] for row in rows(db, sql, *arguments)]


def same(actual, expected):
    assert actual == expected, (f"\n  is        {actual!r}"
                                f"\n  should be {expected!r}")


def matches(text, pattern):
    assert re.search(pattern, text), f"{text!r} does not match {pattern!r}"


def code_is(error, code):
    """Expect an error's code, by name; Python knows it from 3.11 on."""
    if hasattr(error, "sqlite_errorname"):
        same(error.sqlite_errorname, code)


def fails(db, sql, pattern, code=None, arguments=()):
    """Expect an error, by its message and the name of its code; returns it."""
    try:
        found = db.execute(sql, arguments).fetchall()
    except sqlite3.Error as error:
        matches(str(error), pattern)
        if code is not None:
            code_is(error, code)
        return error
    raise AssertionError(f"{sql!r} did not fail but gave {found!r}")


def add(db, version, up, down=None):
    same(one(db, "SELECT migrate_add(?, ?, ?)", version, up, down), 1)


def write_files(folder, files):
    """Make a folder of files, given by name; returns its path as text."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        if isinstance(text, bytes):
            (folder / name).write_bytes(text)
        else:
            (folder / name).write_text(text)
    return str(folder)


def is_defensive(db):
    """Whether the library refuses PRAGMAs that could spoil a file."""
    before = one(db, "PRAGMA writable_schema")
    db.execute("PRAGMA writable_schema = on")
    found = one(db, "PRAGMA writable_schema")
    db.execute(f"PRAGMA writable_schema = {before}")
    return found == 0


def needs_schema_writes(db):
    """Whether to leave out what a defensive library refuses."""
    if is_defensive(db):
        print("# not run: the library is defensive, and lets nobody write "
              "into sqlite_schema")
        return True
    return False


def exists(db, name):
    return one(db, "SELECT count(*) FROM sqlite_schema WHERE name = ?",
               name) > 0


def states(db):
    return rows(db, "SELECT version, state FROM migrate_status()")


def check_chain(db):
    """The history's rows follow on one another."""
    same(one(db, "SELECT count(*) FROM migrate_event"),
         one(db, "SELECT coalesce(max(seq), 0) FROM migrate_event"))
    same(one(db, "SELECT count(*) FROM migrate_event a JOIN migrate_event b "
                 "ON b.seq = a.seq + 1 WHERE b.previous_hash <> a.hash"), 0)


def check_record(db):
    """The recorded schema, and what migrations have changed, are as written."""
    if not exists(db, "migrate_event"):
        return
    # Where the settings name another database, that one has a record.
    if one(db, "SELECT count(*) FROM main.migrate_setting "
               "WHERE name = 'target_schema'") == 0:
        same(rows(db, "SELECT kind, version, object, problem "
                      "FROM migrate_verify() WHERE kind = 'schema' "
                      "OR object = 'migrate_delta'"), [])


def check_sound(db):
    """No transaction is left open, and the file is in order."""
    assert not db.in_transaction, "a transaction is left open"
    same(column(db, "PRAGMA integrity_check"), ["ok"])
    check_chain(db)
    check_record(db)


def end_processes():
    """End what a failed test has left behind."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


def child(function, *arguments):
    """Run a function in another process; raises what goes wrong there."""
    queue = processes.Queue()

    def call():
        try:
            queue.put((True, function(*arguments)))
        except BaseException as problem:
            queue.put((False, f"{type(problem).__name__}: {problem}"))

    process = processes.Process(target=call)
    process.start()
    good, value = queue.get(timeout=120)
    process.join()
    assert good, value
    return value


class Holder:
    """Another process that has a transaction open until it is told."""

    def __init__(self, path, *statements):
        self.ours, theirs = processes.Pipe()
        self.process = processes.Process(target=self._hold, daemon=True,
                                         args=(path, statements, theirs))
        self.process.start()
        theirs.close()
        assert self.ours.recv() == "holds"

    def _hold(self, path, statements, pipe):
        self.ours.close()
        db = sqlite3.connect(str(path), isolation_level=None, timeout=5)
        for statement in statements:
            db.execute(statement).fetchall()
        pipe.send("holds")
        try:
            pipe.recv()
        except EOFError:
            pass  # the test is over
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.close()

    def end(self):
        self.ours.send("end")
        self.process.join()


def library_file():
    """The file of the SQLite that Python uses, or None."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            path = line.split()[-1]
            if os.path.basename(path).startswith("libsqlite3.so"):
                return path
    return None


class Bare:
    """A connection by the library's own calls, which has asked for no extended
    codes unless told."""

    def __init__(self, path, extended):
        self.library = ctypes.CDLL(None)
        file = library_file()
        if file is not None:
            self.library = ctypes.CDLL(file)
        self.hooks = {}  # which must live as long as they may be called
        self.db = ctypes.c_void_p()
        same(self.library.sqlite3_open(os.fsencode(path),
                                       ctypes.byref(self.db)), 0)
        self.library.sqlite3_db_config(self.db, 1005, ctypes.c_int(1), None)
        same(self.library.sqlite3_load_extension(
            self.db, os.fsencode(MIGRATE), None, None), 0)
        self.library.sqlite3_extended_result_codes(self.db, extended)

    def codes(self, sql):
        """What a statement returns, and the extended code behind it."""
        code = self.library.sqlite3_exec(self.db, sql.encode(), None, None,
                                         None)
        return code, self.library.sqlite3_extended_errcode(self.db)

    def hook(self, kind, function):
        """Set a commit, rollback or update hook, or a busy handler."""
        types = {"commit": (ctypes.c_int, ctypes.c_void_p),
                 "rollback": (None, ctypes.c_void_p),
                 "update": (None, ctypes.c_void_p, ctypes.c_int,
                            ctypes.c_char_p, ctypes.c_char_p,
                            ctypes.c_int64),
                 "busy": (ctypes.c_int, ctypes.c_void_p,
                          ctypes.c_int)}[kind]
        name = "sqlite3_busy_handler" if kind == "busy" else \
            f"sqlite3_{kind}_hook"
        self.hooks[kind] = ctypes.CFUNCTYPE(*types)(
            lambda _context, *what: function(*what))
        getattr(self.library, name)(self.db, self.hooks[kind], None)

    def message(self):
        self.library.sqlite3_errmsg.restype = ctypes.c_char_p
        return self.library.sqlite3_errmsg(self.db).decode()

    def close(self):
        same(self.library.sqlite3_close(self.db), 0)

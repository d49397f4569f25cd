"""What the tests share: connections, files, processes, expectations."""

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


def check_sound(db):
    """No transaction is left open, and the file is in order."""
    assert not db.in_transaction, "a transaction is left open"
    same(column(db, "PRAGMA integrity_check"), ["ok"])
    check_chain(db)


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

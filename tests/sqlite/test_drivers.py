"""The ways into a program: loaded, under another name, compiled in, and the
examples that ship."""

import ctypes
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

from tools import (MIGRATE, connect, fails, library_file, matches, one, same,
                   states, write_files)

BUILD = pathlib.Path(MIGRATE).parent
ROOT = pathlib.Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "sql" / "examples"


def shop(place):
    return str(EXAMPLES / "shop")


def call(*arguments):
    """Run a program; returns its status, and what it printed."""
    done = subprocess.run([str(a) for a in arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_compiled_into_a_program(place):
    program = BUILD / "examples" / "embedded"
    database = place / "app.db"
    status, text = call(program, database, shop(place))
    same((status, text.split(",")[0]), (0, "6 applied"))
    status, text = call(program, database, shop(place))
    same((status, text.split(",")[0]), (0, "0 applied"))
    db = connect(database)
    same({state for _version, state in states(db)}, {"applied"})
    bad = write_files(place / "bad", {"1_bad.sql": "CREATE TABLE u (x UNIQUE);"
                                      "INSERT INTO u VALUES (1), (1);"})
    status, text = call(program, place / "bad.db", bad)
    same(status, 1)
    matches(text, r'^error 2067: migration "1" failed at line 1: UNIQUE')
    status, text = call(program, place / "nowhere" / "x.db", bad)
    same(status, 1)
    matches(text, "unable to open database file")
    same(call(program)[0], 2)


def test_only_the_entry_point_is_global(place):
    nm = shutil.which("nm")
    if nm is None:
        print("# skipped: there is no nm")
        return
    for arguments in (("-g", "--defined-only", BUILD / "libmigrate.a"),
                      ("-D", "--defined-only", BUILD / "migrate.so")):
        status, text = call(nm, *arguments)
        same(status, 0)
        names = [line.split()[2] for line in text.splitlines()
                 if len(line.split()) == 3]
        names = [name for name in names
                 if not name.startswith(("__asan", "__ubsan", "__odr_asan",
                                         "__tsan"))]
        same(names, ["sqlite3_migrate_init"])


def test_file_under_other_names(place):
    """SQLite takes the entry point from the file's name, or is told."""
    for name in ("migrate", "libmigrate", "Migrate-0.2", "libmigrate.so.0"):
        shutil.copy(MIGRATE + ".so", place / f"{name}.so")
        db = sqlite3.connect(":memory:")
        db.enable_load_extension(True)
        if name == "Migrate-0.2":  # letters up to the first dot, in lower case
            same(one(db, "SELECT load_extension(?)", str(place / name)), None)
        else:
            db.load_extension(str(place / name))
        matches(one(db, "SELECT migrate_version()"), r"^\d")
        db.close()
    shutil.copy(MIGRATE + ".so", place / "other.so")
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    try:
        db.load_extension(str(place / "other"))
        raise AssertionError("other.so was loaded")
    except sqlite3.OperationalError as error:
        matches(str(error), "sqlite3_other_init")
    same(one(db, "SELECT load_extension(?, 'sqlite3_migrate_init')",
             str(place / "other")), None)
    matches(one(db, "SELECT migrate_version()"), r"^\d")


def load_by(library, extension):
    """Load the extension into a copy of the library; returns its message."""
    db = ctypes.c_void_p()
    message = ctypes.c_char_p()
    same(library.sqlite3_open(b":memory:", ctypes.byref(db)), 0)
    same(library.sqlite3_db_config(db, 1005, ctypes.c_int(1), None), 0)
    library.sqlite3_load_extension(db, os.fsencode(extension), None,
                                   ctypes.byref(message))
    text = message.value
    library.sqlite3_close(db)
    return text and text.decode()


def test_two_copies_of_sqlite_in_one_process(place):
    """One table of functions serves one copy; a file each serves both."""
    found = library_file()
    if found is None:
        print("# skipped: Python has SQLite compiled in")
        return
    shutil.copy(found, place / "copy.so")
    shutil.copy(MIGRATE + ".so", place / "migrate.so")
    copy = ctypes.CDLL(str(place / "copy.so"))
    db = connect(place / "app.db")
    matches(load_by(copy, MIGRATE + ".so"),
            "migrate is in use by another copy of SQLite in this process")
    same(one(db, "SELECT migrate_pending()"), 0)
    same(load_by(copy, place / "migrate.so"), None)
    same(one(db, "SELECT migrate_pending()"), 0)


def test_example_in_python(place):
    program = (sys.executable, EXAMPLES / "python_app.py", MIGRATE,
               place / "app.db")
    same(call(*program, shop(place)),
         (0, "6 migrations applied, now at 0005\n"))
    same(call(*program, shop(place)),
         (0, "0 migrations applied, now at 0005\n"))
    bad = write_files(place / "bad", {"1_bad.sql": "CREATE TABLE u (x UNIQUE);"
                                      "INSERT INTO u VALUES (1), (1);"})
    status, text = call(sys.executable, EXAMPLES / "python_app.py", MIGRATE,
                        place / "bad.db", bad)
    same(status, 1)
    matches(text, 'migration "1" failed at line 1: UNIQUE constraint failed')
    if sys.version_info >= (3, 11):
        matches(text, "SQLITE_CONSTRAINT_UNIQUE")
    db = connect(place / "bad.db")
    fails(db, "SELECT * FROM u", "no such table")

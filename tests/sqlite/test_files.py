"""Folders, and the locks of the database whose file lies in one."""

import os
import sqlite3

from tools import (MIGRATE, add, check_sound, child, column, connect, fails,
                   one, rows, same, states, write_files)


def can_write(path):
    """Whether another process gets the write lock."""
    def attempt():
        db = sqlite3.connect(str(path), isolation_level=None, timeout=0)
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            return True
        except sqlite3.OperationalError as error:
            assert "locked" in str(error)
            return False
        finally:
            db.close()
    return child(attempt)


def database_among_migrations(place, name, journal_mode):
    """The open database lies in the folder that is loaded."""
    folder = place / "m"
    write_files(folder, {"0002_two.sql": "CREATE TABLE two (id);"})
    path = folder / name
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE t (id)")
    for link, target in (("0003_link.sql", path),
                         ("0004_wal.sql", f"{path}-wal"),
                         ("0005_shm.sql", f"{path}-shm"),
                         ("0006_journal.sql", f"{path}-journal")):
        if os.path.exists(target):
            os.symlink(target, folder / link)
    os.link(path, folder / "0007_hard.sql")
    assert can_write(path)
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO t VALUES (1)")
    assert not can_write(path)
    for _ in range(2):
        one(db, "SELECT migrate_load(?)", str(folder))
        assert not can_write(path), "the lock was lost by loading the folder"
        for single in (name, "0003_link.sql", "0007_hard.sql"):
            fails(db, "SELECT migrate_load(?)", "is the open database itself|"
                  "is no migration", None, (str(folder / single),))
            assert not can_write(path), f"the lock was lost by {single}"
        one(db, "SELECT migrate_up(?)", str(folder))
        assert not can_write(path), "the lock was lost by applying"
    db.execute("COMMIT")
    assert can_write(path)
    same(states(db), [("0002", "applied")])
    check_sound(db)


def test_database_in_the_folder_that_is_loaded(place):
    database_among_migrations(place, "app.db", "delete")


def test_database_in_the_folder_that_is_loaded_with_wal(place):
    database_among_migrations(place, "app.db", "wal")


def test_database_named_like_a_migration(place):
    database_among_migrations(place, "0001_app.sql", "delete")


def test_database_named_like_a_migration_with_wal(place):
    database_among_migrations(place, "0001_app.sql", "wal")


def test_attached_database_named_like_a_migration(place):
    folder = place / "m"
    write_files(folder, {"0002_two.sql": "CREATE TABLE two (id);"})
    db = connect(place / "app.db")
    db.execute("ATTACH ? AS other", (str(folder / "0001_other.sql"),))
    db.execute("CREATE TABLE other.t (id)")
    db.execute("BEGIN")
    db.execute("INSERT INTO other.t VALUES (1)")
    same(one(db, "SELECT migrate_load(?)", str(folder)), 1)
    assert not can_write(folder / "0001_other.sql")
    db.execute("COMMIT")


def test_folder_that_is_also_read_by_the_application(place):
    """A relative path, one with dots, one with a slash behind."""
    folder = write_files(place / "m", {"1_one.sql": "CREATE TABLE one (id);"})
    db = connect(place / "app.db")
    here = os.getcwd()
    os.chdir(place)
    try:
        for path in ("m", "./m", "m/", "m//", "./m/../m", folder + "/."):
            same(one(db, "SELECT migrate_load(?)", path) in (0, 1), True)
        same(len(states(db)), 1)
        same(one(db, "SELECT migrate_load('m/1_one.sql')"), 0)
        os.chdir(place / "m")
        same(one(db, "SELECT migrate_load('.')"), 0)
        same(one(db, "SELECT migrate_load('1_one.sql')"), 0)
    finally:
        os.chdir(here)


def test_what_is_no_regular_file(place):
    folder = place / "m"
    write_files(folder, {"1_one.sql": "CREATE TABLE one (id);"})
    os.mkfifo(folder / "2_pipe.sql")
    (folder / "3_folder.sql").mkdir()
    os.symlink("/dev/zero", folder / "4_device.sql")
    db = connect(place / "app.db")
    fails(db, "SELECT migrate_load(?)", '"2_pipe.sql" is neither a file nor a '
          "directory", None, (str(folder),))
    for name in ("2_pipe.sql", "4_device.sql"):
        fails(db, "SELECT migrate_load(?)", "neither a file nor a directory",
              "SQLITE_ERROR", (str(folder / name),))
    fails(db, "SELECT migrate_load('/dev/zero')", "neither a file nor")


def test_links_to_files_and_folders(place):
    real = place / "real"
    write_files(real, {"one": "CREATE TABLE one (id);"})
    folder = place / "m"
    folder.mkdir()
    os.symlink(real / "one", folder / "1_one.sql")
    os.symlink(folder, place / "link")
    db = connect(place / "app.db")
    same(one(db, "SELECT migrate_up(?)", str(place / "link")), 1)
    same(states(db), [("1", "applied")])
    (real / "one").unlink()
    fails(db, "SELECT migrate_load(?)", "link to a file that does not exist",
          "SQLITE_CANTOPEN", (str(folder),))
    os.unlink(folder / "1_one.sql")
    os.symlink("1_one.sql", folder / "1_one.sql")
    fails(db, "SELECT migrate_load(?)", "1_one.sql", None, (str(folder),))


def test_unreadable_file_and_folder(place):
    if os.getuid() != 0:
        return
    folder = write_files(place / "m", {"1_one.sql": "SELECT 1",
                                       "2_two.sql": "SELECT 2"})
    shut = write_files(place / "shut", {"1_one.sql": "SELECT 1"})
    os.chmod(place, 0o755)
    os.chmod(folder, 0o755)
    os.chmod(folder + "/2_two.sql", 0)
    os.chmod(shut, 0)
    extension = place / "migrate.so"
    with open(MIGRATE + ".so", "rb") as built:
        extension.write_bytes(built.read())

    def load():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(str(extension))
        for path, pattern in (
                (folder, r'cannot open ".*/2_two\.sql": Permission denied'),
                (shut, "cannot .*/shut.*: Permission denied"),
                (shut + "/1_one.sql", "cannot .*: Permission denied"),
                ("/root/none.sql", "Permission denied|does not exist")):
            fails(db, "SELECT migrate_load(?)", pattern, None, (path,))
        same(states(db), [])

    child(load)


def test_thousands_of_files(place):
    count = 3000
    folder = write_files(place / "m", {
        f"{i}_step.sql": f"INSERT INTO log VALUES ({i});"
        for i in range(1, count + 1)})
    db = connect(place / "app.db")
    db.execute("CREATE TABLE log (id)")
    same(one(db, "SELECT migrate_up(?)", folder), count)
    same(column(db, "SELECT id FROM log"), list(range(1, count + 1)))
    same(one(db, "SELECT migrate_up(?)", folder), 0)
    descriptors = len(os.listdir("/proc/self/fd"))
    one(db, "SELECT migrate_load(?)", folder)
    same(len(os.listdir("/proc/self/fd")), descriptors)
    check_sound(db)


def test_no_file_is_left_open_by_failures(place):
    folder = write_files(place / "bad", {"1_one.sql": b"SELECT '\xff'"})
    db = connect(place / "app.db")
    add(db, "1", "SELECT 1")
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        fails(db, "SELECT migrate_load(?)", "UTF-8", None, (folder,))
        fails(db, "SELECT migrate_load('/none')", "does not exist")
    rows(db, "SELECT 1")
    same(len(os.listdir("/proc/self/fd")), descriptors)

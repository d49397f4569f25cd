"""Many files: migrate_fleet() and migrate_fleet_status()."""

import ctypes
import os
import pathlib
import resource
import signal
import sqlite3
import threading
import time

from tools import (MIGRATE, Holder, add, check_sound, child, code_is, column,
                   connect, exists, fails, matches, one, processes, rows, same,
                   states, write_files)

ENDLESS = ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
           "SELECT count(*) FROM n")
KEPT = ("version, position, name, format, source, file, checksum, requires, "
        "options, up, down, verify, present")


def caller(threads=2, count=2):
    """A database in memory with migrations that make t1, t2, ..."""
    db = connect(":memory:")
    one(db, "SELECT migrate_config('fleet_threads', ?)", str(threads))
    for number in range(1, count + 1):
        add(db, str(number), f"CREATE TABLE t{number} (id integer)",
            f"DROP TABLE t{number}")
    return db


def make_files(place, count, folder="tenants"):
    """A folder of databases that each have one table; returns its path."""
    folder = place / folder
    folder.mkdir()
    first = folder / "0000.db"
    db = sqlite3.connect(first)
    db.executescript("CREATE TABLE own (id); INSERT INTO own VALUES (7)")
    db.close()
    for number in range(1, count):
        (folder / f"{number:04}.db").write_bytes(first.read_bytes())
    return folder


def fleet(db, pattern, target=None):
    """Rows by the name of the file: (from, to, applied, error)."""
    found = {}
    for path, *row, duration, error in rows(
            db, "SELECT * FROM migrate_fleet(?, ?)", str(pattern), target):
        assert path not in found, f"{path} comes twice"
        assert duration >= 0
        found[pathlib.Path(path).name] = (*row, error)
    return found


def status(db, pattern):
    """(version, applied, pending, state, error), by the name of the file."""
    return {pathlib.Path(path).name: tuple(row) for path, *row in rows(
        db, "SELECT * FROM migrate_fleet_status(?)", str(pattern))}


def threads():
    return len(os.listdir("/proc/self/task"))


def contents(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.iterdir()}


def test_some_hundred_files(place):
    folder = make_files(place, 300)
    for number in (1, 2, 3, 0):
        db = caller(number, 3)
        if number == 1:
            found = fleet(db, folder)
            same(set(found.values()), {(None, "3", 3, None)})
            same(len(found), 300)
        before = contents(folder)
        same(set(fleet(db, folder).values()), {("3", "3", 0, None)})
        same(contents(folder), before)
        db.close()
    same(set(fleet(caller(2, 4), folder).values()), {("3", "4", 1, None)})
    db = connect(folder / "0123.db")
    same(rows(db, "SELECT * FROM own"), [(7,)])
    same(states(db), [(str(number), "applied") for number in range(1, 5)])
    check_sound(db)


def test_rows_are_in_order_with_one_thread(place):
    folder = make_files(place, 20)
    found = column(caller(1), "SELECT path FROM migrate_fleet(?)", str(folder))
    same(found, sorted(found))
    same(len(found), 20)


def test_catalogue_arrives_as_it_is(place):
    source = write_files(place / "m", {
        "0001_one.sql": b"\xef\xbb\xbf-- migrate:up\r\nCREATE TABLE one (id);\r\n"
                        b"-- migrate:down\r\nDROP TABLE one;\r\n"
                        b"-- migrate:verify\r\nSELECT count(*) = 0 FROM one;",
        "0003_three.sql": "-- migrate:requires 0004\n-- migrate:up\n"
                          "CREATE TABLE three (id);",
        "0004_four.sql": "CREATE TABLE four (name DEFAULT '${who}')",
        "0006_six.sql": "-- migrate:up\nCREATE TABLE six (id)\n"
                        "-- migrate:down\nDROP TABLE six",
        "0007_seven.sql": "-- migrate:env production\nCREATE TABLE seven (id)",
        "R__view.sql": "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 'ü'",
    })
    db = connect(":memory:")
    same(one(db, "SELECT migrate_load(?)", source), 6)
    one(db, "SELECT migrate_config('var.who', 'me')")
    add(db, "8", "CREATE TABLE eight (id)", "DROP TABLE eight")
    folder = make_files(place, 5)
    same(set(fleet(db, folder).values()), {(None, "8", 6, None)})
    same(set(fleet(db, folder).values()), {("8", "8", 0, None)})
    here = connect(folder / "0003.db")
    for sql in (f"SELECT {KEPT} FROM migrate_migration ORDER BY 2",
                "SELECT hash, body FROM migrate_text ORDER BY 1"):
        same(rows(here, sql), rows(db, sql))
    here.execute("INSERT INTO four DEFAULT VALUES")
    same(one(here, "SELECT name FROM four"), "me")
    same(exists(here, "seven"), False)
    # The very directory is nothing new to the file.
    same(one(here, "SELECT migrate_load(?)", source), 0)
    # The way back is there, too.
    same(one(here, "SELECT migrate_rollback()"), 1)
    same(exists(here, "eight"), False)
    check_sound(here)


def test_hard_links(place):
    """What another has written lies in a log beside another name."""
    db = caller(1)
    folder = make_files(place, 2)
    other = sqlite3.connect(folder / "0001.db", isolation_level=None)
    one(other, "PRAGMA journal_mode = wal")
    other.execute("INSERT INTO own VALUES (8)")
    os.link(folder / "0001.db", folder / "000.db")
    os.link(folder / "0000.db", place / "elsewhere.db")
    (folder / "x.db").symlink_to(folder / "0000.db")
    found = fleet(db, folder)
    same(sorted(found), ["000.db", "0000.db"])
    matches(found["000.db"][3], "^the file has several names, by hard links")
    same(status(db, folder)["000.db"][3], "error")
    same(found["0000.db"], (None, "2", 2, None))
    same(fleet(db, folder / "0001.db")["0001.db"], (None, "2", 2, None))
    same(column(other, "SELECT id FROM own"), [7, 8])
    assert exists(other, "t2")


def test_files_that_cannot_be_migrated(place):
    folder = make_files(place, 4)
    (folder / "empty.db").touch()
    (folder / "text.db").write_text("CREATE TABLE t (id);" * 100)
    (folder / "folder.db").mkdir()
    os.mkfifo(folder / "pipe.db")
    (folder / "gone.db").symlink_to(folder / "nowhere")
    (folder / "same.db").symlink_to(folder / "0002.db")
    (folder / "0001.db-journal").touch()
    (folder / "lost.db-wal").touch()
    sqlite3.connect(folder / "bad.db").execute("CREATE TABLE t2 (id)").close()
    (folder / "cut.db").write_bytes((folder / "0001.db").read_bytes()[:4096])
    found = fleet(caller(), folder / "*")
    for name in ("0000.db", "0001.db", "0002.db", "0003.db", "empty.db"):
        same(found.pop(name), (None, "2", 2, None))
    same(found["bad.db"][:3], (None, "1", 1))
    matches(found.pop("bad.db")[3], r'^migration "2" failed .*already exists')
    for name, pattern in (("text.db", "^file is not a database$"),
                          ("pipe.db", "^it is no regular file$"),
                          ("gone.db", "No such file"),
                          ("lost.db-wal", "."),
                          ("cut.db", "malformed")):
        if name == "lost.db-wal":
            # Without its database it is an empty file like any other.
            same(found.pop(name), (None, "2", 2, None))
            continue
        same(found[name][:3], (None, None, 0))
        matches(found.pop(name)[3], pattern)
    same(found, {})


def test_the_callers_own_files(place):
    folder = make_files(place, 4)
    db = connect(folder / "0000.db")
    add(db, "1", "CREATE TABLE t1 (id integer)")
    db.execute("ATTACH ? AS other", (str(folder / "0001.db"),))
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE other.own SET id = 8")
    found = fleet(db, folder)
    for name in ("0000.db", "0001.db"):
        same(found[name][:3], (None, None, 0))
        matches(found[name][3], "^the file is open in this connection\n")
    for name in ("0002.db", "0003.db"):
        same(found[name], (None, "1", 1, None))
    # The locks of this connection are still held.
    assert child(is_locked, folder / "0001.db")
    db.execute("COMMIT")
    same(one(db, "SELECT migrate_apply()"), 1)


def is_locked(path):
    try:
        sqlite3.connect(path, timeout=0).execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    return False


def test_read_only_files(place):
    folder = make_files(place, 3)
    if os.geteuid() == 0:
        found = child(fleet_as_nobody, place, folder)
    else:
        found = fleet_read_only(folder)
    same(found["0000.db"], (None, "2", 2, None))
    same(found["0001.db"][:3], (None, None, 0))
    matches(found["0001.db"][3], "^migrate_fleet cannot run: the database is "
                                 "read-only")
    matches(found["0002.db"][3], "^cannot open the file: unable to open")


def fleet_read_only(folder):
    (folder / "0001.db").chmod(0o444)
    (folder / "0002.db").chmod(0)
    return fleet(caller(), folder)


def fleet_as_nobody(place, folder):
    db = caller()
    for path in (place, folder, *folder.iterdir()):
        os.chown(path, 65534, 65534)
    os.setuid(65534)
    (folder / "0001.db").chmod(0o444)
    (folder / "0002.db").chmod(0)
    return fleet(db, folder)


def test_folder_that_cannot_be_read(place):
    if os.geteuid() != 0:
        print("# skipped: needs root, to become somebody else")
        return
    (place / "a").mkdir()
    (place / "b").mkdir(mode=0o700)
    place.chmod(0o755)
    sqlite3.connect(place / "a" / "x.db").execute("CREATE TABLE t (id)").close()
    child(fails_to_read, place)
    same(one(sqlite3.connect(place / "a" / "x.db"),
             "SELECT count(*) FROM sqlite_schema"), 1)


def fails_to_read(place):
    db = caller()
    os.setuid(65534)
    fails(db, f"SELECT * FROM migrate_fleet('{place}/*/*.db')",
          "^cannot read a folder that .*Permission denied")


def test_arguments(place):
    db = caller()
    (place / "none").mkdir()
    for sql, pattern in (
            ("migrate_fleet", "^migrate_fleet needs 1 argument"),
            ("migrate_fleet()", "^migrate_fleet needs 1 argument"),
            ("migrate_fleet(NULL)", "^glob must not be NULL"),
            ("migrate_fleet('')", "^glob must not be empty"),
            ("migrate_fleet(7)", '^argument "glob" of migrate_fleet must be'),
            (f"migrate_fleet('{place}/*.db', 7)", 'argument "target" of'),
            (f"migrate_fleet('{place}/*.db')", "no file matches .*\n.*path"),
            (f"migrate_fleet('{place}/nix/*.db')", "no file matches"),
            (f"migrate_fleet('{place}/none')", "holds no databases\n.*for"),
            (f"migrate_fleet('{place}/no*')", "no file matches"),
            (f"migrate_fleet_status('{place}/*.db')", "no file matches")):
        fails(db, f"SELECT * FROM {sql}", pattern)
    same(threads(), 1)


def test_target(place):
    folder = make_files(place, 3)
    db = caller(count=5)
    same(set(fleet(db, folder, "2").values()), {(None, "2", 2, None)})
    same(set(fleet(db, folder, "2").values()), {("2", "2", 0, None)})
    same(set(fleet(db, folder, "+1").values()), {("2", "3", 1, None)})
    found = fleet(db, folder, "77")["0000.db"]
    same(found[:3], ("3", "3", 0))
    matches(found[3], '^there is no migration "77"')
    same(set(fleet(db, folder, "head").values()), {("3", "5", 2, None)})
    same(fleet(db, folder, "77")["0000.db"][:3], ("5", "5", 0))


def test_an_empty_catalogue_leaves_each_file_its_own(place):
    folder = make_files(place, 3)
    for name in ("0000.db", "0001.db"):
        db = connect(folder / name)
        add(db, "7", "CREATE TABLE seven (id)")
        db.close()
    db = connect(":memory:")
    same(status(db, folder),
         {"0000.db": (None, 0, 1, "pending", None),
          "0001.db": (None, 0, 1, "pending", None),
          "0002.db": (None, 0, 0, "new", None)})
    same(fleet(db, folder), {"0000.db": (None, "7", 1, None),
                             "0001.db": (None, "7", 1, None),
                             "0002.db": (None, None, 0, None)})
    same(exists(sqlite3.connect(folder / "0002.db"), "migrate_event"), False)


def test_states(place):
    folder = make_files(place, 7)
    (folder / "text.db").write_text("no database" * 100)
    old = connect(":memory:")
    source = write_files(place / "m", {"1_a.sql": "CREATE TABLE a (id)"})
    one(old, "SELECT migrate_load(?)", source)
    same(set(fleet(old, folder / "000[1-6].db").values()),
         {(None, "1", 1, None)})
    write_files(place / "m", {"2_b.sql": "CREATE TABLE b (id)",
                              "3_c.sql": "CREATE TABLE c (id)"})
    new = connect(":memory:")
    one(new, "SELECT migrate_load(?)", source)
    sqlite3.connect(folder / "0004.db").execute("CREATE TABLE c (id)").close()
    fleet(new, folder / "000[2-4].db")
    db = connect(folder / "0005.db")
    one(db, "SELECT migrate_load(?)", source)
    db.close()
    before = contents(folder)
    found = status(new, folder)
    matches(found["0004.db"][4], "table c already exists")
    same({name: row[:4] for name, row in found.items()},
         {"0000.db": (None, 0, 3, "new"), "0001.db": ("1", 1, 2, "pending"),
          "0002.db": ("3", 3, 0, "current"), "0003.db": ("3", 3, 0, "current"),
          "0004.db": ("2", 2, 1, "failed"), "0005.db": ("1", 1, 2, "pending"),
          "0006.db": ("1", 1, 2, "pending"),
          "text.db": (None, None, None, "error")})
    same(status(old, folder)["0002.db"], ("3", 3, 0, "ahead", None))
    write_files(place / "m", {"1_a.sql": "CREATE TABLE a (other)"})
    one(new, "SELECT migrate_load(?)", source)
    same(status(new, folder)["0002.db"], ("3", 3, 0, "changed", None))
    same(contents(folder), before)
    # And migrating says the same.
    same(fleet(old, folder / "0002.db"), {"0002.db": ("3", "3", 0, None)})
    same(fleet(new, folder / "0002.db"), {"0002.db": ("3", "3", 0, None)})
    write_files(place / "m", {"4_d.sql": "CREATE TABLE d (id)"})
    one(new, "SELECT migrate_load(?)", source)
    found = fleet(new, folder / "0002.db")["0002.db"]
    same(found[:3], ("3", "3", 0))
    matches(found[3], "was changed after it was applied")


def test_what_was_withdrawn_is_no_older_release(place):
    source = write_files(place / "m", {"1_a.sql": "CREATE TABLE a (id)",
                                       "2_b.sql": "CREATE TABLE b (id)"})
    folder = make_files(place, 3)
    db = connect(":memory:")
    one(db, "SELECT migrate_load(?)", source)
    fleet(db, folder, "1")
    (place / "m" / "2_b.sql").unlink()
    one(db, "SELECT migrate_load(?)", source)
    same(set(fleet(db, folder).values()), {("1", "1", 0, None)})
    here = connect(folder / "0001.db")
    same(states(here), [("1", "applied"), ("2", "withdrawn")])
    # To one who has never heard of it, it is something newer.
    other = connect(":memory:")
    one(other, "SELECT migrate_load(?)", source)
    here.execute("UPDATE migrate_migration SET present = 1")
    here.close()
    same(status(other, folder / "0001.db")["0001.db"][3], "ahead")


def test_conflict_is_one_files_error(place):
    folder = make_files(place, 3)
    db = connect(folder / "0001.db")
    one(db, "SELECT migrate_load(?)",
        write_files(place / "m", {"1_x.sql": "CREATE TABLE x (id)"}))
    db.close()
    found = fleet(caller(), folder)
    matches(found.pop("0001.db")[3], 'version "1" belongs to source "default"')
    same(set(found.values()), {(None, "2", 2, None)})


def test_settings_beneath_those_of_the_file(place):
    folder = make_files(place, 2)
    db = connect(folder / "0001.db")
    one(db, "SELECT migrate_config('var.who', 'itself')")
    one(db, "SELECT migrate_config('environment', 'test')")
    db.close()
    db = connect(":memory:")
    for name, value in (("var.who", "all"), ("environment", "production"),
                        ("project", "shop"), ("protected_environments", "")):
        one(db, "SELECT migrate_config(?, ?)", name, value)
    add(db, "1", "CREATE TABLE a (name DEFAULT '${who}')")
    add(db, "2", "-- migrate:env production\nCREATE TABLE b (id)")
    found = fleet(db, folder)
    same(found, {"0000.db": (None, "2", 2, None),
                 "0001.db": (None, "1", 1, None)})
    for name, who in (("0000.db", "all"), ("0001.db", "itself")):
        here = connect(folder / name)
        here.execute("INSERT INTO a DEFAULT VALUES")
        same(one(here, "SELECT name FROM a"), who)
        same(column(here, "SELECT DISTINCT project FROM migrate_migration"),
             ["shop"])
        same(one(here, "SELECT migrate_config('project')"), "default")


def test_locked_files_are_reported(place):
    for number in (1, 2):
        folder = make_files(place, 3, f"tenants{number}")
        holder = Holder(folder / "0001.db", "BEGIN EXCLUSIVE")
        db = caller(number)
        one(db, "SELECT migrate_config('lock_timeout', '10ms')")
        one(db, "SELECT migrate_config('wait_timeout', '10ms')")
        found = fleet(db, folder)
        matches(found.pop("0001.db")[3], "locked")
        same(set(found.values()), {(None, "2", 2, None)})
        holder.end()
        holder = Holder(folder / "0001.db", "BEGIN IMMEDIATE")
        matches(fleet(db, folder)["0001.db"][3], "^others have held the")
        holder.end()
        same(fleet(db, folder)["0001.db"], (None, "2", 2, None))


def test_end_before_all_rows_are_taken(place):
    for number in (1, 2, 5):
        folder = make_files(place, 200, f"tenants{number}")
        db = caller(number)
        same(len(rows(db, "SELECT * FROM migrate_fleet(?) LIMIT 5",
                      str(folder))), 5)
        same(threads(), 1)
        cursor = db.execute("SELECT * FROM migrate_fleet(?)", (str(folder),))
        cursor.fetchone()
        cursor.close()
        same(threads(), 1)
        now = status(db, folder)
        done = [row for row in now.values() if row[3] == "current"]
        assert 5 <= len(done) <= 6 + 2 * (32 + number), len(done)
        same({row[1] for row in now.values()}, {0, 2})
        same(sum(row[2] for row in fleet(db, folder).values()),
             2 * (200 - len(done)))


def test_no_worker_runs_ahead(place):
    """No more files are begun than there is room for their rows."""
    room = 32
    for number in (2, 5):
        folder = place / f"tenants{number}"
        folder.mkdir()
        total = 2 * room + 20
        for name in range(total):
            (folder / f"{name:04}.db").touch()
        db = caller(number, 1)
        cursor = db.execute("SELECT * FROM migrate_fleet(?)", (str(folder),))
        for taken in range(1, total + 1):
            assert cursor.fetchone() is not None
            # The driver may have taken the next row already.
            most = min(taken + 1 + room, total)
            begun = 0
            end = time.monotonic() + 60
            while begun < min(taken + room, total):
                assert time.monotonic() < end, (taken, begun)
                begun = sum(1 for path in folder.glob("*.db")
                            if path.stat().st_size > 0)
                assert begun <= most, (taken, begun)
        same(cursor.fetchone(), None)


def interrupted(db, folder, ready):
    """The error of a fleet that is interrupted once something is there."""
    def interrupt():
        while not ready():
            time.sleep(0.01)
        db.interrupt()

    other = threading.Thread(target=interrupt)
    other.start()
    try:
        error = fails(db, f"SELECT * FROM migrate_fleet('{folder}')",
                      "interrupt")
    finally:
        other.join()
    code_is(error, "SQLITE_INTERRUPT")
    same(threads(), 1)


def test_interrupt_of_a_migration(place):
    for number in (1, 2):
        folder = make_files(place, 6, f"tenants{number}")
        db = connect(":memory:", check_same_thread=False)
        one(db, "SELECT migrate_config('fleet_threads', ?)", str(number))
        one(db, "SELECT migrate_config('commit_every', '0')")
        add(db, "1", "CREATE TABLE t1 (id integer)")
        add(db, "2", "CREATE TABLE t2 (id integer); " + ENDLESS)
        for name in folder.iterdir():
            here = connect(name)
            one(here, "SELECT migrate_config('commit_every', '0')")
            here.close()

        def ready():
            return any(exists(sqlite3.connect(name, timeout=5), "t1")
                       for name in folder.glob("*.db"))

        interrupted(db, folder, ready)
        for name in folder.iterdir():
            here = connect(name)
            same(exists(here, "t2"), False)
            assert one(here, "SELECT migrate_current()") in (None, "1")
            check_sound(here)
            here.close()
        add(db, "2", "CREATE TABLE t2 (id integer)")
        same({row[1:4:2] for row in fleet(db, folder).values()},
             {("2", None)})


def test_interrupt_of_a_wait(place):
    for number in (1, 2):
        folder = make_files(place, 4, f"tenants{number}")
        db = connect(":memory:", check_same_thread=False)
        one(db, "SELECT migrate_config('fleet_threads', ?)", str(number))
        one(db, "SELECT migrate_config('lock_timeout', '1h')")
        add(db, "1", "CREATE TABLE t1 (id integer)")
        holders = [Holder(folder / f"000{i}.db", "BEGIN IMMEDIATE")
                   for i in (1, 2)]
        interrupted(db, folder, lambda: exists(
            sqlite3.connect(folder / "0000.db", timeout=5), "t1"))
        for holder in holders:
            holder.end()
        same(sum(row[2] for row in fleet(db, folder).values()) in (2, 3), True)


def migrate_folder(folder, count):
    found = fleet(caller(2, count), folder)
    return sorted({row[1] for row in found.values()}), sorted(
        {row[3] for row in found.values()} - {None})


def test_two_fleets_at_once(place):
    folder = make_files(place, 150)
    queue = processes.Queue()
    both = [processes.Process(target=lambda: queue.put(
        migrate_folder(folder, 5))) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        same(queue.get(timeout=100), (["5"], []))
    for process in both:
        process.join()
    for name in folder.iterdir():
        db = connect(name)
        same(len(states(db)), 5)
        same(one(db, "SELECT count(*) FROM migrate_event "
                     "WHERE action = 'apply'"), 5)
        check_sound(db)
        db.close()


def test_kill_in_the_middle(place):
    folder = make_files(place, 120)
    for round in range(6):
        process = processes.Process(target=migrate_folder, args=(folder, 8))
        process.start()
        while process.is_alive() and sum(
                (folder / f"{i:04}.db").stat().st_size > 20000
                for i in range(120)) < round * 20:
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    db = caller(2, 8)
    for row in status(db, folder).values():
        assert row[3] in ("new", "pending", "current"), row
    same({row[1:4:2] for row in fleet(db, folder).values()}, {("8", None)})
    for name in folder.glob("*.db"):
        here = connect(name)
        same(one(here, "SELECT count(*) FROM sqlite_schema "
                       "WHERE name GLOB 't[1-8]'"), 8)
        check_sound(here)
        here.close()


def peak_memory(folder):
    """Peak of this process in KB, after a fleet and its second run."""
    db = caller(2, 3)
    same(sum(row[0] for row in db.execute(
        "SELECT applied FROM migrate_fleet(?)", (folder,))) % 3, 0)
    same(one(db, "SELECT sum(applied) FROM migrate_fleet(?)", folder), 0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_memory_does_not_grow_with_the_files(place):
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        print("# skipped: the address sanitizer keeps what was freed")
        return
    few = make_files(place, 300, "few")
    many = make_files(place, 3000, "many")
    child(peak_memory, str(make_files(place, 10, "warm")))
    small = child(peak_memory, str(few))
    large = child(peak_memory, str(many))
    # The list of paths is kept: some 150 bytes for each.
    assert large - small < 2500, (small, large)


def test_not_for_views_and_migrations(place):
    folder = make_files(place, 2)
    db = caller()
    db.execute(f"CREATE VIEW v AS SELECT * FROM migrate_fleet('{folder}')")
    fails(db, "SELECT * FROM v", "unsafe use of virtual table")
    add(db, "3", f"SELECT * FROM migrate_fleet('{folder}')")
    add(db, "4", f"SELECT * FROM migrate_fleet_status('{folder}')")
    fails(db, "SELECT migrate_apply()", "cannot call migrate_fleet itself")
    # Rows can go into a table.
    db.execute("CREATE TABLE log AS SELECT * FROM migrate_fleet(?, '2')",
               (str(folder),))
    same(rows(db, 'SELECT "from", "to", applied, error FROM log'),
         [(None, "2", 2, None)] * 2)


def test_names(place):
    folder = place / "te[n]an*ts"
    folder.mkdir()
    names = ["a'b\"c%s.db", "file:x.db", ":memory:.db", "ü ?.sqlite",
             "line\nbreak.sqlite3", "-x.db"]
    for name in names:
        (folder / name).touch()
    (folder / "other.txt").write_text("x")
    db = caller()
    same(set(fleet(db, folder)), set(names))
    os.chdir(folder)
    same(set(fleet(db, ".").values()), {("2", "2", 0, None)})
    same(fleet(db, "file:x.db"), {"file:x.db": ("2", "2", 0, None)})
    same(len(fleet(db, "*.db")), 4)
    for name in names:
        assert (folder / name).stat().st_size > 0, name


def test_directory_of_each_tenant(place):
    for name in ("b", "a", "c"):
        (place / "tenants" / name).mkdir(parents=True)
        (place / "tenants" / name / "data.db").touch()
    (place / "tenants" / "d").symlink_to(place / "nowhere")
    found = column(caller(1), "SELECT path FROM migrate_fleet(?)",
                   f"{place}/tenants/*/data.db")
    same(found, [f"{place}/tenants/{name}/data.db" for name in "abc"])


def test_journal_modes(place):
    folder = make_files(place, 4)
    for number, mode in enumerate(("wal", "truncate", "persist", "delete")):
        sqlite3.connect(folder / f"000{number}.db").execute(
            f"PRAGMA journal_mode = {mode}").close()
    db = caller()
    same(set(fleet(db, folder).values()), {(None, "2", 2, None)})
    before = {name: value[0] for name, value in contents(folder).items()}
    same(set(fleet(db, folder).values()), {("2", "2", 0, None)})
    same({row[3] for row in status(db, folder).values()}, {"current"})
    same({name: value[0] for name, value in contents(folder).items()}, before)
    same(one(sqlite3.connect(folder / "0000.db"), "PRAGMA journal_mode"), "wal")


class Attributes(ctypes.Structure):
    _fields_ = [("space", ctypes.c_char * 64)]


def fleet_without_threads(folder):
    """No thread can have the stack that is asked for by default here."""
    library = ctypes.CDLL(None)
    attributes = Attributes()
    library.pthread_attr_init(ctypes.byref(attributes))
    same(library.pthread_attr_setstacksize(ctypes.byref(attributes),
                                           ctypes.c_size_t(1 << 46)), 0)
    same(library.pthread_setattr_default_np(ctypes.byref(attributes)), 0)
    found = fleet(caller(4), folder)
    # The queue to the test has a thread.
    library.pthread_attr_setstacksize(ctypes.byref(attributes),
                                      ctypes.c_size_t(1 << 23))
    library.pthread_setattr_default_np(ctypes.byref(attributes))
    return set(found.values())


def test_no_thread_can_be_started(place):
    folder = make_files(place, 20)
    same(child(fleet_without_threads, folder), {(None, "2", 2, None)})


def test_many_connections_at_once(place):
    folder = make_files(place, 60)
    problems = []

    def work():
        try:
            db = caller(2, 3)
            for row in fleet(db, folder).values():
                same(row[1:4:2], ("3", None))
            db.close()
        except BaseException as problem:
            problems.append(problem)

    callers = [threading.Thread(target=work) for _ in range(4)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    same(problems, [])

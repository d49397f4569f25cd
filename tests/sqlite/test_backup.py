"""migrate_backup(), and the backup before a run."""

import os
import pathlib
import re
import resource
import signal
import sqlite3
import stat
import threading
import time

from tools import (Holder, add, check_sound, child, column, connect, exists,
                   fails, matches, one, processes, rows, same, states)

PAGES_LARGE = 12000  # more than are copied at one go


def make(path, journal_mode="delete", count=10):
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
               "FROM n WHERE i < ?) INSERT INTO t SELECT i, i, "
               "randomblob(400) FROM n", (count,))
    return db


def contents(path):
    """All that is in a file, read by a plain connection."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        same(column(db, "PRAGMA integrity_check"), ["ok"])
        return list(db.iterdump())
    finally:
        db.close()


def files(place):
    return sorted(p.name for p in place.iterdir())


def databases(place):
    return [n for n in files(place) if not n.endswith(("-wal", "-shm"))]


def test_copies_all_of_it(place):
    for mode in ("delete", "wal", "truncate", "persist"):
        path = place / f"{mode}.db"
        db = make(path, mode)
        db.execute("PRAGMA user_version = 42")
        db.execute("PRAGMA application_id = 77")
        db.executescript("""
            CREATE INDEX i ON t (a DESC) WHERE a > 3;
            CREATE VIEW v AS SELECT a FROM t;
            CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;
            CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
            INSERT INTO w VALUES ('x', 1);
            CREATE TABLE "weird ""name" (a INTEGER PRIMARY KEY AUTOINCREMENT);
            INSERT INTO "weird ""name" VALUES (7);
            CREATE VIRTUAL TABLE f USING fts5(body);
            INSERT INTO f VALUES ('words');""")
        copy = place / f"copy-{mode}.db"
        same(one(db, "SELECT migrate_backup(?)", str(copy)), str(copy))
        same(contents(copy), contents(path))
        plain = sqlite3.connect(copy)
        same(one(plain, "PRAGMA journal_mode"), "delete")
        same(one(plain, "PRAGMA user_version"), 42)
        same(one(plain, "PRAGMA application_id"), 77)
        plain.close()
        check_sound_without_catalogue(db)
        db.close()
    left = [name for name in files(place) if not name.endswith(".db")]
    assert set(left) <= {"persist.db-journal", "truncate.db-journal"}, left


def check_sound_without_catalogue(db):
    assert not db.in_transaction
    assert not exists(db, "migrate_event"), "a backup has made a catalogue"


def test_page_sizes_and_encodings(place):
    for size in (512, 1024, 65536):
        for encoding in ("UTF-8", "UTF-16le"):
            path = place / f"{size}{encoding}.db"
            db = connect(path)
            db.execute(f"PRAGMA page_size = {size}")
            db.execute(f"PRAGMA encoding = '{encoding}'")
            db.execute("CREATE TABLE t (a)")
            db.execute("INSERT INTO t VALUES ('ä')")
            copy = one(db, "SELECT migrate_backup('{db}.copy')")
            other = sqlite3.connect(copy)
            same(one(other, "PRAGMA page_size"), size)
            same(one(other, "PRAGMA encoding"), encoding)
            same(one(other, "SELECT a FROM t"), "ä")


def test_in_memory_and_empty(place):
    db = connect(":memory:")
    db.execute("CREATE TABLE t (a)")
    db.execute("INSERT INTO t VALUES (1)")
    copy = place / "copy.db"
    one(db, "SELECT migrate_backup(?)", str(copy))
    same(one(sqlite3.connect(copy), "SELECT a FROM t"), 1)
    db = connect(place / "empty.db")
    path = one(db, "SELECT migrate_backup('{db}-{version}.copy')")
    same(path, str(place / "empty-base.copy"))
    same(rows(sqlite3.connect(path), "SELECT * FROM sqlite_schema"), [])


def test_names_in_the_path(place):
    db = make(place / "my.app.db")
    add(db, "1*2", "CREATE TABLE x (a)")
    one(db, "SELECT migrate_apply()")
    (place / "b").mkdir()
    path = one(db, "SELECT migrate_backup('b/{db}_{version}_{time}.db')")
    assert re.fullmatch(re.escape(str(place)) +
                        r"/b/my\.app_1_2_\d{8}T\d{6}Z\.db", path), path
    # Within a second the next one is told apart by a number.
    again = {one(db, "SELECT migrate_backup('{time}.db')") for _ in range(5)}
    same(len(again), 5)
    fails(db, "SELECT migrate_backup('{Version}.db')",
          "has a name in braces that is not known\n  Known are {db}")
    fails(db, "SELECT migrate_backup('x}.db')", "in braces that is not known")
    fails(db, "SELECT migrate_backup(7)", "must be text")
    fails(db, "SELECT migrate_backup(NULL)", "path must not be NULL")
    fails(db, "SELECT migrate_backup('')", "path cannot be empty")
    fails(db, "SELECT migrate_backup(?)", "nor hold a line break", None,
          ("a\nb",))
    fails(db, "SELECT migrate_backup('b/')", "names no file")
    fails(db, "SELECT migrate_backup('..')", "names no file")


def test_the_working_directory_does_not_count(place):
    (place / "data").mkdir()
    (place / "else").mkdir()
    os.chdir(place / "else")
    db = make(place / "data" / "app.db")
    same(one(db, "SELECT migrate_backup('copy.db')"),
         str(place / "data" / "copy.db"))
    same(files(place / "else"), [])
    db = connect(":memory:")
    same(one(db, "SELECT migrate_backup('copy.db')"),
         str(place / "else" / "copy.db"))


def test_takes_the_place_of_nothing(place):
    path = place / "app.db"
    db = make(path, "wal")
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    db.execute("CREATE TABLE other.o (a)")
    (place / "file.txt").write_text("mine")
    os.symlink(place / "nowhere.db", place / "dangling.db")
    os.symlink(path, place / "link.db")
    os.link(path, place / "hard.db")
    before = contents(path)
    for name in ("app.db", "other.db", "file.txt", "dangling.db", "link.db",
                 "hard.db"):
        fails(db, "SELECT migrate_backup(?)", "exists already", None, (name,))
    for name in ("app.db-wal", "app.db-shm", "app.db-journal",
                 "other.db-journal", "new.db-wal"):
        fails(db, "SELECT migrate_backup(?)", "keeps beside a database", None,
              (name,))
    # A journal that lies there would be played back into the copy.
    (place / "new.db-journal").write_bytes(b"x" * 4096)
    fails(db, "SELECT migrate_backup('new.db')",
          "is in the way: SQLite would take it for a part of the copy")
    same((place / "file.txt").read_text(), "mine")
    same(contents(path), before)
    assert not (place / "nowhere.db").exists()
    assert not [n for n in files(place) if ".partial" in n]


def test_rights_are_those_of_the_database(place):
    path = place / "app.db"
    db = make(path)
    for mode in (0o600, 0o640, 0o644, 0o400):
        os.chmod(path, mode)
        copy = one(db, f"SELECT migrate_backup('{mode}.db')")
        same(stat.S_IMODE(os.stat(copy).st_mode), mode)


def test_folder_that_cannot_be_written(place):
    db = make(place / "app.db")
    fails(db, "SELECT migrate_backup('gone/x.db')",
          'cannot write into ".*/gone/": No such file.*\\n.*Make the folder first',
          "SQLITE_CANTOPEN")
    fails(db, "SELECT migrate_backup('app.db/x.db')", "Not a directory")
    shut = place / "shut"
    shut.mkdir()
    os.chmod(place, 0o755)
    os.chmod(place / "app.db", 0o666)
    os.chmod(shut, 0o555)

    def as_nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        mine = connect(place / "app.db")
        return str(fails(mine, "SELECT migrate_backup('shut/x.db')",
                         "cannot write into"))
    if os.geteuid() == 0:
        assert "Permission denied" in child(as_nobody)
    else:
        fails(db, "SELECT migrate_backup('shut/x.db')", "Permission denied")
    same(files(shut), [])
    fails(db, "SELECT migrate_backup(?)", "File name too long", None,
          ("x" * 250 + ".db",))


def full_disk(path, sql, arguments=()):
    """A process that may write no large files."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    db = connect(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 4096, 20 * 4096))
    try:
        db.execute(sql, arguments).fetchall()
    except sqlite3.Error as error:
        return str(error)
    return "it did not fail"


def test_rows_are_compared(place):
    """What is counted in the database is not what was copied."""
    for change in ("DELETE FROM t WHERE id = 3",
                   "INSERT INTO t (a) VALUES (1)"):
        path = place / f"{change[:6]}.db"
        db = make(path, "wal")
        made = "It has 10 rows; there were " + (
            "9" if change.startswith("DELETE") else "11")

        def alter(statement):
            if "count(*) FROM main.\"t\"" in statement:
                db.set_trace_callback(None)
                db.execute(change)
        db.set_trace_callback(alter)
        fails(db, "SELECT migrate_backup('x.copy')",
              "^no backup was made: the copy differs from the database in "
              f"table \"t\"\n  {made}")
        assert "x.copy" not in files(place)
        same([n for n in files(place) if "partial" in n], [])
        db.close()


def test_folder_that_cannot_be_read(place):
    """It can be written, but not brought to the disk."""
    folder = place / "drop"
    folder.mkdir()
    make(place / "app.db").close()
    for path in (place, folder, place / "app.db"):
        path.chmod(0o777)
    folder.chmod(0o333)

    def attempt():
        if os.getuid() == 0:
            os.setuid(65534)
        db = connect(place / "app.db")
        for _ in range(2):
            fails(db, "SELECT migrate_backup('drop/x.copy')",
                  "cannot write to the disk .*drop/\": Permission denied")
    child(attempt)
    same(files(folder), [])


def test_of_a_file_that_was_deleted(place):
    db = make(place / "app.db")
    before = contents(place / "app.db")
    (place / "app.db").unlink()
    one(db, "SELECT migrate_backup('saved.copy')")
    same(contents(place / "saved.copy"), before)
    same(stat.S_IMODE((place / "saved.copy").stat().st_mode), 0o600)


def test_in_memory_by_another_name(place):
    if not hasattr(sqlite3.Connection, "deserialize"):
        print("# skipped: this Python has no deserialize()")
        return
    source = make(place / "app.db")
    image = source.serialize()
    for name in (":memory:", place / "other.db"):
        db = connect(name)
        db.deserialize(image)
        target = place / f"{os.path.basename(str(name))[:5]}.copy"
        same(one(db, f"SELECT migrate_backup('{target}')"), str(target))
        same(contents(target), list(source.iterdump()))
        db.execute("DELETE FROM t")
        one(db, f"SELECT migrate_restore('{target}')")
        same(one(db, "SELECT count(*) FROM t"), 10)


def test_full_disk(place):
    path = place / "app.db"
    for mode in ("delete", "wal"):
        db = make(path, mode, 400)
        before = contents(path)
        db.close()
        said = child(full_disk, path, "SELECT migrate_backup('copy.db')")
        assert said.startswith("no backup was made: "), said
        same(databases(place), ["app.db"])
        same(contents(path), before)
        connect(path).close()
        path.unlink()


def test_full_disk_before_a_run(place):
    path = place / "app.db"
    db = make(path, "delete", 400)
    add(db, "1", "CREATE TABLE x (a)")
    one(db, "SELECT migrate_config('backup', 'copy.db')")
    before = contents(path)
    db.close()
    said = child(full_disk, path, "SELECT migrate_apply()")
    assert said.startswith("no backup was made: "), said
    assert "No migration was run." in said, said
    same(files(place), ["app.db"])
    same(contents(path), before)


def test_no_file_of_a_killed_process_stays(place):
    path = place / "app.db"
    db = make(path, "delete", 60000)

    def back_up():
        one(connect(path), "SELECT migrate_backup('copy.db')")
    killed = 0
    for _ in range(40):
        process = processes.Process(target=back_up)
        process.start()
        while process.is_alive() and not [
                n for n in files(place) if n.endswith(".partial")]:
            time.sleep(0.001)
        process.kill()
        process.join()
        if not (place / "copy.db").exists():
            killed += 1
            assert [n for n in files(place) if n.endswith(".partial")]
        else:
            (place / "copy.db").unlink()
        if killed == 3:
            break
    assert killed == 3, "no process was killed in the middle"
    # Not removed: it may be somebody's who lives, and what looks alike.
    alive = place / f"x.db.{os.getppid()}-0123456789abcdef.partial"
    alive.write_text("")
    other = place / "mine.partial"
    other.write_text("")
    one(db, "SELECT migrate_backup('good.db')")
    same(files(place), sorted([alive.name, "app.db", "good.db", other.name]))


def write_until(path, stop, queue):
    """Two rows for each commit, so that a copy with one of them is torn."""
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    count = 0
    longest = 0
    while not stop.is_set():
        began = time.monotonic()
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO pair VALUES (?, 'first')", (count,))
        db.execute("UPDATE t SET a = a + 1 WHERE id = ?", (count % 1000 + 1,))
        db.execute("INSERT INTO pair VALUES (?, 'second')", (count,))
        db.execute("COMMIT")
        longest = max(longest, time.monotonic() - began)
        count += 1
        time.sleep(0.002)
    queue.put((count, longest))


def while_others_write(place, mode):
    path = place / "app.db"
    db = make(path, mode, PAGES_LARGE * 8)
    db.execute("CREATE TABLE pair (n, part)")
    assert one(db, "PRAGMA page_count") > PAGES_LARGE - 3000
    stop = processes.Event()
    queue = processes.Queue()
    writers = [processes.Process(target=write_until, args=(path, stop, queue))
               for _ in range(2)]
    for writer in writers:
        writer.start()
    while one(connect(path, timeout=30), "SELECT count(*) FROM pair") < 10:
        time.sleep(0.01)
    copies = [one(db, "SELECT migrate_backup('{db}-{time}.db')")
              for _ in range(3)]
    stop.set()
    wrote = [queue.get(timeout=60) for _ in writers]
    for writer in writers:
        writer.join()
    print(f"# {mode}: the writers made {wrote[0][0]} and {wrote[1][0]} commits,"
          f" the longest took {max(w[1] for w in wrote):.2f} s", flush=True)
    sizes = []
    for copy in copies:
        other = sqlite3.connect(copy)
        same(column(other, "PRAGMA integrity_check"), ["ok"])
        same(one(other, "SELECT count(*) FROM pair WHERE part = 'first'"),
             one(other, "SELECT count(*) FROM pair WHERE part = 'second'"))
        # Each commit adds two rows and one to a sum.
        same(one(other, "SELECT sum(a) - sum(id) FROM t"),
             one(other, "SELECT count(*) / 2 FROM pair"))
        sizes.append(one(other, "SELECT count(*) FROM pair"))
        other.close()
    same(sizes, sorted(sizes))
    assert sizes[0] < sizes[-1], "nobody wrote meanwhile"
    same(column(db, "PRAGMA integrity_check"), ["ok"])


def test_while_others_write(place):
    while_others_write(place, "delete")


def test_while_others_write_with_wal(place):
    while_others_write(place, "wal")


def test_others_who_hold_the_database(place):
    path = place / "app.db"
    db = make(path)
    add(db, "1", "CREATE TABLE x (a)")
    one(db, "SELECT migrate_config('lock_timeout', '100ms')")
    holder = Holder(path, "BEGIN EXCLUSIVE")
    # Where even reading waits, the look at the settings is what fails.
    holder.end()
    holder = Holder(path, "BEGIN IMMEDIATE")
    one(db, "SELECT migrate_config('wait_timeout')")
    copy = child(lambda: one(connect(path), "SELECT migrate_current()"))
    same(copy, None)
    holder.end()
    db.execute("PRAGMA locking_mode = exclusive")
    db.execute("INSERT INTO t VALUES (0, 0, 0)")
    copy = one(db, "SELECT migrate_backup('copy.db')")
    same(one(sqlite3.connect(copy), "SELECT count(*) FROM t"), 11)


def test_in_a_transaction(place):
    db = make(place / "app.db", "wal")
    add(db, "1", "CREATE TABLE x (a)")
    events = one(db, "SELECT count(*) FROM migrate_event")
    db.execute("BEGIN")
    one(db, "SELECT count(*) FROM t")
    one(db, "SELECT migrate_backup('copy.db')")
    assert db.in_transaction
    same(one(db, "SELECT count(*) FROM migrate_event"), events)
    db.execute("INSERT INTO t VALUES (0, 0, 0)")
    fails(db, "SELECT migrate_backup('other.db')",
          "the transaction that is open has written")
    db.execute("COMMIT")
    same(files(place)[:3], ["app.db", "app.db-shm", "app.db-wal"])
    assert not (place / "other.db").exists()
    check_sound(db)


def test_history(place):
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE x (a)")
    copy = one(db, "SELECT migrate_backup('copy.db')")
    ((action, outcome, duration, detail),) = rows(
        db, "SELECT action, outcome, duration_ms, detail "
            "FROM migrate_history() WHERE seq = 2")
    same((action, outcome), ("backup", "ok"))
    assert duration > 0
    matches(detail, f"^{re.escape(copy)}\nsize: {os.path.getsize(copy)} bytes"
                    r"\nwritten: \d+\.\d{9}$")
    check_sound(db)


def test_read_only_database(place):
    make(place / "app.db").close()
    db = connect(f"file:{place}/app.db?mode=ro", uri=True)
    copy = one(db, "SELECT migrate_backup('copy.db')")
    same(one(sqlite3.connect(copy), "SELECT count(*) FROM t"), 10)


def test_damaged_database(place):
    path = place / "app.db"
    db = make(path, "delete", 300)
    db.execute("CREATE INDEX i ON t (a)")
    root = one(db, "SELECT rootpage FROM sqlite_schema WHERE name = 'i'")
    db.close()
    with open(path, "r+b") as file:
        file.seek((root - 1) * 4096 + 3000)
        file.write(b"\x01" * 900)
    db = connect(path)
    fails(db, "SELECT migrate_backup('copy.db')",
          "^no backup was made: .*\n  The database itself is damaged: PRAGMA "
          "integrity_check lists")
    same(files(place), ["app.db"])


def test_functions_and_collations_of_the_application(place):
    db = make(place / "app.db")
    db.create_collation("mine", lambda a, b: (a > b) - (a < b))
    db.create_function("twice", 1, lambda a: 2 * a, deterministic=True)
    db.execute("CREATE TABLE c (a TEXT COLLATE mine PRIMARY KEY, "
               "b INT CHECK (twice(b) > 0)) WITHOUT ROWID")
    db.execute("INSERT INTO c VALUES ('x', 1), ('y', 2)")
    db.execute("CREATE INDEX ci ON t (twice(a))")
    copy = one(db, "SELECT migrate_backup('copy.db')")
    other = connect(copy)
    other.create_collation("mine", lambda a, b: (a > b) - (a < b))
    other.create_function("twice", 1, lambda a: 2 * a, deterministic=True)
    same(rows(other, "SELECT * FROM c"), [("x", 1), ("y", 2)])
    same(column(other, "PRAGMA integrity_check"), ["ok"])


def test_not_inside_a_statement_that_reads(place):
    db = make(place / "app.db")
    fails(db, "SELECT migrate_backup('copy.db') FROM t",
          "cannot run while a statement of this connection")
    db.execute("CREATE VIEW v AS SELECT migrate_backup('x.db')")
    fails(db, "SELECT * FROM v", "unsafe use")
    db.execute("DROP VIEW v")
    add(db, "1", "SELECT migrate_backup('copy.db')")
    fails(db, "SELECT migrate_apply()",
          "a migration cannot call migrate_backup itself")
    same(files(place), ["app.db"])


def test_interrupt(place):
    path = place / "app.db"
    db = make(path, "wal", PAGES_LARGE * 8)
    db.close()
    for after in (0, 0.02, 0.1, 0.3):
        db = connect(path, check_same_thread=False)
        timer = threading.Timer(after, db.interrupt)
        timer.start()
        try:
            one(db, "SELECT migrate_backup('copy.db')")
        except sqlite3.OperationalError as error:
            assert "interrupted" in str(error), error
        timer.join()
        db.close()
        # It may come behind the copy's end.
        if (place / "copy.db").exists():
            contents(place / "copy.db")
            (place / "copy.db").unlink()
        same(databases(place), ["app.db"])
    db = connect(path)
    one(db, "SELECT migrate_backup('copy.db')")


# ---- The backup before a run ----


def test_before_each_run(place):
    for mode in ("delete", "wal"):
        path = place / f"{mode}.db"
        db = make(path, mode)
        add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
        add(db, "2", "CREATE TABLE two (a)", "DROP TABLE two")
        one(db, "SELECT migrate_config('backup', '{db}-{version}.copy')")
        same(one(db, "SELECT migrate_apply('1')"), 1)
        same(one(db, "SELECT migrate_apply()"), 1)
        same(one(db, "SELECT migrate_apply()"), 0)
        same(one(db, "SELECT migrate_rollback()"), 1)
        same(one(db, "SELECT migrate_redo()"), 1)
        made = [n for n in files(place) if n.startswith(mode)
                and n.endswith(".copy")]
        same(made, [f"{mode}-1-2.copy", f"{mode}-1.copy", f"{mode}-2.copy",
                    f"{mode}-base.copy"])
        copy = sqlite3.connect(place / f"{mode}-1.copy")
        assert exists(copy, "one") and not exists(copy, "two")
        same(column(db, "SELECT action FROM migrate_history() "
                        "WHERE seq > 3"),
             ["backup", "record", "apply", "backup", "apply", "backup",
              "rollback", "backup", "rollback", "apply"])
        check_sound(db)
        db.close()


def test_before_migrate_up(place):
    folder = place / "m"
    folder.mkdir()
    (folder / "0001_one.sql").write_text("CREATE TABLE one (a);")
    db = make(place / "app.db")
    one(db, "SELECT migrate_config('backup', '{version}.copy')")
    same(one(db, "SELECT migrate_up(?)", str(folder)), 1)
    same(one(db, "SELECT migrate_up(?)", str(folder)), 0)
    same([n for n in files(place) if n.endswith(".copy")], ["base.copy"])


def test_no_run_without_its_backup(place):
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)")
    one(db, "SELECT migrate_config('backup', 'gone/{time}.db')")
    fails(db, "SELECT migrate_apply()",
          'cannot write into ".*/gone/": .*\n  No migration was run.  The '
          "setting backup is")
    same(states(db), [("1", "pending")])
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()",
          "a run inside a transaction can be neither rehearsed nor backed up "
          "before\n  The setting backup asks for it")
    db.execute("ROLLBACK")
    fails(db, "SELECT migrate_config('backup', ?)", "at most 1000 bytes", None,
          ("x" * 1001,))
    one(db, "SELECT migrate_config('backup', '')")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def step(db, times):
    for _ in range(times):
        one(db, "SELECT migrate_redo()")


def copies(place, start=""):
    return [n for n in files(place)
            if n.startswith(start) and n.endswith(".copy")]


def test_only_so_many_are_kept(place):
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', 'a[{time}].copy')")
    step(db, 4)
    same(len(copies(place)), 4)
    one(db, "SELECT migrate_config('backup_keep', '2')")
    # What this pattern has not made, or is no copy of this database.
    one(db, "SELECT migrate_backup('a[20200101T000000Z].copy')")
    (place / "a[20200102T000000Z].copy").write_text("a letter")
    one(db, "SELECT migrate_backup('other.copy')")
    oldest = copies(place)
    step(db, 1)
    left = copies(place)
    same(len(left), 3 + 2)
    for name in ("a[20200101T000000Z].copy", "a[20200102T000000Z].copy",
                 "other.copy"):
        assert name in left, left
    made = one(db, "SELECT detail FROM migrate_history() "
                   "WHERE action = 'backup' ORDER BY seq DESC LIMIT 1")
    assert os.path.basename(made.split("\n")[0]) in left
    # With another pattern those of the old one are left alone.
    one(db, "SELECT migrate_config('backup', 'b{time}.copy')")
    step(db, 3)
    same(len([n for n in copies(place) if n.startswith("b2")]), 2)
    same([n for n in copies(place) if not n.startswith("b2")], left)
    assert oldest
    check_sound(db)


def test_interrupt_while_old_ones_are_removed(place):
    """An interrupt at any statement leaves at least one good copy."""
    for count in range(1, 200):
        path = place / f"{count}.db"
        db = make(path)
        add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
        one(db, "SELECT migrate_apply()")
        one(db, "SELECT migrate_config('backup', '{db}-{time}.copy')")
        one(db, "SELECT migrate_config('backup_keep', '1')")
        step(db, 1)
        same(len(copies(place, f"{count}-")), 1)
        seen = []

        def interrupt(statement):
            seen.append(statement)
            if len(seen) == count:
                db.interrupt()
        db.set_trace_callback(interrupt)
        try:
            db.execute("SELECT migrate_redo()").fetchall()
        except sqlite3.OperationalError as error:
            matches(str(error), "interrupted")
        db.set_trace_callback(None)
        left = copies(place, f"{count}-")
        assert left, f"no copy is left, at {seen[-2:]}"
        same([n for n in files(place) if n.endswith(".partial")], [])
        check_sound(db)
        db.close()
        if len(seen) < count:
            break
    assert count > 20, seen


def test_the_clock_goes_back(place):
    """What is newest is told by the order of events, not by their times."""
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '2')")
    step(db, 3)
    # As if these had been made by a clock that was a day fast.
    db.execute("UPDATE migrate_event SET at = at + 86400000000")
    for _ in range(3):
        before = copies(place)
        step(db, 1)
        left = copies(place)
        same(len(left), 2)
        (new,) = set(left) - set(before)
        last = column(db, "SELECT detail FROM migrate_event WHERE action = "
                          "'backup' ORDER BY seq DESC LIMIT 2")
        same(sorted(os.path.basename(d.split("\n")[0]) for d in last), left)
        assert new in left


def test_one_name_for_all(place):
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', 'x.copy')")
    one(db, "SELECT migrate_config('backup_keep', '1')")
    for _ in range(5):
        step(db, 1)
        same(len(copies(place)), 1)
        assert copies(place)[0] in ("x.copy", "x-2.copy")


def test_files_that_took_the_place_of_a_copy(place):
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '1')")
    step(db, 1)
    (name,) = copies(place)
    (place / name).unlink()
    other = connect(place / name)
    add(other, "1", "CREATE TABLE precious (a)")
    other.close()
    step(db, 2)
    assert name in copies(place), "a database of somebody else was removed"
    (place / name).unlink()
    os.symlink(place / "app.db", place / name)
    step(db, 2)
    assert name in copies(place)
    check_sound(db)


def test_a_database_that_was_copied(place):
    """It has the history and the settings, but the copies are not its own."""
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '2')")
    step(db, 2)
    mine = copies(place)
    same(len(mine), 2)
    db.close()
    (place / "other.db").write_bytes((place / "app.db").read_bytes())
    other = connect(place / "other.db")
    step(other, 4)
    same(len(copies(place)), 4)
    assert set(mine) <= set(copies(place))
    step(connect(place / "app.db"), 2)
    same(len(copies(place)), 4)


def test_a_copy_that_is_of_another_history(place):
    """By name, size and time it is the copy that the history names."""
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '1')")
    step(db, 1)
    (name,) = copies(place)
    status = os.stat(place / name)
    other = sqlite3.connect(place / name)
    other.execute("UPDATE migrate_event "
                  "SET hash = substr(hash, 2) || substr(hash, 1, 1)")
    other.commit()
    other.close()
    os.utime(place / name, ns=(status.st_atime_ns, status.st_mtime_ns))
    same(os.stat(place / name).st_size, status.st_size)
    step(db, 1)
    same(len(copies(place)), 2)
    assert name in copies(place)


def test_many_who_want_one_name(place):
    """Each takes the next that is free; nobody fails for another's."""
    make(place / "app.db").close()
    problems = []

    def copy():
        db = connect(place / "app.db")
        try:
            for _ in range(12):
                one(db, "SELECT migrate_backup('{time}.copy')")
        except sqlite3.Error as problem:
            problems.append(str(problem))
        db.close()
    workers = [threading.Thread(target=copy) for _ in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    same(problems, [])
    same(len(copies(place)), 16 * 12)


def test_a_view_in_the_place_of_a_history(place):
    """Looking at it would never end."""
    db = make(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '1')")
    step(db, 1)
    (name,) = copies(place)
    status = os.stat(place / name)
    (place / name).unlink()
    other = sqlite3.connect(place / name)
    other.execute(
        "CREATE VIEW migrate_event AS WITH RECURSIVE n(hash, at, seq) AS "
        "(SELECT 1, 1, 1 UNION ALL SELECT hash + 1, 1, 1 FROM n) "
        "SELECT * FROM n")
    other.execute("CREATE TABLE filler (a)")
    other.commit()
    other.close()
    os.truncate(place / name, status.st_size)
    other = sqlite3.connect(place / name)
    pages = status.st_size // one(other, "PRAGMA page_size")
    other.close()
    with open(place / name, "r+b") as file:
        file.seek(28)
        file.write(pages.to_bytes(4, "big"))
    os.utime(place / name, ns=(status.st_atime_ns, status.st_mtime_ns))
    step(db, 1)
    assert name in copies(place)


def test_two_at_once_both_keep(place):
    path = place / "app.db"
    db = make(path, "wal")
    add(db, "1", "CREATE TABLE one (a)", "DROP TABLE one")
    one(db, "SELECT migrate_apply()")
    one(db, "SELECT migrate_config('backup', '{db}-{time}.copy')")
    one(db, "SELECT migrate_config('backup_keep', '3')")
    queue = processes.Queue()

    def redo():
        try:
            mine = connect(path, timeout=30)
            for _ in range(5):
                one(mine, "SELECT migrate_redo()")
            queue.put(None)
        except Exception as problem:
            queue.put(repr(problem))
    workers = [processes.Process(target=redo) for _ in range(4)]
    for worker in workers:
        worker.start()
    same([queue.get(timeout=100) for _ in workers], [None] * 4)
    for worker in workers:
        worker.join()
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action = 'backup'"), 20)
    same(len(copies(place)), 3)
    newest = [os.path.basename(d.split("\n")[0]) for d in column(
        db, "SELECT detail FROM migrate_history() WHERE action = 'backup' "
            "ORDER BY seq DESC LIMIT 1")]
    assert newest[0] in copies(place), (newest, copies(place))
    for name in copies(place):
        contents(place / name)
    check_sound(db)


def test_settings(place):
    db = connect(place / "app.db")
    same(rows(db, "SELECT name, value FROM migrate_settings() "
                  "WHERE name LIKE 'backup%' OR name LIKE 'rehearse%'"),
         [("backup", ""), ("backup_keep", "0"), ("rehearse", "off"),
          ("rehearse_memory", "100")])
    fails(db, "SELECT migrate_config('backup_keep', '-1')", "cannot be")
    fails(db, "SELECT migrate_config('rehearse', 'yes')",
          "It is one of: off on")
    assert pathlib.Path(place / "app.db").exists()

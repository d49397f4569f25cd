"""What other processes hold, and in what state a file is found."""

import os
import sqlite3
import time

from tools import (MIGRATE, Holder, add, check_sound, child, code_is, column,
                   connect, exists, fails, matches, one, processes, rows, same,
                   states, write_files)

COUNT = 40
NOBODY = 65534
# Newer libraries read the schema to prepare any SELECT: its failure is theirs,
# without a word of ours.
READS_EARLY = sqlite3.sqlite_version_info >= (3, 47)
UNREADABLE = "attempt to write a readonly database"


def keep_writing(path, stop, queue):
    """An application that knows nothing of migrations, and waits its turn."""
    db = sqlite3.connect(str(path), isolation_level=None, timeout=100)
    written = 0
    try:
        while written == 0 or not stop.is_set():
            db.execute("INSERT INTO written VALUES (1)")
            written += 1
            time.sleep(0.002)
        queue.put(written)
    except Exception as problem:
        queue.put(repr(problem))
    db.close()


def keep_reading(path, stop, queue):
    """One that has a read transaction open nearly all the time."""
    db = sqlite3.connect(str(path), isolation_level=None, timeout=100)
    looks = 0
    try:
        while looks == 0 or not stop.is_set():
            db.execute("BEGIN")
            before = one(db, "SELECT count(*) FROM written")
            time.sleep(0.03)
            same(one(db, "SELECT count(*) FROM written"), before)
            db.execute("COMMIT")
            looks += 1
            time.sleep(0.003)
        queue.put(looks)
    except Exception as problem:
        queue.put(repr(problem))
    db.close()


def apply_once(path, folder, barrier, queue):
    try:
        db = connect(path, timeout=100)
        barrier.wait()
        queue.put(one(db, "SELECT migrate_up(?)", folder))
        db.close()
    except Exception as problem:
        queue.put(repr(problem))


def apply_among_others(place, journal_mode, commit_every):
    path = place / "app.db"
    folder = write_files(place / "m", {
        f"{i:04}_step.sql": f"CREATE TABLE t{i} (id integer);\n"
                            f"INSERT INTO ran VALUES ({i});\n"
        for i in range(1, COUNT + 1)})
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE ran (id integer)")
    db.execute("CREATE TABLE written (id integer)")
    one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
    db.close()
    stop = processes.Event()
    barrier = processes.Barrier(2)
    queues = [processes.Queue() for _ in range(4)]
    starts = [(apply_once, (path, folder, barrier, queues[0])),
              (apply_once, (path, folder, barrier, queues[1])),
              (keep_writing, (path, stop, queues[2])),
              (keep_reading, (path, stop, queues[3]))]
    workers = [processes.Process(target=function, args=arguments)
               for function, arguments in starts]
    for worker in workers:
        worker.start()
    applied = [queue.get(timeout=110) for queue in queues[:2]]
    stop.set()
    written, looks = [queue.get(timeout=110) for queue in queues[2:]]
    for worker in workers:
        worker.join()
    same([r for r in applied + [written, looks] if not isinstance(r, int)], [])
    same(sum(applied), COUNT)
    db = connect(path)
    same(column(db, "SELECT id FROM ran"), list(range(1, COUNT + 1)))
    same(one(db, "SELECT count(*) FROM written"), written)
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action = 'apply' AND outcome = 'ok'"), COUNT)
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE outcome <> 'ok'"), 0)
    check_sound(db)


def test_two_apply_while_one_writes_and_one_reads(place):
    apply_among_others(place, "delete", "20ms")


def test_two_apply_one_commit_each_while_one_writes_and_one_reads(place):
    apply_among_others(place, "delete", "0")


def test_two_apply_while_one_writes_and_one_reads_with_wal(place):
    apply_among_others(place, "wal", "20ms")


def test_two_apply_one_commit_each_while_one_writes_with_wal(place):
    apply_among_others(place, "wal", "0")


def prepared(path, journal_mode="delete"):
    """A database with a migration to do; it also fills a table, which takes
    more pages than the cache of die_writing() has."""
    db = connect(path)
    one(db, f"PRAGMA journal_mode = {journal_mode}")
    db.execute("CREATE TABLE t (id integer, filler)")
    db.execute("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
               "WHERE n < 200) INSERT INTO t SELECT n, zeroblob(1000) FROM c")
    add(db, "1", "CREATE TABLE one (id integer)", "DROP TABLE one")
    return db


def die_writing(path):
    """Die in the middle of a transaction of which a part is in the file."""
    db = sqlite3.connect(str(path), isolation_level=None)
    db.execute("PRAGMA cache_size = 2")
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE t SET filler = randomblob(1000), id = -1")
    os.kill(os.getpid(), 9)


def die_committed(path):
    """Die behind a commit, with the WAL left as it is."""
    db = sqlite3.connect(str(path), isolation_level=None)
    db.execute("INSERT INTO t VALUES (7, 'committed')")
    os.kill(os.getpid(), 9)


def killed(function, *arguments):
    process = processes.Process(target=function, args=arguments)
    process.start()
    process.join()
    same(process.exitcode, -9)


def test_hot_journal_of_a_killed_process(place):
    path = place / "app.db"
    prepared(path).close()
    killed(die_writing, path)
    assert (place / "app.db-journal").stat().st_size > 0
    db = connect(path)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT count(*) FROM t WHERE id > 0"), 200)
    check_sound(db)


def test_hot_journal_that_a_look_finds(place):
    path = place / "app.db"
    prepared(path).close()
    killed(die_writing, path)
    db = connect(path)
    same(states(db), [("1", "pending")])
    same(one(db, "SELECT count(*) FROM t WHERE id > 0"), 200)
    check_sound(db)


def test_wal_of_a_killed_process(place):
    path = place / "app.db"
    prepared(path, "wal").close()
    killed(die_committed, path)
    assert (place / "app.db-wal").stat().st_size > 0
    db = connect(path)
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT count(*) FROM t WHERE filler = 'committed'"), 1)
    check_sound(db)


def call_as_nobody(path, extension):
    """What is answered to somebody who may write neither file nor folder."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    db = sqlite3.connect(str(path), isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(extension)
    found = []
    for sql in ("SELECT migrate_apply()", "SELECT migrate_pending()"):
        try:
            found.append(one(db, sql))
        except sqlite3.Error as error:
            found.append(str(error))
        assert not db.in_transaction
    db.close()
    return found


def ask_as_nobody(place, make, die=None):
    """Make a database, let a process die on it, shut its folder, and call."""
    if os.getuid() != 0:
        print("# not run: only root can become somebody else", flush=True)
        return None
    folder = place / "shut"
    folder.mkdir()
    make(folder / "app.db").close()
    if die is not None:
        killed(die, folder / "app.db")
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    place.chmod(0o755)
    extension = place / "migrate.so"
    with open(MIGRATE + ".so", "rb") as built:
        extension.write_bytes(built.read())
    extension.chmod(0o755)
    return child(call_as_nobody, folder / "app.db", str(extension))


def test_hot_journal_in_a_folder_without_the_right_to_write(place):
    found = ask_as_nobody(place, prepared, die_writing)
    if found is None:
        return
    # It cannot be rolled back: what the file holds is not known.
    for message in found:
        matches(message, UNREADABLE if READS_EARLY else
                "left a journal, which must be rolled back")
    db = connect(place / "shut" / "app.db")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_wal_in_a_folder_without_the_right_to_write(place):
    found = ask_as_nobody(place, lambda path: prepared(path, "wal"))
    if found is None:
        return
    for message in found:
        matches(str(message), UNREADABLE if READS_EARLY else
                "right to write its folder, in WAL mode also to read")


def test_wal_left_in_a_folder_without_the_right_to_write(place):
    found = ask_as_nobody(place, lambda path: prepared(path, "wal"),
                          die_committed)
    if found is None:
        return
    matches(str(found[0]), "read-?only")
    same(found[1], 1)


def test_immutable_database(place):
    prepared(place / "app.db").close()
    db = connect(f"file:{place}/app.db?immutable=1", uri=True)
    fails(db, "SELECT migrate_apply()", "the database is read-only",
          "SQLITE_READONLY")
    same(states(db), [("1", "pending")])


def gone(place, change, journal_mode):
    """The file changes under an open connection."""
    path = place / "app.db"
    db = prepared(path, journal_mode)
    other = connect(place / "other.db")
    add(other, "9", "CREATE TABLE nine (id)")
    other.close()
    change(path)
    for sql in ("SELECT migrate_apply()",
                "SELECT migrate_add('2', 'SELECT 2')",
                "SELECT migrate_config('environment', 'x')"):
        error = fails(db, sql, "was moved, replaced or deleted",
                      "SQLITE_READONLY_DBMOVED")
        matches(str(error), "the database's file is no longer there")
        assert not db.in_transaction
    db.close()
    # The old WAL, left beside the new file, would be taken for its own.
    if path.exists() and journal_mode != "wal":
        same(states(connect(path)), [("9", "pending")])


def test_file_that_is_replaced(place):
    gone(place, lambda path: os.replace(place / "other.db", path), "delete")


def test_file_that_is_replaced_with_wal(place):
    gone(place, lambda path: os.replace(place / "other.db", path), "wal")


def test_file_that_is_deleted(place):
    gone(place, lambda path: os.unlink(path), "delete")


def test_file_that_is_deleted_with_wal(place):
    gone(place, lambda path: os.unlink(path), "wal")


def test_database_behind_a_symbolic_link(place):
    (place / "real").mkdir()
    prepared(place / "real" / "app.db").close()
    (place / "link.db").symlink_to(place / "real" / "app.db")
    db = connect(place / "link.db")
    same(one(db, "SELECT migrate_apply()"), 1)
    # The link is not read as a file either.
    fails(db, f"SELECT migrate_load('{place}/link.db')", "database")
    db.close()
    killed(die_writing, place / "link.db")
    db = connect(place / "link.db")
    same(states(db), [("1", "applied")])
    same(one(db, "SELECT migrate_rollback()"), 1)
    check_sound(db)
    same(states(connect(place / "real" / "app.db")), [("1", "pending")])

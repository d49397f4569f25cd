"""Scripts of migrate_bundle() in SQLite: by drivers and by the shell, whole, cut
off and damaged, several at once."""

import os
import sqlite3
import subprocess

from tools import (MIGRATE, check_sound, child, column, connect, fails, one,
                   rows, same, states, write_files)

FILES = {"0001_one.sql": "-- migrate:up\nCREATE TABLE one (id);\n"
                         "-- migrate:down\nDROP TABLE one;\n",
         "0002_two.sql": b"CREATE TABLE two (what DEFAULT 'a;''\\~\r\n.x');\r\n",
         "0003_three.sql": "CREATE TABLE three (id);",
         "0004_other.sql": "-- migrate:up postgresql\nCREATE TABLE no (id);"}

TABLES = ("SELECT project, version, position, name, format, source, file, "
          "checksum, requires, options, up, down, verify, present "
          "FROM migrate_migration ORDER BY position",
          "SELECT hash, body FROM migrate_text ORDER BY hash")


def bundle(folder):
    db = connect(":memory:")
    script = one(db, "SELECT migrate_bundle(?)", folder)
    db.close()
    return script


def tables(db):
    return [rows(db, query) for query in TABLES]


def loaded(folder):
    """The tables after a load of the folder itself."""
    db = connect(":memory:")
    one(db, "SELECT migrate_load(?)", folder)
    return tables(db)


def shell(path, script, *options):
    """Run a script in the sqlite3 shell."""
    command = os.environ.get("SQLITE3", "sqlite3").split()
    return subprocess.run(
        [*command, "-batch", "-list", "-init", os.devnull, *options,
         "-cmd", f".load {MIGRATE}", str(path)], input=script.encode(),
        capture_output=True, check=False)


def test_a_driver_runs_the_script(place):
    folder = write_files(place / "m", FILES)
    db = connect(place / "d.db")
    db.executescript(bundle(folder))
    same(tables(db), loaded(folder))
    same(one(db, "SELECT migrate_apply()"), 4)
    db.executescript("INSERT INTO two DEFAULT VALUES")
    same(one(db, "SELECT what FROM two"), "a;'\\~\r\n.x")
    before = one(db, "SELECT max(seq) FROM migrate_history()")
    db.executescript(bundle(folder))
    same(one(db, "SELECT max(seq) FROM migrate_history()"), before)
    check_sound(db)


def test_the_shell_runs_the_script(place):
    folder = write_files(place / "m", FILES)
    script = bundle(folder)
    for line_end in ("\n", "\r\n"):
        path = place / f"{len(line_end)}.db"
        done = shell(path, script.replace("\n", line_end))
        same(done.stderr, b"")
        same(done.stdout.decode().split(),
             ["0", "0", "0", "4", "pending|4"])
        same(tables(connect(path)), loaded(folder))


def test_a_script_that_was_cut_off_does_no_harm(place):
    folder = write_files(place / "m", FILES)
    lines = bundle(folder).splitlines(keepends=True)
    path = place / "d.db"
    closing = lines.index("COMMIT;\n")
    for end in range(0, len(lines), 5):
        shell(path, "".join(lines[:end]))
        db = connect(path)
        if db.execute("SELECT count(*) FROM sqlite_schema WHERE name = "
                      "'migrate_migration'").fetchone()[0]:
            same(one(db, "SELECT count(*) FROM migrate_migration"),
                 4 if end > closing else 0)
        db.close()
    shell(path, "".join(lines))
    same(tables(connect(path)), loaded(folder))


def test_a_damaged_call_leaves_the_rest_without_effect(place):
    folder = write_files(place / "m", FILES)
    script = bundle(folder).replace("CREATE TABLE three", "CREATE TABLE tree")
    for options, left in (((), 2), (("-bail",), 0)):
        path = place / f"{left}.db"
        done = shell(path, script, *options)
        assert b"is not the one that was bundled" in done.stderr, done.stderr
        same(b"has not come with the bundle" in done.stderr, not options)
        db = connect(path)
        same(states(db), [])
        if not options:
            same(one(db, "SELECT count(*) FROM migrate_text"), left)
        db.close()
        same(shell(path, bundle(folder)).returncode, 0)
        same(len(states(connect(path))), 4)


def test_several_at_once(place):
    folder = write_files(place / "m", FILES)
    script = bundle(folder)
    path = place / "d.db"
    connect(path).execute("PRAGMA journal_mode = wal")

    def run():
        """Several calls, each a transaction of its own."""
        db = connect(path, timeout=20)
        db.executescript(script.replace("BEGIN;", "").replace("COMMIT;", ""))
        return len(states(db))

    def both():
        return [child(run) for _ in range(2)]

    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(3) as pool:
        found = [future.result() for future in
                 [pool.submit(both) for _ in range(3)]]
    same(found, [[4, 4]] * 3)
    db = connect(path)
    same(tables(db), loaded(folder))
    same(column(db, "SELECT action FROM migrate_history()"), ["load"])
    check_sound(db)


def test_an_attached_database(place):
    folder = write_files(place / "m", FILES)
    db = connect(place / "main.db")
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    one(db, "SELECT migrate_config('target_schema', 'other')")
    script = one(db, "SELECT migrate_bundle(?)", folder)
    same(script, bundle(folder))
    db.executescript(script.replace("BEGIN;", "").replace("COMMIT;", ""))
    same(rows(db, "SELECT version FROM other.migrate_migration"),
         [(f"000{i}",) for i in range(1, 5)])
    same(one(db, "SELECT count(*) FROM main.migrate_migration"), 0)


def test_only_looking_at_files(place):
    folder = write_files(place / "m", FILES)
    path = place / "d.db"
    sqlite3.connect(path).execute("CREATE TABLE t (id)")
    db = connect(f"file:{path}?mode=ro", uri=True)
    same(one(db, "SELECT migrate_bundle(?)", folder), bundle(folder))
    same(column(db, "SELECT name FROM sqlite_schema"), ["t"])
    db = connect(path)
    db.execute("CREATE VIEW v AS SELECT migrate_bundle('/etc')")
    fails(db, "SELECT * FROM v", "unsafe use of migrate_bundle")
    db.execute(f"CREATE TABLE c (id CHECK (migrate_bundle('{folder}') <> ''))")
    fails(db, "INSERT INTO c VALUES (1)",
          "unsafe use of migrate_bundle|migrate_bundle cannot run while")
    # As of a file that the connection has open.
    fails(db, "SELECT migrate_bundle(?)", "is the open database itself",
          arguments=(str(path),))


def test_which_files_are_carried(place):
    """Files that are not of the format are not carried, nor are links."""
    folder = place / "m"
    write_files(folder, FILES)
    (folder / "init.sql").write_text("no version")
    (folder / "README.md").write_bytes(b"\xff\0")
    (folder / "0005_link.sql").symlink_to(place / "outside.sql")
    (place / "outside.sql").write_text("CREATE TABLE outside (id);")
    script = bundle(str(folder))
    assert "init.sql" not in script and "README" not in script
    assert "CREATE TABLE outside" in script
    db = connect(place / "d.db")
    db.executescript(script)
    same(tables(db), loaded(str(folder)))


def test_ten_thousand_files(place):
    folder = write_files(place / "m", {
        f"{i:05}_table.sql": f"CREATE TABLE t{i} (id);\n" for i in range(10000)})
    db = connect(place / "d.db")
    db.executescript(bundle(folder))
    same(one(db, "SELECT count(*) FROM migrate_migration"), 10000)
    same(tables(db), loaded(folder))

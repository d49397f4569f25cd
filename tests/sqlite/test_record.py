"""The recorded schema, when others work on the same file meanwhile."""

from tools import (add, check_sound, column, connect, fails, one, rows,
                   same)

PARTS = """CREATE TABLE before (id);
VACUUM;
CREATE TABLE after (id);
"""


def accepting(other, made):
    """What accepts the schema for another project, with a table by hand, each
    time the lock is about to be taken again."""
    def accept(statement):
        if "BEGIN IMMEDIATE" not in statement:
            return
        made.append(statement)
        if len(made) < 4:
            return
        # As a setting it would be an event of the project that runs.
        other.execute("INSERT INTO migrate_setting (name, value, set_by) "
                      "VALUES ('project', 'another', '')")
        other.execute(f"CREATE TABLE by_hand_{len(made)} (id)")
        one(other, "SELECT migrate_accept()")
        other.execute("DELETE FROM migrate_setting WHERE name = 'project'")
    return accept


def test_others_accept_between_two_stages(place):
    for migration, call in (("1", "SELECT migrate_apply()"),
                            ("1", "SELECT migrate_rollback()")):
        db = connect(place / "a.db")
        other = connect(place / "a.db")
        if call.endswith("apply()"):
            add(db, "0", "CREATE TABLE zero (id)")
            one(db, "SELECT migrate_apply()")
            add(db, migration, PARTS,
                "DROP TABLE before; VACUUM; DROP TABLE after")
        else:
            for (name,) in rows(db, "SELECT name FROM sqlite_master "
                                    "WHERE name LIKE 'by_hand%'"):
                db.execute(f"DROP TABLE {name}")
        # Drift that the run knows of, and that is accepted meanwhile.
        db.execute("CREATE TABLE IF NOT EXISTS drifted (id)")
        db.execute(f"ALTER TABLE drifted ADD COLUMN c{len(call)}")
        made = []
        db.set_trace_callback(accepting(other, made))
        one(db, call)
        db.set_trace_callback(None)
        assert len(made) > 3
        same(rows(db, "SELECT * FROM migrate_drift()"), [])
        same(rows(db, "SELECT kind, object, problem FROM migrate_verify()"),
             [])
        same(column(db, "SELECT state FROM migrate_status()")[0], "applied")
        same(one(db, "PRAGMA integrity_check"), "ok")
        db.close()
        other.close()


def deltas(db, version="1"):
    return one(db, "SELECT count(*) FROM migrate_delta WHERE version = ?",
               version)


def test_a_way_back_in_several_transactions_is_looked_at_as_a_whole(place):
    down = ("DROP TABLE log; DROP TABLE before; VACUUM; DROP TABLE nosuch;"
            "DROP TABLE after")
    for whole in (True, False):
        db = connect(place / f"{whole}.db")
        db.execute("CREATE TABLE log (what)")
        add(db, "1", PARTS, down)
        one(db, "SELECT migrate_apply()")
        db.execute("CREATE TABLE by_hand (id)")
        db.execute("CREATE INDEX hand ON before (id)")
        one(db, "SELECT migrate_config('on_forgotten', 'error')")
        if whole:
            db.execute("CREATE TABLE nosuch (id)")
        else:
            # The first of them is done by another call.
            fails(db, "SELECT migrate_rollback()", "no such table: nosuch")
            db.close()
            db = connect(place / f"{whole}.db")
            db.execute("CREATE TABLE nosuch (id)")
        # What is on a table goes with it.
        fails(db, "SELECT migrate_rollback()",
              "cannot be recorded: its way back does not bring back the "
              "schema that was before it\n *table log is missing; the way "
              "forward had not changed it\ntable nosuch is missing; the way "
              "forward had not changed it\nAll")
        same(column(db, "SELECT state FROM migrate_status()"), ["applied"])
        db.execute("CREATE TABLE log (what)")
        db.execute("CREATE TABLE nosuch (id)")
        same(one(db, "SELECT migrate_rollback()"), 1)
        same(deltas(db), 0)
        same(rows(db, "SELECT kind, object, problem FROM migrate_verify() "
                      "WHERE kind = 'schema'"), [])
        db.close()


def test_what_is_half_done_and_forgotten_leaves_nothing(place):
    db = connect(place / "a.db")
    add(db, "1", PARTS + "SELECT nosuch()", "DROP TABLE before; VACUUM;"
                                            "DROP TABLE nosuch")
    fails(db, "SELECT migrate_apply()", "no such function: nosuch")
    same(deltas(db), 1)
    one(db, "SELECT migrate_repair('1')")
    same(deltas(db), 0)
    db.execute("DROP TABLE before")
    one(db, "SELECT migrate_accept()")
    add(db, "1", PARTS, "DROP TABLE before; VACUUM; DROP TABLE nosuch")
    one(db, "SELECT migrate_apply()")
    same(deltas(db), 2)
    fails(db, "SELECT migrate_rollback()", "no such table: nosuch")
    same(deltas(db), 3)
    one(db, "SELECT migrate_repair('1')")
    same(deltas(db), 2)


def test_what_runs_again_keeps_one_delta(place):
    db = connect(place / "a.db")
    folder = place / "m"
    folder.mkdir()
    file = folder / "R__view.sql"
    for number in range(5):
        file.write_text("DROP VIEW IF EXISTS v; DROP TABLE IF EXISTS t;"
                        f"CREATE TABLE t (c{number} int);"
                        f"CREATE VIEW v AS SELECT {number}")
        same(one(db, "SELECT migrate_up(?)", str(folder)), 1)
        same(rows(db, "SELECT * FROM migrate_drift()"), [])
    (text,) = column(db, "SELECT objects FROM migrate_delta")
    assert "c4" in text and "c3" not in text and "c0" not in text, text
    file.write_text("DROP VIEW v; DROP TABLE t")
    same(one(db, "SELECT migrate_up(?)", str(folder)), 1)
    same(one(db, "SELECT count(*) FROM migrate_delta"), 0)
    # What cannot be read, or is written otherwise, stays, and is not in the way.
    file.write_text("CREATE VIEW v AS SELECT 1")
    one(db, "SELECT migrate_up(?)", str(folder))
    for damage in ("objects || 'x'", "'sqlite/0' || substr(objects, 9)"):
        db.execute(f"UPDATE migrate_delta SET objects = {damage}")
        file.write_text(f"DROP VIEW v; CREATE VIEW v AS SELECT {len(damage)}")
        same(one(db, "SELECT migrate_up(?)", str(folder)), 1)
        same(one(db, "SELECT count(*) FROM migrate_delta"), 2)
        file.write_text(f"DROP VIEW v; CREATE VIEW v AS SELECT -{len(damage)}")
        same(one(db, "SELECT migrate_up(?)", str(folder)), 1)
        same(one(db, "SELECT count(*) FROM migrate_delta"), 2)
        db.execute("DELETE FROM migrate_delta WHERE seq = "
                   "(SELECT min(seq) FROM migrate_delta)")


def test_an_unexpected_schema_says_what_is_there_besides(place):
    expect = ("-- migrate:expect sqlite/1:" + 64 * "0" + "\n-- migrate:up\n"
              "CREATE TABLE two (id)")
    db = connect(place / "a.db")
    db.executescript("".join(f"CREATE TABLE own{i} (id);" for i in range(7)))
    add(db, "1", "CREATE TABLE one (id); CREATE INDEX one_id ON one (id)")
    add(db, "2", expect)
    fails(db, "SELECT migrate_apply()",
          "is not the one that it expects\n *It is "
          "sqlite/1:[0-9a-f]{64}, and sqlite/1:0{64} is expected. "
          "Not made by migrations of this project here, and counted all the "
          "same: table own0, table own1, table own2, table own3, table own4 "
          "and 2 more.\n")
    same(one(db, "SELECT migrate_current()"), "1")
    # What has changed since, and what another project has made.
    db.executescript("DROP TABLE own6; CREATE INDEX by_hand ON one (id);"
                     "DROP INDEX one_id")
    for i in range(2, 6):
        db.execute(f"DROP TABLE own{i}")
    one(db, "SELECT migrate_accept()")
    one(db, "SELECT migrate_config('project', 'another')")
    add(db, "1", "CREATE TABLE another (id)")
    one(db, "SELECT migrate_apply()")
    db.execute("ALTER TABLE own0 ADD COLUMN more")
    one(db, "SELECT migrate_config('project', NULL)")
    fails(db, "SELECT migrate_apply()",
          "is expected. Differing from the record: column own0.more. "
          "Not made by migrations of this project here, and counted all the "
          "same: table another, table own0, table own1.\n")
    # On its own it is what it should be.
    db = connect(place / "b.db")
    add(db, "1", "CREATE TABLE one (id)")
    add(db, "2", expect)
    error = fails(db, "SELECT migrate_apply()", "is expected.\n")
    assert "Not made" not in str(error) and "Differing" not in str(error)


def test_what_is_accepted_is_what_is_there_under_the_lock(place):
    db = connect(place / "a.db")
    other = connect(place / "a.db")
    add(db, "1", "CREATE TABLE one (id)")
    one(db, "SELECT migrate_apply()")
    made = []

    def make(statement):
        if "BEGIN IMMEDIATE" in statement and not made:
            made.append(statement)
            other.execute("CREATE TABLE by_hand (id)")

    db.set_trace_callback(make)
    same(one(db, "SELECT migrate_accept()"), 1)
    db.set_trace_callback(None)
    same(len(made), 1)
    same(rows(db, "SELECT * FROM migrate_drift()"), [])
    same(rows(db, "SELECT * FROM migrate_verify()"), [])


def test_a_failure_on_a_changed_schema_names_what_shows_it(place):
    db = connect(place / "t.db")
    add(db, "1", "CREATE TABLE t (a); CREATE INDEX t_a ON t (a)",
        "DROP INDEX t_a; DROP TABLE t")
    one(db, "SELECT migrate_apply()")
    add(db, "2", "SELECT * FROM gone")
    error = fails(db, "SELECT migrate_apply()", "no such table: gone")
    same("migrate_drift()" in str(error), False)
    db.execute("DROP INDEX t_a")
    error = fails(db, "SELECT migrate_rollback()", "no such index: t_a")
    same("1 object differs from the recorded schema, which may be why: "
         "SELECT * FROM migrate_drift()" in str(error), True)


def test_a_record_of_another_version_does_not_hide_a_hand(place):
    db = connect(place / "a.db")
    add(db, "1", "CREATE TABLE one (id); CREATE INDEX one_id ON one (id)")
    add(db, "2", "CREATE TABLE two (id)")
    one(db, "SELECT migrate_apply('1')")
    db.execute("UPDATE migrate_object SET definition = 'sqlite/0' || "
               "substr(definition, 9) WHERE kind = 'record'")
    db.executescript("CREATE TABLE hand (id); DROP INDEX one_id")
    one(db, "SELECT migrate_config('on_drift', 'error')")
    told = ("2 objects differ from the recorded schema: somebody else has "
            "changed it\ntable hand added\nindex one_id removed")
    before = rows(db, "SELECT * FROM migrate_object ORDER BY key")
    fails(db, "SELECT migrate_apply()", told)
    # Nor in a transaction that goes on.
    db.execute("BEGIN")
    fails(db, "SELECT migrate_apply()", told)
    if db.in_transaction:
        db.execute("COMMIT")
    same(rows(db, "SELECT * FROM migrate_object ORDER BY key"), before)
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action IN ('rebase', 'drift')"), 0)
    db.executescript("DROP TABLE hand; CREATE INDEX one_id ON one (id)")
    same(one(db, "SELECT migrate_apply()"), 1)
    same(one(db, "SELECT count(*) FROM migrate_history() "
                 "WHERE action = 'rebase'"), 1)


def test_a_label_is_no_record(place):
    """What people write into events is not taken for a fingerprint."""
    db = connect(place / "app.db")
    one(db, "SELECT migrate_record_backup('schema: nightly dump')")
    add(db, "1", "CREATE TABLE one (a)")
    same(one(db, "SELECT migrate_apply()"), 1)
    check_sound(db)


def test_a_record_that_is_gone_is_missed_without_the_application(place):
    """No function that an application has put in place of LIKE is called."""
    db = connect(place / "app.db")
    add(db, "1", "CREATE TABLE one (a)")
    one(db, "SELECT migrate_apply()")
    db.execute("DELETE FROM migrate_object")
    add(db, "2", "CREATE TABLE two (a)")
    calls = []
    db.create_function("like", 2, lambda *_: calls.append(1) or 0)
    same(column(db, "SELECT state FROM migrate_preflight() "
                    "WHERE name = 'drift'"), ["error"])
    same(calls, [])
    fails(db, "SELECT migrate_apply()", "^the recorded schema is gone")

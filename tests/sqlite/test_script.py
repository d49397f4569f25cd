"""Statements of a migration: where they end, and which are refused."""

import os
import resource

from tools import (HAS_RETURNING, add, check_sound, column, connect, exists,
                   fails, matches, one, rows, same, states, write_files)


def applied(db, *texts):
    """Apply each text as one migration, in order."""
    for number, text in enumerate(texts, 1):
        add(db, str(number), text)
    same(one(db, "SELECT migrate_apply()"), len(texts))
    check_sound(db)


def statements(db, text):
    """What plan makes of a text."""
    rows(db, "SELECT migrate_stamp('base')")
    rows(db, "SELECT migrate_add('1', ?)", text)
    return column(db, "SELECT sql FROM migrate_plan() ORDER BY statement")


def test_triggers(place):
    db = connect(":memory:")
    db.executescript("CREATE TABLE t (id, x); CREATE TABLE log (what)")
    trigger = """CREATE {} {} AFTER INSERT ON t BEGIN
  INSERT INTO log VALUES (CASE WHEN new.id > 1
    THEN CASE new.x WHEN 1 THEN 'end;'
    ELSE 'END' END ELSE 'small; END;' END); -- end; end;
  INSERT INTO log SELECT 'second' WHERE new.id > 1; /* END; */
END"""
    # A temporary trigger lives as long as its migration.
    applied(db, trigger.format("TRIGGER", "one") + ";", ";\n".join((
        trigger.format("TEMP TRIGGER", '"two; END;"'),
        trigger.format("TEMPORARY TRIGGER IF NOT EXISTS", "[end]") + "\n;",
        trigger.format("/* ; */ TRIGGER -- ;\n", "`begin`"),
        "INSERT INTO t VALUES (2, 1);")))
    same(one(db, "SELECT count(*) FROM log"), 8)
    same(one(db, "SELECT count(*) FROM log WHERE what = 'end;'"), 4)


def test_trigger_with_names_like_key_words(place):
    db = connect(":memory:")
    applied(db, 'CREATE TABLE t ("end" text, "case" text);'
                "CREATE TABLE log (x)",
            'CREATE TRIGGER r AFTER UPDATE OF "end" ON t BEGIN '
            'UPDATE t SET "case" = new."end"; DELETE FROM log; END; '
            "INSERT INTO log VALUES (1)")
    same(column(db, "SELECT x FROM log"), [1])


def test_quoted_names_and_strings(place):
    db = connect(":memory:")
    applied(db, '''CREATE TABLE "a;b""c" ([d;e] text, `f;g``h` text,
                                          'i;j' text);
INSERT INTO "a;b""c" VALUES ('it''s; -- so', '/*; "', ';
;');
INSERT INTO "a;b""c" ([d;e]) VALUES (x'3b') -- ; it's "not" closed [
;-- last; one
/* ' ; " ` [ */ INSERT INTO "a;b""c" ("i;j") VALUES ('$;${x}');''')
    same(one(db, 'SELECT count(*) FROM "a;b""c"'), 3)
    same(one(db, 'SELECT [d;e] FROM "a;b""c" WHERE rowid = 1'), "it's; -- so")
    same(one(db, 'SELECT "i;j" FROM "a;b""c" WHERE rowid = 3'), "$;${x}")


def test_where_statements_end(place):
    db = connect(":memory:")
    for text, expected in (
            ("SELECT 1", ["SELECT 1"]),
            ("SELECT 1;", ["SELECT 1"]),
            (";;SELECT 1;;;SELECT 2;;", ["SELECT 1", "SELECT 2"]),
            ("SELECT ';';SELECT \";\"", ["SELECT ';'", 'SELECT ";"']),
            ("SELECT 1 /* a; */; -- b;\nSELECT 2",
             ["SELECT 1 /* a; */", "SELECT 2"]),
            ("SELECT 1 /* /* ; */; SELECT 2",
             ["SELECT 1 /* /* ; */", "SELECT 2"]),
            ("SELECT a$b, x.[;], @p;SELECT 2",
             ["SELECT a$b, x.[;], @p", "SELECT 2"]),
            ("EXPLAIN QUERY PLAN SELECT 1; SELECT 2",
             ["EXPLAIN QUERY PLAN SELECT 1", "SELECT 2"]),
            ("create trigger a after insert on b begin select 1; end; SELECT 2",
             ["create trigger a after insert on b begin select 1; end",
              "SELECT 2"]),
            ("SELECT 1 - -1; SELECT 2 /1/ 2",
             ["SELECT 1 - -1", "SELECT 2 /1/ 2"]),
            ("CREATE TABLE create_trigger (x); SELECT 2",
             ["CREATE TABLE create_trigger (x)", "SELECT 2"]),
            ("-- nothing", [None]), ("/* nothing", [None]), ("-- migrate:up",
                                                             [None])):
        same((text, statements(db, text)), (text, expected))


def test_files_without_statements(place):
    db = connect(":memory:")
    folder = write_files(place / "m", {
        "1_comment.sql": "-- nothing; at all",
        "2_comments.sql": "/* nothing; */ -- 'at all\n\n;;;\n/**/",
        "3_open.sql": "/* never closed; SELECT 1;",
        "4_mark.sql": "-- migrate:up\n",
        "5_marks.sql": "-- migrate:up\n-- migrate:down\n",
        "6_semicolon.sql": ";",
        "7_last.sql": "CREATE TABLE last (id) -- without a semicolon"})
    same(one(db, "SELECT migrate_up(?)", folder), 7)
    assert exists(db, "last")
    same({state for _version, state in states(db)}, {"applied"})


def test_unclosed_quotes_fail(place):
    db = connect(":memory:")
    for text in ("SELECT 'never; closed", 'SELECT "never; closed',
                 "SELECT [never; closed", "SELECT `never; closed"):
        rows(db, "SELECT migrate_add('1', ?)", text)
        fails(db, "SELECT migrate_apply()", 'migration "1" failed at line 1: '
                                            "unrecognized token",
              "SQLITE_ERROR")
        check_sound(db)


def test_transactions_of_their_own(place):
    db = connect(":memory:")
    applied(db, "BEGIN; CREATE TABLE one (id); COMMIT;",
            "BEGIN IMMEDIATE TRANSACTION; CREATE TABLE two (id);\nEND;",
            "begin exclusive; CREATE TABLE three (id); commit transaction;"
            "BEGIN DEFERRED; CREATE TABLE four (id); END TRANSACTION",
            "SAVEPOINT a; CREATE TABLE five (id); RELEASE a",
            "SAVEPOINT a; CREATE TABLE six (id); ROLLBACK TO a; RELEASE a;"
            "SAVEPOINT b; CREATE TABLE seven (id); ROLLBACK TRANSACTION TO "
            "SAVEPOINT b; RELEASE SAVEPOINT b")
    same([exists(db, t) for t in ("one", "two", "three", "four", "five", "six",
                                  "seven")],
         [True, True, True, True, True, False, False])


def test_refused_statements(place):
    other = place / "other.db"
    for text, message in (
            ("VACUUM", "VACUUM needs a second connection"),
            (f"VACUUM INTO '{other}'", "VACUUM needs a second connection"),
            ("ATTACH 'a' AS ('b' || 'c')", "ATTACH under a name that is not"),
            ("ATTACH ':memory:' AS a; ATTACH ':memory:' AS A",
             "a second ATTACH under the same name cannot stand in"),
            ("DETACH other", "DETACH of a database that the migration has"),
            ("DETACH DATABASE [main]", "DETACH of a database that the"),
            ("ROLLBACK", "ROLLBACK cannot stand in a migration"),
            ("/* no */ rollback transaction", "ROLLBACK cannot stand in")):
        db = connect(":memory:")
        add(db, "1", "CREATE TABLE one (id)")
        add(db, "2", f"CREATE TABLE two (id);\n\n{text};\n"
                     "CREATE TABLE three (id)")
        error = fails(db, "SELECT migrate_apply()",
                      f'^migration "2" failed at line 3: {message}',
                      "SQLITE_ERROR")
        matches(str(error), "of it was run|of this migration was run")
        same(states(db), [("1", "applied"), ("2", "failed")])
        assert not exists(db, "two")
        assert not other.exists()
        notes = column(db, "SELECT note FROM migrate_plan() "
                           "WHERE note IS NOT NULL")
        matches(notes[-1], "^refused: ")
        check_sound(db)
        db.close()


def test_statements_that_give_rows(place):
    db = connect(":memory:")
    returning = "RETURNING id" if HAS_RETURNING else ""
    applied(db, "CREATE TABLE t (id);"
                f"INSERT INTO t VALUES (1), (2) {returning};"
                "SELECT * FROM t; PRAGMA table_list; VALUES (1), (2);"
                "WITH x AS (SELECT 1) SELECT * FROM x; ANALYZE; REINDEX;"
                f"EXPLAIN SELECT 1; UPDATE t SET id = 3 {returning}")
    same(column(db, "SELECT id FROM t"), [3, 3])


def test_virtual_tables(place):
    db = connect(":memory:")
    applied(db, "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES "
                "('some; text'); CREATE VIRTUAL TABLE r USING rtree(i, a, b)",
            "DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(x, y)")
    add(db, "3", "CREATE VIRTUAL TABLE g USING fts5(x); nonsense")
    fails(db, "SELECT migrate_apply()", "nonsense")
    assert not exists(db, "g")
    check_sound(db)


def test_commit_every_makes_no_difference(place):
    results = []
    for commit_every in ("0", "50ms", "10s"):
        db = connect(place / f"{commit_every}.db")
        one(db, "SELECT migrate_config('commit_every', ?)", commit_every)
        for i in range(1, 40):
            text = f"CREATE TABLE t{i} (id); INSERT INTO t{i} VALUES ({i})"
            if i % 10 == 5:
                text = "PRAGMA foreign_keys = on; " + text
            add(db, str(i), text, f"DROP TABLE t{i}")
        same(one(db, "SELECT migrate_apply('20')"), 20)
        same(one(db, "SELECT migrate_rollback('9')"), 11)
        same(one(db, "SELECT migrate_apply()"), 30)
        results.append((column(db, "SELECT sql FROM sqlite_schema ORDER BY 1"),
                        states(db),
                        rows(db, "SELECT seq, action, version, outcome, "
                                 "checksum, detail FROM migrate_history() "
                                 "WHERE action <> 'config'")))
        check_sound(db)
    same(results[1], results[0])
    same(results[2], results[0])


def test_file_of_fifty_megabytes(place):
    line = "INSERT INTO t VALUES (%d, '" + "x" * 900 + "; -- ''no'' end');\n"
    text = "CREATE TABLE t (id integer, x text);\n" + "".join(
        line % i for i in range(55000))
    assert len(text) > 50_000_000
    folder = write_files(place / "m", {"1_big.sql": text + "nonsense;\n"})
    db = connect(place / "app.db")
    db.execute("PRAGMA synchronous = off")
    fails(db, "SELECT migrate_up(?)", 'migration "1" failed at line 55002: '
                                      'near "nonsense"', None, (folder,))
    assert not exists(db, "t")
    write_files(place / "m", {"1_big.sql": text})
    same(one(db, "SELECT migrate_up(?)", folder), 1)
    same(one(db, "SELECT count(*) FROM t"), 55000)
    same(one(db, "SELECT migrate_up(?)", folder), 0)
    check_sound(db)
    # Some copies of the text are held at a time, not one for each statement.
    # (A sanitizer, which is preloaded, keeps what was freed.)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak < 8 * len(text) or "LD_PRELOAD" in os.environ, peak


def test_one_statement_of_ten_megabytes(place):
    text = "INSERT INTO t VALUES ('" + "ß;" * 5_000_000 + "')"
    db = connect(":memory:")
    applied(db, "CREATE TABLE t (x)", text)
    same(one(db, "SELECT length(x) FROM t"), 10_000_000)


def test_many_statements_are_placed_quickly(place):
    db = connect(":memory:")
    add(db, "1", "CREATE TABLE t (x);\n"
                 + "INSERT INTO t VALUES (1);\n" * 20000)
    same(rows(db, "SELECT max(statement), max(line) FROM migrate_plan()"),
         [(20001, 20001)])
    same(one(db, "SELECT migrate_apply()"), 1)

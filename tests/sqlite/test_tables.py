"""Table functions as tables: joined, sorted, limited, with and without ()."""

from tools import add, column, connect, fails, one, rows, same


def filled(path=":memory:"):
    db = connect(path)
    for i in range(1, 6):
        add(db, str(i), f"CREATE TABLE t{i} (id); SELECT {i}",
            f"DROP TABLE t{i}" if i % 2 else None)
    same(one(db, "SELECT migrate_apply('3')"), 3)
    return db


def test_columns(place):
    db = connect(place / "app.db")
    for name, expected in (
            ("status", "version name state applied_at applied_by duration_ms "
                       "reversible detail"),
            ("history", "seq at action version name outcome duration_ms actor "
                        "client checksum detail"),
            ("plan", "step version action statement line sql transactional "
                     "note"),
            ("settings", "name value default_value source description")):
        cursor = db.execute(f"SELECT * FROM migrate_{name}")
        same([c[0] for c in cursor.description], expected.split())
        cursor.fetchall()
    cursor = db.execute("SELECT * FROM migrate_show('1') WHERE 0")
    same([c[0] for c in cursor.description],
         "version name section checksum sql".split())


def test_with_and_without_parentheses(place):
    db = filled()
    for name in ("status", "history", "plan", "settings"):
        whole = rows(db, f"SELECT * FROM migrate_{name}()")
        assert len(whole) > 3
        same(rows(db, f"SELECT * FROM migrate_{name}"), whole)
        same(rows(db, f"SELECT x.* FROM main.migrate_{name} AS x"), whole)


def test_order_and_limit(place):
    db = filled()
    same(column(db, "SELECT version FROM migrate_status ORDER BY version DESC"),
         ["5", "4", "3", "2", "1"])
    same(column(db, "SELECT version FROM migrate_status() LIMIT 2"), ["1", "2"])
    same(column(db, "SELECT version FROM migrate_status() LIMIT 2 OFFSET 3"),
         ["4", "5"])
    same(column(db, "SELECT version FROM migrate_history() "
                    "WHERE action = 'apply' ORDER BY seq DESC LIMIT 1"), ["3"])
    same(one(db, "SELECT count(*) FROM migrate_plan() WHERE statement = 1"), 2)
    same(column(db, "SELECT DISTINCT state FROM migrate_status() ORDER BY 1"),
         ["applied", "pending"])
    same(one(db, "SELECT max(rowid) FROM migrate_status()"), 5)


def test_joins(place):
    db = filled()
    same(rows(db, "SELECT s.version, h.outcome FROM migrate_status() s "
                  "JOIN migrate_history() h ON h.version = s.version "
                  "AND h.action = 'apply' ORDER BY s.version"),
         [("1", "ok"), ("2", "ok"), ("3", "ok")])
    same(rows(db, "SELECT s.version, count(h.seq) FROM migrate_status() s "
                  "LEFT JOIN migrate_history() h ON h.version = s.version "
                  "AND h.action = 'apply' GROUP BY s.version"),
         [("1", 1), ("2", 1), ("3", 1), ("4", 0), ("5", 0)])
    same(one(db, "SELECT count(*) FROM migrate_status() a, migrate_status() b, "
                 "migrate_settings c WHERE c.name = 'project'"), 25)
    db.executescript("CREATE TABLE wanted (version);"
                     "INSERT INTO wanted VALUES ('2'), ('4')")
    same(column(db, "SELECT state FROM wanted JOIN migrate_status "
                    "USING (version) ORDER BY version"), ["applied", "pending"])
    same(column(db, "SELECT state FROM migrate_status() "
                    "WHERE version IN (SELECT version FROM wanted)"),
         ["applied", "pending"])
    same(column(db, "SELECT version FROM migrate_status() s WHERE EXISTS "
                    "(SELECT 1 FROM migrate_plan() p "
                    "WHERE p.version = s.version)"), ["4", "5"])
    same(one(db, "SELECT count(*) FROM (SELECT version FROM migrate_status() "
                 "UNION ALL SELECT version FROM migrate_plan())"), 9)


def test_arguments_from_another_table(place):
    db = filled()
    same(rows(db, "SELECT s.version, w.section FROM migrate_status() s, "
                  "migrate_show(s.version) w ORDER BY 1, 2"),
         [("1", "down"), ("1", "up"), ("2", "up"), ("3", "down"), ("3", "up"),
          ("4", "up"), ("5", "down"), ("5", "up")])
    same(rows(db, "SELECT t.x, count(p.step) FROM (SELECT '4' AS x UNION "
                  "SELECT '5') t LEFT JOIN migrate_plan(t.x) p GROUP BY t.x"),
         [("4", 2), ("5", 4)])
    same(one(db, "SELECT count(*) FROM migrate_plan(?)", "4"), 2)
    same(one(db, "SELECT count(*) FROM migrate_plan(?)", None), 4)
    same(column(db, "SELECT section FROM migrate_show(substr('x5', 2)) "
                    "ORDER BY 1"), ["down", "up"])


def test_errors_of_table_functions(place):
    db = filled()
    fails(db, "SELECT * FROM migrate_show()", "migrate_show needs 1 argument",
          "SQLITE_ERROR")
    fails(db, "SELECT * FROM migrate_show", "migrate_show needs 1 argument")
    fails(db, "SELECT * FROM migrate_show(NULL)", "version must not be NULL")
    fails(db, "SELECT * FROM migrate_show('9')", 'there is no migration "9"')
    fails(db, "SELECT * FROM migrate_status('x')", "too many arguments")
    fails(db, "SELECT * FROM migrate_plan('x', 'y')", "too many arguments")
    fails(db, "SELECT migrate_status()", "no such function")
    fails(db, "INSERT INTO migrate_status (version) VALUES ('1')",
          "may not be modified")
    fails(db, "DELETE FROM migrate_history", "may not be modified")
    fails(db, "CREATE VIRTUAL TABLE x USING migrate_status", "no such module")
    # After an error everything is as before.
    same(one(db, "SELECT count(*) FROM migrate_status()"), 5)


def test_in_the_middle_of_a_scan(place):
    db = filled()
    cursor = db.execute("SELECT version FROM migrate_status()")
    same(cursor.fetchone(), ("1",))
    same(one(db, "SELECT count(*) FROM migrate_history()"), 8)
    same(cursor.fetchall(), [("2",), ("3",), ("4",), ("5",)])
    again = db.execute("SELECT version FROM migrate_status()")
    again.fetchone()
    again.close()


def test_in_views_and_triggers(place):
    db = filled()
    db.executescript("CREATE VIEW todo AS SELECT version FROM migrate_status() "
                     "WHERE state = 'pending';"
                     "CREATE TABLE log (n);"
                     "CREATE TRIGGER r AFTER INSERT ON log "
                     "BEGIN UPDATE log SET n = migrate_pending(); END;")
    same(column(db, "SELECT version FROM todo"), ["4", "5"])
    db.execute("INSERT INTO log VALUES (NULL)")
    same(column(db, "SELECT n FROM log"), [2])


def test_types(place):
    db = filled()
    same(rows(db, "SELECT typeof(version), typeof(applied_at), "
                  "typeof(duration_ms), typeof(reversible), typeof(detail) "
                  "FROM migrate_status() WHERE version = '1'"),
         [("text", "text", "real", "integer", "null")])
    same(one(db, "SELECT applied_at GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T"
                 "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z' "
                 "FROM migrate_status() WHERE version = '1'"), 1)
    assert one(db, "SELECT abs(julianday(applied_at) - julianday('now')) "
                   "FROM migrate_status() WHERE version = '1'") < 0.01
    same(one(db, "SELECT typeof(migrate_apply()) || typeof(migrate_pending())"),
         "integerinteger")

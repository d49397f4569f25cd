"""Comments and layout, which do not count in an applied migration's text."""

from tools import connect, one, rows, same, write_files


def difference(db, before, after):
    """What status says when one text was applied and the other is loaded."""
    rows(db, "SELECT migrate_stamp('base')")
    rows(db, "SELECT migrate_add('1', ?)", before)
    rows(db, "SELECT migrate_stamp('1')")
    rows(db, "SELECT migrate_add('1', ?)", after)
    state, detail = rows(
        db, "SELECT state, detail FROM migrate_status()")[0]
    return detail if state == "applied" else state


def test_what_is_layout(place):
    db = connect(":memory:")
    for before, after in (
            ("SELECT 1", "SELECT 1 -- one"),
            ("SELECT 1", "SELECT--\n1"),
            ("SELECT 1", "/**/SELECT/* / * */1/*"),
            ("SELECT a, b", "SELECT a,b"),
            ("SELECT (1)", "SELECT ( 1 )"),
            ("SELECT a<=b", "SELECT a <= b"),
            ("SELECT a||b->>c", "SELECT a || b ->> c"),
            ("SELECT a - -1", "SELECT a- -1"),
            ("SELECT 1.5e+3+2", "SELECT 1.5e+3 + 2"),
            ("SELECT .5,0x1F,1_0", "SELECT .5, 0x1F, 1_0"),
            ("SELECT x'00', 'a', \"b\", [c], `d`",
             "SELECT x'00','a',\"b\",[c],`d`"),
            ("SELECT 1;\nSELECT 2", "SELECT 1; SELECT 2\n"),
            (".print a\nSELECT 1", ".print a\n  SELECT\n1"),
            ("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;",
             "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
             "  SELECT 1; -- one\nEND;"),
            ("SELECT 1 -- é\n", "SELECT 1 -- 日本")):
        same((before, after, difference(db, before, after)),
             (before, after, "comment changed"))


def test_what_counts(place):
    db = connect(":memory:")
    for before, after in (
            ("SELECT 1", "select 1"),
            ("SELECT 1", "SELECT 1;"),
            ("SELECT 'a b'", "SELECT 'a  b'"),
            ("SELECT 'a--b'", "SELECT 'a--c'"),
            ("SELECT \"a/*b*/\"", "SELECT \"a/**/\""),
            ("SELECT [a b]", "SELECT [a  b]"),
            ("SELECT `a b`", "SELECT `a  b`"),
            ("SELECT 'a''b'", "SELECT 'a' 'b'"),
            ("SELECT x'00'", "SELECT x '00'"),
            ("SELECT 1 e5", "SELECT 1e5"),
            ("SELECT 1.e5", "SELECT 1. e5"),
            ("SELECT 1.5", "SELECT 1 .5"),
            ("SELECT 1e+5", "SELECT 1e + 5"),
            ("SELECT a<=b", "SELECT a< =b"),
            ("SELECT a->>b", "SELECT a-> >b"),
            ("SELECT a - -1", "SELECT a --1"),
            ("SELECT ab", "SELECT a b"),
            ("SELECT :a(b)", "SELECT :a (b)"),
            (".print a\nSELECT 1", ".print b\nSELECT 1"),
            (".print a\nSELECT 1", ".print a  \nSELECT 1"),
            (".print a\nSELECT 1", "SELECT 1"),
            ("# shell\nSELECT 1", "# Shell\nSELECT 1")):
        same((before, after, difference(db, before, after)),
             (before, after, "changed"))


def test_lost_text(place):
    """Where the applied text is gone, it counts as changed."""
    db = connect(":memory:")
    same(difference(db, "SELECT 1", "SELECT 1 -- one"), "comment changed")
    rows(db, "DELETE FROM migrate_text WHERE CAST(body AS text) = 'SELECT 1'")
    same(one(db, "SELECT state FROM migrate_status()"), "changed")
    same(difference(db, "SELECT 2", "SELECT 2 -- two"), "comment changed")
    rows(db, "DELETE FROM migrate_text "
             "WHERE CAST(body AS text) = 'SELECT 2 -- two'")
    same(one(db, "SELECT state FROM migrate_status()"), "changed")


def test_changed_record(place):
    """A record that its text does not fit is not taken for a comment's."""
    db = connect(":memory:")
    difference(db, "SELECT 1", "SELECT 1 -- one")
    rows(db, "UPDATE migrate_applied SET checksum = replace(checksum, '1', '2')")
    same(one(db, "SELECT state FROM migrate_status()"), "changed")


def test_a_fleet(place):
    """A file in which only a comment differs needs nothing."""
    write_files(place / "m", {"1_a.sql": "SELECT 1;\n"})
    (place / "files").mkdir()
    main = connect(place / "main.db")
    same(one(main, "SELECT migrate_load(?)", str(place / "m")), 1)
    glob = str(place / "files" / "*.db")
    connect(place / "files" / "a.db").execute("CREATE TABLE t (a)")
    rows(main, "SELECT * FROM migrate_fleet(?)", glob)
    write_files(place / "m", {"1_a.sql": "SELECT 1; -- one\n"})
    same(one(main, "SELECT migrate_load(?)", str(place / "m")), 1)
    same(rows(main, "SELECT state, pending FROM migrate_fleet_status(?)",
              glob), [("current", 0)])
    rows(main, "SELECT * FROM migrate_fleet(?)", glob)
    same(rows(main, "SELECT state, pending FROM migrate_fleet_status(?)",
              glob), [("current", 0)])
    write_files(place / "m", {"1_a.sql": "SELECT 11; -- one\n"})
    same(one(main, "SELECT migrate_load(?)", str(place / "m")), 1)
    same(one(main, "SELECT state FROM migrate_fleet_status(?)", glob),
         "changed")

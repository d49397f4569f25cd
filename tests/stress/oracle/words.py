"""Names, types, values and expressions to choose from at random."""

import sqlite3

from model import TABLE, quoted

VERSION = sqlite3.sqlite_version_info
HAS_STRICT = VERSION >= (3, 37)

PLAIN_NAMES = ("a", "b", "c", "d", "Name", "price", "amount", "x1", "_u", "key", "day")
ODD_NAMES = (
    "order", "a b", "it's", 'dou"ble', "Ümlaut", "rowid", "_rowid_", "oid", "select",
    "1st", "a.b", "x]y", "back`tick", "semi;colon", "--dash", "/*c*/", "CHECK", "日本",
    "new", "old", "from", "constraint", "a,b", "(p", "=", "generated", "always",
    "primary", "strict", "without", "%", "$v", "?1", "autoincrement",
)  # fmt: skip
TABLE_NAMES = ("t", "Items", "migrate_x", "t_1")
ODD_TABLE_NAMES = (
    "Order Items", "group", "a%_b", "it's", 'q"t', "Größe", "t;u", "x.y", "--t",
    "values", "_migrate", "[t]", "1",
)  # fmt: skip

TYPES = (
    "INTEGER", "INT", "BIGINT", "TEXT", "VARCHAR(20)", "CLOB", "REAL", "DOUBLE PRECISION",
    "FLOAT", "NUMERIC", "DECIMAL(10, 2)", "BOOLEAN", "DATE", "BLOB", "", "ANY", "integer",
    "Text", "UNSIGNED BIG INT", "CHARINT", "STRING",
)  # fmt: skip
STRICT_TYPES = ("INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY", "text")
COLLATIONS = ("NOCASE", "RTRIM", "BINARY", "nocase")
CONFLICTS = ("", "", "", " ON CONFLICT REPLACE", " ON CONFLICT IGNORE",
             " ON CONFLICT FAIL", " ON CONFLICT ABORT", " ON CONFLICT ROLLBACK")  # fmt: skip
NAMES_OF_CONSTRAINTS = ("positive", '"not so short"', "[k 1]", "ümlaut", "c1", '"x""y"')
COMMENTS = (" -- price, in €", " /* was: (a, b) */", " -- it's \"old\"", "\n  -- ) ,;",
            " /* -- */ ")  # fmt: skip

NUMBERS = ("0", "1", "-1", "42", "9223372036854775807", "-9223372036854775808", "7",
           "4294967296", "100", "12", "3")  # fmt: skip
REALS = ("1.5", "-0.0", "1e300", "3.0", "1e20", "0.1", "-2.5e-7", "9007199254740993.0",
         "9e999")  # fmt: skip
TEXTS = ("''", "'text'", "'12'", "'012'", "'1.50'", "' 7 '", "'1e3'", "'Ümläut'",
         "'it''s'", "'ABC'", "'abc'", "'abc '", "'9223372036854775808'", "'0x10'",
         "'3.0'", "'-0'", "'a' || char(10) || 'b'", "'a' || char(0) || 'b'",
         "'null'", "hex(zeroblob(3000))")  # fmt: skip
BLOBS = ("x''", "x'00ff'", "x'313233'", "zeroblob(2000)", "x'616263'")
DEFAULTS = (
    "0", "1", "-1", "+5", "42", "'x'", "''", "NULL", "1.5", "x'00ff'", "'it''s'", "TRUE",
    "FALSE", "'12'", "-9223372036854775808", "1e3", '"dq"', "word", "-0.5",
)  # fmt: skip
# Rows from before ALTER TABLE read TRUE and FALSE without the column's affinity.
LATE_DEFAULTS = tuple(word for word in DEFAULTS if word not in ("TRUE", "FALSE"))
EXPRESSIONS = ("(1 + 2)", "(abs(-5))", "('x' || 'y')", "(NULL)", "CURRENT_TIMESTAMP",
               "(length('four'))", "(-(3))", "CURRENT_DATE")  # fmt: skip

ACTIONS = ("", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE SET DEFAULT",
           " ON DELETE RESTRICT", " ON UPDATE CASCADE",
           " ON UPDATE SET NULL ON DELETE CASCADE")  # fmt: skip
DEFERRED = ("", "", " DEFERRABLE INITIALLY DEFERRED", " NOT DEFERRABLE")


def spell(rng, name):
    """Return NAME as somebody may write it."""
    plain = name.isidentifier() and name in PLAIN_NAMES + TABLE_NAMES
    ways = [quoted(name), quoted(name)] + [name] * (6 if plain else 0)
    if "]" not in name:
        ways.append(f"[{name}]")
    if "`" not in name:
        ways.append(f"`{name}`")
    return rng.choice(ways)


def value(rng, kind, serial):
    """Return a literal that more or less suits a type; SERIAL differs by row."""
    kind = kind.upper()
    if rng.random() < 0.1:
        return "NULL"
    if rng.random() < 0.12:
        return rng.choice(NUMBERS + REALS + TEXTS + BLOBS)
    if "INT" in kind or kind in ("BOOLEAN", "NUMERIC"):
        return rng.choice((str(serial), str(serial * 7 % 23), rng.choice(NUMBERS)))
    if "CHAR" in kind or "TEXT" in kind or kind in ("CLOB", "DATE", "STRING"):
        return rng.choice((f"'name {serial}'", f"'N{serial}'", rng.choice(TEXTS)))
    if any(word in kind for word in ("REAL", "FLOA", "DOUB", "DECIMAL")):
        return rng.choice((f"{serial}.25", str(serial), rng.choice(REALS)))
    if kind == "BLOB":
        return rng.choice((f"x'{serial:04x}'", rng.choice(BLOBS)))
    return rng.choice(NUMBERS + REALS + TEXTS + BLOBS)


def check(rng, keys):
    """Return a condition over some columns, as parts; most rows pass."""
    a, b = rng.choice(keys), rng.choice(keys)
    return rng.choice(
        (
            [a, " IS NULL OR length(", a, ") < 30"],
            ["length(", a, ") < 4000"],
            [a, " > -5"],
            ["typeof(", a, ") <> 'blob'"],
            [a, " IS NOT ", b, " OR ", b, " IS NULL OR 1"],
            [a, " IN (0, 1) OR ", a, " NOT BETWEEN 2 AND 3"],
            [a, " <> 'forbidden'"],
            ["CASE WHEN ", a, " LIKE 'q%' THEN 0 ELSE 1 END"],
            [a, " COLLATE NOCASE <> 'abc'"],
            [TABLE, ".", a, " IS NOT 'abc'"],
        )
    )


def expression(rng, keys):
    """Return a deterministic expression over some columns, as parts."""
    a, b = rng.choice(keys), rng.choice(keys)
    return rng.choice(
        (
            [a, " || ' ' || ", b],
            ["CAST(", a, " AS INTEGER)"],
            ["CAST(", a, " AS TEXT)"],
            ["coalesce(", a, ", ", b, ", 'none')"],
            ["upper(", a, ")"],
            [a, " + 1"],
            ["length(", a, ")"],
            ["CASE WHEN ", a, " IS NULL THEN 'n, u' ELSE ", a, " END"],
            [a, " /* , */ "],
            ["hex(", a, ")"],
        )
    )


def mapping(rng, keys):
    """Return what may stand in a mapping alone: it reads the table itself."""
    a, b = rng.choice(keys), rng.choice(keys)
    return rng.choice(
        (
            expression(rng, keys),
            expression(rng, keys),
            ["(SELECT max(", a, ") FROM ", TABLE, ")"],
            ["(SELECT count(*) FROM ", TABLE, " AS u WHERE u.", a, " < ", TABLE, ".", b, ")"],
            [TABLE, ".", a, " || ", TABLE, ".", b],
            [a],
        )
    )

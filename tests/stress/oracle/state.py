"""What a database is: schema, rows, facts of the tables; and how two differ."""

import re
import sqlite3

from model import quoted

CATALOGUE = (
    "migrate_text", "migrate_migration", "migrate_applied", "migrate_event",
    "migrate_object", "migrate_delta", "migrate_setting",
)  # fmt: skip
PRAGMAS = (
    "foreign_keys", "legacy_alter_table", "writable_schema", "recursive_triggers",
    "ignore_check_constraints", "defer_foreign_keys", "reverse_unordered_selects",
    "query_only", "trusted_schema", "count_changes", "full_column_names",
)  # fmt: skip
ALL_BUT_CATALOGUE = " AND ".join(f"tbl_name <> '{name}'" for name in CATALOGUE)
TOKEN = re.compile(
    r"""\s+|--[^\n]*\n?|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`"""
    r"""|\[[^]]*\]|[^\s\w]|\w+""",
    re.S,
)


class Text(bytes):
    """Text as the database has it, UTF-8 or not; a blob is plain bytes."""


def run(db, sql):
    return db.execute(sql).fetchall()


def schema(db):
    """Return (type, name, table, SQL) of all objects but the catalogue's."""
    found = []
    for number, table in enumerate(("sqlite_schema", "sqlite_temp_schema")):
        found += run(
            db,
            f"SELECT {number}, type, name, tbl_name, sql FROM {table}"
            f" WHERE {ALL_BUT_CATALOGUE} ORDER BY type, name",
        )
    return found


def tables(db):
    """Return the names of the tables, with sqlite_sequence and statistics."""
    return [
        name.decode()
        for (name,) in run(
            db,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
            f"{ALL_BUT_CATALOGUE} ORDER BY name",
        )
    ]


def rows(db, table):
    """Return the rows with rowid and types; sorted where there is no rowid."""
    place = f"main.{quoted(table)} NOT INDEXED"
    columns = run(db, f"PRAGMA table_xinfo({quoted(table)})")
    names = {row[1].decode().lower() for row in columns}
    for rowid in {"rowid", "_rowid_", "oid"} - names:
        try:
            found = run(db, f"SELECT {rowid}, * FROM {place} ORDER BY 1")
            return [tuple(shown(value) for value in row) for row in found]
        except sqlite3.Error:  # WITHOUT ROWID
            break
    found = run(db, f"SELECT * FROM {place}")
    return sorted((tuple(shown(v) for v in row) for row in found), key=repr)


def shown(value):
    """Return a value with its type, and without what the clock has to do with."""
    if isinstance(value, Text) and re.fullmatch(
        rb"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", value
    ):
        return "now"
    return (type(value).__name__, repr(value))


def facts(db, table):
    """Return what the engine knows of a table: columns, indexes, keys."""
    name = quoted(table)
    indexes = {row[1]: row[2:] for row in run(db, f"PRAGMA index_list({name})")}
    details = {
        index: run(db, f"PRAGMA index_xinfo({quoted(index.decode())})")
        for index in indexes
    }
    keys = [row[2:] for row in run(db, f"PRAGMA foreign_key_list({name})")]
    return {
        "table_xinfo": run(db, f"PRAGMA table_xinfo({name})"),
        "index_list": indexes,
        "index_xinfo": details,
        "foreign_key_list": sorted(keys, key=repr),
    }


def content(db):
    """Return {table: rows} of all tables, and sqlite_sequence apart."""
    found = {}
    for table in tables(db):
        if table == "sqlite_sequence":
            found[table] = sorted(
                r for r in run(db, "SELECT name, seq FROM sqlite_sequence") if r[1]
            )
        elif table.startswith("sqlite_stat"):
            found[table] = statistics(db, table)
        else:
            found[table] = rows(db, table)
    return found


def statistics(db, table):
    """Return the statistics but those of automatic indexes."""
    kept = [
        row
        for row in run(db, f"SELECT * FROM {table}")
        if row[1] is None
        or not (row[1].startswith(b"sqlite_autoindex") or row[0] == row[1])
    ]
    return sorted(kept, key=repr)


def everything(db):
    """Return all there is, for "nothing has changed"."""
    return {
        "schema": schema(db),
        "content": content(db),
        "pragmas": pragmas(db),
        "transaction": db.in_transaction,
        "sound": sound(db),
    }


def pragmas(db):
    return {name: run(db, f"PRAGMA {name}") for name in PRAGMAS}


def sound(db):
    """Return what integrity_check says but "ok"."""
    found = [row[0].decode() for row in run(db, "PRAGMA integrity_check")]
    return [line for line in found if line != "ok"]


def normal(sql):
    """Return SQL as the engine reads it: without quotes, comments, spaces."""
    if sql is None:
        return None
    words = []
    for token in TOKEN.findall(sql.decode()):
        if token.isspace() or token.startswith(("--", "/*")):
            continue
        if token[0] in "\"`[" and len(token) > 1:
            last = {"[": "]"}.get(token[0], token[0])
            token = token[1:-1].replace(last * 2, last)
        words.append(token)
    return words


def differences(expected, actual, path=""):
    """Return lines that say where two states differ."""
    if expected == actual:
        return []
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key in sorted(set(expected) | set(actual), key=str):
            found += differences(
                expected.get(key, "(none)"), actual.get(key, "(none)"), f"{path} {key}"
            )
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        missing = [item for item in expected if item not in actual]
        extra = [item for item in actual if item not in expected]
        found = [f"{path}: missing {item!r}" for item in missing[:5]]
        found += [f"{path}: not expected {item!r}" for item in extra[:5]]
        return found or [f"{path}: another order or number: {actual!r}"[:1000]]
    return [f"{path}: expected {expected!r}, got {actual!r}"]

"""The same change by hand: the twelve steps of SQLite's manual.

"Making Other Kinds Of Table Schema Changes", written from the model and not
from what the extension does.  A column that is only renamed is renamed first,
by ALTER TABLE, so that everything that mentions it follows.  Before and after,
all views and triggers are compiled: what worked must go on working.
"""

import collections
import copy
import sqlite3

from model import TABLE, body, keys_of, quoted, write

TEMPORARY = "the new one's \"name\""


class Refused(Exception):
    """The change cannot be made by hand; says why."""


def run(db, sql, *arguments):
    return db.execute(sql, arguments).fetchall()


def rebuild(db, case):
    """Make the change on DB, whose setup is done; raise Refused if it fails."""
    keys, legacy = (
        run(db, f"PRAGMA {name}")[0][0] for name in ("foreign_keys", "legacy_alter_table")
    )
    run(db, "PRAGMA foreign_keys = OFF")
    run(db, "BEGIN")
    try:
        change(db, case)
        run(db, "COMMIT")
    except (sqlite3.Error, Refused) as error:
        if db.in_transaction:
            run(db, "ROLLBACK")
        raise Refused(str(error)) from error
    finally:
        run(db, f"PRAGMA legacy_alter_table = {legacy}")
        run(db, f"PRAGMA foreign_keys = {keys}")


def change(db, case):
    """Do the steps between BEGIN and COMMIT."""
    run(db, "PRAGMA legacy_alter_table = OFF")
    watched = lost_columns(case)
    working = compiles(db)
    violations = orphans(db)
    rename_columns(db, case)
    sequence = sequence_of(db, case.old.name)
    statistics = statistics_of(db, case.old.name)
    saved = objects_of(db, case.old.name)
    run(db, "PRAGMA legacy_alter_table = ON")
    if names_itself(case.new):
        copy_twice(db, case)
    else:
        copy_once(db, case)
    for sql in saved:
        run(db, sql)
    keep_sequence(db, case, sequence)
    keep_statistics(db, statistics)
    run(db, "PRAGMA legacy_alter_table = OFF")
    if watched:
        raise Refused(f"something mentions {watched}")
    broken = working - compiles(db)
    if broken:
        raise Refused(f"no longer compiles: {sorted(map(str, broken))}")
    if more(violations, orphans(db)):
        raise Refused("a foreign key is violated")


def lost_columns(case):
    """Return a column that something mentions and that is no more, or None.

    The engine may take it for a string, and UPDATE OF it for what never happens.
    """
    for item in case.then:
        if item.kind in ("index", "trigger", "view", "child"):
            for key in keys_of(item.parts):
                if case.new.column(key) is None:
                    return case.old.column(key).name
    return None


def rename_columns(db, case):
    """Rename the columns that only get another name."""
    table = case.old.spelled
    for key in case.renames():
        run(
            db,
            f"ALTER TABLE {table} RENAME COLUMN {quoted(case.old.column(key).name)}"
            f" TO {case.new.column(key).spelled}",
        )


def names_itself(table):
    """Return whether a CHECK or a generated column says table.column."""
    return any(
        TABLE in constraint.parts
        for constraint, _ in table.every()
        if constraint.kind in ("check", "generated")
    )


def names_now(case):
    """Return the names of the old table's columns after the renames."""
    names = {column.key: quoted(column.name) for column in case.old.columns}
    for key in case.renames():
        names[key] = case.new.column(key).spelled
    names[TABLE] = quoted(case.old.name)
    return names


def rowid_now(case):
    """Return a name of the old table's rowid after the renames, or None."""
    now = copy.copy(case.old)
    renamed = case.renames()
    now.columns = [
        case.new.column(c.key) if c.key in renamed else c for c in case.old.columns
    ]
    return now.rowid()


def sources(case):
    """Return (new column, SQL over the old row) for each that gets a value."""
    names = names_now(case)
    found = []
    for column in case.new.columns:
        if column.find("generated"):
            continue
        if column.key in case.renames() or column.key not in case.mapping:
            if case.old.column(column.key) is not None:
                found.append((column.spelled, names[column.key]))
        else:
            found.append((column.spelled, write(case.mapping[column.key], names)))
    rowid, alias = rowid_now(case), case.new.rowid_column()
    if rowid and alias is None and case.new.rowid():
        found.append((case.new.rowid(), rowid))
    elif rowid and alias is not None:
        if case.old.column(alias.key) is None and alias.key not in case.mapping:
            found.append((alias.spelled, rowid))
    return found


def order(case):
    """Return the ORDER BY of the copy: by rowid or by the primary key."""
    if not case.old.without_rowid:
        return rowid_now(case) or "1"
    return write(case.old.primary()[0].terms, names_now(case))


def copy_once(db, case):
    """Copy all rows to a table of another name, which then takes the old name."""
    old, new = quoted(case.old.name), quoted(TEMPORARY)
    found = sources(case)
    run(db, f"CREATE TABLE {new} {body(case.new)}")
    values = ", ".join(value for _, value in found) or "1"
    order_by = order(case)
    fill(db, new, found, f"SELECT {values} FROM {old} ORDER BY {order_by}")
    run(db, f"DROP TABLE main.{old}")
    run(db, f"ALTER TABLE {new} RENAME TO {case.new.spelled}")


def copy_twice(db, case):
    """Copy by way of a table without types: the new one can have no other name."""
    old, new, between = quoted(case.old.name), case.new.spelled, quoted(TEMPORARY)
    found = sources(case)
    names = [f"v{number}" for number in range(len(found) or 1)]
    values = ", ".join(value for _, value in found) or "1"
    run(db, f"CREATE TABLE {between} (n INTEGER PRIMARY KEY, {', '.join(names)})")
    run(
        db,
        f"INSERT INTO {between} ({', '.join(names)})"
        f" SELECT {values} FROM {old} ORDER BY {order(case)}",
    )
    run(db, f"DROP TABLE main.{old}")
    run(db, f"CREATE TABLE {new} {body(case.new)}")
    fill(db, new, found, f"SELECT {', '.join(names)} FROM {between} ORDER BY n")
    run(db, f"DROP TABLE {between}")
    # The engine remembers the columns of TEMP views until a TEMP table goes.
    run(db, f"CREATE TEMP TABLE {between} (n)")
    run(db, f"DROP TABLE temp.{between}")


def fill(db, table, found, query):
    """Insert what a query gives; a conflict clause of the table loses no row."""
    if found:
        columns = ", ".join(column for column, _ in found)
        run(db, f"INSERT OR ABORT INTO {table} ({columns}) {query}")
        return
    for _ in run(db, query):
        run(db, f"INSERT OR ABORT INTO {table} DEFAULT VALUES")


def objects_of(db, table):
    """Return the SQL of the table's indexes and triggers."""
    found = []
    for schema in ("sqlite_schema", "sqlite_temp_schema"):
        found += run(
            db,
            f"SELECT sql FROM {schema} WHERE type IN ('index', 'trigger')"
            " AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL ORDER BY rowid",
            table,
        )
    temporary = "CREATE TRIGGER"
    count = len(
        run(db, "SELECT 1 FROM sqlite_temp_schema WHERE type = 'trigger'"
                " AND tbl_name = ? COLLATE NOCASE", table)
    )  # fmt: skip
    sql = [row[0].decode() for row in found]
    first = len(sql) - count
    return sql[:first] + [
        s.replace(temporary, "CREATE TEMP TRIGGER", 1) for s in sql[first:]
    ]


def sequence_of(db, table):
    """Return what AUTOINCREMENT has come to, or None."""
    if not run(db, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'"):
        return None
    found = run(db, "SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE", table)
    return found[0][0] if found else None


def keep_sequence(db, case, before):
    """Let AUTOINCREMENT go on where it was."""
    if before is None or not case.new.autoincrement():
        return
    now = sequence_of(db, case.old.name)
    name = case.new.name
    if now is None:
        run(db, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, before)
    elif before > now:
        run(db, "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", before, name)


def statistics_of(db, table):
    """Return the rows of sqlite_stat1 for the table's own indexes."""
    if not run(db, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'"):
        return []
    return run(
        db,
        "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE AND"
        " (idx IS NULL OR idx NOT LIKE 'sqlite_autoindex_%' AND idx <> tbl)",
        table,
    )


def keep_statistics(db, rows):
    present = run(db, "SELECT tbl, idx, stat FROM sqlite_stat1") if rows else []
    for row in set(rows) - set(present):
        run(db, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
            *(v.decode() if isinstance(v, bytes) else v for v in row))  # fmt: skip


def compiles(db):
    """Return the views that can be read and the writes that can be compiled."""
    good = set()
    for kind, name in relations(db):
        table = quoted(name.decode())
        columns = [
            row[1].decode()
            for row in run(db, f"PRAGMA table_xinfo({table})")
            if row[6] == 0
        ] if kind == b"table" or can(db, f"SELECT * FROM {table}") else []  # fmt: skip
        if kind == b"view" and columns:
            good.add(name)
        for event, sql in (
            ("insert", f"INSERT INTO {table} DEFAULT VALUES"),
            ("delete", f"DELETE FROM {table}"),
            ("update", f"UPDATE {table} SET "
             + ", ".join(f"{quoted(c)} = {quoted(c)}" for c in columns)),
        ):  # fmt: skip
            if columns and can(db, sql):
                good.add((event, name))
    return good


def relations(db):
    """Return (type, name) of all tables and views."""
    return run(
        db,
        "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' UNION ALL"
        " SELECT type, name FROM sqlite_temp_schema WHERE type IN ('table', 'view')",
    )


def can(db, sql):
    """Return whether the engine compiles a statement."""
    try:
        run(db, "EXPLAIN " + sql)
        return True
    except sqlite3.Error:
        return False


def unsound(db):
    """Return what integrity_check says of values that the engine let in.

    A virtual generated column of a STRICT table may have one of another type.
    Not believed is "NULL value": 3.40 takes some of WITHOUT ROWID tables for it.
    """
    found = {row[0].decode() for row in run(db, "PRAGMA integrity_check")}
    return {line for line in found if not line.startswith(("NULL value", "ok"))}


def more(before, after):
    """Return whether there are more orphans than before.

    Where a foreign key fitted nothing before, there is nothing to compare with.
    """
    unfit = {key[0] for key in before if key[1] is None}
    return any(n > before[key] for key, n in after.items() if key[0] not in unfit)


def orphans(db):
    """Count what violates foreign keys; an error of the check counts as one."""
    found = collections.Counter()
    for kind, name in relations(db):
        if kind != b"table":
            continue
        try:
            rows = run(db, f"PRAGMA foreign_key_check({quoted(name.decode())})")
        except sqlite3.Error:  # a foreign key that fits no key of its parent
            rows = [(name, None, None)]
        found.update((row[0], row[2]) for row in rows)
    return found

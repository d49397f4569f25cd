"""Run a case: the extension on one database, the hand-written SQL on another."""

import os
import re
import sqlite3
import tempfile

import by_hand
import state
from by_hand import Refused
from model import create, folded, quoted, text

MIGRATE = os.environ.get("MIGRATE") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "build", "migrate"
)
OFF = "PRAGMA foreign_keys = OFF;\n"


class Wrong(Exception):
    """What is wrong, in lines."""


class Outcome:
    """What became of a case, for the totals."""

    def __init__(self):
        self.kind = ""  # changed, refused, keys (refused for foreign keys)
        self.way = ""  # what the way back says was done
        self.message = ""
        self.back = ""


def connect(path, extension):
    """Return a connection that gives text as bytes."""
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = state.Text
    if extension:
        db.enable_load_extension(True)
        db.load_extension(MIGRATE)
        db.enable_load_extension(False)
    return db


def prepare(db, case, path):
    """Make a case's database on a connection."""
    if case.place == "wal" and path != ":memory:":
        db.execute("PRAGMA journal_mode = WAL").fetchall()
    for statement in case.setup():
        db.execute(statement).fetchall()
    db.execute(f"PRAGMA foreign_keys = {int(case.foreign_keys)}").fetchall()
    for name, value in case.pragmas.items():
        db.execute(f"PRAGMA {name} = {value}").fetchall()


def check(case):
    """Run a case; return its Outcome, or raise Wrong."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        path = ":memory:" if case.place == ":memory:" else f"{folder}/ours.db"
        ours, theirs = connect(path, True), connect(":memory:", False)
        try:
            return compare(case, ours, theirs, path)
        finally:
            ours.close()
            theirs.close()


def compare(case, ours, theirs, path):
    """Make the change on both and compare."""
    outcome = Outcome()
    prepare(ours, case, path)
    prepare(theirs, case, ":memory:")
    before = state.everything(ours)
    before["orphans"] = by_hand.orphans(ours)
    agree(state.everything(theirs), state.everything(ours), "the set-up differs")
    reason = None
    try:
        by_hand.rebuild(theirs, case)
    except Refused as refused:
        reason = str(refused)
    try:
        back = apply(ours, case, outcome)
    except sqlite3.Error as error:
        outcome.message = str(error)
        if reason is None and by_hand.unsound(theirs):
            reason = "values that should not be there"
        elif reason is None and case.foreign_keys and refuses_its_rows(theirs, case):
            reason = "the engine takes its own rows for orphans"
        judge_error(case, ours, before, reason, outcome)
        return outcome
    if reason is not None:
        raise Wrong([f"by hand it is refused: {reason}", "here it was done"])
    outcome.kind = "changed"
    compare_results(case, ours, theirs, before)
    if path != ":memory:":
        compare_reopened(ours, path)
    if back is None and not case.undo:
        behave(case, ours, theirs)
    else:
        go_back(case, ours, theirs, before, back, outcome)
    return outcome


def apply(ours, case, outcome):
    """Call migrate_rebuild() in the case's way; return the way back or None."""
    if case.way == "direct":
        back = value(ours, case.call())
    elif case.way == "transaction":
        before = state.everything(ours)
        ours.execute("BEGIN")
        try:
            back = value(ours, case.call())
        except sqlite3.Error:
            if not ours.in_transaction:
                raise Wrong(["the caller's transaction was ended"]) from None
            agree({**before, "transaction": True}, state.everything(ours),
                  "changed though it failed, before the caller's ROLLBACK")  # fmt: skip
            ours.execute("ROLLBACK")
            raise
        if not ours.in_transaction:
            raise Wrong(["the caller's transaction was ended"])
        ours.execute("COMMIT")
    else:
        up = (OFF if case.way == "migration, keys off" else "") + case.call() + ";"
        down = way_back(case, stored_sql(ours, case))
        value(ours, f"SELECT migrate_add('1', {text(up)}, {text(down)})")
        value(ours, "SELECT migrate_apply()")
        return None
    back = back.decode()
    first = back.splitlines()[0] if back else "(empty)"
    outcome.way = re.sub(r"[\"'].*[\"']|\d+", "...", first)[:100]
    return back


def way_back(case, definition):
    """Return a migration's down, written here."""
    names, new = case.old.names(), case.new.names()
    assignments = ", ".join(f"{names[key]} = {new[key]}" for key in case.renames())
    arguments = [text(case.old.name), text(definition.decode())]
    if assignments:
        arguments.append(text(assignments))
    return OFF + f"SELECT migrate_rebuild({', '.join(arguments)});"


def stored_sql(db, case):
    """Return the stored SQL of the table."""
    return value(db, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND"
                     f" name = {text(case.old.name)} COLLATE NOCASE")  # fmt: skip


def value(db, sql):
    """Return the only value of the only row."""
    (row,) = db.execute(sql).fetchall()
    (found,) = row
    return found


def is_defensive(db):
    """Return whether the schema cannot be edited: then tokens count, not spaces."""
    db.execute("PRAGMA writable_schema = ON")
    defensive = value(db, "PRAGMA writable_schema") == 0
    db.execute("PRAGMA writable_schema = OFF")
    return defensive


def is_parent(db, table):
    """Return whether a foreign key refers to the table."""
    return any(
        key[2].decode().lower() == table.lower()
        for child in state.tables(db)
        for key in state.run(db, f"PRAGMA foreign_key_list({quoted(child)})")
    )


def judge_error(case, ours, before, reason, outcome):
    """Say whether an error was right, and whether nothing was changed by it."""
    after = {**state.everything(ours), "orphans": by_hand.orphans(ours)}
    agree(before, after, f"changed though it failed ({outcome.message})")
    check_sound(ours, before["sound"])
    inside = case.way in ("transaction", "migration") and case.foreign_keys
    if reason is not None:
        outcome.kind = "refused"
    elif inside and "foreign" in outcome.message and is_parent(ours, case.old.name):
        outcome.kind = "keys"
    elif "names the table itself" in outcome.message and is_defensive(ours):
        outcome.kind = "refused"
    else:
        raise Wrong([f"failed: {outcome.message}", "by hand it can be done"])


def refuses_its_rows(db, case):
    """Return whether rows that foreign_key_check passes cannot be written.

    2.0 in a REAL column does not find 2 in its parent's INTEGER PRIMARY KEY.
    """
    columns = [quoted(c.name) for c in case.new.columns if not c.find("generated")]
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("BEGIN")
    try:
        assignments = ", ".join(f"{name} = {name}" for name in columns)
        db.execute(f"UPDATE {quoted(case.new.name)} SET {assignments}")
        return False
    except sqlite3.Error as error:
        return "FOREIGN KEY" in str(error)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def agree(expected, actual, what):
    """Raise Wrong where two states differ."""
    found = state.differences(expected, actual)
    if found:
        raise Wrong([f"{what}:", *found])


def check_sound(db, expected=()):
    """integrity_check finds nothing but what it finds in the other database.

    3.40's takes a REAL column of a WITHOUT ROWID table for NULL at times.
    """
    agree(list(expected), state.sound(db), "integrity_check")


def expected_sql(case):
    """Return the stored SQL of the new definition: as the engine stores it."""
    db = connect(":memory:", False)
    db.execute(create(case.new))
    return state.run(db, "SELECT sql FROM sqlite_schema WHERE type = 'table'"
                         " AND name <> 'sqlite_sequence'")[0][0]  # fmt: skip


def compare_schema(expected, actual, what):
    """Compare two schemas; only quotes and spaces may differ, as by RENAME."""
    def simple(rows):
        return [(*row[:4], state.normal(row[4])) for row in rows]

    agree(simple(expected), simple(actual), what)


def compare_results(case, ours, theirs, before):
    """Compare the two databases after the change."""
    compare_schema(state.schema(theirs), state.schema(ours), "schema")
    sql, wanted = stored_sql(ours, case), expected_sql(case)
    form = state.normal if is_defensive(ours) else tail
    if form(sql) != form(wanted):
        raise Wrong(["the stored definition is not as it was given:",
                     f"expected {wanted!r}", f"got      {sql!r}"])  # fmt: skip
    agree(state.content(theirs), state.content(ours), "content")
    for table in state.tables(theirs):
        agree(state.facts(theirs, table), state.facts(ours, table), f"facts of {table}")
    agree(before["pragmas"], state.pragmas(ours), "PRAGMAs")
    agree(by_hand.orphans(theirs), by_hand.orphans(ours), "foreign_key_check")
    check_sound(ours, state.sound(theirs))


def tail(sql):
    """Return a definition from its first parenthesis that is no name's."""
    words = state.TOKEN.findall(sql.decode())
    return "".join(words[words.index("(") :])


def compare_reopened(ours, path):
    """A second connection finds the same."""
    other = connect(path, False)
    try:
        mine = [row for row in state.schema(ours) if row[0] == 0]
        agree(mine, state.schema(other), "schema for another connection")
        agree(state.content(ours), state.content(other), "for another connection")
        check_sound(other, state.sound(ours))
    finally:
        other.close()


def behave(case, ours, theirs):
    """Do the same on both: the same results, errors and content."""
    for sql in case.behaviour():
        if exhausted(theirs, case):
            break
        results = []
        for db in (theirs, ours):
            try:
                cursor = db.execute(sql)
                results.append([cursor.fetchall(), cursor.rowcount])
            except sqlite3.Error as error:
                results.append(str(error))
        if results[0] != results[1]:
            raise Wrong([f"behaves differently: {sql}",
                         f"expected {results[0]!r}", f"got      {results[1]!r}"])  # fmt: skip
    agree(state.content(theirs), state.content(ours), "content after the same changes")
    check_sound(ours, state.sound(theirs))


def exhausted(db, case):
    """Return whether the next rowid would be a random one."""
    rowid = case.new.rowid()
    if rowid is None:
        return False
    table = quoted(case.new.name)
    return value(db, f"SELECT max({rowid}) = 9223372036854775807 FROM {table}") == 1


def go_back(case, ours, theirs, before, back, outcome):
    """Behave inside a transaction, undo that, and run the way back."""
    for db in (ours, theirs):
        db.execute("BEGIN")
    behave(case, ours, theirs)
    for db in (ours, theirs):
        if db.in_transaction:
            db.execute("ROLLBACK")
        else:  # a statement has ended it: what came after it stays
            outcome.back = "not tried"
    if outcome.back:
        return
    changed = state.everything(ours)
    # What the old rows violated does not come back either.
    wrong = before["orphans"] or before["sound"]
    lost = losses(case, ours, before) or bool(wrong)
    try:
        if back is None:
            value(ours, "SELECT migrate_rollback()")
        else:
            ours.executescript(back if back.rstrip().endswith(";") else back + ";")
    except sqlite3.Error as error:
        agree(changed, state.everything(ours), "changed though the way back failed")
        if not lost:
            raise Wrong([f"the way back fails: {error}", str(back)]) from None
        outcome.back = "refused"
        return
    outcome.back = "lost something" if lost else "all"
    known = {row[:4] for row in before["schema"]}
    found = [r for r in state.schema(ours) if r[2] != b"sqlite_sequence" or r[:4] in known]
    compare_schema(before["schema"], found, f"schema after the way back\n{back}\n")
    if not is_defensive(ours):
        agree(the_table(case, before["schema"]), the_table(case, found),
              f"definition after the way back\n{back}\n")  # fmt: skip
    agree(before["pragmas"], state.pragmas(ours), "PRAGMAs after the way back")
    check_sound(ours, before["sound"])
    if not lost:
        agree(without_sequence(before["content"], case),
              without_sequence(state.content(ours), case),
              f"content after the way back\n{back}\n")  # fmt: skip


def the_table(case, schema):
    """Return the row of the table itself."""
    return [
        row
        for row in schema
        if row[1] == b"table" and folded(row[2].decode()) == folded(case.old.name)
    ]


def without_sequence(content, case):
    """Leave out what cannot come back when AUTOINCREMENT has come or gone."""
    if case.old.autoincrement() and case.new.autoincrement():
        return content
    return {k: v for k, v in content.items() if k != "sqlite_sequence"}


def losses(case, ours, before):
    """Return whether a value of the old table is not in the new one as it was."""
    if case.old.without_rowid != case.new.without_rowid:
        if not case.old.without_rowid:
            return True
    new = quoted(case.new.name)
    was = before["content"][table_name(case, before)]
    columns = []
    for column in case.old.columns:
        now = case.new.column(column.key)
        gone = now is None or now.find("generated") and not column.find("generated")
        if gone and not column.find("generated"):
            return True
        if column.find("generated"):
            continue
        if column.key in case.mapping and column.key not in case.renames():
            return True
        columns.append((column, now))
    if not columns:
        return False
    first = [case.new.rowid()] if case.old.rowid() and case.new.rowid() else []
    names = first + [quoted(now.name) for _, now in columns]
    order = "1" if first else ", ".join(str(n + 1) for n in range(len(names)))
    rows = [
        tuple(state.shown(v) for v in row)
        for row in state.run(ours, f"SELECT {', '.join(names)} FROM {new} ORDER BY {order}")
    ]
    offset = 1 if case.old.rowid() else 0
    places = [0] if first else []
    places += [offset + case.old.columns.index(column) for column, _ in columns]
    kept = [tuple(row[place] for place in places) for row in was]
    return sorted(rows, key=repr) != sorted(kept, key=repr)


def table_name(case, before):
    """Return the table's name as the content has it."""
    return next(n for n in before["content"] if n.lower() == case.old.name.lower())

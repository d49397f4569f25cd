"""Make a failing case small, and print it for the sqlite3 shell."""

import by_hand
from model import body, keys_of, quoted, text


def smaller(case):
    """Yield copies of a case that lack one thing each."""
    for name in ("after", "then", "rows", "first"):
        for number in reversed(range(len(getattr(case, name)))):
            less = case.copy()
            del getattr(less, name)[number]
            yield less
    if len(case.rows) > 3:
        less = case.copy()
        less.rows = less.rows[: len(less.rows) // 2]
        yield less
    for column in list(case.old.columns) + list(case.new.columns):
        yield without_column(case, column.key)
    for key in list(case.mapping):
        if key not in case.renames():
            less = case.copy()
            del less.mapping[key]
            yield less
    yield from fewer_constraints(case)
    yield from simpler(case)


def without_column(case, key):
    """Return the case without a column and without all that mentions it."""
    less = case.copy()
    late = [c.key for c in less.old.columns[len(less.old.columns) - less.late :]]
    less.late -= key in late
    for table in (less.old, less.new):
        table.columns = [c for c in table.columns if c.key != key]
        for constraint, place in table.every():
            if key in keys_of(constraint.parts):
                (place or table).constraints.remove(constraint)
    less.mapping = {
        k: parts
        for k, parts in less.mapping.items()
        if k != key and key not in keys_of(parts)
    }
    less.then = [item for item in less.then if key not in keys_of(item.parts)]
    less.after = [item for item in less.after if key not in keys_of(item.parts)]
    for row in less.rows:
        row.values.pop(key, None)
    return less


def fewer_constraints(case):
    """Yield the case without one constraint, in both definitions or in one."""
    for number, (constraint, _) in enumerate(case.old.every()):
        less = case.copy()
        found, place = less.old.every()[number]
        (place or less.old).constraints.remove(found)
        for other, new_place in less.new.every():
            if other == constraint:
                (new_place or less.new).constraints.remove(other)
                break
        yield less
    for number in range(len(case.new.every())):
        less = case.copy()
        found, place = less.new.every()[number]
        (place or less.new).constraints.remove(found)
        yield less


def simpler(case):
    """Yield the case with something set to what is plain."""
    for name, value in (
        ("place", ":memory:"), ("way", "direct"), ("foreign_keys", False),
        ("pragmas", {}), ("undo", False), ("whole", False), ("late", 0),
    ):  # fmt: skip
        if getattr(case, name) != value:
            less = case.copy()
            setattr(less, name, value)
            yield less
    for name in ("strict", "without_rowid"):
        if getattr(case.old, name) or getattr(case.new, name):
            less = case.copy()
            setattr(less.old, name, False)
            setattr(less.new, name, False)
            yield less
    less = case.copy()
    for table in (less.old, less.new):
        table.comment = ""
        for column in table.columns:
            column.comment = ""
            for constraint in column.constraints:
                constraint.name = None
    if less != case:
        yield less
    for row, old in zip(case.copy().rows, case.rows):
        for key, literal in old.values.items():
            if len(literal) > 4:
                less = case.copy()
                less.rows[case.rows.index(old)].values[key] = "1"
                yield less


def shrink(case, fails, tries=1500):
    """Return the smallest case found that FAILS(case) still is true of."""
    found = True
    while found:
        found = False
        for less in smaller(case):
            tries -= 1
            if tries < 0:
                return case
            if fails(less):
                case, found = less, True
                break
    return case


def script(case):
    """Return a case as a script for the sqlite3 shell."""
    lines = [".load build/migrate", f"PRAGMA journal_mode = {journal(case)};"]
    lines += [statement + ";" for statement in case.setup()]
    lines.append(f"PRAGMA foreign_keys = {int(case.foreign_keys)};")
    lines += [f"PRAGMA {name} = {value};" for name, value in case.pragmas.items()]
    if case.way == "direct":
        lines.append(case.call() + ";")
    elif case.way == "transaction":
        lines += ["BEGIN;", case.call() + ";", "COMMIT;"]
    else:
        off = "PRAGMA foreign_keys = OFF;\n" * (case.way == "migration, keys off")
        lines += [f"SELECT migrate_add('1', {text(off + case.call() + ';')});",
                  "SELECT migrate_apply();"]  # fmt: skip
    lines += [statement + ";" for statement in case.behaviour()]
    lines.append(f"SELECT * FROM {quoted(case.new.name)};")
    return "\n".join(lines)


def journal(case):
    return "wal" if case.place == "wal" else "delete"


def hand_script(case):
    """Return the heart of the hand-written way, for reading."""
    found = by_hand.sources(case)
    columns = ", ".join(column for column, _ in found)
    values = ", ".join(value for _, value in found)
    return (
        f"CREATE TABLE {quoted(by_hand.TEMPORARY)} {body(case.new)};\n"
        f"INSERT OR ABORT INTO {quoted(by_hand.TEMPORARY)} ({columns}) "
        f"SELECT {values} FROM {quoted(case.old.name)} ORDER BY {by_hand.order(case)};"
    )

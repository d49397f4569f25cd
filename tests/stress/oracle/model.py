"""What a case is made of, and how it is written as SQL.

A column has a key, a number that stays the same however often its name changes.
SQL that mentions columns is kept as parts: a list of texts and of keys.  So a
column can be renamed or taken away without reading any SQL.
"""

import copy
from dataclasses import dataclass, field

ROWID = -1  # a key: whichever name the table leaves for its rowid
TABLE = -2  # a key: the table's own name


def quoted(name):
    """Return NAME as an identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def text(value):
    """Return VALUE as an SQL string."""
    return "'" + value.replace("'", "''") + "'"


def folded(name):
    """Return NAME as the engine compares names: ASCII letters alone."""
    return "".join(c.lower() if c.isascii() else c for c in name)


def joined(lists, separator=", "):
    """Join several lists of parts."""
    result = []
    for number, parts in enumerate(lists):
        result += ([separator] if number else []) + list(parts)
    return result


def keys_of(parts):
    """Return the keys of the columns that some parts mention."""
    return {part for part in parts if isinstance(part, int) and part >= 0}


@dataclass
class Constraint:
    """A constraint of a column or of a table, or a DEFAULT and the like."""

    kind: str
    parts: list
    name: str = None
    terms: list = field(default_factory=list)  # of a key: parts of ORDER BY
    flags: tuple = ()

    def has(self, flag):
        return flag in self.flags


@dataclass
class Column:
    """A column; `spelled` is its name as the definition writes it."""

    key: int
    name: str
    spelled: str
    type: str = ""
    constraints: list = field(default_factory=list)
    comment: str = ""

    def find(self, kind):
        """Return the first constraint of a kind, or None."""
        for constraint in self.constraints:
            if constraint.kind == kind:
                return constraint
        return None


@dataclass
class Table:
    """The definition of the table that is rebuilt."""

    name: str
    spelled: str
    columns: list
    constraints: list = field(default_factory=list)
    strict: bool = False
    without_rowid: bool = False
    comment: str = ""

    def column(self, key):
        for column in self.columns:
            if column.key == key:
                return column
        return None

    def keys(self):
        return {column.key for column in self.columns}

    def names(self):
        """Return what parts are written with."""
        names = {column.key: column.spelled for column in self.columns}
        names[ROWID] = self.rowid()
        names[TABLE] = self.spelled
        return names

    def rowid(self):
        """Return a name of the rowid that no column hides, or None."""
        taken = {folded(column.name) for column in self.columns}
        for name in ("rowid", "_rowid_", "oid"):
            if not self.without_rowid and name not in taken:
                return name
        return None

    def every(self):
        """Return all constraints, each with the column it stands at."""
        found = [(c, column) for column in self.columns for c in column.constraints]
        return found + [(c, None) for c in self.constraints]

    def primary(self):
        """Return the primary key as (constraint, column), or Nones."""
        for constraint, column in self.every():
            if constraint.kind == "primary key":
                return constraint, column
        return None, None

    def autoincrement(self):
        constraint, _ = self.primary()
        return constraint is not None and constraint.has("autoincrement")

    def rowid_column(self):
        """Return the column that is the rowid by another name, or None."""
        constraint, column = self.primary()
        if constraint is None or self.without_rowid:
            return None
        if column is None:
            keys = keys_of(constraint.terms)
            column = self.column(min(keys)) if len(keys) == 1 else None
        elif constraint.has("desc"):
            return None
        if column is None or column.type.upper() != "INTEGER":
            return None
        return column


@dataclass
class Row:
    """A row to insert: literals by key; `late` is after ALTER TABLE."""

    rowid: str
    values: dict
    late: bool


@dataclass
class Item:
    """Another statement of a case, as parts."""

    kind: str
    parts: list
    name: str = ""  # of what it makes, as SQL


@dataclass
class Case:
    """All that is needed to repeat a test."""

    seed: str
    old: Table
    new: Table = None
    mapping: dict = field(default_factory=dict)  # key -> parts over the old row
    late: int = 0  # how many columns came by ALTER TABLE ADD COLUMN
    first: list = field(default_factory=list)  # Items before the table
    rows: list = field(default_factory=list)
    then: list = field(default_factory=list)  # Items after the rows
    after: list = field(default_factory=list)  # Items run on the new table
    place: str = ":memory:"  # "file", "wal"
    way: str = "direct"  # "transaction", "migration", "migration, keys off"
    foreign_keys: bool = False
    pragmas: dict = field(default_factory=dict)
    whole: bool = False  # the definition is given as CREATE TABLE
    undo: bool = False  # a migration is rolled back

    def copy(self):
        return copy.deepcopy(self)

    def setup(self):
        """Return the statements that make the database."""
        return [statement for _, statement in self.numbered()]

    def numbered(self):
        """Return the same, each with the Row or the Item that it is from."""
        names = self.old.names()
        early = copy.copy(self.old)
        early.columns = self.old.columns[: len(self.old.columns) - self.late]
        result = [(i, write(i.parts, names)) for i in self.first]
        result.append((early, create(early)))
        result += [(r, insert(self.old, r)) for r in self.rows if not r.late]
        for column in self.old.columns[len(early.columns) :]:
            definition = write_column(column, names)
            result.append(
                (column, f"ALTER TABLE {self.old.spelled} ADD COLUMN {definition}")
            )
        result += [(r, insert(self.old, r)) for r in self.rows if r.late]
        result += [(i, write(i.parts, names)) for i in self.then]
        return result

    def definition(self):
        """Return the second argument of migrate_rebuild()."""
        return create(self.new) if self.whole else body(self.new)

    def assignments(self):
        """Return the third argument of migrate_rebuild(), or None."""
        old, new = self.old.names(), self.new.names()
        found = [
            f"{new[key]} = {write(parts, old)}" for key, parts in self.mapping.items()
        ]
        return ", ".join(found) or None

    def call(self):
        """Return the call of migrate_rebuild() as SQL."""
        arguments = [text(self.old.name), text(self.definition())]
        if self.assignments():
            arguments.append(text(self.assignments()))
        return f"SELECT migrate_rebuild({', '.join(arguments)})"

    def renames(self):
        """Return the keys of the columns that get another name."""
        return [
            column.key
            for column in self.new.columns
            if self.old.column(column.key) is not None
            and folded(self.old.column(column.key).name) != folded(column.name)
        ]

    def behaviour(self):
        """Return the statements that are tried on the new table."""
        names = self.new.names()
        return [write(item.parts, names) for item in self.after]


def write(parts, names):
    """Return parts as SQL."""
    return "".join(p if isinstance(p, str) else str(names[p]) for p in parts)


def write_constraint(constraint, names):
    """Return a constraint as SQL."""
    name = f"CONSTRAINT {constraint.name} " if constraint.name else ""
    return name + write(constraint.parts, names)


def write_column(column, names):
    """Return the definition of a column as SQL."""
    words = [column.spelled] + ([column.type] if column.type else [])
    return " ".join(words + [write_constraint(c, names) for c in column.constraints])


def body(table):
    """Return what stands behind the table's name."""
    names = table.names()
    lines = [(write_column(c, names), c.comment) for c in table.columns]
    lines += [(write_constraint(c, names), "") for c in table.constraints]
    written = [
        f"  {line}{',' if number < len(lines) else ''}{comment}\n"
        for number, (line, comment) in enumerate(lines, 1)
    ]
    options = ["STRICT"] * table.strict + ["WITHOUT ROWID"] * table.without_rowid
    end = (" " + ", ".join(options)) if options else ""
    return f"({table.comment}\n{''.join(written)}){end}"


def create(table, spelled=None):
    """Return CREATE TABLE, perhaps under another name."""
    return f"CREATE TABLE {spelled or table.spelled} {body(table)}"


def insert(table, row):
    """Return the INSERT of a row."""
    names = table.names()
    columns = [(names[key], value) for key, value in row.values.items()]
    if row.rowid is not None and table.rowid():
        columns.insert(0, (table.rowid(), row.rowid))
    if not columns:
        return f"INSERT OR IGNORE INTO {table.spelled} DEFAULT VALUES"
    return (
        f"INSERT OR IGNORE INTO {table.spelled} ({', '.join(c for c, _ in columns)})"
        f" VALUES ({', '.join(v for _, v in columns)})"
    )

"""Make a random table with rows, and the objects around it."""

import sqlite3

import words
from model import TABLE, Case, Column, Constraint, Item, Row, Table
from model import folded, joined, quoted

PARENT = "parent tab"
CHILD = "child"
OTHER = "other"
LOG = "log"


class Maker:
    """Makes one case from a random number generator."""

    def __init__(self, rng, seed):
        self.rng = rng
        self.case = Case(seed, None)
        self.next_key = 0
        self.serial = 0

    def chance(self, share):
        return self.rng.random() < share

    def name(self, taken):
        """Return a name of a column that is not taken, and note it."""
        while True:
            odd = self.chance(0.3)
            name = self.rng.choice(words.ODD_NAMES if odd else words.PLAIN_NAMES)
            if self.chance(0.3):
                name += str(self.rng.randrange(9))
            if folded(name) not in taken:
                taken.add(folded(name))
                return name

    def constraint(self, kind, parts, terms=(), flags=()):
        name = None
        if self.chance(0.3):
            name = self.rng.choice(words.NAMES_OF_CONSTRAINTS)
        return Constraint(kind, parts, name, list(terms), tuple(flags))

    def default(self, plain=False):
        choice = words.DEFAULTS if not plain else words.LATE_DEFAULTS
        if not plain and self.chance(0.3):
            choice = words.EXPRESSIONS
        return self.constraint("default", ["DEFAULT " + self.rng.choice(choice)])

    def not_null(self):
        conflict = self.rng.choice(words.CONFLICTS)
        return self.constraint("not null", ["NOT NULL" + conflict])

    def unique(self, keys=None):
        conflict = self.rng.choice(words.CONFLICTS)
        if keys is None:
            return self.constraint("unique", ["UNIQUE" + conflict])
        terms = self.terms(keys)
        return self.constraint("unique", ["UNIQUE (", *terms, ")" + conflict], terms)

    def terms(self, keys):
        """Return the columns of a key, as in ORDER BY."""
        ends = ("", "", "", " COLLATE NOCASE", " COLLATE RTRIM DESC", " DESC", " ASC")
        return joined([key, self.rng.choice(ends)] for key in keys)

    def check(self, keys):
        return self.constraint(
            "check", ["CHECK (", *words.check(self.rng, keys), ")"]
        )

    def references(self, key=None):
        """Return a foreign key to the parent or to the table itself."""
        target = self.rng.choice(
            ([quoted(PARENT)], [quoted(PARENT), "(id)"], [quoted(PARENT), " (code)"])
        )
        primary, _ = self.case.old.primary() if self.case.old else (None, None)
        if primary is not None and self.chance(0.25):
            target = [TABLE]
        parts = ["REFERENCES ", *target, self.rng.choice(words.ACTIONS)]
        parts.append(self.rng.choice(words.DEFERRED))
        if key is not None:
            parts = ["FOREIGN KEY (", key, ") ", *parts]
        return self.constraint("foreign key", parts)

    def generated(self, keys, stored=None):
        if stored is None:
            stored = self.rng.choice((" STORED", " VIRTUAL", ""))
        start = self.rng.choice(("GENERATED ALWAYS AS (", "AS ("))
        expression = words.expression(self.rng, keys)
        return self.constraint("generated", [start, *expression, ")" + stored])

    def column(self, taken, strict, others=()):
        """Return a column with some constraints of its own."""
        name = self.name(taken)
        kinds = words.STRICT_TYPES if strict else words.TYPES
        column = Column(
            self.next_key, name, words.spell(self.rng, name), self.rng.choice(kinds)
        )
        self.next_key += 1
        found = []
        if others and self.chance(0.15):
            found.append(self.generated(others))
        elif self.chance(0.35):
            found.append(self.default())
        for share, make in (
            (0.2, self.not_null),
            (0.12, self.unique),
            (0.15, lambda: self.check([column.key, *others])),
            (0.1, self.references),
        ):
            if self.chance(share):
                found.append(make())
        if self.chance(0.15):
            found.append(self.collate())
        self.rng.shuffle(found)
        column.constraints = found
        if self.chance(0.15):
            column.comment = self.rng.choice(words.COMMENTS)
        return column

    def collate(self):
        return self.constraint(
            "collate", ["COLLATE " + self.rng.choice(words.COLLATIONS)]
        )

    def primary_key(self, table, columns):
        """Give a table one of the kinds of primary key."""
        conflict = self.rng.choice(words.CONFLICTS)
        kind = self.rng.choice(
            ("none", "rowid", "rowid", "auto", "inline", "desc", "table", "several")
        )
        first = self.rng.choice(columns)
        if kind in ("rowid", "auto", "desc"):
            first.type = "INTEGER"
        if kind == "none" or first.find("generated"):
            return
        if kind in ("table", "several"):
            count = 1 if kind == "table" else min(2, len(columns))
            terms = self.terms(c.key for c in self.rng.sample(columns, count))
            table.constraints.insert(
                0,
                self.constraint(
                    "primary key", ["PRIMARY KEY (", *terms, ")" + conflict], terms
                ),
            )
        else:
            order = " DESC" if kind == "desc" else ""
            auto = " AUTOINCREMENT" if kind == "auto" else ""
            first.constraints.insert(
                0,
                self.constraint(
                    "primary key",
                    ["PRIMARY KEY" + order + conflict + auto],
                    [first.key, order],
                    [flag for flag in ("desc" * bool(order), "autoincrement" * bool(auto))
                     if flag],
                ),
            )  # fmt: skip

    def table(self):
        """Make the table that is to be rebuilt."""
        odd = self.chance(0.3)
        name = self.rng.choice(words.ODD_TABLE_NAMES if odd else words.TABLE_NAMES)
        strict = words.HAS_STRICT and self.chance(0.2)
        table = Table(name, words.spell(self.rng, name), [], strict=strict)
        taken = set()
        for _ in range(self.rng.choice((1, 2, 3, 3, 4, 4, 5, 6))):
            plain = [c.key for c in table.columns if not c.find("generated")]
            table.columns.append(self.column(taken, strict, plain))
        self.primary_key(
            table, [c for c in table.columns if not c.find("generated")]
        )
        self.case.old = table
        keys = [c.key for c in table.columns if not c.find("generated")]
        if self.chance(0.2):
            table.constraints.append(self.check(keys))
        if self.chance(0.15):
            table.constraints.append(self.unique(self.rng.sample(keys, 1)))
        if self.chance(0.1):
            table.constraints.append(self.references(self.rng.choice(keys)))
        primary, _ = table.primary()
        if primary and not table.autoincrement() and self.chance(0.25):
            table.without_rowid = True
        if self.chance(0.1):
            table.comment = self.rng.choice(words.COMMENTS)
        return taken

    def late_columns(self, taken):
        """Add columns as ALTER TABLE does, behind the rows that exist."""
        for _ in range(self.rng.choice((0, 0, 0, 1, 2))):
            column = self.column(taken, self.case.old.strict)
            kept = [c for c in column.constraints if c.kind in ("check", "collate")]
            kept.append(self.default(plain=True))
            if self.chance(0.3):
                kept.append(self.not_null())
            column.constraints = kept
            column.comment = ""
            if self.case.old.strict:  # the engine does not look at the default
                column.type = "ANY"
            self.case.old.columns.append(column)
            self.case.late += 1

    def literal(self, column):
        """Return a literal for a column of a row."""
        self.serial += 1
        if column.find("foreign key") and self.chance(0.8):
            return self.rng.choice(("1", "2", "3", "NULL"))
        return words.value(self.rng, column.type, self.serial)

    def row(self, late):
        """Return a random row; some leave columns to their defaults."""
        old = self.case.old
        columns = old.columns if late else old.columns[: len(old.columns) - self.case.late]
        values = {
            c.key: self.literal(c)
            for c in columns
            if not c.find("generated") and (len(columns) == 1 or not self.chance(0.07))
        }
        alias = old.rowid_column()
        rowid = None
        if alias is not None and alias.key in values:
            values[alias.key] = str(self.serial * self.rng.choice((1, 3, 1000)))
            if self.chance(0.2):
                del values[alias.key]
        elif self.chance(0.4):
            rowid = str(self.rng.choice((self.serial, self.serial * 5, -self.serial)))
        return Row(rowid, values, late)

    def rows(self):
        count = self.rng.choice((0, 1, 2, 5, 8, 12, 20))
        for number in range(count):
            late = self.case.late > 0 and number > count // 2
            self.case.rows.append(self.row(late))

    def parents(self):
        """The tables around: a parent, a log, one with triggers."""
        for line in (
            f"CREATE TABLE {quoted(PARENT)} (id INTEGER PRIMARY KEY, code UNIQUE)",
            f"INSERT INTO {quoted(PARENT)} VALUES (1, 1), (2, 2), (3, 3), (7, 'x')",
            f"CREATE TABLE {LOG} (n INTEGER PRIMARY KEY, what, old_value, new_value)",
            f"CREATE TABLE {OTHER} (x, y DEFAULT 'y')",
            f"INSERT INTO {OTHER} (x) VALUES (1), ('two')",
        ):
            self.case.first.append(Item("table", [line]))


def make_old(rng, seed, keys):
    """Return a Maker whose case has the old table and its rows.

    With KEYS the rows are put in with foreign keys on, so that none is orphaned.
    """
    while True:
        maker = Maker(rng, seed)
        maker.case.first.append(Item("pragma", [f"PRAGMA foreign_keys = {int(keys)}"]))
        taken = maker.table()
        maker.parents()
        maker.late_columns(taken)
        maker.taken = taken
        maker.rows()
        if stands(maker.case):
            return maker


def stands(case):
    """Return whether the engine takes the table; leave out rows it refuses."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    refused = set()
    for thing, statement in case.numbered():
        try:
            db.execute(statement).fetchall()
        except sqlite3.Error:
            if isinstance(thing, (Table, Column)) or thing in case.first:
                return False
            refused.add(id(thing))
    case.rows = [row for row in case.rows if id(row) not in refused]
    case.then = [item for item in case.then if id(item) not in refused]
    return True

"""Give a table a random new definition, and the mapping that goes with it."""

import words
from model import Constraint, folded, keys_of


class Change:
    """Changes a copy of a Maker's table step by step."""

    def __init__(self, maker):
        self.maker = maker
        self.rng = maker.rng
        self.case = maker.case
        self.case.new = self.case.copy().old
        self.new = self.case.new
        used = [keys_of(item.parts) for item in self.case.then]
        self.used = set().union(*used) if used else set()

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, generated=False):
        """Return a random column, none that is generated unless told so."""
        found = [c for c in self.new.columns if generated or not c.find("generated")]
        return self.rng.choice(found) if found else None

    def plain(self):
        """Return the old columns over which the mapping may reckon."""
        return [c.key for c in self.case.old.columns]

    def drop_column(self):
        column = self.pick(generated=True)
        if column is None or len(self.new.columns) < 2:
            return
        if column.key in self.used and self.chance(0.8):
            return
        self.forget(column)

    def forget(self, column):
        """Take a column away, and mostly what is said about it elsewhere."""
        self.new.columns.remove(column)
        self.case.mapping.pop(column.key, None)
        for constraint, place in self.new.every():
            if column.key in keys_of(constraint.parts):
                (place or self.new).constraints.remove(constraint)

    def add_column(self):
        keys = [c.key for c in self.new.columns if not c.find("generated")]
        column = self.maker.column(self.maker.taken, self.new.strict, keys)
        self.new.columns.insert(
            self.rng.randrange(len(self.new.columns) + 1)
            if self.chance(0.4)
            else len(self.new.columns),
            column,
        )
        if column.find("generated"):
            return
        if self.chance(0.35):
            self.case.mapping[column.key] = words.mapping(self.rng, self.plain())
        elif column.find("not null") and not column.find("default"):
            column.constraints.append(self.maker.default())

    def rename(self):
        column = self.pick()
        if column is None or self.case.old.column(column.key) is None:
            return
        if column.key in self.case.mapping:
            return
        if self.case.old.column(column.key).find("generated"):
            return
        if self.chance(0.15) and column.name.isascii():  # the case alone
            column.name = column.name.swapcase()
            column.spelled = words.quoted(column.name)
            return
        column.name = self.maker.name(self.maker.taken)
        column.spelled = words.spell(self.rng, column.name)
        self.case.mapping[column.key] = [column.key]

    def retype(self):
        column = self.pick(generated=True)
        if column is not None:
            kinds = words.STRICT_TYPES if self.new.strict else words.TYPES
            column.type = self.rng.choice(kinds)

    def reorder(self):
        self.rng.shuffle(self.new.columns)

    def reckon(self):
        """Map a column to an expression over the old ones."""
        column = self.pick()
        if column is not None and column.key not in self.case.mapping:
            self.case.mapping[column.key] = words.mapping(self.rng, self.plain())

    def swap(self):
        """Let two columns change their values."""
        found = [
            c.key
            for c in self.new.columns
            if self.case.old.column(c.key) and not c.find("generated")
            and c.key not in self.case.mapping
        ]  # fmt: skip
        if len(found) > 1:
            a, b = self.rng.sample(found, 2)
            self.case.mapping[a], self.case.mapping[b] = [b], [a]

    def drop_constraint(self):
        found = [
            (c, place)
            for c, place in self.new.every()
            if c.kind != "primary key" or self.chance(0.3)
        ]
        if found:
            constraint, place = self.rng.choice(found)
            (place or self.new).constraints.remove(constraint)

    def add_constraint(self):
        column = self.pick()
        if column is None:
            return
        key = column.key
        kind, make = self.rng.choice(
            (
                ("not null", self.maker.not_null),
                ("unique", self.maker.unique),
                ("check", lambda: self.maker.check([key])),
                ("foreign key", self.maker.references),
                ("default", self.maker.default),
                ("collate", self.maker.collate),
            )
        )
        before = column.find(kind)
        if before is not None and kind != "check":
            column.constraints.remove(before)
        column.constraints.append(make())

    def add_table_constraint(self):
        keys = [c.key for c in self.new.columns if not c.find("generated")]
        if keys:
            key = self.rng.choice(keys)
            self.new.constraints.append(
                self.rng.choice(
                    (
                        self.maker.check(keys),
                        self.maker.unique(self.rng.sample(keys, 1)),
                        self.maker.references(key),
                    )
                )
            )

    def toggle_strict(self):
        if not words.HAS_STRICT:
            return
        self.new.strict = not self.new.strict
        for column in self.new.columns if self.new.strict else ():
            if column.type not in words.STRICT_TYPES:
                column.type = suits(column.type) if self.chance(0.95) else column.type

    def toggle_rowid(self):
        if self.new.primary()[0] is not None and not self.new.autoincrement():
            self.new.without_rowid = not self.new.without_rowid

    def toggle_autoincrement(self):
        constraint, column = self.new.primary()
        if column is None or self.new.rowid_column() is None:
            return
        if constraint.has("autoincrement"):
            constraint.flags = ()
            constraint.parts = ["PRIMARY KEY"]
        else:
            constraint.flags = ("autoincrement",)
            constraint.parts = ["PRIMARY KEY AUTOINCREMENT"]

    def change_key(self):
        """Take the primary key away and mostly put another one there."""
        constraint, place = self.new.primary()
        if constraint is not None:
            (place or self.new).constraints.remove(constraint)
            self.new.without_rowid = False
        columns = [c for c in self.new.columns if not c.find("generated")]
        if columns and self.chance(0.8):
            types = {c.key: c.type for c in columns}
            self.maker.primary_key(self.new, columns)
            for column in columns:
                if self.case.old.column(column.key) and self.chance(0.5):
                    column.type = types[column.key]

    def regenerate(self):
        """Make a generated column plain, stored or virtual, or a plain one so."""
        column = self.pick(generated=True)
        if column is None or column.key in self.case.mapping:
            return
        before = column.find("generated")
        others = [
            c.key for c in self.new.columns if c is not column and not c.find("generated")
        ]
        if before is not None:
            column.constraints.remove(before)
            if self.chance(0.4) or not others:
                return
        elif column.find("primary key") or self.chance(0.6) or not others:
            return
        default = column.find("default")
        if default is not None:
            column.constraints.remove(default)
        column.constraints.append(self.maker.generated(others))

    def reword(self):
        """Change comments, and how names are written."""
        self.new.comment = self.rng.choice(("", *words.COMMENTS))
        for column in self.new.columns:
            if self.chance(0.3):
                column.comment = self.rng.choice(("", *words.COMMENTS))
            if self.chance(0.3):
                column.spelled = words.spell(self.rng, column.name)

    def other_name(self):
        """Write the table's name in another way."""
        self.new.spelled = words.spell(self.rng, self.new.name)

    def duplicate(self):
        """Ask for something that no table can be."""
        column = self.pick()
        if column is not None:
            copied = Constraint("check", [self.rng.choice(
                ("CHECK (nosuchcolumn > 1)", "PRIMARY KEY PRIMARY KEY", "NOT", "CHECK (1"))])
            column.constraints.append(copied)  # fmt: skip

    def all(self):
        """Change something, in one to five steps."""
        steps = (
            (self.drop_column, 3), (self.add_column, 4), (self.rename, 4),
            (self.retype, 4), (self.reorder, 2), (self.reckon, 2), (self.swap, 0.0),
            (self.drop_constraint, 5), (self.add_constraint, 6),
            (self.add_table_constraint, 3), (self.toggle_strict, 1),
            (self.toggle_rowid, 1), (self.toggle_autoincrement, 1.5),
            (self.change_key, 1), (self.regenerate, 1), (self.reword, 2),
            (self.other_name, 1), (self.duplicate, 0.2),
        )  # fmt: skip
        makes = [make for make, _ in steps]
        weights = [weight for _, weight in steps]
        count = self.rng.choice((0, 1, 1, 1, 2, 2, 3, 5))
        for make in self.rng.choices(makes, weights, k=count):
            make()
        self.case.whole = self.chance(0.4)
        tidy(self.case)


def suits(kind):
    """Return a type of a STRICT table in the place of another."""
    kind = kind.upper()
    if "INT" in kind:
        return "INTEGER"
    if "CHAR" in kind or "CLOB" in kind or "TEXT" in kind:
        return "TEXT"
    return "REAL" if any(w in kind for w in ("REAL", "FLOA", "DOUB")) else "ANY"


def takes_name(case, column):
    """Return whether the mapping of a new column would rename another one."""
    parts = [p for p in case.mapping[column.key] if p != " /* , */ "]
    if len(parts) != 1 or parts == [column.key] or case.old.column(column.key):
        return False
    name = folded(case.old.column(parts[0]).name)
    return name not in {folded(c.name) for c in case.new.columns}


def tidy(case):
    """Take back what the mapping cannot say."""
    for key in list(case.mapping):
        column = case.new.column(key)
        if column is None or column.find("generated") or takes_name(case, column):
            del case.mapping[key]
    taken = set()
    for column in case.new.columns:
        old = case.old.column(column.key)
        renamed = old is not None and folded(old.name) != folded(column.name)
        if renamed and column.key not in case.mapping:
            column.name, column.spelled = old.name, old.spelled
        taken.add(folded(column.name))

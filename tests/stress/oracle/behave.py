"""What is tried on the new table: random changes, as Items."""

from generate import OTHER, PARENT
from model import ROWID, TABLE, Item, joined, quoted


class Behave:
    """Adds random changes of the new table and of what is around it."""

    def __init__(self, maker):
        self.maker = maker
        self.rng = maker.rng
        self.case = maker.case
        self.new = maker.case.new
        self.columns = [c for c in self.new.columns if not c.find("generated")]
        self.named = [item for item in self.case.then if item.name]

    def add(self, parts):
        self.case.after.append(Item("after", parts))

    def conflict(self):
        return self.rng.choice(("", "", "", " OR IGNORE", " OR REPLACE", " OR FAIL",
                                " OR ROLLBACK"))  # fmt: skip

    def literal(self, column):
        return self.maker.literal(column)

    def insert(self):
        chosen = [c for c in self.columns if self.rng.random() < 0.8]
        start = ["INSERT", self.conflict(), " INTO ", TABLE]
        if not chosen:
            self.add([*start, " DEFAULT VALUES"])
            return
        names = joined([c.key] for c in chosen)
        values = ", ".join(self.literal(c) for c in chosen)
        self.add([*start, " (", *names, f") VALUES ({values})"])

    def again(self):
        """Insert what is there already, to meet every key."""
        names = joined([c.key] for c in self.columns)
        self.add(["INSERT", self.conflict(), " INTO ", TABLE, " (", *names, ") SELECT ",
                  *names, " FROM ", TABLE, " ORDER BY ", *names, " LIMIT 2"])  # fmt: skip

    def condition(self):
        if self.new.rowid() and self.rng.random() < 0.7:
            return [" WHERE ", ROWID, f" % {self.rng.choice((2, 3, 5))} = 1"]
        column = self.rng.choice(self.new.columns)
        return [" WHERE ", column.key, " = ", self.literal(column)]

    def update(self):
        column = self.rng.choice(self.columns)
        self.add(["UPDATE", self.conflict(), " ", TABLE, " SET ", column.key, " = ",
                  self.literal(column), *self.condition()])  # fmt: skip

    def delete(self):
        self.add(["DELETE FROM ", TABLE, *self.condition()])

    def around(self):
        """Change the parent, the table with triggers, a child or a view."""
        choice = [
            [f"INSERT INTO {OTHER} (x) VALUES ({self.rng.randrange(9)})"],
            [f"UPDATE {OTHER} SET x = x || 'z'"],
            [f"DELETE FROM {quoted(PARENT)} WHERE id = {self.rng.choice((1, 2, 3))}"],
            [f"UPDATE {quoted(PARENT)} SET id = id + 10, code = code WHERE id = 2"],
        ]
        for item in self.named:
            choice.append([f"DELETE FROM {item.name}"])
            if item.kind == "child":
                choice.append([f"INSERT INTO {item.name} (r) VALUES (1)"])
            else:
                choice.append([f"SELECT * FROM {item.name} ORDER BY 1"])
        self.add(self.rng.choice(choice))

    def ordered(self):
        """Read by a column, through an index where there is one."""
        column = self.rng.choice(self.new.columns)
        self.add(["SELECT ", column.key, " FROM ", TABLE, " ORDER BY ", column.key])

    def all(self):
        for _ in range(self.rng.choice((3, 6, 10))):
            make = self.rng.choice(
                (self.insert, self.insert, self.again, self.update, self.update,
                 self.delete, self.around, self.around, self.ordered)
            )  # fmt: skip
            make()


WAYS = ("direct", "direct", "transaction", "migration", "migration, keys off")


def surround(maker):
    """Choose the environment of a case."""
    rng, case = maker.rng, maker.case
    case.way = rng.choice(WAYS)
    case.foreign_keys = rng.random() < 0.6
    case.place = rng.choice((":memory:", ":memory:", ":memory:", "file", "wal"))
    case.undo = rng.random() < 0.5
    for name, share in (
        ("recursive_triggers", 0.15),
        ("legacy_alter_table", 0.1),
        ("reverse_unordered_selects", 0.05),
    ):
        if rng.random() < share:
            case.pragmas[name] = 1

"""Random indexes, triggers, views and children of a table, as Items."""

import words
from generate import CHILD, LOG, OTHER
from model import ROWID, TABLE, Item, joined, keys_of, quoted


class Around:
    """Adds what hangs on the table of a Maker."""

    def __init__(self, maker):
        self.maker = maker
        self.rng = maker.rng
        self.case = maker.case
        self.table = maker.case.old
        self.keys = [c.key for c in self.table.columns]
        self.plain = [c.key for c in self.table.columns if not c.find("generated")]
        self.number = 0

    def chance(self, share):
        return self.rng.random() < share

    def fresh(self, stem):
        """Return a new name of an object, as SQL."""
        self.number += 1
        odd = self.rng.choice(("", "", " of 'x'", "-%", ' "q"', "ß"))
        return quoted(f"{stem}{self.number}{odd}")

    def add(self, kind, parts, name=""):
        self.case.then.append(Item(kind, parts, name))

    def index(self):
        """Add an index: plain, unique, partial, of an expression."""
        chosen = self.rng.sample(self.keys, min(len(self.keys), self.rng.choice((1, 1, 2))))
        terms = self.maker.terms(chosen)
        if self.chance(0.2):
            terms = joined((words.expression(self.rng, self.plain), terms))
        parts = [
            "CREATE UNIQUE INDEX " if self.chance(0.2) else "CREATE INDEX ",
            self.fresh("i") + " ON ", TABLE, " (", *terms, ")",
        ]  # fmt: skip
        if self.chance(0.25):
            parts += [" WHERE ", *words.check(self.rng, self.plain)]
        self.add("index", parts)

    def log(self, event):
        """Return a statement of a trigger of the table itself."""
        key = self.rng.choice(self.keys)
        new = "NULL" if event == "DELETE" else "NEW."
        old = "NULL" if event == "INSERT" else "OLD."
        return [
            f" INSERT INTO {LOG} (what, old_value, new_value) VALUES ('{event}', ",
            *([old, key] if old != "NULL" else [old]), ", ",
            *([new, key] if new != "NULL" else [new]), ");",
        ]  # fmt: skip

    def own_trigger(self):
        """Add a trigger on the table, TEMP at times."""
        event = self.rng.choice(("INSERT", "UPDATE", "DELETE"))
        parts = ["CREATE TEMP TRIGGER " if self.chance(0.25) else "CREATE TRIGGER "]
        parts += [self.fresh("own"), self.rng.choice((" AFTER ", " BEFORE ", " ")), event]
        if event == "UPDATE" and self.chance(0.5):
            chosen = self.rng.sample(self.keys, min(len(self.keys), 2))
            parts += [" OF ", *joined([key] for key in chosen)]
        parts += [" ON ", TABLE, self.rng.choice(("", " FOR EACH ROW"))]
        if self.chance(0.2):
            side = "OLD." if event == "DELETE" else "NEW."
            parts += [" WHEN ", side, self.rng.choice(self.keys), " IS NOT 'quiet'"]
        parts += [" BEGIN", *self.log(event)]
        if self.chance(0.15):
            key = self.rng.choice(self.keys)
            parts += [f" UPDATE {OTHER} SET y = (SELECT max(", key, ") FROM ", TABLE, ");"]
        if self.chance(0.1):
            parts.append(" SELECT RAISE(IGNORE) WHERE 0; -- end\n")
        self.add("trigger", [*parts, " END"])

    def other_trigger(self):
        """Add a trigger of another table that mentions this one."""
        key = self.rng.choice(self.plain)
        parts = ["CREATE TEMP TRIGGER " if self.chance(0.2) else "CREATE TRIGGER "]
        place = "main." if parts[0] == "CREATE TEMP TRIGGER " else ""
        body = self.rng.choice(
            (
                [" UPDATE ", TABLE, " SET ", key, " = NEW.x WHERE ", key, " IS NULL;"],
                [" INSERT OR IGNORE INTO ", TABLE, " (", key, ") VALUES (NEW.x);"],
                [" DELETE FROM ", TABLE, " WHERE ", key, " = NEW.x;"],
                [f" INSERT INTO {LOG} (what) SELECT ", key, " FROM ", TABLE, ";"],
            )
        )
        event = self.rng.choice(("INSERT", "UPDATE OF x"))
        parts += [self.fresh("far"), f" AFTER {event} ON {place}{OTHER} BEGIN", *body]
        self.add("trigger", [*parts, " END"])

    def view(self):
        """Add a view, with an INSTEAD OF trigger or a view on it at times."""
        name = self.fresh("v")
        key, second = self.rng.choice(self.keys), self.rng.choice(self.keys)
        query = self.rng.choice(
            (
                ["SELECT * FROM ", TABLE],
                ["SELECT ", key, " AS x, count(*) AS n FROM ", TABLE, " GROUP BY 1"],
                ["SELECT v.", key, " AS x, v.", second, " FROM ", TABLE, " AS v"],
                ["WITH w AS (SELECT ", key, " FROM ", TABLE, ") SELECT * FROM w"],
                ["SELECT ", TABLE, ".", key, " AS x, y FROM ", TABLE, f", {OTHER}"],
            )
        )
        temporary = "TEMP " if self.chance(0.15) else ""
        self.add("view", [f"CREATE {temporary}VIEW {name} AS ", *query], name)
        if self.chance(0.3):
            self.add("view", [f"CREATE VIEW {self.fresh('w')} AS SELECT * FROM {name}"])
        elif self.chance(0.4):
            write = self.rng.choice(self.plain)
            self.add("trigger", [
                f"CREATE {temporary}TRIGGER {self.fresh('instead')} INSTEAD OF DELETE ON "
                f"{name} BEGIN UPDATE ", TABLE, " SET ", write, " = ", write,
                f"; INSERT INTO {LOG} (what) VALUES ('instead'); END",
            ])  # fmt: skip

    def child(self):
        """Add a table with a foreign key to this one."""
        primary, _ = self.table.primary()
        key = next(iter(keys_of(primary.terms)), None) if primary else None
        if primary is None or len(keys_of(primary.terms)) != 1:
            return
        target = self.rng.choice(([TABLE], [TABLE, "(", key, ")"]))
        actions = self.rng.choice(words.ACTIONS) + self.rng.choice(words.DEFERRED)
        name = quoted(self.fresh(CHILD).strip('"').replace('""', ""))
        self.add(
            "child",
            [f"CREATE TABLE {name} (n INTEGER PRIMARY KEY, r DEFAULT NULL REFERENCES ",
             *target, f"{actions})"],
            name,
        )  # fmt: skip
        self.add(
            "rows",
            [f"INSERT INTO {name} (r) SELECT ", key, " FROM ", TABLE, " LIMIT 4"],
        )

    def changes(self):
        """Change rows that are there: gaps, a sequence above the maximum."""
        if self.chance(0.5) and self.table.rowid():
            self.add("delete", ["DELETE FROM ", TABLE, " WHERE ", ROWID, " % 3 = 0"])
        if self.chance(0.2) and self.table.rowid():
            name = self.table.rowid()
            self.add(
                "delete",
                ["DELETE FROM ", TABLE, f" WHERE {name} = (SELECT max({name}) FROM ",
                 TABLE, ")"],
            )  # fmt: skip
        if self.chance(0.1):
            self.add("delete", ["DELETE FROM ", TABLE])

    def all(self):
        """Add a random choice of everything."""
        for make, counts in (
            (self.changes, (1,)),
            (self.child, (0, 0, 1, 1, 2)),
            (self.index, (0, 1, 1, 2, 3)),
            (self.view, (0, 0, 1, 2)),
            (self.own_trigger, (0, 0, 1, 2, 3)),
            (self.other_trigger, (0, 0, 0, 1, 2)),
        ):
            for _ in range(self.rng.choice(counts)):
                make()
        if self.chance(0.25):
            self.add("analyze", ["ANALYZE"])
        if self.chance(0.03):
            self.add("view", ["CREATE VIEW broken AS SELECT * FROM nowhere"])

"""Random schemas: whatever way one is written, its fingerprint is the same;
whatever is changed in it, the fingerprint is another.

MIGRATE_TEST_SCHEMAS says how many (1000), MIGRATE_TEST_SEED where to begin.
"""

import os
import random
import sqlite3

from schemas import in_any_order, mutated, quoted, schema, written
from tools import connect, one, same

COUNT = int(os.environ.get("MIGRATE_TEST_SCHEMAS", "1000"))
SEED = int(os.environ.get("MIGRATE_TEST_SEED", "20"))


class Place:
    """A connection on which schemas are made and undone."""

    def __init__(self):
        self.db = connect(":memory:")

    def fingerprint(self, statements):
        """That of a schema; None when the engine refuses it."""
        self.db.execute("BEGIN")
        try:
            for statement in statements:
                self.db.execute(statement)
            return one(self.db, "SELECT migrate_fingerprint()")
        except sqlite3.Error:
            return None
        finally:
            self.db.execute("ROLLBACK")


def texts(source, made):
    return [written(source, statement)
            for statement in in_any_order(source, made)]


def test_each_way_to_write_a_schema(_):
    place = Place()
    tried = 0
    for seed in range(SEED, SEED + COUNT):
        source = random.Random(seed)
        made = schema(source)
        first = texts(source, made)
        found = place.fingerprint(first)
        if found is None:
            continue
        tried += 1
        for _ in range(2):
            second = texts(source, made)
            if place.fingerprint(second) != found:
                raise AssertionError(f"seed {seed}\n" + ";\n".join(first)
                                     + "\n\nis not\n\n" + ";\n".join(second))
    print(f"# {tried} schemas from seed {SEED} on")
    assert tried > COUNT / 3, tried


def test_each_mutation_of_a_schema(_):
    place = Place()
    tried = 0
    for seed in range(SEED, SEED + COUNT):
        source = random.Random(seed)
        made = schema(source)
        first = texts(source, made)
        found = place.fingerprint(first)
        for _ in range(4 if found is not None else 0):
            changed = mutated(source, made)
            if changed is None:
                continue
            second = texts(source, changed)
            other = place.fingerprint(second)
            tried += other is not None
            if other == found:
                raise AssertionError(f"seed {seed}\n" + ";\n".join(first)
                                     + "\n\nis the same as\n\n"
                                     + ";\n".join(second))
    print(f"# {tried} mutations from seed {SEED} on")
    assert tried > COUNT / 3, tried


def renamed(made, old, new):
    """The schema with another name in the place of a table's."""
    return [([(kind, new) if kind in "dne" and text.lower() == old.lower()
              else (kind, text) for kind, text in statement], needs)
            for statement, needs in made]


def test_each_table_that_is_renamed(_):
    """What ALTER TABLE makes of all texts is what one would have written."""
    place = Place()
    tried = 0
    for seed in range(SEED, SEED + COUNT):
        source = random.Random(seed)
        made = schema(source)
        # Names that no column has.
        tables = [statement[2][1] for statement, needs in made
                  if statement[1] == ("k", "TABLE")
                  and statement[2][1] not in ("order", "t")]
        if not tables:
            continue
        old = source.choice(tables)
        new = source.choice(["Fresh", "new table", 'q"t', "T"])
        first = texts(source, made) + [
            f"ALTER TABLE {quoted(source, old, '[')} RENAME TO "
            + quoted(source, new, '"')]
        found = place.fingerprint(first)
        second = texts(source, renamed(made, old, new))
        if found is None:
            continue
        tried += 1
        if place.fingerprint(second) != found:
            raise AssertionError(f"seed {seed}\n" + ";\n".join(first)
                                 + "\n\nis not\n\n" + ";\n".join(second))
    print(f"# {tried} tables from seed {SEED} on")
    assert tried > COUNT / 5, tried

"""A large SQLite table gets a new definition: here, by hand, by other tools.

    tests/bench/run --rebuild [--rows N]

One column is retyped and one CHECK added, which takes a copy; then constraints
alone are changed.  All work on copies of the same file, in turn, with SQLite's
own defaults: journal_mode=delete, synchronous=full, 2 MB of cache.  What is
left of trigger, CHECK, indexes and rows is looked at after each run.

By hand are the steps of SQLite's manual in one transaction, in the orders that
one may choose.  The fastest is what the others are compared with.
"""

import os
import shutil

import layouts
from engines import output_of
from measure import Command, median
from report import header, megabytes, ratio, row, seconds
from tools import PYTHON, succeeds

LIMIT = 3600  # seconds for one run
# Above it an index that is filled row by row outgrows the cache: many minutes.
MOST_BY_ROW = 1000000
TABLE = """{name} (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER{required}{references},
    name TEXT NOT NULL,
    price {price},
    amount INTEGER NOT NULL DEFAULT {amount}{check},
    note TEXT,
    created_at TEXT NOT NULL
)"""
OLD = {
    "name": "item", "required": " NOT NULL", "references": "", "price": "TEXT NOT NULL",
    "amount": "0", "check": " CHECK (amount >= 0)",
}  # fmt: skip
COPIED = {"price": "INTEGER NOT NULL CONSTRAINT price_positive CHECK (price >= 0)"}
INDEXES = """\
CREATE INDEX item_name ON item (name);
CREATE INDEX item_customer ON item (customer_id, amount);
"""
TRIGGER = """\
CREATE TRIGGER item_price AFTER UPDATE OF price ON item BEGIN
    INSERT INTO log (item_id, price) VALUES (OLD.id, OLD.price);
END;
"""
ROWS = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {})\n"
CONSTRAINTS = {
    "drop NOT NULL": {"required": ""},
    "add CHECK": {"price": "TEXT NOT NULL CHECK (price >= '0')"},
    "drop CHECK": {"check": ""},
    "change a default": {"amount": "7"},
    "add a foreign key": {"references": " REFERENCES customer (id)"},
}
ALEMBIC = """\
import sys
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations

engine = sqlalchemy.create_engine("sqlite:///" + sys.argv[1])
with engine.begin() as connection:
    op = Operations(MigrationContext.configure(connection))
    with op.batch_alter_table("item") as batch:
        batch.alter_column("price", type_=sqlalchemy.Integer())
        batch.create_check_constraint("price_positive", "price >= 0")
"""


def table(changes):
    """Return the definition of the table with some parts changed."""
    return TABLE.format(**{**OLD, **changes})


def write_base(folder, rows):
    """Make the database that every run starts from; return its path."""
    path = f"{folder}/base.db"
    script = (
        "PRAGMA journal_mode = OFF;\nPRAGMA synchronous = OFF;\n"
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
        f"CREATE TABLE {table({})};\n"
        "CREATE TABLE log (id INTEGER PRIMARY KEY, item_id, price);\n"
        "CREATE TABLE line (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL"
        " REFERENCES item (id) ON DELETE CASCADE);\n"
        + ROWS.format(1000)
        + "INSERT INTO customer SELECT i, 'customer ' || i FROM n;\n"
        + ROWS.format(rows)
        + "INSERT INTO item SELECT i, i * 7919 % 1000 + 1, 'name of item number '"
        " || (i * 7919 % 1000003), i % 100000, i % 50, 'note ' || i % 1000,"
        " '2026-01-01' FROM n;\n"
        + ROWS.format(rows // 100)
        + "INSERT INTO line (item_id) SELECT i * 100 FROM n;\n"
        "CREATE INDEX line_item ON line (item_id);\n" + INDEXES + TRIGGER
    )
    layouts.write(f"{folder}/base.sql", script)
    output_of("sqlite3", "-batch", "-bail", path, f".read {folder}/base.sql")
    return path


def by_hand(order):
    """Return the steps of the manual; indexes are built before, between, after."""
    rename = (
        "DROP TABLE item;\nPRAGMA legacy_alter_table = ON;\n"
        "ALTER TABLE item_new RENAME TO item;\nPRAGMA legacy_alter_table = OFF;\n"
    )
    copy = "INSERT INTO item_new SELECT * FROM item;\n"
    drop = "DROP INDEX item_name;\nDROP INDEX item_customer;\n"
    early = drop + INDEXES.replace(" ON item ", " ON item_new ")
    steps = {
        "after the copy": copy + rename + INDEXES,
        "after the copy, the old ones dropped first": drop + copy + rename + INDEXES,
        "between copy and DROP TABLE": copy + early + rename,
        "before the copy": early + copy + rename,
    }
    return (
        "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
        f"CREATE TABLE {table({**COPIED, 'name': 'item_new'})};\n"
        f"{steps[order]}{TRIGGER}PRAGMA foreign_key_check;\nCOMMIT;\n"
    )


ORDERS = (
    "after the copy",
    "after the copy, the old ones dropped first",
    "between copy and DROP TABLE",
    "before the copy",
)


class Way:
    """One line of the table: a name, and the command for a database."""

    def __init__(self, name, command, lacking=None, note=""):
        self.name = name
        self.command = command
        self.lacking = lacking  # why it cannot run here
        self.note = note
        self.runs = []
        self.left = ""


def rebuild_script(engine, changes):
    """Return the script that calls migrate_rebuild()."""
    definition = table(changes).replace("'", "''")
    return (
        f"{engine.prologue()}SELECT migrate_rebuild('item', 'CREATE TABLE {definition}');\n"
    )


def ours(engine, name, changes):
    """Return the Way of this extension."""
    script = rebuild_script(engine, changes)
    return Way(name, lambda path: engine.shell(path, script), engine.lacking())


def copies(engine, folder, rows):
    """Return the ways of the copy: ours, by hand, and the other tools."""
    layouts.write(f"{folder}/batch.py", ALEMBIC)
    found = [ours(engine, "**migrate_rebuild**", COPIED)]
    for order in ORDERS:
        slow = order == "before the copy" and rows > MOST_BY_ROW
        found.append(
            Way(
                f"by hand, indexes {order}",
                lambda path, order=order: engine.shell(path, by_hand(order)),
                f"only up to {MOST_BY_ROW:,} rows: it takes too long" if slow else None,
            )
        )
    alembic = succeeds(PYTHON, "-c", "import alembic, sqlalchemy")
    found.append(
        Way(
            "alembic, batch mode",
            lambda path: Command([PYTHON, f"{folder}/batch.py", path]),
            None if alembic else "not installed: python3-alembic",
        )
    )
    transform = shutil.which("sqlite-utils")
    found.append(
        Way(
            "sqlite-utils transform",
            lambda path: Command(
                [transform, "transform", path, "item", "--type", "price", "integer"]
            ),
            None if transform else "not installed: sqlite-utils",
            "cannot add a CHECK",
        )
    )
    layouts.write(f"{folder}/again.sql", INDEXES + TRIGGER)
    again = f"sqlite3 -bail {{0}} '.read {folder}/again.sql'"
    found.append(
        Way(
            "sqlite-utils transform, indexes and trigger made again",
            lambda path: Command(
                ["sh", "-c", f"{transform} transform {path} item --type price integer"
                 f" && {again.format(path)}"]
            ),  # fmt: skip
            None if transform else "not installed: sqlite-utils",
            "cannot add a CHECK",
        )
    )
    return found


def left_of(path):
    """Return what a run has lost, in words."""
    script = (
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger';\n"
        "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'item';\n"
        "SELECT sql LIKE '%CHECK (amount%' FROM sqlite_schema WHERE name = 'item';\n"
        "SELECT count(*) FROM line;\nSELECT count(*) FROM item;\n"
    )
    trigger, indexes, check, lines, rows = map(
        int, output_of("sqlite3", path, script).split()
    )
    lost = [] if trigger else ["the trigger"]
    lost += [] if indexes == 2 else ["indexes"]
    lost += [] if check else ["CHECK (amount >= 0)"]
    lost += [] if lines * 100 == rows else ["child rows"]
    return ", ".join(lost)


def run_once(engine, folder, base, way):
    """Run a way once on a fresh copy; note it where it fails."""
    path = f"{folder}/run.db"
    shutil.copyfile(base, path)
    run = engine.run(way.command(path), LIMIT)
    try:
        if run.status != 0 or run.cut:
            way.lacking = f"**failed**: {run.problem or 'takes too long'}"
            return
        if not way.runs:
            way.left = left_of(path)
        way.runs.append(run)
    finally:
        os.remove(path)


def measure(engine, folder, base, ways, runs):
    """Run all ways in turn; of those by hand only the best after the first."""
    able = [way for way in ways if not way.lacking]
    for turn in range(runs):
        for way in able:
            if not way.lacking:
                run_once(engine, folder, base, way)
        if turn == 0:
            hand = [way for way in able if way.name.startswith("by hand")]
            slower = sorted(hand, key=lambda way: way.runs[0].wall)[2:]
            able = [way for way in able if way not in slower]


def print_copies(ways):
    """Print the copies; return the median of ours, None if it has none."""
    hand = [way for way in ways if way.name.startswith("by hand")]
    best = min(median(way.runs, "wall") for way in hand if way.runs)
    header("Copy: retype a column, add a CHECK", "s", "runs", "to the best by hand",
           "CPU, s", "MB", "lost", "note")  # fmt: skip
    for way in ways:
        if way.lacking:
            row(way.name, "–", 0, "–", "–", "–", "–", way.lacking)
            continue
        wall = median(way.runs, "wall")
        row(way.name, seconds(wall), len(way.runs), ratio(wall, best),
            seconds(median(way.runs, "cpu")), megabytes(median(way.runs, "memory")),
            way.left or "nothing", way.note)  # fmt: skip
    print(flush=True)
    return median(ways[0].runs, "wall") if ways[0].runs else None


def report(engine, folder, options):
    """Measure and print both tables; return whether something failed."""
    base = write_base(folder, options.rows)
    size = os.path.getsize(base) / 1e6
    print(f"### A table of {options.rows:,} rows, {size:.0f} MB\n", flush=True)
    ways = copies(engine, folder, options.rows)
    changes = [ours(engine, name, change) for name, change in CONSTRAINTS.items()]
    measure(engine, folder, base, ways + changes, options.runs)
    copy = print_copies(ways)
    header("Constraints alone, migrate_rebuild", "s", "% of its copy")
    for way in changes:
        if way.lacking:
            row(way.name, "–", way.lacking)
            continue
        wall = median(way.runs, "wall")
        row(way.name, seconds(wall), f"{wall / copy * 100:.2f}" if copy else "–")
    print(flush=True)
    return any("failed" in (way.lacking or "") for way in ways + changes)

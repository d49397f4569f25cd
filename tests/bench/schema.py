"""What it costs to know a schema: fingerprint, drift, and recording.

    tests/bench/run --schema [--tables N] [--files N]

N tables (1,000) of twelve columns, with a foreign key and two indexes each, all
recorded by the extension.  Then, in turn: on PostgreSQL `pg_dump -s`, which reads
as much, and alembic's comparison of a model of the same tables, which is what its
autogenerate does.  Aims: fingerprint and drift take at most half as long as
`pg_dump -s`, a tenth of alembic's time; SQLite at most 50 ms inside the engine.

Then what a migration costs that changes one of these tables, and with FILES
migrations (5,000) what it costs to look at them: at most 20 ms.
"""

import statistics
import sys

import layouts
import report
from measure import Command, median

LIMIT = 1800  # seconds, for one run
INSIDE = 7  # calls in one process, of which the median counts
CHANGES = 20  # migrations that change one table each
TYPES = (
    ("integer", "Integer()"), ("text", "Text()"), ("bigint", "BigInteger()"),
    ("numeric(12, 2)", "Numeric(12, 2)"), ("boolean", "Boolean()"),
    ("timestamp", "TIMESTAMP()"), ("date", "Date()"),
    ("varchar(80)", "String(80)"), ("text", "Text()"), ("integer", "Integer()"),
)

ALEMBIC = """
import sys
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import *
metadata = MetaData()
types = [{types}]
for i in range({count}):
    table = Table(f"item_{{i}}", metadata, Column("id", Integer, primary_key=True),
        Column("parent", Integer, ForeignKey(f"item_{{max(i - 1, 0) // 2}}.id")),
        *(Column(f"c{{k}}", kind) for k, kind in enumerate(types)))
    Index(f"item_{{i}}_parent", table.c.parent)
    Index(f"item_{{i}}_two", table.c.c1, table.c.c2)
engine = create_engine({url!r})
with engine.connect() as connection:
    found = compare_metadata(MigrationContext.configure(connection), metadata)
found = [each for each in found if not "migrate_" in str(each)]
if found:
    sys.exit(f"{{len(found)}} differences: {{found[0]}}")
"""


def tables(count):
    """Return the SQL that makes COUNT tables."""
    columns = ", ".join(f"c{i} {name}" for i, (name, _) in enumerate(TYPES))
    return "".join(
        f"CREATE TABLE item_{i} (id integer NOT NULL PRIMARY KEY, parent integer "
        f"REFERENCES item_{max(i - 1, 0) // 2} (id), {columns});\n"
        f"CREATE INDEX item_{i}_parent ON item_{i} (parent);\n"
        f"CREATE INDEX item_{i}_two ON item_{i} (c1, c2);\n"
        for i in range(count)
    )


def must(engine, database, text, timed=False):
    """Run a script; return its output."""
    run = engine.run(engine.shell(database, engine.prologue() + text, timed), LIMIT)
    if run.status != 0 or run.cut:
        raise RuntimeError(run.problem or run.output)
    return run.output


def inside(engine, database, sql):
    """Return the median of what a statement takes in one process, in seconds.

    The first call, which plans what later ones use, does not count.
    """
    given = engine.times(must(engine, database, f"{sql};\n" * (INSIDE + 1), True))
    return statistics.median(given[-INSIDE:])


def commands(engine, database, count):
    """Return what is measured as processes, by their names."""
    found = {}
    if engine.name == "postgresql":
        found["pg_dump -s"] = Command(["pg_dump", "-s", "-d", database])
    for function in ("migrate_fingerprint()", "migrate_drift()"):
        what = "SELECT" if "finger" in function else "SELECT * FROM"
        found[function] = engine.shell(
            database, f"{engine.prologue()}{what} {function};\n"
        )
    script = ALEMBIC.format(
        types=", ".join(kind for _, kind in TYPES), count=count,
        url=engine.alembic_url(database),
    )
    found["alembic, compare_metadata"] = Command(["/usr/bin/python3", "-c", script])
    return found


def compare(engine, database, options):
    """Print fingerprint and drift beside what others take."""
    chosen = commands(engine, database, options.tables)
    runs = {name: [] for name in chosen}
    for turn in range(options.runs):
        names = list(chosen)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            run = engine.run(chosen[name], LIMIT)
            if run.status == 0:
                runs[name].append(run)
            else:
                print(f"{name}: {run.problem}", file=sys.stderr)
    report.header("A process each", "wall, s", "× pg_dump -s", "× alembic",
                  "CPU, s", "× pg_dump -s", "runs")
    for name, each in runs.items():
        cells = []
        for what in ("wall", "all_cpu"):
            mine, dump, peer = (
                median(runs.get(other, []), what) if runs.get(other) else None
                for other in (name, "pg_dump -s", "alembic, compare_metadata")
            )
            cells += [report.seconds(mine), report.ratio(mine, dump),
                      report.ratio(mine, peer)]
        report.row(name, *cells[:5], len(each))
    print()
    report.header("Inside the engine, later calls", "ms")
    for what, sql in (
        ("migrate_fingerprint()", "SELECT migrate_fingerprint()"),
        ("migrate_drift()", "SELECT count(*) FROM migrate_drift()"),
    ):
        report.row(what, report.milliseconds(inside(engine, database, sql)))
    print(flush=True)


def record(engine, database):
    """Print what a migration costs that changes one of many tables."""
    def change(first, last):
        return "".join(
            f"SELECT migrate_add('{1000 + i}', 'ALTER TABLE item_{i} ADD more "
            f"integer', '');\n" for i in range(first, last)
        )

    def apply(text):
        output = must(engine, database, text + "SELECT migrate_apply();\n", True)
        return engine.times(output)[-1]

    one = apply(change(0, 1))
    many = apply(change(1, 2 + CHANGES))
    drift = inside(engine, database, "SELECT count(*) FROM migrate_drift()")
    report.header("Recording after one changed table", "ms")
    report.row("migrate_apply() of one such migration", report.milliseconds(one))
    report.row("each further one in the same call",
               report.milliseconds((many - one) / CHANGES))
    report.row("a list of all objects, for comparison", report.milliseconds(drift))
    print(flush=True)


def look(engine, folder, count):
    """Print what it costs to look at many applied migrations."""
    database = engine.create("look")
    engine.enable(database)
    for number in layouts.numbers(count):
        layouts.write(f"{folder}/look/{number}_item.sql",
                      f"CREATE TABLE item_{number} (id integer, name text);\n")
    must(engine, database, f"SELECT migrate_load('{folder}/look');\n"
         "SELECT migrate_stamp('head');\nSELECT migrate_accept();\n")
    if engine.name == "postgresql":
        must(engine, database, "VACUUM ANALYZE;\n")
    report.header(f"{count:,} migrations recorded as applied, no tables", "ms")
    for function in ("migrate_status()", "migrate_history()", "migrate_verify()"):
        value = inside(engine, database, f"SELECT count(*) FROM {function}")
        report.row(function, report.milliseconds(value))
    print(flush=True)


def run(engine, folder, options):
    """Measure one engine, and print what came out."""
    print(f"## Knowing a schema: {engine.title}, {options.tables:,} tables\n\n"
          f"- {engine.version()}\n")
    database = engine.create("schema")
    layouts.write(f"{folder}/tables.sql",
                  f"BEGIN;\n{tables(options.tables)}COMMIT;\n")
    made = engine.run(engine.floor(database, f"{folder}/tables.sql"), LIMIT)
    if made.status != 0:
        raise RuntimeError(made.problem or made.output)
    engine.enable(database)
    must(engine, database, "SELECT migrate_add('1', 'SELECT 1', '');\n"
         "SELECT migrate_apply();\nSELECT migrate_accept();\n")
    if engine.name == "postgresql":
        must(engine, database, "VACUUM ANALYZE;\n")
    compare(engine, database, options)
    record(engine, database)
    look(engine, folder, options.files)

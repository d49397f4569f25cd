"""What loading costs: many files again, unchanged.

    tests/bench/run --load [--files N]

For each format a directory with N files of about a kilobyte, beside those that
the tool keeps for itself. It is loaded once; what is measured is loading it
again, in a process of its own, beside `cat` of the same files. Aims: the native
format takes no more than 1.5 times as long as `cat` does, and no other format
more than twice as long as the native one.

All take turns. The files are in the system's cache.
"""

import base64
import hashlib
import json
import os
import statistics

from measure import Command

LIMIT = 600  # seconds, for one run
COLUMNS = "".join(
    f"    column_{i} integer NOT NULL DEFAULT {i}, -- column {i} of this table\n"
    for i in range(14)
)


def up(number):
    """The SQL of a migration, about a kilobyte."""
    return f"CREATE TABLE item_{number} (\n{COLUMNS}    id integer);\n"


def down(number):
    """The way back, as long, as most of it is a comment."""
    was = "-- " + COLUMNS.rstrip().replace("\n", "\n-- ")
    return f"{was}\nDROP TABLE item_{number};\n"


def pairs(pattern, count):
    """Up and down files, half of COUNT each."""
    for number in range(1, count // 2 + 1):
        yield pattern.format(number, "up"), up(number)
        yield pattern.format(number, "down"), down(number)


def numbered(pattern, count, before="", after=""):
    """One file for each migration."""
    for number in range(1, count + 1):
        yield pattern.format(number), (
            before.format(number) + up(number) + after.format(number)
        )


def with_drizzle(count, dialect):
    """Drizzle's journal names the files."""
    entries = [
        {"idx": i - 1, "version": "6", "when": 1700000000000 + i,
         "tag": f"{i:06}_table", "breakpoints": True}
        for i in range(1, count + 1)
    ]
    yield "meta/_journal.json", json.dumps(
        {"version": "7", "dialect": dialect, "entries": entries}, indent=2)
    yield from numbered("{:06}_table.sql", count)


def with_atlas(count):
    """atlas.sum has a hash of each file, over all before it."""
    running = hashlib.sha256()
    total = hashlib.sha256()
    lines = []
    for name, text in numbered("{:06}_table.sql", count):
        running.update(name.encode() + text.encode())
        value = base64.b64encode(running.copy().digest()).decode()
        lines.append(f"{name} h1:{value}\n")
        total.update(name.encode() + value.encode())
        yield name, text
    head = base64.b64encode(total.digest()).decode()
    yield "atlas.sum", f"h1:{head}\n" + "".join(lines)


def with_sqitch(count):
    """Sqitch's plan names the changes, half of the files each way."""
    plan = "%syntax-version=1.0.0\n%project=bench\n\n"
    for number in range(1, count // 2 + 1):
        plan += (f"item{number} 2024-01-01T00:00:00Z Ada <ada@example.org> "
                 "# a table\n")
        yield f"deploy/item{number}.sql", up(number)
        yield f"revert/item{number}.sql", down(number)
    yield "sqitch.plan", plan


def formats(count, engine):
    """The files of each format, in order of their names."""
    dialect = "sqlite" if engine == "sqlite" else "postgresql"
    return {
        "native": numbered("{:06}_table.sql", count, "-- migrate:up\n",
                           "-- migrate:down\nDROP TABLE item_{};\n"),
        "golang-migrate": pairs("{:06}_table.{}.sql", count),
        "diesel": pairs("{:014}_table/{}.sql", count),
        "sqlx": numbered("{:06}_table.sql", count),
        "prisma": [("migration_lock.toml", f'provider = "{dialect}"\n'),
                   *numbered("{:014}_table/migration.sql", count)],
        "supabase": numbered("{:014}_table.sql", count),
        "drizzle": with_drizzle(count, dialect),
        "flyway": numbered("V{}__table.sql", count),
        "atlas": with_atlas(count),
        "sqitch": with_sqitch(count),
        "liquibase": numbered(
            "{:06}_table.sql", count,
            "--liquibase formatted sql\n--changeset ada:{}\n",
            "--rollback DROP TABLE item_{};\n"),
    }


def write(folder, files):
    """Write files; returns how many bytes they have."""
    size = 0
    for path, text in files:
        full = f"{folder}/{path}"
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            size += file.write(text)
    return size


def run(engine, folder, options):
    """Measure one engine, and print what came out."""
    print(f"## Loading again: {engine.title}\n\n- {engine.version()}")
    commands = {}
    for name, files in formats(options.files, engine.name).items():
        place = f"{folder}/load-{engine.name}/{name}"
        database = engine.create(f"load_{name.replace('-', '_')}")
        engine.enable(database)
        size = write(place, files)
        script = (f"{engine.prologue()}SELECT migrate_config('format', '{name}');\n"
                  f"SELECT migrate_load('{place}');\n")
        first = engine.run(engine.shell(database, script), LIMIT)
        if first.status != 0:
            print(f"- {name}: cannot be loaded: "
                  f"{(first.problem or first.output).strip()[:200]}")
            continue
        commands[name] = (
            engine.shell(database, f"{engine.prologue()}"
                                   f"SELECT migrate_load('{place}');\n"),
            Command(["sh", "-c", f"find {place} -type f | LC_ALL=C sort "
                                 f"> {folder}/list; xargs cat < {folder}/list"]),
            Command(["sh", "-c", f"xargs cat < {folder}/list > /dev/null"]),
            size,
        )
    found = {name: ([], []) for name in commands}
    for _ in range(options.runs):
        for name, (load, listing, cat, _) in commands.items():
            engine.run(Command(["sh", "-c", f"{listing.argv[2]} > /dev/null"]), LIMIT)
            for runs, command in zip(found[name], (load, cat)):
                result = engine.run(command, LIMIT)
                if result.status != 0:
                    raise RuntimeError(f"{name}: {result.problem or result.output}")
                runs.append(result)
    show(found, commands)


def show(found, commands):
    """Print the medians."""
    def middle(runs, value):
        return 1000 * statistics.median(getattr(run, value) for run in runs)

    native = middle(found["native"][0], "all_cpu")
    print("\n| format | KB | load CPU ms | cat CPU ms | load / cat "
          "| / native | load wall ms | cat wall ms |\n"
          "|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, (loads, cats) in found.items():
        load, cat = middle(loads, "all_cpu"), middle(cats, "all_cpu")
        print(f"| {name} | {commands[name][3] // 1024} | {load:.0f} | {cat:.0f} "
              f"| {load / cat:.2f} | {load / native:.2f} "
              f"| {middle(loads, 'wall'):.0f} | {middle(cats, 'wall'):.0f} |")
    print(flush=True)

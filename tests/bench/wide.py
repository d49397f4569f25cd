"""What only PostgreSQL is measured for: many schemas, and COPY data.

    tests/bench/run --wide

prints two tables.  The floors are psql with the same SQL: a transaction for
each schema, and the same file.
"""

import os

import layouts
from measure import Command

MIGRATIONS = 50
ROWS = 1000000
TABLE = "CREATE TABLE item_{number} (id integer PRIMARY KEY, name text);\n"


def seconds(engine, database, path):
    """Return how long psql takes for the file PATH."""
    run = engine.run(Command(engine.psql(database, "-f", path)), 3600)
    if run.status != 0 or run.cut:
        raise RuntimeError(f"{path}: {run.problem or run.output}")
    return run.wall


def write_tenants(folder, count):
    """Write migrations, and the scripts of the two ways to COUNT schemas."""
    for number in layouts.numbers(MIGRATIONS):
        layouts.write(
            f"{folder}/migrations/{number}_item.sql", TABLE.format(number=number)
        )
    schemas = "".join(f"CREATE SCHEMA t{i};\n" for i in range(count))
    layouts.write(f"{folder}/schemas.sql", schemas)
    layouts.write(
        f"{folder}/load.sql",
        f"CREATE EXTENSION migrate;\nSELECT migrate_load('{folder}/migrations');\n",
    )
    layouts.write(
        f"{folder}/deploy.sql",
        "SET client_min_messages = warning;\nCALL migrate_deploy_all('t%');\n",
    )
    tables = "".join(TABLE.format(number=n) for n in layouts.numbers(MIGRATIONS))
    plain = "".join(
        f"BEGIN;\nSET LOCAL search_path = t{i};\n{tables}COMMIT;\n"
        for i in range(count)
    )
    layouts.write(f"{folder}/plain.sql", plain)


def tenants(engine, folder, counts):
    """Print what a schema costs, from few to many of them."""
    print(
        f"### {MIGRATIONS} migrations in many schemas\n\n"
        "| schemas | psql, s | migrate_deploy_all, s | ratio | ms for each "
        "schema | again, ms for each |\n| --: | --: | --: | --: | --: | --: |"
    )
    for count in counts:
        place = f"{folder}/tenants_{count}"
        write_tenants(place, count)
        plain = engine.create(f"plain_{count}")
        seconds(engine, plain, f"{place}/schemas.sql")
        floor = seconds(engine, plain, f"{place}/plain.sql")
        ours = engine.create(f"tenants_{count}")
        for script in ("schemas", "load"):
            seconds(engine, ours, f"{place}/{script}.sql")
        first = seconds(engine, ours, f"{place}/deploy.sql")
        again = seconds(engine, ours, f"{place}/deploy.sql")
        print(
            f"| {count} | {floor:.2f} | {first:.2f} | {first / floor:.2f} "
            f"| {first / count * 1000:.1f} | {again / count * 1000:.2f} |",
            flush=True,
        )
    print()


def write_copy(folder):
    """Write a script with a COPY block, as pg_dump does."""
    os.makedirs(f"{folder}/migrations", exist_ok=True)
    path = f"{folder}/migrations/1_copy.sql"
    with open(path, "w", encoding="utf-8") as file:
        file.write("CREATE TABLE copied (id integer, name text, price numeric);\n")
        file.write("COPY copied (id, name, price) FROM stdin;\n")
        for i in range(ROWS):
            file.write(f"{i}\tname of item {i}\t{i % 1000}.50\n")
        file.write("\\.\n")
    layouts.write(
        f"{folder}/load.sql",
        f"CREATE EXTENSION migrate;\nSELECT migrate_load('{folder}/migrations');\n",
    )
    layouts.write(f"{folder}/deploy.sql", "CALL migrate_deploy();\n")
    return path


def copy(engine, folder, runs):
    """Print what a block of COPY data costs."""
    place = f"{folder}/copy"
    path = write_copy(place)
    plain, load, ours = [], [], []
    for turn in range(runs):
        plain.append(seconds(engine, engine.create(f"copy_plain_{turn}"), path))
        database = engine.create(f"copy_{turn}")
        load.append(seconds(engine, database, f"{place}/load.sql"))
        ours.append(seconds(engine, database, f"{place}/deploy.sql"))
    middle = [sorted(times)[runs // 2] for times in (plain, ours, load)]
    print(
        f"### COPY FROM stdin, {ROWS:,} rows, {os.path.getsize(path) / 1e6:.0f} MB\n\n"
        "| psql -f, s | CALL migrate_deploy, s | ratio | migrate_load before it, s |\n"
        "| --: | --: | --: | --: |\n"
        f"| {middle[0]:.2f} | {middle[1]:.2f} | {middle[1] / middle[0]:.2f} "
        f"| {middle[2]:.2f} |\n",
        flush=True,
    )


def report(engine, folder, options):
    """Measure and print both."""
    copy(engine, folder, options.runs)
    tenants(engine, folder, (10, 100) if options.quick else (100, 1000))

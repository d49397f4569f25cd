"""What only SQLite is measured for: many files.

    tests/bench/run --fleet [--files N]

N small files get the same migrations: by migrate_fleet() on one thread and on
as many as there are cores, and by loops of the shell, which start a program for
each file: the sqlite3 shell with the same SQL (which keeps no record of it),
the sqlite3 shell with migrate_up(), and dbmate.  The loops get a part of the
files, since what they cost does not depend on the number.

All take turns, round after round.  With other work on the machine a second
thread has no core of its own, so look at the load, too.
"""

import os
import shutil
import statistics

import layouts
import report
import tools
from engines import ROOT
from measure import Command, measure

MIGRATIONS = 20
LOOP_FILES = 200  # of the loops, at most
LIMIT = 3600  # seconds, for one run


def make_files(folder, count):
    """Make COUNT new databases, which are empty files."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for number in range(count):
        with open(f"{folder}/{number:05}.db", "xb"):
            pass


class Fleet:
    """migrate_fleet() on so many threads; 0: one for each core."""

    share = None  # of the files: all

    def __init__(self, engine, folder, threads):
        self.name = f"migrate_fleet, {threads or os.cpu_count()} threads"
        self.script = (
            f"{engine.prologue()}SELECT migrate_load('{folder}/migrations');\n"
            f"SELECT migrate_config('fleet_threads', '{threads}');\n"
            "SELECT count(*), count(error) FROM migrate_fleet('{files}');\n"
        )

    def command(self, files):
        return Command(
            ["sqlite3", "-batch", "-bail", "-init", "/dev/null", ":memory:"],
            self.script.format(files=files),
        )


class Loop:
    """A loop of the shell over the files."""

    share = LOOP_FILES

    def __init__(self, name, body):
        self.name = name
        self.body = body

    def command(self, files):
        return Command(
            ["sh", "-c", f'set -e; for f in "{files}"/*.db; do {self.body}; done']
        )


def write(engine, folder):
    """Write the migrations; return what is compared."""
    migrations = f"{folder}/migrations"
    layouts.write_markers(migrations, MIGRATIONS)
    statements = "".join(
        layouts.script(layouts.UP, number) for number in layouts.numbers(MIGRATIONS)
    )
    layouts.write(f"{folder}/plain.sql", f"BEGIN;\n{statements}COMMIT;\n")
    shell = 'sqlite3 -batch -bail -init /dev/null "$f"'
    compared = [
        Fleet(engine, folder, 1),
        Fleet(engine, folder, 0),
        Loop("loop: sqlite3, the SQL alone", f"{shell} < {folder}/plain.sql"),
        Loop(
            "loop: sqlite3, migrate_up()",
            f"{shell} '.load {ROOT}/build/migrate' "
            f"\"SELECT migrate_up('{migrations}')\" > /dev/null",
        ),
    ]
    dbmate = next(kind for kind in tools.TOOLS if kind.short == "dbmate")(engine)
    if dbmate.lacking() is None:
        compared.append(
            Loop(
                "loop: dbmate",
                f'{dbmate.program()} --url "sqlite:$f" --migrations-dir '
                f"{migrations} --no-dump-schema migrate > /dev/null",
            )
        )
    else:
        print(f"- dbmate: {dbmate.lacking()}\n")
    return compared


def rate(engine, one, files, count):
    """Return how many files one of them does in a second."""
    run = measure(engine.helper, one.command(files), LIMIT)
    if run.status != 0 or run.cut:
        raise RuntimeError(f"{one.name}: {run.problem or run.output}")
    if isinstance(one, Fleet) and not run.output.endswith(f"{count}|0\n"):
        raise RuntimeError(f"{one.name}: {run.output}")
    return count / run.wall, run


def measure_round(engine, folder, compared, count, found):
    """Let each do its files, and do them again."""
    for one in compared:
        files = f"{folder}/files"
        number = min(count, one.share or count)
        make_files(files, number)
        first, run = rate(engine, one, files, number)
        check_some(engine, files)
        again = None
        if "SQL alone" not in one.name:
            again, _ = rate(engine, one, files, number)
        found[one.name].append((number, first, again, run.cpu / number, run.memory))
        shutil.rmtree(files)


def check_some(engine, files):
    """The first and the last file, and some between, must have all tables."""
    names = sorted(os.listdir(files))
    for name in names[:: max(1, len(names) // 20)] + names[-1:]:
        if engine.count_tables(f"{files}/{name}") != MIGRATIONS:
            raise RuntimeError(f"{name} was not migrated")


def show(found):
    """Print the medians."""
    report.header(
        "", "files", "files/s", "times one thread", "again, files/s", "CPU ms/file",
        "peak MB",
    )
    floor = None
    for name, rounds in found.items():
        middle = [
            statistics.median([values[i] for values in rounds if values[i] is not None])
            if rounds[0][i] is not None else None
            for i in range(5)
        ]
        floor = floor or middle[1]
        report.row(
            name, int(middle[0]), f"{middle[1]:.0f}", f"{middle[1] / floor:.2f}",
            "–" if middle[2] is None else f"{middle[2]:.0f}",
            report.milliseconds(middle[3]), report.megabytes(middle[4]),
        )
    print()


def run(engine, folder, options):
    """Measure and print."""
    if engine.lacking():
        print(engine.lacking())
        return
    place = f"{folder}/fleet"
    compared = write(engine, place)
    found = {one.name: [] for one in compared}
    print(f"### {MIGRATIONS} migrations in {options.files:,} files\n")
    for _ in range(options.runs):
        measure_round(engine, place, compared, options.files, found)
    show(found)
    print(f"- load of the machine at the end: {os.getloadavg()[0]:.1f}\n")

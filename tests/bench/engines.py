"""The two engines: fresh databases, the plain shell, what the server cost."""

import glob
import os
import re
import shutil
import subprocess
import time

from measure import Command, measure

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_BUILT = 'not built: run "make"'

# What the PostgreSQL measurements run with.  fsync and full_page_writes stay
# on, as in production; autovacuum is off so that its work falls in no one's
# time; 5,000 migrations in one transaction hold some 25,000 locks.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "max_locks_per_transaction": "1024",
}


def output_of(*argv, **options):
    """Return the standard output of a command that must succeed."""
    return subprocess.run(
        argv, check=True, stdout=subprocess.PIPE, text=True, **options
    ).stdout.strip()


class Sqlite:
    """SQLite: a database is a file in a folder of its own."""

    name = "sqlite"
    title = "SQLite"
    needs = "sqlite3"  # the program without which there is nothing to measure
    sqitch = "sqlite"
    schema_query = "SELECT count(*) FROM sqlite_schema;"

    def __init__(self, folder, helper):
        self.folder = folder
        self.helper = helper
        self.module = os.path.join(ROOT, "build", "migrate")

    def start(self):
        """Nothing to start."""

    def stop(self):
        """Nothing to stop."""

    def version(self):
        """Return the engine's version and what else a reader must know."""
        version = output_of("sqlite3", "--version").split()[0]
        return f"SQLite {version}, journal_mode=delete, synchronous=full"

    def lacking(self):
        """Return why this extension cannot run here, or None."""
        if not os.path.exists(self.module + ".so"):
            return NOT_BUILT
        return None

    def create(self, name):
        """Return a new empty database (it has no file yet)."""
        folder = f"{self.folder}/{name}"
        os.makedirs(folder)
        return f"{folder}/bench.db"

    def drop(self, database):
        """Delete a database."""
        shutil.rmtree(os.path.dirname(database))

    def enable(self, database):
        """Make the extension ready in a database: it is loaded each time."""

    def prologue(self):
        """Return what a script says first to have the extension."""
        return f".load {self.module}\n"

    def shell(self, database, text, timed=False):
        """Return the command by which the shell runs a script."""
        # The shell reads what it is given line by line; .timer must come first.
        if timed:
            text = ".timer on\n" + text
        return Command(
            ["sqlite3", "-batch", "-bail", "-init", "/dev/null", database], text
        )

    def floor(self, database, path):
        """Return the command by which the shell runs the file PATH."""
        return self.shell(database, f".read {path}\n")

    def times(self, output):
        """Return the times that a timed script printed, in seconds."""
        return [
            float(t) for t in re.findall(r"^Run Time: real ([0-9.]+)", output, re.M)
        ]

    def count_tables(self, database):
        """Return how many of the benchmark's tables a database has."""
        if not os.path.exists(database):
            return 0
        return int(
            output_of(
                "sqlite3",
                database,
                "SELECT count(*) FROM sqlite_schema"
                " WHERE type = 'table' AND name LIKE 'item\\_%' ESCAPE '\\'",
            )
        )

    def dbmate_url(self, database):
        """Return the database as dbmate names it."""
        return f"sqlite:{database}"

    def alembic_url(self, database):
        """Return the database as SQLAlchemy names it."""
        return f"sqlite:///{database}"

    def sqitch_url(self, database):
        """Return the database as sqitch names it."""
        return f"db:sqlite:{database}"

    def run(self, command, limit):
        """Run a command and return what it cost."""
        return measure(self.helper, command, limit)


class Postgres:
    """PostgreSQL: a server of our own, on a Unix socket, as a test's."""

    name = "postgresql"
    title = "PostgreSQL"
    needs = os.environ.get("PG_CONFIG", "pg_config")
    sqitch = "pg"
    schema_query = "SELECT count(*) FROM pg_class;"
    script = os.path.join(ROOT, "tests", "pg", "cluster")

    def __init__(self, folder, helper):
        self.folder = f"{folder}/cluster"
        self.helper = helper
        self.programs = output_of(self.needs, "--bindir")
        # Debian's /usr/bin/psql is a Perl script that looks for the right psql,
        # which would be measured too.
        self.environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": self.folder,
            "PGUSER": "postgres",
            "PGOPTIONS": "",
        }
        self.server = None

    def install(self):
        """Install the built extension where the server looks for it."""
        folder = output_of(self.needs, "--pkglibdir")
        sudo = [] if os.access(folder, os.W_OK) else ["sudo"]
        subprocess.run([*sudo, "make", "-sC", ROOT, "install-pg"], check=True, stdout=2)

    def start(self):
        """Start the server with the benchmark's settings."""
        if not self.lacking():
            self.install()
        settings = [f"{name}={value}" for name, value in SETTINGS.items()]
        subprocess.run(
            [self.script, "start", self.folder, *settings], check=True, stdout=2
        )
        for name, value in SETTINGS.items():
            if self.query("postgres", f"SHOW {name}") != value:
                raise RuntimeError(f"the server does not have {name} = {value}")
        data = self.query("postgres", "SHOW data_directory")
        with open(f"{data}/postmaster.pid", encoding="utf-8") as file:
            self.server = Server(int(file.readline()))

    def stop(self):
        """Stop the server."""
        subprocess.run([self.script, "stop", self.folder], check=False, stdout=2)

    def query(self, database, sql):
        """Return what psql prints for a query."""
        return output_of(
            f"{self.programs}/psql", "-XAtqv", "ON_ERROR_STOP=1", "-d", database,
            "-c", sql, env=dict(os.environ, **self.environment),
        )

    def version(self):
        """Return the engine's version and what else a reader must know."""
        version = self.query("postgres", "SHOW server_version").split()[0]
        settings = ", ".join(f"{n}={v}" for n, v in SETTINGS.items())
        return f"PostgreSQL {version}, {settings}"

    def lacking(self):
        """Return why this extension cannot run here, or None."""
        if not os.path.exists(os.path.join(ROOT, "build", "pg", "migrate.so")):
            return NOT_BUILT
        return None

    def create(self, name):
        """Return a new empty database."""
        self.query("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        self.query("postgres", "CHECKPOINT")
        return name

    def drop(self, database):
        """Leave a database alone until the server ends.

        ext4 does not use the inodes of deleted files again for some minutes,
        and searches past them for each new file: after the many files of a
        dropped database, the next CREATE TABLEs take three times as long.
        """

    def enable(self, database):
        """Make the extension ready in a database: part of the set-up."""
        self.query(database, "CREATE EXTENSION migrate")

    def prologue(self):
        """Return what a script says first to have the extension."""
        return ""

    def shell(self, database, text, timed=False):
        """Return the command by which the shell runs a script."""
        if timed:
            text = "\\timing on\n" + text
        return Command(self.psql(database, "-f", "-"), text, None, self.environment)

    def floor(self, database, path):
        """Return the command by which the shell runs the file PATH."""
        return Command(
            self.psql(database, "-f", path), "", None, self.environment
        )

    def psql(self, database, *arguments):
        """Return the argument list of the plain shell."""
        return ["psql", "-XAtqv", "ON_ERROR_STOP=1", "-d", database, *arguments]

    def times(self, output):
        """Return the times that a timed script printed, in seconds."""
        found = re.findall(r"^Time: ([0-9.]+) ms", output, re.M)
        return [float(t) / 1000 for t in found]

    def count_tables(self, database):
        """Return how many of the benchmark's tables a database has."""
        return int(
            self.query(
                database,
                "SELECT count(*) FROM pg_class"
                " WHERE relkind = 'r' AND relname LIKE 'item\\_%'",
            )
        )

    def dbmate_url(self, database):
        """Return the database as dbmate names it."""
        return f"postgres://postgres@/{database}?socket={self.folder}"

    def node_url(self, database):
        """Return the database as node-postgres names it."""
        host = self.folder.replace("/", "%2F")
        return f"postgres://postgres@{host}/{database}"

    def alembic_url(self, database):
        """Return the database as SQLAlchemy names it."""
        return f"postgresql+psycopg2://postgres@/{database}?host={self.folder}"

    def sqitch_url(self, database):
        """Return the database as sqitch names it; PGHOST says where."""
        return f"db:pg:{database}"

    def run(self, command, limit):
        """Run a command and return what it cost, the server's part included."""
        command.environment = {**self.environment, **command.environment}
        return measure(self.helper, command, limit, self.server)


class Server:
    """Watch the processes that a PostgreSQL server starts for connections.

    CPU time is what the postmaster has collected from its ended children, in
    ticks of 10 ms.  Memory is the private part of the largest one (RssAnon, so
    without the shared buffers), looked at every 20 ms.
    """

    def __init__(self, pid):
        self.pid = pid
        self.background = self.children()
        self.ticks = os.sysconf("SC_CLK_TCK")
        self.cpu_before = 0
        self.largest = 0

    def children(self):
        """Return the process ids of the server's processes."""
        found = set()
        for path in glob.glob(f"/proc/{self.pid}/task/*/children"):
            with open(path, encoding="ascii") as file:
                found.update(map(int, file.read().split()))
        return found

    def collected(self):
        """Return the CPU seconds of all children that have ended."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / self.ticks

    def start(self):
        """Remember how things stand before a run."""
        self.settle()
        self.cpu_before = self.collected()
        self.largest = 0

    def look(self):
        """Note the memory of the connections' processes."""
        for pid in self.children() - self.background:
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as file:
                    found = re.search(r"^RssAnon:\s+(\d+) kB", file.read(), re.M)
            except OSError:
                continue  # it has ended meanwhile
            if found:
                self.largest = max(self.largest, int(found.group(1)) * 1024)

    def finish(self, run):
        """Note in RUN what the server has spent on it."""
        self.settle()
        run.server_cpu = self.collected() - self.cpu_before
        run.server_memory = self.largest or None

    def settle(self):
        """Wait until no connection is left, one that was cut included."""
        for _ in range(6000):
            if not self.children() - self.background:
                return
            time.sleep(0.01)
        raise RuntimeError("a connection of the server does not end")

"""What is compared: this extension, other tools, and the plain shell.

Each tool writes its layout once for each N, and names the command for each of
three tasks:

    apply   everything, to an empty database
    again   the same command, when everything is applied already
    status  list what is applied and what is not
"""

import glob
import json
import os
import subprocess

import layouts
from engines import output_of
from measure import Command

PYTHON = "/usr/bin/python3"
CACHE = os.path.join(
    os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
    "migrate-bench",
)
PACKAGES = (
    "python3-alembic",
    "python3-psycopg2",
    "sqitch",
    "libdbd-sqlite3-perl",
    "libdbd-pg-perl",
    "sqlite-utils",
)
INSTALL_DEBIAN = "apt-get install -y --no-install-recommends " + " ".join(PACKAGES)
NPM_PACKAGES = ("dbmate", "node-pg-migrate", "pg", "graphile-migrate")
INSTALL_NPM = f"npm install --no-fund --no-audit --prefix {CACHE} " + " ".join(
    NPM_PACKAGES
)


def install():
    """Install the other tools, as root or with sudo."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, *INSTALL_DEBIAN.split()], check=True)
    if not any(
        os.access(f"{folder}/npm", os.X_OK)
        for folder in os.environ["PATH"].split(":")
    ):
        subprocess.run(
            [*sudo, "apt-get", "install", "-y", "--no-install-recommends", "npm"],
            check=True,
        )
    os.makedirs(CACHE, exist_ok=True)
    subprocess.run(INSTALL_NPM.split(), check=True)


def succeeds(*argv):
    """Return whether a command can be run and succeeds."""
    try:
        return (
            subprocess.run(
                argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )
    except OSError:
        return False


class Tool:
    """One line of the tables.  SQL goes through the engine given."""

    name = ""  # as printed
    short = ""  # as --tools has it, and as a file name
    tasks = ("apply", "again", "status")
    is_peer = False  # another tool of this kind, whose version is printed
    engines = ("sqlite", "postgresql")  # where there is such a thing

    def __init__(self, engine):
        self.engine = engine

    def version(self):
        """Return the tool's version, for the list below the title."""
        return ""

    def lacking(self):
        """Return why the tool cannot run here, or None."""
        return None

    def write(self, folder, count):
        """Write COUNT migrations in this tool's layout to FOLDER."""
        raise NotImplementedError

    def prepare(self, database):
        """Do what belongs to the set-up and is not measured."""

    def command(self, task, folder, database):
        """Return the Command that does TASK."""
        raise NotImplementedError

    def inside(self, run):
        """Fill run.inside from what the engine printed."""


class Shell(Tool):
    """The floor: the engine's own shell with the same SQL in one file."""

    file = ""

    def write(self, folder, count):
        layouts.write_shell(folder, count)

    def command(self, task, folder, database):
        if task == "apply":
            return self.engine.floor(database, f"{folder}/{self.file}")
        return self.engine.shell(database, self.engine.schema_query + "\n")


class ShellOne(Shell):
    """All in one transaction; its other tasks are "start, read the schema"."""

    name = "plain shell, one transaction"
    short = "shell-one"
    file = "one.sql"


class ShellEach(Shell):
    """One transaction for each migration."""

    name = "plain shell, a transaction each"
    short = "shell-each"
    file = "each.sql"
    tasks = ("apply",)


class Up(Tool):
    """This extension, by the one line that an application runs."""

    name = "**migrate_up**"
    short = "up"
    scripts = {
        "apply": "SELECT migrate_up('{folder}');\n",
        "again": "SELECT migrate_up('{folder}');\n",
        "status": "SELECT * FROM migrate_status();\n",
    }

    def lacking(self):
        return self.engine.lacking()

    def write(self, folder, count):
        layouts.write_markers(folder, count)

    def prepare(self, database):
        self.engine.enable(database)

    def command(self, task, folder, database):
        script = self.scripts[task].format(folder=folder)
        return self.engine.shell(database, self.engine.prologue() + script, True)

    def inside(self, run):
        run.inside = self.engine.times(run.output)


class LoadApply(Up):
    """This extension, files and run apart: what each takes in the engine."""

    name = "**migrate_load**, **migrate_apply**"
    short = "load-apply"
    tasks = ("apply", "again")
    scripts = {
        "apply": "SELECT migrate_load('{folder}');\nSELECT migrate_apply();\n",
        "again": "SELECT migrate_apply();\n",
    }


class Deploy(Up):
    """This extension with a commit for each migration."""

    name = "**CALL migrate_deploy**"
    short = "deploy"
    engines = ("postgresql",)
    scripts = {
        "apply": "SELECT migrate_load('{folder}');\nCALL migrate_deploy();\n",
        "again": "CALL migrate_deploy();\n",
        "status": "SELECT * FROM migrate_status();\n",
    }


class Dbmate(Tool):
    """dbmate, by its native program; it does not dump the schema here."""

    name = "dbmate"
    short = "dbmate"
    is_peer = True

    def program(self):
        """Return the path of the program, or None."""
        found = glob.glob(f"{CACHE}/node_modules/@dbmate/*/bin/dbmate*")
        return found[0] if found else None

    def version(self):
        return output_of(self.program(), "--version").split()[-1]

    def lacking(self):
        if self.program() is None:
            return f"not installed: {INSTALL_NPM}"
        return None

    def write(self, folder, count):
        layouts.write_markers(folder, count)

    def command(self, task, folder, database):
        return Command(
            [
                self.program(),
                "--url", self.engine.dbmate_url(database),
                "--migrations-dir", folder,
                "--no-dump-schema",
                "status" if task == "status" else "migrate",
            ],
            folder=os.path.dirname(folder),
        )


class Alembic(Tool):
    """Alembic, by the environment of its generic template."""

    name = "alembic"
    short = "alembic"
    is_peer = True

    def version(self):
        return output_of(PYTHON, "-m", "alembic", "--version").split()[-1]

    def lacking(self):
        modules = "import alembic" + (
            ", psycopg2" if self.engine.name == "postgresql" else ""
        )
        if not succeeds(PYTHON, "-c", modules):
            return f"not installed: {INSTALL_DEBIAN}"
        return None

    def write(self, folder, count):
        layouts.write_alembic(folder, count)

    def command(self, task, folder, database):
        layouts.write(
            f"{folder}/alembic.ini",
            f"[alembic]\nscript_location = {folder}\n"
            f"sqlalchemy.url = {self.engine.alembic_url(database)}\n",
        )
        what = ["history", "-i"] if task == "status" else ["upgrade", "head"]
        return Command([PYTHON, "-m", "alembic", *what], folder=folder)


class Sqitch(Tool):
    """Sqitch; it starts the engine's shell for each change."""

    name = "sqitch"
    short = "sqitch"
    is_peer = True

    def version(self):
        return output_of("sqitch", "--version").split()[-1].lstrip("v")

    def lacking(self):
        driver = {"sqlite": "SQLite", "postgresql": "Pg"}[self.engine.name]
        if not (
            succeeds("sqitch", "--version")
            and succeeds("perl", f"-MDBD::{driver}", "-e", "1")
        ):
            return f"not installed: {INSTALL_DEBIAN}"
        return None

    def write(self, folder, count):
        layouts.write_sqitch(folder, count, self.engine.sqitch)

    def command(self, task, folder, database):
        return Command(
            [
                "sqitch",
                "status" if task == "status" else "deploy",
                "--target", self.engine.sqitch_url(database),
            ],
            folder=folder,
            environment={"SQITCH_USER_CONFIG": "/dev/null"},
        )


class NodeTool(Tool):
    """A tool of the npm registry that knows PostgreSQL alone."""

    package = ""
    engines = ("postgresql",)
    is_peer = True

    def version(self):
        with open(
            f"{CACHE}/node_modules/{self.package}/package.json", encoding="utf-8"
        ) as file:
            return json.load(file)["version"]

    def lacking(self):
        if not os.path.exists(f"{CACHE}/node_modules/.bin/{self.package}"):
            return f"not installed: {INSTALL_NPM}"
        return None

    def program(self):
        """Return the path of the program."""
        return f"{CACHE}/node_modules/.bin/{self.package}"


class NodePgMigrate(NodeTool):
    """node-pg-migrate, which puts all into one transaction by default."""

    name = "node-pg-migrate"
    short = "node-pg-migrate"
    package = "node-pg-migrate"
    tasks = ("apply", "again")

    def write(self, folder, count):
        layouts.write_node(folder, count)

    def command(self, task, folder, database):
        return Command(
            [self.program(), "up", "--migrations-dir", folder, "--no-verbose"],
            folder=folder,
            environment={"DATABASE_URL": self.engine.node_url(database)},
        )


class GraphileMigrate(NodeTool):
    """graphile-migrate, with its committed migrations."""

    name = "graphile-migrate"
    short = "graphile-migrate"
    package = "graphile-migrate"
    tasks = ("apply", "again")

    def write(self, folder, count):
        layouts.write_graphile(folder, count)

    def command(self, task, folder, database):
        url = self.engine.node_url(database)
        return Command(
            [self.program(), "status" if task == "status" else "migrate"],
            folder=folder,
            environment={"DATABASE_URL": url, "SHADOW_DATABASE_URL": url + "_shadow"},
        )


TOOLS = (
    ShellOne,
    ShellEach,
    Up,
    LoadApply,
    Deploy,
    Dbmate,
    Alembic,
    NodePgMigrate,
    GraphileMigrate,
    Sqitch,
)

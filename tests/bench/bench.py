"""Measure all tools on one engine, and print what came out."""

import os
import statistics
import sys
import time

import layouts
import report
import tools
from measure import median

SLOW = 60  # seconds; what takes longer runs once
IDLE_CALLS = 100  # calls of migrate_apply() with nothing to do, per process
IDLE_PROCESSES = 5
NOISE = 1.1  # a ratio may be so much larger and yet count as not growing


def say(message):
    """Tell the person who waits how far we are."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


class Bench:
    """Measurements on one engine."""

    def __init__(self, engine, folder, options):
        self.engine = engine
        self.folder = folder
        self.options = options
        self.failed = False
        self.results = {}  # by count: by (tool, task): runs, or a text

    def layout(self, tool, count):
        """Return the folder with a tool's files, written when first asked."""
        folder = f"{self.folder}/{count}/{self.engine.name}/{tool.short}"
        if not os.path.isdir(folder):
            tool.write(folder, count)
        return folder

    def compare(self, kinds, count):
        """Run all tasks of the tools KINDS with COUNT migrations, in turn."""
        chosen = [kind(self.engine) for kind in kinds]
        results = self.results.setdefault(count, {})
        for tool in chosen:
            lacking = tool.lacking()
            for task in tool.tasks:
                results[tool.short, task] = lacking or []
        for turn in range(self.options.runs):
            for tool in chosen[turn % len(chosen) :] + chosen[: turn % len(chosen)]:
                if self.is_due(results[tool.short, "apply"]):
                    self.round(tool, count, turn, results)
        return chosen

    def is_due(self, runs):
        """Return whether a tool is to run once more."""
        return not isinstance(runs, str) and not any(
            run.cut or run.wall > SLOW for run in runs
        )

    def round(self, tool, count, turn, results):
        """Run the tasks of one tool on one new database."""
        folder = self.layout(tool, count)
        name = f"{tool.short.replace('-', '_')}_{count}_{turn}"
        database = self.engine.create(name)
        tool.prepare(database)
        for task in tool.tasks:
            if isinstance(results[tool.short, task], str):
                break
            run = self.engine.run(
                tool.command(task, folder, database), self.options.limit
            )
            tool.inside(run)
            say(
                f"{self.engine.title} {count} {tool.short} {task}: "
                f"{run.wall:.3f} s{' (cut)' if run.cut else ''} {run.problem}"
            )
            self.check(tool, task, run, database, count)
            if run.problem:
                results[tool.short, task] = f"failed: {run.problem}"
                self.failed = True
                break
            results[tool.short, task].append(run)
            if run.cut:
                for later in tool.tasks[tool.tasks.index(task) + 1 :]:
                    results[tool.short, later] = "not measured: apply was cut"
                break
        self.engine.drop(database)

    def check(self, tool, task, run, database, count):
        """Note a problem when a tool did not make what it should have made."""
        if run.problem or run.cut or task != "apply":
            return
        made = self.engine.count_tables(database)
        if made != count:
            run.problem = f"{made} tables instead of {count}"

    def has(self, count, *names):
        """Return whether the apply task of these tools was measured."""
        return all(
            isinstance(self.results.get(count, {}).get((name, "apply")), list)
            and self.results[count][name, "apply"]
            and not self.results[count][name, "apply"][-1].cut
            for name in names
        )

    def ratio(self, count, tool="up", what="wall"):
        """Return a tool : the plain shell in one transaction, or None."""
        if not self.has(count, tool, "shell-one"):
            return None
        runs, floor = (self.results[count][t, "apply"] for t in (tool, "shell-one"))
        return median(runs, what) / max(median(floor, what), 0.001)

    def memory(self, count, name):
        """Return the peak memory where a tool's SQL runs."""
        where = "memory" if self.engine.name == "sqlite" else "server_memory"
        return median(self.results[count][name, "apply"], where) or 0

    def extra_memory(self, count):
        """Return how much more memory migrate_up takes than the floor."""
        return self.memory(count, "up") - self.memory(count, "shell-one")

    def text_bytes(self, count):
        """Return the size of this extension's migration files."""
        return layouts.size(self.layout(tools.Up(self.engine), count))

    def scaling(self):
        """Print how the ratio to the floor goes with the number."""
        report.header(
            "N", "plain shell, s", "migrate_up, s", "ratio", "ratio of CPU times",
            "more per migration, ms",
            "plain shell MB", "migrate_up MB", "more MB", "files MB",
        )
        for count in self.counts():
            up, floor = (
                median(self.results[count][name, "apply"], "wall")
                for name in ("up", "shell-one")
            )
            report.row(
                count,
                report.seconds(floor),
                report.seconds(up),
                report.ratio(up, floor),
                f"{self.ratio(count, 'up', 'all_cpu'):.2f}",
                report.milliseconds((up - floor) / count),
                report.megabytes(self.memory(count, "shell-one")),
                report.megabytes(self.memory(count, "up")),
                f"{self.extra_memory(count) / 1e6:.1f}",
                report.megabytes(self.text_bytes(count)),
            )
        print(flush=True)

    def counts(self):
        """Return the Ns for which there is a ratio, smallest first."""
        return sorted(n for n in self.results if self.ratio(n) is not None)

    def idle(self, count):
        """Return what calls cost inside the engine when all is applied.

        A list of (what, seconds).  The mean, for SQLite's shell prints whole
        milliseconds; of several processes the median.
        """
        tool = tools.LoadApply(self.engine)
        folder = self.layout(tool, count)
        database = self.engine.create("idle")
        tool.prepare(database)
        self.engine.run(tool.command("apply", folder, database), self.options.limit)
        calls = (
            ("reading the schema (the engine's own)", self.engine.schema_query, 1),
            ("migrate_apply(), first call", "SELECT migrate_apply();", 1),
            ("migrate_apply(), later calls", "SELECT migrate_apply();", IDLE_CALLS),
            ("migrate_pending()", "SELECT migrate_pending();", IDLE_CALLS),
            ("migrate_status(), counted", "SELECT count(*) FROM migrate_status();", 5),
            ("migrate_up(directory)", f"SELECT migrate_up('{folder}');", 5),
        )
        script = self.engine.prologue() + "".join(
            f"{sql}\n" * times for _, sql, times in calls
        )
        means = []
        for _ in range(IDLE_PROCESSES):
            run = self.engine.run(
                self.engine.shell(database, script, True), self.options.limit
            )
            if run.problem or run.cut:
                say(f"nothing to do, inside: {run.problem or 'cut'}")
                self.failed = True
                break
            given = iter(self.engine.times(run.output))
            means.append(
                [statistics.mean(next(given) for _ in range(n)) for _, _, n in calls]
            )
        self.engine.drop(database)
        return [
            (what, statistics.median(column))
            for (what, _, _), column in zip(calls, zip(*means))
        ]

    def targets(self, idle):
        """Return the lines of the table of targets."""
        lines = []
        compared = [n for n in self.counts() if n in self.options.counts]
        for count in compared:
            if self.engine.name == "sqlite":
                if count != max((n for n in compared if n <= 1000), default=None):
                    continue
                tool, what, limit = "up", "migrate_up", 1.5
                measured = self.ratio(count)
            else:
                tool, what, limit = "load-apply", "migrate_apply", 1.1
                measured = self.apply_ratio(count)
            if measured is None:
                continue
            cpu = self.ratio(count, tool, "all_cpu")
            lines.append(
                (
                    f"{what} of {count:,} : plain shell in one transaction",
                    f"{limit} ×", f"{measured:.2f} × (CPU time: {cpu:.2f} ×)",
                    measured <= limit,
                )
            )
        for what, value in idle:
            if "later calls" in what:
                lines.append(
                    (
                        f"nothing to do, {max(self.counts()):,} applied",
                        "5 ms", f"{value * 1000:.2f} ms", value <= 0.005,
                    )
                )
        counts = self.counts()
        if len(counts) > 1:
            lines += self.growth(counts[0], counts[-1])
        return lines

    def apply_ratio(self, count):
        """Return migrate_apply : the plain shell in one transaction, or None.

        Both with the start of the shell; migrate_load is taken off.
        """
        if not self.has(count, "load-apply", "shell-one"):
            return None
        floor = median(self.results[count]["shell-one", "apply"], "wall")
        return (
            statistics.median(
                run.wall - run.inside[0]
                for run in self.results[count]["load-apply", "apply"]
            )
            / floor
        )

    def growth(self, few, many):
        """Return the targets about going from FEW to MANY migrations.

        CPU times decide about the ratio: waiting for the disk differs more from
        run to run than from few to many.
        """
        before, after = (self.ratio(n, "up", "all_cpu") for n in (few, many))
        walls = " to ".join(f"{self.ratio(n):.2f}" for n in (few, many))
        memory = self.extra_memory(many) - self.extra_memory(few)
        texts = self.text_bytes(many) - self.text_bytes(few)
        return [
            (
                f"ratio of CPU times to the floor, from {few:,} to {many:,}",
                f"{before:.2f} × (and 10 % for noise)",
                f"{after:.2f} × (wall time: {walls} ×)",
                after <= before * NOISE,
            ),
            (
                f"memory above the floor, growth from {few:,} to {many:,}",
                f"{texts / 1e6:.1f} MB (the files; and 1 MB for noise)",
                f"{memory / 1e6:.1f} MB", memory <= texts + 1e6,
            ),
        ]

    def report(self, kinds):
        """Measure and print everything about this engine."""
        print(f"## {self.engine.title}\n\n- {self.engine.version()}")
        for tool in (kind(self.engine) for kind in kinds):
            if tool.is_peer:
                print(f"- {tool.name} {tool.lacking() or tool.version()}")
        report.load_average()
        print()
        for count in self.options.counts:
            chosen = self.compare(kinds, count)
            print(f"### {self.engine.title}, {count:,} migrations\n")
            for task in report.TASKS:
                report.table(
                    task, chosen, self.results[count], self.engine.name != "sqlite"
                )
            if self.has(count, "load-apply"):
                report.split(self.results[count]["load-apply", "apply"])
        if self.engine.lacking():
            return
        for count in self.options.scaling:
            if count not in self.results:
                self.compare((tools.ShellOne, tools.Up), count)
        if not self.counts():
            return
        print(f"### {self.engine.title}, from few to many migrations\n")
        self.scaling()
        most = max(self.counts())
        idle = self.idle(most)
        print(f"### {self.engine.title}, inside the engine, {most:,} applied\n")
        report.header("Call", "ms")
        for what, value in idle:
            report.row(what, report.milliseconds(value))
        print(f"\n### {self.engine.title}, targets\n")
        report.targets(self.targets(idle))

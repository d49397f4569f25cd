"""Print what was measured, as Markdown."""

import os
import platform

from measure import median

TASKS = {
    "apply": "Apply all to an empty database",
    "again": "Nothing to do: all applied, called again",
    "status": "Status",
}


def seconds(value):
    """Return a time with three digits that mean something."""
    if value is None:
        return "–"
    for limit, digits in ((1, 3), (10, 2), (100, 1)):
        if value < limit:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def milliseconds(value):
    """Return a time in milliseconds."""
    return "–" if value is None else f"{value * 1000:.2f}"


def megabytes(value):
    """Return a size in MB."""
    return "–" if not value else f"{value / 1e6:.1f}"


def ratio(value, floor):
    """Return how many times FLOOR a value is."""
    return "–" if value is None or not floor else f"{value / floor:.2f}"


def row(*cells):
    """Print one line of a table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*names):
    """Print the head of a table: the first column left, the others right."""
    row(*names)
    row(*[":--"] + ["--:"] * (len(names) - 1))


def machine(folder):
    """Print where this is measured."""
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    system = "unknown system"
    with open("/etc/os-release", encoding="utf-8") as file:
        for line in file:
            if line.startswith("PRETTY_NAME="):
                system = line.partition("=")[2].strip().strip('"')
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    print(
        f"- {model}, {os.cpu_count()} cores, {memory:.0f} GB; {system}, "
        f"Linux {platform.release().split('-')[0]}; databases on "
        f"{file_system(folder)}"
    )


def file_system(path):
    """Return the type of the file system that PATH lies on."""
    best = ("", "?")
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, point, kind = line.split()[:3]
            if (path + "/").startswith(point.rstrip("/") + "/"):
                best = max(best, (point, kind), key=lambda found: len(found[0]))
    return best[1]


def load_average():
    """Print how busy the machine is besides."""
    print(f"- load average now: {os.getloadavg()[0]:.2f}", flush=True)


def table(task, tools, results, server):
    """Print one task's table.

    tools    the tools, in order
    results  by (tool's short name, task): the list of runs, or a text that says
             why there is none
    server   whether there is a server whose cost is known
    """
    one = floor_of(results, "shell-one", task)
    each = floor_of(results, "shell-each", task)
    names = [TASKS[task], "wall, s", "min–max"]
    if task == "apply":
        names += ["× one transaction", "× one each"]
    else:
        names += ["× start of the shell"]
    names += ["CPU, s", "peak MB"]
    if server:
        names += ["server CPU, s", "server MB"]
    header(*names + ["runs"])
    for tool in tools:
        found = results.get((tool.short, task))
        if not found:
            continue
        if isinstance(found, str):
            row(tool.name, found, *[""] * (len(names) - 1))
            continue
        is_start = task != "apply" and tool.short == "shell-one"
        name = "plain shell: starts, reads the schema" if is_start else tool.name
        floors = (one, each) if task == "apply" else (one,)
        row(name, *cells(found, floors, server))
    print()


def floor_of(results, name, task):
    """Return the median wall time of a floor, None where it was not run."""
    found = results.get((name, task))
    if found is None or isinstance(found, str) or found[-1].cut:
        return None
    return median(found, "wall")


def cells(runs, floors, server):
    """Return what one tool's line says behind its name."""
    walls = [run.wall for run in runs]
    wall = median(runs, "wall")
    ratios = [ratio(wall, floor) for floor in floors]
    if runs[-1].cut:
        line = [f"> {wall:.0f}", "cut", *(f"> {r}" for r in ratios)]
    else:
        spread = f"{seconds(min(walls))}–{seconds(max(walls))}"
        line = [seconds(wall), spread, *ratios]
    line += [seconds(median(runs, "cpu")), megabytes(median(runs, "memory"))]
    if server:
        line.append(seconds(median(runs, "server_cpu")))
        line.append(megabytes(median(runs, "server_memory")))
    return line + [len(runs)]


def split(runs):
    """Print what migrate_load and migrate_apply take inside the engine."""
    loads = sorted(run.inside[0] for run in runs)
    applies = sorted(run.inside[1] for run in runs)
    middle = len(runs) // 2
    print(
        f"Inside the engine: migrate_load {seconds(loads[middle])} s, "
        f"migrate_apply {seconds(applies[middle])} s.\n",
        flush=True,
    )


def targets(lines):
    """Print the targets: (what, limit, measured, whether it is met)."""
    header("Target", "at most", "measured", "")
    for what, limit, measured, met in lines:
        row(what, limit, measured, "met" if met else "**missed**")
    print(flush=True)

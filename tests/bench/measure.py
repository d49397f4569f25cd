"""Run a command and measure it; summarise several runs."""

import os
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field

SAMPLE_EVERY = 0.02  # seconds between two looks at the server


@dataclass
class Command:
    """What to run: the argument list, standard input, place, environment."""

    argv: list
    text: str = ""
    folder: str = None
    environment: dict = field(default_factory=dict)


@dataclass
class Run:
    """What one run cost.  Times in seconds, memory in bytes."""

    wall: float
    cpu: float
    memory: int
    status: int = 0
    cut: bool = False
    output: str = ""
    problem: str = ""
    server_cpu: float = None
    server_memory: int = None
    inside: list = field(default_factory=list)  # times the engine reported

    @property
    def all_cpu(self):
        """CPU time of the command and, where there is one, of the server."""
        return self.cpu + (self.server_cpu or 0)


def build_helper(folder):
    """Compile measure.c into FOLDER; return the program's path."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure.c")
    program = os.path.join(folder, "measure")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-o", program, source], check=True
    )
    return program


def measure(helper, command, limit, watcher=None):
    """Run COMMAND for at most LIMIT seconds and return its Run.

    helper   the program that build_helper() made
    watcher  has start(), look() and finish(run), called before, during and
             after the run; or None
    """
    environment = dict(os.environ, LC_ALL="C.UTF-8", **command.environment)
    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/report"
        with open(f"{folder}/in", "w", encoding="utf-8") as script:
            script.write(command.text)
        os.sync()
        if watcher:
            watcher.start()
        with open(f"{folder}/in", "rb") as given, open(
            f"{folder}/out", "w+b"
        ) as out, open(f"{folder}/err", "w+b") as err:
            process = subprocess.Popen(
                [helper, report, str(int(limit)), *command.argv],
                stdin=given,
                stdout=out,
                stderr=err,
                cwd=command.folder,
                env=environment,
            )
            wait(process, watcher)
            out.seek(0)
            err.seek(0)
            output, errors = out.read(), err.read()
        with open(report, encoding="ascii") as file:
            status, cut, wall, cpu, memory = map(int, file.read().split())
    run = Run(wall / 1e6, cpu / 1e6, memory * 1024, status, bool(cut))
    run.output = output.decode(errors="replace")
    if status and not cut:
        run.problem = last_line(errors or output) or f"exit status {status}"
    if watcher:
        watcher.finish(run)
    return run


def wait(process, watcher):
    """Wait for PROCESS; meanwhile let WATCHER look, if there is one."""
    while True:
        try:
            process.wait(timeout=SAMPLE_EVERY if watcher else None)
            return
        except subprocess.TimeoutExpired:
            watcher.look()
        except KeyboardInterrupt:
            process.terminate()
            raise


def last_line(text):
    """Return the last line of TEXT (bytes) that is not empty, shortened."""
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1].strip()[:200] if lines else ""


def median(runs, name):
    """Return the median of an attribute of RUNS; None where none has it."""
    values = [getattr(run, name) for run in runs]
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None

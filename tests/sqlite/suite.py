"""Runs the test functions of test_*.py, each in a process and a folder of its
own; see run."""

import importlib
import inspect
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

import tools

HERE = pathlib.Path(__file__).parent
TIME_LIMIT = int(os.environ.get("MIGRATE_TEST_SECONDS", "120"))  # for one test


def collect(wanted):
    """The test functions, by file and then in the order they are written."""
    tests = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in vars(module).items():
            if not name.startswith("test_") or not inspect.isfunction(function):
                continue
            if function.__module__ != path.stem:
                continue
            if not wanted or any(w in path.stem or w in name for w in wanted):
                tests.append((f"{path.stem[5:]}: {name[5:].replace('_', ' ')}",
                              function))
    return tests


def run_here(function, place, pipe):
    """Run a test in this process, and send what went wrong, or None."""
    problem = None
    try:
        function(place)
    except BaseException:
        problem = traceback.format_exc()
    tools.end_processes()
    pipe.send(problem)


def run(function):
    """Run a test in a process of its own; returns what went wrong, or None."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="migrate-sqlite-"))
    ours, theirs = tools.processes.Pipe()
    process = tools.processes.Process(target=run_here,
                                      args=(function, place, theirs))
    process.start()
    theirs.close()
    try:
        if not ours.poll(TIME_LIMIT):
            return f"takes longer than {TIME_LIMIT} seconds"
        return ours.recv()
    except EOFError:
        process.join()
        return f"the process ended with code {process.exitcode}"
    finally:
        process.kill()
        process.join()
        shutil.rmtree(place, ignore_errors=True)


def main():
    tests = collect(sys.argv[1:])
    if not tests:
        sys.exit("tests/sqlite/run: there is no such test")
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, (name, function) in enumerate(tests, 1):
        problem = run(function)
        print(f"{'ok' if problem is None else 'not ok'} {number} - {name}")
        if problem is not None:
            failed += 1
            print("".join(f"# {line}\n" for line in problem.splitlines()),
                  end="")
        sys.stdout.flush()
    if failed:
        print(f"# {failed} of {len(tests)} tests failed")
    sys.exit(failed > 0)


main()

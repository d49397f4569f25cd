#!/usr/bin/python3
"""Compare migrate_rebuild() with hand-written SQL, on random tables.

    tests/stress/rebuild_oracle.py [--count N] [--seed TEXT] [--only NUMBER]
                                   [--verbose]

Each case is a random table with rows, indexes, triggers, views, parents and
children, and a random new definition.  migrate_rebuild() makes the change in
one database, the twelve steps of SQLite's manual in another; rows, schema,
facts and behaviour must be equal, a change that cannot be made by hand must be
refused and leave nothing behind, and the way back must lead back.

Prints TAP, a test for each way of calling it.  A seed repeats a run, and with
--only one case of it.  A failing case is made smaller and printed as a script
for the sqlite3 shell.  MIGRATE is the extension (build/migrate).
"""

import argparse
import collections
import multiprocessing
import os
import random
import re
import sqlite3
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))

import behave  # noqa: E402 (the line above must come first)
import check  # noqa: E402
import generate  # noqa: E402
from change import Change  # noqa: E402
from objects import Around  # noqa: E402
from shrink import hand_script, script, shrink  # noqa: E402

STEP = 50  # cases for each process


def make_case(seed):
    """Return the case of a seed."""
    rng = random.Random(seed)
    keys = rng.random() < 0.85
    while True:
        maker = generate.make_old(rng, seed, keys)
        Around(maker).all()
        behave.surround(maker)
        if generate.stands(maker.case):
            Change(maker).all()
            behave.Behave(maker).all()
            return maker.case


def apart(case):
    """Do as attempt() in another process, whose end is one way to fail."""
    ours, theirs = multiprocessing.Pipe(False)
    process = multiprocessing.Process(target=lambda: theirs.send(attempt(case)[1]))
    process.start()
    theirs.close()
    try:
        found = ours.recv()
    except EOFError:
        found = None
    process.join()
    if process.exitcode != 0:
        return None, [f"the process ended with {process.exitcode}"]
    return None, found


def attempt(case):
    """Return (outcome, None), or (None, what is wrong)."""
    try:
        return check.check(case), None
    except check.Wrong as wrong:
        return None, list(wrong.args[0])
    except (sqlite3.Error, ValueError, KeyError, LookupError, TypeError):
        return None, ["the oracle itself:", *traceback.format_exc().splitlines()]


def kind_of(wrong):
    """Return what must stay the same while a case is made smaller."""
    line = wrong[-1] if wrong[0].startswith("the oracle") else wrong[0]
    return re.sub(r"\"[^\"]*\"|\d+|\w+\.\w+", "", line.split("\n")[0])


def fails_alike(wrong, attempt):
    """Return a function that says whether a case fails as WRONG says."""

    def fails(case):
        try:
            if not generate.stands(case.copy()):
                return False
            _, found = attempt(case)
        except Exception:  # a case that was cut to pieces
            return False
        return found is not None and kind_of(found) == kind_of(wrong)

    return fails


def explain(seed, case, wrong, attempt=attempt):
    """Return the lines that a failing case is reported with."""
    small = shrink(case, fails_alike(wrong, attempt))
    _, found = attempt(small)
    return "\n".join(
        [
            f"case {seed}, {small.way}, {small.place}, "
            f"foreign_keys {int(small.foreign_keys)}",
            *(found or wrong),
            "-- for the sqlite3 shell:",
            script(small),
            "-- by hand:",
            hand_script(small),
        ]
    )


def run_step(numbers, seed, pipe):
    """Run some cases in this process and send what became of each."""
    for number in numbers:
        case = make_case(f"{seed}/{number}")
        pipe.send((number, case.way, "begun", None, None))
        outcome, wrong = attempt(case)
        if wrong is None:
            pipe.send((number, case.way, outcome.kind, vars(outcome), None))
        else:
            pipe.send((number, case.way, "wrong", None, explain(case.seed, case, wrong)))
    pipe.close()


def results(numbers, seed):
    """Yield (number, way, kind, outcome, report) of every case."""
    waiting = list(numbers)
    while waiting:
        step, waiting = waiting[:STEP], waiting[STEP:]
        ours, theirs = multiprocessing.Pipe(False)
        process = multiprocessing.Process(target=run_step, args=(step, seed, theirs))
        process.start()
        theirs.close()
        last = None
        while True:
            try:
                last = ours.recv()
            except EOFError:
                break
            if last[2] != "begun":
                yield last
        process.join()
        if process.exitcode != 0:
            number = last[0] if last else step[0]
            case = make_case(f"{seed}/{number}")
            wrong = [f"the process ended with {process.exitcode}"]
            yield number, case.way, "wrong", None, explain(case.seed, case, wrong, apart)
            waiting = [n for n in step if n > number] + waiting


class Totals:
    """Counts what became of the cases."""

    def __init__(self):
        self.kinds = collections.defaultdict(collections.Counter)
        self.notes = collections.defaultdict(collections.Counter)
        self.reports = []

    def add(self, way, kind, outcome, report):
        self.kinds[way][kind] += 1
        if report:
            self.reports.append((way, report))
        for name in ("way", "back", "message"):
            if outcome and outcome[name]:
                self.notes[name][outcome[name].splitlines()[0][:120]] += 1

    def tap(self, verbose):
        """Print the result as TAP; return the exit status."""
        ways = sorted(set(behave.WAYS))
        print(f"1..{len(ways)}")
        for number, way in enumerate(ways, 1):
            kinds = self.kinds[way]
            told = ", ".join(f"{kinds[k]} {k}" for k in sorted(kinds))
            print(f"{'not ok' if kinds['wrong'] else 'ok'} {number} - "
                  f"rebuild beside hand-written SQL, {way}: {told or 'no case'}")  # fmt: skip
        for title, name in (("ways", "way"), ("ways back", "back")):
            found = self.notes[name].most_common()
            print(f"# {title}: " + ", ".join(f"{n} {what}" for what, n in found))
        for message, count in self.notes["message"].most_common() if verbose else ():
            print(f"# {count:4} refused: {message}")
        return 1 if self.reports else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=4000, metavar="N")
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument("--only", type=int, metavar="NUMBER")
    parser.add_argument("--failures", type=int, default=5, help="after which it ends")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    print(f"# SQLite {sqlite3.sqlite_version}, --seed {options.seed} "
          f"--count {options.count}", flush=True)  # fmt: skip
    numbers = range(options.count) if options.only is None else [options.only]
    totals = Totals()
    for number, way, kind, outcome, report in results(numbers, options.seed):
        totals.add(way, kind, outcome, report)
        if report:
            print("".join(f"# {line}\n" for line in report.splitlines()), flush=True)
        if len(totals.reports) >= options.failures:
            print(f"# ended after {options.failures} failures, at case {number}")
            break
    return totals.tap(options.verbose)


if __name__ == "__main__":
    sys.exit(main())

"""migrate_rebuild() beside hand-written SQL: the short run of tests/stress.

The seed is always the same here, another one each time there.  A failure
prints the case as a script.
"""

import os
import pathlib
import subprocess
import sys

from tools import MIGRATE, connect, is_defensive, matches

PROGRAM = pathlib.Path(__file__).parent.parent / "stress" / "rebuild_oracle.py"
COUNT = 200


def oracle(*arguments):
    """Run the oracle; returns its status and what it printed."""
    done = subprocess.run([sys.executable, str(PROGRAM), *arguments],
                          env=dict(os.environ, MIGRATE=MIGRATE), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_random_tables(place):
    if is_defensive(connect(":memory:")):
        # It expects the definition as it was given, with its comments.
        print("# not run: a defensive library lets nobody write the words "
              "of a definition")
        return
    status, output = oracle("--count", str(COUNT), "--seed", "short")
    assert status == 0, output
    # Both must happen often enough for the run to say something.
    matches(output, r"[0-9]{2} changed")
    matches(output, r"[0-9] refused")

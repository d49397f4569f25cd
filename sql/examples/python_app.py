#!/usr/bin/python3
"""An application that brings its own database up to date when it starts.

    python_app.py build/migrate app.db migrations

Needs a Python whose sqlite3 module can load extensions.
"""

import sqlite3
import sys


def connect(extension, path):
    """A connection with the extension; nobody else may load another."""
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(extension)
    db.enable_load_extension(False)
    return db


def main():
    extension, path, folder = sys.argv[1:]
    db = connect(extension, path)
    try:
        # The one line.  Safe when many start at once.
        (count,) = db.execute("SELECT migrate_up(?)", (folder,)).fetchone()
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "error")  # from 3.11 on
        sys.exit(f"{path} cannot be brought up to date: {error} ({code})")
    (version,) = db.execute("SELECT migrate_current()").fetchone()
    print(f"{count} migrations applied, now at {version}")
    # ... the application goes on with db.
    db.close()


if __name__ == "__main__":
    main()

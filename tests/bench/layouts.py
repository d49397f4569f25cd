"""Write the same N migrations to disk, in the layout of each tool."""

import hashlib
import os

UP = (
    """\
CREATE TABLE item_{number} (
    id integer PRIMARY KEY,
    name text NOT NULL,
    price numeric NOT NULL,
    amount integer NOT NULL DEFAULT 0,
    note text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
)""",
    "CREATE INDEX item_{number}_name ON item_{number} (name)",
    "INSERT INTO item_{number} (id, name, price, amount, note)\n"
    "VALUES (1, 'first of {number}', 9.50, 3, 'made by a migration')",
)
DOWN = ("DROP TABLE item_{number}",)

ALEMBIC_ENVIRONMENT = '''\
from alembic import context
from sqlalchemy import engine_from_config, pool

connectable = engine_from_config(
    context.config.get_section(context.config.config_ini_section),
    prefix="sqlalchemy.",
    poolclass=pool.NullPool,
)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
'''


def numbers(count):
    """Return the versions of COUNT migrations: '00001', '00002', ..."""
    return [f"{i:05d}" for i in range(1, count + 1)]


def script(statements, number):
    """Return STATEMENTS of migration NUMBER as one SQL text."""
    return "".join(s.format(number=number) + ";\n" for s in statements)


def write(path, text):
    """Write TEXT to PATH, making its folder where that is missing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def write_markers(folder, count):
    """Files with up and down sections: read by this extension and dbmate."""
    for number in numbers(count):
        write(
            f"{folder}/{number}_item.sql",
            f"-- migrate:up\n{script(UP, number)}"
            f"\n-- migrate:down\n{script(DOWN, number)}",
        )


def write_shell(folder, count):
    """Two scripts for the plain shell.

    each.sql has BEGIN and COMMIT around each migration, one.sql around all of
    them.
    """
    parts = [script(UP, number) for number in numbers(count)]
    write(f"{folder}/each.sql", "".join(f"BEGIN;\n{p}COMMIT;\n" for p in parts))
    write(f"{folder}/one.sql", f"BEGIN;\n{''.join(parts)}COMMIT;\n")


def write_alembic(folder, count):
    """A chain of revisions, each with op.execute() of the same statements."""
    write(f"{folder}/env.py", ALEMBIC_ENVIRONMENT)
    before = None
    for number in numbers(count):
        up, down = (
            "".join(
                f'    op.execute("""{s.format(number=number)}""")\n'
                for s in statements
            )
            for statements in (UP, DOWN)
        )
        write(
            f"{folder}/versions/m{number}_item.py",
            f'"""item {number}"""\n\nfrom alembic import op\n\n'
            f'revision = "m{number}"\ndown_revision = {before!r}\n'
            "branch_labels = None\ndepends_on = None\n\n\n"
            f"def upgrade() -> None:\n{up}\n\n"
            f"def downgrade() -> None:\n{down}",
        )
        before = f"m{number}"


def write_sqitch(folder, count, engine):
    """A plan, and a deploy and a revert script of each change."""
    write(
        f"{folder}/sqitch.conf",
        f"[core]\n\tengine = {engine}\n"
        "[user]\n\tname = Benchmark\n\temail = benchmark@example.com\n",
    )
    plan = ["%syntax-version=1.0.0", "%project=bench", ""]
    for number in numbers(count):
        plan.append(
            f"item{number} 2026-01-01T00:00:00Z "
            f"Benchmark <benchmark@example.com> # item {number}"
        )
        for kind, statements in (("deploy", UP), ("revert", DOWN)):
            write(
                f"{folder}/{kind}/item{number}.sql",
                f"BEGIN;\n\n{script(statements, number)}\nCOMMIT;\n",
            )
    write(f"{folder}/sqitch.plan", "\n".join(plan) + "\n")


def write_node(folder, count):
    """Files of node-pg-migrate."""
    for number in numbers(count):
        write(
            f"{folder}/{1700000000000 + int(number)}_item.sql",
            f"-- Up Migration\n{script(UP, number)}"
            f"-- Down Migration\n{script(DOWN, number)}",
        )


def write_graphile(folder, count):
    """Committed migrations of graphile-migrate, a chain of hashes."""
    write(f"{folder}/.gmrc", "{}\n")
    write(f"{folder}/migrations/current.sql", "")
    before = ""
    for number in numbers(count):
        body = script(UP, number).strip()
        text = f"{before}\n{body}".strip() + "\n"
        digest = hashlib.sha1(text.encode()).hexdigest()
        write(
            f"{folder}/migrations/committed/{int(number):06d}.sql",
            f"--! Previous: {before or '-'}\n--! Hash: sha1:{digest}\n\n{body}\n",
        )
        before = f"sha1:{digest}"


def size(folder):
    """Return the bytes of all files directly in FOLDER."""
    return sum(entry.stat().st_size for entry in os.scandir(folder))

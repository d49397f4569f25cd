"""items of a shop

Revision ID: 2a0c00000002
Revises: 1a0c00000001
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "2a0c00000002"
down_revision = "1a0c00000001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);""")
    op.execute("""INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);""")


def downgrade():
    op.execute("""DROP TABLE item;""")

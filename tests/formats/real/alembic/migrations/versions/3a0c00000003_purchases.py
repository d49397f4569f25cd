"""purchases of a shop

Revision ID: 3a0c00000003
Revises: 2a0c00000002
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "3a0c00000003"
down_revision = "2a0c00000002"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);""")
    op.execute("""CREATE INDEX purchase_by_customer ON purchase (customer);""")


def downgrade():
    op.execute("""DROP TABLE purchase;""")

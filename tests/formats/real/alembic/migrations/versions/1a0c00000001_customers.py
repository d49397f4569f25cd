"""customers of a shop

Revision ID: 1a0c00000001
Revises: 
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "1a0c00000001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
    )


def downgrade():
    op.drop_table("customer")

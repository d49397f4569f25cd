"""index_item of a shop

Revision ID: 4a0c00000004
Revises: 3a0c00000003
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "4a0c00000004"
down_revision = "3a0c00000003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("item_by_price", "item", ["price"])


def downgrade():
    op.drop_index("item_by_price", table_name="item")

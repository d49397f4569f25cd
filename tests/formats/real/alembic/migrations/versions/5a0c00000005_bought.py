"""bought of a shop

Revision ID: 5a0c00000005
Revises: 3a0c00000003
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "5a0c00000005"
down_revision = "3a0c00000003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;""")


def downgrade():
    op.execute("""DROP VIEW bought;""")

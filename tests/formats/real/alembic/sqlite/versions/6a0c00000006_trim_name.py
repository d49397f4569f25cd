"""trim_name of a shop

Revision ID: 6a0c00000006
Revises: 4a0c00000004, 5a0c00000005
Create Date: 2026-01-01 00:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = "6a0c00000006"
down_revision = ("4a0c00000004", "5a0c00000005")
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END;""")


def downgrade():
    op.execute("""DROP TRIGGER trim_name;""")

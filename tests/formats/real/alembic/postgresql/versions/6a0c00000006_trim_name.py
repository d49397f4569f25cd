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
    op.execute("""CREATE FUNCTION trim_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    new.name := trim(new.name);
    RETURN new; -- a ; in a body
END;
$$;""")
    op.execute("""CREATE TRIGGER trim_name BEFORE INSERT ON customer
FOR EACH ROW EXECUTE FUNCTION trim_name();""")


def downgrade():
    op.execute("""DROP TRIGGER trim_name ON customer;""")
    op.execute("""DROP FUNCTION trim_name();""")

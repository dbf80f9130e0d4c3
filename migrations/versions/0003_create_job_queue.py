"""Create the job queue's tables, by the schema that the queue's own package ships."""

import re

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: the schema holds percent signs and many statements.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    schema = SchemaManager.get_schema()
    for name in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", schema):
        op.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
    drop_functions = """
        DO $$ DECLARE it regprocedure; BEGIN
            FOR it IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
                EXECUTE 'DROP FUNCTION ' || it || ' CASCADE';
            END LOOP;
        END $$
    """
    op.get_bind().connection.driver_connection.execute(drop_functions)
    for name in re.findall(r"CREATE TYPE (\w+)", schema):
        op.execute(f"DROP TYPE IF EXISTS {name} CASCADE")

"""Let the planner know how the numbers of places lie: it takes no statistics from an index of a part of the rows."""

from alembic import op

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("CREATE STATISTICS IF NOT EXISTS building_listed_map_code ON (map_code(location)) FROM building_listed")
    op.execute("ANALYZE building_listed")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP STATISTICS IF EXISTS building_listed_map_code")

"""Let lists find leases by their first date: one small index instead of two, of which one held every day of a lease."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0105"
branch_labels = None
depends_on = None

ARRAYS = ["agency_ids", "area_ids", "tenures"]
TABLE = "building_listed"


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _drop("arrays", "lease_end_first")
    op.create_index("ix_building_listed_arrays", TABLE, ARRAYS, postgresql_using="gin")
    known = sa.text("lease_dates[1] IS NOT NULL")
    op.create_index("ix_building_listed_lease_date_first", TABLE, [sa.text("(lease_dates[1])")], postgresql_where=known)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _drop("arrays", "lease_date_first")
    op.create_index("ix_building_listed_arrays", TABLE, [*ARRAYS, "lease_dates"], postgresql_using="gin")
    known = sa.text("lease_end_first IS NOT NULL")
    op.create_index("ix_building_listed_lease_end_first", TABLE, ["lease_end_first"], postgresql_where=known)


def _drop(*names: str) -> None:
    """Here and in the history, which gets those of the table at the end of each upgrade."""
    for name in names:
        op.execute(f"DROP INDEX ix_building_listed_{name}")
        op.execute(f"DROP INDEX IF EXISTS history.ix_building_listed_{name}")

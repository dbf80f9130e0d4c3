"""Drop two indexes that no question reads: which area a building lies in is found by the areas' own index.

In a register of a million buildings neither was read once by all that the pages ask. The one of locations alone is a
third of the time in which new buildings are stored.
"""

from alembic import op

revision = "0105"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP INDEX ix_building_location")
    op.execute("DROP INDEX ix_running_cost_agency_id")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("CREATE INDEX ix_running_cost_agency_id ON running_cost (agency_id)")
    op.execute("CREATE INDEX ix_building_location ON building USING gist (location)")

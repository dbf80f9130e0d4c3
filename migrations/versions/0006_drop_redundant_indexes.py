"""Drop indexes whose columns are the first of a unique constraint on the same table: each row paid for both."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REDUNDANT = {
    "running_cost": "building_id",
    "occupancy_observation": "building_id",
    "condition_survey": "building_id",
    "energy_rating": "building_id",
    "valuation": "building_id",
    "source_record": "import_id",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table, column in REDUNDANT.items():
        op.drop_index(f"ix_{table}_{column}", table_name=table)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table, column in REDUNDANT.items():
        op.create_index(f"ix_{table}_{column}", table, [column])

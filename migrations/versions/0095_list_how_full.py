"""Let counts of people be entered, corrected and retired by hand, and list how full each building is."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0095"
down_revision = "0100"
branch_labels = None
depends_on = None

KEY = ["building_id", "observed_on", "method"]
OLD_KEY = "uq_occupancy_observation_building_id_observed_on_method"
NEW_KEY = "uq_occupancy_observation_key"
IN_USE = "status IN ('active', 'surplus', 'vacant') AND kind <> 'part' AND is_usual"
LISTED = (
    ("occupancy_ratio", sa.Numeric(14, 4)),
    ("utilisation_ratio", sa.Numeric(14, 4)),
    ("fullness_ratio", sa.Numeric(14, 4)),
    ("count_method", postgresql.ENUM(name="occupancymethod", create_type=False)),
    ("counted_on", sa.Date()),
    ("is_fullness_estimate", sa.Boolean()),
    ("vacant_m2", sa.Numeric(14, 2)),
    ("is_vacant_estimate", sa.Boolean()),
)
SORTED_BY = ("fullness_ratio", "vacant_m2")
LIMITS = (
    ("fullness_low", 0.60, "Act below 60 % utilisation: USE IT Act, United States, 2025"),
    ("fullness_high", 0.85, "Default of this product: a partnership puts its own in its place"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("occupancy_observation", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("occupancy_observation", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("occupancy_observation", sa.Column("retired_reason", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_occupancy_observation_retired_has_reason"),
        "occupancy_observation",
        "(retired_at IS NULL) = (retired_reason IS NULL)",
    )
    op.drop_constraint(OLD_KEY, "occupancy_observation")
    op.create_unique_constraint(
        NEW_KEY, "occupancy_observation", [*KEY, "retired_at"], postgresql_nulls_not_distinct=True
    )
    for name, kind in LISTED:
        op.add_column("building_listed", sa.Column(name, kind, nullable=True))
    for name in SORTED_BY:
        known = sa.text(f"{name} IS NOT NULL AND {IN_USE}")
        op.create_index(f"ix_building_listed_{name}", "building_listed", [name, "id"], postgresql_where=known)
    assumption = sa.table(
        "assumption", *(sa.column(name) for name in ("code", "value", "unit", "valid_from", "source"))
    )
    rows = [
        {"code": code, "value": value, "unit": "ratio", "valid_from": date(2025, 1, 1), "source": source}
        for code, value, source in LIMITS
    ]
    op.bulk_insert(assumption, rows)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DELETE FROM assumption WHERE code IN ('fullness_low', 'fullness_high')")
    for name in SORTED_BY:
        op.drop_index(f"ix_building_listed_{name}", table_name="building_listed")
    for name, _ in LISTED:
        op.drop_column("building_listed", name)
    op.drop_constraint(NEW_KEY, "occupancy_observation")
    # The old key knows no retired counts: they stay in history.
    op.execute("DELETE FROM occupancy_observation WHERE retired_at IS NOT NULL")
    op.create_unique_constraint(OLD_KEY, "occupancy_observation", KEY)
    op.drop_constraint(op.f("ck_occupancy_observation_retired_has_reason"), "occupancy_observation")
    for name in ("retired_reason", "retired_at", "version"):
        op.drop_column("occupancy_observation", name)

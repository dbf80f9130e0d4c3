"""Add the period of a count of people, and the hours in which the space was available and used."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0075"
branch_labels = None
depends_on = None

COLUMNS = (
    ("period_start_on", sa.Date()),
    ("hours_available", sa.Numeric(10, 2)),
    ("hours_used", sa.Numeric(10, 2)),
)
RULES = (
    ("period", "period_start_on <= observed_on"),
    ("hours_available", "hours_available > 0 AND hours_available < 'Infinity'"),
    ("hours_used", "hours_used >= 0 AND hours_used <= hours_available"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for name, kind in COLUMNS:
        op.add_column("occupancy_observation", sa.Column(name, kind, nullable=True))
    for name, rule in RULES:
        op.create_check_constraint(op.f(f"ck_occupancy_observation_{name}"), "occupancy_observation", rule)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for name, _ in RULES:
        op.drop_constraint(op.f(f"ck_occupancy_observation_{name}"), "occupancy_observation")
    for name, _ in COLUMNS:
        op.drop_column("occupancy_observation", name)

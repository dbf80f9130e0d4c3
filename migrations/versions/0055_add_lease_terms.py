"""Add the terms of a lease that the InSite standard names: breaks with their notice, reviews, who repairs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0060"
branch_labels = None
depends_on = None

REPAIR = ("tenant_full", "tenant_internal", "shared", "landlord")
COLUMNS = (
    ("break_earliest_on", sa.Date()),
    ("break_last_on", sa.Date()),
    ("break_notice_months", sa.SmallInteger()),
    ("break_penalty", sa.Numeric(14, 2)),
    ("notice_given_on", sa.Date()),
    ("review_on", sa.Date()),
    ("review_every_months", sa.SmallInteger()),
    ("repair_liability", postgresql.ENUM(*REPAIR, name="repairliability", create_type=False)),
)
RULES = (
    ("break_window", "break_last_on >= break_earliest_on"),
    ("break_notice_months", "break_notice_months BETWEEN 0 AND 120"),
    ("break_penalty", "break_penalty >= 0 AND break_penalty < 'Infinity'"),
    ("review_every_months", "review_every_months BETWEEN 1 AND 600"),
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    sa.Enum(*REPAIR, name="repairliability").create(op.get_bind())
    for name, kind in COLUMNS:
        op.add_column("interest", sa.Column(name, kind, nullable=True))
    for name, rule in RULES:
        op.create_check_constraint(op.f(f"ck_interest_{name}"), "interest", rule)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for name, _ in RULES:
        op.drop_constraint(op.f(f"ck_interest_{name}"), "interest")
    for name, _ in COLUMNS:
        op.drop_column("interest", name)
    # The history keeps dropped columns, but this one would hold on to its type.
    op.execute("ALTER TABLE history.interest DROP COLUMN repair_liability")
    sa.Enum(name="repairliability").drop(op.get_bind())

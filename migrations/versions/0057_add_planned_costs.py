"""Add budgets and forecasts of running costs, and the month in which an agency's financial year starts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

KIND = ("budget", "forecast")


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("agency", sa.Column("financial_year_start_month", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_agency_financial_year_start_month"), "agency", "financial_year_start_month BETWEEN 1 AND 12"
    )
    sa.Enum(*KIND, name="plannedkind").create(op.get_bind())
    op.create_table(
        "planned_cost",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("year_start", sa.SmallInteger(), nullable=False),
        sa.Column("kind", postgresql.ENUM(name="plannedkind", create_type=False), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column(
            "change_set",
            sa.Text(),
            server_default=sa.text("nullif(current_setting('estate.change_set', true), '')"),
            nullable=True,
        ),
        sa.CheckConstraint("amount >= 0 AND amount < 'Infinity'", name=op.f("ck_planned_cost_amount")),
        sa.CheckConstraint("year_start BETWEEN 1990 AND 2100", name=op.f("ck_planned_cost_year_start")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.{key}"], name=op.f(f"fk_planned_cost_{column}_{table}"))
            for column, table, key in (
                ("building_id", "building", "id"),
                ("agency_id", "agency", "id"),
                ("category_code", "cost_category", "code"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_cost")),
        sa.UniqueConstraint(
            "building_id", "agency_id", "category_code", "year_start", "kind", name="uq_planned_cost_key"
        ),
    )
    op.create_index("ix_planned_cost_agency_id", "planned_cost", ["agency_id"])
    op.create_index("ix_planned_cost_year_start", "planned_cost", ["year_start"])
    op.execute("SELECT history.keep('planned_cost')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("planned_cost")
    op.execute("DROP TABLE history.planned_cost")
    sa.Enum(name="plannedkind").drop(op.get_bind())
    op.drop_constraint(op.f("ck_agency_financial_year_start_month"), "agency")
    op.drop_column("agency", "financial_year_start_month")

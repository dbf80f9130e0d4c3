"""Add who may see a record, and who may see a field: open, partner, owner, secret."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0070"
branch_labels = None
depends_on = None

LEVELS = ("open", "partner", "owner", "secret")

# Code, title, table, columns, which labels of an event's changes speak of it, order. What is withheld of a column that
# must have a value is the whole row: a valuation without its amount says nothing.
FIELDS = (
    ("rent", "Rent of a lease", "interest", ["rent_per_year", "break_penalty"], "^(rent_per_year|break_penalty)", 10),
    ("landlord", "Landlord", "interest", ["landlord"], "^landlord", 20),
    ("lease_dates", "Dates of a lease", "interest",
     ["lease_start_on", "lease_end_on", "break_on", "break_earliest_on", "break_last_on", "notice_given_on", "review_on"],
     "^(lease_(start|end)|break|break_earliest|break_last|notice_given|review)_on", 30),
    ("team", "Names of teams", "occupation", ["team"], "^team$|: ", 40),
    ("valuation", "Valuations", "valuation", ["amount"], "^valuation ", 50),
    ("running_cost", "Running costs", "running_cost", ["amount"], "^amount$|^[a-z_]+ [0-9]{4}( |$)", 60),
    ("planned_cost", "Budgets and forecasts", "planned_cost", ["amount"], "^amount$|^(budget|forecast) ", 65),
    ("note", "Notes on a building", "building", ["note"], "^note$", 70),
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    level = postgresql.ENUM(*LEVELS, name="sensitivity", create_type=False)
    sa.Enum(*LEVELS, name="sensitivity").create(op.get_bind())
    op.add_column("building", sa.Column("sensitivity", level, server_default="partner", nullable=False))
    # The versions that are kept had no level: they are their building's, whose level of today governs its past as well.
    op.execute("ALTER TABLE history.building ADD COLUMN sensitivity sensitivity DEFAULT 'partner'")
    op.execute("ALTER TABLE history.building ALTER COLUMN sensitivity DROP DEFAULT")
    op.create_index(
        "ix_building_sensitivity", "building", ["sensitivity"], postgresql_where=sa.text("sensitivity <> 'partner'")
    )
    fields = op.create_table(
        "sensitive_field",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("event_pattern", sa.Text(), nullable=False),
        sa.Column("sort", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sensitive_field")),
    )
    op.bulk_insert(
        fields,
        [
            dict(zip(("code", "title", "table_name", "columns", "event_pattern", "sort"), row, strict=True))
            for row in FIELDS
        ],
    )
    op.create_table(
        "field_sensitivity",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("field_code", sa.Text(), nullable=False),
        sa.Column("level", level, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_sensitivity")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_field_sensitivity_has_reason")),
        sa.ForeignKeyConstraint(
            ["field_code"], ["sensitive_field.code"], name=op.f("fk_field_sensitivity_field_code_sensitive_field")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_field_sensitivity_actor_id_user_account")
        ),
    )
    op.create_index("ix_field_sensitivity_field_code_valid_from", "field_sensitivity", ["field_code", "valid_from"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("field_sensitivity")
    op.drop_table("sensitive_field")
    op.drop_index("ix_building_sensitivity", "building")
    op.drop_column("building", "sensitivity")
    op.execute("ALTER TABLE history.building DROP COLUMN sensitivity")
    sa.Enum(name="sensitivity").drop(op.get_bind())

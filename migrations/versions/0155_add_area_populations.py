"""Add populations of areas by year."""

import sqlalchemy as sa
from alembic import op

revision = "0155"
down_revision = "0126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "area_population",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("level_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_population")),
        sa.ForeignKeyConstraint(
            ["level_code"], ["boundary_level.code"], name=op.f("fk_area_population_level_code_boundary_level")
        ),
        sa.CheckConstraint("people >= 0", name=op.f("ck_area_population_people")),
        sa.CheckConstraint("year BETWEEN 1801 AND 2200", name=op.f("ck_area_population_year")),
    )
    op.create_index(
        "uq_area_population_current",
        "area_population",
        ["level_code", "code", "year"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("area_population")

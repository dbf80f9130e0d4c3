"""Add one row a building for lists and searches, with its history, and drop the indexes that it replaces."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0075"
down_revision = "0030"
branch_labels = None
depends_on = None

SORTED_BY = ("name_key", "postcode", "agency_name", "use_sort", "net_internal_area_m2", "annual_cost")
IN_USE = sa.text("status IN ('active', 'surplus', 'vacant')")
CHANGE_SET = sa.text("nullif(current_setting('estate.change_set', true), '')")


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _add_list()
    _add_list_indexes()
    op.create_table(
        "cost_year_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("year_start", sa.SmallInteger(), nullable=False),
        sa.Column("building_delta", sa.Integer(), nullable=False),
        *_dated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_year_step")),
    )
    for table in ("building_listed", "cost_year_step"):
        op.execute(f"SELECT history.keep('{table}')")
    # What is derived may be worked out anew, with its past: areas of a past day are those in force today.
    op.execute("DROP TRIGGER is_append_only ON history.building_listed")
    op.execute("DROP TRIGGER is_append_only ON history.cost_year_step")
    # The list's own indexes replace these; history's copies go with them.
    for index in ("ix_building_name_trgm", "ix_building_status_recorded_at"):
        op.execute(f"DROP INDEX {index}")
        op.execute(f"DROP INDEX IF EXISTS history.{index}")
    op.create_index("ix_building_status", "building", ["status"])


def _dated() -> list[sa.Column[object]]:
    return [
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("change_set", sa.Text(), server_default=CHANGE_SET, nullable=True),
    ]


def _add_list() -> None:
    op.create_table(
        "building_listed",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("uprn", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("use_class_code", sa.Text(), nullable=True),
        sa.Column("use_sort", sa.Integer(), nullable=True),
        sa.Column("status", postgresql.ENUM(name="buildingstatus", create_type=False), nullable=False),
        sa.Column("gross_internal_area_m2", sa.Numeric(12, 2), nullable=True),
        sa.Column("net_internal_area_m2", sa.Numeric(12, 2), nullable=True),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("annual_cost", sa.Numeric(16, 2), nullable=True),
        sa.Column("is_estimate", sa.Boolean(), nullable=True),
        sa.Column("cost_years", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("agency_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("area_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("tenures", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lease_end_first", sa.Date(), nullable=True),
        sa.Column("lease_dates", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        *_dated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building_listed")),
    )


def _add_list_indexes() -> None:
    table = "building_listed"
    for column in SORTED_BY:
        columns = [column, "id"] if column == "name_key" else [column, "name_key", "id"]
        op.create_index(
            f"ix_{table}_{column}", table, columns, postgresql_include=["recorded_at"], postgresql_where=IN_USE
        )
    op.create_index(f"ix_{table}_status", table, ["status", "name_key", "id"], postgresql_include=["recorded_at"])
    op.create_index(f"ix_{table}_use_class_code", table, ["use_class_code"])
    op.create_index(f"ix_{table}_uprn", table, ["uprn"], postgresql_ops={"uprn": "text_pattern_ops"})
    known = sa.text("lease_end_first IS NOT NULL")
    op.create_index(f"ix_{table}_lease_end_first", table, ["lease_end_first"], postgresql_where=known)
    op.create_index(f"ix_{table}_without_location", table, ["id"], postgresql_where=sa.text("location IS NULL"))
    op.create_index(
        f"ix_{table}_search_text",
        table,
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    arrays = ["agency_ids", "area_ids", "tenures", "lease_dates"]
    op.create_index(f"ix_{table}_arrays", table, arrays, postgresql_using="gin")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_index("ix_building_status", table_name="building")
    op.create_index("ix_building_status_recorded_at", "building", ["status", "recorded_at"])
    op.create_index(
        "ix_building_name_trgm",
        "building",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    for table in ("cost_year_step", "building_listed"):
        op.execute(f"DROP VIEW IF EXISTS as_at.{table}")
        op.drop_table(table)
        op.execute(f"DROP TABLE history.{table}")

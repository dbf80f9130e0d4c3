"""Add one row a building for lists and searches, with its history, and drop the indexes that it replaces."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0075"
down_revision = "0066"
branch_labels = None
depends_on = None

SORTED_BY = ("name_key", "postcode", "net_internal_area_m2", "annual_cost")
IN_USE = sa.text("status IN ('active', 'surplus', 'vacant') AND kind <> 'part'")
CHANGE_SET = sa.text("nullif(current_setting('estate.change_set', true), '')")

# As before, save that the areas of a past day follow from where the list says that each building stood.
REFRESH = """
CREATE OR REPLACE FUNCTION history.refresh() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    PERFORM history.release();
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'history' ORDER BY tablename LOOP
        IF to_regclass(format('public.%I', found.tablename)) IS NOT NULL THEN
            PERFORM history.keep(found.tablename);
        END IF;
    END LOOP;
    CREATE VIEW as_at.event AS SELECT * FROM public.event WHERE at <= (SELECT as_at.moment());
    CREATE VIEW as_at.source_record AS
        SELECT * FROM public.source_record WHERE created_at <= (SELECT as_at.moment());
    CREATE VIEW as_at.building_area AS
        SELECT l.id AS building_id, a.area_id
        FROM as_at.building_listed l CROSS JOIN LATERAL unnest(l.area_ids) AS a(area_id);
END $$
"""
# One view reads another now.
RELEASE = """
CREATE OR REPLACE FUNCTION history.release() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT viewname FROM pg_views WHERE schemaname = 'as_at' LOOP
        EXECUTE format('DROP VIEW IF EXISTS as_at.%I CASCADE', found.viewname);
    END LOOP;
END $$
"""
AREAS_BY_RECORDS = """
        SELECT a.building_id, a.area_id FROM public.building_area a
        WHERE NOT EXISTS (
            SELECT 1 FROM history.building h JOIN public.building b USING (id)
            WHERE h.id = a.building_id AND h.location IS DISTINCT FROM b.location
                AND h.recorded_at <= (SELECT as_at.moment()) AND h.superseded_at > (SELECT as_at.moment()))
        UNION ALL
        SELECT moved.building_id, moved.area_id FROM (
            SELECT DISTINCT ON (h.id, area.level_code) h.id AS building_id, area.id AS area_id
            FROM history.building h JOIN public.building b USING (id)
            JOIN public.area ON ST_Covers(area.geometry, h.location)
            WHERE area.valid_until IS NULL AND h.location IS DISTINCT FROM b.location
                AND h.recorded_at <= (SELECT as_at.moment()) AND h.superseded_at > (SELECT as_at.moment())
            ORDER BY h.id, area.level_code, area.id) moved;
"""


def _set_refresh(areas: str | None = None) -> None:
    """Put the function in place, with other `areas` where they are given."""
    start, end = REFRESH.index("        SELECT l.id AS building_id"), REFRESH.index("END $$")
    statement = REFRESH if areas is None else REFRESH[:start] + areas.lstrip("\n") + REFRESH[end:]
    # Not `op.execute`: a colon in the SQL is no parameter.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


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
    op.get_bind().exec_driver_sql(RELEASE.replace("%", "%%"))
    _set_refresh()
    # The list's own indexes replace these; history's copies go with them.
    for index in (
        "ix_building_name_trgm",
        "ix_building_status_recorded_at",
        "ix_building_postcode",
        "ix_building_use_class_code",
    ):
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
        sa.Column("kind", postgresql.ENUM(name="buildingkind", create_type=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("uprn", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("use_class_code", sa.Text(), nullable=True),
        sa.Column("status", postgresql.ENUM(name="buildingstatus", create_type=False), nullable=False),
        sa.Column("gross_internal_area_m2", sa.Numeric(12, 2), nullable=True),
        sa.Column("net_internal_area_m2", sa.Numeric(12, 2), nullable=True),
        sa.Column("counted_gross_m2", sa.Numeric(14, 2), nullable=True),
        sa.Column("counted_net_m2", sa.Numeric(14, 2), nullable=True),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("annual_cost", sa.Numeric(16, 2), nullable=True),
        sa.Column("has_cost", sa.Boolean(), nullable=False),
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
        op.create_index(f"ix_{table}_{column}", table, [column, "id"], postgresql_where=IN_USE)
    for column in ("agency_id", "status", "use_class_code"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(f"ix_{table}_uprn", table, ["uprn"], postgresql_ops={"uprn": "text_pattern_ops"})
    known = sa.text("lease_end_first IS NOT NULL")
    op.create_index(f"ix_{table}_lease_end_first", table, ["lease_end_first"], postgresql_where=known)
    op.create_index(f"ix_{table}_without_cost", table, ["id"], postgresql_where=sa.text("NOT has_cost"))
    known = sa.text("site_id IS NOT NULL")
    op.create_index(f"ix_{table}_site_id", table, ["site_id"], postgresql_where=known)
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
    _set_refresh(AREAS_BY_RECORDS)
    op.execute("DROP VIEW IF EXISTS as_at.building_area")
    op.drop_index("ix_building_status", table_name="building")
    for column in ("postcode", "use_class_code"):
        op.create_index(f"ix_building_{column}", "building", [column])
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

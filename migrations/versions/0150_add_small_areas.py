"""Add small areas, the points where people live, and the road network along which they may be measured (ADR 25)."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0150"
down_revision = "0145"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "small_area_set",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("year BETWEEN 1900 AND 2200", name=op.f("ck_small_area_set_year")),
        sa.CheckConstraint("btrim(source) <> ''", name=op.f("ck_small_area_set_has_source")),
        sa.CheckConstraint("row_count = used_count + rejected_count", name=op.f("ck_small_area_set_rows_add_up")),
        sa.CheckConstraint(
            "(retired_at IS NULL) = (retired_reason IS NULL)", name=op.f("ck_small_area_set_retired_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_small_area_set_actor_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_area_set")),
    )
    op.create_table(
        "small_area",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("location", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("population >= 0", name=op.f("ck_small_area_population")),
        sa.CheckConstraint(
            "ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90",
            name=op.f("ck_small_area_location_is_on_earth"),
        ),
        sa.ForeignKeyConstraint(["set_id"], ["small_area_set.id"], name=op.f("fk_small_area_set_id_small_area_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_area")),
        sa.UniqueConstraint("set_id", "code", name=op.f("uq_small_area_set_id_code")),
    )
    op.create_table(
        "small_area_place",
        sa.Column("small_area_id", sa.BigInteger(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["small_area_id"], ["small_area.id"], name=op.f("fk_small_area_place_small_area_id_small_area")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_small_area_place_area_id_area")),
        sa.PrimaryKeyConstraint("small_area_id", "area_id", name=op.f("pk_small_area_place")),
    )
    op.create_index(op.f("ix_small_area_place_area_id"), "small_area_place", ["area_id"])
    op.create_table(
        "road_network_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("node_count", sa.Integer(), nullable=False),
        sa.Column("edge_count", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Float(53), nullable=False),
        sa.Column("srid", sa.Integer(), nullable=False),
        sa.Column("nodes", sa.LargeBinary(), nullable=False),
        sa.Column("edges", sa.LargeBinary(), nullable=False),
        sa.Column("lengths", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(source) <> ''", name=op.f("ck_road_network_file_has_source")),
        sa.CheckConstraint("node_count > 0 AND edge_count > 0", name=op.f("ck_road_network_file_is_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_network_file")),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table in ("road_network_file", "small_area_place", "small_area", "small_area_set"):
        op.drop_table(table)

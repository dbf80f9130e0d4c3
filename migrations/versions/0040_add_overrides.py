"""Let a steward choose what a building shows in one field, with a reason, against what its records say."""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

CHECKS = {
    "known_field": (
        "field IN ('name', 'uprn', 'street', 'post_town', 'postcode', 'use_class_code', 'status', "
        "'gross_internal_area_m2', 'net_internal_area_m2', 'built_year', 'location', 'condition', 'dec', 'epc')"
    ),
    "location_or_value": "(field = 'location') = (location IS NOT NULL)",
    "location_says_its_source": "(location IS NULL) = (fix_source IS NULL)",
    "has_value": "(field = 'location') = (value IS NULL)",
    "value_is_known": "btrim(value) <> ''",
    "uprn_is_digits": "field <> 'uprn' OR value ~ '^[0-9]{1,12}$'",
    "year_is_number": "field <> 'built_year' OR value ~ '^[0-9]{1,4}$'",
    "status_is_known": "field <> 'status' OR value IN ('active', 'vacant', 'surplus', 'disposed')",
    "area_is_number": (
        "field NOT IN ('gross_internal_area_m2', 'net_internal_area_m2') OR value ~ '^[0-9]{1,10}[.][0-9]{2}$'"
    ),
    "location_is_on_earth": (
        "location IS NULL OR (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90)"
    ),
    "retraction_has_reason": "(retracted_at IS NULL) = (retracted_reason IS NULL)",
    "has_reason": "btrim(reason) <> ''",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "field_override",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("location", geoalchemy2.Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("fix_source", postgresql.ENUM(name="fixsource", create_type=False), nullable=True),
        sa.Column("fix_accuracy_m", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("retracted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_override")),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_field_override_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_field_override_{column}_{table}"))
            for column, table in (
                ("building_id", "building"),
                ("from_id", "building"),
                ("actor_id", "user_account"),
                ("retracted_by_id", "user_account"),
            )
        ),
    )
    live = sa.text("retracted_at IS NULL")
    op.create_index(
        "uq_field_override_live_field", "field_override", ["building_id", "field"], unique=True, postgresql_where=live
    )
    op.create_index("ix_field_override_building_id", "field_override", ["building_id"])
    op.execute("SELECT history.keep('field_override')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP VIEW IF EXISTS as_at.field_override")
    op.drop_table("field_override")
    op.execute("DROP TABLE history.field_override")

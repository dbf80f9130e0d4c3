"""Say of each building whether it is a site, a building or a part, what it is on or in, and name sites."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

KINDS = ("site", "building", "part")
FIELDS = (
    "'name', 'uprn', 'street', 'post_town', 'postcode', 'use_class_code', 'status', 'gross_internal_area_m2', "
    "'net_internal_area_m2', 'built_year', 'location', 'condition', 'dec', 'epc'"
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    kind = postgresql.ENUM(*KINDS, name="buildingkind", create_type=False)
    sa.Enum(*KINDS, name="buildingkind").create(op.get_bind())
    op.add_column("building", sa.Column("kind", kind, server_default="building", nullable=False))
    # Whatever stood in the register before was a building.
    op.add_column("building", sa.Column("kind", kind, server_default="building", nullable=True), schema="history")
    op.add_column("building", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_building_parent_id_building"), "building", "building", ["parent_id"], ["id"])
    known = sa.text("parent_id IS NOT NULL")
    op.create_index("ix_building_parent_id", "building", ["parent_id"], postgresql_where=known)
    op.create_check_constraint(
        op.f("ck_building_part_has_parent"), "building", "kind <> 'part' OR parent_id IS NOT NULL"
    )
    op.add_column("site", sa.Column("founder_id", sa.BigInteger(), nullable=False))
    op.create_foreign_key(op.f("fk_site_founder_id_building"), "site", "building", ["founder_id"], ["id"])
    op.create_unique_constraint(op.f("uq_site_founder_id"), "site", ["founder_id"])
    op.alter_column("site", "name", nullable=True)
    op.create_check_constraint(op.f("ck_site_has_name"), "site", "btrim(name) <> ''")
    op.add_column("site", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("site", "version", server_default=None)
    _let_choose("'kind'")
    op.create_check_constraint(
        op.f("ck_field_override_kind_is_known"), "field_override", "field <> 'kind' OR value IN ('site', 'building')"
    )


def _let_choose(*further: str) -> None:
    op.drop_constraint(op.f("ck_field_override_known_field"), "field_override")
    fields = ", ".join((FIELDS, *further))
    op.create_check_constraint(op.f("ck_field_override_known_field"), "field_override", f"field IN ({fields})")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_constraint(op.f("ck_field_override_kind_is_known"), "field_override")
    op.execute("DELETE FROM field_override WHERE field = 'kind'")
    _let_choose()
    op.drop_column("site", "version")
    op.drop_constraint(op.f("ck_site_has_name"), "site")
    op.execute("UPDATE site SET name = 'Site ' || id WHERE name IS NULL")
    op.alter_column("site", "name", nullable=False)
    op.drop_column("site", "founder_id")
    op.drop_constraint(op.f("ck_building_part_has_parent"), "building")
    op.drop_column("building", "parent_id")
    op.drop_column("building", "kind")
    op.drop_column("building", "parent_id", schema="history")
    op.drop_column("building", "kind", schema="history")
    sa.Enum(name="buildingkind").drop(op.get_bind())

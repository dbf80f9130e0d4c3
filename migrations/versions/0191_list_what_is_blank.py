"""Find by name the buildings of which an area or the UPRN is unknown, and quickly that no record is old.

A tenth of a register is many to sort for one page, and may be none among the first thousands of names.
"""

from alembic import op

revision = "0191"
down_revision = "0190"
branch_labels = None
depends_on = None

IN_USE = "status IN ('active', 'surplus', 'vacant') AND kind <> 'part' AND is_usual"
BLANKS = {
    "gross_m2": "coalesce(gross_internal_area_m2, counted_gross_m2) IS NULL",
    "net_m2": "coalesce(net_internal_area_m2, counted_net_m2) IS NULL",
    "uprn": "uprn IS NULL",
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    # Their twins of the history are made after the last step of a migration.
    for name, is_blank in BLANKS.items():
        op.execute(
            f"CREATE INDEX ix_building_listed_without_{name} ON building_listed (name_key, id) "
            f"WHERE {is_blank} AND {IN_USE}"
        )
    op.execute("CREATE INDEX ix_building_changed_at ON building (changed_at)")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for schema in ("history", "public"):
        op.execute(f"DROP INDEX {schema}.ix_building_changed_at")
        for name in BLANKS:
            op.execute(f"DROP INDEX {schema}.ix_building_listed_without_{name}")

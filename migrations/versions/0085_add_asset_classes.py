"""Add classes of assets, the homes and blocks of a housing stock, and lists that leave large classes out."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0081"
branch_labels = None
depends_on = None

SORTED_BY = ("name_key", "postcode", "net_internal_area_m2", "annual_cost")
IN_USE = "status IN ('active', 'surplus', 'vacant') AND kind <> 'part'"
USUAL_IN_USE = f"{IN_USE} AND is_usual"
SOURCE = "Estate default: what the partnership's boards decide on"
STOCK = "Estate default: a stock of its own, such as Durham's 48,000 homes of 32 landlords"
CLASSES = (
    ("operational", "Offices and services", True, "building", None, SOURCE, 0),
    ("housing", "Housing", False, "home", "block", STOCK, 1),
)
USES = (("home", "Home", False, 90), ("home_block", "Block of homes", True, 91))


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _add_classes()
    _add_facts()
    _add_to_list()


def _add_classes() -> None:
    op.create_table(
        "asset_class",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("block_name", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_asset_class")),
    )
    add_class = sa.text("INSERT INTO asset_class VALUES (:code, :name, :usual, :unit, :block, DATE '2026-01-01', :source, :sort)")  # fmt: skip
    for row in CLASSES:
        names = ("code", "name", "usual", "unit", "block", "source", "sort")
        op.execute(add_class.bindparams(**dict(zip(names, row, strict=True))))
    for column in (
        sa.Column("asset_class_code", sa.Text(), server_default="operational", nullable=False),
        sa.Column("is_block", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("use_class", column)
    op.create_foreign_key(
        op.f("fk_use_class_asset_class_code_asset_class"), "use_class", "asset_class", ["asset_class_code"], ["code"]
    )
    add_use = sa.text("INSERT INTO use_class (code, name, may_host, may_close, sort, asset_class_code, is_block) VALUES (:code, :name, false, false, :sort, 'housing', :is_block)")  # fmt: skip
    for code, name, is_block, sort in USES:
        op.execute(add_use.bindparams(code=code, name=name, is_block=is_block, sort=sort))


def _add_facts() -> None:
    for table in ("building", "history.building"):
        op.execute(f"""
            ALTER TABLE {table} ADD COLUMN is_block boolean NOT NULL DEFAULT false,
                ADD COLUMN block_reference text, ADD COLUMN management_patch text,
                ADD COLUMN bedrooms smallint, ADD COLUMN home_tenure text
        """)
    op.create_check_constraint(op.f("ck_building_bedrooms"), "building", "bedrooms BETWEEN 0 AND 50")
    op.create_check_constraint(
        op.f("ck_building_block_has_reference"), "building", "NOT is_block OR block_reference IS NOT NULL"
    )
    op.create_index(
        "uq_building_live_block",
        "building",
        ["agency_id", "block_reference"],
        unique=True,
        postgresql_where=sa.text("is_block AND status <> 'retired'"),
    )
    op.create_index(
        "ix_building_block_reference",
        "building",
        ["agency_id", "block_reference"],
        postgresql_where=sa.text("block_reference IS NOT NULL"),
    )


def _add_to_list() -> None:
    _drop_sorted()
    for table in ("building_listed", "history.building_listed"):
        op.execute(f"""
            ALTER TABLE {table} ADD COLUMN asset_class_code text NOT NULL DEFAULT 'operational',
                ADD COLUMN is_usual boolean NOT NULL DEFAULT true, ADD COLUMN management_patch text
        """)
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN asset_class_code DROP DEFAULT, ALTER COLUMN is_usual DROP DEFAULT"
        )
    _add_sorted(USUAL_IN_USE)
    op.create_index(
        "ix_building_listed_left_out",
        "building_listed",
        ["asset_class_code", "agency_id", "management_patch"],
        postgresql_where=sa.text("NOT is_usual"),
    )


def _drop_sorted() -> None:
    """The copies that history keeps go with them, and come back as these are."""
    for column in SORTED_BY:
        op.execute(f"DROP INDEX ix_building_listed_{column}")
        op.execute(f"DROP INDEX IF EXISTS history.ix_building_listed_{column}")


def _add_sorted(condition: str) -> None:
    for column in SORTED_BY:
        op.create_index(
            f"ix_building_listed_{column}", "building_listed", [column, "id"], postgresql_where=sa.text(condition)
        )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _drop_sorted()
    op.execute("DROP INDEX ix_building_listed_left_out")
    op.execute("DROP INDEX IF EXISTS history.ix_building_listed_left_out")
    for table in ("building_listed", "history.building_listed"):
        op.execute(f"""
            ALTER TABLE {table} DROP COLUMN asset_class_code, DROP COLUMN is_usual, DROP COLUMN management_patch
        """)
    _add_sorted(IN_USE)
    op.drop_constraint("fk_use_class_asset_class_code_asset_class", "use_class")
    # A building keeps its place in the register, and becomes one of unknown use.
    op.execute("UPDATE building SET use_class_code = NULL WHERE use_class_code IN ('home', 'home_block')")
    op.execute("DELETE FROM use_class WHERE code IN ('home', 'home_block')")
    op.drop_column("use_class", "asset_class_code")
    op.drop_column("use_class", "is_block")
    op.drop_table("asset_class")
    op.execute("DROP INDEX uq_building_live_block")
    op.execute("DROP INDEX ix_building_block_reference")
    for table in ("building", "history.building"):
        op.execute(f"""
            ALTER TABLE {table} DROP COLUMN is_block, DROP COLUMN block_reference, DROP COLUMN management_patch,
                DROP COLUMN bedrooms, DROP COLUMN home_tenure
        """)

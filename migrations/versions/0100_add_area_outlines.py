"""Add light outlines of areas at several resolutions, for maps; derived from their boundaries."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0100"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "area_outline",
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("tolerance_m", sa.Integer(), nullable=False),
        sa.Column("geometry", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("label_at", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_outline_area_id_area")),
        sa.PrimaryKeyConstraint("area_id", "tolerance_m", name=op.f("pk_area_outline")),
        sa.CheckConstraint("tolerance_m > 0", name=op.f("ck_area_outline_tolerance_m")),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("area_outline")

"""Add base maps: pictures of other hosts, which an administrator offers to readers of maps."""

import sqlalchemy as sa
from alembic import op

revision = "0205"
down_revision = "0191"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "base_map",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("minimum_zoom", sa.SmallInteger(), nullable=False),
        sa.Column("maximum_zoom", sa.SmallInteger(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_map")),
        sa.CheckConstraint(
            "minimum_zoom >= 0 AND maximum_zoom <= 22 AND minimum_zoom <= maximum_zoom", name=op.f("ck_base_map_zooms")
        ),
        sa.CheckConstraint("left(address, 8) = 'https://'", name=op.f("ck_base_map_address_is_https")),
        sa.CheckConstraint("name <> '' AND attribution <> ''", name=op.f("ck_base_map_says_whose")),
    )
    op.create_index("uq_base_map_name_lower", "base_map", [sa.text("lower(name)")], unique=True)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("base_map")

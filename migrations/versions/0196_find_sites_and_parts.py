"""Find the few records of whole sites and of parts of buildings: lists of them read every building."""

from alembic import op

revision = "0196"
down_revision = "0195"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    # Its twin of the history is made after the last step of a migration.
    op.execute("CREATE INDEX ix_building_listed_other_kind ON building_listed (kind) WHERE kind <> 'building'")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for schema in ("history", "public"):
        op.execute(f"DROP INDEX {schema}.ix_building_listed_other_kind")

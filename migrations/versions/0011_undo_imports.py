"""Let an import be undone as a whole: who did it, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("ALTER TYPE importstatus ADD VALUE 'undoing' AFTER 'applied'")
    op.execute("ALTER TYPE importstatus ADD VALUE 'undone' AFTER 'undoing'")
    op.add_column("import", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import", sa.Column("undone_by_id", sa.BigInteger(), nullable=True))
    op.add_column("import", sa.Column("undo_reason", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_import_undone_by_id_user_account"), "import", "user_account", ["undone_by_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_constraint(op.f("fk_import_undone_by_id_user_account"), "import", type_="foreignkey")
    for column in ("undo_reason", "undone_by_id", "undone_at"):
        op.drop_column("import", column)
    # PostgreSQL can't take a value from an enum: a new one takes its place. An undone import was applied once.
    op.execute("UPDATE import SET status = 'applied' WHERE status IN ('undoing', 'undone')")
    op.execute("ALTER TYPE importstatus RENAME TO importstatus_with_undo")
    values = "'waiting', 'checking', 'checked', 'applying', 'applied', 'discarded', 'failed'"
    op.execute(f"CREATE TYPE importstatus AS ENUM ({values})")
    op.execute("ALTER TABLE import ALTER COLUMN status TYPE importstatus USING status::text::importstatus")
    op.execute("DROP TYPE importstatus_with_undo")

"""Add remembered mappings of unknown files, the profile that a mapping is made from, and a way to cancel an import."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("ALTER TYPE importstatus ADD VALUE 'mapping' AFTER 'checking'")
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_import_mapping_has_name")),
        sa.CheckConstraint(
            "(retired_at IS NULL) = (retired_reason IS NULL)", name=op.f("ck_import_mapping_retirement_has_reason")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_import_mapping_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_import_mapping_created_by_id_user_account")
        ),
    )
    op.create_index(
        "uq_import_mapping_live_header",
        "import_mapping",
        ["agency_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.add_column("import", sa.Column("doing", sa.Text(), nullable=True))
    op.add_column("import", sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import", sa.Column("profile", postgresql.JSONB(), nullable=True))
    op.add_column("import", sa.Column("mapping_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_import_mapping_id_import_mapping"), "import", "import_mapping", ["mapping_id"], ["id"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_constraint(op.f("fk_import_mapping_id_import_mapping"), "import", type_="foreignkey")
    for column in ("mapping_id", "profile", "cancel_asked_at", "doing"):
        op.drop_column("import", column)
    op.drop_table("import_mapping")
    # PostgreSQL can't take a value from an enum: a new one takes its place. A file that waited to be mapped had failed.
    op.execute("UPDATE import SET status = 'failed' WHERE status = 'mapping'")
    op.execute("ALTER TYPE importstatus RENAME TO importstatus_with_mapping")
    values = "'waiting', 'checking', 'checked', 'applying', 'applied', 'undoing', 'undone', 'discarded', 'failed'"
    op.execute(f"CREATE TYPE importstatus AS ENUM ({values})")
    op.execute("ALTER TABLE import ALTER COLUMN status TYPE importstatus USING status::text::importstatus")
    op.execute("DROP TYPE importstatus_with_mapping")

"""Add the tokens with which programs read the register as their user."""

import sqlalchemy as sa
from alembic import op

revision = "0145"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("ALTER TYPE attemptkind ADD VALUE 'token' AFTER 'second_factor'")
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_access_token_has_name")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_access_token_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    living = sa.text("ended_at IS NULL")
    op.create_index("ix_access_token_living", "access_token", ["user_id"], postgresql_where=living)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("access_token")
    op.execute("DELETE FROM login_attempt WHERE kind = 'token'")
    op.execute("ALTER TYPE attemptkind RENAME TO attemptkind_with_token")
    op.execute("CREATE TYPE attemptkind AS ENUM ('password', 'second_factor')")
    op.execute("ALTER TABLE login_attempt ALTER COLUMN kind DROP DEFAULT")
    op.execute("ALTER TABLE login_attempt ALTER COLUMN kind TYPE attemptkind USING kind::text::attemptkind")
    op.execute("ALTER TABLE login_attempt ALTER COLUMN kind SET DEFAULT 'password'")
    op.execute("DROP TYPE attemptkind_with_token")

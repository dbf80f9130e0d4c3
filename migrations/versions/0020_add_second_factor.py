"""Add the second factor, links to set a password, roles that end, and a version on agencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None

METHOD = postgresql.ENUM("password", "provider", name="loginmethod", create_type=False)
KIND = postgresql.ENUM("password", "second_factor", name="attemptkind", create_type=False)


def moment(name: str, *, nullable: bool = True) -> sa.Column:
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def identifier() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True)


def user_id() -> sa.Column:
    return sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user_account.id"), nullable=False, index=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    METHOD.create(op.get_bind())
    KIND.create(op.get_bind())
    op.add_column("agency", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("login_attempt", sa.Column("kind", KIND, nullable=False, server_default="password"))
    op.add_column("login_session", sa.Column("method", METHOD, nullable=False, server_default="password"))
    op.add_column("login_session", sa.Column("is_waiting", sa.Boolean(), nullable=False, server_default="false"))
    _let_roles_end()
    op.create_table(
        "second_factor",
        identifier(),
        user_id(),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        moment("created_at", nullable=False),
        moment("confirmed_at"),
        moment("ended_at"),
        sa.Column("last_step", sa.Integer(), nullable=True),
    )
    for name, condition in (("confirmed", "IS NOT NULL"), ("unconfirmed", "IS NULL")):
        op.create_index(
            f"uq_second_factor_{name}",
            "second_factor",
            ["user_id"],
            unique=True,
            postgresql_where=sa.text(f"confirmed_at {condition} AND ended_at IS NULL"),
        )
    op.create_table(
        "recovery_code",
        identifier(),
        sa.Column("second_factor_id", sa.BigInteger(), sa.ForeignKey("second_factor.id"), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        moment("used_at"),
        sa.UniqueConstraint("second_factor_id", "code_hash"),
    )
    op.create_table(
        "password_link",
        identifier(),
        sa.Column("token_hash", sa.Text(), nullable=False, unique=True),
        user_id(),
        moment("created_at", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        moment("ended_at"),
    )


def _let_roles_end() -> None:
    """Roles of before have no known date of granting."""
    op.add_column("membership", sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("membership", "granted_at", server_default=sa.text("now()"))
    op.add_column("membership", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_membership_user_id_agency_id_role", "membership")
    op.create_index(
        "uq_membership_held",
        "membership",
        ["user_id", "agency_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table in ("password_link", "recovery_code", "second_factor"):
        op.drop_table(table)
    op.drop_index("uq_membership_held", "membership")
    # A role that ended must not come back to life; the record of events keeps that it was there.
    op.execute("DELETE FROM membership WHERE ended_at IS NOT NULL")
    op.create_unique_constraint("uq_membership_user_id_agency_id_role", "membership", ["user_id", "agency_id", "role"])
    op.drop_column("membership", "ended_at")
    op.drop_column("membership", "granted_at")
    # A session that waits for its second factor would be a whole one afterwards.
    op.execute("UPDATE login_session SET ended_at = now() WHERE is_waiting AND ended_at IS NULL")
    op.drop_column("login_session", "is_waiting")
    op.drop_column("login_session", "method")
    op.drop_column("login_attempt", "kind")
    op.drop_column("agency", "version")
    KIND.drop(op.get_bind())
    METHOD.drop(op.get_bind())

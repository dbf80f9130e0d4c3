"""Add the yearly round in which each agency confirms its records: rounds, answers, and reminders that were sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

VERDICT = ("confirmed", "corrected", "wrong")
NOW = sa.func.now()


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    sa.Enum(*VERDICT, name="attestationverdict").create(op.get_bind())
    op.create_table(
        "attestation_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_event_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_round")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_attestation_round_has_name")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (figures IS NULL)", name=op.f("ck_attestation_round_closed_has_figures")
        ),
        sa.UniqueConstraint(
            "closed_at", name=op.f("uq_attestation_round_closed_at"), postgresql_nulls_not_distinct=True
        ),
        *_keys("attestation_round", opened_by_id="user_account", closed_by_id="user_account"),
    )
    op.create_table(
        "attestation",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", postgresql.ENUM(name="attestationverdict", create_type=False), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("record_version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.CheckConstraint("verdict <> 'wrong' OR btrim(note) <> ''", name=op.f("ck_attestation_wrong_says_what")),
        *_keys(
            "attestation",
            round_id="attestation_round",
            building_id="building",
            agency_id="agency",
            actor_id="user_account",
            superseded_by_id="user_account",
        ),
    )
    live = sa.text("superseded_at IS NULL")
    op.create_index(
        "uq_attestation_live", "attestation", ["round_id", "building_id"], unique=True, postgresql_where=live
    )
    op.create_index("ix_attestation_building_id", "attestation", ["building_id"])
    op.create_table(
        "attestation_reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("step_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_reminder")),
        sa.UniqueConstraint(
            "round_id", "agency_id", "user_id", "step_on",
            name=op.f("uq_attestation_reminder_round_id_agency_id_user_id_step_on"),
        ),
        *_keys("attestation_reminder", round_id="attestation_round", agency_id="agency", user_id="user_account"),
    )  # fmt: skip


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in columns.items()
    ]


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("attestation_reminder")
    op.drop_table("attestation")
    op.drop_table("attestation_round")
    sa.Enum(name="attestationverdict").drop(op.get_bind())

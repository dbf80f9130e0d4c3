"""Add decisions on pairs of records, the pairs that wait for one, and the building that a record belongs to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

VERDICT = ("same", "different", "same_site", "part_of", "unsure")
BASIS = ("auto", "fast_lane", "person")


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("building", sa.Column("canonical_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_building_canonical_id_building", "building", "building", ["canonical_id"], ["id"])
    known = sa.text("canonical_id IS NOT NULL")
    op.create_index("ix_building_canonical_id", "building", ["canonical_id"], postgresql_where=known)
    _add_decisions()
    _add_candidates()


def _add_decisions() -> None:
    sa.Enum(*VERDICT, name="matchverdict").create(op.get_bind())
    sa.Enum(*BASIS, name="matchbasis").create(op.get_bind())
    op.create_table(
        "match_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("low_id", sa.BigInteger(), nullable=False),
        sa.Column("high_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", postgresql.ENUM(name="matchverdict", create_type=False), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=True),
        sa.Column("basis", postgresql.ENUM(name="matchbasis", create_type=False), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("retracted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retracted_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_decision")),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_match_decision_low_before_high")),
        sa.CheckConstraint(
            "(verdict = 'part_of') = (part_id IS NOT NULL)", name=op.f("ck_match_decision_part_is_named")
        ),
        sa.CheckConstraint("part_id IN (low_id, high_id)", name=op.f("ck_match_decision_part_is_of_the_pair")),
        sa.CheckConstraint(
            "(retracted_at IS NULL) = (retracted_reason IS NULL)",
            name=op.f("ck_match_decision_retraction_has_reason"),
        ),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_match_decision_has_reason")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_match_decision_{column}_{table}"))
            for column, table in (
                ("low_id", "building"),
                ("high_id", "building"),
                ("part_id", "building"),
                ("actor_id", "user_account"),
                ("retracted_by_id", "user_account"),
            )
        ),
    )
    live = sa.text("retracted_at IS NULL")
    op.create_index(
        "uq_match_decision_live_pair", "match_decision", ["low_id", "high_id"], unique=True, postgresql_where=live
    )
    op.create_index("ix_match_decision_high_id", "match_decision", ["high_id"])
    op.create_index("ix_match_decision_low_id_high_id", "match_decision", ["low_id", "high_id"])


def _add_candidates() -> None:
    op.create_table(
        "match_candidate",
        sa.Column("low_id", sa.BigInteger(), nullable=False),
        sa.Column("high_id", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("same_uprn", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("runner_up", sa.Float(), nullable=False),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("money_at_stake", sa.Numeric(14, 2), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_match_candidate")),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_match_candidate_low_before_high")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_match_candidate_{column}_{table}"))
            for column, table in (("low_id", "building"), ("high_id", "building"), ("agency_id", "agency"))
        ),
    )
    op.create_index(
        "ix_match_candidate_money_at_stake",
        "match_candidate",
        [sa.text("money_at_stake DESC"), sa.text("probability DESC")],
    )
    op.create_index("ix_match_candidate_high_id", "match_candidate", ["high_id"])
    op.create_index("ix_match_candidate_agency_id", "match_candidate", ["agency_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_table("match_candidate")
    op.drop_table("match_decision")
    sa.Enum(name="matchbasis").drop(op.get_bind())
    sa.Enum(name="matchverdict").drop(op.get_bind())
    op.drop_index("ix_building_canonical_id", "building")
    op.drop_constraint("fk_building_canonical_id_building", "building")
    op.drop_column("building", "canonical_id")

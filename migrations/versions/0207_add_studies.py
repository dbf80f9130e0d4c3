"""Add studies: one question over many areas at several levels, each area a part that a worker takes by itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0207"
down_revision = "0196"
branch_labels = None
depends_on = None

PART_STATUS = ("waiting", "queued", "running", "finished", "failed", "cancelled")
RUN_STATUS = ("queued", "running", "finished", "failed", "cancelled")


def identity(table):
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def reference(table, name, other, kind=sa.BigInteger, *, nullable=False, key="id"):
    target = sa.ForeignKey(f"{other}.{key}", name=op.f(f"fk_{table}_{name}_{other}"))
    return sa.Column(name, kind(), target, nullable=nullable)


def moment(name, *, nullable=True, **options):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, **options)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    sa.Enum(*PART_STATUS, name="partstatus").create(op.get_bind())
    op.create_table(
        "study",
        *identity("study"),
        reference("study", "programme_id", "programme"),
        sa.Column("name", sa.Text(), nullable=False),
        reference("study", "area_id", "area", nullable=True),
        reference("study", "actor_id", "user_account", nullable=True),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("status", postgresql.ENUM(*RUN_STATUS, name="runstatus", create_type=False), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in ("notes", "assumptions", "agency_ids")),
        moment("created_at", nullable=False, server_default=sa.func.now()),
        moment("split_at"),
        moment("finished_at"),
    )
    op.create_index("ix_study_programme_id", "study", ["programme_id"])
    op.create_index("ix_study_area_id", "study", ["area_id"])
    op.create_table(
        "study_level",
        *identity("study_level"),
        reference("study_level", "study_id", "study"),
        sa.Column("position", sa.Integer(), nullable=False),
        reference("study_level", "level_code", "boundary_level", sa.Text, nullable=True, key="code"),
        sa.Column("nests_in", postgresql.JSONB(), nullable=False),
        sa.UniqueConstraint("study_id", "position", name=op.f("uq_study_level_study_id_position")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_study_level_position")),
    )
    _create_parts()


def _create_parts() -> None:
    op.create_table(
        "study_part",
        *identity("study_part"),
        reference("study_part", "study_id", "study"),
        reference("study_part", "level_id", "study_level"),
        reference("study_part", "inside_id", "study_part", nullable=True),
        reference("study_part", "area_id", "area", nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("building_count", sa.Integer(), nullable=False),
        sa.Column("team_count", sa.Integer(), nullable=False),
        sa.Column("status", postgresql.ENUM(*PART_STATUS, name="partstatus", create_type=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("worker", "message", "solver_status")),
        moment("started_at"),
        moment("finished_at"),
        *(sa.Column(name, sa.Numeric(16, 2), nullable=True) for name in ("baseline", "objective", "bound")),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("gap", "seconds")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("kept_count", "emptied_count", "move_count")),
        sa.Column("problem", postgresql.JSONB(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("gap >= 0", name=op.f("ck_study_part_gap")),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_study_part_attempt")),
    )
    op.create_index("ix_study_part_study_id_status", "study_part", ["study_id", "status"])
    op.create_index("ix_study_part_level_id", "study_part", ["level_id"])
    op.create_index("ix_study_part_inside_id", "study_part", ["inside_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table in ("study_part", "study_level", "study"):
        op.drop_table(table)
    sa.Enum(*PART_STATUS, name="partstatus").drop(op.get_bind())

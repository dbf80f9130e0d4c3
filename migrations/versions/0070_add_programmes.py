"""Add programmes, who takes part in them from when to when, and the programme of each board and proposal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0070"
down_revision = "0050"
branch_labels = None
depends_on = None

# What is there becomes one programme of all agencies. Its slug is made as the application makes one.
FIRST = """
INSERT INTO programme (name, slug)
SELECT name, coalesce(nullif(trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g')), ''), 'programme')
FROM (SELECT coalesce((SELECT nullif(btrim(name), '') FROM place), 'Partnership') AS name) named
"""
MEMBERS = """
INSERT INTO programme_member (programme_id, agency_id, joined_on, left_on, reason)
SELECT p.id, a.id, a.member_from, a.member_until,
    CASE WHEN a.member_until IS NULL THEN '' ELSE 'Recorded before reasons were kept' END
FROM agency a CROSS JOIN programme p
"""
BACK = """
UPDATE agency a SET member_from = m.joined_on, member_until = m.left_on
FROM (SELECT DISTINCT ON (agency_id) agency_id, joined_on, left_on FROM programme_member
    ORDER BY agency_id, joined_on DESC NULLS LAST) m
WHERE m.agency_id = a.id AND (m.left_on IS NULL OR m.joined_on IS NOT NULL)
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _add_programmes()
    _add_members()
    op.execute(FIRST)
    op.execute(MEMBERS)
    op.drop_constraint("ck_agency_member_dates", "agency")
    op.drop_column("agency", "member_until")
    op.drop_column("agency", "member_from")
    for table in ("board", "proposal"):
        op.add_column(table, sa.Column("programme_id", sa.BigInteger(), nullable=True))
        op.execute(f"UPDATE {table} SET programme_id = (SELECT id FROM programme)")
        op.alter_column(table, "programme_id", nullable=False)
        op.create_foreign_key(f"fk_{table}_programme_id_programme", table, "programme", ["programme_id"], ["id"])
        op.create_index(f"ix_{table}_programme_id", table, ["programme_id"])
    op.add_column("board_member", sa.Column("left_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("board_member", sa.Column("left_with_id", sa.BigInteger(), nullable=True))
    stay = ("programme_member", ["left_with_id"], ["id"])
    op.create_foreign_key("fk_board_member_left_with_id_programme_member", "board_member", *stay)
    op.create_index("ix_board_member_left_with_id", "board_member", ["left_with_id"])


def _add_programmes() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("default_level_code", sa.Text(), nullable=True),
        sa.Column("horizon_years", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_programme_slug")),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_programme_slug")),
        sa.CheckConstraint("horizon_years BETWEEN 1 AND 60", name=op.f("ck_programme_horizon_years")),
    )
    op.create_index("uq_programme_name_lower", "programme", [sa.text("lower(name)")], unique=True)
    op.create_table(
        "programme_area",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "area_id", name=op.f("pk_programme_area")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_area_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_programme_area_area_id_area")),
    )
    op.create_index("ix_programme_area_area_id", "programme_area", ["area_id"])


def _add_members() -> None:
    op.create_table(
        "programme_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_member")),
        sa.CheckConstraint("left_on > joined_on", name=op.f("ck_programme_member_dates")),
        sa.CheckConstraint("left_on IS NULL OR btrim(reason) <> ''", name=op.f("ck_programme_member_end_has_reason")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_member_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_programme_member_agency_id_agency")),
        # Ranges of one number instead of numbers: so the index needs no extension.
        postgresql.ExcludeConstraint(
            (sa.text("int8range(programme_id, programme_id, '[]')"), "="),
            (sa.text("int8range(agency_id, agency_id, '[]')"), "="),
            (sa.text("daterange(joined_on, left_on)"), "&&"),
            name="ex_programme_member_stays",
            using="gist",
        ),
    )
    op.create_index("ix_programme_member_programme_id", "programme_member", ["programme_id"])
    op.create_index("ix_programme_member_agency_id", "programme_member", ["agency_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("agency", sa.Column("member_from", sa.Date(), nullable=True))
    op.add_column("agency", sa.Column("member_until", sa.Date(), nullable=True))
    op.execute(BACK)
    op.create_check_constraint(
        op.f("ck_agency_member_dates"), "agency", "member_until IS NULL OR member_until > member_from"
    )
    op.drop_index("ix_board_member_left_with_id", "board_member")
    op.drop_constraint("fk_board_member_left_with_id_programme_member", "board_member")
    op.drop_column("board_member", "left_with_id")
    op.drop_column("board_member", "left_reason")
    for table in ("board", "proposal"):
        op.drop_index(f"ix_{table}_programme_id", table)
        op.drop_constraint(f"fk_{table}_programme_id_programme", table)
        op.drop_column(table, "programme_id")
    op.drop_table("programme_area")
    op.drop_table("programme_member")
    op.drop_table("programme")

"""Add changes of many buildings at once, saved views of the list, and the columns that people chose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0046"
branch_labels = None
depends_on = None

ENUMS = {
    "editkind": ("same_values", "pasted"),
    "editstatus": (
        "mapping",
        "preparing",
        "ready",
        "applying",
        "applied",
        "undoing",
        "undone",
        "discarded",
        "failed",
    ),
    "verdict": ("change", "same", "refused", "elsewhere", "overtaken"),
}


def _enum(name: str) -> postgresql.ENUM:
    return postgresql.ENUM(name=name, create_type=False)


def _keys(table: str, keys: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}_{referred}"))
        for column, referred in keys.items()
    ]


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _created_at() -> sa.Column:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for name, values in ENUMS.items():
        sa.Enum(*values, name=name).create(op.get_bind())
    _add_edits()
    _add_rows()
    _add_views()


def _add_edits() -> None:
    op.create_table(
        "bulk_edit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _enum("editkind"), nullable=False),
        sa.Column("status", _enum("editstatus"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        _created_at(),
        _moment("applied_at"),
        _moment("undone_at"),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edit")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_bulk_edit_has_reason")),
        *_keys("bulk_edit", {"actor_id": "user_account", "undone_by_id": "user_account"}),
    )
    op.create_index("ix_bulk_edit_actor_id", "bulk_edit", ["actor_id"])


def _add_rows() -> None:
    op.create_table(
        "bulk_edit_row",
        sa.Column("bulk_edit_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("read_version", sa.Integer(), nullable=True),
        sa.Column("verdict", _enum("verdict"), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("position", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("bulk_edit_id", "place", name=op.f("pk_bulk_edit_row")),
        *_keys("bulk_edit_row", {"bulk_edit_id": "bulk_edit", "building_id": "building"}),
    )
    columns = ["bulk_edit_id", "verdict", "place"]
    op.create_index("ix_bulk_edit_row_bulk_edit_id_verdict_place", "bulk_edit_row", columns)
    op.create_index("ix_bulk_edit_row_building_id", "bulk_edit_row", ["building_id"])


def _add_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _created_at(),
        _moment("deleted_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_saved_view_has_name")),
        *_keys("saved_view", {"owner_id": "user_account", "agency_id": "agency"}),
    )
    op.create_index("ix_saved_view_owner_id", "saved_view", ["owner_id"])
    op.create_index("ix_saved_view_agency_id", "saved_view", ["agency_id"])
    op.create_table(
        "list_preference",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("default_view_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_list_preference")),
        *_keys("list_preference", {"user_id": "user_account", "default_view_id": "saved_view"}),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table in ("list_preference", "saved_view", "bulk_edit_row", "bulk_edit"):
        op.drop_table(table)
    for name in ENUMS:
        sa.Enum(name=name).drop(op.get_bind())

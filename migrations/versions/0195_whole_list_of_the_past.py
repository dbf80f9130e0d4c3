"""Let who sees every field read the list of a past day from its rows as they are, as they read that of today.

Its columns carried conditions, so that no index of a cost or of a lease's dates was asked: ten times as slow.
"""

from alembic import op

revision = "0195"
down_revision = "0206"
branch_labels = None
depends_on = None

CHANGES = {
    "seen.view_whole_list()": [
        (
            "|| seen.condition('building_listed', 't');",
            """|| seen.condition('building_listed', 't');
        EXECUTE 'CREATE VIEW seen_whole_as_at.building_listed AS SELECT * FROM as_at.building_listed t WHERE '
            || seen.condition('building_listed', 't') || ' AND ' || seen.past_list_condition('t');""",
        )
    ],
    "seen.release()": [
        ("'seen_as_at', 'seen_whole', 'seen'", "'seen_as_at', 'seen_whole_as_at', 'seen_whole', 'seen'")
    ],
    "seen.grant_to_web()": [
        (
            "GRANT USAGE ON SCHEMA public, history, as_at, seen, seen_as_at, seen_whole TO",
            "GRANT USAGE ON SCHEMA public, history, as_at, seen, seen_as_at, seen_whole, seen_whole_as_at TO",
        ),
        (
            "GRANT SELECT ON ALL TABLES IN SCHEMA history, as_at, seen_as_at, seen_whole TO",
            "GRANT SELECT ON ALL TABLES IN SCHEMA history, as_at, seen_as_at, seen_whole, seen_whole_as_at TO",
        ),
    ],
}


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    # Its view is made, and granted, after the last step of a migration.
    op.execute("CREATE SCHEMA seen_whole_as_at")
    for function, changes in CHANGES.items():
        _change(function, changes)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for function, changes in CHANGES.items():
        _change(function, [(after, before) for before, after in changes])
    op.execute("DROP SCHEMA seen_whole_as_at CASCADE")


def _change(function: str, changes: list[tuple[str, str]]) -> None:
    run = op.get_bind().exec_driver_sql
    made = run(f"SELECT pg_get_functiondef('{function}'::regprocedure)").scalar_one()
    for before, after in changes:
        if made.count(before) != 1:
            raise RuntimeError(f"{function} has no {before!r}, or several.")
        made = made.replace(before, after)
    # Not `op.execute`: a colon in the SQL is no parameter.
    run(made.replace("%", "%%"))

"""Let the views of the past be read by way of those of `seen_as_at` alone.

They were read with the reader's rights, below which row-level security keeps indexes of arrays, words and places out:
with a partner's eyes a past day took four times as long as it does without. Like the views of `seen`, those of
`seen_as_at` bring the condition themselves. The web's role may no longer name what lies below them.
"""

from alembic import op

revision = "0190"
down_revision = "0155"
branch_labels = None
depends_on = None

READ_AS_READER = "EXECUTE format('ALTER VIEW as_at.%I SET (security_invoker = true)', found.name);"
READ_AS_OWNER = "EXECUTE format('ALTER VIEW as_at.%I SET (security_invoker = false)', found.name);"
GRANT = "PERFORM seen.grant_to_web();"
GRANT_LESS = """PERFORM seen.grant_to_web();
    PERFORM seen.close_past_to_web();"""
CLOSE = """
CREATE FUNCTION seen.close_past_to_web() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    IF to_regrole('estate_web') IS NULL THEN
        RETURN;
    END IF;
    FOR found IN SELECT viewname AS name FROM pg_views WHERE schemaname = 'seen_as_at' LOOP
        EXECUTE format('REVOKE ALL ON as_at.%I FROM estate_web', found.name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _run(CLOSE)
    _change_refresh((READ_AS_READER, READ_AS_OWNER), (GRANT, GRANT_LESS))


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _change_refresh((GRANT_LESS, GRANT), (READ_AS_OWNER, READ_AS_READER))
    _run("DROP FUNCTION seen.close_past_to_web()")


def _change_refresh(*changes: tuple[str, str]) -> None:
    """Let `seen.refresh`, which runs after the last step of a migration, do otherwise."""
    made = op.get_bind().exec_driver_sql("SELECT pg_get_functiondef('seen.refresh()'::regprocedure)").scalar_one()
    for before, after in changes:
        if made.count(before) != 1:
            raise RuntimeError(f"seen.refresh has no {before!r}, or several.")
        made = made.replace(before, after)
    _run(made)


def _run(statement: str) -> None:
    # Not `op.execute`: a colon in the SQL is no parameter.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))

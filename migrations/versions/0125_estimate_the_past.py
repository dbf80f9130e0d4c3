"""Let the database expect that most of today's rows stood at a past moment already.

A moment that is only known when a query runs has no statistics: of `recorded_at <= moment` PostgreSQL expects a third of
the rows, of two such tables joined a ninth, and plans for a register of a few rows. The operator is the same
comparison, with an estimate of nearly all.
"""

from alembic import op

revision = "0125"
down_revision = "0150"
branch_labels = None
depends_on = None

# The estimate that the two borrow is that of a pattern which nobody knows yet: nearly none, and for the negator nearly
# all. No index is asked by either: that of the end of a version finds what stood at a moment.
OPERATORS = (
    """CREATE OPERATOR as_at.<== (FUNCTION = timestamptz_le, LEFTARG = timestamptz, RIGHTARG = timestamptz,
    NEGATOR = OPERATOR(as_at.>>>), RESTRICT = nlikesel)""",
    """CREATE OPERATOR as_at.>>> (FUNCTION = timestamptz_gt, LEFTARG = timestamptz, RIGHTARG = timestamptz,
    NEGATOR = OPERATOR(as_at.<==), RESTRICT = likesel)""",
)
PLAIN = "WHERE recorded_at <= (SELECT as_at.moment())"
ESTIMATED = "WHERE recorded_at OPERATOR(as_at.<==) (SELECT as_at.moment())"


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for statement in OPERATORS:
        op.execute(statement)
    _change_views(PLAIN, ESTIMATED)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    _change_views(ESTIMATED, PLAIN)
    # No view stands meanwhile: they are made after the last step of a migration.
    for name in ("<==", ">>>"):
        op.execute(f"DROP OPERATOR as_at.{name} (timestamptz, timestamptz)")


def _change_views(before: str, after: str) -> None:
    """Let `history.keep` make its views with another condition."""
    connection = op.get_bind()
    made = connection.exec_driver_sql("SELECT pg_get_functiondef('history.keep(text)'::regprocedure)").scalar_one()
    if made.count(before) != 1:
        raise RuntimeError(f"history.keep makes its views otherwise than with {before!r}.")
    # Not `op.execute`: a colon in the SQL is no parameter.
    connection.exec_driver_sql(made.replace(before, after).replace("%", "%%"))

"""Foreign keys of many new rows, checked once a key instead of once a row.

PostgreSQL looks each foreign key of each row up by itself: with a hundred thousand buildings that is half of an
import's time, spent on a few agencies, categories and uses again and again. Here every key that the rows refer to is
locked and counted first, exactly as the constraint's own trigger would lock it; only then do the triggers rest while
the rows are copied. New buildings are numbered in this same transaction. Where a key is missing, or the database's
role has no right to rest the triggers, they work as always.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.plan import Plan

MANY_ROWS = 5_000
MAY_REST = "SELECT has_parameter_privilege('session_replication_role', 'SET')"


@contextmanager
def keys_checked_once(session: Session, plan: Plan, import_id: int) -> Iterator[None]:
    """Rest the triggers of foreign keys inside the block, where all keys are known to be there."""
    may_rest = len(plan.new) >= MANY_ROWS and session.scalar(text(MAY_REST)) and _lock_keys(session, plan, import_id)
    if may_rest:
        session.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    # After an error there is nothing to set back: the transaction ends, and the setting with it.
    if may_rest:
        session.execute(text("SET LOCAL session_replication_role = origin"))


def _lock_keys(session: Session, plan: Plan, import_id: int) -> bool:
    """Lock every row that the new rows refer to; False where one is missing."""
    values = plan.report.values
    agency_ids = {number for row in plan.new if (number := plan.agency_ids[row]) is not None}
    wanted: list[tuple[str, str, str, Iterable[object]]] = [
        ("agency", "id", "bigint", agency_ids),
        ("import", "id", "bigint", {import_id}),
        ("cost_category", "code", "text", plan.report.cost_categories),
        ("use_class", "code", "text", set(values.get("use_class_code", ())) - {None}),
        ("building", "id", "bigint", set(plan.parent_ids.values())),
        ("service", "code", "text", set(values.get("service_code", ())) - {None}),
    ]
    for table, column, kind, keys in wanted:
        query = f"SELECT {column} FROM {table} WHERE {column} = ANY(CAST(:keys AS {kind}[])) FOR KEY SHARE"  # noqa: S608
        if len(session.execute(text(query), {"keys": list(keys)}).all()) != len(set(keys)):
            return False
    return None not in {plan.agency_ids[row] for row in plan.new}

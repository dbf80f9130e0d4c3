"""Indexes built once after the rows of a first load, instead of a step a row.

Sorting a hundred thousand keys once takes a tenth of the time of adding them to a tree one by one. To drop an index
takes the table for this transaction alone: whoever reads it waits until the import is stored. That is a fair price
only where the register is about to begin, so it is done only where the new rows are many times those that stand, and
only where nobody is reading the table at this moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

MANY = 20_000
TIMES = 10
"""How many times the rows that stand a first load brings, at least."""
STANDING = "SELECT count(*) FROM (SELECT FROM {table} LIMIT :most) AS standing"
IS_OWN = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(:table)"
# Those behind a key stay: they keep the rows apart.
INDEXES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = to_regclass(:table) AND NOT i.indisunique AND i.indisvalid ORDER BY c.relname
"""


@contextmanager
def indexes_built_after(session: Session, table: str, count: int) -> Iterator[None]:
    """Build the indexes of `table` anew after the block, if the block adds its first rows, `count` of them."""
    dropped = _drop(session, table) if _is_first_load(session, table, count) else []
    yield
    # After an error there is nothing to set back: the transaction ends, and the indexes stand as they did.
    for definition in dropped:
        session.execute(text(definition.replace(":", r"\:")))


def _is_first_load(session: Session, table: str, count: int) -> bool:
    if count < MANY or not session.scalar(text(IS_OWN), {"table": table}):
        return False
    most = count // TIMES + 1
    standing: int = session.execute(text(STANDING.format(table=table)), {"most": most}).scalar_one()
    return standing < most


def _drop(session: Session, table: str) -> list[str]:
    """Drop the indexes that are no keys, and give their definitions; none where others hold the table."""
    try:
        with session.begin_nested():
            session.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT"))
    except OperationalError:
        return []
    found = session.execute(text(INDEXES), {"table": table}).all()
    for name, _ in found:
        session.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in found]

"""What an edit would do with each row: nothing of the register is written here."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from estate.errors import Conflict, InvalidInput
from estate.register.changes import Changes, Position, plan_change
from estate.register.edits.targets import Target
from estate.register.models import BulkEdit, BulkEditRow, EditStatus, Verdict

Tell = Callable[[float], None]
COLUMNS = (
    "bulk_edit_id", "place", "line", "building_id", "name", "read_version", "verdict", "message", "changes", "position",
)  # fmt: skip
TOLD_EVERY = 500
LONGEST_NAME = 200
ELSEWHERE = "{} answers for this record, so it stays as it is."
TITLES = {
    "uprn": "UPRN",
    "use_class_code": "Use",
    "post_town": "Town",
    "gross_internal_area_m2": "Gross internal area",
    "net_internal_area_m2": "Net internal area",
    "built_year": "Year built",
    "is_listed": "Listed",
    "is_protected": "Protected",
    "protected_reason": "Why it is protected",
}
"""Fields whose name is not what people call them; the others are their name with a capital."""


@dataclass(frozen=True)
class Wish:
    """One row of an edit: a record and the values it is to have, or why the row can't be followed."""

    target: Target | None = None
    values: dict[str, Any] = field(default_factory=dict)
    line: int | None = None
    name: str = ""
    """What a line that names no building calls it."""
    refusal: str = ""


@dataclass(frozen=True)
class PlannedRow:
    """What becomes of one wish."""

    wish: Wish
    verdict: Verdict
    message: str = ""
    changes: Changes = field(default_factory=dict)
    position: Position | None = None


def title_of(name: str) -> str:
    """What people call a field."""
    return TITLES.get(name) or name.replace("_", " ").capitalize()


def plan_row(wish: Wish) -> PlannedRow:
    """Check one wish against the register as it is now."""
    if wish.refusal:
        return PlannedRow(wish, Verdict.REFUSED, wish.refusal)
    if wish.target is None:
        return PlannedRow(wish, Verdict.REFUSED, "There is no such building.")
    if not wish.target.may_edit:
        return PlannedRow(wish, Verdict.ELSEWHERE, ELSEWHERE.format(wish.target.record.agency.name))
    try:
        planned = plan_change(wish.target.record, wish.values)
    except InvalidInput as error:
        return PlannedRow(wish, Verdict.REFUSED, sentence_of(error))
    except Conflict as error:
        return PlannedRow(wish, Verdict.REFUSED, error.message)
    if not planned.changes and planned.position is None:
        return PlannedRow(wish, Verdict.SAME)
    return PlannedRow(wish, Verdict.CHANGE, wish.target.note, planned.changes, planned.position)


def sentence_of(error: InvalidInput) -> str:
    """Every broken rule of one row in one text."""
    return "; ".join(f"{title_of(name)}: {message}" for name, message in error.fields.items()) or error.message


def store_rows(session: Session, edit: BulkEdit, wishes: Iterable[Wish], count: int, tell: Tell) -> None:
    """Plan all `count` wishes and keep the rows in place of those that were kept before; `edit` is then ready.

    A record that two rows name is changed by the first of them.
    """
    session.execute(delete(BulkEditRow).where(BulkEditRow.bulk_edit_id == edit.id))
    session.flush()
    rows = list(_planned(wishes, count, tell))
    connection: Any = session.connection().connection.driver_connection
    statement = f"COPY bulk_edit_row ({', '.join(COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for place, row in enumerate(rows, start=1):
            copy.write_row((edit.id, place, *_cells(row)))
    edit.status, edit.progress, edit.message = EditStatus.READY, 1.0, None
    session.flush()


def _planned(wishes: Iterable[Wish], count: int, tell: Tell) -> Iterator[PlannedRow]:
    seen: dict[int, int] = {}
    for place, wish in enumerate(wishes, start=1):
        row = plan_row(wish)
        if wish.target is not None and row.verdict in (Verdict.CHANGE, Verdict.SAME):
            first = seen.setdefault(wish.target.record.id, wish.line or place)
            if first != (wish.line or place):
                row = PlannedRow(wish, Verdict.REFUSED, f"Line {first} is about this building already.")
        yield row
        if place % TOLD_EVERY == 0:
            tell(min(0.95, place / max(count, 1)))


def _cells(row: PlannedRow) -> tuple[Any, ...]:
    wish, record = row.wish, row.wish.target.record if row.wish.target else None
    at = row.position
    position = (
        None if at is None else [at.longitude, at.latitude, at.source.value if at.source else None, at.accuracy_m]
    )
    return (
        wish.line,
        record.id if record else None,
        (record.name if record else wish.name)[:LONGEST_NAME],
        record.version if record else None,
        row.verdict.value,
        row.message,
        json.dumps(row.changes),
        None if position is None else json.dumps(position),
    )

"""Since when a record says each of its values, and from which file or person it has them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import User
from estate.register.models import Import, SourceRecord
from estate.register.shown import SHOWN_FIELDS

COLUMNS = f"id, recorded_at, change_set, {', '.join(SHOWN_FIELDS)}, ST_AsText(location) AS location"
VERSIONS = f"""
SELECT {COLUMNS}, NULL AS superseded_by FROM building WHERE id = ANY(:ids)
UNION ALL
SELECT {COLUMNS}, superseded_by FROM history.building WHERE id = ANY(:ids)
    AND superseded_at <= coalesce(CAST(nullif(current_setting('estate.as_at', true), '') AS timestamptz), 'infinity')
ORDER BY id, recorded_at DESC
"""  # noqa: S608
NAMED = (*SHOWN_FIELDS, "location")


@dataclass(frozen=True)
class Origin:
    """Where a value comes from."""

    since: date | None
    """Since when the record says it; of a survey or certificate its own date."""
    file: Import | None = None
    line: int | None = None
    """The row of the file."""
    person: str | None = None
    """Who entered it by hand; None where that is not known, or it came from a file."""
    source: str = ""
    """What a survey or certificate names as its source."""


def origins_of(session: Session, record_ids: Collection[int]) -> dict[tuple[int, str], Origin]:
    """The origin of each value of these records, by record and field; "location" stands for the position."""
    versions = _versions(session, list(record_ids))
    begun = {(record_id, field): _beginning(versions[record_id], field) for record_id in versions for field in NAMED}
    lines = _lines(session, list(record_ids))
    files = {row.id: row for row in session.scalars(select(Import).where(Import.id.in_({key[0] for key in lines})))}
    people = _people(session, list(record_ids))
    found = {}
    for (record_id, field), (since, change_set) in begun.items():
        number = _import_number(change_set)
        if number in files:
            found[record_id, field] = Origin(since, files[number], lines.get((number, record_id)))
        else:
            found[record_id, field] = Origin(since, person=people.get((record_id, field)))
    return found


def _versions(session: Session, record_ids: list[int]) -> dict[int, list[RowMapping]]:
    """Each record's versions up to the moment that is read, the newest first."""
    found: dict[int, list[RowMapping]] = defaultdict(list)
    for row in session.execute(text(VERSIONS), {"ids": record_ids}).mappings():
        found[row["id"]].append(row)
    return found


def _beginning(versions: Sequence[RowMapping], field: str) -> tuple[datetime, str | None]:
    """When the newest version's value of a field began, and the change set that brought it.

    What an undone import wrote in between does not count: the value before it stands since it first came.
    """
    newest = versions[0]
    begun = newest["recorded_at"], newest["change_set"]
    for version in versions[1:]:
        if version[field] == newest[field]:
            begun = version["recorded_at"], version["change_set"]
        elif not (version["superseded_by"] or "").startswith("undo:"):
            break
    return begun


def _import_number(change_set: str | None) -> int:
    kind, _, number = (change_set or "").partition(":")
    return int(number) if kind == "import" and number.isdigit() else 0


def _lines(session: Session, record_ids: list[int]) -> dict[tuple[int, int], int]:
    """The row of each file that spoke of a record, by import and record."""
    query = select(SourceRecord.import_id, SourceRecord.building_id, SourceRecord.line)
    rows = session.execute(query.where(SourceRecord.building_id.in_(record_ids)).order_by(SourceRecord.id))
    return {(import_id, record_id): line for import_id, record_id, line in rows}


def _people(session: Session, record_ids: list[int]) -> dict[tuple[int, str], str]:
    """Who last changed each field of a record by hand."""
    query = (
        select(Event.subject_id, Event.changes, User.name)
        .join(User, User.id == Event.actor_id)
        .where(Event.subject_type == "building", Event.subject_id.in_(record_ids), Event.group_id.is_(None))
        .where(Event.action.in_(["add_building", "change_building"]))
        .order_by(Event.id)
    )
    found: dict[tuple[int, str], str] = {}
    for record_id, changes, name in session.execute(query):
        fields = {"location" if field in ("latitude", "longitude") else field for field in changes}
        found |= {(record_id, field): name for field in fields}
    return found

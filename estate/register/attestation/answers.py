"""What an agency says of its records in a round: confirm one, a page or all that are in order; report one wrong.

An answer names the newest event that the person could have seen. A record that was changed after it is not confirmed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, update
from sqlalchemy.orm import Session

from estate import audit
from estate.audit import Event
from estate.errors import NotFound
from estate.register.attestation.progress import NO_CHANGE, Answered, answered, in_force
from estate.register.attestation.rounds import SUBJECT, newest_event_id, require_open_round
from estate.register.classes import is_usual
from estate.register.filters import IN_USE
from estate.register.models import Attestation, AttestationRound, AttestationVerdict, Building, BuildingKind
from estate.register.quality.evaluate import gaps_of, sound_ids
from estate.register.rules import ReasonMissing
from estate.register.shown import counted_id

PAGE_SIZE = 30


class NotOfThisAgency(NotFound):
    """This record is not one of the agency's records in use, so there is nothing to confirm."""


@dataclass(frozen=True)
class RecordRow:
    """One record of the round's list."""

    building: Building
    state: Answered
    answer: Attestation | None
    gaps: list[str]
    """Titles of the rules of data quality that its building breaks."""


@dataclass(frozen=True)
class RecordPage:
    """One page of records."""

    rows: list[RecordRow]
    count: int
    page: int
    page_count: int


@dataclass(frozen=True)
class Outcome:
    """What a confirmation did."""

    confirmed: int
    corrected: int
    skipped: int
    """Changed since the page was opened, or already answered by somebody else: left for another look."""

    @property
    def count(self) -> int:
        """Records that are confirmed now."""
        return self.confirmed + self.corrected


def list_records(
    session: Session, found: AttestationRound, agency_id: int, *, state: Answered | None = None, page: int = 1
) -> RecordPage:
    """One page of an agency's records in use, by name; a page beyond the last gives the last.

    `state` `OPEN` stands for all that wait: those with a stale answer too.
    """
    query = _records(found, agency_id, state)
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    ordered = query.order_by(func.lower(Building.name), Building.id)
    rows = session.execute(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).unique().all()
    heads = {building.id: _judged_as(building) for building, _, _ in rows}
    gaps = gaps_of(session, set(heads.values()))
    told = [
        RecordRow(building, Answered(stands), answer, [rule.title for rule in gaps[heads[building.id]]])
        for building, answer, stands in rows
    ]
    return RecordPage(told, count, page, page_count)


def count_sound(session: Session, found: AttestationRound, agency_id: int) -> int:
    """How many records wait and break no rule of data quality."""
    query = _waiting_sound(session, found, agency_id)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def confirm_sound(session: Session, found: AttestationRound, agency_id: int, *, actor: int, seen: int) -> Outcome:
    """Confirm all records that wait and break no rule. `seen` is the newest event when the person opened the page."""
    ids = list(session.scalars(_waiting_sound(session, found, agency_id)))
    return confirm(session, found, agency_id, ids, actor=actor, seen=seen)


def confirm(
    session: Session, found: AttestationRound, agency_id: int, record_ids: Collection[int], *, actor: int, seen: int
) -> Outcome:
    """Confirm these records of the agency. A record that was changed in the round counts as corrected.

    Raises `NotOfThisAgency` where one is not a record in use of the agency, `RoundIsClosed`. Records changed after
    `seen`, and those that have an answer in force, are skipped.
    """
    require_open_round(found)
    _lock(session, found)
    wanted = set(record_ids)
    _require_records(session, agency_id, wanted)
    seen = min(seen, newest_event_id(session))
    changed_in_round = _changed_after(found.opened_event_id).label("is_corrected")
    query = select(Building.id, Building.version, changed_in_round, answered()).outerjoin(Attestation, in_force(found))
    rows = session.execute(query.where(Building.id.in_(wanted), ~_changed_after(seen)).order_by(Building.id)).all()
    waiting = [row for row in rows if row[3] in (Answered.OPEN.value, Answered.STALE.value)]
    _supersede(session, found, [row[0] for row in waiting], actor)
    right = {True: AttestationVerdict.CORRECTED, False: AttestationVerdict.CONFIRMED}
    _store(session, found, agency_id, [(row[0], row[1], right[row[2]]) for row in waiting], actor=actor, seen=seen)
    corrected = sum(1 for row in waiting if row[2])
    return Outcome(len(waiting) - corrected, corrected, len(wanted) - len(waiting))


def report_wrong(session: Session, found: AttestationRound, record: Building, *, actor: int, note: str) -> None:
    """Say that a record is wrong, and what is. It replaces an answer that was given before."""
    require_open_round(found)
    _lock(session, found)
    _require_records(session, record.agency_id, {record.id})
    if not note.strip():
        raise ReasonMissing("Say what is wrong.", fields={"note": "Say what is wrong with the record"})
    _supersede(session, found, [record.id], actor)
    answer = [(record.id, record.version, AttestationVerdict.WRONG)]
    seen = newest_event_id(session)
    _store(session, found, record.agency_id, answer, actor=actor, seen=seen, note=note.strip())


def take_back(session: Session, found: AttestationRound, record: Building, *, actor: int) -> None:
    """Take the answer on a record back: it waits again. The answer stays in the history of the record."""
    require_open_round(found)
    _lock(session, found)
    if _supersede(session, found, [record.id], actor):
        changes = {"building_id": [record.id, record.id]}
        _record(session, found, actor, "take_back_answer", changes)


def states_of(
    session: Session, found: AttestationRound, record_ids: Collection[int]
) -> dict[int, tuple[Answered, Attestation | None]]:
    """Where these records stand in the round, each with the answer that was given; records out of use are left out."""
    query = select(Building.id, answered(), Attestation).outerjoin(Attestation, in_force(found))
    rows = session.execute(query.where(Building.id.in_(record_ids), Building.status.in_(IN_USE), is_usual())).unique()
    return {record_id: (Answered(stands), answer) for record_id, stands, answer in rows}


def answers_of(session: Session, record_id: int) -> list[Attestation]:
    """Everything that was said of a record in any round, the newest first."""
    query = select(Attestation).where(Attestation.building_id == record_id).order_by(Attestation.id.desc())
    return list(session.scalars(query).unique())


def _records(found: AttestationRound, agency_id: int, state: Answered | None) -> Select[Building, Attestation, str]:
    stands = answered()
    query = select(Building, Attestation, stands.label("stands")).outerjoin(Attestation, in_force(found))
    query = query.where(Building.agency_id == agency_id, Building.status.in_(IN_USE), is_usual())
    if state is Answered.OPEN:
        return query.where(stands.in_([Answered.OPEN.value, Answered.STALE.value]))
    return query if state is None else query.where(stands == state.value)


def _judged_as(record: Building) -> int:
    """The building whose data quality is the record's: that of a part is the building that holds it."""
    whole = record.parent_id if record.kind is BuildingKind.PART else record.canonical_id
    return whole or record.id


def _waiting_sound(session: Session, found: AttestationRound, agency_id: int) -> Select[Any]:
    waiting = _records(found, agency_id, Answered.OPEN)
    return waiting.where(counted_id().in_(sound_ids(session))).with_only_columns(Building.id)


def _changed_after(event_id: int) -> ColumnElement[bool]:
    return exists().where(
        Event.subject_type == "building",
        Event.subject_id == Building.id,
        Event.id > event_id,
        Event.action.not_in(NO_CHANGE),
    )


def _require_records(session: Session, agency_id: int, wanted: set[int]) -> None:
    own = select(func.count()).where(
        Building.id.in_(wanted), Building.agency_id == agency_id, Building.status.in_(IN_USE), is_usual()
    )
    if session.scalar(own) != len(wanted):
        raise NotOfThisAgency


def _lock(session: Session, found: AttestationRound) -> None:
    """Let answers of one round, and its closing, wait for one another."""
    session.refresh(found, with_for_update=True)
    require_open_round(found)


def _supersede(session: Session, found: AttestationRound, record_ids: list[int], actor: int) -> int:
    live = (Attestation.round_id == found.id, Attestation.building_id.in_(record_ids))
    done = session.scalars(
        update(Attestation)
        .where(*live, Attestation.superseded_at.is_(None))
        .values(superseded_at=datetime.now(UTC), superseded_by_id=actor)
        .returning(Attestation.id)
    )
    return len(done.all())


def _store(
    session: Session,
    found: AttestationRound,
    agency_id: int,
    answers: list[tuple[int, int, AttestationVerdict]],
    *,
    actor: int,
    seen: int,
    note: str = "",
) -> None:
    if not answers:
        return
    shared = {"round_id": found.id, "agency_id": agency_id, "note": note, "event_id": seen, "actor_id": actor}
    rows = [
        {**shared, "building_id": record_id, "record_version": version, "verdict": verdict}
        for record_id, version, verdict in answers
    ]
    session.execute(insert(Attestation), rows)
    said = {"agency_id": [agency_id, agency_id], "records": [None, [record_id for record_id, _, _ in answers]]}
    action = "report_wrong" if answers[0][2] is AttestationVerdict.WRONG else "confirm_records"
    _record(session, found, actor, action, said, note)


def _record(
    session: Session, found: AttestationRound, actor: int, action: str, changes: dict[str, Any], note: str = ""
) -> None:
    subject = {"subject_type": SUBJECT, "subject_id": found.id}
    audit.record(session, actor=actor, action=action, reason=note, changes=changes, **subject)  # type: ignore[arg-type]

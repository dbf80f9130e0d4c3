"""How far each agency is: its records in use, and what it said of each. A later edit makes an answer stale."""

import enum
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from estate.audit import Event
from estate.people.models import Agency
from estate.register.classes import is_usual
from estate.register.filters import IN_USE
from estate.register.models import Attestation, AttestationRound, AttestationVerdict, Building

NO_CHANGE = ("decide_match", "retract_match", "choose_value_of_building", "take_back_value_of_building")
"""Events of a record that change nothing in it: who it belongs with, and what its building shows."""


class Answered(enum.Enum):
    """Where a record stands in a round."""

    OPEN = "open"
    """Nobody has said anything."""
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    WRONG = "wrong"
    STALE = "stale"
    """It was confirmed, and edited since: somebody has to look again."""


@dataclass(frozen=True)
class Progress:
    """One agency's progress; or that of all, with `agency_id` None."""

    agency_id: int | None
    name: str
    total: int
    confirmed: int
    corrected: int
    wrong: int
    stale: int

    @property
    def done(self) -> int:
        """Records that have an answer in force."""
        return self.confirmed + self.corrected + self.wrong

    @property
    def open(self) -> int:
        """Records that wait for an answer, those with a stale one included."""
        return self.total - self.done

    @property
    def share(self) -> float | None:
        """Part of the records with an answer in force; None where there is no record."""
        return self.done / self.total if self.total else None

    def as_figures(self) -> dict[str, Any]:
        """As a closed round keeps it."""
        return asdict(self)


def has_changed() -> ColumnElement[bool]:
    """True where the record of the `Attestation` at hand was changed after what the person could have seen."""
    return exists().where(
        Event.subject_type == "building",
        Event.subject_id == Attestation.building_id,
        Event.id > Attestation.event_id,
        Event.action.not_in(NO_CHANGE),
    )


def answered() -> ColumnElement[str]:
    """The value of `Answered` for a `Building` outer-joined with its `Attestation` in force."""
    verdict = Attestation.verdict
    right = [AttestationVerdict.CONFIRMED, AttestationVerdict.CORRECTED]
    return case(
        (Attestation.id.is_(None), Answered.OPEN.value),
        (and_(verdict.in_(right), has_changed()), Answered.STALE.value),
        (verdict == AttestationVerdict.CONFIRMED, Answered.CONFIRMED.value),
        (verdict == AttestationVerdict.CORRECTED, Answered.CORRECTED.value),
        else_=Answered.WRONG.value,
    )


def in_force(found: AttestationRound) -> ColumnElement[bool]:
    """Joins a `Building` with its answer of the round."""
    return and_(
        Attestation.building_id == Building.id,
        Attestation.round_id == found.id,
        Attestation.superseded_at.is_(None),
    )


def agency_progress(session: Session, found: AttestationRound) -> list[Progress]:
    """The progress of each agency with a record in use, by name; of a closed round, as it stood when it was closed."""
    if found.figures is not None:
        return [Progress(**row) for row in found.figures]
    stands = (
        select(Building.agency_id, answered().label("answered"))
        .outerjoin(Attestation, in_force(found))
        .where(Building.status.in_(IN_USE), is_usual())
        .subquery("stands")
    )
    counts = [
        func.count().filter(stands.c.answered == one.value).label(one.value)
        for one in (Answered.CONFIRMED, Answered.CORRECTED, Answered.WRONG, Answered.STALE)
    ]
    agency = aliased(Agency)
    query = (
        select(agency.id.label("agency_id"), agency.name, func.count().label("total"), *counts)
        .join(stands, stands.c.agency_id == agency.id)
        .group_by(agency.id)
        .order_by(func.lower(agency.name))
    )
    return [Progress(**row._mapping) for row in session.execute(query)]


def whole_progress(rows: list[Progress]) -> Progress:
    """All agencies taken together."""
    names = ("total", "confirmed", "corrected", "wrong", "stale")
    return Progress(None, "All agencies", *(sum(getattr(row, name) for row in rows) for name in names))

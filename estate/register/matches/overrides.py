"""A steward's choice of what a building shows in one field: made with a reason, and taken back with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from geoalchemy2.shape import from_shape
from shapely.geometry import Point
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.gis.geocode import normalise_postcode
from estate.register import rules
from estate.register.areas import assign_areas
from estate.register.matches.chosen import choices_in_force, chosen_value, newest_dated
from estate.register.matches.members import building_id_of, members_of, winners
from estate.register.matches.membership import lock_decisions
from estate.register.matches.sites import rebuild_sites
from estate.register.models import Building, BuildingKind, BuildingStatus, FieldOverride, FixSource
from estate.register.seen import unseen
from estate.register.shown import DATED_FIELDS, SHOWN_FIELDS, canonical_id

CHOOSABLE = (*SHOWN_FIELDS, "location", *DATED_FIELDS, "kind")
TYPED = (*SHOWN_FIELDS, "location")
"""Fields of which a value may be typed that no record has. A survey or certificate comes from its record."""


class NoSuchChoice(NotFound):
    """There is no such choice of a value."""


class NotChoosable(InvalidInput):
    """Nobody chooses a value of this field: each record's own stands."""


class NotSaidThere(Conflict):
    """That record does not say anything in this field any more, or belongs to another building by now. Look again."""


class ChosenMeanwhile(Conflict):
    """Somebody chose a value, or took a choice back, since you opened this page. Look at what is in force now."""


class TakenBackAlready(Conflict):
    """This choice was taken back already. Open the page again to see what is shown now."""


@dataclass(frozen=True)
class BuildingOwners:
    """Whose building it is: what permissions ask for."""

    agency_ids: frozenset[int]


def owners_of(session: Session, building: Building) -> BuildingOwners:
    """The agencies of every record of the building, also of those that the reader may not see."""
    with unseen(session):
        building_id = session.scalar(select(canonical_id()).where(Building.id == building.id))
        record = or_(Building.id == building_id, Building.canonical_id == building_id)
        return BuildingOwners(frozenset(session.scalars(select(Building.agency_id).where(record))))


@dataclass(frozen=True)
class FromRecord:
    """The value that a record has."""

    record_id: int


def choose_value(
    session: Session, building: Building, field: str, given: Any, *, actor: int | None, reason: str, seen: int | None
) -> FieldOverride:
    """Let the building show `given` in `field`, whatever its records say.

    `given` is a value as the form of a building takes it (of "location" a mapping of latitude and longitude), or, as
    `FromRecord`, the one that a record has. `seen` is the id of the choice that was in force when the reader looked.
    """
    reason = rules.require_reason(reason)
    rules.require_valid(rules.text_errors({"reason": reason}))
    if field not in CHOOSABLE:
        raise NotChoosable
    lock_decisions(session)
    session.refresh(building, ["canonical_id", "status"])
    if building.status is BuildingStatus.RETIRED:
        raise rules.Retired
    building_id = building_id_of(building)
    current = choices_in_force(session, [building_id])[building_id].get(field)
    if (current.id if current else None) != (seen or None):
        raise ChosenMeanwhile
    before = _told(session, building_id, field, current)
    with unseen(session):
        # Also one that is not shown any more, because its record was restricted: one choice of a field is in force.
        live = (FieldOverride.building_id == building_id, FieldOverride.field == field)
        for earlier in session.scalars(select(FieldOverride).where(*live, FieldOverride.retracted_at.is_(None))):
            _close(session, earlier, actor, f"Replaced: {reason}")
    is_record = isinstance(given, FromRecord)
    values = _of_record(session, building_id, field, given.record_id) if is_record else _typed(field, given)
    choice = FieldOverride(building_id=building_id, field=field, actor_id=actor, reason=reason, **values)
    session.add(choice)
    _finish(session, choice, building_id, "choose_value_of_building", actor, reason, before)
    return choice


def take_back(session: Session, choice: FieldOverride, *, actor: int | None, reason: str) -> None:
    """Let the records decide again. Raises `TakenBackAlready`."""
    reason = rules.require_reason(reason)
    rules.require_valid(rules.text_errors({"reason": reason}))
    lock_decisions(session)
    session.refresh(choice)
    if choice.retracted_at is not None:
        raise TakenBackAlready
    building_id = building_id_of(choice.building)
    before = _told(session, building_id, choice.field, choice)
    _close(session, choice, actor, reason)
    _finish(session, choice, building_id, "take_back_value_of_building", actor, reason, before)


def get_choice(session: Session, choice_id: int) -> FieldOverride:
    """The choice with this id. Raises `NoSuchChoice`."""
    choice = session.get(FieldOverride, choice_id) if 0 < choice_id < 2**63 else None
    if choice is None:
        raise NoSuchChoice
    return choice


def past_choices(session: Session, record_ids: list[int], field: str) -> list[FieldOverride]:
    """Choices of this field that were taken back or replaced, newest first."""
    query = (
        select(FieldOverride)
        .where(FieldOverride.building_id.in_(record_ids), FieldOverride.field == field)
        .where(FieldOverride.retracted_at.is_not(None))
        .order_by(FieldOverride.id.desc())
    )
    return list(session.scalars(query))


def _of_record(session: Session, building_id: int, field: str, record_id: int) -> dict[str, Any]:
    record = next((one for one in members_of(session, [building_id])[building_id] if one.id == record_id), None)
    if record is None:
        raise NotSaidThere
    if field == "location":
        values = {name: getattr(record, name) for name in ("location", "fix_source", "fix_accuracy_m")}
        said = record.location
    else:
        said = (
            session.scalar(select(newest_dated(field, record.id))) if field in DATED_FIELDS else getattr(record, field)
        )
        values = {"value": None if said is None else as_text(said)}
    if said is None:
        raise NotSaidThere
    return {**values, "from_id": record.id}


def _typed(field: str, given: Any) -> dict[str, Any]:
    """What somebody typed. Raises `InvalidInput` beside the field where it breaks a rule."""
    if field == "kind" and given in (BuildingKind.SITE.value, BuildingKind.BUILDING.value):
        return {"value": given}
    if field not in TYPED:
        raise NotChoosable
    values: Mapping[str, Any] = given if field == "location" else {field: given}
    if any(value is None or value == "" for value in values.values()):
        rules.require_valid({field: "Enter the value that the building is to show"})
    rules.require_valid(rules.building_errors(values))
    if field == "location":
        point = from_shape(Point(float(values["longitude"]), float(values["latitude"])), srid=4326)
        return {"location": point, "fix_source": FixSource.COORDINATES}
    text = as_text(given.strip() if isinstance(given, str) else given)
    if field == "postcode":
        text = normalise_postcode(text)
        if not text:
            rules.require_valid({field: "Enter a UK postcode, such as M32 0TH"})
    return {"value": text}


def as_text(value: Any) -> str:
    """A column's value as a choice keeps it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value.value if isinstance(value, Enum) else value)


@dataclass(frozen=True)
class _Told:
    """What a building shows in a field, as plain JSON, and the record that says it."""

    value: Any
    record_id: int | None
    """None: somebody typed it, or nothing is known."""


def _told(session: Session, building_id: int, field: str, choice: FieldOverride | None) -> _Told:
    if choice is not None:
        return _Told(plain_value(chosen_value(choice)), choice.from_id)
    if field in DATED_FIELDS:
        return _Told(None, None)
    records = {record.id: record for record in members_of(session, [building_id])[building_id]}
    winner = records.get(winners(session, building_id).get(field) or building_id)
    name = "fix_source" if field == "location" else field
    return _Told(plain_value(getattr(winner, name, None)), winner.id if winner else None)


def plain_value(value: Any) -> Any:
    """A value as JSON holds it."""
    return None if value is None else (value if isinstance(value, int) else as_text(value))


def _close(session: Session, choice: FieldOverride, actor: int | None, reason: str) -> None:
    choice.retracted_at, choice.retracted_by_id, choice.retracted_reason = datetime.now(UTC), actor, reason
    session.flush()


def _finish(
    session: Session,
    choice: FieldOverride,
    building_id: int,
    action: str,
    actor: int | None,
    reason: str,
    before: _Told,
) -> None:
    """Move the building where it is shown now, and keep the event with the value before and after."""
    session.flush()
    if choice.field == "kind":
        rebuild_sites(session, [building_id])
    if choice.field == "location":
        assign_areas(session, [building_id])
    now = choices_in_force(session, [building_id])[building_id].get(choice.field)
    after = _told(session, building_id, choice.field, now)
    changes: dict[str, Any] = {choice.field: [before.value, after.value]}
    if {before.record_id, after.record_id} - {None, building_id}:
        # Whoever may not see one of these records does not see the event: it tells what that record says.
        changes["from_record"] = [before.record_id, after.record_id]
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="building",
        subject_id=building_id,
        reason=reason,
        changes=changes,
    )

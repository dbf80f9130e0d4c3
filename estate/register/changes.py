"""The only writer of buildings by hand: each change has an actor, a reason and an Event.

A function takes the `version` that its caller read; where the row has another by now, it raises `ChangedMeanwhile`.
Nothing is deleted: a wrong record is retired. Permissions are the caller's business. What belongs to a building
(interests, occupations, costs) is written by `estate.register.part_changes`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry import Point
from sqlalchemy.orm import Session

from estate.audit import record
from estate.gis.geocode import fix_postcodes, normalise_postcode
from estate.register import rules
from estate.register.areas import assign_areas
from estate.register.matches.membership import lock_decisions, rebuild
from estate.register.models import Building, BuildingStatus, FixSource

BUILDING_FIELDS = (
    "name",
    "uprn",
    "street",
    "post_town",
    "postcode",
    "use_class_code",
    "status",
    "gross_internal_area_m2",
    "net_internal_area_m2",
    "built_year",
    "is_listed",
    "is_protected",
    "protected_reason",
    "note",
)
LOCATION_FIELDS = ("latitude", "longitude")

Changes = dict[str, list[Any]]


@dataclass(frozen=True)
class Position:
    """Where a building stands and how that was found; all None: nobody knows."""

    longitude: float | None = None
    latitude: float | None = None
    source: FixSource | None = None
    accuracy_m: int | None = None


@dataclass(frozen=True)
class PlannedChange:
    """What a change would do, before anything is written."""

    values: dict[str, Any]
    """The columns that would change, without the position."""
    changes: Changes
    """`[before, after]` by field, as events keep them; empty where nothing would change."""
    position: Position | None
    """Where the building would stand; None: where it stands now."""


def add_building(session: Session, *, agency_id: int, actor: int | None, reason: str, **fields: Any) -> Building:
    """A new building of the agency that answers for it."""
    reason = rules.require_reason(reason)
    values = _tidy(known_fields(fields, (*BUILDING_FIELDS, *LOCATION_FIELDS)), postcode_now=None)
    rules.require_valid(rules.building_errors({"name": "", **values}))
    building = Building(agency_id=agency_id)
    changes = set_fields(building, values)
    position = _position(building, values, changes)
    changes |= _moved(building, position)
    _move(building, position)
    session.add(building)
    session.flush()
    assign_areas(session, [building.id])
    keep_event(session, building, actor, "add_building", reason, changes)
    return building


def change_building(
    session: Session, building: Building, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Change a building's facts; gives what changed, by field. Fields left out stay as they are."""
    reason = rules.require_reason(reason)
    require_open(building)
    rules.require_version(building, version)
    planned = plan_change(building, fields)
    for name, value in planned.values.items():
        setattr(building, name, value)
    _move(building, planned.position)
    if planned.changes:
        building.changed_at = datetime.now(UTC)
        if set(planned.changes) & set(LOCATION_FIELDS):
            assign_areas(session, [building.id])
        keep_event(session, building, actor, "change_building", reason, planned.changes)
    return planned.changes


def plan_change(building: Building, fields: Mapping[str, Any]) -> PlannedChange:
    """What changing these facts would do; writes nothing. Raises `InvalidInput` with every broken rule by field."""
    require_open(building)
    values = _tidy(known_fields(fields, (*BUILDING_FIELDS, *LOCATION_FIELDS)), postcode_now=building.postcode)
    whole = {name: getattr(building, name) for name in BUILDING_FIELDS} | location_of(building) | values
    rules.require_valid(rules.building_errors(whole))
    differing, changes = compared(building, values)
    position = _position(building, values, changes)
    return PlannedChange(differing, changes | _moved(building, position), position)


def retire_building(session: Session, building: Building, *, version: int, actor: int | None, reason: str) -> None:
    """Take a wrong record out of use. It stays readable, with its history; nothing counts it any more."""
    reason = rules.require_reason(reason)
    # Before the row is locked: who decides on pairs takes both in this order.
    lock_decisions(session)
    require_open(building)
    rules.require_version(building, version)
    changes = set_fields(building, {"status": BuildingStatus.RETIRED})
    building.retired_at = datetime.now(UTC)
    building.changed_at = datetime.now(UTC)
    rebuild(session, [building.id])
    keep_event(session, building, actor, "retire_building", reason, changes)


def location_of(building: Building) -> dict[str, float | None]:
    """The building's latitude and longitude, to the metre or so; None where it has no fix."""
    if building.location is None:
        return {"latitude": None, "longitude": None}
    point = to_shape(building.location)
    return {"latitude": round(point.y, 6), "longitude": round(point.x, 6)}


def require_open(building: Building) -> None:
    """Raise `Retired` where the record was retired."""
    if building.status is BuildingStatus.RETIRED:
        raise rules.Retired


def known_fields(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """`fields` as they are. Raises `NotKnown` where one is not in `names`."""
    unknown = set(fields) - set(names)
    if unknown:
        raise rules.NotKnown(fields=dict.fromkeys(sorted(unknown), "can't be changed here"))
    return dict(fields)


def set_fields(row: Any, values: Mapping[str, Any]) -> Changes:
    """Set what differs; gives `[before, after]` by field, as plain values. Empty texts become None, save for a name."""
    differing, changes = compared(row, values)
    for name, value in differing.items():
        setattr(row, name, value)
    return changes


def compared(row: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], Changes]:
    """The values that differ from the row's, tidied, and the same as `[before, after]`; positions are left out."""
    differing: dict[str, Any] = {}
    changes: Changes = {}
    for name, given in values.items():
        if name in LOCATION_FIELDS:
            continue
        value = (given.strip() or None) if isinstance(given, str) else given
        before = getattr(row, name)
        if before != value:
            differing[name] = value
            changes[name] = [plain(before), plain(value)]
    return differing, changes


def plain(value: Any) -> Any:
    """A value as JSON holds it: enums by value, dates in ISO form, decimals as text without idle zeros."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def keep_event(
    session: Session, building: Building, actor: int | None, action: str, reason: str, changes: Mapping[str, Any]
) -> None:
    """Flush, and append the event to the building's history."""
    session.flush()
    record(
        session,
        actor=actor,
        action=action,
        subject_type="building",
        subject_id=building.id,
        reason=reason,
        changes=changes,
    )


def _tidy(values: dict[str, Any], *, postcode_now: str | None) -> dict[str, Any]:
    """The values with the postcode in its usual writing. Raises `InvalidInput` where a new one is none."""
    given = (values.get("postcode") or "").strip()
    if not given or given == postcode_now:
        return values
    postcode = normalise_postcode(given)
    if not postcode:
        rules.require_valid({"postcode": "Enter a UK postcode, such as M32 0TH, or leave it empty"})
    return {**values, "postcode": postcode}


def _position(building: Building, values: Mapping[str, Any], changes: Changes) -> Position | None:
    """Where the building would stand: at coordinates, else at its postcode where nothing better is known.

    None where neither its coordinates nor its postcode are touched, or its place stays.
    """
    if not {"postcode", *LOCATION_FIELDS} & {*values, *changes}:
        return None
    before = location_of(building)
    wanted = {name: _rounded(values.get(name, before[name])) for name in LOCATION_FIELDS}
    source = building.fix_source
    position = None
    if wanted != before:
        position = _at(values.get("longitude", before["longitude"]), values.get("latitude", before["latitude"]))
        source = position.source
    postcode = changes["postcode"][1] if "postcode" in changes else building.postcode
    if postcode and (source is None or source in BY_POSTCODE):
        position = _at_postcode(postcode) or position
    return None if position is None or _stands_at(building, position) else position


def _stands_at(building: Building, position: Position) -> bool:
    there = {name: _rounded(getattr(position, name)) for name in LOCATION_FIELDS}
    how = (building.fix_source, building.fix_accuracy_m)
    return there == location_of(building) and how == (position.source, position.accuracy_m)


def _moved(building: Building, position: Position | None) -> Changes:
    if position is None:
        return {}
    before = location_of(building)
    after = {name: _rounded(getattr(position, name)) for name in LOCATION_FIELDS}
    return {name: [before[name], after[name]] for name in LOCATION_FIELDS if before[name] != after[name]}


BY_POSTCODE = (FixSource.POSTCODE_CENTROID, FixSource.POSTCODE_SECTOR, FixSource.POSTCODE_DISTRICT)


def _at(longitude: Any, latitude: Any) -> Position:
    if longitude is None or latitude is None:
        return Position()
    return Position(float(longitude), float(latitude), FixSource.COORDINATES)


def _at_postcode(postcode: str) -> Position | None:
    """The middle of the postcode; None where the directory does not place it."""
    fixes = fix_postcodes([normalise_postcode(postcode)])
    if not fixes.is_fixed[0]:
        return None
    longitude, latitude = float(fixes.longitude[0]), float(fixes.latitude[0])
    return Position(longitude, latitude, FixSource(fixes.source[0]), int(np.ceil(fixes.accuracy_m[0])))


def _move(building: Building, position: Position | None) -> None:
    if position is None:
        return
    is_known = position.longitude is not None and position.latitude is not None
    point = Point(position.longitude, position.latitude) if is_known else None
    building.location = from_shape(point, srid=4326) if point else None
    building.fix_source, building.fix_accuracy_m = position.source, position.accuracy_m


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 6)

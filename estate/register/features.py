"""Pages of features for programs: buildings and areas in the order of their ids, so that a page never shifts.

What they read is what lists and maps show the same reader (ADR 18); a page begins after the last id of the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased, defer

from estate.gis.boxes import Box
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.list_pages import prepare
from estate.register.models import Building, BuildingArea, BuildingListed, UseClass
from estate.register.programmes import shown_area_ids

AREA_DECIMALS = 7
"""Of a degree, in outlines: about a centimetre."""


@dataclass(frozen=True)
class Period:
    """From when to when, both included; None: open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class FeatureQuestion:
    """Which features of a collection are asked for."""

    filters: BuildingFilters = field(default_factory=BuildingFilters)
    boxes: tuple[Box, ...] | None = None
    """Where they lie: in one of these. None: anywhere, or nowhere known."""
    period: Period | None = None
    values: dict[str, str] = field(default_factory=dict)
    """Properties that have exactly this value."""
    after: int = 0
    """The id after which the page begins."""
    limit: int = 100


@dataclass(frozen=True)
class AreaFeature:
    """An area in force, with its outline as GeoJSON and the figures of the buildings in it."""

    area: Area
    parent_name: str | None
    outline: str
    figures: dict[str, Any]
    """`building_count`, and of area and cost the sum and of how many buildings it is known; None where of none."""


def building_page(session: Session, question: FeatureQuestion) -> list[int]:
    """The ids of a page, and of one building more where more follow."""
    prepare(session)
    query = select(BuildingListed.id).where(*_of_buildings(question), BuildingListed.id > question.after)
    return list(session.scalars(query.order_by(BuildingListed.id).limit(question.limit + 1)))


def count_matched(session: Session, question: FeatureQuestion) -> int:
    """How many buildings all pages have together."""
    query = select(func.count()).select_from(BuildingListed).where(*_of_buildings(question))
    return session.scalar(query) or 0


def _of_buildings(question: FeatureQuestion) -> list[ColumnElement[bool]]:
    row, period = BuildingListed, question.period
    found = [*listed_conditions(question.filters), *(BUILDING_VALUES[name](value) for name, value in _of(question))]
    if question.boxes is not None:
        found.append(or_(false(), *(_lies_in(box) for box in question.boxes)))
    if period is not None:
        changed = select(Building.id).where(Building.id == row.id)
        changed = changed.where(Building.changed_at >= period.since) if period.since else changed
        changed = changed.where(Building.changed_at <= period.until) if period.until else changed
        found.append(changed.exists())
    return found


def _of(question: FeatureQuestion) -> list[tuple[str, str]]:
    return list(question.values.items())


def _lies_in(box: Box) -> ColumnElement[bool]:
    """By the index of squares first, then exactly."""
    place, code = BuildingListed.location, func.map_code(BuildingListed.location, type_=BigInteger)
    exactly = and_(func.ST_X(place).between(box.west, box.east), func.ST_Y(place).between(box.south, box.north))
    return and_(place.is_not(None), or_(*(code.between(first, last) for first, last in box.codes())), exactly)


BUILDING_VALUES: dict[str, Any] = {
    "name": lambda value: BuildingListed.name_key == value.lower(),
    "uprn": lambda value: BuildingListed.uprn == value,
    "postcode": lambda value: BuildingListed.postcode == value,
    "agency": lambda value: BuildingListed.agency_id.in_(select(Agency.id).where(Agency.name == value)),
    "use": lambda value: BuildingListed.use_class_code.in_(select(UseClass.code).where(UseClass.name == value)),
}
"""What a building's property must be, as a condition on its row of the list."""

AREA_VALUES: dict[str, Any] = {
    "code": lambda value: Area.code == value,
    "name": lambda value: Area.name == value,
}


def area_page(session: Session, level: BoundaryLevel, question: FeatureQuestion) -> list[AreaFeature]:
    """A page of the areas of `level` in force that the reader's programme covers, and one more where more follow."""
    parent = aliased(Area)
    query = (
        select(Area, parent.name, func.ST_AsGeoJSON(Area.geometry, AREA_DECIMALS))
        .outerjoin(parent, parent.id == Area.parent_id)
        .where(*_of_areas(session, level, question), Area.id > question.after)
        .order_by(Area.id)
        .limit(question.limit + 1)
        .options(defer(Area.geometry))
    )
    found = session.execute(query).unique().all()
    figures = _figures(session, [area.id for area, _, _ in found], question.filters)
    return [AreaFeature(area, name, outline, figures.get(area.id, NOTHING)) for area, name, outline in found]


def count_areas(session: Session, level: BoundaryLevel, question: FeatureQuestion) -> int:
    """How many areas all pages have together."""
    query = select(func.count()).select_from(Area).where(*_of_areas(session, level, question))
    return session.scalar(query) or 0


def _of_areas(session: Session, level: BoundaryLevel, question: FeatureQuestion) -> list[ColumnElement[bool]]:
    found = [Area.level_code == level.code, Area.valid_until.is_(None)]
    found += [AREA_VALUES[name](value) for name, value in _of(question)]
    scope, period = question.filters.scope, question.period
    shown_ids = shown_area_ids(session, scope.programme_id) if scope and scope.programme_id is not None else None
    if shown_ids is not None:
        found.append(Area.id.in_(shown_ids))
    if question.boxes is not None:
        envelopes = (func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326) for box in question.boxes)
        found.append(or_(false(), *(func.ST_Intersects(Area.geometry, envelope) for envelope in envelopes)))
    if period is not None and period.until is not None:
        found.append(Area.valid_from <= period.until.date())
    return found


NOTHING: dict[str, Any] = {
    "building_count": 0,
    "gross_internal_area_m2": None,
    "gross_internal_area_count": 0,
    "running_cost": None,
    "running_cost_count": 0,
    "running_cost_is_part_estimate": None,
}


def _figures(session: Session, area_ids: Sequence[int], filters: BuildingFilters) -> dict[int, dict[str, Any]]:
    """What the buildings of each area add up to; areas without any are absent. Costs are of the list's year."""
    row = BuildingListed
    sums: dict[str, ColumnElement[Any]] = {
        "building_count": func.count(),
        "gross_internal_area_m2": func.sum(row.counted_gross_m2),
        "gross_internal_area_count": func.count(row.counted_gross_m2),
        "running_cost": func.sum(row.annual_cost),
        "running_cost_count": func.count(row.annual_cost),
        "running_cost_is_part_estimate": func.bool_or(row.is_estimate).filter(row.annual_cost.is_not(None)),
    }
    query = (
        select(BuildingArea.area_id, *(total.label(name) for name, total in sums.items()))
        .join(row, row.id == BuildingArea.building_id)
        .where(BuildingArea.area_id.in_(area_ids), *listed_conditions(filters))
        .group_by(BuildingArea.area_id)
    )
    return {area_id: dict(zip(sums, figures, strict=True)) for area_id, *figures in session.execute(query)}


def extent_of(session: Session) -> tuple[float, float, float, float]:
    """West, south, east and north of the areas in force; the world where there are none.

    Not of the buildings: it would tell where one lies that the reader does not see.
    """
    largest = select(Area.level_code).join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
    largest = largest.where(Area.valid_until.is_(None)).order_by(BoundaryLevel.rank).limit(1)
    box = func.ST_Extent(Area.geometry)
    corners = (func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
    of_level = (Area.valid_until.is_(None), Area.level_code == largest.scalar_subquery())
    west, south, east, north = session.execute(select(*corners).where(*of_level)).one()
    return (-180.0, -90.0, 180.0, 90.0) if west is None else (west, south, east, north)

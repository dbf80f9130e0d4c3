"""Reading the register: the list of buildings, page by page, and what its filters can choose from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, defer, raiseload
from sqlalchemy.sql.elements import ColumnElement

from estate.errors import NotFound
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.filters import BuildingFilters, conditions, newest_cost_year
from estate.register.matches.members import homes_with_parts, shown_buildings
from estate.register.models import Building, BuildingArea, Interest, RunningCost, Tenure, UseClass
from estate.register.programmes import shown_area_ids
from estate.register.shown import counted_id, counts_once, shown

PAGE_SIZE = 30
SORTS = ("name", "postcode", "agency", "use", "area_m2", "cost", "status")


class NoSuchBuilding(NotFound):
    """There is no such building in the register. It may have been entered under another address."""


@dataclass(frozen=True)
class BuildingRow:
    """One building as a list shows it."""

    building: Building
    areas: list[Area]
    """Smallest first."""
    tenures: list[Tenure]
    """What is held today, by any agency."""
    annual_cost: Decimal | None
    """Running cost of the list's year; None: no agency told any."""
    is_estimate: bool


@dataclass(frozen=True)
class BuildingPage:
    """One page of a list, and how many there are in all."""

    rows: list[BuildingRow]
    count: int
    page: int
    page_count: int
    year_start: int | None
    """Financial year of the costs."""


def get_building(session: Session, building_id: int) -> Building:
    """The building with this id. Raises `NoSuchBuilding`."""
    building = session.get(Building, building_id) if 0 < building_id < 2**63 else None
    if building is None:
        raise NoSuchBuilding
    return building


def cost_year(session: Session) -> int | None:
    """Start of the newest financial year that is about complete; None where no cost is known."""
    return session.scalar(select(newest_cost_year()))


def cost_by_building(year_start: int | None) -> Subquery:
    """Subquery of `building_id`, `annual_cost` and `is_estimate` (some part is one) for one financial year.

    Each cost counts once: not where another record of the building reports it as well, nor where the site does. What a
    part costs is counted in its building.
    """
    return (
        select(
            counted_id().label("building_id"),
            func.sum(RunningCost.amount).label("annual_cost"),
            func.bool_or(RunningCost.is_estimate).label("is_estimate"),
        )
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.year_start == (year_start or 0), counts_once(RunningCost))
        .group_by(counted_id())
        .subquery()
    )


def count_buildings(session: Session, filters: BuildingFilters) -> int:
    """How many buildings `filters` lets through."""
    return session.scalar(select(func.count()).select_from(Building).where(*conditions(filters))) or 0


def list_buildings(
    session: Session, filters: BuildingFilters, *, sort: str = "name", page: int = 1, page_size: int | None = PAGE_SIZE
) -> BuildingPage:
    """One page of the buildings that `filters` lets through.

    `sort` is one of `SORTS`, with a minus in front for descending; unknown values come last in both directions. A page
    beyond the last gives the last. `page_size` None gives all in one page.
    """
    count, year_start = count_buildings(session, filters), cost_year(session)
    page_count = max(1, -(-count // page_size)) if page_size else 1
    page = min(max(page, 1), page_count)
    costs = cost_by_building(year_start)
    query = (
        select(Building, costs.c.annual_cost, costs.c.is_estimate)
        .outerjoin(costs, costs.c.building_id == Building.id)
        .where(*conditions(filters))
        .order_by(*_order(sort, costs))
        .options(raiseload(Building.interests), defer(Building.footprint))
    )
    if page_size:
        query = query.limit(page_size).offset((page - 1) * page_size)
    found = session.execute(query).unique().all()
    buildings = shown_buildings(session, [building for building, _, _ in found])
    ids = [building.id for building in buildings]
    areas, tenures = areas_of(session, ids), _tenures_of(session, ids)
    rows = [
        BuildingRow(building, areas[building.id], tenures[building.id], cost, bool(is_estimate))
        for building, (_, cost, is_estimate) in zip(buildings, found, strict=True)
    ]
    return BuildingPage(rows, count, page, page_count, year_start)


def _order(sort: str, costs: Subquery) -> list[ColumnElement[Any]]:
    columns: dict[str, Any] = {
        "name": func.lower(shown(Building.name)),
        "postcode": shown(Building.postcode),
        "agency": select(Agency.name).where(Agency.id == Building.agency_id).scalar_subquery(),
        "use": select(UseClass.sort).where(UseClass.code == shown(Building.use_class_code)).scalar_subquery(),
        "area_m2": shown(Building.net_internal_area_m2),
        "cost": costs.c.annual_cost,
        "status": shown(Building.status),
    }
    key = sort.removeprefix("-")
    column = columns[key if key in columns else "name"]
    direction = column.desc() if sort.startswith("-") else column.asc()
    return [direction.nulls_last(), func.lower(shown(Building.name)), Building.id]


def areas_of(session: Session, building_ids: Iterable[int]) -> dict[int, list[Area]]:
    """The areas of each building, smallest level first."""
    query = (
        select(BuildingArea.building_id, Area)
        .join(Area, Area.id == BuildingArea.area_id)
        .join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
        .where(BuildingArea.building_id.in_(list(building_ids)))
        .order_by(BoundaryLevel.rank.desc())
        .options(defer(Area.geometry))
    )
    areas: dict[int, list[Area]] = defaultdict(list)
    for building_id, area in session.execute(query).unique():
        areas[building_id].append(area)
    return areas


def _tenures_of(session: Session, building_ids: list[int]) -> dict[int, list[Tenure]]:
    home = homes_with_parts(session, building_ids)
    query = (
        select(Interest.building_id, Interest.tenure)
        .where(Interest.building_id.in_(home), Interest.ended_on.is_(None))
        .distinct()
        .order_by(Interest.tenure)
    )
    tenures: dict[int, list[Tenure]] = defaultdict(list)
    for record_id, tenure in session.execute(query):
        if tenure not in tenures[home[record_id]]:
            tenures[home[record_id]].append(tenure)
    return tenures


def list_agencies(session: Session) -> list[Agency]:
    """Every agency, by name."""
    return list(session.scalars(select(Agency).order_by(func.lower(Agency.name))).unique())


def list_use_classes(session: Session) -> list[UseClass]:
    """Every use, in its own order."""
    return list(session.scalars(select(UseClass).order_by(UseClass.sort, UseClass.name)))


def list_current_areas(session: Session, programme_id: int | None = None) -> dict[BoundaryLevel, list[Area]]:
    """Areas in force, by level, the largest level first. Geometries are not loaded.

    Those that the programme shows, where one is given.
    """
    shown_ids = shown_area_ids(session, programme_id) if programme_id is not None else None
    query = (
        select(Area)
        .join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
        .where(Area.valid_until.is_(None))
        .order_by(BoundaryLevel.rank, Area.name)
        .options(defer(Area.geometry))
    )
    if shown_ids is not None:
        query = query.where(Area.id.in_(shown_ids))
    levels: dict[BoundaryLevel, list[Area]] = {}
    for area in session.scalars(query).unique():
        levels.setdefault(area.level, []).append(area)
    return levels

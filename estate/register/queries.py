"""Reading the register: the list of buildings, page by page, and what its filters can choose from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Subquery, any_, cast, func, or_, select
from sqlalchemy.orm import Session, defer, raiseload

from estate.errors import NotFound
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.filters import BuildingFilters, filtered_ids
from estate.register.list_pages import SORTS as SORTS
from estate.register.list_pages import Slice, counted, page_ids, prepare, sorted_ids
from estate.register.listed_statements import NEWEST_COST_YEAR
from estate.register.matches.members import homes_with_parts, shown_buildings
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingListed,
    Interest,
    OccupancyMethod,
    RunningCost,
    Sensitivity,
    Tenure,
    UseClass,
)
from estate.register.programmes import shown_area_ids
from estate.register.seen import viewer_of
from estate.register.shown import counted_id, counts_once

PAGE_SIZE = 30


class NoSuchBuilding(NotFound):
    """There is no such building in the register. It may have been entered under another address."""


@dataclass(frozen=True)
class RowFullness:
    """How full a building is, as the list's row says it: see `BuildingListed`; None where unknown."""

    occupancy_ratio: Decimal | None = None
    utilisation_ratio: Decimal | None = None
    count_method: OccupancyMethod | None = None
    counted_on: date | None = None
    is_fullness_estimate: bool | None = None
    vacant_m2: Decimal | None = None
    is_vacant_estimate: bool | None = None


FULLNESS = tuple(getattr(BuildingListed, one.name) for one in fields(RowFullness))


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
    is_cost_kept_back: bool = False
    """The cost is unknown to this reader: it holds what other agencies pay, who keep that to themselves."""
    fullness: RowFullness = RowFullness()


@dataclass(frozen=True)
class BuildingPage:
    """One page of a list, and how many there are in all."""

    rows: list[BuildingRow]
    count: int
    page: int
    page_count: int
    year_start: int | None
    """Financial year of the costs."""
    is_count_exact: bool = True
    """False: there are more than `count`, and pages beyond are not offered."""


def get_building(session: Session, building_id: int) -> Building:
    """The building with this id. Raises `NoSuchBuilding`."""
    building = session.get(Building, building_id) if 0 < building_id < 2**63 else None
    if building is None:
        raise NoSuchBuilding
    return building


def cost_year(session: Session) -> int | None:
    """Start of the newest financial year that is about complete; None where no cost is known."""
    year: int | None = session.scalar(NEWEST_COST_YEAR)
    return year


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
    return session.scalar(select(func.count()).select_from(filtered_ids(filters).subquery())) or 0


def list_buildings(
    session: Session, filters: BuildingFilters, *, sort: str = "name", page: int = 1, page_size: int | None = PAGE_SIZE
) -> BuildingPage:
    """One page of the buildings that `filters` lets through.

    `sort` is one of `SORTS`, with a minus in front for the reverse; unknown values come last in both directions. A
    page beyond the last gives the last. `page_size` None gives all in one page.
    """
    if page_size is None:
        return _page(session, sorted_ids(session, filters, sort), page=1)
    prepare(session)
    count, few = counted(session, filters)
    page_count = max(1, -(-count // page_size))
    page = min(max(page, 1), page_count)
    found = page_ids(session, filters, sort, Slice((page - 1) * page_size, page_size), few=few)
    return replace(_page(session, found, page=page), count=count, is_count_exact=few is not None, page_count=page_count)


def buildings_with_ids(session: Session, ids: list[int]) -> BuildingPage:
    """These buildings as a list shows them, in this order. The reader must see all of them."""
    return _page(session, ids, page=1)


def _page(session: Session, ids: list[int], *, page: int) -> BuildingPage:
    """These buildings, in this order."""
    place = {building_id: number for number, building_id in enumerate(ids)}
    query = (
        select(Building, BuildingListed.annual_cost, BuildingListed.is_estimate, *FULLNESS)
        .join(BuildingListed, BuildingListed.id == Building.id)
        .where(Building.id == any_(cast(ids, ARRAY(BigInteger))))
        .options(raiseload(Building.interests), defer(Building.footprint))
    )
    found = sorted(session.execute(query).unique().all(), key=lambda row: place[row[0].id])
    buildings = shown_buildings(session, [row[0] for row in found])
    areas, tenures, kept_back = areas_of(session, ids), _tenures_of(session, ids), _with_cost_kept_back(session, ids)
    rows = [
        BuildingRow(
            building,
            areas[building.id],
            tenures[building.id],
            cost,
            bool(is_estimate),
            building.id in kept_back,
            RowFullness(*full),
        )
        for building, (_, cost, is_estimate, *full) in zip(buildings, found, strict=True)
    ]
    return BuildingPage(rows, len(rows), page, 1, cost_year(session))


def _with_cost_kept_back(session: Session, ids: list[int]) -> set[int]:
    """Those of these buildings whose cost other agencies keep to themselves: of a secret field not even that is said.

    A record, or a part, of the building is another agency's: less what the reader knows, its cost would tell theirs.
    """
    viewer = viewer_of(session)
    if viewer is None or session.scalar(select(func.seen.level_of("running_cost"))) != Sensitivity.OWNER.value:
        return set()
    own = cast(sorted(viewer.agency_ids), ARRAY(BigInteger))
    holds_others = or_(
        ~BuildingListed.agency_ids.contained_by(own),
        BuildingListed.id.in_(select(func.seen.ids_with_parts_of_others())),
    )
    wanted = BuildingListed.id == any_(cast(ids, ARRAY(BigInteger)))
    return set(session.scalars(select(BuildingListed.id).where(wanted, holds_others)))


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


def count_current_areas(session: Session, programme_id: int | None = None) -> dict[BoundaryLevel, int]:
    """How many areas of each level are in force, the largest level first; levels without any are absent.

    Those that the programme shows, where one is given.
    """
    query = (
        select(Area.level_code, func.count()).where(Area.valid_until.is_(None), *_shown_areas(session, programme_id))
    ).group_by(Area.level_code)
    counts: dict[str, int] = dict(session.execute(query).all())
    levels = session.scalars(select(BoundaryLevel).order_by(BoundaryLevel.rank))
    return {level: counts[level.code] for level in levels if level.code in counts}


def find_current_area(session: Session, area_id: int, programme_id: int | None = None) -> Area | None:
    """The area with this id where it is in force, and the programme, where one is given, shows it."""
    query = select(Area).where(Area.id == area_id, Area.valid_until.is_(None), *_shown_areas(session, programme_id))
    return session.scalars(query.options(defer(Area.geometry))).unique().first()


def list_area_names(session: Session, programme_id: int | None = None) -> dict[str, list[tuple[int, str]]]:
    """The plural of each level with its areas in force: id and name, with the larger area's name behind it; by name.

    The larger area is named where it is in force and shown as well.
    """
    query = (
        select(BoundaryLevel.plural, Area.id, Area.name, Area.parent_id)
        .join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
        .where(Area.valid_until.is_(None), *_shown_areas(session, programme_id))
        .order_by(BoundaryLevel.rank, Area.name)
    )
    rows = session.execute(query).all()
    names = {area_id: name for _, area_id, name, _ in rows}
    found: dict[str, list[tuple[int, str]]] = {}
    for plural, area_id, name, parent_id in rows:
        text = f"{name} ({names[parent_id]})" if parent_id in names else name
        found.setdefault(plural, []).append((area_id, text))
    return found


def _shown_areas(session: Session, programme_id: int | None) -> list[ColumnElement[bool]]:
    shown_ids = shown_area_ids(session, programme_id) if programme_id is not None else None
    return [] if shown_ids is None else [Area.id.in_(shown_ids)]


def list_current_areas(session: Session, programme_id: int | None = None) -> dict[BoundaryLevel, list[Area]]:
    """Areas in force, by level, the largest level first. Geometries are not loaded.

    Those that the programme shows, where one is given.
    """
    query = (
        select(Area)
        .join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
        .where(Area.valid_until.is_(None), *_shown_areas(session, programme_id))
        .order_by(BoundaryLevel.rank, Area.name)
        .options(defer(Area.geometry))
    )
    levels: dict[BoundaryLevel, list[Area]] = {}
    for area in session.scalars(query).unique():
        levels.setdefault(area.level, []).append(area)
    return levels

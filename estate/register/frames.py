"""Figures of many buildings as frames: one row a building, or one row an area. The database adds money up.

`year_start` is the calendar year in which a financial year starts; None leaves costs out and takes the latest counts.
"""

from typing import Any

import numpy as np
import pandas
import shapely
from geoalchemy2.shape import to_shape
from geopandas import GeoDataFrame
from pandas import DataFrame
from sqlalchemy import Select, Subquery, and_, func, null, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.building_facts import building_facts
from estate.register.costs import SUMS
from estate.register.filters import BuildingFilters, conditions
from estate.register.models import Building, BuildingArea, FixSource, RunningCost, UseClass
from estate.register.programmes import shown_area_ids
from estate.register.shown import shown

APPROXIMATE_FIXES = frozenset({FixSource.POSTCODE_CENTROID, FixSource.POSTCODE_SECTOR, FixSource.POSTCODE_DISTRICT})
"""Positions that are those of the building's postcode, or of part of it."""

AREA_COLUMNS = ("area_id", "code", "name", "parent_name", "population", "population_source", "population_on", "source")


def list_cost_years(session: Session) -> list[int]:
    """The financial years with any running cost, newest first."""
    return list(session.scalars(select(RunningCost.year_start).distinct().order_by(RunningCost.year_start.desc())))


def area_statistics(
    session: Session, level: BoundaryLevel, year_start: int | None, filters: BuildingFilters
) -> DataFrame:
    """Sums over the buildings of each area in force of `level`, as `costs` takes them; areas without buildings too.

    Columns: `AREA_COLUMNS`, `costs.SUMS`, and of the counts of people `oldest_on`, `newest_on`, `methods`. Where
    `filters.area_id` names an area, only it or the areas inside it; only those that the reader's programme covers.
    Sorted by name.
    """
    facts = building_facts(year_start, filters)
    # Joined from the buildings that are asked for: what is left out, such as a housing stock, is not even looked at.
    lying = select(BuildingArea.area_id, facts).join(BuildingArea, BuildingArea.building_id == facts.c.building_id)
    placed = lying.subquery("placed")
    parent = aliased(Area)
    query: Select[Any] = (
        select(
            Area.id.label("area_id"),
            Area.code,
            Area.name,
            parent.name.label("parent_name"),
            Area.population,
            Area.population_source,
            Area.population_on,
            Area.source,
            *_sums(placed),
        )
        .outerjoin(parent, parent.id == Area.parent_id)
        .outerjoin(placed, placed.c.area_id == Area.id)
        .where(Area.level_code == level.code, Area.valid_until.is_(None))
        .group_by(Area.id, parent.id)
        .order_by(func.lower(Area.name), Area.code)
    )
    if filters.area_id is not None:
        query = query.where(Area.id.in_(areas_inside(session, level, filters.area_id)))
    if filters.scope is not None and filters.scope.programme_id is not None:
        shown_ids = shown_area_ids(session, filters.scope.programme_id)
        if shown_ids is not None:
            query = query.where(Area.id.in_(shown_ids))
    return _frame(session, query)


def areas_inside(session: Session, level: BoundaryLevel, area_id: int) -> list[int]:
    """Ids of the areas of `level` in force that are `area_id` or lie inside it.

    By parents where they are known, else by the point inside each area.
    """
    inside = select(Area.id, Area.level_code).where(Area.id == area_id).cte(recursive=True)
    inside = inside.union(
        select(Area.id, Area.level_code).join(inside, Area.parent_id == inside.c.id).where(Area.valid_until.is_(None))
    )
    by_parent = list(session.scalars(select(inside.c.id).where(inside.c.level_code == level.code)))
    if by_parent:
        return by_parent
    whole = select(Area.geometry).where(Area.id == area_id).scalar_subquery()
    within = func.ST_Covers(whole, func.ST_PointOnSurface(Area.geometry))
    return list(
        session.scalars(select(Area.id).where(Area.level_code == level.code, Area.valid_until.is_(None), within))
    )


def count_outside(session: Session, level: BoundaryLevel, filters: BuildingFilters) -> int:
    """How many of the buildings lie in no area of `level`: no figure of an area counts them."""
    inside = (
        select(BuildingArea.building_id).join(Area).where(Area.level_code == level.code, Area.valid_until.is_(None))
    )
    query = select(func.count()).select_from(Building)
    return session.scalar(query.where(*conditions(filters), Building.id.not_in(inside))) or 0


def buildings_frame(
    session: Session, year_start: int | None, filters: BuildingFilters, level: BoundaryLevel | None = None
) -> GeoDataFrame:
    """One row a building, by name: identity, position and figures; EPSG:4326.

    Columns: `building_id name agency use status postcode annual_cost is_estimate gross_internal_area_m2 fte people
    capacity counted_on method vacant_m2 cost_per_m2 occupancy is_approximate area_name geometry`. Figures are NaN and
    `geometry` None where unknown; `area_name` is the area of `level`.
    """
    facts = building_facts(year_start, filters)
    query: Select[Any] = (
        select(
            facts,
            shown(Building.name).label("name"),
            Agency.name.label("agency"),
            UseClass.name.label("use"),
            shown(Building.status).label("status"),
            shown(Building.postcode).label("postcode"),
            shown(Building.fix_source, "location").label("fix_source"),
            func.ST_AsBinary(shown(Building.location)).label("location"),
            _area_name(level).label("area_name"),
        )
        .join(Building, Building.id == facts.c.building_id)
        .join(Agency, Agency.id == Building.agency_id)
        .outerjoin(UseClass, UseClass.code == shown(Building.use_class_code))
        .order_by(func.lower(shown(Building.name)), Building.id)
    )
    frame = _frame(session, query)
    frame["cost_per_m2"] = frame["annual_cost"] / frame["gross_internal_area_m2"]
    frame["occupancy"] = frame["people"] / frame["capacity"]
    frame["is_estimate"] = frame["is_estimate"].eq(True)
    frame["is_approximate"] = frame.pop("fix_source").isin(APPROXIMATE_FIXES)
    places = [None if place is None else bytes(place) for place in frame.pop("location")]
    return GeoDataFrame(frame, geometry=shapely.from_wkb(np.array(places, dtype=object)), crs=4326)


def _area_name(level: BoundaryLevel | None) -> ColumnElement[Any]:
    if level is None:
        return null()
    return (
        select(Area.name)
        .join(BuildingArea, BuildingArea.area_id == Area.id)
        .where(BuildingArea.building_id == Building.id, Area.level_code == level.code, Area.valid_until.is_(None))
        .limit(1)
        .scalar_subquery()
    )


def _sums(facts: Subquery) -> list[ColumnElement[Any]]:
    """`costs.SUMS` and the span of the counts. Pairs are summed over the buildings of which both are known."""
    cost, floor, fte = facts.c.annual_cost, facts.c.gross_internal_area_m2, facts.c.fte
    with_area = and_(cost.is_not(None), floor.is_not(None))
    with_staff = and_(cost.is_not(None), fte.is_not(None))
    return [
        func.count(facts.c.building_id).label("building_count"),
        func.count(cost).label("cost_count"),
        func.count(facts.c.building_id).filter(with_area).label("area_count"),
        func.count(facts.c.building_id).filter(with_staff).label("fte_count"),
        func.count(facts.c.people).label("occupancy_count"),
        func.count(facts.c.vacant_m2).label("vacant_count"),
        func.sum(cost).label("cost"),
        func.sum(facts.c.estimated_cost).label("estimated_cost"),
        func.sum(cost).filter(with_area).label("area_cost"),
        func.sum(floor).filter(with_area).label("area_m2"),
        func.sum(cost).filter(with_staff).label("fte_cost"),
        func.sum(fte).filter(with_staff).label("fte"),
        func.sum(facts.c.people).label("people"),
        func.sum(facts.c.capacity).label("capacity"),
        func.sum(facts.c.vacant_m2).label("vacant_m2"),
        func.min(facts.c.counted_on).label("oldest_on"),
        func.max(facts.c.counted_on).label("newest_on"),
        func.array_agg(facts.c.method.distinct()).filter(facts.c.method.is_not(None)).label("methods"),
    ]


NUMBERS = frozenset(
    {
        *(column for column in SUMS if not column.endswith("_count")),
        "population",
        "annual_cost",
        "gross_internal_area_m2",
    }
)
"""Columns that come as decimals; the database has added them up by then."""


def _frame(session: Session, query: Select[Any]) -> DataFrame:
    """The rows as a frame; figures as floats, NaN where unknown."""
    result = session.execute(query)
    frame = pandas.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    for column in frame.columns:
        if column in NUMBERS:
            frame[column] = frame[column].astype(float)
        elif column.endswith("_count"):
            frame[column] = frame[column].astype(int)
    return frame


def building_place(building: Building) -> GeoDataFrame:
    """One row: `name`, `is_approximate` and the position of one building; geometry None where it has none."""
    point = None if building.location is None else to_shape(building.location)
    row = {"name": [building.name], "is_approximate": [building.fix_source in APPROXIMATE_FIXES]}
    return GeoDataFrame(row, geometry=[point], crs=4326)

"""Figures of many buildings as frames: one row a building. `area_statistics` has those of areas.

`year_start` is the calendar year in which a financial year starts; None leaves costs out and takes the latest counts.
"""

from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from geopandas import GeoDataFrame
from sqlalchemy import Select, func, null, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.building_facts import building_facts
from estate.register.filters import BuildingFilters, conditions
from estate.register.models import Building, BuildingArea, FixSource, RunningCost, UseClass
from estate.register.read_frame import read_frame
from estate.register.shown import shown

APPROXIMATE_FIXES = frozenset({FixSource.POSTCODE_CENTROID, FixSource.POSTCODE_SECTOR, FixSource.POSTCODE_DISTRICT})
"""Positions that are those of the building's postcode, or of part of it."""


def list_cost_years(session: Session) -> list[int]:
    """The financial years with any running cost, newest first."""
    return list(session.scalars(select(RunningCost.year_start).distinct().order_by(RunningCost.year_start.desc())))


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
    frame = read_frame(session, query)
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


def building_place(building: Building) -> GeoDataFrame:
    """One row: `name`, `is_approximate` and the position of one building; geometry None where it has none."""
    point = None if building.location is None else to_shape(building.location)
    row = {"name": [building.name], "is_approximate": [building.fix_source in APPROXIMATE_FIXES]}
    return GeoDataFrame(row, geometry=[point], crs=4326)

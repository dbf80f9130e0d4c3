"""Buildings gathered into squares of the ground, for a map of more of them than a sheet of paper can show one by one.

Counted from the rows of the list that the session's viewer sees, so that it can tell nothing that a list would not.
"""

import math

import shapely
from geopandas import GeoDataFrame
from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.list_pages import prepare
from estate.register.models import BuildingListed
from estate.register.read_frame import read_frame

Bounds = tuple[float, float, float, float]


def bounds_of_buildings(session: Session, filters: BuildingFilters) -> Bounds | None:
    """West, south, east and north in degrees of what the filters let through; None where nothing has a position."""
    prepare(session)
    place = BuildingListed.location
    x, y = func.ST_X(place), func.ST_Y(place)
    query = select(func.min(x), func.min(y), func.max(x), func.max(y))
    row = session.execute(query.where(*listed_conditions(filters), place.is_not(None))).one()
    return None if row[0] is None else (float(row[0]), float(row[1]), float(row[2]), float(row[3]))


def squares_frame(session: Session, filters: BuildingFilters, bounds: Bounds, across: int) -> GeoDataFrame:
    """The squares that hold a building, `across` of them along the longer side of `bounds`; EPSG:4326.

    Columns: `n` buildings; of the list's year and where known, else NaN: `cost` (currency a year), `area` (m2, of the
    buildings with a known area), `cost_of_area` and `area_of_cost` (of those with both), `capacity` and `people` (of
    those with both); `geometry`. Buildings outside `bounds` are left out.
    """
    prepare(session)
    west, south, east, north = bounds
    narrow = math.cos(math.radians((south + north) / 2))
    tall = max((east - west) * narrow, north - south, 1e-6) / across
    wide = tall / narrow
    row = BuildingListed
    column, line = (
        func.floor((func.ST_X(row.location) - west) / wide),
        func.floor((func.ST_Y(row.location) - south) / tall),
    )
    has_both = row.annual_cost.is_not(None) & row.counted_gross_m2.is_not(None)
    is_counted = row.capacity.is_not(None) & row.people.is_not(None)
    query = (
        select(
            column.label("column"),
            line.label("line"),
            func.count().label("n"),
            func.sum(row.annual_cost).label("cost"),
            func.sum(row.counted_gross_m2).label("area"),
            func.sum(row.annual_cost).filter(has_both).label("cost_of_area"),
            func.sum(row.counted_gross_m2).filter(has_both).label("area_of_cost"),
            func.sum(row.capacity).filter(is_counted).label("capacity"),
            func.sum(row.people).filter(is_counted).label("people"),
        )
        .where(
            *listed_conditions(filters),
            func.ST_X(row.location).between(west, east),
            func.ST_Y(row.location).between(south, north),
        )
        .group_by(literal_column("1"), literal_column("2"))
        .order_by(literal_column("2"), literal_column("1"))
    )
    frame = read_frame(session, query)
    left = west + frame.pop("column").astype(float) * wide
    low = south + frame.pop("line").astype(float) * tall
    shapes = shapely.box(left.to_numpy(), low.to_numpy(), (left + wide).to_numpy(), (low + tall).to_numpy())
    return GeoDataFrame(frame.astype(float), geometry=shapes, crs=4326)

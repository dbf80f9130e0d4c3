"""Outlines of areas, light enough to send and still without gaps between neighbours."""

import geopandas
import numpy as np
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.models import Area, BoundaryLevel
from estate.settings import get_settings

STEPS_ACROSS = 1600
"""An outline keeps detail down to the map's extent over this many steps: about a pixel of a full screen."""

DECIMALS = 5

AROUND = (0.045, 0.027)
"""How far the map of one place reaches on each side, in degrees: about 3 km at British latitudes."""

MAXIMUM_AROUND = 200


def outlines_frame(session: Session, area_ids: list[int]) -> GeoDataFrame:
    """The outlines of `area_ids`, simplified together: columns `area_id`, `geometry`, `label_at`; EPSG:4326."""
    rows = session.execute(
        select(Area.id, func.ST_AsBinary(Area.geometry)).where(Area.id.in_(area_ids)).order_by(Area.id)
    ).all()
    shapes = list(shapely.from_wkb([bytes(row[1]) for row in rows]))
    frame = GeoDataFrame({"area_id": [row[0] for row in rows]}, geometry=shapes, crs=4326)
    return simplified(frame)


def outlines_around(session: Session, longitude: float, latitude: float) -> GeoDataFrame:
    """The smallest areas in force around a point, with their names: the ground of a map of one place."""
    around = func.ST_MakeEnvelope(
        longitude - AROUND[0], latitude - AROUND[1], longitude + AROUND[0], latitude + AROUND[1], 4326
    )
    smallest = (
        select(BoundaryLevel.code)
        .join(Area, Area.level_code == BoundaryLevel.code)
        .where(Area.valid_until.is_(None))
        .order_by(BoundaryLevel.rank.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = session.execute(
        select(Area.id, Area.name)
        .where(Area.level_code == smallest, Area.valid_until.is_(None), func.ST_Intersects(Area.geometry, around))
        .limit(MAXIMUM_AROUND)
    ).all()
    names = {row.id: row.name for row in found}
    frame = outlines_frame(session, list(names))
    return frame.assign(name=[names[area_id] for area_id in frame["area_id"]])


def simplified(frame: GeoDataFrame) -> GeoDataFrame:
    """`frame` with lighter outlines, and `label_at`: for each the point farthest from its edge.

    Neighbours keep the very same edge, so neither gaps nor slivers open between them. Coordinates keep five decimals,
    about a metre.
    """
    if frame.empty:
        return frame.assign(label_at=[])
    metric = frame.geometry.to_crs(get_settings().metric_srid)
    west, south, east, north = metric.total_bounds
    tolerance_m = max(east - west, north - south) / STEPS_ACROSS
    light = shapely.coverage_simplify(metric.to_numpy(), tolerance_m)
    # An islet smaller than the tolerance may vanish; its area then keeps the outline it had.
    light = np.where(shapely.is_empty(light), metric.to_numpy(), light)
    lines = shapely.maximum_inscribed_circle(light, tolerance=max(tolerance_m, 1.0))
    labels = geopandas.GeoSeries(shapely.get_point(lines, 0), crs=metric.crs).to_crs(4326)
    outlines = geopandas.GeoSeries(light, crs=metric.crs).to_crs(4326)
    result = frame.set_geometry(shapely.transform(outlines.to_numpy(), _to_grid), crs=4326)
    return result.assign(label_at=[(round(point.x, DECIMALS), round(point.y, DECIMALS)) for point in labels])


def _to_grid(coordinates: np.ndarray) -> np.ndarray:
    return np.round(coordinates, DECIMALS)

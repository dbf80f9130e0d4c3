"""Outlines of areas, light enough to send and still without gaps between neighbours."""

import geopandas
import numpy as np
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.settings import get_settings

STEPS_ACROSS = 1600
"""An outline keeps detail down to the map's extent over this many steps: about a pixel of a full screen."""

DECIMALS = 5


def outlines_frame(session: Session, area_ids: list[int]) -> GeoDataFrame:
    """The outlines of `area_ids`, simplified together: columns `area_id`, `geometry`, `label_at`; EPSG:4326."""
    rows = session.execute(
        select(Area.id, func.ST_AsBinary(Area.geometry)).where(Area.id.in_(area_ids)).order_by(Area.id)
    ).all()
    shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    frame = GeoDataFrame({"area_id": [row[0] for row in rows]}, geometry=list(shapes), crs=4326)
    return simplified(frame)


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

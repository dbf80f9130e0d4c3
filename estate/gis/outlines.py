"""Light outlines of areas: simplified together, so that neighbours keep the very same edge, and stored when loaded.

Coverage simplification (Visvalingam and Whyatt, as GEOS does it) moves no shared edge in one area without the other, so
neither gaps nor slivers open. Source: GEOS `CoverageSimplifier`.
"""

import geopandas
import numpy as np
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from estate.gis.boundaries.current import current_areas
from estate.gis.models import Area, AreaOutline
from estate.settings import get_settings

RESOLUTIONS_M = (25, 100, 400, 1600)
"""Tolerances of the stored outlines, in metres: a town, a county, a region, a country."""

STEPS_ACROSS = 700
"""An outline keeps detail down to the map's extent over this many steps: about a pixel of a map on a screen."""

DECIMALS = 5
"""Decimals of a degree of an outline with a tolerance below 100 m: about a metre. Above, one less."""


# Whole columns at once: ten thousand areas by row would take a minute.
STORE = text("""
    INSERT INTO area_outline (area_id, tolerance_m, geometry, label_at)
    SELECT area_id, :tolerance_m, ST_GeomFromWKB(shape, 4326), ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:shapes AS bytea[]), CAST(:longitudes AS float8[]), CAST(:latitudes AS float8[])
    ) AS outline (area_id, shape, longitude, latitude)
""")


def store_outlines(session: Session, level_code: str) -> int:
    """Work out the outlines of a level's areas in force anew, at every resolution; gives the number of areas."""
    session.flush()
    areas = current_areas(session, level_code).to_crs(get_settings().metric_srid)
    ids = [int(area_id) for area_id in areas["id"]]
    session.execute(delete(AreaOutline).where(AreaOutline.area_id.in_(ids)))
    for tolerance_m in RESOLUTIONS_M:
        light = simplified(areas, tolerance_m)
        columns = {
            "ids": ids,
            "shapes": [shapely.to_wkb(_multipolygon(shape)) for shape in light.geometry],
            "longitudes": [at[0] for at in light["label_at"]],
            "latitudes": [at[1] for at in light["label_at"]],
        }
        session.execute(STORE, {"tolerance_m": tolerance_m, **columns})
    return len(ids)


def outlines_frame(session: Session, area_ids: list[int]) -> GeoDataFrame:
    """The outlines of `area_ids` as light as their extent allows: columns `area_id`, `geometry`, `label_at`; EPSG:4326.

    Stored ones where all have them and they are fine enough; else simplified here, together.
    """
    coarse = _stored(session, area_ids, RESOLUTIONS_M[-1])
    if len(coarse) < len(set(area_ids)) or coarse.empty:
        return _simplified_now(session, area_ids)
    wanted_m = _extent_m(coarse) / STEPS_ACROSS
    fine_enough = [tolerance_m for tolerance_m in RESOLUTIONS_M if tolerance_m <= wanted_m]
    if not fine_enough:
        return _simplified_now(session, area_ids)
    return coarse if fine_enough[-1] == RESOLUTIONS_M[-1] else _stored(session, area_ids, fine_enough[-1])


def simplified(frame: GeoDataFrame, tolerance_m: float | None = None) -> GeoDataFrame:
    """`frame` with lighter outlines, and `label_at`: for each the point farthest from its edge.

    `tolerance_m` None: what the frame's own extent allows.
    """
    if frame.empty:
        return frame.assign(label_at=[])
    metric = frame.geometry.to_crs(get_settings().metric_srid)
    tolerance_m = tolerance_m or _extent_m(frame) / STEPS_ACROSS
    light = shapely.coverage_simplify(metric.to_numpy(), tolerance_m)
    # An islet smaller than the tolerance may vanish; its area then keeps the outline it had.
    light = np.where(shapely.is_empty(light), metric.to_numpy(), light)
    lines = shapely.maximum_inscribed_circle(light, tolerance=max(tolerance_m, 1.0))
    labels = geopandas.GeoSeries(shapely.get_point(lines, 0), crs=metric.crs).to_crs(4326)
    outlines = geopandas.GeoSeries(light, crs=metric.crs).to_crs(4326)
    decimals = DECIMALS if tolerance_m < 100 else DECIMALS - 1
    shapes = shapely.transform(outlines.to_numpy(), lambda coordinates: np.round(coordinates, decimals))
    result = frame.set_geometry(shapes, crs=4326)
    return result.assign(label_at=[(round(point.x, DECIMALS), round(point.y, DECIMALS)) for point in labels])


def _extent_m(frame: GeoDataFrame) -> float:
    box = geopandas.GeoSeries([shapely.box(*frame.total_bounds)], crs=4326).to_crs(get_settings().metric_srid)
    west, south, east, north = box.total_bounds
    return float(max(east - west, north - south))


def _stored(session: Session, area_ids: list[int], tolerance_m: int) -> GeoDataFrame:
    rows = session.execute(
        select(
            AreaOutline.area_id,
            func.ST_AsBinary(AreaOutline.geometry),
            func.ST_X(AreaOutline.label_at),
            func.ST_Y(AreaOutline.label_at),
        )
        .where(AreaOutline.area_id.in_(area_ids), AreaOutline.tolerance_m == tolerance_m)
        .order_by(AreaOutline.area_id)
    ).all()
    frame = GeoDataFrame({"area_id": [row[0] for row in rows]}, geometry=_shapes(rows), crs=4326)
    return frame.assign(label_at=[(row[2], row[3]) for row in rows])


def _simplified_now(session: Session, area_ids: list[int]) -> GeoDataFrame:
    rows = session.execute(
        select(Area.id, func.ST_AsBinary(Area.geometry)).where(Area.id.in_(area_ids)).order_by(Area.id)
    ).all()
    frame = GeoDataFrame({"area_id": [row[0] for row in rows]}, geometry=_shapes(rows), crs=4326)
    return simplified(frame)


def _shapes(rows: object) -> list[shapely.Geometry]:
    return list(shapely.from_wkb([bytes(row[1]) for row in rows]))  # type: ignore[attr-defined]


def _multipolygon(shape: shapely.Geometry) -> shapely.MultiPolygon:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])

"""Checks a set of areas against itself: whether they overlap or leave gaps.

All measures are in square metres of the installation's metric system.
"""

import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import GEOSException

from estate.gis.boundaries.report import Report, counted, named
from estate.settings import get_settings

OVERLAP_TOLERANCE_M2 = 100.0
"""Smaller overlaps come from rounding or generalising borders."""
OVERLAP_LIMIT_RATIO = 0.05
"""Areas of one level that share more than this of the smaller one are an error, not a matter of drawing."""
GAP_TOLERANCE_M2 = 100.0


def check_coverage(areas: gpd.GeoDataFrame, report: Report) -> None:
    """Report overlaps between areas and gaps enclosed by them. `areas` is in EPSG:4326, with `code`."""
    shapes = areas.geometry.to_crs(get_settings().metric_srid).to_numpy()
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    codes = areas["code"].to_numpy()
    if not shapely.coverage_is_valid(shapes):
        _check_overlaps(shapes, codes, report)
    _check_gaps(shapes, codes, report)


def overlaps(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers of each pair of shapes that share ground, and the square metres they share."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    is_pair = left < right
    left, right = left[is_pair], right[is_pair]
    shared_m2 = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    is_overlap = shared_m2 > OVERLAP_TOLERANCE_M2
    return left[is_overlap], right[is_overlap], shared_m2[is_overlap]


def _check_overlaps(shapes: np.ndarray, codes: np.ndarray, report: Report) -> None:
    left, right, shared_m2 = overlaps(shapes)
    if not len(left):
        return
    smaller_m2 = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    is_error = shared_m2 > OVERLAP_LIMIT_RATIO * smaller_m2
    for rows, add in ((is_error, report.error), (~is_error, report.warn)):
        if rows.any():
            order = np.argsort(-shared_m2[rows], kind="stable")
            pairs = [
                f"{codes[a]} and {codes[b]} ({shared:,.0f} m²)"
                for a, b, shared in zip(left[rows][order], right[rows][order], shared_m2[rows][order], strict=True)
            ]
            add("overlap", f"{counted(len(pairs), 'pair')} of areas overlap by more than 100 m²: {named(pairs)}.")


def gaps(shapes: np.ndarray) -> np.ndarray:
    """Polygons of the ground that the shapes enclose and none of them covers."""
    try:
        union = shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)
    except GEOSException:
        union = shapely.union_all(shapely.buffer(shapes, 0))
    parts = shapely.get_parts(union)
    holes = [shapely.Polygon(ring) for part in parts for ring in getattr(part, "interiors", [])]
    # An island inside a hole (an enclave of another part) is covered, so it is cut out of the gap.
    found = shapely.difference(np.array(holes, dtype=object), union) if holes else np.array([], dtype=object)
    large: np.ndarray = found[shapely.area(found) > GAP_TOLERANCE_M2]
    return large


def _check_gaps(shapes: np.ndarray, codes: np.ndarray, report: Report) -> None:
    found = gaps(shapes)
    if not len(found):
        return
    found = found[np.argsort(-shapely.area(found), kind="stable")]
    nearest = shapely.STRtree(shapes).nearest(found)
    places = [f"{shapely.area(gap):,.0f} m² at {codes[row]}" for gap, row in zip(found, nearest, strict=True)]
    report.warn("gap", f"The areas enclose {counted(len(found), 'gap')} of more than 100 m²: {named(places)}.")

"""Turns the features of a file into areas: codes and names as text, valid flat polygons in EPSG:4326, one a code."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from estate.gis.boundaries.errors import UnreadableBoundaries
from estate.gis.boundaries.report import Report, counted, named
from estate.gis.crs import WGS84, crs_name, home_bounds_degrees, home_bounds_metres, is_geographic
from estate.settings import get_settings


@dataclass(frozen=True)
class Columns:
    """Which columns of the file hold what."""

    code: str
    name: str
    parent_code: str | None = None
    is_larger: bool = False
    """True: the features are smaller areas, to be joined by `code`; those without one lie in none."""


def tidy_areas(features: gpd.GeoDataFrame, columns: Columns, report: Report) -> gpd.GeoDataFrame:
    """Areas with `code`, `name`, `parent_code` (None: not said) and a valid `geometry` in EPSG:4326, sorted by code.

    What had to be mended is a warning in `report`; what can't be is an error, and its feature is left out.
    """
    areas = _named_columns(features, columns)
    if columns.is_larger:
        areas = areas[areas["code"] != ""]
    if areas.empty:
        report.error("no_features", "The file has no features.")
        return areas
    _check_texts(areas, report)
    areas = areas[areas["code"] != ""]
    areas = _polygons_only(areas, report)
    if areas.empty:
        return areas
    _check_position(areas, report)
    areas = areas.to_crs(WGS84) if not report.errors else areas
    one = _one_row_a_code(areas, report, is_joined_on_purpose=columns.is_larger)
    return one.sort_values("code", ignore_index=True)


def _named_columns(features: gpd.GeoDataFrame, columns: Columns) -> gpd.GeoDataFrame:
    """The columns that `columns` names, as text without spaces around it."""
    wanted = {"code": columns.code, "name": columns.name, "parent_code": columns.parent_code}
    table = pd.DataFrame(index=features.index)
    for ours, theirs in wanted.items():
        if theirs and theirs not in features.columns:
            there = ", ".join(name for name in features.columns if name != "geometry") or "none"
            raise UnreadableBoundaries(f"The file has no column “{theirs}”. Its columns are: {there}.")
        texts = features[theirs].map(_text) if theirs else pd.Series("", index=features.index)
        table[ours] = texts.astype(object)
    table["parent_code"] = table["parent_code"].where(table["parent_code"] != "", None)
    return gpd.GeoDataFrame(table, geometry=features.geometry.to_numpy(), crs=features.crs)


def _text(value: object) -> str:
    return "" if value is None or value != value else " ".join(str(value).split())


def _check_texts(areas: gpd.GeoDataFrame, report: Report) -> None:
    """Every area needs a code; one without a name is called by its code."""
    has_no_code = areas["code"] == ""
    if has_no_code.any():
        rows = named(np.flatnonzero(has_no_code) + 1)
        report.error("no_code", f"{counted(int(has_no_code.sum()), 'feature')} had no code: number {rows} in the file.")
    has_no_name = (areas["name"] == "") & ~has_no_code
    if has_no_name.any():
        report.warn(
            "no_name", f"These areas have no name and are called by their code: {named(areas['code'][has_no_name])}."
        )
        areas.loc[has_no_name, "name"] = areas.loc[has_no_name, "code"]


def _polygons_only(areas: gpd.GeoDataFrame, report: Report) -> gpd.GeoDataFrame:
    """Areas with flat, valid, non-empty polygons."""
    shapes = areas.geometry.to_numpy()
    is_empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if is_empty.any():
        report.error("empty_geometry", f"These areas have no shape: {named(areas['code'][is_empty])}.")
    is_polygon = np.isin(shapely.get_type_id(shapes), (3, 6))
    is_other = ~is_empty & ~is_polygon
    if is_other.any():
        kinds = ", ".join(sorted({str(shape.geom_type) for shape in shapes[is_other]}))
        report.error(
            "not_an_area", f"Boundaries are polygons, but these are not ({kinds}): {named(areas['code'][is_other])}."
        )
    is_infinite = is_polygon & ~is_empty & ~_is_finite(shapes)
    if is_infinite.any():
        report.error(
            "not_finite", f"These areas have coordinates that are not numbers: {named(areas['code'][is_infinite])}."
        )
    good = is_polygon & ~is_empty & ~is_infinite
    areas, shapes = areas[good].copy(), shapes[good]
    if shapely.has_z(shapes).any():
        report.warn("heights_dropped", "The shapes had heights, which boundaries do not use. They were dropped.")
        shapes = shapely.force_2d(shapes)
    areas["geometry"] = _repaired(shapes, areas["code"], report)
    return areas[~areas.geometry.is_empty]


def _is_finite(shapes: np.ndarray) -> np.ndarray:
    """Whether all coordinates of each shape are finite."""
    coordinates, rows = shapely.get_coordinates(shapes, return_index=True)
    bad = np.unique(rows[~np.isfinite(coordinates).all(axis=1)])
    return ~np.isin(np.arange(len(shapes)), bad)


def _repaired(shapes: np.ndarray, codes: pd.Series, report: Report) -> np.ndarray:
    """The shapes as valid polygons: borders that cross themselves are untangled, lines left over are dropped."""
    is_invalid = ~shapely.is_valid(shapes)
    if not is_invalid.any():
        return shapes
    shapes = shapes.copy()
    shapes[is_invalid] = shapely.make_valid(shapes[is_invalid], method="structure", keep_collapsed=False)
    is_lost = is_invalid & (shapely.is_empty(shapes) | (shapely.get_dimensions(shapes) < 2))
    if is_lost.any():
        report.error("collapsed", f"These areas enclose nothing, not even after repair: {named(codes[is_lost])}.")
        shapes[is_lost] = shapely.Polygon()
    reasons = named(codes[is_invalid & ~is_lost])
    if reasons:
        report.warn("repaired", f"These areas had borders that cross themselves and were repaired: {reasons}.")
    return shapes


def _check_position(areas: gpd.GeoDataFrame, report: Report) -> None:
    """Refuse shapes that are not where this installation's buildings can be, with what the numbers look like."""
    x0, y0, x1, y1 = (float(number) for number in areas.total_bounds)
    srid = get_settings().metric_srid
    degrees, metres = home_bounds_degrees(), home_bounds_metres()
    xs, ys = np.array([x0, x1]), np.array([y0, y1])
    if areas.crs.is_geographic:
        if degrees.contains(xs, ys).all():
            return
        if degrees.contains(ys, xs).all():
            report.error(
                "looks_swapped", "Longitude and latitude look swapped. Export the file again as longitude, latitude."
            )
        elif max(abs(xs).max(), abs(ys).max()) > 180 and metres.contains(xs, ys).all():
            report.error(
                "looks_like_metres",
                f"The file says degrees, but its numbers look like {crs_name(srid)} (metres). Say --crs EPSG:{srid}.",
            )
        else:
            report.error("outside", _outside(areas))
        return
    if max(abs(x0), abs(y0), abs(x1), abs(y1)) <= 180 and not is_geographic(srid):
        report.error(
            "looks_like_degrees", "The file says metres, but its numbers look like degrees. Say --crs EPSG:4326."
        )
        return
    bounds = areas.to_crs(WGS84).total_bounds
    if not np.isfinite(bounds).all() or not degrees.contains(bounds[[0, 2]], bounds[[1, 3]]).all():
        report.error("outside", _outside(areas))


def _outside(areas: gpd.GeoDataFrame) -> str:
    """Which areas lie outside the home bounds."""
    home = home_bounds_degrees()
    bounds = areas.to_crs(WGS84).bounds
    inside = home.contains(bounds["minx"].to_numpy(), bounds["miny"].to_numpy())
    inside &= home.contains(bounds["maxx"].to_numpy(), bounds["maxy"].to_numpy())
    where = f"{home.west:g} to {home.east:g} east, {home.south:g} to {home.north:g} north"
    return (
        f"{counted(int((~inside).sum()), 'area')} lie outside the country this installation serves ({where}): "
        f"{named(areas['code'][~inside])}. Is the coordinate system right?"
    )


def _one_row_a_code(areas: gpd.GeoDataFrame, report: Report, *, is_joined_on_purpose: bool) -> gpd.GeoDataFrame:
    """Join the parts of an area that is given in several features; refuse one code for two different areas."""
    is_double = areas["code"].duplicated(keep=False)
    if is_double.any():
        doubles = areas[is_double].groupby("code")
        different = [code for code, rows in doubles if rows[["name", "parent_code"]].drop_duplicates().shape[0] > 1]
        if different:
            report.error("duplicate_code", f"Two areas with different names have the same code: {named(different)}.")
        joined = [code for code, _ in doubles if code not in different]
        if joined and not is_joined_on_purpose:
            report.warn("joined", f"These areas came in several features, which were joined: {named(joined)}.")
    first = areas.drop_duplicates("code").copy()
    joined_shapes = areas[is_double].groupby("code")["geometry"].agg(lambda rows: _united(rows.to_numpy()))
    first["geometry"] = [
        joined_shapes.get(code, shape) for code, shape in zip(first["code"], first.geometry, strict=True)
    ]
    first["geometry"] = [
        shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape]) for shape in first.geometry
    ]
    return first


def _united(shapes: np.ndarray) -> shapely.Geometry:
    """The ground of all these shapes, without the seams between them."""
    return shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)

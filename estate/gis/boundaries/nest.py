"""Finds the area of the level above in which each area lies."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from estate.gis.boundaries.report import Report, counted, named
from estate.settings import get_settings

LEAST_RATIO = 0.05
"""An area that merely touches another along a border drawn differently does not lie in it."""
NESTED_RATIO = 0.98
"""An area with less of its ground in its parent does not nest: borders drawn at two scales differ by less."""


@dataclass(frozen=True)
class Nesting:
    """For each area its parent's position in the parent frame (-1: none) and the share of its ground there (0 to 1)."""

    parents: np.ndarray
    shares: np.ndarray


def nest(areas: gpd.GeoDataFrame, parents: gpd.GeoDataFrame) -> Nesting:
    """The parent that each area shares most ground with. Both frames in EPSG:4326."""
    srid = get_settings().metric_srid
    children, above = areas.geometry.to_crs(srid).to_numpy(), parents.geometry.to_crs(srid).to_numpy()
    above = np.where(shapely.is_valid(above), above, shapely.make_valid(above))
    children = np.where(shapely.is_valid(children), children, shapely.make_valid(children))
    child, parent = shapely.STRtree(above).query(children, predicate="intersects")
    shared = shapely.area(shapely.intersection(children[child], above[parent])) / shapely.area(children[child])
    table = pd.DataFrame({"child": child, "parent": parent, "share": shared})
    best = (
        table.sort_values(["share", "parent"], ascending=[False, True])
        .drop_duplicates("child")
        .query("share > @LEAST_RATIO")
    )
    positions, shares = np.full(len(areas), -1), np.zeros(len(areas))
    positions[best["child"]] = best["parent"]
    shares[best["child"]] = np.minimum(best["share"], 1.0)
    return Nesting(positions, shares)


def check_nesting(
    areas: gpd.GeoDataFrame, parents: gpd.GeoDataFrame, nesting: Nesting, level_name: str, report: Report
) -> None:
    """Report how well `areas` lie in `parents`, and where the file names another parent than the ground does."""
    name = level_name.lower()
    found = nesting.parents >= 0
    if not found.all():
        outside = named(areas["code"][~found])
        report.warn("no_parent", f"{counted(int((~found).sum()), 'area')} lie in no {name} that is loaded: {outside}.")
    if not found.any():
        return
    worst = float(nesting.shares[found].min())
    straddling = found & (nesting.shares < NESTED_RATIO)
    parent_codes = np.where(found, parents["code"].to_numpy()[nesting.parents], None)
    if straddling.any():
        rows = np.flatnonzero(straddling)[np.argsort(nesting.shares[straddling], kind="stable")]
        codes = areas["code"].to_numpy()
        items = [f"{codes[row]} ({nesting.shares[row]:.1%} in {parent_codes[row]})" for row in rows]
        report.warn(
            "straddles",
            f"{counted(len(items), 'area')} lie across a border, with less than 98% in one {name}: {named(items)}.",
        )
    else:
        report.note("nests", f"Every area that has a {name} lies in it with at least {worst:.1%} of its ground.")
    said = areas["parent_code"].to_numpy()
    differs = found & pd.notna(said) & (said != parent_codes)
    if differs.any():
        items = [
            f"{code} says {theirs} but lies in {ours}"
            for code, theirs, ours in zip(areas["code"][differs], said[differs], parent_codes[differs], strict=True)
        ]
        report.warn(
            "other_parent", f"The file names another {name} than the map shows; the file was followed: {named(items)}."
        )

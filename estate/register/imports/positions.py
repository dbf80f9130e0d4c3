"""Where each row's building stands: from coordinates, else from an outline, else from its postcode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from estate.gis.crs import WGS84, Floats, transform
from estate.gis.geocode import Fixes, coordinate_sentence, fix_coordinates, fix_postcodes
from estate.register.imports.readers import SHAPE_OUTLINE, SHAPE_PROBLEM, SHAPE_X, SHAPE_Y
from estate.register.imports.values import Problem
from estate.settings import get_settings

if TYPE_CHECKING:
    from estate.register.imports.state import Check

OUTLINE_ACCURACY_M = 5.0


def place_rows(run: Check) -> None:
    """Fill `run.fixes`, best source first, and note what is wrong with coordinates and postcodes."""
    if run.layout.building:
        return
    metric = get_settings().metric_srid
    _from_pair(run, "longitude", "latitude", WGS84)
    _from_stated(run, metric)
    _from_pair(run, "easting", "northing", metric)
    _from_shape(run)
    _from_postcode(run)
    column = _column(run, "postcode")
    message = "The row has neither coordinates nor a postcode that is known here: the building will be on no map."
    for row in np.flatnonzero(~run.fixes.is_fixed):
        if run.is_accepted[row]:
            run.issue(int(row), column, Problem("no_position", message, False))


def _column(run: Check, field: str) -> str:
    """The file's name of a field's column."""
    source = run.layout.fields.get(field)
    found = run.first(source.columns) if source else None
    return found[0] if found else field


def _floats(values: list[Any]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _from_pair(run: Check, first: str, second: str, srid: int) -> None:
    if first in run.values and second in run.values:
        everywhere = np.ones(run.count, dtype=bool)
        _fix(run, (first, second), _floats(run.values[first]), _floats(run.values[second]), srid, everywhere)


def _from_stated(run: Check, metric: int) -> None:
    """Columns x and y, in the system that each row, the person, or else the installation states."""
    if "x" not in run.values or "y" not in run.values:
        return
    default = run.options.srid or metric
    stated = np.array([srid or default for srid in run.values.get("srid", [None] * run.count)], dtype=int)
    x, y = _floats(run.values["x"]), _floats(run.values["y"])
    for srid in np.unique(stated):
        _fix(run, ("x", "y"), x, y, int(srid), stated == srid)


def _fix(run: Check, names: tuple[str, str], x: Floats, y: Floats, srid: int, where: NDArray[np.bool_]) -> None:
    """Take the positions of one pair of columns for rows that have none yet; note the problems."""
    where = where & ~run.fixes.is_fixed
    x, y = np.where(where, x, np.nan), np.where(where, y, np.nan)
    fixes = fix_coordinates(x, y, srid)
    run.fixes.take(fixes, fixes.is_fixed)
    column = " + ".join(_column(run, name) for name in names)
    for row in np.flatnonzero(fixes.problem != ""):
        code = fixes.problem[row]
        problem = Problem(code, coordinate_sentence(code, srid), is_rejecting=code != "no_fix")
        run.issue(int(row), column, problem, f"{x[row]:g}, {y[row]:g}")
    message = "Only one of the two coordinates is given, so neither was used."
    for row in np.flatnonzero(where & (np.isnan(x) != np.isnan(y))):
        run.issue(int(row), column, Problem("coordinate_half", message, False))


def _from_shape(run: Check) -> None:
    """The point and the outline that a geographic file gives, and the rows whose geometry is broken."""
    x_cells, y_cells = run.cells(SHAPE_X), run.cells(SHAPE_Y)
    if x_cells is None or y_cells is None:
        return
    srid = run.table.srid or run.options.srid or WGS84
    before = run.fixes.is_fixed
    x, y = (_floats([float(cell) if cell else None for cell in cells]) for cells in (x_cells, y_cells))
    _fix(run, (SHAPE_X, SHAPE_Y), x, y, srid, ~before)
    for row, problem in enumerate(run.cells(SHAPE_PROBLEM) or []):
        if problem == "broken":
            run.issue(
                row,
                "geometry",
                Problem("geometry_broken", "The geometry is broken: its type or coordinates are wrong."),
            )
    outlines = run.cells(SHAPE_OUTLINE) or []
    is_fixed = run.fixes.is_fixed
    run.values["footprint"] = [_outline(cell, srid) if is_fixed[row] else None for row, cell in enumerate(outlines)]
    has_outline = np.array([bool(cell) for cell in outlines], dtype=bool) & run.fixes.is_fixed & ~before
    run.fixes.source[has_outline] = "surveyed_polygon"
    run.fixes.accuracy_m[has_outline] = OUTLINE_ACCURACY_M


def _outline(cell: str, srid: int) -> str | None:
    """Hex WKB in degrees."""
    if not cell or srid == WGS84:
        return cell or None

    def project(points: Floats) -> Floats:
        return np.column_stack(transform(points[:, 0], points[:, 1], srid))

    return str(shapely.to_wkb(shapely.transform(shapely.from_wkb(cell), project), hex=True))


def _from_postcode(run: Check) -> None:
    postcodes = run.values.get("postcode")
    if not postcodes:
        return
    column = _column(run, "postcode")
    wanted = [code or "" for code in postcodes]
    fixes = fix_postcodes(wanted)
    open_rows = ~run.fixes.is_fixed
    run.fixes.take(fixes, open_rows & fixes.is_fixed)
    for row in np.flatnonzero(fixes.source != "postcode_centroid"):
        if wanted[row]:
            _say_coarse(run, int(row), column, wanted[row], fixes, bool(open_rows[row]))
    # A part of a postcode is no postcode: the register keeps whole ones only.
    run.values["postcode"] = [code if code and " " in code and len(code) > 5 else None for code in postcodes]


def _say_coarse(run: Check, row: int, column: str, postcode: str, fixes: Fixes, is_used: bool) -> None:
    """Say that a postcode is a part of one, or is not in the directory, and what was made of it."""
    whole = " " in postcode and len(postcode.split()[1]) == 3
    kind = {"postcode_sector": "sector", "postcode_district": "district"}.get(fixes.source[row])
    made = (
        f" The building stands in the middle of the postcode {kind}, within about {fixes.accuracy_m[row]:,.0f} m."
        if kind
        else ""
    )
    if whole:
        text = f"The postcode {postcode} is not in the postcode directory."
        run.issue(row, column, Problem("postcode_unknown", text + (made if is_used else ""), False), postcode)
    else:
        text = f"“{postcode}” is only a part of a postcode."
        run.issue(row, column, Problem("postcode_partial", text + (made if is_used else ""), False), postcode)

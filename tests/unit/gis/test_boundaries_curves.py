"""Boundaries drawn with arcs instead of straight lines."""

import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyogrio.raw import write

from estate.gis.boundaries.read import read_boundary_file
from estate.gis.boundaries.report import Report
from estate.gis.boundaries.tidy import Columns, tidy_areas

CIRCLE = [(-2.3, 53.4), (-2.2, 53.5), (-2.1, 53.4), (-2.2, 53.3), (-2.3, 53.4)]
CURVE_POLYGON = struct.pack("<BIIBII", 1, 10, 1, 1, 8, 5) + b"".join(struct.pack("<dd", *point) for point in CIRCLE)
SHAPES = {
    "CURVEPOLYGON": CURVE_POLYGON,
    "GEOMETRY": CURVE_POLYGON,
    "MULTISURFACE": struct.pack("<BII", 1, 12, 1) + CURVE_POLYGON,
}
GEOPACKAGE_HEADER = 8 + 32


def curved_file(path: Path, kind: str) -> Path:
    """A GeoPackage of one area, a circle of four arcs: no library at hand writes arcs, so its bytes are put in."""
    names = np.array(["code", "name"], dtype=object)
    values = [np.array([text], dtype=object) for text in ("A1", "Circle")]
    shape = np.array([shapely.to_wkb(shapely.box(-2.3, 53.3, -2.1, 53.5))], dtype=object)
    write(path, shape, values, names, geometry_type="Polygon", crs="EPSG:4326", driver="GPKG", SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        (before,) = file.execute(f"SELECT geom FROM {path.stem}").fetchone()
        file.execute(f"UPDATE {path.stem} SET geom = ?", (before[:GEOPACKAGE_HEADER] + SHAPES[kind],))
        file.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?", (kind,))
    file.close()
    return path


@pytest.mark.parametrize("kind", SHAPES)
def test_arcs_become_many_short_lines(tmp_path: Path, kind: str) -> None:
    report = Report()
    areas = tidy_areas(read_boundary_file(curved_file(tmp_path / "curve.gpkg", kind)), Columns("code", "name"), report)
    assert not report.findings
    assert areas.geometry.iloc[0].area == pytest.approx(np.pi * 0.1**2, rel=0.001)

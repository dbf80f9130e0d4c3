"""OGC GeoPackage: one point layer in EPSG:4326, NULL geometry where the position is unknown."""

import tempfile
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

import numpy as np
import shapely
from pyogrio import raw

from estate.exports.formats import Format
from estate.exports.tables import Column, Kind, Table

TYPES: dict[Kind, tuple[Any, Any]] = {
    Kind.TEXT: (object, None),
    Kind.WHOLE: (np.int64, 0),
    Kind.NUMBER: (np.float64, np.nan),
    Kind.DAY: ("datetime64[D]", np.datetime64("NaT")),
    Kind.YES_NO: (np.bool_, False),
}
"""The type of each kind's array, and what stands in it where the mask says that the value is unknown."""


def write(table: Table, stream: BinaryIO) -> None:
    """Write the layer through a file of our own naming: the driver needs one."""
    points = [None if at is None else shapely.Point(at) for at in table.positions()]
    cells = [_array(table, column) for column in table.columns]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        raw.write(
            path,
            shapely.to_wkb(np.array(points, dtype=object)),
            [values for values, _ in cells],
            table.names,
            field_mask=[mask for _, mask in cells],
            layer=table.name,
            driver="GPKG",
            geometry_type="Point",
            crs="EPSG:4326",
            layer_metadata={"TITLE": table.title, "NOTES": " ".join(table.notes)},
            layer_options={"IDENTIFIER": table.title, "DESCRIPTION": " ".join(table.notes)},
        )
        with path.open("rb") as file:
            copyfileobj(file, stream)


def _array(table: Table, column: Column) -> tuple[np.ndarray, np.ndarray]:
    kind, blank = TYPES[column.kind]
    cells = [row[column.name] for row in table.rows]
    mask = np.array([cell is None for cell in cells], dtype=bool)
    values = np.array([blank if cell is None else _plain(cell, column.kind) for cell in cells], dtype=kind)
    return values, mask


def _plain(cell: Any, kind: Kind) -> Any:
    if kind is Kind.NUMBER:
        return float(cell)
    return np.datetime64(cell, "D") if kind is Kind.DAY and isinstance(cell, date) else cell


FORMAT = Format(
    "GeoPackage", "application/geopackage+sqlite3", "gpkg", write, "a layer for QGIS, ArcGIS and GeoPandas", 40
)

"""OGC GeoPackage: one point layer in EPSG:4326, NULL geometry where the position is unknown; a style for classes."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

import numpy as np
import shapely
from pyogrio import raw

from estate.exports.formats import Format
from estate.exports.layer_styles import write_style
from estate.exports.tables import Cell, Column, Kind, Table

TYPES: dict[Kind, tuple[Any, Any]] = {
    Kind.TEXT: (object, None),
    Kind.WHOLE: (np.int64, 0),
    Kind.NUMBER: (np.float64, np.nan),
    Kind.DAY: ("datetime64[D]", np.datetime64("NaT")),
    Kind.YES_NO: (np.bool_, False),
}
"""The type of each kind's array, and what stands in it where the mask says that the value is unknown."""


BATCH = 5000


def write(table: Table, stream: BinaryIO) -> None:
    """Write the layer through a file of our own naming: the driver needs one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        classes: Counter[str] = Counter()
        for number, rows in enumerate(table.batches(BATCH)):
            _append(table, rows, path, is_first=number == 0)
            if table.colour_by:
                classes.update(str(row[table.colour_by]) for row in rows if row[table.colour_by] is not None)
        # The table of styles counts as a second layer, of which GeoPandas warns: so only where it says much.
        if table.colour_by:
            write_style(path, table, [name for name, _ in classes.most_common()])
        with path.open("rb") as file:
            copyfileobj(file, stream)


def _append(table: Table, rows: Sequence[Mapping[str, Cell]], path: Path, *, is_first: bool) -> None:
    places = [table.position(row) for row in rows]
    points = [None if at is None else shapely.Point(at) for at in places]
    cells = [_array(rows, column) for column in table.columns]
    about: dict[str, Any] = {
        "layer_metadata": {"TITLE": table.title, "NOTES": " ".join(table.notes)},
        "layer_options": {"IDENTIFIER": table.title, "DESCRIPTION": " ".join(table.notes)},
    }
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
        append=not is_first,
        **(about if is_first else {}),
    )


def _array(rows: Sequence[Mapping[str, Cell]], column: Column) -> tuple[np.ndarray, np.ndarray]:
    kind, blank = TYPES[column.kind]
    cells = [row[column.name] for row in rows]
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

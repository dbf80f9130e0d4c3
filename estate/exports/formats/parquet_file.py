"""GeoParquet 1.1: one point a row as WKB in EPSG:4326, null where the position is unknown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import shapely
from pyproj import CRS

from estate.exports.formats import Format
from estate.exports.tables import Cell, Column, Kind, Table

if TYPE_CHECKING:
    import pyarrow as pa

GEOMETRY = "geometry"
ROW_GROUP = 10_000


def write(table: Table, stream: BinaryIO) -> None:
    """Write the rows, a row group at a time."""
    # Imported here: the web server would wait for it at every start.
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(column.name, _type(pa, column), metadata=_about(column)) for column in table.columns]
    schema = pa.schema([*fields, pa.field(GEOMETRY, pa.binary())])
    bounds: list[float] = []
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for rows in table.batches(ROW_GROUP):
            places = [table.position(row) for row in rows]
            bounds = _wider(bounds, [at for at in places if at is not None])
            arrays = [pa.array(_cells(rows, column), type=_type(pa, column)) for column in table.columns]
            writer.write_table(pa.Table.from_arrays([*arrays, pa.array(_wkb(places), type=pa.binary())], schema=schema))
        writer.add_key_value_metadata({"geo": json.dumps(geo_metadata(bounds)), "title": table.title})


def geo_metadata(bounds: Sequence[float]) -> dict[str, Any]:
    """What GeoParquet says of the geometry column; `bounds` are west, south, east, north, or nothing."""
    column = {"encoding": "WKB", "geometry_types": ["Point"], "crs": CRS.from_epsg(4326).to_json_dict()}
    return {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {GEOMETRY: {**column, **({"bbox": list(bounds)} if bounds else {})}},
    }


def _type(pa: Any, column: Column) -> "pa.DataType":
    kinds = {
        Kind.TEXT: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.DAY: pa.date32(),
        Kind.YES_NO: pa.bool_(),
    }
    return kinds[column.kind]


def _about(column: Column) -> dict[str, str] | None:
    return {"description": column.meaning} if column.meaning else None


def _cells(rows: Iterable[Mapping[str, Cell]], column: Column) -> list[Any]:
    return [_plain(row[column.name], column.kind) for row in rows]


def _plain(cell: Cell, kind: Kind) -> Any:
    if cell is None:
        return None
    if kind is Kind.NUMBER and isinstance(cell, Decimal | int):
        return float(cell)
    return cell if kind is not Kind.TEXT or not isinstance(cell, date) else cell.isoformat()


def _wkb(places: Sequence[tuple[float, float] | None]) -> list[bytes | None]:
    points = [None if at is None else shapely.Point(at) for at in places]
    found: list[bytes | None] = shapely.to_wkb(np.array(points, dtype=object)).tolist()
    return found


def _wider(bounds: Sequence[float], places: Sequence[tuple[float, float]]) -> list[float]:
    """The bounds of what they held and of these places."""
    if not places:
        return list(bounds)
    xs, ys = [at[0] for at in places], [at[1] for at in places]
    own = [min(xs), min(ys), max(xs), max(ys)]
    if not bounds:
        return own
    return [min(bounds[0], own[0]), min(bounds[1], own[1]), max(bounds[2], own[2]), max(bounds[3], own[3])]


FORMAT = Format("GeoParquet", "application/vnd.apache.parquet", "parquet", write, "for GeoPandas, DuckDB and QGIS", 50)

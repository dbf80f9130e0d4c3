"""GeoJSON after RFC 7946: longitude and latitude, EPSG:4326, a null geometry where the position is unknown."""

import json
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from estate.exports.formats import Format
from estate.exports.tables import Kind, Table

DECIMALS = 7
"""Of a degree: about a centimetre."""


def write(table: Table, stream: BinaryIO) -> None:
    """Write one feature a row, with every column as a property."""
    stream.write(b'{"type":"FeatureCollection","features":[')
    for place, row in enumerate(table.rows):
        position = table.position(row)
        at = [round(number, DECIMALS) for number in position] if position else None
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": at} if at else None,
            "properties": {column.name: _value(row[column.name], column.kind) for column in table.columns},
        }
        text = json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write((",\n" if place else "\n").encode() + text.encode())
    stream.write(b"\n]}\n")


def _value(cell: Any, kind: Kind) -> Any:
    if kind is Kind.DAY and isinstance(cell, date):
        return cell.isoformat()
    return float(cell) if isinstance(cell, Decimal) else cell


FORMAT = Format("GeoJSON", "application/geo+json", "geojson", write, "points for web maps and GIS", 30)

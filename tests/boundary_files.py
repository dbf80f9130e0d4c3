"""Makers of small boundary files, good and bad, for tests."""

import json
from pathlib import Path
from typing import Any

Ring = list[tuple[float, ...]]
WEST, SOUTH = -2.4, 53.4
SIDE = 0.02


def square(column: int, row: int, side: float = SIDE) -> Ring:
    """A ring of `side` degrees; squares of neighbouring columns or rows share a border."""
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    # Rounded, so that neighbours have the very same corners.
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return [(round(a, 6), round(b, 6)) for a, b in corners]


def polygon(*rings: Ring) -> dict[str, Any]:
    """A GeoJSON Polygon."""
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in rings]}


def feature(code: Any, geometry: dict[str, Any] | None, name: str | None = None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON Feature with `code` and `name`."""
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name or f"Area {code}", **properties},
        "geometry": geometry,
    }


def write_geojson(path: Path, features: list[dict[str, Any]], **members: Any) -> Path:
    """A FeatureCollection at `path`."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8")
    return path


def two_by_two() -> list[dict[str, Any]]:
    """Four squares, A1 to B2, that meet without overlap or gap."""
    return [
        feature("A1", polygon(square(0, 0))),
        feature("A2", polygon(square(1, 0))),
        feature("B1", polygon(square(0, 1))),
        feature("B2", polygon(square(1, 1))),
    ]

"""Areas packed for the way to the browser: many thousand outlines in the bytes that GeoJSON takes for a few hundred.

Coordinates are whole numbers, each as its difference to the one before; what all features share is sent once. `map.js`
unpacks it. What it says is the same as `features()`.
"""

import os
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame

SCALE = 100_000
"""Units of a degree: about a metre each."""


def packed_areas(frame: GeoDataFrame, looks: list[int], scale: int = SCALE) -> dict[str, Any]:
    """The polygons of `frame` (rows without one are left out), drawn by their place in `looks`.

    `scale`: units of a degree. Columns as for `features()`: geometry, `name`, and where they exist `lines`, `href` with
    `link`, `label_at`.
    """
    has_shape = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    frame = frame[has_shape]
    shapes, scale = _packed_shapes(frame.geometry.to_numpy(), scale)
    packed: dict[str, Any] = {
        "scale": scale,
        "names": [str(name) for name in frame["name"]],
        "looks": [int(look) for look, is_there in zip(looks, has_shape, strict=True) if is_there],
        "shapes": shapes,
    }
    if "lines" in frame:
        packed["lines"] = [list(lines) for lines in frame["lines"]]
    if "label_at" in frame:
        packed["labels"] = [list(at) for at in frame["label_at"]]
    if "href" in frame and len(frame):
        addresses = [str(href) for href in frame["href"]]
        shared = os.path.commonprefix(addresses)  # noqa: RUF071 - characters are what is meant
        packed["href"] = [shared, [address[len(shared) :] for address in addresses]]
        packed["link"] = str(frame["link"].iloc[0])
    return packed


def _packed_shapes(shapes: np.ndarray, scale: int) -> tuple[list[list[list[list[int]]]], int]:
    """For each shape its polygons, of each its rings, of each x, y and then differences; and units of a degree."""
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    points = np.round(coordinates * scale).astype(np.int64)
    while len(points) and scale > 1 and not (points % 10).any():
        points, scale = points // 10, scale // 10
    is_first = np.diff(ring_of_point, prepend=-1) != 0
    is_last = np.diff(ring_of_point, append=-1) != 0
    steps = np.diff(points, axis=0, prepend=0)
    steps[is_first] = points[is_first]
    # The last point of a ring is the first again. One that rounding laid on the one before says nothing.
    keep = ~is_last & (is_first | steps.any(axis=1))
    ends = np.searchsorted(ring_of_point[keep], np.arange(len(rings)), side="right")
    flat = steps[keep]
    packed: list[list[list[list[int]]]] = [[] for _ in shapes]
    start, last_part = 0, -1
    for part, end in zip(part_of_ring.tolist(), ends.tolist(), strict=True):
        polygons = packed[shape_of_part[part]]
        if part != last_part:
            polygons.append([])
        polygons[-1].append(flat[start:end].ravel().tolist())
        start, last_part = end, part
    return packed, scale

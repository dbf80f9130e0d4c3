"""The map itself as SVG, in millimetres: areas, their hatching, the signs of buildings. It holds no text.

Names never come into the drawing: the sheet sets them as text of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from geopandas import GeoDataFrame

from estate.gis.maps.legend import Look
from estate.gis.paper.placing import Placing

INK, EDGE, GROUND_EDGE = "#14211f", "#4d5c59", "#8b9a96"
UNITS = 50
"""Steps of a millimetre that a line keeps: finer than any printer's ink."""
FINE_ABOVE = 1500
"""More areas than this get thinner edges."""
CROSS = (
    (-1, -0.5), (-0.5, -1), (0, -0.5), (0.5, -1), (1, -0.5), (0.5, 0),
    (1, 0.5), (0.5, 1), (0, 0.5), (-0.5, 1), (-1, 0.5), (-0.5, 0),
)  # fmt: skip
CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "cross": tuple((1.2 * right, 1.2 * down) for right, down in CROSS),
}
"""A sign's corners, in radii from its middle; the same as on the screen. A circle has none."""
PATTERNS = (
    '<defs><pattern id="hatch" width="2" height="2" patternUnits="userSpaceOnUse">'
    '<rect width="2" height="2" fill="#eef1f0"/>'
    '<path d="M-.5 .5L.5 -.5M-.25 2.25L2.25 -.25M1.5 2.5L2.5 1.5" stroke="#7c8783" stroke-width=".35"/></pattern>'
    '<pattern id="dots" width="1.7" height="1.7" patternUnits="userSpaceOnUse">'
    '<circle cx=".85" cy=".85" r=".42" fill="#fff"/><circle cx=".85" cy=".85" r=".27" fill="#14211f"/></pattern></defs>'
)


@dataclass(frozen=True)
class Label:
    """A name on the map, centred at mm from the upper left corner of the frame."""

    text: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass
class Drawn:
    """What lies on a map, from the ground up, and the names of its areas."""

    placing: Placing
    parts: list[str] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @property
    def svg(self) -> bytes:
        """The drawing, exactly as large as the map's frame."""
        width, height = self.placing.width_mm, self.placing.height_mm
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
            f'viewBox="0 0 {width} {height}">{PATTERNS}{"".join(self.parts)}</svg>'
        ).encode()


def draw(drawn: Drawn, frame: GeoDataFrame, looks: Sequence[Look], *, radius_mm: float = 1.2) -> None:
    """Draw each row of `frame` (degrees) by its look above what is there; rows without geometry are left out.

    Polygons of one look become one shape; points keep their order and are left out beyond the frame.
    """
    has_shape = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    shapes = frame.geometry.to_numpy()[has_shape]
    shown = [look for look, is_there in zip(looks, has_shape, strict=True) if is_there]
    if shown and shown[0].shape == "area":
        drawn.parts += _areas(drawn.placing, shapes, shown)
    else:
        drawn.parts += _signs(drawn.placing, shapes, shown, radius_mm)


def swatch(look: Look) -> bytes:
    """A legend's sample of a look."""
    if look.shape == "area":
        box = '<rect x=".2" y=".2" width="6.6" height="4.1"'
        inside = f'{box} fill="{look.colour}"/>'
        if look.pattern in ("hatch", "dots"):
            inside += f'{box} fill="url(#{look.pattern})"/>'
        inside += f'{box} fill="none" stroke="{EDGE}" stroke-width=".2"/>'
    else:
        inside = _sign(look, 3.5, 2.25, 1.5)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="7mm" height="4.5mm" viewBox="0 0 7 4.5">'
        f"{PATTERNS}{inside}</svg>"
    ).encode()


def _areas(placing: Placing, shapes: np.ndarray, looks: list[Look]) -> Iterable[str]:
    by_look: dict[Look, list[str]] = {}
    for look, path in zip(looks, _paths(placing, shapes), strict=True):
        by_look.setdefault(look, []).append(path)
    width = 0.07 if len(shapes) > FINE_ABOVE else 0.18
    for look, paths in by_look.items():
        path = "".join(paths)
        if look.pattern not in ("outline", "ring"):
            yield f'<path d="{path}" fill="{look.colour}" fill-rule="evenodd"/>'
            if look.pattern:
                yield f'<path d="{path}" fill="url(#{look.pattern})" fill-rule="evenodd"/>'
        # Edges last, so that no neighbour covers half of them.
    for look, paths in by_look.items():
        colour = GROUND_EDGE if look.pattern == "outline" else EDGE
        line = f'stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"'
        if look.pattern == "ring":
            line = f'stroke="{look.colour}" stroke-width=".5" stroke-dasharray="1.6 1.2"'
        yield f'<path d="{"".join(paths)}" fill="none" {line}/>'


def _paths(placing: Placing, shapes: np.ndarray) -> list[str]:
    """The path of each shape, in relative steps; a ring beyond what the grid knows is left out."""
    rings, shape_of_ring = _rings(shapes)
    degrees, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    millimetres = placing.on_paper(degrees)
    is_known = np.bincount(ring_of_point, ~np.isfinite(millimetres).all(axis=1), minlength=len(rings)) == 0
    steps = np.round(np.nan_to_num(millimetres) * UNITS).astype(np.int64)
    ends = np.searchsorted(ring_of_point, np.arange(len(rings)), side="right")
    paths: list[list[str]] = [[] for _ in shapes]
    start = 0
    for ring, end in enumerate(ends.tolist()):
        if is_known[ring] and end > start:
            paths[shape_of_ring[ring]].append(_ring(steps[start:end]))
        start = end
    return ["".join(path) for path in paths]


def _rings(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    return rings, shape_of_part[part_of_ring]


def _ring(points: np.ndarray) -> str:
    differences = np.diff(points, axis=0)
    differences = differences[differences.any(axis=1)]
    numbers = [_millimetres(number) for number in (*points[0].tolist(), *differences.ravel().tolist())]
    return f"M{numbers[0]} {numbers[1]}l{' '.join(numbers[2:])}z" if len(numbers) > 2 else ""


def _millimetres(number: int) -> str:
    return f"{number / UNITS:.2f}".rstrip("0").rstrip(".")


def _signs(placing: Placing, shapes: np.ndarray, looks: list[Look], radius_mm: float) -> Iterable[str]:
    if not len(shapes):
        return
    places = placing.on_paper(np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)]))
    for (x, y), look in zip(places.tolist(), looks, strict=True):
        if -radius_mm <= x <= placing.width_mm + radius_mm and -radius_mm <= y <= placing.height_mm + radius_mm:
            yield _sign(look, x, y, radius_mm)


def _sign(look: Look, x: float, y: float, radius: float) -> str:
    fill, stroke, width = ("#fff", look.colour, 0.4) if look.is_hollow else (look.colour, "#fff", 0.2)
    style = f'fill="{fill}" stroke="{stroke}" stroke-width="{width}"'
    if look.shape not in CORNERS:
        return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" {style}/>'
    corners = " ".join(f"{x + right * radius:.2f},{y + down * radius:.2f}" for right, down in CORNERS[look.shape])
    return f'<polygon points="{corners}" {style}/>'

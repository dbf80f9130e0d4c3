"""Maps of more buildings than one document can hold: Folium's `VectorGridProtobuf`, with tiles from our own host.

The document stays in its sandbox: it fetches nothing. The page around it asks for each tile and hands it in, see
`static/js/map_tiles.js` and `static/map/tiles.js`.
"""

from dataclasses import asdict, dataclass
from typing import Any

from folium.plugins import VectorGridProtobuf
from geopandas import GeoDataFrame

from estate.gis.maps.assets import Assets
from estate.gis.maps.document import Features, document
from estate.gis.maps.escape import html_text
from estate.gis.maps.features import bounds_of
from estate.gis.maps.footprints import FOOTPRINT, LEGEND_ENTRY
from estate.gis.maps.legend import APPROXIMATE, Caption, Entry, Legend, Look, Looks
from estate.gis.maps.packed import packed_areas
from estate.gis.maps.points import OUTLINE
from estate.gis.maps.ring import ring_layers


@dataclass(frozen=True)
class Scale:
    """Classes with fixed limits, the same at every zoom.

    `figure`: what is classed, a key of `FIGURES` in tiles.js. `upper[i]` is the highest value of class i; the last
    class is open, so there is one look and one label more. `unknown` is drawn where the figure is not known.
    """

    figure: str
    upper: tuple[float, ...]
    labels: tuple[str, ...]
    looks: tuple[Look, ...]
    unknown: Look


@dataclass(frozen=True)
class Kinds:
    """Kinds of buildings by a property of theirs, `agency` or `use`: for each of its values a text and a look."""

    by: str
    looks: dict[str, tuple[str, Look]]
    others: Look
    unknown: Look


@dataclass(frozen=True)
class TileLayer:
    """A layer of tiles, and how cells and buildings in them are drawn and told.

    `points_from`: the zoom from which buildings are drawn one by one. `names`: what popups call values, by property.
    `year`: of the costs, in words; empty where there are none. `href`: the page of a building, without its number.
    """

    name: str
    cells: Scale
    points: Kinds | Scale
    cells_title: str
    points_title: str
    points_from: int
    names: dict[str, dict[str, str]]
    year: str
    href: str
    link: str
    note: str = ""


class Tiles(VectorGridProtobuf):  # type: ignore[misc,unused-ignore]
    """Folium's layer of vector tiles, without the file that it would take from another host."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, name: str) -> None:
        super().__init__("{z}/{x}/{y}", html_text(name), "EstateTiles.options(estate)")
        self._name = "tiles_layer"
        self.role, self.count = "tiles", 0


def tiled_map(
    layer: TileLayer,
    *,
    caption: Caption,
    assets: Assets,
    outlines: GeoDataFrame | None = None,
    bounds: Any = None,
    ring: GeoDataFrame | None = None,
) -> str:
    """The HTML document of `layer` on the outlines of areas (geometry, `name`, `label_at`).

    `bounds`: west, south, east and north of the view where there are no outlines. `ring`: see `ring_frame`; the map
    shows it whole.
    """
    looks = Looks()
    layers: list[Any] = []
    if outlines is not None and len(outlines):
        packed = packed_areas(outlines, [looks.place(OUTLINE)] * len(outlines))
        layers.append(Features(packed, "Areas", "outline"))
        bounds = bounds_of(outlines)
    layers += [*ring_layers(ring, looks), Tiles(layer.name)]
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends={"cells": legend_of_cells(layer), "points": _legend_of_points(layer)},
        bounds=bounds_of(ring) or bounds,
        layers=layers,
        tiles=_facts(layer, looks),
    )


def legend_of_cells(layer: TileLayer) -> Legend:
    """The classes of the cells."""
    return Legend(layer.cells_title, _entries(layer.cells), "Squares of the map's own grid. " + layer.note)


def _legend_of_points(layer: TileLayer) -> Legend:
    points = layer.points
    if isinstance(points, Scale):
        entries = _entries(points)
    else:
        entries = (*(Entry(text, look) for text, look in points.looks.values()), Entry("all others", points.others))
        entries = (*entries, Entry("unknown", points.unknown))
    return Legend(
        layer.points_title, (*entries, Entry("position only from the postcode", APPROXIMATE), LEGEND_ENTRY), layer.note
    )


def _entries(scale: Scale) -> tuple[Entry, ...]:
    known = (Entry(text, look) for text, look in zip(scale.labels, scale.looks, strict=True))
    return (*known, Entry("unknown", scale.unknown)) if scale.figure != "n" else tuple(known)


def _facts(layer: TileLayer, looks: Looks) -> dict[str, Any]:
    points = layer.points
    told: dict[str, Any] = {name: getattr(layer, name) for name in ("points_from", "names", "year", "href", "link")}
    told["cells"] = _scale(layer.cells, looks)
    told["outlines"] = looks.place(FOOTPRINT)
    if isinstance(points, Scale):
        told["points"] = _scale(points, looks)
    else:
        told["points"] = {
            "by": points.by,
            "looks": {key: looks.place(look) for key, (_, look) in points.looks.items()},
            "others": looks.place(points.others),
            "unknown": looks.place(points.unknown),
        }
    return told


def _scale(scale: Scale, looks: Looks) -> dict[str, Any]:
    return {
        **{name: value for name, value in asdict(scale).items() if name in ("figure", "upper")},
        "looks": [looks.place(look) for look in scale.looks],
        "unknown": looks.place(scale.unknown),
    }

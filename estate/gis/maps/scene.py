"""What a view shows, apart from how it is shown: it becomes a sheet of paper or a file that stands alone."""

from dataclasses import dataclass

import numpy as np
from geopandas import GeoDataFrame
from pandas import Series

from estate.gis.maps.assets import Assets
from estate.gis.maps.choropleth import AreaLayer, legend_of_areas, looks_of_areas
from estate.gis.maps.document import Features, document
from estate.gis.maps.features import bounds_of, features
from estate.gis.maps.legend import Caption, Legend, Look, Looks
from estate.gis.maps.packed import packed_areas
from estate.gis.maps.points import OUTLINE, PointLayer, point_features
from estate.gis.maps.ring import RING
from estate.gis.maps.tiled import Scale, TileLayer, legend_of_cells

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layer:
    """Features of one kind, each with its look.

    `frame`: geometry, `name`, and what `features()` takes besides; `role`: `outline`, `area` or `building`.
    """

    frame: GeoDataFrame
    looks: list[Look]
    name: str
    role: str
    legend: Legend | None = None


@dataclass(frozen=True)
class Scene:
    """The layers of a view, the lowest first. `bounds`: west, south, east and north of what it is about."""

    layers: tuple[Layer, ...]
    bounds: Bounds | None

    @property
    def legends(self) -> list[Legend]:
        """The legends that have anything to say."""
        return [layer.legend for layer in self.layers if layer.legend and layer.legend.entries]


def scene_of_areas(areas: AreaLayer) -> Scene:
    """A choropleth."""
    looks = Looks()
    places = looks_of_areas(areas, looks)
    layer = Layer(areas.frame, [looks.items[it] for it in places], areas.name, "area", legend_of_areas(areas))
    return Scene((layer,), bounds_of(areas.frame))


def scene_of_points(points: PointLayer, outlines: GeoDataFrame) -> Scene:
    """Buildings on the outlines of areas."""
    looks = Looks()
    located = points.frame[points.frame.geometry.notna()]
    shown = PointLayer(located, points.kinds, points.title, points.name, points.note)
    places = [feature["properties"]["look"] for feature in point_features(shown, looks)]  # type: ignore[index]
    layer = Layer(located, [looks.items[it] for it in places], points.name, "building", shown.legend())
    return Scene((*_ground(outlines), layer), bounds_of(outlines) or bounds_of(located))


def scene_of_squares(squares: GeoDataFrame, values: Series, layer: TileLayer, outlines: GeoDataFrame) -> Scene:
    """Squares that each stand for all the buildings in them, classed as the cells of `layer` by `values`."""
    shown = Layer(squares, _looks_by(layer.cells, values), layer.name, "area", legend_of_cells(layer))
    # Outlines above: the squares would hide them.
    return Scene((shown, *_ground(outlines)), bounds_of(outlines) or bounds_of(squares))


def with_ring(scene: Scene, ring: GeoDataFrame | None) -> Scene:
    """The scene with the circle above everything, and the circle as what it is about."""
    if ring is None:
        return scene
    layer = Layer(ring, [RING], str(ring["name"].iloc[0]), "ring")
    return Scene((*scene.layers, layer), bounds_of(ring))


def scene_map(scene: Scene, *, caption: Caption, assets: Assets) -> str:
    """The HTML document of a scene."""
    looks, layers = Looks(), []
    for layer in scene.layers:
        places = [looks.place(look) for look in layer.looks]
        content = features(layer.frame, places) if layer.role == "building" else packed_areas(layer.frame, places)
        layers.append(Features(content, layer.name, layer.role))
    legends = {layer.role: layer.legend for layer in scene.layers if layer.legend}
    return document(caption=caption, assets=assets, looks=looks, legends=legends, bounds=scene.bounds, layers=layers)


def _ground(outlines: GeoDataFrame) -> tuple[Layer, ...]:
    return (Layer(outlines, [OUTLINE] * len(outlines), "Areas", "outline"),) if len(outlines) else ()


def _looks_by(scale: Scale, values: Series) -> list[Look]:
    members = np.searchsorted(scale.upper, values.to_numpy(dtype=float), side="left")
    return [
        scale.unknown if np.isnan(value) else scale.looks[member] for member, value in zip(members, values, strict=True)
    ]

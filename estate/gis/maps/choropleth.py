"""Areas coloured by a figure."""

from collections.abc import Callable
from dataclasses import dataclass

from geopandas import GeoDataFrame

from estate.gis.maps import palettes
from estate.gis.maps.assets import Assets
from estate.gis.maps.classes import Classes
from estate.gis.maps.document import Features, document
from estate.gis.maps.features import bounds_of
from estate.gis.maps.legend import EMPTY_AREA, UNKNOWN_AREA, Caption, Entry, Legend, Look, Looks
from estate.gis.maps.packed import packed_areas
from estate.gis.maps.points import PointLayer, point_features
from estate.gis.maps.ring import ring_layers


@dataclass(frozen=True)
class AreaLayer:
    """Areas, the classes of their figure, and how to say both.

    `frame`: geometry, `name`, `is_estimate` (True where half or more of the figure is estimated), `is_empty` (True
    where there is nothing that could have a figure); and what `features()` takes. Row k is in class
    `classes.members[k]`. `text` writes one figure with its unit; `empty_text` names areas that are empty.
    """

    frame: GeoDataFrame
    classes: Classes
    text: Callable[[float], str]
    title: str
    name: str
    note: str = ""
    empty_text: str = "no buildings"


def area_map(
    areas: AreaLayer,
    *,
    caption: Caption,
    assets: Assets,
    points: PointLayer | None = None,
    ring: GeoDataFrame | None = None,
) -> str:
    """The HTML document of a choropleth; `points` are a layer of buildings above it, at first switched off.

    `ring`: see `ring_frame`; the map shows it whole.
    """
    looks = Looks()
    layers = [Features(packed_areas(areas.frame, looks_of_areas(areas, looks)), areas.name, "area")]
    layers += ring_layers(ring, looks)
    legends = {"area": legend_of_areas(areas)}
    if points is not None:
        layers.append(Features(point_features(points, looks), points.name, "building", is_shown=points.is_shown))
        legends["building"] = points.legend()
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends=legends,
        # The areas alone: one building with a position far away must not shrink the map of the place to a dot.
        bounds=bounds_of(ring) or bounds_of(areas.frame),
        layers=layers,
    )


def _class_look(areas: AreaLayer, member: int, is_estimate: bool) -> Look:
    count = len(areas.classes.upper)
    colours = palettes.changes(count) if areas.classes.is_change else palettes.amounts(count)
    return Look(colours[member], pattern="dots" if is_estimate else "")


def looks_of_areas(areas: AreaLayer, looks: Looks) -> list[int]:
    """For each area the place of its look in `looks`."""
    rows = zip(areas.classes.members, areas.frame["is_estimate"], areas.frame["is_empty"], strict=True)
    return [
        looks.place(
            _class_look(areas, member, bool(is_estimate)) if member >= 0 else EMPTY_AREA if is_empty else UNKNOWN_AREA
        )
        for member, is_estimate, is_empty in rows
    ]


def legend_of_areas(areas: AreaLayer) -> Legend:
    """The classes with how many areas are in each, and the marks of the unknown, the empty and the estimated."""
    classes = areas.classes
    entries = [
        Entry(label, _class_look(areas, member, False), count)
        for member, (label, count) in enumerate(zip(classes.labels(areas.text), classes.counts, strict=True))
    ]
    empty = int((areas.frame["is_empty"].to_numpy(dtype=bool) & (classes.members < 0)).sum())
    if classes.unknown_count > empty:
        entries.append(Entry("unknown", UNKNOWN_AREA, classes.unknown_count - empty))
    if empty:
        entries.append(Entry(areas.empty_text, EMPTY_AREA, empty))
    estimates = int((areas.frame["is_estimate"].to_numpy(dtype=bool) & (classes.members >= 0)).sum())
    if estimates:
        entries.append(Entry("half or more is estimated", Look("#ffffff", pattern="dots"), estimates))
    note = " ".join(part for part in (areas.note, classes.sentence) if part)
    return Legend(areas.title, tuple(entries), note)

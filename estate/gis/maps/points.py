"""Buildings as points: one layer whatever their number, drawn on canvas by colour and shape."""

from dataclasses import dataclass, replace

from geopandas import GeoDataFrame

from estate.gis.maps.assets import Assets
from estate.gis.maps.document import Features, document
from estate.gis.maps.features import bounds_of, features
from estate.gis.maps.footprints import LEGEND_ENTRY, footprint_layers
from estate.gis.maps.legend import APPROXIMATE, Caption, Entry, Legend, Look, Looks
from estate.gis.maps.outlines import AROUND
from estate.gis.maps.ring import ring_layers

CLOSE = 0.0005
"""Degrees around two points that lie on one another."""
OUTLINE = Look("#fbfcfb", pattern="outline")


@dataclass(frozen=True)
class PointLayer:
    """Buildings and how they are told apart.

    `frame`: point geometry, `name`, `kind` (place in `kinds`), `is_approximate` (True where the position is only that
    of a postcode); and what `features()` takes. `kinds`: the text and the look of each kind.
    """

    frame: GeoDataFrame
    kinds: tuple[tuple[str, Look], ...]
    title: str
    name: str = "Buildings"
    note: str = ""
    is_shown: bool = False

    def legend(self) -> Legend:
        """The kinds that occur, with how many there are of each, and the mark of an approximate position."""
        located = self.frame[self.frame.geometry.notna()]
        counts = located["kind"].value_counts()
        entries = [
            Entry(text, look, int(counts[place])) for place, (text, look) in enumerate(self.kinds) if place in counts
        ]
        approximate = int(located["is_approximate"].sum())
        if approximate:
            entries.append(Entry("position only from the postcode", APPROXIMATE, approximate))
        return Legend(self.title, tuple(entries), self.note)


def point_features(points: PointLayer, looks: Looks) -> list[dict[str, object]]:
    """The features of `points`; approximate positions are hollow."""
    sure = [looks.place(look) for _, look in points.kinds]
    hollow = [looks.place(Look(look.colour, look.shape, is_hollow=True)) for _, look in points.kinds]
    pairs = zip(points.frame["kind"], points.frame["is_approximate"], strict=True)
    return features(points.frame, [(hollow if is_approximate else sure)[kind] for kind, is_approximate in pairs])


def buildings_map(
    points: PointLayer,
    *,
    caption: Caption,
    assets: Assets,
    outlines: GeoDataFrame | None = None,
    footprints: GeoDataFrame | None = None,
    ring: GeoDataFrame | None = None,
) -> str:
    """The HTML document of buildings on the outlines of areas (geometry, `name`, `label_at`).

    `footprints`: the outlines of buildings (geometry), seen close up. `ring`: see `ring_frame`; the map shows it whole.
    """
    looks = Looks()
    layers = []
    if outlines is not None:
        layers.append(Features(features(outlines, [looks.place(OUTLINE)] * len(outlines)), "Areas", "outline"))
    layers += [*footprint_layers(footprints, looks), *ring_layers(ring, looks)]
    layers.append(Features(point_features(points, looks), points.name, "building"))
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends={"building": _legend(points, footprints)},
        # Where there are areas, they alone: one position far away must not shrink the map of the place to a dot.
        bounds=bounds_of(ring) or bounds_of(outlines) or bounds_of(points.frame),
        layers=layers,
    )


def _legend(points: PointLayer, footprints: GeoDataFrame | None) -> Legend:
    """The legend of `points`, with what stands for the outlines of buildings where there are any."""
    legend = points.legend()
    has_any = footprints is not None and len(footprints)
    return replace(legend, entries=(*legend.entries, LEGEND_ENTRY)) if has_any else legend


def building_map(
    building: GeoDataFrame,
    *,
    caption: Caption,
    assets: Assets,
    outlines: GeoDataFrame | None = None,
    footprints: GeoDataFrame | None = None,
) -> str:
    """The HTML document of one building's place on the outlines around it.

    `building`: one row with point geometry, `name`, `is_approximate`. `footprints`: its outline (geometry). Where that
    is known, the map shows it as large as it can.
    """
    points = PointLayer(building.assign(kind=0), (("Here", Look("#c8582a", "square")),), "Location")
    looks = Looks()
    layers = []
    if outlines is not None and len(outlines):
        layers.append(Features(features(outlines, [looks.place(OUTLINE)] * len(outlines)), "Areas", "outline"))
    layers += footprint_layers(footprints, looks)
    layers.append(Features(point_features(points, looks), "Building", "building"))
    west, south, east, north = building.total_bounds
    margin = AROUND
    if footprints is not None and len(footprints):
        west, south, east, north = bounds_of(building, footprints) or (west, south, east, north)
        margin = (max(east - west, CLOSE), max(north - south, CLOSE))
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends={},
        bounds=(west - margin[0], south - margin[1], east + margin[0], north + margin[1]),
        layers=layers,
    )


PAIR = (("Older record", Look("#c8582a", "square")), ("Newer record", Look("#1f6f8b", "circle")))


def pair_map(pair: GeoDataFrame, *, caption: Caption, assets: Assets, outlines: GeoDataFrame | None = None) -> str:
    """The HTML document of two records that may be one building, on the outlines around them.

    `pair`: rows with point geometry or None, `name`, `is_approximate`, `kind` (0 the older, 1 the newer).
    """
    return _close_map(PointLayer(pair, PAIR, "Records"), caption, assets, outlines)


SITE = (
    ("Building", Look("#1f6f8b", "circle")),
    ("Part of a building", Look("#6c4f8b", "triangle")),
    ("Record of the whole site", Look("#c8582a", "square")),
)


def site_map(
    site: GeoDataFrame,
    *,
    caption: Caption,
    assets: Assets,
    outlines: GeoDataFrame | None = None,
    footprints: GeoDataFrame | None = None,
) -> str:
    """The HTML document of what stands on one site, on the outlines around it.

    `site`: rows with point geometry or None, `name`, `is_approximate`, `kind` (a place in `SITE`). `footprints`: the
    outlines (geometry) of those of which it is known.
    """
    return _close_map(PointLayer(site, SITE, "On this site"), caption, assets, outlines, footprints)


def _close_map(
    points: PointLayer,
    caption: Caption,
    assets: Assets,
    outlines: GeoDataFrame | None,
    footprints: GeoDataFrame | None = None,
) -> str:
    """A map that reaches a little further than its points."""
    looks, layers = Looks(), []
    if outlines is not None and len(outlines):
        layers.append(Features(features(outlines, [looks.place(OUTLINE)] * len(outlines)), "Areas", "outline"))
    layers += footprint_layers(footprints, looks)
    layers.append(Features(point_features(points, looks), points.title, "building"))
    west, south, east, north = bounds_of(points.frame, footprints) or points.frame.total_bounds
    margin = max(east - west, north - south, CLOSE)
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends={"building": _legend(points, footprints)},
        bounds=(west - margin, south - margin, east + margin, north + margin),
        layers=layers,
    )

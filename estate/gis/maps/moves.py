"""A proposal on the map: which buildings stay, which take others in, which are emptied, and who moves where."""

import geopandas
import pandas
from geopandas import GeoDataFrame

from estate.gis.maps import palettes
from estate.gis.maps.assets import Assets
from estate.gis.maps.document import Features, document
from estate.gis.maps.features import bounds_of, features
from estate.gis.maps.legend import Caption, Look, Looks
from estate.gis.maps.points import OUTLINE, PointLayer, point_features

HOST, KEPT, EMPTIED = (Look(colour, shape) for colour, shape in (palettes.HOST, palettes.KEPT, palettes.EMPTIED))
MOVE = Look("#8a3b12", shape="line")


def moves_map(
    areas: GeoDataFrame | None,
    kept: GeoDataFrame,
    emptied: GeoDataFrame,
    moves: GeoDataFrame,
    *,
    caption: Caption,
    assets: Assets,
) -> str:
    """The HTML document of a proposal.

    `areas`: outlines (geometry, `name`, `label_at`); None: no outlines.
    `kept`: point geometry, `name`, `is_host` (True where teams move in), `is_approximate`.
    `emptied`: point geometry, `name`, `is_approximate`.
    `moves`: line geometry from the old building to the new one, `name` (such as "12 FTE from X to Y").
    Each may also have `lines`, `href` and `link`, as `features()` says. Empty frames are fine.
    """
    looks = Looks()
    hosts = kept["is_host"].astype(bool) if len(kept) else pandas.Series(dtype=bool)
    frames = [kept.assign(kind=hosts.map({True: 0, False: 1})), emptied.assign(kind=2)]
    both = pandas.concat([frame for frame in frames if len(frame)]) if len(kept) + len(emptied) else frames[0]
    points = PointLayer(
        geopandas.GeoDataFrame(both, geometry="geometry", crs=4326),
        (("kept, teams move in", HOST), ("kept as it is", KEPT), ("emptied", EMPTIED)),
        "Proposal",
        note="An arrow is a team that moves." if len(moves) else "",
    )
    layers = []
    if areas is not None and len(areas):
        layers.append(Features(features(areas, [looks.place(OUTLINE)] * len(areas)), "Areas", "outline"))
    if len(moves):
        layers.append(Features(features(moves, [looks.place(MOVE)] * len(moves)), "Moves", "move"))
    layers.append(Features(point_features(points, looks), "Buildings", "building"))
    return document(
        caption=caption,
        assets=assets,
        looks=looks,
        legends={"building": points.legend()},
        bounds=bounds_of(points.frame, areas),
        layers=layers,
    )

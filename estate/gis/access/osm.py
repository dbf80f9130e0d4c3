"""Reads the roads and paths open to people on foot from an OpenStreetMap extract, with osmium."""

from array import array
from pathlib import Path

import numpy as np

from estate.errors import InvalidInput
from estate.gis.access.distances import Floats, Whole
from estate.gis.access.network import RoadNetwork, tidy_network
from estate.gis.crs import WGS84, home_bounds_degrees, transform

SUFFIXES = (".osm.pbf", ".osm", ".osm.bz2", ".osm.gz")
NOT_FOR_WALKING = frozenset({
    "motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "razed", "raceway",
    "bus_guideway", "busway", "elevator", "platform", "escape", "no", "via_ferrata", "rest_area", "services",
})  # fmt: skip
CLOSED = frozenset({"no", "private"})
OPEN = frozenset({"yes", "designated", "permissive", "public", "destination"})
LONGEST_STEP_M = 100.0
"""Beside crossings and ends a node is kept about so often, so that a place on a long road finds one near it."""


class UnreadableRoads(InvalidInput):
    """The file can't be read as an OpenStreetMap extract. Give the .osm.pbf as it was downloaded."""


def read_roads(path: Path, metric_srid: int) -> RoadNetwork:
    """The network of `path` in `metric_srid`; raises `UnreadableRoads`.

    Every road and path that people may walk, both ways; ferries are none. Between crossings, ends and a node about
    every `LONGEST_STEP_M` the points of a way only add to its length.
    """
    if not path.name.lower().endswith(SUFFIXES):
        raise UnreadableRoads(f"“{path.name}” has no suffix of an OpenStreetMap extract: {', '.join(SUFFIXES)}.")
    way, node, longitude, latitude = _ways(path)
    if not len(way):
        raise UnreadableRoads(f"“{path.name}” holds no road or path that people may walk. Is it the right extract?")
    x, y = transform(longitude, latitude, WGS84, metric_srid)
    is_placed = home_bounds_degrees(metric_srid).contains(longitude, latitude)
    network = _network(way[is_placed], node[is_placed], np.column_stack([x, y])[is_placed])
    if not len(network.edges):
        raise UnreadableRoads(f"The roads of “{path.name}” lie outside the country this installation serves.")
    return network


def _ways(path: Path) -> tuple[Whole, Whole, Floats, Floats]:
    """One row a point of a way, in order: number of the way, id of the node, longitude, latitude."""
    import osmium  # Here, because only the loading of roads needs it.

    way, node, longitude, latitude = array("q"), array("q"), array("d"), array("d")
    try:
        ways = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
        # Nodes are needed for their places only; which of them a way names osmium remembers itself.
        for found in ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(
            osmium.filter.KeyFilter("highway")
        ):
            if not isinstance(found, osmium.osm.Way) or not _may_walk(dict(found.tags)):
                continue
            for point in found.nodes:
                if point.location.valid():
                    way.append(found.id)
                    node.append(point.ref)
                    longitude.append(point.lon)
                    latitude.append(point.lat)
    except (RuntimeError, ValueError, OSError) as error:
        raise UnreadableRoads(f"“{path.name}” is damaged, or no OpenStreetMap extract. Download it again.") from error
    return np.array(way, np.int64), np.array(node, np.int64), np.array(longitude), np.array(latitude)


def _may_walk(tags: dict[str, str]) -> bool:
    if tags.get("highway") in NOT_FOR_WALKING or tags.get("area") == "yes":
        return False
    foot = tags.get("foot", "")
    return foot not in CLOSED and (tags.get("access", "") not in CLOSED or foot in OPEN)


def _network(way: Whole, node: Whole, places: Floats) -> RoadNetwork:
    """The points of ways as a network: places one row a point, in metres."""
    is_start = np.ones(len(way), dtype=bool)
    is_start[1:] = way[1:] != way[:-1]
    is_end = np.append(is_start[1:], True)
    step_m = np.zeros(len(way))
    step_m[1:] = np.hypot(*np.diff(places, axis=0).T)
    step_m[is_start] = 0
    along_m = np.cumsum(step_m)
    piece = np.floor(along_m / LONGEST_STEP_M)
    is_passing = np.zeros(len(way), dtype=bool)
    is_passing[1:] = piece[1:] != piece[:-1]
    _, place, count = np.unique(node, return_inverse=True, return_counts=True)
    is_kept = is_start | is_end | is_passing | (count > 1)[place]
    # A node that one way passes may be an end of another: it is then kept in both, because it occurs twice.
    kept = np.flatnonzero(is_kept)
    numbers, first, position = np.unique(node[kept], return_index=True, return_inverse=True)
    joins = ~is_start[kept][1:]
    edges = np.column_stack([position[:-1][joins], position[1:][joins]])
    return tidy_network(places[kept][first], edges, np.diff(along_m[kept])[joins]) if len(numbers) else _nothing()


def _nothing() -> RoadNetwork:
    return RoadNetwork(np.zeros((0, 2)), np.zeros((0, 2), np.int32), np.zeros(0, np.float32))

"""Distances to the nearest counter against brute force, straight and by road, and networks with faults."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from estate.gis.access.distances import straight_distances, straight_pairs
from estate.gis.access.network import RoadNetwork, road_distances, road_pairs, tidy_network
from estate.gis.access.osm import UnreadableRoads, read_roads
from estate.gis.crs import transform
from tests.road_files import SIZE, crossing, write_roads


def places(count: int, seed: int, extent_m: float = 1900) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 2)) * extent_m


def grid(size: int = 20, step_m: float = 100) -> RoadNetwork:
    xs, ys = np.meshgrid(np.arange(size) * step_m, np.arange(size) * step_m)
    number = np.arange(size * size).reshape(size, size)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    up = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    edges = np.concatenate([across, up])
    return tidy_network(np.column_stack([xs.ravel(), ys.ravel()]), edges, np.full(len(edges), step_m))


def test_straight_distance_is_that_of_brute_force() -> None:
    homes, counters = places(300, 1), places(17, 2)
    every = np.hypot(*(homes[:, None] - counters[None]).transpose(2, 0, 1))
    found = straight_distances(homes, counters)
    assert np.allclose(found.distance_m, every.min(axis=1))
    assert (found.nearest == every.argmin(axis=1)).all()
    pairs = straight_pairs(homes, counters, 500)
    wanted = set(zip(*np.nonzero(every <= 500), strict=True))
    assert set(zip(pairs.home, pairs.counter, strict=True)) == wanted


def test_a_counter_at_exactly_the_distance_is_within_it() -> None:
    assert len(straight_pairs(np.array([[0.0, 0.0]]), np.array([[300.0, 400.0]]), 500).home) == 1


@pytest.mark.parametrize(("homes", "counters"), [(0, 3), (3, 0), (0, 0)])
def test_nothing_on_one_side_measures_nothing(homes: int, counters: int) -> None:
    for found in (
        straight_distances(places(homes, 1), places(counters, 2)),
        road_distances(grid(), places(homes, 1), places(counters, 2)),
    ):
        assert len(found.distance_m) == homes
        assert np.isnan(found.distance_m).all()
        assert (found.nearest == -1).all()
    assert len(straight_pairs(places(homes, 1), places(counters, 2), 100).home) == 0
    assert len(road_pairs(grid(), places(homes, 1), places(counters, 2), 100).home) == 0


def test_road_distance_is_that_of_one_search_a_counter() -> None:
    network, homes, counters = grid(), places(200, 3), places(9, 4)
    home_snap, home_node = network.tree.query(homes)
    snap, node = network.tree.query(counters)
    along = dijkstra(network.graph, indices=node)[:, home_node].T
    every = along + home_snap[:, None] + snap[None]
    found = road_distances(network, homes, counters)
    assert np.allclose(found.distance_m, every.min(axis=1), atol=0.1)
    assert np.allclose(every[np.arange(len(homes)), found.nearest], every.min(axis=1), atol=0.1)
    assert (found.distance_m >= straight_distances(homes, counters).distance_m - 0.1).all()
    pairs = road_pairs(network, homes, counters, 600)
    assert set(zip(pairs.home, pairs.counter, strict=True)) == set(zip(*np.nonzero(every <= 600), strict=True))


def test_places_off_the_network_are_told_apart() -> None:
    homes, counters = np.array([[0.0, 0.0], [9000.0, 0.0]]), np.array([[100.0, 100.0], [0.0, 9000.0]])
    found = road_distances(grid(), homes, counters)
    assert found.is_off_network.tolist() == [False, True]
    assert found.counters_off_network.tolist() == [1]
    assert found.distance_m[0] == pytest.approx(200, abs=0.1)
    assert np.isnan(found.distance_m[1])
    assert found.nearest.tolist() == [0, -1]


def test_every_counter_off_the_network_measures_nothing() -> None:
    found = road_distances(grid(), places(2, 1), np.array([[9000.0, 9000.0]]))
    assert np.isnan(found.distance_m).all()
    assert found.counters_off_network.tolist() == [0]


def test_where_no_road_leads_nothing_is_measured() -> None:
    nodes = np.array([[0.0, 0], [100, 0], [5000, 0], [5100, 0]])
    network = tidy_network(nodes, np.array([[0, 1], [2, 3]]), np.array([100.0, 100]))
    found = road_distances(network, np.array([[0.0, 0], [5000, 0]]), np.array([[100.0, 0]]))
    assert found.distance_m[0] == pytest.approx(100, abs=0.1)
    assert np.isnan(found.distance_m[1])
    assert not found.is_off_network.any()


def test_doubled_edges_and_loops_leave_the_shortest() -> None:
    nodes = np.array([[0.0, 0], [100, 0]])
    network = tidy_network(nodes, np.array([[0, 1], [1, 0], [0, 0]]), np.array([300.0, 120, 5]))
    assert network.edges.tolist() == [[0, 1]]
    assert network.length_m.tolist() == [120]


def metres(*lonlat: tuple[float, float]) -> np.ndarray:
    return np.column_stack(transform(*np.array(lonlat).T, 4326, 27700))


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm"])
def test_streets_are_read_and_what_nobody_walks_is_not(tmp_path: Path, suffix: str) -> None:
    network = read_roads(write_roads(tmp_path / f"town{suffix}"), 27700)
    assert len(network.nodes) == SIZE * SIZE
    assert len(network.edges) == 2 * SIZE * (SIZE - 1)


def test_a_way_around_is_as_long_as_the_streets(tmp_path: Path) -> None:
    home, counter = metres(crossing(2, 0)), metres(crossing(3, 0))
    whole = road_distances(read_roads(write_roads(tmp_path / "whole.osm.pbf"), 27700), home, counter)
    cut = road_distances(read_roads(write_roads(tmp_path / "cut.osm.pbf", gap=2), 27700), home, counter)
    direct = straight_distances(home, counter).distance_m[0]
    up = straight_distances(home, metres(crossing(2, SIZE - 1))).distance_m[0]
    assert whole.distance_m[0] == pytest.approx(direct, rel=0.001)
    assert cut.distance_m[0] == pytest.approx(2 * up + direct, rel=0.001)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("roads.txt", b"", "has no suffix of an OpenStreetMap extract"),
        ("empty.osm.pbf", b"", "is damaged, or no OpenStreetMap extract"),
        ("page.osm", b"<html><body>404</body></html>", "is damaged, or no OpenStreetMap extract"),
        ("cut.osm.pbf", None, "is damaged, or no OpenStreetMap extract"),
        ("bare.osm", b'<osm version="0.6"><node id="1" lat="53" lon="-2"/></osm>', "holds no road or path"),
    ],
)
def test_a_file_that_is_no_extract_gets_a_sentence(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is None:
        content = write_roads(tmp_path / "whole.osm.pbf").read_bytes()[:-40]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableRoads, match=sentence):
        read_roads(tmp_path / name, 27700)


def test_roads_of_another_country_are_refused(tmp_path: Path) -> None:
    places = b"".join(b'<node id="%d" lat="%d" lon="100"/>' % (number, -30 - number) for number in (1, 2))
    way = b'<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way>'
    path = tmp_path / "far.osm"
    path.write_bytes(b'<osm version="0.6">' + places + way + b"</osm>")
    with pytest.raises(UnreadableRoads, match="outside the country"):
        read_roads(path, 27700)

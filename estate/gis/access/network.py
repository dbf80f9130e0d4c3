"""Distances from homes to their nearest counter along roads and paths. Pure.

One search from all counters at once (Dijkstra with several sources, scipy's), so the number of counters costs nothing.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from estate.gis.access.distances import Distances, Floats, Pairs, Whole

SNAP_M = 500.0
"""A place farther than this from every road and path is off the network."""
SMALLEST_PART_RATIO = 0.001
"""Parts of a network with fewer of its nodes than this, such as a path inside a park, are left out: what lies beside
them is measured from the next road instead."""
SHORTEST_M = 0.01
"""Edges are at least this long: a sparse graph may read a length of 0 as no edge."""


@dataclass(frozen=True)
class RoadNetwork:
    """Nodes (n x 2, metres) joined by edges (m x 2, positions of nodes), each as long as `length_m` says.

    Walked in both directions. Of several edges between two nodes only the shortest is kept.
    """

    nodes: Floats
    edges: NDArray[np.int32]
    length_m: NDArray[np.float32]

    @cached_property
    def graph(self) -> csr_matrix:
        """The network as a sparse matrix of lengths, both ways."""
        one, other = self.edges[:, 0], self.edges[:, 1]
        lengths = np.maximum(self.length_m.astype(float), SHORTEST_M)
        rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
        return csr_matrix((np.tile(lengths, 2), (rows, columns)), shape=(len(self.nodes), len(self.nodes)))

    @cached_property
    def tree(self) -> cKDTree:
        """The nodes, for finding the nearest."""
        return cKDTree(self.nodes)


def tidy_network(nodes: Floats, edges: NDArray[np.int64], length_m: Floats) -> RoadNetwork:
    """The network without loops, doubled edges, and parts too small to lead anywhere; may be empty."""
    pairs = np.sort(edges, axis=1)
    is_edge = pairs[:, 0] != pairs[:, 1]
    pairs, lengths = pairs[is_edge], length_m[is_edge]
    order = np.lexsort((lengths, pairs[:, 1], pairs[:, 0]))
    pairs, lengths = pairs[order], lengths[order]
    is_first = np.ones(len(pairs), dtype=bool)
    is_first[1:] = (np.diff(pairs, axis=0) != 0).any(axis=1)
    pairs, lengths = pairs[is_first], lengths[is_first]
    graph = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    sizes = np.bincount(part, minlength=1)
    is_kept = (sizes >= max(2, SMALLEST_PART_RATIO * len(nodes)))[part] if len(nodes) else np.zeros(0, dtype=bool)
    place = np.cumsum(is_kept) - 1
    kept = is_kept[pairs[:, 0]]
    return RoadNetwork(nodes[is_kept], place[pairs[kept]].astype(np.int32), lengths[kept].astype(np.float32))


def road_distances(network: RoadNetwork, homes: Floats, counters: Floats, snap_m: float = SNAP_M) -> Distances:
    """Metres along the network from each home (n x 2) to its nearest counter (m x 2).

    To them is added the straight line from either place to its nearest node, of at most `snap_m`.
    """
    home_snap, home_node = network.tree.query(homes) if len(homes) else (np.zeros(0), np.zeros(0, np.int64))
    is_off = home_snap > snap_m
    result = np.full(len(homes), np.nan), np.full(len(homes), -1, dtype=np.int64)
    if not len(counters):
        return Distances(*result, is_off, np.zeros(0, dtype=np.int64))
    snap, node = network.tree.query(counters)
    there = np.flatnonzero(snap <= snap_m)
    off = np.flatnonzero(snap > snap_m)
    if not len(there):
        return Distances(*result, is_off, off)
    graph, first = _with_counters(network, node[there], snap[there]), len(network.nodes)
    sources = np.arange(first, first + len(there))
    along, _, source = dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    distance_m = along[home_node] + home_snap
    is_measured = np.isfinite(distance_m) & ~is_off
    result[0][is_measured] = distance_m[is_measured]
    result[1][is_measured] = there[source[home_node[is_measured]] - first]
    return Distances(*result, is_off, off)


def road_pairs(network: RoadNetwork, homes: Floats, counters: Floats, limit_m: float, snap_m: float = SNAP_M) -> Pairs:
    """Every home and counter no more than `limit_m` apart along the network; one bounded search a counter."""
    empty = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    if not len(homes) or not len(counters):
        return empty
    home_snap, home_node = network.tree.query(homes)
    snap, node = network.tree.query(counters)
    on_network = np.flatnonzero(home_snap <= snap_m)
    found: list[tuple[Whole, Whole, Floats]] = []
    for counter in np.flatnonzero(snap <= snap_m):
        along = dijkstra(network.graph, indices=int(node[counter]), limit=limit_m)
        distance_m = along[home_node[on_network]] + home_snap[on_network] + snap[counter]
        near = distance_m <= limit_m
        found.append((on_network[near], np.full(int(near.sum()), counter), distance_m[near]))
    if not found:
        return empty
    home, which, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pairs(home.astype(np.int64), which.astype(np.int64), distance_m)


def _with_counters(network: RoadNetwork, node: Whole, snap_m: Floats) -> csr_matrix:
    """The graph with a further node for each counter, from which one edge leads to the counter's node on the road."""
    graph = network.graph
    size = graph.shape[0] + len(node)
    ends = graph.indptr[-1] + np.arange(1, len(node) + 1)
    lengths = np.concatenate([graph.data, np.maximum(snap_m, SHORTEST_M)])
    columns = np.concatenate([graph.indices, node.astype(graph.indices.dtype)])
    return csr_matrix((lengths, columns, np.concatenate([graph.indptr, ends])), shape=(size, size))

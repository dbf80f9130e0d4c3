"""Gives every postcode location of the place a neighbourhood: a postcode sector within one district, in one piece.

Pure: numbers and tables in, labels out. Shapes are made from the labels in `shapes.py`.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

from estate.gis.demo.place import DemoPlace

COORDINATES = ["easting_m", "northing_m"]


def neighbourhood_labels(locations: pd.DataFrame, place: DemoPlace) -> pd.Series:
    """Neighbourhood code (`E08000009-M33-2`) of every location; an empty text outside the place."""
    inside = locations["district_code"].isin(place.districts)
    own = locations["district_code"] + "-" + locations["sector"].str.replace(" ", "-")
    labels = own.where(inside & locations["outward"].isin(place.localities), "")
    borders = _borders_within_districts(locations)
    # Taking detached pieces away can leave a label too small, so the pair of steps runs until none is.
    for _ in range(5):
        counts = labels[labels != ""].value_counts()
        labels = labels.where(labels.map(counts) >= place.minimum_locations, "")
        labels = _in_one_piece(_join_nearest(locations, labels, inside), *borders)
        if labels[labels != ""].value_counts().min() >= place.minimum_locations:
            break
    return labels


def _join_nearest(locations: pd.DataFrame, labels: pd.Series, inside: pd.Series) -> pd.Series:
    """Locations of the place without a label take the label of the nearest one that has it, in the same district."""
    labels = labels.copy()
    for _, rows in locations[inside].groupby("district_code", sort=True):
        has_label = labels[rows.index] != ""
        known, unknown = rows.index[has_label], rows.index[~has_label]
        if len(known) and len(unknown):
            _, nearest = cKDTree(locations.loc[known, COORDINATES]).query(locations.loc[unknown, COORDINATES])
            labels[unknown] = labels[known].to_numpy()[nearest]
    return labels


def _borders_within_districts(locations: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """`shared_borders_m` of the locations, without those between two districts."""
    districts = locations["district_code"].to_numpy()
    pairs, lengths = shared_borders_m(locations[COORDINATES].to_numpy())
    is_within = districts[pairs[:, 0]] == districts[pairs[:, 1]]
    return pairs[is_within], lengths[is_within]


def _in_one_piece(labels: pd.Series, pairs: np.ndarray, lengths: np.ndarray) -> pd.Series:
    """Give every piece of a neighbourhood but its largest to the neighbour in the district that it borders most.

    A piece is a set of Voronoi cells joined by borders; the largest is the one of most locations.
    """
    values = labels.to_numpy(copy=True)
    for _ in range(20):
        detached = _detached(values, pairs)
        if not detached.any():
            break
        values = _absorb(values, detached, pairs, lengths)
    return pd.Series(values, index=labels.index)


def _detached(values: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Piece number (1, 2, ...) of every location whose piece is not the largest of its label; 0 elsewhere."""
    joined = pairs[values[pairs[:, 0]] == values[pairs[:, 1]]]
    size = len(values)
    graph = coo_array((np.ones(len(joined), dtype=np.int8), (joined[:, 0], joined[:, 1])), shape=(size, size))
    _, pieces = connected_components(graph, directed=False)
    table = pd.DataFrame({"label": values, "piece": pieces}).query("label != ''")
    sizes = table.groupby(["label", "piece"]).size().reset_index(name="locations")
    largest = sizes.sort_values(["locations", "piece"], ascending=[False, True]).drop_duplicates("label")["piece"]
    is_detached = (values != "") & ~np.isin(pieces, largest)
    return np.where(is_detached, pieces + 1, 0)


def _absorb(values: np.ndarray, detached: np.ndarray, pairs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Relabel each detached piece as the attached label with which it shares the longest border."""
    both = np.vstack([pairs, pairs[:, ::-1]])
    borders = pd.DataFrame(
        {"piece": detached[both[:, 0]], "label": values[both[:, 1]], "length_m": np.tile(lengths, 2)}
    )
    borders = borders[(borders["piece"] > 0) & (detached[both[:, 1]] == 0) & (borders["label"] != "")]
    totals = borders.groupby(["piece", "label"])["length_m"].sum().reset_index()
    best = totals.sort_values(["length_m", "label"], ascending=[False, True]).drop_duplicates("piece")
    target = dict(zip(best["piece"], best["label"], strict=True))
    return np.array([target.get(piece, value) for piece, value in zip(detached, values, strict=True)], dtype=object)


def shared_borders_m(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of points whose Voronoi cells share a border, and its length in metres (at most 10 km)."""
    diagram = Voronoi(points)
    ridges = np.array(diagram.ridge_vertices)
    ends = diagram.vertices[ridges]
    lengths = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    lengths = np.where((ridges < 0).any(axis=1), 10_000.0, np.minimum(lengths, 10_000.0))
    is_border = lengths > 0.001
    return diagram.ridge_points[is_border], lengths[is_border]

"""Which pairs of records are worth comparing: few, and hardly a true one lost. Memory stays bounded in any crowd.

A pair is a candidate if it has the same UPRN, or lies within 150 m, or within 500 m with alike names, or has the same
postcode and somewhat alike names, or the same name or address within 1 km. Of these each record keeps its most likely
few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching.arrays import Numbers, Rows, Texts
from estate.matching.context import Context

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of rows, left < right, each once, sorted; `trigram` is the similarity of the names."""

    left: Rows
    right: Rows
    trigram: Numbers

    def __len__(self) -> int:
        return len(self.left)


PAIRS_AT_ONCE = 2_000_000
NEAREST_IN_CROWD = 50


@dataclass(frozen=True, eq=False)
class _Search:
    context: Context
    across_only: bool
    source: Rows

    def allowed(self, left: Rows, right: Rows) -> Flags:
        wanted = self.context.is_wanted
        answer: Flags = (left != right) & (wanted[left] | wanted[right])
        return answer & (self.source[left] != self.source[right]) if self.across_only else answer

    def alike(self, left: Rows, right: Rows, least: float) -> tuple[Rows, Rows]:
        """The pairs whose names have a trigram similarity above `least`."""
        may = self.context.trigrams.may_exceed(left, right, least)
        left, right = left[may], right[may]
        above = self.context.trigrams.similarity(left, right) > least
        return left[above], right[above]


def candidates(context: Context, *, across_only: bool = True) -> Candidates:
    """The candidate pairs among the records of `context` that hold a wanted one.

    `across_only` leaves out pairs of one source.
    """
    count = len(context.records)
    search = _Search(context, across_only, pd.factorize(context.records.source)[0])
    keys = [_keys(left, right, count) for left, right in _blocked(search)]
    unique = np.unique(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    left, right = np.divmod(unique, max(count, 1))
    return _best(context, left, right)


def _keys(left: Rows, right: Rows, count: int) -> Rows:
    answer: Rows = np.minimum(left, right) * count + np.maximum(left, right)
    return answer


def _blocked(search: _Search) -> Iterator[tuple[Rows, Rows]]:
    """Pairs by each rule in turn; one pair may come more than once."""
    groups = search.context.groups
    yield from _grouped(groups.uprn, groups.name, search)
    for left, right in _grouped(groups.postcode, groups.name, search):
        yield search.alike(left, right, search.context.limits.postcode_trigram)
    northing = np.nan_to_num(search.context.records.y_m)
    for codes in (groups.name, groups.address):
        for left, right in _grouped(codes, northing, search):
            within = _within_reach(search, left, right)
            yield left[within], right[within]
    yield from _near(search)


def _within_reach(search: _Search, left: Rows, right: Rows) -> Flags:
    """Near enough for namesakes; without a place on either side, not of different outward postcodes."""
    records = search.context.records
    apart_m = np.hypot(records.x_m[left] - records.x_m[right], records.y_m[left] - records.y_m[right])
    outward_left, outward_right = records.outward[left], records.outward[right]
    agree: Flags = (outward_left == outward_right) | (outward_left == "") | (outward_right == "")
    return np.where(np.isfinite(apart_m), apart_m <= search.context.limits.namesake_m, agree)


def _grouped(groups: Rows, within: NDArray[Any], search: _Search) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows of one group (-1 is none), each with the next few in the order of `within`."""
    order = np.flatnonzero(search.context.shares_group(groups))
    order = order[np.lexsort((within[order], groups[order]))]
    place = np.arange(len(order))
    for step in range(1, search.context.limits.group + 1):
        place = place[place + step < len(order)]
        place = place[groups[order[place]] == groups[order[place + step]]]
        if not len(place):
            return
        left, right = order[place], order[place + step]
        allowed = search.allowed(left, right)
        yield left[allowed], right[allowed]


def _near(search: _Search) -> Iterator[tuple[Rows, Rows]]:
    """Pairs within `near_m`, and within `far_m` with alike names."""
    records, limits, wanted = search.context.records, search.context.limits, search.context.is_wanted
    placed = np.flatnonzero(records.has_place & search.context.reachable)
    if len(placed) < 2:
        return
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    points = np.column_stack([records.x_m[placed], records.y_m[placed]])
    tree = cKDTree(points)
    asking = np.flatnonzero(wanted[placed])
    asking = asking[np.lexsort((points[asking, 0], points[asking, 1] // limits.far_m))]
    neighbours = tree.query_ball_point(points[asking], limits.far_m, return_length=True)
    crowded = neighbours > limits.crowd
    quiet = asking[~crowded]
    for part in parts(quiet, neighbours[~crowded]):
        yield _apart(search, tree, points, placed, part)
    crowd = asking[crowded]
    for start in range(0, len(crowd), PAIRS_AT_ONCE // NEAREST_IN_CROWD):
        yield _nearest(search, tree, points, placed, crowd[start : start + PAIRS_AT_ONCE // NEAREST_IN_CROWD])
    yield from _namesakes(search, points, placed, crowd)


def parts(rows: Rows, neighbours: Rows) -> Iterator[Rows]:
    """The rows in runs that have about `PAIRS_AT_ONCE` neighbours in all."""
    if not len(rows):
        return
    run = np.cumsum(neighbours) // PAIRS_AT_ONCE
    yield from np.split(rows, np.flatnonzero(np.diff(run)) + 1)


def _apart(search: _Search, tree: "cKDTree", points: Numbers, placed: Rows, part: Rows) -> tuple[Rows, Rows]:
    limits = search.context.limits
    found = type(tree)(points[part]).sparse_distance_matrix(tree, limits.far_m, output_type="ndarray")
    left, right = placed[part[found["i"]]], placed[found["j"]]
    kept = search.allowed(left, right) & ((left < right) | ~search.context.is_wanted[right])
    left, right, apart_m = left[kept], right[kept], found["v"][kept]
    near = apart_m <= limits.near_m
    alike_left, alike_right = search.alike(left[~near], right[~near], limits.far_trigram)
    return np.concatenate([left[near], alike_left]), np.concatenate([right[near], alike_right])


def _nearest(search: _Search, tree: "cKDTree", points: Numbers, placed: Rows, part: Rows) -> tuple[Rows, Rows]:
    """In a crowd: the nearest few of each."""
    most = min(NEAREST_IN_CROWD, len(points))
    apart_m, found = tree.query(points[part], k=most, distance_upper_bound=search.context.limits.near_m)
    left, right = placed[np.repeat(part, most)], found.ravel()
    inside = np.isfinite(apart_m.ravel())
    left, right = left[inside], placed[right[inside]]
    allowed = search.allowed(left, right)
    return left[allowed], right[allowed]


def _namesakes(search: _Search, points: Numbers, placed: Rows, crowd: Rows) -> Iterator[tuple[Rows, Rows]]:
    """In a crowd: those next to each other by name, in squares of `far_m` and in the same squares shifted by half."""
    names = search.context.groups.name
    for shift in (0.0, 0.5):
        column, row = (
            np.floor(points[crowd, axis] / search.context.limits.far_m + shift).astype(np.int64) for axis in (0, 1)
        )
        groups = np.full(len(names), -1, dtype=np.int64)
        groups[placed[crowd]] = pd.factorize(column * 10_000_019 + row)[0]
        for left, right in _grouped(groups, names, search):
            yield search.alike(left, right, search.context.limits.postcode_trigram)


def _best(context: Context, left: Rows, right: Rows) -> Candidates:
    """The pairs that are among the likeliest few of either record, by a cheap score."""
    most = context.limits.most_per_record
    trigram = context.trigrams.similarity(left, right).astype(float)
    likely = trigram + _agreement(context, left, right)
    rank = _rank(np.concatenate([left, right]), np.concatenate([likely, likely]))
    kept = (rank[: len(left)] < most) | (rank[len(left) :] < most)
    return Candidates(left[kept], right[kept], trigram[kept])


def _agreement(context: Context, left: Rows, right: Rows) -> Numbers:
    """A cheap score of all but the names: UPRN, house number, postcode, telephone, distance."""
    records = context.records
    same_uprn = (records.uprn[left] == records.uprn[right]) & (records.uprn[left] > 0)
    numbers = (records.number_low[left] == records.number_low[right]) & (records.number_low[left] >= 0)
    apart_m = np.hypot(records.x_m[left] - records.x_m[right], records.y_m[left] - records.y_m[right])
    close = np.where(np.isfinite(apart_m), 0.6 * np.exp(-apart_m / 60), 0.15)
    same_postcode, same_telephone = (_agrees(texts, left, right) for texts in (records.postcode, records.telephone))
    answer: Numbers = 2.0 * same_uprn + same_telephone + 0.25 * numbers + 0.1 * same_postcode + close
    return answer


def _agrees(texts: Texts, left: Rows, right: Rows) -> Flags:
    answer: Flags = (texts[left] == texts[right]) & (texts[left] != "")
    return answer


def _rank(rows: Rows, likely: Numbers) -> Rows:
    """Place of each pair among those of its row, 0 for the likeliest."""
    order = np.lexsort((-likely, rows))
    ordered = rows[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    return rank

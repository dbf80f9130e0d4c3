"""Which pairs of records are worth comparing: few, and hardly a true one lost. Memory stays bounded in any crowd.

A pair is a candidate if it has the same UPRN, or lies within 150 m, or within 500 m with alike names, or has the same
postcode and somewhat alike names, or the same name or address within 1 km. Of these each record keeps its most likely
few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from estate.matching.features import Context
from estate.matching.records import Numbers, Rows, Texts

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """How far blocking looks."""

    near_m: float = 150.0
    far_m: float = 500.0
    far_trigram: float = 0.5
    postcode_trigram: float = 0.3
    most_per_record: int = 3
    """A pair is kept if it is among this many best of either record, so the mean never exceeds it."""
    namesake_m: float = 1000.0
    """How far apart records of one name, or of one house number and street, may be."""
    crowd: int = 4000
    """A record with more neighbours within `far_m` is compared with its nearest and its namesakes only."""
    group: int = 100
    """In a group of more records with one UPRN or postcode, each is compared with this many, next to it by name."""


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
DEFAULT = Limits()


@dataclass(frozen=True, eq=False)
class _Search:
    context: Context
    wanted: Flags
    across_only: bool
    limits: Limits
    source: Rows

    def allowed(self, left: Rows, right: Rows) -> Flags:
        answer: Flags = (left != right) & (self.wanted[left] | self.wanted[right])
        return answer & (self.source[left] != self.source[right]) if self.across_only else answer

    def alike(self, left: Rows, right: Rows, least: float) -> tuple[Rows, Rows]:
        """The pairs whose names have a trigram similarity above `least`."""
        may = self.context.trigrams.may_exceed(left, right, least)
        left, right = left[may], right[may]
        above = self.context.trigrams.similarity(left, right) > least
        return left[above], right[above]


def candidates(
    context: Context, *, wanted: Flags | None = None, across_only: bool = True, limits: Limits = DEFAULT
) -> Candidates:
    """The candidate pairs among the records of `context`.

    `wanted` marks the records to be matched (an import): only pairs with one of them count; None means all.
    `across_only` leaves out pairs of one source.
    """
    records = context.records
    if wanted is None:
        wanted = np.ones(len(records), dtype=bool)
    source, _ = pd.factorize(records.source)
    search = _Search(context, wanted, across_only, limits, source)
    keys = [_keys(left, right, len(records)) for left, right in _blocked(search)]
    unique = np.unique(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    left, right = np.divmod(unique, max(len(records), 1))
    return _best(context, left, right, limits.most_per_record)


def _keys(left: Rows, right: Rows, count: int) -> Rows:
    answer: Rows = np.minimum(left, right) * count + np.maximum(left, right)
    return answer


def _blocked(search: _Search) -> Iterator[tuple[Rows, Rows]]:
    """Pairs by each rule in turn; one pair may come more than once."""
    records, limits = search.context.records, search.limits
    names = pd.factorize(records.name, sort=True)[0]
    for left, right in _grouped(np.where(records.uprn > 0, records.uprn, -1), names, search):
        yield left, right
    postcodes = pd.factorize(records.postcode)[0]
    postcodes[records.postcode == ""] = -1
    for left, right in _grouped(postcodes, names, search):
        yield search.alike(left, right, limits.postcode_trigram)
    addresses = _together(pd.factorize(records.street)[0], records.number_low.astype(np.int64))
    addresses[(records.street == "") | (records.number_low < 0)] = -1
    northing = np.nan_to_num(records.y_m)
    for groups in (np.where(records.name == "", -1, names), addresses):
        for left, right in _grouped(groups, northing, search):
            within = _within_reach(search, left, right)
            yield left[within], right[within]
    yield from _near(search, names)


def _together(first: Rows, second: Rows) -> Rows:
    """One code for each combination of two codes."""
    codes: Rows = pd.factorize(first.astype(np.int64) * (int(second.max(initial=0)) + 2) + second + 1)[0]
    return codes


def _within_reach(search: _Search, left: Rows, right: Rows) -> Flags:
    """Near enough for namesakes; without a place on either side, not of different outward postcodes."""
    records = search.context.records
    apart_m = np.hypot(records.x_m[left] - records.x_m[right], records.y_m[left] - records.y_m[right])
    outward_left, outward_right = records.outward[left], records.outward[right]
    agree: Flags = (outward_left == outward_right) | (outward_left == "") | (outward_right == "")
    return np.where(np.isfinite(apart_m), apart_m <= search.limits.namesake_m, agree)


def _grouped(groups: Rows, within: NDArray[Any], search: _Search) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows of one group (-1 is none), each with the next few in the order of `within`."""
    order = np.lexsort((within, groups))
    order = order[groups[order] >= 0]
    place = np.arange(len(order))
    for step in range(1, search.limits.group + 1):
        place = place[place + step < len(order)]
        place = place[groups[order[place]] == groups[order[place + step]]]
        if not len(place):
            return
        left, right = order[place], order[place + step]
        allowed = search.allowed(left, right)
        yield left[allowed], right[allowed]


def _near(search: _Search, names: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Pairs within `near_m`, and within `far_m` with alike names."""
    records, limits = search.context.records, search.limits
    placed = np.flatnonzero(records.has_place)
    if len(placed) < 2:
        return
    points = np.column_stack([records.x_m[placed], records.y_m[placed]])
    tree = cKDTree(points)
    asking = np.flatnonzero(search.wanted[placed])
    asking = asking[np.lexsort((points[asking, 0], points[asking, 1] // limits.far_m))]
    neighbours = tree.query_ball_point(points[asking], limits.far_m, return_length=True)
    crowded = neighbours > limits.crowd
    quiet = asking[~crowded]
    for part in _parts(quiet, neighbours[~crowded]):
        yield _apart(search, tree, points, placed, part)
    crowd = asking[crowded]
    for start in range(0, len(crowd), PAIRS_AT_ONCE // NEAREST_IN_CROWD):
        yield _nearest(search, tree, points, placed, crowd[start : start + PAIRS_AT_ONCE // NEAREST_IN_CROWD])
    yield from _namesakes(search, points, placed, crowd, names)


def _parts(rows: Rows, neighbours: Rows) -> Iterator[Rows]:
    """The rows in runs that have about `PAIRS_AT_ONCE` neighbours in all."""
    if not len(rows):
        return
    run = np.cumsum(neighbours) // PAIRS_AT_ONCE
    yield from np.split(rows, np.flatnonzero(np.diff(run)) + 1)


def _apart(search: _Search, tree: cKDTree, points: Numbers, placed: Rows, part: Rows) -> tuple[Rows, Rows]:
    limits = search.limits
    found = cKDTree(points[part]).sparse_distance_matrix(tree, limits.far_m, output_type="ndarray")
    left, right = placed[part[found["i"]]], placed[found["j"]]
    kept = search.allowed(left, right) & ((left < right) | ~search.wanted[right])
    left, right, apart_m = left[kept], right[kept], found["v"][kept]
    near = apart_m <= limits.near_m
    alike_left, alike_right = search.alike(left[~near], right[~near], limits.far_trigram)
    return np.concatenate([left[near], alike_left]), np.concatenate([right[near], alike_right])


def _nearest(search: _Search, tree: cKDTree, points: Numbers, placed: Rows, part: Rows) -> tuple[Rows, Rows]:
    """In a crowd: the nearest few of each."""
    most = min(NEAREST_IN_CROWD, len(points))
    apart_m, found = tree.query(points[part], k=most, distance_upper_bound=search.limits.near_m)
    left, right = placed[np.repeat(part, most)], found.ravel()
    inside = np.isfinite(apart_m.ravel())
    left, right = left[inside], placed[right[inside]]
    allowed = search.allowed(left, right)
    return left[allowed], right[allowed]


def _namesakes(search: _Search, points: Numbers, placed: Rows, crowd: Rows, names: Rows) -> Iterator[tuple[Rows, Rows]]:
    """In a crowd: those next to each other by name, in squares of `far_m` and in the same squares shifted by half."""
    for shift in (0.0, 0.5):
        column, row = (np.floor(points[crowd, axis] / search.limits.far_m + shift).astype(np.int64) for axis in (0, 1))
        groups = np.full(len(names), -1, dtype=np.int64)
        groups[placed[crowd]] = pd.factorize(column * 10_000_019 + row)[0]
        for left, right in _grouped(groups, names, search):
            yield search.alike(left, right, search.limits.postcode_trigram)


def _best(context: Context, left: Rows, right: Rows, most: int) -> Candidates:
    """The pairs that are among the `most` likeliest of either record, by a cheap score."""
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

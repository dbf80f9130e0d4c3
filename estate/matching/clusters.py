"""Buildings from decisions: a graph in which retracting a decision restores exactly what was before it.

Membership is a pure function of the live decisions, whatever the order in which they came. It may be worked out for
the whole register or for the records of the components concerned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from estate.matching.arrays import Numbers, Rows

Flags = NDArray[np.bool_]
MOST_RECORDS = 6
WIDEST_M = 250.0


class Verdict(IntEnum):
    """What a decision says of two records."""

    SAME = 1
    DIFFERENT = 2
    SAME_SITE = 3
    PART_OF = 4
    UNSURE = 5


APART = (Verdict.DIFFERENT, Verdict.SAME_SITE, Verdict.PART_OF)
"""Verdicts that say "not one building"."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """Live decisions on pairs of records, low id < high id; retracted ones are left out."""

    low: Rows
    high: Rows
    verdict: NDArray[np.int8]

    def only(self, *verdicts: Verdict) -> "Decisions":
        """The decisions with one of the verdicts."""
        return self.where(np.isin(self.verdict, verdicts))

    def where(self, chosen: Flags) -> "Decisions":
        """The chosen decisions."""
        return Decisions(self.low[chosen], self.high[chosen], self.verdict[chosen])

    def __len__(self) -> int:
        return len(self.low)


def decisions(*rows: tuple[int, int, Verdict]) -> Decisions:
    """Decisions from rows; the two ids in either order."""
    low = np.array([min(row[:2]) for row in rows], dtype=np.int64)
    high = np.array([max(row[:2]) for row in rows], dtype=np.int64)
    return Decisions(low, high, np.array([row[2] for row in rows], dtype=np.int8))


@dataclass(frozen=True, eq=False)
class Buildings:
    """Which building each record belongs to, by record id in rising order."""

    record_id: Rows
    home_id: Rows
    building_id: Rows
    blocked: Decisions
    """Live "same" decisions that join nothing, because others keep their records apart: work for a person."""

    def redirects(self) -> dict[int, int]:
        """Home ids that lead to another building, with that building. A home with records in two leads to the lower."""
        found: dict[int, int] = {}
        for home, building in zip(self.home_id.tolist(), self.building_id.tolist(), strict=True):
            found[home] = min(building, found.get(home, building))
        return {home: building for home, building in found.items() if home != building}

    def of(self, record_id: Rows) -> Rows:
        """The building of each record; the records must be known."""
        answer: Rows = self.building_id[_places(self.record_id, record_id)]
        return answer


def buildings(record_id: Rows, home_id: Rows, live: Decisions) -> Buildings:
    """The buildings that the live decisions make of the records.

    `home_id` is the building that a record was given when it first came; a building's id is the lowest among its
    records. Where "same" decisions contradict a live "different" (or "same site", "part of"), directly or through
    others, the pairs of lowest ids join first and those that would join what is kept apart are blocked.
    """
    order = np.argsort(record_id, kind="stable")
    record_id, home_id = record_id[order], home_id[order]
    same, apart = live.only(Verdict.SAME), live.only(*APART)
    low, high = _places(record_id, same.low), _places(record_id, same.high)
    label = _components(low, high, len(record_id))
    apart_low, apart_high = _places(record_id, apart.low), _places(record_id, apart.high)
    inside = label[apart_low] == label[apart_high]
    refused = np.zeros(len(same), dtype=bool)
    if inside.any():
        chosen = np.flatnonzero(np.isin(label[low], label[apart_low[inside]]))
        chosen = chosen[np.lexsort((high[chosen], low[chosen]))]
        enemies = zip(apart_low[inside].tolist(), apart_high[inside].tolist(), strict=True)
        refused[list(_refused(chosen, low, high, list(enemies)))] = True
        label = _components(low[~refused], high[~refused], len(record_id))
    lowest = np.full(int(label.max(initial=-1)) + 1, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(lowest, label, home_id)
    return Buildings(record_id, home_id, lowest[label], same.where(refused))


def among(record_id: Rows, live: Decisions, chosen: Flags) -> tuple[Flags, Decisions]:
    """The chosen records with all that "same" decisions join to them, blocked or not; and the decisions on them.

    The buildings of these records are the same when worked out from these alone. `record_id` is in rising order.
    """
    low, high = _places(record_id, live.low), _places(record_id, live.high)
    same = live.verdict == Verdict.SAME
    label = _components(low[same], high[same], len(record_id))
    found = np.isin(label, label[chosen])
    return found, live.where(found[low] & found[high])


def _places(ids: Rows, wanted: Rows) -> Rows:
    """Where each wanted id stands among the sorted ids."""
    places = np.searchsorted(ids, wanted)
    if len(wanted) and (not len(ids) or (ids[np.minimum(places, len(ids) - 1)] != wanted).any()):
        raise ValueError("a decision names a record that is not among the records")
    return places


def _components(low: Rows, high: Rows, count: int) -> Rows:
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(count, count))
    label: Rows = connected_components(graph, directed=False)[1].astype(np.int64)
    return label


def _refused(chosen: Rows, low: Rows, high: Rows, enemies: list[tuple[int, int]]) -> Iterator[int]:
    """Rows of `chosen` that would join two enemies, taken in order, each join kept before the next is tried."""
    root: dict[int, int] = {}
    members: dict[int, set[int]] = {}
    against: dict[int, set[int]] = {}
    for one, other in enemies:
        against.setdefault(one, set()).add(other)
        against.setdefault(other, set()).add(one)
    for row in chosen.tolist():
        left, right = (root.setdefault(int(side[row]), int(side[row])) for side in (low, high))
        if left == right:
            continue
        small, large = sorted((left, right), key=lambda side: len(members.get(side, ())))
        moved, stayed = members.pop(small, {small}), members.setdefault(large, {large})
        if any(against.get(member, set()) & stayed for member in moved):
            members[small] = moved
            yield row
            continue
        stayed |= moved
        root.update(dict.fromkeys(moved, large))


def merge_blockers(known: Buildings, live: Decisions, low: int, high: int) -> Decisions:
    """The live decisions that forbid to call these two records the same: any between members of their buildings."""
    one, other = known.of(np.array([low, high], dtype=np.int64))
    apart = live.only(*APART)
    left, right = known.of(apart.low), known.of(apart.high)
    return apart.where(((left == one) & (right == other)) | ((left == other) & (right == one)))


def kept_apart(known: Buildings, live: Decisions, low: Rows, high: Rows) -> Flags:
    """Which pairs of records a live decision keeps apart, directly or through other members of their buildings."""
    apart = live.only(*APART)
    _, building = np.unique(known.building_id, return_inverse=True)
    count = int(building.max(initial=0)) + 1
    ends = [building[_places(known.record_id, side)] for side in (apart.low, apart.high, low, high)]
    forbidden, asked = _keys(ends[0], ends[1], count), _keys(ends[2], ends[3], count)
    answer: Flags = np.isin(asked, forbidden)
    return answer


def _keys(left: Rows, right: Rows, count: int) -> Rows:
    answer: Rows = np.minimum(left, right) * count + np.maximum(left, right)
    return answer


def needs_person(known: Buildings, live: Decisions, low: Rows, high: Rows, x_m: Numbers, y_m: Numbers) -> Flags:
    """Which of the pairs must not be linked by themselves, because of the building that would come of all of them.

    That is one of more than 6 records, wider than 250 m, or with two members that a live decision keeps apart. `x_m`
    and `y_m` are those of `known.record_id`, NaN where unknown; width is the diagonal of what they span.
    """
    places = [_places(known.record_id, side) for side in (low, high)]
    _, building = np.unique(known.building_id, return_inverse=True)
    label = _components(building[places[0]], building[places[1]], int(building.max(initial=-1)) + 1)[building]
    count = int(label.max(initial=-1)) + 1
    bad = np.bincount(label, minlength=count) > MOST_RECORDS
    bad |= np.hypot(_span(label, x_m, count), _span(label, y_m, count)) > WIDEST_M
    apart = live.only(*APART)
    one, other = (label[_places(known.record_id, side)] for side in (apart.low, apart.high))
    bad[one[one == other]] = True
    answer: Flags = bad[label[places[0]]]
    return answer


def _span(label: Rows, values: Numbers, count: int) -> Numbers:
    known = np.isfinite(values)
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, label[known], values[known])
    np.maximum.at(most, label[known], values[known])
    return np.where(most >= least, most - least, 0.0)


def links(known: Buildings, live: Decisions, verdict: Verdict) -> NDArray[np.int64]:
    """Pairs of different buildings that a verdict such as "same site" joins, each once, lower id first."""
    chosen = live.only(verdict)
    ends = np.column_stack([known.of(chosen.low), known.of(chosen.high)])
    ends = np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1)
    return np.unique(ends, axis=0)

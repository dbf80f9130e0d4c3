"""Buildings follow from live decisions alone: whatever was merged and undone, the rest stands."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.matching.clusters import (
    APART,
    Buildings,
    Decisions,
    Verdict,
    buildings,
    decisions,
    kept_apart,
    links,
    merge_blockers,
    needs_person,
)

SAME, DIFFERENT = Verdict.SAME, Verdict.DIFFERENT
COUNT = 12
PAIR = st.tuples(st.integers(1, COUNT), st.integers(1, COUNT)).filter(lambda pair: pair[0] != pair[1])
ROW = st.tuples(PAIR, st.sampled_from(list(Verdict))).map(lambda row: (*row[0], row[1]))


def register(live: Decisions, count: int = COUNT) -> Buildings:
    ids = np.arange(1, count + 1)
    return buildings(ids, ids * 10, live)


def as_bytes(known: Buildings) -> bytes:
    return known.record_id.tobytes() + known.building_id.tobytes() + repr(sorted(known.redirects().items())).encode()


def reached(start: int, joins: Iterable[tuple[int, int]]) -> set[int]:
    """The records joined to one, by walking."""
    found, joins = {start}, list(joins)
    while True:
        more = {other for pair in joins for one, other in (pair, pair[::-1]) if one in found} - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize("seed", [1, 2])
def test_6000_merges_undone_in_random_order_leave_the_same_register(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 5_000
    first = decisions((1, 2, SAME), (2, 3, SAME), (4, 9, DIFFERENT), (5, 6, Verdict.PART_OF), (100, 70, SAME))
    before = register(first, count)
    ends = rng.integers(1, count + 1, (6_500, 2))
    ends = ends[ends[:, 0] != ends[:, 1]][:6_000]
    low, high = ends.min(axis=1), ends.max(axis=1)
    live = np.zeros(6_000, dtype=bool)

    def now() -> Buildings:
        merged = np.full(int(live.sum()), SAME, dtype=np.int8)
        return register(
            Decisions(
                np.concatenate([first.low, low[live]]),
                np.concatenate([first.high, high[live]]),
                np.concatenate([first.verdict, merged]),
            ),
            count,
        )

    seen: dict[bytes, bytes] = {}
    for step, row in enumerate(rng.permutation(6_000)):
        live[row] = True
        if step % 500 == 0:
            seen[live.tobytes()] = as_bytes(now())
    assert len(set(now().building_id.tolist())) < 1_000
    for step, row in enumerate(rng.permutation(6_000)):
        live[row] = False
        if step % 500 == 0:
            once = as_bytes(now())
            assert as_bytes(now()) == once
    assert as_bytes(now()) == as_bytes(before)
    for state, expected in seen.items():
        live[:] = np.frombuffer(state, dtype=bool)
        assert as_bytes(now()) == expected


@given(st.lists(ROW, max_size=25), st.lists(ROW, max_size=25), st.randoms())
@settings(max_examples=200, deadline=None)
def test_retracting_restores_and_order_does_not_matter(first: list, added: list, random: object) -> None:  # type: ignore[type-arg]
    before = as_bytes(register(decisions(*first)))
    everything = [*first, *added]
    whole = as_bytes(register(decisions(*everything)))
    random.shuffle(everything)  # type: ignore[attr-defined]
    assert as_bytes(register(decisions(*everything))) == whole
    for row in added:
        everything.remove(row)
        register(decisions(*everything))
    assert as_bytes(register(decisions(*everything))) == before


@given(st.lists(ROW, max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_building_holds_two_that_are_kept_apart(rows: list[tuple[int, int, Verdict]]) -> None:
    live = decisions(*rows)
    known = register(live)
    building = dict(zip(known.record_id.tolist(), known.building_id.tolist(), strict=True))
    blocked = set(zip(known.blocked.low.tolist(), known.blocked.high.tolist(), strict=True))
    joins = {(min(a, b), max(a, b)) for a, b, verdict in rows if verdict == SAME} - blocked
    for record in range(1, COUNT + 1):
        assert building[record] == 10 * min(reached(record, joins))
    assert not any(building[a] == building[b] for a, b, verdict in rows if verdict in APART)
    for low, high in blocked:
        assert building[low] != building[high]
        assert len(merge_blockers(known, live, low, high))


@given(st.lists(ROW, max_size=25), PAIR)
@settings(deadline=None)
def test_kept_apart_is_direct_or_through_others(rows: list[tuple[int, int, Verdict]], pair: tuple[int, int]) -> None:
    live = decisions(*rows)
    known = register(live)
    low, high = (np.array([side]) for side in sorted(pair))
    assert bool(kept_apart(known, live, low, high)[0]) == bool(len(merge_blockers(known, live, *pair)))


def test_an_id_is_the_lowest_home_and_the_others_redirect() -> None:
    ids, homes = np.array([7, 3, 5]), np.array([30, 90, 50])
    known = buildings(ids, homes, decisions((3, 7, SAME)))
    assert known.of(np.array([3, 5, 7])).tolist() == [30, 50, 30]
    assert known.redirects() == {90: 30}
    assert buildings(ids, homes, decisions()).redirects() == {}


def test_a_merge_is_blocked_through_others() -> None:
    live = decisions((1, 2, SAME), (3, 4, SAME), (2, 4, DIFFERENT))
    known = register(live)
    found = merge_blockers(known, live, 1, 3)
    assert (found.low.tolist(), found.high.tolist()) == ([2], [4])
    assert not len(merge_blockers(known, live, 1, 5))
    assert register(decisions((1, 2, SAME), (3, 4, SAME), (2, 4, DIFFERENT), (1, 3, SAME))).blocked.low.tolist() == [3]


def test_unsure_joins_and_keeps_apart_nothing() -> None:
    live = decisions((1, 2, Verdict.UNSURE))
    assert register(live).redirects() == {}
    assert not len(merge_blockers(register(live), live, 1, 2))


def test_links_between_buildings() -> None:
    live = decisions((1, 2, SAME), (2, 3, Verdict.SAME_SITE), (1, 3, Verdict.SAME_SITE), (4, 5, Verdict.PART_OF))
    assert links(register(live), live, Verdict.SAME_SITE).tolist() == [[10, 30]]
    assert links(register(live), live, Verdict.PART_OF).tolist() == [[40, 50]]


def test_large_wide_and_forbidden_buildings_need_a_person() -> None:
    live = decisions((1, 2, SAME), (11, 12, DIFFERENT))
    known = register(live)
    x_m, y_m = np.zeros(COUNT), np.zeros(COUNT)
    x_m[3], x_m[4], x_m[0] = 0, 251, np.nan
    pairs = [(1, 6), (2, 7), (4, 5), (8, 9), (10, 11), (10, 12)]
    low, high = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    doubtful = needs_person(known, live, low, high, x_m, y_m)
    assert doubtful.tolist() == [False, False, True, False, True, True]
    chain = np.arange(1, 7)
    assert needs_person(known, live, chain, chain + 1, np.zeros(COUNT), y_m).all()
    assert not needs_person(known, live, chain[:5], chain[:5] + 1, np.zeros(COUNT), y_m).any()


def test_a_decision_on_an_unknown_record_is_an_error() -> None:
    with pytest.raises(ValueError, match="not among the records"):
        register(decisions((1, 99, SAME)))
    with pytest.raises(ValueError, match="not among the records"):
        register(decisions((1, 99, SAME)), 0)


def test_no_records_no_buildings() -> None:
    nothing = np.array([], dtype=np.int64)
    assert buildings(nothing, nothing, decisions()).redirects() == {}


@given(st.lists(ROW, max_size=30), st.integers(1, COUNT))
@settings(deadline=None)
def test_the_records_concerned_give_what_the_whole_register_gives(
    rows: list[tuple[int, int, Verdict]], start: int
) -> None:
    whole = register(decisions(*rows))
    near = reached(start, [(a, b) for a, b, verdict in rows if verdict == SAME])
    ids = np.array(sorted(near))
    part = buildings(ids, ids * 10, decisions(*(row for row in rows if {row[0], row[1]} <= near)))
    assert part.of(ids).tolist() == whole.of(ids).tolist()

"""Blocking finds what the rules say, and no crowd makes it grow."""

import numpy as np
import pandas as pd
import pytest

from estate.matching.block import candidates
from estate.matching.context import Context, Limits
from estate.matching.records import normalised

ALL = Limits(most_per_record=10_000)


def places(count: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    words = np.array(["town", "hall", "library", "north", "mill", "depot", "sale"])
    frame = pd.DataFrame(
        {
            "record_id": np.arange(count),
            "source": rng.choice(["a", "b", "c"], count),
            "name": [" ".join(rng.choice(words, 2)) for _ in range(count)],
            "postcode": rng.choice(["M1 1AA", "M1 1AB", ""], count),
            "uprn": rng.choice(["", "", "11", "12", "13"], count),
            "x_m": 400_000 + rng.uniform(0, 3000, count),
            "y_m": 400_000 + rng.uniform(0, 3000, count),
        }
    )
    frame.loc[rng.random(count) < 0.2, ["x_m", "y_m"]] = np.nan
    return frame


def expected(context: Context, *, across_only: bool = True) -> set[tuple[int, int]]:
    records, found, rows = context.records, set(), np.arange(len(context.records))
    everyone = context.trigrams.similarity(np.repeat(rows, len(rows)), np.tile(rows, len(rows)))
    similarity = everyone.reshape(len(rows), len(rows))
    for left in range(len(records)):
        for right in range(left + 1, len(records)):
            if across_only and records.source[left] == records.source[right]:
                continue
            alike = similarity[left, right]
            apart_m = np.hypot(records.x_m[left] - records.x_m[right], records.y_m[left] - records.y_m[right])
            same_name = records.name[left] == records.name[right]
            reach = (
                apart_m <= 1000
                if np.isfinite(apart_m)
                else records.outward[left] in ("", records.outward[right]) or (records.outward[right] == "")
            )
            if (
                (records.uprn[left] == records.uprn[right] > 0)
                or apart_m <= 150
                or (apart_m <= 500 and alike > np.float32(0.5))
                or (records.postcode[left] == records.postcode[right] != "" and alike > np.float32(0.3))
                or (same_name and reach)
            ):
                found.add((left, right))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("across_only", [True, False])
def test_finds_exactly_the_pairs_of_the_rules(seed: int, across_only: bool) -> None:
    context = Context(normalised(places(90, seed)), limits=ALL)
    found = candidates(context, across_only=across_only)
    assert (found.left < found.right).all()
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected(context, across_only=across_only)


def test_only_pairs_with_a_wanted_record() -> None:
    records, wanted = normalised(places(300, 1)), np.arange(300) >= 290
    context = Context(records, wanted, ALL)
    found = candidates(context)
    assert not context.reachable.all()
    everything = {pair for pair in expected(Context(records)) if wanted[pair[0]] or wanted[pair[1]]}
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == everything


def test_each_record_keeps_its_best_few() -> None:
    context = Context(normalised(places(400, 2)))
    found = candidates(context)
    everything = candidates(Context(context.records, limits=ALL))
    assert len(found) <= 3 * 400 < len(everything)
    assert set(found.left.tolist()) | set(found.right.tolist()) == set(everything.left.tolist()) | set(
        everything.right.tolist()
    )


@pytest.mark.parametrize("crowded", ["place", "uprn", "postcode", "name"])
def test_a_crowd_stays_bounded_and_namesakes_are_found(crowded: str) -> None:
    count = 6_000
    frame = pd.DataFrame(
        {
            "record_id": np.arange(count),
            "source": np.where(np.arange(count) % 2, "a", "b"),
            "name": [f"flat {number // 2} mill house" for number in range(count)],
        }
    )
    same = {
        "place": {"x_m": 400_000.0, "y_m": 400_000.0},
        "uprn": {"uprn": "1"},
        "postcode": {"postcode": "M1 1AA"},
        "name": {"name": "depot"},
    }
    found = candidates(Context(normalised(frame.assign(**same[crowded]))))
    assert len(found) <= 3 * count
    if crowded != "name":
        namesakes = set(zip(range(0, count, 2), range(1, count, 2), strict=True))
        kept = namesakes & set(zip(found.left.tolist(), found.right.tolist(), strict=True))
        assert len(kept) > 0.99 * len(namesakes)


def test_nothing_gives_nothing() -> None:
    empty = pd.DataFrame({"record_id": [], "source": [], "name": []})
    assert len(candidates(Context(normalised(empty)))) == 0
    one = pd.DataFrame({"record_id": [1], "source": ["a"], "name": ["depot"], "x_m": [1.0], "y_m": [1.0]})
    assert len(candidates(Context(normalised(one)))) == 0

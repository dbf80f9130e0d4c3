"""A match among the records that can be reached gives what a match among all gives."""

import numpy as np
import pandas as pd
import pytest

from estate.matching import clusters, reach
from estate.matching.clusters import Verdict, decisions
from estate.matching.context import Context, Limits
from estate.matching.match import Known, matched
from estate.matching.records import normalised

WORDS = ["town", "hall", "library", "north", "mill", "depot", "The", "Môn", "St.", "block 2", "12", "14 High St"]
STREETS = ["High Street", "high st.", "Mill La, M1 1AA", "5th Avenue", "Mill Lane"]


def register(count: int, seed: int, *, wide_m: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    house = rng.choice(["", "1 ", "2 ", "Unit 3, 2 ", "2-4 "], count)
    frame = pd.DataFrame(
        {
            "record_id": np.arange(1, count + 1) * 3,
            "source": rng.choice(["a", "b", "c"], count),
            "kind": "building",
            "name": [" ".join(rng.choice(WORDS, rng.integers(1, 4))) for _ in range(count)],
            "address": [a + b if b else "" for a, b in zip(house, rng.choice([*STREETS, ""], count), strict=True)],
            "postcode": rng.choice(["M1 1AA", "m11aa", "M1", "M2 2BB", "M2-2BB", ""], count, p=[0.05] * 5 + [0.75]),
            "uprn": rng.choice(["", "011", "11", *map(str, range(20, 20 + count))], count),
            "x_m": 400_000 + rng.uniform(0, wide_m, count).round(-1),
            "y_m": 400_000 + rng.uniform(0, wide_m, count).round(-1),
        }
    )
    frame.loc[rng.random(count) < 0.1, ["x_m", "y_m"]] = np.nan
    return frame


def same_either_way(frame: pd.DataFrame, wanted: np.ndarray, limits: Limits) -> int:
    """Check it; gives how many records were left out."""
    rng = np.random.default_rng(1)
    ids = frame["record_id"].to_numpy()
    ends = rng.choice(ids, (len(ids) // 3, 2))
    live = decisions(*((a, b, Verdict(rng.integers(1, 6))) for a, b in ends.tolist() if a != b))
    everything = Context(normalised(frame), wanted, limits)
    expected = matched(everything, known=Known(clusters.buildings(ids, ids, live), live))
    reached, counts = reach.reach(frame, wanted, limits)
    rows, among = clusters.among(ids, live, reached)
    known = Known(clusters.buildings(ids[rows], ids[rows], among), among)
    found = matched(Context(normalised(frame[rows]), wanted[rows], limits, counts), known=known)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert len(found)
    return int((~reached).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limits", [Limits(), Limits(crowd=6, group=3), Limits(most_per_record=1000, group=1)])
def test_the_same_pairs_probabilities_and_bands(seed: int, limits: Limits) -> None:
    frame = register(400, seed, wide_m=6_000)
    wanted = np.random.default_rng(seed).random(400) < 0.03
    wanted[:2] = True
    assert same_either_way(frame, wanted, limits) > 40


def test_in_a_dense_town() -> None:
    frame = register(900, 1, wide_m=1_500)
    same_either_way(frame, np.arange(900) % 50 == 0, Limits(crowd=300))


def test_records_without_any_place() -> None:
    frame = register(200, 2, wide_m=100).drop(columns=["x_m", "y_m"])
    same_either_way(frame, np.arange(200) % 50 == 0, Limits())


def test_where_many_are_wanted_all_are_taken() -> None:
    frame = register(50, 3, wide_m=60_000)
    assert reach.reach(frame, np.arange(50) < 6)[0].all()
    assert not reach.reach(frame, np.arange(50) < 5)[0].all()


def test_a_far_namesake_is_left_out() -> None:
    frame = pd.DataFrame(
        {
            "record_id": [1, 2, 3, 4],
            "source": "a",
            "name": ["Depot", "depot", "The Depot", "Dépôt"],
            "x_m": [400_000, 400_900, 401_100, np.nan],
            "y_m": [400_000, 400_000, 400_000, np.nan],
        }
    )
    found = reach.reachable(reach.outline_of(frame), np.array([True, False, False, False]))
    assert found.tolist() == [True, True, False, True]

"""People who keep a counter within reach, against counting one by one."""

import numpy as np
import pytest

from estate.gis.access.distances import straight_pairs
from estate.optimise.access import Reach


def reach(limit_m: float = 400, seed: int = 5) -> tuple[Reach, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    homes, counters = dice.random((60, 2)) * 2000, dice.random((12, 2)) * 2000
    people = dice.integers(0, 2000, 60).astype(float)
    people[:3] = np.nan
    service = dice.integers(0, 3, 12)
    pairs = straight_pairs(homes, counters, limit_m)
    every = np.hypot(*(homes[:, None] - counters[None]).transpose(2, 0, 1)) <= limit_m
    return Reach(pairs.home, pairs.counter, people, service, 3), every, people


@pytest.mark.parametrize("seed", range(8))
def test_who_is_served_is_counted_once(seed: int) -> None:
    found, near, people = reach(seed=seed)
    is_open = np.random.default_rng(seed + 100).random(12) < 0.6
    for service in range(3):
        column = near[:, is_open & (found.service == service)].any(axis=1)
        assert found.served(is_open)[service] == np.nansum(people[column])
    assert found.shares(is_open) == pytest.approx(found.served(is_open) / np.nansum(people))


def test_what_is_kept_is_what_remains_of_what_was() -> None:
    found, _, _ = reach()
    every = np.ones(12, dtype=bool)
    nobody = np.zeros(12, dtype=bool)
    assert found.shares_kept(every, every).tolist() == [1, 1, 1]
    assert found.shares_kept(nobody, every).tolist() == [0, 0, 0]
    assert np.isnan(found.shares_kept(every, nobody)).all()


def test_without_people_or_counters_there_is_no_share() -> None:
    none = np.zeros(0, dtype=np.int64)
    empty = Reach(none, none, np.zeros(0), none, 2)
    assert empty.served(np.zeros(0, dtype=bool)).tolist() == [0, 0]
    assert np.isnan(empty.shares(np.zeros(0, dtype=bool))).all()
    unknown = Reach(none, none, np.array([np.nan]), np.zeros(1, dtype=np.int64), 1)
    assert np.isnan(unknown.shares(np.ones(1, dtype=bool))).all()

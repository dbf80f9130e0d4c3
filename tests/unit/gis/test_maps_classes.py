import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import Series

from estate.gis.maps import Scheme, classify

figures = st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=60)


@given(values=figures, scheme=st.sampled_from(Scheme), count=st.integers(1, 7))
def test_every_known_value_lies_in_its_class(values: list[float | None], scheme: Scheme, count: int) -> None:
    series = Series(values, dtype=float)
    classes = classify(series, scheme, count)
    assert list(classes.upper) == sorted(set(classes.upper))
    assert len(classes.upper) <= count
    assert len(classes.labels(str)) == len(classes.upper) == len(classes.counts)
    assert classes.unknown_count == series.isna().sum()
    for value, member in zip(series, classes.members, strict=True):
        if np.isnan(value):
            assert member == -1
        else:
            assert value <= classes.upper[member]
            assert value >= classes.lowest
            assert member == 0 or value > classes.upper[member - 1]
    assert sum(classes.counts) == series.notna().sum()


def test_unknown_is_no_zero() -> None:
    classes = classify(Series([0.0, np.nan, 5.0]), Scheme.EQUAL, 3)
    assert classes.members.tolist() == [0, -1, 1]
    assert classes.counts == (1, 1)


def test_quantiles_hold_as_many_each() -> None:
    assert classify(Series(range(100), dtype=float), Scheme.QUANTILE, 5).counts == (20, 20, 20, 20, 20)


def test_equal_intervals_keep_an_empty_class() -> None:
    assert classify(Series([0.0, 1.0, 2.0, 100.0]), Scheme.EQUAL, 3).counts == (3, 0, 1)


def test_natural_breaks_keep_groups_together() -> None:
    values = Series([1.0, 2, 3, 101, 102, 103, 501, 502])
    assert classify(values, Scheme.NATURAL, 3).members.tolist() == [0, 0, 0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("scheme", Scheme)
def test_breaks_are_readable_and_the_same_each_time(scheme: Scheme) -> None:
    values = Series(np.random.default_rng(4).lognormal(12, 1, 500))
    first, second = classify(values, scheme, 5), classify(values, scheme, 5)
    assert first.upper == second.upper
    assert all(float(f"{limit:.4g}") == limit for limit in first.upper[:-1])


def test_labels() -> None:
    classes = classify(Series([1.0, 2.0, 3.0]), Scheme.QUANTILE, 3)
    assert classes.labels(lambda value: f"£{value:g}") == ["£1", "over £1 to £2", "over £2 to £3"]
    assert classify(Series([7.0, 7.0]), Scheme.QUANTILE, 5).labels(str) == ["7.0"]

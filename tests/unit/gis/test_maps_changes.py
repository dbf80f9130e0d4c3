import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas import Series

from estate.gis.maps import Scheme, classify_change, palettes

changes = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=60)


@settings(deadline=None)  # The first call reads a library that takes seconds.
@example(values=[1.0, 2.0, 4.0, 1.5], scheme=Scheme.EQUAL, count=5)
@example(values=[5e-324], scheme=Scheme.QUANTILE, count=3)
@given(values=changes, scheme=st.sampled_from(Scheme), count=st.integers(3, 7))
def test_every_known_change_lies_in_its_class(values: list[float | None], scheme: Scheme, count: int) -> None:
    series = Series(values, dtype=float)
    classes = classify_change(series, scheme, count)
    assert list(classes.upper[:-1]) == sorted(set(classes.upper[:-1]))
    assert len(classes.upper) <= count
    assert len(classes.labels(str)) == len(classes.upper) == len(classes.counts)
    assert len(palettes.changes(len(classes.upper))) == len(classes.upper)
    assert classes.unknown_count == series.isna().sum()
    assert sum(classes.counts) == series.notna().sum()
    for value, member in zip(series, classes.members, strict=True):
        if np.isnan(value):
            assert member == -1
        else:
            assert value <= classes.upper[member]
            assert member == 0 or value > classes.upper[member - 1]


def test_classes_lie_the_same_way_on_both_sides() -> None:
    classes = classify_change(Series([-8.0, -1.0, 0.0, 1.0, 2.0, 4.0, 9.0]), Scheme.QUANTILE, 5)
    inner = classes.upper[:-1]
    assert [-value for value in reversed(inner)] == list(inner)
    assert classes.members[2] == 2
    assert "both sides of none" in classes.sentence


def test_an_even_number_of_classes_breaks_at_nothing() -> None:
    classes = classify_change(Series([-2.0, -1.0, 1.0, 2.0]), Scheme.EQUAL, 4)
    assert 0.0 in classes.upper
    assert classes.members.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("count", range(3, 8))
def test_no_change_anywhere_and_one_change_only(count: int) -> None:
    still = classify_change(Series([0.0, 0.0, math.nan]), Scheme.NATURAL, count)
    assert sum(still.counts) == 2
    one = classify_change(Series([0.0, 5.0]), Scheme.NATURAL, count)
    assert one.members[0] != one.members[1]
    assert classify_change(Series([math.nan]), Scheme.NATURAL, count).upper == ()


def test_labels_are_open_at_both_ends() -> None:
    classes = classify_change(Series([-4.0, 0.0, 4.0]), Scheme.EQUAL, 3)
    first, middle, last = classes.labels(lambda value: f"{value:g}")
    assert first.endswith(" or less")
    assert middle.startswith("over ")
    assert last.startswith("over ")


def test_the_middle_is_neutral_and_the_ends_differ() -> None:
    for count in range(2, 8):
        ramp = palettes.changes(count)
        assert len(set(ramp)) == count
        assert (palettes.LITTLE_CHANGE in ramp) == bool(count % 2)

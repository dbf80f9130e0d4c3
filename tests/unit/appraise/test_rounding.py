"""Whole pounds that add up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from estate.appraise.rounding import whole_pounds


def test_pounds_left_over_go_to_the_largest_remainders():
    assert whole_pounds([Decimal("1.40"), Decimal("1.45"), Decimal("1.45")]) == [1, 2, 1]
    assert whole_pounds([Decimal("-0.50"), Decimal("0.50")]) == [0, 0]
    assert whole_pounds([]) == []


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), max_size=30))
def test_they_add_up_and_none_is_off_by_a_pound(amounts):
    pounds = whole_pounds(amounts)
    assert abs(sum(pounds) - sum(amounts, Decimal(0))) <= Decimal("0.5")
    assert all(abs(pound - amount) < 1 for pound, amount in zip(pounds, amounts, strict=True))

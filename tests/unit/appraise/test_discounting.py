"""Discounting against the Green Book's own figures and against annuities by hand."""

import pytest
from hypothesis import given, strategies

from estate.appraise.discounting import Rates, annuity_ratio, discount_factor, net_present_value, present_value
from estate.appraise.errors import HorizonInvalid, RateInvalid

GREEN_BOOK = Rates(((0, 0.035), (30, 0.03), (75, 0.025)))


def test_a_thousand_pounds_in_year_ten_is_worth_709():
    assert round(1000 * discount_factor(GREEN_BOOK, 10)) == 709


def test_year_zero_is_today():
    assert discount_factor(GREEN_BOOK, 0) == 1


@pytest.mark.parametrize(("year", "factor"), [(30, 0.3563), (31, 0.3459), (75, 0.0942), (76, 0.0919)])
def test_the_rate_falls_after_years_30_and_75(year, factor):
    """Long-term discount factors of the Green Book, table 8 of its annex."""
    assert discount_factor(GREEN_BOOK, year) == pytest.approx(factor, abs=0.0001)


def test_annuity_by_the_closed_form():
    assert annuity_ratio(Rates(((0, 0.035),)), 10) == pytest.approx(0.035 / (1 - 1.035**-10))


def test_without_discounting_a_pound_is_spread_evenly():
    assert annuity_ratio(Rates(((0, 0.0),)), 4) == 0.25


@given(strategies.floats(0, 0.2), strategies.integers(1, 60))
def test_the_annuity_is_worth_the_pound_it_stands_for(rate, years):
    rates = Rates(((0, rate),))
    yearly = annuity_ratio(rates, years)
    assert present_value(rates, [0, *[yearly] * years]) == pytest.approx(1)
    assert net_present_value(rates, one_off=1, per_year=yearly, years=years) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("steps", [(), ((1, 0.03),), ((0, -0.01),), ((0, float("nan")),), ((0, 0.03), (0, 0.02))])
def test_rates_that_make_no_sense(steps):
    with pytest.raises(RateInvalid):
        Rates(steps)


def test_a_horizon_is_at_least_a_year():
    with pytest.raises(HorizonInvalid):
        annuity_ratio(GREEN_BOOK, 0)

"""Emissions from a certificate's rating, by hand."""

import pytest

from estate.appraise.carbon import EnergyUse, Factors, added_tonnes_per_year, tonnes_per_year
from estate.appraise.errors import CostInvalid

OFFICE = EnergyUse(95, 120)
FACTORS = Factors(177, 182.96)


def test_a_typical_office_by_hand():
    """95 x 0.177 + 120 x 0.18296 = 38.7702 kg for each m2; 1,000 m2 are 38.77 t, rated 113 they are 43.81 t."""
    assert tonnes_per_year(rating=100, gross_m2=1000, typical=OFFICE, factors=FACTORS) == pytest.approx(38.7702)
    assert tonnes_per_year(rating=113, gross_m2=1000, typical=OFFICE, factors=FACTORS) == pytest.approx(43.810326)


def test_who_moves_in_adds_the_marginal_share():
    """43.8 t on 800 m2; 100 m2 more at 30 % of each m2's: 43.8 / 800 x 100 x 0.3 = 1.6425 t."""
    added = added_tonnes_per_year(host_tonnes=43.8, host_capacity_m2=800, need_m2=100, marginal_share=0.3)
    assert added == pytest.approx(1.6425)


@pytest.mark.parametrize("fields", [{"rating": -1}, {"gross_m2": float("nan")}, {"rating": float("inf")}])
def test_what_cannot_be_true_is_refused(fields):
    with pytest.raises(CostInvalid):
        tonnes_per_year(**{"rating": 100.0, "gross_m2": 10.0, "typical": OFFICE, "factors": FACTORS, **fields})


def test_a_host_without_capacity_is_refused():
    with pytest.raises(CostInvalid):
        added_tonnes_per_year(host_tonnes=1, host_capacity_m2=0, need_m2=1, marginal_share=0.3)

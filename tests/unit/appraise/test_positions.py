"""Positions of agencies add up to the penny, whatever the shares; moves cost what a hand would count."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies

from estate.appraise.errors import CostInvalid, SharesInvalid
from estate.appraise.moving import cost_of_moving
from estate.appraise.positions import Position, Release, TeamMove, positions, shared_to_the_penny, to_pence, total

AMOUNTS = strategies.floats(0, 1e8).map(lambda value: round(value, 3))
SHARES = strategies.lists(strategies.floats(0.001, 1), min_size=1, max_size=6)


def test_who_pays_and_who_gains_by_hand():
    rows = positions(
        [Release("old", 100.00, (("council", 2 / 3), ("nhs", 1 / 3)))],
        [TeamMove("nhs", hosting_cost_per_year=12.345, one_off_cost=500.0, fte=4.5)],
    )
    council, nhs = rows
    assert council == Position("council", Decimal("66.67"), emptied_count=1)
    assert nhs.released_per_year == Decimal("33.33")
    assert nhs.added_per_year == Decimal("12.35")
    assert nhs.saving_per_year == Decimal("20.98")
    assert nhs.moved_fte == Decimal("4.50")
    assert nhs.payback_years == Decimal("500.00") / Decimal("20.98")
    assert council.payback_years == 0


def test_rent_that_stays_due_is_paid_by_those_who_pay_the_rent():
    payers = (("council", 0.5), ("nhs", 0.5))
    rows = positions([Release("old", 100.0, payers, 1000.01, (("nhs", 2 / 3), ("police", 1 / 3)))], [])
    assert [(row.agency, row.one_off_cost) for row in rows] == [
        ("council", Decimal("0.00")),
        ("nhs", Decimal("666.67")),
        ("police", Decimal("333.34")),
    ]
    assert total(rows).one_off_cost == Decimal("1000.01")
    shared = positions([Release("old", 100.0, payers, 10.01)], [])
    assert [row.one_off_cost for row in shared] == [Decimal("5.01"), Decimal("5.00")]


def test_an_agency_that_only_pays_never_pays_back():
    (row,) = positions([], [TeamMove("police", 10.0, 100.0, 1.0)])
    assert row.saving_per_year == Decimal("-10.00")
    assert row.payback_years is None


@given(AMOUNTS, SHARES)
def test_a_split_adds_up_and_no_part_is_a_penny_off(amount, shares):
    pence = to_pence(amount)
    parts = shared_to_the_penny(pence, shares)
    assert sum(parts) == pence
    for part, share in zip(parts, shares, strict=True):
        assert abs(float(part) - float(pence) * share / sum(shares)) < 0.0101


@given(strategies.lists(strategies.tuples(AMOUNTS, SHARES), max_size=8), strategies.lists(AMOUNTS, max_size=8))
def test_positions_add_up_to_the_total(buildings, moves):
    releases = [
        Release(str(number), cost, tuple((f"agency {place}", share) for place, share in enumerate(shares)))
        for number, (cost, shares) in enumerate(buildings)
    ]
    rows = positions(releases, [TeamMove(f"agency {n % 3}", cost, cost, 1.0) for n, cost in enumerate(moves)])
    together = total(rows)
    assert together.released_per_year == sum((to_pence(cost) for cost, _ in buildings), Decimal())
    assert together.added_per_year == sum((to_pence(cost) for cost in moves), Decimal())
    assert together.one_off_cost == together.added_per_year
    assert together.emptied_count == len(buildings)


@pytest.mark.parametrize("shares", [[], [0.0], [-1.0, 2.0], [float("nan")], [float("inf")]])
def test_shares_that_can_not_be(shares):
    with pytest.raises(SharesInvalid):
        shared_to_the_penny(Decimal("1.00"), shares)


def test_moving_costs_people_and_fit_out_with_optimism_bias():
    cost = cost_of_moving(fte=10, need_m2=100, cost_per_fte=450, fit_out_per_m2=250, optimism_bias_ratio=0.24)
    assert cost == pytest.approx(4500 + 31_000)


def test_moving_refuses_figures_that_can_not_be():
    with pytest.raises(CostInvalid):
        cost_of_moving(fte=-1, need_m2=1, cost_per_fte=1, fit_out_per_m2=1, optimism_bias_ratio=0)
    with pytest.raises(CostInvalid):
        cost_of_moving(fte=1, need_m2=float("nan"), cost_per_fte=1, fit_out_per_m2=1, optimism_bias_ratio=0)

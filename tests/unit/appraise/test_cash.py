"""A cash curve is the sum of its lines, to the penny, and transfers leave nobody worse off where that can be."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies

from estate.appraise.cash import Line, curve, in_year, one_off, shared_cash, together, yearly
from estate.appraise.discounting import Rates, present_value
from estate.appraise.errors import CashInvalid, SharesInvalid

RATES = Rates(((0, 0.035), (30, 0.03)))
PENCE = strategies.decimals(-1_000_000, 1_000_000, places=2)


def council_and_nhs():
    council = curve("council", [one_off("Moving", Decimal(0), 10), yearly("Released", Decimal("1000.01"), 10)], RATES)
    nhs = curve("nhs", [one_off("Moving", Decimal(2000), 10), yearly("Added", Decimal("-100.00"), 10)], RATES)
    return [council, nhs]


def test_a_curve_by_hand():
    found = curve("council", [one_off("Moving", Decimal(2000), 3), yearly("Released", Decimal(1000), 3)], RATES)
    assert found.by_year == (Decimal(-2000), Decimal(1000), Decimal(1000), Decimal(1000))
    assert found.running_total == (Decimal(-2000), Decimal(-1000), Decimal(0), Decimal(1000))
    assert found.payback_year == 2
    value = 1000 / 1.035 + 1000 / 1.035**2 + 1000 / 1.035**3
    assert float(found.net_present_value) == pytest.approx(value - 2000, abs=0.005)
    assert found.saved_per_pound == pytest.approx(value / 2000)


def test_what_costs_nothing_pays_back_at_once_and_what_only_costs_never_does():
    council, nhs = council_and_nhs()
    assert (council.payback_year, council.saved_per_pound) == (0, None)
    assert nhs.payback_year is None
    assert nhs.saved_per_pound < 0


def test_rates_fall_after_thirty_years():
    found = curve("council", [yearly("Released", Decimal(100), 31)], RATES)
    value = sum(100 / 1.035**year for year in range(1, 31)) + 100 / 1.035**30 / 1.03
    assert float(found.net_present_value) == pytest.approx(value, abs=0.005)


def test_transfers_leave_nobody_worse_off_but_in_the_year_in_which_all_pay():
    curves = council_and_nhs()
    found = shared_cash(curves, {"council": 2.0, "nhs": 1.0}, RATES)
    assert found.short_years == (0,)
    assert found.after["nhs"][0] == Decimal("-666.67")
    assert all(amount >= 0 for name in found.after for amount in found.after[name][1:])
    assert all(sum(found.transfers[name][year] for name in found.transfers) == 0 for year in range(11))
    whole = together("all", curves, RATES)
    assert sum(found.net_present_value.values()) == pytest.approx(whole.net_present_value, abs=Decimal("0.02"))
    assert float(found.net_present_value["nhs"]) == pytest.approx(float(whole.net_present_value) / 3, abs=0.06)


def test_a_host_that_has_no_cash_of_its_own_gets_its_part():
    found = shared_cash(council_and_nhs(), {"council": 1.0, "nhs": 1.0, "host": 2.0}, RATES)
    assert found.transfers["host"] == found.after["host"]
    assert found.after["host"][1] == Decimal("450.01") or found.after["host"][1] == Decimal("450.00")


@given(strategies.lists(strategies.lists(PENCE, min_size=4, max_size=4), min_size=1, max_size=5), strategies.data())
def test_the_curve_is_the_sum_of_its_lines_and_transfers_move_no_penny(rows, data):
    curves = [
        curve(str(number), [Line("cash", tuple(row)), one_off("m", row[0], 3)], RATES)
        for number, row in enumerate(rows)
    ]
    whole = together("all", curves, RATES)
    for year in range(4):
        assert whole.by_year[year] == sum(line.by_year[year] for each in curves for line in each.lines)
    shares = {each.agency: data.draw(strategies.floats(0.01, 10)) for each in curves}
    found = shared_cash(curves, shares, RATES)
    for year in range(4):
        assert sum(after[year] for after in found.after.values()) == whole.by_year[year]
        assert sum(moved[year] for moved in found.transfers.values()) == 0
        if year not in found.short_years:
            assert all(after[year] >= 0 for after in found.after.values())
    assert float(whole.net_present_value) == pytest.approx(
        present_value(RATES, list(map(float, whole.by_year))), abs=0.01
    )


def test_bad_curves_and_shares_are_refused():
    with pytest.raises(CashInvalid):
        curve("a", [], RATES)
    with pytest.raises(CashInvalid):
        curve("a", [yearly("x", Decimal(1), 2), yearly("y", Decimal(1), 3)], RATES)
    with pytest.raises(CashInvalid):
        yearly("x", Decimal(1), 0)
    for shares in ({"council": 1.0}, {"council": 1.0, "nhs": -1.0}, {"council": 0.0, "nhs": 0.0}):
        with pytest.raises(SharesInvalid):
            shared_cash(council_and_nhs(), shares, RATES)


def test_a_receipt_comes_in_its_year_or_not_at_all():
    assert in_year("Receipt", Decimal("9.99"), 2, 3).by_year == (0, 0, Decimal("9.99"), 0)
    assert sum(in_year("Receipt", Decimal("9.99"), 4, 3).by_year) == 0
    found = curve("council", [one_off("Moves", Decimal(100), 2), in_year("Receipt", Decimal(121), 2, 2)], RATES)
    assert float(found.net_present_value) == pytest.approx(121 / 1.035**2 - 100, abs=0.005)
    assert found.payback_year == 2

"""What a plan may be worth: every figure worked by hand, and the sampled ones against the exact."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, strategies

from estate.appraise.discounting import Rates
from estate.appraise.errors import RangeInvalid
from estate.appraise.ranges import Input
from estate.appraise.risk import RATE, Case, Term, break_even, facts_worth_knowing, spread, tornado

RATES = Rates(((0, 0.1),))
COST = Input("cost", "Running cost", 0.5, 1.0, 1.5, place="1", field="running cost")
MOVE = Input("move", "Cost of moving", 1.0, 1.0, 2.0)
SHIFT = Input(RATE, "Discount rate", -0.05, 0.0, 0.05)


def case(*inputs, move=-100, cost=121):
    """Pay 100 now and gain 121 after two years, at 10 %: worth 121 / 1.21 - 100 = 0 as used."""
    terms = [
        Term("Moves", (Decimal(move), Decimal(0), Decimal(0)), ("move",), "1"),
        Term("Released", (Decimal(0), Decimal(0), Decimal(cost)), ("cost",), "1"),
    ]
    return Case(terms, inputs or (COST, MOVE, SHIFT), RATES)


def test_the_value_as_used_and_at_the_ends_by_hand():
    assert case().value() == pytest.approx(0)
    swings = {swing.input.key: swing for swing in tornado(case())}
    assert (swings["cost"].at_low, swings["cost"].at_high) == (pytest.approx(-50), pytest.approx(50))
    assert (swings["move"].at_low, swings["move"].at_high) == (pytest.approx(0), pytest.approx(-100))
    assert swings[RATE].at_low == pytest.approx(121 / 1.05**2 - 100)
    assert [swing.input.key for swing in tornado(case())] == ["cost", "move", RATE], "the widest first, then by name"


def test_break_even_by_hand():
    dear = case(cost=242)
    assert break_even(dear, COST) == pytest.approx(0.5), "half the saving pays for the moves"
    assert break_even(dear, MOVE) == pytest.approx(2.0)
    assert break_even(dear, SHIFT) == pytest.approx(2.42**0.5 - 1.1, abs=1e-6), "242 / (1 + r)^2 = 100"
    assert break_even(case(move=0), MOVE) is None, "nothing depends on it"
    assert break_even(case(move=100), SHIFT) is None, "it pays at any rate"
    assert break_even(case(move=100), COST) is None, "it pays without any saving: no cost is below 0"
    decisive = {swing.input.key: swing.is_decisive for swing in tornado(dear)}
    assert decisive == {"cost": True, "move": True, RATE: False}


def test_the_value_of_knowing_by_hand():
    """Worth 100 f - 100, f triangular on 0.5, 1, 1.5: mean 0, and E[max(0, 100 f - 100)] = 100 x 0.5^3 / (3 x 0.5)."""
    (fact,) = facts_worth_knowing(case(COST, Input("move", "Moves", 1, 1, 1)))
    assert fact.value_of_knowing == pytest.approx(100 * 0.5**3 / (3 * 1.0 * 0.5))
    assert fact.deviation == pytest.approx(100 * (0.25 / 6) ** 0.5), "standard deviation of f is 0.5 / sqrt(6)"


def test_a_fact_that_can_turn_nothing_is_worth_nothing_but_still_ranked():
    inputs = (COST, Input("move", "Moves", 1, 1, 1), Input("other", "Rent", 0.9, 1, 1.1, place="2", field="rent"))
    sure = Term("Rent released", (Decimal(0), Decimal(1100), Decimal(0)), ("other",), "2")
    found = facts_worth_knowing(Case([*case().terms, sure], inputs, RATES))
    assert [fact.input.key for fact in found] == ["cost", "other"]
    assert found[1].value_of_knowing == pytest.approx(0, abs=1e-9)
    assert found[1].deviation == pytest.approx(1000 * 0.1 / 6**0.5)


def test_a_cost_that_may_be_too_dear_is_worth_knowing_too():
    """Worth 110 - 100 m, m triangular on 1, 1, 2: known, the plan is dropped where m > 1.1."""
    moves = Input("move", "Moves", 1.0, 1.0, 2.0, place="1", field="moves")
    (fact,) = facts_worth_knowing(case(moves, Input("cost", "Cost", 1, 1, 1), cost=Decimal("133.1")))
    by_sums = np.maximum(0, 110 - 100 * moves.quantiles((np.arange(200_000) + 0.5) / 200_000)).mean()
    assert fact.value_of_knowing == pytest.approx(by_sums, rel=1e-3), (
        "its mean is below nothing, so today it is refused"
    )


def test_draws_agree_with_the_exact_moments_and_repeat():
    found = spread(case(COST, Input("move", "Moves", 1, 1, 1)), draws=40_000, seed=7)
    assert found == spread(case(COST, Input("move", "Moves", 1, 1, 1)), draws=40_000, seed=7)
    assert found.seed == 7
    assert found != spread(case(COST, Input("move", "Moves", 1, 1, 1)), draws=40_000, seed=8)
    assert found.mean == pytest.approx(0, abs=0.5)
    assert found.loss_ratio == pytest.approx(0.5, abs=0.01)
    lowest_tenth = 100 * (0.5 + (0.1 * 1.0 * 0.5) ** 0.5) - 100
    assert found.p10 == pytest.approx(lowest_tenth, abs=0.7)
    assert found.p90 == pytest.approx(-lowest_tenth, abs=0.7)
    assert sum(found.counts) == 40_000
    assert len(found.edges) == len(found.counts) + 1


def test_figures_that_err_together_widen_the_spread():
    """Ten buildings with one factor each spread less than ten that share one: by the square root of ten."""
    own = [Input(f"c{at}", "Cost", 0.5, 1, 1.5) for at in range(10)]
    term = (Decimal(100),)
    apart = Case([Term("r", term, (each.key,)) for each in own], own, RATES)
    shared = Case([Term("r", term, ("cost",)) for _ in own], (COST,), RATES)
    wide, narrow = (spread(each, draws=20_000) for each in (shared, apart))
    assert (wide.p90 - wide.p10) / (narrow.p90 - narrow.p10) == pytest.approx(10**0.5, rel=0.08), (
        "a triangle has thinner tails than the sum of ten"
    )


@given(strategies.lists(strategies.floats(0, 3), min_size=3, max_size=3).map(sorted), strategies.floats(-1, 4))
def test_moments_agree_with_the_quantiles(ends, threshold):
    each = Input("x", "X", *ends)
    points = each.quantiles((np.arange(20_000) + 0.5) / 20_000)
    assert points.mean() == pytest.approx(each.mean, abs=1e-3)
    assert points.var() == pytest.approx(each.variance, abs=1e-3)
    assert np.maximum(0, points - threshold).mean() == pytest.approx(each.mean_above(threshold), abs=2e-3)


def test_what_cannot_be_true_is_a_sentence():
    with pytest.raises(RangeInvalid, match="must rise"):
        Input("x", "the rent", 2, 1, 3)
    with pytest.raises(RangeInvalid, match="must rise"):
        Input("x", "the rent", float("nan"), 1, 3)
    with pytest.raises(RangeInvalid, match="each used by"):
        Case([Term("r", (Decimal(1),), ("nobody",))], (), RATES)
    with pytest.raises(RangeInvalid, match="same years"):
        Case([Term("r", (Decimal(1),)), Term("s", (Decimal(1), Decimal(1)))], (), RATES)
    with pytest.raises(RangeInvalid, match="at least one draw"):
        spread(case(), draws=0)


def district(count):
    """Buildings that each have a cost of their own, with a benchmark and moves that all share."""
    random = np.random.default_rng(3)
    own = [Input(f"c{at}", "Cost", 0.6, 1.0, 1.5, place=str(at), field="running cost") for at in range(count)]
    shared = [Input("benchmark", "Benchmark", 0.85, 0.9, 1.2), MOVE, SHIFT]
    terms = []
    for at, amount in enumerate(random.integers(1_000, 90_000, count)):
        costs = (Decimal(0), Decimal(int(amount)), Decimal(int(amount)))
        terms.append(Term("Released", costs, (f"c{at}", "benchmark"), str(at)))
        terms.append(Term("Moves", (Decimal(-int(amount)), Decimal(0), Decimal(0)), ("move",), str(at)))
    return Case(terms, [*own, *shared], RATES)


def test_the_ends_of_a_swing_are_the_values_there():
    found = district(20)
    for swing in tornado(found):
        key, low, high = swing.input.key, swing.input.low, swing.input.high
        assert swing.at_low == pytest.approx(found.value({key: low})), key
        assert swing.at_high == pytest.approx(found.value({key: high})), key
        if swing.break_even is not None:
            assert found.value({key: swing.break_even}) == pytest.approx(0, abs=0.01), key


def test_a_district_is_not_valued_anew_for_each_building(monkeypatch):
    """Valuing all terms twice for each input takes seconds at 400 buildings, while somebody waits for the page."""
    calls, values = [], Case.values
    monkeypatch.setattr(Case, "values", lambda self, drawn: calls.append(len(drawn)) or values(self, drawn))
    few, many = [], []
    for count, seen in ((10, few), (300, many)):
        calls.clear()
        found = district(count)
        assert len(tornado(found)) == count + 3
        assert len(facts_worth_knowing(found)) == 5
        seen.extend(calls)
    assert len(many) <= len(few) + 5, "bisection of the rate may take a step more"

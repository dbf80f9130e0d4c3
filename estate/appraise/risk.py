"""What a plan may be worth: Monte Carlo over ranges, tornado, break-even values, and the facts most worth surveying.

A case is a list of terms, money by year, each times its uncertain factors:

    net present value = sum_terms  sum_t  amount_t x discount_t(rate)  x  product of the term's factors

Factors are independent of each other; figures that err together share one factor. So the value is linear in each
factor, and break-even values and the value of information of a factor are exact, not sampled. Same seed, same draws.

Sources: HM Treasury Green Book, annex on risk and sensitivity; Raiffa and Schlaifer, 1961, for the value of
information.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.appraise.discounting import Rates
from estate.appraise.errors import RangeInvalid
from estate.appraise.ranges import Input

Array = NDArray[Any]
RATE = "discount_rate"
"""Key of the input that is added to the discount rate of every year."""
MEAN_POINTS = 2000
CHUNK = 2000
"""Draws that are worked out at once, so that memory does not grow with them."""
HIGHEST_RATE = 1.0


@dataclass(frozen=True)
class Term:
    """Money by year 0, 1, 2, ..., in positive, as it was used, and the keys of the factors that it is multiplied by."""

    name: str
    by_year: tuple[Decimal, ...]
    inputs: tuple[str, ...] = ()
    choice: str = ""
    """What could be left out of the plan with it, such as the building that is emptied."""


@dataclass(frozen=True)
class Spread:
    """The distribution of the net present value; money at today's prices."""

    draws: int
    seed: int
    mean: float
    p10: float
    p50: float
    p90: float
    loss_ratio: float
    """Share of the draws in which the value is below 0."""
    counts: tuple[int, ...]
    """Draws by class, between the edges."""
    edges: tuple[float, ...]


@dataclass(frozen=True)
class Swing:
    """What one input does to the value, all others as they were used."""

    input: Input
    at_low: float
    at_high: float
    break_even: float | None
    """Where the value would be 0; None where no value of this input alone does that."""

    @property
    def width(self) -> float:
        """Money between both ends."""
        return abs(self.at_high - self.at_low)

    @property
    def is_decisive(self) -> bool:
        """True where the break-even value lies within the range."""
        return self.break_even is not None and self.input.low <= self.break_even <= self.input.high


@dataclass(frozen=True)
class Fact:
    """What it is worth to know one figure of one building before deciding on that building."""

    input: Input
    value_of_knowing: float
    """Expected value of perfect information: mean loss that knowing it avoids."""
    deviation: float
    """Standard deviation of the whole value that it accounts for, money."""


class Case:
    """The terms and inputs of one plan. Raises `RangeInvalid` where a term names an input that is not there."""

    def __init__(self, terms: Sequence[Term], inputs: Sequence[Input], rates: Rates) -> None:
        self.terms, self.inputs = tuple(terms), tuple(inputs)
        self.place = {each.key: at for at, each in enumerate(self.inputs)}
        named = {key for term in terms for key in term.inputs}
        if not terms or len(self.place) != len(self.inputs) or not named <= set(self.place) - {RATE}:
            raise RangeInvalid
        if len({len(term.by_year) for term in terms}) != 1:
            raise RangeInvalid("Every term needs an amount for the same years.")
        years = len(terms[0].by_year)
        self.yearly_rates = np.array([rates.rate_of(year) for year in range(1, years)])
        self.amounts = np.array([[float(amount) for amount in term.by_year] for term in terms])

    @cached_property
    def users(self) -> dict[str, tuple[int, ...]]:
        """Places of the terms that each input multiplies."""
        found: dict[str, list[int]] = {each.key: [] for each in self.inputs}
        for at, term in enumerate(self.terms):
            for key in term.inputs:
                found[key].append(at)
        return {key: tuple(places) for key, places in found.items()}

    def discounts(self, shifts: Array) -> Array:
        """Factor of each year (columns) where these (rows) are added to the rates."""
        steps = 1.0 / (1.0 + self.yearly_rates[None, :] + np.asarray(shifts, dtype=float)[:, None])
        return np.hstack([np.ones((len(steps), 1)), np.cumprod(steps, axis=1)])

    def values(self, drawn: Array) -> Array:
        """Net present value of each row of `drawn`, whose columns are the inputs in their order."""
        shifts = drawn[:, self.place[RATE]] if RATE in self.place else np.zeros(len(drawn))
        weighted = self.discounts(shifts) @ self.amounts.T
        for at, term in enumerate(self.terms):
            for key in term.inputs:
                weighted[:, at] *= drawn[:, self.place[key]]
        values: Array = weighted.sum(axis=1)
        return values

    @cached_property
    def as_used_discounts(self) -> Array:
        """Factor of each year at the rates as they were used."""
        shift = self.inputs[self.place[RATE]].likely if RATE in self.place else 0.0
        factors: Array = self.discounts(np.array([shift]))[0]
        return factors

    @cached_property
    def as_used_value(self) -> float:
        """Net present value with every input as it was used."""
        return self.value()

    def rest_of(self, which: Input, values: Array) -> Iterator[tuple[int, float]]:
        """Place of each term that the input multiplies, and the product of its other factors at these values."""
        for at in self.users[which.key]:
            others = (float(values[self.place[key]]) for key in self.terms[at].inputs if key != which.key)
            yield at, math.prod(others)

    def value(self, changed: Mapping[str, float] | None = None) -> float:
        """Net present value with every input as it was used, but for those changed."""
        row = np.array([[(changed or {}).get(each.key, each.likely) for each in self.inputs]])
        return float(self.values(row)[0])


def spread(case: Case, *, draws: int = 10_000, seed: int = 0, classes: int = 24) -> Spread:
    """The distribution of the value over `draws` independent draws of all inputs."""
    if draws < 1 or classes < 1:
        raise RangeInvalid("A distribution needs at least one draw and one class.")
    random = np.random.default_rng(seed)
    found = []
    for start in range(0, draws, CHUNK):
        shares = random.random((min(CHUNK, draws - start), max(1, len(case.inputs))))
        columns = [each.quantiles(shares[:, at]) for at, each in enumerate(case.inputs)]
        found.append(case.values(np.column_stack(columns) if columns else shares))
    values = np.concatenate(found)
    low, middle, high = (float(value) for value in np.percentile(values, [10, 50, 90]))
    counts, edges = np.histogram(values, bins=classes)
    return Spread(
        draws=draws,
        seed=seed,
        mean=math.fsum(values) / draws,
        p10=low,
        p50=middle,
        p90=high,
        loss_ratio=float((values < 0).mean()),
        counts=tuple(int(count) for count in counts),
        edges=tuple(float(edge) for edge in edges),
    )


def tornado(case: Case) -> list[Swing]:
    """What each input does alone from its lowest to its highest value, the widest swing first."""
    as_used = np.array([each.likely for each in case.inputs])
    swings = [_rate_swing(case, each) if each.key == RATE else _swing(case, each, as_used) for each in case.inputs]
    return sorted(swings, key=lambda swing: (-round(swing.width, 2), swing.input.key))


def break_even(case: Case, which: Input) -> float | None:
    """The value of one input at which the plan is worth nothing, all others as used; by bisection for the rate.

    None where there is none, or where the factor would have to be below 0, which no cost and no receipt is.
    """
    as_used = np.array([each.likely for each in case.inputs])
    return (_rate_swing(case, which) if which.key == RATE else _swing(case, which, as_used)).break_even


def _rate_swing(case: Case, which: Input) -> Swing:
    ends = (case.value({RATE: which.low}), case.value({RATE: which.high}))
    return Swing(which, *ends, _rate_of_return(case))


def _swing(case: Case, which: Input, as_used: Array) -> Swing:
    """The swing of a factor. The value is a straight line in it, so its slope alone is worked out, not the value."""
    slope = math.fsum(case.as_used_discounts @ case.amounts[at] * others for at, others in case.rest_of(which, as_used))
    at_zero = case.as_used_value - slope * which.likely
    ends = (at_zero + slope * which.low, at_zero + slope * which.high)
    is_flat = abs(slope) <= 1e-9 * max(1.0, abs(at_zero))
    return Swing(which, *ends, None if is_flat or at_zero * slope > 0 else abs(at_zero / slope))


def _rate_of_return(case: Case) -> float | None:
    """Shift of the rates at which the value is 0; None where it has the same sign at a rate of 0 and at 100 %."""
    first = float(case.yearly_rates[0]) if len(case.yearly_rates) else 0.0
    low, high = -first, HIGHEST_RATE - first
    at_low, at_high = case.value({RATE: low}), case.value({RATE: high})
    if at_low == 0 or at_low * at_high > 0:
        return low if at_low == 0 and at_high != 0 else None
    while high - low > 1e-9:
        middle = (low + high) / 2
        if case.value({RATE: middle}) * at_low > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def facts_worth_knowing(case: Case, *, most: int = 5) -> list[Fact]:
    """The figures of single buildings most worth surveying, the dearest ignorance first.

    Knowing a figure matters where it can turn the decision on its building: the part of the plan with the same
    `choice` is carried out only where it is worth more than nothing, all else at its mean. Where no figure can, those
    that the whole value depends on most come first.
    """
    means, discounts = np.array([each.mean for each in case.inputs]), _mean_discounts(case)
    expected = _expected(case, means, discounts)
    by_choice: dict[str, list[float]] = defaultdict(list)
    for at, term in enumerate(case.terms):
        by_choice[term.choice].append(expected[at])
    found = []
    for each in case.inputs:
        if not each.field or not case.users[each.key]:
            continue
        slope = math.fsum(discounts @ case.amounts[at] * others for at, others in case.rest_of(each, means))
        whole = math.fsum(by_choice[case.terms[case.users[each.key][0]].choice])
        found.append(Fact(each, _value_of_knowing(each, whole, slope), abs(slope) * math.sqrt(each.variance)))
    return sorted(found, key=lambda fact: (-round(fact.value_of_knowing, 2), -fact.deviation, fact.input.key))[:most]


def _expected(case: Case, means: Array, discounts: Array) -> Array:
    """Mean of each term: the product of the means, for the inputs are independent."""
    expected: Array = discounts @ case.amounts.T
    for at, term in enumerate(case.terms):
        for key in term.inputs:
            expected[at] *= means[case.place[key]]
    return expected


def _mean_discounts(case: Case) -> Array:
    """Mean factor of each year over the range of the rate."""
    if RATE not in case.place:
        first: Array = case.discounts(np.zeros(1))[0]
        return first
    shares = (np.arange(MEAN_POINTS) + 0.5) / MEAN_POINTS
    means: Array = case.discounts(case.inputs[case.place[RATE]].quantiles(shares)).mean(axis=0)
    return means


def _value_of_knowing(which: Input, whole: float, slope: float) -> float:
    """Mean of max(0, worth once known) less max(0, worth now)."""
    if abs(slope) < 1e-9:
        return 0.0
    threshold = which.mean - whole / slope
    above = which.mean_above(threshold)
    gain = slope * above if slope > 0 else -slope * (above - (which.mean - threshold))
    return max(0.0, gain - max(0.0, whole))

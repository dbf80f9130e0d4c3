"""Present values at rates that fall with time.

Source of the method: HM Treasury Green Book. Rates are arguments, because they are dated reference data. Year 0 is
today: a one-off cost falls in year 0, and yearly sums fall at the end of years 1 to the horizon.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from estate.appraise.errors import HorizonInvalid, RateInvalid


@dataclass(frozen=True)
class Rates:
    """Real discount rates per year by the year after which each holds, such as ((0, 0.035), (30, 0.03))."""

    steps: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        years = [year for year, _ in self.steps]
        if not years or years[0] != 0 or years != sorted(set(years)):
            raise RateInvalid
        if not all(math.isfinite(rate) and 0 <= rate < 1 for _, rate in self.steps):
            raise RateInvalid

    def rate_of(self, year: int) -> float:
        """The rate by which year `year` (1, 2, ...) is discounted against the year before."""
        return next(rate for after, rate in reversed(self.steps) if year > after or after == 0)


def discount_factor(rates: Rates, year: int) -> float:
    """What one pound at the end of year `year` is worth today; 0.709 for year 10 at 3.5 %."""
    return 1.0 / math.prod(1.0 + rates.rate_of(passed) for passed in range(1, year + 1))


def present_value(rates: Rates, amounts: Sequence[float]) -> float:
    """Value today of amounts in year 0, 1, 2, ..."""
    return math.fsum(amount * discount_factor(rates, year) for year, amount in enumerate(amounts))


def annuity_ratio(rates: Rates, years: int) -> float:
    """Yearly sum, at the end of years 1 to `years`, that is worth one pound today."""
    if years < 1:
        raise HorizonInvalid
    return 1.0 / math.fsum(discount_factor(rates, year) for year in range(1, years + 1))


def value_until(rates: Rates, *, per_year: float, years: float) -> float:
    """Value today of a sum paid at the end of each year for `years`, the last of which may be a part of one."""
    whole = int(years)
    return present_value(rates, [0.0, *[per_year] * whole, per_year * (years - whole)])


def net_present_value(rates: Rates, *, one_off: float, per_year: float, years: int) -> float:
    """Value today of paying `one_off` now and gaining `per_year` at the end of years 1 to `years`."""
    return per_year / annuity_ratio(rates, years) - one_off

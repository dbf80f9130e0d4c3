"""Cash curves: what goes in and out for each agency by year, what it is worth today, and transfers between them.

Year 0 is today; see `discounting` for the method. Amounts are in whole pence at today's prices, money in is positive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from estate.appraise.discounting import Rates, present_value
from estate.appraise.errors import CashInvalid, SharesInvalid
from estate.appraise.positions import shared_to_the_penny, to_pence

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One line of a curve, such as running cost released: its amount in year 0, 1, 2, ..."""

    name: str
    by_year: tuple[Decimal, ...]
    is_investment: bool = False
    """Money put in so that the other lines come back."""


@dataclass(frozen=True)
class Curve:
    """The lines of one agency, or of all together, and what they come to."""

    agency: str
    lines: tuple[Line, ...]
    by_year: tuple[Decimal, ...]
    """The sum of the lines."""
    net_present_value: Decimal
    saved_per_pound: float | None
    """Value today of what comes back for each pound invested, also discounted; None where nothing is invested."""

    @property
    def running_total(self) -> tuple[Decimal, ...]:
        """Undiscounted cash up to the end of each year."""
        return tuple(accumulate(self.by_year))

    @property
    def payback_year(self) -> int | None:
        """The year at whose end the running total is, and stays, no longer negative; None where it ends below 0."""
        below = [year for year, amount in enumerate(self.running_total) if amount < 0]
        first = below[-1] + 1 if below else 0
        return first if first < len(self.by_year) else None


@dataclass(frozen=True)
class Schedule:
    """What each agency receives (positive) or pays to others by year, and its cash after that."""

    transfers: Mapping[str, tuple[Decimal, ...]]
    after: Mapping[str, tuple[Decimal, ...]]
    net_present_value: Mapping[str, Decimal]
    short_years: tuple[int, ...]
    """Years in which all together pay more than they gain: there somebody must be worse off."""


def one_off(name: str, amount: Decimal, years: int) -> Line:
    """A cost paid in year 0."""
    return Line(name, (-amount, *[NOTHING] * _whole(years)), is_investment=True)


def yearly(name: str, amount: Decimal, years: int) -> Line:
    """A sum at the end of years 1 to `years`."""
    return Line(name, (NOTHING, *[amount] * _whole(years)))


def in_year(name: str, amount: Decimal, year: int, years: int) -> Line:
    """A sum at the end of one year, 0 to `years`, such as the receipt of a sale; nothing where it comes later."""
    return Line(name, tuple(amount if at == year else NOTHING for at in range(_whole(years) + 1)))


def curve(agency: str, lines: Sequence[Line], rates: Rates) -> Curve:
    """The curve of one agency from its lines, which are all as long."""
    if not lines or len({len(line.by_year) for line in lines}) != 1 or not lines[0].by_year:
        raise CashInvalid
    by_year = _sums([line.by_year for line in lines])
    invested = present_value(rates, _floats(_sums([line.by_year for line in lines if line.is_investment])))
    value = present_value(rates, _floats(by_year))
    per_pound = (value - invested) / -invested if invested < 0 else None
    return Curve(agency, tuple(lines), by_year, to_pence(value), per_pound)


def together(name: str, curves: Sequence[Curve], rates: Rates) -> Curve:
    """All agencies as one: lines of the same name become one."""
    found: dict[str, Line] = {}
    for line in (line for each in curves for line in each.lines):
        before = found.get(line.name)
        found[line.name] = (
            Line(line.name, _sums([before.by_year, line.by_year]), line.is_investment) if before else line
        )
    return curve(name, list(found.values()), rates)


def shared_cash(curves: Sequence[Curve], shares: Mapping[str, float], rates: Rates) -> Schedule:
    """The schedule that gives each agency the same part of all cash in every year, by its share of what is gained.

    So nobody is worse off in a year unless all together are; an agency that gains a third pays a third of the cost of
    year 0 and receives a third of what comes back; everybody has the same payback. Shares are 0 or more; an agency
    without one gets nothing and pays nothing. Transfers of each year add up to 0, to the penny.
    """
    if {each.agency for each in curves} - set(shares):
        raise SharesInvalid
    names, weights = list(shares), list(shares.values())
    before = {each.agency: each.by_year for each in curves}
    years = len(curves[0].by_year) if curves else 0
    whole = _sums([each.by_year for each in curves])
    parts = [shared_to_the_penny(amount, weights) for amount in whole]
    after = {name: tuple(parts[year][place] for year in range(years)) for place, name in enumerate(names)}
    own = {name: before.get(name, (NOTHING,) * years) for name in names}
    return Schedule(
        transfers={name: tuple(got - had for got, had in zip(after[name], own[name], strict=True)) for name in names},
        after=after,
        net_present_value={name: to_pence(present_value(rates, _floats(after[name]))) for name in names},
        short_years=tuple(year for year, amount in enumerate(whole) if amount < 0),
    )


def _whole(years: int) -> int:
    if years < 1:
        raise CashInvalid
    return years


def _sums(rows: Sequence[Sequence[Decimal]]) -> tuple[Decimal, ...]:
    return tuple(sum(column, NOTHING) for column in zip(*rows, strict=True))


def _floats(amounts: Sequence[Decimal]) -> list[float]:
    return [float(amount) for amount in amounts]

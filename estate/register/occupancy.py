"""How full a building is, pure: counts in, ratios out, each with what it rests on. Unknown is None, never 0.

Frequency = hours used / hours available; occupancy = people / capacity; utilisation = frequency x occupancy. All three
are ratios. Counts of different methods are never averaged together. Source: UK Higher Education Space Management Group,
2006/38.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from statistics import median
from typing import Protocol

from estate.register.models import OccupancyMethod


class Count(Protocol):
    """One count of people, as `OccupancyObservation` keeps it: people, hours of the period, m2."""

    @property
    def observed_on(self) -> date:
        """Last day of the count."""

    @property
    def method(self) -> OccupancyMethod:
        """How people were counted."""

    @property
    def capacity(self) -> int | None:
        """People at once."""

    @property
    def peak(self) -> Decimal | None:
        """Most people at once."""

    @property
    def average(self) -> Decimal | None:
        """Mean number of people."""

    @property
    def hours_available(self) -> Decimal | None:
        """Hours in which the space could be used."""

    @property
    def hours_used(self) -> Decimal | None:
        """Those in which it was."""

    @property
    def vacant_m2(self) -> Decimal | None:
        """Net floor area that nobody used."""


@dataclass(frozen=True)
class Standard:
    """A space standard that was in force."""

    m2_per_person: Decimal
    """Square metres of net internal area for one full-time equivalent, taken as one person."""
    valid_from: date
    source: str


@dataclass(frozen=True)
class Space:
    """What is known of a building's space besides its counts; None where some part of it is not known."""

    workstations: int | None = None
    net_area_m2: Decimal | None = None
    occupied_m2: Decimal | None = None
    """What the teams in it take; None unless it is known of every team."""
    standard: Standard | None = None


class CapacityBasis(enum.Enum):
    """What a capacity rests on, the best first."""

    COUNTED = "counted"
    WORKSTATIONS = "workstations"
    STANDARD = "standard"


@dataclass(frozen=True)
class Capacity:
    """People that the building can hold at once, and how that is known."""

    people: int
    basis: CapacityBasis

    @property
    def is_estimate(self) -> bool:
        """True where nobody counted it."""
        return self.basis is not CapacityBasis.COUNTED


@dataclass(frozen=True)
class Use:
    """One count with its ratios."""

    count: Count
    capacity: Capacity | None
    occupancy: Decimal | None
    peak_occupancy: Decimal | None
    frequency: Decimal | None
    utilisation: Decimal | None


@dataclass(frozen=True)
class Typical:
    """The median use over the twelve months that end with the newest count of one method."""

    method: OccupancyMethod
    first_on: date
    last_on: date
    count: int
    """How many counts it rests on."""
    average: Decimal | None
    """Median of the average numbers of people."""
    peak: Decimal | None
    """The highest peak, not a median."""
    occupancy: Decimal | None
    utilisation: Decimal | None
    is_estimate: bool
    """True where the capacity of some count was worked out."""


@dataclass(frozen=True)
class Vacant:
    """Vacant floor area in m2, net: as counted on a day, or an estimate."""

    m2: Decimal
    counted_on: date | None
    method: OccupancyMethod | None

    @property
    def is_estimate(self) -> bool:
        """True where nobody counted it."""
        return self.counted_on is None


@dataclass(frozen=True)
class Occupancy:
    """How full one building is."""

    uses: list[Use]
    """In the order of the counts."""
    typical: list[Typical]
    """One for each method, the one with the newest count first."""
    vacant: Vacant | None
    space: Space


def occupancy_of(counts: Sequence[Count], space: Space) -> Occupancy:
    """How full a building is by `counts`, the newest first."""
    uses = [use_of(count, space) for count in counts]
    return Occupancy(uses, typical_uses(uses), vacant_space(counts, space), space)


def ratio(above: Decimal | int | None, below: Decimal | int | None) -> Decimal | None:
    """`above / below`; None where either is unknown or `below` is 0."""
    return None if above is None or not below else Decimal(above) / Decimal(below)


def utilisation(frequency: Decimal | None, occupancy: Decimal | None) -> Decimal | None:
    """Frequency x occupancy; None where either is unknown."""
    return None if frequency is None or occupancy is None else frequency * occupancy


def capacity_of(counted: int | None, space: Space) -> Capacity | None:
    """The capacity that was counted, else the workstations, else net area over the space standard, rounded down."""
    if counted:
        return Capacity(counted, CapacityBasis.COUNTED)
    if space.workstations:
        return Capacity(space.workstations, CapacityBasis.WORKSTATIONS)
    if space.standard is None or space.net_area_m2 is None:
        return None
    people = int((space.net_area_m2 / space.standard.m2_per_person).to_integral_value(ROUND_FLOOR))
    return Capacity(people, CapacityBasis.STANDARD) if people else None


def use_of(count: Count, space: Space) -> Use:
    """One count with its ratios."""
    capacity = capacity_of(count.capacity, space)
    people = capacity.people if capacity else None
    frequency, occupancy = ratio(count.hours_used, count.hours_available), ratio(count.average, people)
    return Use(count, capacity, occupancy, ratio(count.peak, people), frequency, utilisation(frequency, occupancy))


def typical_uses(uses: Iterable[Use]) -> list[Typical]:
    """What is typical by each method that counted people, the one with the newest count first."""
    by_method: dict[OccupancyMethod, list[Use]] = defaultdict(list)
    for use in uses:
        if use.count.average is not None or use.count.peak is not None:
            by_method[use.count.method].append(use)
    found = [_typical(method, of_one) for method, of_one in by_method.items()]
    return sorted(found, key=lambda typical: (-typical.last_on.toordinal(), typical.method.value))


def _typical(method: OccupancyMethod, uses: list[Use]) -> Typical:
    last_on = max(use.count.observed_on for use in uses)
    uses = [use for use in uses if use.count.observed_on > _year_before(last_on)]
    return Typical(
        method=method,
        first_on=min(use.count.observed_on for use in uses),
        last_on=last_on,
        count=len(uses),
        average=_median(use.count.average for use in uses),
        peak=max((use.count.peak for use in uses if use.count.peak is not None), default=None),
        occupancy=_median(use.occupancy for use in uses),
        utilisation=_median(use.utilisation for use in uses),
        is_estimate=any(use.capacity is not None and use.capacity.is_estimate for use in uses),
    )


def _year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _median(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def vacant_space(counts: Sequence[Count], space: Space) -> Vacant | None:
    """Vacant m2 by the newest count that has it, else net area less what the teams take; None where unknown.

    Also where the teams take more than the net area: then one of the two is wrong.
    """
    counted = [count for count in counts if count.vacant_m2 is not None]
    if counted:
        newest = max(counted, key=lambda count: count.observed_on)
        return Vacant(newest.vacant_m2 or Decimal(0), newest.observed_on, newest.method)
    if space.net_area_m2 is None or space.occupied_m2 is None or space.occupied_m2 > space.net_area_m2:
        return None
    return Vacant(space.net_area_m2 - space.occupied_m2, None, None)

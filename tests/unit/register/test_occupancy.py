"""Frequency, occupancy and utilisation, and what each rests on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from estate.register.models import OccupancyMethod
from estate.register.occupancy import (
    CapacityBasis,
    Space,
    Standard,
    capacity_of,
    occupancy_of,
    use_of,
    vacant_space,
)

PASSES, SURVEY = OccupancyMethod.PASSES, OccupancyMethod.SURVEY
TEN = Standard(Decimal(10), date(2013, 1, 1), "One Public Estate")


@dataclass(frozen=True)
class Counted:
    observed_on: date = date(2025, 3, 31)
    method: OccupancyMethod = PASSES
    capacity: int | None = None
    peak: Decimal | None = None
    average: Decimal | None = None
    hours_available: Decimal | None = None
    hours_used: Decimal | None = None
    vacant_m2: Decimal | None = None


def counted(day: str, average: int | None, method: OccupancyMethod = PASSES, capacity: int | None = 100) -> Counted:
    people = None if average is None else Decimal(average)
    return Counted(date.fromisoformat(day), method, capacity, people, people)


def test_utilisation_is_frequency_times_occupancy() -> None:
    use = use_of(
        Counted(
            capacity=80, average=Decimal(20), peak=Decimal(60), hours_available=Decimal(50), hours_used=Decimal(40)
        ),
        Space(),
    )
    assert (use.frequency, use.occupancy, use.peak_occupancy) == (Decimal("0.8"), Decimal("0.25"), Decimal("0.75"))
    assert use.utilisation == Decimal("0.2")


@pytest.mark.parametrize(
    "count",
    [
        Counted(capacity=80, average=Decimal(20)),
        Counted(capacity=80, average=Decimal(20), hours_used=Decimal(4)),
        Counted(average=Decimal(20), hours_available=Decimal(50), hours_used=Decimal(40)),
        Counted(capacity=80, hours_available=Decimal(50), hours_used=Decimal(40)),
    ],
)
def test_utilisation_is_unknown_where_a_part_of_it_is(count: Counted) -> None:
    assert use_of(count, Space()).utilisation is None


def test_nobody_and_never_are_zero_not_unknown() -> None:
    empty = Counted(capacity=80, average=Decimal(0), hours_available=Decimal(50), hours_used=Decimal(0))
    use = use_of(empty, Space())
    assert (use.frequency, use.occupancy, use.utilisation) == (0, 0, 0)


@pytest.mark.parametrize(
    ("counted_capacity", "space", "people", "basis"),
    [
        (80, Space(34, Decimal(500), None, TEN), 80, CapacityBasis.COUNTED),
        (None, Space(34, Decimal(500), None, TEN), 34, CapacityBasis.WORKSTATIONS),
        (None, Space(None, Decimal(509), None, TEN), 50, CapacityBasis.STANDARD),
        (None, Space(0, Decimal(509), None, TEN), 50, CapacityBasis.STANDARD),
    ],
)
def test_capacity_is_counted_else_workstations_else_the_standard(
    counted_capacity: int | None, space: Space, people: int, basis: CapacityBasis
) -> None:
    found = capacity_of(counted_capacity, space)
    assert found is not None
    assert (found.people, found.basis, found.is_estimate) == (people, basis, basis is not CapacityBasis.COUNTED)


@pytest.mark.parametrize(
    "space", [Space(), Space(net_area_m2=Decimal(500)), Space(standard=TEN), Space(None, Decimal(5), None, TEN)]
)
def test_capacity_is_unknown_where_nothing_gives_it(space: Space) -> None:
    assert capacity_of(None, space) is None


def test_typical_is_the_median_of_one_method_over_its_newest_twelve_months() -> None:
    counts = [
        counted("2025-06-30", 10),
        counted("2025-03-31", 20),
        counted("2024-12-31", 60),
        counted("2024-06-30", 100),  # A year before the newest: no longer typical.
        counted("2025-05-01", 90, SURVEY),
    ]
    passes, survey = occupancy_of(counts, Space()).typical
    assert (passes.method, passes.count, passes.first_on) == (PASSES, 3, date(2024, 12, 31))
    assert (passes.average, passes.peak, passes.occupancy) == (20, 60, Decimal("0.2"))
    assert (survey.method, survey.count, survey.occupancy) == (SURVEY, 1, Decimal("0.9"))
    assert not passes.is_estimate


def test_typical_says_where_a_capacity_was_worked_out() -> None:
    (typical,) = occupancy_of([counted("2025-06-30", 10, capacity=None)], Space(workstations=20)).typical
    assert (typical.occupancy, typical.is_estimate) == (Decimal("0.5"), True)


def test_a_count_of_nobody_known_is_not_typical() -> None:
    assert occupancy_of([counted("2025-06-30", None)], Space()).typical == []


def test_twelve_months_before_a_leap_day() -> None:
    (typical,) = occupancy_of([counted("2024-02-29", 10), counted("2023-02-28", 30)], Space()).typical
    assert typical.count == 1


def test_vacant_space_is_what_was_counted_last() -> None:
    old, new = Counted(date(2024, 1, 1), vacant_m2=Decimal(90)), Counted(date(2025, 1, 1), SURVEY, vacant_m2=Decimal(0))
    space = Space(net_area_m2=Decimal(500), occupied_m2=Decimal(100))
    found = vacant_space([new, old, Counted(date(2025, 2, 1))], space)
    assert found is not None
    assert (found.m2, found.method, found.is_estimate) == (0, SURVEY, False)


def test_vacant_space_that_nobody_counted_is_an_estimate() -> None:
    found = vacant_space([], Space(net_area_m2=Decimal(500), occupied_m2=Decimal(120)))
    assert found is not None
    assert (found.m2, found.is_estimate) == (380, True)


@pytest.mark.parametrize(
    "space",
    [
        Space(net_area_m2=Decimal(500)),
        Space(occupied_m2=Decimal(100)),
        Space(net_area_m2=Decimal(500), occupied_m2=Decimal(501)),
    ],
)
def test_vacant_space_is_unknown_where_a_part_is_or_they_contradict(space: Space) -> None:
    assert vacant_space([], space) is None

"""Every measure of an area against figures made by hand: unknown stays unknown, and sums rest on the same buildings."""

import math
from datetime import date
from decimal import Decimal

import pytest
from pandas import DataFrame
from sqlalchemy.orm import Session

from estate.register import costs
from estate.register.area_statistics import area_statistics, changes_of_areas
from estate.register.areas import assign_areas
from estate.register.building_facts import SOURCES
from estate.register.filters import BuildingFilters
from estate.register.measures import MEASURES
from estate.register.models import (
    Building,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    OccupancyMethod,
    OccupancyObservation,
    PlannedKind,
)
from estate.register.sums import SUMS
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_level,
    make_occupation,
    make_planned_cost,
    make_running_cost,
)

ALL = BuildingFilters()


def survey(session: Session, building: Building, on: date, grade: str | None, backlog: int | None) -> None:
    session.add(
        ConditionSurvey(building_id=building.id, surveyed_on=on, grade=grade, backlog_cost=backlog, source="test")
    )


def rate(session: Session, building: Building, band: str, rated_on: date, expires_on: date | None) -> None:
    kind = EnergyKind.DEC
    session.add(
        EnergyRating(
            building_id=building.id, kind=kind, band=band, rated_on=rated_on, expires_on=expires_on, source="test"
        )
    )


def observe(session: Session, building: Building, on: date, **fields: object) -> None:
    values = {"method": OccupancyMethod.SURVEY, "source": "test", **fields}
    session.add(OccupancyObservation(building_id=building.id, observed_on=on, **values))


def figures(session: Session, code: str, year: int | None = 2024) -> tuple[float, int]:
    """The figure of the one area, and of how many buildings."""
    measure = MEASURES[code]
    frame = area_statistics(session, make_level(session), year, ALL, measure.sources)
    return float(measure.figure(frame)[0]), int(frame[measure.count][0])


@pytest.fixture
def two(session: Session) -> tuple[Building, Building]:
    """Two buildings of 100 and 300 m2 in one area, nothing known of either but their size."""
    make_area(session, population=200)
    first = make_building(session, gross_internal_area_m2=100, net_internal_area_m2=80)
    second = make_building(session, gross_internal_area_m2=300)
    assign_areas(session)
    return first, second


@pytest.mark.parametrize("code", sorted(MEASURES))
def test_what_nobody_knows_is_unknown_and_counts_no_building(
    session: Session, two: tuple[Building, Building], code: str
) -> None:
    figure, count = figures(session, code)
    assert math.isnan(figure)
    assert count == 0


def test_budget_is_compared_line_by_line(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    payer = make_agency(session)
    for category, paid, agreed in (("rent", 90, 100), ("energy", 500, None), ("water", None, 70)):
        if paid:
            make_running_cost(session, first, agency_id=payer.id, category_code=category, amount=Decimal(paid))
        if agreed:
            make_planned_cost(session, first, agency_id=payer.id, category_code=category, amount=Decimal(agreed))
    make_planned_cost(
        session, first, agency_id=payer.id, category_code="rent", amount=Decimal(5), kind=PlannedKind.FORECAST
    )
    make_running_cost(session, second, amount=Decimal(1000))
    assert figures(session, "cost_against_budget") == (0.9, 1)


def test_energy_cost_and_its_estimated_part(session: Session, two: tuple[Building, Building]) -> None:
    first, _ = two
    make_running_cost(session, first, category_code="energy", amount=Decimal(250), is_estimate=True)
    make_running_cost(session, first, category_code="rent", amount=Decimal(750))
    assert figures(session, "energy_per_m2") == (2.5, 1)
    statistics = area_statistics(session, make_level(session), 2024, ALL)
    assert MEASURES["energy_per_m2"].estimated_share(statistics).tolist() == [1.0]
    assert MEASURES["cost"].estimated_share(statistics).tolist() == [0.25]
    assert MEASURES["backlog"].estimated_share(statistics).tolist() == [0.0]


def test_staff_space_and_desks_need_every_team(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    make_occupation(session, first, fte=Decimal(5), workstations=4)
    make_occupation(session, first, fte=Decimal(3), workstations=4)
    make_occupation(session, second, fte=Decimal(9), workstations=None)
    assert figures(session, "m2_per_fte") == (10.0, 1)
    assert figures(session, "desks_per_fte") == (1.0, 1)


def test_utilisation_takes_the_latest_count_with_hours(session: Session, two: tuple[Building, Building]) -> None:
    first, _ = two
    observe(session, first, date(2024, 6, 1), average=20, capacity=40, hours_available=50, hours_used=25)
    observe(session, first, date(2024, 9, 1), average=40, capacity=40)
    observe(session, first, date(2025, 9, 1), average=40, capacity=40, hours_available=50, hours_used=50)
    assert figures(session, "utilisation") == (0.25, 1)
    assert figures(session, "occupancy") == (1.0, 1)


def test_condition_weighs_by_floor_area_and_backlog_adds_up(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    survey(session, first, date(2020, 1, 1), "D", 900)
    survey(session, first, date(2023, 1, 1), "B", None)
    survey(session, second, date(2024, 1, 1), "C", 3000)
    survey(session, second, date(2026, 1, 1), "A", 0)
    session.flush()
    assert figures(session, "condition") == (0.25, 2)
    assert figures(session, "backlog") == (3900.0, 2)
    assert figures(session, "backlog_per_m2") == (9.75, 2)


def test_an_expired_certificate_says_nothing(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    rate(session, first, "C", date(2024, 6, 1), date(2025, 6, 1))
    rate(session, second, "F", date(2020, 6, 1), date(2021, 6, 1))
    session.flush()
    assert figures(session, "energy_rating") == (1.0, 1)
    assert figures(session, "energy_rating", 2020) == (0.0, 1)


def test_sources_left_out_are_unknown_and_the_rest_is_the_same(
    session: Session, two: tuple[Building, Building]
) -> None:
    first, _ = two
    make_running_cost(session, first, amount=Decimal("12.34"))
    make_occupation(session, first, fte=Decimal(2))
    level = make_level(session)
    every, only = (area_statistics(session, level, 2024, ALL, sources) for sources in (tuple(SOURCES), ("costs",)))
    assert set(SUMS) <= set(every.columns)
    assert only["cost"].tolist() == every["cost"].tolist() == [12.34]
    assert only["fte"].isna().all()
    assert only["fte_count"].tolist() == [0]
    none = area_statistics(session, level, 2024, ALL, ())
    assert none["building_count"].tolist() == [2]


def change(session: Session, code: str, years: tuple[int, int]) -> tuple[DataFrame, DataFrame]:
    measure = MEASURES[code]
    return changes_of_areas(session, make_level(session), years, ALL, measure.group, measure.sources)


def test_a_change_is_over_the_buildings_known_in_both_years(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    make_running_cost(session, first, year_start=2022, amount=Decimal("100.10"))
    make_running_cost(session, first, year_start=2024, amount=Decimal("150.15"))
    make_running_cost(session, second, year_start=2024, amount=Decimal(900))
    before, after = change(session, "cost", (2022, 2024))
    assert (before["cost"][0], after["cost"][0]) == (100.10, 150.15)
    assert (before["cost_count"][0], after["cost_count"][0], after["building_count"][0]) == (1, 1, 2)
    before, after = change(session, "cost_per_m2", (2022, 2024))
    assert costs.running_cost_per_m2(after)[0] - costs.running_cost_per_m2(before)[0] == pytest.approx(0.5005)


def test_the_same_observation_twice_is_no_change(session: Session, two: tuple[Building, Building]) -> None:
    first, second = two
    observe(session, first, date(2022, 6, 1), average=10, capacity=40)
    observe(session, second, date(2022, 6, 1), average=10, capacity=40)
    observe(session, second, date(2024, 6, 1), average=30, capacity=40)
    session.flush()
    before, after = change(session, "occupancy", (2022, 2024))
    assert after["occupancy_count"].tolist() == [1]
    assert (costs.occupancy(before)[0], costs.occupancy(after)[0]) == (0.25, 0.75)

"""Area statistics against figures made by hand, and against pandas on the same rows."""

import math
from datetime import date
from decimal import Decimal

import numpy as np
import pandas
import pytest
from sqlalchemy.orm import Session

from estate.register import costs
from estate.register.area_statistics import area_statistics, areas_inside
from estate.register.areas import assign_areas
from estate.register.filters import BuildingFilters
from estate.register.frames import buildings_frame, count_outside, list_cost_years
from estate.register.models import Building, BuildingStatus, FixSource, OccupancyMethod, OccupancyObservation
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_level,
    make_occupation,
    make_running_cost,
)

ALL = BuildingFilters()


def observe(session: Session, building: Building, on: date, **fields: object) -> None:
    values = {"method": OccupancyMethod.SURVEY, "source": "made for a test", **fields}
    session.add(OccupancyObservation(building_id=building.id, observed_on=on, **values))
    session.flush()


def test_figures_of_one_area_by_hand(session: Session) -> None:
    area = make_area(session, population=500, population_source="census")
    full = make_building(session, gross_internal_area_m2=100)
    make_running_cost(session, full, amount=Decimal("1000.10"))
    make_running_cost(session, full, category_code="rent", amount=Decimal("2000.20"), is_estimate=True)
    make_running_cost(session, full, year_start=2023, amount=Decimal("9"))
    make_occupation(session, full, fte=Decimal("4.5"))
    make_occupation(session, full, fte=Decimal(99), ended_on=date(2024, 1, 1), ended_reason="left")
    observe(session, full, date(2024, 6, 1), capacity=40, average=10, vacant_m2=5)
    observe(session, full, date(2025, 6, 1), capacity=40, average=40, vacant_m2=50)
    without_floor = make_building(session)
    make_running_cost(session, without_floor, amount=Decimal("50.05"))
    make_occupation(session, without_floor, fte=None)
    make_building(session, gross_internal_area_m2=77)
    make_building(session, status=BuildingStatus.DISPOSED)
    assign_areas(session)

    row = area_statistics(session, make_level(session), 2024, ALL).iloc[0]
    assert (row["area_id"], row["building_count"], row["cost_count"]) == (area.id, 3, 2)
    assert row["cost"] == 3050.35
    assert row["estimated_cost"] == 2000.20
    assert (row["area_count"], row["area_cost"], row["area_m2"]) == (1, 3000.30, 100)
    assert (row["fte_count"], row["fte_cost"], row["fte"]) == (1, 3000.30, 4.5)
    assert (row["occupancy_count"], row["people"], row["capacity"], row["vacant_m2"]) == (1, 10, 40, 5)
    assert row["methods"] == [OccupancyMethod.SURVEY]
    assert row["newest_on"] == date(2024, 6, 1)

    statistics = area_statistics(session, make_level(session), 2024, ALL)
    assert costs.running_cost_per_m2(statistics)[0] == pytest.approx(30.003)
    assert costs.running_cost_per_head(statistics)[0] == pytest.approx(3050.35 / 500)
    assert list_cost_years(session) == [2024, 2023]


def test_area_without_buildings_or_figures_is_unknown(session: Session) -> None:
    make_area(session, name="Empty", bounds=(1, 50, 2, 51))
    make_area(session, name="Full")
    make_building(session)
    assign_areas(session)
    statistics = area_statistics(session, make_level(session), 2024, ALL).set_index("name")
    assert statistics["building_count"].to_dict() == {"Empty": 0, "Full": 1}
    assert statistics[["cost", "area_m2", "fte", "people", "vacant_m2", "population"]].isna().all(axis=None)


def test_no_year_at_all(session: Session) -> None:
    make_area(session)
    building = make_building(session)
    observe(session, building, date(2031, 1, 1), capacity=4, average=3)
    assign_areas(session)
    statistics = area_statistics(session, make_level(session), None, ALL)
    assert math.isnan(statistics["cost"][0])
    assert costs.occupancy(statistics)[0] == 0.75
    assert list_cost_years(session) == []


def test_filters_narrow_the_figures(session: Session) -> None:
    make_area(session)
    agency = make_agency(session)
    ours = make_building(session, agency=agency, use_class_code="library")
    other = make_building(session)
    make_running_cost(session, ours, amount=Decimal(10), agency_id=other.agency_id)
    make_running_cost(session, other, amount=Decimal(20))
    assign_areas(session)
    level = make_level(session)
    assert area_statistics(session, level, 2024, BuildingFilters(agency_id=agency.id))["cost"].tolist() == [10]
    assert area_statistics(session, level, 2024, BuildingFilters(use_class_code="office"))["cost"].tolist() == [20]


def test_areas_inside_count_those_that_skip_a_level(session: Session) -> None:
    """Only some districts of a region lie in a county: the others, with their wards, are in the region all the same."""
    region = make_area(session, level="region", bounds=(-3, 53, -2, 54))
    county = make_area(session, level="county", bounds=(-3, 53, -2.5, 54), parent_id=region.id)
    of_county = make_area(session, bounds=(-3, 53, -2.5, 54), parent_id=county.id)
    alone = make_area(session, bounds=(-2.5, 53, -2, 54))
    wards = [
        make_area(session, level="ward", bounds=(west, 53, west + 0.5, 54), parent_id=parent.id)
        for west, parent in ((-3, of_county), (-2.5, alone))
    ]
    make_area(session, bounds=(-2, 53, -1.5, 54))
    session.flush()
    assert sorted(areas_inside(session, make_level(session, "district"), region.id)) == [of_county.id, alone.id]
    assert sorted(areas_inside(session, make_level(session, "ward"), region.id)) == [ward.id for ward in wards]
    assert areas_inside(session, make_level(session, "ward"), county.id) == [wards[0].id]


def test_areas_inside_by_parent_and_by_place(session: Session) -> None:
    county = make_area(session, level="county", bounds=(-3, 53, -2, 54))
    district = make_area(session, level="district", bounds=(-3, 53, -2.5, 54), parent_id=county.id)
    ward = make_area(session, level="ward", bounds=(-3, 53, -2.8, 53.5), parent_id=district.id)
    make_area(session, level="ward", bounds=(0, 53, 1, 54))
    loose = make_area(session, level="neighbourhood", bounds=(-2.9, 53.1, -2.85, 53.2))
    make_area(session, level="neighbourhood", bounds=(0.1, 53.1, 0.2, 53.2))
    assert areas_inside(session, make_level(session, "ward"), county.id) == [ward.id]
    assert areas_inside(session, make_level(session, "county"), county.id) == [county.id]
    assert areas_inside(session, make_level(session, "neighbourhood"), district.id) == [loose.id]


def test_building_off_every_area_is_counted_apart(session: Session) -> None:
    make_area(session)
    make_building(session)
    make_building(session, lonlat=None)
    make_building(session, lonlat=(5, 60))
    assign_areas(session)
    assert count_outside(session, make_level(session), ALL) == 2


def test_an_area_no_longer_in_force_holds_no_building(session: Session) -> None:
    area = make_area(session)
    make_building(session)
    assign_areas(session)
    area.valid_until = date(2025, 6, 1)
    session.flush()
    assert count_outside(session, make_level(session), ALL) == 1


def test_buildings_frame(session: Session) -> None:
    make_area(session, name="Here")
    known = make_building(session, name="b", gross_internal_area_m2=50, fix_source=FixSource.POSTCODE_CENTROID)
    make_running_cost(session, known, amount=Decimal(500), is_estimate=True)
    make_building(session, name="A", lonlat=None)
    assign_areas(session)
    frame = buildings_frame(session, 2024, ALL, make_level(session))
    assert frame["name"].tolist() == ["A", "b"]
    assert frame["cost_per_m2"].tolist()[1] == 10
    assert frame["is_approximate"].tolist()[1]
    assert frame["is_estimate"].tolist() == [False, True]
    assert frame["area_name"].tolist() == [None, "Here"]
    assert frame.geometry.isna().tolist() == [True, False]
    assert frame[["annual_cost", "occupancy", "cost_per_m2"]].iloc[0].isna().all()


def test_frames_of_an_empty_register(session: Session) -> None:
    level = make_level(session)
    assert area_statistics(session, level, 2024, ALL).empty
    assert buildings_frame(session, 2024, ALL, level).empty


def test_sql_equals_pandas_to_the_penny(session: Session) -> None:
    chance = np.random.default_rng(20)
    for column in range(4):
        make_area(session, bounds=(-2.4 + column / 10, 53.3, -2.3 + column / 10, 53.5), population=1000 * column)
    agency = make_agency(session)
    rows = []
    for _ in range(120):
        at = (float(chance.uniform(-2.4, -2.0)), float(chance.uniform(53.3, 53.5)))
        floor = round(float(chance.uniform(20, 900)), 2) if chance.random() < 0.7 else None
        building = make_building(session, agency=agency, lonlat=at, gross_internal_area_m2=floor)
        paid = [Decimal(int(chance.integers(1, 10**7))) / 100 for _ in range(int(chance.integers(0, 4)))]
        for category, amount in zip(("rent", "rates", "energy"), paid, strict=False):
            make_running_cost(session, building, category_code=category, amount=amount)
        place = min(int((at[0] + 2.4) * 10), 3)
        rows.append({"place": place, "cost": sum(paid) if paid else None, "floor": floor})
    assign_areas(session)

    statistics = area_statistics(session, make_level(session), 2024, ALL).sort_values("area_id").reset_index(drop=True)
    frame = pandas.DataFrame(rows)
    frame["pence"] = [None if cost is None else int(cost * 100) for cost in frame["cost"]]
    for place, group in frame.groupby("place"):
        assert round(statistics["cost"][place] * 100) == int(group["pence"].sum())
        both = group.dropna()
        expected = both["pence"].sum() / 100 / both["floor"].sum()
        assert costs.running_cost_per_m2(statistics)[place] == pytest.approx(expected)
    assert round(costs.totals(statistics)["cost"][0] * 100) == int(frame["pence"].sum())
    assert costs.totals(statistics)["building_count"][0] == 120

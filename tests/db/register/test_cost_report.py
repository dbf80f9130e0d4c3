"""Budget against actual in the database: what is compared, years with different starts, one building's many records."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register import cost_shares as shares_room
from estate.register.allocation import Method
from estate.register.areas import assign_areas
from estate.register.building_costs import building_costs
from estate.register.cost_lines import CostFilters, list_other_starts
from estate.register.cost_report import CostReport, CostRow, Grouping, cost_report, list_years
from estate.register.cost_shares import TooManyBuildings, cost_shares
from estate.register.filters import BuildingFilters
from estate.register.models import BuildingStatus, PlannedKind, RunningCost
from estate.register.price_releases import price_base
from estate.register.years import in_year
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_level,
    make_occupation,
    make_planned_cost,
    make_running_cost,
)

EVERYTHING = CostFilters()


def row(report: CostReport, name: str) -> CostRow:
    return next(row for row in report.rows if row.name == name)


def test_a_variance_is_over_the_lines_with_both_figures(session: Session) -> None:
    hall = make_building(session, name="Hall")
    make_running_cost(session, hall, amount=12000)
    make_planned_cost(session, hall, amount=10000)
    make_running_cost(session, hall, category_code="water", amount=500)
    make_planned_cost(session, hall, category_code="rates", amount=700)
    make_planned_cost(session, hall, kind=PlannedKind.FORECAST, amount=11000)
    report = cost_report(session, 2024, EVERYTHING, Grouping.CATEGORY)
    total = report.total
    assert (total.actual, total.budget, total.forecast) == (12500, 10700, 11000)
    assert (total.variance, total.variance_ratio) == (2000, Decimal("0.2"))
    assert (total.line_count, total.compared_count) == (3, 1)
    assert (total.without_budget_count, total.without_actual_count) == (1, 1)
    assert [found.variance for found in report.rows] == [None, 2000, None]
    assert [found.name for found in report.rows] == ["Business rates", "Energy", "Water and sewerage"]


def test_it_is_grouped_by_payer_owner_area_and_building(session: Session) -> None:
    make_level(session, "ward")
    area = make_area(session, level="ward", bounds=(0, 50, 1, 51), name="East")
    hall, hut = make_building(session, name="Hall", lonlat=(0.5, 50.5)), make_building(session, name="Hut", lonlat=None)
    tenant = make_agency(session, name="Tenant")
    make_running_cost(session, hall, amount=100)
    make_running_cost(session, hall, amount=40, agency_id=tenant.id)
    make_running_cost(session, hut, amount=7)
    assign_areas(session)
    by_payer = cost_report(session, 2024, EVERYTHING, Grouping.PAYER)
    assert row(by_payer, "Tenant").actual == 40
    assert row(cost_report(session, 2024, EVERYTHING, Grouping.OWNER), hall.agency.name).actual == 140
    by_area = cost_report(session, 2024, EVERYTHING, Grouping.AREA, level=area.level)
    assert [(found.name, found.actual) for found in by_area.rows] == [("East", 140), (None, 7)]
    by_building = cost_report(session, 2024, EVERYTHING, Grouping.BUILDING, sort="-actual")
    assert [(found.name, found.actual) for found in by_building.rows] == [("Hall", 140), ("Hut", 7)]
    narrow = CostFilters(BuildingFilters(area_id=area.id), payer_id=tenant.id, category_code="energy")
    assert cost_report(session, 2024, narrow, Grouping.BUILDING).total.actual == 40


def test_rows_are_sorted_and_paged_with_unknown_last(session: Session) -> None:
    for number, amount in enumerate([5, 1, 3]):
        make_running_cost(session, make_building(session, name=f"B{number}"), amount=amount)
    make_planned_cost(session, make_building(session, name="Only planned"))
    first = cost_report(session, 2024, EVERYTHING, Grouping.BUILDING, sort="-actual", page_size=2)
    assert ([found.actual for found in first.rows], first.count, first.page_count) == ([5, 3], 4, 2)
    last = cost_report(session, 2024, EVERYTHING, Grouping.BUILDING, sort="actual", page=9, page_size=3)
    assert ([found.name for found in last.rows], last.page) == (["Only planned"], 2)


def test_buildings_that_nothing_counts_are_left_out(session: Session) -> None:
    gone = make_building(session, status=BuildingStatus.DISPOSED)
    make_running_cost(session, gone)
    assert cost_report(session, 2024, EVERYTHING, Grouping.BUILDING).rows == []
    assert cost_report(session, 2024, CostFilters(building_id=gone.id), Grouping.CATEGORY).total.actual == 12000


@pytest.mark.parametrize("month", range(1, 13))
def test_a_year_that_starts_elsewhere_comes_in_by_months(session: Session, month: int) -> None:
    college = make_agency(session, name="College", financial_year_start_month=month)
    campus = make_building(session, agency=college)
    amounts = {2023: Decimal(1200), 2024: Decimal(2400), 2025: Decimal(3600)}
    for year, amount in amounts.items():
        make_running_cost(session, campus, year_start=year, amount=amount)
        make_planned_cost(session, campus, year_start=year, amount=amount / 2)
    total = cost_report(session, 2024, EVERYTHING, Grouping.PAYER).total
    assert total.actual == pytest.approx(in_year(amounts, 2024, 4, month))
    assert total.budget == pytest.approx(total.actual / 2)
    assert total.is_apportioned is (month != 4)
    assert total.open_count == 0
    assert [agency.name for agency in list_other_starts(session)] == (["College"] if month != 4 else [])


def test_where_a_neighbouring_year_is_unknown_the_cost_is_left_out_and_counted(session: Session) -> None:
    college = make_agency(session, financial_year_start_month=9)
    campus, hall = make_building(session, agency=college), make_building(session)
    make_running_cost(session, campus, year_start=2024, amount=2400)
    make_running_cost(session, hall, year_start=2024, amount=100)
    total = cost_report(session, 2024, EVERYTHING, Grouping.PAYER).total
    assert (total.actual, total.open_count, total.line_count) == (100, 1, 1)
    # April 2025 to March 2026 would need September 2025 on.
    assert cost_report(session, 2025, EVERYTHING, Grouping.PAYER).total.actual is None


def test_a_cost_that_two_records_report_counts_once(session: Session) -> None:
    hall, twin = make_building(session, name="Hall"), make_building(session, name="The Hall")
    for record in (hall, twin):
        make_running_cost(session, record, agency_id=hall.agency_id, amount=100)
        make_planned_cost(session, record, agency_id=hall.agency_id, amount=90)
        make_planned_cost(session, record, agency_id=hall.agency_id, amount=95, kind=PlannedKind.FORECAST)
        record.canonical_id = hall.id
    session.flush()
    report = cost_report(session, 2024, EVERYTHING, Grouping.BUILDING)
    assert [(found.name, found.actual, found.budget, found.forecast) for found in report.rows] == [
        ("Hall", 100, 90, 95)
    ]


def test_who_pays_against_whose_share_it_would_be(session: Session) -> None:
    hall = make_building(session, net_internal_area_m2=Decimal(300))
    tenant = make_agency(session)
    make_running_cost(session, hall, amount=Decimal("1000.01"))
    make_occupation(session, hall, area_m2=100, fte=10)
    make_occupation(session, hall, agency_id=tenant.id, area_m2=100, fte=5)
    make_occupation(session, hall, agency_id=tenant.id, area_m2=50, fte=None)
    blind = make_building(session, net_internal_area_m2=None)
    make_running_cost(session, blind, amount=50)
    make_occupation(session, blind, agency_id=tenant.id)
    by_area = cost_shares(session, 2024, EVERYTHING, Method.AREA)
    assert (by_area.total, by_area.unallocated) == (Decimal("1050.01"), Decimal("216.67"))
    assert by_area.agencies[hall.agency_id].pays == Decimal("1000.01")
    assert by_area.agencies[hall.agency_id].share == Decimal("333.34")
    assert by_area.agencies[tenant.id].share == Decimal("500.00")
    assert sum(one.share for one in by_area.agencies.values()) + by_area.unallocated == by_area.total
    assert by_area.agencies[tenant.id].unknown_count == 1
    # The hall alone can be compared: of the other building nobody knows the floor.
    assert by_area.agencies[tenant.id].difference == Decimal("-500.00")
    assert by_area.agencies[hall.agency_id].difference == Decimal("666.67")
    assert by_area.agencies[blind.agency_id].difference is None
    assert by_area.missing == {"the building's net internal area": 1}
    by_heads = cost_shares(session, 2024, EVERYTHING, Method.HEADS)
    assert by_heads.agencies[tenant.id].share == 50
    assert by_heads.unallocated == Decimal("1000.01")
    assert by_heads.missing == {"the staff (FTE) of every team": 1}


def test_other_prices_are_shared_out_to_the_penny_too(session: Session) -> None:
    hall = make_building(session, net_internal_area_m2=Decimal(3))
    for number in range(3):
        make_occupation(session, hall, agency_id=make_agency(session).id, area_m2=1, team=f"T{number}")
    make_running_cost(session, hall, amount=Decimal("99.99"))
    factor = price_base(session, 2023).factor(2024)
    assert factor is not None
    shares = cost_shares(session, 2024, EVERYTHING, Method.AREA, factor)
    assert shares.total == (Decimal("99.99") * factor).quantize(Decimal("0.01"))
    assert sum(one.share for one in shares.agencies.values()) == shares.total


def test_too_many_buildings_are_refused_with_a_sentence(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares_room, "MOST_BUILDINGS", 0)
    make_running_cost(session, make_building(session))
    with pytest.raises(TooManyBuildings):
        cost_shares(session, 2024, EVERYTHING, Method.AREA)


def test_one_building_s_years_stand_in_one_price_base(session: Session) -> None:
    hall = make_building(session)
    for year in (2022, 2023, 2024):
        make_running_cost(session, hall, year_start=year, amount=1000)
    make_planned_cost(session, hall, year_start=2023)
    prices = price_base(session, 2023)
    details = building_costs(session, hall, 2023, list_years(session), Method.AREA, prices)
    assert [year for year, _ in details.by_year] == [2022, 2023, 2024]
    amounts = [found.actual for _, found in details.by_year]
    assert amounts[1] == 1000
    assert amounts[0] > 1000 > amounts[2]
    assert len(details.plans) == 1
    assert details.allocation is not None
    assert details.allocation.unallocated == 1000
    lacking = building_costs(session, hall, 2023, list_years(session), Method.AREA, price_base(session, 1901))
    assert lacking.report is not None
    assert lacking.report.total.actual == 1000


def test_the_sums_are_those_of_the_register(session: Session) -> None:
    for number in range(4):
        make_running_cost(session, make_building(session), amount=Decimal("0.10") * number, is_estimate=number == 2)
    total = cost_report(session, 2024, EVERYTHING, Grouping.BUILDING).total
    assert total.actual == session.scalar(select(func.sum(RunningCost.amount)))
    assert total.is_estimate

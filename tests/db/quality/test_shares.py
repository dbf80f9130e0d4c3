"""Shares by agency and area, money of the work list, and which building to mend next."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from estate.gis.models import BoundaryLevel
from estate.people.models import Agency
from estate.register.areas import assign_areas
from estate.register.attestation.reminders import local_today
from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide
from estate.register.models import MatchVerdict, QualityRule, Tenure
from estate.register.quality.evaluate import (
    Work,
    agency_shares,
    area_shares,
    gaps_of,
    next_to_mend,
    sound_ids,
    whole_shares,
    work_list,
)
from tests.factories import make_agency, make_area, make_building, make_interest, make_running_cost

TODAY = local_today()
YEAR = TODAY.year - 1


def only(session: Session, *codes: str) -> None:
    """Switch every rule off but these."""
    session.execute(update(QualityRule).values(is_on=QualityRule.code.in_(codes)))
    session.expire_all()


def line_of(session: Session, code: str, agency: Agency) -> Work:
    return next(line for line in work_list(session, BuildingFilters(agency_id=agency.id)) if line.rule.code == code)


def test_money_is_of_what_is_known_and_says_of_how_many(session: Session) -> None:
    agency = make_agency(session)
    for amount, is_estimate in ((Decimal(100), False), (Decimal(50), True)):
        building = make_building(session, agency=agency)
        make_running_cost(session, building, year_start=YEAR, amount=amount, is_estimate=is_estimate)
    make_building(session, agency=agency)
    line = line_of(session, "net_area", agency)
    assert (line.count, line.money, line.money_count, line.is_estimate) == (3, Decimal(150), 2, True)


def test_money_that_nobody_knows_is_unknown_not_zero(session: Session) -> None:
    agency = make_agency(session)
    make_building(session, agency=agency)
    line = line_of(session, "net_area", agency)
    assert (line.money, line.money_count, line.is_estimate) == (None, 0, False)
    assert line_of(session, "running_cost", agency).money is None


def test_a_cost_that_nobody_told_is_estimated_from_use_and_gross_area(session: Session) -> None:
    agency = make_agency(session)
    make_building(session, agency=agency, gross_internal_area_m2=Decimal(100))
    make_building(session, agency=agency, gross_internal_area_m2=Decimal(100), use_class_code="museum")
    make_building(session, agency=agency)
    line = line_of(session, "running_cost", agency)
    assert (line.money, line.money_count, line.is_estimate) == (Decimal(145 * 100 + 110 * 100), 2, True)


def test_rent_of_ended_leases_is_no_estimate(session: Session) -> None:
    agency = make_agency(session)
    building = make_building(session, agency=agency)
    make_running_cost(session, building, year_start=YEAR, is_estimate=True)
    over = {"tenure": Tenure.LEASEHOLD, "lease_end_on": TODAY - timedelta(days=1)}
    make_interest(session, building, **over, rent_per_year=Decimal(700))
    make_interest(session, building, tenure=Tenure.LEASEHOLD, rent_per_year=Decimal(900))
    line = line_of(session, "lease_ended", agency)
    assert (line.money, line.is_estimate) == (Decimal(700), False)


def test_the_most_money_times_weight_comes_first_and_kept_rules_are_left_out(session: Session) -> None:
    only(session, "uprn", "address", "net_area")
    agency = make_agency(session)
    dear = make_building(session, agency=agency, uprn="1", net_internal_area_m2=Decimal(9))
    cheap = make_building(session, agency=agency, postcode="M32 0TH", net_internal_area_m2=Decimal(9))
    make_running_cost(session, dear, year_start=YEAR, amount=Decimal(1000))
    make_running_cost(session, cheap, year_start=YEAR, amount=Decimal(10))
    found = [line.rule.code for line in work_list(session, BuildingFilters(agency_id=agency.id))]
    assert found == ["address", "uprn"]
    session.execute(update(QualityRule).where(QualityRule.code == "uprn").values(weight=10))
    session.execute(update(QualityRule).where(QualityRule.code == "address").values(weight=1))
    make_running_cost(session, cheap, year_start=YEAR, category_code="rent", amount=Decimal(991))
    session.expire_all()
    assert [line.rule.code for line in work_list(session, BuildingFilters(agency_id=agency.id))] == ["uprn", "address"]


def test_shares_count_buildings_and_rules(session: Session) -> None:
    only(session, "uprn", "areas_disagree", "record_age")
    agency = make_agency(session)
    make_building(session, agency=agency, uprn="1")
    make_building(session, agency=agency)
    make_building(session, agency=agency, gross_internal_area_m2=Decimal(1), net_internal_area_m2=Decimal(2), uprn="2")
    (row,) = agency_shares(session, BuildingFilters(agency_id=agency.id))
    assert (row.building_count, row.complete_count, row.fresh_count, row.agreeing_count) == (3, 2, 3, 2)
    assert row.good_count == 1
    assert row.share("complete") == pytest.approx(2 / 3)
    # uprn (2) asked thrice, record_age (3) thrice, areas_disagree (5) once; one uprn and the areas are broken.
    assert (row.asked_weight, row.kept_weight) == (20, 13)
    whole = whole_shares(session, BuildingFilters(agency_id=agency.id))
    assert (whole.building_count, whole.good_count, whole.score) == (3, 1, 13 / 20)


def test_no_building_and_no_rule_have_no_share(session: Session) -> None:
    empty = whole_shares(session, BuildingFilters(agency_id=make_agency(session).id))
    assert (empty.building_count, empty.share("complete"), empty.score) == (0, None, None)
    only(session)
    building = make_building(session)
    filters = BuildingFilters(agency_id=building.agency_id)
    assert work_list(session, filters) == []
    assert whole_shares(session, filters).score is None
    assert whole_shares(session, filters).share("good") == 1


def test_a_building_of_two_agencies_counts_for_each_and_once_in_all(session: Session) -> None:
    one, other = make_building(session, uprn="1"), make_building(session, uprn="1")
    decide(session, one, other, Said(MatchVerdict.SAME, "Seen", None))
    names = {row.id: row.building_count for row in agency_shares(session, BuildingFilters())}
    assert (names[one.agency_id], names[other.agency_id]) == (1, 1)
    assert whole_shares(session, BuildingFilters(text=one.name)).building_count == 1


def test_areas_of_a_level_have_their_own_shares(session: Session) -> None:
    only(session, "uprn")
    county = make_area(session, level="county", bounds=(-3, 53, -2, 54), name="Whole")
    west = make_area(session, bounds=(-2.6, 53.3, -2.4, 53.5), name="West", parent_id=county.id)
    make_area(session, bounds=(-2.2, 53.3, -2.0, 53.5), name="East, empty")
    buildings = [make_building(session, lonlat=(-2.5, 53.4), uprn=uprn) for uprn in ("1", None)]
    assign_areas(session, [building.id for building in buildings])
    rows = area_shares(session, session.get_one(BoundaryLevel, "district"), BuildingFilters())
    assert [(row.name, row.within, row.building_count, row.complete_count) for row in rows] == [("West", "Whole", 2, 1)]
    filters = BuildingFilters(area_id=west.id)
    assert work_list(session, filters)[0].count == 1


def test_the_next_building_to_mend_is_the_costliest_and_then_the_one_after(session: Session) -> None:
    agency = make_agency(session)
    cheap, dear, unknown = (make_building(session, agency=agency) for _ in range(3))
    make_running_cost(session, cheap, year_start=YEAR, amount=Decimal(1))
    make_running_cost(session, dear, year_start=YEAR, amount=Decimal(2))
    filters = BuildingFilters(agency_id=agency.id)
    assert next_to_mend(session, "uprn", filters) == dear.id
    assert next_to_mend(session, "uprn", filters, after=dear.id) == cheap.id
    assert next_to_mend(session, "uprn", filters, after=cheap.id) == unknown.id
    assert next_to_mend(session, "uprn", filters, after=unknown.id) is None
    dear.uprn = "7"
    session.flush()
    assert next_to_mend(session, "uprn", filters, after=dear.id) == cheap.id
    only(session, "address")
    assert next_to_mend(session, "uprn", filters) is None


def test_sound_buildings_are_those_that_break_no_rule(session: Session) -> None:
    only(session, "uprn", "lease_ended")
    good, bad = make_building(session, uprn="1"), make_building(session)
    found = set(session.scalars(sound_ids(session)))
    assert good.id in found
    assert bad.id not in found


def test_a_part_is_judged_with_its_building(session: Session) -> None:
    only(session, "running_cost", "net_area")
    whole = make_building(session, net_internal_area_m2=None)
    wing = make_building(session, agency=whole.agency, net_internal_area_m2=Decimal(300))
    make_running_cost(session, wing, year_start=YEAR)
    decide(session, whole, wing, Said(MatchVerdict.PART_OF, "A wing", None, part_id=wing.id))
    session.expire_all()
    (row,) = agency_shares(session, BuildingFilters(agency_id=whole.agency_id))
    assert (row.building_count, row.good_count) == (1, 1)
    assert gaps_of(session, [whole.id]) == {whole.id: []}

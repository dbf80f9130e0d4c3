"""Each rule on a building that breaks it and on one that keeps it; switching, narrowing and editing rules."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from estate.audit import history
from estate.errors import InvalidInput
from estate.register.attestation.reminders import local_today
from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide
from estate.register.models import (
    Building,
    BuildingStatus,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    MatchVerdict,
    OccupancyMethod,
    OccupancyObservation,
    QualityRule,
    Tenure,
)
from estate.register.quality.checks import CHECKS
from estate.register.quality.evaluate import gaps_of, work_list
from estate.register.quality.rules import NoSuchRule, change_rule, get_rule, list_rules
from estate.register.queries import list_buildings
from estate.register.rules import ChangedMeanwhile
from tests.factories import (
    make_agency,
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_valuation,
)

TODAY = local_today()
LONG_AGO = TODAY - timedelta(days=366 * 11)
Part = Callable[[Session, Building], Any]


def sound(session: Session, **fields: Any) -> Building:
    """An office that keeps every rule."""
    values: dict[str, Any] = {
        "uprn": "1",
        "postcode": "M32 0TH",
        "net_internal_area_m2": Decimal(800),
        "gross_internal_area_m2": Decimal(1000),
        **fields,
    }
    building = make_building(session, **values)
    make_running_cost(session, building, year_start=TODAY.year - 1, amount=Decimal(50_000))
    make_interest(session, building)
    make_occupation(session, building)
    seen: dict[str, Any] = {"building_id": building.id, "source": "test"}
    session.add(ConditionSurvey(**seen, surveyed_on=TODAY, grade="B"))
    session.add(EnergyRating(**seen, kind=EnergyKind.EPC, band="C", rated_on=TODAY))
    session.flush()
    return building


@pytest.fixture(autouse=True)
def all_on(session: Session) -> None:
    """Every rule is on, also those that are shipped switched off."""
    session.execute(update(QualityRule).values(is_on=True))


def codes(session: Session, building: Building) -> set[str]:
    return {rule.code for rule in gaps_of(session, [building.id])[building.id]}


def test_a_sound_building_breaks_no_rule_and_every_check_has_its_row(session: Session) -> None:
    assert codes(session, sound(session)) == set()
    assert {rule.code for rule in list_rules(session)} == set(CHECKS)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("net_area", {"net_internal_area_m2": None}),
        ("gross_area", {"gross_internal_area_m2": None}),
        ("location", {"lonlat": None}),
        ("uprn", {"uprn": None}),
        ("address", {"postcode": None}),
        ("areas_disagree", {"net_internal_area_m2": Decimal(1001)}),
        ("teams_outgrow", {"net_internal_area_m2": Decimal(99)}),
        ("vacant_but_used", {"status": BuildingStatus.VACANT}),
    ],
)
def test_a_fact_that_is_missing_or_wrong_breaks_its_rule_alone(
    session: Session, code: str, fields: dict[str, Any]
) -> None:
    assert codes(session, sound(session, **fields)) == {code}


def lease(**fields: Any) -> Part:
    return lambda session, building: make_interest(session, building, tenure=Tenure.LEASEHOLD, **fields)


def row(kind: type, **fields: Any) -> Part:
    return lambda session, building: session.add(kind(building_id=building.id, source="test", **fields))


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("rent", lease()),
        ("lease_ended", lease(rent_per_year=Decimal(1), lease_end_on=TODAY - timedelta(days=1))),
        ("team_size", lambda session, building: make_occupation(session, building, fte=None)),
        ("valuation_age", lambda session, building: make_valuation(session, building, valued_on=LONG_AGO)),
        ("count_age", row(OccupancyObservation, observed_on=LONG_AGO, method=OccupancyMethod.SURVEY)),
    ],
)
def test_a_part_that_is_missing_or_old_breaks_its_rule_alone(session: Session, code: str, part: Part) -> None:
    building = sound(session)
    part(session, building)
    session.flush()
    assert codes(session, building) == {code}


def test_what_nobody_told_is_missing_not_old(session: Session) -> None:
    bare = make_building(session, use_class_code=None, lonlat=None)
    make_running_cost(session, sound(session), year_start=TODAY.year - 1, category_code="water")
    missing = {"net_area", "gross_area", "running_cost", "location", "use", "uprn", "address", "tenure", "condition"}
    assert codes(session, bare) == missing
    library = make_building(session, use_class_code="library", gross_internal_area_m2=Decimal(251))
    assert {"people", "energy"} <= codes(session, library)
    small = make_building(session, use_class_code="library", gross_internal_area_m2=Decimal(250))
    assert "energy" not in codes(session, small)


def test_old_parts_are_old_by_the_months_of_the_rule(session: Session) -> None:
    building = make_building(session, status=BuildingStatus.VACANT)
    make_running_cost(session, building, year_start=TODAY.year - 5, is_estimate=True)
    session.add(
        ConditionSurvey(building_id=building.id, source="x", surveyed_on=TODAY - timedelta(days=365), grade="B")
    )
    for kind, rated_on, expires_on in (
        (EnergyKind.DEC, TODAY - timedelta(days=400), TODAY - timedelta(days=1)),
        (EnergyKind.EPC, LONG_AGO, None),
    ):
        seen = {"building_id": building.id, "source": "x", "band": "C"}
        session.add(EnergyRating(**seen, kind=kind, rated_on=rated_on, expires_on=expires_on))
    session.flush()
    found = codes(session, building)
    assert {"cost_age", "energy_age", "cost_is_actual"} <= found
    assert "condition_age" not in found
    session.execute(update(QualityRule).where(QualityRule.code == "condition_age").values(months=11))
    session.expire_all()
    assert "condition_age" in codes(session, building)


def test_a_record_nobody_touched_for_long_is_stale_until_a_part_changes(session: Session) -> None:
    building = sound(session)
    for table in ("building", "interest", "occupation", "running_cost"):
        session.connection().exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        clause = "id" if table == "building" else "building_id"
        session.connection().exec_driver_sql(
            f"UPDATE {table} SET recorded_at = now() - interval '3 years' WHERE {clause} = {building.id}"
        )
        session.connection().exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    session.connection().exec_driver_sql(
        f"UPDATE building SET changed_at = now() - interval '3 years' WHERE id = {building.id}"
    )
    session.expire_all()
    assert codes(session, building) == {"record_age"}
    make_occupation(session, building)
    assert codes(session, building) == set()


def test_merged_records_conflict_and_two_buildings_share_a_uprn(session: Session) -> None:
    one, other = sound(session), sound(session, net_internal_area_m2=Decimal(600))
    assert codes(session, one) == {"uprn_shared"}
    decide(session, one, other, Said(MatchVerdict.SAME, "Seen", None))
    session.expire_all()
    assert codes(session, one) == {"records_disagree"}
    other.net_internal_area_m2 = Decimal(790)
    session.flush()
    assert codes(session, one) == set()


def test_the_list_of_a_rule_holds_exactly_the_buildings_that_the_work_counts(session: Session) -> None:
    agency = make_agency(session)
    sound(session, agency=agency)
    for fields in ({"lonlat": None}, {"use_class_code": None}, {"status": BuildingStatus.VACANT}, {}):
        make_running_cost(session, make_building(session, agency=agency, **fields), year_start=TODAY.year - 4)
    work = work_list(session, BuildingFilters(agency_id=agency.id))
    assert len(work) > 8
    for line in work:
        page = list_buildings(session, BuildingFilters(agency_id=agency.id, gap=line.rule.code))
        assert page.count == line.count, line.rule.code
        for found in page.rows:
            assert line.rule.code in codes(session, found.building)


def test_a_rule_holds_for_its_uses_and_statuses_from_its_day_and_while_it_is_on(session: Session) -> None:
    building = sound(session, uprn=None)
    rule = get_rule(session, "uprn")
    for fields, is_broken in (
        ({"uses": ["library"]}, False),
        ({"uses": ["library", "office"]}, True),
        ({"uses": None, "statuses": ["surplus"]}, False),
        ({"statuses": ["active"]}, True),
        ({"is_on": False}, False),
        ({"is_on": True}, True),
    ):
        change_rule(session, rule, version=rule.version, actor=None, reason="Try", **fields)
        assert (codes(session, building) == {"uprn"}) is is_broken, fields
        count = list_buildings(session, BuildingFilters(gap="uprn", agency_id=building.agency_id)).count
        assert count == int(is_broken), fields
    rule.valid_from = TODAY + timedelta(days=1)
    session.flush()
    assert codes(session, building) == set()


def test_a_change_of_a_rule_keeps_what_why_and_who(session: Session) -> None:
    rule = get_rule(session, "cost_age")
    changes = change_rule(session, rule, version=rule.version, actor=None, reason=" Later ledger ", months=40, weight=3)
    assert changes == {"months": [30, 40]}
    event = history(session, "quality_rule", rule.sort)[0]
    assert (event.action, event.reason) == ("change_rule", "Later ledger")
    assert event.changes["months"] == [30, 40]
    with pytest.raises(ChangedMeanwhile):
        change_rule(session, rule, version=rule.version - 1, actor=None, reason="x", months=41)


@pytest.mark.parametrize(
    ("code", "fields", "wrong"),
    [
        ("cost_age", {"months": None}, "months"),
        ("cost_age", {"months": 601}, "months"),
        ("uprn", {"months": 12}, "months"),
        ("uprn", {"weight": 0}, "weight"),
        ("uprn", {"weight": None}, "weight"),
        ("uprn", {"title": "  "}, "title"),
        ("uprn", {"gap": ""}, "gap"),
        ("uprn", {"uses": ["castle"]}, "uses"),
        ("uprn", {"statuses": ["lost"]}, "statuses"),
        ("uprn", {"who": "\x00"}, "who"),
        ("uprn", {"code": "other"}, "code"),
    ],
)
def test_a_rule_refuses_what_it_can_not_hold(session: Session, code: str, fields: dict[str, Any], wrong: str) -> None:
    rule = get_rule(session, code)
    with pytest.raises(InvalidInput) as caught:
        change_rule(session, rule, version=rule.version, actor=None, reason="Try", **fields)
    assert wrong in caught.value.fields


def test_an_unknown_rule_is_not_found(session: Session) -> None:
    with pytest.raises(NoSuchRule):
        get_rule(session, "castle")

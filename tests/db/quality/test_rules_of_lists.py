"""A rule as a filter of the list finds the very buildings that it is broken by, whatever the register holds."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from estate.register.attestation.reminders import local_today
from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide
from estate.register.models import (
    Building,
    BuildingKind,
    BuildingListed,
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
from estate.register.quality.listed import is_cost_unknown_where_old
from estate.register.queries import list_buildings
from tests.factories import (
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_valuation,
)

TODAY = local_today()
LONG_AGO = TODAY - timedelta(days=366 * 11)
ENDED: list[dict[str, Any]] = [{}, {}, {"ended_on": TODAY, "ended_reason": "dice"}]
DATED = ("interest", "occupation", "running_cost")


def some_building(session: Session, dice: random.Random, **fields: Any) -> Building:
    """Anything that a register may know of a building, or not."""
    area = [None, Decimal(100), Decimal(300), Decimal(900)]
    values: dict[str, Any] = {
        "lonlat": dice.choice([None, (-2.0, 53.0)]),
        "uprn": dice.choice([None, "1", str(dice.randrange(10, 10**9))]),
        "postcode": dice.choice([None, "M32 0TH"]),
        "use_class_code": dice.choice([None, "office", "library", "depot"]),
        "status": dice.choice([BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.DISPOSED]),
        "net_internal_area_m2": dice.choice(area),
        "gross_internal_area_m2": dice.choice(area),
        **fields,
    }
    building = make_building(session, **values)
    for make in (some_leases, some_people, some_costs, some_surveys):
        if dice.random() < 0.7:
            make(session, dice, building)
    return building


def some_leases(session: Session, dice: random.Random, building: Building) -> None:
    for tenure in dice.sample(list(Tenure), dice.randrange(1, 3)):
        make_interest(
            session,
            building,
            tenure=tenure,
            rent_per_year=dice.choice([None, Decimal(5)]),
            lease_end_on=dice.choice([None, LONG_AGO, TODAY, TODAY + timedelta(days=900)]),
            **dice.choice(ENDED),
        )


def some_people(session: Session, dice: random.Random, building: Building) -> None:
    for number in range(dice.randrange(1, 3)):
        make_occupation(
            session,
            building,
            team=f"Team {number}",
            fte=dice.choice([None, Decimal(4)]),
            area_m2=dice.choice([None, Decimal(90), Decimal(400)]),
            **dice.choice(ENDED),
        )


def some_costs(session: Session, dice: random.Random, building: Building) -> None:
    for year in dice.choice([[TODAY.year - 6], [TODAY.year - 1], [TODAY.year - 6, TODAY.year - 1]]):
        make_running_cost(session, building, year_start=year, is_estimate=dice.random() < 0.5)


def some_surveys(session: Session, dice: random.Random, building: Building) -> None:
    told = {"building_id": building.id, "source": "dice"}
    day = dice.choice([LONG_AGO, TODAY])
    ends = dice.choice([None, LONG_AGO + timedelta(days=9), TODAY + timedelta(days=9)])
    rows = [
        ConditionSurvey(**told, surveyed_on=day, grade=dice.choice("AB")),
        EnergyRating(**told, kind=EnergyKind.EPC, band="C", rated_on=LONG_AGO, expires_on=ends),
        OccupancyObservation(**told, observed_on=day, method=OccupancyMethod.SURVEY, average=Decimal(3)),
    ]
    session.add_all(dice.sample(rows, 2))
    make_valuation(session, building, valued_on=day)


def make_old(session: Session, ids: list[int]) -> None:
    """As if nobody had touched these records for years."""
    session.flush()
    for table, clause in (("building", "id"), *((name, "building_id") for name in DATED)):
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        moved = f"UPDATE {table} SET recorded_at = now() - interval '3 years' WHERE {clause} = ANY(:ids)"
        session.execute(text(moved), {"ids": ids})
        session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    session.execute(update(Building).where(Building.id.in_(ids)).values(changed_at=text("now() - interval '3 years'")))
    session.expire_all()


def test_a_rule_filters_the_list_by_what_the_records_say(session: Session) -> None:
    dice = random.Random(5)
    session.execute(update(QualityRule).values(is_on=True))
    buildings = [some_building(session, dice) for _ in range(48)]
    parts = [
        some_building(session, dice, kind=BuildingKind.PART, parent_id=whole.id, agency=whole.agency)
        for whole in buildings[:9]
    ]
    for one, other in zip(buildings[3:12:2], buildings[12:22:2], strict=True):
        decide(session, one, other, Said(MatchVerdict.SAME, "dice", None))
    make_old(session, [record.id for record in dice.sample([*buildings, *parts], 25)])
    listed = select(BuildingListed.id).where(
        BuildingListed.kind != BuildingKind.PART, BuildingListed.status.in_(["active", "vacant", "surplus"])
    )
    gaps = gaps_of(session, list(session.scalars(listed)))
    counts = {line.rule.code: line.count for line in work_list(session, BuildingFilters())}
    for code in CHECKS:
        broken = {number for number, rules in gaps.items() if code in [rule.code for rule in rules]}
        page = list_buildings(session, BuildingFilters(gap=code), page_size=None)
        assert {row.building.id for row in page.rows} == broken, code
        assert counts.get(code, 0) == len(broken), code
    assert set(counts) == set(CHECKS)


@pytest.mark.parametrize(("newest", "is_unknown"), [(TODAY.year - 1, True), (TODAY.year - 6, False)])
def test_buildings_with_old_costs_are_sorted_by_those_of_the_list(
    session: Session, newest: int, is_unknown: bool
) -> None:
    """Where the list's year is young they have none, so their names sort them; where it is old itself, they have."""
    for number, year in enumerate((newest, newest, TODAY.year - 8, newest)):
        make_running_cost(session, make_building(session), year_start=year, amount=Decimal(number))
    assert is_cost_unknown_where_old(session) == is_unknown
    rows = list_buildings(session, BuildingFilters(gap="cost_age"), sort="-cost").rows
    assert [row.annual_cost for row in rows] == [None] if is_unknown else [3, 1, 0, None]

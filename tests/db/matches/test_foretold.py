"""What a pair's page says would change is what a decision then changes."""

import random
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide
from estate.register.matches.foretold import foretell
from estate.register.matches.members import shown_buildings
from estate.register.matches.overrides import choose_value
from estate.register.matches.pair import compare
from estate.register.models import Building, MatchVerdict, Tenure
from estate.register.queries import cost_by_building, list_buildings
from estate.register.shown import SHOWN_FIELDS
from tests.factories import (
    make_agency,
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_user,
)


def say_same(session: Session, one: Building, other: Building) -> None:
    decide(session, one, other, Said(MatchVerdict.SAME, "test", make_user(session).id))
    session.expire_all()


def make_part(session: Session, whole: Building, **fields: Any) -> Building:
    part = make_building(session, **fields)
    decide(session, whole, part, Said(MatchVerdict.PART_OF, "test", make_user(session).id, part_id=part.id))
    return part


def total(session: Session, year: int) -> Decimal:
    costs = cost_by_building(year)
    return session.scalar(select(func.coalesce(func.sum(costs.c.annual_cost), 0))) or Decimal(0)


def shown_of(session: Session, building_id: int) -> Building:
    return shown_buildings(session, [session.get_one(Building, building_id)])[0]


def make_some(session: Session, dice: random.Random) -> list[Building]:
    """Records of three agencies; the second two are one building, and some have owners, choices, costs and parts."""
    agencies = [make_agency(session) for _ in range(3)]
    found = [
        make_building(
            session,
            name=f"Name {dice.randrange(3)}",
            agency=agency,
            uprn=dice.choice([None, "11", "12"]),
            postcode=dice.choice([None, "M32 0TH"]),
            use_class_code=dice.choice([None, "library", "office"]),
            net_internal_area_m2=dice.choice([None, Decimal(100), Decimal(200)]),
        )
        for agency in [*agencies, agencies[0]]
    ]
    for building in found:
        if dice.random() < 0.4:
            make_interest(session, building, tenure=Tenure.FREEHOLD)
        make_occupation(session, building, agency_id=agencies[0].id, team=dice.choice(["Care", "care", "Roads"]))
        for year in (2023, 2024):
            payer = dice.choice(agencies).id
            is_estimate = dice.random() < 0.5
            amount = Decimal(dice.randrange(1, 900))
            make_running_cost(
                session, building, agency_id=payer, year_start=year, amount=amount, is_estimate=is_estimate
            )
    part = make_part(session, found[1], name="Basement", agency=agencies[1])
    make_running_cost(session, part, agency_id=agencies[0].id, year_start=2024, amount=Decimal(5))
    say_same(session, found[1], found[2])
    if dice.random() < 0.5:
        choose_value(session, found[1], "name", "Chosen", seen=None, actor=make_user(session).id, reason="known so")
    return found


@pytest.mark.parametrize("seed", range(8))
def test_what_is_foretold_is_what_happens(session: Session, seed: int) -> None:
    one, other = make_some(session, random.Random(seed))[:2]
    before = {name: [getattr(shown_of(session, row.id), name) for row in (one, other)] for name in SHOWN_FIELDS}
    costs = {year: total(session, year) for year in (2023, 2024)}
    told = foretell(session, one, other)
    say_same(session, one, other)
    after = shown_of(session, told.building_id)
    changes = {change.field: change for change in told.values}
    for name in SHOWN_FIELDS:
        expected = changes[name].together if name in changes else before[name][0]
        assert getattr(after, name) == expected, name
        assert (name in changes) == any(value != expected for value in before[name]), name
    for year, amount in costs.items():
        assert total(session, year) == amount - told.dropped_by_year.get(year, Decimal(0)), year


def test_a_twin_is_told_in_money_and_square_metres(session: Session) -> None:
    council, trust = make_agency(session, name="Council"), make_agency(session, name="Trust")
    fields: dict[str, Any] = {"name": "Library", "net_internal_area_m2": Decimal(400)}
    one, other = (make_building(session, agency=agency, **fields) for agency in (council, trust))
    make_running_cost(session, one, agency_id=council.id, amount=Decimal(12000))
    make_running_cost(session, other, agency_id=council.id, amount=Decimal(11500))
    make_running_cost(session, other, agency_id=trust.id, amount=Decimal(900))
    told = foretell(session, one, other)
    assert [(cost.payer, cost.counted, cost.dropped) for cost in told.twice] == [
        ("Council", Decimal(12000), Decimal(11500))
    ]
    assert told.areas["net_internal_area_m2"] == (Decimal(800), Decimal(400))
    assert not told.is_silent
    say_same(session, one, other)
    assert compare(session, one.id, other.id).foretold is None
    assert list_buildings(session, BuildingFilters()).rows[0].annual_cost == Decimal(12900)


def test_evidence_of_a_building_includes_its_parts(session: Session) -> None:
    council = make_agency(session, name="Council")
    one, other = make_building(session, agency=council), make_building(session)
    part = make_part(session, one, name="Annexe", agency=council)
    make_interest(session, part, tenure=Tenure.LEASEHOLD)
    make_occupation(session, part, team="Registrars")
    pair = compare(session, one.id, other.id)
    assert [row.id for row in pair.low.parts] == [part.id]
    assert "Registrars (Council), in Annexe" in pair.low.occupiers
    assert "Leasehold: Council, in Annexe" in pair.low.holders
    assert pair.high.parts == []

"""Sites and parts in the register: what decisions make of them, each figure once, and that undo restores."""

import random
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register.building_facts import building_facts
from estate.register.changes import retire_building
from estate.register.details import building_details
from estate.register.filters import BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.matches.decide import DecidedMeanwhile, KeptApart, PartOfItself, PartOfTwo, Said, decide, retract
from estate.register.matches.membership import rebuild
from estate.register.matches.overrides import choose_value, take_back
from estate.register.models import Building, BuildingKind, MatchDecision, MatchVerdict, Site
from estate.register.queries import count_buildings, list_buildings
from estate.register.summary import register_summary
from tests.db.matches.test_decide import register_as_text
from tests.factories import make_agency, make_building, make_occupation, make_running_cost

EVERYTHING = BuildingFilters()
SAME, SAME_SITE, DIFFERENT = MatchVerdict.SAME, MatchVerdict.SAME_SITE, MatchVerdict.DIFFERENT


def join(session: Session, one: Building, other: Building, verdict: MatchVerdict = SAME_SITE) -> MatchDecision:
    return decide(session, one, other, Said(verdict, "Seen on the ground", None))


def put_into(session: Session, part: Building, whole: Building) -> MatchDecision:
    return decide(session, part, whole, Said(MatchVerdict.PART_OF, "Seen on the ground", None, part_id=part.id))


def make_site_of(session: Session, building: Building) -> Any:
    return choose_value(session, building, "kind", "site", actor=None, reason="A whole campus", seen=None)


def cost_of(session: Session, building: Building) -> Decimal | None:
    rows = {row.building.id: row.annual_cost for row in list_buildings(session, EVERYTHING).rows}
    return rows[building.id]


def test_a_campus_with_twelve_blocks_is_one_site_with_twelve_buildings(session: Session) -> None:
    council = make_agency(session)
    campus = make_building(session, agency=council, name="Campus", gross_internal_area_m2=Decimal(9000))
    blocks = [make_building(session, agency=council, gross_internal_area_m2=Decimal(700)) for _ in range(12)]
    make_running_cost(session, campus, amount=Decimal(1000))
    for block in blocks:
        make_running_cost(session, block, amount=Decimal(80))
        make_running_cost(session, block, category_code="water", amount=Decimal(5))
        put_into(session, block, campus)
    assert {block.kind for block in blocks} == {BuildingKind.PART}
    make_site_of(session, campus)
    assert campus.kind is BuildingKind.SITE
    assert {(block.kind, block.parent_id) for block in blocks} == {(BuildingKind.BUILDING, campus.id)}
    assert {building.site_id for building in (campus, *blocks)} == {session.scalars(select(Site.id)).one()}
    summary = register_summary(session)
    assert summary.annual_cost == Decimal(1060), "energy is the site's figure, water that of the twelve blocks"
    assert session.scalar(select(func.sum(building_facts(2024, EVERYTHING).c.gross_internal_area_m2))) == 9000
    frame = buildings_frame(session, 2024, EVERYTHING)
    assert frame["gross_internal_area_m2"].sum() == 9000
    assert frame["annual_cost"].sum() == 1060
    assert count_buildings(session, BuildingFilters(kind=BuildingKind.SITE)) == 1
    assert count_buildings(session, BuildingFilters(kind=BuildingKind.BUILDING)) == 12


def test_a_part_counts_inside_its_building(session: Session) -> None:
    council, trust = make_agency(session), make_agency(session)
    hall = make_building(session, agency=council, net_internal_area_m2=Decimal(900))
    annex = make_building(session, agency=council, net_internal_area_m2=Decimal(100))
    for building, amount in ((hall, 1000), (annex, 300)):
        make_running_cost(session, building, amount=Decimal(amount))
        make_occupation(session, building, team="Planning", fte=Decimal(7))
    make_running_cost(session, annex, amount=Decimal(40), agency_id=trust.id)
    put_into(session, annex, hall)
    assert [row.building.id for row in list_buildings(session, EVERYTHING).rows] == [hall.id]
    assert cost_of(session, hall) == Decimal(1040)
    summary = register_summary(session)
    assert (summary.building_count, summary.annual_cost) == (1, Decimal(1040))
    assert summary.net_internal_area_m2 == Decimal(900)
    assert summary.fte == Decimal(7)
    parts = list_buildings(session, BuildingFilters(kind=BuildingKind.PART))
    assert [row.building.id for row in parts.rows] == [annex.id]
    assert building_details(session, annex).cost_table.total(2024) == Decimal(340), "its own page tells its own costs"


def test_the_area_of_a_building_that_nobody_measured_is_that_of_its_parts_if_all_are_known(session: Session) -> None:
    hall = make_building(session)
    wings = [make_building(session, net_internal_area_m2=Decimal(area)) for area in (100, 200)]
    for wing in wings:
        put_into(session, wing, hall)
    assert register_summary(session).net_internal_area_m2 == Decimal(300)
    wings[0].net_internal_area_m2 = None
    session.flush()
    assert register_summary(session).net_internal_area_m2 is None


def test_neighbours_make_a_site_that_ends_with_its_last_decision(session: Session) -> None:
    one, two, three = (make_building(session) for _ in range(3))
    first, second = join(session, one, two), join(session, two, three)
    site_id = one.site_id
    assert {one.site_id, two.site_id, three.site_id} == {site_id}
    assert site_id is not None
    retract(session, second, actor=None, reason="Across the road")
    assert (one.site_id, two.site_id, three.site_id) == (site_id, site_id, None)
    retract(session, first, actor=None, reason="Across the road")
    assert {one.site_id, two.site_id} == {None}
    join(session, one, two)
    assert one.site_id == site_id, "it comes back under its own number"


def test_a_named_site_keeps_its_name_when_an_older_building_joins(session: Session) -> None:
    oldest, one, two = (make_building(session) for _ in range(3))
    join(session, one, two)
    site = session.scalars(select(Site)).one()
    site.name = "The Quadrant"
    session.flush()
    join(session, oldest, one)
    assert oldest.site_id == site.id


def test_every_record_of_a_building_says_where_it_stands_and_a_retired_one_nothing(session: Session) -> None:
    low, high, other = (make_building(session) for _ in range(3))
    join(session, high, other)
    join(session, low, high, SAME)
    assert low.site_id == high.site_id == other.site_id is not None
    retire_building(session, other, version=other.version, actor=None, reason="Never was")
    assert {low.site_id, high.site_id, other.site_id} == {None}


def test_circles_and_second_wholes_are_refused_with_a_sentence_and_store_nothing(session: Session) -> None:
    one, two, three, four = (make_building(session) for _ in range(4))
    put_into(session, one, two)
    put_into(session, two, three)
    count = len(session.scalars(select(MatchDecision)).all())
    for refused, pair in ((PartOfItself, (three, one)), (PartOfTwo, (one, four))):
        with pytest.raises(refused):
            put_into(session, *pair)
    with pytest.raises(PartOfItself):
        join(session, one, three, SAME)
    put_into(session, four, three)
    with pytest.raises(PartOfTwo):
        join(session, make_part(session), one, SAME)
    assert len(session.scalars(select(MatchDecision)).all()) == count + 2
    assert (one.parent_id, one.canonical_id) == (three.id, None)


def make_part(session: Session) -> Building:
    part, whole = make_building(session), make_building(session)
    put_into(session, part, whole)
    return part


def test_a_verdict_on_what_somebody_decided_meanwhile_is_refused(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    said = Said(SAME, "Seen", None)
    first = decide(session, low, high, said, seen=None)
    with pytest.raises(DecidedMeanwhile):
        decide(session, low, high, Said(DIFFERENT, "Seen", None), seen=None)
    decide(session, low, high, Said(DIFFERENT, "Seen", None), seen=first.id)
    with pytest.raises(DecidedMeanwhile):
        decide(session, low, high, said, seen=first.id)


def test_a_choice_of_what_a_record_stands_for_is_taken_back(session: Session) -> None:
    campus, block = make_building(session), make_building(session)
    put_into(session, block, campus)
    choice = make_site_of(session, campus)
    take_back(session, choice, actor=None, reason="It is one building")
    assert (campus.kind, block.kind, campus.site_id) == (BuildingKind.BUILDING, BuildingKind.PART, None)


def test_random_decisions_taken_back_in_random_order_leave_kinds_and_sites_as_they_were(session: Session) -> None:
    chance = random.Random(5)
    buildings = [make_building(session) for _ in range(16)]
    before, made = register_as_text(session), []
    for _ in range(60):
        one, other = chance.sample(buildings, 2)
        if any({one.id, other.id} == {row.low_id, row.high_id} for row in made):
            continue
        verdict = chance.choice([SAME, SAME_SITE, SAME_SITE, MatchVerdict.PART_OF])
        part_id = one.id if verdict is MatchVerdict.PART_OF else None
        try:
            made.append(decide(session, one, other, Said(verdict, "Seen", None, part_id=part_id)))
        except (KeptApart, PartOfItself, PartOfTwo):
            continue
    merged = register_as_text(session)
    rebuild(session)
    assert register_as_text(session) == merged, "a rebuild of everything gives what step by step gave"
    assert {building.kind for building in buildings} >= {BuildingKind.PART}
    chance.shuffle(made)
    for decision in made:
        retract(session, decision, actor=None, reason="Undone")
    assert register_as_text(session) == before

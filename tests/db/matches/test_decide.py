"""Merging and unmerging: what the register shows of several records, and that taking back restores exactly."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.board.facts import facts_of
from estate.register.areas import assign_areas
from estate.register.building_facts import building_facts
from estate.register.changes import retire_building
from estate.register.details import building_details
from estate.register.filters import Attention, BuildingFilters
from estate.register.matches.decide import (
    KeptApart,
    PartOfTwo,
    RetractedAlready,
    Said,
    blockers,
    decide,
    retract,
)
from estate.register.matches.members import shown_buildings, winners
from estate.register.matches.membership import rebuild
from estate.register.matches.site_changes import leave_site
from estate.register.models import (
    Building,
    BuildingStatus,
    FixSource,
    MatchDecision,
    MatchVerdict,
)
from estate.register.queries import count_buildings, list_buildings
from estate.register.rules import ReasonMissing, Retired
from estate.register.seen import Viewer, see_as, see_everything
from estate.register.summary import register_summary
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_user,
)

EVERYTHING = BuildingFilters()


def say(session: Session, one: Building, other: Building, verdict: MatchVerdict = MatchVerdict.SAME) -> MatchDecision:
    part_id = one.id if verdict is MatchVerdict.PART_OF else None
    return decide(session, one, other, Said(verdict, "Seen on the ground", None, part_id=part_id))


def register_as_text(session: Session) -> str:
    """Every row of the register and of what is derived from it, byte for byte."""
    session.flush()
    tables = ("building", "building_area", "interest", "occupation", "running_cost")
    rows = [
        session.scalar(text(f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t"))
        for table in tables
    ]
    return "\n\n".join(rows)


def test_two_records_become_one_building_under_the_lower_id(session: Session) -> None:
    low, high = make_building(session, name="Town Hall"), make_building(session, name="Sale Town Hall")
    say(session, high, low)
    assert (low.canonical_id, high.canonical_id) == (low.id, low.id)
    assert count_buildings(session, EVERYTHING) == 1
    assert [row.building.id for row in list_buildings(session, EVERYTHING).rows] == [low.id]


def test_words_and_agencies_of_every_record_find_the_building(session: Session) -> None:
    low, high = make_building(session, name="Town Hall"), make_building(session, name="Contact Centre")
    say(session, low, high)
    for filters in (
        BuildingFilters(text="town"),
        BuildingFilters(text="contact"),
        BuildingFilters(text="town contact"),
        BuildingFilters(agency_id=low.agency_id),
        BuildingFilters(agency_id=high.agency_id),
    ):
        assert [row.building.id for row in list_buildings(session, filters).rows] == [low.id], filters


def test_a_cost_that_two_records_report_counts_once(session: Session) -> None:
    council, trust = make_agency(session), make_agency(session)
    low, high = make_building(session, agency=council), make_building(session, agency=trust)
    make_running_cost(session, low, amount=Decimal(1000), agency_id=trust.id)
    own = make_running_cost(session, high, amount=Decimal(1100), agency_id=trust.id)
    make_running_cost(session, low, amount=Decimal(70), agency_id=council.id)
    assert register_summary(session).annual_cost == Decimal(2170)
    say(session, low, high)
    assert register_summary(session).annual_cost == Decimal(1170)
    row = list_buildings(session, EVERYTHING).rows[0]
    assert row.annual_cost == Decimal(1170)
    facts = session.execute(select(building_facts(2024, EVERYTHING))).mappings().one()
    assert facts["annual_cost"] == Decimal(1170)
    details = building_details(session, low)
    assert details.cost_table.total(2024) == Decimal(1170)
    assert len(details.costs) == 3
    assert own.id not in details.uncounted
    assert len(details.uncounted) == 1


def test_an_actual_cost_goes_before_an_estimate(session: Session) -> None:
    payer = make_agency(session)
    low, high = make_building(session), make_building(session)
    make_running_cost(session, low, amount=Decimal(5), agency_id=payer.id)
    make_running_cost(session, high, amount=Decimal(7), agency_id=payer.id, is_estimate=True)
    say(session, low, high)
    assert register_summary(session).annual_cost == Decimal(5)


def test_one_agency_s_team_counts_once_and_other_agencies_teams_stay(session: Session) -> None:
    council = make_agency(session)
    low, high = make_building(session, agency=council), make_building(session)
    make_occupation(session, low, team="Planning", agency_id=council.id, fte=Decimal(10))
    make_occupation(session, high, team="planning", agency_id=council.id, fte=Decimal(12))
    make_occupation(session, high, team="Planning", fte=Decimal(3))
    say(session, low, high)
    assert register_summary(session).fte == Decimal(13)


def test_each_field_comes_from_the_record_that_wins_it(session: Session) -> None:
    now = datetime.now(UTC)
    old = make_building(
        session,
        name="Old name",
        uprn="100",
        gross_internal_area_m2=Decimal(900),
        use_class_code="office",
        changed_at=now - timedelta(days=9),
        fix_source=FixSource.POSTCODE_CENTROID,
    )
    owner = make_building(
        session, name="The owner's name", uprn="200", use_class_code=None, changed_at=now - timedelta(days=8)
    )
    make_interest(session, owner)
    newest = make_building(
        session, name="Newest name", uprn="200", gross_internal_area_m2=Decimal(950), changed_at=now, lonlat=None
    )
    say(session, old, owner)
    say(session, owner, newest)
    chosen = winners(session, old.id)
    assert chosen["name"] == owner.id
    assert chosen["uprn"] in (owner.id, newest.id)
    assert chosen["location"] == owner.id
    assert chosen["gross_internal_area_m2"] == newest.id
    shown = shown_buildings(session, [old])[0]
    assert (shown.id, shown.name, shown.uprn) == (old.id, "The owner's name", "200")
    assert shown.gross_internal_area_m2 == Decimal(950)
    assert shown.fix_source is FixSource.COORDINATES
    assert shown not in session
    facts = session.execute(select(building_facts(2024, EVERYTHING))).mappings().one()
    assert facts["gross_internal_area_m2"] == Decimal(950)


def test_a_building_lies_where_it_is_shown(session: Session) -> None:
    make_area(session, name="West", bounds=(-2.4, 53.3, -2.3, 53.5))
    east = make_area(session, name="East", bounds=(-2.3, 53.3, -2.2, 53.5))
    low = make_building(session, lonlat=None)
    high = make_building(session, lonlat=(-2.25, 53.4))
    decision = say(session, low, high)
    in_east = BuildingFilters(area_id=east.id)
    assert [row.building.id for row in list_buildings(session, in_east).rows] == [low.id]
    assert count_buildings(session, BuildingFilters(attention=Attention.NO_LOCATION)) == 0
    retract(session, decision, actor=None, reason="No")
    assert [row.building.id for row in list_buildings(session, in_east).rows] == [high.id]


@pytest.mark.parametrize("verdict", [MatchVerdict.DIFFERENT, MatchVerdict.SAME_SITE, MatchVerdict.PART_OF])
def test_a_merge_that_a_decision_forbids_is_refused_also_through_others(
    session: Session, verdict: MatchVerdict
) -> None:
    one, two, three = (make_building(session) for _ in range(3))
    say(session, one, three, verdict)
    say(session, one, two)
    with pytest.raises(KeptApart):
        say(session, two, three)
    assert blockers(session, two.id, three.id) == [(one.id, three.id)]


def test_a_new_verdict_on_a_pair_replaces_the_earlier_one(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    first = say(session, low, high, MatchVerdict.DIFFERENT)
    say(session, low, high)
    assert first.retracted_at is not None
    assert low.canonical_id == low.id


def test_unsure_and_same_site_join_nothing(session: Session) -> None:
    for verdict in (MatchVerdict.UNSURE, MatchVerdict.SAME_SITE, MatchVerdict.PART_OF):
        low, high = make_building(session), make_building(session)
        say(session, low, high, verdict)
        assert (low.canonical_id, high.canonical_id) == (None, None)


def test_a_decision_needs_a_reason_two_records_in_use_and_is_taken_back_once(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    with pytest.raises(ReasonMissing):
        decide(session, low, high, Said(MatchVerdict.SAME, "  ", None))
    decision = say(session, low, high)
    retract(session, decision, actor=None, reason="Wrong")
    with pytest.raises(RetractedAlready):
        retract(session, decision, actor=None, reason="Wrong")
    retire_building(session, high, version=high.version, actor=None, reason="Twice")
    with pytest.raises(Retired):
        say(session, low, high)


def test_a_retired_record_leaves_its_building(session: Session) -> None:
    low, high, third = (make_building(session) for _ in range(3))
    say(session, low, high)
    say(session, high, third)
    retire_building(session, low, version=low.version, actor=None, reason="Never was")
    assert low.status is BuildingStatus.RETIRED
    assert (low.canonical_id, high.canonical_id, third.canonical_id) == (None, high.id, high.id)


def test_a_decision_stands_in_the_history_of_both_records(session: Session) -> None:
    user = make_user(session)
    low, high = make_building(session), make_building(session)
    decide(session, low, high, Said(MatchVerdict.SAME, "One front door", user.id))
    events = session.scalars(select(Event).where(Event.action == "decide_match")).all()
    assert {(event.subject_id, event.actor_id, event.reason) for event in events} == {
        (low.id, user.id, "One front door"),
        (high.id, user.id, "One front door"),
    }


def test_random_merges_taken_back_in_random_order_leave_the_register_byte_for_byte(session: Session) -> None:
    chance = random.Random(3)
    make_area(session)
    buildings = [make_building(session, lonlat=(-2.39 + place / 400, 53.4)) for place in range(40)]
    for building in buildings[::2]:
        make_running_cost(session, building)
        make_interest(session, building)
        make_occupation(session, building)
    assign_areas(session)
    before = register_as_text(session)
    states, made = [before], []
    while len(made) < 40:
        one, other = chance.sample(buildings, 2)
        verdict = chance.choice([MatchVerdict.SAME] * 4 + [MatchVerdict.DIFFERENT])
        if any({one.id, other.id} == {row.low_id, row.high_id} for row in made):
            continue
        try:
            made.append(say(session, one, other, verdict))
        except KeptApart:
            continue
    merged = register_as_text(session)
    assert merged != before
    rebuild(session)
    assert register_as_text(session) == merged, "a rebuild of everything gives what step by step gave"
    chance.shuffle(made)
    for decision in made:
        retract(session, decision, actor=None, reason="Undone")
        states.append(register_as_text(session))
    assert states[-1] == before


def test_a_proposal_s_evidence_holds_what_every_record_says(session: Session) -> None:
    low, high = make_building(session), make_building(session, net_internal_area_m2=Decimal(70))
    make_interest(session, low)
    make_interest(session, high)
    payer = make_agency(session)
    for record, amount in ((low, 5), (high, 7)):
        make_running_cost(session, record, amount=Decimal(amount), agency_id=payer.id)
    say(session, low, high)
    facts = facts_of(session, [low.id])[low.id]
    assert len(facts["interests"]) == 2
    assert facts["running_cost"]["amount"] == "7"
    assert facts["net_internal_area_m2"] == "70"


@pytest.fixture
def hidden_middle(session: Session) -> tuple[Building, Building, Building]:
    """A building of a former member and of a partner, whose record is not shown to the former member, and another."""
    own = make_agency(session, is_partner=False)
    first, partners, second = (make_building(session, agency=agency) for agency in (own, make_agency(session), own))
    decide(session, first, partners, Said(MatchVerdict.SAME, "One building", None))
    return first, partners, second


def look_from_outside(session: Session, record: Building) -> None:
    see_as(session, Viewer(frozenset({record.agency_id})))
    session.expire_all()


def test_a_decision_that_its_maker_does_not_see_keeps_records_apart(
    session: Session, hidden_middle: tuple[Building, Building, Building]
) -> None:
    first, partners, second = hidden_middle
    decide(session, partners, second, Said(MatchVerdict.DIFFERENT, "Across the road", None))
    look_from_outside(session, first)
    with pytest.raises(KeptApart) as refused:
        decide(session, first, second, Said(MatchVerdict.SAME, "Looks alike", None))
    assert "not shown to you" in refused.value.message
    assert blockers(session, first.id, second.id) == [], "which record it is, is not told"
    see_everything(session)
    assert len(blockers(session, first.id, second.id)) == 1
    with pytest.raises(KeptApart, match="Take that one back first"):
        decide(session, first, second, Said(MatchVerdict.SAME, "Looks alike", None))


def test_so_does_a_whole_that_its_maker_does_not_see(
    session: Session, hidden_middle: tuple[Building, Building, Building]
) -> None:
    first, partners, second = hidden_middle
    whole = make_building(session, agency=partners.agency)
    decide(session, partners, whole, Said(MatchVerdict.PART_OF, "A wing of it", None, part_id=partners.id))
    look_from_outside(session, first)
    with pytest.raises(PartOfTwo):
        decide(session, first, second, Said(MatchVerdict.PART_OF, "A wing", None, part_id=first.id))
    see_everything(session)
    session.expire_all()
    assert first.parent_id == whole.id


def test_a_building_leaves_its_site_also_where_the_others_are_not_seen(session: Session) -> None:
    own, other = make_agency(session, is_partner=False), make_agency(session)
    desk, hall = make_building(session, agency=own), make_building(session, agency=other)
    decide(session, desk, hall, Said(MatchVerdict.SAME_SITE, "One yard", None))
    actor = make_user(session)
    look_from_outside(session, desk)
    leave_site(session, desk, actor=actor.id, reason="Across the road")
    see_everything(session)
    session.expire_all()
    assert (desk.site_id, hall.site_id) == (None, None)

"""What follows from all records alike is worked out with everybody's eyes, and tells nobody what they may not see."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.board.facts import facts_of
from estate.people.models import Agency
from estate.register.changes import retire_building
from estate.register.filters import BuildingFilters
from estate.register.listed import verify
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.members import shown_buildings
from estate.register.matches.overrides import FromRecord, choose_value
from estate.register.models import Building, BuildingListed, FieldOverride, MatchVerdict, Sensitivity
from estate.register.queries import list_buildings
from estate.register.seen import Viewer, see_as, see_everything
from estate.register.sensitivity import change_field_level, change_sensitivity
from tests import factories


@pytest.fixture
def police(session: Session) -> Agency:
    return factories.make_agency(session, name="Police")


@pytest.fixture
def council(session: Session) -> Agency:
    return factories.make_agency(session, name="Council")


def join(session: Session, one: Building, other: Building, verdict: MatchVerdict = MatchVerdict.SAME) -> None:
    decide(session, one, other, Said(verdict, "Seen", None))


def partner(agency: Agency) -> Viewer:
    return Viewer(frozenset({agency.id}), is_partner=True)


def restrict(session: Session, building: Building, level: Sensitivity) -> None:
    session.refresh(building)
    change_sensitivity(session, building, level, version=building.version, actor=None, reason="Asked for")


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_a_choice_of_what_a_record_said_ends_with_its_being_shown(
    session: Session, council: Agency, police: Agency, level: Sensitivity
) -> None:
    """The council chose the police's name for the building that both report; then the police restrict their record."""
    depot = factories.make_building(session, agency=council, name="Depot", postcode="M32 0TH")
    suite = factories.make_building(session, agency=police, name="Custody suite", postcode="ZQ9 9ZQ")
    join(session, depot, suite)
    for field in ("name", "postcode"):
        choose_value(session, depot, field, FromRecord(suite.id), actor=None, reason="Ours is old", seen=None)
    assert shown_buildings(session, [depot])[0].name == "Custody suite"
    restrict(session, suite, level)
    for viewer in (partner(council), Viewer(frozenset({council.id}))):
        see_as(session, viewer)
        session.expire_all()
        assert [row.building.name for row in list_buildings(session, BuildingFilters()).rows] == ["Depot"]
        assert list_buildings(session, BuildingFilters(text="custody")).count == 0
        row = session.scalars(select(BuildingListed)).one()
        assert (row.name_key, row.postcode) == ("depot", "M32 0TH")
        assert choices_in_force(session, [depot.id]) == {}
        assert session.scalars(select(FieldOverride)).all() == []
        told = session.scalars(select(Event).where(Event.subject_id == depot.id))
        assert not [event.action for event in told if "Custody" in str(event.changes) or "ZQ9" in str(event.changes)]
    see_everything(session)
    assert not verify(session)
    restrict(session, suite, Sensitivity.PARTNER)
    assert shown_buildings(session, [depot])[0].name == "Custody suite", "it holds again when the record is shown"


def test_a_site_is_worked_out_with_everybody_s_eyes(session: Session, council: Agency, police: Agency) -> None:
    """Somebody who sees one building of a site of three retires it: the two that they do not see stay on it."""
    cells = factories.make_building(session, agency=police)
    hall, depot = (factories.make_building(session, agency=council) for _ in range(2))
    join(session, cells, hall, MatchVerdict.SAME_SITE)
    join(session, hall, depot, MatchVerdict.SAME_SITE)
    see_as(session, Viewer(frozenset({police.id})))
    session.expire_all()
    own = session.get_one(Building, cells.id)
    retire_building(session, own, version=own.version, actor=None, reason="Never was")
    see_everything(session)
    session.expire_all()
    assert (cells.site_id, hall.site_id == depot.site_id is not None) == (None, True)
    assert not verify(session)


def test_a_building_is_taken_apart_with_everybody_s_eyes(session: Session, council: Agency, police: Agency) -> None:
    """A decision between two records that its maker sees, while a third of the same building is not shown to them."""
    one, two = (factories.make_building(session, agency=police) for _ in range(2))
    hidden = factories.make_building(session, agency=council)
    join(session, one, hidden)
    decision = decide(session, one, two, Said(MatchVerdict.SAME, "Seen", None))
    see_as(session, Viewer(frozenset({police.id})))
    session.expire_all()
    retract(session, decision, actor=None, reason="Two houses")
    see_everything(session)
    session.expire_all()
    assert (one.canonical_id, hidden.canonical_id, two.canonical_id) == (one.id, one.id, None)
    assert not verify(session)


def test_another_value_can_be_chosen_in_place_of_one_that_is_not_shown_any_more(
    session: Session, council: Agency, police: Agency
) -> None:
    depot = factories.make_building(session, agency=council, name="Depot")
    suite = factories.make_building(session, agency=police, name="Custody suite")
    join(session, depot, suite)
    choose_value(session, depot, "name", FromRecord(suite.id), actor=None, reason="Ours is old", seen=None)
    restrict(session, suite, Sensitivity.SECRET)
    see_as(session, partner(council))
    session.expire_all()
    choose_value(session, depot, "name", "New Depot", actor=None, reason="Ours is old", seen=None)
    assert shown_buildings(session, [depot])[0].name == "New Depot"
    see_everything(session)
    restrict(session, suite, Sensitivity.PARTNER)
    assert shown_buildings(session, [depot])[0].name == "New Depot", "the newer choice holds"


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_no_evidence_of_a_board_holds_costs_that_agencies_keep_back(
    session: Session, council: Agency, level: Sensitivity
) -> None:
    """What becomes of a candidate for disposal, too: its facts are those that every agency may see."""
    building = factories.make_building(session, agency=council)
    factories.make_running_cost(session, building, amount=Decimal(4711))
    factories.make_valuation(session, building)
    assert facts_of(session, [building.id])[building.id]["running_cost"]["amount"] == "4711"
    for code in ("running_cost", "valuation"):
        today = date.today()  # noqa: DTZ011  (a local calendar day)
        change_field_level(session, code, level, valid_from=today, actor=None, reason="Tender")
    see_as(session, partner(council))
    facts = facts_of(session, [building.id])[building.id]
    assert (facts["running_cost"], facts["valuation"]) == (None, None), "not even where its own agency asks"

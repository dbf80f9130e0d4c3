"""An agency steps back: past decisions stand, what rests on its data is flagged, and no right outlives the day."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.board import errors
from estate.board.boards import add_member, find_seat, held_seats, list_past_seats, list_seats
from estate.board.decisions import cast_vote, decide, submit, tally
from estate.board.models import VoteChoice
from estate.board.snapshots import is_intact
from estate.board.stepping_back import consequences_of, step_back, take_back
from estate.errors import InvalidInput
from estate.exports.disposals import disposals_table, list_candidates
from estate.people.models import Role
from estate.people.programme_members import join
from estate.proposals.build import problem_for
from estate.proposals.departures import departures_of
from estate.proposals.models import ProposalStatus, RunStatus
from estate.proposals.options import Options
from tests import factories
from tests.db.programmes.conftest import Partnership, stay_of


def leave(session: Session, partnership: Partnership, *, later: bool = False) -> None:
    day = partnership.later if later else partnership.today
    step_back(session, stay_of(session, partnership.police), left_on=day, reason="Merging", actor=None)


def test_the_preview_says_what_will_happen_and_changes_nothing(session: Session, partnership: Partnership) -> None:
    stay = stay_of(session, partnership.police)
    found = consequences_of(session, stay, partnership.later)
    assert (found.building_count, found.user_count) == (1, 1)
    assert [proposal.id for proposal in found.proposals] == [partnership.proposal.id]
    assert [decision.id for decision in found.decisions] == [partnership.decision.id]
    assert [seat.user_id for seat in found.seats] == [partnership.officer.id]
    assert (found.running, found.boards_without_chair) == ([], [])
    assert (stay.left_on, len(list_seats(session, partnership.board))) == (None, 2)
    with pytest.raises(InvalidInput):
        consequences_of(session, stay, partnership.today - timedelta(days=1))


def test_its_seats_end_with_a_reason_and_votes_stand(session: Session, partnership: Partnership) -> None:
    leave(session, partnership)
    assert [seat.user_id for seat in list_seats(session, partnership.board)] == [partnership.chair.id]
    [past] = list_past_seats(session, partnership.board)
    assert (past.user_id, past.left_reason) == (partnership.officer.id, "Police stepped back: Merging")
    assert tally(session, partnership.decision).in_favour == 2
    assert is_intact(partnership.decision)
    assert partnership.proposal.status is ProposalStatus.APPROVED


def test_before_the_day_seats_hold_and_taking_it_back_leaves_no_trace(
    session: Session, partnership: Partnership
) -> None:
    leave(session, partnership, later=True)
    assert find_seat(session, partnership.board.id, partnership.officer.id) is not None
    [seat] = held_seats(session, partnership.officer.id)
    assert seat.left_at is not None
    take_back(session, stay_of(session, partnership.police), reason="Stays", actor=None)
    assert (seat.left_at, seat.left_reason, seat.left_with_id) == (None, "", None)
    assert departures_of(session, [partnership.proposal]) == {}
    actions = session.scalars(select(Event.action).where(Event.subject_type == "proposal").order_by(Event.id))
    assert list(actions)[-2:] == ["agency_steps_back", "agency_stays"]


def test_a_chair_who_comes_back_does_not_unseat_the_next(session: Session, partnership: Partnership) -> None:
    officer = find_seat(session, partnership.board.id, partnership.officer.id)
    assert officer is not None
    officer.is_chair = True
    leave(session, partnership, later=True)
    officer.is_chair = False
    add_member(session, partnership.board, factories.make_user(session), actor=None, is_chair=True)
    officer.is_chair = True
    take_back(session, stay_of(session, partnership.police), reason="Stays", actor=None)
    assert sum(seat.is_chair for seat in list_seats(session, partnership.board)) == 1


def test_somebody_who_works_for_a_partner_too_keeps_the_seat(session: Session, partnership: Partnership) -> None:
    factories.make_membership(session, user=partnership.officer, role=Role.BOARD_MEMBER, agency=partnership.council)
    leave(session, partnership)
    assert find_seat(session, partnership.board.id, partnership.officer.id) is not None


def test_no_right_outlives_the_day_even_where_a_seat_was_left_open(session: Session, partnership: Partnership) -> None:
    """The classic fault: a seat given meanwhile, which no stepping back has ended."""
    leave(session, partnership)
    seat = list_past_seats(session, partnership.board)[0]
    seat.left_at, seat.is_chair = None, True
    session.flush()
    assert find_seat(session, partnership.board.id, partnership.officer.id) is None
    assert held_seats(session, partnership.officer.id) == []
    with pytest.raises(errors.NotAPartner, match="Officer works for no agency that takes part"):
        add_member(session, partnership.board, partnership.officer, actor=None)
    proposal = factories.make_finished_proposal(session, area=partnership.area)
    decision = submit(session, proposal, partnership.board, actor=None)
    with pytest.raises(errors.NotOnThisBoard):
        cast_vote(session, decision, actor=partnership.officer.id, choice=VoteChoice.FOR)
    with pytest.raises(errors.NotTheChair):
        decide(session, decision, actor=partnership.officer.id, approve=True, reason="x")


def test_what_rests_on_its_data_is_flagged_until_it_comes_back(session: Session, partnership: Partnership) -> None:
    proposals = [partnership.proposal]
    assert departures_of(session, proposals) == {}
    leave(session, partnership)
    [departure] = departures_of(session, proposals)[partnership.proposal.id]
    assert (departure.agency_id, departure.is_past) == (partnership.police.id, True)
    assert (departure.building_count, departure.team_count) == (1, 1)
    assert departure.uses == "1 of its buildings and 1 of its teams"
    assert departure.event.startswith("Police stepped back from this programme on ")
    join(session, partnership.programme, partnership.police, actor=None)
    assert departures_of(session, proposals) == {}


def test_an_announced_departure_is_flagged_too(session: Session, partnership: Partnership) -> None:
    leave(session, partnership, later=True)
    [departure] = departures_of(session, [partnership.proposal])[partnership.proposal.id]
    assert not departure.is_past
    assert "will step back" in departure.event


@pytest.mark.parametrize("status", [ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN])
def test_what_is_over_is_not_flagged(session: Session, partnership: Partnership, status: ProposalStatus) -> None:
    leave(session, partnership)
    partnership.proposal.status = status
    session.flush()
    assert departures_of(session, [partnership.proposal]) == {}
    assert consequences_of(session, stay_of(session, partnership.police), partnership.today).proposals == []


def test_a_proposal_of_others_is_not_touched(session: Session, partnership: Partnership) -> None:
    own = factories.make_finished_proposal(session, area=partnership.area, emptied=[partnership.hall])
    leave(session, partnership)
    assert own.id not in departures_of(session, [own, partnership.proposal])


def test_a_run_at_work_is_told(session: Session, partnership: Partnership) -> None:
    running = factories.make_proposal(
        session, area=partnership.area, run_status=RunStatus.RUNNING, objective=None, finished_at=None
    )
    found = step_back(
        session, stay_of(session, partnership.police), left_on=partnership.today, reason="Merging", actor=None
    )
    assert found.running == [running]
    assert departures_of(session, [running])[running.id][0].building_count == 1


def test_new_proposals_leave_its_buildings_and_its_teams_alone(session: Session, partnership: Partnership) -> None:
    for building in (partnership.hall, partnership.station):
        factories.make_running_cost(session, building)
        building.net_internal_area_m2 = 300
    factories.make_occupation(session, partnership.hall, team="Desk", agency_id=partnership.police.id)
    session.flush()
    before = problem_for(session, partnership.area, Options(), partnership.programme)
    assert {building.name for building in before.buildings} == {"Hall", "Station"}
    leave(session, partnership)
    after = problem_for(session, partnership.area, Options(), partnership.programme)
    [hall] = after.buildings
    assert (hall.name, hall.may_close, hall.may_close_rule) == ("Hall", False, "others_work_in_it")
    assert hall.may_close_reason == "a team of Police works in it, which takes no part in this programme"
    assert [(team.name, team.use) for team in after.teams] == [("Desk", "")]


def test_candidates_of_a_flagged_decision_stay_marked(session: Session, partnership: Partnership) -> None:
    [before] = list_candidates(session)
    assert before.own_departure is None
    leave(session, partnership)
    [candidate] = list_candidates(session, programme_id=partnership.programme.id)
    assert candidate.own_departure is not None
    assert "Police stepped back from this programme" in candidate.constraints[0]
    table = disposals_table([candidate])
    assert table.rows[0]["AgencySteppedBack"] == partnership.today
    assert any(note.startswith("Police stepped back") for note in table.notes)
    assert list_candidates(session, programme_id=factories.make_programme(session).id) == []


def test_a_board_of_another_programme_takes_no_proposal(session: Session, partnership: Partnership) -> None:
    elsewhere = factories.make_board(session, programme=factories.make_programme(session))
    proposal = factories.make_finished_proposal(session, area=partnership.area)
    with pytest.raises(errors.OtherProgramme):
        submit(session, proposal, elsewhere, actor=None)

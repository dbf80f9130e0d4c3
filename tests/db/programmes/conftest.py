"""A partnership of two agencies and an approved proposal that rests on both of them."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from estate.board.decisions import cast_vote, decide, submit
from estate.board.models import Board, Decision, VoteChoice
from estate.gis.models import Area
from estate.people.models import Agency, Role, User
from estate.people.programme_members import list_stays_of
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import today_of
from estate.proposals.models import Proposal
from estate.register.areas import assign_areas
from estate.register.models import Building
from tests import factories


@dataclass
class Partnership:
    """The rows that these tests are about."""

    programme: Programme
    council: Agency
    police: Agency
    hall: Building
    station: Building
    area: Area
    board: Board
    chair: User
    officer: User
    """A board member who works for the police only."""
    proposal: Proposal
    decision: Decision
    today: date

    @property
    def later(self) -> date:
        """A day to come."""
        return self.today + timedelta(days=30)


def stay_of(session: Session, agency: Agency) -> ProgrammeMember:
    """The agency's one stay."""
    [stay] = list_stays_of(session, agency)
    return stay


@pytest.fixture
def partnership(session: Session) -> Partnership:
    """The board approved to empty the police station; both its members voted."""
    factories.make_place(session)
    area = factories.make_area(session)
    council = factories.make_agency(session, name="Council")
    police = factories.make_agency(session, name="Police", kind_code="police")
    hall = factories.make_building(session, name="Hall", agency=council, lonlat=(-2.31, 53.4))
    station = factories.make_building(session, name="Station", agency=police)
    assign_areas(session)
    board = factories.make_board(session, area=area)
    chair, officer = factories.make_user(session, name="Chair"), factories.make_user(session, name="Officer")
    factories.make_membership(session, user=chair, role=Role.BOARD_MEMBER, agency=council)
    factories.make_membership(session, user=officer, role=Role.BOARD_MEMBER, agency=police)
    factories.make_seat(session, board, user=chair, is_chair=True)
    factories.make_seat(session, board, user=officer)
    proposal = factories.make_finished_proposal(session, area=area, emptied=[station])
    decision = submit(session, proposal, board, actor=None)
    for user in (chair, officer):
        cast_vote(session, decision, actor=user.id, choice=VoteChoice.FOR)
    decide(session, decision, actor=chair.id, approve=True, reason="Agreed.")
    first = factories.first_programme(session)
    people = (chair, officer, proposal, decision)
    return Partnership(first, council, police, hall, station, area, board, *people, today_of(session))

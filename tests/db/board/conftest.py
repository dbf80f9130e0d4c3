"""A board with a chair and two members, and a proposal it can decide on."""

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from estate.board.models import Board
from estate.people.models import User
from estate.proposals.models import Proposal
from tests import factories


@dataclass
class Scene:
    """Who and what the tests of the board are about."""

    board: Board
    chair: User
    members: list[User]
    proposal: Proposal


@pytest.fixture
def scene(session: Session) -> Scene:
    """A district's board of three and a finished proposal for a ward of that district."""
    factories.make_place(session)
    district = factories.make_area(session)
    ward = factories.make_area(session, level="ward", parent=district)
    board = factories.make_board(session, area=district)
    chair = factories.make_seat(session, board, is_chair=True).user
    members = [factories.make_seat(session, board).user for _ in range(2)]
    return Scene(board, chair, members, factories.make_finished_proposal(session, area=ward))

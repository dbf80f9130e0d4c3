"""The factories make rows that the database takes."""

from sqlalchemy.orm import Session

from tests import factories


def test_finished_proposal(session: Session) -> None:
    proposal = factories.make_finished_proposal(session)
    assert proposal.id
    board = factories.make_board(session, area=proposal.area)
    assert factories.make_seat(session, board, is_chair=True).user.name
    building = factories.make_building(session, lonlat=None)
    assert building.location is None
    factories.make_running_cost(session, building)
    factories.make_valuation(session, building)
    factories.make_interest(session, building)
    membership = factories.make_membership(session)
    assert membership.user.memberships == [membership]

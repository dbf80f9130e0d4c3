"""Boards, their seats, and for which areas they decide."""

import pytest
from sqlalchemy.orm import Session

from estate.audit import history
from estate.board import errors
from estate.board.boards import (
    add_member,
    covers,
    create_board,
    end_seat,
    find_seat,
    get_board,
    list_boards,
    list_boards_for,
    list_seats,
)
from estate.errors import InvalidInput
from tests import factories


def test_create(session: Session) -> None:
    area = factories.make_area(session)
    board = create_board(session, actor=None, name="  Trafford   Board ", area=area)
    assert (board.name, board.area) == ("Trafford Board", area)
    assert list_boards(session) == [board]
    assert get_board(session, board.id) is board
    assert history(session, "board", board.id)[0].action == "create_board"


@pytest.mark.parametrize("name", ["trafford board", "TRAFFORD  BOARD"])
def test_names_differ(session: Session, name: str) -> None:
    create_board(session, actor=None, name="Trafford Board")
    with pytest.raises(errors.BoardNameTaken) as caught:
        create_board(session, actor=None, name=name)
    assert "name" in caught.value.fields


def test_a_name_is_needed(session: Session) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_board(session, actor=None, name=" \t")
    assert caught.value.fields == {"name": "Enter the board's name"}


def test_one_chair_at_a_time(session: Session) -> None:
    board = factories.make_board(session)
    first, second = factories.make_user(session, name="Ann"), factories.make_user(session, name="Bob")
    add_member(session, board, first, actor=None, is_chair=True)
    add_member(session, board, second, actor=None, is_chair=True)
    assert [(seat.user.name, seat.is_chair) for seat in list_seats(session, board)] == [("Bob", True), ("Ann", False)]


def test_a_seat_ends_and_is_given_back(session: Session) -> None:
    board, user = factories.make_board(session), factories.make_user(session)
    seat = add_member(session, board, user, actor=None)
    with pytest.raises(errors.AlreadyOnBoard):
        add_member(session, board, user, actor=None)
    end_seat(session, seat, actor=None, reason="Left the council.")
    assert find_seat(session, board.id, user.id) is None
    with pytest.raises(errors.SeatHasEnded):
        end_seat(session, seat, actor=None)
    assert add_member(session, board, user, actor=None) is seat
    assert find_seat(session, board.id, user.id) is seat
    actions = [event.action for event in history(session, "board", board.id)]
    assert actions == ["add_board_member", "end_board_seat", "add_board_member"]


def test_which_areas_a_board_decides_for(session: Session) -> None:
    county = factories.make_area(session, level="county", bounds=(-3, 53, -2, 54))
    district = factories.make_area(session, level="district", bounds=(-2.6, 53.2, -2.2, 53.6), parent=county)
    ward = factories.make_area(session, level="ward", bounds=(-2.5, 53.3, -2.4, 53.4), parent=district)
    unlinked = factories.make_area(session, level="ward", bounds=(-2.4, 53.3, -2.3, 53.4))
    elsewhere = factories.make_area(session, level="ward", bounds=(0.0, 51.0, 0.1, 51.1))
    half_out = factories.make_area(session, level="ward", bounds=(-2.3, 53.3, -2.1, 53.4))
    board = factories.make_board(session, area=district)
    anywhere = factories.make_board(session)
    assert [covers(session, board, area) for area in (district, ward, unlinked)] == [True, True, True]
    assert [covers(session, board, area) for area in (county, elsewhere, half_out)] == [False, False, False]
    assert list_boards_for(session, elsewhere) == [anywhere]
    assert list_boards_for(session, ward) == [board, anywhere]


@pytest.mark.parametrize("number", [0, -1, 10**6, 2**63])
def test_no_such_board(session: Session, number: int) -> None:
    with pytest.raises(errors.NoSuchBoard):
        get_board(session, number)

"""When a boundary is replaced, boards and programmes go on with the area in its place."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from estate.board.areas import choose_successor, follow_areas, has_ended, successors_of
from estate.board.errors import AreaIsInForce
from estate.gis.models import Area
from estate.register.programmes import cover, covered_areas
from tests.factories import first_programme, make_area, make_board

BOUNDS = (-2.4, 53.3, -2.2, 53.5)


def end(session: Session, area: Area) -> None:
    area.valid_until = date(2026, 1, 1)
    session.flush()


def test_a_board_follows_the_area_of_the_same_code(session: Session) -> None:
    old = make_area(session, code="E1", bounds=BOUNDS)
    board, programme = make_board(session, area=old), first_programme(session)
    cover(session, programme, [old], actor=None)
    end(session, old)
    new = make_area(session, code="E1", bounds=BOUNDS, valid_from=date(2026, 1, 1))
    found = follow_areas(session, actor=None)
    assert (found.moved, found.left) == ([board.name, programme.name], [])
    assert board.area is new
    assert covered_areas(session, programme) == [new]
    assert follow_areas(session, actor=None).moved == []


def test_a_board_whose_area_went_says_so_until_somebody_chooses(session: Session) -> None:
    old = make_area(session, code="E1", bounds=BOUNDS)
    board = make_board(session, area=old)
    with pytest.raises(AreaIsInForce):
        choose_successor(session, board, old, actor=None)
    end(session, old)
    west = make_area(session, code="E2", bounds=(-2.4, 53.3, -2.25, 53.5))
    east = make_area(session, code="E3", bounds=(-2.25, 53.3, -2.2, 53.5))
    make_area(session, code="E4", bounds=(-2.2, 53.3, -2.1, 53.5))
    assert follow_areas(session, actor=None).left == [board.name]
    assert has_ended(board)
    offered = successors_of(session, old)
    assert [one.area for one in offered] == [west, east]
    assert [round(one.share, 2) for one in offered] == [0.75, 0.25]
    choose_successor(session, board, west, actor=None)
    assert not has_ended(board)
    assert board.area is west

"""Boards and who sits on them. Seats end, they are not deleted: old votes keep their voter."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from geoalchemy2.functions import ST_Area, ST_Intersection, ST_Transform
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from estate.audit import record
from estate.board.errors import (
    AlreadyOnBoard,
    BoardNameTaken,
    NoSuchBoard,
    NoSuchSeat,
    NotAPartner,
    SeatHasEnded,
)
from estate.board.models import Board, BoardMember
from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.people.models import Membership, User
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import programme_for, takes_part
from estate.settings import get_settings

INSIDE_RATIO = 0.99
"""Share of a proposal's area that must lie in the board's: generalised borders of two sources never match exactly."""


def list_boards(session: Session, programme_id: int | None = None) -> Sequence[Board]:
    """Every board by name, or those of one programme."""
    query = select(Board).order_by(Board.name)
    if programme_id is not None:
        query = query.where(Board.programme_id == programme_id)
    return session.scalars(query).unique().all()


def get_board(session: Session, board_id: int) -> Board:
    """The board. Raises `NoSuchBoard`."""
    board = session.get(Board, board_id) if 0 < board_id < 2**63 else None
    if board is None:
        raise NoSuchBoard
    return board


def create_board(
    session: Session, *, actor: int | None, name: str, area: Area | None = None, programme: Programme | None = None
) -> Board:
    """A new board without members, of `programme` or the only one there is. `area` None: it decides everywhere."""
    name = " ".join(name.split())
    if not name:
        raise InvalidInput(fields={"name": "Enter the board's name"})
    if session.scalar(select(Board.id).where(func.lower(Board.name) == name.lower())):
        raise BoardNameTaken
    board = Board(name=name, area=area, programme=programme_for(session, programme))
    session.add(board)
    session.flush()
    changes = {"name": [None, name], "area": [None, area.name if area else None]}
    record(session, actor=actor, action="create_board", subject_type="board", subject_id=board.id, changes=changes)
    return board


def list_seats(session: Session, board: Board) -> Sequence[BoardMember]:
    """The seats held today: the chair first, then by name."""
    query = select(BoardMember).join(BoardMember.user).where(BoardMember.board_id == board.id, *_held())
    return session.scalars(query.order_by(BoardMember.is_chair.desc(), User.name)).unique().all()


def find_seat(session: Session, board_id: int, user_id: int | None) -> BoardMember | None:
    """The seat that an active user holds on the board today; None where there is none."""
    query = select(BoardMember).join(BoardMember.user).where(BoardMember.board_id == board_id, *_held())
    return session.scalars(query.where(BoardMember.user_id == user_id)).unique().one_or_none()


def get_seat(session: Session, board: Board, seat_id: int) -> BoardMember:
    """A seat of this board, held today or not. Raises `NoSuchSeat`."""
    seat = session.get(BoardMember, seat_id) if 0 < seat_id < 2**63 else None
    if seat is None or seat.board_id != board.id:
        raise NoSuchSeat
    return seat


def add_member(
    session: Session, board: Board, user: User, *, actor: int | None, is_chair: bool = False, reason: str = ""
) -> BoardMember:
    """Give `user` a seat, or the seat back that they held before. A new chair takes the place of the old one.

    Raises `NotAPartner` for somebody who works only for agencies that take no part in the board's programme.
    """
    seat = session.scalar(select(BoardMember).where(BoardMember.board_id == board.id, BoardMember.user_id == user.id))
    if seat is not None and seat.is_chair == is_chair and find_seat(session, board.id, user.id) is not None:
        raise AlreadyOnBoard(f"{user.name} sits on this board already.")
    if works_only_elsewhere(session, user, board.programme_id):
        raise NotAPartner(f"{user.name} works for no agency that takes part in {board.programme.name}.")
    if is_chair:
        for other in list_seats(session, board):
            other.is_chair = False
    if seat is None:
        seat = BoardMember(board_id=board.id, user_id=user.id)
        session.add(seat)
    seat.is_chair, seat.left_at, seat.left_reason, seat.left_with_id = is_chair, None, "", None
    session.flush()
    _record_seat(session, "add_board_member", seat, actor, reason, {"is_chair": [None, is_chair]})
    return seat


def end_seat(session: Session, seat: BoardMember, *, actor: int | None, reason: str = "") -> None:
    """Take the seat away from now on; votes cast before stand."""
    if seat.left_at is not None and seat.left_at <= datetime.now(UTC):
        raise SeatHasEnded
    seat.left_at, seat.left_reason = datetime.now(UTC), reason.strip()
    session.flush()
    _record_seat(session, "end_board_seat", seat, actor, reason, {"left_at": [None, seat.left_at]})


def _record_seat(
    session: Session, action: str, seat: BoardMember, actor: int | None, reason: str, changes: dict[str, object]
) -> None:
    changes = {"user_id": seat.user_id, **changes}
    subject = {"subject_type": "board", "subject_id": seat.board_id}
    record(session, actor=actor, action=action, reason=reason, changes=changes, **subject)  # type: ignore[arg-type]


def _held() -> tuple[ColumnElement[bool], ...]:
    """The seats held now: not ended, of an active user, who works for an agency that still takes part.

    Somebody without any role, such as an account made for a test of the votes, represents nobody and keeps the seat;
    no page lets them vote.
    """
    is_lasting = or_(BoardMember.left_at.is_(None), BoardMember.left_at > func.clock_timestamp())
    of_board = select(Board.programme_id).where(Board.id == BoardMember.board_id)
    programme = of_board.correlate(BoardMember).scalar_subquery()
    return is_lasting, User.is_active.is_(True), ~_works_only_elsewhere(BoardMember.user_id, programme)


def _works_only_elsewhere(user_id: Any, programme_id: Any) -> ColumnElement[bool]:
    """The user has a role today, and none for an agency that takes part in the programme."""
    roles = select(Membership.id).where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    stays = select(ProgrammeMember.agency_id).where(ProgrammeMember.programme_id == programme_id, takes_part())
    return and_(roles.exists(), ~roles.where(Membership.agency_id.in_(stays)).exists())


def works_only_elsewhere(session: Session, user: User, programme_id: int) -> bool:
    """True where every agency for which the user has a role takes no part in the programme."""
    return bool(session.scalar(select(_works_only_elsewhere(user.id, programme_id))))


def held_seats(session: Session, user_id: int) -> Sequence[BoardMember]:
    """The seats that a user holds today, on any board."""
    query = select(BoardMember).join(BoardMember.user).where(BoardMember.user_id == user_id, *_held())
    return session.scalars(query).unique().all()


def list_past_seats(session: Session, board: Board) -> Sequence[BoardMember]:
    """Seats that ended, the latest first, and those of users whose agencies no longer take part."""
    held = select(BoardMember.id).join(BoardMember.user).where(*_held())
    query = select(BoardMember).where(BoardMember.board_id == board.id, BoardMember.id.not_in(held))
    return session.scalars(query.order_by(BoardMember.left_at.desc().nulls_last(), BoardMember.id)).unique().all()


def list_boards_for(session: Session, area: Area, programme_id: int | None = None) -> list[Board]:
    """The boards (of one programme) that may decide on a proposal for `area`, that of the smallest area first."""
    boards = [board for board in list_boards(session, programme_id) if covers(session, board, area)]
    return sorted(boards, key=lambda board: -board.area.level.rank if board.area else 0)


def covers(session: Session, board: Board, area: Area) -> bool:
    """True when the board decides everywhere, or `area` is, descends from, or lies inside the board's area."""
    if board.area is None or board.area.id == area.id:
        return True
    above = area.parent
    while above is not None:
        if above.id == board.area.id:
            return True
        above = above.parent
    return _share_inside(session, area, board.area) >= INSIDE_RATIO


def _share_inside(session: Session, inner: Area, outer: Area) -> float:
    srid = get_settings().metric_srid
    shape = select(Area.geometry).where(Area.id == inner.id).scalar_subquery()
    around = select(Area.geometry).where(Area.id == outer.id).scalar_subquery()
    common = ST_Area(ST_Transform(ST_Intersection(shape, around), srid))
    share = session.scalar(select(common / func.nullif(ST_Area(ST_Transform(shape, srid)), 0)))
    return float(share or 0)

"""Boards and who sits on them. Seats end, they are not deleted: old votes keep their voter."""

from collections.abc import Sequence
from datetime import UTC, datetime

from geoalchemy2.functions import ST_Area, ST_Intersection, ST_Transform
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from estate.audit import record
from estate.board.errors import AlreadyOnBoard, BoardNameTaken, NoSuchBoard, NoSuchSeat, SeatHasEnded
from estate.board.models import Board, BoardMember
from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.people.models import User
from estate.settings import get_settings

INSIDE_RATIO = 0.99
"""Share of a proposal's area that must lie in the board's: generalised borders of two sources never match exactly."""


def list_boards(session: Session) -> Sequence[Board]:
    """Every board by name."""
    return session.scalars(select(Board).order_by(Board.name)).unique().all()


def get_board(session: Session, board_id: int) -> Board:
    """The board. Raises `NoSuchBoard`."""
    board = session.get(Board, board_id) if 0 < board_id < 2**63 else None
    if board is None:
        raise NoSuchBoard
    return board


def create_board(session: Session, *, actor: int | None, name: str, area: Area | None = None) -> Board:
    """A new board without members. `area` None: it decides everywhere."""
    name = " ".join(name.split())
    if not name:
        raise InvalidInput(fields={"name": "Enter the board's name"})
    if session.scalar(select(Board.id).where(func.lower(Board.name) == name.lower())):
        raise BoardNameTaken
    board = Board(name=name, area=area)
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
    """Give `user` a seat, or the seat back that they held before. A new chair takes the place of the old one."""
    seat = session.scalar(select(BoardMember).where(BoardMember.board_id == board.id, BoardMember.user_id == user.id))
    if seat is not None and seat.left_at is None and seat.is_chair == is_chair:
        raise AlreadyOnBoard(f"{user.name} sits on this board already.")
    if is_chair:
        for other in list_seats(session, board):
            other.is_chair = False
    if seat is None:
        seat = BoardMember(board_id=board.id, user_id=user.id)
        session.add(seat)
    seat.is_chair, seat.left_at = is_chair, None
    session.flush()
    _record_seat(session, "add_board_member", seat, actor, reason, {"is_chair": [None, is_chair]})
    return seat


def end_seat(session: Session, seat: BoardMember, *, actor: int | None, reason: str = "") -> None:
    """Take the seat away from now on; votes cast before stand."""
    if seat.left_at is not None:
        raise SeatHasEnded
    seat.left_at = datetime.now(UTC)
    session.flush()
    _record_seat(session, "end_board_seat", seat, actor, reason, {"left_at": [None, seat.left_at]})


def _record_seat(
    session: Session, action: str, seat: BoardMember, actor: int | None, reason: str, changes: dict[str, object]
) -> None:
    changes = {"user_id": seat.user_id, **changes}
    subject = {"subject_type": "board", "subject_id": seat.board_id}
    record(session, actor=actor, action=action, reason=reason, changes=changes, **subject)  # type: ignore[arg-type]


def _held() -> tuple[ColumnElement[bool], ...]:
    return BoardMember.left_at.is_(None), User.is_active.is_(True)


def list_boards_for(session: Session, area: Area) -> list[Board]:
    """The boards that may decide on a proposal for `area`, that of the smallest area first."""
    boards = [board for board in list_boards(session) if covers(session, board, area)]
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

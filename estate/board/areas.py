"""What follows when boundaries change: boards and programmes go on with the area that took the place of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoalchemy2.functions import ST_Area, ST_Intersection, ST_Transform
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session, defer

from estate.audit import record
from estate.board.errors import AreaIsInForce
from estate.board.models import Board
from estate.gis.models import Area
from estate.people.programme_models import Programme
from estate.register.models import ProgrammeArea
from estate.settings import get_settings

LEAST_SHARE = 0.01
"""Of the ended area's ground: what overlaps by less only shares a border with it."""


@dataclass(frozen=True)
class Successor:
    """An area in force on the ground of one that ended."""

    area: Area
    share: float
    """Part of the ended area's ground that it holds, 0 to 1."""


@dataclass(frozen=True)
class Followed:
    """What `follow_areas` did."""

    moved: list[str]
    """Names of boards and programmes that have the successor of their area now."""
    left: list[str]
    """Names of those whose area ended without one of the same code: somebody must choose."""


def follow_areas(session: Session, *, actor: int | None) -> Followed:
    """Give boards and programmes the area in force that has the level and code of theirs, where theirs has ended.

    To be called after boundaries were loaded; a second call does nothing more.
    """
    moved, left = [], []
    for board in _ended(session, select(Board).join(Board.area)):
        successor = _same_code(session, board.area) if board.area else None
        if successor is None:
            left.append(board.name)
        else:
            change_area(session, board, successor, actor=actor, reason="Its boundary was replaced")
            moved.append(board.name)
    for row in _ended(session, select(ProgrammeArea).join(ProgrammeArea.area)):
        programme, successor = session.get_one(Programme, row.programme_id), _same_code(session, row.area)
        if successor is None:
            left.append(programme.name)
        else:
            _replace_covered(session, row, successor, actor)
            moved.append(programme.name)
    return Followed(moved, left)


def has_ended(board: Board) -> bool:
    """True where the board's area is no longer in force: proposals are made for areas in force only."""
    return board.area is not None and board.area.valid_until is not None


def successors_of(session: Session, area: Area) -> list[Successor]:
    """The areas in force of the same level on the ground of `area`, the largest share first."""
    srid = get_settings().metric_srid
    ended = select(Area.geometry).where(Area.id == area.id).scalar_subquery()
    ground = ST_Area(ST_Transform(ended, srid))
    common = ST_Area(ST_Transform(ST_Intersection(Area.geometry, ended), srid)) / func.nullif(ground, 0)
    query = select(Area, common).options(defer(Area.geometry))
    query = query.where(Area.level_code == area.level_code, Area.valid_until.is_(None))
    rows = session.execute(query.where(func.ST_Intersects(Area.geometry, ended)).order_by(common.desc())).unique()
    return [Successor(found, float(share)) for found, share in rows if share is not None and share >= LEAST_SHARE]


def choose_successor(session: Session, board: Board, area: Area, *, actor: int | None) -> None:
    """Let a board whose area ended decide for `area`. Raises `AreaIsInForce` where it has not ended."""
    session.refresh(board, with_for_update={"of": Board})
    if not has_ended(board):
        raise AreaIsInForce
    change_area(session, board, area, actor=actor, reason="Chosen as the successor of an area that ended")


def change_area(session: Session, board: Board, area: Area, *, actor: int | None, reason: str) -> None:
    """Let the board decide for another area."""
    before = board.area.name if board.area else None
    changes = {"area": [before, area.name], "area_id": [board.area_id, area.id]}
    board.area = area
    session.flush()
    subject = {"subject_type": "board", "subject_id": board.id}
    record(session, actor=actor, action="change_board_area", reason=reason, changes=changes, **subject)  # type: ignore[arg-type]


def _ended(session: Session, query: Select[Any]) -> Sequence[Any]:
    return session.scalars(query.where(Area.valid_until.is_not(None))).unique().all()


def _same_code(session: Session, area: Area) -> Area | None:
    query = select(Area).where(Area.level_code == area.level_code, Area.code == area.code, Area.valid_until.is_(None))
    return session.scalars(query).unique().one_or_none()


def _replace_covered(session: Session, row: ProgrammeArea, successor: Area, actor: int | None) -> None:
    programme_id, before = row.programme_id, row.area
    session.expunge(row)
    ended = (ProgrammeArea.programme_id == programme_id, ProgrammeArea.area_id == before.id)
    session.execute(delete(ProgrammeArea).where(*ended))
    session.execute(insert(ProgrammeArea).values(programme_id=programme_id, area_id=successor.id))
    record(
        session,
        actor=actor,
        action="change areas",
        subject_type="programme",
        subject_id=programme_id,
        reason="Its boundary was replaced",
        changes={"area_id": [before.id, successor.id]},
    )

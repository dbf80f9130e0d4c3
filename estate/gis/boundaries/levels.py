"""Boundary levels: rows, first stored from `data/boundaries/levels.toml`."""

import tomllib
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.gis.boundaries.errors import UnknownLevel
from estate.gis.models import BoundaryLevel
from estate.settings import ROOT

LEVELS_PATH = ROOT / "data" / "boundaries" / "levels.toml"


def read_levels(path: Path = LEVELS_PATH) -> list[BoundaryLevel]:
    """The levels that the file lists, largest areas first."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["level"]
    return sorted((BoundaryLevel(**row) for row in rows), key=lambda level: level.rank)


def store_levels(session: Session) -> None:
    """Store the listed levels that the database lacks. Levels that are there stay as they are."""
    known = set(session.scalars(select(BoundaryLevel.code)))
    session.add_all(level for level in read_levels() if level.code not in known)
    session.flush()


def list_levels(session: Session) -> list[BoundaryLevel]:
    """All levels, largest areas first."""
    return list(session.scalars(select(BoundaryLevel).order_by(BoundaryLevel.rank)))


def get_level(session: Session, code: str) -> BoundaryLevel:
    """The level `code`; raises `UnknownLevel`, naming the levels there are."""
    level = session.get(BoundaryLevel, code)
    if level is None:
        codes = ", ".join(level.code for level in list_levels(session))
        raise UnknownLevel(f"There is no boundary level “{code}”. Use one of: {codes}.")
    return level

"""Keeping the stored sums of areas: working out anew what changed, and checking them against the register (ADR 40)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.gis.models import Area
from estate.register.area_statistics import area_sums
from estate.register.area_sums import STORED_SOURCES, any_of, buildings_inside, marked_ids
from estate.register.building_facts import building_facts
from estate.register.filters import BuildingFilters
from estate.register.models import AreaSum, BuildingArea, RunningCost, area_sum_mark
from estate.register.sums import SUMS

SUM_TASK = "areas.sum"
FEW = 0.1
"""Up to this part of the areas their buildings are looked up; beyond, all are added up."""
LOCK = text("SELECT pg_advisory_xact_lock(1296125540)")
COLUMNS = tuple(name for name in SUMS if name in AreaSum.__table__.c)


@dataclass(frozen=True)
class Difference:
    """A stored sum that holds, by its marks, and is not what the register gives."""

    area_id: int
    year_start: int
    name: str
    stored: Any
    right: Any


def perform_sums() -> None:
    """What the worker does every minute."""
    with make_session.begin() as session:
        refresh(session)


def refresh(session: Session) -> int:
    """Work out the sums of every area and year that is marked or has none yet; gives how many.

    One at a time. Marks that are stored meanwhile stay for the next time; nobody waits for this.
    """
    session.flush()
    session.execute(LOCK)
    session.execute(update(area_sum_mark).where(~area_sum_mark.c.is_taken).values(is_taken=True))
    count = 0
    for year_start in _years(session):
        area_ids = list(session.scalars(_stale(year_start)))
        if area_ids:
            _store(session, year_start, area_ids)
            count += len(area_ids)
    session.execute(delete(area_sum_mark).where(area_sum_mark.c.is_taken))
    return count


def rebuild(session: Session) -> int:
    """Work out every sum anew; gives how many areas and years there are."""
    session.execute(insert(area_sum_mark).values(area_id=None))
    return refresh(session)


def verify(session: Session) -> list[Difference]:
    """Every stored sum that holds and differs from the register."""
    session.flush()
    found = []
    for year_start in _years(session):
        right = {row.area_id: row for row in session.execute(_live(year_start, None))}
        marked = marked_ids(year_start, with_restricted=False)
        stored = select(*AreaSum.__table__.c).join(Area, Area.id == AreaSum.area_id)
        stored = stored.where(AreaSum.year_start == year_start, AreaSum.area_id.not_in(marked))
        for row in session.execute(stored.where(Area.valid_until.is_(None)).order_by(AreaSum.area_id)):
            for name in COLUMNS:
                live = getattr(right.get(row.area_id), name, 0 if name.endswith("_count") else None)
                if getattr(row, name) != live:
                    found.append(Difference(row.area_id, year_start, name, getattr(row, name), live))
    return found


def _years(session: Session) -> list[int]:
    """Financial years with any cost, and those with stored sums."""
    years = select(RunningCost.year_start).union(select(AreaSum.year_start))
    return sorted(session.scalars(years))


def _stale(year_start: int) -> Select[Any]:
    """Ids of the areas in force that are marked, or have no sums of the year."""
    marked = marked_ids(year_start, with_restricted=False)
    has = select(AreaSum.area_id).where(AreaSum.year_start == year_start)
    return select(Area.id).where(Area.valid_until.is_(None), Area.id.in_(marked) | Area.id.not_in(has))


def _live(year_start: int, area_ids: list[int] | None) -> Select[Any]:
    """One row an area with any building, of every level: `area_id` and `COLUMNS`."""
    inside = None if area_ids is None else buildings_inside(area_ids)
    facts = building_facts(year_start, BuildingFilters(), STORED_SOURCES, building_ids=inside)
    lying = select(BuildingArea.area_id, *facts.c).join(facts, BuildingArea.building_id == facts.c.building_id)
    placed = lying.subquery("placed")
    return select(placed.c.area_id, *area_sums(placed)).group_by(placed.c.area_id)


def _store(session: Session, year_start: int, area_ids: list[int]) -> None:
    every = session.scalar(select(func.count()).select_from(Area).where(Area.valid_until.is_(None))) or 0
    live = _live(year_start, area_ids if len(area_ids) <= every * FEW else None).subquery("live")
    sums = [
        func.coalesce(live.c[name], 0) if name.endswith("_count") else live.c[name]
        for name in COLUMNS
    ]  # fmt: skip
    session.execute(delete(AreaSum).where(AreaSum.year_start == year_start, AreaSum.area_id == any_of(area_ids)))
    rows = (
        select(Area.id, literal(year_start), *sums)
        .outerjoin(live, live.c.area_id == Area.id)
        .where(Area.id == any_of(area_ids))
    )
    session.execute(insert(AreaSum).from_select(["area_id", "year_start", *COLUMNS], rows))

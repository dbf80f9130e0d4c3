"""Which area of each level a building lies in: derived from its location, and rebuilt when either changes."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, case, cast, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.gis.small_areas.place import place_small_areas
from estate.register import listed
from estate.register.models import Building, BuildingArea
from estate.register.seen import unseen
from estate.register.shown import is_building, shown
from estate.register.sql_arrays import as_array


def assign_areas(
    session: Session, building_ids: Collection[int] | None = None, *, new_ids: Collection[int] = ()
) -> int:
    """Rebuild the areas in force of these buildings and of `new_ids`, or of all; gives how many memberships there are.

    `new_ids` are buildings that this transaction added: they have no areas yet and belong to no other building.

    A building lies where it is shown: where one of its records moved, its own areas follow. One on the border of two
    areas of one level belongs to the one with the lower id.
    What lists read of these buildings follows, so this also ends whatever wrote them with SQL of its own.
    """
    with unseen(session):
        return _assign(session, building_ids, new_ids)


def _assign(session: Session, building_ids: Collection[int] | None, new_ids: Collection[int]) -> int:
    session.flush()
    inside = areas_of_buildings()
    if building_ids is None:
        session.execute(delete(BuildingArea))
    else:
        stood = _with_their_buildings(session, building_ids) if building_ids else []
        if stood:
            session.execute(delete(BuildingArea).where(BuildingArea.building_id == _any_of(stood)))
        inside = inside.where(Building.id == _any_of([*stood, *new_ids]))
    stored = session.execute(insert(BuildingArea).from_select(["building_id", "area_id"], inside))
    listed.refresh(session, None if building_ids is None else [*building_ids, *new_ids])
    if building_ids is None:
        listed.place_past(session)
        place_small_areas(session)
    return stored.rowcount  # type: ignore[attr-defined,no-any-return,unused-ignore]


def areas_of_buildings() -> Select[int, int]:
    """A query for each building and record with the areas in force that it lies in, at most one of each level."""
    place = case((is_building(), shown(Building.location)), else_=Building.location)
    return (
        select(Building.id, Area.id.label("area_id"))
        .join(Area, func.ST_Covers(Area.geometry, place))
        .where(Area.valid_until.is_(None), place.is_not(None))
        .order_by(Building.id, Area.level_code, Area.id)
        .ext(distinct_on(Building.id, Area.level_code))
    )


def _any_of(ids: Collection[int]) -> Any:
    """One array instead of a parameter each: an import asks for a hundred thousand."""
    return func.any(cast(literal(as_array(ids)), ARRAY(BigInteger)))


def _with_their_buildings(session: Session, record_ids: Collection[int]) -> list[int]:
    """These records, and the buildings that others of them belong to."""
    moved = Building.id == _any_of(record_ids)
    heads = select(Building.canonical_id).where(moved, Building.canonical_id.is_not(None))
    return sorted({*record_ids, *session.scalars(heads)})

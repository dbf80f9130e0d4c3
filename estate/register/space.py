"""What the register knows of a building's space: workstations, what its teams take, the standard for its use."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.register.models import Building, Occupation, SpaceStandard
from estate.register.occupancy import Space, Standard
from estate.register.shown import counts_in_building


def space_of(session: Session, building: Building, record_ids: Collection[int], on: date) -> Space:
    """The space of `building`, by all its records, with the standard in force on a day."""
    query = (
        select(
            func.count(),
            func.count(Occupation.workstations),
            func.sum(Occupation.workstations),
            func.count(Occupation.area_m2),
            func.sum(Occupation.area_m2),
        )
        .select_from(Occupation)
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.building_id.in_(record_ids), Occupation.ended_on.is_(None), counts_in_building(Occupation))
    )
    count, with_desks, desks, with_area, area = session.execute(query).one()
    return Space(
        workstations=int(desks) if desks is not None and with_desks == count else None,
        net_area_m2=building.net_internal_area_m2,
        occupied_m2=Decimal(area) if area is not None and with_area == count else None,
        standard=_standard(session, building.use_class_code, on),
    )


def _standard(session: Session, use_class_code: str | None, on: date) -> Standard | None:
    query = (
        select(SpaceStandard)
        .where(SpaceStandard.use_class_code == use_class_code, SpaceStandard.valid_from <= on)
        .order_by(SpaceStandard.valid_from.desc())
        .limit(1)
    )
    found = session.scalars(query).unique().first()
    return Standard(found.m2_per_fte, found.valid_from, found.source) if found else None

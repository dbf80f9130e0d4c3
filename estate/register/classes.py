"""Classes of assets: which are left out of the everyday register, and what stands in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from estate.register.filters import class_conditions
from estate.register.models import AssetClass, Building, BuildingListed, UseClass


def left_out_uses() -> Select[Any]:
    """Codes of the uses whose class is left out unless somebody asks for it."""
    left_out = select(AssetClass.code).where(~AssetClass.is_usual)
    return select(UseClass.code).where(UseClass.asset_class_code.in_(left_out))


def is_usual(record: Any = Building) -> ColumnElement[bool]:
    """True for a record of a usual class by its own use, and for one of unknown use."""
    return or_(record.use_class_code.is_(None), record.use_class_code.not_in(left_out_uses()))


def list_left_out(session: Session) -> Sequence[AssetClass]:
    """The classes that are left out unless somebody asks for them, in their order."""
    return session.scalars(
        select(AssetClass).where(~AssetClass.is_usual).order_by(AssetClass.sort, AssetClass.code)
    ).all()


def held_classes(session: Session) -> Sequence[AssetClass]:
    """Of these classes, those of which the register holds something."""
    holds = exists().where(~BuildingListed.is_usual, BuildingListed.asset_class_code == AssetClass.code)
    query = select(AssetClass).where(~AssetClass.is_usual, holds)
    return session.scalars(query.order_by(AssetClass.sort, AssetClass.code)).all()


def list_patches(session: Session, class_code: str, agency_id: int | None) -> list[str]:
    """The management patches of a class, or of one landlord in it, by name."""
    row = BuildingListed
    query = select(row.management_patch).where(*class_conditions(class_code), row.management_patch.is_not(None))
    if agency_id is not None:
        query = query.where(row.agency_id == agency_id)
    return [patch for patch in session.scalars(query.distinct().order_by(row.management_patch)) if patch]

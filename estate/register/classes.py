"""Classes of assets: which are left out of the everyday register, and what stands in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from estate.register.models import AssetClass, Building, UseClass


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

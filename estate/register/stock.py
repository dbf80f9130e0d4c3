"""The stock of a class that is left out of everyday lists, such as housing: how much each landlord holds, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.models import Building, BuildingListed, BuildingStatus, UseClass
from estate.register.programmes import Scope


@dataclass(frozen=True)
class Holding:
    """What one landlord holds in one patch, or in all."""

    agency_id: int
    landlord: str
    patch: str | None
    """None: its landlord names no patch, or the holding is that of all patches."""
    unit_count: int
    """Homes, where the class is housing."""
    in_block_count: int
    """Of these, in a block."""
    vacant_count: int
    block_count: int
    patch_count: int = 0
    """Patches that are named; of a whole landlord only."""
    no_patch_count: int = 0
    """Units and blocks without one."""


def holdings(session: Session, class_code: str, scope: Scope | None, agency_id: int | None = None) -> Sequence[Holding]:
    """What each landlord, or one, holds in each patch of what is in use: by both names, unknown patches last."""
    row = BuildingListed
    filters = BuildingFilters(class_code=class_code, agency_id=agency_id, scope=scope)
    is_block = func.coalesce(UseClass.is_block, false())
    query = (
        select(
            row.agency_id,
            Agency.name.label("landlord"),
            row.management_patch.label("patch"),
            func.count().filter(~is_block).label("unit_count"),
            func.count().filter(~is_block, Building.parent_id.is_not(None)).label("in_block_count"),
            func.count().filter(~is_block, row.status == BuildingStatus.VACANT).label("vacant_count"),
            func.count().filter(is_block).label("block_count"),
        )
        .join(Building, Building.id == row.id)
        .join(Agency, Agency.id == row.agency_id)
        .outerjoin(UseClass, UseClass.code == row.use_class_code)
        .where(*listed_conditions(filters))
        .group_by(row.agency_id, Agency.name, row.management_patch)
        .order_by(func.lower(Agency.name), row.agency_id, func.lower(row.management_patch).nulls_last())
    )
    return [Holding(**found._mapping) for found in session.execute(query)]


def by_landlord(found: Iterable[Holding]) -> list[Holding]:
    """The same, each landlord in one row, in the order in which they come."""
    groups: dict[int, list[Holding]] = {}
    for holding in found:
        groups.setdefault(holding.agency_id, []).append(holding)
    return [together(group) for group in groups.values()]


def together(found: Sequence[Holding], landlord: str = "") -> Holding:
    """Several holdings as one; of one landlord, or of all of them under the name `landlord`."""
    unnamed = [holding for holding in found if holding.patch is None]
    return Holding(
        found[0].agency_id if found else 0,
        landlord or (found[0].landlord if found else ""),
        None,
        sum(holding.unit_count for holding in found),
        sum(holding.in_block_count for holding in found),
        sum(holding.vacant_count for holding in found),
        sum(holding.block_count for holding in found),
        patch_count=sum(holding.patch is not None for holding in found),
        no_patch_count=sum(holding.unit_count + holding.block_count for holding in unnamed),
    )

"""What each agency pays against what its share would be, by floor area or by head count, over many buildings."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.register.allocation import PENNY, Allocation, Method, Occupier, allocate
from estate.register.cost_lines import CostFilters, cost_lines
from estate.register.models import Building, Occupation
from estate.register.shown import canonical_id, counts_once, shown

MOST_BUILDINGS = 50_000


class TooManyBuildings(InvalidInput):
    """Shares are worked out building by building, for at most 50,000 at a time. Choose an area or an agency."""


@dataclass
class AgencyShare:
    """One agency over all buildings. GBP."""

    pays: Decimal = Decimal(0)
    share: Decimal = Decimal(0)
    pays_count: int = 0
    """Buildings of which it pays something."""
    share_count: int = 0
    """Buildings of which it has a share."""
    unknown_count: int = 0
    """Buildings where it sits and its share is unknown."""

    @property
    def difference(self) -> Decimal | None:
        """What it pays less its share; None where its share of some building is unknown."""
        return None if self.unknown_count else self.pays - self.share


@dataclass
class Shares:
    """All agencies, and what could not be shared out. `allocated` and `unallocated` add up to `total`."""

    method: Method
    agencies: dict[int, AgencyShare] = field(default_factory=lambda: defaultdict(AgencyShare))
    total: Decimal = Decimal(0)
    unallocated: Decimal = Decimal(0)
    building_count: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    """How many buildings lack what, in words."""
    over_full_count: int = 0
    is_estimate: bool = False
    """Some cost is an estimate, or was apportioned by months."""
    open_count: int = 0
    """Costs left out, because a year that they need is unknown."""
    details: dict[int, Allocation] = field(default_factory=dict)
    """Each building's own allocation."""

    @property
    def allocated(self) -> Decimal:
        """What could be shared out."""
        return self.total - self.unallocated


def cost_shares(
    session: Session, year_start: int, filters: CostFilters, method: Method, factor: Decimal = Decimal(1)
) -> Shares:
    """Who pays and whose it would be, of the costs of one financial year, by who sits there on the day of reading.

    `factor` brings the amounts to other prices before they are shared out. Raises `TooManyBuildings`.
    """
    lines = cost_lines(year_start, filters)
    query = select(
        lines.c.building_id, lines.c.agency_id, func.sum(lines.c.actual), func.bool_or(lines.c.is_estimate),
        func.bool_or(lines.c.is_apportioned), func.count().filter(lines.c.is_open),
    )  # fmt: skip
    query = query.group_by(lines.c.building_id, lines.c.agency_id)
    if (session.scalar(select(func.count(lines.c.building_id.distinct()))) or 0) > MOST_BUILDINGS:
        raise TooManyBuildings
    shares = Shares(method)
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for building_id, agency_id, amount, is_estimate, is_apportioned, open_count in session.execute(query):
        shares.open_count += open_count
        if amount is None:
            continue
        pays = (amount * factor).quantize(PENNY, ROUND_HALF_UP)
        shares.agencies[agency_id].pays += pays
        shares.agencies[agency_id].pays_count += 1
        shares.is_estimate |= is_estimate or is_apportioned
        amounts[building_id] += pays
    _share_out(session, shares, amounts)
    return shares


def _share_out(session: Session, shares: Shares, amounts: dict[int, Decimal]) -> None:
    occupiers, areas = _occupiers(session, list(amounts)), _areas(session, list(amounts))
    for building_id, amount in amounts.items():
        found = allocate(amount, occupiers[building_id], shares.method, areas.get(building_id))
        shares.details[building_id] = found
        shares.building_count += 1
        shares.total += amount
        shares.unallocated += found.unallocated
        shares.missing.update(found.missing)
        shares.over_full_count += found.is_over_full
        for agency_id, share in found.shares.items():
            shares.agencies[agency_id].share += share
            shares.agencies[agency_id].share_count += 1
        for agency_id in found.unknown_ids:
            shares.agencies[agency_id].unknown_count += 1


def _occupiers(session: Session, building_ids: list[int]) -> dict[int, list[Occupier]]:
    """What each agency takes of each building; None where that of one of its teams is unknown."""

    def known(column: Any) -> ColumnElement[Any]:
        return case((func.count() == func.count(column), func.sum(column)))

    query = (
        select(canonical_id(), Occupation.agency_id, known(Occupation.area_m2), known(Occupation.fte))
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counts_once(Occupation), canonical_id().in_(building_ids))
        .group_by(canonical_id(), Occupation.agency_id)
        .order_by(Occupation.agency_id)
    )
    found: dict[int, list[Occupier]] = defaultdict(list)
    for building_id, agency_id, area_m2, fte in session.execute(query):
        found[building_id].append(Occupier(agency_id, area_m2, fte))
    return found


def _areas(session: Session, building_ids: list[int]) -> dict[int, Decimal | None]:
    query = select(Building.id, shown(Building.net_internal_area_m2)).where(Building.id.in_(building_ids))
    return {row[0]: row[1] for row in session.execute(query)}

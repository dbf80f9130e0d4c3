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
from estate.register.shown import counted_area, counted_id, counts_once

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
    compared_pays: Decimal = Decimal(0)
    compared_share: Decimal = Decimal(0)
    """Both over the buildings of which every occupier's share is known."""
    compared_count: int = 0

    @property
    def difference(self) -> Decimal | None:
        """What it pays less its share, over the buildings that can be compared; None where there are none."""
        return self.compared_pays - self.compared_share if self.compared_count else None


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
    paid: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for building_id, agency_id, amount, is_estimate, is_apportioned, open_count in session.execute(query):
        shares.open_count += open_count
        if amount is None:
            continue
        pays = (amount * factor).quantize(PENNY, ROUND_HALF_UP)
        shares.agencies[agency_id].pays += pays
        shares.agencies[agency_id].pays_count += 1
        shares.is_estimate |= is_estimate or is_apportioned
        paid[building_id][agency_id] = pays
    _share_out(session, shares, paid)
    return shares


def _share_out(session: Session, shares: Shares, paid: dict[int, dict[int, Decimal]]) -> None:
    """`paid` is GBP by building and agency."""
    occupiers, areas = _occupiers(session, list(paid)), _areas(session, list(paid))
    for building_id, payments in paid.items():
        amount = sum(payments.values(), Decimal(0))
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
        if found.shares and not found.unknown_ids:
            _compare(shares.agencies, payments, found.shares)


def _compare(agencies: dict[int, AgencyShare], payments: dict[int, Decimal], shares: dict[int, Decimal]) -> None:
    """Set what each agency pays for one building against its share; who sits there and pays nothing is compared too."""
    for agency_id in {*payments, *shares}:
        one = agencies[agency_id]
        one.compared_pays += payments.get(agency_id, Decimal(0))
        one.compared_share += shares.get(agency_id, Decimal(0))
        one.compared_count += 1


def _occupiers(session: Session, building_ids: list[int]) -> dict[int, list[Occupier]]:
    """What each agency takes of each building; None where that of one of its teams is unknown."""

    def known(column: Any) -> ColumnElement[Any]:
        return case((func.count() == func.count(column), func.sum(column)))

    query = (
        select(counted_id(), Occupation.agency_id, known(Occupation.area_m2), known(Occupation.fte))
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counts_once(Occupation), counted_id().in_(building_ids))
        .group_by(counted_id(), Occupation.agency_id)
        .order_by(Occupation.agency_id)
    )
    found: dict[int, list[Occupier]] = defaultdict(list)
    for building_id, agency_id, area_m2, fte in session.execute(query):
        found[building_id].append(Occupier(agency_id, area_m2, fte))
    return found


def _areas(session: Session, building_ids: list[int]) -> dict[int, Decimal | None]:
    query = select(Building.id, counted_area(Building.net_internal_area_m2)).where(Building.id.in_(building_ids))
    return {row[0]: row[1] for row in session.execute(query)}

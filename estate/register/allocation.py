"""What each occupier's share of a building's cost would be, by floor area or by head count: pure, to the penny."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

PENNY = Decimal("0.01")


class Method(enum.Enum):
    """How a cost is shared out. The two give different shares: a page says which it shows."""

    AREA = "area"
    """Each pays for the floor it takes, of the whole net internal area; what nobody takes stays unallocated."""
    HEADS = "heads"
    """Each pays for its full-time equivalents, of all who sit there; nothing stays unallocated."""


@dataclass(frozen=True)
class Occupier:
    """What one agency takes of a building. None where some team's is unknown."""

    agency_id: int
    area_m2: Decimal | None
    fte: Decimal | None


@dataclass(frozen=True)
class Allocation:
    """An amount shared out: `shares` and `unallocated` add up to it, to the penny."""

    shares: dict[int, Decimal] = field(default_factory=dict)
    """GBP by agency. An agency whose floor or staff is unknown is not in it: its share is unknown, not 0."""
    unallocated: Decimal = Decimal(0)
    missing: tuple[str, ...] = ()
    """What would have to be known, in words; empty where nothing is missing."""
    is_over_full: bool = False
    """True where the occupiers take more floor than the building has, so that they share by what they take."""
    unknown_ids: tuple[int, ...] = ()
    """Agencies whose share is unknown."""


def allocate(
    amount: Decimal, occupiers: list[Occupier], method: Method, net_internal_area_m2: Decimal | None
) -> Allocation:
    """Share `amount` (GBP) out between the occupiers.

    By area, of the net internal area; an agency whose own area is unknown has no share and what would be its part
    stays unallocated. By heads, of all staff: where those of one agency are unknown, nobody's part can be told.
    """
    if not occupiers:
        return Allocation(unallocated=amount, missing=("who sits in the building",))
    if method is Method.AREA:
        return _by_area(amount, occupiers, net_internal_area_m2)
    unknown = tuple(occupier.agency_id for occupier in occupiers if occupier.fte is None)
    known = {occupier.agency_id: occupier.fte for occupier in occupiers if occupier.fte is not None}
    total = sum(known.values(), Decimal(0))
    if unknown or not total:
        missing = ("the staff (FTE) of every team",) if unknown else ("staff of more than 0 FTE",)
        ids = unknown or tuple(known)
        return Allocation(unallocated=amount, missing=missing, unknown_ids=ids)
    return Allocation(split(amount, known, total))


def _by_area(amount: Decimal, occupiers: list[Occupier], whole: Decimal | None) -> Allocation:
    unknown = tuple(occupier.agency_id for occupier in occupiers if occupier.area_m2 is None)
    if whole is None:
        ids = tuple(occupier.agency_id for occupier in occupiers)
        missing = ("the building's net internal area", *(("the area of every team",) if unknown else ()))
        return Allocation(unallocated=amount, missing=missing, unknown_ids=ids)
    known = {occupier.agency_id: occupier.area_m2 for occupier in occupiers if occupier.area_m2 is not None}
    taken = sum(known.values(), Decimal(0))
    shares = split(amount, known, max(whole, taken))
    missing = ("the area of every team",) if unknown else ()
    return Allocation(shares, amount - sum(shares.values(), Decimal(0)), missing, taken > whole, unknown)


def split(amount: Decimal, weights: Mapping[int, Decimal], total: Decimal) -> dict[int, Decimal]:
    """`amount * weight / total` for each, in whole pennies; those together are the exact sum, rounded down.

    Where the weights make up the total, the shares make up the amount. Pennies left over go to the largest remainders,
    and among equals to the lowest id. Source: largest remainder method (Hamilton).
    """
    exact = {key: amount * weight / total for key, weight in weights.items()}
    shares = {key: value.quantize(PENNY, ROUND_FLOOR) for key, value in exact.items()}
    together = amount if sum(weights.values(), Decimal(0)) == total else sum(exact.values(), Decimal(0))
    left = int((together.quantize(PENNY, ROUND_FLOOR) - sum(shares.values(), Decimal(0))) / PENNY)
    order = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in order[:left]:
        shares[key] += PENNY
    return shares

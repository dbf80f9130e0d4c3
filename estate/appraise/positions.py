"""Who pays and who gains: each agency's own cash, adding up to the total to the penny.

Four rules, so that a finance officer can follow a figure by hand:

- what stops in a building that is emptied is released to those who pay for it, by their shares;
- the one-off cost of leaving it, rent that stays due, is paid by those who pay the rent;
- what a team adds to the cost of its host is paid by the team's agency;
- the one-off cost of a move is paid by the team's agency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from estate.appraise.errors import SharesInvalid

PENNY = Decimal("0.01")


@dataclass(frozen=True)
class Release:
    """The running cost of a building that is emptied, and who pays it: (agency, share)."""

    building: str
    running_cost_per_year: float
    payers: tuple[tuple[str, float], ...]
    leaving_cost: float = 0.0
    """One-off cost of emptying it."""
    leaving_payers: tuple[tuple[str, float], ...] = ()
    """Who pays that; where it is empty, the payers of the running cost."""


@dataclass(frozen=True)
class TeamMove:
    """A team that moves, with what it costs its agency."""

    agency: str
    hosting_cost_per_year: float
    one_off_cost: float
    fte: float


@dataclass(frozen=True)
class Position:
    """What a plan means for one agency, or for all together. Money is whole pence."""

    agency: str
    released_per_year: Decimal = Decimal("0.00")
    """Running cost that stops in buildings that are emptied."""
    added_per_year: Decimal = Decimal("0.00")
    """Extra running cost in the buildings that host its teams."""
    one_off_cost: Decimal = Decimal("0.00")
    emptied_count: int = 0
    """Emptied buildings of which it pays the largest share."""
    moved_fte: Decimal = Decimal("0.00")

    @property
    def saving_per_year(self) -> Decimal:
        """Released less added, before the one-off cost; negative where the agency pays for others to gain."""
        return self.released_per_year - self.added_per_year

    @property
    def payback_years(self) -> Decimal | None:
        """Years until the saving has paid the one-off cost; None where it never does."""
        if self.one_off_cost == 0:
            return Decimal(0)
        return self.one_off_cost / self.saving_per_year if self.saving_per_year > 0 else None


def to_pence(amount: float | Decimal) -> Decimal:
    """The amount in whole pence, half a penny up."""
    return Decimal(str(amount)).quantize(PENNY, ROUND_HALF_UP)


def shared_to_the_penny(amount: Decimal, shares: Sequence[float]) -> list[Decimal]:
    """`amount` split by `shares`, which need not add up to 1, in whole pence that add up to it exactly.

    Pence left over go to the largest remainders, the first of equals.
    """
    if not shares or any(not share >= 0 for share in shares) or not 0 < sum(shares) < float("inf"):
        raise SharesInvalid
    weights = [Fraction(share) for share in shares]
    pence = int(amount / PENNY)
    exact = [pence * weight / sum(weights) for weight in weights]
    whole = [part.numerator // part.denominator for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: pence - sum(whole)]:
        whole[place] += 1
    return [part * PENNY for part in whole]


def positions(releases: Iterable[Release], moves: Iterable[TeamMove]) -> list[Position]:
    """The position of every agency that pays, gains or moves, by agency; see the module for who pays what."""
    found: dict[str, Position] = {}
    for release in releases:
        shares = [share for _, share in release.payers]
        largest = release.payers[shares.index(max(shares))][0] if shares else None
        parts = shared_to_the_penny(to_pence(release.running_cost_per_year), shares)
        for (agency, _), part in zip(release.payers, parts, strict=True):
            _add(found, agency, released=part, emptied=int(agency == largest))
        if release.leaving_cost:
            payers = release.leaving_payers or release.payers
            due = shared_to_the_penny(to_pence(release.leaving_cost), [share for _, share in payers])
            for (agency, _), part in zip(payers, due, strict=True):
                _add(found, agency, one_off=part)
    for move in moves:
        _add(
            found,
            move.agency,
            added=to_pence(move.hosting_cost_per_year),
            one_off=to_pence(move.one_off_cost),
            fte=to_pence(move.fte),
        )
    return [found[agency] for agency in sorted(found)]


def total(rows: Iterable[Position]) -> Position:
    """All positions together."""
    found: dict[str, Position] = {"": Position("")}
    for row in rows:
        _add(
            found,
            "",
            released=row.released_per_year,
            added=row.added_per_year,
            one_off=row.one_off_cost,
            emptied=row.emptied_count,
            fte=row.moved_fte,
        )
    return found[""]


_NONE = Decimal("0.00")


def _add(
    found: dict[str, Position],
    agency: str,
    *,
    released: Decimal = _NONE,
    added: Decimal = _NONE,
    one_off: Decimal = _NONE,
    emptied: int = 0,
    fte: Decimal = _NONE,
) -> None:
    before = found.get(agency, Position(agency))
    found[agency] = replace(
        before,
        released_per_year=before.released_per_year + released,
        added_per_year=before.added_per_year + added,
        one_off_cost=before.one_off_cost + one_off,
        emptied_count=before.emptied_count + emptied,
        moved_fte=before.moved_fte + fte,
    )

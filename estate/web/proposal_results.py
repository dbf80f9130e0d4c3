"""A finished proposal as its page tells it: what is emptied, who hosts, what is kept and why, who pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from estate.appraise.rounding import whole_pounds
from estate.proposals.causes import KeptGroup, kept_groups
from estate.proposals.models import AgencyPosition, Outcome, Proposal, ProposalBuilding, ProposalMove
from estate.proposals.queries import list_moves, list_outcomes, list_positions
from estate.register.models import Building


@dataclass(frozen=True)
class Change:
    """A building that teams leave or join, with those teams."""

    row: ProposalBuilding
    moves: tuple[ProposalMove, ...]

    @property
    def fte(self) -> Decimal | None:
        """Of the teams whose FTE is recorded; None where it is of none of them."""
        known = [move.fte for move in self.moves if move.fte is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def need_m2(self) -> Decimal:
        """Area that the teams need together."""
        return sum((move.need_m2 for move in self.moves), Decimal(0))

    @property
    def move_cost(self) -> Decimal:
        """One-off cost of the moves together."""
        return sum((move.move_cost for move in self.moves), Decimal(0))

    @property
    def hosts(self) -> list[Building]:
        """Where the teams go, by name."""
        return sorted({move.to_building for move in self.moves}, key=lambda building: building.name)

    @property
    def homes(self) -> list[Building]:
        """Where the teams come from, by name."""
        return sorted({move.from_building for move in self.moves}, key=lambda building: building.name)

    @property
    def used_ratio(self) -> Decimal | None:
        """Share of the capacity in use under the plan; None where the capacity is unknown."""
        used, capacity = self.row.used_m2, self.row.capacity_m2
        return used / capacity if used is not None and capacity else None


@dataclass(frozen=True)
class PositionLine:
    """An agency's position in whole pounds; released = added + saving, and columns add up to their totals."""

    name: str
    added_per_year: int
    saving_per_year: int
    one_off_cost: int
    moved_fte: Decimal

    @property
    def released_per_year(self) -> int:
        """What stops for it."""
        return self.added_per_year + self.saving_per_year


@dataclass(frozen=True)
class Result:
    """What the page shows."""

    emptied: list[Change]
    hosts: list[Change]
    kept: list[KeptGroup]
    moves: Sequence[ProposalMove]
    positions: list[PositionLine]
    together: PositionLine


def result_of(session: Session, proposal: Proposal) -> Result:
    """The result of a finished proposal."""
    outcomes, moves = list_outcomes(session, proposal), list_moves(session, proposal)
    leaving: dict[int, list[ProposalMove]] = {}
    arriving: dict[int, list[ProposalMove]] = {}
    for move in moves:
        leaving.setdefault(move.from_building_id, []).append(move)
        arriving.setdefault(move.to_building_id, []).append(move)
    positions = _lines(list_positions(session, proposal))
    return Result(
        emptied=_changes(outcomes, Outcome.EMPTIED, leaving),
        hosts=_changes(outcomes, Outcome.HOST, arriving),
        kept=kept_groups(proposal, outcomes),
        moves=moves,
        positions=positions,
        together=_together(positions),
    )


def _changes(
    outcomes: Sequence[ProposalBuilding], outcome: Outcome, moves: dict[int, list[ProposalMove]]
) -> list[Change]:
    return [Change(row, tuple(moves.get(row.building_id, ()))) for row in outcomes if row.outcome is outcome]


def _lines(rows: Sequence[AgencyPosition]) -> list[PositionLine]:
    added = whole_pounds([row.added_per_year for row in rows])
    saving = whole_pounds([row.saving_per_year for row in rows])
    one_off = whole_pounds([row.one_off_cost for row in rows])
    return [
        PositionLine(row.agency.name, added[place], saving[place], one_off[place], row.moved_fte)
        for place, row in enumerate(rows)
    ]


def _together(lines: list[PositionLine]) -> PositionLine:
    return PositionLine(
        "All together",
        sum(line.added_per_year for line in lines),
        sum(line.saving_per_year for line in lines),
        sum(line.one_off_cost for line in lines),
        sum((line.moved_fte for line in lines), Decimal(0)),
    )

"""A decision's pinned evidence as a board reads it: what would happen, what it saves, how good the plan is."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """The snapshot of one decision. Money is a `Decimal` in GBP; in rows, figures are decimal strings as pinned."""

    snapshot: Row

    @property
    def proposal(self) -> Row:
        """The proposal's own figures."""
        figures: Row = self.snapshot["proposal"]
        return figures

    @property
    def is_synthetic(self) -> bool:
        """True where the buildings, costs and people are made up."""
        return bool(self.snapshot["place"]["is_synthetic"])

    @cached_property
    def emptied(self) -> list[Row]:
        """Buildings that would be emptied, the dearest first; those of unknown cost last."""
        return self._with_outcome("emptied")

    @cached_property
    def hosts(self) -> list[Row]:
        """Buildings that would take teams in."""
        return self._with_outcome("host")

    @cached_property
    def kept(self) -> list[Row]:
        """Buildings in which nothing changes."""
        return self._with_outcome("kept")

    @property
    def moves(self) -> list[Row]:
        """Teams that would move."""
        rows: list[Row] = self.snapshot["moves"]
        return rows

    @cached_property
    def positions(self) -> list[Row]:
        """Each agency's own cash: what stops, what is added, what is left, what it costs once."""
        return [{**row, "net_per_year": _net(row)} for row in self.snapshot["positions"]]

    @property
    def released_per_year(self) -> Decimal:
        """Running cost that stops."""
        return _sum(self.positions, "released_per_year")

    @property
    def added_per_year(self) -> Decimal:
        """Running cost that the hosts add."""
        return _sum(self.positions, "added_per_year")

    @property
    def saving_per_year(self) -> Decimal:
        """What stops less what is added."""
        return self.released_per_year - self.added_per_year

    @property
    def one_off_cost(self) -> Decimal:
        """Cost of all moves."""
        return _sum(self.positions, "one_off_cost")

    @property
    def payback_years(self) -> Decimal | None:
        """Years until the saving has paid for the moves, undiscounted; None where nothing is saved."""
        saving = self.saving_per_year
        return self.one_off_cost / saving if saving > 0 else None

    @property
    def moved_fte(self) -> Decimal:
        """People who would move, as far as teams say how many they are."""
        return _sum(self.moves, "fte")

    @property
    def is_optimal(self) -> bool:
        """True where the solver proved that no plan costs less."""
        return bool(self.proposal["solver_status"] == "optimal")

    @property
    def losers(self) -> list[str]:
        """Agencies whose own running cost would rise."""
        return [row["agency"] for row in self.positions if row["net_per_year"] < 0]

    def _with_outcome(self, outcome: str) -> list[Row]:
        rows = [row for row in self.snapshot["buildings"] if row["outcome"] == outcome]
        return sorted(rows, key=lambda row: -Decimal(row["running_cost_per_year"] or -1))


def _net(row: Row) -> Decimal:
    return Decimal(row["released_per_year"]) - Decimal(row["added_per_year"])


def _sum(rows: list[Row], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows if row[name] is not None), Decimal(0))

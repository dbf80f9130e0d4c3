"""Cooperative games: what every coalition of agencies can reach by itself, and who would walk away from a split.

A coalition is a bit mask over the agencies: agency k takes part where bit k is set. A game holds what each coalition
gains; a game of costs holds the negative. Source: Shapley, "A value for n-person games", 1953; Gillies, 1959 (core).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from estate.appraise.errors import GameInvalid

Array = NDArray[Any]
MOST_AGENCIES = 20
"""A game lists 2 ** n coalitions: a million of them at 20."""
HALF_PENNY = 0.005


@dataclass(frozen=True)
class Complaint:
    """A coalition that would gain by leaving, and how much more it reaches alone than the split gives it."""

    agencies: tuple[str, ...]
    gain: float


@dataclass(frozen=True)
class Game:
    """Gains of every coalition, by mask: `gains[0]` is 0, `gains[-1]` is what all reach together."""

    agencies: tuple[str, ...]
    gains: Array

    def __post_init__(self) -> None:
        count = len(self.agencies)
        if not 1 <= count <= MOST_AGENCIES or len(set(self.agencies)) != count:
            raise GameInvalid
        if self.gains.shape != (1 << count,) or not np.isfinite(self.gains).all() or self.gains[0] != 0:
            raise GameInvalid

    @classmethod
    def of_gains(cls, agencies: Sequence[str], gains: Mapping[Iterable[str], float]) -> Self:
        """The game where coalitions of names gain amounts. Each of the coalitions but the empty one must be there."""
        names = tuple(agencies)
        values = np.full(1 << len(names), np.nan)
        values[0] = 0.0
        try:
            for members, gain in gains.items():
                values[sum(1 << names.index(name) for name in set(members))] = gain
        except ValueError as error:
            raise GameInvalid from error
        return cls(names, values)

    @classmethod
    def of_costs(cls, agencies: Sequence[str], costs: Mapping[Iterable[str], float]) -> Self:
        """The game where coalitions of names bear costs; its shares are the costs that agencies bear, negative."""
        return cls.of_gains(agencies, {members: -cost for members, cost in costs.items()})

    @property
    def count(self) -> int:
        """How many agencies there are."""
        return len(self.agencies)

    @property
    def whole(self) -> float:
        """What all reach together: the sum that a split divides."""
        return float(self.gains[-1])

    @property
    def alone(self) -> Array:
        """What each agency reaches alone."""
        at_one: Array = self.gains[1 << np.arange(self.count)]
        return at_one

    @property
    def tolerance(self) -> float:
        """What is too little to walk away for: half a penny, or what floating point may lose."""
        return max(HALF_PENNY, 1e-9 * float(np.abs(self.gains).max()))

    @property
    def members(self) -> Array:
        """Who is in each coalition: 2 ** n rows of n, 1.0 for a member."""
        return (np.arange(1 << self.count)[:, None] >> np.arange(self.count) & 1).astype(float)

    def named(self, mask: int) -> tuple[str, ...]:
        """The agencies of a coalition."""
        return tuple(name for place, name in enumerate(self.agencies) if mask >> place & 1)


def complaints(game: Game, shares: Sequence[float] | Array) -> list[Complaint]:
    """The coalitions that reach at least half a penny more alone than `shares` give them, the largest gain first.

    A split that adds up to the whole is in the core where there are none.
    """
    gains = game.gains - game.members @ np.asarray(shares, dtype=float)
    unhappy = [int(mask) for mask in np.argsort(-gains, kind="stable") if gains[mask] > game.tolerance]
    return [Complaint(game.named(mask), float(gains[mask])) for mask in unhappy if 0 < mask < len(gains) - 1]

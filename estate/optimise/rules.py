"""What a proposal is told beyond the estate's own rules: locks, limits, who may not share a roof, hubs and access.

All of it is off unless it is set, so that a problem of before these rules is the same problem still.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

Pair = tuple[str, str]


class MixOf(StrEnum):
    """What is counted at a hub."""

    AGENCY = "agency"
    USE = "use"
    """The kind of work: office, clinic, library ..."""


@dataclass(frozen=True, slots=True)
class Locks:
    """Decisions that are made already, by the ids of buildings and teams."""

    kept: tuple[str, ...] = ()
    """Buildings that must be kept."""
    emptied: tuple[str, ...] = ()
    """Buildings that must be emptied."""
    unchanged: tuple[str, ...] = ()
    """Buildings that stay as they are: kept, and nobody moves in or out."""
    staying: tuple[str, ...] = ()
    """Teams that stay where they are."""
    moving: tuple[Pair, ...] = ()
    """(team, building): the team must move there. Under `TeamRule.STAY` that empties its home."""
    barred: tuple[Pair, ...] = ()
    """(team, building): the team may not move there."""

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The locks as `asdict` wrote them."""

        def names(kind: str) -> tuple[str, ...]:
            return tuple(map(str, row.get(kind, ())))

        pairs = (_pairs(row.get("moving", ())), _pairs(row.get("barred", ())))
        return cls(names("kept"), names("emptied"), names("unchanged"), names("staying"), *pairs)


@dataclass(frozen=True, slots=True)
class DemandPoint:
    """Where people live. Metres in the problem's projected CRS."""

    x_m: float
    y_m: float
    population: float | None = None
    """None where unknown: they keep a counter where everybody does, and count nowhere in a share."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A public counter that no plan moves: of a team outside the problem."""

    x_m: float
    y_m: float
    service: str


@dataclass(frozen=True, slots=True)
class Access:
    """Public access: who has a counter of a service within a distance today must not lose it.

    The counters are those of the teams that have one (`Team.counter`) and `others`. Distances are straight lines.
    """

    distance_m: float
    points: tuple[DemandPoint, ...]
    others: tuple[Counter, ...] = ()
    most_fall_ratio: float | None = None
    """Of each service, by how much the people who have a counter within the distance may become fewer than today, 0 to
    1; None: every point that has one keeps one."""

    @classmethod
    def from_json(cls, row: dict[str, Any] | None) -> Self | None:
        """The access rule as `asdict` wrote it."""
        if row is None:
            return None
        points = tuple(DemandPoint(**point) for point in row["points"])
        return cls(row["distance_m"], points, tuple(Counter(**c) for c in row["others"]), row["most_fall_ratio"])


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule that a user may switch on for one proposal."""

    locks: Locks = field(default_factory=Locks)
    most_moves: int | None = None
    """At most so many teams move."""
    most_one_off_cost: float | None = None
    """What moving and leaving may cost at most, paid once, currency."""
    apart: tuple[Pair, ...] = ()
    """Pairs of uses or groups of teams that may not come under one roof; where they share one today they may stay."""
    least_mix: int | None = None
    """A building that takes teams in must hold at least so many different agencies or uses."""
    mix_of: MixOf = MixOf.AGENCY
    access: Access | None = None

    @property
    def is_of_the_whole_plan(self) -> bool:
        """True where what happens in one place may forbid something far away."""
        return self.most_moves is not None or self.most_one_off_cost is not None or self.access is not None

    @property
    def may_forbid_today(self) -> bool:
        """True where the estate as it is may break a rule."""
        return bool(self.locks.emptied or self.locks.moving)

    @property
    def may_forbid_going_home(self) -> bool:
        """True where to reopen an emptied building, and to bring its own teams home, may break a rule."""
        return self.may_forbid_today or self.least_mix is not None or self.access is not None

    @property
    def is_more_than_arcs(self) -> bool:
        """True where a rule is not kept by the choice of arcs and protected buildings alone."""
        return self.is_of_the_whole_plan or self.may_forbid_going_home or bool(self.apart)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The rules as `asdict` wrote them; what is missing is off."""
        return cls(
            **{
                **row,
                "locks": Locks.from_json(row.get("locks", {})),
                "apart": _pairs(row.get("apart", ())),
                "mix_of": MixOf(row.get("mix_of", MixOf.AGENCY)),
                "access": Access.from_json(row.get("access")),
            }
        )


def _pairs(rows: Iterable[Iterable[Any]]) -> tuple[Pair, ...]:
    return tuple((str(first), str(second)) for first, second in rows)

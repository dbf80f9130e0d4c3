"""What the solver found: a plan, how good it is proven to be, and why it stopped."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from estate.optimise.problem import TeamRule
from estate.optimise.supervise import StopReason

PROVEN_GAP_RATIO = 1e-6
"""A plan within a millionth of its bound is proven to be the best; solvers count in floating point."""


class Status(StrEnum):
    """What kind of answer this is."""

    OPTIMAL = "optimal"
    """A plan, proven to be the best."""
    WITHIN_GAP = "within_gap"
    """A plan, proven to be within the gap that was asked for."""
    STOPPED = "stopped"
    """The best plan when a limit was reached, or the run was ended."""
    NOTHING_TO_GAIN = "nothing_to_gain"
    """Proven: no change saves money."""
    NO_CAPACITY = "no_capacity"
    """No team may move anywhere."""
    ONE_BUILDING = "one_building"
    EMPTY_AREA = "empty_area"


@dataclass(frozen=True)
class Limits:
    """When to stop. The same seed and node limit give the same plan, unless the time runs out first."""

    time_limit_s: float = 20.0
    gap_wanted_ratio: float = 0.001
    node_limit: int | None = None
    seed: int = 0
    memory_limit_bytes: int = 4 * 1024**3


@dataclass(frozen=True)
class Solution:
    """A checked plan. Money is per year at today's prices."""

    status: Status
    sentence: str
    """What happened, for people."""
    team_rule: TeamRule
    kept: tuple[str, ...]
    """Ids of the buildings that are kept."""
    emptied: tuple[str, ...]
    host: dict[str, str]
    """Building of each team, by team id; unchanged where the team stays."""
    cost_today_per_year: float
    objective: float
    """Cost per year of the plan, moves included."""
    bound: float
    """No plan costs less than this."""
    limits: Limits
    stop_reason: StopReason = StopReason.PROVEN
    nodes: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def gap_ratio(self) -> float:
        """How far above the bound the plan is, as a share of its cost; 0 where both are 0."""
        return max(0.0, self.objective - self.bound) / abs(self.objective) if self.objective else 0.0

    @property
    def saving_per_year(self) -> float:
        """What the plan saves against today, moves paid."""
        return self.cost_today_per_year - self.objective

    @property
    def is_proven(self) -> bool:
        """True where no better plan exists."""
        return self.gap_ratio <= PROVEN_GAP_RATIO

    @property
    def is_repeatable(self) -> bool:
        """True where solving again with the same limits gives the same plan."""
        return self.stop_reason in (StopReason.PROVEN, StopReason.GAP, StopReason.NODES)

    def to_json(self) -> dict[str, Any]:
        """The solution as plain JSON values, its gap included."""
        return {**asdict(self), "gap_ratio": self.gap_ratio}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The solution that `to_json` wrote."""
        row = {name: value for name, value in document.items() if name != "gap_ratio"}
        return cls(
            **{
                **row,
                "status": Status(row["status"]),
                "team_rule": TeamRule(row["team_rule"]),
                "stop_reason": StopReason(row["stop_reason"]),
                "kept": tuple(row["kept"]),
                "emptied": tuple(row["emptied"]),
                "notes": tuple(row["notes"]),
                "limits": Limits(**row["limits"]),
            }
        )

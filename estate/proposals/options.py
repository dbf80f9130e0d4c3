"""What a user may choose for a proposal. None means: the dated assumption of that name."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from estate.optimise import Limits, TeamRule
from estate.optimise.rules import Rules
from estate.proposals.errors import OptionsInvalid

LONGEST_MOVE_M = 100_000
LONGEST_RUN_S = 3600


@dataclass(frozen=True)
class Options:
    """The choices of one run, stored with it."""

    level_code: str | None = None
    """Moves stay inside one area of this level; None: the level of the proposal's own area."""
    max_move_m: float | None = None
    rules: Rules = field(default_factory=Rules)
    """Decisions, limits and the like; its `access` is left empty: the two below are what is chosen of it."""
    access_m: float | None = None
    """Everybody who has a public counter of a service within so many metres today keeps one; None: no such rule."""
    access_fall_ratio: float | None = None
    """With `access_m`: by how much those who have one may become fewer, 0 to 1; None: by nobody."""
    team_rule: TeamRule = TeamRule.STAY
    horizon_years: int | None = None
    time_limit_s: float = 20.0
    gap_wanted_ratio: float = 0.001
    node_limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        fields = {name: sentence for name, is_right, sentence in self._rules() if not is_right}
        if fields:
            raise OptionsInvalid(" ".join(fields.values()), fields=fields)

    def _rules(self) -> list[tuple[str, bool, str]]:
        distance, limit, gap = self.max_move_m, self.time_limit_s, self.gap_wanted_ratio
        return [
            (
                "max_move_m",
                distance is None or (math.isfinite(distance) and 0 <= distance <= LONGEST_MOVE_M),
                f"The greatest move distance must be between 0 and {LONGEST_MOVE_M:,} metres.",
            ),
            (
                "horizon_years",
                self.horizon_years is None or 1 <= self.horizon_years <= 60,
                "The horizon must be between 1 and 60 years.",
            ),
            (
                "time_limit_s",
                math.isfinite(limit) and 1 <= limit <= LONGEST_RUN_S,
                f"The time limit must be between 1 and {LONGEST_RUN_S:,} seconds.",
            ),
            (
                "gap_wanted_ratio",
                math.isfinite(gap) and 0 <= gap <= 0.5,
                "The gap to stop at must be between 0 and 0.5 (0.01 is 1 %).",
            ),
            (
                "access_m",
                self.access_m is None or (math.isfinite(self.access_m) and 0 < self.access_m <= LONGEST_MOVE_M),
                f"The distance to a counter must be above 0 and at most {LONGEST_MOVE_M:,} metres.",
            ),
            (
                "access_fall_ratio",
                self.access_fall_ratio is None or 0 <= self.access_fall_ratio <= 1,
                "The fall in people with a counter near must be between 0 and 100 %.",
            ),
            (
                "access_fall_ratio",
                self.access_fall_ratio is None or self.access_m is not None,
                "Say within which distance people must keep a counter.",
            ),
            (
                "least_mix",
                self.rules.least_mix is None or self.rules.least_mix >= 1,
                "The mix at a hub must be 1 or more.",
            ),
            ("node_limit", self.node_limit is None or self.node_limit >= 0, "The node limit must be 0 or more."),
            ("seed", 0 <= self.seed < 2**31, "The seed must be a whole number from 0 to 2,147,483,647."),
        ]

    @property
    def limits(self) -> Limits:
        """When the solver stops."""
        return Limits(
            time_limit_s=self.time_limit_s,
            gap_wanted_ratio=self.gap_wanted_ratio,
            node_limit=self.node_limit,
            seed=self.seed,
        )

    def to_json(self) -> dict[str, Any]:
        """The options as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The options that `to_json` wrote."""
        rules = Rules.from_json(document.get("rules", {}))
        return cls(**{**document, "team_rule": TeamRule(document.get("team_rule", TeamRule.STAY)), "rules": rules})

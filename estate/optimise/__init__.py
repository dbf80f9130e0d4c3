"""Which buildings to keep and who moves where, solved with a proof. Numbers in, a checked plan out."""

from estate.optimise.problem import Building, Payer, Problem, Settings, Team, TeamRule
from estate.optimise.solution import Limits, Solution, Status

__all__ = ["Building", "Limits", "Payer", "Problem", "Settings", "Solution", "Status", "Team", "TeamRule"]

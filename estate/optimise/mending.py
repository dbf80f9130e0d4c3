"""Large areas under rules that the compiled search does not know: a plan mended piece by piece, a bound by prices.

Every piece is solved over the rows of the programme, so each plan keeps every rule. The bound leaves those rules out
that the relaxation does not know: it stays a bound, and may be further off.
"""

import time
from typing import Any

from estate.optimise.exact import HALF_PENNY, solve_exactly
from estate.optimise.large import CLIMB_CHUNK, FIRST_CLIMB, LATER_CLIMB, Section
from estate.optimise.neighbourhood import Neighbourhoods
from estate.optimise.relaxation import Relaxation
from estate.optimise.whole import Whole

MENDED_SITES = (6, 10, 16, 24, 40)
"""How many sites are mended at once, round by round: far from a good plan larger pieces take too long."""
SHARE_OF_FIRST = 0.6
"""Of the time, for a first plan where the estate as it is breaks a rule."""


def mend_part(whole: Whole, part: int, seconds: float, options: dict[str, Any]) -> str:
    """Mends a part until a limit; plans and bounds go to the whole. Returns the ending in the words of HiGHS."""
    deadline = time.monotonic() + seconds
    if not whole.has_plan[part]:
        ending = solve_exactly(whole, part, seconds * SHARE_OF_FIRST, options, most_plans=1)
        if not whole.has_plan[part]:
            return ending
    relaxation = Relaxation(Section(whole, part).siting)
    neighbourhoods = Neighbourhoods(whole, part, options)
    gap_wanted = max(HALF_PENNY, options["gap_wanted_ratio"] * whole.cost * whole.share_of(part))

    def may_go_on() -> bool:
        whole.raise_bound(part, relaxation.bound)
        return time.monotonic() < deadline and whole.cost_of(part) - relaxation.bound > gap_wanted

    rounds = 0
    while may_go_on() and rounds != options["rounds"]:
        size = MENDED_SITES[min(rounds, len(MENDED_SITES) - 1)]
        for _ in range(2 * len(neighbourhoods.sites) // size + 1):
            if may_go_on():
                neighbourhoods.mend(neighbourhoods.pick(size), deadline - time.monotonic())
        for _ in range(LATER_CLIMB if rounds else FIRST_CLIMB):
            if may_go_on():
                relaxation.climb(CLIMB_CHUNK, whole.cost_of(part))
        rounds += 1
    whole.nodes += rounds
    if time.monotonic() >= deadline or neighbourhoods.is_cut_short:
        return "Time limit reached"
    return "Iteration limit reached" if may_go_on() else "Optimal"

"""What it costs to move a team."""

import math

from estate.appraise.errors import CostInvalid


def cost_of_moving(
    *, fte: float, need_m2: float, cost_per_fte: float, fit_out_per_m2: float, optimism_bias_ratio: float
) -> float:
    """One-off cost of moving a team: its people, and fitting out the space that it takes up.

    Optimism bias (HM Treasury Green Book) is added to the fit-out, which is capital; 0.24 adds 24 %. All five figures
    must be 0 or more.
    """
    if not all(
        math.isfinite(figure) and figure >= 0
        for figure in (fte, need_m2, cost_per_fte, fit_out_per_m2, optimism_bias_ratio)
    ):
        raise CostInvalid
    return fte * cost_per_fte + need_m2 * fit_out_per_m2 * (1 + optimism_bias_ratio)

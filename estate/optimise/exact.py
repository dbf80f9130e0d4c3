"""Small parts: the whole mixed-integer programme of a part, solved by HiGHS from the plan at hand."""

from typing import Any

import highspy
import numpy as np

from estate.optimise.whole import Whole

FEASIBLE = 2
HALF_PENNY = 0.005


def solve_exactly(
    whole: Whole, part: int, seconds: float, options: dict[str, Any], most_plans: int | None = None
) -> str:
    """Solves a part until a limit; plans and bounds go to the whole. Returns how HiGHS says it ended.

    `most_plans`: enough when so many were found, each better than the last.
    """
    at = whole.columns_of(part)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in options["highs"].items():
        highs.setOptionValue(name, value)
    highs.setOptionValue("time_limit", seconds)
    if most_plans is not None:
        highs.setOptionValue("mip_max_improving_sols", most_plans)
    highs.setOptionValue(
        "mip_abs_gap", max(HALF_PENNY, options["gap_wanted_ratio"] * whole.cost * whole.share_of(part))
    )
    highs.passModel(load(whole, part))
    if whole.has_plan[part]:
        start = highspy.HighsSolution()
        start.col_value = whole.columns[at].astype(float).tolist()
        highs.setSolution(start)

    def on_plan(event: Any) -> None:
        whole.take_plan(part, at, np.asarray(event.data_out.mip_solution) > 0.5)

    def on_pause(event: Any) -> None:
        whole.raise_bound(part, event.data_out.mip_dual_bound, int(event.data_out.mip_node_count))

    highs.cbMipImprovingSolution += on_plan
    highs.cbMipInterrupt += on_pause
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status == FEASIBLE:
        whole.take_plan(part, at, np.asarray(highs.getSolution().col_value) > 0.5)
    whole.nodes += max(0, int(info.mip_node_count))
    whole.raise_bound(part, info.mip_dual_bound)
    return str(highs.modelStatusToString(highs.getModelStatus()))


def load(whole: Whole, part: int) -> highspy.HighsLp:
    """The columns of a part, and the rows in which one of them stands."""
    at, (rows, matrix) = whole.columns_of(part), whole.rows_of(part)
    held = whole.columns.astype(float)
    held[at] = 0.0
    return lp_of(whole.arrays, matrix, at, rows, held)


def lp_of(arrays: dict[str, Any], matrix: Any, at: Any, rows: Any, held: Any) -> highspy.HighsLp:
    """Some columns and rows of the programme as HiGHS takes it, the other columns at their `held` values.

    `matrix` holds those rows over all columns. Every column is an integer.
    """
    taken, inside = matrix @ held, matrix[:, at].tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(at), len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = arrays["cost"][at], arrays["lower"][at], arrays["upper"][at]
    lp.row_lower_, lp.row_upper_ = arrays["row_lower"][rows] - taken, arrays["row_upper"][rows] - taken
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = inside.indptr.astype(np.int32)
    lp.a_matrix_.index_ = inside.indices.astype(np.int32)
    lp.a_matrix_.value_ = inside.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(at)
    return lp

"""A proposal for a district of 150 buildings: Estate against the same model through PuLP and CBC. Prints JSON.

Each solver has a process of its own, one thread, and the same time limit. CBC is given Estate's own tightened arrays,
so the two differ only in how they solve. Gap: (cost of the plan - proven bound) / cost of the plan; CBC's bound is read
from its log, and its plan is evaluated by Estate's checker like any other.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from synthetic_district import district

from estate.optimise import Limits, TeamRule
from estate.optimise.arcs import candidate_arcs
from estate.optimise.check import Plan, checked_cost_per_year
from estate.optimise.solve import _plan, _positions, build_model, solve
from estate.optimise.tighten import tightened

SEEDS = (7, 1, 2)
TIME_LIMIT_S = 20
GAP_WANTED = 0.01


def by_estate(seed: int, rule: TeamRule) -> dict:
    problem = district(150, seed, team_rule=rule)
    first_plan_s: list[float] = []
    limits = Limits(time_limit_s=TIME_LIMIT_S, gap_wanted_ratio=GAP_WANTED)
    solution = solve(problem, limits, watch=lambda progress: bool(first_plan_s.append(progress.seconds)) or True)
    return {
        "seconds": round(solution.seconds, 2),
        "first_plan_s": round(first_plan_s[0], 2) if first_plan_s else None,
        "status": solution.status.value,
        "cost": round(solution.objective),
        "bound": round(solution.bound),
        "gap": round(solution.gap_ratio, 5),
        "saving": round(solution.saving_per_year),
        "emptied": len(solution.emptied),
    }


def by_cbc(seed: int, rule: TeamRule) -> dict:
    import pulp

    problem = district(150, seed, team_rule=rule)
    started = time.monotonic()
    tight = tightened(problem, candidate_arcs(problem))
    arrays = build_model(problem, tight).to_arrays()
    model = pulp.LpProblem("district", pulp.LpMinimize)
    columns = [pulp.LpVariable(f"c{number}", cat="Binary") for number in range(len(arrays["cost"]))]
    for number in np.flatnonzero(arrays["lower"] == 1):
        columns[number].lowBound = 1
    model += pulp.LpAffineExpression(zip(columns, arrays["cost"].tolist(), strict=True))
    for row, (low, high) in enumerate(zip(arrays["row_lower"], arrays["row_upper"], strict=True)):
        cells = slice(arrays["start"][row], arrays["start"][row + 1])
        terms = [columns[number] for number in arrays["index"][cells]]
        left = pulp.LpAffineExpression(zip(terms, arrays["value"][cells].tolist(), strict=True))
        model += (left == high) if low == high else (left <= high)
    log = Path(tempfile.mkstemp(suffix=".log")[1])
    solver = pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=TIME_LIMIT_S, gapRel=GAP_WANTED, logPath=str(log))
    model.solve(solver)
    seconds = time.monotonic() - started
    text = log.read_text()
    log.unlink()
    bounds = re.findall(r"Lower bound:\s+([-\d.e+]+)", text) or re.findall(r"best possible ([-\d.e+]+)", text)
    found = {"seconds": round(seconds, 2), "pulp_says": pulp.LpStatus[model.status], "sol_status": model.sol_status}
    if model.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return {**found, "status": "no plan"}
    is_kept, host = _positions(
        problem, tight.arcs, [n for n, column in enumerate(columns) if (column.value() or 0) > 0.5]
    )
    plan: Plan = _plan(problem, is_kept, host)
    cost = checked_cost_per_year(problem, plan)
    bound = float(bounds[-1]) if bounds else None
    return {
        **found,
        "cost": round(cost),
        "bound": None if bound is None else round(bound),
        "gap": None if bound is None else round((cost - bound) / cost, 5),
        "emptied": len(problem.buildings) - len(plan.kept),
    }


def in_own_process(solver: str, seed: int, rule: TeamRule) -> dict:
    command = [sys.executable, __file__, solver, str(seed), rule.value]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


def main() -> None:
    if len(sys.argv) > 1:
        solver, seed, rule = sys.argv[1], int(sys.argv[2]), TeamRule(sys.argv[3])
        found = {"estate": by_estate, "cbc": by_cbc}[solver](seed, rule)
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(json.dumps({**found, "peak_mib": round(peak / 1024)}))
        return
    problem = district(150, SEEDS[0])
    runs = [
        {
            "seed": seed,
            "rule": rule.value,
            **{solver: in_own_process(solver, seed, rule) for solver in ("estate", "cbc")},
        }
        for rule in TeamRule
        for seed in SEEDS
    ]
    size = {"buildings": len(problem.buildings), "teams": len(problem.teams), "arcs": len(candidate_arcs(problem))}
    print(json.dumps({"benchmark": "proposal_district", "time_limit_s": TIME_LIMIT_S, **size, "runs": runs}, indent=1))


if __name__ == "__main__":
    main()

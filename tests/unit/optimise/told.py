"""Small problems that were told things: random rules of every kind, and a solver without a process of its own."""

import json
import random
from dataclasses import replace

from estate.optimise import Problem, solver_process
from estate.optimise.rules import Access, Counter, DemandPoint, Locks, MixOf, Rules
from estate.optimise.supervise import ENDINGS, Ending, StopReason

KINDS = ("locks", "moves", "money", "apart", "mix", "access", "share")


def told(problem: Problem, **rules) -> Problem:
    """The problem with these rules."""
    return replace(problem, settings=replace(problem.settings, rules=Rules(**rules)))


def random_told(problem: Problem, seed: int, kinds: tuple[str, ...] = KINDS, chance: float = 0.4) -> Problem:
    """The problem with every kind of rule switched on or off by chance, and what the rules speak of."""
    rng = random.Random(seed)
    teams = tuple(
        replace(
            team,
            agency=rng.choice(["council", "police", "nhs"]),
            group=rng.choice(["", "children", "probation"]),
            counter=rng.choice(["", "library", "advice"]),
        )
        for team in problem.teams
    )
    on = {kind: kind in kinds and rng.random() < chance for kind in KINDS}
    given = _livelier(replace(problem, teams=teams), rng)
    return told(
        given,
        locks=_locks(given, rng) if on["locks"] else Locks(),
        most_moves=rng.randint(0, 4) if on["moves"] else None,
        most_one_off_cost=float(rng.randint(0, 120_000)) if on["money"] else None,
        apart=(("children", "probation"), ("office", "clinic"))[: rng.randint(1, 2)] if on["apart"] else (),
        least_mix=rng.randint(1, 3) if on["mix"] else None,
        mix_of=rng.choice(list(MixOf)),
        access=_access(given, rng, rng.choice([0.0, 0.05, 0.3]) if on["share"] else None) if on["access"] else None,
    )


def _livelier(problem: Problem, rng: random.Random) -> Problem:
    """Mostly with more room and fewer rules of the estate's own, so that others bind."""
    if rng.random() < 0.2:
        return problem
    buildings = tuple(
        replace(
            row,
            area_id="north",
            capacity_m2=row.capacity_m2 + 200,
            running_cost_per_year=row.running_cost_per_year + 6000,
            leaving_cost=row.leaving_cost / 10,
            may_host=True,
            accepts=("office", "clinic"),
        )
        for row in problem.buildings
    )
    return replace(problem, buildings=buildings)


def _locks(problem: Problem, rng: random.Random) -> Locks:
    """Now and then one of each; they may contradict one another."""
    buildings = [row.id for row in problem.buildings]
    pairs = [(team.id, name) for team in problem.teams for name in buildings if name != team.home]

    def some(rows, chance):
        return (rng.choice(rows),) if rows and rng.random() < chance else ()

    return Locks(
        kept=some(buildings, 0.3),
        emptied=some([row.id for row in problem.buildings if row.may_close], 0.4),
        unchanged=some(buildings, 0.2),
        staying=some([row.id for row in problem.teams], 0.2),
        moving=some(pairs, 0.3),
        barred=some(pairs, 0.5),
    )


def _access(problem: Problem, rng: random.Random, fall: float | None) -> Access:
    points = tuple(
        DemandPoint(rng.uniform(0, 1200), rng.uniform(0, 600), rng.choice([None, 100.0, rng.uniform(1, 900)]))
        for _ in range(rng.randint(0, 8))
    ) + tuple(DemandPoint(row.x_m, row.y_m, 250.0) for row in problem.buildings if rng.random() < 0.7)
    others = tuple(Counter(rng.uniform(0, 1200), rng.uniform(0, 600), "advice") for _ in range(rng.randint(0, 1)))
    return Access(rng.uniform(100, 700), points, others, fall)


class Heard:
    """What the solver's process would write, as it would arrive."""

    def __init__(self, on_event) -> None:
        self.on_event = on_event
        self.last: dict = {}

    def write(self, line: str) -> None:
        """One event."""
        self.last = json.loads(line)
        self.on_event(self.last)

    def flush(self) -> None:
        """Nothing waits."""


def run_here(arrays, options, *, deadline, on_event, may_go_on) -> Ending:
    """Stands in for `supervise.run_solver`: the same solver in this process, without the half second of its start."""
    heard = Heard(on_event)
    solver_process.solve(dict(arrays), dict(options), solver_process.Reporter(heard))
    return Ending(ENDINGS.get(heard.last["status"], StopReason.CRASHED), heard.last["nodes"])

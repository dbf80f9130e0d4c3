"""Small problems for tests, and the best plan of each found by trying all of them."""

import itertools
import random

from estate.optimise.check import Plan, PlanBroken, checked_cost_per_year
from estate.optimise.problem import Building, Problem, Settings, Team, TeamRule


def building(name: str, **changes) -> Building:
    """A building at the origin that may host office teams and may be emptied."""
    figures = {
        "name": f"Building {name}",
        "area_id": "north",
        "x_m": 0.0,
        "y_m": 0.0,
        "capacity_m2": 100.0,
        "running_cost_per_year": 10_000.0,
        "hosting_cost_per_m2_per_year": 10.0,
        "accepts": ("office",),
        "may_close_reason": "it is listed",
    }
    return Building(id=name, **{**figures, **changes})


def team(name: str, home: str, **changes) -> Team:
    """An office team that needs 40 m2."""
    figures = {"agency": "council", "use": "office", "need_m2": 40.0, "fte": 4.0, "move_cost": 1000.0}
    return Team(id=name, home=home, **{"name": f"Team {name}", **figures, **changes})


def settings(**changes) -> Settings:
    """A pound now is ten pence a year; teams move up to 1 km."""
    return Settings(**{"annuity_ratio": 0.1, "max_move_m": 1000.0, **changes})


def problem(buildings, teams, **changes) -> Problem:
    """A problem of these rows with `settings(**changes)`."""
    return Problem(tuple(buildings), tuple(teams), settings(**changes))


def pair(**host_changes) -> Problem:
    """Two half-empty buildings 100 m apart; the dearer one, "old", is best emptied into "new"."""
    new = building("new", x_m=100.0, may_close=False, **host_changes)
    return problem([building("old", running_cost_per_year=20_000.0), new], [team("a", "old"), team("b", "new")])


def random_problem(
    seed: int, rule: TeamRule = TeamRule.STAY, *, most_buildings: int = 5, most_teams: int = 6
) -> Problem:
    """Up to 5 buildings and 6 teams with every kind of rule of the estate's own in play."""
    rng = random.Random(seed)
    buildings = [
        building(
            f"b{number}",
            area_id=rng.choice(["north", "north", "north", "south"]),
            x_m=rng.uniform(0, 1200),
            y_m=rng.uniform(0, 600),
            capacity_m2=float(rng.randint(0, 30) * 10) + rng.choice([0, 0, 0.5, 0.123456]),
            running_cost_per_year=float(rng.choice([0, rng.randint(0, 20_000)])),
            leaving_cost=float(rng.choice([0, 0, rng.randint(0, 150_000)])),
            hosting_cost_per_m2_per_year=rng.uniform(0, 30),
            may_host=rng.random() < 0.85,
            may_close=rng.random() < 0.85,
            accepts=tuple(use for use in ("office", "clinic") if rng.random() < 0.8),
        )
        for number in range(rng.randint(1, most_buildings))
    ]
    teams = [
        team(
            f"t{number}",
            rng.choice(buildings).id,
            use=rng.choice(["office", "office", "clinic"]),
            need_m2=rng.choice([rng.randint(1, 12) * 10.0, rng.uniform(0, 120)]),
            move_cost=rng.uniform(0, 30_000),
        )
        for number in range(rng.randint(0, most_teams))
    ]
    return problem(buildings, teams, team_rule=rule)


def best_cost_by_trying_all(problem: Problem) -> float:
    """Cost of the best plan, found by looking at every plan there is."""
    ids = [row.id for row in problem.buildings]
    best = float("inf")
    for hosts in itertools.product(ids, repeat=len(problem.teams)):
        placed = {row.id: host for row, host in zip(problem.teams, hosts, strict=True)}
        needed = frozenset(hosts)
        for extra in itertools.chain.from_iterable(
            itertools.combinations([spare for spare in ids if spare not in needed], count)
            for count in range(len(ids) - len(needed) + 1)
        ):
            kept = needed | frozenset(extra)
            try:
                best = min(best, checked_cost_per_year(problem, Plan(kept, placed)))
            except PlanBroken:
                continue
    return best

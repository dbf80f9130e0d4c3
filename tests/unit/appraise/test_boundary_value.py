"""The value of a boundary as an interval that holds the truth, whatever the plans that were not found."""

import itertools
import random
from decimal import Decimal

from estate.appraise.boundary_value import Cost, tightened, value_between
from estate.optimise import Building, Limits, Problem, Settings, Team
from estate.optimise.solve import solve


def cost(plan: int, bound: int) -> Cost:
    return Cost(Decimal(plan), Decimal(bound))


def test_the_interval_goes_from_bound_less_plan_to_plan_less_bound() -> None:
    value = value_between(cost(1000, 980), cost(900, 890), is_nested=True)
    assert (value.least, value.most, value.of_plans) == (80, 110, 100)
    assert value.is_proven_to_pay
    assert not value.is_exact


def test_only_a_boundary_that_nests_is_never_worth_less_than_nothing() -> None:
    assert value_between(cost(1000, 900), cost(950, 900), is_nested=True).least == 0
    loose = value_between(cost(1000, 900), cost(950, 900), is_nested=False)
    assert (loose.least, loose.most) == (-50, 100)
    assert not loose.is_proven_to_pay
    assert value_between(cost(900, 900), cost(1000, 1000), is_nested=False).most == -100


def test_levels_that_nest_prove_of_one_another() -> None:
    ward, county = tightened([cost(1000, 850), cost(1010, 900)], [[1], []])
    assert ward == cost(1000, 900), "what bounds the county bounds the wards in it"
    assert county == cost(1000, 900), "the wards' plan is one for the county"
    apart = [cost(1000, 850), cost(1010, 900)]
    assert tightened(apart, [[], []]) == apart


def test_a_value_known_to_the_pound_is_exact() -> None:
    value = value_between(cost(1000, 1000), cost(900, 900), is_nested=True)
    assert value.is_exact
    assert value.least == value.most == 100


def test_the_interval_holds_the_true_value_on_random_problems() -> None:
    """Stopped early, the solver's bounds and plans still enclose what solving to the end gives."""
    rng = random.Random(5)
    checked = 0
    for _ in range(6):
        fine = _random(rng, areas=3)
        coarse = Problem(tuple(_everywhere(building) for building in fine.buildings), fine.teams, fine.settings)
        true = Decimal(str(solve(fine).objective)) - Decimal(str(solve(coarse).objective))
        hasty = [solve(problem, Limits(node_limit=0)) for problem in (fine, coarse)]
        costs = [Cost(Decimal(str(found.objective)), Decimal(str(found.bound))) for found in hasty]
        value = value_between(*tightened(costs, [[1], []]), is_nested=True)
        assert value.least - Decimal("0.02") <= true <= value.most + Decimal("0.02")
        checked += true > 0
    assert checked >= 3, "crossing boundaries pays in most of them"


def _everywhere(building: Building) -> Building:
    return Building(**{name: getattr(building, name) for name in building.__slots__} | {"area_id": "everywhere"})


def _random(rng: random.Random, areas: int) -> Problem:
    buildings, teams = [], []
    for number, area in itertools.product(range(5), range(areas)):
        name = f"{area}-{number}"
        size = rng.randint(50, 400)
        buildings.append(
            Building(
                id=name,
                name=name,
                area_id=f"area:{area}",
                x_m=rng.uniform(0, 3000),
                y_m=0.0,
                capacity_m2=float(size),
                running_cost_per_year=float(size * rng.randint(50, 150)),
                hosting_cost_per_m2_per_year=float(rng.randint(5, 20)),
                accepts=("office",),
            )
        )
        teams.append(Team(f"t{name}", name, home=name, agency="1", use="office", need_m2=size * rng.uniform(0.3, 0.8)))
    return Problem(tuple(buildings), tuple(teams), Settings(annuity_ratio=0.12))

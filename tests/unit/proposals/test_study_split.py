"""One problem cut along boundaries: each building in one piece a level, larger pieces around smaller."""

import pytest

from estate.optimise import Building, Problem, Settings, Team
from estate.optimise.check import checked_cost_per_year
from estate.optimise.solve import solve
from estate.proposals.study_split import Cut, Region, area_keys, changes_of, does_nest, pieces_of, start_of

WARDS = {"a": Region(1, "Ash"), "b": Region(1, "Ash"), "c": Region(2, "Oak")}
DISTRICTS = {"a": Region(9, "West"), "b": Region(9, "West"), "c": Region(9, "West"), "d": Region(8, "East")}
CUTS = [Cut(WARDS, "in no ward"), Cut(DISTRICTS, "in no district"), Cut(None)]


@pytest.fixture
def problem() -> Problem:
    """Buildings a to e a metre apart, each with a team of 10 m²; all may host, and only a is cheap."""
    buildings = tuple(
        Building(
            id=name,
            name=name,
            area_id="",
            x_m=float(place),
            y_m=0.0,
            capacity_m2=100.0,
            running_cost_per_year=1000.0 + 100 * place,
            accepts=("office",),
        )
        for place, name in enumerate("abcde")
    )
    teams = tuple(Team(f"t{name}", name, home=name, agency="1", use="office", need_m2=10.0) for name in "abcde")
    return Problem(buildings, teams, Settings(annuity_ratio=0.1))


def test_every_building_is_in_one_piece_of_each_level(problem: Problem) -> None:
    levels = pieces_of(problem, CUTS)
    shape = [[(piece.name, sorted(piece.problem.building_index), piece.inside) for piece in level] for level in levels]
    assert shape == [
        [
            ("Ash", ["a", "b"], 1),
            ("Oak", ["c"], 1),
            ("East, in no ward", ["d"], 0),
            ("In no district, in no ward", ["e"], 2),
        ],
        [("East", ["d"], 0), ("West", ["a", "b", "c"], 0), ("In no district", ["e"], 0)],
        [("All together", ["a", "b", "c", "d", "e"], None)],
    ]
    for level in levels:
        assert sum(len(piece.problem.teams) for piece in level) == 5


def test_levels_nest_where_no_area_reaches_into_two(problem: Problem) -> None:
    wards, districts, nothing = (area_keys(problem, cut) for cut in CUTS)
    assert does_nest(wards, districts)
    assert does_nest(districts, nothing)
    assert not does_nest(districts, wards)
    across = area_keys(problem, Cut({**WARDS, "d": Region(2, "Oak")}))
    assert not does_nest(across, districts)


def test_an_area_that_reaches_into_two_is_inside_none(problem: Problem) -> None:
    wards, _ = pieces_of(problem, [Cut({**WARDS, "d": Region(2, "Oak")}), Cut(DISTRICTS)])
    assert [(piece.name, piece.inside) for piece in wards if piece.area_id] == [("Ash", 1), ("Oak", None)]


def test_the_plans_of_small_areas_are_one_plan_of_the_large_one(problem: Problem) -> None:
    wards, districts, _ = pieces_of(problem, CUTS)
    west = districts[1].problem
    changes = [changes_of(solve(piece.problem), piece.problem) for piece in wards if piece.inside == 1]
    start = start_of(west, changes)
    assert start.kept == {"a", "c"}
    fine = sum(solve(piece.problem).objective for piece in wards if piece.inside == 1)
    assert checked_cost_per_year(west, start) == pytest.approx(fine)
    assert start_of(west, []).kept == {"a", "b", "c"}

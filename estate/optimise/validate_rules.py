"""Refuses rules that name what is not there, and decisions that contradict each other. One sentence each."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from estate.optimise import constraints
from estate.optimise.errors import (
    ContradictoryLocks,
    NegativeFigure,
    NotANumber,
    SettingOutOfRange,
    UnknownInRules,
    naming,
)
from estate.optimise.mix_constraints import is_of_kind
from estate.optimise.pairs import Pairs
from estate.optimise.problem import Problem, Team, TeamRule
from estate.optimise.rules import Access, Rules


def refuse_bad_rules(problem: Problem) -> None:
    """Raises a `ProblemInvalid` on the first rule that can't be meant. Buildings and teams are known to be right."""
    _refuse_bad_limits(problem.settings.rules)
    _refuse_unknown_names(problem)
    _refuse_two_decisions_on_buildings(problem)
    _refuse_two_decisions_on_teams(problem)
    for team, building in problem.settings.rules.locks.moving:
        _refuse_forbidden_move(problem, team, building)
    if problem.settings.rules.access is not None:
        _refuse_bad_access(problem.settings.rules.access)


def list_rule_notes(problem: Problem) -> Iterator[str]:
    """Sentences on what the rules leave as it is."""
    for first, second in problem.settings.rules.apart:
        shared = tuple(
            building.name
            for building in problem.buildings
            if any(is_of_kind(team, first) for team in problem.teams_at[building.id])
            and any(is_of_kind(team, second) for team in problem.teams_at[building.id])
        )
        if shared:
            yield f"Under one roof today, and allowed to stay so: {first} and {second} in {naming(shared)}."


def _refuse_bad_limits(rules: Rules) -> None:
    cost = rules.most_one_off_cost
    if rules.most_moves is not None and rules.most_moves < 0:
        raise SettingOutOfRange("The limit on moves must be 0 or more.")
    if cost is not None and not (math.isfinite(cost) and cost >= 0):
        raise SettingOutOfRange("The limit on one-off costs must be 0 or more.")
    if rules.least_mix is not None and rules.least_mix < 1:
        raise SettingOutOfRange("The mix at a hub must be 1 or more.")
    for first, second in rules.apart:
        if not first or not second or first == second:
            raise SettingOutOfRange("What may not share a roof must be two different uses or groups.")


def _refuse_unknown_names(problem: Problem) -> None:
    locks, apart = problem.settings.rules.locks, problem.settings.rules.apart
    teams = {team.id for team in problem.teams}
    pairs = (*locks.moving, *locks.barred)
    named = (*locks.kept, *locks.emptied, *locks.unchanged, *(building for _, building in pairs))
    lost = tuple(name for name in named if name not in problem.building_index)
    if lost:
        raise UnknownInRules(
            f"Building {naming(lost)} is part of a decision, but not of this proposal. Take that decision away.",
            rows=lost,
        )
    lost = tuple(name for name in (*locks.staying, *(team for team, _ in pairs)) if name not in teams)
    if lost:
        raise UnknownInRules(
            f"Team {naming(lost)} is part of a decision, but not of this proposal. Take that decision away.", rows=lost
        )
    for first, second in apart:
        both = tuple(team.id for team in problem.teams if is_of_kind(team, first) and is_of_kind(team, second))
        if both:
            raise ContradictoryLocks(
                f"Team {naming(both)} is both {first} and {second}, which may not share a roof.", rows=both
            )


def _refuse_two_decisions_on_buildings(problem: Problem) -> None:
    locks = problem.settings.rules.locks
    kept = {*locks.kept, *locks.unchanged}
    both = tuple(building for building in locks.emptied if building in kept)
    if both:
        raise ContradictoryLocks(
            f"{_names(problem, both)} is to be kept and to be emptied. Take one of the two away.", rows=both
        )
    for name in locks.emptied:
        building = problem.buildings[problem.building_index[name]]
        if not building.may_close:
            because = building.may_close_reason or "it is protected"
            raise ContradictoryLocks(
                f"{building.name} is to be emptied, but may not be, because {because}.", rows=(name,)
            )


def _refuse_two_decisions_on_teams(problem: Problem) -> None:
    locks = problem.settings.rules.locks
    goals: dict[str, set[str]] = {}
    for name in locks.staying:
        goals.setdefault(name, set()).add(_team(problem, name).home)
    for name, building in locks.moving:
        goals.setdefault(name, set()).add(building)
    for name, where in goals.items():
        team = _team(problem, name)
        if len(where) > 1:
            wanted = _names(problem, sorted(where))
            raise ContradictoryLocks(f"{team.name} is to work in {wanted} at once.", rows=(name,))
        (goal,) = where
        if goal in locks.emptied:
            raise ContradictoryLocks(
                f"{team.name} is to work in {_names(problem, [goal])}, which is to be emptied.", rows=(name, goal)
            )
    for name, building in locks.barred:
        team = _team(problem, name)
        if building == team.home:
            raise ContradictoryLocks(
                f"{team.name} works in {_names(problem, [building])} already, so it can't be barred from there. "
                "Say where it is to move, or that the building is to be emptied.",
                rows=(name, building),
            )
        if building in goals.get(name, ()):
            raise ContradictoryLocks(
                f"{team.name} is to move to {_names(problem, [building])}, and may not.", rows=(name, building)
            )


def _refuse_forbidden_move(problem: Problem, name: str, building: str) -> None:
    """A move that was decided must be one that the estate's own rules allow."""
    team = _team(problem, name)
    if building == team.home:
        return
    home = problem.buildings[problem.building_index[team.home]]
    host = problem.buildings[problem.building_index[building]]
    index = np.array([problem.teams.index(team)]), np.array([problem.building_index[building]])
    pair = Pairs(problem, *index, np.array([math.dist((home.x_m, home.y_m), (host.x_m, host.y_m))]))
    said = f"{team.name} is to move to {host.name}, but that breaks a rule"
    for rule in constraints.PAIR_RULES:
        if not rule(pair).all():
            raise ContradictoryLocks(f"{said}: {constraints.REASONS[rule.__name__]}", rows=(name, building))
    locks = problem.settings.rules.locks
    is_kept = not home.may_close or home.id in (*locks.kept, *locks.unchanged)
    stays = tuple(t.name for t in problem.teams_at[home.id] if t.id in locks.staying)
    if problem.settings.team_rule is TeamRule.STAY and (is_kept or stays):
        because = f"{', '.join(stays)} is to stay there" if stays and not is_kept else "that building is kept"
        raise ContradictoryLocks(
            f"{said}: the teams of a kept building stay in it, and it works in {home.name}; {because}.",
            rows=(name, building),
        )


def _refuse_bad_access(access: Access) -> None:
    if not (math.isfinite(access.distance_m) and access.distance_m >= 0):
        raise SettingOutOfRange("The distance to a counter must be 0 metres or more.")
    fall = access.most_fall_ratio
    if fall is not None and not (math.isfinite(fall) and 0 <= fall <= 1):
        raise SettingOutOfRange("The fall in people with a counter near must be between 0 and 1 (0.05 is 5 %).")
    places = [*((p.x_m, p.y_m) for p in access.points), *((c.x_m, c.y_m) for c in access.others)]
    if not all(math.isfinite(metres) for place in places for metres in place):
        raise NotANumber("The position of a place where people live, or of a counter, is not a finite number.")
    people = [point.population for point in access.points if point.population is not None]
    if not all(math.isfinite(number) for number in people):
        raise NotANumber("A population is not a finite number. Leave it out where it is unknown.")
    if any(number < 0 for number in people):
        raise NegativeFigure("A population is negative.")


def _team(problem: Problem, name: str) -> Team:
    return next(team for team in problem.teams if team.id == name)


def _names(problem: Problem, ids: Iterable[str]) -> str:
    return naming(tuple(problem.buildings[problem.building_index[name]].name for name in ids))

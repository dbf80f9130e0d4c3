"""What a group of agencies without the others is told: see ADR 0037.

Decisions that forbid bind it too; those that demand a change were made for the plan of all and bind nobody alone. Of a
limit on the whole plan it has the share that its teams are of all teams. Counters of others stay where they are.
"""

import math
from dataclasses import replace

from estate.optimise import Problem
from estate.optimise.mix_constraints import is_of_kind
from estate.optimise.problem import Building, Team
from estate.optimise.rules import Access, Counter, Locks, Rules


def rules_of(problem: Problem, buildings: tuple[Building, ...], teams: tuple[Team, ...]) -> Rules:
    """The rules of `problem` for a group with these buildings and teams."""
    rules = problem.settings.rules
    inside, ours = {building.id for building in buildings}, {team.id for team in teams}
    share = len(ours) / len(problem.teams) if problem.teams else 0.0
    locks = Locks(
        kept=tuple(building for building in rules.locks.kept if building in inside),
        unchanged=tuple(building for building in rules.locks.unchanged if building in inside),
        staying=tuple(team for team in rules.locks.staying if team in ours),
        barred=(
            *((team, building) for team, building in rules.locks.barred if team in ours and building in inside),
            *_kept_apart_from_others(problem, inside, ours),
        ),
    )
    cost = rules.most_one_off_cost
    return replace(
        rules,
        locks=locks,
        most_moves=None if rules.most_moves is None else math.floor(rules.most_moves * share + 1e-9),
        most_one_off_cost=None if cost is None else cost * share,
        access=None if rules.access is None else _access_of(problem, rules.access, ours, share),
    )


def _kept_apart_from_others(problem: Problem, inside: set[str], ours: set[str]) -> list[tuple[str, str]]:
    """Moves that would bring a team under one roof with a team of somebody else that it must be kept apart from."""
    found: dict[tuple[str, str], None] = {}
    for other in problem.teams:
        if other.id in ours or other.home not in inside:
            continue
        for first, second in problem.settings.rules.apart:
            for team in problem.teams:
                clash = (is_of_kind(team, first) and is_of_kind(other, second)) or (
                    is_of_kind(team, second) and is_of_kind(other, first)
                )
                if clash and team.id in ours and team.home != other.home:
                    found[team.id, other.home] = None
    return list(found)


def _access_of(problem: Problem, access: Access, ours: set[str], share: float) -> Access:
    others = tuple(
        Counter(home.x_m, home.y_m, team.counter)
        for team in problem.teams
        if team.counter and team.id not in ours
        for home in (problem.buildings[problem.building_index[team.home]],)
    )
    fall = None if access.most_fall_ratio is None else access.most_fall_ratio * share
    return replace(access, others=(*access.others, *others), most_fall_ratio=fall)

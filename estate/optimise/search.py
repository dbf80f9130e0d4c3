"""A good plan in a second or two, by emptying, reopening and emptying again. Proves nothing; the solver starts from it.

The search asks the question of `TeamRule.STAY`; its plans are allowed under `TeamRule.FREE` too.
"""

import math
import random
from dataclasses import dataclass

import numpy as np

from estate.optimise import objective
from estate.optimise.problem import Problem, TeamRule
from estate.optimise.tighten import Tightened

ROUNDS_PER_BUILDING = 60
MOST_ARCS = 6_000
"""Of larger problems the first pass is enough: the solver's process searches on."""
NEIGHBOURS = 60
REOPENED_AT_ONCE = 16
SLACK_M2 = 1e-9
SMALLEST_GAIN = 1e-9


@dataclass
class Position:
    """Where everybody is in a plan: lists by position in the problem."""

    is_kept: list[bool]
    host: list[int]
    room_m2: list[float]


class Search:
    """State and moves of one search. Deterministic for a seed."""

    def __init__(self, problem: Problem, tight: Tightened, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  (a repeatable search, nothing secret)
        self.home: list[int] = tight.arcs.home.tolist()
        self.need = [team.need_m2 for team in problem.teams]
        self.saving: list[float] = objective.saving_per_year(problem).tolist()
        self.can_close = [not stays for stays in tight.must_stay.tolist()]
        self.own: list[list[int]] = [[] for _ in problem.buildings]
        for team, home in enumerate(self.home):
            self.own[home].append(team)
        self.options = _options(problem, tight)
        own_m2 = [sum(self.need[team] for team in teams) for teams in self.own]
        capacity = [max(b.capacity_m2, own) for b, own in zip(problem.buildings, own_m2, strict=True)]
        usable = tight.usable_m2.tolist() if problem.settings.team_rule is TeamRule.STAY else capacity
        room = [max(0.0, most - own) for most, own in zip(usable, own_m2, strict=True)]
        self.now = Position([True] * len(room), list(self.home), room)
        self.guests: list[set[int]] = [set() for _ in room]
        self.move_cost = [dict(options) for options in self.options]
        self.near = _neighbours(problem)
        self.journal: list[tuple[int, int]] = []
        """What to undo, in order: (team, its host before), or (-1, a building whose state was switched)."""

    def cost_of(self, team: int) -> float:
        """Yearly cost of where the team is now."""
        host = self.now.host[team]
        return 0.0 if host == self.home[team] else self.move_cost[team][host]

    def place(self, team: int, host: int) -> None:
        """Moves a team, keeping room and guests right."""
        before = self.now.host[team]
        self.journal.append((team, before))
        if before != self.home[team]:
            self.now.room_m2[before] += self.need[team]
            self.guests[before].discard(team)
        if host != self.home[team]:
            self.now.room_m2[host] -= self.need[team]
            self.guests[host].add(team)
        self.now.host[team] = host

    def switch(self, building: int) -> None:
        """Empties a kept building or keeps an emptied one; its teams are the caller's business."""
        self.now.is_kept[building] = not self.now.is_kept[building]
        self.journal.append((-1, building))

    def undo_to(self, mark: int) -> None:
        """Takes back everything that was done since the journal was `mark` long."""
        while len(self.journal) > mark:
            team, before = self.journal.pop()
            if team < 0:
                self.now.is_kept[before] = not self.now.is_kept[before]
            else:
                self.place(team, before)
                self.journal.pop()

    def empty(self, building: int) -> float:
        """Empties a building if that saves money: what it changes per year (negative), or 0.0 with nothing changed."""
        leaving = sorted([*self.own[building], *self.guests[building]], key=lambda team: (-self.need[team], team))
        mark = len(self.journal)
        self.switch(building)
        change = -self.saving[building]
        for team in leaving:
            before = self.cost_of(team)
            host = self._cheapest_host(team)
            if host < 0 or change + self.move_cost[team][host] - before >= 0:
                self.undo_to(mark)
                return 0.0
            self.place(team, host)
            change += self.cost_of(team) - before
        if change > -SMALLEST_GAIN:
            self.undo_to(mark)
            return 0.0
        return change

    def _cheapest_host(self, team: int) -> int:
        """The cheapest kept building with room, -1 where there is none; options are sorted by cost."""
        for host, _ in self.options[team]:
            if self.now.is_kept[host] and self.now.room_m2[host] + SLACK_M2 >= self.need[team]:
                return host
        return -1

    def reopen(self, building: int) -> float:
        """Keeps an emptied building and brings its teams home: what it changes per year."""
        change = self.saving[building]
        self.switch(building)
        for team in self.own[building]:
            change -= self.cost_of(team)
            self.place(team, building)
        return change

    def ruin_and_recreate(self) -> float:
        """Reopens a few neighbouring buildings and empties again in another order; undone where that costs more."""
        self.journal.clear()
        near = self.near[self.random.randrange(len(self.near))]
        emptied = [building for building in near if not self.now.is_kept[building]]
        self.random.shuffle(emptied)
        change = sum(self.reopen(building) for building in emptied[: self.random.randint(1, REOPENED_AT_ONCE)])
        change += sum(self.empty(building) for building in self._order(near))
        if change > SMALLEST_GAIN:
            self.undo_to(0)
            return 0.0
        return change

    def _order(self, buildings: list[int]) -> list[int]:
        """Kept buildings that may be emptied, dearest for the root of what they hold first, partly by chance."""
        candidates = [building for building in buildings if self.can_close[building] and self.now.is_kept[building]]
        held = [math.sqrt(sum(self.need[team] for team in self.own[building]) + 1.0) for building in candidates]
        score = [
            -self.saving[building] / size * self.random.uniform(0.2, 1.8)
            for building, size in zip(candidates, held, strict=True)
        ]
        return [candidates[position] for position in sorted(range(len(score)), key=score.__getitem__)]


def first_plan(problem: Problem, tight: Tightened, seed: int) -> Position:
    """The best plan of a seeded search; at worst the estate as it is. One pass where a longer search follows."""
    search = Search(problem, tight, seed)
    if not problem.buildings:
        return search.now
    for building in search._order(list(range(len(problem.buildings)))):
        search.empty(building)
    rounds = ROUNDS_PER_BUILDING * len(problem.buildings) if len(tight.arcs) <= MOST_ARCS else 0
    for _ in range(rounds):
        search.ruin_and_recreate()
    return search.now


def _neighbours(problem: Problem) -> list[list[int]]:
    """For each building the ones nearest to it, itself included."""
    points = np.array([(building.x_m, building.y_m) for building in problem.buildings]).reshape(-1, 2)
    if not len(points):
        return []
    # Imported here: the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    found = cKDTree(points).query(points, k=range(1, min(NEIGHBOURS, len(points)) + 1))[1]
    return [sorted(row) for row in found.tolist()]


def _options(problem: Problem, tight: Tightened) -> list[list[tuple[int, float]]]:
    """For each team the other buildings it may move to with their yearly cost, cheapest first."""
    arcs = tight.arcs
    cost = objective.arc_cost_per_year(problem, arcs)
    options: list[list[tuple[int, float]]] = [[] for _ in problem.teams]
    for arc in np.flatnonzero(~arcs.is_home).tolist():
        options[int(arcs.team[arc])].append((int(arcs.building[arc]), float(cost[arc])))
    return [sorted(row, key=lambda option: (option[1], option[0])) for row in options]

"""Compiled steps of the search for large areas: place, empty, reopen, ruin and recreate. Imported by its process only.

A state is changed in place and every change is written to a journal, so that a step that costs more is taken back.
"""

from typing import Any, NamedTuple

import numpy as np

from estate.optimise.compiled import compiled

SLACK_M2 = 1e-7
NOWHERE = -1
SWITCHED = -1
MOST_REOPENED = 16
EJECTION_HOSTS = 12
SMALLEST_GAIN = 1e-9


class Sites(NamedTuple):
    """What does not change: m teams, n buildings, a arcs to buildings other than home. Money per year, areas in m2."""

    need: Any
    """m"""
    home: Any
    """m: building each team lives in; -1 where it has none."""
    arc_start: Any
    """m + 1: first arc of each team; a team's arcs are sorted by cost."""
    arc_host: Any
    arc_cost: Any
    guest_start: Any
    """n + 1: first of the arcs into each building."""
    guest_team: Any
    guest_cost: Any
    own_start: Any
    own_team: Any
    keep_cost: Any
    """n: what keeping the building costs more than emptying it."""
    can_close: Any
    near: Any
    """n x q: buildings nearest to each, itself included."""
    appetite: Any
    """n: how likely it is to be emptied; 1.05 less the share of it that a relaxation keeps."""
    stays: Any
    """Whether the teams of a kept building stay in it."""


class State(NamedTuple):
    """A plan and what is needed to change it quickly."""

    is_kept: Any
    host: Any
    paid: Any
    """m: yearly cost of where each team is."""
    room: Any
    """n: what is left; negative where a building is over-full today."""
    head: Any
    after: Any
    before: Any
    """Teams in each building as a doubly linked list."""
    journal: Any
    """Rows (team, host before), or (-1, building that was switched)."""
    length: Any
    """One number: rows of the journal in use."""
    scratch: Any


@compiled
def fits(sites: Sites, state: State, team: int, host: int) -> bool:
    """True where the building has room for the team."""
    return bool(sites.need[team] <= state.room[host] + SLACK_M2)


@compiled
def unlink(state: State, team: int, host: int) -> None:
    """Takes a team off a building's list."""
    if state.before[team] >= 0:
        state.after[state.before[team]] = state.after[team]
    else:
        state.head[host] = state.after[team]
    if state.after[team] >= 0:
        state.before[state.after[team]] = state.before[team]


@compiled
def link(state: State, team: int, host: int) -> None:
    """Puts a team on a building's list."""
    state.before[team] = NOWHERE
    state.after[team] = state.head[host]
    if state.head[host] >= 0:
        state.before[state.head[host]] = team
    state.head[host] = team


@compiled
def put(sites: Sites, state: State, team: int, host: int, cost: float) -> None:
    """Moves a team without writing to the journal."""
    old = state.host[team]
    unlink(state, team, old)
    link(state, team, host)
    state.room[old] += sites.need[team]
    state.room[host] -= sites.need[team]
    state.host[team] = host
    state.paid[team] = cost


@compiled
def place(sites: Sites, state: State, team: int, host: int, cost: float) -> float:
    """Moves a team; returns what that changes per year."""
    row = state.length[0]
    state.journal[row, 0] = team
    state.journal[row, 1] = state.host[team]
    state.length[0] = row + 1
    change = cost - state.paid[team]
    put(sites, state, team, host, cost)
    return float(change)


@compiled
def switch(state: State, building: int) -> None:
    """Empties a kept building or keeps an emptied one; its teams are the caller's business."""
    row = state.length[0]
    state.journal[row, 0] = SWITCHED
    state.journal[row, 1] = building
    state.length[0] = row + 1
    state.is_kept[building] = not state.is_kept[building]


@compiled
def cost_of(sites: Sites, team: int, host: int) -> float:
    """Yearly cost of a team in a building; infinite where it may not be."""
    if host == sites.home[team]:
        return 0.0
    for arc in range(sites.arc_start[team], sites.arc_start[team + 1]):
        if sites.arc_host[arc] == host:
            return float(sites.arc_cost[arc])
    return np.inf


@compiled
def undo_to(sites: Sites, state: State, mark: int) -> None:
    """Takes back everything since the journal was `mark` long."""
    while state.length[0] > mark:
        row = state.length[0] - 1
        state.length[0] = row
        team, old = state.journal[row, 0], state.journal[row, 1]
        if team == SWITCHED:
            state.is_kept[old] = not state.is_kept[old]
        else:
            put(sites, state, team, old, cost_of(sites, team, old))


@compiled
def cheapest_host(sites: Sites, state: State, team: int, limit: float, but: int) -> tuple[int, float]:
    """The cheapest kept building with room, its home included, that costs less than `limit`; -1 where there is none."""
    home = sites.home[team]
    if home >= 0 and home != but and state.is_kept[home] and limit > 0 and fits(sites, state, team, home):
        return home, 0.0
    for arc in range(sites.arc_start[team], sites.arc_start[team + 1]):
        if sites.arc_cost[arc] >= limit:
            break
        host = sites.arc_host[arc]
        if host != but and state.is_kept[host] and fits(sites, state, team, host):
            return host, sites.arc_cost[arc]
    return NOWHERE, np.inf


@compiled
def may_leave(sites: Sites, team: int, host: int) -> bool:
    """False for a team that the rule of staying holds in its own kept building."""
    return not (sites.stays and sites.home[team] == host)


@compiled
def fits_without(sites: Sites, state: State, team: int, host: int, gone: int) -> bool:
    """True where the building has room for the team once another has gone."""
    return bool(sites.need[team] <= state.room[host] + sites.need[gone] + SLACK_M2)


@compiled
def eject(sites: Sites, state: State, team: int, limit: float) -> float:
    """Places a team by sending one other on: the cheapest way found below `limit`, or infinite with nothing changed."""
    best, best_host, best_out, best_to, best_cost, best_to_cost = limit, NOWHERE, NOWHERE, NOWHERE, 0.0, 0.0
    looked = 0
    for arc in range(sites.arc_start[team], sites.arc_start[team + 1]):
        host, extra = sites.arc_host[arc], sites.arc_cost[arc] - state.paid[team]
        if looked >= EJECTION_HOSTS or extra >= best:
            break
        if state.is_kept[host] and host != state.host[team]:
            looked += 1
            change, out, to, to_cost = cheapest_way_out(sites, state, team, host, best - extra)
            if out >= 0:
                best, best_host, best_cost = extra + change, host, sites.arc_cost[arc]
                best_out, best_to, best_to_cost = out, to, to_cost
    if best_host < 0:
        return np.inf
    change = place(sites, state, best_out, best_to, best_to_cost)
    return change + place(sites, state, team, best_host, best_cost)


@compiled
def cheapest_way_out(sites: Sites, state: State, team: int, host: int, limit: float) -> tuple[float, int, int, float]:
    """Which team to send out of a building, and where, so that another fits: (change, team, host, its cost there)."""
    best, best_out, best_to, best_cost = limit, NOWHERE, NOWHERE, 0.0
    out = state.head[host]
    while out >= 0:
        if may_leave(sites, out, host) and fits_without(sites, state, team, host, out):
            to, cost = cheapest_host(sites, state, out, best + state.paid[out], host)
            if to >= 0:
                best, best_out, best_to, best_cost = cost - state.paid[out], out, to, cost
        out = state.after[out]
    return best, best_out, best_to, best_cost


@compiled
def rehouse(sites: Sites, state: State, team: int, limit: float) -> float:
    """Moves a team out of where it is, for less than `limit` more than it pays; infinite where that can't be done."""
    host, cost = cheapest_host(sites, state, team, limit + state.paid[team], state.host[team])
    if host >= 0:
        return place(sites, state, team, host, cost)
    return eject(sites, state, team, limit)


@compiled
def leaving_teams(sites: Sites, state: State, building: int) -> int:
    """Writes the teams in a building to the scratch list, largest first; returns how many there are."""
    count = 0
    team = state.head[building]
    while team >= 0:
        at = count
        while at > 0 and sites.need[state.scratch[at - 1]] < sites.need[team]:
            state.scratch[at] = state.scratch[at - 1]
            at -= 1
        state.scratch[at] = team
        count += 1
        team = state.after[team]
    return count


@compiled
def empty(sites: Sites, state: State, building: int, limit: float) -> float:
    """Empties a building if that changes the cost by less than `limit`; returns the change, or 0 with nothing done."""
    mark = state.length[0]
    count = leaving_teams(sites, state, building)
    teams = state.scratch[:count].copy()
    switch(state, building)
    change = -sites.keep_cost[building]
    for team in teams:
        change += rehouse(sites, state, team, limit - change)
        if not change < limit:
            undo_to(sites, state, mark)
            return 0.0
    return float(change)


@compiled
def reopen(sites: Sites, state: State, building: int) -> float:
    """Keeps an emptied building, brings its teams home and takes in those that it suits; returns the change."""
    switch(state, building)
    change = sites.keep_cost[building]
    for at in range(sites.own_start[building], sites.own_start[building + 1]):
        change += place(sites, state, sites.own_team[at], building, 0.0)
    for at in range(sites.guest_start[building], sites.guest_start[building + 1]):
        team, cost = sites.guest_team[at], sites.guest_cost[at]
        gains = cost < state.paid[team] - SMALLEST_GAIN and may_leave(sites, team, state.host[team])
        if gains and fits(sites, state, team, building):
            change += place(sites, state, team, building, cost)
    return float(change)


@compiled
def improve(sites: Sites, state: State, team: int) -> float:
    """Moves a team to where it costs less, or swaps it with one other; returns the change."""
    here = state.host[team]
    if not may_leave(sites, team, here):
        return 0.0
    host, cost = cheapest_host(sites, state, team, state.paid[team] - SMALLEST_GAIN, here)
    if host >= 0:
        return place(sites, state, team, host, cost)
    return 0.0 if sites.stays else swap(sites, state, team)


@compiled
def swap(sites: Sites, state: State, team: int) -> float:
    """Swaps a team with the one in another building with which that saves most; returns the change, 0 for none."""
    here, paid = state.host[team], state.paid[team]
    best, best_other, best_host, best_cost, best_other_cost = -SMALLEST_GAIN, NOWHERE, NOWHERE, 0.0, 0.0
    for arc in range(sites.arc_start[team], sites.arc_start[team + 1]):
        host, cost = sites.arc_host[arc], sites.arc_cost[arc]
        if state.is_kept[host] and host != here:
            change, other, other_cost = best_to_swap(sites, state, team, host, best - cost + paid)
            if other >= 0:
                best, best_other, best_host = change + cost - paid, other, host
                best_cost, best_other_cost = cost, other_cost
    if best_host < 0:
        return 0.0
    change = place(sites, state, best_other, here, best_other_cost)
    return change + place(sites, state, team, best_host, best_cost)


@compiled
def best_to_swap(sites: Sites, state: State, team: int, host: int, limit: float) -> tuple[float, int, float]:
    """The team in a building that could take another's place for the least: (change, team, its cost there)."""
    here = state.host[team]
    best, best_other, best_cost = limit, NOWHERE, 0.0
    other = state.head[host]
    while other >= 0:
        fit = -state.paid[other] < best and fits_without(sites, state, team, host, other)
        if fit and fits_without(sites, state, other, here, team):
            cost = cost_of(sites, other, here)
            if cost - state.paid[other] < best:
                best, best_other, best_cost = cost - state.paid[other], other, cost
        other = state.after[other]
    return best, best_other, best_cost


@compiled
def order_of(sites: Sites, state: State, near: Any, noise: float) -> Any:
    """Kept buildings among `near` that may be emptied, the best to empty first, partly by chance."""
    found = np.empty(len(near), np.int64)
    score = np.empty(len(near))
    count = 0
    for building in near:
        if state.is_kept[building] and sites.can_close[building]:
            held = 1.0
            for at in range(sites.own_start[building], sites.own_start[building + 1]):
                held += sites.need[sites.own_team[at]]
            chance = np.random.uniform(1.0 - noise, 1.0 + noise)
            found[count] = building
            score[count] = -sites.keep_cost[building] / np.sqrt(held) * sites.appetite[building] * chance
            count += 1
    return found[:count][np.argsort(score[:count])]


@compiled
def ruin_and_recreate(sites: Sites, state: State, threshold: float) -> float:
    """One step around a building drawn by chance: reopen some, empty again in another order, mend; returns the change.

    It is taken back, and 0 returned, where it costs `threshold` more or above.
    """
    state.length[0] = 0
    near = sites.near[np.random.randint(len(sites.near))]
    emptied = near[~state.is_kept[near]]
    change = 0.0
    np.random.shuffle(emptied)
    for building in emptied[: np.random.randint(1, MOST_REOPENED + 1)]:
        change += reopen(sites, state, building)
    for building in order_of(sites, state, near, 0.8):
        if state.length[0] > len(state.journal) // 2:
            break
        change += empty(sites, state, building, 0.0)
    for row in range(state.length[0]):
        team = state.journal[row, 0]
        if team >= 0 and state.paid[team] > 0 and state.length[0] < len(state.journal) - 2:
            change += improve(sites, state, team)
    if change >= threshold:
        undo_to(sites, state, 0)
        return 0.0
    return change


@compiled
def seed_chance(seed: int) -> None:
    """Sets the compiled code's own source of chance."""
    np.random.seed(seed)


@compiled
def search(sites: Sites, state: State, best: State, steps: int, heat: float, cost: float, least: float) -> Any:
    """`steps` steps, each of which may cost up to `heat` more; keeps the best plan met; (cost, least cost)."""
    for _ in range(steps):
        cost += ruin_and_recreate(sites, state, heat * np.random.random() + SMALLEST_GAIN)
        if cost < least - SMALLEST_GAIN:
            least = cost
            copy_state(state, best)
    return cost, least


@compiled
def copy_state(given: State, into: State) -> None:
    """Copies a plan."""
    into.is_kept[:] = given.is_kept
    into.host[:] = given.host
    into.paid[:] = given.paid
    into.room[:] = given.room
    into.head[:] = given.head
    into.after[:] = given.after
    into.before[:] = given.before

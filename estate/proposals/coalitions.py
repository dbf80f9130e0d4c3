"""What groups of agencies could save without the others: the same area solved with their own buildings and teams.

A building is a group's own where all that pay for it belong to the group. Its buildings host, and are emptied, for its
own teams only; a building in which somebody else's team works stays, and so does that team. All else stays as it is.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from estate.appraise.core import nucleolus, stability
from estate.appraise.games import HALF_PENNY, Array, Game
from estate.appraise.shapley import sampled_shapley, shapley, shapley_bounds
from estate.optimise import Limits, Problem
from estate.optimise.problem import Building
from estate.optimise.solve import solve
from estate.proposals.coalition_rules import rules_of

MOST_BY_ALL_GROUPS = 6
"""Agencies for which every group is solved; above that, groups met in random orders of joining are."""
ORDERS = 16
FEWEST_ORDERS = 4
MOST_GROUPS = 128
"""Of many agencies fewer orders are drawn: each order meets as many groups as there are agencies."""
LEAST_SECONDS = 0.2


@dataclass(frozen=True)
class AgencyShare:
    """One agency's part of what the plan saves a year, moves paid."""

    agency: str
    alone: float
    share: float
    lowest: float
    """Of its Shapley value, where groups were not solved to the end or were sampled; else equal to the highest."""
    highest: float


@dataclass(frozen=True)
class Shares:
    """How a plan's saving is shared, by which method, and who would walk away."""

    rows: tuple[AgencyShare, ...]
    method: str
    """`shapley`, `nucleolus` or `sampled`."""
    sentence: str
    groups: int
    """Groups of agencies that were solved."""
    unproven: int
    """Those of them whose plan is not proven to be the best."""


@dataclass
class Groups:
    """What groups of agencies save a year, solved when asked for the first time."""

    problem: Problem
    agencies: tuple[str, ...]
    whole: float
    """What the plan of all saves a year."""
    limits: Limits
    deadline: float
    expected: int
    """Groups that are expected to be asked for, among which the time is divided."""
    found: dict[int, tuple[float, float]]

    def saving(self, mask: int) -> tuple[float, float]:
        """The least and the most that a group saves a year: by its best plan, and by what is proven of it."""
        if mask == (1 << len(self.agencies)) - 1:
            return self.whole, self.whole
        if mask not in self.found:
            members = {name for place, name in enumerate(self.agencies) if mask >> place & 1}
            left = max(1, self.expected - len(self.found))
            seconds = max(LEAST_SECONDS, (self.deadline - time.monotonic()) / left)
            limits = replace(self.limits, time_limit_s=min(self.limits.time_limit_s, seconds))
            found = solve(problem_of(self.problem, members), limits)
            self.found[mask] = found.saving_per_year, found.cost_today_per_year - found.bound
        return self.found[mask]


def agencies_of(problem: Problem) -> tuple[str, ...]:
    """Everybody who pays for a building, also what is due only when it is left, or has a team."""
    payers = {payer.agency for building in problem.buildings for payer in (*building.payers, *building.leaving_payers)}
    return tuple(sorted(payers | {team.agency for team in problem.teams}))


def problem_of(problem: Problem, members: Iterable[str]) -> Problem:
    """The group's own buildings and teams, see the module."""
    inside = frozenset(members)
    own = {building.id for building in problem.buildings if _is_own(building, inside)}
    teams = [team for team in problem.teams if team.home in own]
    others: dict[str, float] = {}
    for team in teams:
        if team.agency not in inside:
            others[team.home] = others.get(team.home, 0.0) + team.need_m2
    buildings = tuple(
        replace(
            building,
            capacity_m2=max(0.0, building.capacity_m2 - others[building.id]),
            may_close=False,
            may_close_reason="a team of an agency outside the group works there",
        )
        if building.id in others
        else building
        for building in problem.buildings
        if building.id in own
    )
    ours = tuple(team for team in teams if team.agency in inside)
    settings = replace(problem.settings, rules=rules_of(problem, buildings, ours))
    return replace(problem, buildings=buildings, teams=ours, settings=settings)


def shares_of(
    problem: Problem, whole: float, limits: Limits, seconds: float, names: Mapping[str, str] | None = None
) -> Shares | None:
    """How `whole`, what the plan of all saves a year, is shared; None where there is nothing to share.

    `names`: of agencies, each another, for the sentence; without one an agency goes by what the problem calls it.
    """
    agencies = agencies_of(problem)
    if not agencies or whole <= 0:
        return None
    is_sampled = len(agencies) > MOST_BY_ALL_GROUPS
    expected = _orders(len(agencies)) * len(agencies) if is_sampled else (1 << len(agencies)) - 2
    groups = Groups(problem, agencies, whole, limits, time.monotonic() + seconds, expected, {})
    return _sampled(groups) if is_sampled else _by_all_groups(groups, names or {})


def _by_all_groups(groups: Groups, names: Mapping[str, str]) -> Shares:
    """Shapley value where it holds everyone, otherwise the nucleolus."""
    size = 1 << len(groups.agencies)
    lowest, highest = np.zeros(size), np.zeros(size)
    for mask in sorted(range(1, size), key=int.bit_count):
        lowest[mask], highest[mask] = groups.saving(mask)
    if groups.problem.settings.rules.access is None:
        lowest[1:-1] = _lifted(lowest)[1:-1]
    highest = np.maximum(lowest, highest)
    game = Game(tuple(names.get(agency, agency) for agency in groups.agencies), lowest)
    value = shapley(game)
    least, most = shapley_bounds(groups.agencies, lowest, highest)
    said, shares, method = stability(game, value), value, "shapley"
    if said.leavers or (value < -game.tolerance).any():
        shares, method = nucleolus(game), "nucleolus"
        said = stability(game, shares)
    shares = settled(shares, game.tolerance)
    rows = zip(groups.agencies, game.alone.tolist(), shares.tolist(), least.tolist(), most.tolist(), strict=True)
    unproven = sum(high - low > game.tolerance for low, high in groups.found.values())
    doubt = f" This rests on the best plans found; {unproven} groups may have better ones." if unproven else ""
    return Shares(tuple(AgencyShare(*row) for row in rows), method, said.sentence + doubt, len(groups.found), unproven)


def _sampled(groups: Groups) -> Shares:
    def gain_of(mask: int) -> float:
        return groups.saving(mask)[0]

    def most_of(mask: int) -> float:
        return groups.saving(mask)[1]

    count = len(groups.agencies)
    sample = partial(sampled_shapley, count, orders=_orders(count), seed=groups.limits.seed)
    found = sample(gain_of)
    shares = settled(found.shares, HALF_PENNY)
    low, high = sample(gain_of, before_of=most_of), sample(most_of, before_of=gain_of)
    each = [groups.saving(1 << place) for place in range(len(groups.agencies))]
    alone, alone_most = np.array(each).T
    least, most = low.shares - low.margin, high.shares + high.margin
    rows = zip(groups.agencies, alone.tolist(), shares.tolist(), least.tolist(), most.tolist(), strict=True)
    unproven = sum(high - low > HALF_PENNY for low, high in groups.found.values())
    better, perhaps = (int((gain > shares + HALF_PENNY).sum()) for gain in (alone, alone_most))
    sentence = (
        _alone_sentence(count, better, perhaps)
        + " Which larger groups would walk away was not worked out: there are too many of them to solve each."
    )
    return Shares(tuple(AgencyShare(*row) for row in rows), "sampled", sentence, len(groups.found), unproven)


def settled(shares: Array, tolerance: float) -> Array:
    """The same split; a share below nothing by no more than rounding is nothing, and the largest share pays for it."""
    found = np.where((shares < 0) & (shares >= -tolerance), 0.0, shares)
    found[int(found.argmax())] -= float(found.sum() - shares.sum())
    return found


def _orders(count: int) -> int:
    return max(FEWEST_ORDERS, min(ORDERS, MOST_GROUPS // count))


def _alone_sentence(count: int, better: int, perhaps_better: int) -> str:
    """Who would do better alone than with its share: by the plans that were found, and by what is proven of them."""
    if better:
        return f"{better} of {count} agencies would do better alone than with this share."
    if perhaps_better:
        return (
            "No agency does better by the best plan found for it alone; "
            f"of {perhaps_better} of {count} agencies that is not proven."
        )
    return "No agency would do better alone."


def _lifted(gains: Array) -> Array:
    """Each group reaches at least what two parts of it reach side by side: a better plan than the one found.

    Not so under a rule of public access: each part may count on the counters of the other.
    """
    lifted = gains.copy()
    count = len(gains).bit_length() - 1
    for size in range(2, count + 1):
        for places in combinations(range(count), size):
            mask = sum(1 << place for place in places)
            part = (mask - 1) & mask
            while part:
                lifted[mask] = max(lifted[mask], lifted[part] + lifted[mask ^ part])
                part = (part - 1) & mask
    return lifted


def _is_own(building: Building, inside: frozenset[str]) -> bool:
    payers = {payer.agency for payer in (*building.payers, *building.leaving_payers)}
    return bool(building.payers) and payers <= inside

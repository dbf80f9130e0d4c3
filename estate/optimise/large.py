"""The search for large areas: a bound by prices and a plan by ruin and recreate, by turns, until a limit.

Runs in the solver's own process. Deterministic for a seed and a number of rounds.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise import kernels
from estate.optimise.neighbourhood import Neighbourhoods
from estate.optimise.relaxation import Relaxation
from estate.optimise.siting import Siting, nearest
from estate.optimise.whole import Whole

Array = NDArray[Any]

CLIMB_CHUNK = 100
FIRST_CLIMB, LATER_CLIMB = 12, 4
"""Times `CLIMB_CHUNK` steps of the relaxation before the first round of the search and before each later one."""
COOLING = 0.7
HALF_PENNY = 0.005
STEPS_A_SITE = 20
SITES_A_MEND = 20
CHUNK = 200
HEAT_RATIO = 0.06
"""What a step may cost at first, as a share of what a site costs on average."""


class Hunt:
    """One siting, its best plan and its bound."""

    def __init__(self, siting: Siting, is_kept: Array, host: Array, seed: int) -> None:
        self.siting = siting
        self.relaxation = Relaxation(siting)
        self.sites = sites_of(siting)
        self.start_from(is_kept, host)
        closable = siting.keep_cost[siting.can_close]
        self.heat = HEAT_RATIO * float(closable.mean()) if len(closable) else 0.0
        kernels.seed_chance(seed)

    def start_from(self, is_kept: Array, host: Array) -> None:
        """Goes on from another plan."""
        self.now, self.best = state_of(self.siting, is_kept, host), state_of(self.siting, is_kept, host)
        self.cost = self.least = self.siting.cost_of(is_kept, host)

    def climb(self, chunks: int, may_go_on: Callable[[], bool]) -> None:
        """Raises the bound and tells the search which sites the relaxation would keep."""
        for _ in range(chunks):
            self.relaxation.climb(CLIMB_CHUNK, self.least)
            self.sites.appetite[:] = 1.05 - self.relaxation.kept_share
            if not may_go_on():
                return

    def anneal(self, steps: int, heat: float, may_go_on: Callable[[], bool]) -> None:
        """Searches from the best plan, ever more strictly; `may_go_on` is asked every few steps."""
        kernels.copy_state(self.best, self.now)
        self.cost = self.least
        for done in range(0, steps, CHUNK):
            now = heat * (1.0 - done / steps)
            self.cost, self.least = kernels.search(
                self.sites, self.now, self.best, min(CHUNK, steps - done), now, self.cost, self.least
            )
            if not may_go_on():
                return


def search_part(whole: Whole, part: int, seconds: float, options: dict[str, Any]) -> str:
    """Searches a part until a limit; plans and bounds go to the whole. Returns the ending in the words of HiGHS."""
    deadline = time.monotonic() + seconds
    section = Section(whole, part)
    hunt = Hunt(section.siting, section.is_kept, section.host, options["seed"])
    neighbourhoods = Neighbourhoods(whole, part, options)
    gap_wanted = max(HALF_PENNY, options["gap_wanted_ratio"] * whole.cost * whole.share_of(part))

    def may_go_on() -> bool:
        section.tell_plan(hunt)
        whole.raise_bound(part, hunt.relaxation.bound)
        return time.monotonic() < deadline and whole.cost_of(part) - hunt.relaxation.bound > gap_wanted

    sites = len(section.siting.keep_cost)
    hunt.anneal(sites, 0.0, may_go_on)
    steps, heat, rounds = STEPS_A_SITE * sites, hunt.heat, 0
    while may_go_on() and rounds != options["rounds"]:
        hunt.climb(FIRST_CLIMB if not rounds else LATER_CLIMB, may_go_on)
        hunt.anneal(steps, heat, may_go_on)
        for _ in range(sites // SITES_A_MEND + 1):
            if may_go_on():
                neighbourhoods.mend(neighbourhoods.pick(), deadline - time.monotonic())
        section.give_plan(hunt)
        rounds += 1
        heat *= COOLING
    whole.nodes += rounds
    if time.monotonic() >= deadline or neighbourhoods.is_cut_short:
        return "Time limit reached"
    return "Iteration limit reached" if may_go_on() else "Optimal"


class Section:
    """A part of the whole as a siting, and the way back from its plans to columns."""

    def __init__(self, whole: Whole, part: int) -> None:
        arrays, self.whole, self.part = whole.arrays, whole, part
        count = len(whole.part)
        self.columns = whole.columns_of(part)
        self.columns = self.columns[self.columns < whole.chosen]
        sites, arcs = self.columns[self.columns < count], self.columns[self.columns >= count] - count
        teams = np.unique(arrays["arc_team"][arcs])
        self.team = np.searchsorted(teams, arrays["arc_team"][arcs])
        self.site = np.searchsorted(sites, arrays["arc_building"][arcs])
        is_home = arrays["arc_is_home"][arcs]
        home, self.host = np.zeros(len(teams), dtype=np.int64), np.zeros(len(teams), dtype=np.int64)
        home[self.team[is_home]] = self.site[is_home]
        used = whole.columns[arcs + count]
        self.host[self.team[used]] = self.site[used]
        self.is_kept = whole.columns[sites]
        self.siting = Siting(
            keep_cost=arrays["cost"][sites],
            can_close=arrays["lower"][sites] == 0,
            room=arrays["room"][sites],
            need=arrays["need"][teams],
            home=home,
            team=self.team[~is_home],
            site=self.site[~is_home],
            cost=arrays["cost"][arcs + count][~is_home],
            points=arrays["points"][sites],
            stays=bool(arrays["stays"]),
        )

    def tell_plan(self, hunt: Hunt) -> None:
        """Gives the best plan of the search to the whole, where it is better than the one it has."""
        if hunt.least >= self.whole.cost_of(self.part) - HALF_PENNY:
            return
        on = hunt.best.host[self.team] == self.site
        self.whole.take_plan(self.part, self.columns, np.concatenate([hunt.best.is_kept, on]))

    def give_plan(self, hunt: Hunt) -> None:
        """Gives the plan of the whole to the search."""
        sites = len(self.is_kept)
        values = self.whole.columns[self.columns]
        host = self.host.copy()
        host[self.team[values[sites:]]] = self.site[values[sites:]]
        hunt.start_from(values[:sites], host)


def sites_of(siting: Siting) -> kernels.Sites:
    """The siting as the compiled search takes it."""
    sites, teams = len(siting.keep_cost), len(siting.need)
    by_team = np.lexsort((siting.site, siting.cost, siting.team))
    by_site = np.lexsort((siting.team, siting.cost, siting.site))
    at_home = np.flatnonzero(siting.home >= 0)
    own = at_home[np.argsort(siting.home[at_home], kind="stable")]
    return kernels.Sites(
        need=siting.need.astype(float),
        home=siting.home.astype(np.int64),
        arc_start=np.searchsorted(siting.team[by_team], np.arange(teams + 1)),
        arc_host=siting.site[by_team].astype(np.int64),
        arc_cost=siting.cost[by_team].astype(float),
        guest_start=np.searchsorted(siting.site[by_site], np.arange(sites + 1)),
        guest_team=siting.team[by_site].astype(np.int64),
        guest_cost=siting.cost[by_site].astype(float),
        own_start=np.searchsorted(siting.home[own], np.arange(sites + 1)),
        own_team=own.astype(np.int64),
        keep_cost=siting.keep_cost.astype(float),
        can_close=siting.can_close.astype(bool),
        near=nearest(siting.points),
        appetite=np.ones(sites),
        stays=siting.stays,
    )


def state_of(siting: Siting, is_kept: Array, host: Array) -> kernels.State:
    """A plan as the compiled search takes it."""
    sites, teams = len(siting.keep_cost), len(siting.need)
    paid = np.zeros(teams)
    on = host[siting.team] == siting.site
    paid[siting.team[on]] = siting.cost[on]
    paid[host == siting.home] = 0.0
    state = kernels.State(
        is_kept=is_kept.astype(bool),
        host=host.astype(np.int64),
        paid=paid,
        room=siting.room - np.bincount(host, weights=siting.need, minlength=sites),
        head=np.full(sites, kernels.NOWHERE),
        after=np.full(teams, kernels.NOWHERE),
        before=np.full(teams, kernels.NOWHERE),
        journal=np.zeros((40 * (sites + teams) + 1000, 2), dtype=np.int64),
        length=np.zeros(1, dtype=np.int64),
        scratch=np.zeros(teams + 1, dtype=np.int64),
    )
    for team in range(teams):
        kernels.link(state, team, int(host[team]))
    return state

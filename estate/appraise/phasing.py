"""In which year each part of a plan is carried out: an order of moves under leases, swing space, capital and delivery.

**The programme.** z_pt = 1 where project p (the teams that leave one building) is carried out in year t = 0, 1, ...

    maximise    sum_pt value_pt z_pt
                value_pt = sum_{s > t} saving_p d_s  -  (capital_p + leaving_pt) d_t        d: discount factors
    subject to  sum_t z_pt <= 1                                          each project once, or not in these years
                sum_p moves_p z_pt <= moves a year                       delivery capacity
                sum_p (capital_p + leaving_pt) z_pt <= capital_t         capital by year
                sum_{p, s <= t} taken_ph z_ps <= room_h + sum_{p, s < t} freed_ph z_ps      swing space of host h

Savings are counted to the end of the horizon. Space that a project frees can be used from the year after on. The
rent that stays due falls as a lease nears its break, so a later year may be worth more. HiGHS solves it in a process
of its own; where that ends without a plan, a greedy one stands in, and the gap says how good it may be at worst.
"""

import io
import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.appraise.discounting import Rates, discount_factor
from estate.appraise.errors import PhasingInvalid

Array = NDArray[Any]
SOLVER_COMMAND = (sys.executable, "-m", "estate.appraise.phasing_process")
GRACE_S = 5.0
"""How long after its time limit the process may still say its last word."""
SLACK = 1e-6


@dataclass(frozen=True)
class Project:
    """The teams that leave one building together. Money at today's prices, areas in m2."""

    key: str
    saving_per_year: float
    """At the end of every year after the one in which it is carried out."""
    capital: float
    """Moves and fit-out, paid in its year."""
    leaving_by_year: tuple[float, ...]
    """Rent that stays due where it is carried out in year 0, 1, ...; one for each year that may be chosen."""
    moves: int
    taken: tuple[tuple[str, float], ...] = ()
    """Space that it takes up, by host."""
    freed: tuple[tuple[str, float], ...] = ()
    """Space that it frees in a building that is kept."""


@dataclass(frozen=True)
class PhasingLimits:
    """What can be done in a year. None: as much as is wanted."""

    moves_per_year: int | None = None
    capital_per_year: float | None = None
    time_limit_s: float = 10.0
    memory_limit_bytes: int = 4 * 1024**3


@dataclass(frozen=True)
class Phases:
    """The year of each project, and how good the order is."""

    year: dict[str, int]
    """By project; those without one are not carried out in these years."""
    value: float
    """Net present value."""
    bound: float
    """Proven: no order is worth more."""
    is_proven: bool

    @property
    def gap(self) -> float:
        """How much more any order could be worth, as a share of the bound."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0


def phased(
    projects: Sequence[Project], room_m2: Mapping[str, float], rates: Rates, horizon: int, limits: PhasingLimits
) -> Phases:
    """The best order. `room_m2`: free space of each host today. Raises `PhasingInvalid`."""
    _check(projects, horizon, limits)
    if not projects:
        return Phases({}, 0.0, 0.0, is_proven=True)
    gains = values_by_year(projects, rates, horizon)
    greedy = _greedy(projects, room_m2, gains, limits)
    answer = _solved(_programme(projects, room_m2, gains, limits), limits)
    years = gains.shape[1]
    bound = float(np.maximum(0, gains.max(axis=1)).sum())
    bound = min(bound, answer["bound"]) if answer and answer["bound"] is not None else bound
    best, is_proven = greedy, False
    if answer and answer["columns"] is not None:
        found = {projects[column // years].key: column % years for column in answer["columns"]}
        if (
            is_feasible(projects, room_m2, found, limits)
            and _worth(projects, gains, found) >= _worth(projects, gains, greedy) - abs(bound) * SLACK
        ):
            best, is_proven = found, bool(answer["is_proven"])
    value = _worth(projects, gains, best)
    return Phases(best, value, max(value, bound), is_proven)


def values_by_year(projects: Sequence[Project], rates: Rates, horizon: int) -> Array:
    """Net present value of each project (rows) where it is carried out in each year (columns)."""
    discounts = [discount_factor(rates, year) for year in range(horizon + 1)]
    return np.array(
        [
            [
                project.saving_per_year * math.fsum(discounts[year + 1 :])
                - (project.capital + leaving) * discounts[year]
                for year, leaving in enumerate(project.leaving_by_year)
            ]
            for project in projects
        ]
    )


def is_feasible(
    projects: Sequence[Project], room_m2: Mapping[str, float], year: Mapping[str, int], limits: PhasingLimits
) -> bool:
    """Whether an order keeps every limit; worked out on its own, not from the programme."""
    chosen = [(project, year[project.key]) for project in projects if project.key in year]
    for at in {when for _, when in chosen}:
        now = [project for project, when in chosen if when == at]
        paid = math.fsum(project.capital + project.leaving_by_year[at] for project in now)
        if limits.moves_per_year is not None and sum(project.moves for project in now) > limits.moves_per_year:
            return False
        if limits.capital_per_year is not None and paid > limits.capital_per_year + SLACK * max(1.0, abs(paid)):
            return False
        for host in {host for project in now for host, _ in project.taken}:
            taken = math.fsum(m2 for project, when in chosen if when <= at for to, m2 in project.taken if to == host)
            freed = math.fsum(m2 for project, when in chosen if when < at for of, m2 in project.freed if of == host)
            if taken > room_m2.get(host, 0.0) + freed + SLACK * max(1.0, taken):
                return False
    return True


def _check(projects: Sequence[Project], horizon: int, limits: PhasingLimits) -> None:
    lengths = {len(project.leaving_by_year) for project in projects}
    if len({project.key for project in projects}) != len(projects) or len(lengths) > 1:
        raise PhasingInvalid
    if lengths and not 1 <= max(lengths) <= horizon + 1:
        raise PhasingInvalid
    figures = [
        figure
        for project in projects
        for figure in (project.saving_per_year, project.capital, *project.leaving_by_year)
    ]
    if not all(math.isfinite(figure) for figure in figures):
        raise PhasingInvalid
    if (limits.moves_per_year or 0) < 0 or (limits.capital_per_year or 0) < 0 or limits.time_limit_s <= 0:
        raise PhasingInvalid("Moves, capital and seconds must not be below 0.")


def _worth(projects: Sequence[Project], gains: Array, year: Mapping[str, int]) -> float:
    return math.fsum(float(gains[at, year[each.key]]) for at, each in enumerate(projects) if each.key in year)


def _greedy(
    projects: Sequence[Project], room_m2: Mapping[str, float], gains: Array, limits: PhasingLimits
) -> dict[str, int]:
    """The project worth most first, each in its best year that still keeps every limit."""
    found: dict[str, int] = {}
    for at in sorted(range(len(projects)), key=lambda place: (-gains[place].max(), projects[place].key)):
        for year in np.argsort(-gains[at], kind="stable"):
            tried = {**found, projects[at].key: int(year)}
            if gains[at, year] > 0 and is_feasible(projects, room_m2, tried, limits):
                found = tried
                break
    return found


def _programme(
    projects: Sequence[Project], room_m2: Mapping[str, float], gains: Array, limits: PhasingLimits
) -> dict[str, Any]:
    """The rows of the programme as a sparse matrix, column p x years + t for z_pt."""
    years = gains.shape[1]
    entries: list[tuple[int, int, float]] = []
    upper: list[float] = []

    def add(terms: list[tuple[int, int, float]], most: float) -> None:
        entries.extend((len(upper), at * years + year, value) for at, year, value in terms)
        upper.append(most)

    for at in range(len(projects)):
        add([(at, year, 1.0) for year in range(years)], 1.0)
    for year in range(years):
        if limits.moves_per_year is not None:
            add([(at, year, each.moves) for at, each in enumerate(projects)], limits.moves_per_year)
        if limits.capital_per_year is not None:
            paid = [(at, year, each.capital + each.leaving_by_year[year]) for at, each in enumerate(projects)]
            add(paid, limits.capital_per_year)
    for host in sorted({host for each in projects for host, _ in each.taken}):
        for year in range(years):
            taken = [
                (at, past, m2)
                for at, each in enumerate(projects)
                for to, m2 in each.taken
                if to == host
                for past in range(year + 1)
            ]
            freed = [
                (at, past, -m2)
                for at, each in enumerate(projects)
                for of, m2 in each.freed
                if of == host
                for past in range(year)
            ]
            add([*taken, *freed], room_m2.get(host, 0.0) + SLACK)
    rows, columns, values = zip(*entries, strict=True)
    return {
        "gain": gains.ravel(),
        "row": np.array(rows),
        "column": np.array(columns),
        "entry": np.array(values, dtype=float),
        "upper": np.array(upper, dtype=float),
    }


def _solved(programme: Mapping[str, Any], limits: PhasingLimits) -> dict[str, Any] | None:
    """What the process answered; None where it died, or did not end in time."""
    given = io.BytesIO()
    np.savez(given, **programme, time_limit_s=limits.time_limit_s, memory_limit_bytes=limits.memory_limit_bytes)
    try:
        done = subprocess.run(
            SOLVER_COMMAND,
            input=given.getvalue(),
            capture_output=True,
            timeout=limits.time_limit_s + GRACE_S,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None
    return answer

"""Public access: who keeps a counter of each service within reach. Listed in `constraints` with its reason."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.model import Model
from estate.optimise.problem import Problem
from estate.optimise.rules import Access

Array = NDArray[Any]


@dataclass
class Places:
    """Points that are near the same buildings, as one: for one service."""

    buildings: tuple[int, ...]
    """Positions of the buildings within the distance."""
    population: float
    """Of those of known population."""
    is_served_today: bool


def residents_keep_a_counter(model: Model) -> None:
    """sum_j z_sj >= 1 over the buildings j near a point that has a counter of service s today.

    Where a share may be lost: sum_g people_g c_sg >= (1 - most_fall_ratio) served_today_s over all groups g of points,
    and c_sg <= sum_j z_sj over the buildings j near g. There z_sj = 1 if a team with a counter of service s works in j
    (z_sj <= sum_k x_kj), and c_sg = 1 if group g has such a building near. Points that a counter outside the problem
    serves are served whatever happens.
    """
    access = model.problem.settings.rules.access
    if access is None:
        return
    near = near_points(model.problem, access)
    for service in sorted({team.counter for team in model.problem.teams} - {""}):
        has_counter = np.array([team.counter == service for team in model.problem.teams], dtype=bool)
        arc = np.flatnonzero(has_counter[model.arcs.team])
        at = np.unique(model.arcs.building[arc])
        counter = _add_counters(model, arc, at)
        homes = set(model.arcs.home[has_counter].tolist())
        places, others = places_of(access, near, service, set(at.tolist()), homes)
        if access.most_fall_ratio is None:
            _serve_each(model, counter, at, [place for place in places if place.is_served_today])
        else:
            served = others + sum(place.population for place in places if place.is_served_today)
            _serve_most(model, counter, at, places, (1 - access.most_fall_ratio) * served - others)


def near_points(problem: Problem, access: Access) -> list[list[int]]:
    """For each point the positions of the buildings within the distance, in rising order."""
    points = np.array([(point.x_m, point.y_m) for point in access.points], dtype=float).reshape(-1, 2)
    sites = np.array([(building.x_m, building.y_m) for building in problem.buildings], dtype=float).reshape(-1, 2)
    if not len(points) or not len(sites):
        return [[] for _ in access.points]
    # Imported here: the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    return [sorted(row) for row in cKDTree(sites).query_ball_point(points, access.distance_m)]


def places_of(
    access: Access, near: list[list[int]], service: str, may_serve: set[int], homes: set[int]
) -> tuple[list[Places], float]:
    """The points that some counter of the service could serve, grouped; and the people whom others serve for certain.

    `may_serve`: buildings that a counter of it could be in; `homes`: those that one is in today.
    """
    fixed = np.array([(c.x_m, c.y_m) for c in access.others if c.service == service], dtype=float).reshape(-1, 2)
    found: dict[tuple[int, ...], Places] = {}
    others = 0.0
    for point, sites in zip(access.points, near, strict=True):
        people = point.population or 0.0
        if len(fixed) and np.hypot(*(fixed - (point.x_m, point.y_m)).T).min() <= access.distance_m:
            others += people
            continue
        inside = tuple(site for site in sites if site in may_serve)
        if inside:
            place = found.setdefault(inside, Places(inside, 0.0, not homes.isdisjoint(inside)))
            place.population += people
    return list(found.values()), others


def _add_counters(model: Model, arc: Array, at: Array) -> Array:
    """Columns z of the buildings in `at`, with z <= the sum of the arcs that bring a counter there."""
    number = np.searchsorted(at, model.arcs.building[arc])
    counter = model.add_any_of(number, model.x(arc)).min() + np.arange(len(at))
    model.add_rows(
        np.concatenate([np.arange(len(at)), number]),
        np.concatenate([counter, model.x(arc)]),
        np.concatenate([np.ones(len(at)), -np.ones(len(arc))]),
        lower=-np.inf,
        upper=0.0,
    )
    return np.asarray(counter)


def _members(counter: Array, at: Array, places: list[Places]) -> tuple[Array, Array]:
    """(number of the place, column z) for each building near each place."""
    number = np.repeat(np.arange(len(places)), [len(place.buildings) for place in places])
    inside = np.array([site for place in places for site in place.buildings], dtype=np.int64)
    return number, counter[np.searchsorted(at, inside)]


def _serve_each(model: Model, counter: Array, at: Array, places: list[Places]) -> None:
    if places:
        number, column = _members(counter, at, places)
        model.add_rows(number, column, np.ones(len(number)), lower=1.0, upper=np.inf)


def _serve_most(model: Model, counter: Array, at: Array, places: list[Places], least: float) -> None:
    places = [place for place in places if place.population > 0]
    if not places:
        return
    number, column = _members(counter, at, places)
    is_served = model.add_any_of(number, column).min() + np.arange(len(places))
    model.add_rows(
        np.concatenate([np.arange(len(places)), number]),
        np.concatenate([is_served, column]),
        np.concatenate([np.ones(len(places)), -np.ones(len(number))]),
        lower=-np.inf,
        upper=0.0,
    )
    people = np.array([place.population for place in places])
    model.add_rows(np.zeros(len(places), dtype=int), is_served, people, lower=least, upper=np.inf)

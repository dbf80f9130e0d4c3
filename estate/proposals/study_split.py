"""One problem cut along boundaries: the areas of each level as problems of their own, and which level nests in which.

Pure: regions in, pieces out. `study_parts` stores them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from estate.optimise import Problem, Solution
from estate.optimise.check import Plan
from estate.proposals.rows import EVERYWHERE


@dataclass(frozen=True)
class Region:
    """An area of a level, as a piece is named after it."""

    area_id: int
    name: str


Regions = Mapping[str, Region]
"""The region of each building of a level, by building id; a building in no area of the level is absent."""


@dataclass(frozen=True)
class Cut:
    """One level: its regions, or None for no boundary at all."""

    regions: Regions | None
    unplaced: str = ""
    """What buildings in no area of it are called, such as "in no ward"."""


@dataclass(frozen=True)
class Piece:
    """The buildings of one area of one level. Those in no area of it share a piece; none may move to another."""

    name: str
    area_id: int | None
    problem: Problem
    inside: int | None
    """Position, among the pieces of the next larger level, of the one that holds all its buildings; None: none does."""


def area_keys(problem: Problem, cut: Cut) -> dict[str, str]:
    """The `area_id` of each building at a level, by building id: who shares one may move to each other."""
    if cut.regions is None:
        return dict.fromkeys(problem.building_index, EVERYWHERE)
    regions = cut.regions
    return {
        key: f"area:{regions[key].area_id}" if key in regions else f"building:{key}" for key in problem.building_index
    }


def does_nest(fine: Mapping[str, str], coarse: Mapping[str, str]) -> bool:
    """True where no area of the fine level reaches into two of the coarse one, building by building."""
    holder: dict[str, str] = {}
    return all(holder.setdefault(key, coarse[building]) == coarse[building] for building, key in fine.items())


def pieces_of(problem: Problem, cuts: Sequence[Cut]) -> list[list[Piece]]:
    """The pieces of each level, in the order of `cuts`: from the smallest areas to the largest."""
    found: list[list[Piece]] = []
    above: dict[str, int] = {}
    names: list[str] = []
    for cut in reversed(cuts):
        members, keys = _members(problem, cut, above), area_keys(problem, cut)
        pieces = [_piece(problem, cut, ids, keys, _holder(ids, above), names) for ids in members]
        found.insert(0, pieces)
        above = {key: place for place, ids in enumerate(members) for key in ids}
        names = ["" if cut.regions is None else piece.name for piece in pieces]
    return found


def changes_of(solution: Solution, problem: Problem) -> dict[str, Any]:
    """What a plan changes, as plain JSON values: the buildings it empties, and the new building of each team."""
    moves = {team.id: solution.host[team.id] for team in problem.teams if solution.host[team.id] != team.home}
    return {"emptied": list(solution.emptied), "moves": moves}


def start_of(problem: Problem, changes: Iterable[Mapping[str, Any]]) -> Plan:
    """The plans of areas inside the problem's own, as one plan; where there is none, everything stays as it is."""
    kept, host = set(problem.building_index), {team.id: team.home for team in problem.teams}
    for change in changes:
        kept.difference_update(change["emptied"])
        host |= change["moves"]
    return Plan(frozenset(kept), host)


def _members(problem: Problem, cut: Cut, above: Mapping[str, int]) -> list[list[str]]:
    """Building ids by area, in the order of areas' names; the unplaced of each larger area come last, together."""
    members: dict[tuple[bool, str, int], list[str]] = defaultdict(list)
    regions = cut.regions or {}
    for building in problem.building_index:
        region = regions.get(building)
        key = (False, region.name, region.area_id) if region else (True, "", above.get(building, 0))
        members[key].append(building)
    return [members[key] for key in sorted(members)]


def _holder(ids: Sequence[str], above: Mapping[str, int]) -> int | None:
    holders = {above.get(key) for key in ids}
    return holders.pop() if len(holders) == 1 else None


def _piece(
    problem: Problem, cut: Cut, ids: Sequence[str], keys: Mapping[str, str], inside: int | None, names: Sequence[str]
) -> Piece:
    region = (cut.regions or {}).get(ids[0])
    name = region.name if region else _name_of_unplaced(cut, "" if inside is None else names[inside])
    at = problem.building_index
    part = replace(
        problem,
        buildings=tuple(replace(problem.buildings[at[key]], area_id=keys[key]) for key in ids),
        teams=tuple(team for key in ids for team in problem.teams_at[key]),
        title=name,
        notes=(),
    )
    return Piece(name, region.area_id if region else None, part, inside)


def _name_of_unplaced(cut: Cut, around: str) -> str:
    if cut.regions is None:
        return "All together"
    return f"{around}, {cut.unplaced}" if around else cut.unplaced[:1].upper() + cut.unplaced[1:]

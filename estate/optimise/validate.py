"""Refuses a problem that can't be true, and says what in it is worth knowing. One sentence each, naming the rows."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from estate.optimise.errors import (
    DuplicateId,
    NegativeFigure,
    NotANumber,
    PayersDoNotAddUp,
    SettingOutOfRange,
    UnknownHome,
    naming,
)
from estate.optimise.problem import Building, Payer, Problem, Settings, Team
from estate.optimise.validate_rules import list_rule_notes, refuse_bad_rules

BUILDING_FIGURES = (
    "x_m",
    "y_m",
    "capacity_m2",
    "running_cost_per_year",
    "leaving_cost",
    "hosting_cost_per_m2_per_year",
)
TEAM_FIGURES = ("need_m2", "move_cost")
MAY_BE_NEGATIVE = ("x_m", "y_m")


def validated(problem: Problem) -> Problem:
    """The same problem. Raises a `ProblemInvalid` on the first rule that is broken."""
    _refuse_bad_settings(problem.settings)
    _refuse_duplicates("buildings", [building.id for building in problem.buildings])
    _refuse_duplicates("teams", [team.id for team in problem.teams])
    _refuse_bad_figures("building", problem.buildings, BUILDING_FIGURES)
    _refuse_bad_figures("team", problem.teams, TEAM_FIGURES)
    _refuse_bad_figures("team", [team for team in problem.teams if team.fte is not None], ("fte",))
    _refuse_unknown_homes(problem)
    _refuse_bad_payers(problem.buildings)
    refuse_bad_rules(problem)
    return problem


def list_notes(problem: Problem) -> list[str]:
    """Sentences about rows that are possible but that a reader should know of."""
    return [
        *_teams_too_large(problem),
        *_buildings_at_one_point(problem),
        *_over_full(problem),
        *list_rule_notes(problem),
    ]


def _refuse_bad_settings(settings: Settings) -> None:
    if not (math.isfinite(settings.max_move_m) and settings.max_move_m >= 0):
        raise SettingOutOfRange("The greatest move distance must be 0 metres or more.")
    if not 1 <= settings.horizon_years <= 60:
        raise SettingOutOfRange("The horizon must be between 1 and 60 years.")
    if not (math.isfinite(settings.discount_rate) and 0 <= settings.discount_rate < 1):
        raise SettingOutOfRange("The discount rate must be at least 0 and less than 1 (0.035 is 3.5 %).")
    if not (math.isfinite(settings.annuity_ratio) and 0 < settings.annuity_ratio <= 1):
        raise SettingOutOfRange("The yearly cost of one pound spent now must be above 0 and at most 1.")


def _refuse_duplicates(what: str, ids: Sequence[str]) -> None:
    twice = tuple(row for row, times in Counter(ids).items() if times > 1)
    if twice:
        raise DuplicateId(f"These {what} appear more than once: {naming(twice)}. Keep one row of each.", rows=twice)


def _refuse_bad_figures(what: str, rows: Iterable[Building | Team], figures: Sequence[str]) -> None:
    for figure in figures:
        bad, below = [], []
        for row in rows:
            value = getattr(row, figure)
            if not math.isfinite(value):
                bad.append(row.id)
            elif value < 0 and figure not in MAY_BE_NEGATIVE:
                below.append(row.id)
        label = figure.replace("_", " ")
        if bad:
            raise NotANumber(f"The {label} is not a finite number for {what} {naming(tuple(bad))}.", rows=tuple(bad))
        if below:
            raise NegativeFigure(f"The {label} is negative for {what} {naming(tuple(below))}.", rows=tuple(below))


def _refuse_unknown_homes(problem: Problem) -> None:
    lost = tuple(team.id for team in problem.teams if team.home not in problem.building_index)
    if lost:
        raise UnknownHome(f"The building of team {naming(lost)} is not part of this problem.", rows=lost)


def _refuse_bad_payers(buildings: Iterable[Building]) -> None:
    wrong = tuple(
        building.id for building in buildings if not (_adds_up(building.payers) and _adds_up(building.leaving_payers))
    )
    if wrong:
        raise PayersDoNotAddUp(
            f"The shares of who pays for building {naming(wrong)} must be positive and add up to 1.", rows=wrong
        )


def _adds_up(payers: Sequence[Payer]) -> bool:
    if not payers:
        return True
    shares = [payer.share_ratio for payer in payers]
    return all(share > 0 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-9)


def _teams_too_large(problem: Problem) -> Iterator[str]:
    largest = max((building.capacity_m2 for building in problem.buildings if building.may_host), default=0.0)
    rows = tuple(team.name for team in problem.teams if team.need_m2 > largest)
    if rows:
        yield f"Larger than any building that may host, so they stay where they are: {naming(rows)}."


def _buildings_at_one_point(problem: Problem) -> Iterator[str]:
    points = Counter((building.x_m, building.y_m) for building in problem.buildings)
    rows = tuple(building.name for building in problem.buildings if points[building.x_m, building.y_m] > 1)
    if rows:
        yield f"These buildings share one point with another, so one may be a duplicate: {naming(rows)}."


def _over_full(problem: Problem) -> Iterator[str]:
    rows = tuple(b.name for b in problem.buildings if b.may_host and problem.own_need_m2[b.id] > b.capacity_m2)
    if rows:
        yield f"Fuller today than the space standard allows, so nobody moves in: {naming(rows)}."

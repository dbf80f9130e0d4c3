"""Where the figures of a building come from, as SQL: each gives one row a building that it knows of.

All take the start of a financial year, None for the latest of everything. Observations are the newest up to the end of
that year; staff and workstations are those of today.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, Subquery, case, cast, func, select, union
from sqlalchemy.dialects.postgresql import distinct_on

from estate.register.matches.chosen import in_force_first
from estate.register.models import (
    Building,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    OccupancyObservation,
    Occupation,
    PlannedCost,
    PlannedKind,
    RunningCost,
)
from estate.register.shown import Fact, canonical_id, counted_id, counts_once
from estate.settings import get_settings

ENERGY = "energy"
"""Code of the cost category."""
SATISFACTORY = ("A", "B")
"""Condition: good, or satisfactory with minor deterioration."""
TYPICAL_OR_BETTER = ("A+", "A", "B", "C", "D")
"""Bands of a display energy certificate: D is about 100, what is typical for the kind of building."""


def year_end(year_start: int | None) -> date:
    """The first day after the financial year; far ahead for None."""
    return date(year_start + 1, get_settings().financial_year_start_month, 1) if year_start else date(9999, 1, 1)


def costs(year_start: int | None, building_ids: Select[Any] | None = None) -> Subquery:
    """Running costs: `annual_cost estimated_cost is_estimate energy_cost energy_estimated`, GBP.

    Of the buildings of `building_ids` alone, where it is given.
    """
    only = [] if building_ids is None else [RunningCost.building_id.in_(_records_counted_in(building_ids))]
    amount, is_energy = func.sum(RunningCost.amount), RunningCost.category_code == ENERGY
    return (
        select(
            counted_id().label("building_id"),
            amount.label("annual_cost"),
            amount.filter(RunningCost.is_estimate).label("estimated_cost"),
            func.bool_or(RunningCost.is_estimate).label("is_estimate"),
            amount.filter(is_energy).label("energy_cost"),
            amount.filter(is_energy, RunningCost.is_estimate).label("energy_estimated"),
        )
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.year_start == (year_start or 0), counts_once(RunningCost), *only)
        .group_by(counted_id())
        .subquery("costs")
    )


def _records_counted_in(building_ids: Select[Any]) -> CompoundSelect[Any]:
    """Ids of the records whose costs may count in these buildings, by `counted_id`."""
    chosen = building_ids.cte("chosen")
    ids = select(chosen.c[0])
    return union(
        ids, *(select(Building.id).where(column.in_(ids)) for column in (Building.canonical_id, Building.parent_id))
    )


def budget(year_start: int | None) -> Subquery:
    """`budget`, GBP, and `budgeted_cost`: what was paid, over the lines (payer, category) with both figures."""
    paid, agreed = _lines(RunningCost, year_start, "paid"), _lines(PlannedCost, year_start, "agreed")
    same = [paid.c[name] == agreed.c[name] for name in ("building_id", "agency_id", "category_code")]
    return (
        select(
            paid.c.building_id,
            func.sum(paid.c.amount).label("budgeted_cost"),
            func.sum(agreed.c.amount).label("budget"),
        )
        .join(agreed, same[0] & same[1] & same[2])
        .group_by(paid.c.building_id)
        .subquery("budgets")
    )


def _lines(fact: type[RunningCost] | type[PlannedCost], year_start: int | None, name: str) -> Subquery:
    query = (
        select(
            counted_id().label("building_id"), fact.agency_id, fact.category_code, func.sum(fact.amount).label("amount")
        )
        .join(Building, Building.id == fact.building_id)
        .where(fact.year_start == (year_start or 0), counts_once(fact))
        .group_by(counted_id(), fact.agency_id, fact.category_code)
    )
    if fact is PlannedCost:
        query = query.where(PlannedCost.kind == PlannedKind.BUDGET)
    return query.subquery(name)


def staff(year_start: int | None) -> Subquery:
    """`fte` and `workstations` of the teams there now; None where that of some team is unknown."""
    team: Fact = Occupation
    return (
        select(
            counted_id().label("building_id"),
            _of_every_team(Occupation.fte).label("fte"),
            _of_every_team(Occupation.workstations).label("workstations"),
        )
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counts_once(team))
        .group_by(counted_id())
        .subquery("staff")
    )


def _of_every_team(figure: Any) -> ColumnElement[Any]:
    return case((func.count() == func.count(figure), func.sum(figure)))


def latest_count(year_start: int | None) -> Subquery:
    """The latest count of people that has a capacity beside it: `people capacity counted_on method`."""
    seen = OccupancyObservation
    columns = [seen.average.label("people"), seen.capacity, seen.observed_on.label("counted_on"), seen.method]
    return _newest(seen, seen.observed_on, year_start, columns, [seen.average, seen.capacity], "latest_count")


def latest_use(year_start: int | None) -> Subquery:
    """The latest count with hours: `used_people` (mean people over all hours available), `used_capacity`, `used_on`."""
    seen = OccupancyObservation
    frequency = seen.hours_used / seen.hours_available
    columns = [
        (seen.average * frequency).label("used_people"),
        seen.capacity.label("used_capacity"),
        seen.observed_on.label("used_on"),
    ]
    needed = [seen.average, seen.capacity, seen.hours_used, seen.hours_available]
    return _newest(seen, seen.observed_on, year_start, columns, needed, "latest_use")


def latest_vacant(year_start: int | None) -> Subquery:
    """The latest observation of vacant floor area: `vacant_m2 vacant_on`."""
    seen = OccupancyObservation
    columns = [seen.vacant_m2, seen.observed_on.label("vacant_on")]
    return _newest(seen, seen.observed_on, year_start, columns, [seen.vacant_m2], "latest_vacant")


def latest_grade(year_start: int | None) -> Subquery:
    """The grade in force: `is_satisfactory` (1 for A and B, else 0) and `graded_on`."""
    survey = ConditionSurvey
    columns = [
        cast(survey.grade.in_(SATISFACTORY), Integer).label("is_satisfactory"),
        survey.surveyed_on.label("graded_on"),
    ]
    return _newest(survey, survey.surveyed_on, year_start, columns, [survey.grade], "latest_grade")


def latest_backlog(year_start: int | None) -> Subquery:
    """The latest backlog: `backlog_cost`, GBP, and `backlog_on`."""
    survey = ConditionSurvey
    columns = [survey.backlog_cost, survey.surveyed_on.label("backlog_on")]
    return _newest(survey, survey.surveyed_on, year_start, columns, [survey.backlog_cost], "latest_backlog")


def latest_rating(year_start: int | None) -> Subquery:
    """The display energy certificate that was valid in the year: `is_typical_or_better` (1 or 0) and `rated_on`."""
    rating = EnergyRating
    columns = [cast(rating.band.in_(TYPICAL_OR_BETTER), Integer).label("is_typical_or_better"), rating.rated_on]
    conditions = [rating.kind == EnergyKind.DEC]
    if year_start:
        conditions.append(rating.expires_on.is_(None) | (rating.expires_on > year_end(year_start - 1)))
    return _newest(rating, rating.rated_on, year_start, columns, [rating.band], "latest_rating", *conditions)


def _newest(
    model: Any,
    on: Any,
    year_start: int | None,
    columns: list[Any],
    needed: list[Any],
    name: str,
    *conditions: ColumnElement[bool],
) -> Subquery:
    """The newest row of each building, up to the end of the year, of which all that is `needed` is known."""
    is_count = model is OccupancyObservation
    chosen_first = [] if is_count else [in_force_first(model)]
    conditions += (OccupancyObservation.retired_at.is_(None),) if is_count else ()
    return (
        select(canonical_id().label("building_id"), *columns)
        .join(Building, Building.id == model.building_id)
        .where(on < year_end(year_start), *(column.is_not(None) for column in needed), *conditions)
        .order_by(canonical_id(), *chosen_first, on.desc(), model.id.desc())
        .ext(distinct_on(canonical_id()))
        .subquery(name)
    )

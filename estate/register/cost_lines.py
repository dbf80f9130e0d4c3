"""Actual, budget and forecast side by side for one financial year, as SQL: one line a building, payer and category.

The year is the place's. A payer whose own year starts in another month comes in by months (`estate.register.years`):
its line is an estimate, and open where one of the two years that it needs is not on record.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Subquery, case, cast, func, literal, or_, select, union_all
from sqlalchemy import Text as SqlText
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from estate.people.models import Agency
from estate.register.filters import BuildingFilters, filtered_ids
from estate.register.models import Building, PlannedCost, RunningCost
from estate.register.shown import canonical_id, counted_id, counts_once
from estate.register.years import MONTHS
from estate.settings import get_settings

KINDS = ("actual", "budget", "forecast")


@dataclass(frozen=True)
class CostFilters:
    """All conditions hold at once; None leaves one out."""

    buildings: BuildingFilters = field(default_factory=BuildingFilters)
    building_id: int | None = None
    """One building with its parts, or one part, whatever its status."""
    payer_id: int | None = None
    category_code: str | None = None


def start_month() -> ColumnElement[int]:
    """The month in which the financial year of `Agency` starts, as SQL."""
    return func.coalesce(Agency.financial_year_start_month, get_settings().financial_year_start_month)


def start_month_of(agency: Agency) -> int:
    """The month in which the agency's financial year starts, 1 to 12."""
    return agency.financial_year_start_month or get_settings().financial_year_start_month


def list_other_starts(session: Session) -> list[Agency]:
    """Agencies whose financial year starts in another month than the place's, by name."""
    differs = start_month() != get_settings().financial_year_start_month
    return list(session.scalars(select(Agency).where(differs).order_by(func.lower(Agency.name))))


def cost_lines(year_start: int, filters: CostFilters) -> Subquery:
    """Columns `building_id agency_id category_code actual budget forecast is_estimate is_apportioned is_open`.

    `agency_id` is the payer. Amounts are GBP, None where unknown. `is_open`: some amount could not be brought to this
    year, and is left out.
    """
    rows = union_all(_amounts(RunningCost, year_start, filters), _amounts(PlannedCost, year_start, filters)).subquery(
        "amounts"
    )
    month = start_month()
    place_month = get_settings().financial_year_start_month
    columns: list[Any] = [rows.c.building_id, rows.c.agency_id, rows.c.category_code]
    brought, opens = [], []
    for kind in KINDS:
        before, now, after = (_sum(rows, kind, year_start + offset) for offset in (-1, 0, 1))
        brought.append(_brought(before, now, after, month, place_month).label(kind))
        opens.append(_is_open(before, now, after, month, place_month))
    is_estimate = func.coalesce(func.bool_or(rows.c.is_estimate), False)
    return (
        select(
            *columns,
            *brought,
            is_estimate.label("is_estimate"),
            (month != place_month).label("is_apportioned"),
            or_(*opens).label("is_open"),
        )
        .join(Agency, Agency.id == rows.c.agency_id)
        .group_by(*columns, Agency.id)
        .subquery("lines")
    )


def _amounts(fact: type[RunningCost] | type[PlannedCost], year_start: int, filters: CostFilters) -> Any:
    kind: Any = literal("actual") if fact is RunningCost else cast(PlannedCost.kind, SqlText)
    is_estimate: Any = RunningCost.is_estimate if fact is RunningCost else literal(False)
    shifted = select(Agency.id).where(start_month() != get_settings().financial_year_start_month)
    near = fact.year_start.between(year_start - 1, year_start + 1) & fact.agency_id.in_(shifted)
    query = (
        select(
            counted_id().label("building_id"),
            fact.agency_id,
            fact.category_code,
            fact.year_start,
            fact.amount,
            kind.label("kind"),
            is_estimate.label("is_estimate"),
        )
        .join(Building, Building.id == fact.building_id)
        .where(or_(fact.year_start == year_start, near), counts_once(fact))
    )
    if filters.building_id is not None:
        query = query.where(or_(counted_id() == filters.building_id, canonical_id() == filters.building_id))
    else:
        query = query.where(counted_id().in_(filtered_ids(filters.buildings)))
    if filters.payer_id is not None:
        query = query.where(fact.agency_id == filters.payer_id)
    if filters.category_code is not None:
        query = query.where(fact.category_code == filters.category_code)
    return query


def _sum(rows: Subquery, kind: str, year_start: int) -> ColumnElement[Any]:
    return func.sum(rows.c.amount).filter(rows.c.kind == kind, rows.c.year_start == year_start)


def _brought(before: Any, now: Any, after: Any, month: Any, place_month: int) -> ColumnElement[Any]:
    """The amount in the place's year; NULL where a part of it is unknown. The same as `years.in_year`."""
    later, earlier = month - place_month, place_month - month
    return case(
        (month == place_month, now),
        (month > place_month, (before * later + now * (MONTHS - later)) / MONTHS),
        else_=(now * (MONTHS - earlier) + after * earlier) / MONTHS,
    )


def _is_open(before: Any, now: Any, after: Any, month: Any, place_month: int) -> ColumnElement[Any]:
    return case(
        (month == place_month, False),
        (month > place_month, before.is_(None) != now.is_(None)),
        else_=now.is_(None) != after.is_(None),
    )

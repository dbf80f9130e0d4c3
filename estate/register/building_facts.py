"""What is known of each building in one financial year: cost, floor area, staff, people and vacant floor, as SQL."""

from datetime import date

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.models import Building, BuildingListed, OccupancyObservation, Occupation, RunningCost
from estate.register.shown import canonical_id, counted_id, counts_once
from estate.settings import get_settings


def year_end(year_start: int | None) -> date:
    """The first day after the financial year; far ahead for None."""
    return date(year_start + 1, get_settings().financial_year_start_month, 1) if year_start else date(9999, 1, 1)


def building_facts(year_start: int | None, filters: BuildingFilters) -> Subquery:
    """One row a building that `filters` lets through, with what is known of it; None where it is not."""
    costs, staff, count, vacant = _costs(year_start), _staff(), _latest_count(year_start), _latest_vacant(year_start)
    return (
        select(
            BuildingListed.id.label("building_id"),
            BuildingListed.counted_gross_m2.label("gross_internal_area_m2"),
            costs.c.annual_cost,
            costs.c.estimated_cost,
            costs.c.is_estimate,
            staff.c.fte,
            count.c.people,
            count.c.capacity,
            count.c.counted_on,
            count.c.method,
            vacant.c.vacant_m2,
        )
        .outerjoin(costs, costs.c.building_id == BuildingListed.id)
        .outerjoin(staff, staff.c.building_id == BuildingListed.id)
        .outerjoin(count, count.c.building_id == BuildingListed.id)
        .outerjoin(vacant, vacant.c.building_id == BuildingListed.id)
        .where(*listed_conditions(filters))
        .subquery("facts")
    )


def _costs(year_start: int | None) -> Subquery:
    estimated = func.sum(RunningCost.amount).filter(RunningCost.is_estimate)
    return (
        select(
            counted_id().label("building_id"),
            func.sum(RunningCost.amount).label("annual_cost"),
            estimated.label("estimated_cost"),
            func.bool_or(RunningCost.is_estimate).label("is_estimate"),
        )
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.year_start == (year_start or 0), counts_once(RunningCost))
        .group_by(counted_id())
        .subquery("costs")
    )


def _staff() -> Subquery:
    """FTE by building; None where that of some team is unknown."""
    every_team_known = func.count() == func.count(Occupation.fte)
    return (
        select(counted_id().label("building_id"), case((every_team_known, func.sum(Occupation.fte))).label("fte"))
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counts_once(Occupation))
        .group_by(counted_id())
        .subquery("staff")
    )


def _latest_count(year_start: int | None) -> Subquery:
    """Each building's latest count of people that has a capacity beside it, up to the end of the year."""
    seen = OccupancyObservation
    return (
        select(
            canonical_id().label("building_id"),
            seen.average.label("people"),
            seen.capacity,
            seen.observed_on.label("counted_on"),
            seen.method,
        )
        .join(Building, Building.id == seen.building_id)
        .where(seen.retired_at.is_(None), seen.observed_on < year_end(year_start))
        .where(seen.average.is_not(None), seen.capacity.is_not(None))
        .order_by(canonical_id(), seen.observed_on.desc(), seen.id.desc())
        .ext(distinct_on(canonical_id()))
        .subquery("latest_count")
    )


def _latest_vacant(year_start: int | None) -> Subquery:
    seen = OccupancyObservation
    return (
        select(canonical_id().label("building_id"), seen.vacant_m2)
        .join(Building, Building.id == seen.building_id)
        .where(seen.retired_at.is_(None), seen.observed_on < year_end(year_start), seen.vacant_m2.is_not(None))
        .order_by(canonical_id(), seen.observed_on.desc(), seen.id.desc())
        .ext(distinct_on(canonical_id()))
        .subquery("latest_vacant")
    )

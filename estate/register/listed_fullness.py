"""How full each listed building is, as SQL: the same figures as `estate.register.occupancy`, for many at once.

Typical is the median of the counts in the twelve months that end with the newest one of its method; a list shows the
method with the newest count. A test holds both sides together.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import CTE, ColumnElement, Numeric, Text, and_, case, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on

from estate.register.models import Building, OccupancyObservation, Occupation, SpaceStandard
from estate.register.shown import counts_in_building

NAMES = (
    "occupancy_ratio",
    "utilisation_ratio",
    "fullness_ratio",
    "count_method",
    "counted_on",
    "is_fullness_estimate",
    "vacant_m2",
    "is_vacant_estimate",
    "people",
    "capacity",
)
Shown = Callable[[Any], ColumnElement[Any]]
RATIO = Numeric(14, 4)
A_YEAR: ColumnElement[Any] = literal_column("interval '1 year'")


def fullness(records: CTE, shown: Shown, *, alone: bool) -> tuple[CTE, CTE, CTE]:
    """Typical use, space and newest count by `building_id`, from which `columns_of` takes its columns; some are absent.

    `shown` gives the value that a building shows; `alone`: each has one record, so no team is told of twice.
    """
    counts, teams = _counts(records), _teams(records, alone=alone)
    return _typical(counts, _with_capacity(counts, teams, shown)), _space(counts, teams), _newest_whole(counts)


def columns_of(full: tuple[CTE, CTE, CTE], shown: Shown) -> dict[str, ColumnElement[Any]]:
    """The columns `NAMES` of a building's row, all of `fullness` joined to `Building`."""
    typical, space, newest = full
    spare = shown(Building.net_internal_area_m2) - space.c.occupied_m2
    estimated = case((and_(space.c.vacant_m2.is_(None), spare >= 0), spare))
    return {
        **{name: typical.c[name] for name in NAMES[:2]},
        "fullness_ratio": func.coalesce(typical.c.utilisation_ratio, typical.c.occupancy_ratio),
        **{name: typical.c[name] for name in NAMES[3:6]},
        "vacant_m2": func.coalesce(space.c.vacant_m2, estimated),
        "is_vacant_estimate": case((space.c.vacant_m2.is_not(None), False), (spare >= 0, True)),
        "people": newest.c.average,
        "capacity": newest.c.capacity,
    }


def _counts(records: CTE) -> CTE:
    found = OccupancyObservation.__table__.c
    names = (
        "observed_on", "method", "capacity", "peak", "average", "hours_available", "hours_used", "vacant_m2",
    )  # fmt: skip
    return (
        select(records.c.building_id, found.id, *(found[name] for name in names))
        .join(OccupancyObservation, found.building_id == records.c.record_id)
        .where(found.retired_at.is_(None))
        .cte("counts")
    )


def _teams(records: CTE, *, alone: bool) -> CTE:
    """Workstations and area of the teams that sit there; NULL unless they are known of every team."""
    desks, area = Occupation.workstations, Occupation.area_m2
    query: Any = (
        select(
            records.c.building_id,
            case((func.count() == func.count(desks), func.sum(desks))).label("desks"),
            case((func.count() == func.count(area), func.sum(area))).label("occupied_m2"),
        )
        .join(Occupation, Occupation.building_id == records.c.record_id)
        .where(Occupation.ended_on.is_(None))
        .group_by(records.c.building_id)
    )
    if not alone:
        query = query.join(Building, Building.id == Occupation.building_id).where(counts_in_building(Occupation))
    found: CTE = query.cte("teams")
    return found


def _with_capacity(counts: CTE, teams: CTE, shown: Shown) -> CTE:
    """What stands for the capacity of each counted building where nobody counted it: desks, else the standard."""
    last = select(counts.c.building_id, func.max(counts.c.observed_on).label("on")).group_by(counts.c.building_id)
    newest = last.cte("last_counted")
    in_force = SpaceStandard.valid_from <= newest.c.on
    per_person = (
        select(SpaceStandard.m2_per_fte)
        .where(SpaceStandard.use_class_code == shown(Building.use_class_code), in_force)
        .order_by(SpaceStandard.valid_from.desc())
        .limit(1)
        .correlate(Building, newest)
        .scalar_subquery()
    )
    by_standard = func.floor(shown(Building.net_internal_area_m2) / per_person)
    return (
        select(
            Building.id.label("building_id"),
            func.coalesce(func.nullif(teams.c.desks, 0), func.nullif(by_standard, 0)).label("people"),
        )
        .join(newest, newest.c.building_id == Building.id)
        .outerjoin(teams, teams.c.building_id == Building.id)
        .cte("capacities")
    )


def _typical(counts: CTE, capacities: CTE) -> CTE:
    """The typical occupancy and utilisation by the method with the newest count of people."""
    counted = counts.c.average.is_not(None) | counts.c.peak.is_not(None)
    newest = (
        select(counts.c.building_id, counts.c.method, counts.c.observed_on)
        .where(counted)
        .order_by(counts.c.building_id, counts.c.observed_on.desc(), cast(counts.c.method, Text))
        .ext(distinct_on(counts.c.building_id))
        .cte("newest_count")
    )
    capacity = func.coalesce(counts.c.capacity, capacities.c.people)
    occupancy = counts.c.average / capacity
    utilisation = counts.c.hours_used / counts.c.hours_available * occupancy
    return (
        select(
            newest.c.building_id,
            newest.c.method.label("count_method"),
            newest.c.observed_on.label("counted_on"),
            _median(occupancy).label("occupancy_ratio"),
            _median(utilisation).label("utilisation_ratio"),
            func.bool_or(and_(counts.c.capacity.is_(None), capacity.is_not(None))).label("is_fullness_estimate"),
        )
        .join(counts, and_(counts.c.building_id == newest.c.building_id, counts.c.method == newest.c.method))
        .join(capacities, capacities.c.building_id == newest.c.building_id)
        .where(counted, counts.c.observed_on > newest.c.observed_on - A_YEAR)
        .group_by(newest.c.building_id, newest.c.method, newest.c.observed_on)
        .cte("typical")
    )


def _median(values: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.percentile_cont(0.5).within_group(values), RATIO)


def _newest_whole(counts: CTE) -> CTE:
    """The newest count with a capacity beside it: what maps add up."""
    return (
        select(counts.c.building_id, counts.c.average, counts.c.capacity)
        .where(counts.c.average.is_not(None), counts.c.capacity.is_not(None))
        .order_by(counts.c.building_id, counts.c.observed_on.desc(), counts.c.id.desc())
        .ext(distinct_on(counts.c.building_id))
        .cte("newest_whole")
    )


def _space(counts: CTE, teams: CTE) -> CTE:
    """The newest counted vacant area, and what the teams take."""
    vacant = (
        select(counts.c.building_id, counts.c.vacant_m2)
        .where(counts.c.vacant_m2.is_not(None))
        .order_by(counts.c.building_id, counts.c.observed_on.desc(), counts.c.id.desc())
        .ext(distinct_on(counts.c.building_id))
        .cte("newest_vacant")
    )
    return (
        select(
            func.coalesce(vacant.c.building_id, teams.c.building_id).label("building_id"),
            vacant.c.vacant_m2,
            teams.c.occupied_m2,
        )
        .select_from(teams)
        .outerjoin(vacant, vacant.c.building_id == teams.c.building_id, full=True)
        .cte("space")
    )

"""Figures of areas as frames: one row an area. The database adds the money up.

`year_start` is the calendar year in which a financial year starts; None leaves costs out and takes the latest counts.
"""

import math
from collections.abc import Collection
from typing import Any

from pandas import DataFrame
from sqlalchemy import Select, Subquery, and_, case, func, select, true, union
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from estate.gis.boundaries.population_years import population_then
from estate.gis.models import Area, BoundaryLevel
from estate.register.area_sums import STORED_SOURCES, any_of, are_stored_for, buildings_inside, stored_sums
from estate.register.building_facts import SOURCES, building_facts
from estate.register.filters import BuildingFilters
from estate.register.models import BuildingArea
from estate.register.programmes import shown_area_ids
from estate.register.read_frame import read_frame
from estate.register.sums import GROUPS, SUMS, Group

FEW = 0.1
"""Up to this part of the areas it is quicker to look up their buildings than to add up all."""
SPAN_OF_COUNTS = ("oldest_on", "newest_on", "methods")
AREA_COLUMNS = (
    *("area_id", "code", "name", "parent_name", "source"),
    *("population", "population_source", "population_on", "population_year"),
)


def area_statistics(
    session: Session,
    level: BoundaryLevel,
    year_start: int | None,
    filters: BuildingFilters,
    sources: Collection[str] = tuple(SOURCES),
) -> DataFrame:
    """Sums over the buildings of each area in force of `level`, as `costs` takes them; areas without buildings too.

    Columns: `AREA_COLUMNS`, `sums.SUMS`, and of the counts of people `oldest_on`, `newest_on`, `methods`; unknown where
    they need a source that is not in `sources`. Where `filters.area_id` names an area, only it or the areas inside it;
    only those that the reader's programme covers. Sorted by name. Where the stored sums answer, they do (ADR 40).
    """
    if year_start is not None and are_stored_for(session, filters, sources):
        return _from_stored(session, level, year_start)
    return live_statistics(session, level, year_start, filters, sources)


def live_statistics(
    session: Session,
    level: BoundaryLevel,
    year_start: int | None,
    filters: BuildingFilters,
    sources: Collection[str],
    area_ids: Collection[int] | None = None,
) -> DataFrame:
    """The same, always added up from the buildings; of `area_ids` only, where they are given."""
    inside = None if area_ids is None else buildings_inside(area_ids)
    facts = _placed(building_facts(year_start, filters, sources, building_ids=inside))
    query = _by_area(session, level, year_start, filters, facts, [*area_sums(facts), *_span_of_counts(facts)])
    if area_ids is not None:
        query = query.where(Area.id == any_of(area_ids))
    return _with_every_sum(read_frame(session, query))


def _from_stored(session: Session, level: BoundaryLevel, year_start: int) -> DataFrame:
    """Stored sums of the areas that nothing has changed since, live ones of the others."""
    stored = stored_sums(year_start)
    sums = [func.max(column).label(column.key) for column in stored.c if column.key in SUMS]
    counts = [
        func.coalesce(column, 0).label(column.key) if column.key.endswith("_count") else column for column in sums
    ]
    has_sums = func.count(stored.c.area_id).label("stored_count")
    query = _by_area(session, level, year_start, BuildingFilters(), stored, [*counts, has_sums])
    frame = read_frame(session, query)
    is_stored = frame.pop("stored_count") > 0
    frame = _with_every_sum(frame)
    changed = [int(area_id) for area_id in frame["area_id"][~is_stored]]
    if not changed:
        return frame
    few = changed if len(changed) <= len(frame) * FEW else None
    live = live_statistics(session, level, year_start, BuildingFilters(), STORED_SOURCES, few)
    if few is None:
        return live
    found = live.set_index("area_id")[list(SUMS)].reindex(changed)
    frame.loc[~is_stored, list(SUMS)] = found.to_numpy()
    return frame.astype({name: int for name in SUMS if name.endswith("_count")})


def changes_of_areas(
    session: Session,
    level: BoundaryLevel,
    years: tuple[int, int],
    filters: BuildingFilters,
    group: Group,
    sources: Collection[str],
) -> tuple[DataFrame, DataFrame]:
    """Area statistics of two financial years, earlier and later, over the buildings that are known in both.

    Known is what `group` needs; an observation must also have been made anew, or nothing is known of a change. The rows
    of both frames are the same areas in the same order; `building_count` is of all buildings.
    """
    before, after = (
        building_facts(year, filters, sources, name) for year, name in zip(years, ("before", "after"), strict=True)
    )
    both = _known(before, group) & _known(after, group)
    if group.on:
        both &= before.c[group.on] < after.c[group.on]
    pairs = (
        select(
            after.c.building_id,
            both.label("is_known"),
            *(column.label(f"before_{column.key}") for column in _figures(before)),
            *(column.label(f"after_{column.key}") for column in _figures(after)),
        )
        .join(before, before.c.building_id == after.c.building_id)
        .subquery("pairs")
    )
    frames = []
    for name, year_start in zip(("before", "after"), years, strict=True):
        of_side = select(
            pairs.c.building_id,
            pairs.c.is_known,
            *(pairs.c[f"{name}_{column.key}"].label(column.key) for column in _figures(before)),
        )
        side = _placed(of_side.subquery("facts"))
        query = _by_area(session, level, year_start, filters, side, area_sums(side, side.c.is_known))
        frames.append(_with_every_sum(read_frame(session, query)))
    return frames[0], frames[1]


def _with_every_sum(frame: DataFrame) -> DataFrame:
    """`frame` with what nobody asked the database for: no building known, every sum unknown."""
    missing = [name for name in (*SUMS, *SPAN_OF_COUNTS) if name not in frame]
    return frame.assign(
        **{name: 0 if name.endswith("_count") else None if name in SPAN_OF_COUNTS else math.nan for name in missing}
    )


def _figures(facts: Subquery) -> list[ColumnElement[Any]]:
    return [column for column in facts.c if column.key != "building_id"]


def _placed(facts: Subquery) -> Subquery:
    """`facts` with the areas of each building, one row for each.

    Joined from the buildings that are asked for: what is left out, such as a housing stock, is not even looked at.
    """
    lying = select(BuildingArea.area_id, *facts.c).join(facts, BuildingArea.building_id == facts.c.building_id)
    return lying.subquery("placed")


def _by_area(
    session: Session,
    level: BoundaryLevel,
    year_start: int | None,
    filters: BuildingFilters,
    facts: Subquery,
    sums: list[ColumnElement[Any]],
) -> Select[Any]:
    parent, then = aliased(Area), population_then(year_start)
    has_then = then.c.year.is_not(None)
    query: Select[Any] = (
        select(
            Area.id.label("area_id"),
            Area.code,
            Area.name,
            parent.name.label("parent_name"),
            func.coalesce(then.c.people, Area.population).label("population"),
            case((has_then, then.c.source), else_=Area.population_source).label("population_source"),
            case((has_then, None), else_=Area.population_on).label("population_on"),
            then.c.year.label("population_year"),
            Area.source,
            *sums,
        )
        .outerjoin(parent, parent.id == Area.parent_id)
        .outerjoin(then, true())
        .outerjoin(facts, facts.c.area_id == Area.id)
        .where(Area.level_code == level.code, Area.valid_until.is_(None))
        .group_by(Area.id, parent.id, then.c.people, then.c.source, then.c.year)
        .order_by(func.lower(Area.name), Area.code)
    )
    if filters.area_id is not None:
        query = query.where(Area.id.in_(areas_inside(session, level, filters.area_id)))
    if filters.scope is not None and filters.scope.programme_id is not None:
        shown_ids = shown_area_ids(session, filters.scope.programme_id)
        if shown_ids is not None:
            query = query.where(Area.id.in_(shown_ids))
    return query


def areas_inside(session: Session, level: BoundaryLevel, area_id: int) -> list[int]:
    """Ids of the areas of `level` in force that are `area_id` or lie inside it.

    By parents where they are known, else by the point inside each area: of the districts of a region only some may lie
    in a county between, and those that do not still count.
    """
    whole = select(Area.geometry).where(Area.id == area_id).scalar_subquery()
    within = Area.geometry.op("&&")(whole) & func.ST_Covers(whole, func.ST_PointOnSurface(Area.geometry))
    in_force = Area.valid_until.is_(None)
    own_rank = select(BoundaryLevel.rank).join(Area).where(Area.id == area_id).scalar_subquery()
    between = (BoundaryLevel.rank > own_rank, BoundaryLevel.rank <= level.rank)
    without_parent = select(Area.id, Area.level_code).join(BoundaryLevel).where(Area.parent_id.is_(None), *between)
    start = union(
        select(Area.id, Area.level_code).where(Area.id == area_id), without_parent.where(in_force, within)
    ).subquery()
    inside = select(start.c.id, start.c.level_code).cte(recursive=True)
    inside = inside.union(select(Area.id, Area.level_code).join(inside, Area.parent_id == inside.c.id).where(in_force))
    by_parent = list(session.scalars(select(inside.c.id).where(inside.c.level_code == level.code)))
    if by_parent:
        return by_parent
    return list(session.scalars(select(Area.id).where(Area.level_code == level.code, in_force, within)))


def area_sums(facts: Subquery, also: ColumnElement[bool] | None = None) -> list[ColumnElement[Any]]:
    """Those of `sums.SUMS` for which `facts` has the columns, over the buildings that fulfil `also`."""
    found: list[ColumnElement[Any]] = [func.count(facts.c.building_id).label("building_count")]
    for group in GROUPS.values():
        if not set(group.known) <= set(facts.c.keys()):
            continue
        known = _known(facts, group) if also is None else _known(facts, group) & also
        found.append(func.count(facts.c.building_id).filter(known).label(group.count))
        found += [func.sum(_product(facts, columns)).filter(known).label(name) for name, columns in group.sums.items()]
    return found


def _known(facts: Subquery, group: Group) -> ColumnElement[bool]:
    return and_(*(facts.c[column].is_not(None) for column in group.known))


def _product(facts: Subquery, columns: tuple[str, ...]) -> ColumnElement[Any]:
    found: ColumnElement[Any] = facts.c[columns[0]]
    for column in columns[1:]:
        found = found * facts.c[column]
    return found


def _span_of_counts(facts: Subquery) -> list[ColumnElement[Any]]:
    """When and how people were counted; nothing where `facts` lacks that."""
    if "counted_on" not in facts.c:
        return []
    on, method = facts.c.counted_on, facts.c.method
    return [
        func.min(on).label("oldest_on"),
        func.max(on).label("newest_on"),
        func.array_agg(method.distinct()).filter(method.is_not(None)).label("methods"),
    ]

"""The ids of one page of a list, whatever its filter and sort, at a million buildings.

There are two ways to a page, and the count says which is short. Few buildings are found by the filter's index and
sorted. Of many, the sort's index is walked from its end until the page is full; where the walk finds too little,
because those that match stand far down that order, they are sorted after all. A sort with few values is one list a
value: where so many match that sorting them takes long, these are walked one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    UnaryExpression,
    and_,
    case,
    cast,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session, aliased

from estate.people.models import Agency
from estate.register.as_at import is_past
from estate.register.filters import (
    ALL_CLASSES,
    LEFT_OUT,
    Attention,
    BuildingFilters,
    Fullness,
    base_conditions,
    filtered_ids,
    is_walked,
    listed_conditions,
)
from estate.register.models import BuildingListed, BuildingStatus, UseClass
from estate.register.quality.listed import is_cost_unknown_where_old

MOST_COUNTED = 10_000
"""More buildings than this are said to be more, not how many: to count them all would keep people waiting."""
WALK = 8_000
"""Rows of an index that are looked at before sorting is tried."""
SAMPLE = 2_000
MOST_GROUPS = 8
"""Groups that are looked at before all that match are sorted, ..."""
SORTED_SHARE = 4
"""... where fewer than one in so many are let through, ..."""
SORTED_AT_ONCE = 7
"""... and at once where fewer than one in so many are: to look at a few groups takes as long."""

SORT_COLUMNS: dict[str, Any] = {
    "name": BuildingListed.name_key,
    "postcode": BuildingListed.postcode,
    "agency": BuildingListed.agency_id,
    "use": BuildingListed.use_class_code,
    "area_m2": BuildingListed.net_internal_area_m2,
    "cost": BuildingListed.annual_cost,
    "status": BuildingListed.status,
    "fullness": BuildingListed.fullness_ratio,
    "vacant": BuildingListed.vacant_m2,
}
SORTS = ("name", "postcode", "agency", "use", "area_m2", "cost", "status", "fullness", "vacant")
GROUPED = ("agency", "use", "status")
"""Sorts with few values, each of many buildings: by name within each value."""


@dataclass(frozen=True)
class Slice:
    """A page: how many buildings come before it, and how many are on it."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        """The number of buildings up to the end of the page."""
        return self.offset + self.size


def prepare(session: Session) -> None:
    """Let the database plan each question of a list by its own words, and without compiling it, in this transaction.

    Helpers are called for the whole register only: to start them takes longer than to find a few thousand buildings.
    """
    session.execute(
        text("""SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
            set_config('parallel_setup_cost', '20000', true)""")
    )


def counted(session: Session, filters: BuildingFilters) -> tuple[int, list[int] | None]:
    """How many buildings the filters let through, up to `MOST_COUNTED`; their ids in no order, None of more than that.

    So that what is slow to find is found once.
    """
    some = _first(session, filters, filtered_ids(filters), MOST_COUNTED + 1).subquery()
    ids = case((func.count() <= MOST_COUNTED, func.array_agg(some.c.id)))
    count, few = session.execute(select(func.count(), ids).select_from(some)).one()
    return (count, few or []) if count <= MOST_COUNTED else (MOST_COUNTED, None)


def _first(session: Session, filters: BuildingFilters, ids: Select[Any], number: int) -> Select[Any]:
    """Any of the ids, up to so many, by the quickest way to them.

    Of a past day the database reads a union, of which it only knows the quickest way to all rows: an index of half the
    register. Asked for many in the order of ids, it knows the quickest way to the first, too; but not by a rule of
    quality, of which it expects so few buildings that it would find and sort them all.

    What has a word stands together, as it was imported: a table that is read from its start may hold none for long. So
    where the word is not in most rows, the quickest way to all is taken, an index, as far as it is needed.
    """
    of_past = is_past(session)
    if filters.gap is None and (of_past or filters.text) and _is_wide(session, filters):
        return (ids.order_by(BuildingListed.id) if of_past else ids).limit(number)
    if filters.text:
        found = ids.cte("found").prefix_with("MATERIALIZED")
        return select(found.c.id).limit(number)
    return ids.limit(number)


def _is_wide(session: Session, filters: BuildingFilters) -> bool:
    """True where many of the first rows are let through: a guess, from which only haste follows."""
    is_match = and_(true(), *listed_conditions(filters)).label("is_match")
    some = select(is_match).select_from(BuildingListed).limit(SAMPLE // 4).subquery()
    count = func.count().filter(some.c.is_match)
    return (session.scalar(select(count).select_from(some)) or 0) * SORTED_SHARE * 4 > SAMPLE


def page_ids(
    session: Session, filters: BuildingFilters, sort: str, part: Slice, *, few: Sequence[int] | None
) -> list[int]:
    """The ids of one page, in order. `few`: all that the filters let through, where they are few; None: many."""
    asked = _Asked(session, filters, [], _key(session, filters, sort), sort.startswith("-"))
    if few is not None:
        return _few_sorted(asked, few, part)
    if not is_walked(filters):
        return _sorted(asked, asked.conditions, part)
    if asked.key in GROUPED and filters.class_code == ALL_CLASSES:
        return _merged(asked, sort, part)
    found = _by_group(asked, part) if asked.key in GROUPED else _walk(asked, part)
    return _sorted(asked, asked.conditions, part) if found is None else found


def sorted_ids(session: Session, filters: BuildingFilters, sort: str) -> list[int]:
    """The ids of all that the filters let through, by sorting."""
    asked = _Asked(session, filters, [], _key(session, filters, sort), sort.startswith("-"))
    return _sorted(asked, asked.conditions)


@dataclass(frozen=True)
class _Asked:
    """A list in one order."""

    session: Session
    filters: BuildingFilters
    within: list[ColumnElement[bool]]
    """More conditions: the one group of a list that is asked for."""
    key: str
    is_descending: bool

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """All conditions."""
        return [*listed_conditions(self.filters), *self.within]

    def order(self, columns: list[Any]) -> list[UnaryExpression[Any]]:
        """The columns of the order, all of them forward or all backward, as an index has them."""
        return [column.desc() if self.is_descending else column.asc() for column in columns]


def _sorted(asked: _Asked, conditions: Sequence[ColumnElement[bool]], part: Slice | None = None) -> list[int]:
    """The ids of those that fulfil the conditions, or of a part of them, by sorting all of them.

    They are found first and then sorted: else the database may walk the index of the sort through the whole register,
    for it expects those that match to be spread evenly.
    """
    columns = _sorting_columns(asked.key)
    rows = select(*(column.label(f"key_{at}") for at, column in enumerate(columns))).select_from(BuildingListed)
    keys = list(_with_groups(asked.key, rows, BuildingListed).where(*conditions).offset(0).subquery().c)
    return _in_order(asked, select(keys[-1]), keys, part)


def _few_sorted(asked: _Asked, ids: Sequence[int], part: Slice) -> list[int]:
    """A part of these ids, in order: each looked up by itself.

    Asked for all of them together, the database would rather read the whole history of a past day than their own.
    """
    few = func.unnest(cast(ids, ARRAY(BigInteger))).table_valued("id").render_derived(name="few")
    one = select(BuildingListed).where(BuildingListed.id == few.c.id).correlate(few).offset(0)
    each = aliased(BuildingListed, one.lateral("each"))
    row = aliased(BuildingListed, select(each).select_from(few).join(each, true()).offset(0).subquery("found"))
    keys = _sorting_columns(asked.key, row)
    return _in_order(asked, _with_groups(asked.key, select(keys[-1]), row), keys, part)


def _with_groups(key: str, query: Select[Any], row: Any) -> Select[Any]:
    """With what puts agencies or uses in order."""
    if key == "agency":
        return query.join(Agency, Agency.id == row.agency_id)
    return query.outerjoin(UseClass, UseClass.code == row.use_class_code) if key == "use" else query


def _in_order(asked: _Asked, query: Select[Any], keys: list[Any], part: Slice | None) -> list[int]:
    first, *others = asked.order(keys)
    ordered = query.order_by(first.nulls_last(), *others)
    return list(asked.session.scalars(ordered.offset(part.offset).limit(part.size) if part else ordered))


def _share(asked: _Asked) -> float:
    """How many of the first names are let through, of one: a guess, from which only haste follows."""
    base, order = base_conditions(asked.filters), [BuildingListed.name_key, BuildingListed.id]
    is_match = and_(true(), *asked.conditions[len(base) :]).label("is_match")
    some = select(is_match).select_from(BuildingListed).where(*base).order_by(*order).limit(SAMPLE).subquery()
    count = func.count().filter(some.c.is_match)
    return (asked.session.scalar(select(count).select_from(some)) or 0) / SAMPLE


def _key(session: Session, filters: BuildingFilters, sort: str) -> str:
    """What the list is sorted by; the name where the filters leave only one value of it."""
    key = sort.removeprefix("-")
    is_old = key == "cost" and filters.gap == "cost_age" and is_cost_unknown_where_old(session)
    is_one = {
        "use": filters.use_class_code or filters.attention is Attention.NO_USE or filters.gap == "use",
        "area_m2": filters.attention is Attention.NO_AREA or filters.gap == "net_area",
        "cost": filters.attention is Attention.NO_COST or filters.gap == "running_cost" or is_old,
        "status": filters.status,
        "fullness": filters.fullness is Fullness.UNKNOWN,
    }
    return "name" if is_one.get(key) or key not in SORTS else key


def _sorting_columns(key: str, row: Any = BuildingListed) -> list[Any]:
    """The columns of a sort: within one agency, use or status by name; what is still the same by its number."""
    name: list[Any] = [row.name_key, row.id]
    groups: dict[str, list[Any]] = {
        "agency": [Agency.name, Agency.id],
        "use": [UseClass.sort, UseClass.code],
        "status": [row.status],
    }
    if key in groups:
        return [*groups[key], *name]
    return name if key == "name" else [getattr(row, SORT_COLUMNS[key].key), row.id]


def _walk(asked: _Asked, part: Slice) -> list[int] | None:
    """The ids of one page by the index of the sort; None where too few of those that match come up in time."""
    if asked.filters.class_code == ALL_CLASSES:
        return _walk_all(asked, part)
    column = SORT_COLUMNS[asked.key]
    base, order = base_conditions(asked.filters), asked.order(_sorting_columns(asked.key))
    if not column.nullable:
        found, _ = _walk_index(asked, base, order, part.end)
        return None if found is None else found[part.offset :]
    found, is_whole = _walk_index(asked, [*base, column.is_not(None)], order, part.end)
    if found is None or (len(found) < part.end and not is_whole):
        return None
    if len(found) < part.end:
        # Those that are unknown have one value: their numbers alone put them in order.
        by_number = asked.order([BuildingListed.id])
        unknown, _ = _walk_index(asked, [*base, column.is_(None)], by_number, part.end - len(found))
        if unknown is None:
            return None
        found += unknown
    return found[part.offset :]


def _walk_index(asked: _Asked, base: list[Any], order: list[Any], end: int) -> tuple[list[int] | None, bool]:
    """The first ids in this order, up to `end`, and whether the walk saw all that there are; None: it gave up."""
    others = asked.conditions[len(base_conditions(asked.filters)) :]
    if not others:
        found = list(asked.session.scalars(select(BuildingListed.id).where(*base).order_by(*order).limit(end)))
        return found, len(found) < end
    rows = BuildingListed.__table__.c
    limit = WALK + 4 * end
    is_match = and_(*others).label("is_match")
    walked = select(rows.id, is_match).where(*base).order_by(*order).limit(limit).subquery()
    found = list(asked.session.scalars(select(walked.c.id).where(walked.c.is_match).limit(end)))
    if len(found) == end:
        return found, False
    is_whole = (asked.session.scalar(select(func.count()).select_from(walked)) or 0) < limit
    return (found, True) if is_whole else (None, False)


def _walk_all(asked: _Asked, part: Slice) -> list[int] | None:
    """The same of all classes: the first of the usual ones and of the others, together in one order."""
    candidates: list[int] = []
    for class_code in (None, LEFT_OUT):
        found = _walk(replace(asked, filters=replace(asked.filters, class_code=class_code)), Slice(0, part.end))
        if found is None:
            return None
        candidates += found
    first, *others = asked.order(_sorting_columns(asked.key))
    query = select(BuildingListed.id).where(BuildingListed.id.in_(candidates)).order_by(first.nulls_last(), *others)
    return list(asked.session.scalars(query.offset(part.offset).limit(part.size)))


def _merged(asked: _Asked, sort: str, part: Slice) -> list[int]:
    """The ids of one page of all classes: the first of the usual ones and of the others, together in one order."""
    candidates = []
    for class_code in (None, LEFT_OUT):
        own = replace(asked.filters, class_code=class_code)
        candidates += page_ids(asked.session, own, sort, Slice(0, part.end), few=None)
    return _few_sorted(asked, candidates, part)


def _by_group(asked: _Asked, part: Slice) -> list[int] | None:
    """The ids of one page, agency by agency, use by use or status by status; None where that takes too long."""
    column, before = SORT_COLUMNS[asked.key], part.offset
    found: list[int] = []
    groups, share = _groups(asked), _share(asked)
    if share * SORTED_AT_ONCE < 1:
        return None
    for place, value in enumerate(groups):
        if place == MOST_GROUPS and share * SORTED_SHARE < 1:
            return None
        own = replace(asked, within=[column == value], key="name")
        missing = part.size - len(found)
        ids: Select[Any] = select(BuildingListed.id).where(*own.conditions)
        # The group of an agency or a use is small, and found by its index.
        is_large = asked.key == "status"
        first = _first(asked.session, asked.filters, ids, before + missing) if is_large else ids.limit(before + missing)
        count = asked.session.scalar(select(func.count()).select_from(first.subquery())) or 0
        if count > before:
            is_rare = share * WALK < part.size * len(groups)
            found += _of_group(own, Slice(before, missing), is_small=is_rare or count < before + missing)
        before = max(0, before - count)
        if len(found) == part.size:
            break
    return found


def _of_group(own: _Asked, part: Slice, *, is_small: bool) -> list[int]:
    found = None if is_small else _walk(own, part)
    if found is not None:
        return found
    return _sorted(own, own.conditions, part)


def _groups(asked: _Asked) -> list[Any]:
    """The values of a sort in its order; None, for unknown, comes last in both directions."""
    if asked.key == "status":
        values: list[Any] = list(BuildingStatus)
    elif asked.key == "agency":
        values = list(asked.session.scalars(select(Agency.id).order_by(Agency.name, Agency.id)))
    else:
        values = list(asked.session.scalars(select(UseClass.code).order_by(UseClass.sort, UseClass.code)))
    ordered = values[::-1] if asked.is_descending else values
    return [*ordered, None] if asked.key == "use" else ordered

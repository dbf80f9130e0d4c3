"""The ids of one page of a list, whatever its filter and sort, at a million buildings.

There are two ways to a page, and the count says which is short. Few buildings are found by the filter's index and sorted.
Of many, the sort's index is walked from its end until the page is full; where the walk finds too little, because those
that match stand far down that order, they are sorted after all.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import UnaryExpression, func, select, text
from sqlalchemy.orm import Session, aliased

from estate.register.filters import Attention, BuildingFilters, filtered_ids, listed_conditions
from estate.register.models import BuildingListed

MOST_COUNTED = 10_000
"""More buildings than this are said to be more, not how many: to count them all would keep people waiting."""
WALK = 20_000
"""Rows of an index that are looked at before sorting is tried."""

SORT_COLUMNS: dict[str, Any] = {
    "name": BuildingListed.name_key,
    "postcode": BuildingListed.postcode,
    "agency": BuildingListed.agency_name,
    "use": BuildingListed.use_sort,
    "area_m2": BuildingListed.net_internal_area_m2,
    "cost": BuildingListed.annual_cost,
    "status": BuildingListed.status,
}
SORTS = tuple(SORT_COLUMNS)


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
    """Let the database plan each question of a list by its own words, and without compiling it, in this transaction."""
    session.execute(
        text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)")
    )


def counted(session: Session, filters: BuildingFilters) -> tuple[int, bool]:
    """How many buildings the filters let through, up to `MOST_COUNTED`, and whether that is all."""
    some = filtered_ids(filters).limit(MOST_COUNTED + 1).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    return min(count, MOST_COUNTED), count <= MOST_COUNTED


def page_ids(session: Session, filters: BuildingFilters, sort: str, part: Slice, *, is_few: bool) -> list[int]:
    """The ids of one page, in order."""
    found = None if is_few else _walk(session, filters, sort, part)
    return sorted_ids(session, filters, sort, part) if found is None else found


def sorted_ids(session: Session, filters: BuildingFilters, sort: str, part: Slice | None = None) -> list[int]:
    """The ids of all that the filters let through, or of a part of them, by sorting."""
    first, *others = _ordered(BuildingListed, filters, sort)
    query = filtered_ids(filters).order_by(first.nulls_last(), *others)
    return list(session.scalars(query.offset(part.offset).limit(part.size) if part else query))


def _walk(session: Session, filters: BuildingFilters, sort: str, part: Slice) -> list[int] | None:
    """The ids of one page by the index of the sort; None where too few of those that match come up in time."""
    column = _column(filters, sort)
    order = _ordered(BuildingListed, filters, sort)
    status, *others = listed_conditions(filters)
    walked = select(BuildingListed).where(status).order_by(*order)
    if column.nullable:
        walked = walked.where(column.is_not(None))
    if not others:
        found = list(session.scalars(walked.with_only_columns(BuildingListed.id).limit(part.end)))
        unknown = select(BuildingListed.id).where(status, column.is_(None)).order_by(*order)
        if len(found) < part.end and column.nullable:
            found += session.scalars(unknown.limit(part.end - len(found)))
        return found[part.offset :]
    row = aliased(BuildingListed, walked.limit(WALK + 4 * part.offset).subquery())
    matching = select(row.id).where(*listed_conditions(filters, row)[1:]).order_by(*_ordered(row, filters, sort))
    found = list(session.scalars(matching.limit(part.end)))
    return found[part.offset :] if len(found) == part.end else None


def _column(filters: BuildingFilters, sort: str) -> Any:
    """What the list is sorted by; the name where the filters leave only one value of it."""
    key = sort.removeprefix("-")
    is_one = {
        "use": filters.use_class_code or filters.attention is Attention.NO_USE,
        "area_m2": filters.attention is Attention.NO_AREA,
        "cost": filters.attention is Attention.NO_COST,
        "status": filters.status,
    }
    return SORT_COLUMNS["name" if is_one.get(key) or key not in SORT_COLUMNS else key]


def _ordered(row: Any, filters: BuildingFilters, sort: str) -> list[UnaryExpression[Any]]:
    """The columns of a sort on `row`, as an index has them: forward, or all of them backward."""
    names = dict.fromkeys((_column(filters, sort).key, "name_key", "id"))
    keys = [getattr(row, name) for name in names]
    return [key.desc() if sort.startswith("-") else key.asc() for key in keys]

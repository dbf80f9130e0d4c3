"""Stored sums of areas by financial year: who may read them, which hold, and the query that gives them (ADR 40).

What is stored is what all records add up to. An area holds only while nothing marks it: no change since, and no
restricted record in it. So where a sum is read from here, every partner would be given the same one live.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, Subquery, cast, func, literal, select, text
from sqlalchemy.orm import Session

from estate.register.filters import BuildingFilters
from estate.register.models import AreaSum, BuildingArea
from estate.register.sql_arrays import as_array

STORED_SOURCES = ("costs",)
"""What the stored sums are made of, beside the list of buildings."""
# Fields that are kept back, the past and a narrower view of the register are all questions for the register itself.
IS_SHARED_TODAY = text("""
SELECT seen.reaches_partners() AND seen.shows('running_cost') AND seen.shows_every_field()
    AND coalesce(current_setting('estate.as_at', true), '') = ''
""")


def are_stored_for(session: Session, filters: BuildingFilters, sources: Collection[str]) -> bool:
    """True where the answer depends neither on the reader nor on anything that they chose but level and year."""
    if set(sources) != set(STORED_SOURCES) or filters != BuildingFilters():
        return False
    return bool(session.scalar(IS_SHARED_TODAY))


def stored_sums(year_start: int) -> Subquery:
    """One row an area whose stored sums hold, in the statement that reads it."""
    holds = AreaSum.area_id.not_in(marked_ids(year_start, with_restricted=True))
    return select(AreaSum).where(AreaSum.year_start == year_start, holds).subquery("stored")


def marked_ids(year_start: int, *, with_restricted: bool) -> Select[Any]:
    """Ids of the areas that changed since their sums were made, and of those with a restricted record in them."""
    return select(func.area_sum_marked(year_start, with_restricted).column_valued("marked_id"))


def buildings_inside(area_ids: Collection[int]) -> Select[Any]:
    """Ids of the buildings that lie in some of these areas."""
    return select(BuildingArea.building_id).where(BuildingArea.area_id == any_of(area_ids)).distinct()


def any_of(ids: Collection[int]) -> Any:
    """One array instead of a parameter each: there may be thousands of areas."""
    return func.any(cast(literal(as_array(ids)), ARRAY(BigInteger)))

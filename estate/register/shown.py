"""What a building shows when several records speak of it, as SQL: which value wins, and which facts count.

A record is a home building; `Building.canonical_id` names the building that it and others are. Nothing is copied: each
fact stays on the record that brought it, and is read through the building.
"""

from typing import Any

from sqlalchemy import ColumnElement, Exists, Select, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from estate.register.models import Building, Interest, Occupation, PlannedCost, RunningCost, Tenure

SHOWN_FIELDS = (
    "name",
    "uprn",
    "street",
    "post_town",
    "postcode",
    "use_class_code",
    "status",
    "gross_internal_area_m2",
    "net_internal_area_m2",
    "built_year",
)
"""Fields of which a building shows one value, each chosen by itself; its position is chosen beside them."""

member = aliased(Building, name="member")
"""A record of the building at hand."""


def canonical_id(record: Any = Building) -> ColumnElement[int]:
    """The building that a record belongs to: its own id, unless others are the same."""
    return func.coalesce(record.canonical_id, record.id)


def is_building(record: Any = Building) -> ColumnElement[bool]:
    """True for the one record under whose id a building stands."""
    return or_(record.canonical_id.is_(None), record.canonical_id == record.id)


def building_ids(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Ids of the buildings of which some record, as `Building`, meets the conditions."""
    record = aliased(Building, name="record")
    inner = select(Building.id).where(*conditions)
    return select(canonical_id(record)).where(record.id.in_(inner))


def winner_id(field: str) -> ColumnElement[Any]:
    """Id of the record whose value of `field` the building at hand shows, as a subquery; NULL where none knows it.

    The name is that of the owner, the UPRN the one that most records give, the position the best fix; everything else
    is the newest. `field` is one of `SHOWN_FIELDS` or "location".
    """
    column = getattr(member, field)
    return (
        select(member.id)
        .where(member.canonical_id == Building.id, column.is_not(None))
        .order_by(*_best_first(field), member.changed_at.desc(), member.id)
        .limit(1)
        .correlate(Building)
        .scalar_subquery()
    )


def _best_first(field: str) -> list[ColumnElement[Any]]:
    if field == "name":
        return [_is_owners().desc()]
    if field == "location":
        # The database's enum has the best fix first.
        return [member.fix_source.asc(), _is_owners().desc()]
    if field == "uprn":
        other = aliased(Building, name="other")
        agrees = select(func.count()).where(other.canonical_id == member.canonical_id, other.uprn == member.uprn)
        return [agrees.correlate(member).scalar_subquery().desc()]
    return []


def _is_owners() -> Exists:
    """The record's own agency holds the freehold by it."""
    return exists().where(
        Interest.building_id == member.id,
        Interest.agency_id == member.agency_id,
        Interest.tenure == Tenure.FREEHOLD,
        Interest.ended_on.is_(None),
    )


def shown(column: InstrumentedAttribute[Any], field: str = "") -> ColumnElement[Any]:
    """The value that the building at hand shows: of the winner of `field`, by default of the column's own name."""
    source = aliased(Building, name="source")
    won = (
        select(getattr(source, column.key))
        .where(source.id == winner_id(field or column.key))
        .correlate(Building)
        .scalar_subquery()
    )
    return case((Building.canonical_id.is_(None), column), else_=won)


def counts_once(
    fact: type[RunningCost] | type[PlannedCost] | type[Occupation], record: Any = Building
) -> ColumnElement[bool]:
    """False for a cost or team that another record of the same building reports for the same agency as well.

    `record` is the fact's own record, joined. Of two, the one of the agency's own record counts; then an actual figure
    before an estimate; then the newer. Figures of records that stand alone always count.
    """
    rival, home = aliased(fact), aliased(Building, name="rival_home")
    better = func.row(*_worth(rival, home)) > func.row(*_worth(fact, record))
    beaten = exists().where(
        home.id == rival.building_id,
        home.canonical_id == record.canonical_id,
        home.id != record.id,
        *_same_fact(rival, fact),
        better,
    )
    return or_(record.canonical_id.is_(None), ~beaten)


def _same_fact(rival: Any, fact: Any) -> list[ColumnElement[bool]]:
    same = [rival.agency_id == fact.agency_id]
    if fact is not Occupation:
        same += [rival.category_code == fact.category_code, rival.year_start == fact.year_start]
        return [*same, rival.kind == fact.kind] if fact is PlannedCost else same
    return [*same, func.lower(rival.team) == func.lower(fact.team), rival.ended_on.is_(None)]


def _worth(fact: Any, record: Any) -> list[ColumnElement[Any]]:
    own = case((record.agency_id == fact.agency_id, 1), else_=0)
    if hasattr(fact, "is_estimate"):
        return [own, case((fact.is_estimate, 0), else_=1), fact.id]
    return [own, case((fact.fte.is_(None), 0), else_=1), fact.id] if hasattr(fact, "fte") else [own, fact.id]

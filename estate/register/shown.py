"""What a building shows when several records speak of it, as SQL: which value wins, and which facts count.

A record is a home building; `Building.canonical_id` names the building that it and others are. Nothing is copied: each
fact stays on the record that brought it, and is read through the building.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Exists,
    Select,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from estate.register.models import (
    Building,
    BuildingKind,
    FieldOverride,
    FixSource,
    Interest,
    Occupation,
    PlannedCost,
    RunningCost,
    Sensitivity,
    Tenure,
)

Fact = type[RunningCost] | type[PlannedCost] | type[Occupation]

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

DATED_FIELDS = ("condition", "dec", "epc")
"""Facts of which every survey or certificate is kept with its date, and the newest is in force."""

member = aliased(Building, name="member")
"""A record of the building at hand."""

holder = aliased(Building, name="holder")
"""The record on which a steward's choice hangs."""


def canonical_id(record: Any = Building) -> ColumnElement[int]:
    """The building that a record belongs to: its own id, unless others are the same."""
    return func.coalesce(record.canonical_id, record.id)


def is_building(record: Any = Building) -> ColumnElement[bool]:
    """True for the one record under whose id a building stands."""
    return or_(record.canonical_id.is_(None), record.canonical_id == record.id)


def is_restricted() -> ColumnElement[bool]:
    """The record's level hides it from other agencies."""
    return Building.sensitivity.in_([level for level in Sensitivity if level.is_restricted])


def building_ids(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Ids of the buildings of which some record, as `Building`, meets the conditions."""
    record = aliased(Building, name="record")
    inner = select(Building.id).where(*conditions)
    return select(canonical_id(record)).where(record.id.in_(inner))


def winner_id(field: str) -> ColumnElement[Any]:
    """Id of the record whose value of `field` wins by the rules, as a subquery; NULL where none knows it.

    A steward's choice goes before it: `shown` gives the value in force. `field` is one of `SHOWN_FIELDS` or "location".
    """
    return (
        select(member.id)
        .where(member.canonical_id == Building.id, getattr(member, field).is_not(None))
        .order_by(*_in_order(field))
        .limit(1)
        .correlate(Building)
        .scalar_subquery()
    )


@cache  # As `shown`.
def winner_of_group(field: str) -> ColumnElement[Any]:
    """The same as an aggregate over the records of one building, as `member`: quick to plan for many fields."""
    in_order = func.array_agg(aggregate_order_by(member.id, *_in_order(field)))
    return in_order.filter(getattr(member, field).is_not(None))[1]


def _in_order(field: str) -> list[ColumnElement[Any]]:
    return [*_best_first(field), said_since(field).desc(), member.changed_at.desc(), member.id.asc()]


def winner_among(field: str, record_ids: Collection[int]) -> Select[Any]:
    """Id of the record whose value of `field` would win if these records were one building; no row where none knows it.

    By the same rules as `winner_id`.
    """
    ids = list(record_ids)
    order = (*_best_first(field, ids), said_since(field).desc(), member.changed_at.desc(), member.id)
    return select(member.id).where(member.id.in_(ids), getattr(member, field).is_not(None)).order_by(*order).limit(1)


def _best_first(field: str, among: Collection[int] | None = None) -> list[ColumnElement[Any]]:
    """What goes before the date: the owner's name, the UPRN of most agencies, the best kind of position.

    The agencies are those of the member's building, or of the records `among`.
    """
    if field == "name":
        return [is_owners().desc()]
    if field == "location":
        return [position_rank(), is_owners().desc()]
    if field == "uprn":
        other = aliased(Building, name="other")
        together = other.canonical_id == member.canonical_id if among is None else other.id.in_(among)
        agree = select(func.count(other.agency_id.distinct())).where(together, other.uprn == member.uprn)
        return [agree.correlate(member).scalar_subquery().desc()]
    return []


def position_rank(record: Any = member) -> ColumnElement[int]:
    """How good a position is: a surveyed outline, a point, a postcode, a part of one; the lower the better."""
    ranks = {
        FixSource.SURVEYED_POLYGON: 0,
        FixSource.COORDINATES: 1,
        FixSource.EASTING_NORTHING: 1,
        FixSource.POSTCODE_CENTROID: 2,
        FixSource.POSTCODE_SECTOR: 3,
        FixSource.POSTCODE_DISTRICT: 4,
        FixSource.SYNTHETIC: 5,
    }
    return case(*((record.fix_source == source, rank) for source, rank in ranks.items()), else_=6)


def is_owners(record: Any = member) -> Exists:
    """The record's own agency holds the freehold by it."""
    return exists().where(
        Interest.building_id == record.id,
        Interest.agency_id == record.agency_id,
        Interest.tenure == Tenure.FREEHOLD,
        Interest.ended_on.is_(None),
    )


def said_since(field: str, record: Any = member) -> ColumnElement[datetime]:
    """Since when a record has said its value of `field`: the date by which the newest wins.

    That is when it last took the place of another value. What an undone import wrote in between does not count.
    """
    past = table(
        "building", *(column(name) for name in ("id", field, "superseded_at", "superseded_by")), schema="history"
    ).alias("past")
    until = cast(func.nullif(func.current_setting("estate.as_at", True), ""), DateTime(timezone=True))
    differed = and_(
        past.c[field].is_distinct_from(getattr(record, field)),
        past.c.superseded_at <= func.coalesce(until, text("timestamptz 'infinity'")),
        func.coalesce(past.c.superseded_by, "").not_like("undo:%"),
    )
    # Filtered in the sum, not before it: else PostgreSQL may walk the whole history from its end to find one maximum.
    newest = func.max(past.c.superseded_at).filter(differed)
    changed = select(newest).where(past.c.id == record.id).scalar_subquery()
    return func.coalesce(changed, record.created_at)


def overridden(field: str) -> ColumnElement[bool]:
    """True where a steward's choice of `field` is in force for the building at hand."""
    return Building.id.in_(select(canonical_id(holder)).join(FieldOverride, _live(field)))


def _live(field: str) -> ColumnElement[bool]:
    return and_(
        FieldOverride.building_id == holder.id,
        FieldOverride.field == field,
        FieldOverride.retracted_at.is_(None),
        tells_of_no_restricted(),
    )


def tells_of_no_restricted() -> ColumnElement[bool]:
    """False for a choice of what a record says that has been restricted since: it would tell what it says."""
    source = aliased(Building, name="choice_source")
    levels = [level for level in Sensitivity if level.is_restricted]
    return ~exists().where(source.id == FieldOverride.from_id, source.sensitivity.in_(levels))


def _chosen(attribute: InstrumentedAttribute[Any], field: str) -> ColumnElement[Any]:
    """The value of `attribute` that a steward chose: of two choices that a merge brought together, the newer."""
    value = getattr(FieldOverride, attribute.key) if field == "location" else cast(FieldOverride.value, attribute.type)
    return (
        select(value)
        .join(holder, _live(field))
        .where(or_(holder.id == Building.id, holder.canonical_id == Building.id))
        .order_by(FieldOverride.id.desc())
        .limit(1)
        .correlate(Building)
        .scalar_subquery()
    )


@cache  # The expression is the same for ever, and making one takes longer than asking it.
def shown(attribute: InstrumentedAttribute[Any], field: str = "") -> ColumnElement[Any]:
    """The value that the building at hand shows: a steward's choice, else that of the record that wins.

    `field` is by default the attribute's own name; the columns of a position belong to "location".
    """
    field = field or attribute.key
    source = aliased(Building, name="source")
    won = (
        select(getattr(source, attribute.key))
        .where(source.id == winner_id(field))
        .correlate(Building)
        .scalar_subquery()
    )
    return case((overridden(field), _chosen(attribute, field)), (Building.canonical_id.is_(None), attribute), else_=won)


def counted_id(record: Any = Building) -> ColumnElement[int]:
    """The building in which a record's figures are counted: that of a part is the building that holds it."""
    # Not a parameter: a query groups by this very expression.
    return case((record.kind == text("'part'"), record.parent_id), else_=canonical_id(record))


def is_counted(record: Any = Building) -> ColumnElement[bool]:
    """True for what lists, maps and totals count one by one: buildings and sites, not parts of buildings."""
    return and_(is_building(record), record.kind != BuildingKind.PART)


@cache
def counted_area(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A floor area as totals add it up, of the building at hand: each square metre once.

    A building's own; where it is unknown, that of its parts, if all are known. NULL where the site on which it stands
    knows its own: it is counted there.
    """
    part, site = aliased(Building, name="area_part"), aliased(Building, name="area_site")
    own_of_part = getattr(part, attribute.key)
    in_parts = (
        select(case((func.count() == func.count(own_of_part), func.sum(own_of_part))))
        .where(part.parent_id == Building.id, part.kind == BuildingKind.PART, is_building(part))
        .correlate(Building)
        .scalar_subquery()
    )
    in_site = exists().where(
        or_(site.id == Building.parent_id, site.canonical_id == Building.parent_id),
        getattr(site, attribute.key).is_not(None),
    )
    return case((and_(Building.parent_id.is_not(None), in_site), None), else_=func.coalesce(shown(attribute), in_parts))


def counts_once(fact: Fact, record: Any = Building) -> ColumnElement[bool]:
    """False for a cost or team that is counted elsewhere: each figure once.

    That is where another record of the same building reports it for the same agency as well, or the building of which
    this is a part, or the record of the site on which it stands. `record` is the fact's own record, joined. Figures of
    records that stand alone always count.
    """
    rival, home, above = aliased(fact), aliased(Building, name="whole_home"), aliased(Building, name="above")
    higher = select(above.parent_id).where(above.id == record.parent_id).correlate(record).scalar_subquery()
    in_whole = exists().where(
        home.id == rival.building_id,
        or_(*(own == whole for own in (home.id, home.canonical_id) for whole in (record.parent_id, higher))),
        *_same_fact(rival, fact),
    )
    return and_(counts_in_building(fact, record), or_(record.parent_id.is_(None), ~in_whole))


def counts_in_building(fact: Fact, record: Any = Building) -> ColumnElement[bool]:
    """False for a cost or team that another record of the same building reports for the same agency as well.

    Of two, the one of the agency's own record counts; then an actual figure before an estimate; then the newer.
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

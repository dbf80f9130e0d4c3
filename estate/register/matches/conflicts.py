"""Where the records of one building contradict one another: work for whoever answers for it, as one SQL query."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array, distinct_on
from sqlalchemy.orm import Session, aliased

from estate.people.models import Agency
from estate.register.matches.chosen import dated_facts, newest_dated
from estate.register.models import Building, ConditionSurvey, FieldOverride
from estate.register.queries import cost_by_building, cost_year
from estate.register.shown import DATED_FIELDS

PAGE_SIZE = 20
MORE_THAN = Decimal("0.1")
"""Floor areas and backlogs further apart than this part of the larger are a conflict."""

record = aliased(Building, name="record")
said_by = aliased(Building, name="said_by")


def conflicts() -> Subquery:
    """One row for each `building_id` and `field` in which two records of a building contradict one another.

    UPRN, use, status and year where they differ; the postcode whatever its writing; floor area, and the cost of a
    backlog, more than a tenth apart; the newest condition and certificate of each record where they differ. Names,
    streets, towns and positions may differ: the first are aliases, and of the last the best is taken. A steward's
    choice settles a conflict, until the record that it was taken from says something else.
    """
    found = union_all(_of_columns(), *(_of_dated(field) for field in DATED_FIELDS)).subquery("found")
    return select(found.c.building_id, found.c.field).where(~_is_settled(found)).subquery("conflict")


def _of_columns() -> Select[Any]:
    differing = {
        "uprn": _are_several(record.uprn),
        "postcode": _are_several(func.upper(func.replace(record.postcode, " ", ""))),
        "use_class_code": _are_several(record.use_class_code),
        "status": _are_several(record.status),
        "gross_internal_area_m2": _are_apart(record.gross_internal_area_m2),
        "net_internal_area_m2": _are_apart(record.net_internal_area_m2),
        "built_year": _are_several(record.built_year),
    }
    fields = array([case((differs, literal(field))) for field, differs in differing.items()])
    grouped = (
        select(record.canonical_id.label("building_id"), func.array_remove(fields, None).label("fields"))
        .where(record.canonical_id.is_not(None))
        .group_by(record.canonical_id)
        .subquery("grouped")
    )
    return select(grouped.c.building_id, func.unnest(grouped.c.fields).label("field"))


def _are_several(value: Any) -> ColumnElement[bool]:
    """Without sorting the values of each building, as counting the different ones would."""
    return func.min(value) != func.max(value)


def _are_apart(value: Any) -> ColumnElement[bool]:
    return func.max(value) - func.min(value) > func.max(value) * MORE_THAN


def _of_dated(field: str) -> Select[Any]:
    """The newest survey or certificate of each record, compared."""
    model, value, on, conditions = dated_facts(field)
    costs = [model.backlog_cost.label("backlog")] if model is ConditionSurvey else []
    newest = (
        select(record.canonical_id.label("building_id"), value.label("value"), *costs)
        .join(record, record.id == model.building_id)
        .where(record.canonical_id.is_not(None), *conditions)
        .ext(distinct_on(record.id))
        .order_by(record.id, on.desc(), model.id.desc())
        .subquery(f"newest_{field}")
    )
    differs = func.count(newest.c.value.distinct()) > 1
    differ = or_(differs, _are_apart(newest.c.backlog)) if costs else differs
    return select(newest.c.building_id, literal(field).label("field")).group_by(newest.c.building_id).having(differ)


def _is_settled(found: Any) -> ColumnElement[bool]:
    """The newest choice of the field is in force, and the record that it was taken from still says the same."""
    holder = aliased(Building, name="settled_holder")
    now = case(
        *((FieldOverride.field == field, newest_dated(field, said_by.id)) for field in DATED_FIELDS),
        else_=literal_column("to_jsonb(said_by)").op("->>")(FieldOverride.field),
    )
    still_said = select(now).where(said_by.id == FieldOverride.from_id).scalar_subquery()
    return exists().where(
        holder.canonical_id == found.c.building_id,
        FieldOverride.building_id == holder.id,
        FieldOverride.field == found.c.field,
        FieldOverride.retracted_at.is_(None),
        or_(FieldOverride.from_id.is_(None), still_said == FieldOverride.value),
    )


def fields_in_conflict(session: Session, building_id: int) -> frozenset[str]:
    """The fields in which the records of one building contradict one another."""
    found = conflicts()
    return frozenset(session.scalars(select(found.c.field).where(found.c.building_id == building_id)))


@dataclass(frozen=True)
class ConflictRow:
    """One building whose records contradict one another."""

    building: Building
    """The record under whose id it stands."""
    fields: list[str]
    annual_cost: Decimal | None
    """Its running cost in the newest year; None: no agency told any."""


@dataclass(frozen=True)
class ConflictPage:
    """One page of the conflicts, and how many buildings have any."""

    rows: list[ConflictRow]
    count: int
    page: int
    page_count: int
    year_start: int | None


def list_conflicts(
    session: Session,
    *,
    agency_ids: Collection[int] | None = None,
    known_agency_ids: Collection[int] | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> ConflictPage:
    """One page of the buildings whose records contradict one another, the most money first.

    `agency_ids` leaves those of which no record is of these agencies out, `known_agency_ids` those of which some record
    is of another.
    """
    found, year_start = _grouped(agency_ids, known_agency_ids), cost_year(session)
    count = session.scalar(select(func.count()).select_from(found)) or 0
    page_count = max(1, -(-count // page_size))
    page = min(max(page, 1), page_count)
    costs = cost_by_building(year_start)
    query = (
        select(Building, found.c.fields, costs.c.annual_cost)
        .join(found, found.c.building_id == Building.id)
        .outerjoin(costs, costs.c.building_id == Building.id)
        .order_by(costs.c.annual_cost.desc().nulls_last(), Building.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    rows = [ConflictRow(*row) for row in session.execute(query)]
    return ConflictPage(rows, count, page, page_count, year_start)


def count_conflicts(
    session: Session, agency_ids: Collection[int] | None = None, known_agency_ids: Collection[int] | None = None
) -> int:
    """How many buildings have records that contradict one another."""
    return session.scalar(select(func.count()).select_from(_grouped(agency_ids, known_agency_ids))) or 0


def conflict_agencies(
    session: Session, agency_ids: Collection[int] | None = None, known_agency_ids: Collection[int] | None = None
) -> list[tuple[Agency, int]]:
    """The agencies with a record in such a building, each with how many, the most first."""
    found = _grouped(agency_ids, known_agency_ids)
    number = func.count(found.c.building_id.distinct())
    query = (
        select(Agency, number)
        .join(record, record.agency_id == Agency.id)
        .join(found, found.c.building_id == record.canonical_id)
        .group_by(Agency.id)
        .order_by(number.desc(), func.lower(Agency.name))
    )
    return [(agency, count) for agency, count in session.execute(query).unique()]


def _grouped(agency_ids: Collection[int] | None, known_agency_ids: Collection[int] | None = None) -> Subquery:
    found = conflicts()
    fields = func.array_agg(aggregate_order_by(found.c.field, found.c.field)).label("fields")
    query = select(found.c.building_id, fields).group_by(found.c.building_id)
    if agency_ids is not None:
        of_agency = exists().where(record.canonical_id == found.c.building_id, record.agency_id.in_(list(agency_ids)))
        query = query.where(of_agency)
    if known_agency_ids is not None:
        unknown = record.agency_id.not_in(list(known_agency_ids))
        query = query.where(~exists().where(record.canonical_id == found.c.building_id, unknown))
    return query.subquery("grouped_conflict")

"""What the rules of quality look at, as SQL: one row a building or site, by all of its records and parts.

Every part is joined by its own grouped subquery, so that PostgreSQL leaves out those of which a query takes no column.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, cast, func, or_, select
from sqlalchemy.types import Text

from estate.register.as_at import day_of_reading
from estate.register.models import (
    Assumption,
    Attestation,
    AttestationVerdict,
    Building,
    ConditionSurvey,
    EnergyRating,
    Interest,
    OccupancyObservation,
    Occupation,
    RunningCost,
    Tenure,
    Valuation,
)
from estate.register.shown import counted_area, counted_id, counts_once, is_counted, shown

RENTED = (Tenure.LEASEHOLD, Tenure.SUB_LEASE, Tenure.LICENCE)


def quality_facts(
    year: Any, conditions: Sequence[ColumnElement[bool]] = (), record_ids: Collection[int] | None = None
) -> Subquery:
    """One row for each building that meets `conditions`; NULL where nothing is known.

    `year` is the financial year of the running costs, a number or a scalar query. `record_ids` are those of every
    record of the buildings asked for: with them, few buildings are read by index instead of all.
    """
    costs, ages = _costs(year, record_ids), _newest_cost(record_ids)
    interests, teams = _interests(record_ids), _teams(record_ids)
    records, attested = _records(record_ids), _attested(record_ids)
    surveyed, valued = _newest(ConditionSurvey, "surveyed_on", record_ids), _newest(Valuation, "valued_on", record_ids)
    counted, energy = _newest(OccupancyObservation, "observed_on", record_ids), _energy(record_ids)
    parts = [costs, ages, interests, teams, records, attested, surveyed, valued, counted, energy]
    query = select(
        Building.id.label("building_id"),
        Building.agency_id,
        shown(Building.use_class_code).label("use"),
        cast(shown(Building.status), Text).label("status"),
        _area(Building.net_internal_area_m2).label("net_m2"),
        _area(Building.gross_internal_area_m2).label("gross_m2"),
        shown(Building.uprn).label("uprn"),
        shown(Building.postcode).label("postcode"),
        shown(Building.location).is_not(None).label("is_located"),
        _usual_cost().label("usual_cost"),
        func.greatest(
            Building.changed_at,
            *(part.c.touched_at for part in (records, interests, teams, ages)),
            attested.c.attested_at,
        ).label("touched_at"),
        *(column for part in parts for column in part.c if column.name not in ("building_id", "touched_at")),
    ).where(is_counted(), *conditions)
    if record_ids is not None:
        query = query.where(Building.id.in_(record_ids))
    for part in parts:
        query = query.outerjoin(part, part.c.building_id == Building.id)
    return query.subquery("facts")


def _part(model: Any, columns: Sequence[Any], record_ids: Collection[int] | None) -> Select[Any]:
    query = select(counted_id().label("building_id"), *columns).join(Building, Building.id == model.building_id)
    query = query.group_by(counted_id())
    return query if record_ids is None else query.where(model.building_id.in_(record_ids))


def _costs(year: Any, record_ids: Collection[int] | None) -> Subquery:
    columns = [
        func.sum(RunningCost.amount).label("annual_cost"),
        func.bool_or(RunningCost.is_estimate).label("is_estimate"),
    ]
    query = _part(RunningCost, columns, record_ids)
    return query.where(RunningCost.year_start == year, counts_once(RunningCost)).subquery("costs")


def _newest_cost(record_ids: Collection[int] | None) -> Subquery:
    newest = func.max(RunningCost.year_start).label("newest_year")
    return _part(RunningCost, [newest, func.max(RunningCost.recorded_at).label("touched_at")], record_ids).subquery(
        "newest_cost"
    )


def _interests(record_ids: Collection[int] | None) -> Subquery:
    held = Interest.ended_on.is_(None)
    is_over = and_(held, Interest.lease_end_on < day_of_reading())
    is_unpriced = and_(held, Interest.tenure.in_(RENTED), Interest.rent_per_year.is_(None))
    columns = [
        func.count().filter(held).label("interest_count"),
        func.count().filter(and_(held, Interest.tenure.in_(RENTED))).label("rented_count"),
        func.count().filter(is_unpriced).label("unpriced_count"),
        func.count().filter(and_(held, Interest.lease_end_on.is_not(None))).label("lease_count"),
        func.count().filter(is_over).label("ended_lease_count"),
        func.sum(Interest.rent_per_year).filter(is_over).label("ended_rent"),
        func.max(Interest.recorded_at).label("touched_at"),
    ]
    return _part(Interest, columns, record_ids).subquery("interests")


def _teams(record_ids: Collection[int] | None) -> Subquery:
    columns = [
        func.count().label("team_count"),
        func.count().filter(Occupation.fte.is_(None)).label("unsized_count"),
        func.sum(Occupation.area_m2).label("team_m2"),
        func.max(Occupation.recorded_at).label("touched_at"),
    ]
    query = _part(Occupation, columns, record_ids)
    return query.where(Occupation.ended_on.is_(None), counts_once(Occupation)).subquery("teams")


def _newest(model: Any, name: str, record_ids: Collection[int] | None) -> Subquery:
    return _part(model, [func.max(getattr(model, name)).label(name)], record_ids).subquery(f"newest_{name}")


def _energy(record_ids: Collection[int] | None) -> Subquery:
    columns = [
        func.max(EnergyRating.expires_on).label("energy_expires_on"),
        func.max(EnergyRating.rated_on).label("energy_rated_on"),
        func.max(EnergyRating.rated_on).filter(EnergyRating.expires_on.is_(None)).label("energy_undated_on"),
    ]
    return _part(EnergyRating, columns, record_ids).subquery("energy")


def _attested(record_ids: Collection[int] | None) -> Subquery:
    columns = [func.max(Attestation.created_at).label("attested_at")]
    query = _part(Attestation, columns, record_ids)
    said_right = Attestation.verdict != AttestationVerdict.WRONG
    return query.where(said_right, Attestation.superseded_at.is_(None)).subquery("attested")


def _records(record_ids: Collection[int] | None) -> Subquery:
    """Of merged buildings: whether their records contradict one another, and when one of them was changed last."""
    # Imported here: the list of conflicts asks for the filtered list of buildings, which asks for these facts.
    from estate.register.matches.conflicts import conflicts

    conflict = conflicts()
    contradictory = select(conflict.c.building_id)
    query = select(
        Building.canonical_id.label("building_id"),
        Building.canonical_id.in_(contradictory).label("is_contradictory"),
        func.max(Building.changed_at).label("touched_at"),
    )
    query = query.where(Building.canonical_id.is_not(None)).group_by(Building.canonical_id)
    return (query if record_ids is None else query.where(Building.id.in_(record_ids))).subquery("records")


def _usual_cost() -> ColumnElement[Any]:
    """What a building of this use and gross area usually costs a year: a dated assumption. NULL without area."""
    use = shown(Building.use_class_code)
    per_m2 = (
        select(Assumption.value)
        .where(
            Assumption.code == "running_cost_per_m2",
            Assumption.valid_from <= day_of_reading(),
            or_(Assumption.use_class_code.is_(None), Assumption.use_class_code == use),
        )
        .order_by(case((Assumption.use_class_code.is_(None), 1), else_=0), Assumption.valid_from.desc())
        .limit(1)
        .correlate(Building)
        .scalar_subquery()
    )
    return _area(Building.gross_internal_area_m2) * per_m2


def _area(attribute: Any) -> ColumnElement[Any]:
    """A building's own floor area; where it is unknown, that of its parts, if all are known."""
    return func.coalesce(shown(attribute), counted_area(attribute))

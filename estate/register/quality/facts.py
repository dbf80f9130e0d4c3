"""What the rules of quality look at, as SQL: one row a building or site, by its row in the list, its records and parts.

Every part is joined by its own grouped subquery, so that PostgreSQL leaves out those of which a query takes no column.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from estate.register.as_at import day_of_reading
from estate.register.models import (
    Assumption,
    Attestation,
    AttestationVerdict,
    Building,
    BuildingKind,
    BuildingListed,
    ConditionSurvey,
    EnergyRating,
    Interest,
    OccupancyObservation,
    Occupation,
    RunningCost,
    Tenure,
    UseClass,
    Valuation,
)
from estate.register.shown import counted_id, counts_once

OF_ALL_PARTS = ("building_id", "touched_at")
RENTED = (Tenure.LEASEHOLD, Tenure.SUB_LEASE, Tenure.LICENCE)


def known_of_list() -> dict[str, ColumnElement[Any]]:
    """The facts that the building's row in the list says."""
    row = BuildingListed
    found: dict[str, Any] = {
        "building_id": row.id,
        "agency_id": row.agency_id,
        "use": row.use_class_code,
        "status": cast(row.status, Text),
        # A building's own floor area; where it is unknown, that of its parts, if all are known.
        "net_m2": func.coalesce(row.net_internal_area_m2, row.counted_net_m2),
        "gross_m2": func.coalesce(row.gross_internal_area_m2, row.counted_gross_m2),
        "uprn": row.uprn,
        "postcode": row.postcode,
        "is_located": row.location.is_not(None),
        "annual_cost": row.annual_cost,
        "is_estimate": row.is_estimate,
        # In order: the last is the newest.
        "newest_year": row.cost_years[func.cardinality(row.cost_years)],
    }
    return found


def quality_facts(
    conditions: Sequence[ColumnElement[bool]] = (),
    record_ids: Collection[int] | None = None,
    instead: Mapping[str, ColumnElement[Any]] | None = None,
) -> Subquery:
    """One row for each building of the list that meets `conditions`, on `BuildingListed`; NULL: nothing is known.

    Costs are those of the list's year. `record_ids` are those of every record of the buildings asked for: with them,
    few buildings are read by index instead of all. `instead` gives other columns for some facts: of interests then only
    the rent of leases that have ended is added up.
    """
    interests = _interests(record_ids) if instead is None else _ended_rents()
    teams, records = team_facts(record_ids), _records(record_ids)
    ages, attested = _newest_cost(record_ids), _attested(record_ids)
    surveyed = newest_facts(ConditionSurvey, "surveyed_on", record_ids)
    valued = newest_facts(Valuation, "valued_on", record_ids)
    counted, energy = newest_facts(OccupancyObservation, "observed_on", record_ids), energy_facts(record_ids)
    parts = [interests, teams, records, ages, attested, surveyed, valued, counted, energy]
    known = known_of_list()
    changed = select(Building.changed_at).where(Building.id == BuildingListed.id).scalar_subquery()
    touched = [part.c.touched_at for part in (records, interests, teams, ages) if "touched_at" in part.c]
    known["usual_cost"] = known["gross_m2"] * _usual_cost_per_m2()
    known["touched_at"] = func.greatest(changed, *touched, attested.c.attested_at)
    known |= {column.name: column for part in parts for column in part.c if column.name not in OF_ALL_PARTS}
    known |= instead or {}
    query = select(*(column.label(name) for name, column in known.items()))
    query = query.where(BuildingListed.kind != BuildingKind.PART, *conditions)
    if record_ids is not None:
        query = query.where(BuildingListed.id.in_(record_ids))
    for part in parts:
        query = query.outerjoin(part, part.c.building_id == BuildingListed.id)
    return query.subquery("facts")


def _part(model: Any, columns: Sequence[Any], record_ids: Collection[int] | None) -> Select[Any]:
    query = select(counted_id().label("building_id"), *columns).join(Building, Building.id == model.building_id)
    query = query.group_by(counted_id())
    return query if record_ids is None else query.where(model.building_id.in_(record_ids))


def _newest_cost(record_ids: Collection[int] | None) -> Subquery:
    touched = func.max(RunningCost.recorded_at).label("touched_at")
    return _part(RunningCost, [touched], record_ids).subquery("newest_cost")


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


def _ended_rents() -> Subquery:
    columns = [func.sum(Interest.rent_per_year).label("ended_rent")]
    is_over = Interest.ended_on.is_(None), Interest.lease_end_on < day_of_reading()
    return _part(Interest, columns, None).where(*is_over).subquery("ended_rents")


def team_facts(record_ids: Collection[int] | None = None) -> Subquery:
    """How many teams, of how many the size is unknown, and their area, by `building_id`."""
    columns = [
        func.count().label("team_count"),
        func.count().filter(Occupation.fte.is_(None)).label("unsized_count"),
        func.sum(Occupation.area_m2).label("team_m2"),
        func.max(Occupation.recorded_at).label("touched_at"),
    ]
    query = _part(Occupation, columns, record_ids)
    return query.where(Occupation.ended_on.is_(None), counts_once(Occupation)).subquery("teams")


def newest_facts(model: Any, name: str, record_ids: Collection[int] | None = None) -> Subquery:
    """The newest date in the column `name`, by `building_id`."""
    return _part(model, [func.max(getattr(model, name)).label(name)], record_ids).subquery(f"newest_{name}")


def energy_facts(record_ids: Collection[int] | None = None) -> Subquery:
    """When certificates were made and expire, by `building_id`."""
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


def _usual_cost_per_m2() -> ColumnElement[Any]:
    """What a building of this use usually costs a year and square metre of gross area: a dated assumption.

    Looked up in one small object of all uses, which is made once a query.
    """
    per_use = func.jsonb_object_agg(UseClass.code, _assumed_cost(Assumption.use_class_code == UseClass.code))
    every = type_coerce(select(per_use).scalar_subquery(), JSONB)
    assumed = cast(every[BuildingListed.use_class_code].astext, Numeric)
    return case((BuildingListed.use_class_code.is_(None), _assumed_cost(false())), else_=assumed)


def _assumed_cost(is_of_use: ColumnElement[bool]) -> ColumnElement[Any]:
    of_all = Assumption.use_class_code.is_(None)
    return (
        select(Assumption.value)
        .where(Assumption.code == "running_cost_per_m2", Assumption.valid_from <= day_of_reading())
        .where(or_(of_all, is_of_use))
        .order_by(case((of_all, 1), else_=0), Assumption.valid_from.desc())
        .limit(1)
        .correlate(UseClass)
        .scalar_subquery()
    )

"""What the register says of buildings, as plain JSON: what a snapshot pins and what is compared with it later.

Numbers that count money, square metres or people are decimal strings, dates ISO 8601, unknown is None.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from estate.register.matches.chosen import in_force_first
from estate.register.matches.members import building_id_of, homes_of, shown_buildings
from estate.register.models import (
    Building,
    ConditionSurvey,
    Interest,
    Occupation,
    RunningCost,
    SourceRecord,
    Valuation,
    describes_building,
)
from estate.register.seen import EVERY_AGENCY, seen_by
from estate.register.shown import canonical_id, counts_in_building, shown

Facts = dict[str, Any]

OWN_FACTS = (
    "name",
    "uprn",
    "street",
    "post_town",
    "postcode",
    "fix_source",
    "status",
    "gross_internal_area_m2",
    "net_internal_area_m2",
    "is_listed",
    "is_protected",
    "protected_reason",
)


def facts_of(session: Session, building_ids: Iterable[int]) -> dict[int, Facts]:
    """The facts of each building by its id, as they stand now and as every agency of the partnership may see them.

    Ids that the register does not know are left out, and those of restricted records.
    """
    with seen_by(session, EVERY_AGENCY) as reading:
        return _facts_of(reading, sorted(set(building_ids)))


def _facts_of(session: Session, ids: list[int]) -> dict[int, Facts]:
    place = shown(Building.location)
    query = select(Building, func.ST_X(place), func.ST_Y(place)).where(Building.id.in_(ids))
    rows = session.execute(query).unique().all()
    buildings = shown_buildings(session, [row[0] for row in rows])
    home = homes_of(session, {building_id_of(building) for building in buildings})
    parts = {name: _by_building(find(session, sorted(home)), home) for name, find in PARTS.items()}
    return {
        building.id: {
            **_own_facts(building, longitude, latitude),
            **{name: found.get(building_id_of(building)) for name, found in parts.items()},
        }
        for building, (_, longitude, latitude) in zip(buildings, rows, strict=True)
    }


def _by_building(found: dict[int, Any], home: dict[int, int]) -> dict[int, Any]:
    """Facts of records as those of their buildings: lists one after another, else that of the oldest record."""
    whole: dict[int, Any] = {}
    for record_id in sorted(found):
        building_id, value = home[record_id], found[record_id]
        if isinstance(value, list) and building_id in whole:
            whole[building_id] = [*whole[building_id], *value]
        else:
            whole.setdefault(building_id, value)
    return whole


def plain(value: Any) -> Any:
    """`value` as JSON holds it: decimals as strings without needless zeros, dates as ISO 8601, enums by value."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _own_facts(building: Building, longitude: float | None, latitude: float | None) -> Facts:
    use = building.use_class
    return {
        **{name: plain(getattr(building, name)) for name in OWN_FACTS},
        "agency": {"id": building.agency.id, "code": building.agency.code, "name": building.agency.name},
        "use": {"code": use.code, "name": use.name} if use else None,
        "longitude": longitude,
        "latitude": latitude,
    }


def _interests(session: Session, ids: list[int]) -> dict[int, list[Facts]]:
    columns = ["tenure", "tenure_detail", "landlord", "lease_start_on", "lease_end_on", "break_on", "rent_per_year"]
    query = select(Interest).where(Interest.building_id.in_(ids), Interest.ended_on.is_(None))
    return _grouped(session.scalars(query.order_by(Interest.id)).unique(), columns)


def _occupations(session: Session, ids: list[int]) -> dict[int, list[Facts]]:
    columns = ["id", "team", "service_code", "area_m2", "workstations", "fte", "is_public_counter"]
    query = select(Occupation).where(Occupation.building_id.in_(ids), Occupation.ended_on.is_(None))
    return _grouped(session.scalars(query.order_by(Occupation.id)).unique(), columns)


def _grouped(rows: Iterable[Any], columns: list[str]) -> dict[int, list[Facts]]:
    found: dict[int, list[Facts]] = defaultdict(list)
    for row in rows:
        agency = {"agency_id": row.agency_id, "agency": row.agency.name}
        found[row.building_id].append({**agency, **{name: plain(getattr(row, name)) for name in columns}})
    return found


def _latest_costs(session: Session, ids: list[int]) -> dict[int, Facts]:
    """Running cost of the newest year of which anything is known, by building; what two records report counts once."""
    building_id = canonical_id()
    newest = (
        select(building_id.label("building_id"), func.max(RunningCost.year_start).label("year_start"))
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.building_id.in_(ids))
        .group_by(building_id)
        .subquery()
    )
    query = (
        select(
            building_id,
            RunningCost.year_start,
            func.sum(RunningCost.amount),
            func.bool_or(RunningCost.is_estimate),
        )
        .select_from(RunningCost)
        .join(Building, Building.id == RunningCost.building_id)
        .join(newest, (newest.c.building_id == building_id) & (newest.c.year_start == RunningCost.year_start))
        .where(counts_in_building(RunningCost))
        .group_by(building_id, RunningCost.year_start)
    )
    return {
        building_id: {"year_start": year_start, "amount": plain(amount), "is_estimate": is_estimate}
        for building_id, year_start, amount, is_estimate in session.execute(query)
    }


def _latest(model: type[Any], on: str, columns: list[str]) -> Callable[[Session, list[int]], dict[int, Facts]]:
    """The newest of a building, whichever record it came with, unless a steward chose another's."""

    def find(session: Session, ids: list[int]) -> dict[int, Facts]:
        first = [in_force_first(model)] if model is ConditionSurvey else []
        query = (
            select(canonical_id(), model)
            .join(Building, Building.id == model.building_id)
            .where(model.building_id.in_(ids))
            .ext(distinct_on(canonical_id()))
            .order_by(canonical_id(), *first, getattr(model, on).desc(), model.id.desc())
        )
        rows = session.execute(query).unique()
        return {building_id: {name: plain(getattr(row, name)) for name in columns} for building_id, row in rows}

    return find


def _asset_codes(session: Session, ids: list[int]) -> dict[int, str]:
    """The owner's own key of each building, from the newest record that its agency sent."""
    query = (
        select(SourceRecord.building_id, SourceRecord.key)
        .join(Building, (Building.id == SourceRecord.building_id) & (Building.agency_id == SourceRecord.agency_id))
        .where(SourceRecord.building_id.in_(ids), describes_building(SourceRecord.layout))
        .ext(distinct_on(SourceRecord.building_id))
        .order_by(SourceRecord.building_id, SourceRecord.id.desc())
    )
    return dict(session.execute(query).all())


PARTS: dict[str, Callable[[Session, list[int]], dict[int, Any]]] = {
    "interests": _interests,
    "occupations": _occupations,
    "running_cost": _latest_costs,
    "valuation": _latest(Valuation, "valued_on", ["amount", "basis", "valued_on", "source"]),
    "condition": _latest(ConditionSurvey, "surveyed_on", ["grade", "backlog_cost", "surveyed_on"]),
    "asset_code": _asset_codes,
}
"""Each gives a fact for those buildings of which it is known."""

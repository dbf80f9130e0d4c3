"""Writes the demo's rows into the register's tables, in bulk, with one event for each building."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from estate import audit
from estate.register.areas import assign_areas
from estate.register.demo.budgets import demo_budgets
from estate.register.demo.buildings import DemoBuilding
from estate.register.demo.costs import demo_costs
from estate.register.demo.facts import (
    demo_conditions,
    demo_energy_ratings,
    demo_observations,
    demo_valuations,
)
from estate.register.demo.leases import demo_lease_terms
from estate.register.demo.profiles import Profiles
from estate.register.demo.teams import demo_teams
from estate.register.models import (
    Building,
    ConditionSurvey,
    EnergyRating,
    FixSource,
    Interest,
    OccupancyObservation,
    Occupation,
    Valuation,
)

FIX_ACCURACY_M = 100
Row = dict[str, Any]


def store_buildings(
    session: Session, profiles: Profiles, buildings: list[DemoBuilding], agency_ids: dict[str, int], *, reason: str
) -> None:
    """Store the buildings and all that is known of them. `agency_ids` by the profiles' agency code."""
    rows = [_building_row(building, agency_ids) for building in buildings]
    stored = session.scalars(insert(Building).returning(Building.id, sort_by_parameter_order=True), rows).all()
    ids = {building.site.number: stored_id for building, stored_id in zip(buildings, stored, strict=True)}
    _store_interests(session, profiles, buildings, ids, agency_ids)
    teams = demo_teams(profiles, buildings)
    occupations = [
        {
            "building_id": ids[team.building.site.number],
            "agency_id": agency_ids[team.agency_code],
            "service_code": team.service_code,
            "team": team.team,
            "area_m2": team.area_m2,
            "workstations": team.workstations,
            "fte": team.fte,
            "is_public_counter": team.is_public_counter,
        }
        for team in teams
    ]
    session.execute(insert(Occupation), occupations)
    for model, facts in (
        (ConditionSurvey, demo_conditions(profiles, buildings)),
        (EnergyRating, demo_energy_ratings(profiles, buildings)),
        (Valuation, demo_valuations(profiles, buildings)),
        (OccupancyObservation, demo_observations(profiles, buildings, teams)),
    ):
        session.execute(insert(model), list(_with_ids(facts, ids, profiles.source)))
    _copy_costs(session, profiles, buildings, ids, agency_ids)
    assign_areas(session)
    events = [(building_id, {"name": [None, row["name"]]}) for building_id, row in zip(stored, rows, strict=True)]
    audit.record_many(session, events, actor=None, action="add_building", subject_type="building", reason=reason)


def _building_row(building: DemoBuilding, agency_ids: dict[str, int]) -> Row:
    """The building as the register knows it: without what is unknown."""
    site, unknown = building.site, building.unknown
    has_area, is_placed = "floor_area" not in unknown, "location" not in unknown
    return {
        "agency_id": agency_ids[site.agency_code],
        "name": building.name,
        "uprn": None if "uprn" in unknown else building.uprn,
        "street": building.street,
        "post_town": site.locality,
        "postcode": site.postcode if is_placed else None,
        "location": f"SRID=4326;POINT({site.longitude} {site.latitude})" if is_placed else None,
        "fix_source": FixSource.SYNTHETIC if is_placed else None,
        "fix_accuracy_m": FIX_ACCURACY_M if is_placed else None,
        "use_class_code": site.use,
        "status": building.status,
        "gross_internal_area_m2": building.gia_m2 if has_area else None,
        "net_internal_area_m2": building.nia_m2 if has_area else None,
        "built_year": None if "built_year" in unknown else building.built_year,
        "is_listed": building.is_listed,
        "is_protected": building.protected_reason is not None,
        "protected_reason": building.protected_reason,
        "note": "Synthetic: this building does not exist.",
    }


def _store_interests(
    session: Session,
    profiles: Profiles,
    buildings: list[DemoBuilding],
    ids: dict[int, int],
    agency_ids: dict[str, int],
) -> None:
    """What the agency of each building holds in it."""
    rows = [
        {
            "building_id": ids[building.site.number],
            "agency_id": agency_ids[building.site.agency_code],
            "tenure": building.tenure,
            "landlord": building.landlord,
            "lease_start_on": building.lease_start_on,
            "lease_end_on": building.lease_end_on,
            "break_on": building.break_on,
            "rent_per_year": building.rent_per_year,
            **demo_lease_terms(profiles, building),
        }
        for building in buildings
    ]
    session.execute(insert(Interest), rows)


def _with_ids(facts: Iterable[tuple[DemoBuilding, Row]], ids: dict[int, int], source: str) -> Iterator[Row]:
    for building, row in facts:
        yield {"building_id": ids[building.site.number], "source": source, **row}


def _copy_costs(
    session: Session,
    profiles: Profiles,
    buildings: list[DemoBuilding],
    ids: dict[int, int],
    agency_ids: dict[str, int],
) -> None:
    """Store some 30,000 costs and 9,000 budgets with COPY."""
    costs = demo_costs(profiles, buildings)
    columns = "building_id, agency_id, category_code, year_start, amount, is_estimate, source, version"
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY running_cost ({columns}) FROM STDIN") as copy:
        for cost in costs:
            site = cost.building.site
            owner = agency_ids[site.agency_code]
            what = (cost.category_code, cost.year_start, cost.amount, cost.is_estimate)
            copy.write_row((ids[site.number], owner, *what, profiles.source, 1))
    columns = "building_id, agency_id, category_code, year_start, kind, amount, source, version"
    with connection.cursor() as cursor, cursor.copy(f"COPY planned_cost ({columns}) FROM STDIN") as copy:
        for budget in demo_budgets(profiles, costs):
            cost, site = budget.cost, budget.cost.building.site
            plan = (cost.category_code, cost.year_start, budget.kind, budget.amount)
            copy.write_row((ids[site.number], agency_ids[site.agency_code], *plan, profiles.source, 1))

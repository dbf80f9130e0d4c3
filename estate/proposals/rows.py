"""The register's rows of one area, read in a few queries, as `build` needs them."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.programmes import list_partners
from estate.register.matches.members import homes_with_parts, shown_buildings
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingListed,
    BuildingStatus,
    Interest,
    OccupancyObservation,
    Occupation,
    RunningCost,
)
from estate.register.programmes import in_programme
from estate.register.shown import counts_once, is_counted, shown
from estate.settings import get_settings

IN_USE = (BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.SURPLUS)


@dataclass
class BuildingRows:
    """One building with all that is known of it. Coordinates are metres in the metric system."""

    building: Building
    x_m: float
    y_m: float
    inside: str
    """The area inside which its teams may move; its own id where it lies in none of that level."""
    interests: list[Interest] = field(default_factory=list)
    occupations: list[Occupation] = field(default_factory=list)
    costs: list[RunningCost] = field(default_factory=list)
    """Running costs of the latest financial year that has any."""
    outsiders: dict[int, str] = field(default_factory=dict)
    """Agencies with a team in it that take no part in the programme, id and name: nobody else moves their teams."""
    vacant_m2: Decimal | None = None
    """Newest record of how much of it stands empty."""


EVERYWHERE = "everywhere"
"""Where every building is inside, when no boundary is to hold its teams."""


def rows_of(session: Session, area: Area | None, level_code: str | None, programme_id: int) -> list[BuildingRows]:
    """Every building in use of the programme's agencies that lies in the area, by id; without an area all of them.

    Without a level they are all inside one, `EVERYWHERE`. Large classes, such as housing, are in no proposal.
    """
    srid = get_settings().metric_srid
    place = shown(Building.location)
    point = func.ST_Transform(place, srid)
    inside = (
        select(BuildingArea.building_id, BuildingArea.area_id)
        .join(Area, Area.id == BuildingArea.area_id)
        .where(Area.level_code == level_code, Area.valid_until.is_(None))
        .subquery()
    )
    of_area = [] if area is None else [Building.id.in_(_ids_in(area))]
    query = (
        select(Building, func.ST_X(point), func.ST_Y(point), inside.c.area_id)
        .join(BuildingListed, and_(BuildingListed.id == Building.id, BuildingListed.is_usual))
        .outerjoin(inside, inside.c.building_id == Building.id)
        .where(*of_area, is_counted(), shown(Building.status).in_(IN_USE), place.is_not(None))
        .where(in_programme(programme_id))
        .order_by(Building.id)
    )
    rows = session.execute(query).all()
    buildings = shown_buildings(session, [row[0] for row in rows])
    found = {
        building.id: BuildingRows(building, x_m, y_m, _inside(level_code, within, building.id))
        for building, (_, x_m, y_m, within) in zip(buildings, rows, strict=True)
    }
    home = homes_with_parts(session, found)
    by_record = {record_id: found[building_id] for record_id, building_id in home.items()}
    _add_interests(session, by_record)
    _add_occupations(session, by_record)
    _add_costs(session, by_record)
    _add_vacant(session, by_record)
    partners = {agency.id for agency in list_partners(session, programme_id)}
    for row in found.values():
        row.outsiders = {team.agency_id: team.agency.name for team in row.occupations if team.agency_id not in partners}
    return list(found.values())


def _ids_in(area: Area) -> Select[Any]:
    return select(BuildingArea.building_id).where(BuildingArea.area_id == area.id)


def _inside(level_code: str | None, area_id: int | None, building_id: int) -> str:
    if level_code is None:
        return EVERYWHERE
    return f"area:{area_id}" if area_id else f"building:{building_id}"


def _add_interests(session: Session, found: dict[int, BuildingRows]) -> None:
    query = select(Interest).where(Interest.building_id.in_(found), Interest.ended_on.is_(None)).order_by(Interest.id)
    for row in session.scalars(query):
        found[row.building_id].interests.append(row)


def _add_occupations(session: Session, found: dict[int, BuildingRows]) -> None:
    query = (
        select(Occupation)
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.building_id.in_(found), Occupation.ended_on.is_(None), counts_once(Occupation))
    )
    for row in session.scalars(query.order_by(Occupation.id)):
        found[row.building_id].occupations.append(row)


def _add_costs(session: Session, found: dict[int, BuildingRows]) -> None:
    query = (
        select(RunningCost)
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.building_id.in_(found), counts_once(RunningCost))
        .order_by(RunningCost.id)
    )
    by_year: dict[int, dict[int, list[RunningCost]]] = defaultdict(lambda: defaultdict(list))
    for row in session.scalars(query):
        by_year[found[row.building_id].building.id][row.year_start].append(row)
    for building_id, years in by_year.items():
        found[building_id].costs = years[max(years)]


def _add_vacant(session: Session, found: dict[int, BuildingRows]) -> None:
    query = (
        select(OccupancyObservation.building_id, OccupancyObservation.vacant_m2)
        .where(OccupancyObservation.building_id.in_(found), OccupancyObservation.vacant_m2.is_not(None))
        .where(OccupancyObservation.retired_at.is_(None))
        .order_by(OccupancyObservation.observed_on, OccupancyObservation.id)
    )
    for building_id, vacant_m2 in session.execute(query):
        found[building_id].vacant_m2 = vacant_m2

"""The public counters that are open, as everybody's map may show them."""

import pandas
from pandas import DataFrame
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from estate.gis.crs import WGS84, transform
from estate.people.programmes import partners_in
from estate.register.as_at import day_of_reading
from estate.register.filters import ALL_CLASSES, BuildingFilters, filtered_ids
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.models import Building, BuildingListed, BuildingStatus, Occupation, Service
from estate.register.programmes import Scope
from estate.register.shown import counted_id, is_restricted, shown
from estate.settings import get_settings

OPEN = (BuildingStatus.ACTIVE, BuildingStatus.SURPLUS)
"""A building with one of these statuses can hold an open counter; a vacant one can't."""

ANY_SERVICE = ""
"""In place of a service: a counter of any."""


def counters_frame(session: Session, scope: Scope | None, service_code: str | None = None) -> DataFrame:
    """One row a building and service with an open public counter, by building and service.

    Columns: `building_id name service_code service longitude latitude x y is_approximate`; positions are NaN where
    unknown, `service_code` is "" where nobody said which. `service_code` keeps those of one service.

    Left out: teams that have ended, buildings that are vacant, disposed of or wrong records, agencies that have stepped
    back, and every restricted record, whoever looks: a refuge's counter is on no map, and all readers get one figure.
    """
    teams = (
        select(counted_id().label("building_id"), func.coalesce(Occupation.service_code, "").label("service_code"))
        .join(Building, Building.id == Occupation.building_id)
        .where(Occupation.is_public_counter, _is_running(), ~is_restricted(), *_of_partners(scope))
    )
    if service_code:
        teams = teams.where(Occupation.service_code == service_code)
    held = teams.distinct().subquery("held")
    everything = filtered_ids(BuildingFilters(class_code=ALL_CLASSES, scope=scope))
    query = (
        select(
            held.c.building_id,
            shown(Building.name).label("name"),
            held.c.service_code,
            func.coalesce(Service.name, "").label("service"),
            func.ST_X(BuildingListed.location).label("longitude"),
            func.ST_Y(BuildingListed.location).label("latitude"),
            shown(Building.fix_source, "location").label("fix_source"),
        )
        .join(BuildingListed, BuildingListed.id == held.c.building_id)
        .join(Building, Building.id == held.c.building_id)
        .outerjoin(Service, Service.code == held.c.service_code)
        .where(BuildingListed.status.in_(OPEN), BuildingListed.id.in_(everything), ~is_restricted())
        .order_by(func.lower(shown(Building.name)), held.c.building_id, held.c.service_code)
    )
    result = session.execute(query)
    frame = pandas.DataFrame(result.all(), columns=list(result.keys()))
    for column in ("longitude", "latitude"):
        frame[column] = frame[column].astype(float)
    frame["is_approximate"] = frame.pop("fix_source").isin(APPROXIMATE_FIXES)
    frame["x"], frame["y"] = transform(frame["longitude"], frame["latitude"], WGS84, get_settings().metric_srid)
    return frame


def services_with_counters(counters: DataFrame) -> list[tuple[str, str]]:
    """Code and name of each service that has an open counter, by name."""
    known = counters[counters["service_code"] != ""].drop_duplicates("service_code").sort_values("service")
    return list(zip(known["service_code"], known["service"], strict=True))


def _is_running() -> ColumnElement[bool]:
    return or_(Occupation.ended_on.is_(None), Occupation.ended_on > day_of_reading())


def _of_partners(scope: Scope | None) -> list[ColumnElement[bool]]:
    """A team counts while its own agency takes part, whoever holds the building."""
    if scope is None:
        return []
    if scope.programme_id is None:
        return [Occupation.agency_id.in_(scope.own_agency_ids)]
    return [Occupation.agency_id.in_(partners_in([scope.programme_id], day_of_reading()))]

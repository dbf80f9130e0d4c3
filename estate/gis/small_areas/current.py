"""The small areas in force, and where they lie."""

import pandas
from pandas import DataFrame
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.crs import WGS84, transform
from estate.gis.models import Area
from estate.gis.small_areas.models import SmallArea, SmallAreaPlace, SmallAreaSet
from estate.settings import get_settings


def list_sets(session: Session) -> list[SmallAreaSet]:
    """Every file that was loaded, the one in force first; those taken back last."""
    order = (SmallAreaSet.retired_at.is_not(None), SmallAreaSet.year.desc(), SmallAreaSet.id.desc())
    return list(session.scalars(select(SmallAreaSet).order_by(*order)))


def find_current_set(session: Session) -> SmallAreaSet | None:
    """The file in force: of the newest year the one loaded last; None where there is none."""
    query = select(SmallAreaSet).where(SmallAreaSet.retired_at.is_(None))
    return session.scalars(query.order_by(SmallAreaSet.year.desc(), SmallAreaSet.id.desc()).limit(1)).one_or_none()


def small_areas_frame(session: Session, set_id: int, level_code: str) -> DataFrame:
    """One row a small area of the set, by code.

    Columns: `code name population longitude latitude x y area_id`; `x`, `y` in the metric system, `population` NaN
    where unknown, `area_id` the area of the level in which it lies, 0 where it lies in none.
    """
    lies = (
        select(SmallAreaPlace.small_area_id, Area.id.label("area_id"))
        .join(Area, Area.id == SmallAreaPlace.area_id)
        .where(Area.level_code == level_code, Area.valid_until.is_(None))
        .subquery()
    )
    query = (
        select(
            SmallArea.code,
            SmallArea.name,
            SmallArea.population,
            func.ST_X(SmallArea.location).label("longitude"),
            func.ST_Y(SmallArea.location).label("latitude"),
            func.coalesce(lies.c.area_id, 0).label("area_id"),
        )
        .outerjoin(lies, lies.c.small_area_id == SmallArea.id)
        .where(SmallArea.set_id == set_id)
        .order_by(SmallArea.code)
    )
    result = session.execute(query)
    frame = pandas.DataFrame(result.all(), columns=list(result.keys()))
    frame["population"] = frame["population"].astype(float)
    frame["x"], frame["y"] = transform(frame["longitude"], frame["latitude"], WGS84, get_settings().metric_srid)
    return frame

"""The ground of a map of one place: the smallest areas around it."""

from geopandas import GeoDataFrame
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.models import Area, BoundaryLevel
from estate.gis.outlines import outlines_frame

AROUND = (0.045, 0.027)
"""How far the map of one place reaches on each side, in degrees: about 3 km at British latitudes."""

MAXIMUM_AROUND = 200


def outlines_around(session: Session, longitude: float, latitude: float) -> GeoDataFrame:
    """The smallest areas in force around a point, with their names: the ground of a map of one place."""
    around = func.ST_MakeEnvelope(
        longitude - AROUND[0], latitude - AROUND[1], longitude + AROUND[0], latitude + AROUND[1], 4326
    )
    smallest = (
        select(BoundaryLevel.code)
        .join(Area, Area.level_code == BoundaryLevel.code)
        .where(Area.valid_until.is_(None))
        .order_by(BoundaryLevel.rank.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = session.execute(
        select(Area.id, Area.name)
        .where(Area.level_code == smallest, Area.valid_until.is_(None), func.ST_Intersects(Area.geometry, around))
        .limit(MAXIMUM_AROUND)
    ).all()
    names = {row.id: row.name for row in found}
    frame = outlines_frame(session, list(names))
    return frame.assign(name=[names[area_id] for area_id in frame["area_id"]])

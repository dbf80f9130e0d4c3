"""Areas in force, as frames."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.boundaries.errors import UnknownLevel
from estate.gis.boundaries.levels import get_level, list_levels
from estate.gis.models import Area, BoundaryLevel

COLUMNS = [
    "id",
    "code",
    "name",
    "parent_id",
    "valid_from",
    "source",
    "population",
    "population_source",
    "population_on",
]


def current_areas(session: Session, level_code: str) -> gpd.GeoDataFrame:
    """The areas of a level that are in force, by code: the columns of `COLUMNS` and `geometry` in EPSG:4326."""
    columns = [getattr(Area, name) for name in COLUMNS]
    query = select(*columns, func.ST_AsBinary(Area.geometry).label("wkb"))
    rows = session.execute(
        query.where(Area.level_code == level_code, Area.valid_until.is_(None)).order_by(Area.code)
    ).all()
    table = pd.DataFrame([row[:-1] for row in rows], columns=COLUMNS, dtype=object)
    shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=4326)


def parent_level_for(
    session: Session, level: BoundaryLevel, wanted: str | None, parent_codes: list[str]
) -> BoundaryLevel | None:
    """The level whose areas are the parents of `level`'s; None where no larger level has areas.

    `wanted` names it. Else it is the next larger level that has one of `parent_codes`, else the next that has areas.
    """
    if wanted is not None:
        parent = get_level(session, wanted)
        if parent.rank >= level.rank:
            raise UnknownLevel(f"{parent.plural} can't hold {level.plural.lower()}: name a larger level.")
        return parent
    larger = [candidate for candidate in reversed(list_levels(session)) if candidate.rank < level.rank]
    in_force = Area.valid_until.is_(None)
    named = set(session.scalars(select(Area.level_code).where(in_force, Area.code.in_(parent_codes)).distinct()))
    filled = set(session.scalars(select(Area.level_code).where(in_force).distinct()))
    candidates = [c for c in larger if c.code in named] or [c for c in larger if c.code in filled]
    return candidates[0] if candidates else None

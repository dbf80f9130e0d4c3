"""The outlines of buildings on the ground: of which record each building's is, and how large."""

from collections.abc import Collection

import numpy as np
import shapely
from geopandas import GeoDataFrame
from pandas import DataFrame
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.models import Building
from estate.register.shown import canonical_id, position_rank
from estate.settings import get_settings


def footprints_frame(
    session: Session, building_ids: Collection[int], agency_ids: Collection[int] | None = None
) -> GeoDataFrame:
    """`building_id agency area_m2 geometry` of the buildings whose outline some record knows; EPSG:4326.

    Of several records the one with the best position gives it, then the one that changed last; `agency` answers for
    it. `agency_ids`: only what the records of these say. `area_m2`: of the ground that it covers.
    """
    outline = Building.footprint
    ground_m2 = func.ST_Area(func.ST_Transform(outline, get_settings().metric_srid))
    home = canonical_id()
    query = (
        select(home, Agency.name, ground_m2, func.ST_AsBinary(outline))
        .join(Agency, Agency.id == Building.agency_id)
        .where(outline.is_not(None), or_(Building.id.in_(building_ids), Building.canonical_id.in_(building_ids)))
        .ext(distinct_on(home))
        .order_by(home, position_rank(Building), Building.changed_at.desc(), Building.id)
    )
    if agency_ids is not None:
        query = query.where(Building.agency_id.in_(agency_ids))
    rows = session.execute(query).all()
    frame = DataFrame([row[:3] for row in rows], columns=["building_id", "agency", "area_m2"])
    shapes = shapely.from_wkb(np.array([bytes(row[3]) for row in rows], dtype=object))
    return GeoDataFrame(frame, geometry=shapes, crs=4326)

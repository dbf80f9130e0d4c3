"""The outlines of buildings in a vector tile, beneath their signs: polygons where some record knows one.

Read through the same views as the tile's buildings (ADR 18), so that it tells nothing that their pages would not.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from estate.gis.tiles import EXTENT, Tile
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.list_pages import prepare
from estate.register.models import Building, BuildingListed
from estate.register.shown import canonical_id, position_rank
from estate.register.squares import inside_or_near

OUTLINES_FROM = 15
"""Zoom from which outlines are large enough to be seen."""
MOST_OUTLINES = 1500
"""More than this would be too much for one tile: then it shows none."""
MARGIN = 64
"""Units around the tile that outlines are drawn into, so that their edges meet those of the next."""


def outline_bytes(
    session: Session, tile: Tile, filters: BuildingFilters, agency_ids: Collection[int] | None = None
) -> bytes:
    """The layer `outlines` of a Mapbox Vector Tile: polygons without properties; empty where none is known.

    Of several records the one with the best position gives it, then the one that changed last, as in
    `footprints_frame`. `agency_ids`: only what the records of these say. A building that stands some 350 m beyond the
    edge is looked at too: its outline may reach in.
    """
    if tile.zoom < OUTLINES_FROM:
        return b""
    prepare(session)
    near = select(BuildingListed.id).where(*listed_conditions(filters), inside_or_near(tile)).cte("near")
    edge = func.ST_TileEnvelope(tile.zoom, tile.x, tile.y)
    is_seen = [Building.footprint.op("&&")(func.ST_Transform(edge, 4326))]
    if agency_ids is not None:
        is_seen.append(Building.agency_id.in_(agency_ids))
    home = canonical_id().label("home")
    said: list[Any] = [
        home,
        Building.footprint,
        position_rank(Building).label("rank"),
        Building.changed_at,
        Building.id,
    ]
    by_id = select(*said).join(near, near.c.id == Building.id).where(*is_seen)
    by_home = select(*said).join(near, near.c.id == Building.canonical_id).where(*is_seen)
    records = by_id.union_all(by_home).subquery("records").c
    chosen = (
        select(records.footprint)
        .ext(distinct_on(records.home))
        .order_by(records.home, records.rank, records.changed_at.desc(), records.id)
        .limit(MOST_OUTLINES + 1)
        .cte("chosen")
    )
    shape = func.ST_AsMVTGeom(func.ST_Transform(chosen.c.footprint, 3857), edge, EXTENT, MARGIN, True)
    drawn = select(shape.label("geometry")).subquery("outlines")
    layer = func.ST_AsMVT(literal_column("outlines.*"), "outlines", EXTENT, "geometry")
    encoded = select(layer).select_from(drawn).where(drawn.c.geometry.is_not(None))
    count, content = session.execute(
        select(select(func.count()).select_from(chosen).scalar_subquery(), encoded.scalar_subquery())
    ).one()
    return bytes(content or b"") if 0 < count <= MOST_OUTLINES else b""

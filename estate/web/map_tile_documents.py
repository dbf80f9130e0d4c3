"""The map of buildings drawn from tiles: its document, where its tiles are, and its table page by page."""

from typing import Any

from flask import Response, url_for
from geopandas import GeoDataFrame
from pandas import DataFrame
from sqlalchemy import select

from estate.gis.maps import tiled_map
from estate.gis.models import Area
from estate.gis.outlines import outlines_frame
from estate.register.area_statistics import areas_inside
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.map_tiles import are_more_than
from estate.register.programmes import shown_area_ids
from estate.register.queries import BuildingRow, count_current_areas, list_buildings
from estate.web.building_filters import arguments_of
from estate.web.configuration import current_settings
from estate.web.database import current_session
from estate.web.map_documents import SCRIPTS, map_assets, map_caption, map_response, source_of
from estate.web.map_near import ring_of
from estate.web.map_tables import PAGE_SIZE, BuildingTable
from estate.web.map_tile_layers import tile_layer
from estate.web.maps_forms import MapQuestion
from estate.web.programmes import current_programme_id

TILE_SCRIPTS = (
    SCRIPTS[0],
    "vendor/leaflet.vectorgrid/Leaflet.VectorGrid.bundled.min.js",
    *SCRIPTS[1:],
    "map/cells.js",
    "map/tiles.js",
)
MOST_OUTLINES = 1000
"""A map of tiles draws a level with at most so many areas beneath the buildings, else a larger level."""
SORTS = ("name", "agency", "use", "cost")
"""What the table can be sorted by: the sorts of lists, which an index answers."""


def is_tiled(question: MapQuestion) -> bool:
    """True where the view holds more buildings than one document."""
    return are_more_than(current_session(), question.filters, current_settings().map_tiles_above)


def tile_address(question: MapQuestion) -> str:
    """Where the tiles of the view are: the address of the first."""
    return url_for("map_tiles.show", zoom=0, x=0, y=0, **arguments_of(question.filters))


def tiled_document(question: MapQuestion) -> Response:
    """Buildings as tiles on the outlines of areas."""
    assets = map_assets(TILE_SCRIPTS)
    html = tiled_map(
        tile_layer(current_session(), question),
        caption=map_caption("Buildings", source_of(question)),
        assets=assets,
        outlines=ground_of(question),
        ring=ring_of(question),
    )
    return map_response(html, assets)


def ground_of(question: MapQuestion) -> GeoDataFrame:
    """The areas beneath the buildings: `area_id name source geometry label_at`; without rows where all are too many."""
    session, area_id = current_session(), question.filters.area_id
    programme_id = current_programme_id()
    shown_ids = shown_area_ids(session, programme_id) if programme_id is not None else None
    counts = count_current_areas(session, programme_id)
    smallest_first = sorted(counts, key=lambda level: -level.rank)
    wanted = question.level
    for level in [wanted, *(other for other in smallest_first if wanted and other.rank < wanted.rank)]:
        if level is None:
            continue
        query = select(Area.id, Area.name, Area.source).where(Area.level_code == level.code, Area.valid_until.is_(None))
        if area_id is not None:
            query = query.where(Area.id.in_(areas_inside(session, level, area_id)))
        if shown_ids is not None:
            query = query.where(Area.id.in_(shown_ids))
        rows = session.execute(query.limit(MOST_OUTLINES + 1)).all()
        if 0 < len(rows) <= MOST_OUTLINES:
            areas = DataFrame(rows, columns=["area_id", "name", "source"])
            outlines = outlines_frame(session, areas["area_id"].tolist())
            return GeoDataFrame(areas.merge(outlines, on="area_id"), geometry="geometry", crs=4326)
    return GeoDataFrame({"area_id": [], "name": [], "source": []}, geometry=[], crs=4326)


def table_of(question: MapQuestion, sort: str, page: int) -> BuildingTable:
    """The `page`-th page of the view's buildings by `sort`, one of `SORTS`, with a minus in front for descending."""
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    found = list_buildings(current_session(), question.filters, sort=sort, page=page, page_size=PAGE_SIZE)
    return BuildingTable(
        [_row(question, row) for row in found.rows],
        found.count,
        found.page,
        found.page_count,
        sort,
        None,
        is_count_exact=found.is_count_exact,
    )


def _row(question: MapQuestion, row: BuildingRow) -> dict[str, Any]:
    building, full = row.building, row.fullness
    area_m2 = building.gross_internal_area_m2
    level_code = question.level.code if question.level else None
    return {
        "building_id": building.id,
        "name": building.name,
        "agency": building.agency.name,
        "use": building.use_class.name if building.use_class else None,
        "annual_cost": row.annual_cost,
        "is_estimate": row.is_estimate,
        "cost_per_m2": row.annual_cost / area_m2 if row.annual_cost is not None and area_m2 else None,
        "occupancy": full.occupancy_ratio,
        "counted_on": full.counted_on,
        "is_approximate": building.fix_source in APPROXIMATE_FIXES,
        "area_name": next((area.name for area in row.areas if area.level_code == level_code), None),
    }

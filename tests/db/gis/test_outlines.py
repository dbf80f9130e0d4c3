"""Stored outlines: the same areas at every resolution, still without gaps, and taken by the extent of the map."""

from datetime import date
from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.boundaries.load import BoundaryFile, load_boundaries
from estate.gis.boundaries.tidy import Columns
from estate.gis.models import Area, AreaOutline
from estate.gis.outlines import RESOLUTIONS_M, outlines_frame, store_outlines
from tests.factories import make_area


def tolerances(session: Session) -> dict[int, int]:
    query = select(AreaOutline.tolerance_m, func.count()).group_by(AreaOutline.tolerance_m)
    return dict(session.execute(query).all())


def test_loading_stores_every_resolution_and_again_replaces_it(session: Session) -> None:
    for column in range(3):
        make_area(session, bounds=(-3 + column, 53, -2 + column, 54))
    assert store_outlines(session, "district") == 3
    assert store_outlines(session, "district") == 3
    assert tolerances(session) == dict.fromkeys(RESOLUTIONS_M, 3)
    assert store_outlines(session, "ward") == 0


def test_areas_without_stored_outlines_are_simplified_as_they_are_asked_for(session: Session) -> None:
    area = make_area(session, bounds=(-3, 53, -2, 54))
    frame = outlines_frame(session, [area.id])
    assert frame["area_id"].tolist() == [area.id]
    store_outlines(session, "district")
    other = make_area(session, bounds=(-2, 53, -1, 54))
    assert sorted(outlines_frame(session, [area.id, other.id])["area_id"]) == [area.id, other.id]
    assert outlines_frame(session, []).empty


def test_an_outline_follows_a_corrected_boundary(session: Session, tmp_path: Path) -> None:
    def load(east: float) -> None:
        shapes = [shapely.box(-3, 53, east, 54), shapely.box(east, 53, -1, 54)]
        path = tmp_path / f"districts{east}.geojson"
        geopandas.GeoDataFrame({"code": ["A", "B"], "name": ["West", "East"]}, geometry=shapes, crs=4326).to_file(path)
        file = BoundaryFile(path, "district", Columns("code", "name"), date(2025, 4, 1), "test")
        load_boundaries(session, file, actor=None)

    for east in (-2.0, -1.5):
        load(east)
        west = session.scalars(select(Area).where(Area.code == "A")).unique().one()
        frame = outlines_frame(session, list(session.scalars(select(Area.id))))
        assert frame.set_index("area_id").geometry[west.id].bounds[2] == pytest.approx(east)


def test_real_wards_keep_neither_gaps_nor_slivers_at_any_resolution(session: Session, shared_data: Path) -> None:
    wards = geopandas.read_file(shared_data / "boundaries" / "greater_manchester_wards_2025.geojson")
    for shape in wards.geometry:
        area = make_area(session, level="ward")
        area.geometry = shapely.MultiPolygon(getattr(shape, "geoms", [shape])).wkt
    session.flush()
    store_outlines(session, "ward")
    whole = None
    for tolerance in RESOLUTIONS_M[:2]:
        query = select(func.ST_AsBinary(AreaOutline.geometry)).where(AreaOutline.tolerance_m == tolerance)
        shapes = shapely.from_wkb([bytes(row) for row in session.scalars(query)])
        assert len(shapes) == len(wards)
        assert shapely.coverage_is_valid(shapes)
        union = shapely.coverage_union_all(shapes)
        holes = [ring for part in shapely.get_parts(union) for ring in part.interiors]
        assert holes == []
        whole = whole or union.area
        assert union.area == pytest.approx(whole, rel=0.01)

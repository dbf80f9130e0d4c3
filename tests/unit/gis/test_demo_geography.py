"""The committed demo boundaries: valid, nested, without gaps, small, and made again byte for byte."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from estate.gis.boundaries.check import check_coverage
from estate.gis.boundaries.nest import nest
from estate.gis.boundaries.read import read_boundary_file
from estate.gis.boundaries.report import Report
from estate.gis.boundaries.tidy import Columns, tidy_areas
from estate.gis.demo.files import DEMO_LEVELS, demo_boundary_path, demo_populations
from estate.gis.demo.place import read_demo_place
from estate.gis.demo.write import write_demo_boundaries


@pytest.fixture(scope="module")
def frames() -> dict[str, gpd.GeoDataFrame]:
    columns = Columns("code", "name", "parent_code")
    frames = {}
    for level in DEMO_LEVELS:
        report = Report()
        frames[level] = tidy_areas(read_boundary_file(demo_boundary_path(level)), columns, report)
        check_coverage(frames[level], report)
        assert report.findings == [], level
    return frames


def test_there_are_the_ten_districts_and_their_neighbourhoods(frames: dict[str, gpd.GeoDataFrame]) -> None:
    place = read_demo_place()
    assert frames["county"]["code"].tolist() == ["E11000001"]
    assert dict(zip(frames["district"]["code"], frames["district"]["name"], strict=True)) == place.districts
    assert 300 < len(frames["neighbourhood"]) < 400
    assert frames["neighbourhood"]["name"].is_unique


def test_every_area_is_one_piece_without_holes(frames: dict[str, gpd.GeoDataFrame]) -> None:
    for level, frame in frames.items():
        parts = frame.geometry.explode()
        assert len(parts) == len(frame), level
        assert not any(part.interiors for part in parts), level


@pytest.mark.parametrize(("child", "parent"), [("neighbourhood", "district"), ("district", "county")])
def test_children_nest_exactly(frames: dict[str, gpd.GeoDataFrame], child: str, parent: str) -> None:
    children, parents = frames[child], frames[parent]
    nesting = nest(children, parents)
    assert nesting.shares.min() == pytest.approx(1.0, abs=1e-9)
    assert (parents["code"].to_numpy()[nesting.parents] == children["parent_code"]).all()
    for code, shape in zip(parents["code"], parents.geometry, strict=True):
        union = shapely.union_all(children.geometry[children["parent_code"] == code].to_numpy())
        assert union.symmetric_difference(shape).area == pytest.approx(0.0, abs=1e-12)


def test_the_files_are_small() -> None:
    assert sum(demo_boundary_path(level).stat().st_size for level in DEMO_LEVELS) < 1_500_000


def test_town_centres_and_localities_are_real() -> None:
    place = read_demo_place()
    assert set(place.town_centres) == set(place.districts)
    outward = {sector.split()[0] for sectors in place.town_centres.values() for sector in sectors}
    assert outward <= set(place.localities)


def test_synthetic_people_add_up() -> None:
    place = read_demo_place()
    small, large = (sum(demo_populations(level, place).values()) for level in ("neighbourhood", "county"))
    assert small == pytest.approx(large, rel=0.001)


def test_they_are_like_the_official_districts(frames: dict[str, gpd.GeoDataFrame], shared_data: Path) -> None:
    official = gpd.read_file(shared_data / "boundaries" / "greater_manchester_districts_2025.geojson").to_crs(27700)
    ours = frames["district"].to_crs(27700).set_index("code").geometry
    for code, shape in zip(official["LAD25CD"], official.geometry, strict=True):
        assert ours[code].intersection(shape).area / ours[code].union(shape).area > 0.85, code


def test_the_command_writes_the_same_bytes_again(tmp_path: Path) -> None:
    for level, path in zip(DEMO_LEVELS, write_demo_boundaries(tmp_path), strict=True):
        assert path.read_bytes() == demo_boundary_path(level).read_bytes()

"""Reading boundary files: every format, and files that are broken or hostile."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from estate.gis.boundaries.errors import UnreadableBoundaries
from estate.gis.boundaries.read import read_boundary_file
from tests.boundary_files import feature, polygon, square, two_by_two, write_geojson


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_geojson(tmp_path / "good.geojson", two_by_two())


def shapefile(folder: Path, source: Path, stem: str = "areas") -> Path:
    path = folder / f"{stem}.shp"
    gpd.read_file(source).to_file(path)
    return path


def zipped(path: Path, members: dict[str, Path | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content.read_bytes() if isinstance(content, Path) else content)
    return path


def refused(path: Path, **options: str) -> str:
    with pytest.raises(UnreadableBoundaries) as caught:
        read_boundary_file(path, **options)
    return caught.value.message


def test_geojson(good: Path) -> None:
    frame = read_boundary_file(good)
    assert frame["code"].tolist() == ["A1", "A2", "B1", "B2"]
    assert frame.crs.to_epsg() == 4326


def test_geopackage_keeps_its_coordinate_system(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    gpd.read_file(good).to_crs(27700).to_file(path)
    assert read_boundary_file(path).crs.to_epsg() == 27700


def test_shapefile_plain_and_zipped_in_a_folder(good: Path, tmp_path: Path) -> None:
    path = shapefile(tmp_path, good)
    parts = {f"a folder/{part.name}": part for part in tmp_path.glob("areas.*")}
    for source in (path, zipped(tmp_path / "areas.zip", parts)):
        assert read_boundary_file(source)["code"].tolist() == ["A1", "A2", "B1", "B2"]


def test_topojson_is_longitude_and_latitude(tmp_path: Path) -> None:
    path = tmp_path / "areas.json"
    geometry = {"type": "Polygon", "arcs": [[0]], "properties": {"code": "A1", "name": "One"}}
    objects = {"areas": {"type": "GeometryCollection", "geometries": [geometry]}}
    path.write_text(json.dumps({"type": "Topology", "arcs": [square(0, 0)], "objects": objects}))
    frame = read_boundary_file(path)
    assert frame["code"].tolist() == ["A1"]
    assert frame.crs.to_epsg() == 4326


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [feature(17, polygon(square(0, 0))), feature(None, None)])
    assert read_boundary_file(path)["code"].tolist() == ["17", None]


@pytest.mark.parametrize("name", ["secret.geojson", "secret.gpkg", "secret.shp", "secret.topojson"])
def test_a_vrt_under_another_name_reads_no_other_file(name: str, good: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    layer = f'<OGRVRTLayer name="x"><SrcDataSource>{good}</SrcDataSource></OGRVRTLayer>'
    path.write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
    assert "xport it again" in refused(path)


def test_a_link_to_a_coordinate_system_is_not_followed(tmp_path: Path) -> None:
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}
    assert "points to its coordinate system elsewhere" in refused(
        write_geojson(tmp_path / "a.json", two_by_two(), crs=crs)
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not valid JSON"),
        (b'{"type": "FeatureCollection", "features": [', "not valid JSON"),
        (b'{"type": "FeatureCollection", "features": [], "x": NaN}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b'{"type": "Feature"}', "neither a GeoJSON FeatureCollection"),
        (b"[]", "neither a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": [null]}', "Item 1 of the GeoJSON file is not a Feature"),
        (
            b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "polygon"}}]}',
            "geometry of an unknown type",
        ),
    ],
)
def test_broken_json(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_bytes(content)
    assert sentence in refused(path)


@pytest.mark.parametrize("name", ["text.gpkg", "text.shp", "text.zip", "text.topojson"])
def test_not_a_boundary_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("code,name\nA1,One\n")
    assert refused(path)


def test_unknown_suffix_and_missing_file(tmp_path: Path) -> None:
    (tmp_path / "areas.pdf").write_text("x")
    assert "no suffix of a boundary file" in refused(tmp_path / "areas.pdf")
    assert "There is no file" in refused(tmp_path / "areas.gpkg")


def test_shapefile_without_coordinate_system_needs_one(good: Path, tmp_path: Path) -> None:
    path = shapefile(tmp_path, good)
    path.with_suffix(".prj").unlink()
    assert "--crs EPSG:27700" in refused(path)
    assert read_boundary_file(path, crs="EPSG:4326").crs.to_epsg() == 4326
    assert "no known coordinate system" in refused(path, crs="EPSG:99999999")


def test_several_layers_ask_for_one(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for layer in ("wards", "districts"):
        gpd.read_file(good).to_file(path, layer=layer)
    assert "--layer" in refused(path)
    assert len(read_boundary_file(path, layer="wards")) == 4


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "exactly one boundary file"),
        ({"a.geojson": b"{}", "b.geojson": b"{}"}, "exactly one boundary file"),
        ({"../a.geojson": b"{}"}, "absolute or relative path"),
        ({"/a.geojson": b"{}"}, "absolute or relative path"),
        ({"a.geojson": b"{}", "inner.zip": b"PK"}, "another ZIP"),
        ({"a.geojson": b" " * 3_000_000}, "hundred times its size"),
        ({f"{number}.txt": b"" for number in range(201)}, "more than 200 files"),
    ],
)
def test_unsafe_zips(members: dict[str, bytes], sentence: str, tmp_path: Path) -> None:
    assert sentence in refused(zipped(tmp_path / "unsafe.zip", members))


def test_hidden_copies_of_a_mac_are_passed_over(good: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "mac.zip", {"areas.geojson": good, "__MACOSX/._areas.geojson": b"\x00\x05\x16\x07"})
    assert len(read_boundary_file(path)) == 4


def test_every_bad_file_of_the_collection_is_refused_with_a_sentence(shared_data: Path) -> None:
    suffixes = (".geojson", ".json", ".gpkg", ".zip", ".shp")
    files = [path for path in sorted((shared_data / "bad_files").rglob("*")) if path.suffix.lower() in suffixes]
    for path in files[::7]:
        try:
            frame = read_boundary_file(path)
        except UnreadableBoundaries as error:
            sentence = error.message
        else:
            sentence = f"It was read, in {frame.crs.name}."
        assert sentence.endswith(".")

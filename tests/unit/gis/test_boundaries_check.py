"""What a set of areas is checked for, each finding with its sentence."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, Polygon, box, shape

from estate.gis.boundaries.check import check_coverage
from estate.gis.boundaries.errors import UnreadableBoundaries, UnreadablePopulation
from estate.gis.boundaries.nest import check_nesting, nest
from estate.gis.boundaries.population import read_population
from estate.gis.boundaries.report import Report, named
from estate.gis.boundaries.tidy import Columns, tidy_areas
from tests.boundary_files import feature, polygon, square, two_by_two

COLUMNS = Columns("code", "name")


def tidied(
    features: list[dict[str, Any]], crs: int = 4326, columns: Columns = COLUMNS
) -> tuple[gpd.GeoDataFrame, Report]:
    rows = [row["properties"] for row in features]
    shapes = [shape(row["geometry"]) if row["geometry"] else None for row in features]
    report = Report()
    return tidy_areas(gpd.GeoDataFrame(rows, geometry=shapes, crs=crs), columns, report), report


def only(report: Report, code: str) -> str:
    found = [finding.message for finding in report.findings if finding.code == code]
    assert len(found) == 1, report.findings
    return found[0]


def covered(features: list[dict[str, Any]]) -> Report:
    areas, report = tidied(features)
    check_coverage(areas, report)
    return report


def test_good_areas_have_no_finding() -> None:
    areas, report = tidied(two_by_two())
    check_coverage(areas, report)
    assert report.findings == []
    assert set(areas.geom_type) == {"MultiPolygon"}


def test_heights_are_dropped() -> None:
    tall = [(x, y, 12.0) for x, y in square(0, 0)]
    areas, report = tidied([feature("A1", polygon(tall))])
    assert "dropped" in only(report, "heights_dropped")
    assert not areas.geometry.has_z.any()


def test_a_border_that_crosses_itself_is_repaired() -> None:
    bow_tie = [(-2.4, 53.4), (-2.3, 53.5), (-2.3, 53.4), (-2.4, 53.5), (-2.4, 53.4)]
    areas, report = tidied([feature("A1", polygon(bow_tie))])
    assert "A1" in only(report, "repaired")
    assert areas.is_valid.all()
    assert not report.errors


def test_an_area_that_encloses_nothing() -> None:
    line = [(-2.4, 53.4), (-2.3, 53.5), (-2.4, 53.4), (-2.4, 53.4)]
    _, report = tidied([feature("A1", polygon(line)), *two_by_two()[1:]])
    assert "A1" in only(report, "collapsed")


def test_no_shape_and_no_area() -> None:
    _, report = tidied([feature("A1", None), feature("A2", {"type": "Point", "coordinates": [-2.4, 53.4]})])
    assert "A1" in only(report, "empty_geometry")
    assert "A2" in only(report, "not_an_area")
    assert "Point" in only(report, "not_an_area")


def test_no_features() -> None:
    frame = gpd.GeoDataFrame({"code": [], "name": []}, geometry=[], crs=4326)
    report = Report()
    tidy_areas(frame, COLUMNS, report)
    assert report.codes() == {"no_features"}


def test_codes_and_names() -> None:
    features = two_by_two()
    features[0]["properties"]["code"] = " "
    features[1]["properties"]["name"] = None
    areas, report = tidied(features)
    assert "number 1" in only(report, "no_code")
    assert "A2" in only(report, "no_name")
    assert areas.set_index("code").loc["A2", "name"] == "A2"


def test_two_areas_of_one_code() -> None:
    features = two_by_two()
    features[1]["properties"]["code"] = "A1"
    _, report = tidied(features)
    assert "A1" in only(report, "duplicate_code")
    assert report.errors


def test_parts_of_one_area_are_joined() -> None:
    features = [feature("A1", polygon(square(0, 0)), "One"), feature("A1", polygon(square(1, 0)), "One")]
    areas, report = tidied(features)
    assert "A1" in only(report, "joined")
    assert not report.errors
    assert len(areas) == 1
    assert areas.geometry.iloc[0].area == pytest.approx(2 * 0.02**2)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(UnreadableBoundaries, match=r"no column “WD25CD”. Its columns are: code, name"):
        tidied(two_by_two(), columns=Columns("WD25CD", "name"))


@pytest.mark.parametrize(
    ("bounds", "crs", "code", "sentence"),
    [
        ((53.4, -2.4, 53.5, -2.3), 4326, "looks_swapped", "look swapped"),
        ((380_000, 390_000, 390_000, 400_000), 4326, "looks_like_metres", "British National Grid"),
        ((-2.4, 53.4, -2.3, 53.5), 27700, "looks_like_degrees", "look like degrees"),
        ((100, 40, 101, 41), 4326, "outside", "outside the country"),
        ((-80_000_000, 0, -70_000_000, 10), 27700, "outside", "outside the country"),
    ],
)
def test_the_wrong_coordinate_system(bounds: tuple[float, ...], crs: int, code: str, sentence: str) -> None:
    ring = [(x, y) for x, y in box(*bounds).exterior.coords]
    _, report = tidied([feature("A1", polygon(ring))], crs=crs)
    assert sentence in only(report, code)
    assert report.errors


def test_an_overlap_beyond_drawing_is_an_error_with_its_square_metres() -> None:
    features = [
        *two_by_two()[:3],
        feature("B2", polygon([*square(1, 1)[:2], (-2.36, 53.44), (-2.39, 53.44), (-2.39, 53.42)])),
    ]
    message = only(covered(features), "overlap")
    assert "B1 and B2" in message
    assert "m²" in message
    assert covered(features).errors


def test_a_small_overlap_is_a_warning_and_a_smaller_one_nothing() -> None:
    for reach, is_warned in ((0.0002, True), (0.0000001, False)):
        ring = [(-2.38 - reach, 53.4), (-2.36, 53.4), (-2.36, 53.42), (-2.38 - reach, 53.42), (-2.38 - reach, 53.4)]
        report = covered([feature("A1", polygon(square(0, 0))), feature("A2", polygon(ring))])
        assert not report.errors
        assert ("overlap" in report.codes()) is is_warned


def test_a_gap_inside_is_a_warning_with_its_square_metres() -> None:
    around = polygon(square(0, 0, 0.06), list(reversed(square(1, 1))))
    message = only(covered([feature("A1", around)]), "gap")
    assert "1 gap" in message
    assert "m² at A1" in message
    filled = covered([feature("A1", around), feature("A2", polygon(square(1, 1)))])
    assert filled.findings == []


def nested(children: list[Polygon], said: list[str | None]) -> tuple[list[int], Report]:
    parents = gpd.GeoDataFrame(
        {"code": ["P1", "P2"]}, geometry=[box(-2.4, 53.4, -2.3, 53.5), box(-2.3, 53.4, -2.2, 53.5)], crs=4326
    )
    codes = [f"C{number}" for number in range(len(children))]
    areas = gpd.GeoDataFrame(
        {"code": codes, "parent_code": said}, geometry=[MultiPolygon([c]) for c in children], crs=4326
    )
    report, nesting = Report(), nest(areas, parents)
    check_nesting(areas, parents, nesting, "District", report)
    return nesting.parents.tolist(), report


def test_children_that_nest() -> None:
    parents, report = nested([box(-2.4, 53.4, -2.35, 53.5), box(-2.3, 53.4, -2.25, 53.45)], [None, None])
    assert parents == [0, 1]
    assert "at least 100.0%" in only(report, "nests")


def test_a_child_across_a_border_goes_where_most_of_it_is() -> None:
    parents, report = nested([box(-2.36, 53.4, -2.28, 53.5)], ["P1"])
    assert parents == [0]
    assert "C0 (75.0% in P1)" in only(report, "straddles")


def test_a_child_outside_every_parent() -> None:
    parents, report = nested([box(-3.4, 53.4, -3.3, 53.5)], [None])
    assert parents == [-1]
    assert "C0" in only(report, "no_parent")


def test_a_child_that_names_another_parent() -> None:
    _, report = nested([box(-2.4, 53.4, -2.35, 53.5)], ["P2"])
    assert "C0 says P2 but lies in P1" in only(report, "other_parent")


def test_populations(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('area,sex,people\nA1,Persons,"1,200"\nA1,Females,700\nA2,Persons,0\n', encoding="utf-8")
    assert read_population(path, "area", "people", where={"sex": "Persons"}) == {"A1": 1200, "A2": 0}
    with pytest.raises(UnreadablePopulation, match="several rows for A1"):
        read_population(path, "area", "people")
    with pytest.raises(UnreadablePopulation, match="no column “persons”"):
        read_population(path, "area", "persons")
    path.write_text("area,people\nA1,-5\nA2,many\n", encoding="utf-8")
    with pytest.raises(UnreadablePopulation, match="line 2 and line 3"):
        read_population(path, "area", "people")
    path.write_bytes(b"\xff\xfe\x00\x00")
    with pytest.raises(UnreadablePopulation):
        read_population(path, "area", "people")


def test_long_lists_are_cut() -> None:
    assert named(["a"]) == "a"
    assert named("abc") == "a, b and c"
    assert named(range(8)) == "0, 1, 2, 3, 4 and 3 more"

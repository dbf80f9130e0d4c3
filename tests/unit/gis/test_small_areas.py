"""Files of small areas: published layouts, bad rows and bad files, and rows in = used + rejected."""

import subprocess
import sys
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pytest
import shapely
from shapely.geometry import Point

from estate.gis.demo.small_areas import demo_small_areas
from estate.gis.small_areas.check import Checked, check_rows
from estate.gis.small_areas.errors import UnreadableSmallAreas
from estate.gis.small_areas.read import read_rows

HOME = "-2.3,53.4"


def checked(folder: Path, people: str | bytes, points: str | None = None, **columns: str) -> Checked:
    path = folder / "people.csv"
    path.write_bytes(people if isinstance(people, bytes) else people.encode())
    second = None
    if points is not None:
        (folder / "points.csv").write_text(points)
        second = read_rows(folder / "points.csv", {})
    found = check_rows(read_rows(path, columns), second, 27700)
    assert found.row_count == found.used_count + found.rejected_count
    return found


def test_one_file_with_people_and_points(tmp_path: Path) -> None:
    found = checked(tmp_path, f"code,name,population,longitude,latitude\nS1,Mill Lane,1234,{HOME}\nS2,,,{HOME}\n")
    assert found.code == ["S1", "S2"]
    assert found.name == ["Mill Lane", "S2"]
    assert found.population == [1234, None]
    assert (found.longitude[0], found.latitude[0]) == (-2.3, 53.4)


def test_the_layouts_of_the_statistics_office(tmp_path: Path) -> None:
    people = (
        'Mid-2024 Population Estimates\n"Source: Office for National Statistics, OGL v3.0"\n\n'
        "LAD 2023 Code,LAD 2023 Name,LSOA 2021 Code,LSOA 2021 Name,Total\n"
        'E06000001,Hartlepool,E01011949,Hartlepool 009A,"1,866"\n'
    )
    points = "FID,LSOA21CD,GlobalID,x,y\n1,E01011949,abc,450000,520000\n2,E01011950,abd,450100,520100\n"
    found = checked(tmp_path, people, points)
    assert (found.code, found.name, found.population) == (["E01011949"], ["Hartlepool 009A"], [1866])
    assert found.longitude[0] == pytest.approx(-1.226, abs=0.01)
    assert found.latitude[0] == pytest.approx(54.573, abs=0.01)
    assert found.points_without_people == 1


def test_points_as_a_geopackage(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"LSOA21CD": ["S1", "S2"], "LSOA21NM": ["One", "Two"]},
        geometry=[Point(450000, 520000), Point(450100, 520100)],
        crs=27700,
    )
    frame.to_file(tmp_path / "centroids.gpkg")
    (tmp_path / "people.csv").write_text("lsoa21cd,population\nS1,10\nS2,20\n")
    found = check_rows(read_rows(tmp_path / "people.csv", {}), read_rows(tmp_path / "centroids.gpkg", {}), 27700)
    assert (found.name, found.population) == (["One", "Two"], [10, 20])
    assert found.latitude[0] == pytest.approx(54.573, abs=0.01)


def test_areas_stand_for_the_point_inside(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"code": ["S1"], "population": [10]}, geometry=[shapely.box(-2.4, 53.3, -2.2, 53.5)], crs=4326
    )
    frame.to_file(tmp_path / "areas.geojson")
    found = check_rows(read_rows(tmp_path / "areas.geojson", {}), None, 27700)
    assert found.longitude[0] == pytest.approx(-2.3, abs=0.1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",100,{HOME}", "has no code"),
        (f"S2,about 100,{HOME}", "“about 100” is not a whole number of people"),
        (f"S2,-5,{HOME}", "“-5” is not a whole number of people"),
        (f"S2,12.5,{HOME}", "“12.5” is not a whole number of people"),
        (f"S2,99999999999,{HOME}", "is not a whole number of people"),
        ("S2,100,,", "“, ” is not a point"),
        ("S2,100,NaN,Infinity", "“NaN, Infinity” is not a point"),
        ("S2,100,53.4,-2.3", "S2 has longitude and latitude that look swapped"),
        ("S2,100,0,0", "S2 lies outside the country"),
        ("S2,100,384000,398000", "S2 has a point in metres that looks like British National Grid"),
        (f"S1,100,{HOME}", "S1 is the second row for this code"),
        (f"{'S' * 50},100,{HOME}", "has a code of more than 40 characters"),
        ("S2", "“, ” is not a point"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    good = f"S1,100,{HOME}\nS9,200,{HOME}\nS8,..,{HOME}\n"
    found = checked(tmp_path, f"code,population,longitude,latitude\n{good}{row}\n")
    assert found.code == ["S1", "S9", "S8"]
    assert found.population == [100, 200, None]
    [problem] = found.problems
    assert problem.line == 5
    assert reason in problem.message


def test_a_row_without_a_point_in_the_second_file_is_left_out(tmp_path: Path) -> None:
    found = checked(tmp_path, "code,population\nS1,100\nS2,50\n", f"code,longitude,latitude\nS1,{HOME}\n")
    assert [problem.message for problem in found.problems] == ["S2 has no point in the file of points"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "no column for the code of the small area"),
        ("a,b\n1,2\n", "Its first row reads: “a”, “b”"),
        (f"code,longitude,latitude\nS1,{HOME}\n", "no column with the number of people"),
        ("code,population\nS1,5\n", "has no coordinates. Give a second file"),
        ("code,population,longitude,latitude\nS1,five,-2,53\n", "None of 1 row can be used. Line 2: “five” is not"),
        ("code,population,longitude,latitude\n", "None of 0 rows can be used."),
        (b"\x00\x01\x02PK", "The file is not text"),
        ("code,population\n" + '"' + "x" * 200_000, "not a readable CSV file"),
    ],
)
def test_a_file_that_can_not_be_used_gets_a_sentence(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(UnreadableSmallAreas, match=sentence):
        checked(tmp_path, content)


def test_a_spreadsheet_is_asked_for_as_csv(tmp_path: Path) -> None:
    (tmp_path / "people.xlsx").write_bytes(b"PK")
    with pytest.raises(UnreadableSmallAreas, match="Save the sheet"):
        read_rows(tmp_path / "people.xlsx", {})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = f"code,name,population,longitude,latitude\r\nS1,Ynys Môn,5,{HOME}\r\n"
    assert checked(tmp_path, text.encode(encoding)).name == ["Ynys Môn"]


def test_columns_that_somebody_names(tmp_path: Path) -> None:
    text = f"id,folk,longitude,latitude\nS1,7,{HOME}\n"
    assert checked(tmp_path, text, code="id", population="Folk").population == [7]
    with pytest.raises(UnreadableSmallAreas, match="no column for “nothing”"):
        checked(tmp_path, text, code="nothing")


def test_real_small_areas_add_up(shared_data: Path) -> None:
    folder = shared_data / "lookups"
    found = check_rows(read_rows(folder / "lsoa_population.csv", {}), read_rows(folder / "lsoa_latlong.csv", {}), 27700)
    people = pandas.read_csv(folder / "lsoa_population.csv")["population"]
    assert found.row_count == len(people) == found.used_count + found.rejected_count
    assert sum(population or 0 for population in found.population) == people.sum()


def test_demo_small_areas_add_up_to_their_neighbourhood() -> None:
    dice = np.random.default_rng(1)
    postcodes = pandas.DataFrame({"easting_m": dice.uniform(380000, 384000, 500), "northing_m": 398000.0})
    postcodes["northing_m"] += dice.uniform(0, 4000, 500)
    square = geopandas.GeoSeries([shapely.box(379000, 397000, 385000, 403000)], crs=27700).to_crs(4326)
    areas = geopandas.GeoDataFrame(
        {"code": ["N1"], "name": ["Sale"], "population": [10_007]}, geometry=square.to_list()
    )
    found = demo_small_areas(postcodes, areas)
    assert len(found.code) == 6
    assert sum(people or 0 for people in found.population) == 10_007
    assert found.population == demo_small_areas(postcodes, areas).population


@pytest.mark.parametrize("module", ["estate.gis.small_areas.load", "estate.gis.access.roads"])
def test_each_command_knows_every_table_it_writes_to(module: str) -> None:
    program = f"import {module}; from estate.db import Base; print(len(Base.metadata.sorted_tables))"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, capture_output=True)

"""The pages of access: what they say, that each view has a link, that bad addresses get a sentence; and the uploads."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.gis.access.roads import load_roads
from estate.gis.small_areas.current import find_current_set
from estate.gis.small_areas.models import SmallAreaSet
from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.models import Building, Sensitivity
from estate.web import access_questions
from tests.factories import make_area, make_building, make_occupation, make_place, make_small_areas
from tests.road_files import crossing, write_roads

EVIL = "</script><script>alert(1)</script>${alert(1)}`{{ 7 * 7 }}\"'<b>"


@pytest.fixture
def library(session: Session) -> Building:
    """A library in West, a refuge in East that nobody may know of, and 1,000 people in each."""
    make_place(session, name="Testshire")
    make_area(session, name="West", bounds=(-2.5, 53.3, -2.3, 53.5))
    make_area(session, name="East", bounds=(-2.3, 53.3, -2.1, 53.5))
    library = make_building(session, name="West library", lonlat=(-2.4, 53.4))
    make_occupation(session, library, is_public_counter=True, service_code="library")
    refuge = make_building(session, name="Secret refuge", lonlat=(-2.2, 53.4), sensitivity=Sensitivity.SECRET)
    make_occupation(session, refuge, is_public_counter=True, service_code="adult_care")
    make_small_areas(session, ("S1", (-2.41, 53.4), 1000), ("S2", (-2.2, 53.4), 1000), ("S3", (-2.21, 53.4), None))
    assign_areas(session)
    return library


def facts_of(html: str) -> dict[str, Any]:
    return json.loads(re.search(r"EstateMap\.start\(\w+, (\{.*\})\);", html)[1])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_page_says_who_lives_further(library: Building, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps/access?service=library&further=2").text
    assert "1,000 of 2,000 residents (50%) live further than 2 km from a counter of Library" in page
    assert "in a straight line" in page
    assert "Highest: East (100%)." in page
    assert "unknown in 1 small area" in page
    assert "restricted records, such as a refuge, are left out for every reader" in page
    assert "made for a test, 2024" in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR, Role.ASSET_MANAGER])
def test_a_refuge_is_nowhere(library: Building, sign_in: Any, role: Role) -> None:
    browser = sign_in(role)
    refuge = library.id + 1
    for path in ("", "/frame", "/areas.csv", "/small-areas.csv", "?further=0.5", "?show=areas"):
        assert "refuge" not in browser.get(f"/maps/access{path}").text.replace("such as a refuge", "")
    assert browser.get("/maps/access?service=adult_care").status_code == 422
    answer = browser.get(f"/maps/access?closing={refuge}")
    assert answer.status_code == 422
    assert "is no building with an open counter" in answer.text


def test_its_own_agency_sees_the_same_figures(session: Session, library: Building, sign_in: Any) -> None:
    refuge = session.scalars(select(Building).where(Building.name == "Secret refuge")).one()
    own = sign_in(Role.ASSET_MANAGER, agency=refuge.agency)
    assert "1,000 of 2,000 residents" in own.get("/maps/access").text


def test_a_closure_is_thought_through(library: Building, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get(f"/maps/access?closing={library.id}").text
    assert "If West library closed, 1,000 more residents would live further than 2 km" in page
    assert "2,000 of 2,000 (100%)" in page
    assert "Leave it open" in page


def test_the_map_names_method_people_and_classes(library: Building, sign_in: Any) -> None:
    browser = sign_in(Role.VIEWER)
    facts = facts_of(browser.get("/maps/access/frame?service=library").text)
    assert "Distance in a straight line. People: made for a test, 2024." in facts["foot"]
    [legend] = facts["legends"]
    texts = {entry["text"]: entry["count"] for entry in legend["entries"]}
    assert texts == {"up to 1 km": 1, "over 8 km": 2, "Counter of Library": 1}
    shares = facts_of(browser.get("/maps/access/frame?service=library&show=areas").text)
    assert "Distance in a straight line." in shares["legends"][0]["note"]


def test_very_many_small_areas_are_shown_by_area(
    library: Building, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_questions, "MOST_POINTS", 2)
    browser = sign_in(Role.VIEWER)
    assert "small areas are not drawn one by one" in browser.get("/maps/access").text
    assert facts_of(browser.get("/maps/access/frame").text)["legends"][0]["role"] == "area"


def test_files_say_method_and_year_and_leave_unknown_empty(library: Building, sign_in: Any) -> None:
    browser = sign_in(Role.VIEWER)
    areas = rows_of(browser.get("/maps/access/areas.csv?service=library").text)
    assert [(row["name"], row["residents_further"], row["share_further"]) for row in areas] == [
        ("East", "1000", "1.0"),
        ("West", "0", "0.0"),
    ]
    assert {row["method"] for row in areas} == {"straight line"}
    homes = rows_of(browser.get(f"/maps/access/small-areas.csv?closing={library.id}").text)
    assert [row["population"] for row in homes] == ["1000", "1000", ""]
    assert [row["distance_after_closure_m"] for row in homes] == ["", "", ""]
    assert homes[0]["nearest_building"] == "West library"
    assert float(homes[0]["distance_m"]) == pytest.approx(665, abs=3)


def test_along_roads(session: Session, library: Building, sign_in: Any, tmp_path: Path) -> None:
    browser = sign_in(Role.VIEWER)
    assert 'value="roads"' not in browser.get("/maps/access").text
    assert "No road network is loaded." in browser.get("/maps/access?method=roads").text
    load_roads(session, write_roads(tmp_path / "town.osm.pbf"), source="© OpenStreetMap contributors", actor=None)
    hub = make_building(session, name="Hub", lonlat=crossing(0, 0))
    make_occupation(session, hub, is_public_counter=True, service_code="library")
    make_small_areas(session, ("S1", crossing(2, 2), 70), ("S2", (-2.45, 53.45), 5), year=2025)
    assign_areas(session)
    page = browser.get("/maps/access?method=roads&further=1").text
    assert "live further than 1 km from any public counter, along roads and paths." in page
    assert "5 more could not be measured" in page
    assert "1 building with a counter is further than 500 m from every road" in page
    assert "© OpenStreetMap contributors" in page
    assert rows_of(browser.get("/maps/access/areas.csv?method=roads").text)[0]["method"] == "roads"


@pytest.mark.parametrize(
    "query",
    [
        "further=abc", "further=0", "further=1e9", "further=-1", "further=NaN", "method=bike", "show=all", "level=moon",
        "area=999999", "service=nothing", "closing=0", "closing=x", "closing=999999999", "service=" + "x" * 10_000,
    ],
)  # fmt: skip
def test_a_bad_address_gets_a_sentence(library: Building, sign_in: Any, query: str) -> None:
    answer = sign_in(Role.VIEWER).get(f"/maps/access?{query}")
    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_names_are_text(session: Session, library: Building, sign_in: Any) -> None:
    library.name = EVIL
    make_small_areas(session, (EVIL[:40], (-2.41, 53.4), 5), year=2026, source=EVIL)
    assign_areas(session)
    browser = sign_in(Role.VIEWER)
    for path in ("", "/frame", f"?closing={library.id}", "/frame?show=areas"):
        assert "<script>alert" not in browser.get(f"/maps/access{path}").text


def test_the_past_is_asked_of_the_register(library: Building, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps/access?as_at=2020-01-01").text
    assert "No open counter of this kind has a known position" in page


def test_without_population_the_page_says_what_to_do(session: Session, sign_in: Any) -> None:
    make_area(session)
    browser = sign_in(Role.ADMINISTRATOR)
    assert "Add a population file" in browser.get("/maps/access").text
    assert browser.get("/maps/access/frame").status_code == 404


def upload(text: str, name: str = "people.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), name


def test_an_administrator_loads_a_file_and_takes_it_back(session: Session, sign_in: Any) -> None:
    browser, page = sign_in(Role.ADMINISTRATOR), "/administration/population"
    people = "code,population\nS1,100\nS2,none\nS3,5\n"
    points = "code,longitude,latitude\nS1,-2.3,53.4\nS3,-2.3,53.5\nS9,-2.3,53.5\n"
    data = {"file": upload(people), "points": upload(points, "../../points.csv"), "year": "2024", "source": "ONS"}
    answer = browser.submit(page, data, page=page, content_type="multipart/form-data")
    assert "2 of 3 rows are used" in answer.text
    assert "“none” is not a whole number of people" in answer.text
    found = find_current_set(session)
    assert found is not None
    assert (found.file_name, found.row_count, found.used_count, found.rejected_count) == ("people.csv", 3, 2, 1)
    back = f"{page}/{found.id}/take-back"
    assert browser.submit(back, {"reason": " "}, page=back).status_code == 422
    assert browser.submit(back, {"reason": "Wrong year"}, page=back).status_code == 302
    assert find_current_set(session) is None
    assert "Wrong year" in browser.get(page).text
    assert browser.get(back).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"file": upload("a,b\n1,2\n")}, "The file has no column for the code"),
        ({"file": upload("x", "people.xlsx")}, "The file is a spreadsheet"),
        ({"file": upload("{}", "people.geojson")}, "neither a GeoJSON FeatureCollection"),
        ({"file": upload("no", "people.gpkg")}, "The file"),
        ({"year": "next"}, "Enter the year, such as 2024"),
        ({"year": "12"}, "Enter a year, such as 2024"),
        ({"source": ""}, "Say who counted"),
    ],
)
def test_a_bad_upload_stores_nothing(session: Session, sign_in: Any, fields: dict[str, Any], sentence: str) -> None:
    browser, page = sign_in(Role.ADMINISTRATOR), "/administration/population"
    fields = {
        name: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    data = {
        "file": upload("code,population,longitude,latitude\nS1,1,-2,53\n"),
        "year": "2024",
        "source": "ONS",
        **fields,
    }
    answer = browser.submit(page, data, page=page, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(SmallAreaSet)).all() == []


def test_a_page_of_a_building_with_a_counter_leads_there(library: Building, sign_in: Any) -> None:
    assert f"/maps/access?closing={library.id}" in sign_in(Role.VIEWER).get(f"/buildings/{library.id}").text

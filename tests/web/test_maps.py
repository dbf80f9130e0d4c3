"""The map pages: what they show, that every view has a link, and that bad addresses are refused with a sentence."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.models import BuildingStatus, FixSource
from estate.web import map_documents, map_notes
from tests.factories import make_agency, make_area, make_building, make_occupation, make_place, make_running_cost

EVIL = "</script><script>alert(1)</script>${alert(1)}`{{ 7 * 7 }}\"'<b>"


@pytest.fixture
def county(session: Session) -> Area:
    """A county of two districts, one with a ward; three buildings, of which one has no cost and one no place."""
    make_place(session, name="Testshire")
    county = make_area(session, level="county", name="Testshire", bounds=(-3, 53, -2, 54))
    west = make_area(session, name="West", bounds=(-3, 53, -2.5, 54), parent_id=county.id, population=1000)
    make_area(session, name="East", bounds=(-2.5, 53, -2, 54), parent_id=county.id)
    make_area(session, level="ward", name="Westward", bounds=(-3, 53, -2.6, 54), parent_id=west.id)
    agency = make_agency(session, name="Town council")
    hall = make_building(session, name="Hall", agency=agency, lonlat=(-2.9, 53.5), gross_internal_area_m2=100)
    make_running_cost(session, hall, amount=Decimal("12345.67"), is_estimate=True)
    make_occupation(session, hall, fte=Decimal(10))
    make_building(session, name="Barn", lonlat=(-2.1, 53.5), fix_source=FixSource.POSTCODE_CENTROID)
    make_building(session, name="Lost", lonlat=None)
    assign_areas(session)
    return county


def facts_of(html: str) -> dict[str, Any]:
    return json.loads(re.search(r"EstateMap\.start\(\w+, (\{.*\})\);", html)[1])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_page_says_what_it_shows(county: Area, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps").text
    assert "Running cost by district" in page
    assert "Financial year 2024-25. All agencies, all uses." in page
    assert "All together: £12,346 (1 of 2 buildings known, 100% estimated)." in page
    assert "Highest: West (£12,346)." in page
    assert "1 district unknown." in page
    assert "1 building lies in no district" in page
    assert 'sandbox="allow-scripts allow-popups allow-top-navigation-by-user-activation"' in page


@pytest.mark.parametrize(
    ("measure", "figure"),
    [
        ("cost", "£12,346"),
        ("cost_per_m2", "£123"),
        ("cost_per_fte", "£1,235"),
        ("cost_per_head", "£12.35"),
        ("occupancy", "unknown"),
        ("vacant_m2", "unknown"),
    ],
)
def test_each_measure(county: Area, sign_in: Any, measure: str, figure: str) -> None:
    client = sign_in(Role.VIEWER)
    page = client.get(f"/maps?measure={measure}").text
    row = page[page.index('<th scope="row" class="break">West') :]
    assert figure in row[: row.index("</tr>")]
    frame = client.get(f"/maps/frame?measure={measure}")
    assert frame.status_code == 200
    assert "unknown" in [entry["text"] for entry in facts_of(frame.text)["legends"][0]["entries"]]


def test_drill_down_from_county_to_ward_to_buildings(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    page = client.get("/maps?level=county").text
    address = re.search(r'href="(/maps\?[^"]*)">Show its districts', page)[1].replace("&amp;", "&")
    page = client.get(address).text
    assert "Running cost by district: Testshire" in page
    east, west = re.findall(r'href="(/maps\?[^"]*)">Show its wards', page)
    page = client.get(east.replace("&amp;", "&")).text
    assert "No areas here" in page
    page = client.get(west.replace("&amp;", "&")).text
    assert "by ward: West" in page
    address = re.search(r'href="(/maps/buildings\?[^"]*)">Show its buildings', page)[1].replace("&amp;", "&")
    page = client.get(address).text
    assert ">Hall</a>" in page
    assert ">Barn</a>" not in page


def test_area_alone_shows_the_level_below(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert "by district: Testshire" in client.get(f"/maps?area={county.id}").text
    assert "by county: Testshire" in client.get(f"/maps?area={county.id}&level=county").text


def test_a_larger_level_than_the_area_becomes_the_level_below(county: Area, session: Session, sign_in: Any) -> None:
    west = session.query(Area).filter_by(name="West").one()
    assert "by ward: West" in sign_in(Role.VIEWER).get(f"/maps?area={west.id}&level=county").text


@pytest.mark.parametrize(
    "query",
    [
        "measure=beauty",
        "level=galaxy",
        "year=1066",
        "year=x",
        "area=999999",
        "area=x",
        "agency=-1",
        "scheme=none",
        "classes=99",
        "classes=x",
        "points=%00",
        "use=';--",
        "area=99999999999999999999999",
    ],
)
def test_bad_addresses_are_refused_with_a_sentence(county: Area, sign_in: Any, query: str) -> None:
    client = sign_in(Role.VIEWER)
    for path in ("/maps", "/maps/frame", "/maps/buildings", "/maps/buildings/frame", "/maps/areas.csv"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 422, path
        assert "Go back" in answer.text or "Choose one" in answer.text


def test_filters_reach_map_table_and_file(county: Area, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    agency = make_agency(session)
    query = f"/maps/areas.csv?agency={agency.id}"
    assert [row["building_count"] for row in rows_of(client.get(query).text)] == ["0", "0"]
    assert "2 districts without buildings." in client.get(f"/maps?agency={agency.id}").text


def test_files_hold_the_figures_in_full(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    east, west = rows_of(client.get("/maps/areas.csv").text)
    assert (east["cost"], east["cost_known_buildings"], east["population"]) == ("", "0", "")
    assert (west["cost"], west["cost_per_m2"], west["cost_estimated_share"]) == ("12345.67", "123.46", "1.0")
    buildings = {row["name"]: row for row in rows_of(client.get("/maps/buildings.csv").text)}
    assert buildings["Hall"]["running_cost"] == "12345.67"
    assert buildings["Lost"]["longitude"] == ""
    assert buildings["Barn"]["position_is_from_postcode"] == "True"


def test_table_of_buildings_sorts_unknown_last(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    for sort in ("cost", "-cost"):
        page = client.get(f"/maps/buildings?sort={sort}").text
        assert page.index(">Hall</a>") < page.index(">Barn</a>")
    page = client.get("/maps/buildings?sort=nonsense&page=999").text
    assert page.index(">Barn</a>") < page.index(">Hall</a>")
    assert "3 buildings, of which 1 has no position and is in the table only." in page


def test_map_documents_carry_a_policy_of_their_own(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    first, second = client.get("/maps/frame"), client.get("/maps/frame")
    policy = first.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "sandbox allow-scripts" in policy
    assert "unsafe" not in policy
    assert first.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert policy != second.headers["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="(?!/static/)', first.text)


def test_retired_and_disposed_buildings_are_on_no_map(county: Area, session: Session, sign_in: Any) -> None:
    sold = make_building(session, name="Sold", lonlat=(-2.9, 53.5), status=BuildingStatus.DISPOSED)
    make_running_cost(session, sold, amount=Decimal(1))
    assign_areas(session)
    client = sign_in(Role.VIEWER)
    assert "Sold" not in client.get("/maps/buildings/frame").text
    assert rows_of(client.get("/maps/areas.csv").text)[1]["cost"] == "12345.67"


def test_names_that_are_code_stay_text(county: Area, session: Session, sign_in: Any) -> None:
    agency = make_agency(session, name=EVIL)
    hut = make_building(session, name=EVIL, agency=agency, lonlat=(-2.9, 53.5))
    make_area(session, name=EVIL, bounds=(-2, 53, -1.5, 54))
    assign_areas(session)
    client = sign_in(Role.VIEWER)
    for path in ("/maps/frame", "/maps/buildings/frame", f"/maps/buildings/{hut.id}/frame"):
        html = client.get(path).text
        assert "<b>" not in html
        assert html.count("</script>") == 5
    for path in ("/maps", "/maps/buildings", f"/maps?agency={agency.id}"):
        assert "<b>" not in client.get(path).text.replace("<b aria-hidden", "")


def test_building_map(county: Area, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    barn = make_building(session, name="Shed", fix_source=FixSource.POSTCODE_SECTOR)
    nowhere = make_building(session, lonlat=None)
    assert "Position only from the postcode" in client.get(f"/maps/buildings/{barn.id}/frame").text
    answer = client.get(f"/maps/buildings/{nowhere.id}/frame")
    assert answer.status_code == 404
    assert "no position" in answer.text
    assert client.get("/maps/buildings/999999999/frame").status_code == 404


def test_without_boundaries_the_page_says_so(session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert "No boundaries yet" in client.get("/maps").text
    assert "No boundaries yet" in client.get("/maps/buildings").text
    assert client.get("/maps/frame").status_code == 404


def test_visitors_are_sent_to_sign_in(client: Any) -> None:
    assert client.get("/maps/frame").status_code == 302


def test_it_says_when_buildings_are_too_many_to_draw(
    county: Area, session: Session, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (map_notes, map_documents):
        monkeypatch.setattr(module, "POINTS_UP_TO", 1)
    client = sign_in(Role.VIEWER, make_agency(session))
    assert "too many to draw over the areas (at most 1)" in client.get("/maps").text
    assert "Buildings by agency" not in client.get("/maps/frame").text

"""What lies near a place, and finding one: the filter everywhere, the words, bad input, and who learns what."""

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.models import Building, Sensitivity
from estate.register.sensitivity import change_sensitivity
from tests.factories import make_agency, make_area, make_building, make_place, make_running_cost
from tests.vector_tiles import layers_of
from tests.web.test_map_tiles import address

HALL = "53.5,-2.9"


@pytest.fixture
def town(session: Session) -> dict[str, Building]:
    """Buildings east of a hall: 0, 500, 790, 810 and 5,000 metres away, and one nowhere."""
    make_place(session, name="Testshire")
    make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    council = make_agency(session, name="Town council")
    degree_m = 66_400.0
    found = {}
    for name, metres in (("Hall", 0), ("Half mile", 500), ("Just in", 790), ("Just out", 812), ("Far", 5000)):
        lonlat = (-2.9 + metres / degree_m, 53.5)
        found[name] = make_building(
            session, name=name, agency=council, lonlat=lonlat, net_internal_area_m2=Decimal(100)
        )
    found["Nowhere"] = make_building(session, name="Nowhere", agency=council, lonlat=None)
    make_running_cost(session, found["Hall"], amount=Decimal(1000))
    make_running_cost(session, found["Just in"], amount=Decimal(234))
    assign_areas(session)
    return found


def names_in(page: str) -> set[str]:
    return {name for name in ("Hall", "Half mile", "Just in", "Just out", "Far", "Nowhere") if f">{name}<" in page}


def test_every_way_to_the_buildings_obeys(town: dict[str, Building], sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    near = {"Hall", "Half mile", "Just in"}
    for within in (f"800 of {HALL}", f"800 of building {town['Hall'].id}"):
        query = {"within": within}
        page = client.get("/maps/buildings", query_string=query).text
        assert names_in(page) == near
        assert "3 buildings, £1,234 a year (2024-25, 2 of 3 known), 300\N{NO-BREAK SPACE}m² net." in page
        assert "2 of 3" in page
        assert names_in(client.get("/buildings", query_string=query).text) == near
        written = client.get("/maps/buildings.csv", query_string=query).text
        assert all(name in written for name in near)
        assert "Just out" not in written
        assert "£1,234 (2 of 3 buildings known" in client.get("/maps", query_string=query).text
    told = client.get(address(14, f"within=800+of+{HALL}"))
    layers = layers_of(told.data)
    assert {feature.properties["name"] for feature in layers["buildings"]} <= near
    assert "ETag" not in told.headers


def test_the_map_shows_the_circle(town: dict[str, Building], sign_in: Any) -> None:
    for frame in ("/maps/frame", "/maps/buildings/frame"):
        html = sign_in(Role.VIEWER).get(frame, query_string={"within": f"800 of {HALL}"}).text
        assert 'estate.keep("ring"' in html
        assert "Within 800 m of 53.50000, -2.90000" in html


@pytest.mark.parametrize(
    ("within", "sentence"),
    [
        ("0 of 53.5,-2.9", "whole number of metres"),
        ("50001 of 53.5,-2.9", "whole number of metres"),
        ("800", "no such place"),
        ("800 of ZZ99 9ZZ", "no such place"),
        ("800 of building 999999999", "no such place"),
        ("800 of building 99999999999999999999", "no such place"),
        ("800 of -2.9,53.5", "look swapped"),
        ("800 of 91,1", "no such place"),
        ("800 of " + "x" * 10_000, "no such place"),
        ("800 of '; DROP TABLE building", "no such place"),
        ("800 of \x00", "no such place"),
    ],
)
def test_what_is_no_place_is_refused_in_a_sentence(
    town: dict[str, Building], sign_in: Any, within: str, sentence: str
) -> None:
    answer = sign_in(Role.VIEWER).get("/maps/buildings", query_string={"within": within})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_building_without_a_position_is_no_centre(town: dict[str, Building], sign_in: Any) -> None:
    query = {"within": f"800 of building {town['Nowhere'].id}"}
    answer = sign_in(Role.VIEWER).get("/maps/buildings", query_string=query)
    assert answer.status_code == 422
    assert "Where this building is, is not known to you" in answer.text


def test_a_hidden_building_is_neither_centre_nor_counted(
    session: Session, town: dict[str, Building], sign_in: Any
) -> None:
    suite = town["Half mile"]
    change_sensitivity(session, suite, Sensitivity.OWNER, version=suite.version, actor=None, reason="Shelter")
    client = sign_in(Role.VIEWER, agency=make_agency(session, name="Others"))
    page = client.get("/maps/buildings", query_string={"within": f"800 of {HALL}"}).text
    assert "2 buildings, " in page
    assert "Half mile" not in page
    hidden = client.get("/maps/buildings", query_string={"within": f"800 of building {town['Half mile'].id}"})
    assert hidden.status_code == 422
    assert "Half mile" not in hidden.text
    assert client.get("/maps/find?place=Half+mile").status_code == 422


def test_the_form_leads_to_the_view(town: dict[str, Building], sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    answer = client.get("/maps/find?metres=1,200&place=hall&agency=&points=use&area=1")
    assert answer.status_code == 302
    assert f"within=1200+of+building+{town['Hall'].id}" in answer.location
    assert "points=use" in answer.location
    assert "area" not in answer.location
    choices = client.get("/maps/find?metres=800&place=just").text
    assert "Which of these do you mean?" in choices
    assert f"within=800+of+building+{town['Just in'].id}" in choices
    found = client.get("/maps/find?metres=800&place=M32+0TH&shows=areas")
    assert found.location.startswith("/maps?")
    assert "within=800+of+M32+0TH" in found.location


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("metres=far&place=Hall", "whole number of metres"),
        ("metres=800&place=", "Say which place"),
        ("place=nothing+like+it", "No area, postcode or building fits “nothing like it”"),
        ("metres=800&place=%00%22%3E%3Cscript%3E", "No postcode or building fits"),
    ],
)
def test_a_search_without_an_answer_says_why(
    town: dict[str, Building], sign_in: Any, query: str, sentence: str
) -> None:
    answer = sign_in(Role.VIEWER).get(f"/maps/find?{query}")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<script>" not in answer.text


def test_a_search_opens_areas_and_buildings(town: dict[str, Building], sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert re.search(r"/maps\?area=\d+$", client.get("/maps/find?place=west").location)
    assert client.get("/maps/find?place=half+mile").location.endswith("#map=17/53.50000/-2.89247")
    assert client.get("/maps/find?place=nowhere").location == f"/buildings/{town['Nowhere'].id}"


def test_a_list_says_it_and_lets_it_go(town: dict[str, Building], sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/buildings", query_string={"within": f"800 of {HALL}"}).text
    assert "Within 800 m of 53.50000, -2.90000" in page
    assert 'name="within" value="800 of 53.50000,-2.90000"' in page


def test_agencies_outside_see_their_own(session: Session, town: dict[str, Building], sign_in: Any) -> None:
    other: Agency = make_agency(session, name="Others")
    make_building(session, name="Depot", agency=other, lonlat=(-2.9, 53.5))
    page = sign_in(Role.VIEWER).get("/maps/buildings", query_string={"within": f"800 of {HALL}", "agency": other.id})
    assert "1 building, cost unknown (2024-25), area unknown." in page.text

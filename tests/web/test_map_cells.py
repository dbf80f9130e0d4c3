"""The buildings of one square of the map: those of the view, seen by the reader, and the same in the list."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.tiles import tile_of
from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.models import BuildingStatus, Sensitivity
from tests.factories import make_agency, make_area, make_building, make_place
from tests.vector_tiles import layers_of

LONGITUDE, LATITUDE = -2.9, 53.5


@pytest.fixture
def council(session: Session) -> Agency:
    """23 buildings of one agency at one place, one elsewhere, and one that is for its agency alone."""
    make_place(session, name="Testshire")
    make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    council = make_agency(session, name="Town council")
    for number in range(23):
        make_building(session, name=f"Hall {number:02}", agency=council, lonlat=(LONGITUDE, LATITUDE))
    make_building(session, name="Barn", agency=council, lonlat=(-2.6, 53.1))
    make_building(session, name="Refuge", agency=council, lonlat=(LONGITUDE, LATITUDE), sensitivity=Sensitivity.OWNER)
    assign_areas(session)
    return council


def found_in(client: Any, zoom: int, query: str = "") -> Any:
    square = tile_of(LONGITUDE, LATITUDE, zoom)
    answer = client.get(f"/maps/buildings/cells/{zoom}/{square.x}/{square.y}.json?{query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


@pytest.mark.parametrize("zoom", [0, 8, 16, 17, 23])
def test_a_square_lists_its_first_buildings_and_leads_to_all(council: Agency, sign_in: Any, zoom: int) -> None:
    client = sign_in(Role.VIEWER)
    found = found_in(client, zoom, "agency=" + str(council.id))
    assert found["count"] == (24 if zoom == 0 else 23)
    assert len(found["buildings"]) == 20
    first = found["buildings"][1 if zoom == 0 else 0]
    assert (first["name"], first["line"]) == ("Hall 00", "Office, Town council")
    assert "Hall 00" in client.get(first["href"]).text
    page = client.get(found["href"]).text
    assert f"{found['count']} buildings" in page
    assert "In one square of the map" in page
    assert "Refuge" not in page


def test_it_says_as_many_as_the_cell_of_the_tile(council: Agency, sign_in: Any) -> None:
    client, tile = sign_in(Role.VIEWER), tile_of(LONGITUDE, LATITUDE, 10)
    drawn = layers_of(client.get(f"/maps/buildings/tiles/10/{tile.x}/{tile.y}.mvt").data)["cells"]
    assert found_in(client, 15)["count"] == drawn[0].properties["n"] == 23


def test_who_may_not_see_a_building_finds_it_in_no_square(council: Agency, session: Session, sign_in: Any) -> None:
    assert found_in(sign_in(Role.VIEWER), 16)["count"] == 23
    assert found_in(sign_in(Role.VIEWER, council), 16)["count"] == 24


def test_the_filters_of_the_view_hold(council: Agency, session: Session, sign_in: Any) -> None:
    make_building(session, name="Old mill", lonlat=(LONGITUDE, LATITUDE), status=BuildingStatus.VACANT)
    client = sign_in(Role.VIEWER)
    assert [it["name"] for it in found_in(client, 16, "status=vacant")["buildings"]] == ["Old mill"]
    small, other = tile_of(LONGITUDE, LATITUDE, 18), tile_of(-2.6, 53.1, 18)
    assert found_in(client, 16, f"square=18/{small.x}/{small.y}")["count"] == 24
    assert found_in(client, 0, f"square=18/{other.x}/{other.y}")["count"] == 1


@pytest.mark.parametrize("path", ["24/0/0", "0/1/0", "5/0/32", "-1/0/0", "x/0/0", "٣/0/0", f"{'9' * 5000}/0/0"])
def test_absurd_squares_are_not_there(council: Agency, sign_in: Any, path: str) -> None:
    client = sign_in(Role.VIEWER)
    assert client.get(f"/maps/buildings/cells/{path}.json").status_code == 404
    assert client.get("/buildings", query_string={"square": path}).status_code == 422

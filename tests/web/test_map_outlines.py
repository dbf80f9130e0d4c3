"""Outlines of buildings in vector tiles: close up, to whom their buildings are shown, and new when they change."""

from typing import Any

import pytest
from geoalchemy2.elements import WKBElement
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, box
from sqlalchemy.orm import Session

from estate.gis.tiles import EXTENT, tile_of
from estate.people.models import Agency, Role
from estate.register import map_outlines
from estate.register.areas import assign_areas
from estate.register.models import Building, Sensitivity
from estate.register.sensitivity import change_sensitivity
from tests.factories import make_agency, make_area, make_building, make_place
from tests.vector_tiles import Feature, layers_of

LONGITUDE, LATITUDE = -2.9, 53.5


def outline(east: float = 0.0005) -> WKBElement:
    """A house a third of a kilometre north to south at most, some of it west of the place."""
    shape = box(LONGITUDE - 0.0005, LATITUDE - 0.0003, LONGITUDE + east, LATITUDE + 0.0003)
    return from_shape(MultiPolygon([shape]), srid=4326)


@pytest.fixture
def hall(session: Session) -> Building:
    """One building with an outline, and one without."""
    make_place(session, name="Testshire")
    make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    council = make_agency(session, name="Town council")
    hall = make_building(session, name="Hall", agency=council, lonlat=(LONGITUDE, LATITUDE), footprint=outline())
    make_building(session, name="Shed", agency=council, lonlat=(LONGITUDE, LATITUDE))
    assign_areas(session)
    return hall


def outlines(client: Any, zoom: int, query: str = "", east: int = 0) -> list[Feature]:
    tile = tile_of(LONGITUDE, LATITUDE, zoom)
    answer = client.get(f"/maps/buildings/tiles/{zoom}/{tile.x + east}/{tile.y}.mvt?{query}")
    assert answer.status_code == 200
    return layers_of(answer.data).get("outlines", [])


def test_close_up_a_tile_shows_the_outlines_that_are_known(hall: Building, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert outlines(client, 14) == []
    [found] = outlines(client, 15)
    assert len(set(found.points)) == 4
    assert found.properties == {}
    assert outlines(client, 15, f"agency={hall.agency_id}") == [found]
    assert outlines(client, 15, f"agency={make_agency(session).id}") == []
    assert outlines(client, 15, "text=shed") == []


def test_an_outline_that_reaches_into_the_next_tile_is_drawn_there_too(hall: Building, sign_in: Any) -> None:
    client, zoom = sign_in(Role.VIEWER), 18
    here, west = tile_of(LONGITUDE, LATITUDE, zoom), tile_of(LONGITUDE - 0.0005, LATITUDE, zoom)
    assert west.x < here.x
    [found] = outlines(client, zoom, east=west.x - here.x)
    edge = map_outlines.MARGIN
    assert all(-edge <= part <= EXTENT + edge for point in found.points for part in point)
    assert outlines(client, zoom, east=-8) == []


def test_a_restricted_outline_is_its_agencys_alone(hall: Building, session: Session, sign_in: Any) -> None:
    own, other = sign_in(Role.VIEWER, hall.agency), sign_in(Role.VIEWER)
    assert len(outlines(other, 16)) == 1
    change_sensitivity(session, hall, Sensitivity.OWNER, actor=None, reason="A refuge", version=hall.version)
    assert outlines(other, 16) == []
    assert len(outlines(own, 16)) == 1


def test_a_record_of_an_agency_that_takes_part_in_nothing_shows_none(session: Session, sign_in: Any) -> None:
    make_place(session)
    stranger: Agency = make_agency(session, is_partner=False)
    make_building(session, agency=stranger, lonlat=(LONGITUDE, LATITUDE), footprint=outline())
    assert outlines(sign_in(Role.VIEWER), 16) == []


def test_a_changed_outline_makes_the_tile_a_new_one(hall: Building, session: Session, sign_in: Any) -> None:
    client, tile = sign_in(Role.VIEWER), tile_of(LONGITUDE, LATITUDE, 16)
    address = f"/maps/buildings/tiles/16/{tile.x}/{tile.y}.mvt"
    first = client.get(address)
    hall.footprint = outline(east=0.0008)
    session.flush()
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert layers_of(again.data)["outlines"] != layers_of(first.data)["outlines"]


def test_too_many_for_one_tile_are_left_out(
    hall: Building, session: Session, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_building(session, agency=hall.agency, lonlat=(LONGITUDE, LATITUDE), footprint=outline())
    client = sign_in(Role.VIEWER)
    monkeypatch.setattr(map_outlines, "MOST_OUTLINES", 1)
    assert outlines(client, 16) == []

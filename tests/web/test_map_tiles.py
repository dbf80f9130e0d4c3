"""Tiles of the map of buildings: what they show, to whom, and how browsers keep them."""

import gzip
import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.tiles import tile_of
from estate.people.models import Agency, Role
from estate.people.programmes import today_of
from estate.register.areas import assign_areas
from estate.register.changes import change_building
from estate.register.models import Building, BuildingStatus, Sensitivity
from estate.register.sensitivity import change_field_level, change_sensitivity
from tests.factories import make_agency, make_area, make_building, make_place, make_running_cost
from tests.vector_tiles import Feature, layers_of
from tests.web.canaries import canaries_in, plant

LONGITUDE, LATITUDE = -2.9, 53.5


@pytest.fixture
def council(session: Session) -> Agency:
    """Ten buildings of one agency close together, with costs."""
    make_place(session, name="Testshire")
    make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    council = make_agency(session, name="Town council")
    for number in range(10):
        at = (LONGITUDE + number / 10_000, LATITUDE)
        building = make_building(
            session, name=f"Hall {number}", agency=council, lonlat=at, gross_internal_area_m2=Decimal(100)
        )
        make_running_cost(session, building, amount=Decimal(1000))
    assign_areas(session)
    return council


def address(zoom: int, query: str = "") -> str:
    tile = tile_of(LONGITUDE, LATITUDE, zoom)
    return f"/maps/buildings/tiles/{zoom}/{tile.x}/{tile.y}.mvt?{query}"


def shown(client: Any, zoom: int, query: str = "") -> dict[str, list[Feature]]:
    answer = client.get(address(zoom, query))
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    return layers_of(answer.data)


def count(layers: dict[str, list[Feature]]) -> int:
    return sum(feature.properties.get("n", 1) for features in layers.values() for feature in features)


def test_far_away_a_tile_shows_cells_with_their_sums(council: Agency, sign_in: Any) -> None:
    cell = shown(sign_in(Role.VIEWER), 6)["cells"][0]
    assert cell.properties["n"] == 10
    assert cell.properties["cost"] == 10_000
    assert cell.properties["area"] == 1000
    assert "id" not in cell.properties
    tile = tile_of(LONGITUDE, LATITUDE, 6)
    inner = tile_of(LONGITUDE, LATITUDE, 11)
    corner = ((inner.x - tile.x * 32) * 128, (inner.y - tile.y * 32) * 128)
    assert min(cell.points) == corner


def test_close_by_a_tile_shows_each_building(council: Agency, session: Session, sign_in: Any) -> None:
    buildings = shown(sign_in(Role.VIEWER), 14)["buildings"]
    assert {it.properties["name"] for it in buildings} == {f"Hall {number}" for number in range(10)}
    first = next(it.properties for it in buildings if it.properties["name"] == "Hall 0")
    assert first["agency"] == council.id
    assert (first["cost"], first["area"]) == (1000, 100)
    assert session.get(Building, first["id"]).name == "Hall 0"


@pytest.mark.parametrize("zoom", [0, 5, 10, 12, 14, 18])
def test_filters_apply_at_every_zoom(council: Agency, session: Session, sign_in: Any, zoom: int) -> None:
    other = make_agency(session)
    make_building(session, name="Depot", agency=other, lonlat=(LONGITUDE, LATITUDE), status=BuildingStatus.VACANT)
    client = sign_in(Role.VIEWER)
    for query in (f"agency={other.id}", "status=vacant", "text=depot", f"text=dep&agency={other.id}"):
        assert count(shown(client, zoom, query)) == 1, query
    if zoom < 18:
        assert count(shown(client, zoom, f"agency={council.id}")) == 10
        assert count(shown(client, zoom)) == 11
    assert count(shown(client, zoom, "use=hospital")) == 0


@pytest.mark.parametrize(
    "path",
    [
        "19/0/0", "0/1/0", "0/0/1", "5/32/0", "5/0/32", "-1/0/0", "1/-1/0", "x/0/0", "1.0/0/0", "٣/0/0", "0x1/0/0",
        "5/99999999999999999999999999/0", f"{'9' * 5000}/0/0", f"5/0/{'0' * 5000}", "5/%00/0", "5/ 1/0", "+5/0/0",
    ],
)  # fmt: skip
def test_absurd_tiles_are_not_there(council: Agency, sign_in: Any, path: str) -> None:
    assert sign_in(Role.VIEWER).get(f"/maps/buildings/tiles/{path}.mvt").status_code == 404


def test_filters_with_a_long_text_answer(council: Agency, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert count(shown(client, 6, f"text={'x' * 10_000}")) == 0
    for name in ("agency", "use", "status", "area", "tenure", "gap", "class", "points"):
        assert client.get(address(6, f"{name}={'9' * 10_000}")).status_code in (200, 422)


def test_the_same_tile_is_not_sent_twice(council: Agency, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    for zoom in (4, 14):
        first = client.get(address(zoom))
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address(zoom), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        filtered = client.get(address(zoom, "text=hall"), headers={"If-None-Match": first.headers["ETag"]})
        assert filtered.status_code == 200


def test_a_change_makes_the_tile_a_new_one(council: Agency, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    far = "/maps/buildings/tiles/10/0/0.mvt"
    tags = {path: client.get(path).headers["ETag"] for path in (address(6), address(14), far)}
    hall = session.query(Building).filter_by(name="Hall 3").one()
    change_building(session, hall, version=hall.version, actor=None, reason="Sign", name="Guildhall")
    session.commit()
    for path, tag in tags.items():
        answer = client.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == (304 if path == far else 200), path
    assert "Guildhall" in {it.properties["name"] for it in shown(client, 14)["buildings"]}


def test_two_readers_share_no_tag(council: Agency, session: Session, sign_in: Any) -> None:
    own, other = sign_in(Role.VIEWER, council), sign_in(Role.VIEWER, make_agency(session))
    assert own.get(address(6)).headers["ETag"] != other.get(address(6)).headers["ETag"]


def test_a_restricted_building_changes_no_byte_of_what_others_get(
    council: Agency, session: Session, sign_in: Any
) -> None:
    police = make_agency(session, name="Police")
    stranger, own = sign_in(Role.VIEWER, council), sign_in(Role.VIEWER, police)
    zooms = (0, 5, 8, 11, 12, 14, 16)
    before = {zoom: stranger.get(address(zoom)).data for zoom in zooms}
    for level in (Sensitivity.OWNER, Sensitivity.SECRET):
        suite = make_building(session, name="Custody suite", agency=police, lonlat=(LONGITUDE, LATITUDE))
        session.flush()
        assert stranger.get(address(11)).data != before[11]
        change_sensitivity(session, suite, level, version=suite.version, actor=None, reason="Custody")
        session.commit()
        assert {zoom: stranger.get(address(zoom)).data for zoom in zooms} == before
    assert count(shown(own, 5)) == count(shown(own, 11)) == 12
    assert count(shown(own, 5, f"agency={police.id}")) == 2
    assert count(shown(stranger, 5, f"agency={police.id}")) == 0


def test_a_canary_is_in_no_tile(session: Session, sign_in: Any) -> None:
    place = plant(session)
    client = sign_in(Role.ADMINISTRATOR, place.council)
    for zoom in range(19):
        tile = tile_of(-3.4477117, 53.4077117, zoom)
        answer = client.get(f"/maps/buildings/tiles/{zoom}/{tile.x}/{tile.y}.mvt")
        told = [str(it.properties) for features in layers_of(answer.data).values() for it in features]
        assert canaries_in(" ".join(told)) == []
        assert canaries_in(answer.data.decode(errors="replace")) == []
    owner = sign_in(Role.VIEWER, place.police)
    tile = tile_of(-3.4477117, 53.4077117, 16)
    assert count(layers_of(owner.get(f"/maps/buildings/tiles/16/{tile.x}/{tile.y}.mvt").data)) == 2


def test_a_cost_that_is_kept_back_is_in_no_tile_of_others(council: Agency, session: Session, sign_in: Any) -> None:
    today = today_of(session)
    change_field_level(session, "running_cost", Sensitivity.OWNER, valid_from=today, actor=None, reason="Kept back")
    stranger = sign_in(Role.VIEWER, make_agency(session))
    for zoom in (6, 11, 12, 14):
        told = [it.properties for features in shown(stranger, zoom).values() for it in features]
        assert told
        assert not any("cost" in properties for properties in told)
    answer = stranger.get(address(6))
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown(sign_in(Role.VIEWER, council), 14)["buildings"][0].properties["cost"] == 1000


def test_visitors_and_those_without_a_role_get_no_tile(council: Agency, client: Any) -> None:
    assert client.get(address(6)).status_code == 302


def test_a_tile_is_compressed_for_who_can_read_that(council: Agency, session: Session, sign_in: Any) -> None:
    for number in range(40):
        make_building(session, name=f"Shed {number}", agency=council, lonlat=(LONGITUDE + number / 9999, LATITUDE))
    client = sign_in(Role.VIEWER)
    answer = client.get(address(14), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == client.get(address(14)).data


def test_above_the_limit_the_map_is_drawn_from_tiles(council: Agency, session: Session, sign_in: Any, app: Any) -> None:
    app.extensions["estate_settings"] = app.extensions["estate_settings"].model_copy(update={"map_tiles_above": 9})
    client = sign_in(Role.VIEWER)
    page = client.get("/maps/buildings?text=hall").text
    assert 'data-tiles="/maps/buildings/tiles/0/0/0.mvt?text=hall"' in page
    assert "js/map_tiles.js" in page
    assert page.index(">Hall 0</a>") < page.index(">Hall 9</a>")
    frame = client.get("/maps/buildings/frame?text=hall").text
    assert "L.vectorGrid.protobuf" in frame
    assert "Hall 0" not in frame
    assert not re.search(r'(?:src|href)="(?!/static/)', frame)
    for points in ("use", "cost", "cost_per_m2", "occupancy"):
        assert "vectorGrid" in client.get(f"/maps/buildings/frame?points={points}").text
    page = client.get("/maps/buildings?text=hall&sort=-cost_per_m2&page=99").text
    assert "10 buildings" in page
    app.extensions["estate_settings"] = app.extensions["estate_settings"].model_copy(update={"map_tiles_above": 10})
    assert "data-tiles" not in client.get("/maps/buildings").text


def test_a_tile_of_a_past_day_shows_that_day(council: Agency, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert count(shown(client, 6, "as_at=2020-01-01")) == 0
    assert "ETag" not in client.get(address(6, "as_at=2020-01-01")).headers

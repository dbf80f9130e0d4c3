"""OGC API - Features as a program meets it: documents, pages, filters, what it refuses, and tokens."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from estate.audit import Event
from estate.people.access_tokens import create_token, list_tokens
from estate.people.models import AccessToken, Agency, LoginAttempt, Role, User
from estate.people.users import deactivate_user, end_role
from estate.register import listed
from estate.register.area_statistics import area_statistics
from estate.register.areas import assign_areas
from estate.register.filters import BuildingFilters
from estate.register.models import BuildingStatus
from tests import factories
from tests.web.conftest import Client, SignIn

ITEMS = "/ogc/collections/buildings/items"


@pytest.fixture
def agency(session: Session) -> Agency:
    factories.make_place(session)
    return factories.make_agency(session, name="Trafford Council")


@pytest.fixture
def reader(session: Session, agency: Agency) -> User:
    user = factories.make_user(session)
    factories.make_membership(session, user=user, role=Role.VIEWER, agency=agency)
    return user


@pytest.fixture
def program(app: Flask, session: Session, reader: User) -> "Program":
    return Program(app.test_client(), create_token(session, reader, "QGIS", 30))


class Program:
    """A program that shows a token."""

    def __init__(self, client: Any, token: str) -> None:
        self.client, self.token = client, token

    def get(self, path: str, **headers: str) -> TestResponse:
        shown = {"Authorization": f"Bearer {self.token}", **headers}
        answer: TestResponse = self.client.get(path, headers=shown)
        return answer

    def ids(self, query: str = "") -> list[int]:
        answer = self.get(f"{ITEMS}?{query}")
        assert answer.status_code == 200, answer.text
        return [feature["id"] for feature in answer.get_json()["features"]]


def test_a_program_finds_its_way_from_the_landing_page(program: Program, session: Session) -> None:
    factories.make_building(session, name="Town Hall")
    landing = program.get("/ogc").get_json()
    links = {link["rel"]: link for link in landing["links"]}
    assert program.get(links["conformance"]["href"]).get_json()["conformsTo"]
    definition = program.get(links["service-desc"]["href"])
    assert definition.content_type == links["service-desc"]["type"]
    assert "/collections/buildings/items" in definition.get_json()["paths"]
    [buildings] = program.get(links["data"]["href"]).get_json()["collections"]
    items = next(link for link in buildings["links"] if link["rel"] == "items")
    answer = program.get(items["href"])
    assert answer.content_type == "application/geo+json"
    assert answer.get_json()["features"][0]["properties"]["name"] == "Town Hall"


def test_what_is_unknown_is_null(program: Program, session: Session) -> None:
    factories.make_building(session, name="Somewhere", lonlat=None, net_internal_area_m2=None, uprn=None)
    [feature] = program.get(ITEMS).get_json()["features"]
    assert feature["geometry"] is None
    assert feature["properties"]["uprn"] is None
    assert feature["properties"]["running_cost"] is None


def test_pages_go_on_after_the_last_id(program: Program, session: Session) -> None:
    expected = sorted(factories.make_building(session).id for _ in range(5))
    found, path, matched = [], f"{ITEMS}?limit=2&status=active", []
    while path:
        page = program.get(path).get_json()
        assert page["numberReturned"] == len(page["features"]) <= 2
        matched.append(page.get("numberMatched"))
        found += [feature["id"] for feature in page["features"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert not path or "status=active" in path
    assert found == expected
    assert matched == [5, None, None]


def test_a_page_does_not_shift_when_a_building_comes_before_it(program: Program, session: Session) -> None:
    first, second, third = (factories.make_building(session) for _ in range(3))
    assert program.ids("limit=2") == [first.id, second.id]
    second.status = BuildingStatus.DISPOSED
    session.flush()
    listed.refresh(session, [second.id])
    assert program.ids(f"limit=2&after={second.id}") == [third.id]


@pytest.mark.parametrize(
    ("bbox", "is_inside"),
    [
        ("-2.4,53.3,-2.2,53.5", True),
        ("-2.3,53.4,-2.3,53.4", True),
        ("-2.4,53.3,0,-2.2,53.5,100", True),
        ("-180,-90,180,90", True),
        ("-720,-500,9e300,500", True),
        ("-2.29,53.3,-2.2,53.5", False),
        ("179,-90,-2.2,90", True),
        ("-2.2,-90,-2.4,90", False),
        ("500,100,600,200", False),
        ("-2.4, 53.3, -2.2, 53.5", True),
    ],
)
def test_bbox(program: Program, session: Session, bbox: str, is_inside: bool) -> None:
    building = factories.make_building(session, lonlat=(-2.3, 53.4))
    factories.make_building(session, lonlat=None)
    assert program.ids(f"bbox={bbox}") == ([building.id] if is_inside else [])


def test_properties_filter(program: Program, session: Session, agency: Agency) -> None:
    hall = factories.make_building(session, name="Hall", uprn="100", postcode="M33 1AA", agency=agency)
    gone = factories.make_building(session, name="Gone", status=BuildingStatus.DISPOSED)
    for query in ("name=Hall", "uprn=100", "postcode=M33 1AA", "agency=Trafford Council", "text=hal", "kind=building"):
        assert hall.id in program.ids(query), query
    assert program.ids("uprn=200") == []
    assert program.ids("agency=Nobody") == []
    assert program.ids("status=disposed") == [gone.id]


def test_datetime_asks_when_a_record_was_changed(program: Program, session: Session) -> None:
    old = factories.make_building(session, changed_at=datetime(2020, 5, 1, 12, tzinfo=UTC))
    new = factories.make_building(session, changed_at=datetime(2024, 5, 1, 12, tzinfo=UTC))
    assert program.ids("datetime=2020-05-01") == [old.id]
    assert program.ids("datetime=2020-05-01T12:00:00Z") == [old.id]
    assert program.ids("datetime=2021-01-01T00:00:00%2B01:00/..") == [new.id]
    assert program.ids("datetime=/2021-01-01") == [old.id]
    assert program.ids("datetime=../..") == [old.id, new.id]


BAD = [
    "limit=0", "limit=-1", "limit=ten", "limit=1e3", "limit=", f"limit={'9' * 30}",
    "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,0,inf,1", "bbox=1_0,0,20,20",
    "bbox=0,60,1,50", "bbox=", f"bbox={'1' * 5000},0,1,1",
    "datetime=yesterday", "datetime=2024-13-01", "datetime=2024-01-01T25:00:00Z", "datetime=2025-01-01/2024-01-01",
    "datetime=0001-01-01T00:00:00%2B23:59", "datetime=2024-01-01/2024-02-01/2024-03-01", "datetime=2024-W01-1",
    "status=sold", "kind=castle", "area=x", f"area={'9' * 25}", "after=-1", f"after={'9' * 20}", "unknown=1",
    "name=%00", f"text={'x' * 10_000}", f"name={'é' * 5000}", "limit=1&limit=2", "f=xml", "Limit=3",
]  # fmt: skip


@pytest.mark.parametrize("query", BAD)
def test_what_can_not_be_read_is_the_askers_error(program: Program, session: Session, query: str) -> None:
    factories.make_building(session)
    answer = program.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    told = answer.get_json()
    assert told["status"] == 400
    assert told["code"]
    assert told["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/collections/nothing", "/ogc/collections/nothing/items", "/ogc/collections/areas-nothing/items",
        f"{ITEMS}/0", f"{ITEMS}/999999", f"{ITEMS}/abc", f"{ITEMS}/{'9' * 30}", f"{ITEMS}/٣",
        "/ogc/collections/areas-district/tiles", "/ogc/collections?programme=nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_answers_404(program: Program, session: Session, path: str) -> None:
    factories.make_area(session)
    answer = program.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_more_than_the_most_gives_the_most(program: Program) -> None:
    assert program.get(f"{ITEMS}?limit=10001").status_code == 200


def test_an_answer_that_is_unchanged_is_not_sent_again(program: Program, session: Session) -> None:
    building = factories.make_building(session)
    first = program.get(ITEMS)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first.headers["Vary"]
    again = program.get(ITEMS, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    factories.make_building(session)
    assert program.get(ITEMS, **{"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert program.get(f"{ITEMS}/{building.id}").get_json()["id"] == building.id


def test_areas_say_the_figures_of_the_map(program: Program, session: Session) -> None:
    area = factories.make_area(session)
    inside = factories.make_building(session, gross_internal_area_m2=Decimal("1200.50"))
    factories.make_building(session, gross_internal_area_m2=None)
    factories.make_running_cost(session, inside, amount=Decimal("1000.10"))
    assign_areas(session)
    [feature] = program.get(f"/ogc/collections/areas-{area.level_code}/items").get_json()["features"]
    statistics = area_statistics(session, area.level, None, BuildingFilters()).iloc[0]
    told = feature["properties"]
    assert (told["code"], told["building_count"]) == (area.code, statistics["building_count"])
    assert told["building_count"] == 2
    assert (told["gross_internal_area_m2"], told["gross_internal_area_count"]) == (1200.5, 1)
    assert feature["geometry"]["type"] == "MultiPolygon"
    nothing = program.get(f"/ogc/collections/areas-{area.level_code}/items?bbox=100,10,101,11").get_json()
    assert nothing["features"] == []


def test_the_tiles_of_buildings_are_described(program: Program, session: Session) -> None:
    factories.make_area(session)
    path = "/ogc/collections/buildings/tiles"
    assert len(program.get(path).get_json()["tilesets"]) == 1
    tileset = program.get(f"{path}/WebMercatorQuad").get_json()
    [template] = [link["href"] for link in tileset["links"] if link["rel"] == "item"]
    assert "{tileMatrix}/{tileCol}/{tileRow}.mvt" in template
    [tiles] = program.get(f"{path}/WebMercatorQuad?f=tilejson").get_json()["tiles"]
    answer = program.get(tiles.replace("{z}/{x}/{y}", "0/0/0"))
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    assert "Authorization" in answer.headers["Vary"]


def test_restricted_buildings_are_not_told(program: Program, session: Session) -> None:
    other = factories.make_agency(session)
    shown = factories.make_building(session, agency=other)
    hidden = factories.make_building(session, agency=other, name="Refuge", sensitivity="secret")
    assert program.ids() == [shown.id]
    assert program.get(f"{ITEMS}/{hidden.id}").status_code == 404
    assert program.get(ITEMS).get_json()["numberMatched"] == 1
    assert program.ids("name=Refuge&bbox=-180,-90,180,90") == []


# Tokens


def test_a_token_is_accepted_as_the_password_of_basic(app: Flask, session: Session, program: Program) -> None:
    shown = base64.b64encode(f"anybody:{program.token}".encode()).decode()
    client = app.test_client()
    assert client.get("/ogc", headers={"Authorization": f"Basic {shown}"}).status_code == 200


def test_a_token_is_not_taken_from_the_address(app: Flask, program: Program) -> None:
    answer = app.test_client().get(f"/ogc?token={program.token}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic !!!", "Basic eDo=", "Digest a", "", "Bearer " + "x" * 5000, "Bearer ü"]
)
def test_a_wrong_token_opens_nothing(app: Flask, header: str) -> None:
    answer = app.test_client().get("/ogc", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_wrong_token_is_not_helped_by_a_cookie(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    assert browser.get("/ogc").status_code == 200
    assert browser.get("/ogc", headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/buildings", "/account", "/account/tokens", "/buildings-open.csv"])
def test_a_token_opens_no_page(program: Program, path: str) -> None:
    assert program.get(path).headers["Location"].startswith("/sign-in")


def test_a_token_changes_nothing(program: Program, session: Session) -> None:
    shown = {"Authorization": f"Bearer {program.token}"}
    for path in ("/ogc", "/buildings.csv", "/account/tokens"):
        assert 400 <= program.client.post(path, headers=shown).status_code < 500, path


def test_a_token_opens_the_list_as_a_file(program: Program, session: Session) -> None:
    factories.make_building(session, name="Town Hall")
    assert "Town Hall" in program.get("/buildings.csv").text


def test_the_use_of_a_token_is_remembered(program: Program, session: Session, reader: User) -> None:
    [token] = list_tokens(session, reader)
    assert token.last_used_at is None
    program.get("/ogc")
    session.expire_all()
    assert token.last_used_at is not None


def test_a_token_ends_with_its_time(program: Program, session: Session, reader: User) -> None:
    [token] = list_tokens(session, reader)
    token.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.flush()
    assert program.get("/ogc").status_code == 401


def test_a_token_ends_with_the_account_for_good(program: Program, session: Session, reader: User) -> None:
    deactivate_user(session, reader, actor=None, reason="Left")
    assert program.get("/ogc").status_code == 401
    reader.is_active = True
    session.flush()
    assert program.get("/ogc").status_code == 401


def test_a_token_ends_with_the_last_role(program: Program, session: Session, reader: User) -> None:
    first, second = reader.memberships[0], factories.make_membership(session, user=reader, role=Role.VIEWER)
    session.refresh(reader)
    end_role(session, second, actor=None, reason="Moved")
    assert program.get("/ogc").status_code == 200
    end_role(session, first, actor=None, reason="Moved")
    assert program.get("/ogc").status_code == 401


def test_who_has_no_role_reads_nothing(app: Flask, session: Session, agency: Agency) -> None:
    nobody = Program(app.test_client(), create_token(session, factories.make_user(session), "QGIS", 30))
    answer = nobody.get(ITEMS)
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")


def test_too_many_wrong_tokens_are_refused(app: Flask, session: Session, program: Program) -> None:
    client = app.test_client()

    def wrong(number: int) -> int:
        return client.get("/ogc", headers={"Authorization": f"Bearer wrong{number}"}).status_code

    assert {wrong(number) for number in range(40)} == {401}
    assert wrong(41) == 429
    assert program.get("/ogc").status_code == 429
    session.query(LoginAttempt).delete()
    assert program.get("/ogc").status_code == 200


def test_the_same_wrong_token_again_is_no_guess(app: Flask, program: Program) -> None:
    client = app.test_client()
    answers = {client.get("/ogc", headers={"Authorization": "Bearer wrong"}).status_code for _ in range(45)}
    assert answers == {401}
    assert program.get("/ogc").status_code == 200


# The account's page


def test_a_token_is_shown_once(sign_in: SignIn, session: Session, app: Flask) -> None:
    browser = sign_in(Role.VIEWER)
    page = browser.submit("/account/tokens", {"name": "QGIS", "life_days": "30"}, page="/account/tokens")
    token = page.text.split('id="token" value="')[1].split('"')[0]
    assert token.startswith("estate_")
    assert token not in browser.get("/account/tokens").text
    [kept] = session.scalars(select(AccessToken)).unique()
    assert token not in (kept.token_hash, kept.name)
    assert Program(app.test_client(), token).get("/ogc").status_code == 200
    browser.submit(f"/account/tokens/{kept.id}/revoke", page="/account/tokens")
    assert Program(app.test_client(), token).get("/ogc").status_code == 401
    actions = session.scalars(select(Event.action).where(Event.subject_id == browser.user.id).order_by(Event.id))
    assert [action for action in actions if "token" in action] == ["make access token", "revoke access token"]


@pytest.mark.parametrize(
    ("name", "days"), [("", "30"), ("x" * 81, "30"), ("QGIS", "7"), ("QGIS", ""), ("QGIS", "x"), ("\u202e", "30")]
)
def test_a_token_needs_a_name_and_an_end(sign_in: SignIn, session: Session, name: str, days: str) -> None:
    browser: Client = sign_in(Role.VIEWER)
    answer = browser.submit("/account/tokens", {"name": name, "life_days": days}, page="/account/tokens")
    assert answer.status_code == 422
    assert session.scalars(select(AccessToken)).unique().all() == []


def test_there_are_not_more_tokens_than_one_can_look_after(sign_in: SignIn, session: Session) -> None:
    browser: Client = sign_in(Role.VIEWER)
    for number in range(20):
        create_token(session, browser.user, f"Program {number}", 30)
    answer = browser.submit("/account/tokens", {"name": "One more", "life_days": "30"}, page="/account/tokens")
    assert answer.status_code == 409
    assert json.dumps("20 living tokens")[1:-1] in answer.text


# Files


def test_a_file_tells_its_page_when_it_is_written(sign_in: SignIn, session: Session) -> None:
    browser = sign_in(Role.VIEWER)
    factories.make_building(session, name="Town Hall")
    answer = browser.get("/buildings.gpkg?columns=all&ready=ready_ab12")
    assert any(cookie.startswith("ready_ab12=1;") for cookie in answer.headers.getlist("Set-Cookie"))
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    for wrong in ("estate", "ready_", "ready_A;b", "ready_" + "a" * 17):
        cookies = browser.get("/buildings.csv", query_string={"ready": wrong}).headers.getlist("Set-Cookie")
        assert not any(cookie.startswith((f"{wrong}=", "ready_")) for cookie in cookies), wrong


def test_files_for_gis_hold_what_the_filter_shows(sign_in: SignIn, session: Session, tmp_path: Path) -> None:
    browser = sign_in(Role.VIEWER)
    factories.make_building(session, name="Town Hall", uprn="000100")
    factories.make_building(session, name="Depot")
    for suffix, read in (
        ("gpkg", partial(geopandas.read_file, layer="buildings")),
        ("parquet", geopandas.read_parquet),
    ):
        path = tmp_path / f"buildings.{suffix}"
        path.write_bytes(browser.get(f"/buildings.{suffix}?text=hall&columns=all").data)
        frame = read(path)
        assert (frame["name"].tolist(), frame["uprn"].tolist()) == (["Town Hall"], ["000100"])
        assert frame.crs == "EPSG:4326"


def test_the_pages_offer_files_for_gis(sign_in: SignIn, session: Session) -> None:
    browser = sign_in(Role.VIEWER)
    assign_areas(session)
    factories.make_area(session)
    factories.make_building(session, name="Town Hall")
    for page in ("/buildings?text=hall", "/maps/buildings?text=hall"):
        text = browser.get(page).text
        for suffix in ("gpkg", "parquet"):
            assert f"/buildings.{suffix}?" in text
            assert re.search(rf"/buildings\.{suffix}\?[^\"]*text=hall", text), page


def test_a_tile_that_is_kept_for_a_cookie_is_not_given_for_a_wrong_token(sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    for _ in range(2):
        assert browser.get("/maps/buildings/tiles/0/0/0.mvt").status_code == 200
    refused = browser.get("/maps/buildings/tiles/0/0/0.mvt", headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 401

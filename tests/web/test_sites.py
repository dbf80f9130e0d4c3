"""Sites and parts over HTTP: putting buildings on a site, its page and map, its name, leaving it, and who may."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.models import Building, BuildingKind, MatchDecision, Site
from tests.factories import make_agency, make_building, make_occupation, make_running_cost
from tests.web.conftest import Client, SignIn


@pytest.fixture
def council(session: Session) -> Agency:
    return make_agency(session, name="Alpha Council")


@pytest.fixture
def campus(session: Session, council: Agency) -> list[Building]:
    """The record of a whole campus, and twelve blocks of it."""
    whole = make_building(session, name="The <Quadrant>", agency=council, gross_internal_area_m2=Decimal(9000))
    blocks = [
        make_building(session, name=f"Block {number}", agency=council, lonlat=(-2.3 + number / 5000, 53.4))
        for number in range(1, 13)
    ]
    make_running_cost(session, whole, amount=Decimal(500_000))
    for block in blocks:
        make_running_cost(session, block, amount=Decimal(1000))
        make_running_cost(session, block, category_code="water", amount=Decimal(10))
        make_occupation(session, block)
    return [whole, *blocks]


@pytest.fixture
def manager(sign_in: SignIn, council: Agency) -> Client:
    return sign_in(Role.ASSET_MANAGER, council)


def store(client: Client, building: Building, relation: str, *others: Building, reason: str = "One fence"):  # type: ignore[no-untyped-def]
    data = {"relation": relation, "others": [other.id for other in others], "reason": reason}
    return client.submit(f"/buildings/{building.id}/site", data, page="/account")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_campus_becomes_one_site_with_twelve_buildings_and_each_figure_counts_once(
    manager: Client, campus: list[Building], session: Session
) -> None:
    whole, *blocks = campus
    offered = manager.get(f"/buildings/{whole.id}/site").text
    assert "Block 1" in offered
    assert "m away" in offered
    assert store(manager, whole, "they_are_parts", *blocks).status_code == 302
    assert not re.search(r"Block \d", manager.get("/buildings").text)
    kind = manager.submit(f"/buildings/{whole.id}/kind", {"kind": "site", "reason": "A campus"}, page="/account")
    site = session.scalars(select(Site)).one()
    assert kind.headers["Location"] == f"/sites/{site.id}"
    page = words(manager.get(f"/sites/{site.id}").text)
    assert "12 buildings" in page
    assert "£500,120" in page
    assert "120.0 FTE" in page
    assert "The &lt;Quadrant&gt;" in page
    frame = manager.get(f"/sites/{site.id}/frame")
    assert frame.status_code == 200
    assert "Block 12" in frame.text
    listed = words(manager.get(f"/buildings?site={site.id}").text)
    assert "13 buildings" in listed
    assert "Whole site" in listed
    block = words(manager.get(f"/buildings/{blocks[0].id}").text)
    assert "Site: The &lt;Quadrant&gt;" in block
    assert "Running cost 2024-25 £1,010" in block, "its own page tells its own costs"


def test_parts_are_listed_only_when_asked_for(manager: Client, campus: list[Building]) -> None:
    whole, annex = campus[:2]
    store(manager, annex, "it_is_part", whole)
    assert "Block 1<" not in manager.get("/buildings").text
    parts = words(manager.get("/buildings?kind=part").text)
    assert "Block 1" in parts
    assert "counted in its building" in parts
    assert manager.get("/buildings?kind=castle").status_code == 422
    assert "A part of" in words(manager.get(f"/buildings/{annex.id}").text)
    assert "Its part" in words(manager.get(f"/buildings/{whole.id}").text)


def test_a_site_is_named_once_and_a_stale_name_is_not_lost(
    manager: Client, campus: list[Building], session: Session
) -> None:
    store(manager, campus[1], "same_site", campus[2], campus[3])
    site = session.scalars(select(Site)).one()
    path = f"/sites/{site.id}/name"
    assert "Site of Block 1" in manager.get(path).text
    named = {"version": "1", "name": "North Yard", "reason": "Its sign"}
    assert manager.submit(path, named, page="/account").status_code == 302
    assert "North Yard" in manager.get(f"/buildings/{campus[3].id}").text
    stale = manager.submit(path, {**named, "name": "South Yard"}, page="/account")
    assert stale.status_code == 409
    assert "North Yard" in stale.text
    assert (
        manager.submit(path, {**named, "version": "2", "name": "x", "reason": ""}, page="/account").status_code == 422
    )
    assert "Site named" in manager.get(f"/buildings/{campus[1].id}").text


def test_leaving_a_site_keeps_the_others_together(manager: Client, campus: list[Building], session: Session) -> None:
    middle, *others = campus[1:5]
    store(manager, middle, "same_site", *others)
    left = manager.submit(f"/buildings/{middle.id}/site/leave", {"reason": "Across the road"}, page="/account")
    assert left.headers["Location"] == f"/buildings/{middle.id}"
    session.expire_all()
    assert middle.site_id is None
    assert len({other.site_id for other in others}) == 1
    assert others[0].site_id is not None
    assert manager.submit(f"/buildings/{middle.id}/site/leave", {"reason": "x"}, page="/account").status_code == 409


def test_what_can_t_be_is_refused_with_a_sentence(manager: Client, campus: list[Building], session: Session) -> None:
    one, two, three = campus[1:4]
    store(manager, one, "it_is_part", two)
    store(manager, two, "it_is_part", three)
    circle = store(manager, three, "it_is_part", one)
    assert circle.status_code == 409
    assert "a part of itself" in circle.text
    count = len(session.scalars(select(MatchDecision)).all())
    assert store(manager, one, "it_is_part", campus[4], campus[5]).status_code == 422
    assert store(manager, one, "same_site").status_code == 422
    assert store(manager, one, "same_site", campus[4], reason=" ").status_code == 422
    assert store(manager, one, "neighbours", campus[4]).status_code == 422
    assert store(manager, one, "same_site", one).status_code == 422
    assert len(session.scalars(select(MatchDecision)).all()) == count
    assert one.kind is BuildingKind.PART


def test_others_may_look_and_not_touch(
    sign_in: SignIn, manager: Client, campus: list[Building], session: Session
) -> None:
    store(manager, campus[1], "same_site", campus[2])
    site = session.scalars(select(Site)).one()
    stranger = sign_in(Role.ASSET_MANAGER, make_agency(session))
    assert stranger.get(f"/sites/{site.id}").status_code == 200
    assert "Name this site" not in stranger.get(f"/sites/{site.id}").text
    assert stranger.get(f"/sites/{site.id}/name").status_code == 404
    assert stranger.get(f"/buildings/{campus[1].id}/site").status_code == 404
    assert store(stranger, campus[1], "same_site", campus[3]).status_code == 404
    for path in ("site/leave", "kind"):
        answer = stranger.submit(f"/buildings/{campus[1].id}/{path}", {"reason": "x", "kind": "site"}, page="/account")
        assert answer.status_code in (404, 422)
        assert campus[1].kind is BuildingKind.BUILDING
    viewer = sign_in(Role.VIEWER, campus[1].agency)
    assert viewer.get(f"/buildings/{campus[1].id}/site").status_code == 403
    assert manager.get("/sites/999999").status_code == 404
    assert manager.get("/sites/999999/frame").status_code == 404

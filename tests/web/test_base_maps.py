"""Base maps: an administrator lists them, a reader chooses one, and only its host is opened to that reader's maps."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event, history
from estate.gis.models import BaseMap
from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.factories import make_area, make_base_map, make_building, make_place
from tests.web.conftest import Client, SignIn

PAGES = "/administration/base-maps"
EVIL = "</script><script>alert(1)</script>${alert(1)}`{{ 7 * 7 }}<img src=x onerror=alert(1)>"
NEW = {
    "name": "Streets", "address": "https://tiles.example.org/{z}/{x}/{y}.png", "attribution": "© Example",
    "minimum_zoom": "0", "maximum_zoom": "19", "is_offered": "y", "reason": "Asked for by planners",
}  # fmt: skip


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMINISTRATOR)


@pytest.fixture
def viewer(session: Session, sign_in: SignIn) -> Client:
    """The browser of a reader of a map with one building in one area."""
    make_place(session)
    make_area(session, bounds=(-3, 53, -2, 54))
    make_building(session, name="Hall", lonlat=(-2.5, 53.5))
    assign_areas(session)
    return sign_in(Role.VIEWER)


def change(admin: Client, base: BaseMap, **fields: Any) -> Any:
    values = {**NEW, "name": base.name, "version": base.version, **fields}
    return admin.submit(f"{PAGES}/{base.id}/edit", values, page="/account")


def choose(browser: Client, chosen: Any, back: str = "/maps/buildings?points=use") -> Any:
    return browser.submit("/maps/base", {"base_map_id": chosen, "back": back}, page="/account")


def pictures_of(browser: Client, path: str = "/maps/buildings/frame") -> str:
    """What the policy of a map lets pictures come from."""
    policy = browser.get(path).headers["Content-Security-Policy"]
    return next(part.strip() for part in policy.split(";") if part.strip().startswith("img-src"))


def test_a_base_map_is_added_with_its_host_and_reason(admin: Client, session: Session) -> None:
    assert "No base map yet" in admin.get(PAGES).text
    assert admin.submit(f"{PAGES}/new", NEW, page=f"{PAGES}/new").status_code == 302
    base = session.scalars(select(BaseMap)).one()
    assert (base.minimum_zoom, base.maximum_zoom, base.is_offered, base.version) == (0, 19, True, 1)
    [event] = history(session, "base_map", base.id)
    assert (event.action, event.reason) == ("add_base_map", "Asked for by planners")
    assert "<strong>tiles.example.org</strong>" in admin.get(PAGES).text
    page = admin.get(f"{PAGES}/{base.id}/edit").text
    assert "Base map added" in page
    assert "ask tiles.example.org" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Enter a name"),
        ({"name": "TAKEN"}, "Another base map has this name"),
        ({"attribution": ""}, "Enter whose map it is"),
        ({"address": "http://tiles.example.org/{z}/{x}/{y}.png"}, "must begin with https"),
        ({"address": "https://tiles.example.org/{z}/{x}/{y}.png?token=1"}, "no key, token or password"),
        ({"minimum_zoom": ""}, "Enter a zoom from 0 to 22"),
        ({"minimum_zoom": "12", "maximum_zoom": "9"}, "must not be below the smallest"),
        ({"reason": ""}, "Say why you make this change"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    admin: Client, session: Session, fields: dict[str, str], sentence: str
) -> None:
    make_base_map(session, name="Taken")
    answer = admin.submit(f"{PAGES}/new", {**NEW, **fields}, page=f"{PAGES}/new")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert len(session.scalars(select(BaseMap)).all()) == 1


def test_two_administrators_at_once_and_a_withdrawal(admin: Client, session: Session) -> None:
    base = make_base_map(session, name="Streets")
    stale = base.version
    assert change(admin, base, attribution="© Other 2027").status_code == 302
    assert change(admin, base, version=stale, attribution="© Third").status_code == 409
    session.refresh(base)
    assert base.attribution == "© Other 2027"
    assert change(admin, base, attribution=base.attribution, is_offered="").status_code == 302
    session.refresh(base)
    assert not base.is_offered
    said = [event.changes for event in session.scalars(select(Event).where(Event.subject_type == "base_map"))]
    assert {"is_offered": [True, False]} in said
    assert "Withdrawn" in admin.get(PAGES).text


def test_a_choice_opens_the_maps_to_one_host_until_it_is_withdrawn(viewer: Client, session: Session) -> None:
    streets = make_base_map(session, name="Streets", address="https://one.example.org:8443/{z}/{x}/{y}.png")
    other = make_base_map(session, name="Photos", address="https://two.example.org/{z}/{x}/{y}.png")
    page = viewer.get("/maps/buildings").text
    assert "Streets (one.example.org:8443)" in page
    assert "No base map is drawn on any of them" in page
    assert pictures_of(viewer) == "img-src 'self' data:"
    assert "map/base.js" not in viewer.get("/maps/buildings/frame").text
    answer = choose(viewer, streets.id)
    assert answer.headers["Location"] == "/maps/buildings?points=use"
    for path in ("/maps/buildings/frame", "/maps/frame"):
        assert pictures_of(viewer, path) == "img-src 'self' data: https://one.example.org:8443"
    assert "map/base.js" in viewer.get("/maps/frame").text
    alone = viewer.get("/maps/alone.html?shows=areas").text
    assert "The base map “Streets” is left out." in alone
    assert "one.example.org" not in alone
    choose(viewer, other.id)
    assert pictures_of(viewer) == "img-src 'self' data: https://two.example.org"
    other.is_offered = False
    session.flush()
    assert pictures_of(viewer) == "img-src 'self' data:"
    assert choose(viewer, other.id).status_code == 404
    assert choose(viewer, "nonsense").status_code == 404
    choose(viewer, streets.id)
    assert choose(viewer, "", back="https://evil.example").headers["Location"] == "/maps"
    assert pictures_of(viewer) == "img-src 'self' data:"


def test_hostile_texts_of_a_base_map_stay_text(viewer: Client, session: Session) -> None:
    base = make_base_map(session, name=EVIL, attribution=EVIL)
    choose(viewer, base.id)
    for path in ("/maps/buildings", "/maps/buildings/frame"):
        html = viewer.get(path).text
        assert "<img src=x" not in html
        assert "alert(1)</script>" not in html
        assert "{{ 7" not in html or path == "/maps/buildings"
        assert "49" not in html.partition('"attribution"')[2][:300]


def test_a_page_without_base_maps_says_nothing_of_them(viewer: Client) -> None:
    assert "ase map" not in viewer.get("/maps/buildings").text

"""The map of many buildings in Chromium: drawn from tiles that its page brings, told by popups, in the sandbox."""

import re

import pytest
from geoalchemy2.shape import from_shape
from playwright.sync_api import Frame, Locator, expect
from shapely.geometry import MultiPolygon, box
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.models import Building
from estate.settings import Settings
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.factories import make_agency, make_area, make_building, make_membership, make_place, make_user

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=alert(1)>${alert(1)}{{ 7 * 7 }}"
LOADED = "html[data-tiles-at]"


@pytest.fixture
def settings(tmp_path) -> Settings:
    """As the others', with tiles for more than twenty buildings."""
    return Settings(
        secret_key="only for tests", var_dir=tmp_path, second_factor_for_administrators=False, map_tiles_above=20
    )


@pytest.fixture
def agency(site: Site) -> Agency:
    """Thirty buildings of one agency in one district, and one of the second agency by itself."""
    session: Session = site.session
    make_place(session, name="Testshire")
    make_area(session, name="Westshire", bounds=(-3, 53.4, -2.8, 53.6))
    agency, other = make_agency(session, name="Town council"), make_agency(session, name=EVIL)
    for number in range(30):
        make_building(session, name=f"Hall {number}", agency=agency, lonlat=(-2.9 + number / 500, 53.5))
    make_building(session, name=EVIL, agency=other, lonlat=(-2.95, 53.45))
    assign_areas(session)
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER, agency=agency)
    site.sign_in(user)
    return agency


def open_map(site: Site, path: str = "/maps/buildings") -> Frame:
    site.open(path)
    frame = site.page.wait_for_selector("iframe.map-view__frame").content_frame()
    assert frame is not None
    frame.wait_for_selector(LOADED, state="attached")
    return frame


def move_to(frame: Frame, latitude: float, longitude: float, zoom: int) -> None:
    """Look elsewhere, and wait for its tiles."""
    frame.evaluate("delete document.documentElement.dataset.tilesAt")
    map_of = "window[document.querySelector('.estate-map').id]"
    frame.evaluate(f"{map_of}.setView([{latitude}, {longitude}], {zoom}, {{ animate: false }}); 0")
    frame.wait_for_selector(LOADED, state="attached")


def click_at(site: Site, frame: Frame, latitude: float, longitude: float) -> None:
    """Click on a place of the map."""
    map_of = "window[document.querySelector('.estate-map').id]"
    at = frame.evaluate(
        f"(() => {{ const p = {map_of}.latLngToContainerPoint([{latitude}, {longitude}]); return [p.x, p.y]; }})()"
    )
    frame.locator(".estate-map").click(position={"x": at[0], "y": at[1]}, delay=400)


def test_a_map_of_many_buildings_is_drawn_from_tiles(site: Site, agency: Agency) -> None:
    frame = open_map(site)
    expect(frame.locator(".legend[data-role=cells]")).to_be_visible()
    expect(frame.locator(".legend[data-role=points]")).to_be_hidden()
    click_at(site, frame, 53.5, -2.87)
    expect(frame.locator(".popup__name")).to_have_text(re.compile("buildings?"))
    assert site.violations() == []
    move_to(frame, 53.45, -2.95, 15)
    expect(frame.locator(".legend[data-role=points]")).to_be_visible()
    expect(frame.locator(".legend[data-role=cells]")).to_be_hidden()
    click_at(site, frame, 53.45, -2.95)
    expect(frame.locator(".popup__name").last).to_have_text(EVIL)
    assert site.violations() == []
    frame.get_by_role("link", name="Open the building's page").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text(EVIL)


def test_a_square_lists_its_buildings_by_mouse_and_by_keyboard(site: Site, agency: Agency) -> None:
    shape = from_shape(MultiPolygon([box(-2.951, 53.4495, -2.949, 53.4505)]), srid=4326)
    evil = site.session.scalars(select(Building).where(Building.name == EVIL)).one()
    evil.footprint = shape
    site.session.commit()
    frame = open_map(site)
    move_to(frame, 53.5, -2.87, 9)
    click_at(site, frame, 53.5, -2.87)
    rows = rows_of(frame)
    expect(rows.first).to_have_text(re.compile(r"Hall \d+"))
    assert site.violations() == []
    listed = rows.count()
    frame.get_by_role("link", name="Show").click()
    expect(site.page.get_by_text(f"{listed} buildings", exact=False).first).to_be_visible()

    frame = open_map(site)
    move_to(frame, 53.45, -2.95, 15)
    frame.locator(".estate-map").focus()
    site.page.keyboard.press("Enter")
    expect(frame.locator(".cell-list__head")).to_have_text("1 building in this square")
    expect(rows_of(frame)).to_have_text([EVIL])
    expect(rows_of(frame)).to_be_focused()
    assert site.violations() == []
    site.page.keyboard.press("Escape")
    expect(frame.locator(".estate-map")).to_be_focused()
    expect(frame.locator(".leaflet-popup")).to_have_count(0)

    site.page.route("**/cells/**", lambda route: route.abort())
    site.page.keyboard.press("Enter")
    expect(frame.locator(".cell-list").last).to_contain_text("could not be listed")
    site.troubles.clear()


def rows_of(frame: Frame) -> Locator:
    """The links to the buildings of a square."""
    return frame.locator(".cell-list__rows a")


def test_the_page_around_it_works_on_a_phone(site: Site, agency: Agency) -> None:
    site.page.set_viewport_size(PHONE)
    frame = open_map(site, "/maps/buildings?points=cost")
    expect(frame.locator(".legend[data-role=cells] summary")).to_be_visible()
    site.check()
    expect(site.page.get_by_text("31 buildings")).to_be_visible()


def test_the_map_says_when_its_tiles_do_not_come(site: Site, agency: Agency) -> None:
    site.page.route("**/tiles/**", lambda route: route.abort())
    frame = open_map(site)
    expect(frame.locator(".tiles-failed")).to_be_visible()
    site.troubles.clear()

"""Outlines of buildings, and signs that stand at one place, in Chromium."""

import pytest
from geoalchemy2.shape import from_shape
from playwright.sync_api import Frame, expect
from shapely.geometry import MultiPolygon, box

from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.browser.conftest import PASSWORD, Site
from tests.factories import make_agency, make_area, make_building, make_membership, make_place, make_user

pytestmark = pytest.mark.browser
MAP = "window[document.querySelector('.estate-map').id]"
SIGNS = f"""(() => {{
    const map = {MAP}, found = [];
    map.eachLayer((it) => it instanceof L.CircleMarker && found.push(map.latLngToContainerPoint(it.getLatLng())));
    return found.map(({{ x, y }}) => [x, y]);
}})()"""
SHAPES = f"""(() => {{
    let count = 0;
    {MAP}.eachLayer((it) => {{ count += it.options.fillColor === "#b9d3dc"; }});
    return count;
}})()"""


def shapes_in(frame: Frame) -> int:
    """How many outlines of buildings are on the map."""
    return int(frame.evaluate(SHAPES))


def look_at(frame: Frame, zoom: int) -> None:
    frame.evaluate(f"{MAP}.setView([53.5, -2.9], {zoom}, {{ animate: false }}); 0")


def test_close_up_outlines_are_seen_and_signs_at_one_place_lie_apart(site: Site) -> None:
    session = site.session
    make_place(session, name="Testshire")
    make_area(session, name="Westshire", bounds=(-3, 53.4, -2.8, 53.6))
    agency = make_agency(session)
    shape = from_shape(MultiPolygon([box(-2.9005, 53.4997, -2.8995, 53.5003)]), srid=4326)
    make_building(session, name="Hall 0", agency=agency, lonlat=(-2.9, 53.5), footprint=shape)
    for number in range(1, 4):
        make_building(session, name=f"Hall {number}", agency=agency, lonlat=(-2.9, 53.5))
    assign_areas(session)
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER, agency=agency)
    site.sign_in(user)
    site.open("/maps/buildings")
    frame = site.page.wait_for_selector("iframe.map-view__frame").content_frame()
    assert frame is not None
    frame.wait_for_selector("html[data-ready-at]", state="attached")
    assert shapes_in(frame) == 0
    assert len({tuple(sign) for sign in frame.evaluate(SIGNS)}) == 1
    look_at(frame, 17)
    assert shapes_in(frame) == 1
    signs = frame.evaluate(SIGNS)
    apart = [((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 for a in signs for b in signs if a is not b]
    assert len(signs) == 4
    assert min(apart) > 16
    x, y = max(signs, key=lambda sign: sign[0])
    frame.locator(".estate-map").click(position={"x": x, "y": y})
    expect(frame.locator(".popup__line").last).to_have_text("At one place with 3 others; close up, drawn beside it")
    expect(frame.locator(".legend")).to_contain_text("outline of a building, close up")
    expect(frame.locator(".legend")).to_contain_text("stand at one place")
    assert site.violations() == []
    look_at(frame, 14)
    assert shapes_in(frame) == 0
    assert len({tuple(sign) for sign in frame.evaluate(SIGNS)}) == 1

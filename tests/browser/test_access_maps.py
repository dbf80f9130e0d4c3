"""Access to services in Chromium: the form by keyboard, the map, a closure, the table; axe, phone, an upload."""

import pytest
from playwright.sync_api import FilePayload, expect

from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_membership,
    make_occupation,
    make_place,
    make_small_areas,
    make_user,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def place(site: Site) -> Site:
    """Two districts, a library in the west, and 1,000 people in each."""
    session = site.session
    make_place(session)
    make_area(session, name="West", bounds=(-2.5, 53.3, -2.3, 53.5))
    make_area(session, name="East", bounds=(-2.3, 53.3, -2.1, 53.5))
    agency = make_agency(session)
    library = make_building(session, name="West library", lonlat=(-2.4, 53.4), agency=agency)
    make_occupation(session, library, is_public_counter=True, service_code="library")
    make_small_areas(session, ("S1", (-2.41, 53.4), 1000), ("S2", (-2.2, 53.4), 1000))
    assign_areas(session)
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.ADMINISTRATOR, agency=agency)
    site.sign_in(user)
    return site


def wait_for_map(site: Site) -> None:
    # A browser draws no frame that is out of sight.
    site.page.locator("iframe.map-view__frame").scroll_into_view_if_needed()
    frame = site.page.wait_for_selector("iframe.map-view__frame").content_frame()
    assert frame is not None
    frame.wait_for_selector("html[data-ready-at]", state="attached")


def test_a_reader_asks_who_lives_further_and_thinks_a_closure_through(place: Site) -> None:
    page = place.open("/maps")
    page.get_by_role("link", name="Access to services").click()
    expect(page.locator("#map-summary")).to_contain_text("1,000 of 2,000 residents (50%)")
    wait_for_map(place)
    assert place.violations() == []
    further = page.get_by_label("Further than, km")
    further.focus()
    further.fill("20")
    page.keyboard.press("Enter")
    page.wait_for_url("**further=20*")
    expect(page.locator("#map-summary")).to_contain_text("0 of 2,000 residents (0%)")
    page.get_by_label("If this building closes").select_option(label="West library")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**closing=*")
    expect(page.get_by_text("If West library closed, 2,000 more residents")).to_be_visible()
    wait_for_map(place)
    assert place.violations() == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.reload()
    wait_for_map(place)
    place.check()


def test_an_administrator_loads_people(place: Site) -> None:
    page = place.open("/administration/population")
    assert place.violations() == []
    rows = b"code,population,longitude,latitude\nS1,5,-2.4,53.4\nS2,few,-2.4,53.4\n"
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": rows}
    page.get_by_label("People by small area").set_input_files(file)
    page.get_by_label("Year").fill("2026")
    page.get_by_label("Source").fill("ONS")
    page.get_by_role("button", name="Load the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rows that were rejected")
    expect(page.get_by_text("“few” is not a whole number of people")).to_be_visible()
    assert place.violations() == []
    place.open("/maps/access")
    expect(page.locator("#map-summary")).to_contain_text("of 5 residents")

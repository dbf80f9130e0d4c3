"""Names and notes that are code, then every map in Chromium: nothing runs, nothing is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import sessionmaker

from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.models import Site as Campus
from estate.settings import Settings
from estate.web import create_app
from tests.browser.conftest import PASSWORD, Site
from tests.browser.test_maps import EVERY_POPUP, EVIL, blns
from tests.factories import (
    make_agency,
    make_area,
    make_board,
    make_building,
    make_interest,
    make_membership,
    make_occupation,
    make_place,
    make_small_areas,
    make_user,
)
from tests.serving import serving

pytestmark = pytest.mark.browser
MAPS = ("/maps", "/maps?level=county&points=agency", "/maps/buildings?points=use", "/maps/access")
FOREIGN = "() => document.querySelectorAll('main img, main svg script, main object, main embed, [onerror]').length"


def naughty() -> list[str]:
    """Strings that begin or hold code, and the whole big list where it is at hand."""
    return [*EVIL, *(text for text in blns() if text.strip() and "\x00" not in text)]


def fill(site: Site) -> list[str]:
    """A place in which all names and notes are naughty, and a reader; gives the names of its buildings."""
    session, texts = site.session, naughty()
    make_place(session, name=EVIL[4], attribution=EVIL[0])
    county = make_area(session, level="county", name=EVIL[0], source=EVIL[1], bounds=(-3, 53, -2, 54))
    west = make_area(session, name=EVIL[4], source=EVIL[5], bounds=(-3, 53, -2.5, 54), parent_id=county.id)
    make_area(session, name=EVIL[5], source=EVIL[2], bounds=(-2.5, 53, -2, 54), parent_id=county.id)
    agencies = [make_agency(session, name=text) for text in EVIL]
    make_board(session, name=EVIL[0], area=west)
    buildings = []
    for number, text in enumerate(texts):
        agency = agencies[number % len(agencies)]
        at = (-2.95 + number % 30 / 32, 53.05 + number // 30 / 32)
        told = dict.fromkeys(("name", "street", "post_town", "note", "block_reference", "management_patch"), text)
        building = make_building(session, agency=agency, lonlat=at, **told)
        buildings.append(building)
        if number < len(EVIL):
            make_interest(session, building, landlord=text, tenure_detail=text)
            make_occupation(session, building, team=text, is_public_counter=True, service_code="library")
    campus = Campus(founder_id=buildings[0].id, name=EVIL[4])
    session.add(campus)
    session.flush()
    buildings[0].site_id = buildings[1].site_id = campus.id
    make_small_areas(session, ("S1", (-2.41, 53.4), 1000), ("S2", (-2.2, 53.4), 1000))
    assign_areas(session)
    user = make_user(session, name=EVIL[0], password=PASSWORD)
    make_membership(session, user=user, role=Role.ADMINISTRATOR, agency=agencies[0])
    site.sign_in(user)
    return texts


def framed(page: Page, address: str) -> Any:
    """The frame of the map at `address`, drawn."""
    page.goto(address)
    page.locator("iframe.map-view__frame").scroll_into_view_if_needed()
    frame = page.wait_for_selector("iframe.map-view__frame").content_frame()
    assert frame is not None
    frame.wait_for_selector("html[data-ready-at]", state="attached")
    return frame


@pytest.fixture
def dialogs(site: Site) -> Iterator[list[str]]:
    """What a page told in a dialog: only code that ran can open one."""
    told: list[str] = []
    site.page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    yield told
    assert told == []


def test_nothing_in_any_text_field_runs_on_any_map(
    site: Site, settings: Settings, committed: Any, dialogs: list[str]
) -> None:
    texts = fill(site)
    for path in MAPS:
        frame = framed(site.page, site.origin + path)
        assert frame.evaluate(FOREIGN) == site.page.evaluate(FOREIGN) == 0, path
    shown = framed(site.page, f"{site.origin}/maps/buildings").evaluate(EVERY_POPUP)
    assert sorted(name for name, _, _ in shown) == sorted(texts)
    assert all(name == told for name, told, _ in shown)
    tiled = create_app(settings.model_copy(update={"map_tiles_above": 5}), sessionmaker(bind=committed))
    with serving(tiled) as origin:
        for points in ("agency", "use", "cost"):
            frame = framed(site.page, f"{origin}/maps/buildings?points={points}")
            frame.wait_for_selector("html[data-tiles-at]", state="attached")
            assert frame.evaluate(FOREIGN) == 0, points
        site.page.goto(f"{site.origin}/maps")
    site.foreign[:] = [address for address in site.foreign if not address.startswith(origin)]
    assert site.page.evaluate("() => window.evil") is None

"""The maps in Chromium: our own host only, nothing executes, keyboard and pointer reach every figure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, Request, expect, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.models import FixSource
from estate.settings import Settings
from estate.web import create_app
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_membership,
    make_place,
    make_running_cost,
    make_user,
)
from tests.serving import serving

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
EVIL = [
    "</script><script>window.top.evil = window.evil = 1; alert(1)</script>",
    "${alert(1)}",
    "`); alert(1); //",
    '" onmouseover="alert(1)" x="',
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}",
    "{% for x in () %}",
    "'; alert(1); '",
    '\\"; alert(1); //',
    "javascript:alert(1)",
]


def blns() -> list[str]:
    """The big list of naughty strings, where it is at hand."""
    path = Path(__file__).parents[3] / "shared" / "data" / "bad_files" / "blns" / "blns.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


@dataclass
class MapSite:
    """A running Estate with one county, and a signed-in page that remembers what went wrong."""

    page: Page
    origin: str
    hosts: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> Frame:
        """Open a map page and give its frame, ready."""
        self.page.goto(self.origin + path)
        return self.frame()

    def click_west(self, frame: Frame) -> None:
        """Point at the western district, and click as slowly as people do: the map must not move under a press."""
        box = frame.locator("canvas.leaflet-zoom-animated").bounding_box()
        x, y = box["x"] + box["width"] * 0.42, box["y"] + box["height"] * 0.45
        self.page.mouse.move(x, y)
        expect(frame.locator(".tip")).to_contain_text(EVIL[0])
        self.page.mouse.click(x, y, delay=400)

    def frame(self) -> Frame:
        handle = self.page.wait_for_selector("iframe.map-view__frame")
        frame = handle.content_frame()
        frame.wait_for_selector("html[data-ready-at]", state="attached")
        return frame


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=switches)
        yield browser
        browser.close()


@pytest.fixture
def maker(committed: Engine) -> Any:
    return sessionmaker(bind=committed, expire_on_commit=False)


def fill_register(maker: Any) -> None:
    with maker.begin() as session:
        make_place(session, name="Testshire", is_synthetic=True)
        county = make_area(session, level="county", name="Testshire", bounds=(-3, 53, -2, 54))
        west = make_area(session, name=EVIL[0], bounds=(-3, 53, -2.5, 54), parent_id=county.id, population=1000)
        make_area(session, name="East", bounds=(-2.5, 53, -2, 54), parent_id=county.id)
        make_area(session, level="ward", name="Westward", bounds=(-3, 53, -2.5, 54), parent_id=west.id)
        agency = make_agency(session, name=EVIL[1])
        add_buildings(session, EVIL, agency)
        user = make_user(session, email="viewer@example.org", password=PASSWORD)
        make_membership(session, user=user, role=Role.VIEWER, agency=agency)


def add_buildings(session: Session, names: list[str], agency: Agency) -> None:
    for number, name in enumerate(names):
        at = (-2.95 + number % 20 / 50, 53.05 + number // 20 / 50)
        source = FixSource.POSTCODE_CENTROID if number % 5 == 0 else FixSource.COORDINATES
        building = make_building(session, name=name, agency=agency, lonlat=at, fix_source=source)
        make_running_cost(session, building, amount=Decimal(1000 + number))
        if number % 3:
            make_running_cost(session, building, year_start=2023, amount=Decimal(1500))
    assign_areas(session)


@pytest.fixture
def site(chromium: Browser, maker: Any, tmp_path: Path) -> Iterator[MapSite]:
    fill_register(maker)
    app = create_app(Settings(secret_key="only for tests", var_dir=tmp_path), maker)
    with serving(app) as origin:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        site = MapSite(context.new_page(), origin)
        watch(site)
        sign_in(site)
        yield site
        context.close()
    assert site.troubles == []
    assert site.hosts <= {site.origin.removeprefix("http://"), "data:"}


def watch(site: MapSite) -> None:
    page = site.page
    page.context.on("request", lambda request: site.hosts.add(host_of(request)))
    page.on("dialog", lambda dialog: (site.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: site.troubles.append(str(error)))
    page.on("console", lambda message: message.type == "error" and site.troubles.append(message.text))


def sign_in(site: MapSite) -> None:
    site.page.goto(f"{site.origin}/sign-in")
    site.page.get_by_label("Email").fill("viewer@example.org")
    site.page.locator("input[type=password]").fill(PASSWORD)
    site.page.locator("main button[type=submit]").click()
    site.page.wait_for_url(lambda url: "sign-in" not in url)


def host_of(request: Request) -> str:
    return request.url.split("/")[2] if "://" in request.url else request.url.split(",")[0][:5]


LAYERS = """() => {
    const map = window[document.querySelector('.estate-map').id];
    const found = [];
    map.eachLayer((it) => { if (it.feature) found.push(it); });
    return [map, found];
}"""
EVERY_POPUP = f"""() => {{
    const [map, layers] = ({LAYERS})();
    return layers.filter((it) => it instanceof L.CircleMarker).map((it) => {{
        it.fire("click", {{ latlng: it.getLatLng() }}, true);
        const popup = document.querySelector(".popup");
        return [it.feature.properties.name, popup.querySelector(".popup__name").textContent, popup.children.length];
    }});
}}"""


def test_names_are_text_wherever_a_map_shows_them(site: MapSite, maker: Any) -> None:
    naughty = [text for text in blns() if text.strip() and "\x00" not in text]
    with maker.begin() as session:
        add_buildings(session, naughty, make_agency(session, name=EVIL[2]))
    frame = site.open("/maps/buildings")
    shown = frame.evaluate(EVERY_POPUP)
    assert sorted(name for name, _, _ in shown) == sorted([*EVIL, *naughty])
    assert all(name == text for name, text, _ in shown)
    assert frame.evaluate("() => document.scripts.length") == 5
    assert not frame.evaluate("() => document.querySelector('main img, main iframe, main svg, main script')")
    for path in ("/maps", "/maps?level=ward", "/maps?level=county&points=use"):
        site.open(path)
    assert site.page.evaluate("() => window.evil") is None


def test_clicking_an_area_leads_to_its_smaller_areas(site: MapSite) -> None:
    frame = site.open("/maps")
    site.click_west(frame)
    expect(frame.locator(".popup__name")).to_have_text(EVIL[0])
    frame.get_by_role("link", name="Show its wards").click()
    site.page.wait_for_url("**/maps?*level=ward*")
    expect(site.page.get_by_role("heading", level=1)).to_contain_text("Running cost by ward")
    site.frame()


def test_layer_switch_shows_buildings_and_their_legend(site: MapSite) -> None:
    frame = site.open("/maps")
    expect(frame.locator(".legend:visible")).to_have_count(1)
    frame.get_by_label("Buildings").check()
    expect(frame.locator(".legend:visible")).to_have_count(2)
    expect(frame.locator(".legend >> nth=1")).to_contain_text("position only from the postcode")
    frame.get_by_label("Buildings").uncheck()
    expect(frame.locator(".legend:visible")).to_have_count(1)


def test_keyboard_reaches_map_and_table(site: MapSite) -> None:
    frame = site.open("/maps")
    site.page.get_by_role("link", name="Go to the table of the same figures").focus()
    site.page.keyboard.press("Tab")
    assert frame.evaluate("() => document.activeElement.classList.contains('leaflet-container')")
    zoom = f"() => ({LAYERS})()[0].getZoom()"
    before = frame.evaluate(zoom)
    site.page.keyboard.press("+")
    frame.wait_for_function(f"(before) => ({LAYERS})()[0].getZoom() > before", arg=before)
    heading = site.page.get_by_role("columnheader", name="Running cost")
    heading.get_by_role("button").focus()
    site.page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(site.page.locator("tbody tr").last).to_contain_text("none")


@pytest.mark.parametrize(
    "path",
    [
        "/maps",
        "/maps/buildings?points=cost",
        "/maps?measure=occupancy&level=ward",
        "/maps?before=2023",
        "/maps?before=2023&change=percent&classes=4&prices=2023&sort=-figure",
    ],
)
def test_no_accessibility_violation(site: MapSite, path: str) -> None:
    site.open(path)
    found = Axe().run(site.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", ["/maps/frame", "/maps/frame?before=2023", "/maps/buildings/frame"])
def test_no_accessibility_violation_inside_the_frame(site: MapSite, path: str) -> None:
    site.page.goto(site.origin + path)
    site.page.wait_for_selector("html[data-ready-at]", state="attached")
    # The page around the frame has the heading; the frame's policy lets axe fetch nothing.
    options = {"rules": {"page-has-heading-one": {"enabled": False}}, "preload": False}
    found = Axe().run(site.page, options=options)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", ["/maps", "/maps/buildings"])
def test_a_phone_shows_all_without_scrolling_sideways(site: MapSite, path: str) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    frame = site.open(path)
    assert site.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    legend = frame.locator(".legend:visible").first
    assert legend.get_attribute("open") is None
    legend.locator("summary").click()
    expect(legend.locator("li").first).to_be_visible()


def test_form_changes_the_view_and_the_address_restores_it(site: MapSite) -> None:
    site.open("/maps")
    site.page.get_by_label("Figure", exact=True).select_option("Running cost per head")
    site.page.get_by_label("By", exact=True).select_option("County")
    site.page.get_by_role("button", name="Show").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Running cost per head by county")
    address = site.page.url
    site.open("/maps")
    site.page.goto(address)
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Running cost per head by county")
    site.frame()


def test_by_keyboard_from_the_form_to_the_wards_and_back(site: MapSite) -> None:
    page, press = site.page, site.page.keyboard.press
    site.open("/maps?level=county")
    page.get_by_label("Change since").focus()
    page.get_by_label("Change since").select_option("2023-24")
    press("Tab")
    page.get_by_label("Show change as").select_option("Difference in %")
    page.get_by_role("button", name="Show", exact=True).focus()
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Change in running cost by county")
    expect(page.locator("#map-summary")).to_contain_text("known in both years")
    for name, heading in (("Show its districts (Testshire)", "by district"), ("Show its wards", "by ward")):
        page.get_by_role("link", name=name).first.focus()
        press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"Change in running cost {heading}")
    frame = site.frame()
    expect(frame.locator(".legend__title").first).to_have_text("Change in running cost, 2023-24 to 2024-25")
    address = page.url
    page.get_by_role("link", name="The whole place").focus()
    press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("by ward")
    site.open(address.removeprefix(site.origin))
    expect(page.get_by_label("Show change as")).to_have_value("percent")


def test_an_area_on_the_map_tells_both_years_and_leads_on(site: MapSite) -> None:
    frame = site.open("/maps?before=2023")
    site.click_west(frame)
    expect(frame.locator(".popup")).to_contain_text("From £")
    expect(frame.locator(".popup")).to_contain_text("known in both years")
    frame.get_by_role("link", name="Show its wards").click()
    site.page.wait_for_url("**/maps?*before=2023*")


def test_an_opened_legend_takes_room_from_the_map_on_a_phone(site: MapSite) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    frame = site.open("/maps?before=2023")
    frame.locator(".legend summary").first.click()
    legend, chart = frame.locator(".legends").bounding_box(), frame.locator(".estate-map").bounding_box()
    assert chart["y"] + chart["height"] <= legend["y"] + 1
    expect(frame.locator(".legend__note")).to_be_in_viewport()


def test_the_foot_line_leaves_the_scale_bar_alone_on_a_phone(site: MapSite) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    frame = site.open("/maps")
    scale, foot = frame.locator(".leaflet-control-scale"), frame.locator(".leaflet-control-attribution")
    expect(scale).to_be_visible()
    upper, lower = scale.bounding_box(), foot.bounding_box()
    assert upper is not None
    assert lower is not None
    apart = upper["x"] + upper["width"] <= lower["x"] or upper["y"] + upper["height"] <= lower["y"]
    assert apart, (upper, lower)


def test_the_address_keeps_the_part_of_the_map_that_is_seen(site: MapSite) -> None:
    frame = site.open("/maps/buildings?within=20000+of+53.05,-2.9#map=13/53.05000/-2.90000")
    frame.wait_for_function("() => estate.map.getZoom() === 13")
    frame.get_by_role("button", name="Zoom in").click()
    site.page.wait_for_function("() => location.hash.startsWith('#map=13.75/53.0')")
    site.page.reload()
    frame = site.frame()
    frame.wait_for_function("() => estate.map.getZoom() === 13.75")
    site.page.get_by_role("button", name="Copy a link to this view").click()
    expect(site.page.locator("[data-copied]")).not_to_be_empty()
    assert site.troubles == []
    assert Axe().run(site.page).response["violations"] == []

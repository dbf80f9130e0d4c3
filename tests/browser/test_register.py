"""The register in Chromium: signing in, finding a building, changing it, by pointer and by keyboard."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.changes import change_building
from estate.register.models import Building, BuildingStatus
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.browser.pages.buildings import BuildingPage, BuildingsPage
from tests.browser.pages.sign_in import SignInPage
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_membership,
    make_occupation,
    make_place,
    make_running_cost,
    make_user,
    make_valuation,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def agency(site: Site) -> Agency:
    """An agency with a town hall of which much is known, a depot, and a vacant library."""
    session = site.session
    make_place(session, name="Testshire", is_synthetic=True)
    make_area(session, name="Northtown")
    agency = make_agency(session, name="Alpha Council")
    hall = make_building(
        session, name="Town Hall", agency=agency, net_internal_area_m2=Decimal(2000), postcode="M32 0TH"
    )
    for year, amount in ((2022, 310_000), (2023, 335_000), (2024, 322_000)):
        make_running_cost(session, hall, year_start=year, amount=Decimal(amount))
        make_running_cost(
            session, hall, year_start=year, amount=Decimal(amount // 3), category_code="rates", is_estimate=True
        )
    make_interest(session, hall, landlord="Old Toll Ltd")
    make_occupation(session, hall, team="Planning")
    make_valuation(session, hall)
    make_building(session, name="Depot", agency=agency, use_class_code="depot", lonlat=None)
    make_building(session, name="Library", agency=agency, use_class_code="library", status=BuildingStatus.VACANT)
    make_building(session, name="Elsewhere")
    assign_areas(session)
    session.commit()
    return agency


def sign_in_as(site: Site, role: Role, agency: Agency) -> None:
    user = make_user(site.session, password=PASSWORD, name="Grace Manager")
    make_membership(site.session, user=user, role=role, agency=agency)
    site.sign_in(user)


def test_finding_and_changing_a_building(site: Site, agency: Agency) -> None:
    sign_in_as(site, Role.ASSET_MANAGER, agency)
    page = site.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Buildings").click()
    buildings = BuildingsPage(page)
    buildings.shows(["Depot", "Elsewhere", "Library", "Town Hall"])
    buildings.filter("Agency", "Alpha Council")
    buildings.sort("Running cost 2024-25")
    expect(page.locator("table tbody th a").first).to_have_text("Town Hall")
    buildings.search("m32 0th")
    buildings.shows(["Town Hall"])
    buildings.open("Town Hall")
    building = BuildingPage(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Town Hall")
    assert building.fact("District") == "Northtown"
    expect(page.get_by_text("Synthetic data.")).to_be_visible()
    building.edit("Survey of May", Year_built="1901", Net_internal_area="2,100")
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    assert building.fact("Built") == "1901"
    history = building.section("History")
    expect(history).to_contain_text("Survey of May")
    expect(history).to_contain_text("Grace Manager")
    expect(history).to_contain_text("2100")


def test_a_conflict_loses_nothing(site: Site, agency: Agency) -> None:
    sign_in_as(site, Role.ASSET_MANAGER, agency)
    hall = site.session.query(Building).filter_by(name="Town Hall").one()
    page, building = site.page, BuildingPage(site.page)
    site.open(f"/buildings/{hall.id}/edit")
    change_building(site.session, hall, version=hall.version, actor=None, reason="meanwhile", street="Their Street")
    site.session.commit()
    building.fill("mine", Street="My Street")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Somebody else changed this first")
    expect(page.locator("main")).to_contain_text("Their Street")
    assert site.violations() == []
    page.get_by_role("radio", name="Street: yours, My Street").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The change is saved.")).to_be_visible()


def test_errors_are_announced_and_lead_to_their_field(site: Site, agency: Agency) -> None:
    sign_in_as(site, Role.ASSET_MANAGER, agency)
    hall = site.session.query(Building).filter_by(name="Town Hall").one()
    page = site.page
    site.open(f"/buildings/{hall.id}/edit")
    BuildingPage(page).fill("", Name="")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    expect(summary.get_by_role("link")).to_have_text(["Give the building a name", "Say why you make this change"])
    summary.get_by_role("link", name="Say why you make this change").click()
    expect(page.locator(":focus")).to_have_attribute("aria-describedby", "reason-hint reason-error")
    assert site.violations() == []


def test_the_whole_way_by_keyboard(site: Site, agency: Agency) -> None:
    user = make_user(site.session, password=PASSWORD)
    make_membership(site.session, user=user, role=Role.VIEWER, agency=agency)
    site.session.commit()
    page = site.open("/buildings")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    page.get_by_label("Email address").focus()
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Buildings")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement").as_element()
        assert focused is not None
        # The calendar's button inside a date field is marked by the browser itself, not by the field's style.
        is_inside_field = focused.evaluate("e => !e.matches(':focus')")
        outline = focused.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
        assert is_inside_field or outline != "nonenone", focused.evaluate("e => e.outerHTML.slice(0, 200)")
        seen.append(focused.inner_text().strip())
        if seen[-1] == "Depot":
            break
    assert seen[-1] == "Depot"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Depot")


def test_signing_out_shuts_the_door(site: Site, agency: Agency) -> None:
    sign_in_as(site, Role.VIEWER, agency)
    SignInPage(site.page, site.origin).sign_out()
    expect(site.page.get_by_text("You are signed out.")).to_be_visible()
    site.page.go_back()
    site.page.reload()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Sign in")


PAGES = [
    "/",
    "/buildings",
    "/buildings?text=nothing",
    "/account",
    "/about",
    "/accessibility",
    "/buildings/new",
    "/nothing",
]
OF_BUILDING = ["", "/edit", "/retire", "/costs/new", "/interests/new", "/occupations/new"]


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["laptop", "phone"])
def test_axe_finds_nothing_and_nothing_runs_off_the_screen(
    site: Site, agency: Agency, viewport: dict[str, int]
) -> None:
    if viewport:
        site.page.set_viewport_size(viewport)  # type: ignore[arg-type]
    site.open("/sign-in")
    assert site.violations() == []
    sign_in_as(site, Role.ASSET_MANAGER, agency)
    hall = site.session.query(Building).filter_by(name="Town Hall").one()
    for path in [*PAGES, *(f"/buildings/{hall.id}{part}" for part in OF_BUILDING)]:
        site.open(path)
        assert site.violations() == [], path
        assert site.overflow() <= 0, path


def test_the_menu_folds_on_a_phone(site: Site, agency: Agency) -> None:
    site.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in_as(site, Role.VIEWER, agency)
    link = site.page.get_by_role("navigation", name="Main").get_by_role("link", name="Buildings")
    expect(link).to_be_hidden()
    site.page.get_by_role("button", name="Main").or_(site.page.get_by_role("button", name="Menu")).first.click()
    link.click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Buildings")
    expect(site.page.get_by_label("Agency", exact=True)).to_be_hidden()
    site.page.get_by_text("Search and filters").click()
    expect(site.page.get_by_label("Agency", exact=True)).to_be_visible()


def test_it_works_without_script(site: Site, agency: Agency) -> None:
    context = site.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    page = context.new_page()
    user = make_user(site.session, password=PASSWORD)
    make_membership(site.session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    site.session.commit()
    SignInPage(page, site.origin).sign_in(user.email, PASSWORD)
    page.goto(f"{site.origin}/buildings")
    buildings = BuildingsPage(page)
    buildings.filter("Use", "Library")
    buildings.shows(["Library"])
    buildings.open("Library")
    page.get_by_role("button", name="Edit facts").click()
    BuildingPage(page).fill("Survey", Year_built="1930")
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    context.close()


def test_paper_carries_no_buttons(site: Site, agency: Agency) -> None:
    sign_in_as(site, Role.ASSET_MANAGER, agency)
    site.open("/buildings")
    site.page.emulate_media(media="print")
    expect(site.page.get_by_role("button", name="Apply")).to_be_hidden()
    expect(site.page.get_by_role("table")).to_be_visible()

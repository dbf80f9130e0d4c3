"""History in Chromium: a past day by keyboard, on the list, the building and the map; an import undone; filters."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.imports.check import Options
from estate.register.imports.perform import perform_undo
from estate.register.imports.uploads import apply_import, start_import
from estate.register.listed_past import rebuild
from estate.register.models import Import
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.factories import make_agency, make_area, make_membership, make_place, make_user

pytestmark = pytest.mark.browser

YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011
SAID = f"As it was on {YESTERDAY.day} {YESTERDAY:%B %Y}."
HEADER = "Reference,Name,Postcode,Gross internal area m2,Financial year,UPRN,Cost: energy\n"


@pytest.fixture
def agency(site: Site) -> Agency:
    """An agency whose town hall came with one file a week ago, and got another name and cost with a second today."""
    session = site.session
    make_place(session)
    make_area(session, name="Northtown", bounds=(-2.5, 53.3, -2.1, 53.6))
    agency = make_agency(session, name="Alpha Council")
    session.commit()
    bring(site, agency, "first.csv", "B1,Old Hall,M32 0TH,100,2023-24,,1000\n")
    for table in ("building", "running_cost"):
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        session.execute(text(f"UPDATE {table} SET recorded_at = now() - interval '7 days'"))
        session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    rebuild(session)
    session.commit()
    bring(site, agency, "second.csv", "B1,Town Hall,M32 0TH,100,2023-24,,2000\nB2,Depot,M32 0TH,50,2023-24,,10\n")
    user = make_user(session, password=PASSWORD, name="Grace Manager")
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    session.commit()
    site.sign_in(user)
    return agency


def bring(site: Site, agency: Agency, name: str, rows: str) -> Import:
    brought = start_import(site.session, (HEADER + rows).encode(), name, agency=agency, actor=None, options=Options())
    apply_import(site.session, brought, actor=None)
    assign_areas(site.session)
    site.session.commit()
    return brought


def choose_day(site: Site) -> None:
    """Type the day as a keyboard user does: day, month, year in the browser's own field, then Enter."""
    site.page.get_by_label("As it was on").fill(YESTERDAY.isoformat())
    site.page.keyboard.press("Enter")
    expect(site.page.get_by_role("region", name="Day that this page shows")).to_contain_text(SAID)


def test_a_past_day_is_chosen_and_kept_from_page_to_page(site: Site, agency: Agency) -> None:
    page = site.open("/buildings")
    assert page.locator("table tbody th a").all_inner_texts() == ["Depot", "Town Hall"]
    choose_day(site)
    assert page.locator("table tbody th a").all_inner_texts() == ["Old Hall"]
    assert site.violations() == []
    page.get_by_role("link", name="Old Hall").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Old Hall")
    expect(page.get_by_role("region", name="Day that this page shows")).to_contain_text(SAID)
    expect(page.get_by_role("button", name="Edit facts")).to_have_count(0)
    assert site.violations() == []
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Maps").click()
    expect(page.locator("#map-summary")).to_contain_text("£1,000")
    expect(page.get_by_role("region", name="Day that this page shows")).to_contain_text(SAID)
    expect(page.frame_locator("iframe").get_by_text(f"as it was on {YESTERDAY.day}").first).to_be_visible()
    assert site.violations() == []
    page.get_by_role("link", name="Show it as it is today").click()
    expect(page.locator("#map-summary")).to_contain_text("£2,010")
    expect(page.get_by_role("region", name="Day that this page shows")).to_have_count(0)


def test_the_day_of_one_building_on_a_phone(site: Site, agency: Agency) -> None:
    site.page.set_viewport_size(PHONE)
    page = site.open("/buildings")
    page.get_by_role("link", name="Town Hall").click()
    choose_day(site)
    expect(page.get_by_role("heading", level=1)).to_have_text("Old Hall")
    assert site.overflow() == 0
    assert site.violations() == []


def test_an_import_is_undone_by_keyboard(site: Site, agency: Agency) -> None:
    page = site.open("/imports")
    page.get_by_role("link", name="second.csv").click()
    page.get_by_role("button", name="Undo this import").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo this import")
    assert site.violations() == []
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Reason for this change").fill("It was last year's file")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Undoing the import")).to_be_visible()
    perform_undo(site.session.query(Import).filter_by(file_name="second.csv").one().id)
    expect(page.get_by_text("This import was undone on")).to_be_visible()
    assert site.violations() == []
    page = site.open("/buildings")
    assert page.locator("table tbody th a").all_inner_texts() == ["Old Hall"]


def test_what_stands_in_the_way_and_the_filtered_history(site: Site, agency: Agency) -> None:
    page = site.open("/imports")
    page.get_by_role("link", name="first.csv").click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("table")).to_contain_text("came again with the import of second.csv")
    assert site.violations() == []
    page.get_by_role("link", name="Town Hall").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    expect(page.get_by_text("2 events, newest first")).to_be_visible()
    assert site.violations() == []
    page.get_by_label("What changed").select_option(label="Teams")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="No event fits these filters")).to_be_visible()
    page.get_by_role("link", name="Show the whole history").click()
    page.get_by_role("link", name="the file").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("second.csv")

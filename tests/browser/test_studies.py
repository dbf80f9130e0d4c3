"""A study in Chromium: started, watched as its results come, stopped and taken up again; by keyboard and on a phone."""

import pytest
from playwright.sync_api import expect

from estate.people.models import Role
from tests.browser.conftest import PASSWORD, WORK_MS, Site, StartWorker
from tests.db.studies.conftest import County, make_county
from tests.factories import make_membership, make_place, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def county(site: Site) -> County:
    make_place(site.session)
    county = make_county(site.session)
    site.session.commit()
    return county


def sign_in_as_manager(site: Site, county: County) -> None:
    user = make_user(site.session, password=PASSWORD)
    make_membership(site.session, user=user, role=Role.ASSET_MANAGER, agency=county.council)
    site.session.commit()
    site.sign_in(user)


def start(site: Site) -> None:
    page = site.page
    site.open("/studies/new")
    page.get_by_label("Area", exact=True).select_option(label="Testshire (county)")
    for level in ("By ward", "By district", "By county"):
        page.get_by_label(level).check()
    page.get_by_label("Without boundaries too").check()
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Start", exact=True).click()


def test_from_the_form_to_what_a_boundary_is_worth(site: Site, county: County, start_worker: StartWorker) -> None:
    page = site.page
    sign_in_as_manager(site, county)
    site.open("/studies")
    site.check()
    page.get_by_role("link", name="Start a study").first.click()
    start(site)
    expect(page.get_by_text("It waits for a worker to read the register.")).to_be_visible()
    start_worker()
    # The page shows the result by itself.
    expect(page.locator(".govuk-tag", has_text="Finished").first).to_be_visible(timeout=WORK_MS)
    levels = page.get_by_role("region", name="What each level saves a year")
    expect(levels.locator("svg[role=img] rect.series-1")).to_have_count(4)
    expect(levels.get_by_role("row", name="By ward").get_by_role("cell").nth(6)).to_have_text("1")
    expect(levels.get_by_role("row", name="By county").get_by_role("cell").nth(6)).to_have_text("3")
    boundaries = page.get_by_role("region", name="What a boundary is worth")
    expect(boundaries.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("region", name="Areas").locator("tbody tr")).to_have_count(8)
    site.check(is_phone_too=True)


def test_stopping_and_going_on(site: Site, county: County, start_worker: StartWorker) -> None:
    page = site.page
    sign_in_as_manager(site, county)
    start(site)
    stop = page.get_by_role("button", name="Stop and keep the results so far")
    stop.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It ended before the register was read.")).to_be_visible()
    site.check()
    page.get_by_role("button", name="Go on with these areas").click()
    expect(page.get_by_role("alert").get_by_text("The study goes on.")).to_be_visible()
    start_worker()
    expect(page.locator(".govuk-tag", has_text="Finished").first).to_be_visible(timeout=WORK_MS)

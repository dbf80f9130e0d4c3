"""The lease diary and the cost pages in Chromium: filters, a calendar address, budget, shares, prices; axe, phone."""

import urllib.request
from datetime import timedelta
from decimal import Decimal

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from estate.people.models import Agency, Role
from estate.register.areas import assign_areas
from estate.register.diary import add_months
from estate.register.models import Tenure
from estate.web.as_at import today
from tests.browser.conftest import PASSWORD, Site
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_membership,
    make_occupation,
    make_place,
    make_planned_cost,
    make_running_cost,
    make_user,
)

pytestmark = pytest.mark.browser

SOON = today() + timedelta(days=120)


@pytest.fixture
def agency(site: Site) -> Agency:
    """A council whose hall is leased, costs more than budgeted, and is shared with a college of another year."""
    session = site.session
    make_place(session)
    make_area(session, name="Northtown", bounds=(-2.5, 53.3, -2.1, 53.6))
    council = make_agency(session, name="Alpha Council")
    college = make_agency(session, name="Beta College", financial_year_start_month=9)
    hall = make_building(session, name="Town Hall", agency=council, net_internal_area_m2=Decimal(200))
    make_interest(
        session, hall, tenure=Tenure.LEASEHOLD, break_on=SOON, break_notice_months=3, lease_end_on=add_months(SOON, 60),
        rent_per_year=40000, review_on=today() + timedelta(days=30), review_every_months=12,
    )  # fmt: skip
    lodge = make_building(session, name="Late Lodge", agency=council, lonlat=(-2.2, 53.5))
    make_interest(session, lodge, tenure=Tenure.LEASEHOLD, lease_end_on=today() - timedelta(days=9))
    for year in (2023, 2024):
        make_running_cost(session, hall, year_start=year, amount=12000)
        make_running_cost(session, hall, year_start=year, amount=2400, agency_id=college.id, category_code="water")
    make_planned_cost(session, hall, amount=10000)
    make_occupation(session, hall, area_m2=100, fte=9)
    make_occupation(session, hall, area_m2=50, fte=1, agency_id=college.id)
    assign_areas(session)
    user = make_user(session, password=PASSWORD, name="Grace Manager")
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=council)
    site.sign_in(user)
    return council


def test_the_diary_is_filtered_and_read_by_a_calendar(site: Site, agency: Agency) -> None:
    page = site.open("/leases")
    expect(page.get_by_role("heading", name="Past due")).to_be_visible()
    expect(page.get_by_role("table", name="Dates that have passed")).to_contain_text("Late Lodge")
    site.check(is_phone_too=True)
    page.get_by_label("What is due").select_option(label="Last day for notice")
    page.get_by_label("What is due").press("Tab")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 date", exact=True)).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("3 months of notice")
    page.get_by_role("button", name="Show in your calendar").click()
    expect(page.get_by_label("What is due")).to_have_value("notice")
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Address of the calendar").input_value()
    site.check(is_phone_too=True)
    with urllib.request.urlopen(address, timeout=20) as answer:
        (event,) = Calendar.from_ical(answer.read()).walk("VEVENT")
    assert event["SUMMARY"] == "Last day for notice: Town Hall"
    page.get_by_role("button", name="Revoke the address").click()
    expect(page.get_by_text("The address is revoked.")).to_be_visible()
    with pytest.raises(urllib.request.HTTPError):
        urllib.request.urlopen(address, timeout=20)


def test_costs_are_read_by_keyboard_from_the_report_to_the_building(site: Site, agency: Agency) -> None:
    page = site.open("/costs?year=2024&by=building")
    row = page.get_by_role("row", name="Town Hall")
    expect(row).to_contain_text("+£2,000")
    expect(page.get_by_text("Beta College (from September)")).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_label("Prices").select_option(label="Prices of 2023-24")
    page.get_by_role("button", name="Apply").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("In prices of 2023-24, by the GDP deflator")).to_be_visible()
    page.get_by_role("link", name="Town Hall").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Costs: budget, actual and shares")).to_be_visible()
    expect(page.get_by_text("In prices of 2023-24, by the GDP deflator")).to_be_visible()
    expect(page.get_by_role("table", name="What each agency pays")).to_contain_text("Unallocated")
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Add a budget or forecast").click()
    page.get_by_label("Category").select_option("water")
    page.get_by_label("Financial year").select_option("2024")
    page.get_by_label("Amount").fill("3,000")
    page.get_by_label("Where the figure comes from").fill("Budget book")
    page.get_by_label("Reason for this change").fill("New budget")
    site.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The budget or forecast is in the register.")).to_be_visible()


def test_shares_and_prices(site: Site, agency: Agency) -> None:
    page = site.open("/costs/shares?year=2024")
    shares = page.get_by_role("table", name="What each agency pays")
    expect(shares.get_by_role("row", name="Alpha Council")).to_contain_text("£7,200.00")
    expect(shares.get_by_role("row", name="Unallocated")).to_contain_text("£3,600.00")
    site.check(is_phone_too=True)
    page.get_by_label("Shared out").select_option(label="By head count (FTE)")
    page.get_by_role("button", name="Apply").click()
    expect(shares.get_by_role("row", name="Alpha Council")).to_contain_text("£12,960.00")
    page.get_by_role("link", name="Prices", exact=True).click()
    expect(page.get_by_text("Nobody has compared these figures with their source.")).to_be_visible()
    site.check(is_phone_too=True)

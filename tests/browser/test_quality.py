"""An asset manager works down the work list, mends a building, and confirms her records."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from estate.people.models import Agency, Role
from estate.register.attestation.reminders import local_today
from estate.register.attestation.rounds import open_round
from estate.register.models import Attestation, AttestationVerdict, QualityRule
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.browser.pages.quality import RecordsPage, WorkListPage
from tests.factories import make_agency, make_building, make_membership, make_place, make_running_cost, make_user

pytestmark = pytest.mark.browser
ON = ("net_area", "uprn", "areas_disagree")


@pytest.fixture
def agency(site: Site) -> Iterator[Agency]:
    """An agency with a sound building and two without a floor area, and a round that is open."""
    session = site.session
    make_place(session, name="Testshire")
    session.execute(update(QualityRule).values(is_on=QualityRule.code.in_(ON)))
    agency, today = make_agency(session, name="Alpha Council"), local_today()
    for number, (name, area) in enumerate(
        {"Ash House": None, "Birch House": None, "Sound House": Decimal(900)}.items()
    ):
        building = make_building(session, name=name, agency=agency, uprn=f"1{number}", net_internal_area_m2=area)
        cost = {"year_start": today.year - 1, "amount": Decimal(6_000_000 - number)}
        make_running_cost(session, building, **cost)
    open_round(session, actor=None, name="Year", deadline_on=today + timedelta(days=30), today=today)
    user = make_user(session, password=PASSWORD, name="Grace Manager")
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    session.commit()
    site.sign_in(user)
    yield agency
    session.execute(
        update(QualityRule).values(is_on=QualityRule.code.not_in(["valuation_age", "uprn_shared", "cost_is_actual"]))
    )
    session.commit()


def test_a_manager_works_down_the_list_and_confirms(site: Site, agency: Agency) -> None:
    page = site.open("/quality")
    site.check(is_phone_too=True)
    expect(page.get_by_text("2 buildings without a net internal area")).to_be_visible()
    expect(page.get_by_text("£12.0m a year")).to_be_visible()
    WorkListPage(page).start_with("without a net internal area")
    expect(page.get_by_role("heading", name="Ash House")).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("link", name=re.compile("^Edit facts.*No net internal area")).click()
    page.get_by_label("Net internal area").fill("1,200")
    page.get_by_label("Reason for this change").fill("Measured survey of May")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    expect(page.get_by_text("Nothing: the record keeps all 3 rules")).to_be_visible()
    page.get_by_role("button", name="Confirm this record").click()
    expect(page.get_by_text("1 record confirmed, of which 1 corrected in this round.")).to_be_visible()
    page.get_by_role("link", name="Quality", exact=True).click()
    expect(page.get_by_text("1 building without a net internal area")).to_be_visible()

    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_role("link", name="to confirm by").click()
    site.check(is_phone_too=True)
    records = RecordsPage(page)
    assert records.ticked() == ["Sound House"]
    page.get_by_role("button", name="Confirm the ticked records").click()
    expect(page.get_by_text("1 record confirmed.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Wrong.*Birch House")).click()
    page.get_by_label("What is wrong, and who could tell").fill("Nobody knows its area; ask the surveyor")
    site.check()
    page.get_by_role("button", name="Report it as wrong").click()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    page.get_by_role("link", name="Attestation", exact=True).first.click()
    expect(page.get_by_role("cell", name="100%")).to_be_visible()
    site.check(is_phone_too=True)
    said = {answer.verdict for answer in site.session.scalars(select(Attestation))}
    assert said == set(AttestationVerdict)


@pytest.mark.parametrize("size", [None, PHONE], ids=["laptop", "phone"])
def test_pages_of_quality_and_of_the_round_are_accessible_and_fit(
    site: Site, agency: Agency, size: dict[str, int] | None
) -> None:
    user = make_user(site.session, password=PASSWORD)
    make_membership(site.session, user=user, role=Role.ADMINISTRATOR, agency=agency)
    site.page.context.clear_cookies()
    site.sign_in(user)
    if size:
        site.page.set_viewport_size(size)  # type: ignore[arg-type]
    paths = ["/quality/agencies", "/quality/areas", "/quality/rules", "/quality/rules/cost_age/edit", "/attestation"]
    for path in paths:
        site.open(path)
        assert site.violations() == [], path
        assert site.overflow() <= 0, path
    site.page.get_by_role("link", name="History of this round").click()
    for link in ("Reminders", "Change the deadline", "Close the round"):
        here = site.page.url
        site.page.get_by_role("link", name=link).click()
        assert site.violations() == [], link
        assert site.overflow() <= 0, link
        site.page.goto(here)

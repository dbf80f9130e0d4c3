"""A proposal in Chromium: started, watched, stopped; its result by keyboard, on a phone, on paper, without script."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals.build import problem_for
from estate.proposals.models import Proposal
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from estate.register.areas import assign_areas
from tests.browser.conftest import PASSWORD, PHONE, WORK_MS, Site, StartWorker
from tests.browser.pages.maps import MapPage
from tests.browser.pages.proposals import ProposalPages
from tests.browser.pages.sign_in import SignInPage
from tests.db.proposals.conftest import Estate, make_estate
from tests.factories import make_building, make_membership, make_occupation, make_place, make_running_cost, make_user

pytestmark = pytest.mark.browser

PAPER = {"width": 718, "height": 1047}
"""A4 upright within margins of 1 cm, in CSS pixels."""
HANG = """
from estate.optimise import supervise
code = "import sys, time; sys.stdin.buffer.read(); time.sleep(60)"
supervise.SOLVER_COMMAND = (sys.executable, "-c", code)
"""
"""Code for a worker whose solver finds nothing better than the first plan, and never ends by itself."""


@pytest.fixture
def estate(site: Site) -> Estate:
    make_place(site.session)
    estate = make_estate(site.session)
    site.session.commit()
    return estate


@pytest.fixture
def large(site: Site, estate: Estate) -> Proposal:
    """A stored result with more emptied buildings than fit a screen, and one kept for its use."""
    session = site.session
    for number in range(14):
        old = make_building(
            session,
            name=f"Branch {number:02d}",
            agency=estate.council,
            lonlat=(-2.3 - number / 2000, 53.401),
            net_internal_area_m2=Decimal(60),
        )
        make_occupation(session, old, team=f"Team {number:02d}", fte=Decimal(2), area_m2=Decimal(20))
        make_running_cost(session, old, amount=Decimal(20_000 - number))
    make_building(session, name="School", use_class_code="school", net_internal_area_m2=Decimal(900))
    assign_areas(session)
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    session.commit()
    return proposal


def sign_in_as_manager(site: Site, estate: Estate) -> None:
    site.sign_in(make_manager(site.session, estate))


def make_manager(session: Session, estate: Estate):  # type: ignore[no-untyped-def]
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=estate.council)
    session.commit()
    return user


def test_stopping_a_run_at_work_keeps_the_best_plan(site: Site, estate: Estate, start_worker: StartWorker) -> None:
    page, pages = site.page, ProposalPages(site.page)
    sign_in_as_manager(site, estate)
    site.open("/proposals/new")
    pages.start(area=f"{estate.area.name} (district)", Time_limit="300")
    start_worker(f"import sys\n{HANG}")
    expect(page.get_by_text("Best plan so far: £")).to_be_visible(timeout=WORK_MS)
    pages.stop()
    expect(page.get_by_text("The run is being stopped.")).to_be_visible()
    words = "The run was cancelled before the search was finished"
    expect(page.get_by_text(words)).to_be_visible(timeout=WORK_MS)
    assert pages.rows("Emptied: 1 building") == ["Old Office"]
    expect(page.get_by_text("optimal", exact=True)).to_have_count(0)
    site.check()


def test_stopping_a_run_that_waits(site: Site, estate: Estate) -> None:
    sign_in_as_manager(site, estate)
    site.open("/proposals/new")
    ProposalPages(site.page).start(area=f"{estate.area.name} (district)")
    ProposalPages(site.page).stop()
    expect(site.page.get_by_text("The run was cancelled before it began.")).to_be_visible()
    site.check()


def test_errors_of_the_form_are_announced(site: Site, estate: Estate) -> None:
    sign_in_as_manager(site, estate)
    site.open("/proposals/new")
    ProposalPages(site.page).start(area="Choose an area", Longest_move="900000")
    expect(site.page.locator(".govuk-error-summary")).to_be_focused()
    site.check()


def test_the_result_folds_sorts_and_opens(site: Site, estate: Estate, large: Proposal) -> None:
    page, pages = site.page, ProposalPages(site.page)
    sign_in_as_manager(site, estate)
    site.open(f"/proposals/{large.id}")
    emptied = pages.section("Emptied: 15 buildings")
    assert emptied.locator("tbody tr:visible").count() == 10
    emptied.get_by_role("columnheader", name="Building").get_by_role("button").click()
    expect(emptied.locator("tbody th").first).to_contain_text("Branch 00")
    button = emptied.get_by_role("button", name="Show all 15")
    button.focus()
    page.keyboard.press("Enter")
    assert emptied.locator("tbody tr:visible").count() == 15
    expect(emptied.get_by_role("button", name="Show the first 10 only")).to_have_attribute("aria-expanded", "true")
    fold = pages.fold("Buildings of their use are not emptied by a proposal")
    expect(page.get_by_role("link", name="School")).to_be_hidden()
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="School")).to_be_visible()
    for fold in page.locator("details.fold").all():
        if fold.get_attribute("open") is None:
            fold.locator("> summary").click()
    site.check(is_phone_too=True)


def test_the_map_leads_to_a_building(site: Site, estate: Estate, large: Proposal) -> None:
    sign_in_as_manager(site, estate)
    site.open(f"/proposals/{large.id}")
    frame = MapPage(site.page).frame
    frame.evaluate(
        """() => window[document.querySelector(".estate-map").id].eachLayer((it) => {
            if (it.feature?.properties.name === "Town Hall") it.fire("click", { latlng: it.getLatLng() }, true);
        })"""
    )
    frame.get_by_role("link", name="Open the building's page").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Town Hall")


def assert_all_is_there(page: Page) -> None:
    expect(page.locator("#emptied").locator("xpath=../..").locator("tbody tr:visible")).to_have_count(15)
    expect(page.get_by_text("HM Treasury Green Book").first).to_be_visible()
    expect(page.get_by_text("Team 13").first).to_be_visible()
    expect(page.get_by_text("School").first).to_be_visible()


def test_paper_opens_everything(site: Site, estate: Estate, large: Proposal) -> None:
    sign_in_as_manager(site, estate)
    page = site.open(f"/proposals/{large.id}")
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.emulate_media(media="print")
    assert_all_is_there(page)
    assert site.overflow() <= 0
    boxes = page.locator(".table-box").evaluate_all("all => all.map((box) => box.scrollWidth - box.clientWidth)")
    assert max(boxes) <= 0, "every table fits the paper"
    expect(page.get_by_role("button", name="Show all 15")).to_be_hidden()


def test_the_result_without_script(site: Site, estate: Estate, large: Proposal) -> None:
    context = site.page.context.browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[union-attr, arg-type]
    page = context.new_page()
    SignInPage(page, site.origin).sign_in(make_manager(site.session, estate).email, PASSWORD)
    page.goto(f"{site.origin}/proposals/{large.id}")
    for summary in page.locator("details.fold > summary").all():
        summary.click()
    assert_all_is_there(page)
    context.close()

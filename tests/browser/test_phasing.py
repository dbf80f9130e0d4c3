"""The order of moves in Chromium: asked for, worked out by the worker, and read as chart and tables."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals.build import problem_for
from estate.proposals.models import Proposal
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from estate.register.areas import assign_areas
from estate.register.models import Tenure
from tests.browser.conftest import PASSWORD, WORK_MS, Site, StartWorker
from tests.db.proposals.conftest import make_estate
from tests.factories import (
    make_building,
    make_interest,
    make_membership,
    make_occupation,
    make_place,
    make_running_cost,
    make_user,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def proposal(site: Site) -> Proposal:
    """A result that empties two offices, one of them on a lease with a break in 18 months."""
    session = site.session
    make_place(session)
    estate = make_estate(session)
    rented = make_building(
        session,
        name="Rented Office",
        agency=estate.council,
        lonlat=(-2.305, 53.4),
        net_internal_area_m2=Decimal(200),
    )
    make_occupation(session, rented, team="Rates", fte=Decimal(8))
    make_running_cost(session, rented, amount=Decimal("30000.00"))
    make_interest(
        session,
        rented,
        agency_id=estate.council.id,
        tenure=Tenure.LEASEHOLD,
        break_on=datetime.now(UTC).date() + timedelta(days=548),
        rent_per_year=Decimal("20000.00"),
    )
    assign_areas(session)
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=estate.council)
    session.commit()
    site.sign_in(user)
    return proposal


def wait_for_the_order(site: Site) -> None:
    """Reload until the worker has stored the order."""
    deadline = time.monotonic() + WORK_MS / 1000
    while not site.page.get_by_role("region", name="When each building is left").count():
        assert time.monotonic() < deadline, "the order was not worked out in time"
        site.page.wait_for_timeout(500)
        site.page.reload()


def test_the_order_is_asked_for_and_read(site: Site, proposal: Proposal, start_worker: StartWorker) -> None:
    page = site.open(f"/proposals/{proposal.id}")
    page.get_by_role("link", name="Order of moves").click()
    expect(page.get_by_text("Nobody asked for an order of moves yet")).to_be_visible()
    site.check()
    page.get_by_label("Teams that can be moved in a year").fill("2")
    page.get_by_role("button", name="Order the moves").click()
    expect(page.get_by_text("The order of moves is being worked out").first).to_be_visible()
    start_worker("")
    wait_for_the_order(site)
    rows = page.get_by_role("region", name="When each building is left").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Old Office")
    expect(rows.nth(1)).to_contain_text("Rented Office")
    expect(page.get_by_text("optimal", exact=True)).to_be_visible()
    site.check(is_phone_too=True)

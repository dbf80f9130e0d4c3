"""The appraisal of a proposal in Chromium: reached from its result, folded open, on a phone, without script errors."""

from datetime import date
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
from estate.register.models import ConditionSurvey, EnergyKind, EnergyRating, Tenure
from tests.browser.conftest import PASSWORD, Site
from tests.db.proposals.conftest import make_estate
from tests.factories import (
    make_building,
    make_interest,
    make_membership,
    make_occupation,
    make_place,
    make_user,
    make_valuation,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def proposal(site: Site) -> Proposal:
    """A result with a recorded and a guessed cost, a valuation, a survey and certificates."""
    session = site.session
    make_place(session)
    estate = make_estate(session)
    guessed = make_building(
        session,
        name="Guessed Office",
        agency=estate.council,
        lonlat=(-2.305, 53.4),
        gross_internal_area_m2=Decimal(300),
        net_internal_area_m2=Decimal(240),
    )
    make_occupation(session, guessed, team="Rates", fte=Decimal(4))
    make_interest(session, estate.old, agency_id=estate.council.id, tenure=Tenure.FREEHOLD)
    make_valuation(session, estate.old, amount=Decimal("500000.33"))
    estate.hall.gross_internal_area_m2 = Decimal(1250)
    for building, band in ((estate.old, "E"), (estate.hall, "D")):
        rating = {"kind": EnergyKind.DEC, "rated_on": date(2024, 5, 1), "source": "made for a test"}
        session.add(EnergyRating(building_id=building.id, band=band, **rating))
    survey = {"surveyed_on": date(2024, 1, 1), "grade": "C", "backlog_cost": Decimal(80_000), "source": "test"}
    session.add(ConditionSurvey(building_id=estate.old.id, **survey))
    assign_areas(session)
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER, agency=estate.council)
    session.commit()
    site.sign_in(user)
    return proposal


def test_the_appraisal_says_in_tables_what_it_draws(site: Site, proposal: Proposal) -> None:
    page = site.open(f"/proposals/{proposal.id}")
    page.get_by_role("link", name="Appraisal and risk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Appraisal")
    facts = page.get_by_role("region", name="What to survey next").locator("tbody tr")
    expect(facts.first).to_contain_text("Guessed Office")
    chart = page.get_by_role("img", name="Draws by net present value")
    bars = chart.locator("rect").count()
    page.locator("details.fold > summary", has_text="Draws by net present value").click()
    expect(page.get_by_role("table", name="Draws by net present value").locator("tbody tr")).to_have_count(bars)
    expect(page.get_by_role("list").filter(has_text="Backlog avoided")).to_contain_text("known for 1 of 2 emptied")
    receipts = page.get_by_role("table", name="Receipts and maintenance backlog").locator("tbody tr")
    expect(receipts.filter(has_text="Guessed Office")).to_contain_text("no tenure is recorded")
    page.locator("details.fold > summary", has_text="Ranges, rates and factors").click()
    expect(page.get_by_text("HM Treasury Green Book").first).to_be_visible()
    site.check(is_phone_too=True)

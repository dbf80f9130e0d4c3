"""An agency steps back: what the administrator is told, what the others see, and what is left to its own people."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from estate.board.decisions import cast_vote, decide, submit
from estate.board.models import VoteChoice
from estate.people.models import Role, User
from estate.people.programmes import today_of
from estate.register.areas import assign_areas
from tests import factories
from tests.browser.conftest import PASSWORD, Site
from tests.browser.pages.sign_in import SignInPage

pytestmark = pytest.mark.browser


def change_user(site: Site, user: User) -> None:
    """Leave, and come back as somebody else."""
    SignInPage(site.page, site.origin).sign_out()
    site.sign_in(user)


def make_people(site: Site) -> dict[str, User]:
    """An administrator, an asset manager of the council, and a board member of the police; an approved proposal."""
    session = site.session
    factories.make_place(session, name="Testshire")
    area = factories.make_area(session, name="Westside")
    council = factories.make_agency(session, name="Westside Council")
    police = factories.make_agency(session, name="Westside Police", kind_code="police")
    factories.make_building(session, name="Council Hall", agency=council, lonlat=(-2.31, 53.4))
    station = factories.make_building(session, name="Police Station", agency=police)
    assign_areas(session)
    roles = (
        ("administrator", council, Role.ADMINISTRATOR),
        ("manager", council, Role.ASSET_MANAGER),
        ("officer", police, Role.BOARD_MEMBER),
    )
    people = {}
    for name, agency, role in roles:
        people[name] = factories.make_user(session, name=name.title(), password=PASSWORD)
        factories.make_membership(session, user=people[name], agency=agency, role=role)
    board = factories.make_board(session, name="Westside board", area=area)
    factories.make_seat(session, board, user=people["officer"], is_chair=True)
    proposal = factories.make_finished_proposal(
        session, area=area, emptied=[station], name="Westside together", summary=factories.PLAN_SUMMARY
    )
    decision = submit(session, proposal, board, actor=None)
    cast_vote(session, decision, actor=people["officer"].id, choice=VoteChoice.FOR)
    decide(session, decision, actor=people["officer"].id, approve=True, reason="Agreed.")
    session.commit()
    return people


def test_an_agency_steps_back(site: Site) -> None:
    people = make_people(site)
    page, today = site.page, today_of(site.session)
    site.sign_in(people["administrator"])
    site.open("/administration/programmes")
    site.check(is_phone_too=True)
    page.get_by_role("link", name="Partnership").click()
    site.check(is_phone_too=True)
    page.get_by_role("link", name="Westside Police").click()
    page.get_by_label("First day on which it no longer takes part").fill(str(today - timedelta(days=1)))
    page.get_by_label("Reason").fill("Merging with the next force")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("Choose today or a later day").first).to_be_visible()
    page.get_by_label("First day on which it no longer takes part").fill(str(today))
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("1 building of its own leave")).to_be_visible()
    expect(page.get_by_text("Officer on Westside board")).to_be_visible()
    expect(page.get_by_text("Westside board loses its chair")).to_be_visible()
    expect(page.get_by_text("1 proposal and 1 decision that rest on its data are flagged")).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Let it step back").click()
    expect(page.get_by_text("Westside Police steps back from Partnership")).to_be_visible()
    site.check()

    change_user(site, people["manager"])
    site.open("/buildings")
    expect(page.get_by_role("link", name="Council Hall")).to_be_visible()
    expect(page.get_by_text("Police Station")).to_have_count(0)
    site.open("/disposals")
    expect(page.get_by_role("heading", name="An agency behind this list stepped back")).to_be_visible()
    expect(page.get_by_role("cell", name="Westside Police stepped back").first).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("link", name="What else this touches").click()
    expect(page.get_by_text("Merging with the next force")).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("link", name="decision D").click()
    expect(page.get_by_text("The evidence below stands as it was pinned")).to_be_visible()
    site.check(is_phone_too=True)
    site.open("/boards")
    page.get_by_role("link", name="Westside board").click()
    expect(page.get_by_role("heading", name="Seats that ended")).to_be_visible()
    site.check(is_phone_too=True)

    change_user(site, people["officer"])
    expect(page.get_by_text("Westside Police stepped back from Partnership")).to_be_visible()
    expect(page.get_by_role("link", name="Proposals")).to_have_count(0)
    site.check(is_phone_too=True)
    site.open("/buildings")
    expect(page.get_by_role("link", name="Police Station")).to_be_visible()
    expect(page.get_by_text("Council Hall")).to_have_count(0)
    site.open("/boards")
    expect(page.get_by_role("heading", name="You may not do this")).to_be_visible()


def test_the_programme_is_changed_in_the_header(site: Site) -> None:
    people = make_people(site)
    health = factories.make_programme(site.session, name="Health and care")
    [membership] = people["manager"].memberships
    factories.make_stay(site.session, membership.agency, health)
    page = site.page
    site.sign_in(people["manager"])
    switch = page.locator(".estate-programmes summary")
    expect(switch).to_contain_text("Partnership")
    switch.focus()
    page.keyboard.press("Enter")
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Health and care").click()
    expect(switch).to_contain_text("Health and care")
    site.open("/boards")
    expect(page.get_by_text("There is no board yet")).to_be_visible()

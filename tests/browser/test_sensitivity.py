"""Who sees what in Chromium: a manager restricts a building, another agency meets its stub, a former member nothing."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from estate.people.models import Membership, Role
from estate.people.users import end_role
from estate.register.areas import assign_areas
from tests.browser.conftest import PASSWORD, Site
from tests.factories import make_agency, make_area, make_building, make_membership, make_place, make_user

pytestmark = pytest.mark.browser


def sign_in(site: Site, role: Role, agency: object, name: str) -> Membership:
    user = make_user(site.session, password=PASSWORD, name=name)
    membership = make_membership(site.session, user=user, role=role, agency=agency)
    site.page.context.clear_cookies()
    site.sign_in(user)
    return membership


def test_a_restricted_building_is_a_stub_to_others_and_nothing_to_a_former_member(site: Site) -> None:
    session, page = site.session, site.page
    make_place(session)
    make_area(session, name="Westshire", bounds=(-2.5, 53.3, -2.1, 53.6))
    police, council = make_agency(session, name="Shire Police"), make_agency(session, name="Shire Council")
    make_building(session, agency=council, name="Town Hall")
    suite = make_building(session, agency=police, name="Custody Suite")
    assign_areas(session)
    manager = sign_in(site, Role.ASSET_MANAGER, police, "Pat Manager")

    site.open(f"/buildings/{suite.id}")
    page.get_by_role("link", name="Change who may see this record").click()
    site.check(is_phone_too=True)
    page.get_by_label("Owner:").check()
    page.get_by_label("Reason").fill("Police custody")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("only your agency sees this record")).to_be_visible()
    site.check()

    sign_in(site, Role.VIEWER, council, "Vi Viewer")
    site.open("/buildings")
    expect(page.get_by_text("Custody Suite")).to_have_count(0)
    expect(page.get_by_role("link", name="Town Hall").first).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("link", name="A building of Shire Police, restricted").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A restricted building of Shire Police")
    expect(page.get_by_text("Westshire")).to_be_visible()
    site.check(is_phone_too=True)
    page.get_by_role("link", name="Who may see what").click()
    site.check(is_phone_too=True)

    former = session.scalars(select(Membership).where(Membership.id == manager.id)).one()
    end_role(session, former, actor=None, reason="Left")
    session.commit()
    page.context.clear_cookies()
    site.sign_in(former.user)
    for path in (f"/buildings/{suite.id}", "/buildings", "/"):
        site.open(path)
        expect(page.get_by_text("Custody Suite")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not do this")

"""Editing as people work: in the list by keyboard, many buildings with preview and undo, and two people at once."""

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.register.models import Building, BuildingStatus
from tests.browser.conftest import LAPTOP, PASSWORD, Site
from tests.browser.pages.buildings import BuildingsPage
from tests.browser.pages.sign_in import SignInPage
from tests.factories import make_agency, make_building, make_membership, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def buildings(site: Site) -> list[Building]:
    """Three halls of the signed-in manager's agency, and a fire station of another."""
    agency = make_agency(site.session, name="Ours")
    own = [make_building(site.session, agency=agency, name=f"Hall {n}", built_year=1900) for n in range(3)]
    make_building(site.session, name="Hall of Fire", agency=make_agency(site.session, name="Fire Service"))
    user = make_user(site.session, password=PASSWORD, name="Grace Shuttle")
    make_membership(site.session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    site.sign_in(user)
    return own


def stored(site: Site, building: Building) -> Building:
    site.session.rollback()
    with Session(site.session.get_bind()) as session:
        found = session.get_one(Building, building.id)
        session.expunge(found)
    return found


def test_values_are_changed_in_the_list_by_keyboard(site: Site, buildings: list[Building]) -> None:
    page = site.open("/buildings?columns=name,built_year,use,status")
    site.check(is_phone_too=True)
    page.keyboard.press("e")
    status = page.locator("[data-edit-status]")
    expect(status).to_contain_text("Editing")
    expect(page.get_by_role("button", name="Change Name of Hall 0: Hall 0")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Change Year built of Hall 1: 1900")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Year built", exact=True)).to_be_focused()
    site.check()
    page.keyboard.type("1955")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Say why")).to_be_visible()
    page.keyboard.type("Survey of May")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Saved. Year built of Hall 1: 1955")
    expect(page.get_by_role("button", name="Change Year built of Hall 1: 1955")).to_be_focused()
    refuse_and_leave(site, page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Use of Hall 1").get_by_label("Use").select_option(label="Library")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Saved. Use of Hall 1: Library")
    changed = stored(site, buildings[1])
    assert (changed.built_year, changed.use_class_code, changed.version) == (1955, "library", 3)
    switch_keys_off(page)


def refuse_and_leave(site: Site, page: Page) -> None:
    """A value that is none says why, without asking for the reason again; Escape leaves it as it was."""
    page.keyboard.press("Enter")
    page.keyboard.type("old")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Enter a whole number")).to_be_visible()
    site.check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Change Year built of Hall 1: 1955")).to_be_focused()
    assert [trouble.split()[0] for trouble in site.troubles] == ["422"]
    site.troubles.clear()


def switch_keys_off(page: Page) -> None:
    """The keys are listed, and once switched off they do nothing."""
    page.get_by_role("button", name="Keyboard").click()
    dialog = page.get_by_role("dialog", name="Keyboard")
    dialog.get_by_label("Single keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    toggle = page.get_by_role("button", name="Edit in the list")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("e")
    expect(toggle).to_have_attribute("aria-pressed", "true")


def test_many_buildings_with_preview_and_undo(site: Site, buildings: list[Building]) -> None:
    page = site.open("/buildings")
    BuildingsPage(page).search("hall")
    page.get_by_role("button", name="Change all 4 of this list").click()
    page.get_by_label("Status", exact=True).check()
    page.get_by_label("New value: Status").select_option(label="Vacant")
    page.get_by_label("Reason for this change").fill("Closed in May")
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="Change of many buildings")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)
    site.check(is_phone_too=True)
    page.get_by_role("link", name="Of other agencies (1)").click()
    expect(page.locator("tbody")).to_contain_text("Fire Service answers for this record")
    assert stored(site, buildings[0]).status is BuildingStatus.ACTIVE
    page.get_by_role("button", name="Change 3 buildings").click()
    expect(page.get_by_role("alert")).to_contain_text("3 buildings changed")
    assert stored(site, buildings[0]).status is BuildingStatus.VACANT
    page.get_by_role("button", name="Undo this change").click()
    page.get_by_label("Reason for this change").fill("Wrong list")
    page.get_by_role("button", name="Undo this change").click()
    expect(page.get_by_role("alert")).to_contain_text("as it was before")
    site.check(is_phone_too=True)
    assert [stored(site, building).status for building in buildings] == [BuildingStatus.ACTIVE] * 3


def test_two_people_edit_one_building(site: Site, chromium: Browser, buildings: list[Building]) -> None:
    path = f"/buildings/{buildings[0].id}/edit"
    page = site.open(path)
    page.get_by_label("Name", exact=True).fill("My Hall")
    page.get_by_label("Street").fill("My Street")
    page.get_by_label("Reason for this change").fill("Mine")
    change_meanwhile(site, chromium, path)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name="Somebody else changed this first")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Ada Clerk")
    site.check(is_phone_too=True)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Choose a value: Name").click()
    page.get_by_role("radio", name="Name: yours, My Hall").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The change is saved")
    merged = stored(site, buildings[0])
    assert (merged.name, merged.street, merged.built_year, merged.version) == ("My Hall", "My Street", 1955, 3)


def change_meanwhile(site: Site, chromium: Browser, path: str) -> None:
    """Somebody else, in a browser of her own, changes the name and the year."""
    clerk = make_user(site.session, password=PASSWORD, name="Ada Clerk")
    make_membership(site.session, user=clerk, role=Role.ADMINISTRATOR)
    site.session.commit()
    context = chromium.new_context(viewport=LAPTOP)
    page = context.new_page()
    SignInPage(page, site.origin).sign_in(clerk.email, PASSWORD)
    page.goto(site.origin + path)
    page.get_by_label("Name", exact=True).fill("Their Hall")
    page.get_by_label("Year built").fill("1955")
    page.get_by_label("Reason for this change").fill("Their survey")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text("The change is saved")
    context.close()


def test_a_form_with_unsaved_changes_is_not_left_in_silence(site: Site, buildings: list[Building]) -> None:
    page = site.open(f"/buildings/{buildings[0].id}/edit")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Street").fill("Half a wo")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Cancel").click()
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Street")).to_have_value("Half a wo")
    page.get_by_label("Street").fill("")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"**/buildings/{buildings[0].id}")
    assert asked == ["beforeunload"]

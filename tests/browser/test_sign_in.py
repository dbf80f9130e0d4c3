"""Signing in with a second factor or with a provider, and administering users and agencies, in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from estate.people.models import Agency, Role, User
from estate.settings import ProviderSettings, Settings
from tests.browser.conftest import LAPTOP, PASSWORD, PHONE, Site
from tests.browser.pages.sign_in import SignInPage
from tests.factories import make_agency, make_membership, make_place, make_user
from tests.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, provider: OidcServer) -> Settings:
    """As in earnest: administrators need a second factor, and there is a provider."""
    oidc = ProviderSettings(
        issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="your Testshire account"
    )
    return Settings(secret_key="only for tests", var_dir=tmp_path, oidc=oidc)


@pytest.fixture
def agency(site: Site) -> Agency:
    make_place(site.session, name="Testshire", is_synthetic=False)
    agency = make_agency(site.session, name="Alpha Council")
    site.session.commit()
    return agency


def make_person(site: Site, agency: Agency, role: Role, **fields: str) -> User:
    user = make_user(site.session, password=PASSWORD, **fields)
    make_membership(site.session, user=user, role=role, agency=agency)
    site.session.commit()
    return user


def look(site: Site) -> None:
    """Nothing for axe to find, and nothing off the screen, on a laptop and on a phone."""
    for size in (PHONE, LAPTOP):
        site.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert site.violations() == [], site.page.url
        assert site.overflow() <= 0, site.page.url


def enrol(site: Site, user: User) -> tuple[pyotp.TOTP, list[str]]:
    """Sign in for the first time as an administrator: the phone's app, and the recovery codes."""
    SignInPage(site.page, site.origin).sign_in(user.email, PASSWORD)
    expect(site.page.get_by_role("heading", level=1)).to_have_text("Set up your second factor")
    expect(site.page.get_by_role("img", name="Picture for the authenticator app")).to_be_visible()
    app = pyotp.TOTP(site.page.locator(".secret").inner_text().replace(" ", ""))
    look(site)
    site.page.get_by_label("Code of your authenticator app").fill(app.now())
    site.page.get_by_role("button", name="Set up and sign in").click()
    codes = site.page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    look(site)
    site.page.get_by_role("button", name="I have kept them").click()
    expect(site.page.get_by_role("heading", level=1)).to_be_visible()
    return app, codes


def test_an_administrator_sets_up_a_phone_and_loses_it(site: Site, agency: Agency) -> None:
    user, page = make_person(site, agency, Role.ADMINISTRATOR, name="Ada Turnpike"), site.page
    _, codes = enrol(site, user)
    SignInPage(page, site.origin).sign_out()
    SignInPage(page, site.origin).sign_in(user.email, PASSWORD)
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    look(site)
    page.get_by_label("Code of your authenticator app").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ada Turnpike")).to_be_visible()
    site.open("/account")
    look(site)
    page.get_by_role("button", name="Change your second factor").click()
    expect(page.get_by_text("9 of your recovery codes are left")).to_be_visible()
    look(site)


def test_a_user_comes_and_goes(site: Site, agency: Agency) -> None:
    page = site.page
    enrol(site, make_person(site, agency, Role.ADMINISTRATOR, name="Ada Turnpike"))
    page.get_by_label("Main").get_by_role("link", name="Administration").click()
    look(site)
    page.get_by_role("button", name="Add a user").click()
    page.get_by_role("button", name="Add this user").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the person's name")
    look(site)
    page.get_by_label("Name").fill("Grace Shuttle")
    page.get_by_label("Email address").fill("grace@example.org")
    page.get_by_label("Asset manager").check()
    page.get_by_role("button", name="Add this user").click()
    link = page.get_by_label("Link to set a password").input_value()
    look(site)
    set_password(site, link)
    page.get_by_role("link", name="Go to the page of Grace Shuttle").click()
    expect(page.get_by_role("region", name="Roles")).to_contain_text("Asset manager")
    look(site)
    page.get_by_role("link", name="End the role of asset manager").click()
    look(site)
    page.get_by_label("Reason for this change").fill("Moved to another team")
    page.get_by_role("button", name="End this role").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Moved to another team")
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_label("Reason for this change").fill("Left the council")
    page.get_by_role("button", name="Deactivate this account").click()
    expect(page.get_by_text("The account of Grace Shuttle is deactivated.")).to_be_visible()
    look(site)


def set_password(site: Site, link: str) -> None:
    """In a browser of their own: set the password behind the link, and sign in with it."""
    assert site.page.context.browser
    context = site.page.context.browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    theirs = context.new_page()
    theirs.goto(link)
    theirs.get_by_label("New password", exact=True).fill("a pass phrase of her own")
    theirs.get_by_label("New password again").fill("a pass phrase of her own")
    theirs.get_by_role("button", name="Set password").click()
    expect(theirs.get_by_text("Your password is set. Sign in with it.")).to_be_visible()
    SignInPage(theirs, site.origin).fill("grace@example.org", "a pass phrase of her own")
    expect(theirs.get_by_role("link", name="Grace Shuttle")).to_be_visible()
    context.close()


def test_an_agency_is_added_and_renamed(site: Site, agency: Agency) -> None:
    page = site.page
    enrol(site, make_person(site, agency, Role.ADMINISTRATOR))
    site.open("/administration/agencies")
    look(site)
    page.get_by_role("button", name="Add an agency").click()
    page.get_by_label("Name").fill("Northtown Fire Service")
    page.get_by_label("Kind").select_option("fire")
    page.get_by_label("Belongs to").select_option(label="Alpha Council")
    page.get_by_label("Takes part from").fill("2010-04-01")
    look(site)
    page.get_by_role("button", name="Add this agency").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Northtown Fire Service")
    page.get_by_role("button", name="Change this agency").click()
    page.get_by_label("Name").fill("Northtown Fire and Rescue")
    page.get_by_label("Reason for this change").fill("It has another name now")
    look(site)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Northtown Fire and Rescue")
    expect(page.get_by_role("region", name="History")).to_contain_text("It has another name now")
    look(site)


def test_signing_in_with_a_provider_goes_by_itself(site: Site, agency: Agency, provider: OidcServer) -> None:
    provider.allow(f"{site.origin}/sign-in/provider/back")
    site.open("/sign-in?next=/boards")
    look(site)
    site.page.get_by_role("button", name="Sign in with your Testshire account").click()
    expect(site.page.get_by_role("heading", level=1)).to_have_text("You have no account here yet")
    look(site)
    make_person(site, agency, Role.VIEWER, email="ada@example.org", name="Ada Turnpike")
    site.page.get_by_role("link", name="Back to the sign-in page").click()
    site.page.get_by_role("button", name="Sign in with your Testshire account").click()
    expect(site.page.get_by_role("link", name="Ada Turnpike")).to_be_visible()
    site.page.get_by_role("button", name="Sign out").click()
    expect(site.page.get_by_text("You may still be signed in with your Testshire account")).to_be_visible()
    site.foreign = [address for address in site.foreign if not address.startswith(provider.issuer)]

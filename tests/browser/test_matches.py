"""The review of pairs in Chromium: twenty by keyboard, undo, keys switched off, merge and unmerge, axe."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from estate.people.models import Agency, Role
from estate.register.matches.decide import Said, decide
from estate.register.matches.run import match_records
from estate.register.models import Building, MatchDecision, MatchVerdict
from tests.browser.conftest import PASSWORD, PHONE, Site
from tests.factories import make_agency, make_building, make_membership, make_place, make_running_cost, make_user

pytestmark = pytest.mark.browser
PAIRS = 20
KEYS = {"s": MatchVerdict.SAME, "d": MatchVerdict.DIFFERENT, "t": MatchVerdict.SAME_SITE, "o": MatchVerdict.PART_OF}
NAMES = (
    "Ash Birch Cedar Dogwood Elder Fir Gorse Hazel Ivy Juniper "
    "Kapok Larch Maple Nutmeg Oak Pine Quince Rowan Sorrel Teak"
)


@pytest.fixture
def agency(site: Site) -> Agency:
    """Twenty buildings, each in the lists of two agencies, a kilometre and more from one another."""
    session = site.session
    make_place(session, name="Testshire")
    council, trust = make_agency(session, name="Alpha Council"), make_agency(session, name="Beta Trust")
    for number, name in enumerate(NAMES.split()):
        shared = {"street": f"{number + 1} {name} Road", "postcode": f"M{number + 1} 1AA", "uprn": f"10{number:02d}"}
        place = (-2.6 + number * 0.03, 53.4)
        older = make_building(session, name=f"{name} House", agency=council, lonlat=place, **shared)
        make_building(
            session,
            name=f"{name} House Clinic",
            agency=trust,
            use_class_code="library",
            lonlat=(place[0] + 0.0003, place[1]),
            **shared,
        )
        make_running_cost(session, older)
    match_records(session)
    user = make_user(session, password=PASSWORD, name="Grace Manager")
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=council)
    session.commit()
    site.sign_in(user)
    return council


def press(site: Site, key: str) -> None:
    """Press a key and wait for the page that it leads to."""
    with site.page.expect_navigation():
        site.page.keyboard.press(key)


def test_twenty_pairs_are_reviewed_by_keyboard(site: Site, agency: Agency) -> None:
    page = site.open("/matches/next")
    keys = [list(KEYS)[number % len(KEYS)] for number in range(PAIRS)]
    for number, key in enumerate(keys):
        expect(page.get_by_text(f"{PAIRS - number} to go, {number} decided")).to_be_visible()
        press(site, key)
    expect(page.get_by_role("heading", name="No pair waits")).to_be_visible()
    counts = dict(
        site.session.execute(
            select(MatchDecision.verdict, func.count())
            .where(MatchDecision.retracted_at.is_(None))
            .group_by(MatchDecision.verdict)
        ).all()
    )
    assert counts == dict.fromkeys(KEYS.values(), 5)


def test_undo_brings_the_pair_back_and_skip_leaves_it(site: Site, agency: Agency) -> None:
    page = site.open("/matches/next")
    first = page.url.split("?")[0]
    press(site, "s")
    assert page.url.split("?")[0] != first
    second = page.url.split("?")[0]
    press(site, "z")
    assert page.url.split("?")[0] == first
    expect(page.get_by_text("The decision is taken back")).to_be_visible()
    press(site, "n")
    assert page.url.split("?")[0] == second
    assert site.session.scalar(select(func.count()).where(Building.canonical_id.is_not(None))) == 0


def test_keys_can_be_switched_off_and_do_nothing_while_somebody_types(site: Site, agency: Agency) -> None:
    page = site.open("/matches/next")
    here = page.url
    page.get_by_label("Why (optional; kept with the decision)").type("sd")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("s")
    page.reload()
    expect(page.get_by_label("Single-key shortcuts")).not_to_be_checked()
    page.keyboard.press("d")
    page.wait_for_timeout(300)
    assert page.url == here
    assert page.locator("[aria-keyshortcuts]").count() == 0
    assert site.session.scalar(select(func.count()).select_from(MatchDecision)) == 0


def test_merge_and_unmerge_from_the_building_s_page(site: Site, agency: Agency) -> None:
    page = site.open("/buildings?text=Cedar")
    expect(page.get_by_text("2 buildings", exact=True)).to_be_visible()
    page.get_by_role("link", name="Cedar House", exact=True).click()
    older = page.url
    page.get_by_role("link", name="Compare this record with others").click()
    page.get_by_role("link", name="Cedar House and Cedar House Clinic").click()
    page.get_by_role("button", name="Same building").click()
    expect(page.get_by_text("Decided: the same building.")).to_be_visible()
    site.open("/buildings?text=clinic+cedar")
    expect(page.get_by_text("1 building", exact=True)).to_be_visible()
    newer = site.session.scalars(select(Building).where(Building.name == "Cedar House Clinic")).one()
    site.open(f"/buildings/{newer.id}")
    assert page.url == older
    expect(page.get_by_role("heading", name="What each agency says")).to_be_visible()
    assert site.violations() == []
    page.get_by_role("link", name="Why these are one building").click()
    assert site.violations() == []
    page.get_by_label("Why it is wrong").fill("Two front doors")
    page.get_by_role("button", name=re.compile("^Unmerge")).click()
    expect(page.get_by_text("The decision is taken back")).to_be_visible()
    site.open("/buildings?text=Cedar")
    expect(page.get_by_text("2 buildings", exact=True)).to_be_visible()


def test_a_conflict_is_settled_by_keyboard_and_the_choice_is_taken_back(site: Site, agency: Agency) -> None:
    session = site.session
    older = session.scalars(select(Building).where(Building.name == "Oak House")).one()
    newer = session.scalars(select(Building).where(Building.name == "Oak House Clinic")).one()
    decide(session, older, newer, Said(MatchVerdict.SAME, "Seen", None))
    older.gross_internal_area_m2, newer.gross_internal_area_m2 = Decimal(1000), Decimal(1500)
    session.commit()
    page = site.open("/matches/conflicts")
    page.get_by_role("group", name="Gross internal area of Oak House").get_by_role("radio").last.focus()
    page.keyboard.press("Space")
    page.get_by_label("Why this Gross internal area of Oak House").fill("Measured by tape")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("the building shows what you chose")).to_be_visible()
    site.open(f"/buildings/{older.id}")
    row = page.get_by_role("row", name=re.compile("^Gross internal area"))
    expect(row).to_contain_text("Chosen by Grace Manager")
    expect(row).to_contain_text("Measured by tape")
    assert site.violations() == []
    row.get_by_role("link", name="Change or take back").click()
    assert site.violations() == []
    page.get_by_label("Why the records should decide again").fill("The tape was wrong")
    page.get_by_role("button", name="Take the choice back").click()
    expect(page.get_by_text("the records decide again")).to_be_visible()
    expect(row).not_to_contain_text("Chosen by")


def test_a_site_is_put_together_named_and_left(site: Site, agency: Agency) -> None:
    first = site.session.scalars(select(Building).where(Building.name == "Ash House")).one()
    page = site.open(f"/buildings/{first.id}")
    page.get_by_role("link", name="Put it on a site with others").click()
    page.get_by_label("Birch House Clinic").check()
    page.get_by_label("Cedar House Clinic").check()
    page.get_by_label("Reason for this change").first.fill("One fence around them")
    page.get_by_role("button", name="Store", exact=True).click()
    expect(page.get_by_role("heading", name="Site of Ash House")).to_be_visible()
    expect(page.get_by_text("3 buildings", exact=True)).to_be_visible()
    assert site.violations() == []
    page.get_by_role("button", name="Name this site").click()
    page.get_by_label("Name of the site").fill("The Quadrant")
    page.get_by_label("Reason for this change").fill("Its sign")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="The Quadrant")).to_be_visible()
    page.get_by_role("link", name="Ash House", exact=True).first.click()
    page.get_by_role("link", name="Change its site and parts").click()
    page.get_by_text("Take it off its site").click()
    page.get_by_label("Why it does not stand there").fill("Across the road")
    page.get_by_role("button", name="Take it off the site").click()
    expect(page.get_by_text("It is taken off the site")).to_be_visible()
    expect(page.get_by_role("link", name="Put it on a site with others")).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE], ids=["laptop", "phone"])
def test_pages_of_the_review_are_accessible_and_fit(site: Site, agency: Agency, size: dict[str, int] | None) -> None:
    if size:
        site.page.set_viewport_size(size)
    session = site.session
    pair = [
        session.scalars(select(Building).where(Building.name == name)).one()
        for name in ("Oak House", "Oak House Clinic")
    ]
    decide(session, *pair, Said(MatchVerdict.SAME, "Seen", None))
    other = session.scalars(select(Building).where(Building.name == "Pine House")).one()
    decide(session, pair[0], other, Said(MatchVerdict.SAME_SITE, "Seen", None))
    session.commit()
    paths = ("/matches", "/matches/next", "/matches/conflicts", f"/buildings/{pair[0].id}")
    places = (f"/sites/{pair[0].site_id}", f"/buildings/{pair[0].id}/site", f"/buildings/{pair[0].id}/values/name")
    for path in (*paths, *places):
        site.open(path)
        assert site.violations() == [], path
        assert site.overflow() == 0, path

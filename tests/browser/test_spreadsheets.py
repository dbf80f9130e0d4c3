"""An asset manager brings the list and the counts that she has, and reads nothing but the screens."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from estate.people.models import Role
from estate.register.imports.template import write_csv
from tests.browser.conftest import PASSWORD, WORK_MS, Site, StartWorker
from tests.browser.pages.buildings import BuildingsPage
from tests.browser.pages.imports import ImportPages
from tests.factories import make_agency, make_area, make_membership, make_place, make_user
from tests.messy_files import estate_workbook

pytestmark = pytest.mark.browser

COUNTS = write_csv(
    [
        ["Occupancy of our sites"],
        ["Site", "From", "To", "Measured by", "Mean", "Max", "Seats", "Opening hours", "Hours in use"],
        ["L-001", "1 March 2025", "31 March 2025", "Turnstile", "30", "48", "60", "200", "100"],
        ["A-001", "1 March 2025", "31 March 2025", "Turnstile", "40", "45", "", "", ""],
        ["Z-999", "1 March 2025", "31 March 2025", "Turnstile", "4", "5", "", "", ""],
    ]
)


@pytest.fixture
def manager(site: Site, start_worker: StartWorker) -> ImportPages:
    make_place(site.session)
    make_area(site.session, name="Northtown")
    user = make_user(site.session, name="Grace Manager", password=PASSWORD)
    make_membership(site.session, user=user, role=Role.ASSET_MANAGER, agency=make_agency(site.session, name="Alpha"))
    site.sign_in(user)
    start_worker()
    return ImportPages(site.page)


def cards(pages: ImportPages) -> list[str]:
    return [pages.count(label) for label in ("Rows in the file", "To be added", "To be changed", "Rejected")]


def test_a_list_as_it_is_handed_round_and_counts_of_its_buildings(
    site: Site, manager: ImportPages, tmp_path: Path
) -> None:
    page, workbook, counts = site.page, tmp_path / "property list 23-24 FINAL.xlsx", tmp_path / "counts.csv"
    workbook.write_bytes(estate_workbook())
    counts.write_bytes(COUNTS)
    bring_list(site, manager, workbook, tmp_path)
    site.open("/imports/new")
    manager.upload(counts, agency="Alpha")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the columns are", timeout=WORK_MS)
    expect(page.get_by_label("What one row of the file is")).to_have_value("counts")
    expect(page.get_by_label("What “Turnstile” means")).to_have_value("passes")
    site.check(is_phone_too=True)
    manager.press("Check the file")
    expect(page.get_by_text("To be confirmed")).to_be_visible(timeout=WORK_MS)
    assert cards(manager) == ["3", "0", "2", "1"]
    site.check(is_phone_too=True)
    manager.confirm.click()
    expect(page.get_by_text("Stored", exact=True).first).to_be_visible(timeout=WORK_MS)
    look_at_utilisation(site)


def bring_list(site: Site, manager: ImportPages, workbook: Path, folder: Path) -> None:
    """Every guess is right, and the year of the costs stands above the header: there is nothing to correct."""
    page = site.page
    site.open("/imports")
    page.get_by_role("link", name="Import a file").first.click()
    manager.upload(workbook, agency="Alpha")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the columns are", timeout=WORK_MS)
    expect(page.get_by_label("What one row of the file is")).to_have_value("buildings")
    expect(page.get_by_label("Financial year of the costs")).to_have_value("2023-24")
    sample = page.get_by_role("table", name="The first rows")
    for text in ("1 Elm Road", "M32 0TH", "£18,400.00", "“c. 300” is approximate"):
        expect(sample).to_contain_text(text)
    expect(page.get_by_label("What “Freehold - owner occ.” means")).to_have_value("freehold")
    site.check(is_phone_too=True)
    manager.press("Check the file")
    expect(page.get_by_text("To be confirmed")).to_be_visible(timeout=WORK_MS)
    assert cards(manager) == ["11", "5", "0", "6"]
    expect(page.get_by_role("table", name="Problems by row")).to_contain_text("stands on line 13 already")
    site.check(is_phone_too=True)
    with manager.download_rejected(folder).open(encoding="utf-8-sig") as file:
        found = [row["Asset"] for row in csv.DictReader(file)]
    assert found == ["ADULT SOCIAL CARE", "Subtotal", "LIBRARIES", "L-001", "Subtotal", "TOTAL"]
    manager.confirm.click()
    expect(page.get_by_text("Stored", exact=True).first).to_be_visible(timeout=WORK_MS)
    site.open("/buildings")
    names = BuildingsPage(page).names
    assert names == ["Central Library", "Elm House day centre", "Oak Lodge", "Park Library", "The Limes"]


def look_at_utilisation(site: Site) -> None:
    """The list and the page say utilisation, how it was counted, and where hours are missing that they are."""
    page = site.page
    site.open("/buildings?columns=name,fullness,vacant")
    rows = {row.locator("th").inner_text().split("\n")[0]: row for row in page.locator("#buildings tbody tr").all()}
    expect(rows["Central Library"]).to_contain_text("25%")
    expect(rows["Central Library"]).to_contain_text("Passes, 31 March 2025")
    expect(rows["Elm House day centre"]).to_contain_text("unknown")
    site.check(is_phone_too=True)
    page.get_by_label("Utilisation", exact=True).select_option("low")
    page.get_by_role("button", name="Apply").click()
    BuildingsPage(page).shows(["Central Library"])
    page.get_by_role("link", name="Central Library").click()
    typical = page.get_by_role("table", name="Typical use by each way of counting")
    expect(typical).to_contain_text("Passes")
    expect(typical).to_contain_text("25%")
    page.get_by_role("link", name=re.compile("Retire.*passes of 31 March 2025")).click()
    site.check(is_phone_too=True)
    page.get_by_label("Reason for this change").fill("The door counter was broken")
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Nobody has counted yet")).to_be_visible()
    page.get_by_role("link", name="Add a count of people").click()
    site.check(is_phone_too=True)
    page.get_by_label("To", exact=True).fill("2025-04-02")
    page.get_by_label("Average people").fill("24")
    page.get_by_label("Where the count comes from").fill("Walk-round")
    page.get_by_label("Reason for this change").fill("Counted by hand")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("table", name="Occupancy counts")).to_contain_text("2 April 2025")

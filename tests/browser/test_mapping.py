"""An asset manager brings her own messy spreadsheet, twice: mapped by hand at first, by what is remembered then."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from estate.people.models import Role
from estate.register.models import Building
from tests.browser.conftest import PASSWORD, WORK_MS, Site, StartWorker
from tests.browser.pages.buildings import BuildingsPage
from tests.browser.pages.imports import ImportPages
from tests.factories import make_agency, make_area, make_membership, make_place, make_user
from tests.messy_files import ROWS, messy_workbook

pytestmark = pytest.mark.browser


def counts(pages: ImportPages) -> list[str]:
    return [pages.count(label) for label in ("Rows in the file", "To be added", "To be changed", "Rejected")]


def test_a_messy_spreadsheet_twice(site: Site, start_worker: StartWorker, tmp_path: Path) -> None:
    page, pages = site.page, ImportPages(site.page)
    make_place(site.session)
    make_area(site.session, name="Northtown")
    user = make_user(site.session, name="Grace Manager", password=PASSWORD)
    make_membership(site.session, user=user, role=Role.ASSET_MANAGER, agency=make_agency(site.session, name="Alpha"))
    site.sign_in(user)
    start_worker()
    first, second = tmp_path / "our list.xlsx", tmp_path / "our list 2025.xlsx"
    first.write_bytes(messy_workbook())
    site.open("/imports/new")
    pages.upload(first, agency="Alpha")

    expect(page.get_by_role("heading", level=1)).to_have_text("What the columns are", timeout=WORK_MS)
    expect(page.get_by_label("What “Size (sq ft)” is")).to_have_value("gross_internal_area_m2")
    expect(page.get_by_label("Unit of “Size (sq ft)”")).to_have_value("sqft")
    expect(page.get_by_role("table", name="The first rows")).to_contain_text("1,161.29")
    site.check(is_phone_too=True)
    pages.say("Ask", "Note")
    pages.mean("Peppercorn", "leasehold")
    page.get_by_role("button", name="Update the preview").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="The first rows")).to_contain_text("Jean")
    expect(page.get_by_label("What “Peppercorn” means")).to_have_value("leasehold")
    page.get_by_label("Remember this mapping as").fill("Our list")
    pages.press("Check the file")

    expect(page.get_by_text("To be confirmed")).to_be_visible(timeout=WORK_MS)
    assert counts(pages) == ["6", "4", "0", "2"]
    site.check(is_phone_too=True)
    with pages.download_rejected(tmp_path).open(encoding="utf-8-sig") as file:
        assert [row["Prop Ref"] for row in csv.DictReader(file)] == ["T005", "TOTAL"]
    pages.confirm.click()
    expect(page.get_by_text("Stored", exact=True).first).to_be_visible(timeout=WORK_MS)
    site.open("/buildings")
    BuildingsPage(page).shows(["Mill Lane Depot", "Oldtown Clinic", "Park Library", "Town Hall"])

    rows = [[*row] for row in ROWS]
    rows[0][1], rows[4][6], rows[4][10] = "City Hall", "2,000", "31/12/2031"
    second.write_bytes(messy_workbook(rows))
    site.open("/imports/new")
    pages.upload(second, agency="Alpha")
    expect(page.get_by_text("This file was read by your mapping “Our list”")).to_be_visible(timeout=WORK_MS)
    assert counts(pages) == ["6", "1", "1", "1"]
    pages.confirm.click()
    expect(page.get_by_text("Stored", exact=True).first).to_be_visible(timeout=WORK_MS)
    assert {"City Hall", "Weavers Hall"} <= set(site.session.scalars(select(Building.name)))

    site.open("/imports/mappings")
    site.check(is_phone_too=True)
    page.get_by_role("link", name="Our list").click()
    site.check(is_phone_too=True)

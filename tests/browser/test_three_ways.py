"""The three ways through, walked as people walk them, with a job worker in a process of its own.

File to register, register to map, area to disposal. Each page on the way is looked at by axe; the `site` fixture fails
on a request to another host and on an error in the browser's console.
"""

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas
import numpy
import openpyxl
import pandas
import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Agency, Role, User
from estate.register.areas import assign_areas
from estate.register.models import BuildingStatus
from tests.browser.conftest import PASSWORD, WORK_MS, Site, StartWorker
from tests.browser.pages.boards import DecisionPage, DisposalsPage
from tests.browser.pages.buildings import BuildingPage, BuildingsPage
from tests.browser.pages.imports import ImportPages
from tests.browser.pages.maps import MapPage
from tests.browser.pages.proposals import ProposalPages
from tests.browser.pages.sign_in import SignInPage
from tests.db.proposals.conftest import make_estate
from tests.factories import (
    make_agency,
    make_area,
    make_board,
    make_building,
    make_interest,
    make_membership,
    make_place,
    make_running_cost,
    make_seat,
    make_user,
    make_valuation,
)

pytestmark = pytest.mark.browser


def make_person(session: Session, name: str, role: Role, agency: Agency) -> User:
    """Somebody who can sign in."""
    user = make_user(session, name=name, password=PASSWORD)
    make_membership(session, user=user, role=role, agency=agency)
    return user


def go(site: Site, entry: str) -> None:
    """Choose an entry of the menu."""
    site.page.get_by_role("navigation", name="Main").get_by_role("link", name=entry).click()


def title(site: Site) -> Any:
    """What the page's heading should be."""
    return expect(site.page.get_by_role("heading", level=1))


# File to register


SENT = [
    {
        "Reference": "A1",
        "Name": "Canal Street Library",
        "Longitude": "-2.30",
        "Latitude": "53.40",
        "Use": "Library",
        "Gross internal area m2": "1,250",
        "Financial year": "2024-25",
        "Cost: energy": "18,400",
    },
    {"Reference": "A2", "Name": "Mill Lane Depot", "Use": "Depot", "Financial year": "2024-25", "Cost: energy": "-500"},
    {"Reference": "A3", "Name": "Weavers Hall", "Longitude": "-2.31", "Latitude": "53.41", "Use": "Community centre"},
]


def fill(template: Path, rows: list[dict[str, str]], path: Path) -> Path:
    """The template with rows in it, as a spreadsheet program saves it."""
    header = next(csv.reader(template.read_text(encoding="utf-8-sig").splitlines()))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_file_to_register(site: Site, start_worker: StartWorker, tmp_path: Path) -> None:
    page, pages = site.page, ImportPages(site.page)
    make_place(site.session)
    make_area(site.session, name="Northtown")
    site.sign_in(
        make_person(site.session, "Grace Manager", Role.ASSET_MANAGER, make_agency(site.session, name="Alpha"))
    )
    go(site, "Imports")
    title(site).to_have_text("Imports")
    site.check()
    page.get_by_role("button", name="Import a file").or_(page.get_by_role("link", name="Import a file")).first.click()
    site.check(is_phone_too=True)
    sent = fill(pages.download_template(tmp_path), SENT, tmp_path / "alpha.csv")
    pages.upload(sent, agency="Alpha")
    expect(page.get_by_role("status").filter(has_text="It waits for its turn.")).to_be_visible()
    site.check()

    start_worker()
    expect(page.get_by_text("To be confirmed")).to_be_visible(timeout=WORK_MS)
    site.check(is_phone_too=True)
    assert [pages.count(label) for label in ("Rows in the file", "To be added", "Rejected")] == ["3", "2", "1"]
    ((line, column, cell, effect, reason),) = pages.problems
    assert (line, column, cell, effect) == ("3", "Cost: energy", "-500", "Rejected")
    assert reason.startswith("The amount is below zero.")
    with pages.download_rejected(tmp_path).open(encoding="utf-8-sig") as file:
        (rejected,) = csv.DictReader(file)
    assert rejected["Name"] == "Mill Lane Depot"
    assert reason in "; ".join(rejected.values())

    assert "2 rows" in pages.confirm.inner_text()
    pages.confirm.click()
    expect(page.get_by_text("Stored", exact=True).first).to_be_visible(timeout=WORK_MS)
    site.check()
    go(site, "Buildings")
    buildings = BuildingsPage(page)
    buildings.shows(["Canal Street Library", "Weavers Hall"])
    buildings.open("Canal Street Library")
    title(site).to_have_text("Canal Street Library")
    assert BuildingPage(page).fact("District") == "Northtown"
    expect(page.get_by_text("£18,400").first).to_be_visible()
    expect(BuildingPage(page).section("History")).to_contain_text("alpha.csv")
    site.check()


# Register to map


@pytest.fixture
def county(site: Site) -> None:
    """A district of three wards: £60 a m², £20 a m², and one without buildings; another district beside it."""
    session = site.session
    make_place(session, is_synthetic=True)
    shire = make_area(session, level="county", name="Testshire", bounds=(-3, 53, -2, 54))
    north = make_area(session, name="Northtown", bounds=(-3, 53.5, -2, 54), parent_id=shire.id)
    make_area(session, name="Southtown", bounds=(-3, 53, -2, 53.5), parent_id=shire.id)
    for name, west in (("Abbey", -3.0), ("Bridge", -2.7), ("Castle", -2.4)):
        make_area(session, level="ward", name=name, bounds=(west, 53.5, west + 0.3, 54), parent_id=north.id)
    for name, lonlat, area, amount in (
        ("Abbey House", (-2.85, 53.7), 400, 24_000),
        ("Bridge House", (-2.55, 53.7), 600, 12_000),
    ):
        building = make_building(session, name=name, lonlat=lonlat, gross_internal_area_m2=Decimal(area))
        make_running_cost(session, building, amount=Decimal(amount))
    assign_areas(session)


def test_register_to_map(site: Site, county: None) -> None:
    shown = MapPage(site.page)
    site.sign_in(make_person(site.session, "Vera Viewer", Role.VIEWER, make_agency(site.session)))
    go(site, "Maps")
    shown.show(Figure="Running cost per m²", By="Ward", In="Northtown (Testshire)")
    title(site).to_have_text("Running cost per m² by ward: Northtown")
    assert shown.figures == {"Abbey": "£60", "Bridge": "£20", "Castle": "none"}
    assert "Highest: Abbey (£60)." in shown.words
    assert "Lowest: Bridge (£20)." in shown.words
    assert "1 ward without buildings." in shown.words
    assert sum(shown.legend_counts) == len(shown.figures)
    legend = shown.frame.locator(".legend:visible")
    expect(legend).to_contain_text("Running cost per m²")
    expect(legend).to_contain_text("£60")
    site.check(is_phone_too=True)

    shown.closer("Abbey").click()
    title(site).to_have_text("Map of buildings: Abbey")
    shown.frame.wait_for_selector(".leaflet-container")
    BuildingsPage(site.page).shows(["Abbey House"])
    site.check(is_phone_too=True)
    BuildingsPage(site.page).open("Abbey House")
    title(site).to_have_text("Abbey House")
    site.check()


# Area to disposal


@pytest.fixture
def area(site: Site) -> Area:
    """An old office and an empty clinic that a plan gives up, a town hall with room, and a board for them."""
    make_place(site.session)
    estate = make_estate(site.session)
    clinic = make_building(
        site.session,
        name="=Old Clinic",
        agency=estate.health,
        use_class_code="health_centre",
        status=BuildingStatus.VACANT,
        uprn="10090012345",
        net_internal_area_m2=Decimal(300),
        lonlat=(-2.305, 53.4),
    )
    make_running_cost(site.session, clinic, amount=Decimal("9000.00"), agency_id=estate.health.id)
    make_interest(site.session, clinic)
    make_valuation(site.session, clinic)
    assign_areas(site.session)
    board = make_board(site.session, name="Estates Board", area=estate.area)
    for name in ("Carol Chair", "Mo Member"):
        user = make_person(site.session, name, Role.BOARD_MEMBER, estate.council)
        make_seat(site.session, board, user=user, is_chair=name == "Carol Chair")
    make_person(site.session, "Grace Manager", Role.ASSET_MANAGER, estate.council)
    site.session.commit()
    return estate.area


def become(site: Site, name: str) -> None:
    """Sign out, if need be, and sign in as somebody."""
    page, door = site.page, SignInPage(site.page, site.origin)
    if page.get_by_role("button", name="Sign out").is_visible():
        door.sign_out()
    door.sign_in(site.session.query(User).filter_by(name=name).one().email, PASSWORD)
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_area_to_disposal(site: Site, area: Area, start_worker: StartWorker, tmp_path: Path) -> None:
    page, pages, decision = site.page, ProposalPages(site.page), DecisionPage(site.page)
    become(site, "Grace Manager")
    go(site, "Proposals")
    site.check()
    page.get_by_text("Start a proposal").first.click()
    site.check(is_phone_too=True)
    pages.start(area=f"{area.name} (district)", Name="First plan")
    expect(page.get_by_role("status").filter(has_text="It waits for its turn.")).to_be_visible()
    site.check()

    start_worker()
    expect(page.get_by_text("proven to be optimal")).to_be_visible(timeout=WORK_MS)
    assert pages.rows("Emptied: 2 buildings") == ["Old Office", "=Old Clinic"]
    expect(pages.section("Who pays, who gains")).to_contain_text("Testshire NHS")
    site.check(is_phone_too=True)

    pages.put_to_board("Estates Board", "Please look at the clinic")
    title(site).to_have_text("First plan")
    site.check()
    for name in ("Mo Member", "Carol Chair"):
        become(site, name)
        decision.find("Estates Board", "First plan")
        expect(page.get_by_text("Please look at the clinic")).to_be_visible()
        site.check()
        decision.vote("For", "It saves money")
        expect(page.get_by_text("Your vote is cast: for.")).to_be_visible()
    decision.decide("Approve", "Both buildings can go.")
    expect(page.get_by_text("The proposal is approved.")).to_be_visible()
    site.check(is_phone_too=True)

    page.get_by_role("link", name="Candidate disposals of this proposal").click()
    disposals = DisposalsPage(page)
    assert sorted(disposals.names) == ["=Old Clinic", "Old Office"]
    site.check(is_phone_too=True)
    files = {kind: disposals.download(kind, tmp_path) for kind in ("CSV", "Excel", "GeoJSON", "GeoPackage")}
    expected = read(files["CSV"])
    assert sorted(row["PropertyName"] for row in expected) == ["=Old Clinic", "Old Office"]
    assert {row["UPRN"] for row in expected} == {"10090012345", ""}
    for path in files.values():
        for row, other in zip(expected, read(path), strict=True):
            assert {name: (cell, other[name]) for name, cell in row.items() if other[name] != cell} == {}, path.name


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file of candidates as text, by the reader that its users have."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
    elif path.suffix == ".xlsx":
        header, *lines = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        rows = [dict(zip(header, line, strict=True)) for line in lines]
    else:
        frame = geopandas.read_file(path)
        assert frame.geometry.notna().all()
        rows = frame.drop(columns="geometry").to_dict("records")
    return [{name: as_text(cell) for name, cell in row.items()} for row in rows]


def as_text(cell: Any) -> str:
    """Numbers without needless decimals, days as ISO, unknown as nothing; without the apostrophe before a formula."""
    if cell is None or (not isinstance(cell, str) and pandas.isna(cell)):
        return ""
    if isinstance(cell, bool | numpy.bool_):
        return "Yes" if cell else "No"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    text = str(cell).removeprefix("'")
    try:
        return f"{float(text):.10g}" if not text.isdigit() else text
    except ValueError:
        return text

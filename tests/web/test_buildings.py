"""The list, its file and a building's page."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from markupsafe import escape
from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.changes import change_building
from estate.register.models import ConditionSurvey, EnergyKind, EnergyRating, OccupancyMethod, OccupancyObservation
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_user,
    make_valuation,
)
from tests.web.conftest import Client, SignIn


@pytest.fixture
def viewer(sign_in: SignIn) -> Client:
    return sign_in(Role.VIEWER)


def test_an_empty_register_says_so(viewer: Client) -> None:
    assert "The register is empty" in viewer.get("/buildings").text
    assert viewer.get("/").status_code == 200


def test_the_list_says_what_is_known_and_unknown(viewer: Client, session: Session) -> None:
    building = make_building(
        session, name="Town Hall", net_internal_area_m2=Decimal(1000), gross_internal_area_m2=Decimal(1250)
    )
    make_running_cost(session, building, amount=Decimal(250_000), is_estimate=True)
    make_interest(session, building)
    make_building(session, name="Mystery Shed")
    page = viewer.get("/buildings").text
    assert "2 buildings" in page
    for shown in [
        "Town Hall",
        "£250,000",
        "£200 per m² GIA",
        "estimate",
        "1,000\xa0m²",
        "2024-25",
        "Freehold",
        "unknown",
    ]:
        assert shown in page, shown
    assert "£0" not in page


def test_filters_come_back_with_links_that_take_them_out(viewer: Client, session: Session) -> None:
    agency = make_agency(session, name="Alpha Council")
    make_building(session, name="Hall", agency=agency)
    page = viewer.get(f"/buildings?text=hall&agency={agency.id}&status=active&sort=-cost").text
    for shown in [
        "“hall”",
        "Agency: Alpha Council",
        "Status: Active",
        "1 building",
        f"agency={agency.id}&amp;sort=-cost",
    ]:
        assert shown in page, shown
    assert "No building fits" in viewer.get(f"/buildings?text=nowhere&agency={agency.id}").text


BAD_IDS = ["agency=x", "agency=0", "agency=-1", "agency=99999999999999999999", "area=1.5", "agency=%D9%A1"]
BAD_CODES = ["tenure=rented", "status=gone", "use=%27", "attention=x"]


@pytest.mark.parametrize("query", [*BAD_IDS, *BAD_CODES])
def test_a_filter_that_does_not_exist_is_refused(viewer: Client, query: str) -> None:
    response = viewer.get(f"/buildings?{query}")
    assert response.status_code == 422
    assert "Go back to the list" in response.text


@pytest.mark.parametrize(
    "query", ["page=0", "page=-3", "page=x", "page=99999999999", "sort=x", "sort=-", "text=%00", "a=b"]
)
def test_an_odd_address_still_gives_the_list(viewer: Client, session: Session, query: str) -> None:
    make_building(session)
    response = viewer.get(f"/buildings?{query}")
    assert response.status_code == 200
    assert "1 building" in response.text


def test_paging_keeps_filters_and_sort(viewer: Client, session: Session) -> None:
    agency = make_agency(session)
    for _ in range(31):
        make_building(session, agency=agency)
    page = viewer.get(f"/buildings?agency={agency.id}&sort=-name").text
    assert f"/buildings?agency={agency.id}&amp;sort=-name&amp;page=2" in page
    second = viewer.get(f"/buildings?agency={agency.id}&sort=-name&page=2").text
    assert second.count('<th scope="row">') == 1


def test_the_file_holds_exactly_what_the_filter_shows(viewer: Client, session: Session) -> None:
    agency = make_agency(session)
    building = make_building(session, name="=HYPERLINK(1)", agency=agency, uprn="000123456789", net_internal_area_m2=50)
    make_running_cost(session, building, amount=Decimal("12.50"))
    make_building(session, name="Theirs")
    response = viewer.get(f"/buildings.csv?agency={agency.id}&columns=all")
    assert response.mimetype == "text/csv"
    [row] = csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff")))
    assert row["name"] == "'=HYPERLINK(1)"
    assert row["uprn"] == "000123456789"
    assert (row["running_cost"], row["running_cost_year"]) == ("12.50", "2024-25")
    assert row["gross_internal_area_m2"] == ""
    assert float(row["longitude"]) == -2.3


def test_the_file_holds_exactly_the_columns_that_the_list_shows(viewer: Client, session: Session) -> None:
    make_building(session, name="Depot", uprn="007", built_year=1950, lonlat=(-2.3, 53.4))
    file = viewer.get("/buildings.csv?columns=built_year,uprn,nonsense").text.removeprefix("\ufeff")
    [row] = csv.DictReader(io.StringIO(file))
    assert list(row) == ["id", "name", "street", "post_town", "postcode", "built_year", "uprn"]
    assert (row["name"], row["built_year"], row["uprn"]) == ("Depot", "1950", "007")
    page = viewer.get("/buildings?columns=built_year,uprn").text
    for shown in ["Year built", "1950", "007", "/buildings.xlsx?columns=name,built_year,uprn"]:
        assert shown in page.replace("%2C", ","), shown
    assert 'data-label="Running cost"' not in page
    book = openpyxl.load_workbook(io.BytesIO(viewer.get("/buildings.xlsx?columns=uprn").data))
    assert [[cell.value for cell in row] for row in book["buildings"]["B1:F2"]] == [
        ["name", "street", "post_town", "postcode", "uprn"],
        ["Depot", None, None, None, "007"],
    ]
    assert viewer.get("/buildings.exe").status_code == 404


def test_a_building_page_gathers_everything(viewer: Client, session: Session) -> None:
    make_area(session, name="Northtown")
    building = make_building(session, name="Town Hall", net_internal_area_m2=Decimal(1000), uprn="000123456789")
    assign_areas(session)
    make_running_cost(session, building, amount=Decimal(90_000))
    make_running_cost(
        session, building, category_code="rates", amount=Decimal(10_000), agency_id=make_agency(session).id
    )
    make_interest(
        session, building, landlord="Old Toll Ltd", lease_end_on=date(2031, 3, 31), rent_per_year=Decimal(5000)
    )
    make_occupation(session, building, team="Planning", fte=Decimal(40))
    make_valuation(session, building)
    session.add(ConditionSurvey(building_id=building.id, surveyed_on=date(2024, 1, 1), grade="C", source="survey"))
    session.add(
        EnergyRating(building_id=building.id, kind=EnergyKind.DEC, band="E", rated_on=date(2024, 2, 2), source="x")
    )
    session.add(
        OccupancyObservation(
            building_id=building.id,
            vacant_m2=1200,
            observed_on=date(2024, 5, 1),
            method=OccupancyMethod.PASSES,
            capacity=80,
            peak=60,
            average=20,
            source="door log",
        )
    )
    clerk = make_user(session, name="Ada Clerk")
    change_building(session, building, version=1, actor=clerk.id, reason="Survey of May", built_year=1901)
    page = viewer.get(f"/buildings/{building.id}").text
    for shown in [
        "Northtown",
        "000123456789",
        "£100,000",
        "£100",
        "Old Toll Ltd",
        "31 March 2031",
        "£5,000",
        "Planning",
    ]:
        assert shown in page, shown
    for shown in [
        "25%",
        "£450,000",
        "Ada Clerk",
        "Survey of May",
        "Built year",
        "1901",
        "<svg",
        "25\xa0m²",
        "Vacant space: 1,200\xa0m²",
    ]:
        assert shown in page, shown


def test_occupancy_says_how_it_was_worked_out(viewer: Client, session: Session) -> None:
    building = make_building(
        session, use_class_code="office", gross_internal_area_m2=Decimal(600), net_internal_area_m2=Decimal(500)
    )
    page = viewer.get(f"/buildings/{building.id}").text
    assert "Nobody has counted yet" in page
    assert "what the teams take is not known of all of them" in page
    team = make_occupation(session, building, workstations=40, area_m2=Decimal(380))
    for month, method, average in ((1, "PASSES", 10), (2, "PASSES", 20), (3, "SURVEY", 30)):
        session.add(
            OccupancyObservation(
                building_id=building.id,
                observed_on=date(2025, month, 28),
                period_start_on=date(2025, month, 1),
                method=OccupancyMethod[method],
                average=average,
                hours_available=200,
                hours_used=100,
                source="door log",
            )
        )
    session.flush()
    page = " ".join(viewer.get(f"/buildings/{building.id}").text.split())
    for shown in (
        "1 January 2025 to 28 January 2025",
        "never averaged together",
        "2 counts",
        "from workstations",
        "40 workstations of the teams here now",
        "100 of 200 h",
        '38% <span class="estimate">estimate</span>',
        '19% <span class="estimate">estimate</span>',
        "500\xa0m² net internal area less the 380\xa0m²",
    ):
        assert shown.replace("\xa0", " ") in page.replace("\xa0", " "), shown
    team.workstations, team.area_m2 = None, Decimal(501)
    session.flush()
    page = " ".join(viewer.get(f"/buildings/{building.id}").text.split())
    assert "from the space standard" in page
    assert "one of the two is wrong" in page


@pytest.mark.parametrize(
    ("areas", "shown", "hidden"),
    [
        ({"gross_internal_area_m2": 500}, ["£200", "of gross internal area"], "of net internal area"),
        (
            {"gross_internal_area_m2": 500, "net_internal_area_m2": 400},
            ["£200", "of gross internal area; £250 of net internal area"],
            "£100,000 of",
        ),
        ({"net_internal_area_m2": 400}, ["of gross internal area; £250 of net internal area"], "£200"),
    ],
)
def test_cost_per_m2_is_of_gross_internal_area(
    viewer: Client, session: Session, areas: dict[str, int], shown: list[str], hidden: str
) -> None:
    building = make_building(session, **areas)
    make_running_cost(session, building, amount=Decimal(100_000))
    cards = viewer.get(f"/buildings/{building.id}").text.split('class="cards"')[1].split("Space per FTE")[0]
    for text_shown in shown:
        assert text_shown in cards, text_shown
    assert hidden not in cards


def test_a_building_of_which_nothing_is_known(viewer: Client, session: Session) -> None:
    building = make_building(session, lonlat=None, use_class_code=None)
    page = viewer.get(f"/buildings/{building.id}").text
    for shown in ["No running cost is known", "No team is known", "No interest is known", "Not on the map"]:
        assert shown in page, shown
    assert "£0" not in page
    assert " 0\xa0m²" not in page


def test_an_interest_says_that_its_lease_ends_or_has_ended(viewer: Client, session: Session) -> None:
    building = make_building(session)
    pages = []
    for end_on in (date(2020, 1, 1), date.today() + timedelta(days=30), date(2199, 1, 1)):  # noqa: DTZ011
        interest = make_interest(session, building, lease_end_on=end_on)
        pages.append(viewer.get(f"/buildings/{building.id}").text)
        session.delete(session.merge(interest))
        session.flush()
    flags = ("Lease has ended", "Ends or breaks within a year")
    assert [[flag in page for flag in flags] for page in pages] == [[True, False], [False, True], [False, False]]


@pytest.mark.parametrize("building_id", ["0", "999999", "9999999999999999999999", "x", "-1"])
def test_a_building_that_is_not_there_answers_404(viewer: Client, building_id: str) -> None:
    assert viewer.get(f"/buildings/{building_id}").status_code == 404


def test_only_who_may_edit_is_offered_to(sign_in: SignIn, session: Session) -> None:
    building = make_building(session)
    address = f"/buildings/{building.id}/edit"
    assert address in sign_in(Role.ASSET_MANAGER, building.agency).get(f"/buildings/{building.id}").text
    assert address in sign_in(Role.ADMINISTRATOR).get(f"/buildings/{building.id}").text
    for browser in (sign_in(Role.ASSET_MANAGER), sign_in(Role.VIEWER), sign_in(Role.BOARD_MEMBER)):
        assert address not in browser.get(f"/buildings/{building.id}").text


def naughty_strings(folder: Path) -> list[str]:
    path = folder / "bad_files" / "blns" / "blns.json"
    if not path.exists():
        pytest.skip("the list of naughty strings is not here")
    strings = json.loads(path.read_text(encoding="utf-8"))
    return [string for string in strings if string.strip() and "\x00" not in string]


def test_naughty_names_are_shown_as_they_are(viewer: Client, session: Session, shared_data: Path) -> None:
    names = naughty_strings(shared_data)
    agency = make_agency(session)
    for name in names:
        make_building(session, name=name, street=name, agency=agency)
    shown = ""
    for number in range(1, len(names) // 30 + 2):
        response = viewer.get(f"/buildings?page={number}")
        assert response.status_code == 200
        shown += response.text
    for name in names:
        assert str(escape(name)) in shown, name
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_a_naughty_building_page_and_form(sign_in: SignIn, session: Session) -> None:
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}${7*7}"
    building = make_building(session, name=name, street=name, note=name, post_town=name)
    make_interest(session, building, landlord=name, tenure_detail=name)
    make_occupation(session, building, team=name)
    make_running_cost(session, building, source=name)
    change_building(session, building, version=1, actor=None, reason=name, street=name * 2)
    browser = sign_in(Role.ADMINISTRATOR)
    for path in [
        f"/buildings/{building.id}",
        f"/buildings/{building.id}/edit",
        f"/buildings/{building.id}/retire",
        "/",
    ]:
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert str(escape(name)) in page, path


def test_a_list_page_asks_the_database_a_fixed_number_of_times(viewer: Client, session: Session) -> None:
    def count() -> int:
        asked.clear()
        viewer.get("/buildings")
        return len(asked)

    from sqlalchemy import event

    asked: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    make_interest(session, make_building(session))
    few = count()
    for _ in range(12):
        make_interest(session, make_building(session))
    assert count() == few
    session.execute(text("SELECT 1"))

"""The cost pages: budget and actual, shares, one building, the price index; bad addresses and bad tables."""

import csv
import io
import re
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import Role
from estate.register.models import Building, PlannedCost, PriceIndexRelease
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_occupation,
    make_planned_cost,
    make_running_cost,
)
from tests.web.conftest import SignIn


@pytest.fixture
def hall(session: Session) -> Building:
    make_area(session)
    building = make_building(session, name="=Town Hall", net_internal_area_m2=Decimal(200))
    make_running_cost(session, building, amount=12000)
    make_running_cost(session, building, amount=11000, year_start=2023)
    make_planned_cost(session, building, amount=10000)
    make_occupation(session, building, area_m2=150)
    return building


def text_of(page: str) -> str:
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("by", ["category", "payer", "owner", "area", "building"])
def test_budget_and_actual_however_it_is_grouped(by: str, hall: Building, sign_in: SignIn) -> None:
    text = text_of(sign_in(Role.VIEWER).get(f"/costs?year=2024&by={by}").text)
    assert "+£2,000 +20.0% of budget" in text
    assert "In the money of each year itself" in text
    assert "Financial years start in April" in text


def test_the_pages_say_whose_money_they_speak_in(hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    for address in ("/costs", "/costs/shares", f"/buildings/{hall.id}/costs"):
        text = text_of(browser.get(f"{address}?year=2024&prices=2023").text)
        assert "In prices of 2023-24, by the GDP deflator" in text
        assert "not checked at its source" in text
        assert "£12,000" not in text
        assert "In the money of each year itself" in text_of(browser.get(address).text)


def test_years_with_another_start_are_named_wherever_years_are_added(
    session: Session, hall: Building, sign_in: SignIn
) -> None:
    college = make_agency(session, name="The College", financial_year_start_month=9)
    campus = make_building(session, agency=college)
    make_running_cost(session, campus, year_start=2023, amount=1200)
    make_running_cost(session, campus, year_start=2024, amount=2400)
    browser = sign_in(Role.VIEWER)
    text = text_of(browser.get("/costs?year=2024&by=payer").text)
    assert "The College (from September) start in another month" in text
    assert "£1,900 estimate" in text
    for address in ("/", "/buildings", "/maps", f"/buildings/{hall.id}"):
        assert "The College (from September)" in text_of(browser.get(address).text), address


def test_nothing_on_record(sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    for address in ("/costs", "/costs/shares", f"/buildings/{1}/costs"):
        answer = browser.get(address)
        assert answer.status_code in (200, 404)
    assert "No running cost is known" in browser.get("/costs").text
    assert browser.get("/costs/budget-and-actual.csv").status_code == 200
    assert browser.get("/costs/shares.xlsx").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "year=1066",
        "year=x",
        "by=moon",
        "method=dice",
        "prices=20x3",
        "category=nothing",
        "level=moon",
        "payer=0",
        "area=-1",
    ],
)
def test_a_choice_that_does_not_exist_is_refused(query: str, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    assert browser.get(f"/costs?{query}").status_code == 422
    assert browser.get(f"/buildings/{hall.id}/costs?{query}").status_code == 422


def test_files_hold_the_same_figures(hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    content = browser.get("/costs/budget-and-actual.csv?year=2024&by=building").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["name"], row["variance"], row["lines"]) == ("'=Town Hall", "2000.00", "1")
    content = browser.get("/costs/shares.csv?year=2024").data.decode("utf-8-sig")
    own, rest = csv.DictReader(io.StringIO(content))
    assert (own["share"], own["difference"]) == ("9000.00", "3000.00")
    assert (rest["agency"], rest["share"]) == ("Unallocated", "3000.00")
    assert browser.get("/costs/shares.xlsx?year=2024").data[:2] == b"PK"


def test_shares_show_the_method_and_the_rest(hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    by_area = text_of(browser.get("/costs/shares?year=2024").text)
    assert "By floor area, 2024-25" in by_area
    assert "Unallocated £3,000.00" in by_area
    by_heads = text_of(browser.get("/costs/shares?year=2024&method=heads").text)
    assert "By head count (FTE), 2024-25" in by_heads
    assert "Unallocated £0.00" in by_heads


def test_one_building(hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ASSET_MANAGER, hall.agency)
    text = text_of(browser.get(f"/buildings/{hall.id}/costs?year=2024").text)
    assert "Years side by side" in text
    assert "Add a budget or forecast" in text
    assert browser.get("/buildings/999999/costs").status_code == 404
    assert "Add a budget" not in sign_in(Role.VIEWER).get(f"/buildings/{hall.id}/costs").text
    past = text_of(browser.get(f"/buildings/{hall.id}/costs?as_at=2020-01-01").text)
    assert "£12,000" not in past


def test_a_budget_is_added_and_changed_with_a_reason(session: Session, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ASSET_MANAGER, hall.agency)
    page = f"/buildings/{hall.id}/budgets/new"
    form = {
        "agency_id": hall.agency_id,
        "category_code": "water",
        "year_start": "2025",
        "kind": "budget",
        "amount": "1,500",
        "source": "Budget book",
        "reason": "New year",
    }
    assert browser.submit(page, form, page=page).status_code == 302
    plan = session.scalars(select(PlannedCost).filter_by(category_code="water")).one()
    assert plan.amount == 1500
    again = browser.submit(page, form, page=page)
    assert again.status_code == 422
    assert "in the register already" in again.text
    edit = f"/buildings/{hall.id}/budgets/{plan.id}"
    stale = browser.submit(edit, {"version": 9, "amount": "2", "source": "x", "reason": "y"}, page=edit)
    assert stale.status_code == 409
    assert (
        browser.submit(edit, {"version": 1, "amount": "-2", "source": "x", "reason": "y"}, page=edit).status_code == 422
    )
    done = browser.submit(edit, {"version": 1, "amount": "1600", "source": "x", "reason": "y"}, page=edit)
    assert done.status_code == 302
    assert session.get_one(PlannedCost, plan.id).amount == 1600
    assert session.scalars(select(Event).order_by(Event.id.desc())).first().action == "change_plan"  # type: ignore[union-attr]
    assert "Budget or forecast changed" in browser.get(f"/buildings/{hall.id}").text
    assert "Budget or forecast changed" in browser.get(f"/buildings/{hall.id}/history?kind=costs").text


def test_budgets_have_no_end_and_belong_to_their_building(session: Session, hall: Building, sign_in: SignIn) -> None:
    plan = session.scalars(select(PlannedCost)).one()
    browser = sign_in(Role.ADMINISTRATOR)
    assert browser.get(f"/buildings/{hall.id}/budgets/{plan.id}/end").status_code == 404
    other = make_building(session)
    assert browser.get(f"/buildings/{other.id}/budgets/{plan.id}").status_code == 404
    assert sign_in(Role.ASSET_MANAGER).get(f"/buildings/{hall.id}/budgets/{plan.id}").status_code == 404


EDITION = {"name": "GDP deflator", "published_on": "2026-09-30", "source": "HM Treasury", "is_checked": "y"}


def test_an_administrator_replaces_the_index(session: Session, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    page = "/costs/prices/new"
    assert "2023-24,100" in browser.get(page).text
    done = browser.submit(page, {**EDITION, "figures": "2023-24,50\n2024-25,100"}, page=page)
    assert done.status_code == 302
    text = text_of(browser.get("/costs?year=2024&prices=2023").text)
    assert "£6,000" in text
    assert "not checked" not in text
    assert "Editions before" in browser.get("/costs/prices").text
    assert len(session.scalars(select(PriceIndexRelease)).all()) == 2
    lacking = text_of(browser.get("/costs?year=2024&prices=2010").text)
    assert "In the money of each year itself" in lacking


def test_the_official_file_is_read(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    page = "/costs/prices/new"
    official = "GDP DEFLATORS,,\nFinancial year,2023-24 = 100,per cent\n2022-23,94.300,\n2023-24,100.000,6.04\n"
    for encoding in ("utf-8-sig", "cp1252"):
        form = {**EDITION, "figures": "", "file": (io.BytesIO(official.encode(encoding)), "gdp.csv")}
        answer = browser.submit(page, form, page=page, content_type="multipart/form-data")
        assert answer.status_code == 302, answer.text
    newest = session.scalars(select(PriceIndexRelease).order_by(PriceIndexRelease.id.desc())).first()
    assert newest is not None
    assert [value.year_start for value in newest.values] == [2022, 2023]


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ("", "There is no line with a financial year"),
        ("2022,94\n2023,100", "These are calendar years"),
        ("2023-24,100", "at least two years"),
        ("2023-24,100\n2023-24,101", "stands there twice"),
        ("2023-24,-1\n2022-23,NaN", "There is no line with a financial year"),
    ],
)
def test_a_bad_table_is_refused_with_a_sentence(figures: str, sentence: str, sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    answer = browser.submit("/costs/prices/new", {**EDITION, "figures": figures}, page="/costs/prices/new")
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_file_that_is_no_table_is_refused(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    for content in (b"PK\x03\x04\0\0", b"x" * 300_000):
        form = {**EDITION, "figures": "", "file": (io.BytesIO(content), "gdp.xlsx")}
        answer = browser.submit("/costs/prices/new", form, page="/costs/prices/new", content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "not a table in CSV" in answer.text


def test_only_administrators_change_the_index(sign_in: SignIn) -> None:
    browser = sign_in(Role.ASSET_MANAGER)
    assert browser.get("/costs/prices").status_code == 200
    assert browser.get("/costs/prices/new").status_code == 403


def test_an_agency_s_year_is_set_by_an_administrator(session: Session, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    agency = hall.agency
    page = f"/administration/agencies/{agency.id}/edit"
    form = {
        "version": agency.version,
        "name": agency.name,
        "kind_code": "council",
        "parent_id": "",
        "financial_year_start_month": "9",
        "reason": "As its accounts say",
    }
    assert browser.submit(page, form, page=page).status_code == 302
    assert "September" in browser.get(f"/administration/agencies/{agency.id}").text
    wrong = browser.submit(page, {**form, "version": 2, "financial_year_start_month": "13"}, page=page)
    assert wrong.status_code == 422

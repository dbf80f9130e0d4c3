"""The change between two years on the map of areas: figures, words, prices, file, and what it refuses."""

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.price_releases import add_release
from tests.factories import make_area, make_building, make_place, make_running_cost


@pytest.fixture
def county(session: Session) -> Area:
    """Two districts: in the one a building with both years and one with the later only; in the other a fall."""
    make_place(session, name="Testshire")
    county = make_area(session, level="county", name="Testshire", bounds=(-3, 53, -2, 54))
    make_area(session, name="West", bounds=(-3, 53, -2.5, 54), parent_id=county.id)
    make_area(session, name="East", bounds=(-2.5, 53, -2, 54), parent_id=county.id)
    hall = make_building(session, name="Hall", lonlat=(-2.9, 53.5), gross_internal_area_m2=100)
    new = make_building(session, name="New", lonlat=(-2.9, 53.6))
    barn = make_building(session, name="Barn", lonlat=(-2.1, 53.5))
    for building, year, amount in ((hall, 2022, 1000), (hall, 2024, 1500), (new, 2024, 9000), (barn, 2022, 400)):
        make_running_cost(session, building, year_start=year, amount=Decimal(amount))
    make_running_cost(session, barn, year_start=2024, amount=Decimal("100.10"), is_estimate=True)
    assign_areas(session)
    return county


def prices(session: Session) -> None:
    add_release(
        session, actor=None, name="GDP deflator", published_on=date(2025, 9, 30), source="test", is_checked=True,
        values={2022: Decimal(80), 2024: Decimal(100)},
    )  # fmt: skip


def facts_of(html: str) -> dict[str, Any]:
    return json.loads(re.search(r"EstateMap\.start\(\w+, (\{.*\})\);", html)[1])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_page_tells_the_change_in_words_and_in_a_table(county: Area, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps?year=2024&before=2022").text
    assert "Change in running cost by district" in page
    assert "Financial years 2022-23 and 2024-25." in page
    assert "All together: +£200, from £1,400 to £1,600 (2 of 3 buildings known in both years, 6% estimated)." in page
    assert "Largest rise: West (+£500). Largest fall: East (−£300)." in page
    assert "2 do, 1 do not" in page
    row = page[page.index('<th scope="row" class="break">West') :]
    assert re.findall(r">([+−]?£[\d,]+)<", row[: row.index("</tr>")]) == ["+£500", "£1,000", "£1,500"]
    assert "part of the change is the change in prices" in page


def test_difference_in_percent_and_its_legend(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    page = client.get("/maps?before=2022&change=percent").text
    assert "Largest rise: West (+50%). Largest fall: East (−75%)." in page
    legend = facts_of(client.get("/maps/frame?before=2022&change=percent&classes=3").text)["legends"][0]
    assert legend["title"] == "Change in running cost, 2022-23 to 2024-25"
    assert [entry["count"] for entry in legend["entries"]][:3] == [1, 1, 0]
    assert "both sides of none" in legend["note"]


def test_prices_of_one_year(county: Area, session: Session, sign_in: Any) -> None:
    prices(session)
    client = sign_in(Role.VIEWER)
    page = client.get("/maps?before=2022&prices=2024").text
    assert "West (+£250)" in page
    assert "in prices of 2024-25" in page
    assert "by the GDP deflator published on 30 September 2025" in page
    assert "West (£8,400)" in client.get("/maps?year=2024&prices=2022").text
    file = rows_of(client.get("/maps/areas.csv?year=2024&prices=2022").text)
    assert [(row["name"], row["cost"], row["prices_of"]) for row in file] == [
        ("East", "80.08", "2022"),
        ("West", "8400.0", "2022"),
    ]


def test_a_year_that_the_index_lacks_is_unknown(county: Area, session: Session, sign_in: Any) -> None:
    prices(session)
    make_running_cost(session, make_building(session, lonlat=(-2.9, 53.5)), year_start=2023, amount=Decimal(5))
    page = sign_in(Role.VIEWER).get("/maps?year=2023&prices=2024").text
    assert "Nothing is known" in page
    assert "The index has no value for 2023-24" in page


def test_the_file_of_a_change_holds_both_years(county: Area, sign_in: Any) -> None:
    answer = sign_in(Role.VIEWER).get("/maps/areas.csv?before=2022")
    assert "area-changes" in answer.headers["Content-Disposition"]
    east, west = rows_of(answer.text)
    assert (east["before"], east["after"], east["difference"]) == ("400.0", "100.1", "-299.9")
    assert float(east["difference_ratio"]) == pytest.approx(-0.74975, abs=1e-4)
    assert (west["buildings_known_in_both"], west["building_count"]) == ("1", "2")


def test_years_come_in_their_order_and_one_year_is_no_change(county: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    assert "Financial years 2022-23 and 2024-25." in client.get("/maps?year=2022&before=2024").text
    assert "Financial year 2024-25." in client.get("/maps?year=2024&before=2024").text


def test_what_rests_on_today_is_shown_for_one_year_and_says_so(county: Area, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps?before=2022&measure=cost_per_fte").text
    assert "two years can&#39;t be compared" in page
    assert "<h1" in page
    assert "Running cost per FTE by district" in page


def test_drilling_down_keeps_the_comparison(county: Area, sign_in: Any) -> None:
    page = sign_in(Role.VIEWER).get("/maps?level=county&before=2022&change=percent").text
    address = re.search(r'href="(/maps\?[^"]*)">Show its districts', page)[1]
    assert "before=2022" in address
    assert "change=percent" in address


@pytest.mark.parametrize("query", ["before=1066", "before=x", "change=both", "prices=1901", "prices=x", "prices=99999"])
def test_bad_addresses_are_refused(county: Area, sign_in: Any, query: str) -> None:
    client = sign_in(Role.VIEWER)
    for path in ("/maps", "/maps/frame", "/maps/areas.csv"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 422, path
        assert "Go back" in answer.text

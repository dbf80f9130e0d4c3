"""Two areas side by side: the map's own figures, by measure and by year, and what is no area is refused."""

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.factories import make_area, make_building, make_place, make_running_cost


@pytest.fixture
def districts(session: Session) -> tuple[Area, Area]:
    """West cost £3,000 and then £1,000, East £4,000 of two buildings, one of them without a cost."""
    make_place(session, name="Testshire")
    west = make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    east = make_area(session, name="East", bounds=(-2.5, 53, -2, 54))
    hall = make_building(session, name="Hall", lonlat=(-2.9, 53.5))
    make_running_cost(session, hall, amount=Decimal(1000))
    make_running_cost(session, hall, year_start=2023, amount=Decimal(3000))
    make_running_cost(session, make_building(session, name="Barn", lonlat=(-2.1, 53.5)), amount=Decimal(4000))
    make_building(session, name="Mill", lonlat=(-2.2, 53.5))
    assign_areas(session)
    return west, east


def row_of(page: str, section: str, title: str) -> str:
    found = page[page.index(f'id="{section}"') :]
    found = found[found.index(f'<th scope="row">{title}') :]
    return found[: found.index("</tr>")]


def test_two_areas_side_by_side(districts: tuple[Area, Area], sign_in: Any) -> None:
    west, east = districts
    page = sign_in(Role.VIEWER).get(f"/maps/compare?area={west.id}&other={east.id}").text
    assert re.findall(r"£[\d,]+", row_of(page, "by-measure", "Running cost")) == ["£1,000", "£4,000"]
    assert "1 of 2 buildings known" in row_of(page, "by-measure", "Running cost")
    assert re.findall(r'width="([\d.]+)"', row_of(page, "by-measure", "Running cost")) == ["25.0", "100.0"]
    earlier = row_of(page, "by-year", "2023-24")
    assert "£3,000" in earlier
    assert '<span class="unknown">unknown</span>' in earlier
    assert re.findall(r'width="([\d.]+)"', earlier) == ["75.0", "0.0"]


def test_one_area_by_year_and_none_at_all(districts: tuple[Area, Area], sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    page = client.get(f"/maps/compare?area={districts[0].id}&measure=cost_per_fte").text
    assert "there are no earlier years of it" in page
    assert "Choose one area to see its figures by year" in client.get("/maps/compare").text
    assert "/maps/compare?measure=cost&amp;year=2024" in client.get("/maps").text


@pytest.mark.parametrize("other", ["x", "-1", "0", "99999999", "9" * 30])
def test_what_is_no_area_is_refused(districts: tuple[Area, Area], sign_in: Any, other: str) -> None:
    answer = sign_in(Role.VIEWER).get(f"/maps/compare?area={districts[0].id}&other={other}")
    assert answer.status_code == 422

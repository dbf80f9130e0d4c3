"""What a map of figures per head says of the populations it rests on."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.gis.boundaries.population_years import YearFigure, store_populations
from estate.gis.models import Area
from estate.people.models import Role
from estate.register.areas import assign_areas
from tests.factories import make_area, make_building, make_place, make_running_cost

PAGE = "/maps?measure=cost_per_head&level=district"


@pytest.fixture
def areas(session: Session) -> list[Area]:
    """Two districts, the first with a building that costs £1,000 a year in 2023-24 and 2024-25."""
    make_place(session, name="Testshire")
    found = [make_area(session, name=name, bounds=(west, 53, west + 0.5, 54)) for name, west in (("A", -3), ("B", -2))]
    building = make_building(session, lonlat=(-2.9, 53.5))
    for year in (2023, 2024):
        make_running_cost(session, building, year_start=year, amount=1000)
    assign_areas(session)
    return found


def store(session: Session, area: Area, year: int, people: int) -> None:
    figures = [YearFigure(area.code, year, people, "Counted here")]
    store_populations(session, area.level_code, figures, actor=None, reason="a test")


def test_the_year_shown_needs_no_warning(areas: list[Area], session: Session, sign_in: Any) -> None:
    for area in areas:
        store(session, area, 2024, 500)
    page = sign_in(Role.VIEWER).get(f"{PAGE}&year=2024").text
    assert "Population of 2024: Counted here." in page
    assert "£2.00" in page
    assert "an older year" not in page
    assert "of 2024</span>" not in page


def test_another_year_is_named_in_note_and_row(areas: list[Area], session: Session, sign_in: Any) -> None:
    store(session, areas[0], 2022, 250)
    store(session, areas[1], 2025, 100)
    client = sign_in(Role.VIEWER)
    page = client.get(f"{PAGE}&year=2024").text
    assert "£4.00" in page
    assert "For 1 area the population is that of an older year (2022): none of 2024 is on record for 2024-25." in page
    assert "For 1 area the population is that of a later year (2025)" in page
    assert '<span class="cell-note">of 2022</span>' in page
    assert "Population: 250 (2022)" in client.get("/maps/frame?measure=cost_per_head&year=2024").text


def test_unknown_stays_unknown(areas: list[Area], session: Session, sign_in: Any) -> None:
    store(session, areas[0], 2024, 500)
    page = sign_in(Role.VIEWER).get(f"{PAGE}&year=2024").text
    assert "The population of 1 area is unknown, so no figure is shown there, nor one for all together." in page


def test_a_change_divides_each_year_by_its_own(areas: list[Area], session: Session, sign_in: Any) -> None:
    for area in areas:
        store(session, area, 2023, 1000)
        store(session, area, 2024, 500)
    page = sign_in(Role.VIEWER).get(f"{PAGE}&year=2024&before=2023").text
    assert "Each year is divided by its own population" in page
    assert "+£1.00" in page


def test_the_file_says_the_year(areas: list[Area], session: Session, sign_in: Any) -> None:
    store(session, areas[0], 2022, 250)
    text = sign_in(Role.VIEWER).get("/maps/areas.csv?level=district&year=2024").text
    head, first, second = (line.split(",") for line in text.strip().splitlines())
    place = head.index("population_year")
    assert (first[place], second[place]) == ("2022", "")

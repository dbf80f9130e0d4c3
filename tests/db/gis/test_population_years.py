"""Populations by year: stored, replaced without being lost, and used by the figures of the matching year."""

import math
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from estate.audit import history
from estate.cli.boundaries import boundaries
from estate.db import make_session
from estate.gis.boundaries.population_years import YearFigure, list_population_years, store_populations
from estate.gis.models import Area, AreaPopulation
from estate.register import costs
from estate.register.area_statistics import area_statistics, changes_of_areas
from estate.register.areas import assign_areas
from estate.register.filters import BuildingFilters
from estate.register.measures import MEASURES
from tests.factories import make_area, make_building, make_level, make_running_cost


def store(session: Session, area: Area, years: dict[int, int], source: str = "ONS") -> None:
    figures = [YearFigure(area.code, year, people, source) for year, people in years.items()]
    store_populations(session, area.level_code, figures, actor=None, reason="a test")


@pytest.fixture
def area(session: Session) -> Area:
    area = make_area(session, population=7)
    building = make_building(session)
    for year in (2021, 2022, 2024):
        make_running_cost(session, building, year_start=year, amount=1000)
    assign_areas(session)
    return area


def per_head(session: Session, year: int | None) -> tuple[float, float]:
    """The figure, and the year of the population that it rests on."""
    found = area_statistics(session, make_level(session), year, BuildingFilters(), ("costs",))
    return costs.running_cost_per_head(found)[0], found["population_year"][0]


def test_a_year_is_divided_by_its_own_population(session: Session, area: Area) -> None:
    store(session, area, {2021: 100, 2022: 200})
    assert per_head(session, 2021) == (10, 2021)
    assert per_head(session, 2022) == (5, 2022)


def test_else_by_that_of_the_nearest_year_before_and_says_so(session: Session, area: Area) -> None:
    store(session, area, {2021: 100, 2022: 200, 2025: 400})
    assert per_head(session, 2024) == (5, 2022)


def test_else_by_that_of_a_later_year(session: Session, area: Area) -> None:
    store(session, area, {2024: 500, 2023: 250})
    assert per_head(session, 2021) == (4, 2023)


def test_else_by_the_one_on_record_and_never_by_nothing(session: Session, area: Area) -> None:
    figure, year = per_head(session, 2024)
    assert figure == pytest.approx(1000 / 7)
    assert year is None or math.isnan(year)
    area.population = None
    session.flush()
    assert math.isnan(per_head(session, 2024)[0])


def test_a_change_divides_each_year_by_its_own(session: Session, area: Area) -> None:
    store(session, area, {2021: 100, 2022: 200})
    measure = MEASURES["cost_per_head"]
    sides = changes_of_areas(
        session, make_level(session), (2021, 2022), BuildingFilters(), measure.group, measure.sources
    )
    assert [measure.figure(side)[0] for side in sides] == [10, 5]


def test_a_newer_figure_replaces_the_old_which_is_kept(session: Session, area: Area) -> None:
    store(session, area, {2021: 100})
    store(session, area, {2021: 110}, "ONS, revised")
    rows = session.scalars(select(AreaPopulation).order_by(AreaPopulation.id)).all()
    assert [(row.people, row.retired_at is None) for row in rows] == [(100, False), (110, True)]
    changes = [event.changes for event in history(session, "area", area.id)]
    assert {"population 2021": [100, 110]} in changes
    again = [YearFigure(area.code, 2021, 110, "ONS, revised")]
    counts = store_populations(session, area.level_code, again, actor=None, reason="a test")
    assert (counts.unchanged, counts.added, counts.replaced) == (1, 0, 0)
    assert list_population_years(session, area.level_code) == [(2021, 1)]


def test_codes_of_no_area_are_told_and_not_stored(session: Session, area: Area) -> None:
    figures = [YearFigure("E99", 2021, 5, "ONS")]
    counts = store_populations(session, area.level_code, figures, actor=None, reason="a test")
    assert counts.elsewhere == ["E99"]
    assert list_population_years(session, area.level_code) == []


@pytest.fixture
def code(committed: Engine) -> str:
    with make_session.begin() as session:
        return make_area(session).code


def test_the_command_reads_csv_and_excel(code: str, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text(f"code,population,year\n{code},100,2021\n{code},unknown,2022\nE99,5,2021\n", encoding="utf-8")
    words = ["population", "--level", "district", "--year-column", "year"]
    result = CliRunner().invoke(boundaries, [*words, str(table)])
    assert result.exit_code == 0, result.output
    assert "1 added, 0 replaced, 0 unchanged, 1 unknown" in result.output
    assert "1 codes are of no districts here: E99." in result.output
    workbook = xlsxwriter.Workbook(tmp_path / "people.xlsx")
    sheet = workbook.add_worksheet("Mid-2021")
    for number, row in enumerate([["code", "population"], [code, 120]]):
        sheet.write_row(number, 0, row)
    workbook.close()
    words = ["population", "--level", "district", "--year", "2021", str(tmp_path / "people.xlsx")]
    assert "0 added, 1 replaced" in CliRunner().invoke(boundaries, words).output


def test_the_command_wants_one_year(code: str, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("code,population\n", encoding="utf-8")
    result = CliRunner().invoke(boundaries, ["population", "--level", "district", str(table)])
    assert result.exit_code == 2
    assert "either --year-column or --year" in result.output


def test_official_populations_of_wards(committed: Engine, shared_data: Path) -> None:
    with make_session.begin() as session:
        make_area(session, level="ward", code="E05015239", name="Altrincham")
    path = shared_data / "lookups" / "mid-year_2024_population_estimates_ward.csv"
    words = ["--code-column", "area_code", "--population-column", "all_ages", "--year-column", "period"]
    keep = ["--where", "sex=Persons"]
    result = CliRunner().invoke(boundaries, ["population", str(path), "--level", "ward", *words, *keep])
    assert "1 added" in result.output
    with make_session() as session:
        row = session.scalars(select(AreaPopulation)).one()
    assert (row.code, row.year, row.people) == ("E05015239", 2024, 11278)

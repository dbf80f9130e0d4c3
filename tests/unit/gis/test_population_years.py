"""Reading populations by year: what is a figure, what is unknown, and what is refused."""

import pytest

from estate.gis.boundaries.errors import UnreadablePopulation
from estate.gis.boundaries.population_years import PopulationColumns, YearFigure, figures_from

COLUMNS = PopulationColumns("code", "people", "period", "by")
HEAD = ["code", "people", "period", "by", "sex"]


def read(*rows: list[str], **options: object) -> tuple[list[YearFigure], int]:
    values = {"year": None, "source": "the file", "where": {}, **options}
    return figures_from([HEAD, *rows], COLUMNS, **values)  # type: ignore[arg-type]


def test_years_and_days_and_thousands_are_read() -> None:
    figures, unknown = read(["W1", "1,234", "2024-06-30", "ONS", ""], ["W1", "1200", "2023", "", ""])
    assert figures == [YearFigure("W1", 2024, 1234, "ONS"), YearFigure("W1", 2023, 1200, "the file")]
    assert unknown == 0


@pytest.mark.parametrize("cell", ["", "-", "N/A", "unknown", ".."])
def test_unknown_is_no_figure_and_no_fault(cell: str) -> None:
    assert read(["W1", cell, "2024", "", ""]) == ([], 1)


def test_nobody_is_a_figure() -> None:
    assert read(["W1", "0", "2024", "", ""])[0] == [YearFigure("W1", 2024, 0, "the file")]


@pytest.mark.parametrize(
    "row",
    [
        ["", "5", "2024", "", ""],
        ["W1", "5.5", "2024", "", ""],
        ["W1", "-5", "2024", "", ""],
        ["W1", "5", "24", "", ""],
        ["W1", "5", "", "", ""],
        ["W1", "٥", "2024", "", ""],
        ["W1", "9" * 30, "2024", "", ""],
        ["W1"],
    ],
)
def test_a_row_that_is_no_figure_is_named(row: list[str]) -> None:
    with pytest.raises(UnreadablePopulation, match="line 3"):
        read(["W0", "5", "2024", "", ""], row)


def test_two_rows_of_one_area_and_year_are_refused_unless_one_is_kept() -> None:
    rows = ["W1", "5", "2024", "", "Persons"], ["W1", "2", "2024", "", "Males"]
    with pytest.raises(UnreadablePopulation, match="several rows for W1 in 2024"):
        read(*rows)
    assert [figure.people for figure in read(*rows, where={"sex": "Persons"})[0]] == [5]


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UnreadablePopulation, match=r"no column “code”\. Its columns are: ward"):
        figures_from([["ward"]], COLUMNS, year=None, source="", where={})
    with pytest.raises(UnreadablePopulation, match="none"):
        figures_from([], COLUMNS, year=None, source="", where={})

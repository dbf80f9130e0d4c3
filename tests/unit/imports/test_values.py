"""One cell, one value or one sentence."""

import pytest

from estate.register.imports import values
from estate.register.imports.values import Problem


def code(value: object) -> str:
    assert isinstance(value, Problem), value
    assert value.message.endswith(".")
    return value.code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12", 12.0),
        ("1,234", 1234.0),
        ("£1,234,567.50", 1234567.5),
        ("-3", -3.0),
        ("(40)", -40.0),
        (".5", 0.5),
        ("1.2E+05", 120000.0),
    ],
)
def test_numbers(cell: str, expected: float) -> None:
    assert values.number(cell) == expected


@pytest.mark.parametrize(
    "cell", ["1,23", "12,34.5", "abc", "1 e5", "NaN", "Infinity", "1e400", "0x10", "٣", "1_000", "--1"]
)
def test_what_is_no_number(cell: str) -> None:
    assert code(values.number(cell)) == "not_a_number"


def test_uprns_are_text() -> None:
    assert values.uprn("000012345678") == "000012345678"
    assert code(values.uprn("1.00E+11")) == "uprn_scientific"
    assert code(values.uprn("1E+11")) == "uprn_scientific"
    assert code(values.uprn("1234567890123")) == "uprn_too_long"
    assert code(values.uprn("N123")) == "uprn_not_digits"
    assert code(values.uprn("0")) == "uprn_zero"
    assert values.uprn("1.00E+11").is_rejecting
    assert not values.uprn("N123").is_rejecting


def test_areas_and_amounts() -> None:
    assert values.area_m2("1,200.5") == 1200.5
    assert code(values.area_m2("0")) == "area_zero"
    assert not values.area_m2("0").is_rejecting
    assert code(values.area_m2("-4")) == "area_negative"
    assert code(values.area_m2("99999999")) == "area_too_large"
    assert values.amount("0") == 0
    assert code(values.amount("-1")) == "cost_negative"
    assert code(values.count("2.5")) == "not_whole"


@pytest.mark.parametrize(
    ("cell", "start"),
    [("2023-24", 2023), ("2023/24", 2023), ("2023-2024", 2023), ("1999-00", 1999), ("2023 – 24", 2023)],
)
def test_financial_years(cell: str, start: int) -> None:
    assert values.financial_year(cell) == start


@pytest.mark.parametrize("cell", ["2023", "2023-25", "2023-2025", "1850-51", "3000-01", "last year"])
def test_unknown_financial_years(cell: str) -> None:
    assert code(values.financial_year(cell)) == "year_unknown"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-02-01", "2026-02-01"),
        ("2026-02-01 00:00:00", "2026-02-01"),
        ("31/01/2026", "2026-01-31"),
        ("01/31/2026", "2026-01-31"),
        ("02/02/2026", "2026-02-02"),
        ("1 Feb 2026", "2026-02-01"),
    ],
)
def test_days(cell: str, day: str) -> None:
    assert values.day(cell) == day


def test_days_that_are_none_or_two() -> None:
    assert code(values.day("01/02/2026")) == "date_ambiguous"
    assert code(values.day("2026-02-30")) == "date_unknown"
    assert code(values.day("30/30/2026")) == "date_unknown"
    assert code(values.day("soon")) == "date_unknown"
    assert values.day("01/02/2026", "%d/%m/%Y") == "2026-02-01"
    assert code(values.day("13/13/2026", "%d/%m/%Y")) == "date_unknown"


def test_coordinates_are_finite() -> None:
    assert values.coordinate("-2.5") == -2.5
    assert values.coordinate("380,000") == 380000
    assert code(values.coordinate("NaN")) == "not_finite"
    assert code(values.coordinate("-Infinity")) == "not_finite"
    assert code(values.coordinate("see map")) == "coordinate_not_a_number"


def test_value_maps_ignore_case_and_say_what_is_known() -> None:
    parse = values.one_of({"Freehold": "freehold", "Nothing": ""})
    assert parse(" FREEHOLD ") == "freehold"
    assert parse("nothing") is None
    assert code(parse("Freeold")) == "value_unknown"
    assert values.one_of({}, "other")("anything") == "other"
    assert values.one_of({}, "")("anything") is None

"""Years in the prices of one: factors, and reading the official table."""

from decimal import Decimal

import pytest

from estate.register.prices import CalendarYears, NoYears, YearsDiffer, parse_index, price_factor, write_index

VALUES = {2022: Decimal("94.3"), 2023: Decimal("100.0")}
OFFICIAL = """GDP DEFLATORS AT MARKET PRICES, AND MONEY GDP,,,,,,,,,
,,,,,,,,,
Financial year,2016-17 = 100,per cent change on previous year,Cash \N{POUND SIGN} million,,,Calendar year,2016 = 100,,
1955-56,4.321,,"19,816","19,829",,1955,4.285,,"19,415"
1956-57,4.593,6.3,"21,412","21,387",,1956,4.581,6.89,"21,088"
2016-17,100,2.29,,,,2016,100,2.06,
Forecasts,,,,,,,,,
"""


def test_a_factor_brings_one_year_s_money_to_another_s() -> None:
    assert price_factor(VALUES, 2022, 2023) == Decimal("100.0") / Decimal("94.3")
    assert price_factor(VALUES, 2023, 2023) == 1
    forth, back = price_factor(VALUES, 2022, 2023), price_factor(VALUES, 2023, 2022)
    assert forth is not None
    assert back is not None
    assert forth * back == pytest.approx(Decimal(1))


def test_a_year_that_the_index_lacks_is_unknown() -> None:
    assert price_factor(VALUES, 1999, 2023) is None
    assert price_factor(VALUES, 2023, 1999) is None
    assert price_factor({}, 2023, 2023) is None


def test_the_official_table_is_read_as_it_is_published() -> None:
    assert parse_index(OFFICIAL) == {1955: Decimal("4.321"), 1956: Decimal("4.593"), 2016: Decimal(100)}


def test_two_columns_pasted_from_a_sheet_are_read() -> None:
    assert parse_index("2022-23\t94.3\n2023/2024\t100.0\n") == VALUES
    assert parse_index("2022\N{EN DASH}23, 94.3") == {2022: Decimal("94.3")}


def test_what_is_written_reads_back() -> None:
    assert write_index(VALUES) == "2022-23,94.3\n2023-24,100"
    assert parse_index(write_index(VALUES)) == VALUES


@pytest.mark.parametrize("text", ["", "2023-25,100", "2023-24,none", "2023-24,-5", "2023-24,NaN", "2023-24,1e99", "x"])
def test_text_without_a_year_and_its_index_is_refused(text: str) -> None:
    with pytest.raises(NoYears):
        parse_index(text)


def test_calendar_years_are_not_taken_for_financial_ones() -> None:
    with pytest.raises(CalendarYears):
        parse_index("2022,94.3\n2023,100")


def test_two_editions_in_one_text_are_refused() -> None:
    with pytest.raises(YearsDiffer):
        parse_index("2022-23,94.3\n2022-23,95.1")

"""Amounts of different years in the prices of one: pure. Index values in, factors out."""

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from estate.errors import InvalidInput

YEAR = re.compile(r"(\d{4})\s*[-/\N{EN DASH}]\s*(\d{4}|\d{2})")
CALENDAR_YEAR = re.compile(r"(19|20)\d\d")
LARGEST_CELLS = 200_000


class NoYears(InvalidInput):
    """There is no line with a financial year and its index, such as “2023-24,100.0”. Paste the whole table."""


class CalendarYears(InvalidInput):
    """These are calendar years. Take the table of financial years, such as “2023-24,100.0”."""


class YearsDiffer(InvalidInput):
    """One financial year has two different values. Leave one table in the text, of one edition."""


def price_factor(values: Mapping[int, Decimal], year_start: int, base_year: int) -> Decimal | None:
    """What an amount of `year_start` is multiplied by to be in the prices of `base_year`.

    `values` is the index by year, in any base. None where one of the two years has no value.
    """
    value, base = values.get(year_start), values.get(base_year)
    return None if value is None or base is None else base / value


def parse_index(text: str) -> dict[int, Decimal]:
    """The index by year from a table as text: lines that begin with a financial year and then hold a number.

    It reads the CSV of HM Treasury's GDP deflators as it is published: the first columns are year and index, further
    columns and other lines are passed over. Raises `NoYears`, `CalendarYears`, `YearsDiffer`.
    """
    found: dict[int, Decimal] = {}
    has_calendar_years = False
    for row in csv.reader(io.StringIO(text[:LARGEST_CELLS].replace("\t", ",").replace("\0", ""))):
        cells = [cell.strip() for cell in row]
        year = _year(cells[0]) if cells else None
        value = _number(cells[1]) if len(cells) > 1 else None
        if year is not None and value is not None:
            if found.get(year, value) != value:
                raise YearsDiffer(fields={"figures": f"{cells[0]} stands there twice"})
            found[year] = value
        has_calendar_years = has_calendar_years or bool(cells and value and CALENDAR_YEAR.fullmatch(cells[0]))
    if not found:
        raise CalendarYears if has_calendar_years else NoYears
    return found


def write_index(values: Mapping[int, Decimal]) -> str:
    """The index as `parse_index` reads it, one year a line."""
    return "\n".join(f"{year}-{(year + 1) % 100:02d},{value.normalize():f}" for year, value in sorted(values.items()))


def _year(cell: str) -> int | None:
    match = YEAR.fullmatch(cell)
    if not match:
        return None
    start, end = int(match[1]), int(match[2])
    follows = end % 100 == (start + 1) % 100 and (end < 100 or end == start + 1)
    return start if follows and 1900 <= start <= 2100 else None


def _number(cell: str) -> Decimal | None:
    try:
        value = Decimal(cell.replace(",", ""))
    except InvalidOperation:
        return None
    return value.quantize(Decimal("0.0001")) if value.is_finite() and 0 < value < 10**7 else None

"""Cells as people type them into their own spreadsheets: "approx 500 sq ft", "£12.5k pa", "3.4.19".

Whatever is more than a plain figure in the unit of its column is taken with a sentence that says how it was read.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from estate.register.imports import values
from estate.register.imports.values import Noted, Parse, Problem

M2_PER_SQUARE_FOOT = 0.09290304
"""Exactly: the international foot is 0.3048 m."""
ROUGH = re.compile(
    r"^(?:approximately|approx\.?|circa|ca\.?|c\.?|about|around|roughly|est\.?|estimated?|~|≈)\s*(?=[£\d])"
    r"|\s*\(?\b(?:approximately|approx|est|estimated?)\.?\)?$",
    re.IGNORECASE,
)
SQUARE_FEET = re.compile(r"\s*(?:sq\.?\s*f(?:ee|oo)?t\.?|sqft|sf|ft2|ft²|ft\^2|square f(?:ee|oo)t)$", re.IGNORECASE)
SQUARE_METRES = re.compile(
    r"\s*(?:sq\.?\s*m(?:et(?:re|er)s?)?\.?|sqm|m2|m²|m\^2|square met(?:re|er)s?)$", re.IGNORECASE
)
PER_YEAR = re.compile(r"\s*(?:p\.?\s?a\.?|per annum|per year|/ ?ye?a?r)$", re.IGNORECASE)
THOUSANDS = re.compile(r"(.*\d)\s*(k|m)$", re.IGNORECASE)
DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?: 00:00(?::00)?)?")
WORDED = ("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%B %d, %Y", "%d/%b/%Y")
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
CENTURY_PIVOT = 70
"""Two digits from here on are of the last century: leases of 1975 still run, and so will those of 2069."""


def measure_parser(parse: Parse, unit: str) -> Parse:
    """`parse` for a column whose cells are typed loosely; `unit` is "m2", "sqft", "amount" or "number"."""
    return partial(_area if unit in ("m2", "sqft") else _figure, parse, unit)


def _area(parse: Parse, unit: str, cell: str) -> Any:
    """Square metres; a cell's own unit counts for more than its column's."""
    plain, is_rough = _without_rough(cell)
    own = "sqft" if SQUARE_FEET.search(plain) else "m2" if SQUARE_METRES.search(plain) else unit
    plain = SQUARE_METRES.sub("", SQUARE_FEET.sub("", plain))
    value = _figure_of(parse, plain, M2_PER_SQUARE_FOOT if own == "sqft" else 1.0, cell)
    if isinstance(value, Problem):
        return value
    if is_rough:
        return Noted(value, _said("approximate", f"“{cell[:60]}” is approximate. It was taken as {value:,.2f} m²."))
    if own != unit:
        return Noted(value, _said("unit_converted", f"“{cell[:60]}” was taken as {value:,.2f} m²."))
    return value


def _figure_of(parse: Parse, plain: str, factor: float, cell: str) -> Any:
    """The parsed figure times `factor`; its limits are those of the unit that is stored."""
    number = values.number(plain)
    if isinstance(number, Problem):
        return number._replace(message=number.message.replace(f"“{plain[:60]}”", f"“{cell[:60]}”"))
    return parse(plain if factor == 1.0 else repr(round(number * factor, 2)))


def _figure(parse: Parse, unit: str, cell: str) -> Any:
    plain, is_rough = _without_rough(cell)
    plain = PER_YEAR.sub("", plain) if unit == "amount" else plain
    short = THOUSANDS.fullmatch(plain) if unit == "amount" else None
    factor = {"k": 1e3, "m": 1e6}[short[2].casefold()] if short else 1.0
    value = _figure_of(parse, short[1] if short else plain, factor, cell)
    if isinstance(value, Problem):
        return value
    if is_rough:
        return Noted(value, _said("approximate", f"“{cell[:60]}” is approximate. It was taken as {value:,g}."))
    if short:
        return Noted(value, _said("shortened_number", f"“{cell[:60]}” was taken as {value:,.2f}."))
    return value


def _without_rough(cell: str) -> tuple[str, bool]:
    plain = ROUGH.sub("", cell.strip()).strip()
    return plain, plain != cell.strip()


def _said(code: str, message: str) -> Problem:
    return Problem(code, message, False)


def day_parser(date_format: str) -> Parse:
    """A parser of dates of this format; "day_first" and "month_first" take what people type."""
    orders: dict[str, Callable[[str], Any]] = {
        "day_first": partial(_day, is_month_first=False),
        "month_first": partial(_day, is_month_first=True),
        "plain": partial(_day, is_month_first=None),
    }
    return orders.get(date_format) or partial(_formatted, date_format)


def _formatted(date_format: str, cell: str) -> Any:
    return values.day(cell, date_format)


def _day(cell: str, *, is_month_first: bool | None) -> Any:
    """A date in ISO form; figures that could be two days are read in the order of the column, if it has one."""
    if found := DAY.fullmatch(cell):
        first, second, year = (int(part) for part in found.groups())
        if len(found[3]) == 2:
            year += 1900 if year >= CENTURY_PIVOT else 2000
        if is_month_first is None:
            return values.day(f"{first}/{second}/{year}")
        day, month = (second, first) if is_month_first else (first, second)
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            order = "month first" if is_month_first else "day first"
            return Problem("date_unknown", f"“{cell[:30]}” is not a date with the {order}. Correct it.")
    plain = " ".join(ORDINAL.sub("", cell).split())
    for known in WORDED:
        try:
            return datetime.strptime(plain, known).date().isoformat()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return values.day(cell)

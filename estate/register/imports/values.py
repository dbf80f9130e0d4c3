"""One cell of text to one value, or to the sentence that says why not. Nothing is mended without saying so."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from estate.gis.geocode import normalise_postcode


class Problem(NamedTuple):
    """Why a cell has no value. A rejecting problem keeps the row out; another leaves the value unknown."""

    code: str
    message: str
    is_rejecting: bool = True


class Noted(NamedTuple):
    """A value that is taken, and a sentence about how the cell was read; `problem` never rejects."""

    value: Any
    problem: Problem


Parse = Callable[[str], Any]

PLAIN_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?|[-+]?\.\d+")
GROUPED_NUMBER = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
SPACED_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}\b)")
SCIENTIFIC = re.compile(r"[-+]?\d+(\.\d+)?[eE][-+]?\d{1,2}")
DIGITS = re.compile(r"\d+")
ROUNDED_UPRN = re.compile(r"0*[1-9]\d*0{9}(\.0)?")
FINANCIAL_YEAR = re.compile(r"(\d{4})\s*[-/–]\s*(\d{4}|\d{2})")
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})([ T][\d:.]+Z?)?")
SLASHED_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
NOT_FINITE = {"nan", "inf", "infinity"}
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
FIRST_YEAR = 1990
LARGEST_AREA_M2 = 5_000_000.0
LARGEST_AMOUNT = 100_000_000_000.0
LONGEST_TEXT = 2_000
MOST_BEDROOMS = 50
LONGEST_PLAIN = 16
"""Digits up to which a whole number needs no closer look."""
LONGEST_UPRN = 12


def text(cell: str) -> Any:
    """The text with single spaces."""
    if len(cell) > LONGEST_TEXT:
        return Problem("too_long", f"This text is longer than {LONGEST_TEXT:,} characters. Shorten it.")
    return " ".join(cell.split())


def number(cell: str) -> Any:
    """A finite float; thousands may have commas, and a pound sign may stand in front."""
    if cell.isascii() and len(cell) < LONGEST_PLAIN:
        if cell.isdigit():
            return float(cell)
        if GROUPED_NUMBER.fullmatch(cell):
            return float(cell.replace(",", ""))
    plain = SPACED_THOUSANDS.sub("", cell.replace("£", "").strip())
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if GROUPED_NUMBER.fullmatch(plain):
        plain = plain.replace(",", "")
    if not (plain.isascii() and (PLAIN_NUMBER.fullmatch(plain) or SCIENTIFIC.fullmatch(plain))):
        return Problem("not_a_number", f"“{cell[:60]}” is not a number. Write digits, with a point for the decimals.")
    value = float(plain)
    if not math.isfinite(value):
        return Problem("not_a_number", f"“{cell[:60]}” is too large to be a number here.")
    return value


def coordinate(cell: str) -> Any:
    """A finite float; NaN and Infinity are refused."""
    plain = cell.replace(",", "") if "," in cell and GROUPED_NUMBER.fullmatch(cell) else cell
    if not (plain.isascii() and (PLAIN_NUMBER.fullmatch(plain) or SCIENTIFIC.fullmatch(plain))):
        if cell.strip("+-").casefold() in NOT_FINITE:
            return Problem(
                "not_finite", f"The coordinate “{cell}” is not a finite number. Leave it empty where it is not known."
            )
        return Problem(
            "coordinate_not_a_number", f"The coordinate “{cell[:60]}” is not a number, so it was not used.", False
        )
    return float(plain)


def area_m2(cell: str) -> Any:
    """Square metres above zero."""
    value = number(cell)
    if isinstance(value, Problem):
        return value
    if value == 0:
        return Problem("area_zero", "The area is 0, which no building has. It is kept as unknown.", False)
    if value < 0:
        return Problem("area_negative", "The area is below zero. Correct it or leave it empty.")
    if value > LARGEST_AREA_M2:
        return Problem("area_too_large", f"The area is above {LARGEST_AREA_M2:,.0f} m². Give it in square metres.")
    if value < 0.01:
        return Problem("area_zero", "The area rounds to 0. It is kept as unknown.", False)
    return value


def amount(cell: str) -> Any:
    """Money, zero or more."""
    value = number(cell)
    if isinstance(value, Problem):
        return value
    if value < 0:
        return Problem("cost_negative", "The amount is below zero. A running cost is zero or more: book refunds apart.")
    if value > LARGEST_AMOUNT:
        return Problem("cost_too_large", f"The amount is above {LARGEST_AMOUNT:,.0f}. Check the digits.")
    return value


def count(cell: str) -> Any:
    """A whole number, zero or more."""
    value = quantity(cell)
    if not isinstance(value, Problem) and not float(value).is_integer():
        return Problem("not_whole", f"“{cell[:60]}” is not a whole number.")
    return value if isinstance(value, Problem) else int(value)


def months_of_notice(cell: str) -> Any:
    """Whole months, 0 to 120."""
    return _months(cell, 0, 120)


def months_between_reviews(cell: str) -> Any:
    """Whole months, 1 to 600."""
    return _months(cell, 1, 600)


def _months(cell: str, least: int, most: int) -> Any:
    value = number(cell)
    if isinstance(value, Problem):
        return value
    if not float(value).is_integer() or not least <= value <= most:
        return Problem("months_out_of_range", f"“{cell[:60]}” must be whole months, from {least} to {most}.")
    return int(value)


def bedrooms(cell: str) -> Any:
    """A whole number, 0 to 50; a bedsit has none."""
    value = 0 if cell.casefold() in ("bedsit", "studio") else number(cell)
    if not isinstance(value, Problem) and (not float(value).is_integer() or not 0 <= value <= MOST_BEDROOMS):
        return Problem("bedrooms_unknown", f"“{cell[:60]}” is no number of bedrooms. It is kept as unknown.", False)
    return value if isinstance(value, Problem) else int(value)


def quantity(cell: str) -> Any:
    """A number, zero or more, at most a million."""
    value = number(cell)
    if not isinstance(value, Problem) and not 0 <= value <= 1_000_000:
        return Problem("out_of_range", f"“{cell[:60]}” must be between 0 and 1,000,000.")
    return value


def built_year(cell: str) -> Any:
    """A year of building."""
    if DIGITS.fullmatch(cell) and 1000 <= int(cell) <= datetime.now(UTC).year + 10:
        return int(cell)
    return Problem("year_unknown", f"“{cell[:60]}” is not a year of building, such as 1974.", False)


def financial_year(cell: str) -> Any:
    """Calendar year in which a financial year written "2023-24" starts."""
    if found := FINANCIAL_YEAR.fullmatch(cell):
        start, end = int(found[1]), int(found[2])
        follows = end % 100 == (start + 1) % 100 and (end < 100 or end == start + 1)
        if follows and FIRST_YEAR <= start <= datetime.now(UTC).year + 2:
            return start
    return Problem("year_unknown", f"“{cell[:60]}” is not a financial year that is known here. Write it as 2023-24.")


def yes_or_no(cell: str) -> Any:
    """True or False."""
    word = cell.casefold()
    if word in YES or word in NO:
        return word in YES
    return Problem("not_yes_or_no", f"“{cell[:60]}” is neither yes nor no. It is kept as no.", False)


def uprn(cell: str) -> Any:
    """Up to 12 digits, as text with its leading zeros."""
    if cell.isdigit() and cell.isascii() and len(cell) <= LONGEST_UPRN and cell.strip("0") and not cell.endswith("000"):
        return cell
    if SCIENTIFIC.fullmatch(cell) or "E+" in cell.upper():
        return Problem(
            "uprn_scientific",
            f"The UPRN reads “{cell[:30]}”: a spreadsheet has rounded it and the digits are lost. "
            "Format the column as text and enter it again.",
        )
    if ROUNDED_UPRN.fullmatch(cell):
        return Problem(
            "uprn_scientific",
            f"The UPRN reads “{cell[:30]}”: so many zeros at its end say that a spreadsheet has rounded it and the "
            "digits are lost. Format the column as text and enter it again.",
        )
    digits = cell[:-2] if cell.endswith(".0") else cell
    if not DIGITS.fullmatch(digits) or not digits.isascii():
        message = f"The UPRN “{cell[:30]}” has characters that are not digits. It is kept as unknown."
        return Problem("uprn_not_digits", message, False)
    if len(digits) > LONGEST_UPRN:
        return Problem("uprn_too_long", f"The UPRN “{cell[:30]}” has {len(digits)} digits; it has at most 12.")
    if not digits.strip("0"):
        return Problem("uprn_zero", "The UPRN is 0, which no building has. It is kept as unknown.", False)
    return digits


def postcode(cell: str) -> Any:
    """A postcode in its usual form, or the part of one."""
    return normalise_postcode(cell) or Problem(
        "postcode_bad",
        f"“{cell[:30]}” is not a postcode. It is kept as unknown: the building needs another position.",
        False,
    )


def day(cell: str, date_format: str | None = None) -> Any:
    """A date in ISO form. 01/02/2026 could be two days: it needs a format from the layout."""
    if date_format:
        return _formatted_day(cell, date_format)
    try:
        if found := ISO_DATE.fullmatch(cell):
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        if found := SLASHED_DATE.fullmatch(cell):
            first, second, year = (int(part) for part in found.groups())
            if first <= 12 and second <= 12 and first != second:
                return Problem(
                    "date_ambiguous",
                    f"“{cell}” could be two dates. Write it as {year}-{second:02}-{first:02} or the other.",
                )
            return date(year, min(first, second) if first > 12 else first, max(first, second)).isoformat()
    except ValueError:
        return _not_a_date(cell)
    for known in ("%d %B %Y", "%d %b %Y"):
        if not isinstance(found_day := _formatted_day(cell, known), Problem):
            return found_day
    return _not_a_date(cell)


def _formatted_day(cell: str, date_format: str) -> Any:
    try:
        return datetime.strptime(cell, date_format).date().isoformat()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        iso = ISO_DATE.fullmatch(cell)
        return (
            cell[:10] if iso and date_format != "%Y-%m-%d" and not isinstance(day(cell), Problem) else _not_a_date(cell)
        )


def _not_a_date(cell: str) -> Problem:
    return Problem("date_unknown", f"“{cell[:30]}” is not a date. Write year, month and day, such as 2026-02-01.")


def one_of(values: Mapping[str, Any], other: Any = None) -> Parse:
    """A parser that looks a cell up, without regard to case; `other` is what any other text means."""
    known = {" ".join(key.split()).casefold(): value for key, value in values.items()}

    def parse(cell: str) -> Any:
        found = known.get(" ".join(cell.split()).casefold(), other)
        if found is not None:
            return found if found != "" else None
        names = ", ".join(list(values)[:8])
        return Problem(
            "value_unknown", f"“{cell[:60]}” is not known here (known: {names} ...). Kept as unknown.", False
        )

    return parse

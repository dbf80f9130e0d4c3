"""Whole columns of plain cells, read at once.

Nearly every column of a large file holds nothing but plain numbers or plain words. What follows from such a column is
the same as from its cells one by one, by the parsers of `values`; it takes a fifth of the time. A column with anything
else in it is left to them.
"""

from collections.abc import Callable

from estate.register.imports import values

NUMERALS = frozenset("0123456789.+-")


def read_plain(parse: values.Parse, cells: list[str]) -> list[object] | None:
    """One value a cell, None for empty ones; None for a column that must be looked at cell by cell."""
    reader = READERS.get(parse)
    return reader(cells) if reader else None


def _numbers(cells: list[str]) -> list[object] | None:
    """Digits, a sign and a point are what `float` and `values.number` read alike; thousands may have commas."""
    plain = cells
    if any("," in cell for cell in cells):
        if not all(values.GROUPED_NUMBER.fullmatch(cell) for cell in cells if "," in cell):
            return None
        plain = [cell.replace(",", "") for cell in cells]
    if not NUMERALS.issuperset("".join(plain)):
        return None
    try:
        return [float(cell) if cell else None for cell in plain]
    except ValueError:
        return None


def _within(least: float, most: float) -> Callable[[list[str]], list[object] | None]:
    def reader(cells: list[str]) -> list[object] | None:
        found = _numbers(cells)
        numbers = [number for number in found or () if isinstance(number, float)]
        return found if numbers and least <= min(numbers) and max(numbers) <= most else None

    return reader


def _texts(cells: list[str]) -> list[object] | None:
    """Printable text has no white space but spaces; where no two stand together, it is as `values.text` leaves it."""
    is_plain = "".join(cells).isprintable() and "  " not in "\n".join(cells)
    if not is_plain or max(map(len, cells), default=0) > values.LONGEST_TEXT:
        return None
    return [cell or None for cell in cells]


def _uprns(cells: list[str]) -> list[object] | None:
    """Digits, none of them nothing but zeros or with the zeros at its end that a spreadsheet leaves."""
    digits, lines = "".join(cells), "\n".join(("", *cells, ""))
    doubtful = any(ending in lines for ending in ("000\n", "\n0\n", "\n00\n"))
    is_plain = digits.isdigit() and digits.isascii() and max(map(len, cells)) <= values.LONGEST_UPRN
    return [cell or None for cell in cells] if is_plain and not doubtful else None


READERS: dict[values.Parse, Callable[[list[str]], list[object] | None]] = {
    values.text: _texts,
    values.uprn: _uprns,
    values.coordinate: _numbers,
    values.area_m2: _within(0.01, values.LARGEST_AREA_M2),
    values.amount: _within(0.0, values.LARGEST_AMOUNT),
}
"""By the parser of a single cell. Cells come stripped, as `Check.cells` gives them."""

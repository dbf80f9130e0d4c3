"""Figures of a map in words: with their unit in a table, and short in a legend."""

import math
from collections.abc import Callable
from functools import partial

from estate.web.filters import area_m2, is_known, money, number, percent

WRITERS: dict[str, Callable[[float], str]] = {
    "money": money,
    "money_pence": partial(money, decimals=2),
    "percent": percent,
    "m2": area_m2,
    "m2_tenths": lambda value: f"{number(value, 1)}\N{NO-BREAK SPACE}m²",
    "ratio": partial(number, decimals=2),
}
LEGEND_FIGURES = 4
MINUS = "\N{MINUS SIGN}"


def figure_text(unit: str, value: float | None) -> str:
    """One figure with its unit, as plain text; `unknown` for None and NaN."""
    return str(WRITERS[unit](value)) if value is not None and is_known(value) else "unknown"


def legend_text(unit: str) -> Callable[[float], str]:
    """Writes a class's limit: short, but with every figure that the limit has, up to four."""
    if unit.startswith("money"):
        return _short_money
    if unit == "percent":
        return lambda value: f"{_significant(value * 100)}%"
    metres = "\N{NO-BREAK SPACE}m²" if unit.startswith("m2") else ""
    return lambda value: f"{_significant(value)}{metres}"


def signed(value: float | None, text: Callable[[float], str]) -> str:
    """`+£12`, `−£12` or `£0`, where `text` writes a size; `unknown` for None and NaN."""
    if value is None or not is_known(value):
        return "unknown"
    size = text(abs(value))
    if size == text(0):
        return size
    return f"{'+' if value > 0 else MINUS}{size}"


def signed_points(value: float | None) -> str:
    """A difference of two percentages: `+2.5 points`."""
    return signed(value, lambda size: f"{_significant(round(size * 100, 1))}\N{NO-BREAK SPACE}points")


def _short_money(value: float) -> str:
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if abs(value) >= size:
            return f"£{_significant(value / (1e3 if letter == 'k' else size))}{letter}"
    return f"£{_significant(value)}"


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    decimals = LEGEND_FIGURES - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(decimals, 0)}f}".rstrip("0").rstrip(".") if decimals > 0 else f"{rounded:,.0f}"

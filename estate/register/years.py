"""Financial years that start in different months, brought to one: pure.

A year is named by the calendar year in which it starts. One that starts in another month than the year asked for
overlaps it by some months; its amount is taken in that proportion, which is an estimate and is marked as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

MONTHS = 12


@dataclass(frozen=True)
class Part:
    """So many months of the payer's year that starts `offset` calendar years from the year asked for."""

    offset: int
    months: int


def parts_of_year(start_month: int, payer_start_month: int) -> tuple[Part, ...]:
    """The payer's years that make up a year which starts in `start_month`: together twelve months, earliest first.

    Where both start in the same month, the year itself. A payer's year from September makes up the year from April
    2023 by five months of 2022-23 and seven of 2023-24.
    """
    later = payer_start_month - start_month
    if later == 0:
        return (Part(0, MONTHS),)
    return (Part(-1, later), Part(0, MONTHS - later)) if later > 0 else (Part(0, MONTHS + later), Part(1, -later))


def in_year(
    amounts: Mapping[int, Decimal], year_start: int, start_month: int, payer_start_month: int
) -> Decimal | None:
    """What the payer's `amounts` (GBP by its own years) come to in the year asked for, not rounded.

    None where one of the years it needs is unknown: a part of a year is never taken for the whole.
    """
    parts = parts_of_year(start_month, payer_start_month)
    if any(year_start + part.offset not in amounts for part in parts):
        return None
    return sum((amounts[year_start + part.offset] * part.months / MONTHS for part in parts), Decimal(0))

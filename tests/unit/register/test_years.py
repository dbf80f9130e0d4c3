"""Financial years that start in different months, brought to one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.register.years import Part, in_year, parts_of_year

MONTHS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("start", "payer", "expected"),
    [
        (4, 4, (Part(0, 12),)),
        (4, 9, (Part(-1, 5), Part(0, 7))),
        (4, 1, (Part(0, 9), Part(1, 3))),
        (9, 4, (Part(0, 7), Part(1, 5))),
        (1, 12, (Part(-1, 11), Part(0, 1))),
        (12, 1, (Part(0, 1), Part(1, 11))),
    ],
)
def test_a_year_is_made_up_of_parts_of_two(start: int, payer: int, expected: tuple[Part, ...]) -> None:
    assert parts_of_year(start, payer) == expected


@given(MONTHS, MONTHS)
def test_the_parts_are_twelve_months_in_a_row(start: int, payer: int) -> None:
    parts = parts_of_year(start, payer)
    assert sum(part.months for part in parts) == 12
    assert all(part.months > 0 for part in parts)
    # Months since the year 0: the first part begins with the year asked for, the last one ends with it.
    covered = {
        (part.offset * 12 + payer + month)
        for part in parts_of_year(start, payer)
        for month in (range(12 - part.months, 12) if part == parts[0] and len(parts) == 2 else range(part.months))
    }
    assert covered == {start + month for month in range(12)}


@given(MONTHS, MONTHS, st.decimals(0, 10**6, places=2))
def test_even_spending_is_the_same_in_any_year(start: int, payer: int, amount: Decimal) -> None:
    found = in_year({2022: amount, 2023: amount, 2024: amount}, 2023, start, payer)
    assert found == pytest.approx(amount)


def test_amounts_are_taken_by_months() -> None:
    amounts = {2022: Decimal(1200), 2023: Decimal(2400)}
    assert in_year(amounts, 2023, 4, 9) == Decimal(1200) * 5 / 12 + Decimal(2400) * 7 / 12
    assert in_year(amounts, 2023, 4, 4) == Decimal(2400)


def test_a_part_is_never_taken_for_the_whole() -> None:
    assert in_year({2023: Decimal(2400)}, 2023, 4, 9) is None
    assert in_year({2022: Decimal(2400)}, 2023, 4, 9) is None
    assert in_year({2023: Decimal(0), 2022: Decimal(0)}, 2023, 4, 9) == 0
    assert in_year({}, 2023, 4, 4) is None

"""How figures look: unknown is never 0."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from estate.web import filters

SHOWN = [shown for shown in filters.SHOWN if shown not in (filters.estimated, filters.counted)]


@pytest.mark.parametrize("shown", SHOWN)
def test_none_is_unknown(shown: Any) -> None:
    assert shown(None) == filters.UNKNOWN
    assert "0" not in shown(None)


@pytest.mark.parametrize("shown", [filters.money, filters.number, filters.area_m2, filters.percent])
def test_not_a_number_is_unknown(shown: Any) -> None:
    assert shown(float("nan")) == filters.UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (filters.money(Decimal("1234567.5")), "£1,234,568"),
        (filters.money(Decimal("0")), "£0"),
        (filters.money(Decimal("-1200")), "−£1,200"),
        (filters.money(Decimal("12.345"), 2), "£12.35"),
        (filters.money_short(1_250_000), "£1.3m"),
        (filters.money_short(250_000_000), "£250m"),
        (filters.money_short(3_200_000_000), "£3.2bn"),
        (filters.money_short(34_400), "£34.4k"),
        (filters.money_short(560), "£560"),
        (filters.money_short(-1_500), "−£1.5k"),
        (filters.number(0), "0"),
        (filters.number(12.25, 1), "12.3"),
        (filters.number_short(1_714_612), "1.7m"),
        (filters.counted(1, "building"), "1 building"),
        (filters.counted(1200, "building"), "1,200 buildings"),
        (filters.area_m2(Decimal("1999.6")), "2,000\xa0m²"),
        (filters.percent(0.125), "13%"),
        (filters.percent(Decimal("0.125"), 1), "12.5%"),
        (filters.day(date(2026, 3, 3)), "3 March 2026"),
        (filters.day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)), "1 July 2026"),
        (filters.moment(datetime(2026, 6, 30, 12, 5, tzinfo=UTC)), "30 June 2026 at 13:05"),
        (filters.financial_year(2024), "2024-25"),
        (filters.financial_year(1999), "1999-00"),
        (filters.words("asset_manager"), "Asset manager"),
        (filters.words("pfi"), "PFI"),
        (filters.or_unknown(False), "no"),
        (filters.or_unknown(0), 0),
    ],
)
def test_how_it_looks(text: Any, expected: Any) -> None:
    assert text == expected


def test_an_estimate_is_marked_and_its_text_escaped() -> None:
    assert filters.estimated("<b>", True) == '&lt;b&gt; <span class="estimate">estimate</span>'
    assert filters.estimated("£5", False) == "£5"

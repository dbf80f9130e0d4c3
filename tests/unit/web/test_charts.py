"""The running-cost chart's numbers."""

from decimal import Decimal

import pytest

from estate.register.details import CostTable, cost_table
from estate.register.models import CostCategory, RunningCost
from estate.web.charts import HEIGHT, MOST_SERIES, WIDTH, cost_chart


def cost(code: str, year: int, amount: int, **fields: object) -> RunningCost:
    category = CostCategory(code=code, name=code.title(), sort=ord(code[0]))
    return RunningCost(category_code=code, category=category, year_start=year, amount=Decimal(amount), **fields)


def test_payers_are_added_up_and_unknown_stays_unknown() -> None:
    table = cost_table([cost("energy", 2024, 10), cost("energy", 2024, 5, is_estimate=True), cost("rates", 2023, 7)])
    assert table.years == [2023, 2024]
    assert table.amounts == {("energy", 2024): 15, ("rates", 2023): 7}
    assert table.amounts.get(("energy", 2023)) is None
    assert table.total(2022) is None
    assert table.is_estimate(2024)
    assert not table.is_estimate(2023)


def test_only_the_newest_years_are_shown() -> None:
    assert cost_table([cost("energy", year, 1) for year in range(2010, 2025)]).years == [2020, 2021, 2022, 2023, 2024]


def test_bars_stand_on_the_axis_and_reach_their_total() -> None:
    chart = cost_chart(cost_table([cost("energy", 2023, 100), cost("rates", 2023, 400), cost("energy", 2024, 200)]))
    assert chart is not None
    first, second = chart.bars
    for bar in chart.bars:
        lowest = max(bar.pieces, key=lambda piece: piece.y)
        assert lowest.y + lowest.height == pytest.approx(chart.base, abs=0.2)
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
    assert sum(piece.height for piece in first.pieces) == pytest.approx(
        2.5 * sum(p.height for p in second.pieces), abs=0.3
    )
    assert first.y > 0
    assert chart.key[0] == (1, "Rates")


def test_many_categories_share_the_last_colour() -> None:
    table = cost_table([cost(code, 2024, 100 - place) for place, code in enumerate("abcdefghijkl")])
    chart = cost_chart(table)
    assert chart is not None
    assert [series for series, _ in chart.key] == list(range(1, MOST_SERIES + 1))
    assert chart.key[-1][1] == "All others"
    assert sum(piece.amount for piece in chart.bars[0].pieces) == table.total(2024)


@pytest.mark.parametrize("table", [CostTable([], [], {}, frozenset()), cost_table([cost("energy", 2024, 0)])])
def test_nothing_to_draw(table: CostTable) -> None:
    assert cost_chart(table) is None
    assert HEIGHT > 0

import math

import pandas
import pytest
from pandas import DataFrame

from estate.register import costs
from estate.register.measures import MEASURES, UnknownMeasure, get_measure

NAN = math.nan


def statistics(**columns: list[float]) -> DataFrame:
    size = len(next(iter(columns.values())))
    blank = {name: [0.0 if name.endswith("_count") else NAN] * size for name in costs.SUMS}
    return DataFrame({**blank, "population": [NAN] * size, **columns})


def test_cost_per_m2_uses_only_buildings_with_both_known() -> None:
    frame = statistics(cost=[1000.0], area_cost=[600.0], area_m2=[6.0])
    assert costs.running_cost_per_m2(frame).tolist() == [100.0]


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_unknown_stays_unknown(name: str) -> None:
    assert MEASURES[name].figure(statistics(cost=[NAN])).isna().all()


def test_nothing_is_divided_by_zero() -> None:
    frame = statistics(cost=[10.0], fte_cost=[10.0], fte=[0.0], population=[0.0], people=[0.0], capacity=[NAN])
    assert costs.running_cost_per_fte(frame).isna().all()
    assert costs.running_cost_per_head(frame).isna().all()
    assert costs.occupancy(frame).isna().all()


def test_a_known_zero_is_zero() -> None:
    frame = statistics(cost=[0.0], people=[0.0], capacity=[5.0], vacant_m2=[0.0], population=[100.0])
    assert costs.running_cost(frame).tolist() == [0]
    assert costs.running_cost_per_head(frame).tolist() == [0]
    assert costs.occupancy(frame).tolist() == [0]
    assert costs.vacant_m2(frame).tolist() == [0]


def test_estimated_share() -> None:
    frame = statistics(cost=[100.0, 100.0, NAN, 0.0], estimated_cost=[25.0, NAN, NAN, NAN])
    assert costs.estimated_share(frame).tolist()[:2] == [0.25, 0.0]
    assert math.isnan(costs.estimated_share(frame)[2])
    assert costs.estimated_share(frame)[3] == 0.0


def test_totals_are_exact_to_the_penny() -> None:
    total = costs.totals(statistics(cost=[0.1] * 10 + [NAN]))
    assert total["cost"][0] == 1.0
    assert math.isnan(total["area_m2"][0])


def test_total_population_needs_every_area() -> None:
    known = costs.totals(statistics(cost=[1.0, 2.0], population=[10.0, 20.0]))
    partly = costs.totals(statistics(cost=[1.0, 2.0], population=[10.0, NAN]))
    assert costs.running_cost_per_head(known).tolist() == [0.1]
    assert costs.running_cost_per_head(partly).isna().all()


def test_totals_of_nothing() -> None:
    total = costs.totals(statistics(cost=[1.0]).iloc[:0])
    assert pandas.isna(total["cost"][0])
    assert total["building_count"].isna().all() or total["building_count"][0] == 0


def test_unknown_measure_says_so() -> None:
    with pytest.raises(UnknownMeasure) as error:
        get_measure("x" * 100)
    assert "no such measure" in error.value.message
    assert len(error.value.fields["measure"]) < 80

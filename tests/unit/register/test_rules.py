"""The register's rules, field by field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from estate.errors import InvalidInput
from estate.register import rules
from estate.register.models import BuildingStatus


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 2001}),
        ("name", {"name": "a\x00b"}),
        ("uprn", {"uprn": "1.00E+11"}),
        ("uprn", {"uprn": "1234567890123"}),
        ("uprn", {"uprn": "١٢٣"}),
        ("net_internal_area_m2", {"net_internal_area_m2": Decimal(0)}),
        ("net_internal_area_m2", {"net_internal_area_m2": Decimal("NaN")}),
        ("net_internal_area_m2", {"net_internal_area_m2": Decimal("Infinity")}),
        ("gross_internal_area_m2", {"gross_internal_area_m2": Decimal(-5)}),
        ("net_internal_area_m2", {"net_internal_area_m2": Decimal(200), "gross_internal_area_m2": Decimal(100)}),
        ("latitude", {"latitude": 91.0, "longitude": 0.0}),
        ("longitude", {"latitude": 53.0, "longitude": float("nan")}),
        ("longitude", {"latitude": 53.0, "longitude": None}),
        ("latitude", {"latitude": None, "longitude": 1.0}),
        ("protected_reason", {"is_protected": True, "protected_reason": " "}),
        ("built_year", {"built_year": 20250}),
        ("status", {"status": BuildingStatus.RETIRED}),
    ],
)
def test_a_building_that_breaks_a_rule(field: str, values: dict[str, Any]) -> None:
    assert list(rules.building_errors(values)) == [field]


def test_a_building_of_which_little_is_known() -> None:
    unknown = {"name": "Hall", "uprn": None, "net_internal_area_m2": None, "latitude": None, "longitude": None}
    assert rules.building_errors(unknown) == {}
    assert rules.building_errors({"uprn": "000012345678", "latitude": 0.0, "longitude": 0.0}) == {}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("lease_end_on", {"lease_start_on": date(2020, 1, 1), "lease_end_on": date(2020, 1, 1)}),
        ("break_on", {"lease_end_on": date(2020, 1, 1), "break_on": date(2021, 1, 1)}),
        ("break_on", {"lease_start_on": date(2020, 1, 1), "break_on": date(2019, 1, 1)}),
        ("rent_per_year", {"rent_per_year": Decimal(-1)}),
        ("rent_per_year", {"rent_per_year": Decimal(10) ** 12}),
    ],
)
def test_an_interest_that_breaks_a_rule(field: str, values: dict[str, Any]) -> None:
    assert list(rules.interest_errors(values)) == [field]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("team", {"team": ""}),
        ("fte", {"team": "A", "fte": Decimal("NaN")}),
        ("area_m2", {"team": "A", "area_m2": Decimal(0)}),
        ("workstations", {"team": "A", "workstations": -1}),
    ],
)
def test_an_occupation_that_breaks_a_rule(field: str, values: dict[str, Any]) -> None:
    assert list(rules.occupation_errors(values)) == [field]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("amount", {"amount": None}),
        ("amount", {"amount": Decimal("-0.01")}),
        ("amount", {"amount": Decimal("Infinity")}),
        ("year_start", {"year_start": 1989}),
        ("source", {"source": " "}),
    ],
)
def test_a_cost_that_breaks_a_rule(field: str, values: dict[str, Any]) -> None:
    assert list(rules.cost_errors(values)) == [field]


def test_nothing_is_a_cost_too() -> None:
    assert rules.cost_errors({"amount": Decimal(0), "year_start": 2024, "source": "ledger"}) == {}


@pytest.mark.parametrize("ended_on", [None, date(1, 1, 1), date(9999, 1, 1)])
def test_an_ending_needs_a_sensible_date(ended_on: date | None) -> None:
    assert list(rules.ending_errors(ended_on)) == ["ended_on"]


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_is_more_than_blanks(reason: str) -> None:
    with pytest.raises(rules.ReasonMissing) as caught:
        rules.require_reason(reason)
    assert isinstance(caught.value, InvalidInput)
    assert "reason" in caught.value.fields

"""Pinned facts in words, for people who compare what was with what is."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

UNKNOWN = "unknown"

LABELS = {
    "name": "Name",
    "uprn": "UPRN",
    "street": "Street",
    "post_town": "Post town",
    "postcode": "Postcode",
    "status": "Status",
    "agency": "Agency",
    "use": "Use",
    "gross_internal_area_m2": "Floor area, GIA",
    "net_internal_area_m2": "Floor area, NIA",
    "is_listed": "Listed",
    "is_protected": "Protected",
    "protected_reason": "Why protected",
    "longitude": "Longitude",
    "latitude": "Latitude",
    "interests": "Interests",
    "occupations": "Occupations",
    "running_cost": "Running cost",
    "valuation": "Valuation",
    "condition": "Condition",
}
"""The facts that are compared, and what people call them."""


def in_words(name: str, value: Any) -> str:
    """The fact `name` with this value, as a short text; `unknown` where there is none."""
    if value is None or value == []:
        return {"interests": "none known", "occupations": "none known"}.get(name, UNKNOWN)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return WORDERS.get(name, str)(value)


def money(amount: str | None) -> str:
    """`£1,234` of a decimal string; `unknown` of None."""
    return UNKNOWN if amount is None else f"£{Decimal(amount):,.0f}"


def square_metres(amount: str | None) -> str:
    """`1,234 m2` of a decimal string; `unknown` of None."""
    return UNKNOWN if amount is None else f"{Decimal(amount):,.0f} m²"


def day(value: str | None) -> str:
    """`3 March 2026` of an ISO date; `unknown` of None."""
    if value is None:
        return UNKNOWN
    on = date.fromisoformat(value[:10])
    return f"{on.day} {on:%B %Y}"


def financial_year(year_start: int) -> str:
    """`2023-24` of the calendar year in which it starts."""
    return f"{year_start}-{(year_start + 1) % 100:02d}"


def interest(row: dict[str, Any]) -> str:
    """`Leasehold of Police until 31 March 2030`."""
    text = f"{row['tenure'].replace('_', ' ').capitalize()} of {row['agency']}"
    until = f" until {day(row['lease_end_on'])}" if row["lease_end_on"] else ""
    rent = f", rent {money(row['rent_per_year'])} a year" if row["rent_per_year"] else ""
    breaks = f", break on {day(row['break_on'])}" if row["break_on"] else ""
    return text + until + breaks + rent


def occupation(row: dict[str, Any]) -> str:
    """`Housing advice of Trafford Council (120 m2, 12 FTE)`."""
    figures = [square_metres(row["area_m2"])] if row["area_m2"] else []
    figures += [f"{row['fte']} FTE"] if row["fte"] else []
    return f"{row['team']} of {row['agency']}" + (f" ({', '.join(figures)})" if figures else "")


def _each(worder: Callable[[dict[str, Any]], str]) -> Callable[[list[dict[str, Any]]], str]:
    return lambda rows: "; ".join(worder(row) for row in rows)


WORDERS: dict[str, Callable[[Any], str]] = {
    "agency": lambda value: str(value["name"]),
    "use": lambda value: str(value["name"]),
    "status": lambda value: str(value).replace("_", " "),
    "gross_internal_area_m2": square_metres,
    "net_internal_area_m2": square_metres,
    "interests": _each(interest),
    "occupations": _each(occupation),
    "running_cost": lambda value: (
        f"{money(value['amount'])} in {financial_year(value['year_start'])}"
        + (", estimated" if value["is_estimate"] else "")
    ),
    "valuation": lambda value: f"{money(value['amount'])}, {value['basis']}, {day(value['valued_on'])}",
    "condition": lambda value: f"{value['grade'] or UNKNOWN}, surveyed on {day(value['surveyed_on'])}",
}

"""What a building, interest, occupation, cost or count must satisfy before it is stored: each rule with its sentence.

The database holds the same rules as constraints; here they answer field by field, so that a form can show them.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from estate.errors import Conflict, InvalidInput
from estate.register.constraints import SENTENCES
from estate.register.models import BuildingStatus

LARGEST_AREA_M2 = Decimal(5_000_000)
LARGEST_AMOUNT = Decimal(10) ** 11
LONGEST_TEXT = 2000


class ReasonMissing(InvalidInput):
    """Say why you make this change: the reason is kept with it."""


class ChangedMeanwhile(Conflict):
    """Somebody changed this since you opened it, so nothing was saved. Compare both versions and decide."""


class Retired(Conflict):
    """The record was retired, so it can't be changed any more."""


class NotKnown(InvalidInput):
    """A change names a field that can't be changed."""


Errors = dict[str, str]


def require_valid(errors: Errors) -> None:
    """Raise `InvalidInput` with every broken rule by field; nothing where none is broken."""
    if errors:
        raise InvalidInput(fields=errors)


def require_reason(reason: str) -> str:
    """The reason, trimmed. Raises `ReasonMissing`."""
    trimmed = reason.strip()
    if not trimmed:
        raise ReasonMissing(fields={"reason": "Say why you make this change"})
    return trimmed


def require_version(row: Any, version: int) -> None:
    """Raise `ChangedMeanwhile` unless the row still has the version that was read."""
    if row.version != version:
        raise ChangedMeanwhile


def text_errors(values: Mapping[str, Any]) -> Errors:
    """Texts that are too long, or hold characters that no text has."""
    errors: Errors = {}
    for name, value in values.items():
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            errors[name] = f"This must be {LONGEST_TEXT:,} characters or fewer"
        elif isinstance(value, str) and re.search(r"[\x00\ud800-\udfff]", value):
            errors[name] = "This contains characters that can't be stored. Type it anew"
    return errors


def number_errors(values: Mapping[str, Any], limits: Mapping[str, tuple[Decimal, Decimal, str]]) -> Errors:
    """Numbers that are not finite or outside `limits` (least, most, sentence), by field. None passes."""
    errors: Errors = {}
    for name, (least, most, sentence) in limits.items():
        value = values.get(name)
        if value is not None and (not Decimal(value).is_finite() or not least <= value <= most):
            errors[name] = sentence
    return errors


SMALLEST_AREA = Decimal("0.01")
BUILDING_NUMBERS = {
    "gross_internal_area_m2": (SMALLEST_AREA, LARGEST_AREA_M2, SENTENCES["ck_building_gia_is_positive"]),
    "net_internal_area_m2": (SMALLEST_AREA, LARGEST_AREA_M2, SENTENCES["ck_building_nia_is_positive"]),
    "built_year": (Decimal(1000), Decimal(2100), "Enter the year of completion, from 1000 to 2100"),
    "latitude": (Decimal(-90), Decimal(90), "The latitude must be from -90 to 90"),
    "longitude": (Decimal(-180), Decimal(180), "The longitude must be from -180 to 180"),
}
INTEREST_NUMBERS = {
    "rent_per_year": (Decimal(0), LARGEST_AMOUNT, SENTENCES["ck_interest_rent"]),
    "break_penalty": (Decimal(0), LARGEST_AMOUNT, SENTENCES["ck_interest_break_penalty"]),
    "break_notice_months": (Decimal(0), Decimal(120), SENTENCES["ck_interest_break_notice_months"]),
    "review_every_months": (Decimal(1), Decimal(600), SENTENCES["ck_interest_review_every_months"]),
}
OCCUPATION_NUMBERS = {
    "area_m2": (SMALLEST_AREA, LARGEST_AREA_M2, SENTENCES["ck_occupation_area"]),
    "workstations": (Decimal(0), Decimal(100_000), SENTENCES["ck_occupation_workstations"]),
    "fte": (Decimal(0), Decimal(100_000), SENTENCES["ck_occupation_fte"]),
}
COST_NUMBERS = {
    "amount": (Decimal(0), LARGEST_AMOUNT, SENTENCES["ck_running_cost_amount"]),
    "year_start": (Decimal(1990), Decimal(2100), SENTENCES["ck_running_cost_year_start"]),
}

COUNT_NUMBERS = {
    "average": (Decimal(0), Decimal(1_000_000), SENTENCES["ck_occupancy_observation_average"]),
    "peak": (Decimal(0), Decimal(1_000_000), "The peak must be 0 people or more. Leave it empty where it is unknown."),
    "capacity": (Decimal(1), Decimal(1_000_000), SENTENCES["ck_occupancy_observation_capacity"]),
    "hours_available": (Decimal("0.01"), Decimal(100_000), SENTENCES["ck_occupancy_observation_hours_available"]),
    "hours_used": (Decimal(0), Decimal(100_000), SENTENCES["ck_occupancy_observation_hours_used"]),
    "vacant_m2": (Decimal(0), LARGEST_AREA_M2, "The vacant area must be 0 m² or more. Leave it empty where unknown."),
}


def building_errors(values: Mapping[str, Any]) -> Errors:
    """Broken rules of a building's facts."""
    errors = {**text_errors(values), **number_errors(values, BUILDING_NUMBERS)}
    if "name" in values and not (values["name"] or "").strip():
        errors["name"] = SENTENCES["ck_building_has_name"]
    if values.get("uprn") and not re.fullmatch(r"[0-9]{1,12}", values["uprn"]):
        errors["uprn"] = SENTENCES["ck_building_uprn_is_digits"]
    if values.get("is_protected") and not (values.get("protected_reason") or "").strip():
        errors["protected_reason"] = SENTENCES["ck_building_protection_has_reason"]
    if (values.get("latitude") is None) != (values.get("longitude") is None):
        missing = "latitude" if values.get("latitude") is None else "longitude"
        errors[missing] = "Enter both latitude and longitude, or neither"
    if values.get("status") is BuildingStatus.RETIRED:
        errors["status"] = "Use “Retire this record” instead"
    net, gross = values.get("net_internal_area_m2"), values.get("gross_internal_area_m2")
    if not errors and net is not None and gross is not None and net > gross:
        errors["net_internal_area_m2"] = "The net internal area can't be more than the gross internal area"
    return errors


def interest_errors(values: Mapping[str, Any]) -> Errors:
    """Broken rules of an interest."""
    errors = {**text_errors(values), **number_errors(values, INTEREST_NUMBERS)}
    start, end = values.get("lease_start_on"), values.get("lease_end_on")
    if start and end and end <= start:
        errors["lease_end_on"] = SENTENCES["ck_interest_lease_dates"]
    for name in ("break_on", "break_earliest_on", "break_last_on"):
        day = values.get(name)
        if day and ((start and day < start) or (end and day > end)):
            errors[name] = "The break must lie within the lease"
    earliest, last = values.get("break_earliest_on"), values.get("break_last_on")
    if earliest and last and last < earliest:
        errors["break_last_on"] = SENTENCES["ck_interest_break_window"]
    given = values.get("notice_given_on")
    if given and start and given < start:
        errors["notice_given_on"] = "The notice can't have been given before the lease started"
    return errors


def occupation_errors(values: Mapping[str, Any]) -> Errors:
    """Broken rules of an occupation."""
    errors = {**text_errors(values), **number_errors(values, OCCUPATION_NUMBERS)}
    if "team" in values and not (values["team"] or "").strip():
        errors["team"] = "Give the team's name"
    return errors


def cost_errors(values: Mapping[str, Any]) -> Errors:
    """Broken rules of a running cost."""
    errors = {**text_errors(values), **number_errors(values, COST_NUMBERS)}
    if "amount" in values and values["amount"] is None:
        errors["amount"] = "Enter the amount"
    if "source" in values and not (values["source"] or "").strip():
        errors["source"] = "Say where the figure comes from, such as the ledger or an invoice"
    return errors


def count_errors(values: Mapping[str, Any]) -> Errors:
    """Broken rules of a count of people."""
    errors = {**text_errors(values), **number_errors(values, COUNT_NUMBERS)}
    day, start = values.get("observed_on"), values.get("period_start_on")
    if day is None:
        errors["observed_on"] = "Enter the day of the count, or the last day of its period"
    elif not date(1990, 1, 1) <= day <= date.today() + timedelta(days=1):  # noqa: DTZ011  (a local calendar day)
        errors["observed_on"] = "The count must lie between 1990 and today. Check the year"
    elif start is not None and start > day:
        errors["period_start_on"] = SENTENCES["ck_occupancy_observation_period"]
    average, peak = values.get("average"), values.get("peak")
    if not errors and average is not None and peak is not None and peak < average:
        errors["peak"] = SENTENCES["ck_occupancy_observation_peak_is_highest"]
    available, used = values.get("hours_available"), values.get("hours_used")
    if not errors and used is not None and available is not None and used > available:
        errors["hours_used"] = SENTENCES["ck_occupancy_observation_hours_used"]
    if average is None and peak is None and values.get("vacant_m2") is None:
        errors.setdefault("average", "Enter the average, the peak or the vacant area: a count without any says nothing")
    if not (values.get("source") or "").strip():
        errors["source"] = "Say where the count comes from, such as a survey or the door passes"
    return errors


def ending_errors(ended_on: date | None) -> Errors:
    """Broken rules of an ending."""
    if ended_on is None:
        return {"ended_on": "Enter the date on which it ended"}
    return {} if date(1900, 1, 1) <= ended_on <= date(2200, 1, 1) else {"ended_on": "Check the year of this date"}

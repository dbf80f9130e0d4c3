"""The only writer, by hand, of what belongs to a building: interests, occupations, costs, budgets, counts of people.

The rules are those of `estate.register.changes`: an actor, a reason, a version, an Event in the building's history.
Nothing is deleted: an interest or a team's stay that is over is ended, with a date and a reason; a wrong count is
retired, with a reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import Conflict
from estate.register import rules
from estate.register.areas import assign_areas
from estate.register.changes import Changes, keep_event, known_fields, plain, require_open, set_fields
from estate.register.constraints import SENTENCES
from estate.register.models import Building, Interest, OccupancyObservation, Occupation, PlannedCost, RunningCost

INTEREST_FIELDS = (
    "agency_id",
    "tenure",
    "tenure_detail",
    "landlord",
    "lease_start_on",
    "lease_end_on",
    "break_on",
    "break_earliest_on",
    "break_last_on",
    "break_notice_months",
    "break_penalty",
    "notice_given_on",
    "review_on",
    "review_every_months",
    "repair_liability",
    "rent_per_year",
)
OCCUPATION_FIELDS = ("agency_id", "service_code", "team", "area_m2", "workstations", "fte", "is_public_counter")
COST_FIELDS = ("agency_id", "category_code", "year_start", "amount", "is_estimate", "source")

PLAN_FIELDS = ("agency_id", "category_code", "year_start", "kind", "amount", "source")

COUNT_FIELDS = (
    "observed_on",
    "period_start_on",
    "method",
    "average",
    "peak",
    "capacity",
    "hours_available",
    "hours_used",
    "vacant_m2",
    "source",
)

COST_KEY = "uq_running_cost_building_id_agency_id_category_code_year_start"

PLAN_KEY = "uq_planned_cost_key"

COUNT_KEY = "uq_occupancy_observation_key"

Part = TypeVar("Part", Interest, Occupation, RunningCost, PlannedCost, OccupancyObservation)


class Ended(Conflict):
    """What is over already can't be changed any more. Add a new one instead."""


@dataclass(frozen=True)
class _Deed:
    """Who does what, and why."""

    actor: int | None
    action: str
    reason: str


def add_interest(session: Session, building: Building, *, actor: int | None, reason: str, **fields: Any) -> Interest:
    """A further interest in a building."""
    rules.require_valid(rules.interest_errors(fields))
    return _add(session, building, Interest(), fields, INTEREST_FIELDS, _Deed(actor, "add_interest", reason))


def change_interest(
    session: Session, interest: Interest, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Change an interest; gives what changed."""
    whole = {name: getattr(interest, name) for name in INTEREST_FIELDS} | fields
    rules.require_valid(rules.interest_errors(whole))
    return _change(session, interest, fields, INTEREST_FIELDS, version, _Deed(actor, "change_interest", reason))


def add_occupation(
    session: Session, building: Building, *, actor: int | None, reason: str, **fields: Any
) -> Occupation:
    """A team that sits in a building."""
    rules.require_valid(rules.occupation_errors({"team": "", **fields}))
    return _add(session, building, Occupation(), fields, OCCUPATION_FIELDS, _Deed(actor, "add_occupation", reason))


def change_occupation(
    session: Session, occupation: Occupation, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Change an occupation; gives what changed."""
    whole = {name: getattr(occupation, name) for name in OCCUPATION_FIELDS} | fields
    rules.require_valid(rules.occupation_errors(whole))
    return _change(session, occupation, fields, OCCUPATION_FIELDS, version, _Deed(actor, "change_occupation", reason))


def end_part(
    session: Session,
    part: Interest | Occupation,
    *,
    version: int,
    actor: int | None,
    reason: str,
    ended_on: date | None,
) -> None:
    """Say that an interest, or a team's stay, is over."""
    rules.require_valid(rules.ending_errors(ended_on))
    action = "end_interest" if isinstance(part, Interest) else "end_occupation"
    fields = {"ended_on": ended_on, "ended_reason": rules.require_reason(reason)}
    _change(session, part, fields, ("ended_on", "ended_reason"), version, _Deed(actor, action, reason))  # type: ignore[type-var]


def add_cost(session: Session, building: Building, *, actor: int | None, reason: str, **fields: Any) -> RunningCost:
    """What one agency paid for one category and financial year, where nothing is stored yet."""
    rules.require_valid(rules.cost_errors({"amount": None, "source": "", **fields}))
    key = {name: fields.get(name) for name in ("agency_id", "category_code", "year_start")}
    if session.scalar(select(RunningCost.id).filter_by(building_id=building.id, **key)) is not None:
        rules.require_valid({"category_code": SENTENCES[COST_KEY]})
    return _add(session, building, RunningCost(), fields, COST_FIELDS, _Deed(actor, "add_cost", reason))


def change_cost(
    session: Session, cost: RunningCost, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Change the amount of a cost, whether it is an estimate, and its source. Payer, category and year stay."""
    whole = {name: getattr(cost, name) for name in COST_FIELDS} | fields
    rules.require_valid(rules.cost_errors(whole))
    fields_that_change = ("amount", "is_estimate", "source")
    return _change(session, cost, fields, fields_that_change, version, _Deed(actor, "change_cost", reason))


def add_plan(session: Session, building: Building, *, actor: int | None, reason: str, **fields: Any) -> PlannedCost:
    """A budget or forecast of one agency for one category and financial year, where nothing is stored yet."""
    rules.require_valid(rules.cost_errors({"amount": None, "source": "", **fields}))
    key = {name: fields.get(name) for name in ("agency_id", "category_code", "year_start", "kind")}
    if session.scalar(select(PlannedCost.id).filter_by(building_id=building.id, **key)) is not None:
        rules.require_valid({"category_code": SENTENCES[PLAN_KEY]})
    return _add(session, building, PlannedCost(), fields, PLAN_FIELDS, _Deed(actor, "add_plan", reason))


def change_plan(
    session: Session, plan: PlannedCost, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Change the amount of a budget or forecast and its source. Payer, category, year and kind stay."""
    whole = {name: getattr(plan, name) for name in PLAN_FIELDS} | fields
    rules.require_valid(rules.cost_errors(whole))
    return _change(session, plan, fields, ("amount", "source"), version, _Deed(actor, "change_plan", reason))


def add_count(
    session: Session, building: Building, *, actor: int | None, reason: str, **fields: Any
) -> OccupancyObservation:
    """A count of people, where none of that day and method is in force."""
    rules.require_valid(rules.count_errors({"average": None, "source": "", **fields}))
    _require_only_count(session, building.id, None, fields)
    return _add(session, building, OccupancyObservation(), fields, COUNT_FIELDS, _Deed(actor, "add_count", reason))


def change_count(
    session: Session, count: OccupancyObservation, *, version: int, actor: int | None, reason: str, **fields: Any
) -> Changes:
    """Correct a count; gives what changed."""
    whole = {name: getattr(count, name) for name in COUNT_FIELDS} | fields
    rules.require_valid(rules.count_errors(whole))
    _require_only_count(session, count.building_id, count.id, whole)
    return _change(session, count, fields, COUNT_FIELDS, version, _Deed(actor, "change_count", reason))


def retire_count(
    session: Session, count: OccupancyObservation, *, version: int, actor: int | None, reason: str
) -> None:
    """Take a wrong count out of use: nothing is worked out from it any more, and another may take its place."""
    fields = {"retired_at": datetime.now(UTC), "retired_reason": rules.require_reason(reason)}
    _change(session, count, fields, tuple(fields), version, _Deed(actor, "retire_count", reason))


def _require_only_count(session: Session, building_id: int, own_id: int | None, fields: Mapping[str, Any]) -> None:
    """Raise `InvalidInput` where another count of the same day and method is in force."""
    key = {name: fields.get(name) for name in ("observed_on", "method")}
    query = select(OccupancyObservation.id).filter_by(building_id=building_id, retired_at=None, **key)
    if session.scalar(query.where(OccupancyObservation.id != (own_id or 0))) is not None:
        rules.require_valid({"observed_on": SENTENCES[COUNT_KEY]})


def _add(
    session: Session, building: Building, part: Part, fields: Mapping[str, Any], names: Collection[str], deed: _Deed
) -> Part:
    reason = rules.require_reason(deed.reason)
    require_open(building)
    part.building_id = building.id
    changes = set_fields(part, known_fields(fields, names))
    session.add(part)
    keep_event(session, building, deed.actor, deed.action, reason, changes)
    _follow(session, part)
    return part


def _change(
    session: Session, part: Part, fields: Mapping[str, Any], names: Collection[str], version: int, deed: _Deed
) -> Changes:
    reason = rules.require_reason(deed.reason)
    require_open(part.building)
    rules.require_version(part, version)
    is_over = part.ended_on if isinstance(part, Interest | Occupation) else getattr(part, "retired_at", None)
    if is_over is not None:
        raise Ended
    named = _names_of(part)
    changes = set_fields(part, known_fields(fields, names))
    changes.pop("retired_at", None)  # The event has a time of its own.
    if changes:
        keep_event(session, part.building, deed.actor, deed.action, reason, {**named, **changes})
        _follow(session, part)
    return changes


def _follow(session: Session, part: Interest | Occupation | RunningCost | PlannedCost | OccupancyObservation) -> None:
    """Of several records of a building the freeholder's position goes first: with it the areas may change."""
    if isinstance(part, Interest):
        assign_areas(session, [part.building_id])


def _names_of(part: Interest | Occupation | RunningCost | PlannedCost | OccupancyObservation) -> dict[str, Any]:
    """What tells this part from the building's others, for the history: unchanged, so before and after are one."""
    named: dict[str, Any]
    if isinstance(part, Occupation):
        named = {"team": part.team}
    elif isinstance(part, Interest):
        named = {"tenure": plain(part.tenure)}
    elif isinstance(part, OccupancyObservation):
        named = {"observed_on": plain(part.observed_on), "method": plain(part.method)}
    else:
        named = {"category_code": part.category_code, "year_start": part.year_start}
        if isinstance(part, PlannedCost):
            named["kind"] = plain(part.kind)
    return {name: [value, value] for name, value in named.items()}

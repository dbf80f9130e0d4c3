"""The only writer, by hand, of what belongs to a building: interests, occupations, running costs and their budgets.

The rules are those of `estate.register.changes`: an actor, a reason, a version, an Event in the building's history.
Nothing is deleted: an interest or a team's stay that is over is ended, with a date and a reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import Conflict
from estate.register import rules
from estate.register.areas import assign_areas
from estate.register.changes import Changes, keep_event, known_fields, plain, require_open, set_fields
from estate.register.constraints import SENTENCES
from estate.register.models import Building, Interest, Occupation, PlannedCost, RunningCost

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

COST_KEY = "uq_running_cost_building_id_agency_id_category_code_year_start"

PLAN_KEY = "uq_planned_cost_key"

Part = TypeVar("Part", Interest, Occupation, RunningCost, PlannedCost)


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
    if isinstance(part, Interest | Occupation) and part.ended_on is not None:
        raise Ended
    changes = set_fields(part, known_fields(fields, names))
    if changes:
        keep_event(session, part.building, deed.actor, deed.action, reason, {**_names_of(part), **changes})
        _follow(session, part)
    return changes


def _follow(session: Session, part: Interest | Occupation | RunningCost | PlannedCost) -> None:
    """Of several records of a building the freeholder's position goes first: with it the areas may change."""
    if isinstance(part, Interest):
        assign_areas(session, [part.building_id])


def _names_of(part: Interest | Occupation | RunningCost | PlannedCost) -> dict[str, Any]:
    """What tells this part from the building's others, for the history: unchanged, so before and after are one."""
    named: dict[str, Any]
    if isinstance(part, Occupation):
        named = {"team": part.team}
    elif isinstance(part, Interest):
        named = {"tenure": plain(part.tenure)}
    else:
        named = {"category_code": part.category_code, "year_start": part.year_start}
        if isinstance(part, PlannedCost):
            named["kind"] = plain(part.kind)
    return {name: [value, value] for name, value in named.items()}

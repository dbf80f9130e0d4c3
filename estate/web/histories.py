"""Events in words: what was done, and each changed field with its value before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from estate.audit import Event
from estate.register.details import Happening
from estate.web.filters import UNKNOWN, words

ACTIONS = {
    "add_building": "Building added",
    "import_building": "Building brought in by a file",
    "change_building": "Facts changed",
    "undo_import": "Import undone",
    "undo_edit": "Change of many buildings undone",
    "retire_building": "Record retired",
    "name_site_of_building": "Site named",
    "choose_value_of_building": "Value chosen by a steward",
    "take_back_value_of_building": "Chosen value taken back",
    "add_interest": "Interest added",
    "change_interest": "Interest changed",
    "end_interest": "Interest ended",
    "add_occupation": "Team added",
    "change_occupation": "Team changed",
    "end_occupation": "Team left",
    "add_cost": "Running cost added",
    "change_cost": "Running cost changed",
    "add_plan": "Budget or forecast added",
    "change_plan": "Budget or forecast changed",
    "add_count": "Count of people added",
    "change_count": "Count of people corrected",
    "retire_count": "Count of people retired",
    "make calendar feed": "Calendar address made",
    "revoke calendar feed": "Calendar address revoked",
    "add price index release": "Price index added",
    "create": "Added",
    "change": "Changed",
    "grant role": "Role given",
    "end role": "Role ended",
    "deactivate": "Account deactivated",
    "reactivate": "Account opened again",
    "end sessions": "Signed out everywhere",
    "change password": "Password changed",
    "make password link": "Link to set a password made",
    "set up second factor": "Second factor set up",
    "turn off second factor": "Second factor turned off",
    "reset second factor": "Second factor reset",
    "use recovery code": "Recovery code used",
    "open_round": "Round opened",
    "change_round": "Round changed",
    "close_round": "Round closed",
    "change_rule": "Rule changed",
    "decide_match": "Compared with another record",
    "change_sensitivity": "Who may see it changed",
    "change_field_level": "Level of a field changed",
    "retract_match": "Decision on another record taken back",
    "share_proposal": "Fair shares asked for",
    "join programme": "Takes part in a programme",
    "step back": "Steps back from a programme",
    "stay in programme": "Stays in a programme after all",
    "change areas": "Areas changed",
    "add_base_map": "Base map added",
    "change_base_map": "Base map changed",
}

FIELDS = {
    "uprn": "UPRN",
    "sensitivity": "Who may see it",
    "agency_id": "Agency",
    "use_class_code": "Use",
    "service_code": "Service",
    "category_code": "Category",
    "year_start": "Financial year starting",
    "gross_internal_area_m2": "Gross internal area (m²)",
    "net_internal_area_m2": "Net internal area (m²)",
    "area_m2": "Area (m²)",
    "rent_per_year": "Rent a year (£)",
    "amount": "Amount (£)",
    "fte": "Full-time equivalents",
    "is_listed": "Listed",
    "is_protected": "Protected from proposals",
    "protected_reason": "Why protected",
    "is_public_counter": "Public counter",
    "is_estimate": "Estimate",
    "lease_start_on": "Lease starts",
    "lease_end_on": "Lease ends",
    "break_on": "Lease break",
    "break_earliest_on": "Earliest break",
    "break_last_on": "Last break",
    "break_notice_months": "Notice for a break (months)",
    "break_penalty": "Penalty of a break (£)",
    "notice_given_on": "Notice given on",
    "review_on": "Next rent review",
    "review_every_months": "Rent reviews every (months)",
    "repair_liability": "Who repairs",
    "financial_year_start_month": "Financial year starts in month",
    "ended_on": "Ended on",
    "ended_reason": "Why it ended",
    "observed_on": "Counted on",
    "period_start_on": "Counted from",
    "method": "Counted by",
    "average": "Average people",
    "peak": "Peak people",
    "hours_available": "Hours available",
    "hours_used": "Hours used",
    "vacant_m2": "Vacant space (m²)",
    "retired_reason": "Why it was retired",
    "other_record": "Other record",
    "from_record": "Said by record",
    "kind_code": "Kind",
    "deadline_on": "Deadline",
    "location": "Position",
    "kind": "Stands for",
    "site_name": "Name of the site",
    "dec": "Display energy certificate",
    "epc": "Energy performance certificate",
    "member_from": "Member from",
    "member_until": "Member until",
    "joined_on": "Takes part from",
    "left_on": "Takes part until",
    "programme": "Programme",
    "areas": "Areas",
    "place_name": "Name of the place",
    "default_level_code": "Maps open by",
    "horizon_years": "Years to plan for",
    "is_offered": "Readers may choose it",
}

CODED = {
    "tenure",
    "sensitivity",
    "status",
    "fix_source",
    "role",
    "verdict",
    "location",
    "repair_liability",
    "kind",
    "method",
}


@dataclass(frozen=True)
class Change:
    """One field's change, in words. `is_same` fields only say which part of the building it was."""

    label: str
    before: Any
    after: Any
    is_new: bool = False
    """True when the thing itself is new, so that there was nothing before."""

    @property
    def is_same(self) -> bool:
        """True when nothing changed: the field names the thing."""
        return bool(self.before == self.after)


@dataclass(frozen=True)
class Story:
    """One event as a page tells it."""

    title: str
    event: Event
    actor: str
    changes: list[Change]

    @property
    def import_id(self) -> int | None:
        """The import that did it, or whose undoing did; None where it was done by hand."""
        kind, _, number = (self.event.group_id or "").partition(":")
        return int(number) if kind in ("import", "undo") and number.isdigit() else None

    @property
    def actor_id(self) -> int | None:
        """Who did it; None: the system."""
        return self.event.actor_id

    @property
    def edit_id(self) -> int | None:
        """The change of many buildings that did it, or whose undoing did; None where it was something else."""
        kind, _, number = (self.event.group_id or "").removeprefix("undo:").partition(":")
        return int(number) if kind == "bulk" and number.isdigit() else None


def tell(happening: Happening, names: Mapping[str, Mapping[Any, str]]) -> Story:
    """The event in words. `names` maps a field to the names of its codes or ids."""
    event = happening.event
    title = ACTIONS.get(event.action) or words(event.action)
    actor = happening.actor_name or "The system"
    is_new = event.action.startswith(("add_", "import_"))
    return Story(title, event, actor, tell_changes(event.changes, names, is_new=is_new))


def tell_changes(
    changes: Mapping[str, Any], names: Mapping[str, Mapping[Any, str]], *, is_new: bool = False
) -> list[Change]:
    """`[before, after]` by field, as events keep them, in words."""
    return [
        Change(field_title(name), shown_as(name, pair[0], names), shown_as(name, pair[1], names), is_new)
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2
    ]


def field_title(name: str) -> str:
    """What people call a field."""
    return FIELDS.get(name) or words(name)


def shown_as(name: str, value: Any, names: Mapping[str, Mapping[Any, str]]) -> Any:
    """One field's value in words."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in names:
        return names[name].get(value, value)
    return words(value) if name in CODED else value

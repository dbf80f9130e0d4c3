"""Names for the codes and ids of the register, for filters, forms and histories."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.people.programmes import partners_in
from estate.register.as_at import day_of_reading
from estate.register.classes import list_left_out, list_patches
from estate.register.filters import ALL_CLASSES, NO_PATCH, Attention, BuildingFilters, Fullness, fullness_limit
from estate.register.models import BuildingKind, BuildingStatus, CostCategory, Service, Tenure, UseClass
from estate.register.quality.rules import list_rules
from estate.register.queries import list_agencies, list_area_names, list_use_classes
from estate.web.filters import number, percent, words
from estate.web.programmes import current_programme_id, current_scope

ATTENTIONS = {
    Attention.NO_COST: "No running cost of the year",
    Attention.NO_AREA: "No net internal area",
    Attention.NO_LOCATION: "Not on the map",
    Attention.NO_USE: "No known use",
    Attention.LEASE_ENDED: "Lease has ended",
    Attention.LEASE_ENDING: "Lease ends or breaks within a year",
}


KINDS = {
    BuildingKind.BUILDING: "Buildings",
    BuildingKind.SITE: "Records of whole sites",
    BuildingKind.PART: "Parts of buildings",
}


@dataclass(frozen=True)
class Choices:
    """What the filters panel offers: `(value, text)` pairs; areas by the plural of their level."""

    agencies: list[tuple[int, str]]
    uses: list[tuple[str, str]]
    tenures: list[tuple[str, str]]
    statuses: list[tuple[str, str]]
    attentions: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    fullness: list[tuple[str, str]]
    """With the limits in force."""
    areas: dict[str, list[tuple[int, str]]]
    gaps: list[tuple[str, str]]
    """The rules of data quality that are on."""
    classes: list[tuple[str, str]]
    """The classes that are left out unless asked for, and all."""
    patches: list[tuple[str, str]]
    """The management patches of the class that is asked for; of one agency where one is chosen."""


def filter_choices(session: Session, filters: BuildingFilters | None = None) -> Choices:
    """What the filters panel offers: the agencies and areas of the programme, and the reader's own agencies.

    Patches are those of the class and agency that `filters` ask for.
    """
    return Choices(
        agencies=[(agency.id, agency.name) for agency in _shown_agencies(session)],
        uses=[(use.code, use.name) for use in list_use_classes(session)],
        tenures=[(tenure.value, words(tenure)) for tenure in Tenure],
        statuses=[(status.value, words(status)) for status in BuildingStatus],
        attentions=[(attention.value, text) for attention, text in ATTENTIONS.items()],
        kinds=[(kind.value, text) for kind, text in KINDS.items()],
        areas=list_area_names(session, current_programme_id()),
        fullness=fullness_choices(session),
        gaps=[(rule.code, rule.title) for rule in list_rules(session, only_on=True)],
        classes=[*((one.code, one.name) for one in list_left_out(session)), (ALL_CLASSES, "All classes")],
        patches=_patches(session, filters),
    )


def _patches(session: Session, filters: BuildingFilters | None) -> list[tuple[str, str]]:
    if filters is None or not filters.class_code:
        return []
    names = list_patches(session, filters.class_code, filters.agency_id)
    return [*((name, name) for name in names), (NO_PATCH, "Patch unknown")] if names else []


def fullness_choices(session: Session) -> list[tuple[str, str]]:
    """How full a building can be, with the limits in force."""
    low, high = (percent(session.scalar(fullness_limit(end))) for end in (Fullness.LOW, Fullness.HIGH))
    texts = {
        Fullness.LOW: f"Low: under {low}",
        Fullness.HIGH: f"High: {high} or more",
        Fullness.UNKNOWN: "Unknown: not counted",
    }
    return [(fullness.value, text) for fullness, text in texts.items()]


def _shown_agencies(session: Session) -> list[Agency]:
    scope, agencies = current_scope(), list_agencies(session)
    if scope is None:
        return agencies
    partners = partners_in([scope.programme_id or 0], day_of_reading())
    ids = {*scope.own_agency_ids, *session.scalars(partners)}
    return [agency for agency in agencies if agency.id in ids]


def text_of(name: str, value: Any, choices: Choices) -> str:
    """One filter of `BuildingFilters` in words, such as `Tenure: Freehold`."""
    if name in WORDS_OF:
        return WORDS_OF[name](value, choices)
    if isinstance(value, Fullness):
        return f"Utilisation {dict(choices.fullness)[value.value].lower()}"
    if isinstance(value, Attention):
        return ATTENTIONS[value]
    if isinstance(value, BuildingKind):
        return f"Only {KINDS[value].lower()}"
    if isinstance(value, Enum):
        return f"{words(name)}: {words(value)}"
    return f"{words(name)}: {value}"


def _area_name(area_id: int, choices: Choices) -> str:
    names = {number: text for areas in choices.areas.values() for number, text in areas}
    return str(names.get(area_id, area_id))


WORDS_OF: dict[str, Callable[[Any, Choices], str]] = {
    "text": lambda value, choices: f"“{value}”",
    "area_id": lambda value, choices: f"Area: {_area_name(value, choices)}",
    "site_id": lambda value, choices: f"On site {value}",
    "gap": lambda value, choices: dict(choices.gaps).get(value, words(value)),
    "agency_id": lambda value, choices: f"Agency: {dict(choices.agencies).get(value, value)}",
    "use_class_code": lambda value, choices: f"Use: {dict(choices.uses).get(value, value)}",
    "class_code": lambda value, choices: f"Class: {dict(choices.classes).get(value, words(value))}",
    "patch": lambda value, choices: "Patch unknown" if value == NO_PATCH else f"Patch: {value}",
    "block_id": lambda value, choices: f"In block {value}",
    "square": lambda value, choices: "In one square of the map",
    "within": lambda value, choices: f"Within {number(value.metres)} m of {value.point.name}",
}
"""The filters whose words are their own."""


def names_of_codes(session: Session) -> Mapping[str, Mapping[Any, str]]:
    """For each field that holds a code or an id: its names."""
    return {
        "agency_id": _names(session, Agency.id, Agency.name),
        "use_class_code": _names(session, UseClass.code, UseClass.name),
        "service_code": _names(session, Service.code, Service.name),
        "category_code": _names(session, CostCategory.code, CostCategory.name),
    }


def _names(session: Session, code: Any, name: Any) -> dict[Any, str]:
    return {row[0]: row[1] for row in session.execute(select(code, name))}

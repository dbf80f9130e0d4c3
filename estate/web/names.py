"""Names for the codes and ids of the register, for filters, forms and histories."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.people.programmes import partners_in
from estate.register.as_at import day_of_reading
from estate.register.filters import Attention, Fullness, fullness_limit
from estate.register.models import BuildingKind, BuildingStatus, CostCategory, Service, Tenure, UseClass
from estate.register.quality.rules import list_rules
from estate.register.queries import list_agencies, list_current_areas, list_use_classes
from estate.web.filters import percent, words
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


def filter_choices(session: Session) -> Choices:
    """What the filters panel offers: the agencies and areas of the programme, and the reader's own agencies."""
    levels = list_current_areas(session, current_programme_id())
    by_id = {area.id: area.name for areas in levels.values() for area in areas}
    return Choices(
        agencies=[(agency.id, agency.name) for agency in _shown_agencies(session)],
        uses=[(use.code, use.name) for use in list_use_classes(session)],
        tenures=[(tenure.value, words(tenure)) for tenure in Tenure],
        statuses=[(status.value, words(status)) for status in BuildingStatus],
        attentions=[(attention.value, text) for attention, text in ATTENTIONS.items()],
        kinds=[(kind.value, text) for kind, text in KINDS.items()],
        fullness=fullness_choices(session),
        areas={
            level.plural: [
                (area.id, f"{area.name} ({by_id[area.parent_id]})" if area.parent_id in by_id else area.name)
                for area in areas
            ]
            for level, areas in levels.items()
        },
        gaps=[(rule.code, rule.title) for rule in list_rules(session, only_on=True)],
    )


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
    if name == "text":
        return f"“{value}”"
    if name == "area_id":
        names = {area_id: text for areas in choices.areas.values() for area_id, text in areas}
        return f"Area: {names.get(value, value)}"
    if isinstance(value, Fullness):
        return f"Utilisation {dict(choices.fullness)[value.value].lower()}"
    if isinstance(value, Attention):
        return ATTENTIONS[value]
    if isinstance(value, Enum) and not isinstance(value, BuildingKind):
        return f"{words(name)}: {words(value)}"
    if name == "site_id":
        return f"On site {value}"
    if isinstance(value, BuildingKind):
        return f"Only {KINDS[value].lower()}"
    if name == "gap":
        return dict(choices.gaps).get(value, words(value))
    if name == "agency_id":
        return f"Agency: {dict(choices.agencies).get(value, value)}"
    return f"Use: {dict(choices.uses).get(value, value)}"


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

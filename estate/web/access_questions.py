"""What the address of a map of access asks for; an address with less in it gets sensible defaults."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from estate.gis.access.distances import Method
from estate.gis.models import Area, BoundaryLevel
from estate.register.access.counters import services_with_counters
from estate.register.access.figures import AccessFigures, AccessQuestion, access_figures
from estate.web.building_filters import building_id_from
from estate.web.maps_forms import UnknownChoice, question_from

METHODS = {Method.STRAIGHT.value: "In a straight line", Method.ROADS.value: "Along roads and paths"}
SHOWN = {"people": "Where people live", "areas": "Shares by area"}
DEFAULT_KM, SHORTEST_KM, LONGEST_KM = 2.0, 0.1, 100.0
MOST_POINTS = 5000
"""More small areas than this are not drawn one by one: the map then shows shares by area."""
PASSED_ON = ("level", "area")


@dataclass(frozen=True)
class AccessView:
    """One view of the map of access, and what it shows."""

    levels: list[BoundaryLevel]
    area: Area | None
    service: str
    """A code; empty: any service."""
    services: list[tuple[str, str]]
    km: float
    method: str
    shown: str
    """A key of `SHOWN`."""
    closing_id: int | None
    figures: AccessFigures

    @property
    def level(self) -> BoundaryLevel:
        """The level of the table."""
        return self.figures.question.level

    @property
    def service_name(self) -> str:
        """Such as "Library"; empty: any."""
        return dict(self.services).get(self.service, "")

    @property
    def is_points(self) -> bool:
        """True where each small area is drawn."""
        return self.shown == "people" and len(self.figures.homes) <= MOST_POINTS

    @property
    def closing_name(self) -> str:
        """The building that is thought closed."""
        counters = self.figures.every_counter
        return (
            "" if self.closing_id is None else str(counters[counters["building_id"] == self.closing_id]["name"].iloc[0])
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The query string of exactly this view."""
        return {
            "level": self.level.code,
            "area": self.area.id if self.area else None,
            "service": self.service,
            "further": f"{self.km:g}",
            "method": self.method,
            "show": self.shown,
            "closing": self.closing_id,
        }


def view_from(session: Session, arguments: Mapping[str, str]) -> AccessView | None:
    """The view that a query string asks for; None where there are no areas or no population.

    Raises `UnknownChoice`, which answers 422.
    """
    question = question_from(session, {name: arguments.get(name, "") for name in PASSED_ON})
    if question.level is None:
        return None
    closing = arguments.get("closing", "").strip()
    asked = AccessQuestion(
        level=question.level,
        limit_m=_km(arguments.get("further", "")) * 1000,
        service_code=arguments.get("service", "").strip(),
        method=Method(_one_of("method", arguments.get("method") or Method.STRAIGHT.value, METHODS)),
        area_id=question.area.id if question.area else None,
        closing_id=building_id_from(closing) if closing else None,
        scope=question.filters.scope,
    )
    figures = access_figures(session, asked)
    if figures is None:
        return None
    counters = figures.every_counter
    services = services_with_counters(counters)
    if asked.service_code and asked.service_code not in dict(services):
        raise UnknownChoice(fields={"service": "has no open counter here"})
    if asked.closing_id is not None and asked.closing_id not in set(counters["building_id"]):
        raise UnknownChoice(fields={"closing": "is no building with an open counter"})
    return AccessView(
        levels=question.levels,
        area=question.area,
        service=asked.service_code,
        services=services,
        km=asked.limit_m / 1000,
        method=asked.method.value,
        shown=_one_of("show", arguments.get("show") or "people", SHOWN),
        closing_id=asked.closing_id,
        figures=figures,
    )


def _km(text: str) -> float:
    plain = text.strip().removesuffix("km").strip()
    if not plain:
        return DEFAULT_KM
    number = float(plain) if re.fullmatch(r"\d{1,3}(\.\d{1,3})?", plain) else 0.0
    if not SHORTEST_KM <= number <= LONGEST_KM:
        raise UnknownChoice(fields={"further": f"is a number of kilometres from {SHORTEST_KM:g} to {LONGEST_KM:g}"})
    return number


def _one_of(name: str, text: str, allowed: Mapping[str, str]) -> str:
    if text not in allowed:
        raise UnknownChoice(fields={name: f"has no value “{text[:40]}”"})
    return text

"""Finding a place by what people call it, and what the register knows of the buildings near one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, defer

from estate.gis.models import Area, BoundaryLevel
from estate.register.building_facts import building_facts
from estate.register.filters import ALL_CLASSES, BuildingFilters, search_words
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.models import Building
from estate.register.programmes import Scope, shown_area_ids
from estate.register.queries import BuildingRow, list_buildings
from estate.register.shown import shown

MOST_SHOWN = 20


@dataclass(frozen=True)
class Gathered:
    """What the buildings of a view are together. Sums are of what is known, and say of how many."""

    building_count: int
    annual_cost: Decimal | None
    cost_count: int
    estimated_cost: Decimal | None
    net_area_m2: Decimal | None
    area_count: int
    approximate_count: int
    """Buildings of which only the postcode says where they are."""


def areas_named(session: Session, text: str, programme_id: int | None) -> list[Area]:
    """Areas in force whose name holds these words or whose code is the text, larger levels first; at most `MOST_SHOWN`.

    Those that the programme shows, where one is given. What is called so itself comes before what only holds the words.
    """
    words = search_words(text)
    if not words:
        return []
    itself = " ".join(words)
    name = func.lower(Area.name)
    patterns = ["%" + re.sub(r"([%_\\])", r"\\\1", word) + "%" for word in words]
    is_named = and_(*(name.like(func.lower(pattern)) for pattern in patterns))
    query = (
        select(Area)
        .join(BoundaryLevel, BoundaryLevel.code == Area.level_code)
        .where(Area.valid_until.is_(None), or_(is_named, Area.code == itself.upper()))
        .options(defer(Area.geometry))
    )
    shown_ids = shown_area_ids(session, programme_id) if programme_id is not None else None
    if shown_ids is not None:
        query = query.where(Area.id.in_(shown_ids))
    query = query.order_by((name == itself.lower()).desc(), BoundaryLevel.rank, name, Area.code).limit(MOST_SHOWN)
    return list(session.scalars(query).unique())


def buildings_named(session: Session, text: str, scope: Scope | None) -> tuple[Sequence[BuildingRow], int]:
    """The first buildings of any class with these words in name, address or UPRN; and how many there are.

    The number ends at `list_pages.MOST_COUNTED`.
    """
    if not search_words(text):
        return [], 0
    asked = BuildingFilters(text=text, class_code=ALL_CLASSES, scope=scope)
    found = list_buildings(session, asked, page_size=MOST_SHOWN)
    return found.rows, found.count


def gathered(session: Session, year_start: int | None, filters: BuildingFilters) -> Gathered:
    """The buildings that the filters let through, with their running costs of one financial year."""
    facts = building_facts(year_start, filters, ("costs",))
    is_approximate = shown(Building.fix_source, "location").in_(APPROXIMATE_FIXES)
    query = select(
        func.count(),
        func.sum(facts.c.annual_cost),
        func.count(facts.c.annual_cost),
        func.sum(facts.c.estimated_cost),
        func.sum(facts.c.net_internal_area_m2),
        func.count(facts.c.net_internal_area_m2),
        func.count().filter(is_approximate),
    )
    row = session.execute(query.select_from(facts).join(Building, Building.id == facts.c.building_id)).one()
    return Gathered(*row)

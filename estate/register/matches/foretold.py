"""What would change if two records were called one building: values shown, and figures that no longer count twice.

Worked out by the rules of `estate.register.shown`; nothing is written. A test compares it with what a decision does.
"""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.register.matches.chosen import choices_in_force, chosen_value
from estate.register.matches.decide import records_with
from estate.register.matches.members import building_id_of, shown_buildings
from estate.register.models import Building, BuildingKind, FieldOverride, Occupation, RunningCost
from estate.register.shown import SHOWN_FIELDS, counts_once, winner_among

AREAS = ("gross_internal_area_m2", "net_internal_area_m2")


@dataclass(frozen=True)
class ValueChange:
    """One field that at least one of the two buildings would show otherwise."""

    field: str
    low: Any
    """What the building of the older record shows today; None: unknown. Of the position: how it was found."""
    high: Any
    together: Any
    record: Building | None
    """The record from which the value would come."""
    choice: FieldOverride | None
    """The steward's choice that would be in force."""

    @property
    def is_gain(self) -> bool:
        """True where only one of the two knows a value, which both would show."""
        return (self.low is None) != (self.high is None) and self.together in (self.low, self.high)


@dataclass(frozen=True)
class Twice:
    """A cost that both buildings count today: one category and year, paid by one agency. GBP."""

    payer: str
    category: str
    year_start: int
    counted: Decimal
    """What would count."""
    dropped: Decimal
    """What would no longer count besides."""


@dataclass(frozen=True)
class Foretold:
    """What one building instead of two would change."""

    building_id: int
    """The number under which it would stand."""
    other_id: int
    """The number that would lead there."""
    values: list[ValueChange]
    areas: dict[str, tuple[Decimal, Decimal]]
    """Of floor areas that both know: what totals add up today and would add up then, in m2."""
    twice: list[Twice]
    """The newest year first, and in it the largest amounts."""
    teams: list[str]
    """Teams that both count today."""

    @property
    def dropped_by_year(self) -> dict[int, Decimal]:
        """GBP that would no longer count twice, by the start of the financial year, newest first."""
        found: dict[int, Decimal] = {}
        for cost in self.twice:
            found[cost.year_start] = found.get(cost.year_start, Decimal(0)) + cost.dropped
        return found

    @property
    def is_silent(self) -> bool:
        """True where no value and no figure would change."""
        return not (self.values or self.areas or self.twice or self.teams)


def parts_of(session: Session, record_ids: Collection[int]) -> list[Building]:
    """The records of the parts of a building, given all its own records."""
    inside = Building.parent_id.in_(list(record_ids)), Building.kind == BuildingKind.PART
    query = select(Building).where(*inside, Building.retired_at.is_(None)).order_by(Building.id)
    return list(session.scalars(query).unique())


def foretell(session: Session, low: Building, high: Building) -> Foretold:
    """What would change if these records of two buildings were one building."""
    groups = [records_with(session, [record.id]) for record in (low, high)]
    stands = sorted(building_id_of(record) for record in (low, high))
    shown = [_shown(session, record) for record in (low, high)]
    values = _values(session, {*groups[0], *groups[1]}, shown, [building_id_of(low), building_id_of(high)])
    costs, teams = _costs(session, groups), _teams(session, groups)
    together = {change.field: change.together for change in values}
    return Foretold(
        building_id=stands[0],
        other_id=stands[1],
        values=values,
        areas={name: _areas(name, shown, together) for name in AREAS if all(getattr(one, name) for one in shown)},
        twice=costs,
        teams=teams,
    )


def _shown(session: Session, record: Building) -> Building:
    home = session.get(Building, building_id_of(record)) or record
    return shown_buildings(session, [home])[0]


def _areas(name: str, shown: list[Building], together: dict[str, Any]) -> tuple[Decimal, Decimal]:
    one, other = (getattr(building, name) for building in shown)
    return one + other, together.get(name, one)


def _values(
    session: Session, record_ids: set[int], shown: list[Building], building_ids: list[int]
) -> list[ValueChange]:
    """The fields in which the one building would show something else than either of the two today."""
    choices = choices_in_force(session, building_ids)
    found = []
    for field in (*SHOWN_FIELDS, "location"):
        attribute = "fix_source" if field == "location" else field
        live = [choices[number][field] for number in building_ids if field in choices.get(number, {})]
        choice = max(live, key=lambda one: one.id, default=None)
        winner = session.scalar(winner_among(field, record_ids))
        record = session.get(Building, winner) if winner else None
        together = chosen_value(choice) if choice else getattr(record, attribute) if record else None
        now = getattr(shown[0], attribute), getattr(shown[1], attribute)
        moved = field == "location" and any(building.location != _place(choice, record) for building in shown)
        if moved or any(value != together for value in now):
            found.append(ValueChange(field, *now, together, None if choice else record, choice))
    return found


def _place(choice: FieldOverride | None, record: Building | None) -> Any:
    return choice.location if choice else record.location if record else None


def _facts(session: Session, model: Any, groups: list[list[int]], *conditions: Any) -> list[tuple[Any, Building, int]]:
    """The costs or teams that count today in the two buildings and their parts: fact, its record, which building."""
    homes: dict[int, int] = {}
    for place, group in enumerate(groups):
        homes |= dict.fromkeys((part.id for part in parts_of(session, group)), place) | dict.fromkeys(group, place)
    query = (
        select(model, Building)
        .join(Building, Building.id == model.building_id)
        .where(model.building_id.in_(homes), counts_once(model), *conditions)
        .order_by(model.id)
    )
    return [(fact, record, homes[record.id]) for fact, record in session.execute(query).unique()]


def _twice(facts: Iterable[tuple[Any, Building, int]], key: Any, worth: Any) -> list[tuple[Any, list[Any]]]:
    """Of each fact that both buildings count: the one that would count, and those that would no longer.

    A fact of a part counts unless the other building reports it as a whole.
    """
    groups: dict[Hashable, list[tuple[Any, Building, int]]] = {}
    for fact, record, place in facts:
        groups.setdefault(key(fact), []).append((fact, record, place))
    found = []
    for same in groups.values():
        whole = [one for one in same if one[1].kind is not BuildingKind.PART]
        if len({place for _, _, place in same}) < 2 or not whole:
            continue
        kept = max(whole, key=lambda one: worth(one[0], one[1]))
        found.append((kept[0], [one[0] for one in same if one is not kept]))
    return found


def _costs(session: Session, groups: list[list[int]]) -> list[Twice]:
    pairs = _twice(
        _facts(session, RunningCost, groups),
        key=lambda cost: (cost.agency_id, cost.category_code, cost.year_start),
        worth=lambda cost, record: (record.agency_id == cost.agency_id, not cost.is_estimate, cost.id),
    )
    found = [
        Twice(
            kept.agency.name,
            kept.category.name,
            kept.year_start,
            kept.amount,
            sum((cost.amount for cost in others), Decimal(0)),
        )
        for kept, others in pairs
    ]
    return sorted(found, key=lambda cost: (-cost.year_start, -cost.dropped, cost.payer, cost.category))


def _teams(session: Session, groups: list[list[int]]) -> list[str]:
    pairs = _twice(
        _facts(session, Occupation, groups, Occupation.ended_on.is_(None)),
        key=lambda team: (team.agency_id, team.team.lower()),
        worth=lambda team, record: (record.agency_id == team.agency_id, team.fte is not None, team.id),
    )
    return sorted(f"{kept.team} ({kept.agency.name})" for kept, _ in pairs)

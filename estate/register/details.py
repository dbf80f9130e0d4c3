"""Everything the register knows of one building, gathered for its page."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.db import Base
from estate.gis.models import Area
from estate.people.models import User
from estate.register.as_at import day_of_reading
from estate.register.classes import is_usual
from estate.register.leases import lease_state
from estate.register.matches.chosen import in_force_first
from estate.register.matches.members import members_of, shown_buildings
from estate.register.models import (
    Building,
    ConditionSurvey,
    CostCategory,
    EnergyKind,
    EnergyRating,
    Import,
    Interest,
    OccupancyObservation,
    Occupation,
    RunningCost,
    SourceRecord,
    Valuation,
)
from estate.register.occupancy import Occupancy, occupancy_of
from estate.register.programmes import Scope, within
from estate.register.queries import areas_of
from estate.register.shown import counts_in_building
from estate.register.space import space_of

YEARS_SHOWN = 5
EVENTS_SHOWN = 50

_NEWEST_COUNT = (OccupancyObservation.observed_on.desc(), OccupancyObservation.id.desc())

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class CostTable:
    """Running costs by category and financial year, for the newest years that have any."""

    years: list[int]
    """Starts of the financial years, oldest first."""
    categories: list[CostCategory]
    amounts: dict[tuple[str, int], Decimal]
    """By category code and year; a pair without a figure is absent: unknown, not 0."""
    estimates: frozenset[tuple[str, int]]
    """Pairs of which some part is an estimate."""

    def total(self, year: int) -> Decimal | None:
        """Sum of the year's known amounts; None where none is known."""
        known = [amount for (_, of_year), amount in self.amounts.items() if of_year == year]
        return sum(known, Decimal(0)) if known else None

    def is_estimate(self, year: int) -> bool:
        """True when some part of the year's total is an estimate."""
        return any(of_year == year for _, of_year in self.estimates)


@dataclass(frozen=True)
class Happening:
    """One event of a building's history, with the name of who did it."""

    event: Event
    actor_name: str | None
    """None: the system itself, such as an operator's command."""


@dataclass(frozen=True)
class BuildingDetails:
    """What a building's page shows."""

    building: Building
    areas: list[Area]
    interests: list[Interest]
    occupations: list[Occupation]
    costs: list[RunningCost]
    """Newest year first."""
    uncounted: frozenset[int]
    """Ids of costs that another record of this building reports as well: shown, and not added up."""
    cost_table: CostTable
    occupancy: Occupancy
    condition: ConditionSurvey | None
    energy: list[EnergyRating]
    """The certificate in force of each kind, the newest first."""
    valuation: Valuation | None
    sources: list[tuple[SourceRecord, Import]]
    read_on: date
    """The day that all of this speaks of: today, or that of `as_at.look_back`."""
    records: list[Building]
    """The records that speak of it, the oldest first."""
    history: list[Happening] = field(default_factory=list)

    @property
    def present_occupations(self) -> list[Occupation]:
        """Teams that have not left."""
        return [occupation for occupation in self.occupations if occupation.ended_on is None]

    def lease_state(self, interest: Interest) -> str:
        """`ended` or `ending` where the interest's dates press on the day that is read, else empty."""
        state = lease_state(interest, self.read_on)
        return state.value if state else ""

    @property
    def fte(self) -> Decimal | None:
        """Full-time equivalents of the teams in it; None where no team's are known."""
        known = [occupation.fte for occupation in self.present_occupations if occupation.fte is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def newest_cost(self) -> tuple[int, Decimal] | None:
        """The newest year with any cost, and its total."""
        if not self.cost_table.years:
            return None
        year = self.cost_table.years[-1]
        return year, self.cost_table.total(year) or Decimal(0)


def building_details(session: Session, building: Building, agency_ids: frozenset[int] | None = None) -> BuildingDetails:
    """Everything known of `building`, by whichever of its records.

    Where `agency_ids` is given and others have records of it too, only what these agencies say of it: then `building`
    is the first of their records by itself.
    """
    every = members_of(session, [building.id])[building.id] or [building]
    records = [record for record in every if agency_ids is None or record.agency_id in agency_ids] or every
    ids = [record.id for record in records]
    costs = _of_building(session, RunningCost, ids, RunningCost.year_start.desc(), RunningCost.category_code)
    uncounted = _uncounted(session, ids)
    surveys = (in_force_first(ConditionSurvey), ConditionSurvey.surveyed_on.desc(), ConditionSurvey.id.desc())
    conditions = _of_building(session, ConditionSurvey, ids, *surveys)
    valuations = _of_building(session, Valuation, ids, Valuation.valued_on.desc())
    found = shown_buildings(session, [building])[0] if records == every else records[0]
    read_on = session.scalars(select(day_of_reading())).one()
    counts = _of_building(session, OccupancyObservation, ids, *_NEWEST_COUNT)
    counts = [count for count in counts if count.retired_at is None]
    space = space_of(session, found, ids, counts[0].observed_on if counts else read_on)
    return BuildingDetails(
        building=found,
        areas=areas_of(session, [building.id])[building.id],
        interests=_of_building(session, Interest, ids, Interest.ended_on.desc().nulls_first(), Interest.id),
        occupations=_of_building(session, Occupation, ids, Occupation.ended_on.desc().nulls_first(), Occupation.id),
        costs=costs,
        uncounted=uncounted,
        cost_table=cost_table([cost for cost in costs if cost.id not in uncounted]),
        occupancy=occupancy_of(counts, space),
        condition=conditions[0] if conditions else None,
        energy=_in_force(session, ids),
        valuation=valuations[0] if valuations else None,
        read_on=read_on,
        sources=_sources(session, ids),
        records=records,
        history=history(session, ids),
    )


def cost_table(costs: list[RunningCost]) -> CostTable:
    """Costs of several agencies added up by category and financial year."""
    years = sorted({cost.year_start for cost in costs})[-YEARS_SHOWN:]
    shown = [cost for cost in costs if cost.year_start in years]
    amounts: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for cost in shown:
        amounts[cost.category_code, cost.year_start] += cost.amount
    categories = {cost.category_code: cost.category for cost in shown}
    estimates = frozenset((cost.category_code, cost.year_start) for cost in shown if cost.is_estimate)
    in_order = sorted(categories.values(), key=lambda category: category.sort)
    return CostTable(years, in_order, dict(amounts), estimates)


def history(session: Session, record_ids: list[int], *, limit: int = EVENTS_SHOWN) -> list[Happening]:
    """What happened to these records, newest first."""
    query = (
        select(Event, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(Event.subject_type == "building", Event.subject_id.in_(record_ids))
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [Happening(event, name) for event, name in session.execute(query)]


def latest_changes(session: Session, scope: Scope | None = None, *, limit: int = 6) -> list[tuple[Happening, Building]]:
    """The newest events of buildings, each with its building; of those that `scope` shows, else of all.

    Classes that are left out, such as housing, have none here, and neither has what the machine decided of records
    that may be one building: *Matches* tells of that.
    """
    by_machine = and_(Event.action == "decide_match", Event.actor_id.is_(None))
    query = (
        select(Event, User.name, Building)
        .join(Building, Building.id == Event.subject_id)
        .outerjoin(User, User.id == Event.actor_id)
        .where(Event.subject_type == "building", ~by_machine, is_usual(), *(within(scope) if scope else ()))
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [(Happening(event, name), building) for event, name, building in session.execute(query).unique()]


def _of_building(session: Session, kind: type[Row], record_ids: list[int], *order: Any) -> list[Row]:
    query = select(kind).where(kind.building_id.in_(record_ids)).order_by(*order)  # type: ignore[attr-defined]
    return list(session.scalars(query).unique())


def _in_force(session: Session, record_ids: list[int]) -> list[EnergyRating]:
    """The certificate of each kind that is in force, the newest first."""
    order = (in_force_first(EnergyRating), EnergyRating.rated_on.desc(), EnergyRating.id.desc())
    first: dict[EnergyKind, EnergyRating] = {}
    for rating in _of_building(session, EnergyRating, record_ids, *order):
        first.setdefault(rating.kind, rating)
    return sorted(first.values(), key=lambda rating: rating.rated_on, reverse=True)


def _uncounted(session: Session, record_ids: list[int]) -> frozenset[int]:
    query = select(RunningCost.id).join(Building, Building.id == RunningCost.building_id)
    found = query.where(RunningCost.building_id.in_(record_ids), ~counts_in_building(RunningCost))
    return frozenset(session.scalars(found))


def _sources(session: Session, record_ids: list[int]) -> list[tuple[SourceRecord, Import]]:
    query = (
        select(SourceRecord, Import)
        .join(Import, Import.id == SourceRecord.import_id)
        .where(SourceRecord.building_id.in_(record_ids))
        .order_by(SourceRecord.id.desc())
        .limit(10)
    )
    return [(source, batch) for source, batch in session.execute(query).unique()]

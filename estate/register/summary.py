"""What the register holds as a whole, and how much of it is unknown."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from estate.register.filters import Attention, BuildingFilters, conditions, needs
from estate.register.models import Building, BuildingStatus, Occupation
from estate.register.queries import cost_by_building, cost_year
from estate.register.shown import counted_area, counted_id, counts_once, shown


@dataclass(frozen=True)
class RegisterSummary:
    """Counts and sums over the buildings that filters let through. Sums are of what is known, and say of how many."""

    building_count: int
    agency_count: int
    vacant_count: int
    """Buildings with the status vacant or surplus."""
    year_start: int | None
    annual_cost: Decimal | None
    cost_known_count: int
    net_internal_area_m2: Decimal | None
    area_known_count: int
    cost_per_m2: Decimal | None
    """Of gross internal area, over the buildings of which both are known: the maps' `costs.running_cost_per_m2`."""
    fte: Decimal | None
    located_count: int
    without_use_count: int
    lease_ended_count: int
    """Buildings with an interest past its lease's end that nobody has ended or renewed."""

    @property
    def cost_unknown_count(self) -> int:
        """Buildings without a running cost in the year."""
        return self.building_count - self.cost_known_count

    @property
    def area_unknown_count(self) -> int:
        """Buildings without a net internal area."""
        return self.building_count - self.area_known_count

    @property
    def unlocated_count(self) -> int:
        """Buildings that no map shows."""
        return self.building_count - self.located_count


def register_summary(session: Session, filters: BuildingFilters | None = None) -> RegisterSummary:
    """The summary of the buildings that `filters` lets through; by default all in use."""
    year_start = cost_year(session)
    costs = cost_by_building(year_start)
    area, gross = counted_area(Building.net_internal_area_m2), counted_area(Building.gross_internal_area_m2)
    both_known = costs.c.annual_cost.is_not(None) & gross.is_not(None)
    not_in_use = shown(Building.status).in_([BuildingStatus.VACANT, BuildingStatus.SURPLUS])
    wanted = conditions(filters or BuildingFilters())
    row = session.execute(
        select(
            func.count(),
            func.count(Building.agency_id.distinct()),
            func.count().filter(not_in_use),
            func.sum(costs.c.annual_cost),
            func.count(costs.c.annual_cost),
            func.sum(area),
            func.count(area),
            func.sum(costs.c.annual_cost).filter(both_known) / func.sum(gross).filter(both_known),
            func.count(shown(Building.location)),
            func.count().filter(shown(Building.use_class_code).is_(None)),
            func.count().filter(needs(Attention.LEASE_ENDED)),
        )
        .select_from(Building)
        .outerjoin(costs, costs.c.building_id == Building.id)
        .where(*wanted)
    ).one()
    in_use = select(Building.id).where(*wanted)
    record = aliased(Building, name="record")
    fte = session.scalar(
        select(func.sum(Occupation.fte))
        .join(record, record.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counted_id(record).in_(in_use), counts_once(Occupation, record))
    )
    return RegisterSummary(
        building_count=row[0],
        agency_count=row[1],
        vacant_count=row[2],
        year_start=year_start,
        annual_cost=row[3],
        cost_known_count=row[4],
        net_internal_area_m2=row[5],
        area_known_count=row[6],
        cost_per_m2=row[7],
        fte=fte,
        located_count=row[8],
        without_use_count=row[9],
        lease_ended_count=row[10],
    )

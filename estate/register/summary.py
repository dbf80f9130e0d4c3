"""What the register holds as a whole, and how much of it is unknown."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from estate.register.filters import Attention, BuildingFilters, filtered_ids, listed_conditions, needs
from estate.register.models import Building, BuildingListed, BuildingStatus, Occupation
from estate.register.queries import cost_year
from estate.register.shown import counted_id, counts_once


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
    row = BuildingListed
    area, gross, cost = row.counted_net_m2, row.counted_gross_m2, row.annual_cost
    both_known = cost.is_not(None) & gross.is_not(None)
    wanted = listed_conditions(filters or BuildingFilters())
    found = session.execute(
        select(
            func.count(),
            func.count(row.agency_id.distinct()),
            func.count().filter(row.status.in_([BuildingStatus.VACANT, BuildingStatus.SURPLUS])),
            func.sum(cost),
            func.count(cost),
            func.sum(area),
            func.count(area),
            func.sum(cost).filter(both_known) / func.sum(gross).filter(both_known),
            func.count(row.id).filter(row.location.is_not(None)),
            func.count().filter(row.use_class_code.is_(None)),
            func.count().filter(needs(Attention.LEASE_ENDED)),
        )
        .select_from(row)
        .where(*wanted)
    ).one()
    in_use = filtered_ids(filters or BuildingFilters())
    record = aliased(Building, name="record")
    fte = session.scalar(
        select(func.sum(Occupation.fte))
        .join(record, record.id == Occupation.building_id)
        .where(Occupation.ended_on.is_(None), counted_id(record).in_(in_use), counts_once(Occupation, record))
    )
    return RegisterSummary(
        building_count=found[0],
        agency_count=found[1],
        vacant_count=found[2],
        year_start=year_start,
        annual_cost=found[3],
        cost_known_count=found[4],
        net_internal_area_m2=found[5],
        area_known_count=found[6],
        cost_per_m2=found[7],
        fte=fte,
        located_count=found[8],
        without_use_count=found[9],
        lease_ended_count=found[10],
    )

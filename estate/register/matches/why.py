"""Why several records are one building, and what each of them says."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from estate.register.matches.members import building_id_of, members_of
from estate.register.matches.said import Field, said_fields
from estate.register.models import (
    Building,
    Import,
    MatchDecision,
    MatchVerdict,
    RunningCost,
    SourceRecord,
    describes_building,
)
from estate.register.shown import counts_in_building


@dataclass(frozen=True)
class Why:
    """A building's records, the decisions that join them and what they contradict one another in."""

    building_id: int
    records: list[Building]
    sources: dict[int, tuple[SourceRecord, Import]]
    """The newest row of a file behind each record; a record made by hand has none."""
    joined_by: list[MatchDecision]
    near: list[MatchDecision]
    """Live decisions that relate a record to one of another building: same site, part of, different."""
    fields: list[Field]
    rival_costs: list[RunningCost]
    """Costs that are not counted, because another record reports the same cost."""

    @property
    def aliases(self) -> list[str]:
        """Names that other records give it, and under which it is found."""
        names = next(field for field in self.fields if field.name == "name")
        return sorted({value.value for value in names.known} - {names.shown})

    @property
    def conflicts(self) -> list[Field]:
        """The fields in which the records contradict one another."""
        return [field for field in self.fields if field.is_conflict]


def why_one(session: Session, building: Building, agency_ids: frozenset[int] | None = None) -> Why:
    """Why the building of this record is one; where `agency_ids` is given, by the records of these agencies only."""
    building_id = building_id_of(building)
    every = members_of(session, [building_id])[building_id] or [building]
    records = [record for record in every if agency_ids is None or record.agency_id in agency_ids] or every
    ids = [record.id for record in records]
    live = session.scalars(
        select(MatchDecision)
        .where(MatchDecision.retracted_at.is_(None))
        .where(or_(MatchDecision.low_id.in_(ids), MatchDecision.high_id.in_(ids)))
        .order_by(MatchDecision.id)
    ).unique()
    decisions = list(live)
    inside = [row for row in decisions if row.verdict is MatchVerdict.SAME and {row.low_id, row.high_id} <= {*ids}]
    return Why(
        building_id=building_id,
        records=records,
        sources=_sources(session, ids),
        joined_by=inside,
        near=[row for row in decisions if row.verdict is not MatchVerdict.SAME],
        fields=said_fields(session, building_id, records),
        rival_costs=_rival_costs(session, ids),
    )


def _rival_costs(session: Session, ids: list[int]) -> list[RunningCost]:
    query = (
        select(RunningCost)
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.building_id.in_(ids), ~counts_in_building(RunningCost))
        .order_by(RunningCost.year_start.desc(), RunningCost.category_code)
    )
    return list(session.scalars(query).unique())


def _sources(session: Session, ids: list[int]) -> dict[int, tuple[SourceRecord, Import]]:
    newer = aliased(SourceRecord)
    is_newer = (newer.building_id == SourceRecord.building_id) & (newer.id > SourceRecord.id)
    newest = ~select(newer.id).where(is_newer, describes_building(newer.layout)).exists()
    query = (
        select(SourceRecord, Import)
        .join(Import, Import.id == SourceRecord.import_id)
        .where(SourceRecord.building_id.in_(ids), describes_building(SourceRecord.layout), newest)
    )
    return {source.building_id: (source, batch) for source, batch in session.execute(query).unique()}

"""Why several records are one building, and what each of them says."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from estate.register.matches.members import building_id_of, members_of, winners
from estate.register.models import Building, Import, MatchDecision, MatchVerdict, RunningCost, SourceRecord
from estate.register.shown import SHOWN_FIELDS, counts_once

MORE_THAN = 0.1
"""Floor areas that are further apart than this part of the larger are called a conflict."""


@dataclass(frozen=True)
class Value:
    """What one record says of one field."""

    record: Building
    value: Any
    is_shown: bool


@dataclass(frozen=True)
class Field:
    """One field, as each record has it."""

    name: str
    values: list[Value]
    is_conflict: bool
    """True where the records contradict one another, so that somebody should mend one of them."""


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
    def conflicts(self) -> list[Field]:
        """The fields in which the records contradict one another."""
        return [field for field in self.fields if field.is_conflict]


def why_one(session: Session, building: Building) -> Why:
    """Why the building of this record is one."""
    building_id = building_id_of(building)
    records = members_of(session, [building_id])[building_id] or [building]
    ids = [record.id for record in records]
    live = session.scalars(
        select(MatchDecision)
        .where(MatchDecision.retracted_at.is_(None))
        .where(or_(MatchDecision.low_id.in_(ids), MatchDecision.high_id.in_(ids)))
        .order_by(MatchDecision.id)
    ).unique()
    decisions = list(live)
    inside = [row for row in decisions if row.verdict is MatchVerdict.SAME]
    return Why(
        building_id=building_id,
        records=records,
        sources=_sources(session, ids),
        joined_by=inside,
        near=[row for row in decisions if row.verdict is not MatchVerdict.SAME],
        fields=_fields(records, winners(session, building_id)),
        rival_costs=_rival_costs(session, ids),
    )


def _fields(records: list[Building], chosen: dict[str, int | None]) -> list[Field]:
    return [_field(name, records, chosen.get(name)) for name in (*SHOWN_FIELDS, "location")]


def _field(name: str, records: list[Building], winner: int | None) -> Field:
    attribute = "fix_source" if name == "location" else name
    is_alone = len(records) == 1
    values = [Value(record, getattr(record, attribute), is_alone or record.id == winner) for record in records]
    known = {value.value for value in values if value.value is not None}
    return Field(name, values, _contradicts(name, known))


def _contradicts(name: str, known: set[Any]) -> bool:
    """Names and ways of fixing a position may differ; floor areas by a tenth; postcodes and towns by their writing."""
    if name in ("name", "street", "post_town", "location") or len(known) < 2:
        return False
    if name.endswith("_area_m2"):
        return bool((max(known) - min(known)) > max(known) * type(max(known))(str(MORE_THAN)))
    if name == "postcode":
        return len({value.replace(" ", "").upper() for value in known}) > 1
    return True


def _rival_costs(session: Session, ids: list[int]) -> list[RunningCost]:
    query = (
        select(RunningCost)
        .join(Building, Building.id == RunningCost.building_id)
        .where(RunningCost.building_id.in_(ids), ~counts_once(RunningCost))
        .order_by(RunningCost.year_start.desc(), RunningCost.category_code)
    )
    return list(session.scalars(query).unique())


def _sources(session: Session, ids: list[int]) -> dict[int, tuple[SourceRecord, Import]]:
    newer = aliased(SourceRecord)
    newest = ~select(newer.id).where(newer.building_id == SourceRecord.building_id, newer.id > SourceRecord.id).exists()
    query = (
        select(SourceRecord, Import)
        .join(Import, Import.id == SourceRecord.import_id)
        .where(SourceRecord.building_id.in_(ids), newest)
    )
    return {source.building_id: (source, batch) for source, batch in session.execute(query).unique()}


def list_conflicts(
    session: Session, agency_ids: frozenset[int] | None = None, *, limit: int = 200
) -> list[tuple[Building, list[str]]]:
    """Buildings whose records contradict one another, with the fields; the oldest buildings first.

    Where `agency_ids` is given, those of which every record is of one of these agencies.
    """
    heads = select(Building).where(Building.canonical_id == Building.id).order_by(Building.id)
    buildings = list(session.scalars(heads).unique())
    groups = members_of(session, [building.id for building in buildings])
    found = []
    for building in buildings:
        if agency_ids is not None and not {record.agency_id for record in groups[building.id]} <= agency_ids:
            continue
        fields = [field.name for field in _fields(groups[building.id], {}) if field.is_conflict]
        if fields:
            found.append((building, fields))
    return found[:limit]

"""The records of buildings, and buildings as they are shown: each field from the record that wins it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ARRAY, BigInteger, any_, cast, func, inspect, select
from sqlalchemy.orm import Session

from estate.register.matches.chosen import choices_in_force, chosen_value
from estate.register.models import Building, BuildingKind, FieldOverride, UseClass
from estate.register.shown import SHOWN_FIELDS, canonical_id, member, winner_of_group

POSITION = ("location", "fix_source", "fix_accuracy_m")
OF_NO_COPY = ("footprint", "recorded_at", "change_set")
"""Columns that are loaded only where somebody asks: a copy leaves them out, else each would cost a question."""


def building_id_of(building: Building) -> int:
    """The id under which the building of this record stands."""
    return building.canonical_id or building.id


def members_of(session: Session, building_ids: Iterable[int]) -> dict[int, list[Building]]:
    """The records of each building, the oldest first. A building that nobody else reports has one: itself."""
    ids = list(building_ids)
    query = select(Building).where((Building.id.in_(ids)) | Building.canonical_id.in_(ids)).order_by(Building.id)
    found: dict[int, list[Building]] = defaultdict(list)
    for record in session.scalars(query).unique():
        found[building_id_of(record)].append(record)
    return found


def homes_of(session: Session, building_ids: Iterable[int]) -> dict[int, int]:
    """The building of each record of these buildings, by the record's id."""
    ids = list(building_ids)
    query = select(Building.id, canonical_id()).where((Building.id.in_(ids)) | Building.canonical_id.in_(ids))
    return dict(session.execute(query).all())


def homes_with_parts(session: Session, building_ids: Iterable[int]) -> dict[int, int]:
    """`homes_of`, and of each record of a part the building in which it is counted."""
    ids = list(building_ids)
    in_part = (Building.kind == BuildingKind.PART) & Building.parent_id.in_(ids)
    parts = session.execute(select(Building.id, Building.parent_id).where(in_part))
    return {part: whole for part, whole in parts if whole is not None} | homes_of(session, ids)


def winners(session: Session, building_id: int) -> dict[str, int | None]:
    """For each field of a building with several records: the record that wins it; None where none knows it.

    A steward's choice (`chosen.choices_in_force`) goes before it.
    """
    return winners_of(session, [building_id]).get(building_id, {})


def winners_of(session: Session, building_ids: Sequence[int]) -> dict[int, dict[str, int | None]]:
    """`winners` of many buildings; those with one record are left out."""
    fields = (*SHOWN_FIELDS, "location")
    query = (
        select(member.canonical_id, *(winner_of_group(field) for field in fields))
        .where(member.canonical_id == any_(cast(list(building_ids), ARRAY(BigInteger))))
        .group_by(member.canonical_id)
    )
    return {row[0]: dict(zip(fields, row[1:], strict=True)) for row in session.execute(query)}


def shown_buildings(session: Session, buildings: Sequence[Building]) -> list[Building]:
    """The buildings as they are shown. Where others, or a choice, say so: as copies, never stored."""
    merged = [building.id for building in buildings if building.canonical_id == building.id]
    choices = choices_in_force(session, [building.id for building in buildings])
    if not merged and not choices:
        return list(buildings)
    chosen = winners_of(session, merged)
    records = {record.id: record for group in members_of(session, merged).values() for record in group}
    return [
        _shown(session, building, chosen.get(building.id, {}), records, choices.get(building.id, {}))
        for building in buildings
    ]


def _shown(
    session: Session,
    building: Building,
    chosen: dict[str, int | None],
    records: dict[int, Building],
    choices: dict[str, FieldOverride],
) -> Building:
    if not chosen and not choices:
        return building
    columns = [column.key for column in inspect(Building).column_attrs if column.key not in OF_NO_COPY]
    values = {name: getattr(building, name) for name in columns}
    for field, record_id in chosen.items():
        if record_id is not None:
            names = POSITION if field == "location" else (field,)
            values |= {name: getattr(records[record_id], name) for name in names}
    for field, choice in choices.items():
        if field == "location":
            values |= {name: getattr(choice, name) for name in POSITION}
        elif field in SHOWN_FIELDS:
            values[field] = chosen_value(choice)
    group = [record for record in records.values() if record.canonical_id == building.id] or [building]
    values["is_listed"] = any(record.is_listed for record in group)
    values["is_protected"] = any(record.is_protected for record in group)
    values["protected_reason"] = next((r.protected_reason for r in group if r.is_protected), None)
    code = values["use_class_code"]
    use_class = session.get(UseClass, code) if code else None
    with session.no_autoflush:
        return Building(**values, agency=building.agency, use_class=use_class)


def count_merged(session: Session) -> int:
    """How many records share a building with another."""
    return session.scalar(select(func.count()).where(Building.canonical_id.is_not(None))) or 0

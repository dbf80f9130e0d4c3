"""The stewards' choices in force: what a building shows because somebody chose it."""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, any_, case, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased

from estate.register.models import (
    Building,
    BuildingStatus,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    FieldOverride,
)
from estate.register.shown import canonical_id, tells_of_no_restricted


def choices_in_force(session: Session, building_ids: Collection[int]) -> dict[int, dict[str, FieldOverride]]:
    """The choice in force of each field, by building and field; of two that a merge brought together, the newer."""
    wanted = canonical_id() == any_(cast(list(building_ids), ARRAY(BigInteger)))
    query = (
        select(canonical_id(), FieldOverride)
        .join(Building, Building.id == FieldOverride.building_id)
        .where(FieldOverride.retracted_at.is_(None), wanted, tells_of_no_restricted())
        .order_by(FieldOverride.id)
    )
    found: dict[int, dict[str, FieldOverride]] = defaultdict(dict)
    for building_id, choice in session.execute(query):
        found[building_id][choice.field] = choice
    return found


def chosen_value(choice: FieldOverride) -> Any:
    """The value that was chosen, as the building's column holds it; of a position, how it was found."""
    if choice.field == "location":
        return choice.fix_source
    return read_value(choice.field, choice.value or "")


def read_value(field: str, text: str) -> Any:
    """A value that is kept as text, as the column of `field` holds it."""
    if field.endswith("_area_m2"):
        return Decimal(text)
    if field == "built_year":
        return int(text)
    return BuildingStatus(text) if field == "status" else text


def dated_facts(field: str) -> tuple[type[Any], Any, Any, list[ColumnElement[bool]]]:
    """The table of a dated fact, the column that is shown of it, its date, and which of its rows are meant."""
    if field == "condition":
        return ConditionSurvey, ConditionSurvey.grade, ConditionSurvey.surveyed_on, [ConditionSurvey.grade.is_not(None)]
    kind = EnergyKind(field)
    return EnergyRating, EnergyRating.band, EnergyRating.rated_on, [EnergyRating.kind == kind]


def newest_dated(field: str, record_id: Any) -> ColumnElement[Any]:
    """What the newest survey or certificate of a record says, as a subquery; NULL where it has none."""
    model, value, on, conditions = dated_facts(field)
    return (
        select(value)
        .where(model.building_id == record_id, *conditions)
        .order_by(on.desc(), model.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def in_force_first(model: type[Any]) -> ColumnElement[int]:
    """0 for the surveys or certificates that a steward's choice names, 1 for others: to be sorted by before the date.

    `model` is `ConditionSurvey` or `EnergyRating`.
    """
    record, holder = aliased(Building), aliased(Building)
    is_condition = model is ConditionSurvey
    field: ColumnElement[str] = literal("condition") if is_condition else cast(model.kind, Text)
    named = exists().where(
        FieldOverride.retracted_at.is_(None),
        FieldOverride.field == field,
        FieldOverride.value == (model.grade if is_condition else model.band),
        FieldOverride.from_id == model.building_id,
        holder.id == FieldOverride.building_id,
        record.id == model.building_id,
        canonical_id(holder) == canonical_id(record),
    )
    return case((named, 0), else_=1)

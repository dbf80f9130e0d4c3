"""What the register says of buildings that an appraisal needs and a plan does not: value, backlog, certificates.

It is read as every agency of the partnership may see it, so a figure is the same for everybody who looks. Nothing is
estimated here: what nobody recorded is missing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.proposals.eligibility import OWNED
from estate.register.matches.members import building_id_of, homes_of, shown_buildings
from estate.register.models import (
    Building,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    Interest,
    Tenure,
    Valuation,
)
from estate.register.seen import EVERY_AGENCY, seen_by


@dataclass(frozen=True)
class Worth:
    """One building; None where nobody recorded it."""

    is_owned: bool | None = None
    """Freehold or on a ground lease, so that it could be sold; None where nobody recorded by what it is held."""
    value: Decimal | None = None
    """The latest valuation."""
    value_basis: str = ""
    backlog_cost: Decimal | None = None
    """By the latest condition survey."""
    energy_band: str | None = None
    """Of the latest display energy certificate."""
    use_code: str | None = None
    gross_m2: Decimal | None = None


def worth_of(session: Session, building_ids: Collection[int]) -> dict[int, Worth]:
    """What is known of each building by its id; buildings that the partnership may not see are left out."""
    ids = sorted(set(building_ids))
    if not ids:
        return {}
    with seen_by(session, EVERY_AGENCY) as reading:
        home = homes_of(reading, ids)
        records = list(reading.scalars(select(Building).where(Building.id.in_(ids))).unique())
        values = _latest(reading, home, Valuation, Valuation.valued_on)
        surveys = _latest(reading, home, ConditionSurvey, ConditionSurvey.surveyed_on)
        ratings = _latest(reading, home, EnergyRating, EnergyRating.rated_on, EnergyRating.kind == EnergyKind.DEC)
        owned = _owned(reading, home)
        return {
            building.id: _worth(building, owned, values, surveys, ratings)
            for building in shown_buildings(reading, records)
        }


def _owned(session: Session, home: dict[int, int]) -> dict[int, bool]:
    """Whether each building is held freehold or on a ground lease; that it stands vacant says nothing of it."""
    held = (Interest.tenure != Tenure.VACANT, Interest.ended_on.is_(None), Interest.building_id.in_(home))
    found: dict[int, bool] = {}
    for record_id, tenure in session.execute(select(Interest.building_id, Interest.tenure).where(*held)):
        found[home[record_id]] = found.get(home[record_id], False) or tenure in OWNED
    return found


def _worth(building: Building, owned: dict[int, bool], values: Any, surveys: Any, ratings: Any) -> Worth:
    key = building_id_of(building)
    value, survey, rating = values.get(key), surveys.get(key), ratings.get(key)
    return Worth(
        is_owned=owned.get(key),
        value=value.amount if value else None,
        value_basis=value.basis if value else "",
        backlog_cost=survey.backlog_cost if survey else None,
        energy_band=rating.band if rating else None,
        use_code=building.use_class_code,
        gross_m2=building.gross_internal_area_m2,
    )


def _latest(session: Session, home: dict[int, int], model: Any, day: Any, *conditions: Any) -> dict[int, Any]:
    """The newest row of each building, by its id; of two of one day, the one recorded last."""
    query = select(model).where(model.building_id.in_(home), *conditions).order_by(day, model.id)
    return {home[row.building_id]: row for row in session.scalars(query)}

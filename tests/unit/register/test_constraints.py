"""Each rule that the database holds for what people edit has a sentence."""

import pytest
from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from estate.db import Base
from estate.gis.models import AreaPopulation, BaseMap
from estate.register.constraints import FALLBACK, SENTENCES, sentence_of
from estate.register.models import Building, Interest, OccupancyObservation, Occupation, PlannedCost, RunningCost

OF_MAPS = [Base.metadata.tables[model.__tablename__] for model in (AreaPopulation, BaseMap)]
NAMES = {
    str(constraint.name)
    for model in (Building, Interest, OccupancyObservation, Occupation, PlannedCost, RunningCost)
    for constraint in Base.metadata.tables[model.__tablename__].constraints
    if isinstance(constraint, CheckConstraint | UniqueConstraint)
} | {
    str(rule.name)
    for table in OF_MAPS
    for rule in (*table.constraints, *table.indexes)
    if isinstance(rule, CheckConstraint) or (isinstance(rule, Index) and rule.unique)
}


def test_every_constraint_has_a_sentence_and_no_sentence_is_idle() -> None:
    assert set(SENTENCES) == NAMES


@pytest.mark.parametrize("name", [None, "", "ck_nobody_knows"])
def test_an_unknown_constraint_still_says_what_to_do(name: str | None) -> None:
    assert sentence_of(name) == FALLBACK

"""`estate boundaries integrity` names what is wrong with stored boundaries, and ends with exit code 1."""

from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from estate.cli import main
from estate.db import make_session
from estate.gis.boundaries.integrity import check_stored
from estate.gis.models import AreaPopulation, BoundaryLevel
from estate.register.area_integrity import misplaced_ids
from estate.register.areas import assign_areas
from estate.register.models import BuildingArea
from tests.factories import make_area, make_building

WHOLE, WEST, EAST = (-2.4, 53.3, -2.2, 53.5), (-2.4, 53.3, -2.3, 53.5), (-2.3, 53.3, -2.2, 53.5)


def found(session: Session, level: str = "ward") -> dict[str, str]:
    """The findings by code."""
    session.flush()
    return {one.code: one.message for one in check_stored(session, session.get_one(BoundaryLevel, level)).findings}


@pytest.fixture
def district(session: Session) -> Any:
    return make_area(session, code="D1", bounds=WHOLE)


def ward(session: Session, code: str, bounds: tuple[float, float, float, float], parent: Any, **fields: Any) -> Any:
    return make_area(session, level="ward", code=code, bounds=bounds, parent_id=parent.id, **fields)


def test_sound_boundaries_are_called_so(session: Session, district: Any) -> None:
    ward(session, "W1", WEST, district, population=5)
    ward(session, "W2", EAST, district)
    session.add(AreaPopulation(level_code="ward", code="W2", year=2024, people=7, source="a count"))
    assert found(session) == {"sound": "Nothing is wrong with 2 areas."}


def test_overlaps_gaps_and_missing_people_are_named(session: Session, district: Any) -> None:
    ward(session, "W1", WEST, district, population=5)
    ward(session, "W2", (-2.31, 53.3, -2.2, 53.5), district)
    report = found(session)
    assert "W1 and W2" in report["overlap"]
    assert report["no_population"] == "Without a population: 1 area (W2)."


def test_an_area_beyond_its_parent_or_in_one_that_ended_is_named(session: Session, district: Any) -> None:
    ward(session, "W1", (-2.4, 53.3, -2.0, 53.5), district)
    past = make_area(session, code="D2", bounds=WHOLE, valid_from=date(2020, 1, 1), valid_until=date(2023, 5, 1))
    ward(session, "W2", (-2.4, 53.5, -2.3, 53.6), past)
    report = found(session)
    assert "W1 (50.0% in D1)" in report["outside_parent"]
    assert report["ended_parent"] == "In a larger area that has ended: 1 area (W2)."


def test_buildings_in_wrong_areas_are_found(session: Session, district: Any) -> None:
    here, there, gone = (make_building(session, lonlat=at) for at in ((-2.35, 53.4), (-2.25, 53.4), (0.0, 51.0)))
    assign_areas(session)
    assert misplaced_ids(session) == []
    session.execute(delete(BuildingArea).where(BuildingArea.building_id == there.id))
    session.execute(insert(BuildingArea).values(building_id=gone.id, area_id=district.id))
    assert misplaced_ids(session) == sorted([there.id, gone.id])
    assert here.id not in misplaced_ids(session)


def test_the_command_tells_a_scheduler_and_mends(committed: Engine) -> None:
    with make_session.begin() as session:
        make_area(session, code="D1", bounds=WHOLE)
        number = make_building(session, lonlat=(-2.35, 53.4)).id
    run = CliRunner()
    outcome = run.invoke(main, ["boundaries", "integrity"])
    assert outcome.exit_code == 1
    assert f"Error: Not stored in the areas they lie in: 1 building (number {number})." in outcome.output
    assert run.invoke(main, ["boundaries", "integrity", "--mend"]).exit_code == 0
    assert run.invoke(main, ["boundaries", "integrity"]).exit_code == 0
    with make_session() as session:
        assert len(session.scalars(select(BuildingArea.area_id)).all()) == 1

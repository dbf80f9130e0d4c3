"""`estate boundaries`: what a person at a terminal sees."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from estate.cli.boundaries import boundaries
from estate.db import make_session
from estate.register.models import BuildingArea
from tests.boundary_files import feature, polygon, square, two_by_two, write_geojson
from tests.factories import make_building

COLUMNS = ["--level", "ward", "--code-column", "code", "--name-column", "name"]


@pytest.fixture
def good(tmp_path: Path, committed: Engine) -> Path:
    return write_geojson(tmp_path / "wards.geojson", two_by_two())


def test_load_prints_what_changed_and_places_buildings(good: Path) -> None:
    with make_session.begin() as session:
        building = make_building(session, lonlat=(-2.39, 53.41)).id
    result = CliRunner().invoke(boundaries, ["load", str(good), *COLUMNS, "--valid-from", "2025-05-01"])
    assert result.exit_code == 0, result.output
    assert "ward: 4 added, 0 replaced, 0 corrected, 0 closed, 0 unchanged." in result.output
    with make_session() as session:
        assert session.scalars(select(BuildingArea.building_id)).all() == [building]
    again = CliRunner().invoke(boundaries, ["load", str(good), *COLUMNS])
    assert "4 unchanged" in again.output
    assert "were placed" not in again.output
    assert "4 areas  Ward" in CliRunner().invoke(boundaries, ["list"]).output


def test_load_refuses_with_every_finding(tmp_path: Path, committed: Engine) -> None:
    features = [feature("A1", polygon(square(0, 0)), "One"), feature("A1", polygon(square(5, 5)), "Two")]
    path = write_geojson(tmp_path / "double.geojson", features)
    result = CliRunner().invoke(boundaries, ["load", str(path), *COLUMNS])
    assert result.exit_code == 1
    assert "Error: Two areas with different names have the same code: A1." in result.output
    assert "Nothing was stored" in result.output


def test_population_options_belong_together(good: Path) -> None:
    result = CliRunner().invoke(boundaries, ["load", str(good), *COLUMNS, "--population", str(good)])
    assert result.exit_code == 2
    assert "--population-code-column" in result.output

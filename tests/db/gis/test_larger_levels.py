"""Larger areas that a file of smaller ones makes up."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from estate.cli.boundaries import boundaries
from estate.gis.boundaries.errors import BoundariesRefused
from estate.gis.boundaries.load import BoundaryFile, LargerLevel, load_with_larger
from estate.gis.boundaries.tidy import Columns
from estate.gis.models import Area
from tests.boundary_files import two_by_two, write_geojson

DISTRICT = LargerLevel("district", "district", "district_name")


def wards(folder: Path, districts: list[str | None], names: list[str | None] | None = None) -> BoundaryFile:
    features = two_by_two()
    for feature, code, name in zip(features, districts, names or districts, strict=True):
        feature["properties"] |= {"district": code, "district_name": name}
    path = write_geojson(folder / "wards.geojson", features)
    return BoundaryFile(path, "ward", Columns("code", "name"), date(2025, 5, 1), "a test")


def areas(session: Session, level: str) -> dict[str, Area]:
    return {area.code: area for area in session.scalars(select(Area).where(Area.level_code == level))}


def test_a_district_is_made_of_its_wards_and_is_their_parent(session: Session, tmp_path: Path) -> None:
    results = load_with_larger(session, wards(tmp_path, ["D1", "D1", "D2", "D2"]), [DISTRICT], actor=None)
    assert {level: result.counts.added for level, result in results.items()} == {"district": 2, "ward": 4}
    assert not results["district"].report.warnings
    districts = areas(session, "district")
    assert {code: area.parent.code for code, area in areas(session, "ward").items() if area.parent} == {
        "A1": "D1",
        "A2": "D1",
        "B1": "D2",
        "B2": "D2",
    }
    assert set(districts) == {"D1", "D2"}


def test_a_ward_without_a_district_lies_in_none(session: Session, tmp_path: Path) -> None:
    load_with_larger(session, wards(tmp_path, ["D1", "D1", "D1", None]), [DISTRICT], actor=None)
    assert set(areas(session, "district")) == {"D1"}
    assert areas(session, "ward")["B2"].parent_id is None


def test_a_code_with_two_names_is_refused(session: Session, tmp_path: Path) -> None:
    file = wards(tmp_path, ["D1", "D1", "D2", "D2"], ["North", "South", "West", "West"])
    with pytest.raises(BoundariesRefused, match="same code: D1"):
        load_with_larger(session, file, [DISTRICT], actor=None)


def test_also_needs_a_column(tmp_path: Path, committed: Engine) -> None:
    path = wards(tmp_path, ["D1", "D1", "D2", "D2"]).path
    words = ["load", str(path), "--level", "ward", "--code-column", "code", "--name-column", "name"]
    result = CliRunner().invoke(boundaries, [*words, "--also", "district"])
    assert result.exit_code == 2
    assert "--also needs a level and a column" in result.output
    good = CliRunner().invoke(boundaries, [*words, "--also", "district:district"])
    assert "district: 2 added" in good.output
    assert "ward: 4 added" in good.output

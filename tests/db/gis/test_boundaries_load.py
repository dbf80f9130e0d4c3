"""Storing boundaries: the same file twice, a changed set, parents, refusals, and the trail they leave."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken
from estate.gis.boundaries.errors import BoundariesRefused, UnknownLevel
from estate.gis.boundaries.load import BoundaryFile, LoadResult, load_boundaries
from estate.gis.boundaries.population import Population
from estate.gis.boundaries.tidy import Columns
from estate.gis.models import Area
from tests.boundary_files import feature, polygon, square, two_by_two, write_geojson

SPRING, SUMMER = date(2024, 4, 1), date(2025, 6, 1)
COLUMNS = Columns("code", "name", "parent")


class Loader:
    """Loads features through a file."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder, self.number = session, folder, 0

    def __call__(
        self, features: list[dict[str, Any]], level: str = "ward", valid_from: date = SPRING, **options: Any
    ) -> LoadResult:
        self.number += 1
        for row in features:
            row["properties"].setdefault("parent", None)
        path = write_geojson(self.folder / f"{self.number}.geojson", features)
        file = BoundaryFile(path, level, COLUMNS, valid_from, "a test", **options)
        return load_boundaries(self.session, file, actor=None)

    def current(self) -> dict[str, Area]:
        """Wards in force by code."""
        rows = self.session.scalars(select(Area).where(Area.level_code == "ward", Area.valid_until.is_(None)))
        return {area.code: area for area in rows}


@pytest.fixture
def load(session: Session, tmp_path: Path) -> Loader:
    return Loader(session, tmp_path)


def events(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Event).where(Event.subject_type == "area")) or 0


def test_new_areas_are_stored_with_an_event_each(load: Loader, session: Session) -> None:
    result = load(two_by_two())
    assert result.counts.added == 4
    assert result.report.findings == []
    area = load.current()["A1"]
    assert (area.name, area.valid_from, area.source) == ("Area A1", SPRING, "a test")
    assert to_shape(area.geometry).geom_type == "MultiPolygon"
    assert events(session) == 4
    assert first_broken(session) is None


def test_the_same_file_twice_changes_nothing(load: Loader, session: Session) -> None:
    load(two_by_two())
    before = {code: area.id for code, area in load.current().items()}
    result = load(two_by_two(), valid_from=SUMMER)
    assert result.counts.unchanged == 4
    assert not result.counts.has_changes
    assert {code: area.id for code, area in load.current().items()} == before
    assert events(session) == 4


def test_a_changed_set_closes_the_old_areas_and_keeps_them(load: Loader, session: Session) -> None:
    load(two_by_two())
    # A1 and A2 become one ward, B1 gets a new name, B2 stays.
    merged = [*square(0, 0)[:1], *square(1, 0)[1:3], *square(0, 0)[3:]]
    changed = [feature("AA", polygon(merged)), feature("B1", polygon(square(0, 1)), "North"), two_by_two()[3]]
    result = load(changed, valid_from=SUMMER)
    counts = result.counts
    assert (counts.added, counts.replaced, counts.closed, counts.unchanged) == (1, 1, 2, 1)
    assert set(load.current()) == {"AA", "B1", "B2"}
    closed = session.scalars(select(Area).where(Area.valid_until == SUMMER).order_by(Area.code)).all()
    assert [area.code for area in closed] == ["A1", "A2", "B1"]
    assert load.current()["B1"].name == "North"


def test_areas_elsewhere_stay_unless_the_file_is_the_whole_level(load: Loader) -> None:
    load(two_by_two())
    elsewhere = [feature("Z1", polygon(square(10, 10)))]
    assert load(elsewhere, valid_from=SUMMER).counts.closed == 0
    assert len(load.current()) == 5
    assert load(elsewhere, valid_from=SUMMER, is_complete=True).counts.closed == 4
    assert set(load.current()) == {"Z1"}


def test_a_correction_of_the_same_day_is_made_in_place(load: Loader, session: Session) -> None:
    load(two_by_two())
    before = load.current()["A1"].id
    features = two_by_two()
    features[0]["properties"]["name"] = "Mended"
    result = load(features)
    assert (result.counts.corrected, result.counts.unchanged) == (1, 3)
    assert load.current()["A1"].id == before
    event = session.scalars(select(Event).where(Event.action == "change_area")).one()
    assert event.changes["name"] == ["Area A1", "Mended"]


def test_older_boundaries_do_not_replace_newer_ones(load: Loader) -> None:
    load(two_by_two(), valid_from=SUMMER)
    features = two_by_two()
    features[0]["properties"]["name"] = "Of old"
    with pytest.raises(BoundariesRefused, match="in force from 1 April 2024 or later already: A1"):
        load(features, valid_from=SPRING)
    assert load.current()["A1"].name == "Area A1"


def test_errors_refuse_the_whole_file(load: Loader) -> None:
    features = two_by_two()
    features[1]["properties"]["code"] = "A1"
    with pytest.raises(BoundariesRefused, match="same code: A1") as caught:
        load(features)
    assert caught.value.report.errors
    assert load.current() == {}


def test_an_unknown_level_names_the_ones_there_are(load: Loader) -> None:
    with pytest.raises(UnknownLevel, match="country, region, county, district, ward, neighbourhood"):
        load(two_by_two(), level="parish")


def districts() -> list[dict[str, Any]]:
    west = [*square(0, 0)[:2], *square(0, 1)[2:4], square(0, 0)[0]]
    east = [*square(1, 0)[:2], *square(1, 1)[2:4], square(1, 0)[0]]
    return [feature("D1", polygon(west)), feature("D2", polygon(east))]


def test_parents_by_geometry_and_by_code(load: Loader) -> None:
    load(districts(), level="district")
    features = two_by_two()
    features[0]["properties"]["parent"] = "D1"
    features[1]["properties"]["parent"] = "D9"
    result = load(features)
    assert {code: area.parent.code for code, area in load.current().items() if area.parent} == {
        "A1": "D1",
        "A2": "D2",
        "B1": "D1",
        "B2": "D2",
    }
    assert {"nests", "unknown_parent", "other_parent"} <= result.report.codes()
    assert result.parent_level is not None
    assert result.parent_level.code == "district"


def test_children_follow_their_parent_to_its_new_version(load: Loader, session: Session) -> None:
    load(districts(), level="district")
    load(two_by_two())
    old = load.current()["A1"].parent_id
    renamed = districts()
    renamed[0]["properties"]["name"] = "Westshire"
    load(renamed, level="district", valid_from=SUMMER)
    session.expire_all()
    child = load.current()["A1"]
    assert child.parent_id != old
    assert child.parent is not None
    assert child.parent.name == "Westshire"


def test_a_smaller_level_can_not_be_the_parent(load: Loader) -> None:
    with pytest.raises(UnknownLevel, match="name a larger level"):
        load(two_by_two(), parent_level_code="neighbourhood")


def test_populations_are_stored_with_their_source_and_missing_ones_stay_unknown(load: Loader) -> None:
    population = Population({"A1": 1200, "A2": 0}, "Census", date(2021, 3, 21))
    result = load(two_by_two(), population=population)
    current = load.current()
    assert (current["A1"].population, current["A1"].population_source) == (1200, "Census")
    assert current["A2"].population == 0
    assert (current["B1"].population, current["B1"].population_source) == (None, None)
    assert "B1 and B2" in next(f.message for f in result.report.findings if f.code == "no_population")
    # A later file without populations leaves them as they are.
    assert load(two_by_two()).counts.unchanged == 4
    assert load.current()["A1"].population == 1200


def test_official_wards_nest_in_their_districts(load: Loader, session: Session, shared_data: Path) -> None:
    folder = shared_data / "boundaries"
    for level, columns in (
        ("district", Columns("LAD25CD", "LAD25NM")),
        ("ward", Columns("WD25CD", "WD25NM", "LAD25CD")),
    ):
        path = folder / f"greater_manchester_{level}s_2025.geojson"
        file = BoundaryFile(path, level, columns, SUMMER, "ONS, OGL v3")
        result = load_boundaries(session, file, actor=None)
        assert result.report.warnings == []
        assert load_boundaries(session, file, actor=None).counts.has_changes is False
    assert len(load.current()) == 215
    assert all(area.parent_id for area in load.current().values())

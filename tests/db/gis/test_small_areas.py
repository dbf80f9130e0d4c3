"""Small areas in the database: what is in force, where points lie, taking a file back, and the road network."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.gis.access.network import road_distances
from estate.gis.access.osm import UnreadableRoads, read_roads
from estate.gis.access.roads import RoadsOfAnotherSystem, find_roads, load_roads, network_of
from estate.gis.small_areas.current import find_current_set, list_sets, small_areas_frame
from estate.gis.small_areas.errors import NoSuchSmallAreas, UnreadableSmallAreas
from estate.gis.small_areas.load import SmallAreaFile, load_small_areas, retire_small_areas
from estate.gis.small_areas.models import SmallArea, SmallAreaPlace
from estate.register.areas import assign_areas
from tests.factories import make_area, make_small_areas
from tests.road_files import write_roads


def write(folder: Path, *rows: str) -> Path:
    path = folder / "people.csv"
    path.write_text("\n".join(["code,name,population,longitude,latitude", *rows]))
    return path


def test_a_file_is_stored_with_its_event(session: Session, tmp_path: Path) -> None:
    area = make_area(session, bounds=(-2.4, 53.3, -2.2, 53.5))
    path = write(tmp_path, "S1,Mill Lane,1234,-2.3,53.4", "S2,,,-2.35,53.4", "S3,,10,-2.9,53.4", "S4,,ten,-2.3,53.4")
    stored, checked = load_small_areas(session, SmallAreaFile(path, 2024, "ONS"), actor=None, reason="Yearly")
    assert (stored.row_count, stored.used_count, stored.rejected_count) == (4, 3, 1)
    assert [problem.line for problem in checked.problems] == [5]
    frame = small_areas_frame(session, stored.id, area.level_code)
    assert frame["code"].tolist() == ["S1", "S2", "S3"]
    assert frame["population"].fillna(-1).tolist() == [1234, -1, 10]
    assert frame["area_id"].tolist() == [area.id, area.id, 0]
    event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.subject_type, event.subject_id, event.reason) == ("small_area_set", stored.id, "Yearly")


def test_nothing_is_stored_of_a_file_without_a_good_row(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UnreadableSmallAreas):
        load_small_areas(session, SmallAreaFile(write(tmp_path, "S1,,x,1,2"), 2024, "ONS"), actor=None)
    assert find_current_set(session) is None


def test_the_newest_year_loaded_last_is_in_force_until_taken_back(session: Session) -> None:
    old, first, second = (make_small_areas(session, year=year) for year in (2022, 2024, 2024))
    assert find_current_set(session) == second
    retire_small_areas(session, second.id, actor=None, reason="Wrong file")
    assert find_current_set(session) == first
    assert list_sets(session) == [first, old, second]
    for wrong in (second.id, 0, 2**63):
        with pytest.raises(NoSuchSmallAreas):
            retire_small_areas(session, wrong, actor=None, reason="Again")


def test_points_are_placed_anew_when_boundaries_are(session: Session) -> None:
    stored = make_small_areas(session, ("S1", (-2.3, 53.4), 5))
    assert session.scalars(select(SmallAreaPlace)).all() == []
    west = make_area(session, bounds=(-2.5, 53.3, -2.3, 53.5))
    make_area(session, bounds=(-2.3, 53.3, -2.1, 53.5))
    assign_areas(session)
    assert small_areas_frame(session, stored.id, "district")["area_id"].tolist() == [west.id]


def test_the_database_refuses_people_below_none_and_rows_that_do_not_add_up(session: Session) -> None:
    stored = make_small_areas(session)
    session.scalars(select(SmallArea).where(SmallArea.set_id == stored.id)).one().population = -1
    with pytest.raises(IntegrityError, match="ck_small_area_population"), session.begin_nested():
        session.flush()
    session.rollback()
    with pytest.raises(IntegrityError, match="rows_add_up"):
        make_small_areas(session, row_count=5)


def test_the_road_network_comes_back_as_it_was_read(session: Session, tmp_path: Path) -> None:
    path = write_roads(tmp_path / "town.osm.pbf", gap=2)
    assert find_roads(session) is None
    stored = load_roads(session, path, source="© OpenStreetMap contributors", actor=None)
    assert find_roads(session) == stored
    read, kept = read_roads(path, 27700), network_of(session, stored)
    homes, counters = read.nodes[:9] + 20, read.nodes[20:22]
    expected, found = (road_distances(network, homes, counters) for network in (read, kept))
    assert np.allclose(expected.distance_m, found.distance_m)
    assert stored.length_m == pytest.approx(float(read.length_m.sum()), rel=1e-6)
    with pytest.raises(UnreadableRoads):
        load_roads(session, write(tmp_path, "S1"), source="x", actor=None)


def test_a_network_of_another_system_is_refused(session: Session, tmp_path: Path) -> None:
    stored = load_roads(session, write_roads(tmp_path / "town.osm.pbf"), source="OSM", actor=None)
    stored.srid = 32630
    with pytest.raises(RoadsOfAnotherSystem):
        network_of(session, stored)

"""Who lives further than x from a counter: which counters count, whose people, and what a closure changes."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.gis.access.distances import Method
from estate.gis.access.roads import load_roads
from estate.people.programmes import today_of
from estate.register.access.counters import counters_frame
from estate.register.access.figures import AccessFigures, AccessQuestion, access_figures, closure_by_service
from estate.register.areas import assign_areas
from estate.register.matches.decide import Said, decide
from estate.register.models import Building, BuildingStatus, MatchVerdict, Sensitivity
from estate.register.programmes import Scope
from tests.factories import (
    first_programme,
    make_agency,
    make_area,
    make_building,
    make_level,
    make_occupation,
    make_small_areas,
)
from tests.road_files import SIZE, crossing, write_roads

DEGREE_M = 66_400
"""Metres of a degree of longitude at 53.4 north, about."""


def counter(session: Session, lonlat: tuple[float, float] | None = (-2.3, 53.4), **fields: Any) -> Building:
    team = {name: fields.pop(name) for name in ("service_code", "ended_on", "ended_reason") if name in fields}
    building = make_building(session, lonlat=lonlat, **fields)
    make_occupation(session, building, **{"is_public_counter": True, "service_code": "library", **team})
    return building


def ask(session: Session, limit_m: float = 2000, **fields: Any) -> AccessFigures:
    assign_areas(session)
    found = access_figures(session, AccessQuestion(make_level(session), limit_m, **fields))
    assert found is not None
    return found


def counted(session: Session, scope: Scope | None = None) -> list[int]:
    assign_areas(session)
    return counters_frame(session, scope)["building_id"].tolist()


def test_without_population_there_is_nothing_to_say(session: Session) -> None:
    assert access_figures(session, AccessQuestion(make_level(session), 1000)) is None


def test_only_open_counters_count(session: Session) -> None:
    one = counter(session, name="Aa open")
    surplus = counter(session, name="Bb surplus", status=BuildingStatus.SURPLUS)
    make_occupation(session, make_building(session))
    counter(session, status=BuildingStatus.VACANT)
    counter(session, status=BuildingStatus.DISPOSED)
    counter(session, ended_on=date(2020, 1, 1), ended_reason="Closed")
    assert counted(session) == [one.id, surplus.id]


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_a_refuge_is_on_no_map_whoever_looks(session: Session, level: Sensitivity) -> None:
    shown = counter(session)
    counter(session, sensitivity=level)
    assert counted(session) == [shown.id]


def test_two_records_of_one_building_are_one_counter(session: Session) -> None:
    low, high = counter(session), counter(session)
    decide(session, low, high, Said(MatchVerdict.SAME, "One library", None))
    assert counted(session) == [low.id]


def test_who_stepped_back_has_no_counter(session: Session) -> None:
    stays = counter(session)
    left = make_agency(session, is_partner=False)
    counter(session, agency=left)
    make_occupation(session, make_building(session), agency_id=left.id, is_public_counter=True)
    assert counted(session, Scope(first_programme(session).id)) == [stays.id]
    assert len(counted(session, Scope(None, frozenset([left.id])))) == 1


def test_residents_are_summed_by_distance_and_unknown_is_apart(session: Session) -> None:
    west = make_area(session, name="West", bounds=(-2.5, 53.3, -2.3, 53.5))
    make_area(session, name="East", bounds=(-2.3, 53.3, -2.1, 53.5))
    make_area(session, name="Empty", bounds=(-2.1, 53.3, -2.0, 53.5))
    library = counter(session, (-2.301, 53.4), name="Library")
    counter(session, (-2.2, 53.4), service_code="courts")
    counter(session, None, name="Nowhere")
    make_small_areas(
        session,
        ("S1", (-2.31, 53.4), 600),
        ("S2", (-2.4, 53.4), 300),
        ("S3", (-2.2, 53.4), 1000),
        ("S4", (-2.25, 53.4), None),
        ("S5", (-1.5, 53.4), 77),
    )
    found = ask(session, service_code="library")
    by_name = found.areas.set_index("name")
    assert by_name.loc["West", ["residents", "beyond", "unknown_count"]].tolist() == [900, 300, 0]
    assert by_name.loc["East", ["residents", "beyond", "unknown_count"]].tolist() == [1000, 1000, 1]
    assert by_name.loc["Empty", "residents"] == 0
    assert np.isnan(by_name.loc["Empty", "share"])
    assert (found.total["residents"], found.total["beyond"]) == (1900, 1300)
    assert (found.unplaced_counters, found.homes_outside) == (1, 1)
    assert found.homes["nearest"].tolist() == ["Library"] * 4
    assert found.homes["distance_m"].iloc[1] == pytest.approx(0.099 * DEGREE_M, rel=0.01)
    inside = ask(session, service_code="library", area_id=west.id)
    assert inside.areas["name"].tolist() == ["West"]
    across = ask(session, service_code="courts", area_id=west.id)
    assert across.homes["nearest_id"].notna().all(), "the nearest counter may lie in another area"
    assert library.id in set(found.counters["building_id"])


def test_distance_is_that_of_postgis(session: Session) -> None:
    make_area(session, bounds=(-3, 53, -2, 54))
    dice = np.random.default_rng(7)
    for place in dice.uniform((-2.9, 53.1), (-2.1, 53.9), (9, 2)):
        counter(session, (float(place[0]), float(place[1])))
    homes = dice.uniform((-2.9, 53.1), (-2.1, 53.9), (40, 2))
    make_small_areas(session, *((f"S{number:02d}", (float(x), float(y)), 10) for number, (x, y) in enumerate(homes)))
    found = ask(session)
    nearest = text("""
        SELECT min(ST_Distance(ST_Transform(small_area.location, 27700), ST_Transform(building.location, 27700)))
        FROM small_area, building GROUP BY small_area.code ORDER BY small_area.code
    """)
    assert found.homes["distance_m"].tolist() == pytest.approx(list(session.scalars(nearest)), abs=0.01)


def test_without_a_counter_nobody_is_measured(session: Session) -> None:
    make_area(session, bounds=(-2.4, 53.3, -2.2, 53.5))
    make_small_areas(session)
    found = ask(session)
    assert found.total[["residents", "beyond", "unmeasured"]].tolist() == [0, 0, 1000]
    assert np.isnan(found.total["share"])


def test_a_closure_takes_people_out_of_reach(session: Session) -> None:
    make_area(session, bounds=(-2.5, 53.3, -2.1, 53.5))
    closing = counter(session, (-2.4, 53.4), name="Closing")
    make_occupation(session, closing, is_public_counter=True, service_code="courts")
    counter(session, (-2.38, 53.4), name="Near")
    counter(session, (-2.2, 53.4), name="Far", service_code="courts")
    make_small_areas(session, ("S1", (-2.41, 53.4), 600), ("S2", (-2.2, 53.4), 50), ("S3", (-2.42, 53.4), None))
    found = ask(session, service_code="courts", closing_id=closing.id)
    assert found.total["newly_beyond"] == 600
    by_service = closure_by_service(session, found).set_index("service_code")
    assert by_service["newly_beyond"].to_dict() == {"courts": 600, "library": 0}
    assert by_service["remaining"].to_dict() == {"courts": 1, "library": 1}
    last = ask(session, service_code="library", limit_m=1, closing_id=closing.id)
    assert last.total["newly_beyond"] == 0, "who was beyond before is not newly beyond"


def test_the_last_counter_of_a_service_leaves_everybody_beyond(session: Session) -> None:
    make_area(session, bounds=(-2.5, 53.3, -2.1, 53.5))
    only = counter(session)
    make_small_areas(session)
    assert ask(session, closing_id=only.id).total["newly_beyond"] == 1000


def test_along_roads_the_way_around_counts_and_what_is_off_is_apart(session: Session, tmp_path: Path) -> None:
    make_area(session, bounds=(-2.5, 53.3, -2.1, 53.5))
    load_roads(session, write_roads(tmp_path / "town.osm.pbf", gap=2), source="OSM", actor=None)
    counter(session, crossing(3, 0))
    counter(session, (-2.15, 53.35), name="Off the roads")
    make_small_areas(session, ("S1", crossing(2, 0), 100), ("S2", crossing(3, 1), 200), ("S3", (-2.45, 53.45), 40))
    straight, roads = ask(session, 1000), ask(session, 1000, method=Method.ROADS)
    assert (straight.total["beyond"], straight.total["unmeasured"], straight.roads) == (40, 0, None)
    assert (roads.total["residents"], roads.total["beyond"], roads.total["unmeasured"]) == (300, 100, 40)
    assert roads.homes["is_off"].tolist() == [False, False, True]
    assert roads.counters_off_network == 1
    assert roads.homes["distance_m"].iloc[0] == pytest.approx((2 * (SIZE - 1) * 222.6) + 133, rel=0.01)


def test_by_road_without_a_network_says_so_by_having_none(session: Session) -> None:
    make_area(session, bounds=(-2.5, 53.3, -2.1, 53.5))
    counter(session)
    make_small_areas(session)
    assert ask(session, method=Method.ROADS).roads is None


def test_a_team_that_leaves_on_a_later_day_is_still_there(session: Session) -> None:
    later = today_of(session).replace(year=today_of(session).year + 2, day=1)
    one = counter(session, ended_on=later, ended_reason="Lease ends")
    assert counted(session) == [one.id]

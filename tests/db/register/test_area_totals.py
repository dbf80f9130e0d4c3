"""Totals at every level agree to the penny: on real boundaries, the whole is what its parts add up to."""

from decimal import Decimal
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.register import costs
from estate.register.area_statistics import area_statistics, changes_of_areas
from estate.register.areas import assign_areas
from estate.register.filters import BuildingFilters
from estate.register.frames import count_outside
from estate.register.measures import MEASURES
from estate.register.models import RunningCost
from tests.factories import make_agency, make_area, make_building, make_level

ALL = BuildingFilters()
YEARS = (2022, 2024)
COUNT = 120


@pytest.fixture
def register(session: Session, shared_data: Path) -> Session:
    """The districts and wards of Greater Manchester, with 120 buildings of uneven costs to the penny in them."""
    places = {}
    for level, code in (("district", "LAD25"), ("ward", "WD25")):
        places[level] = geopandas.read_file(shared_data / "boundaries" / f"greater_manchester_{level}s_2025.geojson")
        for row in places[level].to_dict("records"):
            area = make_area(session, level=level, name=row[f"{code}NM"], code=row[f"{code}CD"])
            area.geometry = shapely.MultiPolygon(getattr(row["geometry"], "geoms", [row["geometry"]])).wkt
    parents = dict(session.execute(select(Area.code, Area.id).where(Area.level_code == "district")).all())
    of_ward = places["ward"].set_index("WD25CD")["LAD25CD"]
    for area in session.scalars(select(Area).where(Area.level_code == "ward")):
        area.parent_id = parents[of_ward[area.code]]
    add_buildings(session, places["ward"])
    assign_areas(session)
    return session


def add_buildings(session: Session, wards: geopandas.GeoDataFrame) -> None:
    chance = np.random.default_rng(11)
    agency = make_agency(session)
    spots = wards.geometry.representative_point()
    for number in range(COUNT):
        at = spots.iloc[int(chance.integers(len(spots)))]
        building = make_building(session, agency=agency, name=f"Building {number}", lonlat=(at.x, at.y))
        for year in YEARS:
            if chance.random() < 0.7:
                amount = Decimal(int(chance.integers(1, 10**9))) / 100
                fact = {"category_code": "energy", "source": "test", "is_estimate": bool(chance.random() < 0.2)}
                session.add(
                    RunningCost(building_id=building.id, agency_id=agency.id, year_start=year, amount=amount, **fact)
                )
    session.flush()


def pence(total: float) -> int:
    return round(total * 100)


def test_levels_add_up_to_the_same_pennies(register: Session) -> None:
    stored = register.scalar(select(func.sum(RunningCost.amount)).where(RunningCost.year_start == 2024))
    totals = []
    for code in ("district", "ward"):
        level = make_level(register, code)
        statistics = area_statistics(register, level, 2024, ALL)
        assert count_outside(register, level, ALL) == 0
        totals.append(costs.totals(statistics).iloc[0])
    districts, wards = totals
    assert pence(districts["cost"]) == pence(wards["cost"]) == int(stored * 100)
    assert pence(districts["estimated_cost"]) == pence(wards["estimated_cost"])
    assert districts["building_count"] == wards["building_count"] == COUNT
    assert districts["cost_count"] == wards["cost_count"] < COUNT


def test_a_districts_wards_add_up_to_the_district(register: Session) -> None:
    districts = area_statistics(register, make_level(register, "district"), 2024, ALL, ("costs",)).set_index("area_id")
    ward = make_level(register, "ward")
    for area_id, district in districts.iterrows():
        inside = area_statistics(register, ward, 2024, BuildingFilters(area_id=int(area_id)), ("costs",))
        total = costs.totals(inside).iloc[0]
        assert pence(total["cost"]) == pence(district["cost"])
        assert total["building_count"] == district["building_count"]


def test_changes_add_up_at_every_level(register: Session) -> None:
    measure = MEASURES["cost"]
    found = []
    for code in ("district", "ward"):
        sides = changes_of_areas(register, make_level(register, code), YEARS, ALL, measure.group, measure.sources)
        found.append([pence(costs.totals(side).iloc[0]["cost"]) for side in sides])
        counts = [costs.totals(side).iloc[0]["cost_count"] for side in sides]
        assert counts[0] == counts[1]
    assert found[0] == found[1]

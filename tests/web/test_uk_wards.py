"""Every ward of the United Kingdom in one load, and NHS costs (ERIC) on all of them. Skips without the real data.

What belongs where is worked out a second time: by GeoPandas from the boundary file, by csv from the register.
"""

import csv
import html
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, aliased

from estate.cli import main
from estate.db import make_session
from estate.gis.boundaries.load import BoundaryFile, LargerLevel, LoadResult, load_with_larger
from estate.gis.boundaries.tidy import Columns
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Role
from estate.register.area_statistics import area_statistics
from estate.register.filters import BuildingFilters
from estate.register.frames import count_outside
from estate.register.imports.layouts import layouts
from estate.register.models import Building, SourceRecord
from tests.conftest import empty_database

SPRING = date(2025, 5, 1)
YEAR = 2023
LEVELS = {"region": "RGNCD", "county": "CAUTHCD", "district": "LAD25CD", "ward": "WD25CD"}
NORTH_WEST, GREATER_MANCHESTER, MANCHESTER = "E12000002", "E47000001", "E08000003"
ITS_DISTRICTS = {f"E{8000000 + number:08d}" for number in range(1, 11)}


@dataclass
class Site:
    """A row of the CSV file: what it costs, and the codes of the areas that it lies in; None: it lies in none."""

    cost: Decimal
    codes: dict[str, str | None]


@pytest.fixture(scope="module")
def nation(engine: Engine, shared_data: Path) -> Iterator[dict[str, LoadResult]]:
    """All boundaries and ERIC's sites; what was found while loading, by level."""
    path = shared_data / "boundaries" / "uk_wards_2025.gpkg"
    file = BoundaryFile(path, "ward", Columns("WD25CD", "WD25NM"), SPRING, "ONS, OGL v3", is_complete=True)
    larger = [LargerLevel("district", "LAD25CD", "LAD25NM")]
    larger += [LargerLevel(level, LEVELS[level], LEVELS[level]) for level in ("region", "county")]
    with make_session.begin() as session:
        results = load_with_larger(session, file, larger, actor=None)
    register = str(shared_data / "registers/eric_site_2023_24.csv")
    for words in (
        ["agency", "add", "NHS England", "--kind", "nhs"],
        ["import", register, "--agency", "NHS England", "--year", "2023-24", "--create-agencies", "--yes"],
    ):
        outcome = CliRunner().invoke(main, words, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
    yield results
    empty_database(engine)


@pytest.fixture(scope="module")
def sites(nation: dict[str, LoadResult], shared_data: Path) -> list[Site]:
    """The sites of the CSV file that have a cost and are not refused, laid onto the file of wards."""
    official = geopandas.read_file(shared_data / "boundaries/uk_wards_2025.gpkg", columns=list(LEVELS.values()))
    with make_session() as session:
        query = select(SourceRecord.key, Building.location).join(Building).where(SourceRecord.layout == "eric_sites")
        points = geopandas.read_postgis(query, session.connection(), geom_col="location")
    placed = points.sjoin(official, how="left", predicate="intersects").set_index("key")
    assert placed.index.is_unique
    codes = placed[list(LEVELS.values())].astype(object).where(placed[list(LEVELS.values())].notna(), None)
    found = []
    for row in rows_of(shared_data):
        cost = known_cost(row)
        if row["Site Code"] in codes.index and cost is not None:
            where = codes.loc[row["Site Code"]]
            found.append(Site(cost, {level: where[column] for level, column in LEVELS.items()}))
    return found


def rows_of(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "registers/eric_site_2023_24.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def known_cost(row: dict[str, str]) -> Decimal | None:
    """What a row of the file costs in all; None where it states nothing."""
    texts = [row[column].replace(",", "") for cost in layouts()["eric_sites"].costs for column in cost.columns]
    amounts = [Decimal(text) for text in texts if re.fullmatch(r"-?[\d.]+", text)]
    return sum(amounts, Decimal(0)) if amounts else None


def summed(sites: list[Site], level: str) -> dict[str, Decimal]:
    """The cost of each area that has one, by code."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for site in sites:
        if (code := site.codes[level]) is not None:
            found[code] += site.cost
    return {code: cost for code, cost in found.items() if cost}


def test_all_wards_and_districts_are_loaded_at_once_with_parents(nation: dict[str, LoadResult]) -> None:
    assert list(nation) == ["region", "county", "district", "ward"]
    parent = aliased(Area)
    levels = select(parent.level_code, func.count()).join(Area, Area.parent_id == parent.id)
    with make_session() as session:
        counts = dict(session.execute(select(Area.level_code, func.count()).group_by(Area.level_code)).all())
        ward = dict(session.execute(levels.where(Area.level_code == "ward").group_by(parent.level_code)).all())
        district = dict(session.execute(levels.where(Area.level_code == "district").group_by(parent.level_code)).all())
    assert counts == {"region": 9, "county": 10, "district": 361, "ward": 8405}
    assert ward == {"district": 8405}
    # Here a county is a combined authority: most districts lie in none.
    assert district == {"county": 53}
    assert "straddles" not in nation["ward"].report.codes() | nation["district"].report.codes()


@pytest.mark.parametrize("level_code", LEVELS)
def test_costs_of_a_whole_nation_are_the_files_own_at_every_level(
    sites: list[Site], session: Session, level_code: str
) -> None:
    level = session.get_one(BoundaryLevel, level_code)
    statistics = area_statistics(session, level, YEAR, BuildingFilters())
    shown = {row.code: Decimal(str(row.cost)) for row in statistics.itertuples() if row.cost > 0}
    assert len(shown) >= {"region": 9, "county": 10, "district": 250, "ward": 1000}[level_code]
    assert shown == summed(sites, level_code)


def test_every_pound_of_the_file_is_in_an_area_or_told_to_be_outside(
    sites: list[Site], session: Session, shared_data: Path
) -> None:
    """What lies in no region, and what the import refused, are all that keeps the nation from the file's own sum."""
    keys = set(session.scalars(select(SourceRecord.key).where(SourceRecord.layout == "eric_sites")))
    rows = rows_of(shared_data)
    refused = [row for row in rows if row["Site Code"] not in keys]
    assert len(refused) == 3
    inside = sum(summed(sites, "region").values())
    outside = sum((site.cost for site in sites if site.codes["region"] is None), Decimal(0))
    left = sum((known_cost(row) or Decimal(0) for row in refused), Decimal(0))
    assert inside + outside + left == sum((known_cost(row) or Decimal(0) for row in rows), Decimal(0))
    assert inside > Decimal(10) ** 9
    nowhere = session.scalar(
        select(func.count()).where(Building.id.not_in(select(Building.id).where(Building.location.is_not(None))))
    )
    assert count_outside(session, session.get_one(BoundaryLevel, "ward"), BuildingFilters()) == nowhere


def test_links_lead_from_a_region_down_to_the_sites_of_a_ward(
    sites: list[Site], session: Session, sign_in: Any
) -> None:
    """Greater Manchester on the way: each page's table is what the file says of the areas in the one followed."""
    browser = sign_in(Role.VIEWER)
    steps: list[tuple[str, str | None, str | None]] = [
        ("region", None, NORTH_WEST),
        ("county", NORTH_WEST, GREATER_MANCHESTER),
        ("district", GREATER_MANCHESTER, MANCHESTER),
        ("ward", MANCHESTER, None),
    ]
    address = f"/maps?level=region&year={YEAR}"
    above = "region"
    for level, inside, onward in steps:
        expected = summed([site for site in sites if inside in (None, site.codes[above])], level)
        assert costs_of(browser, address) == expected
        if level == "district":
            assert set(expected) == ITS_DISTRICTS
        chosen = onward or max(expected, key=lambda code: expected[code])
        number = session.scalar(select(Area.id).where(Area.level_code == level, Area.code == chosen))
        links = re.findall(r'class="map-closer"[^>]*><a class="govuk-link" href="([^"]+)"', browser.get(address).text)
        address = html.unescape(next(link for link in links if link.endswith(f"area={number}")))
        above = level
    assert address.startswith("/maps/buildings?")
    text = browser.get(address.replace("/maps/buildings?", "/maps/buildings.csv?")).text.removeprefix("\ufeff")
    amounts = [row["running_cost"] for row in csv.DictReader(io.StringIO(text)) if row["running_cost"]]
    assert sum(map(Decimal, amounts), Decimal(0)) == expected[chosen]


def test_a_region_counts_the_districts_that_lie_in_no_county(sites: list[Site], session: Session) -> None:
    number = session.scalar(select(Area.id).where(Area.code == NORTH_WEST))
    district = session.get_one(BoundaryLevel, "district")
    statistics = area_statistics(session, district, YEAR, BuildingFilters(area_id=number))
    assert len(statistics) == 35
    shown = {row.code: Decimal(str(row.cost)) for row in statistics.itertuples() if row.cost > 0}
    assert shown == summed([site for site in sites if site.codes["region"] == NORTH_WEST], "district")


def costs_of(browser: Any, address: str) -> dict[str, Decimal]:
    """The costs of the page's downloadable table, by code."""
    text = browser.get(address.replace("/maps?", "/maps/areas.csv?")).text.removeprefix("\ufeff")
    rows = csv.DictReader(io.StringIO(text))
    return {row["code"]: Decimal(row["cost"]) for row in rows if row["cost"] and Decimal(row["cost"])}

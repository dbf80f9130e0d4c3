"""The whole way on real open data: empty database, boundaries, registers, cost map, proposal, board, disposals.

`docs/real-data.md` tells the same walk by hand. Skips where the folder of real data is absent.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import geopandas
import pandas
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from estate.board.boards import add_member, create_board
from estate.board.decisions import cast_vote, decide, submit
from estate.board.models import VoteChoice
from estate.cli import main
from estate.db import make_session
from estate.gis.models import Area, BoundaryLevel
from estate.gis.postcodes import postcode_index
from estate.proposals.models import Outcome, Proposal, ProposalBuilding, RunStatus
from estate.register.area_statistics import area_statistics
from estate.register.filters import BuildingFilters
from estate.register.imports.layouts import layouts
from estate.register.matches.run import match_records
from estate.register.models import Building, BuildingArea, MatchDecision, RunningCost, SourceRecord
from tests.conftest import SHARED_DATA, empty_database
from tests.factories import make_user

TRAFFORD = "E08000009"
DISTRICTS = {f"E{8000000 + number:08d}".encode() for number in range(1, 11)}
COMBINED = "Greater Manchester Combined Authority"

AGENCIES = [
    (COMBINED, "combined_authority", None),
    ("Trafford Council", "council", COMBINED),
    ("NHS England", "nhs", None),
    ("Fire services", "fire", None),
    ("HM Courts and Tribunals Service", "courts", None),
    ("Department for Work and Pensions", "jobcentre", None),
    ("HM Prison and Probation Service", "probation", None),
]

# File, agency, options, rows in the file as counted by hand with the csv module or a spreadsheet.
FILES = [
    ("trafford_land_and_building_assets.csv", "Trafford Council", [], 608),
    ("eric_site_2023_24.csv", "NHS England", ["--year", "2023-24", "--create-agencies"], 2869),
    ("fire_stations.ods", "Fire services", ["--create-agencies"], 1399),
    ("libraries_england_2023.csv", COMBINED, ["--create-agencies"], 3487),
    ("gp_practices_epraccur.csv", "NHS England", [], 15971),
    ("courts", "HM Courts and Tribunals Service", [], 548),
    ("gm_jobcentreplus.csv", "Department for Work and Pensions", ["--use-class", "jobcentre"], 26),
    ("gm_probation_offices.csv", "HM Prison and Probation Service", ["--use-class", "probation_office"], 12),
    ("gm_libraries.csv", COMBINED, ["--use-class", "library"], 141),
    ("gm_hospitals.geojson", "NHS England", [], 449),
    ("trafford_general_practices.csv", "NHS England", ["--use-class", "general_practice"], 26),
]


def run(*words: object) -> str:
    """The output of an `estate` command that must succeed."""
    result = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def place(engine: Engine, shared_data: Path) -> Iterator[dict[str, str]]:
    """Greater Manchester, loaded by the commands that the guide names; the output of each import by file name."""
    boundaries = shared_data / "boundaries"
    for level, code in (("district", "LAD25"), ("ward", "WD25")):
        file = boundaries / f"greater_manchester_{level}s_2025.geojson"
        run("boundaries", "load", file, "--level", level, "--code-column", f"{code}CD", "--name-column", f"{code}NM")
    for name, kind, parent in AGENCIES:
        run("agency", "add", name, "--kind", kind, *(["--parent", parent] if parent else []))
    registers = shared_data / "registers"
    yield {
        name: run("import", registers / name, "--agency", agency, *options, "--yes")
        for name, agency, options, _ in FILES
    }
    empty_database(engine)


@pytest.fixture
def real(place: dict[str, str]) -> Iterator[Session]:
    with make_session() as session:
        yield session


@pytest.mark.parametrize(("name", "rows"), [(name, rows) for name, _, _, rows in FILES])
def test_rows_in_are_all_accounted_for(place: dict[str, str], name: str, rows: int) -> None:
    equation = r"([\d,]+) rows in = ([\d,]+) inserted \+ ([\d,]+) updated \+ ([\d,]+) unchanged \+ ([\d,]+) rejected"
    found = re.search(equation, place[name])
    assert found, place[name]
    total, *parts = (int(text.replace(",", "")) for text in found.groups())
    assert total == rows == sum(parts)
    assert parts[0] > 0


def test_nearly_every_row_of_the_place_gets_a_ward(real: Session) -> None:
    """The postcode directory's own column says which rows belong here; coordinates decide for rows without one."""
    index = postcode_index()
    here = {code.decode() for code, district in index.records[["code", "district"]].tolist() if district in DISTRICTS}
    in_ward = select(BuildingArea.building_id).join(Area).where(Area.level_code == "ward")
    rows = real.execute(select(Building.postcode, Building.id.in_(in_ward))).all()
    belonging = [is_in_ward for postcode, is_in_ward in rows if (postcode or "").replace(" ", "") in here]
    assert len(belonging) > 1000
    assert sum(belonging) >= 0.95 * len(belonging)
    official = geopandas.read_file(SHARED_DATA / "boundaries/greater_manchester_districts_2025.geojson")
    points = geopandas.read_postgis("SELECT id, location FROM building", real.connection(), geom_col="location")
    inside = set(points.sjoin(official, predicate="intersects")["id"])
    assert len(inside & set(real.scalars(in_ward))) >= 0.95 * len(inside)


def test_cost_map_shows_erics_own_costs_by_ward(real: Session, shared_data: Path) -> None:
    """Sums by ward, computed here from the CSV file alone, equal the map's figures to the penny."""
    layout = layouts()["eric_sites"]
    columns = [column for cost in layout.costs for column in cost.columns]
    wards = dict(
        real.execute(
            select(SourceRecord.key, Area.code)
            .join(BuildingArea, BuildingArea.building_id == SourceRecord.building_id)
            .join(Area, Area.id == BuildingArea.area_id)
            .where(SourceRecord.layout == "eric_sites", Area.level_code == "ward")
        ).all()
    )
    expected: dict[str, Decimal] = defaultdict(Decimal)
    with (shared_data / "registers/eric_site_2023_24.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            ward = wards.get(row["Site Code"])
            amounts = [row[column].replace(",", "") for column in columns]
            known = [Decimal(text) for text in amounts if re.fullmatch(r"[\d.]+", text)]
            if ward and known:
                expected[ward] += sum(known)
    level = real.get_one(BoundaryLevel, "ward")
    statistics = area_statistics(real, level, 2023, BuildingFilters())
    shown = {row.code: Decimal(str(row.cost)) for row in statistics.itertuples() if row.cost > 0}
    assert len(expected) > 60
    assert shown == {ward: amount for ward, amount in expected.items() if amount > 0}
    stored = real.scalar(
        select(func.sum(RunningCost.amount))
        .join(BuildingArea, BuildingArea.building_id == RunningCost.building_id)
        .join(Area, Area.id == BuildingArea.area_id)
        .where(Area.level_code == "ward")
    )
    assert stored == sum(expected.values())


def test_trafford_is_proposed_decided_and_its_disposals_read_back(
    place: dict[str, str], shared_data: Path, tmp_path: Path
) -> None:
    run("propose", "--level", "district", "--area", TRAFFORD)
    with make_session.begin() as session:
        proposal = session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
        assert proposal is not None
        assert proposal.run_status is RunStatus.FINISHED
        assert proposal.gap is not None
        assert proposal.gap <= 0.01
        trafford = session.scalars(select(Area).where(Area.code == TRAFFORD)).one()
        board = create_board(session, actor=None, name="Trafford strategic estate board", area=trafford)
        chair, member = make_user(session), make_user(session)
        add_member(session, board, chair, actor=None, is_chair=True)
        add_member(session, board, member, actor=None)
        decision = submit(session, proposal, board, actor=chair.id, note="First walk on open data")
        cast_vote(session, decision, actor=chair.id, choice=VoteChoice.FOR)
        cast_vote(session, decision, actor=member.id, choice=VoteChoice.FOR)
        decide(session, decision, actor=chair.id, approve=True, reason="The vacant buildings are not needed.")
        emptied = select(ProposalBuilding.building_id).where(
            ProposalBuilding.proposal_id == proposal.id, ProposalBuilding.outcome == Outcome.EMPTIED
        )
        query = select(Building.id, Building.name).where(Building.id.in_(emptied)).order_by(Building.id)
        rows = [(building_id, name) for building_id, name in session.execute(query)]
        number = proposal.id
    assert rows
    for suffix in ("csv", "xlsx", "geojson", "gpkg"):
        path = tmp_path / f"disposals.{suffix}"
        run("disposals", "--proposal", number, "--format", suffix, "--to", path)
        found = read(path)
        assert sorted(zip(found["EstateID"].astype(int), found["PropertyName"], strict=True)) == rows


def read(path: Path) -> pandas.DataFrame:
    """The file as GeoPandas or pandas reads it."""
    if path.suffix == ".csv":
        return pandas.read_csv(path, dtype=str)
    if path.suffix == ".xlsx":
        return pandas.read_excel(path, dtype=str, engine="openpyxl")
    return geopandas.read_file(path)


LINKED_LIBRARIES = {"Altrincham", "Coppice", "Lostock", "Timperley", "Urmston", "Woodsend"}


def test_no_automatic_link_is_wrong(real: Session) -> None:
    """Judged by hand: each is one library in the council's asset list and in the national list of libraries."""
    outcome = match_records(real)
    links = real.scalars(select(MatchDecision)).unique().all()
    assert outcome.linked_count == len(links)
    assert {decision.high.name for decision in links} == LINKED_LIBRARIES
    for decision in links:
        assert decision.high.name in decision.low.name
        assert decision.low.postcode == decision.high.postcode
    assert outcome.waiting_count > 1000

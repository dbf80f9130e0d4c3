"""Files of counts: many rows a building, by reference or UPRN, of buildings that are there; and what they show."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.changes import retire_building
from estate.register.details import building_details
from estate.register.filters import BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.imports.apply import Counts
from estate.register.imports.check import Options
from estate.register.imports.template import counts_csv, write_csv
from estate.register.imports.undo import ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, check_import, start_import
from estate.register.models import (
    Building,
    Import,
    ImportProblem,
    OccupancyMethod,
    OccupancyObservation,
)
from estate.register.occupancy import CapacityBasis
from tests.factories import make_agency, make_building, make_occupation, make_user

COLUMNS = [
    "Building reference", "UPRN", "From", "To", "Method", "Average people", "Peak people", "Capacity",
    "Hours available", "Hours used", "Vacant m2",
]  # fmt: skip
BUILDINGS = write_csv(
    [
        [
            "Reference",
            "Name",
            "UPRN",
            "Postcode",
            "Use",
            "Gross internal area m2",
            "Net internal area m2",
            "Financial year",
        ],
        ["B1", "Town Hall", "100000000001", "M32 0TH", "office", "600", "500", ""],
        ["B2", "Library", "000000012345", "M32 0TH", "library", "300", "250", ""],
    ]
)
MARCH = ["B1", "", "2025-03-01", "2025-03-31", "passes", "20", "60", "80", "200", "150", "30"]
APRIL = ["B1", "", "2025-04-01", "2025-04-30", "passes", "40", "70", "80", "", "", ""]
LIBRARY = ["", "12345", "", "2025-03-12", "survey", "5", "9", "", "", "", ""]


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session, name="Test Council")


def bring(session: Session, agency: Agency, content: bytes, name: str = "counts.csv") -> tuple[Import, Counts]:
    brought = start_import(session, content, name, agency=agency, actor=None, options=Options())
    assert check_import(session, brought) is not None, brought.message
    return brought, apply_import(session, brought, actor=None)


def counts_of(*rows: list[str]) -> bytes:
    return write_csv([COLUMNS, *rows])


@pytest.fixture
def town_hall(session: Session, agency: Agency) -> Building:
    bring(session, agency, BUILDINGS, "buildings.csv")
    return session.scalars(select(Building).where(Building.name == "Town Hall")).one()


def observations(session: Session) -> list[OccupancyObservation]:
    session.expire_all()
    return list(session.scalars(select(OccupancyObservation).order_by(OccupancyObservation.observed_on)))


def problems(session: Session, brought: Import) -> dict[int, str]:
    query = select(ImportProblem.line, ImportProblem.code).where(
        ImportProblem.import_id == brought.id, ImportProblem.is_rejecting
    )
    return dict(session.execute(query).all())


def test_many_counts_of_a_building_by_reference_and_by_uprn(
    session: Session, agency: Agency, town_hall: Building
) -> None:
    version = town_hall.version
    brought, counts = bring(session, agency, counts_of(MARCH, APRIL, LIBRARY))
    assert (counts.inserted, counts.updated, counts.rejected) == (0, 3, 0)
    library, march, april = observations(session)
    assert (march.building_id, march.period_start_on, march.observed_on) == (
        town_hall.id,
        date(2025, 3, 1),
        date(2025, 3, 31),
    )
    assert (march.hours_available, march.hours_used, march.vacant_m2) == (200, 150, 30)
    assert (april.average, april.hours_used) == (40, None)
    assert (library.method, library.capacity) == (OccupancyMethod.SURVEY, None)
    assert library.building_id != town_hall.id
    assert town_hall.version == version
    assert session.scalar(select(func.count()).select_from(Building)) == 2
    preview = {change["line"]: change for change in brought.options["changes"]}
    assert preview[2]["name"] == "Town Hall"
    assert ["Average people", "", "20.0"] in preview[2]["fields"]
    assert ["Average people", "", "40.0"] in preview[3]["fields"]


def test_the_same_counts_again_change_nothing_and_new_figures_replace_the_old(
    session: Session, agency: Agency, town_hall: Building
) -> None:
    bring(session, agency, counts_of(MARCH, APRIL))
    _, again = bring(session, agency, counts_of(MARCH, APRIL))
    assert (again.unchanged, again.updated) == (2, 0)
    brought, changed = bring(session, agency, counts_of([*MARCH[:5], "25", *MARCH[6:]], APRIL))
    assert (changed.unchanged, changed.updated) == (1, 1)
    assert [change["fields"] for change in brought.options["changes"]] == [[["Average people", "20.0", "25.0"]]]
    assert observations(session)[0].average == 25


def test_a_file_without_hours_leaves_those_of_the_same_count(
    session: Session, agency: Agency, town_hall: Building
) -> None:
    bring(session, agency, counts_of(MARCH))
    bring(session, agency, counts_of(["B1", "", "", "2025-03-31", "passes", "21", "60", "80", "", "", ""]))
    (march,) = observations(session)
    assert (march.average, march.hours_used, march.period_start_on) == (21, 150, date(2025, 3, 1))


def test_every_row_that_can_not_be_kept_says_why(session: Session, agency: Agency, town_hall: Building) -> None:
    other = make_building(session, agency_id=make_agency(session).id, uprn="000000000077")
    rows = [
        MARCH,
        ["B9", *APRIL[1:]],
        ["", "", *APRIL[2:]],
        ["", other.uprn or "", *APRIL[2:]],
        ["B1", "12345", *APRIL[2:]],
        [*APRIL[:3], "", *APRIL[4:]],
        [*APRIL[:4], "guessed", *APRIL[5:]],
        ["B1", "", "", "2025-05-01", "passes", "", "", "80", "", "", ""],
        ["B1", "", "2025-06-02", "2025-06-01", "passes", "5", "", "", "", "", ""],
        ["B1", "", "", "2025-06-03", "passes", "5", "", "", "40", "41", ""],
        ["", "100000000001", "", "2025-03-31", "passes", "7", "", "", "", "", ""],
        ["B1", "", "", "2025-06-04", "passes", "9", "8", "", "", "", ""],
    ]
    brought, counts = bring(session, agency, counts_of(*rows))
    assert (counts.updated, counts.rejected) == (1, 11)
    assert counts.is_balanced
    assert problems(session, brought) == {
        3: "building_unknown",
        4: "building_missing",
        5: "building_unknown",
        6: "building_unknown",
        7: "count_undated",
        8: "method_missing",
        9: "count_empty",
        10: "count_reversed",
        11: "hours_exceeded",
        12: "count_repeated",
        13: "peak_below_average",
    }
    assert len(observations(session)) == 1
    assert brought.rejected_rows is not None
    assert "Building reference" in brought.rejected_rows.decode("utf-8-sig").splitlines()[0]


def test_counts_of_a_retired_building_are_refused(session: Session, agency: Agency, town_hall: Building) -> None:
    retire_building(
        session, town_hall, version=town_hall.version, actor=make_user(session).id, reason="Sold to the college"
    )
    brought, counts = bring(session, agency, counts_of(MARCH))
    assert (counts.rejected, problems(session, brought)) == (1, {2: "building_unknown"})


def test_an_import_of_counts_is_undone_as_a_whole(session: Session, agency: Agency, town_hall: Building) -> None:
    bring(session, agency, counts_of(MARCH))
    brought, _ = bring(session, agency, counts_of([*MARCH[:5], "25", *MARCH[6:]], APRIL, LIBRARY))
    ask_to_undo(session, brought, actor=make_user(session).id, reason="Counted the wrong door")
    undo_import(session, brought)
    (march,) = observations(session)
    assert march.average == 20
    assert session.get_one(Building, town_hall.id).retired_at is None


def test_the_page_agrees_with_the_map_and_says_what_it_rests_on(
    session: Session, agency: Agency, town_hall: Building
) -> None:
    bring(session, agency, counts_of(MARCH, APRIL, LIBRARY))
    library = session.scalars(select(Building).where(Building.name == "Library")).one()
    make_occupation(session, library, workstations=10, area_m2=Decimal(150))
    frame = buildings_frame(session, None, BuildingFilters()).set_index("building_id")
    occupancy = building_details(session, town_hall).occupancy
    assert float(occupancy.uses[0].occupancy or 0) == frame.loc[town_hall.id, "occupancy"] == 0.5
    assert occupancy.vacant is not None
    assert float(occupancy.vacant.m2) == frame.loc[town_hall.id, "vacant_m2"] == 30
    found = building_details(session, library).occupancy
    assert found.uses[0].capacity is not None
    assert (found.uses[0].capacity.basis, found.uses[0].occupancy) == (CapacityBasis.WORKSTATIONS, Decimal("0.5"))
    assert found.vacant is not None
    assert (found.vacant.m2, found.vacant.is_estimate) == (100, True)
    make_occupation(session, library, team="Another", workstations=None, area_m2=None)
    found = building_details(session, library).occupancy
    assert (found.vacant, found.space.workstations) == (None, None)


def test_the_standard_gives_the_capacity_where_desks_are_unknown(
    session: Session, agency: Agency, town_hall: Building
) -> None:
    bring(session, agency, counts_of(["B1", "", "", "2025-03-12", "survey", "5", "9", "", "", "", ""]))
    found = building_details(session, town_hall).occupancy
    assert found.space.standard is not None
    assert found.uses[0].capacity is not None
    assert found.uses[0].capacity.basis is CapacityBasis.STANDARD
    assert found.uses[0].capacity.people == int(Decimal(500) / found.space.standard.m2_per_person)


def test_the_empty_file_is_one_that_is_known(session: Session, agency: Agency) -> None:
    header = counts_csv().decode("utf-8-sig").strip().split(",")
    assert header[:2] == COLUMNS[:2]
    assert set(header) == set(COLUMNS)

"""Unknown files whose rows name buildings: counts of people, and costs line by line; guessed, remembered, undone."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.filters import BuildingFilters
from estate.register.imports.check import Options
from estate.register.imports.listing import rejected_file
from estate.register.imports.mapping import drafts
from estate.register.imports.template import write_csv
from estate.register.imports.undo import ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, check_import, start_import
from estate.register.matches.why import why_one
from estate.register.models import (
    Building,
    Import,
    ImportStatus,
    OccupancyMethod,
    OccupancyObservation,
    RunningCost,
)
from estate.register.queries import list_buildings
from tests import factories

LIST = write_csv(
    [
        ["Asset ref", "Building", "UPRN", "Postcode", "Tenure"],
        ["A1", "Town Hall", "100000000001", "M32 0TH", "Freehold"],
        ["A2", "Library", "100000000002", "M32 0TH", "Freehold"],
    ]
)
COUNTS = write_csv(
    [
        ["Occupancy of our sites"],
        [],
        ["Site", "Week ending", "Measured by", "Mean", "Max", "Seats", "Comments"],
        ["A1", "14/03/2025", "Turnstile", "20", "31", "80", ""],
        ["A1", "21/03/2025", "Turnstile", "30", "33", "80", "half term"],
        ["A2", "14/03/2025", "Wi-fi", "5", "9", "", ""],
        ["A9", "14/03/2025", "Wi-fi", "5", "9", "", "sold?"],
        ["", "", "", "55", "", "", "Total"],
    ]
)
COSTS = write_csv(
    [
        ["Site", "Cost heading", "Year", "Amount"],
        ["A1", "Electricity", "2023-24", "£12,500.50"],
        ["A1", "Gas", "2023-24", "£1,000"],
        ["A1", "NNDR", "2023-24", "approx 9,000"],
        ["", "Electricity", "2022-23", "11,000"],
        ["A2", "Cleaning", "2023-24", "n/a"],
        ["A2", "Cleaning", "2022-23", "(300)"],
        ["A2", "Water", "2022-23", "410"],
        ["", "Subtotal", "", "34,210.50"],
    ]
)


@pytest.fixture
def agency(session: Session) -> Agency:
    found = factories.make_agency(session, name="Test Council")
    bring(session, found, LIST, "list.csv")
    return found


def bring(session: Session, agency: Agency, content: bytes, name: str) -> Import:
    """Read a file as it is guessed, and store it."""
    brought = start_import(session, content, name, agency=agency, actor=None, options=Options())
    check_import(session, brought)
    if brought.status is ImportStatus.MAPPING:
        drafts.use_mapping(session, brought, drafts.draft_of(session, brought), name=name, actor=None)
        check_import(session, brought)
    assert brought.status is ImportStatus.CHECKED, brought.message
    apply_import(session, brought, actor=None)
    session.expire_all()
    return brought


def costs(session: Session) -> dict[tuple[str, str, int], tuple[Decimal, bool]]:
    query = select(Building.name, RunningCost).join(Building)
    return {
        (name, cost.category_code, cost.year_start): (cost.amount, cost.is_estimate)
        for name, cost in session.execute(query)
    }


def test_an_unknown_file_of_counts_is_guessed_and_stored(session: Session, agency: Agency) -> None:
    brought = bring(session, agency, COUNTS, "counts.csv")
    assert (brought.updated_count, brought.inserted_count, brought.rejected_count) == (3, 0, 2)
    rows = session.scalars(select(OccupancyObservation).order_by(OccupancyObservation.id)).all()
    assert [(row.observed_on, row.method, row.average, row.capacity) for row in rows] == [
        (date(2025, 3, 14), OccupancyMethod.PASSES, Decimal(20), 80),
        (date(2025, 3, 21), OccupancyMethod.PASSES, Decimal(30), 80),
        (date(2025, 3, 14), OccupancyMethod.LOG_INS, Decimal(5), None),
    ]
    listed = {row.building.name: row.fullness for row in list_buildings(session, BuildingFilters()).rows}
    assert listed["Town Hall"].occupancy_ratio == Decimal("0.3125")
    rejected = (rejected_file(session, brought) or b"").decode("utf-8-sig")
    assert "None of your agency's buildings in the register came with the reference “A9”" in rejected
    assert "The row does not say when people were counted" in rejected


def test_the_next_file_of_counts_needs_no_mapping_and_says_what_is_new(session: Session, agency: Agency) -> None:
    bring(session, agency, COUNTS, "counts.csv")
    again = start_import(
        session, COUNTS.replace(b"30,33", b"32,33"), "april.csv", agency=agency, actor=None, options=Options()
    )
    check_import(session, again)
    assert (again.status, again.updated_count, again.unchanged_count) == (ImportStatus.CHECKED, 1, 2)


def test_costs_line_by_line_are_added_up_nowhere_and_lost_nowhere(session: Session, agency: Agency) -> None:
    brought = bring(session, agency, COSTS, "ledger.csv")
    assert costs(session) == {
        ("Town Hall", "energy", 2023): (Decimal("12500.50"), False),
        ("Town Hall", "rates", 2023): (Decimal(9000), True),
        ("Library", "water", 2022): (Decimal(410), False),
    }
    assert (brought.row_count, brought.updated_count, brought.rejected_count) == (8, 3, 5)
    rejected = (rejected_file(session, brought) or b"").decode("utf-8-sig")
    # Gas is energy as well: two amounts of one category and year are never silently added up.
    assert "Line 2 has the same cost of the same building and year already" in rejected
    assert "The row does not say which building it speaks of" in rejected
    assert "The row has no amount" in rejected


def test_such_a_file_is_undone_and_is_no_source_of_the_building(session: Session, agency: Agency) -> None:
    brought = bring(session, agency, COSTS, "ledger.csv")
    hall = session.scalars(select(Building).where(Building.name == "Town Hall")).one()
    names = {batch.file_name for _, batch in why_one(session, hall).sources.values()}
    assert names == {"list.csv"}
    ask_to_undo(session, brought, actor=None, reason="wrong year")
    undo_import(session, brought)
    assert costs(session) == {}
    assert session.scalars(select(Building.name).order_by(Building.name)).all() == ["Library", "Town Hall"]


def test_a_file_for_another_agency_names_none_of_ours(session: Session, agency: Agency) -> None:
    other = factories.make_agency(session)
    brought = bring(session, other, COSTS, "ledger.csv")
    assert (brought.updated_count, brought.rejected_count) == (0, 8)

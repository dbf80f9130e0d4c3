"""A file to the register: the row equation, the same file twice, changes with history, all or nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken, history
from estate.people.models import Agency
from estate.register import listed
from estate.register.changes import retire_building
from estate.register.imports.apply import Counts
from estate.register.imports.check import Options
from estate.register.imports.reporting import report_on
from estate.register.imports.template import template_csv, write_csv
from estate.register.imports.uploads import (
    NotWaiting,
    apply_import,
    check_import,
    discard_import,
    rejected_rows,
    start_import,
)
from estate.register.models import (
    Building,
    BuildingArea,
    ConditionSurvey,
    EnergyRating,
    FixSource,
    Import,
    ImportProblem,
    ImportStatus,
    Interest,
    OccupancyObservation,
    Occupation,
    PlannedCost,
    PlannedKind,
    RepairLiability,
    RunningCost,
    SourceRecord,
    Tenure,
    Valuation,
)
from tests.factories import make_agency, make_area, make_user

ROW = {
    "Reference": "B1",
    "Name": "Town Hall",
    "Postcode": "M32 0TH",
    "Use": "office",
    "Gross internal area m2": "1,500.5",
    "Tenure": "leasehold",
    "Lease start": "2020-01-01",
    "Lease end": "2030-01-01",
    "Team": "Planning",
    "Service": "planning",
    "FTE": "12.5",
    "Financial year": "2023-24",
    "Cost: energy": "1200",
    "Cost: cleaning": "0",
    "Occupancy date": "2024-03-01",
    "Occupancy method": "head count",
    "Capacity": "40",
    "Average people": "20",
    "Energy certificate": "dec",
    "Energy band": "C",
    "Energy date": "2023-05-01",
    "Condition": "B",
    "Condition date": "2023-01-01",
    "Valuation": "250000",
    "Valuation date": "2023-01-01",
}


def csv_of(*rows: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(["Reference", *(name for row in rows for name in row)]))
    return write_csv([columns, *([row.get(name, "") for name in columns] for row in rows)])


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session, name="Test Council")


@pytest.fixture
def bring(session: Session, agency: Agency) -> Callable[..., Counts]:
    def bring(*rows: dict[str, str], content: bytes | None = None, name: str = "file.csv", **options: Any) -> Counts:
        brought = start_import(
            session, content or csv_of(*rows), name, agency=agency, actor=None, options=Options(**options)
        )
        return apply_import(session, brought, actor=None)

    return bring


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def only(session: Session, table: Any) -> Any:
    return session.scalars(select(table)).one()


def test_a_whole_row_reaches_every_table(session: Session, agency: Agency, bring: Callable[..., Counts]) -> None:
    counts = bring(ROW)
    assert (counts.inserted, counts.is_balanced) == (1, True)
    building = only(session, Building)
    assert (building.name, building.postcode, building.use_class_code) == ("Town Hall", "M32 0TH", "office")
    assert building.agency_id == agency.id
    assert float(building.gross_internal_area_m2) == 1500.5
    assert building.fix_source is FixSource.POSTCODE_CENTROID
    assert building.fix_accuracy_m == 100
    interest = only(session, Interest)
    assert (interest.tenure, str(interest.lease_end_on)) == (Tenure.LEASEHOLD, "2030-01-01")
    occupation = only(session, Occupation)
    assert (occupation.team, occupation.service_code, float(occupation.fte)) == ("Planning", "planning", 12.5)
    costs = {cost.category_code: (float(cost.amount), cost.year_start) for cost in session.scalars(select(RunningCost))}
    assert costs == {"energy": (1200.0, 2023), "cleaning": (0.0, 2023)}
    assert only(session, OccupancyObservation).capacity == 40
    assert only(session, EnergyRating).band == "C"
    assert only(session, ConditionSurvey).grade == "B"
    assert float(only(session, Valuation).amount) == 250000
    record = only(session, SourceRecord)
    assert record.raw["Gross internal area m2"] == "1,500.5"
    assert (record.key, record.line, record.layout) == ("B1", 2, "estate_template")
    event = history(session, "building", building.id)[0]
    assert (event.action, event.changes["name"]) == ("import_building", [None, "Town Hall"])
    brought = only(session, Import)
    assert (brought.status, brought.row_count, brought.inserted_count) == (ImportStatus.APPLIED, 1, 1)
    assert brought.file_name == "file.csv"
    assert len(brought.sha256) == 64


def test_the_same_file_twice_changes_nothing(session: Session, bring: Callable[..., Counts]) -> None:
    bring(ROW, {**ROW, "Reference": "B2"})
    events, version = count(session, Event), session.scalar(select(func.max(Building.version)))
    counts = bring(ROW, {**ROW, "Reference": "B2"})
    assert (counts.inserted, counts.updated, counts.unchanged) == (0, 0, 2)
    assert count(session, Building) == count(session, SourceRecord) == 2
    assert count(session, Event) == events
    assert session.scalar(select(func.max(Building.version))) == version


def test_a_changed_row_updates_and_keeps_history(session: Session, bring: Callable[..., Counts]) -> None:
    bring(ROW, {**ROW, "Reference": "B2"})
    changed = {
        **ROW,
        "Name": "Old Town Hall",
        "Cost: energy": "1300",
        "FTE": "14",
        "Lease end": "2031-01-01",
        "Energy band": "B",
    }
    counts = bring(changed, {**ROW, "Reference": "B2"}, {**ROW, "Reference": "B3"})
    assert (counts.inserted, counts.updated, counts.unchanged, counts.rejected) == (1, 1, 1, 0)
    building = session.scalars(select(Building).order_by(Building.id)).first()
    assert building is not None
    assert (building.name, building.version) == ("Old Town Hall", 2)
    event = history(session, "building", building.id)[0]
    assert event.action == "change_building"
    assert event.changes["name"] == ["Town Hall", "Old Town Hall"]
    assert event.changes["energy 2023"] == [1200.0, 1300.0]
    assert event.changes["fte"] == [12.5, 14.0]
    assert event.changes["lease_end_on"] == ["2030-01-01", "2031-01-01"]
    assert count(session, Interest) == count(session, Occupation) == 3
    cost = session.scalars(select(RunningCost).filter_by(building_id=building.id, category_code="energy")).one()
    assert (float(cost.amount), cost.version) == (1300.0, 2)
    assert session.scalars(select(EnergyRating).filter_by(building_id=building.id)).one().band == "B"
    assert first_broken(session) is None


def test_another_year_adds_costs_and_an_empty_cell_erases_nothing(
    session: Session, bring: Callable[..., Counts]
) -> None:
    bring(ROW)
    counts = bring({**ROW, "Financial year": "2024-25", "Cost: energy": "900", "Gross internal area m2": "", "Use": ""})
    assert counts.updated == 1
    assert sorted(session.scalars(select(RunningCost.year_start))) == [2023, 2023, 2024, 2024]
    building = only(session, Building)
    assert float(building.gross_internal_area_m2) == 1500.5
    assert building.use_class_code == "office"
    assert building.version == 1


def test_coordinates_replace_a_postcode_but_not_the_other_way(session: Session, bring: Callable[..., Counts]) -> None:
    bring(ROW)
    bring({**ROW, "Longitude": "-2.2", "Latitude": "53.5"})
    assert only(session, Building).fix_source is FixSource.COORDINATES
    bring({**ROW, "Street": "Talbot Road"})
    session.expire_all()
    assert only(session, Building).fix_source is FixSource.COORDINATES
    bring({**ROW, "Postcode": "M33 7ZF"})
    session.expire_all()
    assert only(session, Building).fix_source is FixSource.POSTCODE_CENTROID


def test_rejected_rows_are_counted_kept_and_come_back_mended(
    session: Session, agency: Agency, bring: Callable[..., Counts]
) -> None:
    content = csv_of(ROW, {**ROW, "Reference": "B2", "UPRN": "1.00E+11"}, {**ROW, "Reference": "B3", "Name": ""})
    brought = start_import(session, content, "a.csv", agency=agency, actor=None, options=Options())
    report = check_import(session, brought)
    assert report is not None
    assert (brought.status, brought.row_count, brought.rejected_count) == (ImportStatus.CHECKED, 3, 2)
    assert count(session, Building) == 0
    assert {problem.code for problem in session.scalars(select(ImportProblem))} == {"uprn_scientific", "name_missing"}
    counts = apply_import(session, brought, actor=None)
    assert (counts.inserted, counts.rejected, counts.is_balanced) == (1, 2, True)
    given_back = list(rejected_rows(report))
    name, uprn = given_back[0].index("Name"), given_back[0].index("UPRN")
    for row in given_back[1:]:
        row[name], row[uprn] = row[name] or "Depot", ""
    counts = bring(content=write_csv(given_back))
    assert (counts.inserted, counts.rejected) == (2, 0)


def test_unreadable_files_fail_with_a_sentence(session: Session, agency: Agency) -> None:
    for content, name in ((b"PK\x03\x04broken", "a.xlsx"), (b"a,b\n", "a.csv"), (template_csv(), "t.csv")):
        brought = start_import(session, content, name, agency=agency, actor=None, options=Options())
        assert check_import(session, brought) is None
        assert brought.status is ImportStatus.FAILED
        assert brought.message is not None
        assert brought.message.endswith(".")


def test_an_applied_or_discarded_file_is_done(session: Session, agency: Agency) -> None:
    applied = start_import(session, csv_of(ROW), "a.csv", agency=agency, actor=None, options=Options())
    apply_import(session, applied, actor=None)
    discarded = start_import(session, csv_of(ROW), "a.csv", agency=agency, actor=None, options=Options())
    discard_import(session, discarded)
    for brought in (applied, discarded):
        with pytest.raises(NotWaiting):
            apply_import(session, brought, actor=None)
        with pytest.raises(NotWaiting):
            discard_import(session, brought)


def test_an_error_while_storing_leaves_nothing(session: Session, agency: Agency) -> None:
    brought = start_import(session, csv_of(ROW), "a.csv", agency=agency, actor=None, options=Options())
    report = report_on(session, brought)
    report.values["use_class_code"] = ["no such use"]
    with pytest.raises(Exception, match="use_class"), session.begin_nested():
        apply_import(session, brought, actor=None, report=report)
    assert count(session, Building) == count(session, SourceRecord) == 0


def test_a_building_outside_every_area_is_a_warning(session: Session, bring: Callable[..., Counts]) -> None:
    area = make_area(session, bounds=(-2.4, 53.4, -2.2, 53.5))
    counts = bring(ROW, {**ROW, "Reference": "B2", "Longitude": "1.0", "Latitude": "52.0"})
    assert counts.inserted == 2
    problem = only(session, ImportProblem)
    assert (problem.code, problem.line, problem.is_rejecting) == ("outside_areas", 3, False)
    assert list(session.scalars(select(BuildingArea.area_id))) == [area.id]


def test_a_building_outside_every_area_is_seen_before_storing(session: Session, agency: Agency) -> None:
    content = csv_of(ROW, {**ROW, "Reference": "B2", "Longitude": "1.0", "Latitude": "52.0"})
    brought = start_import(session, content, "a.csv", agency=agency, actor=None, options=Options())
    check_import(session, brought)
    assert count(session, ImportProblem) == 0
    make_area(session, bounds=(-2.4, 53.4, -2.2, 53.5))
    report = check_import(session, brought)
    problem = only(session, ImportProblem)
    assert (problem.code, problem.line, problem.is_rejecting) == ("outside_areas", 3, False)
    apply_import(session, brought, actor=None, report=report)
    assert count(session, ImportProblem) == 1


def test_the_check_lists_what_changes(session: Session, agency: Agency, bring: Callable[..., Counts]) -> None:
    bring(ROW)
    changed = {**ROW, "Name": "Old Town Hall", "FTE": "15", "Cost: energy": "900"}
    brought = start_import(session, csv_of(changed), "a.csv", agency=agency, actor=None, options=Options())
    check_import(session, brought)
    (change,) = brought.options["changes"]
    assert (change["line"], change["key"], change["name"]) == (2, "B1", "Old Town Hall")
    assert ["Name", "Town Hall", "Old Town Hall"] in change["fields"]
    assert {field for field, *_ in change["fields"]} == {"Name", "FTE", "Cost: energy 2023-24"}
    assert only(session, Building).name == "Town Hall"
    apply_import(session, brought, actor=None)
    session.expire_all()
    assert only(session, Building).name == "Old Town Hall"


def test_a_repeated_row_that_comes_back_is_warned_of(
    session: Session, agency: Agency, bring: Callable[..., Counts]
) -> None:
    brought = start_import(
        session, csv_of(ROW, {**ROW, "Name": "Depot"}), "a.csv", agency=agency, actor=None, options=Options()
    )
    report = check_import(session, brought)
    assert report is not None
    apply_import(session, brought, actor=None)
    returned = write_csv(rejected_rows(report))
    again = start_import(session, returned, "b.csv", agency=agency, actor=None, options=Options())
    check_import(session, again)
    problem = session.scalars(select(ImportProblem).filter_by(import_id=again.id)).one()
    assert (problem.code, problem.value, problem.is_rejecting) == ("returned_repeated", "B1", False)
    assert again.options["changes"][0]["fields"] == [["Name", "Town Hall", "Depot"]]


def test_only_the_first_changes_are_listed(
    session: Session, agency: Agency, bring: Callable[..., Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estate.register.imports.preview.SHOWN_ROWS", 2)
    rows = [{**ROW, "Reference": f"B{number}"} for number in range(5)]
    bring(*rows)
    content = csv_of(*({**row, "Name": "Other"} for row in rows))
    brought = start_import(session, content, "a.csv", agency=agency, actor=None, options=Options())
    check_import(session, brought)
    assert (len(brought.options["changes"]), brought.updated_count) == (2, 5)


def test_agencies_of_the_file_are_created_below_the_sender(
    session: Session, agency: Agency, bring: Callable[..., Counts]
) -> None:
    header = "Trust Code,Trust Name,Site Code,Site Name,Post Code,Rates (£)\n"
    content = (header + "RXX,New Trust,S1,Clinic,M32 0TH,10\nRXX,New Trust,S2,Ward,M32 0TH,20\n").encode()
    assert bring(content=content, year="2023-24").rejected == 2
    counts = bring(content=content, year="2023-24", create_agencies=True)
    assert counts.inserted == 2
    trust = session.scalars(select(Agency).filter_by(name="New Trust")).one()
    assert (trust.code, trust.parent_id, trust.kind_code) == ("RXX", agency.id, "nhs")
    assert set(session.scalars(select(Building.agency_id))) == {trust.id}
    assert bring(content=content, year="2023-24").unchanged == 2


def test_two_agencies_may_use_the_same_reference(session: Session, bring: Callable[..., Counts]) -> None:
    bring(ROW)
    other = make_agency(session)
    brought = start_import(session, csv_of(ROW), "a.csv", agency=other, actor=None, options=Options())
    assert apply_import(session, brought, actor=None).inserted == 1
    assert count(session, Building) == 2


def test_a_retired_building_is_not_changed(session: Session, bring: Callable[..., Counts]) -> None:
    bring(ROW)
    building = only(session, Building)
    user = make_user(session)
    retire_building(session, building, version=building.version, actor=user.id, reason="Entered twice")
    assert bring(ROW).unchanged == 1
    counts = bring({**ROW, "Name": "Other"})
    assert (counts.rejected, counts.is_balanced) == (1, True)
    assert session.scalars(select(ImportProblem.code)).all() == ["building_retired"]


def test_an_outline_is_stored(session: Session, bring: Callable[..., Counts]) -> None:
    ring = [[-2.31, 53.4], [-2.3, 53.4], [-2.3, 53.41], [-2.31, 53.41], [-2.31, 53.4]]
    feature = {
        "type": "Feature",
        "properties": {"ID": "1", "DISTNAME": "A", "CLASSIFICA": "Hospital", "area_name": "Bury"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    bring(content=content, name="a.geojson")
    kind, inside = session.execute(
        text("SELECT GeometryType(footprint), ST_Within(location, footprint) FROM building")
    ).one()
    assert (kind, inside) == ("MULTIPOLYGON", True)
    assert only(session, Building).fix_source is FixSource.SURVEYED_POLYGON
    feature["properties"]["DISTNAME"] = "B"  # type: ignore[index]
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    assert bring(content=content, name="a.geojson").updated == 1


def test_many_rows_take_the_short_way_with_the_same_result(
    session: Session, bring: Callable[..., Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estate.register.imports.bulk.MANY_ROWS", 2)
    monkeypatch.setattr("estate.register.listed.MANY", 2)
    monkeypatch.setattr("estate.register.first_load.MANY", 2)
    indexes = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname")
    before = session.scalars(indexes).all()
    counts = bring(*({**ROW, "Reference": f"B{number}"} for number in range(30)))
    assert (counts.inserted, count(session, RunningCost), count(session, SourceRecord)) == (30, 60, 30)
    assert session.scalar(text("SHOW session_replication_role")) == "origin"
    orphans = "SELECT count(*) FROM running_cost c LEFT JOIN building b ON b.id = c.building_id WHERE b.id IS NULL"
    assert session.scalar(text(orphans)) == 0
    assert first_broken(session) is None
    assert session.scalars(indexes).all() == before
    assert not listed.verify(session)


def test_a_missing_key_is_refused_on_the_short_way_too(
    session: Session, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estate.register.imports.bulk.MANY_ROWS", 1)
    brought = start_import(session, csv_of(ROW), "a.csv", agency=agency, actor=None, options=Options())
    report = report_on(session, brought)
    report.values["service_code"] = ["no such service"]
    with pytest.raises(ForeignKeyViolation, match="service"), session.begin_nested():
        apply_import(session, brought, actor=None, report=report)
    assert count(session, Building) == 0
    assert session.scalar(text("SHOW session_replication_role")) == "origin"


LEASE = {
    "Lease break": "2027-06-30",
    "Earliest break": "2026-06-30",
    "Last break": "2028-06-30",
    "Break notice months": "6",
    "Break penalty": "£12,500",
    "Notice given": "2026-01-31",
    "Rent review": "2028-02-29",
    "Rent review every months": "60",
    "Repair liability": "tenant full",
}


def test_lease_terms_and_budgets_come_from_the_file(session: Session, bring: Callable[..., Counts]) -> None:
    bring({**ROW, **LEASE, "Budget: energy": "1000", "Budget: rent and service charge": "0"})
    held = only(session, Interest)
    assert (held.break_notice_months, held.review_every_months, float(held.break_penalty)) == (6, 60, 12500.0)
    assert (held.review_on.isoformat(), held.repair_liability) == ("2028-02-29", RepairLiability.TENANT_FULL)
    plans = {plan.category_code: (float(plan.amount), plan.kind) for plan in session.scalars(select(PlannedCost))}
    assert plans == {"energy": (1000.0, PlannedKind.BUDGET), "rent": (0.0, PlannedKind.BUDGET)}
    assert {cost.category_code for cost in session.scalars(select(RunningCost))} == {"energy", "cleaning"}


def test_a_changed_budget_changes_and_says_so(session: Session, bring: Callable[..., Counts]) -> None:
    bring({**ROW, **LEASE, "Budget: energy": "1000"})
    assert bring({**ROW, **LEASE, "Budget: energy": "1000"}).unchanged == 1
    changed = {**LEASE, "Break notice months": "9", "Earliest break": "", "Last break": "2026-01-31"}
    assert bring({**ROW, **changed, "Budget: energy": "1100"}).updated == 1
    session.expire_all()
    assert float(only(session, PlannedCost).amount) == 1100.0
    held = only(session, Interest)
    # A break's two days are taken together: an old first day would lie behind the new last one.
    assert (held.break_notice_months, held.break_earliest_on, held.break_last_on.isoformat()) == (9, None, "2026-01-31")
    event = history(session, "building", only(session, Building).id)[0]
    assert event.changes["budget energy 2023"] == [1000.0, 1100.0]
    assert event.changes["break_notice_months"] == [6, 9]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Break notice months": "1.5"}, "months_out_of_range"),
        ({"Break notice months": "-1"}, "months_out_of_range"),
        ({"Rent review every months": "0"}, "months_out_of_range"),
        ({"Earliest break": "2028-01-01", "Last break": "2027-01-01"}, "breaks_reversed"),
        ({"Budget: energy": "-5"}, "cost_negative"),
        ({"Rent review": "29/02/2027"}, "date_unknown"),
    ],
)
def test_bad_terms_are_refused_with_their_line(
    session: Session, bring: Callable[..., Counts], cells: dict[str, str], code: str
) -> None:
    assert bring({**ROW, **cells}).rejected == 1
    assert code in session.scalars(select(ImportProblem.code)).all()

"""Large classes: left out of everything unless asked for, whoever asks, today and on a past day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.proposals.rows import rows_of
from estate.register import listed
from estate.register.areas import assign_areas
from estate.register.as_at import look_back
from estate.register.attestation.progress import agency_progress
from estate.register.attestation.reminders import local_today
from estate.register.attestation.rounds import open_round
from estate.register.classes import held_classes, list_patches
from estate.register.filters import ALL_CLASSES, NO_PATCH, BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.list_pages import Slice, page_ids, sorted_ids
from estate.register.matches.records import load_records
from estate.register.matches.run import unmatched_ids
from estate.register.models import AssetClass, Building, BuildingKind, BuildingStatus, UseClass
from estate.register.programmes import Scope
from estate.register.quality.evaluate import overview
from estate.register.queries import list_buildings
from estate.register.seen import EVERY_AGENCY, THE_PUBLIC, seen_by
from estate.register.stock import by_landlord, holdings, together
from estate.register.summary import register_summary
from tests.factories import first_programme, make_agency, make_area, make_building
from tests.housing import bring_housing, home, house

SORTS = ("name", "-name", "postcode", "agency", "-use", "area_m2", "-cost", "status")


@pytest.fixture
def county(session: Session) -> Agency:
    make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6))
    return make_agency(session, name="Test County")


@pytest.fixture
def office(session: Session, county: Agency) -> Building:
    return make_building(session, name="Elm Street Office", agency=county, net_internal_area_m2=Decimal(200))


@pytest.fixture
def homes(session: Session, county: Agency, office: Building) -> list[int]:
    """Two flats in a block and two houses of two landlords, beside one office."""
    bring_housing(
        session, county, home("H1"), home("H2", Management_patch=""), house("H3", Status="Void"),
        house("H4", Landlord="Wear Homes", Management_patch="South"),
    )  # fmt: skip
    return list(session.scalars(select(Building.id).where(Building.id != office.id)))


def names(session: Session, **fields: object) -> list[str]:
    return [row.building.name for row in list_buildings(session, BuildingFilters(**fields)).rows]  # type: ignore[arg-type]


def test_lists_leave_housing_out_unless_it_is_asked_for(session: Session, homes: list[int]) -> None:
    assert names(session) == ["Elm Street Office"]
    assert names(session, text="elm") == ["Elm Street Office"]
    assert names(session, class_code="housing") == [
        "Elm Court", "Flat H1, Elm Court", "Flat H2, Elm Court", "H3 High Street", "H4 High Street",
    ]  # fmt: skip
    assert len(names(session, class_code=ALL_CLASSES)) == 6
    assert names(session, class_code="garages") == []
    assert names(session, class_code="housing", patch="South") == ["H4 High Street"]
    assert names(session, class_code="housing", patch=NO_PATCH, use_class_code="home") == ["Flat H2, Elm Court"]
    block = session.scalars(select(Building.id).where(Building.is_block)).one()
    assert names(session, class_code="housing", block_id=block) == ["Flat H1, Elm Court", "Flat H2, Elm Court"]
    assert names(session, class_code="housing", status=BuildingStatus.VACANT) == ["H3 High Street"]
    assert names(session, status=BuildingStatus.VACANT) == []
    assert names(session, kind=BuildingKind.BUILDING) == ["Elm Street Office"]


@pytest.mark.parametrize("sort", SORTS)
def test_long_lists_of_all_classes_are_in_one_order(
    session: Session, homes: list[int], sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = BuildingFilters(class_code=ALL_CLASSES)
    whole = sorted_ids(session, filters, sort)
    paged = [
        number
        for offset in range(0, len(whole), 2)
        for number in page_ids(session, filters, sort, Slice(offset, 2), few=None)
    ]
    assert paged == whole
    assert len(whole) == 6


def test_totals_maps_and_work_are_of_offices_and_services(session: Session, homes: list[int], office: Building) -> None:
    assert register_summary(session).building_count == 1
    assert register_summary(session, BuildingFilters(class_code="housing")).building_count == 5
    assert buildings_frame(session, None, BuildingFilters())["building_id"].tolist() == [office.id]
    assert len(buildings_frame(session, None, BuildingFilters(class_code="housing"))) == 5
    assert overview(session, BuildingFilters())[0].building_count == 1
    assert load_records(session).record_id.tolist() == [office.id]
    assert unmatched_ids(session) == {office.id}


def test_no_proposal_takes_a_home(session: Session, homes: list[int], office: Building) -> None:
    area = make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6), level="ward")
    assign_areas(session)
    found = rows_of(session, area, "ward", first_programme(session).id)
    assert [row.building.id for row in found] == [office.id]


def test_nobody_is_asked_to_attest_homes(session: Session, homes: list[int], county: Agency) -> None:
    today = local_today()
    found = open_round(session, actor=None, name="2026", deadline_on=today + timedelta(days=30), today=today)
    assert [(row.name, row.total) for row in agency_progress(session, found)] == [("Test County", 1)]


def test_the_stock_by_landlord_and_patch(session: Session, homes: list[int]) -> None:
    found = holdings(session, "housing", None)
    rows = [(h.landlord, h.patch, h.unit_count, h.in_block_count, h.vacant_count, h.block_count) for h in found]
    assert rows == [
        ("Tees Homes", "North", 2, 1, 1, 1), ("Tees Homes", None, 1, 1, 0, 0), ("Wear Homes", "South", 1, 0, 0, 0),
    ]  # fmt: skip
    tees, wear = by_landlord(found)
    assert (tees.unit_count, tees.patch_count, tees.no_patch_count) == (3, 1, 1)
    whole = together(found, "All together")
    assert (whole.unit_count, whole.block_count, whole.patch_count) == (4, 1, 2)
    assert [one.landlord for one in holdings(session, "housing", None, wear.agency_id)] == ["Wear Homes"]
    assert list_patches(session, "housing", None) == ["North", "South"]
    assert [one.code for one in held_classes(session)] == ["housing"]


def test_it_is_read_within_a_programme_and_with_the_reader_s_eyes(session: Session, homes: list[int]) -> None:
    outside = make_agency(session, is_partner=False)
    scope = Scope(first_programme(session).id)
    assert sum(one.unit_count for one in holdings(session, "housing", scope)) == 4
    assert holdings(session, "housing", Scope(None, frozenset({outside.id}))) == []
    session.execute(text("UPDATE building SET sensitivity = 'owner' WHERE name = 'H4 High Street'"))
    listed.refresh(session, homes)
    with seen_by(session, EVERY_AGENCY) as reading:
        assert sum(one.unit_count for one in holdings(reading, "housing", scope)) == 3
    with seen_by(session, THE_PUBLIC) as reading:
        assert holdings(reading, "housing", scope) == []


def test_a_past_day_leaves_it_out_as_well(committed_homes: Session) -> None:
    look_back(committed_homes, datetime.now(UTC))
    assert names(committed_homes) == ["Elm Street Office"]
    assert len(names(committed_homes, class_code="housing")) == 5


@pytest.fixture
def committed_homes(session: Session, homes: list[int]) -> Session:
    return session


def test_another_class_is_a_few_rows(session: Session, county: Agency, office: Building) -> None:
    session.add(
        AssetClass(
            code="garages", name="Garages", is_usual=False, unit_name="garage", block_name="court",
            valid_from=datetime.now(UTC).date(), source="A test", sort=5,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        UseClass(code="garage", name="Garage", may_host=False, may_close=False, sort=95, asset_class_code="garages")
    )
    session.flush()
    make_building(session, name="Garage 7", agency=county, use_class_code="garage")
    assert names(session) == ["Elm Street Office"]
    assert names(session, class_code="garages") == ["Garage 7"]
    assert [one.code for one in held_classes(session)] == ["garages"]
    session.execute(text("UPDATE asset_class SET is_usual = true WHERE code = 'garages'"))
    listed.refresh(session)
    assert names(session) == ["Elm Street Office", "Garage 7"]

"""The home page: what the register holds, what waits, what changed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from estate import audit
from estate.people.models import Role
from estate.register.changes import change_building
from estate.register.models import Import, ImportStatus
from tests.factories import make_agency, make_building, make_interest, make_running_cost
from tests.web.conftest import SignIn


def test_sums_say_how_many_buildings_they_leave_out(sign_in: SignIn, session: Session) -> None:
    known = make_building(session, net_internal_area_m2=Decimal(800), gross_internal_area_m2=Decimal(1000))
    make_running_cost(session, known, amount=Decimal(2_500_000))
    make_building(session)
    page = sign_in(Role.VIEWER).get("/").text
    for shown in [
        "£2.5m",
        "1 building unknown, left out",
        "£2,500",
        "of gross internal area",
        "/buildings?attention=no_cost",
    ]:
        assert shown in page, shown


def test_a_managers_tasks_are_those_of_their_agency(sign_in: SignIn, session: Session) -> None:
    agency = make_agency(session, name="Alpha Council")
    building = make_building(session, agency=agency)
    soon = datetime.now(UTC).date() + timedelta(days=30)
    make_interest(session, building, lease_end_on=soon)
    make_interest(session, building, lease_end_on=soon - timedelta(days=60))
    make_building(session)
    page = sign_in(Role.ASSET_MANAGER, agency).get("/").text
    assert f"/buildings?agency={agency.id}&amp;attention=lease_ending" in page
    assert f"/buildings?agency={agency.id}&amp;attention=lease_ended" in page
    assert '"/buildings?attention=lease_ended">1<' in page
    assert "Alpha Council" in page
    assert "Nothing waits for you" in sign_in(Role.VIEWER).get("/").text


def test_an_administrators_own_checked_files_wait_for_them(sign_in: SignIn, session: Session) -> None:
    agency = make_agency(session)
    mine, other = sign_in(Role.ADMINISTRATOR), sign_in(Role.ADMINISTRATOR)
    brought = {"file_name": "a.csv", "sha256": "0" * 64, "content": b"", "status": ImportStatus.CHECKED}
    session.add(Import(agency_id=agency.id, actor_id=mine.user.id, **brought))
    session.flush()
    assert "checked file waits for you to confirm it" in mine.get("/").text
    assert "Nothing waits for you" in other.get("/").text


def test_the_latest_changes_name_the_building(sign_in: SignIn, session: Session) -> None:
    building = make_building(session, name="Old Hall")
    change_building(session, building, version=1, actor=None, reason="Survey of May", built_year=1901)
    page = sign_in(Role.VIEWER).get("/").text
    assert "Old Hall" in page
    assert "Survey of May" in page


def test_the_navigation_offers_only_what_is_allowed(sign_in: SignIn) -> None:
    assert 'href="/buildings"' in sign_in(Role.VIEWER).get("/").text
    assert "Add a building" not in sign_in(Role.VIEWER).get("/buildings").text
    assert "Add a building" in sign_in(Role.ASSET_MANAGER).get("/buildings").text


def test_the_latest_changes_leave_out_what_the_machine_decided(sign_in: SignIn, session: Session) -> None:
    building = make_building(session, name="Compared House")
    audit.record(session, actor=None, action="decide_match", subject_type="building", subject_id=building.id)
    assert "Compared House" not in sign_in(Role.VIEWER).get("/").text
    audit.record(session, actor=None, action="import_building", subject_type="building", subject_id=building.id)
    assert "Compared House" in sign_in(Role.VIEWER).get("/").text

"""Editing, adding and retiring buildings and their parts: own agency, reasons, versions, conflicts."""

from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import Membership, Role
from estate.register.changes import change_building
from estate.register.models import Building, BuildingStatus, Interest, Occupation, RunningCost, Tenure
from tests.factories import make_agency, make_building, make_interest, make_occupation, make_running_cost
from tests.web.conftest import Client, SignIn


@pytest.fixture
def building(session: Session) -> Building:
    return make_building(session, name="Old Hall", postcode="M32 0TH", net_internal_area_m2=Decimal(500))


@pytest.fixture
def manager(sign_in: SignIn, building: Building) -> Client:
    """An asset manager of the building's agency."""
    return sign_in(Role.ASSET_MANAGER, building.agency)


def facts(**changed: Any) -> dict[str, Any]:
    """What the edit form sends when nothing was touched, with `changed`."""
    sent = {
        "version": "1",
        "name": "Old Hall",
        "uprn": "",
        "street": "",
        "post_town": "",
        "postcode": "M32 0TH",
        "latitude": "53.4",
        "longitude": "-2.3",
        "use_class_code": "office",
        "status": "active",
        "gross_internal_area_m2": "",
        "net_internal_area_m2": "500",
        "built_year": "",
        "protected_reason": "",
        "note": "",
        "reason": "New survey",
    }
    return {**sent, **changed}


def edit(browser: Client, building: Building, **changed: Any) -> Any:
    return browser.submit(f"/buildings/{building.id}/edit", facts(**changed), page="/account")


def test_the_form_shows_what_is_stored(manager: Client, building: Building) -> None:
    page = manager.get(f"/buildings/{building.id}/edit").text
    for shown in ['value="Old Hall"', 'value="M32 0TH"', 'value="53.4"', 'value="500"', 'name="version"']:
        assert shown in page, shown


def test_a_change_is_saved_with_its_reason(manager: Client, session: Session, building: Building) -> None:
    response = edit(manager, building, name="New Hall", net_internal_area_m2="1,250.5", status="vacant", is_listed="y")
    assert response.headers["Location"] == f"/buildings/{building.id}"
    stored = session.get_one(Building, building.id)
    assert (stored.name, stored.net_internal_area_m2, stored.status) == (
        "New Hall",
        Decimal("1250.5"),
        BuildingStatus.VACANT,
    )
    assert stored.is_listed
    event = session.scalars(select(Event)).one()
    assert (event.reason, event.actor_id) == ("New survey", manager.user.id)
    page = manager.get(f"/buildings/{building.id}").text
    assert "The change is saved." in page
    assert manager.user.name in page


def test_sending_the_form_untouched_changes_nothing(manager: Client, session: Session, building: Building) -> None:
    assert edit(manager, building).status_code == 302
    assert session.scalar(select(func.count()).select_from(Event)) == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": "  "}, "Say why you make this change"),
        ({"name": ""}, "Give the building a name"),
        ({"uprn": "1.00E+11"}, "A UPRN is a number of up to 12 digits"),
        ({"postcode": "TQ5 PHW"}, "Enter a UK postcode"),
        ({"net_internal_area_m2": "0"}, "must be more than 0 m²"),
        ({"net_internal_area_m2": "NaN"}, "Enter a number, such as 1250"),
        ({"net_internal_area_m2": "1e400"}, "Enter a number, such as 1250"),
        ({"gross_internal_area_m2": "400"}, "can't be more than the gross"),
        ({"latitude": "", "longitude": "-2"}, "Enter both latitude and longitude"),
        ({"latitude": "nan"}, "The latitude must be from -90 to 90"),
        ({"latitude": "530"}, "The latitude must be from -90 to 90"),
        ({"built_year": "19th century"}, "Enter a whole number"),
        ({"is_protected": "y"}, "Say why no proposal may empty this building"),
        ({"use_class_code": "castle"}, "valid choice"),
        ({"status": "retired"}, "valid choice"),
        ({"status": "burnt"}, "could not coerce"),
        ({"note": "x" * 2001}, "2000 characters"),
        ({"name": "a\x00b"}, "characters that can't be stored"),
    ],
)
def test_a_broken_rule_is_named_and_nothing_is_lost(
    manager: Client, session: Session, building: Building, changed: dict[str, str], message: str
) -> None:
    response = edit(manager, building, street="Typed Street", **changed)
    assert response.status_code == 422
    page = unescape(response.text)
    assert message in page
    assert "There is a problem" in page
    assert "Typed Street" in page
    assert session.get_one(Building, building.id).street is None


def test_unknown_fields_are_refused(manager: Client, session: Session, building: Building) -> None:
    other = make_agency(session)
    assert edit(manager, building, agency_id=str(other.id)).status_code == 422
    assert session.get_one(Building, building.id).agency_id == building.agency_id


def test_a_stale_edit_shows_both_versions_and_keeps_what_was_typed(
    manager: Client, session: Session, building: Building
) -> None:
    change_building(session, building, version=1, actor=None, reason="first", name="Theirs", built_year=1901)
    response = edit(manager, building, name="Mine", street="My Street")
    assert response.status_code == 409
    page = response.text
    for shown in [
        "Somebody else changed this first",
        "Theirs",
        "1901",
        'value="Mine"',
        'value="My Street"',
        'value="2"',
    ]:
        assert shown in page, shown
    assert session.get_one(Building, building.id).name == "Theirs"
    again = edit(manager, building, name="Mine", street="My Street", version="2", built_year="1901")
    assert again.status_code == 302
    assert session.get_one(Building, building.id).name == "Mine"


@pytest.mark.parametrize("version", ["", "0", "x", "99999999999999999999", "-1"])
def test_a_version_that_was_made_up(manager: Client, session: Session, building: Building, version: str) -> None:
    assert edit(manager, building, name="X", version=version).status_code in (409, 422)
    assert session.get_one(Building, building.id).name == "Old Hall"


def editing_paths(session: Session, building: Building) -> list[str]:
    """Every address under which this building can be changed."""
    interest, team = make_interest(session, building), make_occupation(session, building)
    cost = make_running_cost(session, building)
    own = ["edit", "retire", "interests/new", "occupations/new", "costs/new", f"costs/{cost.id}"]
    own += [f"interests/{interest.id}", f"interests/{interest.id}/end"]
    own += [f"occupations/{team.id}", f"occupations/{team.id}/end"]
    return [f"/buildings/{building.id}/{path}" for path in own]


def test_another_agencys_editing_pages_are_not_there(sign_in: SignIn, session: Session, building: Building) -> None:
    stranger = sign_in(Role.ASSET_MANAGER)
    owner = sign_in(Role.ASSET_MANAGER, building.agency)
    for path in editing_paths(session, building):
        assert owner.get(path).status_code == 200, path
        assert stranger.get(path).status_code == 404, path
        assert stranger.submit(path, {"reason": "x"}, page="/account").status_code == 404, path
    assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_a_viewer_of_the_own_agency_may_not_edit(sign_in: SignIn, session: Session, building: Building) -> None:
    viewer = sign_in(Role.VIEWER, building.agency)
    for path in editing_paths(session, building):
        assert viewer.get(path).status_code == 403, path
        assert viewer.submit(path, {"reason": "x"}, page="/account").status_code == 403, path


def test_a_right_ends_with_the_membership(manager: Client, session: Session, building: Building) -> None:
    assert manager.get(f"/buildings/{building.id}/edit").status_code == 200
    session.delete(session.scalars(select(Membership).where(Membership.user_id == manager.user.id)).one())
    assert manager.get(f"/buildings/{building.id}/edit").status_code == 403


def test_a_part_of_another_building_is_not_there(manager: Client, session: Session, building: Building) -> None:
    foreign = make_interest(session, make_building(session))
    path = f"/buildings/{building.id}/interests/{foreign.id}"
    assert manager.get(path).status_code == 404
    assert manager.submit(f"{path}/end", {"reason": "x"}, page="/account").status_code == 404
    assert manager.get(f"/buildings/{building.id}/occupations/{foreign.id}").status_code == 404


def test_a_cost_does_not_end(manager: Client, session: Session, building: Building) -> None:
    cost = make_running_cost(session, building)
    assert manager.get(f"/buildings/{building.id}/costs/{cost.id}/end").status_code == 404


def test_adding_a_building(manager: Client, session: Session, building: Building) -> None:
    sent = facts(name="Depot", latitude="", longitude="", postcode="m32 0th", agency_id=str(building.agency_id))
    response = manager.submit("/buildings/new", sent, page="/account")
    assert response.status_code == 302, response.text
    added = session.scalars(select(Building).where(Building.name == "Depot")).unique().one()
    assert added.location is not None
    assert response.headers["Location"] == f"/buildings/{added.id}"


def test_adding_for_another_agency_is_refused(manager: Client, session: Session) -> None:
    other = make_agency(session)
    response = manager.submit("/buildings/new", facts(agency_id=str(other.id)), page="/account")
    assert response.status_code == 422
    assert session.scalar(select(func.count()).select_from(Building)) == 1


def test_retiring_needs_a_reason_and_closes_the_record(manager: Client, session: Session, building: Building) -> None:
    path = f"/buildings/{building.id}/retire"
    assert manager.submit(path, {"version": "1", "reason": " "}, page=path).status_code == 422
    assert manager.submit(path, {"version": "0", "reason": "twice"}, page=path).status_code == 409
    assert manager.submit(path, {"version": "1", "reason": "twice"}, page=path).status_code == 302
    assert session.get_one(Building, building.id).status is BuildingStatus.RETIRED
    page = manager.get(f"/buildings/{building.id}").text
    assert "This record was retired" in page
    assert f"/buildings/{building.id}/edit" not in page
    assert edit(manager, building, version="2").status_code == 409


def test_interests_are_added_changed_and_ended(manager: Client, session: Session, building: Building) -> None:
    path = f"/buildings/{building.id}/interests"
    lease = {"agency_id": str(building.agency_id), "tenure": "leasehold", "landlord": "Old Toll", "reason": "signed"}
    lease |= {"lease_start_on": "2020-04-01", "lease_end_on": "2030-03-31", "rent_per_year": "£12,000", "version": ""}
    assert manager.submit(f"{path}/new", lease, page="/account").status_code == 302
    interest = session.scalars(select(Interest)).unique().one()
    assert (interest.tenure, interest.rent_per_year) == (Tenure.LEASEHOLD, 12000)
    assert 'value="2030-03-31"' in manager.get(f"{path}/{interest.id}").text
    wrong = manager.submit(
        f"{path}/{interest.id}", {**lease, "version": "1", "lease_end_on": "2019-01-01"}, page="/account"
    )
    assert wrong.status_code == 422
    assert "The lease must end after it starts" in wrong.text
    odd = manager.submit(
        f"{path}/{interest.id}", {**lease, "version": "1", "lease_end_on": "31/03/2030"}, page="/account"
    )
    assert "year-month-day" in odd.text
    stale = manager.submit(f"{path}/{interest.id}", {**lease, "version": "7", "landlord": "New"}, page="/account")
    assert stale.status_code == 409
    assert "Old Toll" in stale.text
    end = {"version": "1", "ended_on": "2026-01-31", "reason": "surrendered"}
    assert manager.submit(f"{path}/{interest.id}/end", end, page="/account").status_code == 302
    assert "surrendered" in manager.get(f"/buildings/{building.id}").text
    assert manager.submit(f"{path}/{interest.id}/end", {**end, "version": "2"}, page="/account").status_code == 409


def test_teams_and_costs_are_added_and_changed(manager: Client, session: Session, building: Building) -> None:
    team = {"team": "Planning", "agency_id": str(building.agency_id), "service_code": "planning", "fte": "12.5"}
    team |= {"area_m2": "", "workstations": "10", "reason": "moved in", "version": ""}
    path = f"/buildings/{building.id}"
    assert manager.submit(f"{path}/occupations/new", team, page="/account").status_code == 302
    stored = session.scalars(select(Occupation)).unique().one()
    assert (stored.fte, stored.area_m2) == (Decimal("12.5"), None)
    cost = {"agency_id": str(building.agency_id), "category_code": "energy", "year_start": "2024", "amount": "0"}
    cost |= {"source": "ledger", "reason": "year end", "version": ""}
    assert manager.submit(f"{path}/costs/new", cost, page="/account").status_code == 302
    again = manager.submit(f"{path}/costs/new", cost, page="/account")
    assert again.status_code == 422
    assert "in the register already" in again.text
    [paid] = session.scalars(select(RunningCost)).unique()
    assert paid.amount == 0
    change = {"version": "1", "amount": "1500", "source": "audit", "is_estimate": "y", "reason": "corrected"}
    assert manager.submit(f"{path}/costs/{paid.id}", change, page="/account").status_code == 302
    assert (
        manager.submit(f"{path}/costs/{paid.id}", {**change, "year_start": "2020"}, page="/account").status_code == 422
    )
    assert session.scalars(select(RunningCost.amount)).one() == 1500

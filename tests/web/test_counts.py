"""Counts of people on a building's page: entered, corrected, retired; and the list that shows them."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.register.models import Building, OccupancyObservation
from tests.factories import make_building
from tests.web.conftest import SignIn

COUNT = {
    "method": "survey",
    "period_start_on": "",
    "observed_on": "2025-03-12",
    "average": "20",
    "peak": "30",
    "capacity": "80",
    "hours_available": "40",
    "hours_used": "30",
    "vacant_m2": "",
    "source": "Walk-round",
    "reason": "Yearly count",
}


@pytest.fixture
def hall(session: Session) -> Building:
    return make_building(session, name="Town Hall")


def test_a_count_is_entered_corrected_and_retired(session: Session, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ASSET_MANAGER, hall.agency)
    new = f"/buildings/{hall.id}/counts/new"
    assert "Add a count of people" in browser.get(f"/buildings/{hall.id}").text
    assert browser.submit(new, COUNT, page=new).status_code == 302
    count = session.scalars(select(OccupancyObservation)).one()
    assert count.average == Decimal(20)
    again = browser.submit(new, COUNT, page=new)
    assert (again.status_code, "Correct that one" in again.text) == (422, True)
    edit = f"/buildings/{hall.id}/counts/{count.id}"
    stale = browser.submit(edit, {**COUNT, "version": 9}, page=edit)
    assert stale.status_code == 409
    assert browser.submit(edit, {**COUNT, "version": 1, "peak": "1"}, page=edit).status_code == 422
    assert browser.submit(edit, {**COUNT, "version": 1, "average": "24"}, page=edit).status_code == 302
    listing = browser.get("/buildings?columns=name,fullness,vacant&fullness=low").text
    assert "22 %" in listing or "23" in listing
    assert "Utilisation low: under" in listing
    assert "Survey" in listing
    end = f"{edit}/end"
    assert "Ended on" not in browser.get(end).text
    assert browser.submit(end, {"version": 2, "reason": ""}, page=end).status_code == 422
    assert browser.submit(end, {"version": 2, "reason": "Another building"}, page=end).status_code == 302
    page = browser.get(f"/buildings/{hall.id}").text
    assert "Nobody has counted yet" in page
    assert "Count of people retired" in page
    assert "Another building" in page
    assert browser.submit(edit, {**COUNT, "version": 3}, page=new).status_code == 409


def test_counts_of_other_agencies_are_not_to_be_written(session: Session, hall: Building, sign_in: SignIn) -> None:
    other = sign_in(Role.ASSET_MANAGER)
    assert other.get(f"/buildings/{hall.id}/counts/new").status_code == 404
    assert "Add a count of people" not in other.get(f"/buildings/{hall.id}").text


def test_a_fullness_that_does_not_exist_is_refused(sign_in: SignIn) -> None:
    assert sign_in(Role.VIEWER).get("/buildings?fullness=enormous").status_code == 422

"""Undoing an import in the web: who may, what stands in the way, the reason, the job; and the building's history."""

import pytest
from sqlalchemy import select, text

from estate.people.models import Role
from estate.register.changes import change_building
from estate.register.imports.check import Options
from estate.register.imports.undo import undo_import
from estate.register.imports.uploads import apply_import, start_import
from estate.register.models import Building, ImportStatus
from tests import factories
from tests.web.test_imports import GOOD


@pytest.fixture
def council(session):
    factories.make_place(session)
    return factories.make_agency(session, name="Test Council")


@pytest.fixture
def brought(session, council):
    brought = start_import(session, GOOD, "buildings.csv", agency=council, actor=None, options=Options())
    apply_import(session, brought, actor=None)
    return brought


@pytest.fixture
def manager(sign_in, council):
    return sign_in(Role.ASSET_MANAGER, council)


def test_an_import_is_undone_with_a_reason(manager, brought, session):
    address = f"/imports/{brought.id}/undo"
    assert address in manager.get(f"/imports/{brought.id}").text
    page = manager.get(address).text
    assert "1 building that it added is retired" in page
    assert "that it changed" not in page
    assert "Agencies that it created" not in page
    refused = manager.submit(address, {"reason": "  "}, page=address)
    assert refused.status_code == 422
    assert "Say why you make this change" in refused.text
    answer = manager.submit(address, {"reason": "The wrong year"}, page=address)
    assert answer.location == f"/imports/{brought.id}"
    assert brought.status is ImportStatus.UNDOING
    job = session.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE task_name LIKE 'imports.%'")).one()
    assert (job.task_name, job.args) == ("imports.undo", {"import_id": brought.id})
    assert "Undoing the import" in manager.get(answer.location).text
    undo_import(session, brought)
    page = manager.get(answer.location).text
    assert "This import was undone on" in page
    assert f"by {manager.user.name}: “The wrong year”." in page
    assert "Undo this import" not in page
    assert manager.get(address).status_code == 409
    assert manager.submit(address, {"reason": "x"}, page="/imports/new").status_code == 409
    building = session.scalars(select(Building)).one()
    page = manager.get(f"/buildings/{building.id}").text
    assert "Import of buildings.csv undone: The wrong year" in page
    assert page.count(f'href="/imports/{brought.id}">the file') == 2


def test_what_stands_in_the_way_is_named(manager, brought, session):
    building = session.scalars(select(Building)).one()
    proposal = factories.make_finished_proposal(session, emptied=[building], name="Plan A")
    user = factories.make_user(session, name="Grace <b>Hopper</b>")
    change_building(session, building, version=1, actor=user.id, reason="Renamed at last", name="New Hall")
    address = f"/imports/{brought.id}/undo"
    page = manager.get(address).text
    assert "This import can&#39;t be undone" in page or "This import can't be undone" in page
    assert "Grace &lt;b&gt;Hopper&lt;/b&gt;" in page
    assert "Renamed at last" in page
    assert f'href="/proposals/{proposal.id}"' in page
    assert "is used by the proposal “Plan A” (draft)" in page
    assert "govuk-button--warning" not in page
    refused = manager.submit(address, {"reason": "x"}, page="/imports/new")
    assert refused.status_code == 409
    assert brought.status is ImportStatus.APPLIED


def test_only_its_agency_and_administrators_may(sign_in, brought, session):
    address = f"/imports/{brought.id}/undo"
    other = factories.make_agency(session)
    stranger = sign_in(Role.ASSET_MANAGER, other)
    assert stranger.get(address).status_code == 404
    assert stranger.submit(address, {"reason": "x"}, page="/imports/new").status_code == 404
    assert sign_in(Role.VIEWER, brought.agency).get(address).status_code == 403
    assert sign_in(Role.ADMINISTRATOR, other).get(address).status_code == 200


def test_the_history_is_filtered(manager, brought, session):
    building = session.scalars(select(Building)).one()
    change_building(session, building, version=1, actor=manager.user.id, reason="Renamed at last", name="New Hall")
    address = f"/buildings/{building.id}/history"
    assert f'href="{address}"' in manager.get(f"/buildings/{building.id}").text
    page = manager.get(address).text
    assert "2 events, newest first" in page
    for query, shown, hidden in (
        ("what=files", "Import of buildings.csv", "Renamed at last"),
        ("what=facts", "Renamed at last", "Import of buildings.csv"),
        (f"who={manager.user.id}", "Renamed at last", "Import of buildings.csv"),
        ("who=0", "Import of buildings.csv", "Renamed at last"),
        ("until=2001-01-01", "No event fits these filters", "Renamed at last"),
        ("what=costs", "No event fits these filters", "Renamed at last"),
        ("since=2001-01-01&page=99", "2 events", "No event fits"),
    ):
        page = manager.get(f"{address}?{query}").text
        assert shown in page, query
        assert hidden not in page, query
    for query in ("what=x", "who=-1", "who=x", "since=tomorrow", "until=9999-12-31"):
        assert manager.get(f"{address}?{query}").status_code == 422, query
    assert manager.get("/buildings/999999/history").status_code == 404

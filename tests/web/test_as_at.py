"""The register on a past day in the web: list, building, maps and files say the day, links keep it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set
from estate.register.listed_past import rebuild
from estate.register.models import Building, RunningCost
from tests import factories

YESTERDAY = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011
SAID = f"as it was on {int(YESTERDAY[8:])} {date.fromisoformat(YESTERDAY):%B %Y}"


@pytest.fixture
def hall(session):
    """Known for a week as Old Hall; since today as Town Hall, which costs more."""
    factories.make_place(session)
    factories.make_area(session, name="Northtown")
    building = factories.make_building(session, name="Old Hall")
    factories.make_running_cost(session, building)
    assign_areas(session)
    for table in ("building", "running_cost"):
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        session.execute(text(f"UPDATE {table} SET recorded_at = now() - interval '7 days'"))
        session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    begin_change_set(session, "import:1")
    session.execute(text("UPDATE building SET name = 'Town Hall'"))
    session.execute(text("UPDATE running_cost SET amount = 34567"))
    rebuild(session)
    begin_change_set(session, "")
    session.expire_all()
    return session.get(Building, building.id)


@pytest.fixture
def manager(sign_in, hall):
    return sign_in(Role.ASSET_MANAGER, hall.agency)


def test_the_list_as_it_was(manager, hall):
    today = manager.get("/buildings").text
    assert "Town Hall" in today
    assert "as it was on" not in today
    page = manager.get(f"/buildings?as_at={YESTERDAY}").text
    assert "Old Hall" in page
    assert "Town Hall" not in page
    assert f"A{SAID[1:]}." in page
    assert f"<title>Buildings, {SAID}" in page
    assert f'href="/buildings/{hall.id}?as_at={YESTERDAY}"' in page
    assert f"/buildings.csv?as_at={YESTERDAY}" in page
    assert 'href="/buildings">Show it as it is today' in page
    assert "£12,000" in page
    assert "34,567" in today


def test_the_list_before_the_register_knew_anything(manager):
    assert "The register is empty" in manager.get("/buildings?as_at=2001-01-01").text


def test_the_file_says_the_day(manager):
    answer = manager.get(f"/buildings.csv?as_at={YESTERDAY}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=buildings-as-at-{YESTERDAY}.csv"
    header, row = answer.text.splitlines()
    assert header.endswith(",as_at")
    assert row.endswith(f",{YESTERDAY}")
    assert "Old Hall" in row
    assert "as_at" not in manager.get("/buildings.csv").text


def test_the_building_as_it_was(manager, hall):
    today = manager.get(f"/buildings/{hall.id}").text
    assert "Edit facts" in today
    assert '<label class="govuk-label" for="as_at">' in today
    page = manager.get(f"/buildings/{hall.id}?as_at={YESTERDAY}").text
    assert '<h1 class="govuk-heading-l">Old Hall</h1>' in page
    assert SAID in page
    assert "£12,000" in page
    assert "Edit" not in page
    assert f'value="{YESTERDAY}"' in page
    assert manager.get(f"/buildings/{hall.id}?as_at=2001-01-01").status_code == 404


def test_maps_and_their_files_as_they_were(manager):
    page = manager.get(f"/maps?measure=cost&as_at={YESTERDAY}").text
    assert "£12,000" in page
    assert f"register of Testshire, {SAID}" in page
    assert f"as_at={YESTERDAY}" in page
    assert "£34,567" in manager.get("/maps?measure=cost").text
    assert "Old Hall" in manager.get(f"/maps/buildings?as_at={YESTERDAY}").text
    assert SAID in manager.get(f"/maps/frame?as_at={YESTERDAY}").text
    assert "Old Hall" in manager.get(f"/maps/buildings/frame?as_at={YESTERDAY}").text
    for name in ("areas", "buildings"):
        answer = manager.get(f"/maps/{name}.csv?as_at={YESTERDAY}")
        assert f"filename={name}-as-at-{YESTERDAY}.csv" in answer.headers["Content-Disposition"]
        assert [line.rsplit(",", 1)[-1] for line in answer.text.splitlines()] == ["as_at", YESTERDAY]


def test_the_map_of_one_building(manager, hall):
    answer = manager.get(f"/maps/buildings/{hall.id}/frame?as_at={YESTERDAY}")
    assert "Old Hall" in answer.text
    assert SAID[1:] in answer.text


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "9999-12-31", "0001-01-01", "1' OR 1=1"])
@pytest.mark.parametrize("path", ["/buildings", "/maps", "/buildings.csv"])
def test_a_day_that_is_none_answers_with_a_sentence(manager, path, day):
    answer = manager.get(path, query_string={"as_at": day})
    assert answer.status_code == 422
    assert "on any day up to today" in answer.text


def test_today_is_the_register_as_it_is(manager):
    page = manager.get("/buildings", query_string={"as_at": date.today().isoformat()}).text  # noqa: DTZ011
    assert "Town Hall" in page
    assert "as it was on" not in page


def test_pages_without_a_past_do_not_carry_the_day(manager, session):
    page = manager.get(f"/buildings?as_at={YESTERDAY}").text
    assert 'href="/buildings/new"' in page
    assert f'href="/maps?as_at={YESTERDAY}"' in page
    assert 'href="/imports"' in page
    assert session.query(RunningCost).one().amount == 34567

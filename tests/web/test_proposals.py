"""Pages of proposals: who may, what they show in every state, and what they refuse."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals.build import problem_for
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from tests import factories
from tests.db.proposals.conftest import make_estate


@pytest.fixture
def estate(session):
    factories.make_place(session)
    return make_estate(session)


@pytest.fixture
def finished(session, estate):
    """A proposal with a stored result."""
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    session.flush()
    return proposal


@pytest.fixture
def manager(sign_in, estate):
    return sign_in(Role.ASSET_MANAGER, estate.council)


def values(estate, **changes):
    fields = {
        "area_id": estate.area.id,
        "level_code": "",
        "max_move_m": "1,500",
        "horizon_years": "10",
        "team_rule": "stay",
        "time_limit_s": "5",
        "name": "",
    }
    return {**fields, **changes}


def test_the_list_says_when_there_is_nothing(sign_in, session):
    factories.make_place(session)
    page = sign_in(Role.VIEWER).get("/proposals").text
    assert "There is no proposal yet" in page
    assert "Start a proposal" not in page, "a viewer may not start one"


def test_starting_a_proposal_queues_its_job(manager, session, estate):
    assert "3000" in manager.get("/proposals/new").text, "the dated assumption is offered"
    answer = manager.submit("/proposals/new", values(estate), page="/proposals/new")
    proposal = session.scalars(select(Proposal)).one()
    assert answer.location == f"/proposals/{proposal.id}"
    assert proposal.options["max_move_m"] == 1500
    assert proposal.actor_id == manager.user.id
    assert session.scalar(text("SELECT args ->> 'run_id' FROM procrastinate_jobs")) == str(proposal.id)
    page = manager.get(answer.location).text
    assert "It waits for its turn" in page
    assert "js/progress.js" in page
    assert manager.get(f"{answer.location}/progress").json == {"is_at_work": True, "percent": 0, "message": ""}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"area_id": ""}, "Choose an area"),
        ({"area_id": "999999"}, "Not a valid choice"),
        ({"max_move_m": "-5"}, "Enter a whole number"),
        ({"max_move_m": "900000"}, "between 0 and 100,000 metres"),
        ({"max_move_m": ""}, "Enter a distance in metres"),
        ({"horizon_years": "0"}, "between 1 and 60 years"),
        ({"time_limit_s": "999999"}, "between 1 and 3,600 seconds"),
        ({"team_rule": "split"}, "Not a valid choice"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field(manager, session, estate, changes, words):
    answer = manager.submit("/proposals/new", values(estate, **changes), page="/proposals/new")
    assert answer.status_code == 422
    assert words in answer.text
    assert "There is a problem" in answer.text
    assert session.scalars(select(Proposal)).all() == []


def test_moves_may_not_stay_inside_a_larger_level(manager, session, estate):
    county = factories.make_area(session, level="county")
    answer = manager.submit("/proposals/new", values(estate, level_code=county.level_code), page="/proposals/new")
    assert answer.status_code == 422
    assert "Choose district or a smaller level" in answer.text


def test_unknown_fields_are_refused(manager, estate):
    assert manager.submit("/proposals/new", values(estate, seed="7"), page="/proposals/new").status_code == 422


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BOARD_MEMBER])
def test_readers_read_and_start_nothing(sign_in, finished, estate, role):
    reader = sign_in(role, estate.council)
    assert reader.get(f"/proposals/{finished.id}").status_code == 200
    assert reader.get("/proposals/new").status_code == 403
    assert reader.submit("/proposals/new", values(estate)).status_code == 403
    assert reader.submit(f"/proposals/{finished.id}/cancel").status_code == 403


def test_the_result_says_what_and_why_and_who_pays(sign_in, finished):
    page = sign_in(Role.VIEWER).get(f"/proposals/{finished.id}").text
    assert "proven to be optimal" in page
    assert "teams stay in a building that is kept" in page
    assert "Emptied: its 2 teams move to Town Hall." in page
    assert "Testshire NHS" in page
    assert "£40,000.00" in page
    assert "£20,000.01" in page
    assert "Health visitors" in page
    assert "HM Treasury Green Book" in page
    assert f'src="/proposals/{finished.id}/frame"' in page


def test_the_list_shows_the_result(sign_in, finished):
    page = sign_in(Role.VIEWER).get("/proposals").text
    assert "proven optimal" in page
    assert "1 of 2" in page


def test_the_map_is_a_framed_document_of_its_own(sign_in, finished):
    answer = sign_in(Role.VIEWER).get(f"/proposals/{finished.id}/frame")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    for words in ("Old Office", "Town Hall", "Planning"):
        assert words in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org", "")


def test_files(sign_in, session, finished, estate):
    estate.old.name = "=HYPERLINK(1)"
    session.flush()
    reader = sign_in(Role.VIEWER)
    buildings = reader.get(f"/proposals/{finished.id}/buildings.csv")
    assert buildings.headers["Content-Disposition"] == f"attachment; filename=proposal-{finished.id}-buildings.csv"
    assert "'=HYPERLINK(1)" in buildings.text
    assert len(reader.get(f"/proposals/{finished.id}/moves.csv").text.splitlines()) == 3


def test_a_failed_run_shows_its_sentence(sign_in, session, estate):
    proposal = factories.make_proposal(session, run_status=RunStatus.FAILED, message="The time limit must be positive.")
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "The time limit must be positive." in page
    assert sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}/frame").status_code == 404


def test_cancelling(manager, session, estate):
    proposal = start(session, actor=None, area=estate.area)
    answer = manager.submit(f"/proposals/{proposal.id}/cancel", page=f"/proposals/{proposal.id}")
    assert answer.status_code == 302
    session.refresh(proposal)
    assert proposal.run_status is RunStatus.CANCELLED
    assert manager.submit(f"/proposals/{proposal.id}/cancel").status_code == 409


def test_an_empty_area_says_so(sign_in, session):
    factories.make_place(session)
    area = factories.make_area(session)
    proposal = start(session, actor=None, area=area, is_queued=False)
    problem = problem_for(session, area, Options())
    store(session, proposal, problem, solve(problem))
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "nothing to propose" in page
    assert sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}/frame").status_code == 200
    assert proposal.objective == Decimal("0.00")


def test_unknown_proposals_are_not_found(sign_in, session):
    factories.make_place(session)
    reader = sign_in(Role.VIEWER)
    assert reader.get("/proposals/99").status_code == 404
    assert reader.get("/proposals/99999999999999999999/frame").status_code == 404

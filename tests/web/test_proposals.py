"""Pages of proposals: who may, what they show in every state, and what they refuse."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals.build import problem_for
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options
from estate.proposals.queries import list_moves, list_positions
from estate.proposals.runs import start
from estate.proposals.store import store
from estate.register.areas import assign_areas
from estate.register.models import Tenure
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


def test_a_page_beyond_the_last_gives_the_last(sign_in, finished):
    answer = sign_in(Role.VIEWER).get("/proposals?page=9999999999999999999999")
    assert answer.status_code == 200
    assert finished.name in answer.text


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
    assert "Emptied: 1 building" in page
    assert "Hosts: 1 building that teams move into" in page
    assert "Testshire NHS" in page
    assert "£40,000" in page
    assert "£20,000" in page
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
    agencies = reader.get(f"/proposals/{finished.id}/agencies.csv").text.splitlines()
    assert agencies[0].removeprefix("\ufeff").startswith("agency,released_per_year,added_per_year,saving_per_year")
    assert [line.split(",")[:2] for line in agencies[1:]] == [
        ["Testshire Council", "40000.00"],
        ["Testshire NHS", "20000.01"],
    ]


def test_what_is_kept_is_told_by_cause(sign_in, session, estate):
    """One of two causes each; a plan from before causes were kept shows its buildings all the same."""
    area = Decimal(900)
    factories.make_building(
        session, name="School", use_class_code="school", net_internal_area_m2=area, lonlat=(-2.32, 53.4)
    )
    assign_areas(session)
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options(max_move_m=0))
    store(session, proposal, problem, solve(problem))
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "Kept as they are: 3 buildings" in page
    assert "No building is emptied" in page
    for heading in ("They are protected", "There is no other building within the distance", "Buildings of their use"):
        assert heading in page
    proposal.summary = {name: value for name, value in proposal.summary.items() if name != "kept_causes"}
    session.flush()
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "They are protected" not in page
    assert "School" in page


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


def test_a_run_that_is_being_stopped_is_still_watched(manager, session, estate):
    proposal = start(session, actor=None, area=estate.area)
    proposal.run_status = RunStatus.RUNNING
    manager.submit(f"/proposals/{proposal.id}/cancel", page=f"/proposals/{proposal.id}")
    page = manager.get(f"/proposals/{proposal.id}").text
    assert "The best plan so far is being stored" in page
    assert "js/progress.js" in page
    assert "Stop and keep" not in page
    assert manager.get(f"/proposals/{proposal.id}/progress").json["is_at_work"]


def test_where_nothing_changes_nothing_pays_back(sign_in, session, estate):
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options(max_move_m=0))
    store(session, proposal, problem, solve(problem))
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "Cost of the plan" in page
    assert "Payback" not in page
    assert "How good" not in page


def test_rent_that_stays_due_is_in_every_figure(sign_in, session, estate):
    end = datetime.now(UTC).date() + timedelta(days=700)
    rent = {"tenure": Tenure.LEASEHOLD, "rent_per_year": Decimal(5000), "lease_end_on": end}
    factories.make_interest(session, estate.old, agency_id=estate.health.id, **rent)
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    due = Decimal(str(problem.buildings[problem.building_index[str(estate.old.id)]].leaving_cost))
    moves = {move.agency_id: move.move_cost for move in list_moves(session, proposal)}
    positions = {row.agency_id: row.one_off_cost for row in list_positions(session, proposal)}
    assert positions == {estate.council.id: moves[estate.council.id], estate.health.id: moves[estate.health.id] + due}
    one_off, saving = Decimal(proposal.summary["one_off_cost"]), Decimal(proposal.summary["saving_per_year"])
    assert one_off == sum(moves.values()) + due
    assert proposal.summary["payback_years"] == pytest.approx(float(one_off / saving), abs=0.01)
    value = float(saving) / problem.settings.annuity_ratio - float(one_off)
    assert float(proposal.summary["net_present_value"]) == pytest.approx(value, abs=0.01)
    yearly = float(proposal.baseline - proposal.objective)
    assert yearly == pytest.approx(value * problem.settings.annuity_ratio, abs=0.1)
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert f"of rent stays due until {end:%-d %B %Y}" in page


def test_an_empty_area_says_so(sign_in, session):
    factories.make_place(session)
    area = factories.make_area(session)
    proposal = start(session, actor=None, area=area, is_queued=False)
    problem = problem_for(session, area, Options())
    store(session, proposal, problem, solve(problem))
    page = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}").text
    assert "nothing to propose" in page
    assert 'class="cards"' not in page
    assert "optimal" not in page
    assert sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}/frame").status_code == 200
    assert proposal.objective == Decimal("0.00")


def test_unknown_proposals_are_not_found(sign_in, session):
    factories.make_place(session)
    reader = sign_in(Role.VIEWER)
    assert reader.get("/proposals/99").status_code == 404
    assert reader.get("/proposals/99999999999999999999/frame").status_code == 404


def test_a_result_is_run_again_with_a_decision(manager, session, estate, finished):
    page = manager.get(f"/proposals/{finished.id}").text
    keep = f"kept|{estate.old.id}"
    assert f'value="{keep}"' in page
    assert "Run again with decisions of your own" in page
    form = manager.get(f"/proposals/new?again={finished.id}&decisions={keep}").text
    assert "Old Office is kept" in form
    assert "Town Hall is kept" not in form, "only what was ticked is offered"
    told = {"again": str(finished.id), "decisions": keep, "most_moves": "7", "apart_first": "", "apart_second": ""}
    answer = manager.submit("/proposals/new", values(estate, **told, mix_of="agency"), page="/proposals/new")
    assert answer.status_code == 302, answer.text
    again = session.scalars(select(Proposal).where(Proposal.id != finished.id)).one()
    options = Options.from_json(again.options)
    assert options.rules.locks.kept == (str(estate.old.id),)
    assert options.rules.most_moves == 7
    problem = problem_for(session, estate.area, options)
    store(session, again, problem, solve(problem))
    page = manager.get(f"/proposals/{again.id}").text
    assert "What this proposal was told" in page
    assert "Old Office is kept" in page
    assert "At most 7 moves" in page
    assert "That they are kept was decided for this proposal" in page
    once_more = manager.get(f"/proposals/new?again={again.id}").text
    assert "Old Office is kept" in once_more, "a decision holds until it is unticked"


def test_rules_of_the_form_reach_the_run(manager, session, estate):
    told = {
        "most_one_off_cost": "12,000.50",
        "least_mix": "2",
        "mix_of": "use",
        "apart_first": "library",
        "apart_second": "office",
        "access_m": "1,200",
        "access_fall_percent": "5",
    }
    answer = manager.submit("/proposals/new", values(estate, **told), page="/proposals/new")
    assert answer.status_code == 302, answer.text[answer.text.find("error-summary") :][:900]
    options = Options.from_json(session.scalars(select(Proposal)).one().options)
    assert (options.access_m, options.access_fall_ratio) == (1200, 0.05)
    rules = options.rules
    assert (rules.most_one_off_cost, rules.least_mix, rules.mix_of.value) == (12000.5, 2, "use")
    assert rules.apart == (("library", "office"),)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"decisions": "kept|999"}, "is not a valid choice"),
        ({"apart_first": "library", "apart_second": "library"}, "two different"),
        ({"apart_first": "library"}, "Choose both"),
        ({"access_fall_percent": "5"}, "within which distance"),
        ({"least_mix": "0"}, "1 or more"),
    ],
)
def test_rules_that_can_not_be_are_said_in_the_form(manager, session, estate, finished, told, words):
    fields = values(estate, again=str(finished.id), mix_of="agency", **told)
    answer = manager.submit("/proposals/new", fields, page="/proposals/new")
    assert answer.status_code == 422
    assert words in answer.text


def test_nobody_runs_again_what_is_not_there(manager):
    assert manager.get("/proposals/new?again=999").status_code == 404


def test_readers_are_offered_no_decision(sign_in, finished):
    page = sign_in(Role.VIEWER).get(f"/proposals/{finished.id}").text
    assert 'name="decisions"' not in page
    assert "Run again" not in page

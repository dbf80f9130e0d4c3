"""Pages of studies: who may, what they show in every state, and what they refuse."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.people.programmes import today_of
from estate.proposals import study_parts
from estate.proposals.models import RunStatus
from estate.proposals.studies import start
from estate.proposals.study_models import PartStatus, Study, StudyPart
from estate.proposals.study_queries import list_parts, totals_of
from estate.proposals.study_split import pieces_of
from tests import factories
from tests.db.studies.conftest import LEVELS, make_county


@pytest.fixture
def county(session):
    factories.make_place(session)
    return make_county(session)


@pytest.fixture
def manager(sign_in, county):
    return sign_in(Role.ASSET_MANAGER, county.council)


def split(session, study):
    problem = study_parts._whole_problem(session, study)
    cuts = [study_parts._cut(session, level, problem) for level in study.levels]
    study_parts._store_pieces(session, study, problem, cuts, pieces_of(problem, cuts))


@pytest.fixture
def study(session, county):
    """A study whose areas are in the queue."""
    study = start(session, actor=None, area=county.area, level_codes=LEVELS, name="Trial")
    split(session, study)
    return study


@pytest.fixture
def finished(session, study):
    for part in list_parts(session, study):
        problem = study_parts.Problem.from_json(part.problem)
        study_parts._fill(part, solve(problem), problem)
        part.status, part.attempt = PartStatus.FINISHED, 1
    study_parts.end_if_done(session, study)
    return study


def text_of(answer):
    return " ".join(answer.text.split())


def test_a_study_is_started_with_the_assumptions_of_a_proposal(session, manager, county):
    page = manager.get("/studies/new")
    assert 'value="3000"' in page.text
    assert "Every building of the programme" in page.text
    data = {
        "area_id": county.area.id, "level_codes": ["ward", "county"], "max_move_m": "2000", "horizon_years": "10",
        "team_rule": "stay", "time_limit_s": "20", "name": " Two  levels ",
    }  # fmt: skip
    answer = manager.submit("/studies/new", data)
    assert answer.status_code == 302
    study = session.scalars(select(Study)).unique().one()
    assert (study.name, [level.level_code for level in study.levels]) == ("Two levels", ["ward", "county"])
    assert study.options["max_move_m"] == 2000
    assert session.execute(text("SELECT task_name FROM procrastinate_jobs")).scalars().all() == ["studies.split"]
    assert "It waits for a worker to read the register" in manager.get(answer.location).text


def test_everything_without_boundaries(session, manager):
    data = {"has_no_boundaries": "y", "max_move_m": "2000", "horizon_years": "10", "team_rule": "stay",
            "time_limit_s": "20"}  # fmt: skip
    assert manager.submit("/studies/new", data).status_code == 302
    study = session.scalars(select(Study)).unique().one()
    assert (study.area_id, [level.name for level in study.levels]) == (None, ["Without boundaries"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"level_codes": []}, "Choose at least one level"),
        ({"time_limit_s": "0"}, "The time limit must be between 1 and 3,600 seconds"),
        ({"max_move_m": ""}, "Enter a distance in metres"),
        ({"team_rule": "whatever"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(session, manager, county, wrong, sentence):
    data = {"area_id": county.area.id, "level_codes": ["ward"], "max_move_m": "2000", "horizon_years": "10",
            "team_rule": "stay", "time_limit_s": "20"}  # fmt: skip
    answer = manager.submit("/studies/new", {**data, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(Study)).unique().all() == []


def test_a_level_above_the_area_is_refused(session, manager, county):
    ward = session.execute(text("SELECT id FROM area WHERE level_code = 'ward' LIMIT 1")).scalar_one()
    data = {"area_id": ward, "level_codes": ["county"], "max_move_m": "2000", "horizon_years": "10",
            "team_rule": "stay", "time_limit_s": "20"}  # fmt: skip
    answer = manager.submit("/studies/new", data)
    assert (answer.status_code, "Choose ward or smaller levels" in answer.text) == (422, True)


def test_the_result_says_what_each_boundary_is_worth(session, manager, finished):
    page = text_of(manager.get(f"/studies/{finished.id}"))
    ward, district, county = totals_of(session, finished)
    assert f"{ward.saving:,.0f}" in page
    assert "From ward to district" in page
    assert f"£{ward.plan - district.plan:,.0f}" in page
    assert "all steps together" in page
    assert page.count('<rect class="series-1"') == 3
    assert "East, in no ward" in page
    assert "data-progress=" not in page
    assert county.saving > district.saving > ward.saving


def test_files_hold_what_the_page_shows(session, manager, finished):
    rows = list(csv.DictReader(io.StringIO(manager.get(f"/studies/{finished.id}/areas.csv").text.lstrip("\ufeff"))))
    document = manager.get(f"/studies/{finished.id}/study.json").json
    assert len(rows) == len(document["areas"]) == 7
    for level in document["levels"]:
        own = [row for row in rows if row["level"] == level["level"]]
        assert sum(Decimal(row["bound_per_year"]) for row in own) == Decimal(level["bound_per_year"])
        assert sum(Decimal(row["saving_per_year"]) for row in own) == Decimal(level["saving_per_year"])
    assert [step["is_known"] for step in document["boundaries"]] == [True] * 3


def test_a_study_at_work_shows_results_as_they_come(session, manager, study):
    part = list_parts(session, study)[0]
    problem = study_parts.Problem.from_json(part.problem)
    study_parts._fill(part, solve(problem), problem)
    part.status, part.seconds = PartStatus.FINISHED, 60.0
    session.execute(
        update(StudyPart).where(StudyPart.status == PartStatus.QUEUED).values(status=PartStatus.RUNNING, worker="a:1")
    )
    answer = manager.get(f"/studies/{study.id}/progress").json
    assert answer["is_at_work"]
    assert answer["result_count"] == 1
    assert "1 of 7 areas are done. 3 are being solved; about" in answer["message"]
    page = text_of(manager.get(f"/studies/{study.id}"))
    assert "of the areas solved so far" in page
    assert "not known yet" in page
    assert "Stop and keep the results so far" in page


def test_stopping_and_going_on(session, manager, study):
    answer = manager.submit(f"/studies/{study.id}/cancel", follow_redirects=True)
    assert "What it found so far is kept" in answer.text
    assert "7 areas were stopped before the end" in text_of(answer)
    assert study.status is RunStatus.CANCELLED
    answer = manager.submit(f"/studies/{study.id}/retry", follow_redirects=True)
    assert "The study goes on" in answer.text
    assert study.status is RunStatus.RUNNING
    assert manager.submit(f"/studies/{study.id}/retry").status_code == 409


def test_a_failed_area_says_why(session, manager, finished):
    part = list_parts(session, finished)[3]
    part.status, part.objective, part.message = PartStatus.FAILED, None, study_parts.WENT_WRONG
    session.flush()
    page = text_of(manager.get(f"/studies/{finished.id}"))
    assert "ended in an error of ours" in page
    assert "1 area failed and 0 areas were stopped" in page
    assert page.count('<rect class="series-1"') == 2, "a level that lacks an area is not drawn"


def test_viewers_read_and_change_nothing(sign_in, county, finished):
    viewer = sign_in(Role.VIEWER, county.council)
    page = viewer.get(f"/studies/{finished.id}").text
    assert "From ward to district" in page
    assert "Start another" not in page
    assert viewer.submit(f"/studies/{finished.id}/retry").status_code == 403
    assert viewer.get("/studies/new").status_code == 403


def test_an_agency_that_stepped_back_reads_none_and_is_named_to_the_others(session, sign_in, county, finished):
    other = factories.make_agency(session, name="Shire Police")
    session.execute(
        text("UPDATE programme_member SET left_on = :day, reason = 'merged' WHERE agency_id = :id"),
        {"day": today_of(session) - timedelta(days=1), "id": county.council.id},
    )
    session.expire_all()
    assert sign_in(Role.ASSET_MANAGER, county.council).get(f"/studies/{finished.id}").status_code == 403
    page = text_of(sign_in(Role.VIEWER, other).get(f"/studies/{finished.id}"))
    assert "Testshire Council took part when the register was read, and no longer does." in page


def test_the_list_and_an_unknown_study(manager, finished):
    page = text_of(manager.get("/studies"))
    assert "Trial" in page
    assert "By ward, by district, by county" in page
    assert manager.get("/studies/99999").status_code == 404
    assert "/studies" in manager.get("/proposals").text

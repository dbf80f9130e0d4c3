"""A study from start to result: split once, every area solved once, stopped and taken up again without a loss."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from estate.audit import history
from estate.db import make_session
from estate.optimise import Problem
from estate.optimise.check import Plan, checked_cost_per_year
from estate.proposals import studies, study_parts, study_queries
from estate.proposals.errors import (
    LevelTooLarge,
    LevelUnknown,
    NothingToRetry,
    OptionsInvalid,
    StudyEnded,
    StudyNotFound,
)
from estate.proposals.models import RunStatus
from estate.proposals.study_models import PartStatus, Study, StudyPart
from estate.proposals.study_parts import perform_part, perform_split
from tests import factories
from tests.db.studies.conftest import LEVELS, make_county, parts_of, perform_all, perform_queued, status_of


def shape(study_id):
    return [(part.level.name, part.name, part.status.value, part.building_count) for part in parts_of(study_id)]


def counts(study_id):
    with make_session() as session:
        rows = study_queries.totals_of(session, session.get_one(Study, study_id))
        return [(row.level.name, row.emptied_count, row.move_count) for row in rows]


def test_every_area_of_every_level_becomes_a_part(study_id):
    perform_split(study_id)
    assert shape(study_id) == [
        ("By ward", "Ash", "queued", 1),
        ("By ward", "East, in no ward", "queued", 1),
        ("By ward", "Elm", "queued", 1),
        ("By ward", "Oak", "queued", 2),
        ("By district", "East", "waiting", 2),
        ("By district", "West", "waiting", 3),
        ("By county", "Testshire", "waiting", 5),
        ("Without boundaries", "All together", "waiting", 5),
    ]
    with make_session() as session:
        study = session.get_one(Study, study_id)
        assert [level.nests_in for level in study.levels] == [[1, 2, 3], [2, 3], [3], []]
        jobs = session.execute(
            text("SELECT task_name, queue_name, priority FROM procrastinate_jobs WHERE task_name = 'studies.part'")
        ).all()
        assert jobs == [("studies.part", "studies", -10)] * 4
        assert {name for name, _ in study.assumptions} >= {"leases", "move_distance_m"}


def test_splitting_twice_changes_nothing(study_id):
    perform_split(study_id)
    perform_split(study_id)
    assert len(parts_of(study_id)) == 8


def test_each_larger_boundary_frees_one_more_office(study_id):
    perform_all(study_id)
    assert status_of(study_id) is RunStatus.FINISHED
    assert counts(study_id) == [
        ("By ward", 1, 1),
        ("By district", 2, 2),
        ("By county", 3, 3),
        ("Without boundaries", 3, 3),
    ]
    assert [part.attempt for part in parts_of(study_id)] == [1] * 8
    with make_session() as session:
        study = session.get_one(Study, study_id)
        totals = study_queries.totals_of(session, study)
        assert {total.baseline for total in totals} == {Decimal("250100.00")}
        assert all(total.is_complete and total.plan == total.bound for total in totals)
        steps = study_queries.steps_of(totals)
        assert [(step.fine.level.name, step.coarse.level.name) for step in steps] == [
            ("By ward", "By district"),
            ("By district", "By county"),
            ("By county", "Without boundaries"),
            ("By ward", "Without boundaries"),
        ]
        values = [step.value for step in steps]
        assert all(value.is_nested and value.is_exact for value in values)
        assert values[0].least == totals[0].plan - totals[1].plan > 40_000
        assert values[2].most == 0
        assert not values[2].is_proven_to_pay
        assert values[3].least == pytest.approx(values[0].least + values[1].least, abs=Decimal("0.05"))
        events = [event.action for event in history(session, "study", study_id)]
        assert events == ["finish_study", "start_study"]


def test_a_stored_plan_is_the_one_that_was_checked(study_id):
    perform_all(study_id)
    with make_session() as session:
        for part in session.scalars(select(StudyPart)).unique():
            problem = Problem.from_json(part.problem)
            host = {team.id: part.plan["moves"].get(team.id, team.home) for team in problem.teams}
            kept = frozenset(problem.building_index) - set(part.plan["emptied"])
            assert checked_cost_per_year(problem, Plan(kept, host)) == pytest.approx(float(part.objective), abs=0.01)
            assert (part.kept_count, part.emptied_count) == (len(kept), len(part.plan["emptied"]))


def test_a_larger_area_starts_from_the_plans_inside_it(study_id, monkeypatch):
    """Without a solver of its own it costs no more than they do together."""
    perform_split(study_id)
    for part in parts_of(study_id)[:4]:
        perform_part(part.id, part.job_id)
    given = []

    def only_starts(problem, limits, watch, *, starts):
        given.extend(starts)
        return solve(problem, limits, watch, starts=starts)

    solve = study_parts.solve
    monkeypatch.setattr(study_parts, "solve", only_starts)
    west = next(part for part in parts_of(study_id) if part.name == "West")
    assert west.status is PartStatus.QUEUED
    perform_part(west.id, west.job_id)
    (start,) = given
    assert len(start.kept) == 2
    assert len(set(start.host.values())) == 2


def test_without_an_area_every_building_of_the_programme_is_in_it(committed):
    with make_session.begin() as session:
        make_county(session)
        study = studies.start(session, actor=None, area=None, level_codes=["district"], has_no_boundaries=True)
        assert study.name.startswith(study.programme.name)
    perform_all(study.id)
    assert [row[:2] for row in shape(study.id)] == [
        ("By district", "East"),
        ("By district", "West"),
        ("Without boundaries", "All together"),
    ]
    assert counts(study.id) == [("By district", 2, 2), ("Without boundaries", 3, 3)]


def test_a_restricted_building_is_in_no_study(committed):
    with make_session.begin() as session:
        county = make_county(session)
        session.execute(text("UPDATE building SET sensitivity = 'owner' WHERE name = 'Elm Office'"))
        study = studies.start(session, actor=None, area=county.area, level_codes=["county"])
    perform_all(study.id)
    (part,) = parts_of(study.id)
    assert (part.building_count, part.emptied_count) == (4, 2)


def test_a_place_without_buildings_ends_with_a_sentence(committed):
    with make_session.begin() as session:
        study = studies.start(session, actor=None, area=factories.make_area(session), level_codes=["district"])
    perform_all(study.id)
    with make_session() as session:
        found = session.get_one(Study, study.id)
        assert (found.status, found.message) == (RunStatus.FINISHED, study_parts.NOTHING_THERE)
        (total,) = study_queries.totals_of(session, found)
        assert study_queries.progress_of(session, found).done_ratio == 1
        assert (total.part_count, total.gap_ratio) == (0, 0.0)


def test_cancelling_keeps_results_and_retrying_does_the_rest(study_id):
    perform_split(study_id)
    first = parts_of(study_id)[3]
    perform_part(first.id, first.job_id)
    with make_session.begin() as session:
        studies.cancel(session, session.get_one(Study, study_id), actor=None)
    stale = parts_of(study_id)
    assert [part.status.value for part in stale] == ["cancelled"] * 3 + ["finished"] + ["cancelled"] * 4
    for part in stale:
        perform_part(part.id, part.job_id)
    assert [part.attempt for part in parts_of(study_id)] == [0, 0, 0, 1, 0, 0, 0, 0]
    with make_session.begin() as session:
        study = session.get_one(Study, study_id)
        assert study.status is RunStatus.CANCELLED
        assert study.finished_at is not None
        with pytest.raises(StudyEnded):
            studies.cancel(session, study, actor=None)
        assert studies.retry(session, study, actor=None) == 7
    # A job from before that is still in the queue does nothing: the area has a new one.
    perform_part(stale[0].id, stale[0].job_id)
    assert parts_of(study_id)[0].attempt == 0
    perform_queued(study_id)
    assert status_of(study_id) is RunStatus.FINISHED
    assert [part.attempt for part in parts_of(study_id)] == [1] * 8
    assert counts(study_id)[-1] == ("Without boundaries", 3, 3)


def test_cancelling_before_the_split_and_going_on(study_id):
    with make_session.begin() as session:
        studies.cancel(session, session.get_one(Study, study_id), actor=None)
    perform_split(study_id)
    assert parts_of(study_id) == []
    with make_session.begin() as session:
        assert studies.retry(session, session.get_one(Study, study_id), actor=None) == 0
    perform_all(study_id)
    assert status_of(study_id) is RunStatus.FINISHED


def test_a_cancelled_area_keeps_the_best_plan_so_far(study_id, monkeypatch):
    from estate.optimise import supervise

    monkeypatch.setattr(study_parts, "LOOK_EVERY_S", 0.0)
    perform_split(study_id)
    hang = "import sys, time; sys.stdin.buffer.read(); time.sleep(60)"
    monkeypatch.setattr(supervise, "SOLVER_COMMAND", ("/usr/bin/env", "python3", "-c", hang))

    def cancel_first(part_id, attempt):
        with make_session.begin() as session:
            studies.cancel(session, session.get_one(Study, study_id), actor=None)
        return watch(part_id, attempt)

    watch = study_parts._watch
    monkeypatch.setattr(study_parts, "_watch", cancel_first)
    oak = parts_of(study_id)[3]
    perform_part(oak.id, oak.job_id)
    oak = parts_of(study_id)[3]
    assert (oak.status, oak.emptied_count) == (PartStatus.CANCELLED, 1)
    assert oak.gap > 0
    assert status_of(study_id) is RunStatus.CANCELLED


def test_a_failed_area_keeps_nobody_waiting_and_is_tried_again(study_id, monkeypatch):
    solve = study_parts.solve

    def break_down(problem, *arguments, **named):
        if problem.title == "Oak":
            raise ZeroDivisionError
        return solve(problem, *arguments, **named)

    monkeypatch.setattr(study_parts, "solve", break_down)
    perform_split(study_id)
    oak = parts_of(study_id)[3]
    with pytest.raises(ZeroDivisionError):
        perform_part(oak.id, oak.job_id)
    perform_queued(study_id)
    oak = parts_of(study_id)[3]
    assert (oak.status, oak.message, oak.objective) == (PartStatus.FAILED, study_parts.WENT_WRONG, None)
    assert status_of(study_id) is RunStatus.FINISHED
    with make_session.begin() as session:
        study = session.get_one(Study, study_id)
        totals = study_queries.totals_of(session, study)
        assert [total.is_complete for total in totals] == [False, True, True, True]
        assert [step.value is None for step in study_queries.steps_of(totals)] == [True, False, False, True]
        monkeypatch.undo()
        assert studies.retry(session, study, actor=None) == 4
    assert [part.status.value for part in parts_of(study_id)] == (
        ["finished"] * 3 + ["queued", "finished"] + ["waiting"] * 3
    )
    perform_queued(study_id)
    assert [part.attempt for part in parts_of(study_id)] == [1, 1, 1, 2, 1, 2, 2, 2]
    with make_session.begin() as session, pytest.raises(NothingToRetry):
        studies.retry(session, session.get_one(Study, study_id), actor=None)


def test_an_attempt_that_was_overtaken_stores_nothing(study_id, monkeypatch):
    """A worker that was cut off, and comes back after another has taken its area over."""
    perform_split(study_id)
    oak = parts_of(study_id)[3]
    solve = study_parts.solve

    def overtaken(*arguments, **named):
        monkeypatch.setattr(study_parts, "solve", solve)
        perform_part(oak.id, oak.job_id)
        with make_session.begin() as session:
            session.execute(update(StudyPart).where(StudyPart.id == oak.id).values(message="the second's"))
        return solve(*arguments, **named)

    monkeypatch.setattr(study_parts, "solve", overtaken)
    perform_part(oak.id, oak.job_id)
    oak = parts_of(study_id)[3]
    assert (oak.attempt, oak.status, oak.message) == (2, PartStatus.FINISHED, "the second's")


def test_a_lost_database_leaves_the_area_to_the_queue(study_id, monkeypatch):
    def lose(*arguments, **named):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(study_parts, "solve", lose)
    perform_split(study_id)
    oak = parts_of(study_id)[3]
    with pytest.raises(OperationalError):
        perform_part(oak.id, oak.job_id)
    monkeypatch.undo()
    perform_part(oak.id, oak.job_id)
    assert (parts_of(study_id)[3].attempt, parts_of(study_id)[3].status) == (2, PartStatus.FINISHED)


def test_an_area_whose_worker_died_while_the_study_was_stopped(study_id):
    perform_split(study_id)
    oak = parts_of(study_id)[3]
    assert study_parts._claim(oak.id, oak.job_id) is not None
    with make_session.begin() as session:
        study = session.get_one(Study, study_id)
        studies.cancel(session, study, actor=None)
        assert study.finished_at is None
        with pytest.raises(NothingToRetry):
            studies.retry(session, study, actor=None)
    perform_part(oak.id, oak.job_id)
    with make_session() as session:
        assert session.get_one(Study, study_id).finished_at is not None
    assert "before the best plan was stored" in parts_of(study_id)[3].message


def test_a_split_that_fails_says_why(study_id, monkeypatch):
    with make_session.begin() as session:
        session.execute(text("UPDATE study SET options = options || '{\"time_limit_s\": -1}'"))
    perform_split(study_id)
    with make_session() as session:
        study = session.get_one(Study, study_id)
        assert study.status is RunStatus.FAILED
        assert study.message == "The time limit must be between 1 and 3,600 seconds."


def test_progress_estimates_the_time_left(study_id):
    perform_split(study_id)
    with make_session.begin() as session:
        study = session.get_one(Study, study_id)
        progress = study_queries.progress_of(session, study)
        assert (progress.part_count, progress.done_count, progress.seconds_left) == (8, 0, None)
    ash, _, elm, oak = parts_of(study_id)[:4]
    perform_part(ash.id, ash.job_id)
    with make_session.begin() as session:
        session.execute(update(StudyPart).where(StudyPart.id == ash.id).values(seconds=6.0))
        at_work = {"status": PartStatus.RUNNING, "worker": "one:1"}
        session.execute(update(StudyPart).where(StudyPart.id.in_([elm.id, oak.id])).values(**at_work))
        progress = study_queries.progress_of(session, session.get_one(Study, study_id))
        weight = session.scalar(
            select(func.sum(StudyPart.building_count + StudyPart.team_count + 1)).where(StudyPart.id != ash.id)
        )
    assert (progress.done_count, progress.running_count, progress.worker_count) == (1, 2, 1)
    # Six seconds for a building and a team (weight 3), and two areas at a time.
    assert progress.seconds_left == pytest.approx(6.0 / 3 * weight / 2)


def test_what_is_asked_is_checked(session):
    county = make_county(session)
    district = factories.make_area(session)
    with pytest.raises(LevelTooLarge):
        studies.start(session, actor=None, area=district, level_codes=["county"])
    with pytest.raises(LevelUnknown):
        studies.start(session, actor=None, area=county.area, level_codes=["parish"])
    with pytest.raises(OptionsInvalid):
        studies.start(session, actor=None, area=county.area, level_codes=[])
    with pytest.raises(StudyNotFound):
        study_queries.get_study(session, 2**70)
    assert [level.level_code for level in studies.start(
        session, actor=None, area=county.area, level_codes=reversed(LEVELS)
    ).levels] == list(LEVELS)  # fmt: skip

"""Putting a proposal to a board pins the evidence; what can't be decided is refused with a sentence."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.audit import Event, history
from estate.board import errors
from estate.board.decisions import decide, list_decisions, submit, withdraw
from estate.board.models import Decision, DecisionStatus
from estate.board.snapshots import fingerprint, is_intact
from estate.errors import EstateError
from estate.proposals.models import Outcome, ProposalStatus, RunStatus
from tests import factories
from tests.db.board.conftest import Scene


def test_submit(session: Session, scene: Scene) -> None:
    actor = factories.make_user(session).id
    decision = submit(session, scene.proposal, scene.board, actor=actor, note="  For July.  ")
    assert scene.proposal.status is ProposalStatus.SUBMITTED
    assert (decision.status, decision.note, decision.submitted_by_id) == (DecisionStatus.OPEN, "For July.", actor)
    event = history(session, "proposal", scene.proposal.id)[0]
    assert (event.action, event.actor_id, event.reason) == ("submit_proposal", actor, "For July.")
    assert event.changes["status"] == ["draft", "submitted"]
    assert event.changes["evidence_sha256"] == decision.snapshot_sha256
    assert list_decisions(session, board=scene.board) == [decision] == list_decisions(session, proposal=scene.proposal)


def test_evidence_survives_the_database(session: Session, scene: Scene) -> None:
    scene.proposal.summary = {"small": 1e-07, "large": 1e16, "minus": -0.0, "text": "Café “Ł”", "none": None}
    scene.proposal.gap = 0.123456789012345
    decision = submit(session, scene.proposal, scene.board, actor=None)
    session.expire_all()
    assert fingerprint(decision.snapshot) == decision.snapshot_sha256
    assert is_intact(decision)


def test_changed_evidence_is_noticed(session: Session, scene: Scene) -> None:
    decision = submit(session, scene.proposal, scene.board, actor=None)
    decision.snapshot = {**decision.snapshot, "place": {"name": "Elsewhere", "is_synthetic": False}}
    assert not is_intact(decision)


def test_evidence_holds_names_and_figures(session: Session, scene: Scene) -> None:
    snapshot = submit(session, scene.proposal, scene.board, actor=None).snapshot
    assert snapshot["proposal"]["problem_sha256"] == "0" * 64
    assert snapshot["proposal"]["options"] == {"move_distance_m": 3000}
    assert snapshot["proposal"]["objective"] == "88000"
    assert {row["facts"]["name"]: row["outcome"] for row in snapshot["buildings"]} == {
        "Town Hall": "host",
        "Old Office": "emptied",
    }
    (move,) = snapshot["moves"]
    assert (move["from_building"], move["to_building"], move["fte"]) == ("Old Office", "Town Hall", "10")
    (position,) = snapshot["positions"]
    assert (position["released_per_year"], position["emptied_count"]) == ("40000", 1)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"run_status": RunStatus.RUNNING}, errors.RunNotFinished),
        ({"run_status": RunStatus.QUEUED}, errors.RunNotFinished),
        ({"run_status": RunStatus.FAILED}, errors.RunNotFinished),
        ({"run_status": RunStatus.CANCELLED}, errors.RunNotFinished),
        ({"objective": None}, errors.NoPlan),
        ({"status": ProposalStatus.APPROVED}, errors.AlreadyDecided),
    ],
)
def test_what_is_not_ready_is_refused(
    session: Session, scene: Scene, fields: dict[str, Any], refusal: type[EstateError]
) -> None:
    for name, value in fields.items():
        setattr(scene.proposal, name, value)
    session.flush()
    with pytest.raises(refusal):
        submit(session, scene.proposal, scene.board, actor=None)
    assert session.scalar(select(func.count(Decision.id))) == 0
    assert session.scalar(select(func.count(Event.id))) == 0


def test_a_plan_that_changes_nothing_is_refused(session: Session, scene: Scene) -> None:
    proposal = factories.make_proposal(session, area=scene.proposal.area)
    factories.make_proposal_building(session, proposal, factories.make_building(session), outcome=Outcome.KEPT)
    with pytest.raises(errors.NothingToDecide):
        submit(session, proposal, scene.board, actor=None)


def test_a_second_submission_is_refused(session: Session, scene: Scene) -> None:
    submit(session, scene.proposal, scene.board, actor=None)
    with pytest.raises(errors.AlreadySubmitted):
        submit(session, scene.proposal, factories.make_board(session), actor=None)


def test_a_withdrawn_proposal_is_put_again_with_new_evidence(session: Session, scene: Scene) -> None:
    first = submit(session, scene.proposal, scene.board, actor=None)
    withdraw(session, first, actor=scene.chair.id, reason="The floor area was wrong.")
    assert scene.proposal.status is ProposalStatus.WITHDRAWN
    building = next(row for row in first.snapshot["buildings"] if row["outcome"] == "emptied")
    session.get(factories.Building, building["building_id"]).gross_internal_area_m2 = 321  # type: ignore[union-attr]
    second = submit(session, scene.proposal, scene.board, actor=None)
    assert second.snapshot_sha256 != first.snapshot_sha256
    assert list_decisions(session, proposal=scene.proposal) == [second, first]


def test_a_withdrawal_needs_a_reason(session: Session, scene: Scene) -> None:
    decision = submit(session, scene.proposal, scene.board, actor=None)
    with pytest.raises(errors.ReasonMissing) as caught:
        withdraw(session, decision, actor=None, reason="  \n ")
    assert caught.value.fields == {"reason": "Enter the reason"}
    with pytest.raises(errors.NobodyVoted):
        decide(session, decision, actor=scene.chair.id, approve=True, reason="Agreed.")


def test_a_move_of_people_whom_nobody_recorded(session: Session, scene: Scene) -> None:
    home, host = factories.make_building(session), factories.make_building(session)
    occupation = factories.make_occupation(session, home)
    move = factories.make_move(session, scene.proposal, occupation, host, team=f"Users of {home.name}")
    move.occupation_id = None
    snapshot = submit(session, scene.proposal, scene.board, actor=None).snapshot
    assert [row["team"] for row in snapshot["moves"] if row["occupation_id"] is None] == [f"Users of {home.name}"]

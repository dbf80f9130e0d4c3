"""Boards in the browser: setting one up, putting a proposal to it, voting, deciding, withdrawing."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from estate.board.decisions import cast_vote, decide, list_decisions, submit
from estate.board.models import Board, Decision, VoteChoice
from estate.people.models import Agency, Role, User
from estate.proposals.models import Proposal, ProposalStatus, RunStatus
from tests import factories
from tests.web.conftest import PASSWORD

SignIn = Callable[..., Any]


@dataclass
class Scene:
    """A board of a chair and a member, and an open decision."""

    agency: Agency
    board: Board
    chair: User
    member: User
    proposal: Proposal
    decision: Decision

    @property
    def address(self) -> str:
        return f"/decisions/{self.decision.id}"


def make_member(session: Session, agency: Agency, board: Board, **seat: Any) -> User:
    user = factories.make_user(session, password=PASSWORD)
    factories.make_membership(session, user=user, role=Role.BOARD_MEMBER, agency=agency)
    factories.make_seat(session, board, user=user, **seat)
    return user


@pytest.fixture
def scene(session: Session) -> Scene:
    factories.make_place(session)
    agency, area = factories.make_agency(session), factories.make_area(session)
    board = factories.make_board(session, area=area)
    chair, member = make_member(session, agency, board, is_chair=True), make_member(session, agency, board)
    proposal = factories.make_finished_proposal(session, area=area, name="Trafford together")
    decision = submit(session, proposal, board, actor=None, note="Please look at <b>the library</b>.")
    return Scene(agency, board, chair, member, proposal, decision)


def test_an_empty_list_says_what_to_do(session: Session, sign_in: SignIn) -> None:
    page = sign_in(Role.VIEWER).get("/boards")
    assert page.status_code == 200
    assert "There is no board yet" in page.text
    assert "Set up a board" not in page.text


def test_the_list_counts_what_waits(scene: Scene, sign_in: SignIn) -> None:
    text = sign_in(Role.VIEWER).get("/boards").text
    assert scene.board.name in text
    assert re.search(r"Waiting for a decision\">1<", text)


def test_a_board(scene: Scene, sign_in: SignIn) -> None:
    text = sign_in(Role.VIEWER).get(f"/boards/{scene.board.id}").text
    assert "Trafford together" in text
    assert f"{scene.chair.name}</strong>, chair" in text
    assert "This board has decided nothing yet" in text
    assert "Give somebody a seat" not in text


def test_the_evidence(scene: Scene, sign_in: SignIn) -> None:
    text = sign_in(Role.VIEWER).get(scene.address).text
    for expected in ("Old Office", "Town Hall", "£32,000", "£40,000 stops, £8,000 is added", "Proven optimal"):
        assert expected in text
    assert "Nothing the register says of these 2 buildings has changed" in text
    assert "Please look at &lt;b&gt;the library&lt;/b&gt;." in text
    assert scene.decision.snapshot_sha256 in text
    for hidden in ("Cast this vote", "Record the decision", "Withdraw this proposal"):
        assert hidden not in text


def test_a_gap_is_not_called_optimal(session: Session, scene: Scene, sign_in: SignIn) -> None:
    proposal = factories.make_finished_proposal(session, solver_status="stopped", gap=0.0234)
    decision = submit(session, proposal, factories.make_board(session), actor=None)
    text = sign_in(Role.VIEWER).get(f"/decisions/{decision.id}").text
    assert "at most 2.34% more than the best possible" in text
    assert "optimal" not in text.lower()


def test_what_changed_since_is_flagged(session: Session, scene: Scene, sign_in: SignIn) -> None:
    line = next(row for row in scene.decision.snapshot["buildings"] if row["outcome"] == "emptied")
    building = session.get_one(factories.Building, line["building_id"])
    building.gross_internal_area_m2 = 640
    session.flush()
    text = sign_in(Role.VIEWER).get(scene.address).text
    assert "1 of 2 buildings changed since this was submitted" in text
    assert "640 m²" in text


def test_altered_evidence_is_flagged(session: Session, scene: Scene, sign_in: SignIn) -> None:
    scene.decision.snapshot = {**scene.decision.snapshot, "moves": []}
    session.flush()
    assert "The pinned evidence was altered" in sign_in(Role.VIEWER).get(scene.address).text


def test_the_evidence_as_a_file(scene: Scene, sign_in: SignIn) -> None:
    answer = sign_in(Role.VIEWER).get(f"{scene.address}/evidence.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.text) == scene.decision.snapshot


def test_vote_and_decide(session: Session, scene: Scene, sign_in: SignIn) -> None:
    member = sign_in(user=scene.member)
    assert "Record the decision" not in member.get(scene.address).text
    answer = member.submit(
        f"{scene.address}/vote", {"choice": "for", "vote_reason": "It <i>saves</i>."}, page=scene.address
    )
    assert answer.status_code == 302
    text = member.get(scene.address).text
    assert "Your vote is cast: for." in text
    assert "It &lt;i&gt;saves&lt;/i&gt;." in text
    assert "Cast this vote" not in text
    assert "You have voted" in text

    chair = sign_in(user=scene.chair)
    data = {"outcome": "approve", "decision_reason": "The board agrees."}
    assert chair.submit(f"{scene.address}/decide", data, page=scene.address).status_code == 302
    text = chair.get(scene.address).text
    assert re.search(r"Approved on .* by " + scene.chair.name, text)
    assert "The board agrees." in text
    assert "Candidate disposals of this proposal" in text
    session.refresh(scene.proposal)
    assert scene.proposal.status is ProposalStatus.APPROVED


def test_a_second_vote_answers_conflict(scene: Scene, session: Session, sign_in: SignIn) -> None:
    cast_vote(session, scene.decision, actor=scene.member.id, choice=VoteChoice.FOR)
    answer = sign_in(user=scene.member).submit(f"{scene.address}/vote", {"choice": "against", "vote_reason": ""})
    assert answer.status_code == 409
    assert "A vote can&#39;t be changed" in answer.text


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("vote", {"vote_reason": ""}, "Choose how you vote"),
        ("vote", {"choice": "perhaps", "vote_reason": ""}, "Not a valid choice"),
        ("vote", {"choice": "for", "vote_reason": "x" * 4001}, "Write at most 4,000 characters"),
        ("decide", {"outcome": "approve", "decision_reason": "  "}, "Enter the reason"),
        ("decide", {"decision_reason": "Why not"}, "Choose whether the proposal is approved"),
    ],
)
def test_forms_say_what_is_missing(
    scene: Scene, sign_in: SignIn, path: str, data: dict[str, str], message: str
) -> None:
    answer = sign_in(user=scene.chair).submit(f"{scene.address}/{path}", data, page=scene.address)
    assert answer.status_code == 422
    assert message in answer.text
    assert "There is a problem" in answer.text
    assert "Error: " in answer.text


def test_a_decision_against_the_votes_shows_the_form_again(session: Session, scene: Scene, sign_in: SignIn) -> None:
    chair, data = sign_in(user=scene.chair), {"outcome": "approve", "decision_reason": "I <want> it."}
    answer = chair.submit(f"{scene.address}/decide", data)
    assert (answer.status_code, "Nobody has voted for or against yet" in answer.text) == (409, True)
    for kept in ("There is a problem", "Error: ", "I &lt;want&gt; it.", "Record the decision"):
        assert kept in answer.text, kept
    assert re.search(r'<input[^>]*value="approve"[^>]* checked', answer.text)
    cast_vote(session, scene.decision, actor=scene.member.id, choice=VoteChoice.AGAINST)
    answer = chair.submit(f"{scene.address}/decide", data)
    assert (answer.status_code, "can&#39;t be approved" in answer.text) == (409, True)
    assert "I &lt;want&gt; it." in answer.text
    session.refresh(scene.proposal)
    assert scene.proposal.status is ProposalStatus.SUBMITTED


def test_who_may_not_vote_or_decide(session: Session, scene: Scene, sign_in: SignIn) -> None:
    other_board = factories.make_board(session)
    other_chair = make_member(session, scene.agency, other_board, is_chair=True)
    left = make_member(session, scene.agency, scene.board, left_at=scene.decision.submitted_at)
    vote, decision = {"choice": "for", "vote_reason": ""}, {"outcome": "approve", "decision_reason": "Yes."}
    browsers = [sign_in(user=other_chair), sign_in(user=left), sign_in(Role.ADMINISTRATOR), sign_in(Role.ASSET_MANAGER)]
    for browser in browsers:
        assert browser.submit(f"{scene.address}/vote", vote).status_code == 403
        assert browser.submit(f"{scene.address}/decide", decision).status_code == 403
    assert sign_in(user=scene.member).submit(f"{scene.address}/decide", decision).status_code == 403
    assert scene.decision.votes == []


def test_withdraw(session: Session, scene: Scene, sign_in: SignIn) -> None:
    manager = sign_in(Role.ASSET_MANAGER)
    data = {"withdraw_reason": "The floor area was wrong."}
    assert manager.submit(f"{scene.address}/withdraw", data).status_code == 403
    scene.decision.submitted_by_id = manager.user.id
    session.flush()
    assert manager.submit(f"{scene.address}/withdraw", {"withdraw_reason": ""}).status_code == 422
    assert manager.submit(f"{scene.address}/withdraw", data).status_code == 302
    assert "The floor area was wrong." in manager.get(scene.address).text
    session.refresh(scene.proposal)
    assert scene.proposal.status is ProposalStatus.WITHDRAWN


def test_submit(session: Session, sign_in: SignIn) -> None:
    proposal, manager = factories.make_finished_proposal(session), sign_in(Role.ASSET_MANAGER)
    factories.make_place(session)
    path = f"/proposals/{proposal.id}/submit"
    assert f"No board decides for {proposal.area.name}" in manager.get(path).text
    board = factories.make_board(session, area=proposal.area)
    elsewhere = factories.make_board(session, area=factories.make_area(session, bounds=(0, 51, 1, 52)))
    page = manager.get(path).text
    assert (board.name in page, elsewhere.name in page) == (True, False)
    assert manager.submit(path, {"board_id": elsewhere.id, "note": ""}, page=path).status_code == 422
    answer = manager.submit(path, {"board_id": board.id, "note": "For July."}, page=path)
    (decision,) = list_decisions(session, proposal=proposal)
    assert answer.headers["Location"] == f"/decisions/{decision.id}"
    assert (decision.note, decision.submitted_by_id) == ("For July.", manager.user.id)
    assert manager.submit(path, {"board_id": board.id, "note": ""}).status_code == 409


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BOARD_MEMBER])
def test_who_may_not_submit(session: Session, sign_in: SignIn, role: Role) -> None:
    path = f"/proposals/{factories.make_finished_proposal(session).id}/submit"
    assert sign_in(role).get(path).status_code == 403


def test_an_unfinished_run_can_not_be_submitted(session: Session, sign_in: SignIn) -> None:
    proposal = factories.make_finished_proposal(session, run_status=RunStatus.RUNNING)
    answer = sign_in(Role.ASSET_MANAGER).get(f"/proposals/{proposal.id}/submit")
    assert (answer.status_code, "has not finished" in answer.text) == (409, True)


def test_set_up_a_board(session: Session, sign_in: SignIn) -> None:
    area, administrator = factories.make_area(session, name="Trafford"), sign_in(Role.ADMINISTRATOR)
    page = "/boards/new"
    data = {"name": "Trafford Board", "area_id": area.id}
    answer = administrator.submit(page, data, page=page)
    assert answer.status_code == 302
    board_page = answer.headers["Location"]
    assert "Nobody sits on this board yet" in administrator.get(board_page).text
    again = administrator.submit(page, data, page=page)
    assert (again.status_code, "Another board has this name" in again.text) == (422, True)
    assert administrator.submit(page, {"name": "", "area_id": 0}, page=page).status_code == 422
    assert administrator.submit(page, {"name": "X", "area_id": 10**12}, page=page).status_code == 422
    assert administrator.submit(page, {**data, "colour": "red"}, page=page).status_code == 422

    person = factories.make_user(session, name="Ann Chair")
    seat = {"user_id": person.id, "is_chair": "y"}
    assert administrator.submit(f"{board_page}/members", seat, page=board_page).status_code == 302
    text = administrator.get(board_page).text
    assert "Ann Chair</strong>, chair" in text
    assert administrator.submit(f"{board_page}/members", seat, page=board_page).status_code == 409
    end = re.search(r'action="([^"]+/end)"', text)
    assert end
    assert administrator.submit(end[1]).status_code == 302
    assert "Nobody sits on this board yet" in administrator.get(board_page).text
    assert administrator.submit(end[1]).status_code == 409


def test_only_administrators_set_up_boards(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(user=scene.chair)
    assert browser.get("/boards/new").status_code == 403
    assert browser.submit("/boards/new", {"name": "X", "area_id": 0}).status_code == 403
    assert browser.submit(f"/boards/{scene.board.id}/members", {"user_id": scene.chair.id}).status_code == 403


@pytest.mark.parametrize("path", ["/boards/999999", f"/boards/{2**70}", "/decisions/999999", f"/decisions/{2**70}"])
def test_what_is_not_there(sign_in: SignIn, path: str) -> None:
    assert sign_in(Role.VIEWER).get(path).status_code == 404


def test_a_seat_of_another_board_is_not_found(session: Session, scene: Scene, sign_in: SignIn) -> None:
    seat = factories.make_seat(session, factories.make_board(session))
    answer = sign_in(Role.ADMINISTRATOR).submit(f"/boards/{scene.board.id}/members/{seat.id}/end")
    assert answer.status_code == 404


def test_visitors_are_sent_to_sign_in(scene: Scene, client: FlaskClient) -> None:
    for path in ("/boards", f"/boards/{scene.board.id}", scene.address, f"{scene.address}/evidence.json"):
        assert "/sign-in" in client.get(path).headers["Location"]


def test_past_decisions_are_listed(session: Session, scene: Scene, sign_in: SignIn) -> None:
    cast_vote(session, scene.decision, actor=scene.chair.id, choice=VoteChoice.AGAINST)
    decide(session, scene.decision, actor=scene.chair.id, approve=False, reason="Too far to walk.")
    text = sign_in(Role.VIEWER).get(f"/boards/{scene.board.id}").text
    assert "Nothing waits for this board" in text
    assert "Too far to walk." in text

"""Boards: the list, one board's decisions and members, and putting a proposal to a board."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.board.boards import (
    add_member,
    create_board,
    end_seat,
    get_board,
    get_seat,
    list_boards,
    list_boards_for,
    list_seats,
)
from estate.board.decisions import check_can_submit, count_open, list_decisions
from estate.board.decisions import submit as submit_proposal
from estate.board.models import Board, DecisionStatus
from estate.errors import InvalidInput
from estate.people.accounts import list_active_users
from estate.people.models import User
from estate.people.permissions import Permission
from estate.proposals.queries import get_proposal
from estate.register.queries import list_current_areas
from estate.web import decisions
from estate.web.access import requires, signed_in_identity
from estate.web.boards_forms import BoardForm, EndSeatForm, SeatForm, SubmitForm
from estate.web.database import current_session
from estate.web.form_fields import set_choices

blueprint = Blueprint("boards", __name__)
blueprint.register_blueprint(decisions.blueprint)

Answer = str | Response | tuple[str, int]
EVERYWHERE = (0, "Everywhere")


@blueprint.get("/boards")
@requires(Permission.READ_BOARD)
def index() -> Answer:
    """Every board, with how many proposals wait for it."""
    session = current_session()
    return render_template("boards/index.html", boards=list_boards(session), waiting=count_open(session))


@blueprint.get("/boards/<int:board_id>")
@requires(Permission.READ_BOARD)
def show(board_id: int) -> Answer:
    """One board: what waits for its decision, what it decided, who sits on it."""
    return _show(get_board(current_session(), board_id))


@blueprint.get("/boards/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new board."""
    return render_template("boards/new.html", form=_board_form())


@blueprint.post("/boards/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Make a board."""
    form, session = _board_form(), current_session()
    if not form.validate_on_submit():
        return render_template("boards/new.html", form=form), 422
    areas = {area.id: area for found in list_current_areas(session).values() for area in found}
    try:
        board = create_board(
            session,
            actor=signed_in_identity().user_id,
            name=form.name.data or "",
            area=areas.get(form.area_id.data),
        )
    except InvalidInput as error:
        form.add_errors(error.fields)
        return render_template("boards/new.html", form=form), 422
    flash(f"{board.name} is set up. Give its members their seats.", "success")
    return redirect(url_for("boards.show", board_id=board.id))


@blueprint.post("/boards/<int:board_id>/members")
@requires(Permission.ADMINISTER)
def seat(board_id: int) -> Answer:
    """Give somebody a seat."""
    session = current_session()
    board, form = get_board(session, board_id), _seat_form()
    if not form.validate_on_submit():
        return _show(board, form), 422
    user = session.get_one(User, form.user_id.data)
    add_member(session, board, user, actor=signed_in_identity().user_id, is_chair=form.is_chair.data)
    flash(f"{user.name} sits on {board.name}.", "success")
    return redirect(url_for("boards.show", board_id=board.id) + "#members")


@blueprint.post("/boards/<int:board_id>/members/<int:seat_id>/end")
@requires(Permission.ADMINISTER)
def unseat(board_id: int, seat_id: int) -> Answer:
    """End a seat."""
    session, form = current_session(), EndSeatForm()
    board = get_board(session, board_id)
    if not form.validate_on_submit():
        return _show(board), 422
    ended = get_seat(session, board, seat_id)
    end_seat(session, ended, actor=signed_in_identity().user_id)
    flash(f"{ended.user.name} no longer sits on {board.name}. Votes cast before stand.", "success")
    return redirect(url_for("boards.show", board_id=board.id) + "#members")


@blueprint.route("/proposals/<int:proposal_id>/submit", methods=["GET", "POST"])
@requires(Permission.SUBMIT_PROPOSAL)
def submit(proposal_id: int) -> Answer:
    """Put a proposal to a board: the form, and what it does."""
    session = current_session()
    proposal = get_proposal(session, proposal_id)
    check_can_submit(session, proposal)
    boards, form = list_boards_for(session, proposal.area), SubmitForm()
    set_choices(form.board_id, [(board.id, board.name) for board in boards])
    if not form.validate_on_submit():
        page = render_template("boards/submit.html", form=form, proposal=proposal, boards=boards)
        return page, 422 if form.is_submitted() else 200
    board = get_board(session, form.board_id.data)
    actor = signed_in_identity().user_id
    decision = submit_proposal(session, proposal, board, actor=actor, note=form.note.data or "")
    flash(f"{proposal.name} is before {board.name}. Its evidence is pinned as it stands now.", "success")
    return redirect(url_for("boards.decisions.show", decision_id=decision.id))


def _show(board: Board, seat_form: SeatForm | None = None) -> str:
    session = current_session()
    found = list_decisions(session, board=board)
    return render_template(
        "boards/show.html",
        board=board,
        seats=list_seats(session, board),
        open_decisions=[decision for decision in found if decision.status is DecisionStatus.OPEN],
        past_decisions=[decision for decision in found if decision.status is not DecisionStatus.OPEN],
        seat_form=seat_form or _seat_form(),
        end_form=EndSeatForm(),
    )


def _board_form() -> BoardForm:
    form = BoardForm()
    levels = list_current_areas(current_session())
    areas = [(area.id, f"{area.name} ({level.name.lower()})") for level, found in levels.items() for area in found]
    set_choices(form.area_id, [EVERYWHERE, *areas])
    return form


def _seat_form() -> SeatForm:
    form = SeatForm()
    people = list_active_users(current_session())
    set_choices(form.user_id, [(user.id, f"{user.name} ({user.email})") for user in people])
    return form

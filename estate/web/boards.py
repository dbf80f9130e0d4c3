"""Boards: the list, one board's decisions and members, and putting a proposal to a board."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.board.areas import choose_successor, has_ended, successors_of
from estate.board.boards import (
    add_member,
    create_board,
    end_seat,
    get_board,
    get_seat,
    list_boards,
    list_boards_for,
    list_past_seats,
    list_seats,
    works_only_elsewhere,
)
from estate.board.decisions import check_can_submit, count_open, list_decisions
from estate.board.decisions import submit as submit_proposal
from estate.board.errors import NoSuchBoard
from estate.board.models import Board, DecisionStatus
from estate.errors import InvalidInput
from estate.people.accounts import list_active_users
from estate.people.models import User
from estate.people.permissions import Permission, can
from estate.proposals.departures import departures_of
from estate.register.queries import list_current_areas
from estate.web import decisions
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.boards_forms import BoardForm, EndSeatForm, SeatForm, SubmitForm, SuccessorForm
from estate.web.database import current_session
from estate.web.form_fields import set_choices
from estate.web.programmes import current_programme_id, enter, needed_programme
from estate.web.proposals import own_proposal

blueprint = Blueprint("boards", __name__)
blueprint.register_blueprint(decisions.blueprint)

Answer = str | Response | tuple[str, int]
EVERYWHERE = (0, "Everywhere")


@blueprint.get("/boards")
@requires(Permission.READ_BOARD)
def index() -> Answer:
    """The programme's boards, with how many proposals wait for each."""
    session = current_session()
    boards = list_boards(session, current_programme_id())
    ended = {board.id for board in boards if has_ended(board)}
    return render_template("boards/index.html", boards=boards, waiting=count_open(session), ended=ended)


@blueprint.get("/boards/<int:board_id>")
@requires(Permission.READ_BOARD)
def show(board_id: int) -> Answer:
    """One board: what waits for its decision, what it decided, who sits on it."""
    board = own_board(board_id)
    enter(board.programme_id)
    return _show(board)


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
    programme = needed_programme()
    areas = {area.id: area for found in list_current_areas(session, programme.id).values() for area in found}
    try:
        board = create_board(
            session,
            actor=signed_in_identity().user_id,
            name=form.name.data or "",
            area=areas.get(form.area_id.data),
            programme=programme,
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
    board = own_board(board_id)
    form = _seat_form(board)
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
    board = own_board(board_id)
    if not form.validate_on_submit():
        return _show(board), 422
    ended = get_seat(session, board, seat_id)
    end_seat(session, ended, actor=signed_in_identity().user_id)
    flash(f"{ended.user.name} no longer sits on {board.name}. Votes cast before stand.", "success")
    return redirect(url_for("boards.show", board_id=board.id) + "#members")


@blueprint.post("/boards/<int:board_id>/area")
@requires(Permission.ADMINISTER)
def change_area(board_id: int) -> Answer:
    """Let a board whose area ended go on with one in its place."""
    session, form = current_session(), SuccessorForm()
    board = own_board(board_id)
    offered = {found.area.id: found.area for found in successors_of(session, board.area)} if board.area else {}
    if not form.validate_on_submit() or form.area_id.data not in offered:
        return _show(board), 422
    choose_successor(session, board, offered[form.area_id.data], actor=signed_in_identity().user_id)
    flash(f"{board.name} decides for {offered[form.area_id.data].name}.", "success")
    return redirect(url_for("boards.show", board_id=board.id))


@blueprint.route("/proposals/<int:proposal_id>/submit", methods=["GET", "POST"])
@requires(Permission.SUBMIT_PROPOSAL)
def submit(proposal_id: int) -> Answer:
    """Put a proposal to a board: the form, and what it does."""
    session, proposal = current_session(), own_proposal(proposal_id, Permission.SUBMIT_PROPOSAL, enters=True)
    check_can_submit(session, proposal)
    boards, form = list_boards_for(session, proposal.area, proposal.programme_id), SubmitForm()
    set_choices(form.board_id, [(board.id, board.name) for board in boards])
    if not form.validate_on_submit():
        departures = departures_of(session, [proposal]).get(proposal.id, [])
        page = render_template("boards/submit.html", form=form, proposal=proposal, departures=departures, boards=boards)
        return page, 422 if form.is_submitted() else 200
    board = get_board(session, form.board_id.data)
    actor = signed_in_identity().user_id
    decision = submit_proposal(session, proposal, board, actor=actor, note=form.note.data or "")
    flash(f"{proposal.name} is before {board.name}. Its evidence is pinned as it stands now.", "success")
    return redirect(url_for("boards.decisions.show", decision_id=decision.id))


def own_board(board_id: int) -> Board:
    """The board, where the user takes part in its programme. Raises `NoSuchBoard` for everybody else."""
    board = get_board(current_session(), board_id)
    if not can(current_identity(), Permission.READ_BOARD, board):
        raise NoSuchBoard
    return board


def _show(board: Board, seat_form: SeatForm | None = None) -> str:
    session = current_session()
    found = list_decisions(session, board=board)
    ended = has_ended(board)
    return render_template(
        "boards/show.html",
        board=board,
        seats=list_seats(session, board),
        past_seats=list_past_seats(session, board),
        departures=departures_of(session, [decision.proposal for decision in found]),
        ended=ended,
        successors=successors_of(session, board.area) if ended and board.area else [],
        open_decisions=[decision for decision in found if decision.status is DecisionStatus.OPEN],
        past_decisions=[decision for decision in found if decision.status is not DecisionStatus.OPEN],
        seat_form=seat_form or _seat_form(board),
        end_form=EndSeatForm(),
    )


def _board_form() -> BoardForm:
    form = BoardForm()
    levels = list_current_areas(current_session(), current_programme_id())
    areas = [(area.id, f"{area.name} ({level.name.lower()})") for level, found in levels.items() for area in found]
    set_choices(form.area_id, [EVERYWHERE, *areas])
    return form


def _seat_form(board: Board) -> SeatForm:
    """Offers everybody but those whose agencies take no part in the board's programme."""
    form, session = SeatForm(), current_session()
    people = [one for one in list_active_users(session) if not works_only_elsewhere(session, one, board.programme_id)]
    set_choices(form.user_id, [(user.id, f"{user.name} ({user.email})") for user in people])
    return form

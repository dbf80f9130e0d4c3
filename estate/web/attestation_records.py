"""An agency's records in a round: confirm one, the ticked ones or all in order; report one wrong; take it back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from estate.people.agencies import get_agency_by_id
from estate.people.models import Agency
from estate.people.permissions import Permission, can, require
from estate.register.attestation import answers
from estate.register.attestation.progress import Answered, Progress, agency_progress
from estate.register.attestation.rounds import get_round, newest_event_id, require_open_round
from estate.register.models import AttestationRound, Building
from estate.register.queries import get_building
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.attestation_forms import ConfirmForm, SeenForm, TakeBackForm, WrongForm
from estate.web.building_filters import UnknownFilter
from estate.web.database import current_session
from estate.web.editing import require_own
from estate.web.filters import counted

blueprint = Blueprint("records", __name__, url_prefix="/<int:round_id>")

Answer = str | Response | tuple[str, int]


@blueprint.get("/agencies/<int:agency_id>")
@requires(Permission.READ_REGISTER)
def index(round_id: int, agency_id: int) -> Answer:
    """The agency's records, those that wait first."""
    session = current_session()
    found, agency = get_round(session, round_id), get_agency_by_id(session, agency_id)
    state = _state()
    may_attest = found.closed_at is None and can(current_identity(), Permission.ATTEST, _Owned(agency.id))
    return render_template(
        "attestation/records.html",
        found=found,
        agency=agency,
        state=state.value if state else "all",
        records=answers.list_records(session, found, agency.id, state=state, page=_number("page", 1)),
        progress=_progress_of(found, agency),
        sound_count=answers.count_sound(session, found, agency.id) if may_attest else 0,
        may_attest=may_attest,
        seen=newest_event_id(session),
    )


@blueprint.post("/agencies/<int:agency_id>/confirm")
@requires(Permission.ATTEST)
def confirm(round_id: int, agency_id: int) -> Answer:
    """Confirm the ticked records, or one."""
    found, agency = _own_agency(round_id, agency_id)
    form = ConfirmForm()
    here = _back(found, agency, form.back.data)
    if not form.validate_on_submit() or not form.chosen:
        flash("Nothing was confirmed: tick the records that are right first.", "notice")
        return redirect(here)
    actor, seen = signed_in_identity().user_id, form.seen.data or 0
    done = answers.confirm(current_session(), found, agency.id, form.chosen, actor=actor, seen=seen)
    _tell(done)
    return redirect(here)


@blueprint.get("/agencies/<int:agency_id>/confirm-all")
@requires(Permission.ATTEST)
def ask_to_confirm_all(round_id: int, agency_id: int) -> Answer:
    """How many records would be confirmed at once."""
    found, agency = _own_agency(round_id, agency_id)
    session = current_session()
    form = SeenForm(data={"seen": newest_event_id(session)})
    count = answers.count_sound(session, found, agency.id)
    progress = _progress_of(found, agency)
    return render_template(
        "attestation/confirm_all.html", found=found, agency=agency, form=form, count=count, progress=progress
    )


@blueprint.post("/agencies/<int:agency_id>/confirm-all")
@requires(Permission.ATTEST)
def confirm_all(round_id: int, agency_id: int) -> Answer:
    """Confirm every record that waits and has no open problem."""
    found, agency = _own_agency(round_id, agency_id)
    form = SeenForm()
    if form.validate_on_submit():
        actor, seen = signed_in_identity().user_id, form.seen.data or 0
        _tell(answers.confirm_sound(current_session(), found, agency.id, actor=actor, seen=seen))
    return redirect(url_for("attestation.records.index", round_id=found.id, agency_id=agency.id))


@blueprint.get("/records/<int:building_id>/wrong")
@requires(Permission.ATTEST)
def ask_what_is_wrong(round_id: int, building_id: int) -> Answer:
    """The form that asks what is wrong."""
    found, record = _own_record(round_id, building_id)
    return render_template("attestation/wrong.html", form=WrongForm(), found=found, record=record)


@blueprint.post("/records/<int:building_id>/wrong")
@requires(Permission.ATTEST)
def report(round_id: int, building_id: int) -> Answer:
    """Store that the record is wrong."""
    found, record = _own_record(round_id, building_id)
    form = WrongForm()
    if not form.validate_on_submit():
        return render_template("attestation/wrong.html", form=form, found=found, record=record), 422
    actor = signed_in_identity().user_id
    answers.report_wrong(current_session(), found, record, actor=actor, note=form.note.data or "")
    flash(f"{record.name} is reported as wrong.", "success")
    return redirect(_back(found, record.agency, None))


@blueprint.post("/records/<int:building_id>/take-back")
@requires(Permission.ATTEST)
def take_back(round_id: int, building_id: int) -> Answer:
    """Take the answer on a record back."""
    found, record = _own_record(round_id, building_id)
    if TakeBackForm().validate_on_submit():
        answers.take_back(current_session(), found, record, actor=signed_in_identity().user_id)
        flash(f"The answer on {record.name} is taken back: it waits again.", "success")
    return redirect(_back(found, record.agency, None))


class _Owned:
    """A thing of an agency, for a question about permission."""

    def __init__(self, agency_id: int) -> None:
        self.agency_id = agency_id


def _own_agency(round_id: int, agency_id: int) -> tuple[AttestationRound, Agency]:
    session = current_session()
    found, agency = get_round(session, round_id), get_agency_by_id(session, agency_id)
    require(current_identity(), Permission.ATTEST, _Owned(agency.id))
    require_open_round(found)
    return found, agency


def _own_record(round_id: int, building_id: int) -> tuple[AttestationRound, Building]:
    session = current_session()
    found, record = get_round(session, round_id), get_building(session, building_id)
    require_own(record, Permission.ATTEST)
    require_open_round(found)
    return found, record


def _progress_of(found: AttestationRound, agency: Agency) -> Progress:
    rows = agency_progress(current_session(), found)
    return next((row for row in rows if row.agency_id == agency.id), Progress(agency.id, agency.name, 0, 0, 0, 0, 0))


def _back(found: AttestationRound, agency: Agency, building_id: int | None) -> str:
    if building_id:
        return url_for("buildings.show", building_id=building_id, _anchor="quality")
    state, page = request.args.get("state"), request.args.get("page")
    return url_for("attestation.records.index", round_id=found.id, agency_id=agency.id, state=state, page=page)


def _tell(done: answers.Outcome) -> None:
    text = f"{counted(done.count, 'record')} confirmed"
    if done.corrected:
        text += f", of which {done.corrected:,} corrected in this round"
    if done.skipped:
        text += f". {counted(done.skipped, 'record')} left out: changed since you opened the page, or answered already"
    flash(f"{text}.", "success" if done.count else "notice")


def _state() -> Answered | None:
    name = request.args.get("state", Answered.OPEN.value)
    if name == "all":
        return None
    if name not in {one.value for one in Answered}:
        raise UnknownFilter(fields={"state": f"has no value “{name[:40]}”"})
    return Answered(name)


def _number(name: str, default: int) -> int:
    return request.args.get(name, default, type=int)

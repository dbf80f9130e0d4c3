"""The yearly round of confirming: the rounds, one round's progress, its deadline for a calendar, its reminders."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from estate.people.permissions import Permission, can
from estate.register.attestation.answers import states_of
from estate.register.attestation.progress import Progress, agency_progress, whole_progress
from estate.register.attestation.reminders import due_reminders, unmanaged
from estate.register.attestation.rounds import (
    SUBJECT,
    find_open_round,
    get_round,
    list_rounds,
    newest_event_id,
)
from estate.register.models import AttestationRound, Building
from estate.settings import get_settings
from estate.web import attestation_records, attestation_rounds
from estate.web.access import current_identity, requires
from estate.web.account_histories import account_stories
from estate.web.as_at import as_at, today
from estate.web.attestation_files import write_deadline, write_progress, write_reminders
from estate.web.database import current_session

blueprint = Blueprint("attestation", __name__, url_prefix="/attestation")
blueprint.register_blueprint(attestation_rounds.blueprint)
blueprint.register_blueprint(attestation_records.blueprint)


@blueprint.get("")
@requires(Permission.READ_REGISTER)
def index() -> str:
    """The open round with each agency's progress, and the rounds before it."""
    session = current_session()
    found = find_open_round(session)
    rounds = [one for one in list_rounds(session) if one is not found]
    totals = {one.id: whole_progress(agency_progress(session, one)) for one in rounds}
    return render_template("attestation/index.html", found=found, past=rounds, totals=totals, **_progress(found))


@blueprint.get("/<int:round_id>")
@requires(Permission.READ_REGISTER)
def show(round_id: int) -> str:
    """One round: each agency's progress, and its history."""
    session = current_session()
    found = get_round(session, round_id)
    stories = [one for one in account_stories(session, SUBJECT, found.id) if one.event.action.endswith("_round")]
    return render_template("attestation/show.html", found=found, stories=stories, **_progress(found))


@blueprint.get("/<int:round_id>/progress.csv")
@requires(Permission.READ_REGISTER)
def download(round_id: int) -> Response:
    """Each agency's progress as CSV."""
    session = current_session()
    found = get_round(session, round_id)
    return _file(write_progress(found, agency_progress(session, found)), "text/csv", f"attestation-{found.id}.csv")


@blueprint.get("/<int:round_id>/deadline.ics")
@requires(Permission.READ_REGISTER)
def calendar(round_id: int) -> Response:
    """The deadline as an entry for a calendar."""
    found = get_round(current_session(), round_id)
    address = url_for("attestation.show", round_id=found.id, _external=True)
    content = write_deadline(found, address, datetime.now(UTC))
    return _file(content, "text/calendar", f"attestation-{found.id}.ics")


@blueprint.get("/<int:round_id>/reminders")
@requires(Permission.ADMINISTER)
def reminders(round_id: int) -> str:
    """Whom to remind today, each with a mail to send by hand."""
    session, settings = current_session(), get_settings()
    found = get_round(session, round_id)
    return render_template(
        "attestation/reminders.html",
        found=found,
        due=[one for one in due_reminders(session, today()) if one.round_id == found.id],
        nobody=unmanaged(session, found) if found.closed_at is None else [],
        address=_address(),
        has_mail=bool(settings.mail.host),
    )


@blueprint.get("/<int:round_id>/reminders.csv")
@requires(Permission.ADMINISTER)
def download_reminders(round_id: int) -> Response:
    """The same as CSV, for a mail merge."""
    session = current_session()
    found = get_round(session, round_id)
    due = [one for one in due_reminders(session, today()) if one.round_id == found.id]
    return _file(write_reminders(due, _address()), "text/csv", f"reminders-{found.id}.csv")


@blueprint.app_template_global()
def building_attestation(records: list[Building]) -> dict[str, Any] | None:
    """For a building's page: how each of its records stands in the open round; None where no round is open."""
    session = current_session()
    found = None if as_at() else find_open_round(session)
    if found is None:
        return None
    states = states_of(session, found, [record.id for record in records])
    mine = {record.id for record in records if can(current_identity(), Permission.ATTEST, record)}
    return {"round": found, "states": states, "mine": mine, "seen": newest_event_id(session)}


def _progress(found: AttestationRound | None) -> dict[str, Any]:
    rows: list[Progress] = agency_progress(current_session(), found) if found else []
    return {"rows": rows, "whole": whole_progress(rows), "is_late": bool(found and found.deadline_on < today())}


def _address() -> str:
    return get_settings().public_url or url_for("home.index", _external=True)


def _file(content: str, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer

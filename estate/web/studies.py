"""Studies: the list, starting one, watching it, and what it says a boundary is worth."""

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from pandas import DataFrame
from werkzeug.wrappers import Response as AnyResponse

from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.people.permissions import Permission, can
from estate.proposals import studies
from estate.proposals.errors import StudyNotFound
from estate.proposals.reference import reference_on
from estate.proposals.study_documents import COLUMNS, document_of, rows_of_parts
from estate.proposals.study_models import Study
from estate.proposals.study_queries import count_studies, get_study, list_studies, progress_of
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.database import current_session
from estate.web.programmes import current_programme, current_programme_id, enter, needed_programme
from estate.web.proposal_layers import write_outcomes
from estate.web.proposals_forms import CancelForm, defaults_of
from estate.web.studies_forms import StudyForm
from estate.web.study_pages import page_of, progress_message

blueprint = Blueprint("studies", __name__)

Answer = str | AnyResponse | tuple[str, int]
PAGE_SIZE = 25


@blueprint.get("/studies")
@requires(Permission.READ_PROPOSAL)
def index() -> str:
    """The programme's studies, newest first."""
    session, programme_id = current_session(), current_programme_id()
    count = count_studies(session, programme_id)
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), page_count)
    found = list_studies(session, programme_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    paging = {"page": page, "page_count": page_count}
    return render_template("studies/index.html", studies=found, paging=paging, count=count)


@blueprint.get("/studies/new")
@requires(Permission.START_PROPOSAL)
def new() -> str:
    """The form with the dated assumptions in it."""
    session, programme = current_session(), current_programme()
    form = StudyForm(data=defaults_of(reference_on(session, datetime.now(UTC).date()), programme))
    form.fill_choices(session, programme)
    return render_template("studies/new.html", form=form)


@blueprint.post("/studies/new")
@requires(Permission.START_PROPOSAL)
def create() -> Answer:
    """Put the study and its first job in the queue."""
    form, session, programme = StudyForm(), current_session(), needed_programme()
    form.fill_choices(session, programme)
    if form.validate_on_submit():
        try:
            study = studies.start(
                session,
                actor=signed_in_identity().user_id,
                area=session.get_one(Area, form.area_id.data) if form.area_id.data else None,
                level_codes=form.level_codes.data or [],
                has_no_boundaries=form.has_no_boundaries.data,
                options=form.options(),
                name=form.name.data or "",
                programme=programme,
            )
            return redirect(url_for("studies.show", study_id=study.id))
        except InvalidInput as error:
            form.add_errors(error.fields)
    return render_template("studies/new.html", form=form), 422


@blueprint.get("/studies/<int:study_id>")
@requires(Permission.READ_PROPOSAL)
def show(study_id: int) -> str:
    """How far the study is, and what it found so far."""
    study = own_study(study_id)
    enter(study.programme_id)
    page = page_of(current_session(), study, request.args.get("page", 1, type=int))
    return render_template("studies/show.html", study=study, page=page)


@blueprint.get("/studies/<int:study_id>/progress")
@requires(Permission.READ_PROPOSAL)
def progress(study_id: int) -> Response:
    """How far the study is, for the page's script."""
    study = own_study(study_id)
    found = progress_of(current_session(), study)
    return jsonify(
        is_at_work=study.finished_at is None,
        percent=round(found.done_ratio * 100),
        message=progress_message(study, found),
        result_count=found.done_count,
    )


@blueprint.post("/studies/<int:study_id>/cancel")
@requires(Permission.START_PROPOSAL)
def cancel(study_id: int) -> AnyResponse:
    """Stop the study; results so far are kept."""
    study = own_study(study_id, Permission.START_PROPOSAL)
    if CancelForm().validate_on_submit():
        studies.cancel(current_session(), study, actor=signed_in_identity().user_id)
        flash("The study is being stopped. What it found so far is kept.", "success")
    return redirect(url_for("studies.show", study_id=study_id))


@blueprint.post("/studies/<int:study_id>/retry")
@requires(Permission.START_PROPOSAL)
def retry(study_id: int) -> AnyResponse:
    """Go on where it was stopped, and try failed areas again."""
    study = own_study(study_id, Permission.START_PROPOSAL)
    if CancelForm().validate_on_submit():
        studies.retry(current_session(), study, actor=signed_in_identity().user_id)
        flash("The study goes on. What it found so far stays until something better is found.", "success")
    return redirect(url_for("studies.show", study_id=study_id))


@blueprint.get("/studies/<int:study_id>/areas.csv")
@requires(Permission.READ_PROPOSAL)
def download_areas(study_id: int) -> Response:
    """Every area as a row."""
    rows = rows_of_parts(current_session(), own_study(study_id))
    answer = Response(write_outcomes(DataFrame(rows, columns=list(COLUMNS), dtype=object)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=study-{study_id}-areas.csv"
    return answer


@blueprint.get("/studies/<int:study_id>/study.json")
@requires(Permission.READ_PROPOSAL)
def download_json(study_id: int) -> Response:
    """The whole study."""
    answer = jsonify(document_of(current_session(), own_study(study_id)))
    answer.headers["Content-Disposition"] = f"attachment; filename=study-{study_id}.json"
    return answer


def own_study(study_id: int, permission: Permission = Permission.READ_PROPOSAL) -> Study:
    """The study, where the user takes part in its programme. Raises `StudyNotFound` for everybody else."""
    study = get_study(current_session(), study_id)
    if not can(current_identity(), permission, study):
        raise StudyNotFound
    return study

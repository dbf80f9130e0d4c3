"""Administration of where people live: files of small areas, loaded, listed and taken back."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.gis.access.roads import find_roads
from estate.gis.small_areas.check import Checked
from estate.gis.small_areas.current import find_current_set, list_sets
from estate.gis.small_areas.errors import NoSuchSmallAreas
from estate.gis.small_areas.load import SmallAreaFile, load_small_areas, retire_small_areas
from estate.gis.small_areas.models import SmallAreaSet
from estate.people.permissions import Permission
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.filters import counted, number
from estate.web.populations_forms import PopulationForm, TakeBackForm

blueprint = Blueprint("population", __name__, url_prefix="/population")

Answer = str | Response | tuple[str, int]

SHOWN_PROBLEMS = 50


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """The files that were loaded, the road network, and the form for another file."""
    return _page(PopulationForm())


@blueprint.post("")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Load a file; rows that can't be used are listed with their reasons."""
    form = PopulationForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        stored, checked = _load(form)
    except InvalidInput as error:
        form.form_errors.append(error.message)
        return _page(form), 422
    flash(_sentence(stored, checked), "success")
    if not checked.problems:
        return redirect(url_for("administration.population.index"))
    return render_template(
        "administration/population_problems.html", stored=stored, problems=checked.problems[:SHOWN_PROBLEMS]
    )


@blueprint.get("/<int:set_id>/take-back")
@requires(Permission.ADMINISTER)
def ask(set_id: int) -> Answer:
    """Ask why the file is taken back."""
    return render_template("administration/population_back.html", form=TakeBackForm(), found=_get(set_id))


@blueprint.post("/<int:set_id>/take-back")
@requires(Permission.ADMINISTER)
def take_back(set_id: int) -> Answer:
    """Take the file back, with a reason."""
    form, found = TakeBackForm(), _get(set_id)
    if not form.validate_on_submit():
        return render_template("administration/population_back.html", form=form, found=found), 422
    reason = form.reason.data or ""
    retire_small_areas(current_session(), set_id, actor=signed_in_identity().user_id, reason=reason)
    flash(f"{found.file_name} is taken back.", "success")
    return redirect(url_for("administration.population.index"))


def _get(set_id: int) -> SmallAreaSet:
    """The file, where it was not taken back. Raises `NoSuchSmallAreas`."""
    found = next((one for one in list_sets(current_session()) if one.id == set_id and one.retired_at is None), None)
    if found is None:
        raise NoSuchSmallAreas
    return found


def _page(form: PopulationForm) -> str:
    session = current_session()
    shown = {"found": list_sets(session), "current": find_current_set(session), "roads": find_roads(session)}
    return render_template("administration/population.html", form=form, **shown)


def _load(form: PopulationForm) -> tuple[SmallAreaSet, Checked]:
    """Store what the form holds. Raises `InvalidInput`, and then nothing is stored."""
    with tempfile.TemporaryDirectory(prefix="estate-population-") as folder:
        path, name = _saved(form.file.data, Path(folder), "people")
        has_points = bool(form.points.data and form.points.data.filename)
        points = _saved(form.points.data, Path(folder), "points")[0] if has_points else None
        said: dict[str, Any] = {"year": form.year.data, "source": form.source.data}
        file = SmallAreaFile(path=path, points_path=points, name=name, **said)
        return load_small_areas(current_session(), file, actor=signed_in_identity().user_id)


def _saved(upload: FileStorage, folder: Path, stem: str) -> tuple[Path, str]:
    """The upload under a name of our own, with the suffix of its own name; and that name."""
    name = Path((upload.filename or "").replace("\\", "/")).name[:200]
    suffix = Path(name).suffix.lower()
    path = folder / f"{stem}{suffix if suffix[1:].isalnum() and len(suffix) < 12 else ''}"
    upload.save(path)
    return path, name


def _sentence(stored: SmallAreaSet, checked: Checked) -> str:
    rejected = f", {number(stored.rejected_count)} rejected" if stored.rejected_count else ""
    left = checked.points_without_people
    points = f" {counted(left, 'point')} without a row of people left out." if left else ""
    return (
        f"{stored.file_name}: {counted(stored.row_count, 'row')}, {number(stored.used_count)} used{rejected}.{points}"
    )

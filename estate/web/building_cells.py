"""One value changed in the list itself: saved on its own, with the version that the list showed."""

from typing import Any

from flask import Blueprint, Response, get_template_attribute, jsonify
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from estate.errors import Conflict, InvalidInput
from estate.exports.buildings import LIST_COLUMNS
from estate.people.permissions import Permission
from estate.register.changes import change_building, plain
from estate.register.matches.chosen import choices_in_force
from estate.register.models import Building
from estate.register.queries import get_building
from estate.register.rules import ChangedMeanwhile
from estate.register.versions import values_at
from estate.web.access import requires, signed_in_identity
from estate.web.buildings_forms import BuildingForm
from estate.web.bulk_edits_forms import CellForm
from estate.web.database import current_session
from estate.web.editing import require_own

blueprint = Blueprint("building_cells", __name__)

Answer = Response | tuple[Response, int]
COLUMN_OF = {column.field: name for name, column in LIST_COLUMNS.items() if column.field}
SEVERAL_RECORDS = "Several agencies report this building. Open its page to change your own record."
CHOSEN = "This value was chosen for the building, whatever its record says. Open its page to change or end that choice."
THEIRS = "Somebody else changed this meanwhile: it is {} now. Save again to put yours in its place, or press Escape."


@blueprint.post("/buildings/<int:building_id>/cell")
@requires(Permission.EDIT_BUILDING)
def change(building_id: int) -> Answer:
    """Save one value; answers how it is shown and the new version, or why it was refused."""
    session, form = current_session(), CellForm()
    building = get_building(session, building_id)
    require_own(building)
    if not form.validate_on_submit() or form.field.data not in COLUMN_OF:
        return _refused("; ".join(str(field.errors[0]) for field in form if field.errors) or "No such field", 422)
    name = form.field.data
    try:
        _save(session, building, form, name)
    except InvalidInput as error:
        return _refused(" ".join(error.fields.values()) or error.message, 422)
    except (ChangedMeanwhile, StaleDataError):
        session.rollback()
        session.refresh(building)
        return _refused(THEIRS.format(_text(building, name)), 409, building, name)
    except Conflict as error:
        return _refused(error.message, 409)
    session.refresh(building)
    return jsonify(_state(building, name))


def _save(session: Session, building: Building, form: CellForm, name: str) -> None:
    """Change one fact. Raises what stands against it."""
    value, reason = _read(session, name, form.value.data or ""), form.reason.data or ""
    if building.canonical_id is not None:
        raise Conflict(SEVERAL_RECORDS)
    if name in choices_in_force(session, [building.id]).get(building.id, {}):
        raise Conflict(CHOSEN)
    _require_seen(session, building, name, form.version.data or "")
    actor = signed_in_identity().user_id
    change_building(session, building, version=building.version, actor=actor, reason=reason, **{name: value})
    session.flush()


def raw_value(building: Building, field: str) -> str:
    """A fact as an input of the list holds it: codes, digits without commas, yes or no; empty where unknown."""
    value = plain(getattr(building, field))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def value_choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    """For each fact of the list that has a closed set of values: these, with their names."""
    form = BuildingForm(formdata=None, meta={"csrf": False})
    form.fill_choices(session)
    found = {name: [(one.value, one.label) for one in form[name].choices] for name in ("use_class_code", "status")}
    return {**found, "is_listed": [("yes", "Yes"), ("no", "No")]}


def _read(session: Session, name: str, text: str) -> Any:
    """What was typed as a value, read as the edit form reads it. Raises `InvalidInput`."""
    if name == "is_listed":
        text = "y" if text == "yes" else ""
    form = BuildingForm(formdata=MultiDict({name: text}), meta={"csrf": False})
    form.fill_choices(session)
    field = form[name]
    if not field.validate(form):
        raise InvalidInput(fields={name: str(field.errors[0])})
    return field.data


def _require_seen(session: Session, building: Building, name: str, version: str) -> None:
    """Raise `ChangedMeanwhile` where this very value is another than the one that the list showed."""
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    kept = values_at(session, building, seen)
    if kept is None or plain(kept[name]) != plain(getattr(building, name)):
        raise ChangedMeanwhile


def _state(building: Building, name: str) -> dict[str, Any]:
    shown = get_template_attribute("buildings/cells.html", "cell_value")(COLUMN_OF[name], building)
    text = _text(building, name)
    title = LIST_COLUMNS[COLUMN_OF[name]].title
    message = f"Saved. {title} of {building.name}: {text}" if name != "name" else f"Saved. Name: {text}"
    return {
        "version": building.version,
        "value": raw_value(building, name),
        "shown": str(shown).strip(),
        "message": message,
    }


def _text(building: Building, name: str) -> str:
    shown = get_template_attribute("buildings/cells.html", "cell_value")(COLUMN_OF[name], building)
    return str(shown.striptags())


def _refused(message: str, status: int, building: Building | None = None, name: str = "") -> Answer:
    state = _state(building, name) if building is not None else {}
    return jsonify({**state, "message": message}), status

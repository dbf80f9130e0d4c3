"""Saving a form with a version check: what went wrong stays on the form, with all that was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from estate.errors import InvalidInput
from estate.gis.base_maps import BaseMapChanged
from estate.people.agencies import AgencyChanged
from estate.people.permissions import Permission, can
from estate.people.programmes import ProgrammeChanged
from estate.register.changes import location_of, plain
from estate.register.constraints import sentence_of
from estate.register.models import Building
from estate.register.rules import ChangedMeanwhile
from estate.web.access import current_identity
from estate.web.database import current_session
from estate.web.forms import Form


@dataclass(frozen=True)
class Difference:
    """A field in which the register and the form differ."""

    label: str
    stored: Any
    typed: Any


@dataclass(frozen=True)
class Trouble:
    """Why a form was not saved: its status, and for a conflict what the register holds by now."""

    status: int
    differences: list[Difference] | None = None
    merge: Any = None
    """A `estate.web.merging.Merge`, where two people changed one row and one of them has to decide."""


def save(form: Form, row: Any, action: Callable[[], Any]) -> Trouble | None:
    """Run `action`; None when it was saved. `row` is what the form edits, None for something new.

    A broken rule is put beside its field (422). A stale version gives the differences between the register and the
    form (409), and the form takes the register's version, so that sending it again is a decision, not an accident.
    """
    session = current_session()
    try:
        action()
        session.flush()
    except InvalidInput as error:
        form.add_errors(error.fields or {"": error.message})
        return Trouble(422)
    except (ChangedMeanwhile, AgencyChanged, ProgrammeChanged, BaseMapChanged, StaleDataError):
        session.rollback()
        session.refresh(row)
        return Trouble(409, _differences(form, row))
    except IntegrityError as error:
        session.rollback()
        form.add_errors({"": sentence_of(getattr(error.orig, "diag", None) and error.orig.diag.constraint_name)})  # type: ignore[union-attr]
        return Trouble(422)
    except DataError:
        session.rollback()
        form.add_errors({"": "A number or date is outside what the register can hold. Check the digits."})
        return Trouble(422)
    return None


def _differences(form: Form, row: Any) -> list[Difference]:
    stored = {name: getattr(row, name) for name in form.values() if hasattr(row, name)}
    if isinstance(row, Building):
        stored |= location_of(row)
    found = [
        Difference(form[name].label.text, shown(form[name], stored[name]), shown(form[name], typed))
        for name, typed in form.values().items()
        if name in stored and _known(stored[name]) != _known(typed)
    ]
    form["version"].data = row.version
    form["version"].raw_data = None
    return found


def _known(value: Any) -> Any:
    return None if value == "" else value


def shown(field: Any, value: Any) -> Any:
    """A field's value in words: a choice by its text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    code = str(getattr(value, "value", "" if value is None else value))
    for choice in getattr(field, "choices", None) or []:
        if choice.value == code:
            return choice.label
    return plain(value)


def require_own(building: Building, permission: Permission = Permission.EDIT_BUILDING) -> None:
    """Answer 404 unless the signed-in user may edit this very building: its edit pages exist for its agency only."""
    if not can(current_identity(), permission, building):
        raise NotFound

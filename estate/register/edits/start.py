"""Beginning an edit, and what each step may follow: prepare, confirm, discard."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import InvalidInput, NotFound
from estate.people.models import User
from estate.people.permissions import Identity, Permission, can, identity_of
from estate.register import rules
from estate.register.changes import plain
from estate.register.edits.apply import NotReady
from estate.register.edits.targets import MayEdit
from estate.register.filters import BuildingFilters, filtered_ids
from estate.register.models import BuildingStatus, BulkEdit, EditKind, EditStatus

MOST_BUILDINGS = 50_000
AREAS = ("gross_internal_area_m2", "net_internal_area_m2")
OPEN = (EditStatus.MAPPING, EditStatus.PREPARING, EditStatus.READY, EditStatus.FAILED)


class EditNotFound(NotFound):
    """There is no such change of many buildings, or it is somebody else's."""


class NothingChosen(InvalidInput):
    """No building is chosen. Tick some in the list, or change all that its filters show."""


class NoValues(InvalidInput):
    """No value is chosen. Tick what is to be changed, and enter its new value."""


class TooMany(InvalidInput):
    """That is more than 50,000 buildings. Narrow the filters and change them in parts."""


def get_edit(session: Session, edit_id: int) -> BulkEdit:
    """The edit with this id. Raises `EditNotFound`."""
    edit = session.get(BulkEdit, edit_id) if 0 < edit_id < 2**63 else None
    if edit is None:
        raise EditNotFound
    return edit


def list_edits(session: Session, *, actor_id: int | None, limit: int = 50) -> list[BulkEdit]:
    """The newest edits of one person, or of all."""
    query = select(BulkEdit).order_by(BulkEdit.id.desc()).limit(limit)
    return list(session.scalars(query if actor_id is None else query.where(BulkEdit.actor_id == actor_id)))


def ids_of(session: Session, filters: BuildingFilters) -> list[int]:
    """Ids of the buildings that a filter shows. Raises `TooMany`."""
    ids = list(session.scalars(filtered_ids(filters).limit(MOST_BUILDINGS + 1)))
    if len(ids) > MOST_BUILDINGS:
        raise TooMany
    return sorted(ids)


def start_same_values(
    session: Session, building_ids: Sequence[int], values: Mapping[str, Any], *, actor: int, reason: str, words: str
) -> BulkEdit:
    """An edit that gives these buildings the same values. `words` say which buildings they are."""
    if not building_ids:
        raise NothingChosen
    if len(building_ids) > MOST_BUILDINGS:
        raise TooMany
    if not values:
        raise NoValues
    request = {
        "ids": list(dict.fromkeys(building_ids)),
        "values": {name: plain(value) for name, value in values.items()},
        "words": words,
    }
    return _start(session, EditKind.SAME_VALUES, EditStatus.PREPARING, actor, reason, request)


def start_pasted(
    session: Session, request: dict[str, Any], *, needs_mapping: bool, actor: int, reason: str
) -> BulkEdit:
    """An edit from a pasted table; see `estate.register.edits.paste` for its request."""
    status = EditStatus.MAPPING if needs_mapping else EditStatus.PREPARING
    return _start(session, EditKind.PASTED, status, actor, reason, request)


def _start(
    session: Session, kind: EditKind, status: EditStatus, actor: int, reason: str, request: dict[str, Any]
) -> BulkEdit:
    reason = rules.require_reason(reason)
    rules.require_valid(rules.text_errors({"reason": reason}))
    edit = BulkEdit(actor_id=actor, kind=kind, status=status, reason=reason, request=request)
    session.add(edit)
    session.flush()
    return edit


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a request as the register takes them."""
    found = dict(values)
    if found.get("status"):
        found["status"] = BuildingStatus(found["status"])
    return found | {name: Decimal(found[name]) for name in AREAS if found.get(name) is not None}


def require_status(session: Session, edit: BulkEdit, *expected: EditStatus) -> None:
    """Lock the edit, and raise `NotReady` unless it stands at one of these steps."""
    session.refresh(edit, with_for_update={"of": BulkEdit})
    if edit.status not in expected:
        raise NotReady


def confirm_edit(session: Session, edit: BulkEdit) -> None:
    """Let a prepared edit be written; only once."""
    require_status(session, edit, EditStatus.READY)
    edit.status, edit.progress = EditStatus.APPLYING, 0.0
    session.flush()


def discard_edit(session: Session, edit: BulkEdit) -> None:
    """Give up an edit that was not written; it stays listed."""
    require_status(session, edit, *OPEN)
    edit.status = EditStatus.DISCARDED
    session.flush()


def rights_of(identity: Identity | None) -> MayEdit:
    """What somebody may edit, record by record."""
    return lambda record: can(identity, Permission.EDIT_BUILDING, record)


def rights_of_user(session: Session, user_id: int | None) -> MayEdit:
    """The same of a user as they are now; nobody, and a closed account, may edit nothing."""
    user = session.get(User, user_id) if user_id else None
    return rights_of(identity_of(user) if user and user.is_active else None)

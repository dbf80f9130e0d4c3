"""Views of the list that people keep: named filters, sort and columns, private or shared with an agency."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from estate.audit import record
from estate.errors import NotFound
from estate.people.permissions import Identity
from estate.register import rules
from estate.register.models import ListPreference, SavedView

LONGEST_NAME = 80
MOST_VIEWS = 100


class NoSuchView(NotFound):
    """There is no such view of the list. Somebody may have deleted it, or stopped sharing it."""


def list_views(session: Session, identity: Identity) -> list[SavedView]:
    """One's own views and those shared with one's agencies, by name."""
    query = select(SavedView).where(SavedView.deleted_at.is_(None), _is_seen(identity))
    return list(session.scalars(query.order_by(func.lower(SavedView.name), SavedView.id)))


def get_view(session: Session, view_id: int, identity: Identity, *, is_deleted: bool = False) -> SavedView:
    """A view that one may see; with `is_deleted`, also one's own that was deleted. Raises `NoSuchView`."""
    view = session.get(SavedView, view_id) if 0 < view_id < 2**63 else None
    if view is None or (view.deleted_at is not None and not is_deleted):
        raise NoSuchView
    if view.owner_id != identity.user_id and view.agency_id not in identity.agency_ids:
        raise NoSuchView
    return view


def save_view(
    session: Session, identity: Identity, *, name: str, arguments: Mapping[str, Any], agency_id: int | None
) -> SavedView:
    """A further view; with `agency_id`, the people of that agency see it too."""
    rules.require_valid(_errors(session, identity, name, agency_id))
    view = SavedView(
        owner_id=identity.user_id, agency_id=agency_id, name=name.strip(), arguments=dict(arguments), version=1
    )
    session.add(view)
    _keep(session, view, "save_view", {"name": [None, view.name], "agency_id": [None, agency_id]})
    return view


def change_view(
    session: Session, identity: Identity, view: SavedView, *, version: int, name: str, agency_id: int | None
) -> None:
    """Give a view another name, or share it otherwise."""
    rules.require_version(view, version)
    rules.require_valid(_errors(session, identity, name, agency_id, view))
    values = {"name": name.strip(), "agency_id": agency_id}
    changes = {key: [getattr(view, key), value] for key, value in values.items() if getattr(view, key) != value}
    for key, value in values.items():
        setattr(view, key, value)
    if changes:
        _keep(session, view, "change_view", changes)


def replace_arguments(session: Session, view: SavedView, arguments: Mapping[str, Any]) -> None:
    """Let a view show what the list shows now."""
    before, view.arguments = view.arguments, dict(arguments)
    _keep(session, view, "change_view", {"arguments": [before, view.arguments]})


def delete_view(session: Session, view: SavedView) -> None:
    """Show a view to nobody any more; `restore_view` brings it back."""
    view.deleted_at = datetime.now(UTC)
    _keep(session, view, "delete_view", {})


def restore_view(session: Session, view: SavedView) -> None:
    """Bring a deleted view back as it was."""
    view.deleted_at = None
    _keep(session, view, "restore_view", {})


def preference_of(session: Session, identity: Identity) -> ListPreference:
    """How somebody sees the list; one that is not stored where they never chose."""
    return session.get(ListPreference, identity.user_id) or ListPreference(user_id=identity.user_id)


def default_view(session: Session, identity: Identity) -> SavedView | None:
    """The view with which somebody's list opens; None where they chose none, or may not see it any more."""
    chosen = preference_of(session, identity).default_view_id
    if chosen is None:
        return None
    try:
        return get_view(session, chosen, identity)
    except NoSuchView:
        return None


def choose_default(session: Session, identity: Identity, view: SavedView | None) -> None:
    """Let somebody's list open with this view; None: with all buildings."""
    preference = session.merge(preference_of(session, identity))
    preference.default_view_id = view.id if view else None
    session.flush()


def choose_columns(session: Session, identity: Identity, columns: Sequence[str] | None) -> None:
    """Remember somebody's columns, in their order; None: the usual ones."""
    preference = session.merge(preference_of(session, identity))
    preference.columns = list(columns) if columns is not None else None
    session.flush()


def _is_seen(identity: Identity) -> Any:
    return or_(SavedView.owner_id == identity.user_id, SavedView.agency_id.in_(identity.agency_ids))


def _errors(
    session: Session, identity: Identity, name: str, agency_id: int | None, view: SavedView | None = None
) -> dict[str, str]:
    trimmed = name.strip()
    errors = rules.text_errors({"name": trimmed})
    if not trimmed:
        errors["name"] = "Give the view a name"
    elif len(trimmed) > LONGEST_NAME:
        errors["name"] = f"Use {LONGEST_NAME} characters or fewer"
    own = [one for one in list_views(session, identity) if one.owner_id == identity.user_id and one is not view]
    if any(one.name.casefold() == trimmed.casefold() for one in own):
        errors["name"] = "You have a view of this name. Choose another, or replace that view"
    if view is None and len(own) >= MOST_VIEWS:
        errors["name"] = f"You have {MOST_VIEWS} views already. Delete some first"
    if agency_id is not None and agency_id not in identity.agency_ids:
        errors["agency_id"] = "Share it with an agency for which you have a role"
    return errors


def _keep(session: Session, view: SavedView, action: str, changes: Mapping[str, Any]) -> None:
    session.flush()
    record(
        session,
        actor=view.owner_id,
        action=action,
        subject_type="saved_view",
        subject_id=view.id,
        changes=changes,
    )

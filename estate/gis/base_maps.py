"""Base maps: pictures of another host beneath our own maps. An administrator lists them; a reader may choose one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.gis.base_addresses import BadAddress, checked_address
from estate.gis.models import BaseMap

FIELDS = ("name", "address", "attribution", "minimum_zoom", "maximum_zoom", "is_offered")
DEEPEST = 22
LONGEST = {"name": 100, "attribution": 300}
NEEDED = {
    "name": "Enter a name, as readers shall see it",
    "attribution": "Enter whose map it is, as its licence asks, such as © Crown copyright 2026",
}


class NoSuchBaseMap(NotFound):
    """There is no such base map."""


class BaseMapChanged(Conflict):
    """Somebody changed this base map since you opened it, so nothing was saved. Compare both versions and decide."""


def list_base_maps(session: Session, *, only_offered: bool = False) -> Sequence[BaseMap]:
    """Every base map by name; `only_offered`: those that readers may choose."""
    query = select(BaseMap).order_by(func.lower(BaseMap.name), BaseMap.id)
    return session.scalars(query.where(BaseMap.is_offered) if only_offered else query).all()


def get_base_map(session: Session, base_map_id: int) -> BaseMap:
    """The base map. Raises `NoSuchBaseMap`."""
    found = session.get(BaseMap, base_map_id) if 0 < base_map_id < 2**63 else None
    if found is None:
        raise NoSuchBaseMap
    return found


def find_offered(session: Session, base_map_id: int) -> BaseMap | None:
    """The base map, if readers may choose it."""
    return session.scalar(select(BaseMap).where(BaseMap.id == base_map_id, BaseMap.is_offered))


def add_base_map(session: Session, *, actor: int | None, reason: str, **fields: Any) -> BaseMap:
    """A new base map of `FIELDS`. Raises `InvalidInput` by field."""
    values = _checked(session, None, {**dict.fromkeys(FIELDS), "is_offered": True, **fields}, reason)
    base = BaseMap(**values)
    session.add(base)
    session.flush()
    _record(session, base, "add_base_map", actor, reason, {name: [None, value] for name, value in values.items()})
    return base


def change_base_map(
    session: Session, base: BaseMap, *, version: int, actor: int | None, reason: str, **fields: Any
) -> None:
    """Change any of `FIELDS`. To withdraw it is `is_offered=False`: who had chosen it sees none from then on.

    Raises `BaseMapChanged` where `version` is not the one in force, `InvalidInput` by field.
    """
    if base.version != version:
        raise BaseMapChanged
    values = _checked(session, base, {name: fields.get(name, getattr(base, name)) for name in FIELDS}, reason)
    changes = {name: [getattr(base, name), value] for name, value in values.items() if getattr(base, name) != value}
    for name, pair in changes.items():
        setattr(base, name, pair[1])
    session.flush()
    if changes:
        _record(session, base, "change_base_map", actor, reason, changes)


def _record(
    session: Session, base: BaseMap, action: str, actor: int | None, reason: str, changes: dict[str, Any]
) -> None:
    subject: dict[str, Any] = {"subject_type": "base_map", "subject_id": base.id}
    audit.record(session, actor=actor, action=action, reason=reason.strip(), changes=changes, **subject)


def _checked(session: Session, base: BaseMap | None, values: dict[str, Any], reason: str) -> dict[str, Any]:
    """`values` as they are stored. Raises `InvalidInput`."""
    values = {**values, **{name: " ".join((values[name] or "").split()) for name in NEEDED}}
    errors = {name: sentence for name, sentence in NEEDED.items() if not values[name]}
    errors |= {name: f"Enter at most {most} characters" for name, most in LONGEST.items() if len(values[name]) > most}
    errors |= {name: "Take the control characters out" for name in NEEDED if not values[name].isprintable()}
    if not reason.strip():
        errors["reason"] = "Say why you make this change"
    try:
        values["address"] = checked_address(values["address"] or "")
    except BadAddress as error:
        errors["address"] = error.message
    errors |= _zoom_errors(values["minimum_zoom"], values["maximum_zoom"])
    same_name = select(BaseMap.id).where(func.lower(BaseMap.name) == values["name"].lower())
    if session.scalar(same_name if base is None else same_name.where(BaseMap.id != base.id)) is not None:
        errors["name"] = "Another base map has this name"
    if errors:
        raise InvalidInput(fields=errors)
    return values


def _zoom_errors(lowest: Any, highest: Any) -> dict[str, str]:
    zooms = {"minimum_zoom": lowest, "maximum_zoom": highest}
    errors = {
        name: f"Enter a zoom from 0 to {DEEPEST}"
        for name, zoom in zooms.items()
        if not isinstance(zoom, int) or not 0 <= zoom <= DEEPEST
    }
    return errors or ({"maximum_zoom": "The largest zoom must not be below the smallest"} if lowest > highest else {})

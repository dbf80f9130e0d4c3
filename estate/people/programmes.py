"""Programmes: finding, making and changing them, and which of them an agency takes part in."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency
from estate.people.programme_models import Programme, ProgrammeMember

FIRST_NAME = "Partnership"
FIELDS = ("name", "description", "place_name", "default_level_code", "horizon_years")
LONGEST_HORIZON_YEARS = 60


class NoSuchProgramme(NotFound):
    """There is no such programme, or your agency takes no part in it."""


class ProgrammeChanged(Conflict):
    """Somebody changed this programme since you opened it, so nothing was saved. Compare both versions and decide."""


class ProgrammeNeeded(InvalidInput):
    """There are several programmes here. Say which one this is for."""


def takes_part(on: Any = None, member: Any = ProgrammeMember) -> ColumnElement[bool]:
    """True for a stay that holds on the day `on`, SQL or a date; by default today."""
    day = func.current_date() if on is None else on
    return and_(
        or_(member.joined_on.is_(None), member.joined_on <= day), or_(member.left_on.is_(None), member.left_on > day)
    )


def partners_in(programme_ids: Collection[int], on: Any = None) -> Select[Any]:
    """A query for the ids of the agencies that take part in one of these programmes on a day."""
    return select(ProgrammeMember.agency_id).where(ProgrammeMember.programme_id.in_(programme_ids), takes_part(on))


def today_of(session: Session) -> date:
    """Today, as the database has it: the day by which memberships begin and end."""
    return session.execute(select(func.current_date())).scalar_one()


def list_programmes(session: Session) -> Sequence[Programme]:
    """Every programme by name."""
    return session.scalars(select(Programme).order_by(func.lower(Programme.name))).all()


def get_programme(session: Session, programme_id: int) -> Programme:
    """The programme. Raises `NoSuchProgramme`."""
    programme = session.get(Programme, programme_id) if 0 < programme_id < 2**63 else None
    if programme is None:
        raise NoSuchProgramme
    return programme


def find_by_slug(session: Session, slug: str) -> Programme | None:
    """The programme that an address names."""
    return session.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()


def get_by_slug(session: Session, slug: str) -> Programme:
    """As `find_by_slug`, or by its whole name; raises `NoSuchProgramme`, naming the programmes that are there."""
    programme = find_by_slug(session, slug)
    if programme is not None:
        return programme
    found = list_programmes(session)
    named = [one for one in found if one.name.casefold() == slug.strip().casefold()]
    if len(named) == 1:
        return named[0]
    raise NoSuchProgramme(f"There is no programme “{slug}”. Programmes here: {_named(found) or 'none yet'}.")


def _named(programmes: Sequence[Programme]) -> str:
    return ", ".join(f"{one.slug} ({one.name})" for one in programmes)


def programme_for(session: Session, programme: Programme | None = None) -> Programme:
    """`programme`, or the only one there is; the first is made where there is none.

    Raises `ProgrammeNeeded` where there are several and none is given.
    """
    if programme is not None:
        return programme
    found = list_programmes(session)
    if len(found) > 1:
        raise ProgrammeNeeded(f"There are several programmes here: {_named(found)}. Say which one this is for.")
    return found[0] if found else create_programme(session, actor=None, name=FIRST_NAME)


def programme_ids_of(session: Session, agency_ids: Collection[int]) -> frozenset[int]:
    """The programmes in which one of these agencies takes part today."""
    query = select(ProgrammeMember.programme_id).where(ProgrammeMember.agency_id.in_(agency_ids), takes_part())
    return frozenset(session.scalars(query.distinct()))


def partner_ids_of(session: Session, programme_ids: Collection[int]) -> frozenset[int]:
    """The agencies that take part in one of these programmes today."""
    return frozenset(session.scalars(partners_in(programme_ids).distinct()))


def list_partners(session: Session, programme_id: int, on: Any = None) -> Sequence[Agency]:
    """The agencies that take part in the programme on a day, by name."""
    query = select(Agency).where(Agency.id.in_(partners_in([programme_id], on)))
    return session.scalars(query.order_by(func.lower(Agency.name))).unique().all()


def count_partners(session: Session) -> dict[int, int]:
    """How many agencies take part in each programme today, by its id; those without any are left out."""
    query = select(ProgrammeMember.programme_id, func.count()).where(takes_part())
    return dict(session.execute(query.group_by(ProgrammeMember.programme_id)).all())


def create_programme(session: Session, *, actor: int | None, name: str, **fields: Any) -> Programme:
    """A new programme without agencies. `fields` are those of `FIELDS`. Raises `InvalidInput` by field."""
    name = " ".join(name.split())
    values = _checked(session, None, {**fields, "name": name})
    programme = Programme(slug=_free_slug(session, name), **values)
    session.add(programme)
    session.flush()
    _record(session, programme, "create", actor, "", {"name": [None, name]})
    return programme


def change_programme(
    session: Session, programme: Programme, *, version: int, actor: int | None, reason: str, **fields: Any
) -> None:
    """Change `fields`, any of `FIELDS`. Raises `ProgrammeChanged` for a stale version, `InvalidInput` by field."""
    if programme.version != version:
        raise ProgrammeChanged
    errors = {} if reason.strip() else {"reason": "Say why you make this change"}
    values = _checked(session, programme, fields, errors)
    changes = {name: [getattr(programme, name), value] for name, value in values.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, pair in changes.items():
        setattr(programme, name, pair[1])
    session.flush()
    if changes:
        _record(session, programme, "change", actor, reason.strip(), changes)


def _checked(
    session: Session, programme: Programme | None, fields: dict[str, Any], errors: dict[str, str] | None = None
) -> dict[str, Any]:
    """The fields as they are stored: texts without needless blanks, empty ones None."""
    errors = dict(errors or {})
    values = {name: fields[name] for name in FIELDS if name in fields}
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = value.strip() if name == "description" else " ".join(value.split()) or None
    if "description" in values:
        values["description"] = values["description"] or ""
    if "name" in values:
        same = select(Programme.id).where(func.lower(Programme.name) == (values["name"] or "").lower())
        if programme is not None:
            same = same.where(Programme.id != programme.id)
        if not values["name"]:
            errors["name"] = "Enter the programme's name"
        elif session.scalar(same) is not None:
            errors["name"] = "Another programme has this name"
    years = values.get("horizon_years")
    if years is not None and not 1 <= years <= LONGEST_HORIZON_YEARS:
        errors["horizon_years"] = f"Enter a number of years from 1 to {LONGEST_HORIZON_YEARS}"
    if errors:
        raise InvalidInput(fields=errors)
    return values


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "programme"
    slug, number = stem, 2
    while find_by_slug(session, slug) is not None:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _record(
    session: Session, programme: Programme, action: str, actor: int | None, reason: str, changes: dict[str, Any]
) -> None:
    subject: dict[str, Any] = {"subject_type": "programme", "subject_id": programme.id}
    audit.record(session, actor=actor, action=action, reason=reason, changes=changes, **subject)

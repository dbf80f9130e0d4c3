"""Administering agencies: their names and their place in the tree."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.accounts import AgencyExists, create_agency
from estate.people.models import Agency, AgencyKind, Membership, User
from estate.people.programme_models import Programme

TREE_LOCK = 0x45535443
FIELDS = ("name", "kind_code", "parent_id", "financial_year_start_month")


class NoSuchAgency(NotFound):
    """There is no such agency."""


class AgencyChanged(Conflict):
    """Somebody changed this agency since you opened it, so nothing was saved. Compare both versions and decide."""


def list_agencies(session: Session) -> Sequence[Agency]:
    """Every agency by name."""
    return session.scalars(select(Agency).order_by(func.lower(Agency.name))).all()


def names_of(session: Session, agency_ids: Collection[int]) -> list[str]:
    """The names of these agencies, in order."""
    query = select(Agency.name).where(Agency.id.in_(agency_ids)).order_by(func.lower(Agency.name))
    return list(session.scalars(query)) if agency_ids else []


def list_kinds(session: Session) -> Sequence[AgencyKind]:
    """The kinds of agencies by name."""
    return session.scalars(select(AgencyKind).order_by(AgencyKind.name)).all()


def get_agency_by_id(session: Session, agency_id: int) -> Agency:
    """The agency. Raises `NoSuchAgency`."""
    agency = session.get(Agency, agency_id) if 0 < agency_id < 2**63 else None
    if agency is None:
        raise NoSuchAgency
    return agency


def count_users(session: Session) -> dict[int, int]:
    """How many active users have a role for an agency today, by its id."""
    held = (Membership.ended_at.is_(None), User.is_active)
    query = select(Membership.agency_id, func.count(Membership.user_id.distinct())).join(Membership.user)
    return {row[0]: row[1] for row in session.execute(query.where(*held).group_by(Membership.agency_id))}


def list_members(session: Session, agency: Agency) -> Sequence[Membership]:
    """The roles that active users hold for the agency today, by the user's name."""
    query = select(Membership).join(Membership.user).where(Membership.agency_id == agency.id)
    return (
        session.scalars(query.where(Membership.ended_at.is_(None), User.is_active).order_by(User.name)).unique().all()
    )


def add_agency(
    session: Session,
    *,
    actor: int | None,
    name: str,
    kind_code: str,
    parent_id: int | None = None,
    financial_year_start_month: int | None = None,
    programme: Programme | None = None,
    joined_on: date | None = None,
) -> Agency:
    """A new agency, which takes part as `create_agency` says. Raises `InvalidInput` by field."""
    name = " ".join(name.split())
    if errors := _name_errors(name):
        raise InvalidInput(fields=errors)
    parent = get_agency_by_id(session, parent_id) if parent_id else None
    try:
        agency = create_agency(
            session, name, kind_code, actor=actor, parent=parent, programme=programme, joined_on=joined_on
        )
    except AgencyExists as error:
        raise InvalidInput(fields={"name": "Another agency has this name"}) from error
    agency.financial_year_start_month = financial_year_start_month
    session.flush()
    return agency


def change_agency(
    session: Session, agency: Agency, *, version: int, actor: int | None, reason: str, **fields: Any
) -> None:
    """Change `fields` of the agency, any of `FIELDS`. Its code stays: imports know it by that.

    Raises `AgencyChanged` where `version` is not the one in force, `InvalidInput` by field.
    """
    if agency.version != version:
        raise AgencyChanged
    fields = {**fields, "name": " ".join(fields.get("name", agency.name).split())}
    changes = {name: [getattr(agency, name), fields[name]] for name in FIELDS if name in fields}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    _require_valid(session, agency, {name: fields.get(name, getattr(agency, name)) for name in FIELDS}, reason)
    for name, pair in changes.items():
        setattr(agency, name, pair[1])
    session.flush()
    if changes:
        subject: dict[str, Any] = {"subject_type": "agency", "subject_id": agency.id}
        audit.record(session, actor=actor, action="change", reason=reason.strip(), changes=changes, **subject)


def _require_valid(session: Session, agency: Agency, fields: Mapping[str, Any], reason: str) -> None:
    session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))
    errors = _name_errors(fields["name"])
    if not reason.strip():
        errors["reason"] = "Say why you make this change"
    same_name = select(Agency.id).where(func.lower(Agency.name) == fields["name"].lower(), Agency.id != agency.id)
    if session.scalar(same_name) is not None:
        errors["name"] = "Another agency has this name"
    if fields["parent_id"] is not None and is_below(session, fields["parent_id"], agency.id):
        errors["parent_id"] = "An agency can't belong to itself or to one that belongs to it"
    if errors:
        raise InvalidInput(fields=errors)


def _name_errors(name: str) -> dict[str, str]:
    return {} if name else {"name": "Enter the agency's name"}


def is_below(session: Session, agency_id: int, other_id: int) -> bool:
    """True when the first agency is the other one, or belongs to it at any depth."""
    above = select(Agency.id, Agency.parent_id).where(Agency.id == agency_id).cte("above", recursive=True)
    above = above.union(select(Agency.id, Agency.parent_id).join(above, Agency.id == above.c.parent_id))
    return session.scalar(select(above.c.id).where(above.c.id == other_id)) is not None

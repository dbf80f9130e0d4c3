"""Agencies, users and roles come to be with clear refusals and an event each."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people import accounts
from estate.people.models import Role
from estate.people.passwords import verify_password


def test_agency_is_found_by_name_in_any_case_and_by_code(session: Session) -> None:
    made = accounts.create_agency(session, "Père Lachaise Council", "council", actor=None)
    assert made.code == "pere-lachaise-council"
    assert accounts.find_agency(session, "père lachaise COUNCIL") is made
    assert accounts.get_agency(session, "pere-lachaise-council") is made


def test_two_agencies_whose_names_differ_in_signs_get_different_codes(session: Session) -> None:
    first = accounts.create_agency(session, "Fire & Rescue", "fire", actor=None)
    second = accounts.create_agency(session, "Fire - Rescue", "fire", actor=None)
    assert {first.code, second.code} == {"fire-rescue", "fire-rescue-2"}


def test_refusals_name_what_is_there(session: Session) -> None:
    accounts.create_agency(session, "Northtown Council", "council", actor=None)
    with pytest.raises(accounts.AgencyExists, match="Northtown"):
        accounts.create_agency(session, "NORTHTOWN council", "council", actor=None)
    with pytest.raises(accounts.AgencyUnknown, match="Agencies here: Northtown Council"):
        accounts.get_agency(session, "Southtown Council")
    with pytest.raises(accounts.AgencyKindUnknown, match="council"):
        accounts.create_agency(session, "Guild", "guild", actor=None)


def test_user_gets_a_hashed_password_and_one_row_a_role(session: Session) -> None:
    agency = accounts.create_agency(session, "Northtown Council", "council", actor=None)
    user = accounts.create_user(session, "Ann@Example.org", "Ann", "correct horse battery", actor=None)
    assert verify_password(user.password_hash, "correct horse battery")
    assert accounts.find_user(session, "ann@example.ORG") is user
    first = accounts.grant_role(session, user, agency, Role.VIEWER, actor=None)
    assert accounts.grant_role(session, user, agency, Role.VIEWER, actor=None) is first
    actions = session.scalars(select(Event.action).where(Event.subject_type == "user_account").order_by(Event.id)).all()
    assert actions == ["create", "grant role"]


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [
        ("nobody", "long enough a password", accounts.EmailInvalid),
        ("a@b@c", "long enough a password", accounts.EmailInvalid),
        ("ann@example.org", "short", accounts.PasswordTooShort),
    ],
)
def test_bad_input_is_refused(session: Session, email: str, password: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        accounts.create_user(session, email, "Ann", password, actor=None)


def test_same_email_in_another_case_is_refused(session: Session) -> None:
    accounts.create_user(session, "ann@example.org", "Ann", "correct horse battery", actor=None)
    with pytest.raises(accounts.UserExists):
        accounts.create_user(session, "ANN@example.org", "Ann", "correct horse battery", actor=None)

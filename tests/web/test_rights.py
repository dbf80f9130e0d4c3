"""What somebody may do is worked out alike in a request and in a job that goes on for them."""

from dataclasses import replace

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.people.programmes import today_of
from estate.register.edits.rights import rights_of_user
from estate.register.seen import THE_PUBLIC, viewer_as
from estate.web.sessions import find_identity
from tests.factories import first_programme, make_agency, make_board, make_membership, make_seat, make_stay, make_user


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("is_partner", [True, False])
def test_a_job_looks_as_the_request_did(session: Session, role: Role, *, is_partner: bool) -> None:
    first_programme(session)
    agency = make_agency(session, is_partner=is_partner)
    if not is_partner:
        make_stay(session, agency, left_on=today_of(session))
    user = make_user(session)
    make_membership(session, user=user, role=role, agency=agency)
    make_seat(session, make_board(session), user=user)
    with Flask(__name__).test_request_context():
        g.database_session = session
        asked = find_identity(user)
    rights = rights_of_user(session, user.id)
    assert rights.identity is not None
    assert replace(rights.identity, board_ids=asked.board_ids, chaired_board_ids=asked.chaired_board_ids) == asked
    assert rights.viewer == viewer_as(asked)
    assert rights.viewer.is_partner == (is_partner or role is Role.ADMINISTRATOR)


def test_nobody_looks_as_the_public(session: Session) -> None:
    rights = rights_of_user(session, None)
    assert rights.viewer == THE_PUBLIC
    assert rights.seen(session, [1]) == set()

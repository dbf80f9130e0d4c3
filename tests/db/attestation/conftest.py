"""A round that is open, and somebody who confirms."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role, User
from estate.register.attestation.reminders import local_today
from estate.register.attestation.rounds import open_round
from estate.register.models import AttestationRound
from tests.factories import make_agency, make_membership, make_user

TODAY = local_today()


@pytest.fixture
def agency(session: Session) -> Agency:
    """Whose records they are."""
    return make_agency(session, name="Alpha Council")


@pytest.fixture
def manager(session: Session, agency: Agency) -> User:
    """The agency's asset manager."""
    user = make_user(session, name="Grace Manager", email="grace@example.org")
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    return user


@pytest.fixture
def opened(session: Session) -> AttestationRound:
    """A round with a month to go."""
    deadline = TODAY + timedelta(days=30)
    return open_round(session, actor=None, name="Records of the year", deadline_on=deadline, today=TODAY)

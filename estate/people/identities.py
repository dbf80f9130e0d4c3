"""Who somebody is today: their roles, and the programmes in which their agencies take part, asked on the day."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from estate.people.accounts import is_administrator
from estate.people.models import User
from estate.people.permissions import Identity, identity_of
from estate.people.programmes import list_programmes, partner_ids_of, programme_ids_of


def identity_today(
    session: Session, user: User, *, board_ids: Collection[int] = (), chaired_board_ids: Collection[int] = ()
) -> Identity:
    """The identity of `user` as it is today: the same in a request and in a job that goes on for them.

    An administrator works in every programme. The seats on boards are given by who knows boards.
    """
    programme_ids = programme_ids_of(session, {held.agency_id for held in user.memberships if held.ended_at is None})
    if is_administrator(user):
        programme_ids = frozenset(programme.id for programme in list_programmes(session))
    return identity_of(
        user,
        board_ids=board_ids,
        chaired_board_ids=chaired_board_ids,
        programme_ids=programme_ids,
        partner_agency_ids=partner_ids_of(session, programme_ids),
    )

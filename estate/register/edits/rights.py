"""What somebody may edit, and which buildings of others they may know of: an edit tells of no other."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, any_, cast, or_, select, true
from sqlalchemy.orm import Session

from estate.people.models import Role, User
from estate.people.permissions import Identity, Permission, can, identity_of
from estate.people.programmes import programme_ids_of
from estate.register.models import Building
from estate.register.programmes import in_programme
from estate.register.seen import Viewer, seen_by
from estate.register.shown import building_ids


@dataclass(frozen=True)
class Rights:
    """The rights of one person at one moment; of nobody: none."""

    identity: Identity | None

    def may_edit(self, record: Building) -> bool:
        """True where the record is theirs to change."""
        return can(self.identity, Permission.EDIT_BUILDING, record)

    @property
    def _is_partner(self) -> bool:
        """Takes part in a programme today, or administers."""
        identity = self.identity
        return identity is not None and bool(identity.programme_ids or identity.roles.get(Role.ADMINISTRATOR))

    def seen(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those of these buildings that they may know of: their agencies' own, and those of their programmes."""
        if self.identity is None or not ids:
            return set()
        own = Building.id.in_(building_ids(Building.agency_id.in_(self.identity.agency_ids)))
        shared = [in_programme(number) for number in self.identity.programme_ids]
        is_shared = or_(own, *shared)
        if self.identity.roles.get(Role.ADMINISTRATOR):
            is_shared = true()
        wanted = Building.id == any_(cast(list(ids), ARRAY(BigInteger)))
        viewer = Viewer(self.identity.agency_ids, self.identity.user_id, is_partner=self._is_partner)
        with seen_by(session, viewer) as reading:
            return set(reading.scalars(select(Building.id).where(wanted, is_shared)))


def rights_of_user(session: Session, user_id: int | None) -> Rights:
    """The rights of a user as they are now; nobody, and a closed account, has none."""
    user = session.get(User, user_id) if user_id else None
    if user is None or not user.is_active:
        return Rights(None)
    agency_ids = {held.agency_id for held in user.memberships if held.ended_at is None}
    return Rights(identity_of(user, programme_ids=programme_ids_of(session, agency_ids)))

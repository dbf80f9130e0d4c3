"""What somebody may edit, and which buildings of others they may know of: an edit tells of no other."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, any_, cast, or_, select, true
from sqlalchemy.orm import Session

from estate.people.identities import identity_today
from estate.people.models import Role, User
from estate.people.permissions import Identity, Permission, can
from estate.register.models import Building
from estate.register.programmes import in_programme
from estate.register.seen import THE_PUBLIC, Viewer, seen_by, viewer_as
from estate.register.shown import building_ids


@dataclass(frozen=True)
class Rights:
    """The rights of one person at one moment; of nobody: none."""

    identity: Identity | None

    def may_edit(self, record: Building) -> bool:
        """True where the record is theirs to change."""
        return can(self.identity, Permission.EDIT_BUILDING, record)

    @property
    def viewer(self) -> Viewer:
        """As whom the person sees the register."""
        return viewer_as(self.identity) if self.identity is not None else THE_PUBLIC

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
        with seen_by(session, self.viewer) as reading:
            return set(reading.scalars(select(Building.id).where(wanted, is_shared)))


def rights_of_user(session: Session, user_id: int | None) -> Rights:
    """The rights of a user as they are now; nobody, and a closed account, has none."""
    user = session.get(User, user_id) if user_id else None
    if user is None or not user.is_active:
        return Rights(None)
    return Rights(identity_today(session, user))

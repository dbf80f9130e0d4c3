"""Who may do what, on one page.

`PERMISSIONS[permission]` is an OR of ANDs: `[[a, b], [c]]` reads "a and b, or c". Each predicate is a small function
`(identity, thing) -> bool`; `thing` is the object asked about, or None where the question is about no object.
"""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from estate.errors import NotAllowed
from estate.people.models import Role, User


class Permission(enum.Enum):
    """What a route or a service asks for."""

    READ_REGISTER = "read the register"
    EDIT_BUILDING = "edit a building"
    ADD_BUILDING = "add a building"
    BULK_EDIT = "change many buildings at once"
    KEEP_VIEW = "keep views of the list"
    IMPORT_FILE = "import a file"
    READ_IMPORT = "read an import"
    READ_MAP = "read maps"
    READ_PROPOSAL = "read proposals"
    START_PROPOSAL = "start a proposal"
    SUBMIT_PROPOSAL = "put a proposal to a board"
    WITHDRAW_PROPOSAL = "withdraw a proposal from a board"
    READ_BOARD = "read boards"
    VOTE = "vote on a proposal"
    DECIDE = "record a board's decision"
    EXPORT_DISPOSALS = "export candidate disposals"
    ADMINISTER = "administer this installation"
    REVIEW_MATCH = "decide which records are one building"
    ATTEST = "confirm the records of this agency"
    CHOOSE_VALUE = "choose which value a building shows"
    OWN_ACCOUNT = "change your own account"


@dataclass(frozen=True)
class Identity:
    """The signed-in user as permissions see them: ids and roles, no database."""

    user_id: int
    name: str
    roles: dict[Role, frozenset[int]] = field(default_factory=dict)
    """Agency ids by role."""
    board_ids: frozenset[int] = frozenset()
    chaired_board_ids: frozenset[int] = frozenset()
    programme_ids: frozenset[int] = frozenset()
    """The programmes in which one of the user's agencies takes part today; all of them for an administrator."""
    partner_agency_ids: frozenset[int] = frozenset()
    """Every agency that takes part in one of these programmes today."""

    @property
    def agency_ids(self) -> frozenset[int]:
        """Every agency for which the user has a role."""
        return frozenset().union(*self.roles.values()) if self.roles else frozenset()


Predicate = Callable[[Identity, Any], bool]


def is_member(identity: Identity, thing: Any) -> bool:
    """Has any role for any agency, whether or not it still takes part in a programme."""
    return bool(identity.roles)


def is_signed_in(identity: Identity, thing: Any) -> bool:
    """Is signed in, with or without a role."""
    return True


def is_administrator(identity: Identity, thing: Any) -> bool:
    """Is an administrator of some agency."""
    return bool(identity.roles.get(Role.ADMINISTRATOR))


def is_asset_manager(identity: Identity, thing: Any) -> bool:
    """Is an asset manager of some agency."""
    return bool(identity.roles.get(Role.ASSET_MANAGER))


def is_board_member(identity: Identity, thing: Any) -> bool:
    """Sits on some board."""
    return bool(identity.board_ids)


def owns(identity: Identity, thing: Any) -> bool:
    """Works for the agency that the thing belongs to (`thing.agency_id`). True where no thing is named."""
    return thing is None or thing.agency_id in identity.roles.get(Role.ASSET_MANAGER, frozenset())


def owns_either(identity: Identity, thing: Any) -> bool:
    """Works for one of the agencies of a pair of records, or of a building (`thing.agency_ids`). True for no thing."""
    return thing is None or bool(thing.agency_ids & identity.roles.get(Role.ASSET_MANAGER, frozenset()))


def takes_part(identity: Identity, thing: Any) -> bool:
    """Works for an agency that takes part today in the thing's programme (`thing.programme_id`); else in any.

    False for a former member: whose agency has stepped back.
    """
    return bool(identity.programme_ids) if thing is None else thing.programme_id in identity.programme_ids


def is_partners(identity: Identity, thing: Any) -> bool:
    """The thing is shared in a programme in which the user takes part (`thing.programme_ids`). True for no thing."""
    return thing is None or bool(thing.programme_ids & identity.programme_ids)


def is_own(identity: Identity, thing: Any) -> bool:
    """The thing is of an agency for which the user has a role (`thing.agency_ids`), partner or not. True for none."""
    return thing is None or bool(thing.agency_ids & identity.agency_ids)


def knows_both(identity: Identity, thing: Any) -> bool:
    """Each agency of a pair of records is the user's own or takes part with it today. True where no thing is named."""
    return thing is None or thing.agency_ids <= identity.agency_ids | identity.partner_agency_ids


def sits_on_board(identity: Identity, thing: Any) -> bool:
    """Sits on the thing's board (`thing.board_id`). True where no thing is named."""
    return thing is None or thing.board_id in identity.board_ids


def chairs_board(identity: Identity, thing: Any) -> bool:
    """Chairs the thing's board (`thing.board_id`); where no thing is named, any board."""
    return bool(identity.chaired_board_ids) if thing is None else thing.board_id in identity.chaired_board_ids


def submitted(identity: Identity, thing: Any) -> bool:
    """Put the thing to its board (`thing.submitted_by_id`). True where no thing is named."""
    return thing is None or thing.submitted_by_id == identity.user_id


def began(identity: Identity, thing: Any) -> bool:
    """Began the thing (`thing.actor_id`). True where no thing is named."""
    return thing is None or thing.actor_id == identity.user_id


def keeps(identity: Identity, thing: Any) -> bool:
    """Owns the thing as a person (`thing.owner_id`). True where no thing is named."""
    return thing is None or thing.owner_id == identity.user_id


PERMISSIONS: dict[Permission, list[list[Predicate]]] = {
    Permission.READ_REGISTER: [[is_administrator], [is_member, is_partners], [is_member, is_own]],
    Permission.EDIT_BUILDING: [[is_administrator], [is_asset_manager, owns]],
    Permission.ADD_BUILDING: [[is_administrator], [is_asset_manager, owns]],
    Permission.BULK_EDIT: [[is_administrator], [is_asset_manager, began]],
    Permission.KEEP_VIEW: [[is_member, keeps]],
    Permission.IMPORT_FILE: [[is_administrator], [is_asset_manager, owns]],
    Permission.READ_IMPORT: [[is_administrator], [is_asset_manager, owns]],
    Permission.READ_MAP: [[is_administrator], [is_member, is_partners], [is_member, is_own]],
    Permission.READ_PROPOSAL: [[is_administrator], [is_member, takes_part]],
    Permission.START_PROPOSAL: [[is_administrator], [is_asset_manager, takes_part]],
    Permission.SUBMIT_PROPOSAL: [[is_administrator], [is_asset_manager, takes_part]],
    Permission.WITHDRAW_PROPOSAL: [[is_administrator], [is_asset_manager, takes_part, submitted]],
    Permission.READ_BOARD: [[is_administrator], [is_member, takes_part]],
    Permission.VOTE: [[is_member, takes_part, is_board_member, sits_on_board]],
    Permission.DECIDE: [[is_member, takes_part, is_board_member, chairs_board]],
    Permission.EXPORT_DISPOSALS: [
        [is_administrator],
        [is_asset_manager, takes_part],
        [is_board_member, takes_part],
    ],
    Permission.ADMINISTER: [[is_administrator]],
    Permission.REVIEW_MATCH: [[is_administrator], [is_asset_manager, owns_either, knows_both]],
    Permission.ATTEST: [[is_asset_manager, owns]],
    Permission.CHOOSE_VALUE: [[is_administrator], [is_asset_manager, owns_either, knows_both]],
    Permission.OWN_ACCOUNT: [[is_signed_in]],
}
"""Who stepped back from a programme keeps what names no partner: its own records, and its own account."""


def can(identity: Identity | None, permission: Permission, thing: Any = None) -> bool:
    """True when `identity` has `permission` on `thing`; nobody has none."""
    if identity is None:
        return False
    return any(all(predicate(identity, thing) for predicate in line) for line in PERMISSIONS[permission])


def require(identity: Identity | None, permission: Permission, thing: Any = None) -> None:
    """Raise `NotAllowed` unless `can`."""
    if not can(identity, permission, thing):
        raise NotAllowed(f"Your role does not allow you to {permission.value}. Ask an administrator of your agency.")


def identity_of(
    user: User,
    *,
    board_ids: Collection[int] = (),
    chaired_board_ids: Collection[int] = (),
    programme_ids: Collection[int] = (),
    partner_agency_ids: Collection[int] = (),
) -> Identity:
    """The identity of `user`, from the roles they hold, the boards they sit on, and where their agencies take part."""
    roles: dict[Role, frozenset[int]] = {}
    for membership in user.memberships:
        if membership.ended_at is not None:
            continue
        roles[membership.role] = roles.get(membership.role, frozenset()) | {membership.agency_id}
    boards = (frozenset(board_ids), frozenset(chaired_board_ids))
    return Identity(user.id, user.name, roles, *boards, frozenset(programme_ids), frozenset(partner_agency_ids))

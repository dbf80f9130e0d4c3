"""Who may do what: the permission page against a table of its own."""

from types import SimpleNamespace

import pytest

from estate.errors import NotAllowed
from estate.people.models import Agency, Membership, Role, User
from estate.people.permissions import PERMISSIONS, Identity, Permission, can, identity_of, require

P = Permission
NOBODY_YET = Identity(1, "No role")
VIEWER = Identity(2, "Viewer", {Role.VIEWER: frozenset({1})})
MANAGER = Identity(3, "Manager", {Role.ASSET_MANAGER: frozenset({1})})
ADMINISTRATOR = Identity(4, "Administrator", {Role.ADMINISTRATOR: frozenset({9})})
MEMBER = Identity(5, "Member", {Role.BOARD_MEMBER: frozenset({1})}, frozenset({7}))
CHAIR = Identity(6, "Chair", {Role.BOARD_MEMBER: frozenset({1})}, frozenset({7}), frozenset({7}))
FORMER_MEMBER = Identity(7, "Former", {Role.BOARD_MEMBER: frozenset({1})})
EVERYBODY = [NOBODY_YET, VIEWER, MANAGER, ADMINISTRATOR, MEMBER, CHAIR, FORMER_MEMBER]

READING = {2, 3, 4, 5, 6, 7}
ALLOWED = {
    P.READ_REGISTER: READING,
    P.EDIT_BUILDING: {3, 4},
    P.ADD_BUILDING: {3, 4},
    P.IMPORT_FILE: {3, 4},
    P.READ_IMPORT: {3, 4},
    P.READ_MAP: READING,
    P.READ_PROPOSAL: READING,
    P.START_PROPOSAL: {3, 4},
    P.SUBMIT_PROPOSAL: {3, 4},
    P.WITHDRAW_PROPOSAL: {3, 4},
    P.REVIEW_MATCH: {3, 4},
    P.CHOOSE_VALUE: {3, 4},
    P.READ_BOARD: READING,
    P.VOTE: {5, 6},
    P.DECIDE: {6},
    P.EXPORT_DISPOSALS: {3, 4, 5, 6},
    P.ADMINISTER: {4},
    P.ATTEST: {3},
    P.OWN_ACCOUNT: {1, *READING},
}


@pytest.mark.parametrize("permission", list(P))
@pytest.mark.parametrize("identity", EVERYBODY, ids=lambda identity: identity.name)
def test_without_a_thing(identity: Identity, permission: Permission) -> None:
    assert can(identity, permission) == (identity.user_id in ALLOWED[permission])


@pytest.mark.parametrize("permission", list(P))
def test_a_visitor_may_nothing(permission: Permission) -> None:
    assert not can(None, permission)


def test_the_page_is_complete() -> None:
    assert set(PERMISSIONS) == set(P) == set(ALLOWED)


@pytest.mark.parametrize("permission", [P.EDIT_BUILDING, P.ADD_BUILDING, P.IMPORT_FILE, P.READ_IMPORT])
def test_an_asset_manager_touches_their_own_agency_only(permission: Permission) -> None:
    own, other = SimpleNamespace(agency_id=1), SimpleNamespace(agency_id=2)
    assert can(MANAGER, permission, own)
    assert not can(MANAGER, permission, other)
    assert can(ADMINISTRATOR, permission, other)
    assert not can(VIEWER, permission, own)


def test_nobody_confirms_for_another_agency_not_even_an_administrator() -> None:
    own, other = SimpleNamespace(agency_id=1), SimpleNamespace(agency_id=2)
    assert can(MANAGER, P.ATTEST, own)
    assert not can(MANAGER, P.ATTEST, other)
    assert not can(ADMINISTRATOR, P.ATTEST, own)


def test_a_viewers_agency_does_not_count_as_an_asset_managers() -> None:
    both = Identity(8, "Both", {Role.VIEWER: frozenset({1}), Role.ASSET_MANAGER: frozenset({2})})
    assert not can(both, P.EDIT_BUILDING, SimpleNamespace(agency_id=1))


def test_votes_and_decisions_stay_on_their_board() -> None:
    own, other = SimpleNamespace(board_id=7), SimpleNamespace(board_id=8)
    assert can(MEMBER, P.VOTE, own)
    assert not can(MEMBER, P.VOTE, other)
    assert not can(MEMBER, P.DECIDE, own)
    assert can(CHAIR, P.DECIDE, own)
    assert not can(CHAIR, P.DECIDE, other)
    assert not can(FORMER_MEMBER, P.VOTE, own)
    assert not can(ADMINISTRATOR, P.VOTE, own)


def test_who_put_it_there_takes_it_back() -> None:
    assert can(MANAGER, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=3))
    assert not can(MANAGER, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=99))
    assert can(ADMINISTRATOR, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=99))


def test_require_says_what_is_not_allowed() -> None:
    with pytest.raises(NotAllowed, match="Your role does not allow you to administer this installation"):
        require(VIEWER, P.ADMINISTER)
    require(ADMINISTRATOR, P.ADMINISTER)


def test_identity_of_a_user() -> None:
    user = User(id=5, name="Two roles", email="a@example.org")
    user.memberships = [
        Membership(user_id=5, agency_id=1, role=Role.VIEWER, agency=Agency(id=1)),
        Membership(user_id=5, agency_id=2, role=Role.VIEWER, agency=Agency(id=2)),
        Membership(user_id=5, agency_id=3, role=Role.ADMINISTRATOR, agency=Agency(id=3)),
    ]
    identity = identity_of(user, board_ids={7}, chaired_board_ids=set())
    assert identity.roles == {Role.VIEWER: {1, 2}, Role.ADMINISTRATOR: {3}}
    assert identity.agency_ids == {1, 2, 3}
    assert identity.board_ids == {7}
    assert NOBODY_YET.agency_ids == frozenset()

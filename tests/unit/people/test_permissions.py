"""Who may do what: the permission page against a table of its own."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from estate.errors import NotAllowed
from estate.people.models import Agency, Membership, Role, User
from estate.people.permissions import PERMISSIONS, Identity, Permission, can, identity_of, require

P = Permission
NOBODY_YET = Identity(1, "No role")
PARTNERS: dict[str, Any] = {"programme_ids": frozenset({20}), "partner_agency_ids": frozenset({1, 2})}
VIEWER = Identity(2, "Viewer", {Role.VIEWER: frozenset({1})}, **PARTNERS)
MANAGER = Identity(3, "Manager", {Role.ASSET_MANAGER: frozenset({1})}, **PARTNERS)
ADMINISTRATOR = Identity(4, "Administrator", {Role.ADMINISTRATOR: frozenset({9})}, programme_ids=frozenset({20, 21}))
MEMBER = Identity(5, "Member", {Role.BOARD_MEMBER: frozenset({1})}, frozenset({7}), **PARTNERS)
CHAIR = Identity(6, "Chair", {Role.BOARD_MEMBER: frozenset({1})}, frozenset({7}), frozenset({7}), **PARTNERS)
FORMER_MEMBER = Identity(7, "Former", {Role.BOARD_MEMBER: frozenset({1})}, **PARTNERS)
STEPPED_BACK = Identity(
    8,
    "Every role for an agency that stepped back, and seats that nobody ended",
    dict.fromkeys([Role.ASSET_MANAGER, Role.BOARD_MEMBER, Role.VIEWER], frozenset({1})),
    frozenset({7}),
    frozenset({7}),
)
EVERYBODY = [NOBODY_YET, VIEWER, MANAGER, ADMINISTRATOR, MEMBER, CHAIR, FORMER_MEMBER, STEPPED_BACK]

READING = {2, 3, 4, 5, 6, 7, 8}
TAKING_PART = READING - {8}
ALLOWED = {
    P.READ_REGISTER: READING,
    P.EDIT_BUILDING: {3, 4, 8},
    P.ADD_BUILDING: {3, 4, 8},
    P.BULK_EDIT: {3, 4, 8},
    P.KEEP_VIEW: READING,
    P.IMPORT_FILE: {3, 4, 8},
    P.READ_IMPORT: {3, 4, 8},
    P.READ_MAP: READING,
    P.READ_PROPOSAL: TAKING_PART,
    P.START_PROPOSAL: {3, 4},
    P.SUBMIT_PROPOSAL: {3, 4},
    P.WITHDRAW_PROPOSAL: {3, 4},
    P.REVIEW_MATCH: {3, 4, 8},
    P.CHOOSE_VALUE: {3, 4, 8},
    P.READ_BOARD: TAKING_PART,
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
    both = Identity(9, "Both", {Role.VIEWER: frozenset({1}), Role.ASSET_MANAGER: frozenset({2})})
    assert not can(both, P.EDIT_BUILDING, SimpleNamespace(agency_id=1))


def test_votes_and_decisions_stay_on_their_board() -> None:
    own, other = SimpleNamespace(board_id=7, programme_id=20), SimpleNamespace(board_id=8, programme_id=20)
    assert can(MEMBER, P.VOTE, own)
    assert not can(MEMBER, P.VOTE, other)
    assert not can(MEMBER, P.DECIDE, own)
    assert can(CHAIR, P.DECIDE, own)
    assert not can(CHAIR, P.DECIDE, other)
    assert not can(FORMER_MEMBER, P.VOTE, own)
    assert not can(ADMINISTRATOR, P.VOTE, own)


def test_who_put_it_there_takes_it_back() -> None:
    assert can(MANAGER, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=3, programme_id=20))
    assert not can(MANAGER, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=99, programme_id=20))
    assert not can(MANAGER, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=3, programme_id=21))
    assert can(ADMINISTRATOR, P.WITHDRAW_PROPOSAL, SimpleNamespace(submitted_by_id=99, programme_id=20))


PARTNERSHIP = [P.READ_PROPOSAL, P.START_PROPOSAL, P.SUBMIT_PROPOSAL, P.READ_BOARD, P.EXPORT_DISPOSALS]


@pytest.mark.parametrize("permission", [*PARTNERSHIP, P.VOTE, P.DECIDE, P.WITHDRAW_PROPOSAL])
def test_who_stepped_back_loses_what_only_partners_may(permission: Permission) -> None:
    thing = SimpleNamespace(programme_id=20, board_id=7, submitted_by_id=8)
    assert not can(STEPPED_BACK, permission)
    assert not can(STEPPED_BACK, permission, thing)
    rejoined = replace(STEPPED_BACK, programme_ids=frozenset({20}))
    assert can(rejoined, permission, thing)
    elsewhere = SimpleNamespace(programme_id=21, board_id=7, submitted_by_id=8)
    assert not can(rejoined, permission, elsewhere)


@pytest.mark.parametrize("permission", [P.READ_REGISTER, P.READ_MAP])
def test_a_building_is_read_by_its_own_agency_and_its_partners(permission: Permission) -> None:
    own = SimpleNamespace(agency_ids=frozenset({1}), programme_ids=frozenset())
    partners = SimpleNamespace(agency_ids=frozenset({2}), programme_ids=frozenset({20}))
    elsewhere = SimpleNamespace(agency_ids=frozenset({3}), programme_ids=frozenset({21}))
    for identity in (VIEWER, MANAGER, MEMBER):
        assert [can(identity, permission, thing) for thing in (own, partners, elsewhere)] == [True, True, False]
    assert [can(STEPPED_BACK, permission, thing) for thing in (own, partners, elsewhere)] == [True, False, False]
    assert can(ADMINISTRATOR, permission, elsewhere)


def test_a_pair_is_judged_by_who_may_see_both_records() -> None:
    own, shared = SimpleNamespace(agency_ids=frozenset({1})), SimpleNamespace(agency_ids=frozenset({1, 2}))
    left = SimpleNamespace(agency_ids=frozenset({1, 3}))
    assert [can(MANAGER, P.REVIEW_MATCH, pair) for pair in (own, shared, left)] == [True, True, False]
    assert [can(STEPPED_BACK, P.REVIEW_MATCH, pair) for pair in (own, shared, left)] == [True, False, False]


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

"""Two people change one building, or one of its parts: both versions side by side, and a choice only where both did."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from html import unescape
from itertools import count
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.changes import change_building
from estate.register.models import Building, Interest
from estate.register.part_changes import change_interest
from tests.factories import make_building, make_interest
from tests.web.conftest import Client, SignIn


@pytest.fixture
def building(session: Session) -> Building:
    return make_building(session, name="Old Hall", built_year=1900, net_internal_area_m2=Decimal(500))


@pytest.fixture
def manager(sign_in: SignIn, building: Building) -> Client:
    return sign_in(Role.ASSET_MANAGER, building.agency)


def opened(browser: Client, path: str) -> dict[str, str]:
    """What a browser would send of the form as it stands now."""
    page = browser.get(path).text
    main = page[page.index("<main") :]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", main):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_box = found.get("type") in ("checkbox", "radio")
        if "name" in found and (not is_box or " checked" in tag):
            sent[found["name"]] = unescape(found.get("value", ""))
    for name, inner in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', inner)
        sent[name] = chosen[1] if chosen else ""
    for name, inner in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>(.*?)</textarea>', main, re.DOTALL):
        sent[name] = unescape(inner)
    return sent


_sets = count(1)


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Within one transaction the database keeps one version of a row, unless they are of different change sets."""
    begin_change_set(session, f"import:{next(_sets)}")
    yield
    end_change_set(session)


def theirs(session: Session, building: Building, **fields: Any) -> None:
    building = session.get_one(Building, building.id)
    with kept(session):
        change_building(session, building, version=building.version, actor=None, reason="Their survey", **fields)


def test_different_fields_need_no_choice_and_both_stand(manager: Client, session: Session, building: Building) -> None:
    path = f"/buildings/{building.id}/edit"
    form = opened(manager, path)
    theirs(session, building, built_year=1955)
    response = manager.submit(path, {**form, "street": "High Street", "reason": "Mine"}, page="/account")
    assert response.status_code == 409
    page = unescape(response.text)
    for shown in [
        "Somebody else changed this first",
        "Their survey",
        "1900",
        "1955",
        "High Street",
        "only you changed",
    ]:
        assert shown in page, shown
    assert 'type="radio"' not in page
    again = {**form, "street": "High Street", "reason": "Mine", "version": "2", "base_version": "1"}
    assert manager.submit(path, again, page="/account").status_code == 302
    stored = session.get_one(Building, building.id)
    assert (stored.street, stored.built_year, stored.version) == ("High Street", 1955, 3)


@pytest.mark.parametrize(("choice", "expected"), [("mine", "My Hall"), ("theirs", "Their Hall")])
def test_a_clash_needs_a_choice(
    manager: Client, session: Session, building: Building, choice: str, expected: str
) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "name": "My Hall", "reason": "Mine"}
    theirs(session, building, name="Their Hall", note="Theirs too")
    page = unescape(manager.submit(path, form, page="/account").text)
    assert page.count('type="radio"') == 2
    for shown in ["Old Hall", "Their Hall", "My Hall", "1 field was changed by both"]:
        assert shown in page, shown
    open_clash = {**form, "version": "2", "base_version": "1"}
    response = manager.submit(path, open_clash, page="/account")
    assert response.status_code == 409
    assert "Choose a value: Name" in response.text
    assert session.get_one(Building, building.id).name == "Their Hall"
    assert manager.submit(path, {**open_clash, "choice-name": choice}, page="/account").status_code == 302
    stored = session.get_one(Building, building.id)
    assert (stored.name, stored.note) == (expected, "Theirs too")


def test_a_third_change_brings_the_screen_again(manager: Client, session: Session, building: Building) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "name": "My Hall", "reason": "Mine"}
    theirs(session, building, name="Their Hall")
    assert manager.submit(path, form, page="/account").status_code == 409
    theirs(session, building, name="Third Hall")
    sent = {**form, "version": "2", "base_version": "1", "choice-name": "mine"}
    response = manager.submit(path, sent, page="/account")
    assert response.status_code == 409
    assert "Third Hall" in response.text
    assert " checked" not in response.text
    assert session.get_one(Building, building.id).name == "Third Hall"


def test_a_broken_rule_after_merging_keeps_what_was_decided(
    manager: Client, session: Session, building: Building
) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "net_internal_area_m2": "900", "reason": "Mine"}
    theirs(session, building, gross_internal_area_m2=Decimal(600), note="Theirs")
    assert manager.submit(path, form, page="/account").status_code == 409
    response = manager.submit(path, {**form, "version": "2", "base_version": "1"}, page="/account")
    assert response.status_code == 422
    page = unescape(response.text)
    for shown in ["can't be more than the gross", 'value="600"', 'value="900"', "Theirs", 'name="version"']:
        assert shown in page, shown
    assert session.get_one(Building, building.id).net_internal_area_m2 == Decimal(500)


def test_the_same_change_by_both_leaves_nothing_to_do(manager: Client, session: Session, building: Building) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "name": "New Hall", "is_listed": "y", "reason": "Mine"}
    theirs(session, building, name="New Hall", is_listed=True)
    page = manager.submit(path, form, page="/account").text
    assert "the same for both" in page
    assert manager.submit(path, {**form, "version": "2", "base_version": "1"}, page="/account").status_code == 302
    assert session.get_one(Building, building.id).version == 2


@pytest.mark.parametrize("base", ["0", "-1", "99", "999999999999"])
def test_a_base_that_never_was_takes_every_difference_for_a_clash(
    manager: Client, session: Session, building: Building, base: str
) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "name": "My Hall", "reason": "Mine", "base_version": base}
    assert manager.submit(path, form, page="/account").status_code in (302, 409)
    name = session.get_one(Building, building.id).name
    assert name in ("Old Hall", "My Hall")


def test_made_up_choices_are_refused(manager: Client, building: Building) -> None:
    path = f"/buildings/{building.id}/edit"
    form = {**opened(manager, path), "reason": "x", "choice-agency_id": "mine"}
    assert manager.submit(path, form, page="/account").status_code == 422


def test_parts_merge_too(manager: Client, session: Session, building: Building) -> None:
    interest = make_interest(session, building, landlord="Old Toll Ltd")
    path = f"/buildings/{building.id}/interests/{interest.id}"
    form = {**opened(manager, path), "landlord": "Mine Ltd", "tenure_detail": "ours", "reason": "Mine"}
    with kept(session):
        change_interest(session, interest, version=1, actor=None, reason="Theirs", landlord="Theirs Ltd")
    page = unescape(manager.submit(path, form, page="/account").text)
    for shown in ["Old Toll Ltd", "Theirs Ltd", "Mine Ltd"]:
        assert shown in page, shown
    sent = {**form, "version": "2", "base_version": "1", "choice-landlord": "theirs"}
    assert manager.submit(path, sent, page="/account").status_code == 302
    stored = session.get_one(Interest, interest.id)
    assert (stored.landlord, stored.tenure_detail) == ("Theirs Ltd", "ours")

"""No page, file, map, error or log tells somebody what they may not see: a crawl of every route, with real ids."""

import inspect
import logging
import re
from itertools import islice, product

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from estate.people.models import Membership, Role
from tests.factories import make_board, make_membership, make_seat, make_user
from tests.web import canaries as planted
from tests.web.canaries import MAPPED, WORD, Place, canaries_in, plant, plant_in_fields, text_of
from tests.web.conftest import PASSWORD, Client, SignIn

QUERIES = {
    "buildings.index": [
        f"text={WORD}",
        "text=ZQ9",
        "text=919293949596",
        "sort=-cost",
        "status=active",
        "attention=no_use",
    ],
    "buildings.download": [f"text={WORD}", "sort=-cost"],
    "ogc.items": [f"text={WORD}", "status=active", "bbox=-3.45,53.4,-3.44,53.41"],
    "maps.index": ["measure=cost", "measure=cost_per_m2", "measure=vacant"],
    "maps.access.index": ["further=0.1", "show=areas"],
    "maps.buildings": [f"text={WORD}", "sort=-cost"],
    "matches.why": [f"text={WORD}"],
    "matches.index": ["agency=1", "last=1"],
    "home.index": [],
}
PLANTED = inspect.getsource(planted).replace("{WORD}", WORD)
"""What is planted, in the words of the code that plants it."""
NOT_VISITED = {
    "auth.sign_out",
    "static",
    "administration.users.end_sessions",
    "administration.users.changes.deactivate",
}
"""They would end the crawl, or hold no data of the register."""


@pytest.fixture
def place(session: Session) -> Place:
    return plant(session)


def addresses(app: Flask, place: Place) -> list[tuple[str, str, str]]:
    """Endpoint, method and address of every route, filled with ids of restricted things."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in NOT_VISITED:
            continue
        filled = list(_filled(rule, place))
        assert filled, f"no address for {rule}: teach tests/web/canaries.py what {sorted(rule.arguments)} are"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found += [(rule.endpoint, method, path) for path in filled]
            if method == "GET":
                found += [
                    (rule.endpoint, method, f"{path}?{query}")
                    for path in filled
                    for query in QUERIES.get(rule.endpoint, [])
                ]
    return found


def _filled(rule: Rule, place: Place) -> list[str]:
    names = sorted(rule.arguments)
    choices = []
    for name in names:
        known = place.ids.get(name, [])
        converter = rule._converters[name]
        if type(converter).__name__ == "AnyConverter":
            known = sorted(converter.items)
        elif not known and type(converter).__name__ == "IntegerConverter":
            known = [building.id for building in place.hidden]
        choices.append(known)
    built = (rule.build(dict(zip(names, values, strict=True))) for values in islice(product(*choices), 24))
    return [path[1] for path in built if path]


def crawl(
    app: Flask, browser: Client, place: Place, *, is_signed_in: bool, may_see: tuple[str, ...] = ()
) -> tuple[list[str], set[str]]:
    """Where canaries were seen, less those that the reader may see, and the endpoints that were asked."""
    page = "/account" if is_signed_in else "/sign-in"
    token, wrong, seen = browser.csrf_token(page), [], set()
    for endpoint, method, path in addresses(app, place):
        data = {"csrf_token": token} if method != "GET" else None
        answer = browser.open(path, method=method, data=data)
        assert answer.status_code < 500, f"{method} {path}"
        text = text_of(answer.data)
        typed = path.partition("text=")[2]
        canaries = canaries_in(text + str(answer.headers))
        canaries = [word for word in canaries if word not in may_see and (word != typed or _beyond_the_search(text))]
        if canaries:
            wrong.append(f"{method} {path}: {canaries}")
        seen.add(endpoint)
    return wrong, seen


def _beyond_the_search(text: str) -> bool:
    """True where the word stands with more than what the reader typed, as all planted texts do."""
    return (
        any(f"{WORD} {rest}" in text for rest in re.findall(rf"{WORD} ([a-z]+)", PLANTED, re.IGNORECASE))
        or f"{WORD}ville" in text
    )


def other_agency(session: Session, sign_in: SignIn, place: Place, role: Role) -> Client:
    """Somebody with a role for the council, and a chair where the role is a board's."""
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=role, agency=place.council)
    if role is Role.BOARD_MEMBER:
        make_seat(session, make_board(session), user=user, is_chair=True)
    return sign_in(user=user)


@pytest.mark.parametrize(
    ("role", "are_fields_kept_back"),
    [
        (Role.ADMINISTRATOR, False),
        (Role.ADMINISTRATOR, True),
        (Role.ASSET_MANAGER, False),
        (Role.ASSET_MANAGER, True),
        (Role.BOARD_MEMBER, True),
    ],
)
def test_another_agency_sees_no_canary(
    role: Role,
    app: Flask,
    session: Session,
    sign_in: SignIn,
    place: Place,
    caplog: pytest.LogCaptureFixture,
    *,
    are_fields_kept_back: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    if are_fields_kept_back:
        plant_in_fields(session, place)
    browser = other_agency(session, sign_in, place, role)
    may_see = (MAPPED,) if role is Role.ADMINISTRATOR else ()
    wrong, seen = crawl(app, browser, place, is_signed_in=True, may_see=may_see)
    assert not wrong
    told = [record.getMessage() for record in caplog.records if "text=" not in record.getMessage()]
    assert not canaries_in("\n".join(told))
    assert seen == {rule.endpoint for rule in app.url_map.iter_rules()} - NOT_VISITED


def test_a_former_member_sees_no_canary(app: Flask, session: Session, sign_in: SignIn, place: Place) -> None:
    user = make_user(session, password=PASSWORD)
    for role in Role:
        make_membership(session, user=user, role=role, agency=place.police)
    browser = sign_in(user=user)
    session.execute(delete(Membership).where(Membership.user_id == user.id))
    assert crawl(app, browser, place, is_signed_in=True)[0] == []


def test_a_visitor_sees_no_canary(app: Flask, client: Client, place: Place) -> None:
    assert crawl(app, client, place, is_signed_in=False)[0] == []


def test_its_own_agency_sees_them(sign_in: SignIn, place: Place) -> None:
    """The canaries are where the crawl looks for them: otherwise it would prove nothing."""
    browser = sign_in(Role.ASSET_MANAGER, place.police)
    for building in place.hidden:
        page = browser.get(f"/buildings/{building.id}").text
        assert {WORD, "77717771", "88818881", "99919991", "66616661", "4551555", "17 July 2043"} <= set(
            canaries_in(page)
        )
        assert canaries_in(browser.get(f"/maps/buildings/{building.id}/frame").text)
        assert canaries_in(browser.get(f"/buildings/{building.id}/history").text)
    for path in (
        "/ogc/collections/buildings/items", "/buildings", "/buildings.csv",
        "/maps/buildings", "/maps/buildings.csv", "/", "/imports",
        *(f"/proposals/{number}/buildings.csv" for number in place.ids["proposal_id"]),
        *(f"/decisions/{number}" for number in place.ids["decision_id"]),
        f"/imports/{place.ids['import_id'][0]}",
    ):  # fmt: skip
        assert canaries_in(browser.get(path).text), path

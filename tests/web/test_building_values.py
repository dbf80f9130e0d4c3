"""Choosing a value over HTTP: who may, what it changes on every page, conflicts, stale forms, taking back."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.register.matches.decide import Said, decide
from estate.register.models import Building, FieldOverride, MatchVerdict
from tests.factories import make_agency, make_building, make_interest, make_running_cost
from tests.web.conftest import Client, SignIn


@pytest.fixture
def pair(session: Session) -> tuple[Building, Building]:
    """One building by two agencies that differ in floor area."""
    low = make_building(
        session,
        name="Town Hall",
        gross_internal_area_m2=Decimal(1000),
        agency=make_agency(session, name="Alpha Council"),
    )
    high = make_building(
        session, name="<Hub>", gross_internal_area_m2=Decimal(1200), agency=make_agency(session, name="Beta Trust")
    )
    make_interest(session, low)
    make_running_cost(session, low, amount=Decimal(9000))
    decide(session, low, high, Said(MatchVerdict.SAME, "One front door", None))
    return low, high


@pytest.fixture
def manager(sign_in: SignIn, pair: tuple[Building, Building]) -> Client:
    """The asset manager of the newer record's agency: the building stands under the other's number."""
    return sign_in(Role.ASSET_MANAGER, pair[1].agency)


AREA = "gross_internal_area_m2"


def store(client: Client, building: Building, field: str, **data: object):  # type: ignore[no-untyped-def]
    sent = {"reason": "Measured by tape", "seen": "", "back": "", **data}
    return client.submit(f"/buildings/{building.id}/values/{field}", sent, page="/account")


def choices(session: Session) -> list[FieldOverride]:
    return list(session.scalars(select(FieldOverride).order_by(FieldOverride.id)))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_says_what_each_record_says_and_by_which_rule(
    manager: Client, pair: tuple[Building, Building]
) -> None:
    page = manager.get(f"/buildings/{pair[0].id}").text
    told = words(page)
    assert "Newest of two" in told
    assert "The owner's" in told.replace("&#39;", "'")
    assert "Also known as: &lt;Hub&gt;." in told
    assert f"/buildings/{pair[0].id}/values/{AREA}" in page
    assert "not from a file" in told


def test_a_record_s_value_is_chosen_and_taken_back(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    low = pair[0]
    asked = manager.get(f"/buildings/{low.id}/values/{AREA}").text
    assert "1,200\N{NO-BREAK SPACE}m²: Beta Trust" in asked
    answer = store(manager, low, AREA, given=str(low.id), typed="")
    assert answer.headers["Location"] == f"/buildings/{low.id}#says"
    assert [(row.value, row.from_id, row.building_id) for row in choices(session)] == [("1000.00", low.id, low.id)]
    page = words(manager.get(f"/buildings/{low.id}").text)
    assert "Measured by tape" in page
    assert "gross: 1,000 m²" in page
    choice = choices(session)[0]
    undone = manager.submit(f"/values/{choice.id}/take-back", {"reason": "Wrong tape", "back": ""}, page="/account")
    assert undone.status_code == 302
    assert "gross: 1,200 m²" in words(manager.get(f"/buildings/{low.id}").text)
    assert "Wrong tape" in manager.get(f"/buildings/{low.id}/values/{AREA}").text


@pytest.mark.parametrize(
    ("field", "data", "status", "kept"),
    [
        (AREA, {"given": "typed", "typed": "1,100"}, 302, "1100.00"),
        (AREA, {"given": "typed", "typed": "much"}, 422, None),
        (AREA, {"given": "typed", "typed": ""}, 422, None),
        (AREA, {"given": "typed", "typed": "5", "reason": " "}, 422, None),
        (AREA, {"given": "999", "typed": ""}, 422, None),
        (AREA, {"typed": "5"}, 422, None),
        (AREA, {"given": "typed", "typed": "5", "canonical_id": "3"}, 422, None),
        ("name", {"given": "typed", "typed": "=Town Hall"}, 302, "=Town Hall"),
        ("uprn", {"given": "typed", "typed": "1.00E+11"}, 422, None),
        ("status", {"given": "typed", "typed": "retired"}, 422, None),
        ("status", {"given": "typed", "typed": "surplus"}, 302, "surplus"),
        ("use_class_code", {"given": "typed", "typed": "library"}, 302, "library"),
        ("use_class_code", {"given": "typed", "typed": "castle"}, 422, None),
        ("built_year", {"given": "typed", "typed": "99999"}, 422, None),
    ],
)
def test_what_is_typed_is_checked(
    manager: Client, pair: tuple[Building, Building], session: Session, field: str, data: dict, status: int, kept: str
) -> None:
    assert store(manager, pair[0], field, **data).status_code == status
    assert [row.value for row in choices(session)] == ([kept] if kept else [])


def test_a_position_is_typed_as_degrees(manager: Client, pair: tuple[Building, Building], session: Session) -> None:
    low = pair[0]
    assert store(manager, low, "location", given="typed", latitude="53.41", longitude="").status_code == 422
    assert store(manager, low, "location", given="typed", latitude="53.41", longitude="-2.29").status_code == 302
    assert choices(session)[0].field == "location"
    assert "Coordinates" in words(manager.get(f"/buildings/{low.id}/values/location").text)


def test_a_stale_form_stores_nothing_and_shows_what_holds_now(
    manager: Client, pair: tuple[Building, Building], session: Session
) -> None:
    low = pair[0]
    store(manager, low, AREA, given="typed", typed="1100")
    stale = store(manager, low, AREA, given="typed", typed="1150")
    assert stale.status_code == 409
    assert "Somebody chose a value" in stale.text
    assert "1,100\N{NO-BREAK SPACE}m²" in stale.text
    assert 'value="1150"' in stale.text
    assert [row.value for row in choices(session)] == ["1100.00"]
    again = store(manager, low, AREA, given="typed", typed="1150", seen=str(choices(session)[0].id))
    assert again.status_code == 302
    taken = f"/values/{choices(session)[0].id}/take-back"
    assert manager.submit(taken, {"reason": "x", "back": ""}, page="/account").status_code == 409


def test_only_the_building_s_agencies_and_administrators_choose(
    sign_in: SignIn, pair: tuple[Building, Building], session: Session
) -> None:
    low = pair[0]
    stranger = sign_in(Role.ASSET_MANAGER, make_agency(session))
    path = f"/buildings/{low.id}/values/{AREA}"
    assert stranger.get(path).status_code == 404
    assert store(stranger, low, AREA, given="typed", typed="5").status_code == 404
    assert path not in stranger.get(f"/buildings/{low.id}").text
    viewer = sign_in(Role.VIEWER, low.agency)
    assert viewer.get(path).status_code == 403
    for client in (sign_in(Role.ADMINISTRATOR, make_agency(session)), sign_in(Role.ASSET_MANAGER, pair[1].agency)):
        assert client.get(path).status_code == 200
    store(sign_in(Role.ASSET_MANAGER, low.agency), low, AREA, given="typed", typed="5")
    take_back = f"/values/{choices(session)[0].id}/take-back"
    assert stranger.submit(take_back, {"reason": "x", "back": ""}, page="/account").status_code == 404
    assert choices(session)[0].retracted_at is None


def test_unknown_fields_records_and_choices_are_not_found(manager: Client, pair: tuple[Building, Building]) -> None:
    for path in ("agency_id", "epc", "canonical_id"):
        assert manager.get(f"/buildings/{pair[0].id}/values/{path}").status_code == 404
    assert manager.get(f"/buildings/999999/values/{AREA}").status_code == 404
    assert manager.submit("/values/999999/take-back", {"reason": "x", "back": ""}, page="/account").status_code == 404


def test_conflicts_are_settled_where_they_are_listed(
    manager: Client, pair: tuple[Building, Building], session: Session, sign_in: SignIn
) -> None:
    low, high = pair
    page = manager.get("/matches/conflicts").text
    assert "Gross internal area" in page
    assert "£9,000" in page
    data = {"given": str(low.id), "back": "conflicts"}
    assert store(manager, low, AREA, **data).headers["Location"] == "/matches/conflicts"
    assert "No conflict" in manager.get("/matches/conflicts").text
    low.gross_internal_area_m2 = Decimal(700)
    session.flush()
    assert "says something else by now" in manager.get("/matches/conflicts").text
    assert "No conflict" in manager.get("/matches/conflicts?agency=999999").text
    stranger = sign_in(Role.ASSET_MANAGER, make_agency(session))
    assert "No conflict" in stranger.get("/matches/conflicts").text
    assert "Town Hall" in stranger.get(f"/matches/conflicts?agency={low.agency_id}").text
    assert "/values/" not in stranger.get(f"/matches/conflicts?agency={low.agency_id}").text
    assert "Town Hall" in manager.get(f"/matches/conflicts?agency={high.agency_id}&page=99").text


def test_the_history_tells_of_the_choice(manager: Client, pair: tuple[Building, Building]) -> None:
    store(manager, pair[0], "name", given="typed", typed="The Old Town Hall")
    page = words(manager.get(f"/buildings/{pair[0].id}").text)
    assert "Value chosen by a steward" in page
    assert "The Old Town Hall" in page
    assert "Also known as: &lt;Hub&gt;; Town Hall." in page

"""Pages of levels: setting one, the stub that others see, what the figures leave out, and the levels of fields."""

import re
from datetime import date, timedelta

import pytest

from estate.people.models import Role
from estate.register.matches.decide import Said, decide
from estate.register.models import MatchCandidate, MatchVerdict, Sensitivity
from estate.register.sensitivity import change_field_level, change_sensitivity
from tests import factories
from tests.web.canaries import text_of


@pytest.fixture
def police(session):
    factories.make_place(session)
    return factories.make_agency(session, name="Shire Police")


@pytest.fixture
def suite(session, police):
    return factories.make_building(session, agency=police, name="Custody Suite", lonlat=None)


def send(browser, building, level, **fields):
    address = f"/buildings/{building.id}/level"
    data = {"level": level, "version": str(building.version), "reason": "Custody", **fields}
    return browser.submit(address, data, page=address)


def test_its_asset_manager_sets_the_level_with_a_reason(sign_in, police, suite, session):
    manager = sign_in(Role.ASSET_MANAGER, police)
    page = manager.get(f"/buildings/{suite.id}").text
    assert f'href="/buildings/{suite.id}/level"' in page
    form = manager.get(f"/buildings/{suite.id}/level").text
    assert all(words in form for words in ("Open:", "Partner:", "Owner:", "Secret:", "no name, address, UPRN"))
    assert "Say why you make this change" in send(manager, suite, "owner", reason=" ").text
    assert send(manager, suite, "anybody").status_code == 422
    assert send(manager, suite, "owner", version="77").status_code == 409
    assert suite.sensitivity is Sensitivity.PARTNER
    assert send(manager, suite, "owner").location == f"/buildings/{suite.id}"
    assert suite.sensitivity is Sensitivity.OWNER
    page = manager.get(f"/buildings/{suite.id}").text
    assert "Who may see it changed" in page
    assert "Custody" in page


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ASSET_MANAGER])
def test_nobody_of_another_agency_sets_it(role, sign_in, suite, session):
    browser = sign_in(role)
    status = 403 if role is Role.ADMINISTRATOR else 404
    assert browser.get(f"/buildings/{suite.id}/level").status_code == status
    answer = browser.submit(f"/buildings/{suite.id}/level", {"level": "open", "reason": "x"}, page="/account")
    assert answer.status_code == status
    assert suite.sensitivity is Sensitivity.PARTNER


def test_others_see_a_stub_of_an_owner_record(sign_in, suite, session):
    suite.sensitivity = Sensitivity.OWNER
    session.flush()
    other = sign_in(Role.VIEWER)
    page = other.get(f"/buildings/{suite.id}")
    assert page.status_code == 200
    assert "A restricted building of Shire Police" in page.text
    assert "Custody" not in page.text
    assert "1 restricted building of other agencies" in other.get("/buildings").text
    assert "restricted building" not in other.get("/buildings?text=Custody").text.split("Buildings</h1>")[1]
    assert "1 restricted building of other agencies is not in these figures." in other.get("/").text
    for path in ("history", "records", "edit", "retire", "level"):
        assert other.get(f"/buildings/{suite.id}/{path}").status_code in (403, 404), path
    assert other.get(f"/buildings/{suite.id}?as_at=2020-01-01").status_code == 404


def test_others_see_nothing_of_a_secret_record(sign_in, suite, session):
    suite.sensitivity = Sensitivity.SECRET
    session.flush()
    other = sign_in(Role.VIEWER)
    hidden, absent = (other.get(f"/buildings/{number}") for number in (suite.id, 99999))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert re.sub('value="[^"]+"', "", hidden.text) == re.sub('value="[^"]+"', "", absent.text)
    assert "restricted building" not in other.get("/buildings").text + other.get("/").text


def test_what_may_leave_the_partnership(sign_in, police, suite, session):
    opened = factories.make_building(session, agency=police, name="Front Desk", sensitivity=Sensitivity.OPEN)
    factories.make_running_cost(session, opened)
    answer = sign_in(Role.VIEWER, police).get("/buildings-open.csv")
    rows = text_of(answer.data).splitlines()
    assert answer.headers["Content-Disposition"] == "attachment; filename=open-buildings.csv"
    assert len(rows) == 2
    assert "Front Desk" in rows[1]
    assert "12000" not in rows[1]


def test_a_withheld_field_is_said_to_be_kept_back(sign_in, session, police):
    today = date.today()  # noqa: DTZ011
    hall = factories.make_building(session, agency=police)
    factories.make_interest(session, hall, tenure="leasehold", landlord="Lord Muck", rent_per_year=4321)
    factories.make_valuation(session, hall, amount=987654)
    for code in ("rent", "landlord", "valuation"):
        change_field_level(session, code, Sensitivity.OWNER, valid_from=today, actor=None, reason="Commercial")
    own, other = (sign_in(Role.VIEWER, agency).get(f"/buildings/{hall.id}").text for agency in (police, None))
    assert all(words in own for words in ("Lord Muck", "4,321", "987,654"))
    assert not any(words in other for words in ("Lord Muck", "4,321", "987,654"))
    assert other.count("kept back by its agency") == 3
    change_field_level(session, "rent", Sensitivity.SECRET, valid_from=today, actor=None, reason="More so")
    assert sign_in(Role.VIEWER).get(f"/buildings/{hall.id}").text.count("kept back by its agency") == 2


def test_an_administrator_changes_the_level_of_a_field(sign_in, session):
    administrator = sign_in(Role.ADMINISTRATOR)
    assert "Rent of a lease" in administrator.get("/administration/fields").text
    address = "/administration/fields/rent"
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011
    day = {"valid_from": tomorrow.isoformat()}
    refused = administrator.submit(address, {"level": "owner", "valid_from": "2020-01-01", "reason": "x"}, page=address)
    assert refused.status_code == 422
    assert "Choose today or a later day" in refused.text
    answer = administrator.submit(address, {"level": "owner", "reason": "Commercial", **day}, page=address)
    assert answer.location == "/administration/fields"
    assert f"Owner from {tomorrow.day} {tomorrow:%B %Y}" in administrator.get("/administration/fields").text
    assert "Commercial" in administrator.get(address).text
    assert administrator.get("/administration/fields/nothing").status_code == 404


def test_the_levels_are_explained_to_everybody(sign_in):
    page = sign_in(Role.VIEWER).get("/levels").text
    assert "Rent of a lease" in page
    assert "Proposals are made of what every agency may see" in page


def test_the_list_says_that_a_cost_is_kept_back(sign_in, session, police, suite):
    """The council's hall holds a part of the police's: what it costs in all would tell what that part costs."""
    council = factories.make_agency(session, name="Shire Council")
    hall = factories.make_building(session, agency=council, name="Hall")
    for building, amount in ((hall, 12345), (suite, 6789)):
        factories.make_running_cost(session, building, amount=amount)
    decide(session, hall, suite, Said(MatchVerdict.PART_OF, "Seen", None, part_id=suite.id))
    today = date.today()  # noqa: DTZ011  (a local calendar day)
    change_field_level(session, "running_cost", Sensitivity.OWNER, valid_from=today, actor=None, reason="Tender")
    for agency, words in ((council, "other agencies’ costs are in it"), (police, "kept back by its agency")):
        browser = sign_in(Role.ASSET_MANAGER, agency)
        page = browser.get("/buildings").text
        assert words in page
        for path in ("/buildings", "/buildings.csv?columns=all", "/maps/buildings", "/"):
            assert not {"19,134", "19134"} & set(re.findall(r"[\d,]+", browser.get(path).text)), path


def set_level(session, code, level):
    today = date.today()  # noqa: DTZ011
    change_field_level(session, code, level, valid_from=today, actor=None, reason="Tender")
    session.flush()


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_the_money_of_a_pair_to_be_reviewed_is_as_sensitive_as_running_costs(level, sign_in, session, police, suite):
    council = factories.make_agency(session, name="Shire Council")
    other = factories.make_building(session, agency=council, name="Suite")
    for building, amount in ((suite, 41234), (other, 5678)):
        factories.make_running_cost(session, building, amount=amount)
    low, high = sorted((suite, other), key=lambda building: building.id)
    told = {"probability": 0.9, "band": 2, "same_uprn": False, "runner_up": 0.0, "model_version": "1"}
    told |= {"low_id": low.id, "high_id": high.id, "reasons": [], "features": {}, "agency_id": high.agency_id}
    session.add(MatchCandidate(money_at_stake=46912, **told))
    session.flush()
    pages = ["/matches", f"/matches/{low.id}/{high.id}"]
    browser = sign_in(Role.ASSET_MANAGER, council)
    assert "£46,912" in browser.get(pages[0]).text
    assert "£41,234" in browser.get(pages[1]).text
    set_level(session, "running_cost", level)
    for path in pages:
        page = browser.get(path).text
        assert not [amount for amount in ("46,912", "41,234") if amount in page], path
    assert "£5,678" in browser.get(pages[1]).text, "its own is its own"


@pytest.fixture
def changed(sign_in, session, suite):
    """An administrator of another agency who has prepared a change of the suite's note, and of a hall's."""
    hall = factories.make_building(session, name="Hall")
    suite.note = "Zqnote of old"
    session.flush()
    browser = sign_in(Role.ADMINISTRATOR)
    sent = {"what": ["note"], "note": "Inspected", "reason": "Round of May"}
    answer = browser.submit(f"/buildings/changes/new?id={suite.id}&id={hall.id}", sent, page="/account")
    assert "Zqnote of old" in browser.get(answer.location).text
    return browser, answer.location, hall


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_a_preview_does_not_tell_a_field_that_is_kept_back_since(level, session, changed):
    browser, address, _ = changed
    set_level(session, "note", level)
    page = browser.get(address).text
    assert "Custody Suite" in page
    assert "Zqnote" not in page


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_a_preview_does_not_tell_a_record_that_is_restricted_since(level, session, changed, suite):
    browser, address, hall = changed
    change_sensitivity(session, suite, level, version=suite.version, actor=None, reason="Custody")
    for rows in ("change", "overtaken", "refused", "elsewhere"):
        page = browser.get(f"{address}?rows={rows}").text
        assert not [word for word in ("Custody Suite", "Zqnote", "Shire Police") if word in page], rows
    browser.submit(f"{address}/confirm", page="/account")
    session.expire_all()
    assert (hall.note, suite.note) == ("Inspected", "Zqnote of old"), "what is restricted since stays as it was"
    assert "Custody Suite" not in browser.get(f"{address}?rows=overtaken").text

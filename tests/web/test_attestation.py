"""The yearly round over HTTP: who may confirm what, what each button does, reminders and files."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.attestation.answers import answers_of
from estate.register.attestation.progress import Answered
from estate.register.attestation.reminders import local_today
from estate.register.attestation.rounds import find_open_round, newest_event_id, open_round
from estate.register.models import AttestationRound, AttestationVerdict, Building
from tests.factories import make_agency, make_building
from tests.web.conftest import Client, SignIn

TODAY = local_today()


@pytest.fixture
def agency(session: Session) -> Agency:
    """An agency with two records."""
    agency = make_agency(session, name="Alpha Council")
    for name in ("Ash House", "Birch House"):
        make_building(session, name=name, agency=agency)
    return agency


@pytest.fixture
def records(session: Session, agency: Agency) -> list[Building]:
    """Its records."""
    found = select(Building).where(Building.agency_id == agency.id).order_by(Building.name)
    return list(session.scalars(found).unique())


@pytest.fixture
def opened(session: Session) -> AttestationRound:
    """A round with three weeks to go."""
    return open_round(session, actor=None, name="Year", deadline_on=TODAY + timedelta(days=21), today=TODAY)


@pytest.fixture
def manager(sign_in: SignIn, agency: Agency) -> Client:
    """The asset manager's browser."""
    return sign_in(Role.ASSET_MANAGER, agency)


def page_of(opened: AttestationRound, agency: Agency) -> str:
    return f"/attestation/{opened.id}/agencies/{agency.id}"


def say_right(client: Client, session: Session, opened: AttestationRound, agency: Agency, **data: object):  # type: ignore[no-untyped-def]
    told = {"seen": newest_event_id(session), **data}
    return client.submit(f"{page_of(opened, agency)}/confirm", told, page="/account", follow_redirects=True)


def verdicts(session: Session, record: Building) -> list[AttestationVerdict]:
    return [answer.verdict for answer in answers_of(session, record.id) if answer.superseded_at is None]


def test_a_manager_is_asked_on_the_start_page_and_confirms_one_or_the_ticked(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    home = manager.get("/").text
    assert page_of(opened, agency) in home
    assert "to confirm by" in home
    page = manager.get(page_of(opened, agency)).text
    assert "Ash House" in page
    assert "No net internal area" in page
    done = say_right(manager, session, opened, agency, only=records[0].id, records=[records[1].id])
    assert "1 record confirmed" in done.text
    assert "Ash House" not in done.text
    assert verdicts(session, records[1]) == []
    say_right(manager, session, opened, agency, records=[record.id for record in records])
    assert verdicts(session, records[1]) == [AttestationVerdict.CONFIRMED]
    assert "Nothing waits" in manager.get(page_of(opened, agency)).text


def test_from_the_building_s_page_and_back_to_it(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    here = f"/buildings/{records[0].id}"
    assert "Confirm this record" in manager.get(here).text
    told = {"seen": newest_event_id(session), "only": records[0].id, "back": records[0].id}
    answer = manager.submit(f"{page_of(opened, agency)}/confirm", told, page="/account")
    assert answer.headers["Location"] == f"{here}#quality"
    page = manager.get(here).text
    assert "Confirm this record" not in page
    assert "version 1" in page


def test_nothing_ticked_or_a_broken_form_confirms_nothing(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    assert "Nothing was confirmed" in say_right(manager, session, opened, agency).text
    assert "Nothing was confirmed" in say_right(manager, session, opened, agency, seen="", only=records[0].id).text
    assert "Nothing was confirmed" in say_right(manager, session, opened, agency, records=["x"]).text
    assert say_right(manager, session, opened, agency, only=records[0].id, actor="2").status_code == 422
    assert say_right(manager, session, opened, agency, only=10**30).status_code < 500
    assert verdicts(session, records[0]) == []


def test_only_the_agency_s_own_asset_manager_confirms(
    sign_in: SignIn, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    wrong = f"/attestation/{opened.id}/records/{records[0].id}/wrong"
    for client in (
        sign_in(Role.ADMINISTRATOR, agency),
        sign_in(Role.VIEWER, agency),
        sign_in(Role.ASSET_MANAGER, make_agency(session)),
    ):
        shown = client.get(page_of(opened, agency))
        assert shown.status_code == 200
        assert "Confirm the ticked records" not in shown.text
        assert say_right(client, session, opened, agency, only=records[0].id).status_code == 403
        assert client.submit(f"{page_of(opened, agency)}/confirm-all", {"seen": 1}, page="/account").status_code == 403
        assert client.submit(wrong, {"note": "x"}, page="/account").status_code in (403, 404)
        assert client.submit(wrong.replace("wrong", "take-back"), page="/account").status_code in (403, 404)
    assert verdicts(session, records[0]) == []


def test_records_of_another_agency_can_not_be_smuggled_in(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency
) -> None:
    foreign = make_building(session)
    assert say_right(manager, session, opened, agency, only=foreign.id).status_code == 404
    assert verdicts(session, foreign) == []


def test_wrong_needs_words_and_can_be_taken_back(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    wrong = f"/attestation/{opened.id}/records/{records[0].id}/wrong"
    assert manager.submit(wrong, {"note": " "}, page=wrong).status_code == 422
    manager.submit(wrong, {"note": "Sold <b>in May</b>"}, page=wrong)
    listed = manager.get(f"{page_of(opened, agency)}?state={Answered.WRONG.value}").text
    assert "Sold &lt;b&gt;in May&lt;/b&gt;" in listed
    manager.submit(wrong.replace("wrong", "take-back"), page="/account")
    assert verdicts(session, records[0]) == []


def test_all_without_a_problem_asks_first(
    manager: Client, session: Session, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    here = f"{page_of(opened, agency)}/confirm-all"
    assert "No record waits without a problem" in manager.get(here).text
    answer = manager.submit(here, {"seen": newest_event_id(session)}, page="/account", follow_redirects=True)
    assert "0 records confirmed" in answer.text


def test_an_administrator_opens_changes_and_closes_a_round(sign_in: SignIn, session: Session, agency: Agency) -> None:
    administrator = sign_in(Role.ADMINISTRATOR)
    late = {"name": "Year", "deadline_on": (TODAY - timedelta(days=1)).isoformat()}
    assert administrator.submit("/attestation/new", late, page="/attestation/new").status_code == 422
    told = {"name": "Year", "deadline_on": (TODAY + timedelta(days=9)).isoformat()}
    answer = administrator.submit("/attestation/new", told, page="/attestation/new")
    opened = find_open_round(session)
    assert opened is not None
    here = f"/attestation/{opened.id}"
    assert answer.headers["Location"] == here
    assert administrator.submit("/attestation/new", told, page="/attestation/new").status_code == 409
    moved = {**told, "deadline_on": (TODAY + timedelta(days=30)).isoformat(), "reason": "A strike", "version": "1"}
    assert administrator.submit(f"{here}/edit", moved, page=f"{here}/edit").status_code == 302
    assert administrator.submit(f"{here}/edit", moved, page=f"{here}/edit").status_code == 409
    assert administrator.submit(f"{here}/close", {"version": "2", "reason": ""}, page=here).status_code == 422
    assert administrator.submit(f"{here}/close", {"version": "1", "reason": "Over"}, page=here).status_code == 409
    assert administrator.submit(f"{here}/close", {"version": "2", "reason": "Over"}, page=here).status_code == 302
    page = administrator.get(here).text
    assert "These figures were kept then" in page
    assert "A strike" in page
    assert administrator.get(f"{here}/edit").status_code == 409
    assert "Year" in administrator.get("/attestation").text


def test_everybody_sees_progress_and_files(
    sign_in: SignIn, opened: AttestationRound, agency: Agency, records: list[Building]
) -> None:
    member = sign_in(Role.BOARD_MEMBER)
    assert "Alpha Council" in member.get("/attestation").text
    assert "Alpha Council,2,0,0,0,0,2,0.0" in member.get(f"/attestation/{opened.id}/progress.csv").text
    calendar = member.get(f"/attestation/{opened.id}/deadline.ics")
    assert calendar.mimetype == "text/calendar"
    assert f"DTSTART;VALUE=DATE:{opened.deadline_on:%Y%m%d}\r\n" in calendar.text
    assert f"/attestation/{opened.id}" in calendar.text


def test_reminders_are_listed_with_a_mail_to_send_by_hand(
    sign_in: SignIn, manager: Client, opened: AttestationRound, agency: Agency, session: Session
) -> None:
    orphan = make_building(session).agency
    administrator = sign_in(Role.ADMINISTRATOR)
    page = administrator.get(f"/attestation/{opened.id}/reminders").text
    assert f'href="mailto:{manager.user.email}?subject=Year' in page  # type: ignore[attr-defined]
    assert "No mail server is set" in page
    assert orphan.name in page
    assert "to confirm, due by" in administrator.get(f"/attestation/{opened.id}/reminders.csv").text


@pytest.mark.parametrize("path", ["/attestation/999999", "/attestation/999999/agencies/1"])
def test_a_round_that_is_not_there(sign_in: SignIn, path: str) -> None:
    assert sign_in(Role.VIEWER).get(path).status_code == 404


def test_an_answer_that_does_not_exist_is_refused(sign_in: SignIn, opened: AttestationRound, agency: Agency) -> None:
    assert sign_in(Role.VIEWER).get(f"{page_of(opened, agency)}?state=maybe").status_code == 422


def test_without_a_round_pages_say_what_comes(sign_in: SignIn, agency: Agency) -> None:
    viewer, administrator = sign_in(Role.VIEWER), sign_in(Role.ADMINISTRATOR)
    assert "No round is open" in viewer.get("/attestation").text
    assert "Open a round" not in viewer.get("/attestation").text
    assert "Open a round" in administrator.get("/attestation").text

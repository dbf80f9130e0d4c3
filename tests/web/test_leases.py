"""The lease diary: list, files, filters, past days; the calendar feed and its secret address."""

import csv
import io
import logging
import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from gunicorn.config import Config
from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import CalendarFeed, Membership, Role, User
from estate.register.areas import assign_areas
from estate.register.diary import add_months
from estate.register.models import Building, BuildingStatus, Interest, Tenure
from estate.register.part_changes import change_interest
from estate.web.as_at import today
from estate.web.server import DiscreetLogger
from tests.factories import make_agency, make_area, make_building, make_interest
from tests.web.conftest import Client, SignIn

NOW = today()
SOON = NOW + timedelta(days=200)


@pytest.fixture
def hall(session: Session) -> Building:
    return make_building(session, name="Town Hall; \N{GREEK SMALL LETTER ALPHA}, annexe", street="1 High Street")


@pytest.fixture
def lease(session: Session, hall: Building) -> Interest:
    return make_interest(
        session,
        hall,
        tenure=Tenure.LEASEHOLD,
        landlord="Estates Ltd",
        lease_end_on=add_months(SOON, 60),
        break_on=SOON,
        break_notice_months=3,
        break_penalty=5000,
        review_on=NOW + timedelta(days=40),
        review_every_months=12,
        rent_per_year=42000,
    )


def feed_address(browser: Client, query: str = "") -> str:
    answer = browser.submit(f"/leases/calendar{query}", page="/leases/calendar")
    assert answer.status_code == 200
    found = re.search(r'value="http://localhost(/leases/calendar/[^"]+)"', answer.text)
    assert found, answer.text
    return found[1].replace("&amp;", "&")


def events(content: bytes) -> dict[str, Any]:
    return {str(event["UID"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


def test_the_diary_is_grouped_by_month_with_what_is_past_on_top(
    session: Session, lease: Interest, sign_in: SignIn
) -> None:
    late = make_building(session, name="Late Lodge")
    make_interest(session, late, tenure=Tenure.LEASEHOLD, lease_end_on=NOW - timedelta(days=30))
    text = sign_in(Role.VIEWER).get("/leases").text
    assert text.index("Past due") < text.index("Late Lodge") < text.index(SOON.strftime("%B %Y"))
    assert "It has passed: renew it, or say that the interest ended." in text
    assert "Last day to give 3 months of notice of the break." in text
    assert "Penalty £5,000." in text
    assert "£42,000" in text


def test_only_leases_of_buildings_that_count(session: Session, lease: Interest, sign_in: SignIn) -> None:
    gone = make_building(session, name="Gone House", status=BuildingStatus.DISPOSED)
    make_interest(session, gone, tenure=Tenure.LEASEHOLD, lease_end_on=SOON)
    assert "Gone House" not in sign_in(Role.VIEWER).get("/leases").text


def test_filters_and_sort(session: Session, lease: Interest, sign_in: SignIn) -> None:
    area = make_area(session, bounds=(0, 50, 1, 51))
    other = make_building(session, name="Other House", lonlat=(0.5, 50.5))
    make_interest(session, other, tenure=Tenure.LEASEHOLD, lease_end_on=SOON)
    assign_areas(session)
    browser = sign_in(Role.VIEWER)
    assert "Town Hall" not in browser.get(f"/leases?area={area.id}").text
    assert "Other House" not in browser.get(f"/leases?agency={lease.agency_id}").text
    reviews = browser.get("/leases?kind=review").text
    assert "Rent review." in reviews
    assert "Break of the lease" not in reviews
    late = browser.get(f"/leases?from={(SOON - timedelta(days=1)).isoformat()}&to={(SOON).isoformat()}").text
    assert "Break of the lease" in late
    assert "Rent review." not in late
    by_rent = browser.get("/leases?sort=-rent&kind=break").text
    assert "Group by month" in by_rent
    assert "No date fits these filters" in browser.get(f"/leases?agency={make_agency(session).id}").text


@pytest.mark.parametrize(
    "query",
    [
        "kind=party",
        "from=31/03/2027",
        "to=2027-02-30",
        "area=x",
        "agency=-1",
        "to=2199-01-01",
        "from=2040-01-01",
        "from=0001-01-01",
    ],
)
def test_a_filter_that_does_not_exist_is_refused(query: str, sign_in: SignIn) -> None:
    assert sign_in(Role.VIEWER).get(f"/leases?{query}").status_code == 422


def test_an_empty_diary_says_where_dates_come_from(sign_in: SignIn) -> None:
    assert "No lease date is known" in sign_in(Role.VIEWER).get("/leases").text


def test_files_hold_what_the_list_shows(session: Session, lease: Interest, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    answer = browser.get("/leases/lease-diary.csv?kind=break")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["day"], row["what"], row["rent_per_year"]) == (SOON.isoformat(), "Lease break", "42000.00")
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/leases/lease-diary.xlsx").data))
    assert book.worksheets[0].max_row > 2
    assert browser.get("/leases/lease-diary.gpkg").status_code == 404


def test_the_diary_of_a_past_day_speaks_of_that_day(lease: Interest, sign_in: SignIn) -> None:
    text = sign_in(Role.VIEWER).get("/leases?as_at=2020-05-01").text
    assert "No lease date is known" in text
    assert "1 May 2022" in text


def test_the_feed_is_read_without_a_cookie_and_parses(
    session: Session, lease: Interest, hall: Building, sign_in: SignIn
) -> None:
    browser = sign_in(Role.VIEWER)
    address = feed_address(browser)
    answer = browser.application.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    found = events(answer.data)
    the_break = found[f"interest-{lease.id}-break@leases.estate"]
    assert the_break["SUMMARY"] == f"Lease break: {hall.name}"
    assert the_break.decoded("DTSTART") == SOON
    assert the_break.decoded("DTEND") == SOON + timedelta(days=1)
    assert the_break["DTSTART"].params["VALUE"] == "DATE"
    assert the_break["LOCATION"] == "1 High Street"
    assert f"/buildings/{hall.id}" in the_break["URL"]
    assert {uid.split("-", 2)[2].split("@")[0] for uid in found} >= {
        "break",
        "break-notice",
        "review-0",
        "review-4",
        "expiry",
    }


def test_a_changed_lease_keeps_its_uid_and_raises_its_sequence(
    session: Session, lease: Interest, sign_in: SignIn
) -> None:
    browser = sign_in(Role.VIEWER)
    address, uid = feed_address(browser), f"interest-{lease.id}-break@leases.estate"
    before = events(browser.get(address).data)[uid]
    lease = session.get_one(Interest, lease.id)
    change_interest(
        session, lease, version=lease.version, actor=None, reason="Agreed", break_on=SOON + timedelta(days=5)
    )
    session.flush()
    after = events(browser.get(address).data)[uid]
    assert after.decoded("DTSTART") == SOON + timedelta(days=5)
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after.decoded("LAST-MODIFIED") >= before.decoded("LAST-MODIFIED")


def test_a_feed_keeps_its_filters(session: Session, lease: Interest, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    found = events(browser.get(feed_address(browser, "?kind=expiry")).data)
    assert [uid for uid in found if "expiry" not in uid] == []
    assert len(found) == 1


def test_a_renewed_or_revoked_address_is_dead(session: Session, lease: Interest, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    first, second = feed_address(browser), feed_address(browser)
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200
    assert browser.submit("/leases/calendar/revoke", page="/leases/calendar").status_code == 200
    dead = browser.get(second)
    assert dead.status_code == 404
    assert second.split("/")[-1] not in dead.text
    assert "Make an address" in browser.get("/leases/calendar").text


def test_only_a_hash_of_the_token_is_kept(session: Session, sign_in: SignIn) -> None:
    token = feed_address(sign_in(Role.VIEWER)).removesuffix(".ics").rpartition("/")[2]
    stored = session.scalars(select(CalendarFeed.token_hash)).all()
    assert len(token) >= 40
    assert token not in stored
    assert not any(token in str(event.changes) for event in session.scalars(select(Event)))


def test_the_reader_s_permission_is_asked_each_time(session: Session, lease: Interest, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    address = feed_address(browser)
    visitor = browser.application.test_client()
    session.execute(update(Membership).values(ended_at=session.connection().exec_driver_sql("SELECT now()").scalar()))
    assert visitor.get(address).status_code == 404
    session.execute(update(Membership).values(ended_at=None))
    assert visitor.get(address).status_code == 200
    session.execute(update(User).values(is_active=False))
    assert visitor.get(address).status_code == 404


def test_two_users_have_addresses_of_their_own(session: Session, lease: Interest, sign_in: SignIn) -> None:
    one, other = sign_in(Role.VIEWER), sign_in(Role.VIEWER)
    first, second = feed_address(one), feed_address(other)
    assert first != second
    one.submit("/leases/calendar/revoke", page="/leases/calendar")
    assert other.get(second).status_code == 200


def test_a_feed_writes_nothing_and_can_t_be_posted_to(lease: Interest, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    assert browser.submit(feed_address(browser)).status_code == 405


def test_an_access_log_keeps_the_secret_part_out(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    logger = DiscreetLogger(Config())
    logger.cfg.set("accesslog", str(log))
    logger.setup(logger.cfg)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/leases/calendar/s3cret-token.ics?kind=break",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": "/leases/calendar/s3cret-token.ics",
        "QUERY_STRING": "kind=break",
        "HTTP_REFERER": "http://localhost/leases/calendar/s3cret-token.ics",
    }
    request = SimpleNamespace(headers=[("REFERER", environ["HTTP_REFERER"])], method="GET")
    answer = SimpleNamespace(status="200 OK", sent=10, headers=[])
    logger.access(answer, request, environ, timedelta(milliseconds=3))
    for handler in logging.getLogger("gunicorn.access").handlers:
        handler.flush()
        handler.close()
    logging.getLogger("gunicorn.access").handlers.clear()
    logging.getLogger("gunicorn.error").handlers.clear()
    line = log.read_text()
    assert "/leases/calendar/..." in line
    assert "s3cret" not in line


def test_lease_terms_are_entered_by_hand(session: Session, hall: Building, sign_in: SignIn) -> None:
    browser = sign_in(Role.ASSET_MANAGER, hall.agency)
    page = f"/buildings/{hall.id}/interests/new"
    form = {
        "agency_id": hall.agency_id,
        "tenure": "leasehold",
        "lease_start_on": "2020-01-01",
        "lease_end_on": "2035-01-01",
        "break_on": "2030-01-01",
        "break_notice_months": "6",
        "break_penalty": "£12,500",
        "review_on": "2028-02-29",
        "review_every_months": "60",
        "repair_liability": "tenant_full",
        "reason": "From the lease",
    }
    assert browser.submit(page, form, page=page).status_code == 302
    held = session.scalars(select(Interest)).one()
    assert (held.break_notice_months, held.review_on) == (6, date(2028, 2, 29))
    shown = browser.get(f"/buildings/{hall.id}").text
    assert "6 months of notice" in shown
    assert "Tenant: full repairing and insuring" in shown
    wrong = browser.submit(page, {**form, "break_earliest_on": "2019-01-01", "break_notice_months": "200"}, page=page)
    assert wrong.status_code == 422
    assert "The break must lie within the lease" in wrong.text
    assert "0 to 120 months" in wrong.text

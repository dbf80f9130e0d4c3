"""The reminders' calendar and their words."""

from datetime import date, timedelta
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from estate.mail import MailFailed, MailNotSet, send_mail
from estate.register.attestation.reminders import Reminder, newest_step
from estate.settings import MailSettings
from tests.smtp_server import mail_server

DEADLINE = date(2027, 3, 31)


@pytest.mark.parametrize(
    ("days_before", "step"),
    [
        (31, None),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0, 1),
        (-6, 1),
        (-7, -7),
        (-13, -7),
        (-14, -14),
        (-365, -364),
    ],
)
def test_the_step_reached_last(days_before: int, step: int | None) -> None:
    expected = None if step is None else DEADLINE - timedelta(days=step)
    assert newest_step(DEADLINE, DEADLINE - timedelta(days=days_before)) == expected


def reminder(**fields: object) -> Reminder:
    values: dict[str, object] = {
        "round_id": 3,
        "round_name": "Records of 2027",
        "deadline_on": DEADLINE,
        "agency_id": 5,
        "agency": "Alpha & Sons Council",
        "user_id": 7,
        "person": "Zoë O'Hara",
        "email": "zoe@example.org",
        "step_on": DEADLINE,
        "open_count": 1,
        "is_overdue": False,
        **fields,
    }
    return Reminder(**values)  # type: ignore[arg-type]


def test_a_reminder_says_how_many_until_when_and_where() -> None:
    one = reminder()
    assert one.subject == "Records of 2027: 1 record of Alpha & Sons Council to confirm, due by 31 March 2027"
    assert "https://estate.example.org/attestation/3/agencies/5" in one.text("https://estate.example.org/")
    assert "Sign in to Estate" in one.text()
    late = reminder(is_overdue=True, open_count=1200)
    assert "1,200 records" in late.subject
    assert "overdue" in late.subject
    assert "The deadline was 31 March 2027" in late.text()


def test_a_mail_link_carries_subject_and_text_whole() -> None:
    one = reminder()
    parts = urlsplit(one.mailto())
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.path) == ("mailto", "zoe@example.org")
    assert query == {"subject": [one.subject], "body": [one.text()]}


def test_mail_goes_through_a_real_server() -> None:
    with mail_server() as server:
        settings = MailSettings(host="127.0.0.1", port=server.port, security="none", sender="estate@example.org")
        one = reminder()
        send_mail(settings, to=one.email, subject=one.subject, text=one.text())
        message: EmailMessage = server.messages[0]
    assert (message["To"], message["From"]) == ("zoe@example.org", "estate@example.org")
    assert message["Subject"] == one.subject
    assert message.get_content().replace("\r\n", "\n") == one.text()


def test_a_line_break_in_a_name_forges_no_header() -> None:
    with mail_server() as server:
        settings = MailSettings(host="127.0.0.1", port=server.port, security="none", sender="estate@example.org")
        send_mail(settings, to="a@example.org", subject="Records\r\nBcc: b@example.org", text="x")
        assert server.messages[0]["Bcc"] is None


def test_a_server_that_is_away_refuses_or_speaks_no_tls_is_one_error() -> None:
    with pytest.raises(MailNotSet):
        send_mail(MailSettings(), to="a@example.org", subject="x", text="x")
    with mail_server() as server:
        plain = {"host": "127.0.0.1", "port": server.port, "sender": "e@example.org"}
        server.refused.add("a@example.org")
        for settings in (MailSettings(**plain, security="none"), MailSettings(**plain)):
            with pytest.raises(MailFailed):
                send_mail(settings, to="a@example.org", subject="x", text="x")
    with pytest.raises(MailFailed):
        send_mail(MailSettings(**plain, security="none"), to="a@example.org", subject="x", text="x")


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "mail.example.org"},
        {"host": "mail.example.org", "sender": "estate"},
        {"host": "mail.example.org", "sender": "e@example.org", "user": "e", "security": "none"},
    ],
)
def test_half_a_mail_server_is_refused_at_the_start(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        MailSettings(**fields)  # type: ignore[arg-type]

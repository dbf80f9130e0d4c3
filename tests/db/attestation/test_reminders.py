"""Who is reminded, and that a mail goes once, or is tried again."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from estate.cli import main
from estate.mail import MailFailed
from estate.people.models import Agency, Role, User
from estate.register.attestation.answers import confirm
from estate.register.attestation.reminders import due_reminders, perform_reminders, unmanaged
from estate.register.attestation.rounds import newest_event_id, open_round
from estate.register.models import AttestationReminder, AttestationRound
from estate.settings import MailSettings, Settings
from tests.db.attestation.conftest import TODAY
from tests.factories import make_agency, make_building, make_membership, make_user
from tests.smtp_server import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as server:
        yield server


def settings_of(mailbox: Mailbox) -> Settings:
    mail = MailSettings(host="127.0.0.1", port=mailbox.port, security="none", sender="estate@example.org")
    return Settings(mail=mail, public_url="https://estate.example.org")


def test_asset_managers_of_agencies_with_open_records_are_reminded(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    first, _ = make_building(session, agency=agency), make_building(session, agency=agency)
    make_membership(session, role=Role.VIEWER, agency=agency)
    left = make_user(session, is_active=False)
    make_membership(session, user=left, role=Role.ASSET_MANAGER, agency=agency)
    nobody = make_building(session).agency
    confirm(session, opened, agency.id, [first.id], actor=manager.id, seen=newest_event_id(session))
    due = [one for one in due_reminders(session, TODAY) if one.agency_id in (agency.id, nobody.id)]
    assert [(one.email, one.open_count, one.is_overdue) for one in due] == [("grace@example.org", 1, False)]
    assert nobody.id in {row.agency_id for row in unmanaged(session, opened)}
    assert agency.id not in {row.agency_id for row in unmanaged(session, opened)}


def test_nobody_is_reminded_too_early_or_when_all_is_done(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record = make_building(session, agency=agency)
    assert due_reminders(session, TODAY - timedelta(days=1)) == []
    confirm(session, opened, agency.id, [record.id], actor=manager.id, seen=newest_event_id(session))
    assert due_reminders(session, TODAY) == []


@pytest.fixture
def two_managers(committed: Engine) -> None:
    """A round that is open, and two agencies with a record each."""
    with Session(committed) as session:
        for name in ("Alpha", "Beta"):
            agency = make_agency(session, name=name)
            user = make_user(session, email=f"{name.lower()}@example.org")
            make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
            make_building(session, agency=agency)
        open_round(session, actor=None, name="Year", deadline_on=TODAY + timedelta(days=20), today=TODAY)
        session.commit()


def count_sent(committed: Engine) -> int:
    with Session(committed) as session:
        return session.scalar(select(func.count()).select_from(AttestationReminder)) or 0


def test_a_mail_goes_once_a_step(committed: Engine, two_managers: None, mailbox: Mailbox) -> None:
    settings = settings_of(mailbox)
    assert perform_reminders(settings, TODAY) == 2
    assert perform_reminders(settings, TODAY + timedelta(days=5)) == 0
    assert [message["To"] for message in mailbox.messages] == ["alpha@example.org", "beta@example.org"]
    assert re.search(r"https://estate\.example\.org/attestation/\d+/agencies/\d+", mailbox.messages[0].get_content())
    assert perform_reminders(settings, TODAY + timedelta(days=6)) == 2
    assert count_sent(committed) == 4


def test_a_mail_that_did_not_go_is_tried_again_and_holds_up_no_other(
    committed: Engine, two_managers: None, mailbox: Mailbox
) -> None:
    settings = settings_of(mailbox)
    mailbox.refused.add("alpha@example.org")
    with pytest.raises(MailFailed):
        perform_reminders(settings, TODAY)
    assert [message["To"] for message in mailbox.messages] == ["beta@example.org"]
    assert count_sent(committed) == 1
    mailbox.refused.clear()
    assert perform_reminders(settings, TODAY) == 1
    assert mailbox.messages[-1]["To"] == "alpha@example.org"


def test_without_a_mail_server_nothing_is_sent_nor_noted(committed: Engine, two_managers: None) -> None:
    assert perform_reminders(Settings(), TODAY) == 0
    assert count_sent(committed) == 0


def test_the_command_prints_writes_and_refuses_to_send_without_a_server(
    committed: Engine, two_managers: None, tmp_path: pytest.TempPathFactory
) -> None:
    run = CliRunner()
    shown = run.invoke(main, ["attest", "remind"])
    assert "alpha@example.org\tYear: 1 record of Alpha to confirm" in shown.output
    path = tmp_path / "due.csv"  # type: ignore[operator]
    assert "reminders.csv" not in run.invoke(main, ["attest", "remind", "--output", str(path)]).output
    assert "beta@example.org" in path.read_text()
    refused = run.invoke(main, ["attest", "remind", "--send"])
    assert (refused.exit_code, "No mail server is set" in refused.output) == (1, True)
    assert "0 of" in run.invoke(main, ["attest", "progress"]).output

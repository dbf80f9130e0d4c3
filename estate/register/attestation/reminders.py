"""Who is to be reminded of the open round, and when: as a list, as mail where a mail server is set."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.mail import MailFailed, send_mail
from estate.people.models import Membership, Role, User
from estate.register.attestation.progress import Progress, agency_progress
from estate.register.attestation.rounds import find_open_round
from estate.register.models import AttestationReminder, AttestationRound
from estate.settings import Settings, get_settings

REMIND_TASK = "attestation.remind"
DAYS_BEFORE = (30, 14, 7, 1)
"""Days before the deadline on which an agency that is not done is reminded; after it, every week."""
WEEK = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reminder:
    """One person to be reminded of one agency's records."""

    round_id: int
    round_name: str
    deadline_on: date
    agency_id: int
    agency: str
    user_id: int
    person: str
    email: str
    step_on: date
    """The day of the calendar that it belongs to; one mail a person and step."""
    open_count: int
    is_overdue: bool

    @property
    def subject(self) -> str:
        """The subject of its mail."""
        late = "overdue" if self.is_overdue else f"due by {_day(self.deadline_on)}"
        return f"{self.round_name}: {_records(self.open_count)} of {self.agency} to confirm, {late}"

    def text(self, address: str = "") -> str:
        """The mail. `address` is that of the installation, empty where it is not known."""
        limit = "The deadline was" if self.is_overdue else "The deadline is"
        where = f"{address.rstrip('/')}/attestation/{self.round_id}/agencies/{self.agency_id}" if address else ""
        waits = "waits" if self.open_count == 1 else "wait"
        lines = [
            f"Dear {self.person},",
            f"{_records(self.open_count)} of {self.agency} {waits} to be confirmed in the round {self.round_name}. "
            f"{limit} {_day(self.deadline_on)}.",
            f"Confirm them here: {where}" if where else "Sign in to Estate and open Attestation to confirm them.",
            "Records without an open problem can be confirmed all at once.",
        ]
        return "\n\n".join(lines) + "\n"

    def mailto(self, address: str = "") -> str:
        """A link that opens the mail in the reader's own mail program."""
        query = urlencode({"subject": self.subject, "body": self.text(address)}, quote_via=quote)
        return f"mailto:{quote(self.email, safe='@')}?{query}"


def newest_step(deadline_on: date, today: date) -> date | None:
    """The day of the reminders' calendar that was reached last; None before the first."""
    if today > deadline_on:
        weeks = (today - deadline_on) // WEEK
        return deadline_on + weeks * WEEK if weeks else deadline_on - timedelta(days=DAYS_BEFORE[-1])
    reached = [deadline_on - timedelta(days=days) for days in DAYS_BEFORE]
    return max((step for step in reached if step <= today), default=None)


def due_reminders(session: Session, today: date, *, with_sent: bool = False) -> list[Reminder]:
    """Whom to remind today, by agency: asset managers of agencies with open records who have had no mail for this step.

    `with_sent` lists also those who had it.
    """
    found = find_open_round(session)
    step = newest_step(found.deadline_on, today) if found else None
    if found is None or step is None:
        return []
    waiting = {row.agency_id: row for row in agency_progress(session, found) if row.open}
    query = (
        select(Membership.agency_id, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == Role.ASSET_MANAGER, Membership.ended_at.is_(None), User.is_active)
        .where(Membership.agency_id.in_(waiting))
        .order_by(User.name, User.id)
    )
    sent = set() if with_sent else _sent(session, found, step)
    people = [(waiting[agency_id], user) for agency_id, user in session.execute(query).unique()]
    due = [_reminder(found, row, user, step, today) for row, user in people if (row.agency_id, user.id) not in sent]
    return sorted(due, key=lambda one: (one.agency, one.person))


def unmanaged(session: Session, found: AttestationRound) -> list[Progress]:
    """Agencies with open records and nobody to remind."""
    held = select(Membership.agency_id).join(User, User.id == Membership.user_id)
    managed = set(
        session.scalars(
            held.where(Membership.role == Role.ASSET_MANAGER, Membership.ended_at.is_(None), User.is_active)
        )
    )
    return [row for row in agency_progress(session, found) if row.open and row.agency_id not in managed]


def perform_reminders(settings: Settings | None = None, today: date | None = None) -> int:
    """Mail what is due, each in a transaction of its own; gives how many went. Nothing where no mail server is set.

    A person is mailed once a step: the row that says so is stored with the mail, or not at all. Raises `MailFailed` at
    the end where some did not go.
    """
    settings = settings or get_settings()
    if not settings.mail.host:
        return 0
    with make_session() as session:
        due = due_reminders(session, today or local_today())
    failed: list[MailFailed] = []
    sent = 0
    for reminder in due:
        try:
            sent += _send(reminder, settings)
        except MailFailed as error:
            log.warning("A reminder to user %s did not go: %s", reminder.user_id, error.message)
            failed.append(error)
    if failed:
        raise failed[0]
    return sent


def local_today() -> date:
    """Today, in the time zone of the machine."""
    return datetime.now().astimezone().date()


def _send(reminder: Reminder, settings: Settings) -> int:
    """Mail one reminder unless another process has it in hand or sent it."""
    values = {name: getattr(reminder, name) for name in ("round_id", "agency_id", "user_id", "step_on", "open_count")}
    with make_session.begin() as session:
        stored = insert(AttestationReminder).values(**values, sent_to=reminder.email).on_conflict_do_nothing()
        if session.scalar(stored.returning(AttestationReminder.id)) is None:
            return 0
        text = reminder.text(settings.public_url)
        send_mail(settings.mail, to=reminder.email, subject=reminder.subject, text=text)
    return 1


def _sent(session: Session, found: AttestationRound, step: date) -> set[tuple[int, int]]:
    query = select(AttestationReminder.agency_id, AttestationReminder.user_id)
    rows = session.execute(query.where(AttestationReminder.round_id == found.id, AttestationReminder.step_on == step))
    return {(row[0], row[1]) for row in rows}


def _reminder(found: AttestationRound, row: Progress, user: User, step: date, today: date) -> Reminder:
    return Reminder(
        round_id=found.id,
        round_name=found.name,
        deadline_on=found.deadline_on,
        agency_id=row.agency_id or 0,
        agency=row.name,
        user_id=user.id,
        person=user.name,
        email=user.email,
        step_on=step,
        open_count=row.open,
        is_overdue=today > found.deadline_on,
    )


def _records(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"

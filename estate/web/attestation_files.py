"""A round as files: progress and reminders as CSV, the deadline for a calendar."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta

from estate.exports.formats.csv_file import harmless
from estate.register.attestation.progress import Progress
from estate.register.attestation.reminders import Reminder
from estate.register.models import AttestationRound


def write_progress(found: AttestationRound, rows: Iterable[Progress]) -> str:
    """A line an agency."""
    header = (
        "round",
        "deadline",
        "agency",
        "records",
        "confirmed",
        "corrected",
        "wrong",
        "stale",
        "open",
        "share_done",
    )
    return _write(
        header,
        [
            [
                found.name,
                found.deadline_on.isoformat(),
                row.name,
                row.total,
                row.confirmed,
                row.corrected,
                row.wrong,
                row.stale,
                row.open,
                None if row.share is None else round(row.share, 4),
            ]
            for row in rows
        ],
    )


def write_reminders(due: Iterable[Reminder], address: str) -> str:
    """A line a person and agency, with the mail."""
    header = ("agency", "person", "email", "open_records", "subject", "text")
    return _write(
        header,
        [[one.agency, one.person, one.email, one.open_count, one.subject, one.text(address)] for one in due],
    )


def write_deadline(found: AttestationRound, address: str, now: datetime) -> str:
    """The deadline as an iCalendar file (RFC 5545) with one entry for the whole day."""
    day = found.deadline_on
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Estate//Attestation//EN",
        "BEGIN:VEVENT",
        f"UID:attestation-{found.id}@estate",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{found.version}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(f'{found.name}: confirm the records')}",
        f"URL:{address}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _text(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in parts of at most 75 bytes, as calendars read it; no letter is cut."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > 74:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])


def _write(header: tuple[str, ...], rows: Iterable[list[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + buffer.getvalue()

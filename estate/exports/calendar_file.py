"""The lease diary as a calendar (RFC 5545): one all-day event for each day of a lease."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from estate.register.diary import DiaryKind
from estate.register.lease_dates import DiaryEntry

if TYPE_CHECKING:
    from icalendar import Event

TITLES = {
    DiaryKind.NOTICE: "Last day for notice",
    DiaryKind.BREAK: "Lease break",
    DiaryKind.REVIEW: "Rent review",
    DiaryKind.EXPIRY: "Lease ends",
}
"""Each kind of day in a few words."""
DOMAIN = "leases.estate"
REFRESH = timedelta(hours=12)


def calendar_of(entries: Iterable[DiaryEntry], name: str, address_of: Callable[[DiaryEntry], str]) -> bytes:
    """The calendar's text in UTF-8. `address_of` gives the page of an entry's building."""
    # Imported here: the web server would wait for it at every start.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Estate//Lease diary//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, address_of(entry)))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: DiaryEntry, address: str) -> "Event":
    from icalendar import Event

    due, interest = entry.due, entry.interest
    event = Event()
    event.add("uid", f"{entry.uid}@{DOMAIN}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", f"{TITLES[due.kind]}: {entry.building.name}")
    event.add("dtstart", due.day)
    event.add("dtend", due.day + timedelta(days=1))
    event.add("description", f"{due.words}\nHeld by {interest.agency.name}.\n{address}")
    if entry.address:
        event.add("location", entry.address)
    event.add("url", address)
    event.add("categories", [TITLES[due.kind]])
    event.add("transp", "TRANSPARENT")
    return event

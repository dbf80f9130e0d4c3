"""The lease diary as a table: exactly what the page shows."""

from estate.exports.calendar_file import TITLES
from estate.exports.tables import Cell, Column, Kind, Table
from estate.register.lease_dates import Diary, DiaryEntry

COLUMNS = (
    Column("day", Kind.DAY),
    Column("what", meaning="Last day for notice, lease break, rent review or lease end"),
    Column("is_past_due", Kind.YES_NO, "The day has passed and nothing says that it was dealt with"),
    Column("to_do"),
    Column("building_id", Kind.WHOLE, "Number of the building in this register"),
    Column("building"),
    Column("address"),
    Column("areas", meaning="Areas in which it lies, the smallest first"),
    Column("held_by", meaning="The agency that holds the lease"),
    Column("tenure"),
    Column("landlord"),
    Column("rent_per_year", Kind.NUMBER, "GBP a year"),
    Column("break_notice_months", Kind.WHOLE),
    Column("break_penalty", Kind.NUMBER, "GBP"),
    Column("notice_given_on", Kind.DAY),
    Column("repair_liability"),
    Column("lease_start_on", Kind.DAY),
    Column("lease_end_on", Kind.DAY),
)


def diary_table(diary: Diary, *, notes: tuple[str, ...] = ()) -> Table:
    """The entries of `diary`, one row each, in their order."""
    return Table("lease_diary", "Lease diary", COLUMNS, [_row(entry) for entry in diary.entries], notes=notes)


def _row(entry: DiaryEntry) -> dict[str, Cell]:
    due, interest = entry.due, entry.interest
    repair = interest.repair_liability
    own = ("landlord", "rent_per_year", "break_notice_months", "break_penalty", "notice_given_on")
    return {
        "day": due.day,
        "what": TITLES[due.kind],
        "is_past_due": due.is_past,
        "to_do": due.words,
        "building_id": entry.building.id,
        "building": entry.building.name,
        "address": entry.address or None,
        "areas": "; ".join(area.name for area in entry.areas) or None,
        "held_by": interest.agency.name,
        "tenure": interest.tenure.value,
        "repair_liability": repair.value if repair else None,
        **{name: getattr(interest, name) for name in (*own, "lease_start_on", "lease_end_on")},
    }

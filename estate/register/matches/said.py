"""What each record of a building says in each field, which value is shown, by which rule, and since when it is said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.register.matches.chosen import choices_in_force, chosen_value, dated_facts
from estate.register.matches.conflicts import fields_in_conflict
from estate.register.matches.members import winners
from estate.register.matches.origins import Origin, origins_of
from estate.register.models import Building, FieldOverride, FixSource
from estate.register.shown import DATED_FIELDS, SHOWN_FIELDS, is_owners

POINTS = (FixSource.COORDINATES, FixSource.EASTING_NORTHING)


@dataclass(frozen=True)
class Value:
    """What one record says of one field."""

    record: Building
    value: Any
    """None: it does not say. Of the position: how it was found."""
    is_shown: bool
    origin: Origin | None
    """None where the record does not say."""


@dataclass(frozen=True)
class Field:
    """One field, as each record has it, and as the building shows it."""

    name: str
    values: list[Value]
    is_conflict: bool
    """True where the records contradict one another, and nobody chose yet."""
    shown: Any
    """The value in force; None where nobody knows it."""
    shown_by: Building
    """The record from which it comes, or for whose building it was chosen."""
    rule: str
    """Why this value is in force, such as `Newest of two`."""
    choice: FieldOverride | None
    """The steward's choice in force."""

    @property
    def known(self) -> list[Value]:
        """What is said, by the records that say anything."""
        return [value for value in self.values if value.value is not None]


def said_fields(session: Session, building_id: int, records: Sequence[Building]) -> list[Field]:
    """Every field of a building that shows one value: of its columns, its position, and its dated facts."""
    ids = [record.id for record in records]
    chosen = winners(session, building_id)
    choices = choices_in_force(session, [building_id])[building_id]
    conflicting = fields_in_conflict(session, building_id)
    origins = origins_of(session, ids)
    owners = set(session.scalars(select(Building.id).where(Building.id.in_(ids), is_owners(Building))))
    found = []
    for name in (*SHOWN_FIELDS, "location", *DATED_FIELDS):
        said = _dated(session, ids, name) if name in DATED_FIELDS else _columns(records, name, origins)
        if name in DATED_FIELDS and not said:
            continue
        winner = list(said)[-1] if name in DATED_FIELDS else chosen.get(name, building_id)
        found.append(_field(name, records, said, winner, owners, choices.get(name), name in conflicting))
    return found


Said = dict[int, tuple[Any, Origin]]
"""What each record that says anything says, and where it has that from, by its id."""


def _columns(records: Sequence[Building], name: str, origins: dict[tuple[int, str], Origin]) -> Said:
    attribute = "fix_source" if name == "location" else name
    known = {record.id: getattr(record, attribute) for record in records}
    return {number: (value, origins[number, name]) for number, value in known.items() if value is not None}


def _dated(session: Session, record_ids: list[int], name: str) -> Said:
    """The newest survey or certificate of each record, the newest of all last; of one day, by the later entry."""
    model, value, on, conditions = dated_facts(name)
    query = select(model.building_id, value, on, model.source).where(model.building_id.in_(record_ids), *conditions)
    rows = session.execute(query.order_by(on, model.id))
    found: Said = {}
    for number, said, day, source in rows:
        found.pop(number, None)
        found[number] = said, Origin(day, source=source)
    return found


def _field(
    name: str,
    records: Sequence[Building],
    said: Said,
    winner: int | None,
    owners: Collection[int],
    choice: FieldOverride | None,
    is_conflict: bool,
) -> Field:
    by_id = {record.id: record for record in records}
    shown_id = choice.from_id if choice else winner
    nothing: tuple[Any, None] = (None, None)
    shown = chosen_value(choice) if choice else said.get(winner or 0, nothing)[0]
    values = [
        Value(row, said.get(row.id, nothing)[0], row.id == shown_id, said.get(row.id, nothing)[1]) for row in records
    ]
    return Field(
        name=name,
        values=values,
        is_conflict=is_conflict,
        shown=shown,
        shown_by=by_id.get(shown_id or 0, records[0]),
        rule="Chosen by a steward"
        if choice
        else rule_of(name, {row: value for row, (value, _) in said.items()}, winner, owners, by_id),
        choice=choice,
    )


def rule_of(
    name: str, said: dict[int, Any], winner: int | None, owners: Collection[int], records: dict[int, Building]
) -> str:
    """By which rule a value won, in words. `said` is what each record that says anything says, by its id."""
    if winner not in said:
        return "No record says"
    if len(said) == 1:
        return "Its only record" if len(records) == 1 else "Only one record says"
    if len(set(said.values())) == 1 and name != "location":
        return "Both records say the same" if len(said) == 2 else f"All {in_words(len(said))} records say the same"
    special = {"name": _rule_of_name, "uprn": _rule_of_uprn, "location": _rule_of_position}
    return special.get(name, _newest_of)(said, winner, owners, records)


def _newest_of(said: dict[int, Any], *_: Any) -> str:
    return f"Newest of {in_words(len(said))}"


def _rule_of_name(said: dict[int, Any], winner: int, owners: Collection[int], records: dict[int, Building]) -> str:
    owning = [number for number in said if number in owners]
    if winner in owners:
        return "The owner's" if len(owning) == 1 else f"Newest of {in_words(len(owning))} owners'"
    return f"{_newest_of(said)}; nobody here holds the freehold"


def _rule_of_uprn(said: dict[int, Any], winner: int, owners: Collection[int], records: dict[int, Building]) -> str:
    agencies = {value: {records[row].agency_id for row, own in said.items() if own == value} for value in said.values()}
    most = len(agencies[said[winner]])
    if all(len(others) < most for value, others in agencies.items() if value != said[winner]):
        return f"Most agencies say: {in_words(most)} of {in_words(len({records[row].agency_id for row in said}))}"
    return f"{_newest_of(said)}; as many agencies give another"


def _rule_of_position(said: dict[int, Any], winner: int, owners: Collection[int], records: dict[int, Building]) -> str:
    kind = said[winner]
    equals = [row for row, other in said.items() if other == kind or (other in POINTS and kind in POINTS)]
    if len(equals) == 1:
        return "The best position"
    if winner in owners and sum(row in owners for row in equals) == 1:
        return "The owner's, of equally good positions"
    return f"Newest of {in_words(len(equals))} equally good positions"


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def in_words(number: int) -> str:
    """A small number in words."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)

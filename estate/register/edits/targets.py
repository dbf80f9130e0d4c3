"""Which record an edit of a building changes: buildings that several agencies report have several.

Somebody edits their own records only. Where a building shows the value of another record, theirs changes all the same,
and `Target.note` says that what is shown stays.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.orm import Session

from estate.register.edits.rights import Rights
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.members import members_of, winners_of
from estate.register.models import Building

CHUNK = 2_000
NOT_SHOWN = "The building goes on showing what another agency's record says: it is preferred here."
CHOSEN = "The building goes on showing the value that was chosen for it, until that choice ends."


@dataclass(frozen=True)
class Target:
    """The record of one building that an edit is about."""

    building_id: int
    record: Building
    may_edit: bool
    """False: no record of the building is theirs; `record` is then the building's own."""
    note: str = ""


def targets(session: Session, building_ids: Sequence[int], fields: Collection[str], rights: Rights) -> Iterator[Target]:
    """The record to be edited of each building, in the order given.

    Buildings that are not there, or that the person may not know of, are left out.
    """
    ids = iter(building_ids)
    while chunk := list(islice(ids, CHUNK)):
        members = members_of(session, chunk)
        merged = [number for number in chunk if len(members.get(number, ())) > 1]
        winners = winners_of(session, merged) if merged else {}
        choices = choices_in_force(session, chunk)
        sources = {_source_of(field) for field in fields}
        alone = _standing_alone(members, chunk) if rights.viewer.stands_outside else {}
        found = [
            _target(number, members.get(number) or alone[number], winners.get(number, {}), fields, rights)
            for number in chunk
            if number in members or number in alone
        ]
        seen = rights.seen(session, [target.building_id for target in found])
        for target in found:
            if target.building_id in seen:
                is_chosen = bool(sources & set(choices.get(target.building_id, ())))
                yield replace(target, note=CHOSEN) if is_chosen else target


def _standing_alone(members: Mapping[int, list[Building]], wanted: Sequence[int]) -> dict[int, list[Building]]:
    """Records that their keepers, who take part in no programme, are shown by themselves: others lead the building."""
    records = {record.id: record for group in members.values() for record in group}
    return {number: [records[number]] for number in wanted if number in records and number not in members}


def _target(
    building_id: int,
    records: list[Building],
    winners: dict[str, int | None],
    fields: Collection[str],
    rights: Rights,
) -> Target:
    own = [record for record in records if rights.may_edit(record)]
    if not own:
        return Target(building_id, records[0], may_edit=False)
    wanted = {winners.get(_source_of(field)) for field in fields} - {None}
    record = next((record for record in own if record.id in wanted), own[0])
    return Target(building_id, record, True, NOT_SHOWN if wanted - {record.id} else "")


def _source_of(field: str) -> str:
    return "location" if field in ("latitude", "longitude") else field

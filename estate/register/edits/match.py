"""The building of each pasted line, by number, UPRN or reference, and its cells as values."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, cast, func, select
from sqlalchemy.orm import Session

from estate.register.edits.paste import KEY_ID, KEY_REFERENCE, KEY_UPRN, PASTED_FIELDS, pasted_of
from estate.register.edits.plan import Wish, title_of
from estate.register.edits.start import AREAS
from estate.register.edits.targets import MayEdit, Target, targets
from estate.register.imports import values as cells
from estate.register.imports.fields import FIELDS
from estate.register.imports.reporting import vocabularies
from estate.register.imports.values import Parse, Problem
from estate.register.models import Building, BuildingStatus, BulkEdit, SourceRecord
from estate.register.shown import canonical_id

NEEDED = ("name", "status", "is_listed")
"""Facts that a building always has: an empty cell leaves them as they are."""
KEPT_AS = re.compile(r"[ ,]*(?:It is kept|Kept|so it was not used).*$")
"""The end of an import's warning, which says what the import does instead; a pasted row is refused."""
MISSING = {
    KEY_ID: "No building has the number “{}”.",
    KEY_UPRN: "No building has the UPRN “{}”.",
    KEY_REFERENCE: "No building came with the reference “{}”.",
}
NO_KEY = "This row does not say which building it speaks of."
SEVERAL = "{} buildings have “{}”: numbers {}. Use a column with the building's number."


def pasted_wishes(session: Session, edit: BulkEdit, may_edit: MayEdit) -> Iterator[Wish]:
    """What each line of the pasted table asks for, in its order."""
    pasted, meanings = pasted_of(edit.request), edit.request["meanings"]
    key_place = next(place for place, meaning in enumerate(meanings) if meaning.startswith("key:"))
    fields = {meaning: place for place, meaning in enumerate(meanings) if meaning in PASTED_FIELDS}
    parsers = _parsers(session, fields)
    kind = meanings[key_place]
    found = _find(session, kind, [row[key_place] for row in pasted.rows], list(fields), may_edit)
    for row, line in zip(pasted.rows, pasted.lines, strict=True):
        target, refusal = found[row[key_place]]
        values: dict[str, Any] = {}
        if not refusal:
            values, refusal = _values(row, fields, parsers, edit.request["is_clearing"])
        name = row[fields["name"]] if "name" in fields else ""
        yield Wish(target, values, line, name or row[key_place], refusal)


def _parsers(session: Session, fields: Iterable[str]) -> dict[str, Parse]:
    known = vocabularies(session)
    parsers = {}
    for name in fields:
        codes = known.get(FIELDS[name].vocabulary or "", {})
        by_name = {title: code for code, title in codes.items()} | {code: code for code in codes}
        parsers[name] = cells.one_of(by_name) if codes else FIELDS[name].parse
    return parsers


def _values(
    row: list[str], fields: dict[str, int], parsers: dict[str, Parse], is_clearing: bool
) -> tuple[dict[str, Any], str]:
    """The row's values, and why it is refused: an empty text where it is not."""
    values: dict[str, Any] = {}
    problems = []
    for name, place in fields.items():
        cell = row[place]
        if not cell:
            if is_clearing and name not in NEEDED:
                values[name] = None
            continue
        value = _value(name, cell, parsers[name])
        if isinstance(value, Problem):
            problems.append(f"{title_of(name)}: {KEPT_AS.sub('', value.message)}")
        else:
            values[name] = value
    return values, " ".join(problems)


def _value(name: str, cell: str, parse: Parse) -> Any:
    if cell.startswith("="):
        return Problem("formula", "This is a formula. Paste its value.")
    value = parse(cell)
    if isinstance(value, Problem):
        return value
    if name in AREAS:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    return BuildingStatus(value) if name == "status" else value


Found = dict[str, tuple[Target | None, str]]


def _find(session: Session, kind: str, keys: list[str], fields: list[str], may_edit: MayEdit) -> Found:
    """For each key: the record that it names, or why there is none."""
    wanted = list(dict.fromkeys(keys))
    buildings = {KEY_ID: _by_id, KEY_UPRN: _by_uprn, KEY_REFERENCE: _by_reference}[kind](session, wanted)
    ids = sorted({number for numbers in buildings.values() for number in numbers})
    known = {target.building_id: target for target in targets(session, ids, fields, may_edit)}
    return {key: _only(kind, key, [known[number] for number in sorted(buildings.get(key, ()))]) for key in wanted}


def _only(kind: str, key: str, candidates: list[Target]) -> tuple[Target | None, str]:
    if not key:
        return None, NO_KEY
    own = [target for target in candidates if target.may_edit] or candidates
    if len(own) == 1:
        return own[0], ""
    if own:
        numbers = ", ".join(str(target.building_id) for target in own[:5])
        return None, SEVERAL.format(len(own), key[:40], numbers)
    problem = cells.uprn(key) if kind == KEY_UPRN else None
    if isinstance(problem, Problem):
        return None, KEPT_AS.sub("", problem.message)
    return None, MISSING[kind].format(key[:40])


def _by_id(session: Session, keys: list[str]) -> dict[str, set[int]]:
    numbers = {key: int(plain) for key in keys if (plain := _whole(key)) and int(plain) < 2**63}
    query = select(Building.id, canonical_id()).where(Building.id == _any(list(numbers.values()), BigInteger))
    homes = dict(session.execute(query).all())
    return {key: {homes[number]} for key, number in numbers.items() if number in homes}


def _whole(key: str) -> str:
    """The digits of a whole number, also one that a spreadsheet wrote as 12.0 or 1,234."""
    plain = re.sub(r"\.0+$", "", key.replace(",", ""))
    return plain if plain.isascii() and plain.isdigit() else ""


def _by_uprn(session: Session, keys: list[str]) -> dict[str, set[int]]:
    """Spreadsheets eat leading zeros: 12345 is also found as 000000012345."""
    spellings: dict[str, str] = {}
    for key in keys:
        digits = cells.uprn(key) if key else None
        if isinstance(digits, str):
            spellings |= dict.fromkeys({digits, digits.zfill(12), digits.lstrip("0")}, key)
    query = select(Building.uprn, canonical_id()).where(
        Building.uprn == _any(list(spellings), Text), Building.status != BuildingStatus.RETIRED
    )
    return _grouped((spellings[uprn], number) for uprn, number in session.execute(query) if uprn is not None)


def _by_reference(session: Session, keys: list[str]) -> dict[str, set[int]]:
    """The building of the newest record that each agency sent with the reference."""
    newest = (
        select(func.max(SourceRecord.id))
        .where(SourceRecord.key == _any([key for key in keys if key], Text))
        .group_by(SourceRecord.agency_id, SourceRecord.layout, SourceRecord.key)
    )
    query = (
        select(SourceRecord.key, canonical_id())
        .join(Building, Building.id == SourceRecord.building_id)
        .where(SourceRecord.id.in_(newest))
    )
    return _grouped((key, number) for key, number in session.execute(query))


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for key, number in pairs:
        found[key].add(number)
    return found


def _any(values: list[Any], kind: Any) -> Any:
    return func.any(cast(values, ARRAY(kind)))

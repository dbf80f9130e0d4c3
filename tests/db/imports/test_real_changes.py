"""The real ERIC returns, then the same file with one row in a hundred changed by a script: exactly those changes."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.register.imports.check import Options
from estate.register.imports.undo import ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, start_import
from estate.register.models import Building, Import, ImportStatus, SourceRecord
from tests.db.imports.snapshots import content_of_register
from tests.factories import make_agency, make_user

OPTIONS = Options(year="2023-24", create_agencies=True)
RATES, NAME, KEY = "Rates (£)", "Site Name", "Site Code"


def change_one_in_a_hundred(content: bytes, keys: set[str]) -> tuple[bytes, dict[str, dict[str, list[object]]]]:
    """The file with every hundredth row changed that the register took, and by site code what the history must say."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    rates, name, key = (rows[0].index(column) for column in (RATES, NAME, KEY))
    expected: dict[str, dict[str, list[object]]] = {}
    taken = [row for row in rows[1:] if row[key] in keys and row[rates].replace(".", "").isdigit()]
    for number, row in enumerate(taken[::100]):
        if number % 2:
            before, after = Decimal(row[rates]), Decimal(row[rates]) + 1234
            row[rates] = str(after)
            expected[row[key]] = {"rates 2023": [float(before), float(after)]}
        else:
            tidy = " ".join(row[name].split())
            expected[row[key]] = {"name": [tidy, f"{tidy} (new)"]}
            row[name] = f"{tidy} (new)"
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(), expected


def test_one_row_in_a_hundred(session: Session, shared_data: Path) -> None:
    content = (shared_data / "registers" / "eric_site_2023_24.csv").read_bytes()
    agency, user = make_agency(session), make_user(session)

    def bring(content: bytes, name: str) -> Import:
        brought = start_import(session, content, name, agency=agency, actor=user.id, options=OPTIONS)
        apply_import(session, brought, actor=user.id)
        return brought

    first = bring(content, "eric.csv")
    before = content_of_register(session)
    keys = {
        building_id: key for key, building_id in session.execute(select(SourceRecord.key, SourceRecord.building_id))
    }
    changed, expected = change_one_in_a_hundred(content, {key.split("|")[-1].strip() for key in keys.values()})
    assert len(expected) >= 20
    second = bring(changed, "eric-changed.csv")
    assert (second.inserted_count, second.updated_count) == (0, len(expected))
    assert second.unchanged_count == (first.inserted_count or 0) - len(expected)
    told = session.scalars(select(Event).where(Event.group_id == second.change_set)).all()
    assert {keys[event.subject_id].split("|")[-1].strip(): event.changes for event in told} == expected
    assert len(told) == len(expected)
    assert content_of_register(session) != before
    ask_to_undo(session, second, actor=user.id, reason="Trial")
    assert undo_import(session, second) == len(expected)
    assert second.status is ImportStatus.UNDONE
    assert content_of_register(session) == before
    undone = session.scalars(select(Event).where(Event.group_id == second.undo_change_set)).all()
    assert {keys[event.subject_id].split("|")[-1].strip(): event.changes for event in undone} == {
        key: {field: pair[::-1] for field, pair in fields.items()} for key, fields in expected.items()
    }
    assert session.scalars(select(Building.name).where(Building.name.endswith("(new)"))).all() == []

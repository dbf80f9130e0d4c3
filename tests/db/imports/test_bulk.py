"""What a bulk import may leave to itself while triggers rest: only keys that it locked, and no rule of ours."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.additions import TABLES

COPIED = {table: set(columns) for table, columns, _ in TABLES} | {
    "source_record": {"import_id", "agency_id", "building_id"}
}
LOCKED = {"agency", "building", "import", "cost_category", "use_class", "service"}
"""Tables whose keys `keys_checked_once` locks."""
NUMBERED_HERE = {("building", "building_id")}
"""Keys to rows that the same transaction makes."""

FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
    WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(:tables)
"""
OUR_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE NOT tgisinternal AND (tgtype & 4) <> 0 AND tgrelid::regclass::text = ANY(:tables)
"""


def test_every_foreign_key_of_a_copied_column_is_checked(session: Session) -> None:
    keys = session.execute(text(FOREIGN_KEYS), {"tables": list(COPIED)}).all()
    assert keys
    unchecked = [
        (table.strip('"'), column, target)
        for table, column, target in keys
        if column in COPIED[table.strip('"')]
        and target.strip('"') not in LOCKED
        and (target.strip('"'), column) not in NUMBERED_HERE
    ]
    assert unchecked == []


def test_no_trigger_of_ours_waits_for_the_rows_that_are_copied(session: Session) -> None:
    assert session.execute(text(OUR_TRIGGERS), {"tables": list(COPIED)}).all() == []

"""What a checked file would change in the register: the first rows with each field before and after."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from estate.register.imports.apply import Counts, foresee_outside, refuse_retired
from estate.register.imports.blocks import blocks_of
from estate.register.imports.fields import FIELDS
from estate.register.imports.plan import Plan, compare
from estate.register.imports.recognise import REASON_COLUMN
from estate.register.imports.report import Issue, Report
from estate.register.imports.upserts import list_changes

SHOWN_ROWS = 50
LONGEST_SHOWN = 200
REPEATED_MARK = "Give each row its own."
"""The end of the sentence that refuses a second row of one reference; `check.name_rows` writes it."""
RETURNED = (
    "This row was rejected before, as the second row of its reference, and still has that reference: it would change "
    "the building of the first row. Give it a reference of its own, or leave it out."
)


def foresee(session: Session, report: Report) -> tuple[Plan, Counts]:
    """What storing the report would do, with every warning that storing it would give; nothing is written."""
    plan = compare(session, report, report.agency_ids)
    refuse_retired(plan)
    new_blocks = sum(block.id is None for block in blocks_of(session, plan))
    counts = Counts(
        report.rows_in, len(plan.new), len(plan.changed), plan.unchanged_count, report.rejected_count, new_blocks
    )
    foresee_outside(session, plan)
    warn_of_returned_rows(plan)
    return plan, counts


def first_changes(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """Line, reference, name, and `[field, before, after]` of the first changed rows; nothing is stored."""
    report = plan.report
    few = replace(plan, changed=plan.changed[:SHOWN_ROWS])
    changes = list_changes(session, few)
    names = report.values.get("name")
    return [
        {
            "line": report.lines[row],
            "key": report.keys[row],
            "name": names[row] if names else plan.names[row],
            "fields": [
                [_title(field), _shown(before), _shown(after)]
                for field, (before, after) in changes.get(row, {}).items()
            ],
        }
        for row in few.changed
    ]


def warn_of_returned_rows(plan: Plan) -> None:
    """A warning for each row that was given back as a repeated one and would now change the first one's building."""
    report = plan.report
    if REASON_COLUMN not in report.columns:
        return
    place = report.columns.index(REASON_COLUMN)
    for row in plan.changed:
        if REPEATED_MARK in report.rows[row][place]:
            report.issues.append(
                Issue(report.lines[row], REASON_COLUMN, "returned_repeated", report.keys[row][:200], RETURNED, False)
            )


def _title(field: str) -> str:
    """What people call a field; costs are "<category> <year>", budgets "budget <category> <year>"."""
    if field in FIELDS:
        return FIELDS[field].title
    category, _, year = field.rpartition(" ")
    if category and year.isdigit():
        kind, category = ("Budget", category[7:]) if category.startswith("budget ") else ("Cost", category)
        return f"{kind}: {category.replace('_', ' ')} {year}-{(int(year) + 1) % 100:02}"
    return field.replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    """A value as text, "" where unknown."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)[:LONGEST_SHOWN]

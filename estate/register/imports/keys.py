"""The phase of a check that finds each row's reference and name."""

from estate.register.imports.state import Check
from estate.register.imports.values import Problem

LONGEST_KEY = 300


def name_rows(run: Check) -> None:
    """Find each row's key; a missing or repeated one is refused, and so is a row without a name."""
    parts = [run.first(tuple(part.split("|"))) for part in run.layout.key]
    found = [part for part in parts if part]
    column = " + ".join(name for name, _ in found)
    first: dict[tuple[str, str], int] = {}
    run.keys = _keys([cells for _, cells in found], run.count)
    for row, key in enumerate(run.keys):
        if run.is_skipped[row]:
            continue
        if not key or len(key) > LONGEST_KEY:
            message = "The row has no reference of its own, so it can't be recognised when it comes again."
            run.issue(row, column, Problem("key_missing" if not key else "key_too_long", message), key)
        elif (before := first.setdefault((run.agency_names[row], key), row)) != row:
            message = (
                f"The reference “{key[:80]}” stands on line {run.table.lines[before]} already. Give each row its own."
            )
            run.issue(row, column, Problem("key_repeated", message), key)
    if run.layout.building:
        return
    source = run.layout.fields["name"]
    named = (source.columns or source.join)[0]
    for row, value in enumerate(run.values.get("name") or [None] * run.count):
        if value is None:
            run.issue(
                row,
                named,
                Problem(
                    "name_missing",
                    "The building has no name. Give it one. If the row is a heading or a total, nothing is lost.",
                ),
            )


def _keys(columns: list[list[str]], count: int) -> list[str]:
    """The cells of the key's columns as one text a row, "" where all are empty."""
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True) if columns else [()] * count
    return [" | ".join(cells) if any(cells) else "" for cells in rows]

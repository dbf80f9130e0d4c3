"""Which agency each row belongs to: the one that sends the file, or the one that the file names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.register.imports.report import Agency
from estate.register.imports.values import Problem

if TYPE_CHECKING:
    from estate.register.imports.state import Check


def fold_agency(name: str) -> str:
    """A name or code for comparison."""
    return " ".join(name.split()).casefold()


def find_agencies(run: Check) -> None:
    """Give each row the id of its agency; an unknown one refuses the row unless agencies are to be created."""
    source = run.layout.agency
    names = run.cells(source.name) if source else None
    if source is None or names is None:
        return
    codes = (run.cells(source.code) if source.code else None) or [""] * run.count
    found: dict[tuple[str, str], tuple[int | None, str, Problem | None]] = {}
    for row, pair in enumerate(zip(codes, names, strict=True)):
        if pair not in found:
            found[pair] = _find(run, *pair)
        agency_id, name, problem = found[pair]
        run.agency_ids[row], run.agency_names[row] = agency_id, name
        if problem:
            run.issue(row, source.name, problem, pair[1])


def _find(run: Check, code: str, cell: str) -> tuple[int | None, str, Problem | None]:
    """Id and name of one agency of the file, and what is wrong with it. The id is None for one to be created."""
    source, known = run.layout.agency, run.known
    if source is None:
        return known.agency_id, known.agency_name, None
    if not cell:
        return None, "", Problem("agency_missing", "The row does not say which agency it belongs to.")
    name = source.name_template.format(cell)
    for folded in (fold_agency(text) for text in (code, cell, name) if text):
        if folded in known.agency_ids:
            return known.agency_ids[folded], name, None
    if any(fold_agency(text) in known.agencies_elsewhere for text in (code, cell, name) if text):
        return None, name, Problem(
            "agency_elsewhere", f"The agency “{name}” is in the register, but not below {known.agency_name}."
        )  # fmt: skip
    run.new_agencies.append(Agency(code, name, source.kind))
    if run.options.create_agencies:
        return None, name, None
    return (
        None,
        name,
        Problem(
            "agency_unknown",
            f"The agency “{name}” is not in the register. Create it below {known.agency_name}, or correct its name.",
        ),
    )

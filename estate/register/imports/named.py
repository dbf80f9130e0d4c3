"""From the reference or UPRN that a row names to a building of the agency; rows that name none are refused."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.report import Issue, Named, Report
from estate.register.models import NAMING

Building = tuple[int, str]
"""Id and name."""
Places = dict[str, set[Building]]

OWN = """
WITH RECURSIVE own AS (
    SELECT id FROM agency WHERE id = ANY(:agency_ids) UNION SELECT a.id FROM agency a JOIN own ON own.id = a.parent_id)
"""
BY_REFERENCE = f"""
{OWN}
SELECT DISTINCT ON (r.agency_id, r.layout, r.key) r.key, b.id, b.name, b.status = 'retired'
FROM source_record r JOIN import i ON i.id = r.import_id JOIN building b ON b.id = r.building_id
WHERE r.agency_id IN (SELECT id FROM own) AND r.layout !~ :naming AND r.key = ANY(:keys) AND i.undone_at IS NULL
ORDER BY r.agency_id, r.layout, r.key, r.id DESC
"""  # noqa: S608
BY_UPRN = f"""
{OWN}
SELECT b.uprn, b.id, b.name, b.status = 'retired' FROM building b
WHERE b.agency_id IN (SELECT id FROM own) AND b.uprn = ANY(:keys)
"""  # noqa: S608
UNKNOWN = (
    "None of your agency's buildings in the register came with the reference “{}”. Correct it, give the UPRN, or "
    "import the building first."
)
UNKNOWN_UPRN = "None of your agency's buildings in the register has the UPRN “{}”. Correct it, or give your reference."
SEVERAL = "{} buildings have “{}”. Give another of reference and UPRN, so that one is meant."
DISAGREE = "The reference “{}” is that of {}, the UPRN “{}” that of {}. Correct or empty one of them."
TWICE = "Line {} has a count of the same building, day and method already. Keep one of them."
TWICE_PAID = "Line {} has the same cost of the same building and year already. Add the two up, or keep one of them."


def find_named(session: Session, report: Report, agency_ids: Sequence[int | None]) -> dict[int, Building]:
    """The building of each accepted row; rows whose building is not found are refused, with the reason."""
    rows = [row for row, is_accepted in enumerate(report.is_accepted) if is_accepted]
    named = [report.named[row] for row in rows]
    chosen = {"agency_ids": sorted({number for number in agency_ids if number is not None})}
    references = _places(
        session.execute(text(BY_REFERENCE), {**chosen, "naming": NAMING, "keys": _some(n.reference for n in named)})
    )
    spelled = {spelling: uprn for uprn in _some(n.uprn for n in named) for spelling in _spellings(uprn)}
    found_by_uprn = session.execute(text(BY_UPRN), {**chosen, "keys": list(spelled)})
    uprns = _places((spelled[uprn], *rest) for uprn, *rest in found_by_uprn)
    found: dict[int, Building] = {}
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        building, refusal = _only(report.named[row], references, uprns)
        if building is not None:
            line = first.setdefault((building[0], *_told(report, row)), report.lines[row])
            sentence = TWICE_PAID if _is_of_costs(report) else TWICE
            refusal = sentence.format(line) if line != report.lines[row] else ""
        if building is None or refusal:
            report.is_accepted[row] = False
            code = ("cost_repeated" if _is_of_costs(report) else "count_repeated") if building else "building_unknown"
            shown = report.named[row].reference or report.named[row].uprn or ""
            report.issues.append(Issue(report.lines[row], "Building", code, shown[:200], refusal))
        else:
            found[row] = building
    return found


def _is_of_costs(report: Report) -> bool:
    return "amount" in report.values


def _told(report: Report, row: int) -> tuple[Any, ...]:
    """What a building can be told once: a cost of a category and year, or a count of a day and method."""
    if _is_of_costs(report):
        return report.values["category_code"][row], report.years[row]
    return report.values["observed_on"][row], report.values["method"][row]


def _only(named: Named, references: Places, uprns: Places) -> tuple[Building | None, str]:
    """The one building that both name, or why there is none."""
    reference, uprn = named
    by_reference, refusal = _one(reference, references, UNKNOWN)
    by_uprn, uprn_refusal = _one(uprn, uprns, UNKNOWN_UPRN)
    if refusal or (uprn_refusal and reference is None):
        return None, refusal or uprn_refusal
    if by_reference and by_uprn and by_reference[0] != by_uprn[0]:
        return None, DISAGREE.format(reference, by_reference[1], uprn, by_uprn[1])
    return by_reference or by_uprn, ""


def _one(key: str | None, places: Places, unknown: str) -> tuple[Building | None, str]:
    found = sorted(places.get(key or "", ()))
    if len(found) == 1:
        return found[0], ""
    if key is None:
        return None, ""
    return None, SEVERAL.format(len(found), key[:80]) if found else unknown.format(key[:80])


def _places(rows: Iterable[Sequence[Any]]) -> Places:
    found: Places = defaultdict(set)
    for key, number, name, is_retired in rows:
        if not is_retired:
            found[key].add((number, name))
    return found


def _some(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value is not None})


def _spellings(uprn: str) -> set[str]:
    """Spreadsheets eat leading zeros: 12345 is also kept as 000000012345."""
    return {uprn, uprn.zfill(12), uprn.lstrip("0")}

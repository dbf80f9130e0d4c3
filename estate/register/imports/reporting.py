"""From a kept file to its report: read in the child process, its layout or mapping found, every row checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.people.models import Agency
from estate.register.imports.agencies import fold_agency
from estate.register.imports.check import Known, Options, check
from estate.register.imports.mapping.guess import every_heading
from estate.register.imports.mapping.mapped import mapped_table
from estate.register.imports.mapping.remembered import find_remembered
from estate.register.imports.mapping.spec import mapping_from, needs_year
from estate.register.imports.mapping.table import choose_sheet, headers_of, raw_table
from estate.register.imports.read import FileContent, read_file
from estate.register.imports.recognise import Table, UnknownLayout, recognise
from estate.register.imports.report import Report
from estate.register.models import CostCategory, Import, ImportMapping, Service, UseClass

Tell = Callable[[float, str], None]
"""Is told how far the work is, from 0 to 1, and what it does, as a sentence. May raise, to stop the work."""
YEAR_ASKED = (
    "Your mapping “{}” fits this file, but no column says of which financial year the costs are. Say it, and go on."
)
READ, CHECKED = 0.3, 0.6
"""How far the work is once the file is read, and once it is checked."""


class NeedsMapping(InvalidInput):
    """The file has no layout that is known here. Say what its columns are."""

    def __init__(self, message: str | None, content: FileContent, remembered: ImportMapping | None = None) -> None:
        super().__init__(message)
        self.content = content
        self.remembered = remembered
        """The mapping to start from, where one is remembered that lacks something."""


def tell_nobody(fraction: float, doing: str) -> None:
    """For work that nobody watches."""


def known_to(session: Session, agency: Agency) -> Known:
    """What the register knows that a check of a file of this agency refers to."""
    below = select(Agency.id).where(Agency.id == agency.id).cte("below", recursive=True)
    below = below.union_all(select(Agency.id).join(below, Agency.parent_id == below.c.id))
    inside = set(session.scalars(select(below.c.id)))
    ids: dict[str, int] = {}
    elsewhere: set[str] = set()
    for agency_id, code, name in session.execute(select(Agency.id, Agency.code, Agency.name)):
        for folded in (fold_agency(code), fold_agency(name)):
            if agency_id in inside:
                ids[folded] = agency_id
            else:
                elsewhere.add(folded)
    return Known(agency.id, agency.name, ids, frozenset(elsewhere), vocabularies(session))


def vocabularies(session: Session) -> dict[str, dict[str, str]]:
    """Code to name of each reference table whose codes and names a file may use."""
    return {
        table.__tablename__: {row.code: row.name for row in session.execute(select(table.code, table.name))}
        for table in (UseClass, Service, CostCategory)
    }


def options_of(brought: Import) -> Options:
    """What the person chose for the file."""
    names = {option.name for option in fields(Options)}
    return Options(**{name: value for name, value in brought.options.items() if name in names})


@dataclass(frozen=True)
class Reading:
    """How a file came to be read as it was."""

    options: Options
    """What was chosen, completed by a remembered mapping."""
    mapping_id: int | None = None
    """The remembered mapping that was found by the header and used."""
    title: str = ""
    other_sheets: tuple[str, ...] = ()
    """Sheets with rows that were not read."""


def report_on(session: Session, brought: Import, tell: Tell = tell_nobody) -> Report:
    """Read and check an import's file against the register as it is now; `NeedsMapping` where nobody said how."""
    return read_and_check(session, brought, tell)[0]


def read_and_check(session: Session, brought: Import, tell: Tell = tell_nobody) -> tuple[Report, Reading]:
    """The report on an import's file, and how it was read. Changes nothing, `brought` neither."""
    options = options_of(brought)
    tell(0.1, "Reading the file")
    content = read_file(brought.content, brought.file_name, encoding=options.encoding, delimiter=options.delimiter)
    known = known_to(session, brought.agency)
    reading = _reading(session, brought, content)
    table = _mapped(content, reading, known) if reading.options.mapping else _known_layout(content, options)
    count = len(table.rows)
    tell(READ, f"{count:,} rows read")

    def tell_checked(fraction: float) -> None:
        tell(READ + fraction * (CHECKED - READ), f"{count:,} rows read, {fraction:.0%} of the checks done")

    report = check(content, known, reading.options, table=table, tell=tell_checked)
    others = () if table.layout.joins else content.sheets
    names = tuple(sheet.name for sheet in others if sheet.name != table.sheet and len(sheet.rows) > 1)
    return report, replace(reading, other_sheets=names)


def _reading(session: Session, brought: Import, content: FileContent) -> Reading:
    """What the person chose, or what is remembered for this header."""
    options = options_of(brought)
    if options.is_to_map:
        raise NeedsMapping("You asked to say yourself what the columns are.", content)
    if options.mapping is not None:
        return Reading(options, title=brought.mapping.name if brought.mapping else "")
    if options.layout is not None:
        return Reading(options)
    headers = headers_of(content, options.sheet)
    found = find_remembered(session, brought.agency_id, list(headers))
    if found is None:
        return Reading(options)
    if options.year is None and needs_year(mapping_from(found.spec)):
        raise NeedsMapping(YEAR_ASKED.format(found.name), content, found)
    sheet, header = headers[found.fingerprint]
    header_line = sheet.lines[header] if header >= 0 else 0
    srid = options.srid or srid_in(found.spec)
    options = replace(options, mapping=found.spec, sheet=sheet.name, header_line=header_line, srid=srid)
    return Reading(options, found.id, found.name)


def _mapped(content: FileContent, reading: Reading, known: Known) -> Table:
    """The table as its mapping reads it."""
    options = reading.options
    headings = every_heading(known.vocabularies.get("cost_category", {}))
    raw = raw_table(content, choose_sheet(content, options.sheet), options.header_line, headings)
    return mapped_table(raw, mapping_from(options.mapping or {}), reading.title or "A mapping of your own")


def srid_in(spec: Mapping[str, Any]) -> int | None:
    """The coordinate system that a mapping says for all rows."""
    srid = spec.get("constants", {}).get("srid")
    return int(srid) if srid else None


def _known_layout(content: FileContent, options: Options) -> Table:
    """The table by a layout that is known here."""
    if options.sheet is not None:
        names = ", ".join(sheet.name for sheet in content.sheets)
        content = replace(content, sheets=[sheet for sheet in content.sheets if sheet.name == options.sheet])
        if not content.sheets:
            raise UnknownLayout(f"The file has no sheet “{options.sheet}”. It has: {names}.")
    try:
        return recognise(content, options.layout)
    except UnknownLayout as error:
        if options.layout is not None or all(len(sheet.rows) < 2 for sheet in content.sheets):
            raise
        raise NeedsMapping(error.message, content) from None

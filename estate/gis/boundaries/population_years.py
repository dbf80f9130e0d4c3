"""Populations of areas by year: rows of text become figures, and a newer figure of a year takes the place of the old.

A count goes with the code of an area, so it serves every edition of the boundary with that code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ARRAY, Integer, SmallInteger, Text, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from estate import audit
from estate.gis.boundaries.errors import UnreadablePopulation
from estate.gis.boundaries.levels import get_level
from estate.gis.boundaries.report import counted, named
from estate.gis.models import Area, AreaPopulation

UNKNOWN = frozenset({"", "-", "..", ":", "n/a", "na", "unknown", "not applicable"})
YEARS = range(1801, 2201)


@dataclass(frozen=True)
class PopulationColumns:
    """Which columns hold the area's code, the people, and the year ("2024", or a day such as "2024-06-30")."""

    code: str
    people: str
    year: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class YearFigure:
    """People of one area in one year, and who says so."""

    code: str
    year: int
    people: int
    source: str


@dataclass
class PopulationCounts:
    """What became of the rows of one file. `unknown` is of rows that say that nobody knows."""

    rows_in: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    unknown: int = 0
    elsewhere: list[str] = field(default_factory=list)
    """Codes that no area of the level ever had."""


def figures_from(
    rows: Sequence[Sequence[str]], columns: PopulationColumns, *, year: int | None, source: str, where: dict[str, str]
) -> tuple[list[YearFigure], int]:
    """The figures in a table whose first row names its columns, and how many rows say "unknown".

    `year` and `source` hold where no column says them; `where` keeps rows with these values only. Raises
    `UnreadablePopulation`, naming the first lines at fault.
    """
    places = _places(rows, columns, where)
    figures: dict[tuple[str, int], YearFigure] = {}
    problems, unknown = [], 0
    for line, row in enumerate(rows[1:], start=2):
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        if any(cells[name] != value for name, value in where.items()):
            continue
        code, people = cells[columns.code], _whole_number(cells[columns.people])
        of_year = _year(cells[columns.year]) if columns.year else year
        if code and of_year and cells[columns.people].casefold() in UNKNOWN:
            unknown += 1
        elif not code or people is None or of_year is None:
            problems.append(f"line {line}")
        elif (code, of_year) in figures:
            raise UnreadablePopulation(
                f"The population file has several rows for {code} in {of_year} (line {line}). "
                "Keep one with --where COLUMN=VALUE."
            )
        else:
            said = cells[columns.source] if columns.source else ""
            figures[code, of_year] = YearFigure(code, of_year, people, said or source)
    if problems:
        raise UnreadablePopulation(
            "The population file has rows without a code, a year from 1801 to 2200 or a whole number of people: "
            f"{named(problems)}. Leave the number empty where it is unknown."
        )
    return list(figures.values()), unknown


def _places(rows: Sequence[Sequence[str]], columns: PopulationColumns, where: dict[str, str]) -> dict[str, int]:
    heads = [head.strip().removeprefix("\ufeff") for head in rows[0]] if rows else []
    wanted = [columns.code, columns.people, *filter(None, (columns.year, columns.source)), *where]
    missing = [name for name in wanted if name not in heads]
    if missing:
        raise UnreadablePopulation(
            f"The population file has no column “{missing[0]}”. Its columns are: {named(heads or ['none'])}."
        )
    return {name: heads.index(name) for name in wanted}


def _whole_number(cell: str) -> int | None:
    digits = cell.replace(",", "").removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _year(cell: str) -> int | None:
    """The year that the cell starts or is: "2024", "2024.0", "2024-06-30"."""
    head = cell.removesuffix(".0").split("-")[0]
    return int(head) if head.isascii() and head.isdigit() and int(head) in YEARS else None


def store_populations(
    session: Session, level_code: str, figures: list[YearFigure], *, actor: int | None, reason: str
) -> PopulationCounts:
    """Store figures of areas of a level; one event an area. The same figures again change nothing."""
    get_level(session, level_code)
    known = select(Area.code, func.max(Area.id)).where(Area.level_code == level_code).group_by(Area.code)
    area_ids: dict[str, int] = dict(session.execute(known).all())
    live = select(AreaPopulation).where(AreaPopulation.level_code == level_code, AreaPopulation.retired_at.is_(None))
    before = {(row.code, row.year): row for row in session.scalars(live)}
    counts = PopulationCounts(rows_in=len(figures))
    counts.elsewhere = sorted({figure.code for figure in figures if figure.code not in area_ids})
    changed, retired = [], []
    for figure in figures:
        old = before.get((figure.code, figure.year))
        if figure.code not in area_ids:
            continue
        if old and (old.people, old.source) == (figure.people, figure.source):
            counts.unchanged += 1
            continue
        counts.replaced += old is not None
        counts.added += old is None
        retired += [old.id] if old else []
        changed.append((figure, old.people if old else None))
    session.execute(update(AreaPopulation).where(AreaPopulation.id.in_(retired)).values(retired_at=func.now()))
    _insert(session, level_code, [figure for figure, _ in changed])
    subjects = _subjects(changed, area_ids)
    audit.record_many(session, subjects, actor=actor, action="count_population", subject_type="area", reason=reason)
    return counts


INSERT = text("""
    INSERT INTO area_population (level_code, code, year, people, source)
    SELECT :level_code, code, year, people, source FROM unnest(:codes, :years, :people, :sources)
        AS figure (code, year, people, source)
""").bindparams(
    bindparam("codes", type_=ARRAY(Text)),
    bindparam("years", type_=ARRAY(SmallInteger)),
    bindparam("people", type_=ARRAY(Integer)),
    bindparam("sources", type_=ARRAY(Text)),
)


def _insert(session: Session, level_code: str, figures: list[YearFigure]) -> None:
    columns = {
        "codes": [figure.code for figure in figures],
        "years": [figure.year for figure in figures],
        "people": [figure.people for figure in figures],
        "sources": [figure.source for figure in figures],
    }
    session.execute(INSERT, {"level_code": level_code, **columns})


def _subjects(
    changed: list[tuple[YearFigure, int | None]], area_ids: dict[str, int]
) -> list[tuple[int, dict[str, Any]]]:
    """For each area its changes by year: `{"population 2024": [before, after]}`."""
    ordered = sorted(changed, key=lambda pair: (pair[0].code, pair[0].year))
    return [
        (area_ids[code], {f"population {figure.year}": [old, figure.people] for figure, old in rows})
        for code, rows in groupby(ordered, key=lambda pair: pair[0].code)
    ]


def list_population_years(session: Session, level_code: str) -> list[tuple[int, int]]:
    """The years with figures of a level, newest first, and how many areas have one."""
    query = select(AreaPopulation.year, func.count()).where(
        AreaPopulation.level_code == level_code, AreaPopulation.retired_at.is_(None)
    )
    return [
        (year, count)
        for year, count in session.execute(query.group_by(AreaPopulation.year).order_by(AreaPopulation.year.desc()))
    ]


def population_then(year_start: int | None) -> Any:
    """The population of each row of `Area`, as a lateral join: `people`, `source`, `year`.

    Of the year asked for where it is known, else of the nearest year before, else of the nearest after; with no year,
    the newest. The reader must be told which: `year`.
    """
    row = AreaPopulation
    nearest: list[Any] = [row.year.desc()]
    if year_start is not None:
        nearest = [row.year > year_start, func.abs(row.year - year_start)]
    found = select(row.people, row.source, row.year).where(
        row.level_code == Area.level_code, row.code == Area.code, row.retired_at.is_(None)
    )
    return found.order_by(*nearest).limit(1).correlate(Area).lateral("population_then")


def said(counts: PopulationCounts, plural: str) -> list[str]:
    """What became of a file, in sentences."""
    sentences = [
        f"{counted(counts.rows_in, 'figure')}: {counts.added:,} added, {counts.replaced:,} replaced, "
        f"{counts.unchanged:,} unchanged, {counts.unknown:,} unknown."
    ]
    if counts.elsewhere:
        sentences.append(f"{len(counts.elsewhere):,} codes are of no {plural.lower()} here: {named(counts.elsewhere)}.")
    return sentences

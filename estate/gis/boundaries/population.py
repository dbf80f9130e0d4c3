"""Reads populations by area from a CSV file."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from estate.gis.boundaries.errors import UnreadablePopulation
from estate.gis.boundaries.report import named


@dataclass(frozen=True)
class Population:
    """How many people live in each area, by code; who says so, and for which day (None: not said)."""

    people: dict[str, int]
    source: str
    on: date | None = None


def read_population(
    path: Path, code_column: str, population_column: str, *, where: dict[str, str] | None = None
) -> dict[str, int]:
    """People by area code. `where` keeps only rows with these values, such as `{"sex": "Persons"}`."""
    people: dict[str, int] = {}
    problems = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            wanted = [code_column, population_column, *(where or {})]
            missing = [name for name in wanted if name not in (rows.fieldnames or [])]
            if missing:
                there = named(rows.fieldnames or ["none"])
                raise UnreadablePopulation(
                    f"The population file has no column “{missing[0]}”. Its columns are: {there}."
                )
            for row in rows:
                if any((row[name] or "").strip() != value for name, value in (where or {}).items()):
                    continue
                code, number = (row[code_column] or "").strip(), _whole_number(row[population_column])
                if not code or number is None:
                    problems.append(f"line {rows.line_num}")
                elif code in people:
                    raise UnreadablePopulation(
                        f"The population file has several rows for {code} (line {rows.line_num}). "
                        "Keep one with --population-where COLUMN=VALUE."
                    )
                else:
                    people[code] = number
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadablePopulation(f"“{path}” can't be read as a CSV file in UTF-8.") from error
    if problems:
        raise UnreadablePopulation(
            f"The population file has rows without a code or a whole number of people: {named(problems)}."
        )
    return people


def _whole_number(text: str | None) -> int | None:
    """The number, without its thousands separators; None where it is none, or below 0."""
    digits = (text or "").strip().replace(",", "").removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdigit() else None
